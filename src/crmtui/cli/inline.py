"""A few lines under the shell prompt that change in place: the terminal in raw mode, restored whatever happens."""

import os
import signal
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from select import select
from types import FrameType
from unicodedata import east_asian_width

from crmtui.domain.text import cell_width, cut

_PASTE_ON, _PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"


class Ended(Exception):
    """The line was lost or the process is to end; ``signal_number`` says which."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.signal_number = signal_number


class Terminal:
    """The controlling terminal on stdin and stdout while lines are drawn on it."""

    def __init__(self) -> None:
        self._before = termios.tcgetattr(0)
        self._ended: int | None = None
        self._woken, self._wakes = os.pipe()
        os.set_blocking(self._wakes, False)
        os.set_blocking(self._woken, False)

    def read(self, seconds: float) -> bytes:
        """What was typed, b"" when nothing was within so many seconds or the size changed. Raises Ended."""
        if self._ended is None:
            ready = select([0, self._woken], [], [], max(seconds, 0.0))[0]
            if self._woken in ready:
                os.read(self._woken, 512)
            if self._ended is None and 0 in ready:
                try:
                    arrived = os.read(0, 65_536)
                except OSError:
                    arrived = b""  # the line is lost, and its signal on the way
                if not arrived:
                    raise Ended(signal.SIGHUP)
                return arrived
        if self._ended is not None:
            raise Ended(self._ended)
        return b""

    def begin(self) -> None:
        """Every key comes as it is pressed, and none of them ends or stops the process by itself."""
        tty.setraw(0, termios.TCSADRAIN)
        _write(_PASTE_ON)

    def end(self) -> None:
        """As it was before; a terminal that is gone is no error."""
        with suppress(termios.error, OSError):
            _write(_PASTE_OFF)
        with suppress(termios.error, OSError):
            termios.tcsetattr(0, termios.TCSADRAIN, self._before)

    def suspend(self) -> None:
        """Give the terminal back to the shell (ctrl+z) until the person calls for the job again."""
        self.end()
        os.kill(os.getpid(), signal.SIGTSTP)
        self.begin()

    def width(self) -> int:
        """Cells of a line."""
        with suppress(OSError):
            return os.get_terminal_size(1).columns or 80
        return 80

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Have signals noted, and ``read`` woken by them: they never break into what is being written."""

        def note(number: int, _frame: FrameType | None) -> None:
            self._ended = number

        def resized(_number: int, _frame: FrameType | None) -> None:
            """Only wakes ``read``."""

        handlers = {number: signal.signal(number, note) for number in (signal.SIGHUP, signal.SIGTERM)}
        handlers[signal.SIGWINCH] = signal.signal(signal.SIGWINCH, resized)
        before = signal.set_wakeup_fd(self._wakes, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            os.close(self._wakes)
            os.close(self._woken)


@contextmanager
def raw_terminal() -> Iterator[Terminal]:
    """The terminal in raw mode, restored at the end, whatever that is."""
    terminal = Terminal()
    with terminal.listening():
        try:
            terminal.begin()
            yield terminal
        finally:
            terminal.end()


class Lines:
    """Lines drawn from the cursor downwards. Only what changed is sent: a second that passes costs a dozen bytes."""

    def __init__(self) -> None:
        self._drawn: list[str] = []
        self._row = 0

    def draw(self, lines: Sequence[str], row: int, column: int) -> None:
        """Show these lines (safe text, without styles) and put the cursor at a cell of one of them."""
        out: list[str] = []
        if len(lines) > len(self._drawn):
            if self._drawn:
                out.append(self._to(len(self._drawn) - 1))
            more = len(lines) - max(len(self._drawn), 1)
            out.append("\r\n" * more)
            self._row += more
            self._drawn += [""] * (len(lines) - len(self._drawn))
        shown = [*lines, *[""] * (len(self._drawn) - len(lines))]
        for at, line in enumerate(shown):
            before = self._drawn[at]
            if line != before:
                same = _unchanged(line, before)
                start = f"\x1b[{cell_width(line[:same])}C" if same else ""
                out.append(f"{self._to(at)}\r{start}{line[same:]}\x1b[K")
        self._drawn = shown
        out.append(f"{self._to(row)}\r" + (f"\x1b[{column}C" if column else ""))
        _write("".join(out))

    def forget(self) -> None:
        """Draw everything anew next time, below what is there: the terminal was somebody else's meanwhile."""
        self._drawn, self._row = [], 0

    def redraw(self) -> None:
        """Clear what is there: the width changed, and a terminal may have broken the lines."""
        _write(f"{self._to(0)}\r\x1b[J")
        self._drawn, self._row = [], 0

    def leave(self, keep: int) -> None:
        """Keep the first lines on the screen and put the cursor on a fresh line below them."""
        if self._drawn:
            _write(f"{self._to(max(min(keep, len(self._drawn)) - 1, 0))}\r\n\x1b[J")
        self._drawn, self._row = [], 0

    def _to(self, row: int) -> str:
        steps = row - self._row
        self._row = row
        return f"\x1b[{steps}B" if steps > 0 else f"\x1b[{-steps}A" if steps < 0 else ""


def fitted(line: str, width: int) -> str:
    """``line`` cut so that it never breaks, also where a terminal draws the signs of ambiguous width two cells wide."""
    room = width - 1
    shown = cut(line, room)
    while (wide := cell_width(shown) + sum(map(_is_ambiguous, shown))) > width - 1 and room > 0:
        room -= max(1, (wide - width + 1) // 2)
        shown = cut(line, room)
    return shown


def _unchanged(line: str, before: str) -> int:
    """How many characters both begin with; 0 where a terminal may not agree with us which cell comes after them."""
    same = next((at for at, (one, other) in enumerate(zip(line, before, strict=False)) if one != other), None)
    same = min(len(line), len(before)) if same is None else same
    return 0 if any(map(_is_ambiguous, line[:same])) else same


def _is_ambiguous(character: str) -> bool:
    return character > "\x7f" and east_asian_width(character) == "A"


def _write(text: str) -> None:
    with suppress(OSError):  # a lost line is told by the next ``read``
        sys.stdout.write(text)
        sys.stdout.flush()
