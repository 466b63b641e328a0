"""The one line of progress that long work shows on a terminal: how much, how fast, how long still."""

import sys
import time
from types import TracebackType

from crmtui.cli.session import Session
from crmtui.domain.text import cut
from crmtui.i18n import _
from crmtui.i18n.show import show_number

_EVERY_SECONDS = 0.2
_SETTLED_SECONDS = 1.0  # before that a guess of the time left would jump about


class Progress:
    """A context manager; ``tell(done, total)`` draws, at most five times a second. Silent when stderr is no terminal.

    ``what`` and ``unit`` are msgids.
    """

    def __init__(self, session: Session, what: str, unit: str) -> None:
        self._what = what
        self._phase = ""
        self._unit = unit
        self._shown = sys.stderr.isatty() and not session.quiet
        self._started = time.monotonic()
        self._next = self._started + _EVERY_SECONDS
        self._drawn = False

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def tell(self, done: int, total: int, phase: str = "") -> None:
        """``done`` of ``total`` are done; a total of 0 is not known. ``phase``, a msgid, names a part that is measured for itself."""
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._started = phase, now
        if not self._shown or now < self._next:
            return
        self._next = now + _EVERY_SECONDS
        self._drawn = True
        sys.stderr.write(
            "\r\x1b[K"
            + cut(progress_line(_(self._phase or self._what), _(self._unit), done, total, now - self._started), 79)
        )
        sys.stderr.flush()


def progress_line(what: str, unit: str, done: int, total: int, seconds: float) -> str:
    """The text of the line: what, done of total, rate, and the time left once it can be told."""
    count = _("{done} of {total} {unit}") if total else _("{done} {unit}")
    parts = [f"{what}: {count.format(done=show_number(done), total=show_number(total), unit=unit)}"]
    if seconds > 0:
        parts.append(_("{rate} a second").format(rate=show_number(round(done / seconds))))
    if total and done and seconds >= _SETTLED_SECONDS:
        left = round(seconds * (total - done) / done)
        minutes, rest = divmod(max(left, 0), 60)
        parts.append(_("{minutes}:{seconds:02} left").format(minutes=minutes, seconds=rest))
    return " · ".join(parts)
