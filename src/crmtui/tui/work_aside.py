"""Long work while the screen lives: it writes where it stands, the screen looks a few times a second and says so.

The thread that works never touches a widget, and a fast job cannot flood the screen with messages.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from crmtui.errors import Interrupted
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_number
from crmtui.services.workspace import Workspace

if TYPE_CHECKING:
    from crmtui.tui.screens.base import CrmScreen

Result = TypeVar("Result")

LOOK_SECONDS = 0.25
"""How often the screen looks where the work stands."""
_SURE_AFTER_SECONDS = 2.0
"""A rate measured for less time than this says nothing about the rest."""


class Standing(NamedTuple):
    """Where a job stands: units done, units in all (0: not known)."""

    done: int
    total: int


class Progress:
    """Given to a job as its ``progress`` callback; ``stop`` makes the next call raise Interrupted inside the job."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = clock()
        self.standing = Standing(0, 0)
        self.stopped = False

    def __call__(self, done: int, total: int) -> None:
        """Note where the job stands. Raises Interrupted when the person has stopped it."""
        self.standing = Standing(done, total)
        if self.stopped:
            raise Interrupted(_("stopped"), kept=_("Nothing was changed."))

    def stop(self) -> None:
        """Ask the job to end; it does at its next step."""
        self.stopped = True

    @property
    def seconds(self) -> float:
        """How long the job has been running."""
        return self._clock() - self._begun

    def rate(self) -> int:
        """Units a second so far."""
        return round(self.standing.done / self.seconds) if self.seconds > 0 else 0

    def seconds_left(self) -> int | None:
        """How long the rest will take at this rate; None while nobody can know."""
        done, total = self.standing
        if not done or not total or self.seconds < _SURE_AFTER_SECONDS:
            return None
        return max(0, round((total - done) * self.seconds / done))

    def share(self) -> int | None:
        """Percent done, None while the total is not known."""
        done, total = self.standing
        return min(100, done * 100 // total) if total else None


def progress_words(progress: Progress, *, with_rate: bool = True) -> str:
    """Where a job over rows stands, in words: rows, percent, rows a second, time left."""
    done, total = progress.standing
    share = progress.share()
    if total:
        parts = [_("{done} of {total} rows").format(done=show_number(done), total=show_number(total)), f"{share} %"]
    else:
        parts = [ngettext("{count} row", "{count} rows", done).format(count=show_number(done))]
    if with_rate and done:
        parts.append(_("{count} rows/s").format(count=show_number(progress.rate())))
        left = progress.seconds_left()
        if left is not None:
            parts.append(time_left(left))
    return " · ".join(parts)


def time_left(seconds: int) -> str:
    """``8 s left``, ``3 min left``."""
    if seconds < 90:
        return _("{seconds} s left").format(seconds=seconds)
    return _("{minutes} min left").format(minutes=round(seconds / 60))


async def run_told(screen: "CrmScreen", job: Callable[[Workspace], Result], words: Callable[[], str]) -> Result:
    """Run ``job`` aside and keep saying ``words()`` in the status line of ``screen``; returns what the job returns."""
    screen.tell(words())
    timer = screen.set_interval(LOOK_SECONDS, lambda: screen.tell(words()))
    crm = screen.crm
    try:
        return await crm.gateway.run_aside(job)
    finally:
        timer.stop()
        if is_there(screen):
            screen.forget_told()


def is_there(screen: "CrmScreen") -> bool:
    """Whether a screen still has its widgets: one that was left while a job ran for it has none to draw on."""
    return screen.is_mounted and bool(screen.query("#status"))
