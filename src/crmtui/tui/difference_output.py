"""Output for slow links: write only what changed, let the terminal scroll, send no frame the link cannot take yet.

``class CrmApp(DifferenceOutput, App[int])`` is all that is needed. Inline and headless apps keep Textual's own output.
Also moves the terminal's (hidden) cursor to the true caret of the focused field, where input methods draw their text.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from rich.color import ColorSystem
from textual import events
from textual.geometry import Offset
from textual.screen import Screen

from crmtui.tui._textual_private import (
    DisplayTap,
    PlacedStrip,
    takes_full_screen_output,
    waiting_writes,
    whole_frame,
    write_to_terminal,
)
from crmtui.tui.terminal_picture import Picture

SYNC_START, SYNC_END, SYNC_QUESTION = "\x1b[?2026h", "\x1b[?2026l", "\x1b[?2026$p"
COLOR_SYSTEMS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
    "windows": ColorSystem.WINDOWS,
}


class Pacer:
    """Says when the link can take another frame, by asking the terminal a question after a frame and timing the answer.

    The queue in front of a slow link may be long (sockets and ssh hold hundreds of kilobytes), and a frame behind it
    is old before it is seen. At most one question is open. Until its answer comes, only a budget of bytes goes out
    behind it; then frames wait, and the newest follows the answer. When an answer comes more than ``PATIENCE`` seconds
    later than the fastest one, the budget shrinks to what the link took in that time; when it was spent and the answer
    came in time all the same, it grows. A fast link never waits.
    """

    PATIENCE = 0.1
    LOST = 15.0
    FIRST_BUDGET, LEAST_BUDGET, MOST_BUDGET = 2048, 64, 65536

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked_at: float | None = None
        self._fastest: float | None = None
        self._budget = self.FIRST_BUDGET
        self._ahead = 0
        self._sent_since = 0
        self.answering = False
        """Does the terminal answer? Set by the first answer, cleared when one is lost."""

    @property
    def asks(self) -> bool:
        """Should the next frame carry a question?"""
        return self.answering and self._asked_at is None

    def sent(self, size: int, asked: bool) -> None:
        """A frame of ``size`` bytes went out, with a question or without."""
        if asked:
            self._asked_at, self._ahead, self._sent_since = self._clock(), self._sent_since + size, 0
        elif self._asked_at is not None:
            self._sent_since += size

    def answered(self) -> None:
        """An answer came (the first one may be to a question that somebody else asked)."""
        self.answering = True
        if self._asked_at is None:
            return
        took = self._clock() - self._asked_at
        self._asked_at = None
        self._fastest = took if self._fastest is None else min(took, self._fastest)
        queued = took - self._fastest
        if queued > self.PATIENCE:
            self._budget = max(self.LEAST_BUDGET, min(self._budget, int(self._ahead * self.PATIENCE / queued)))
        elif queued < self.PATIENCE / 2 and self._sent_since >= self._budget:
            self._budget = min(self.MOST_BUDGET, self._budget * 2)

    def may_send(self) -> bool:
        """May a frame go out now? Gives up on the terminal's answers when one is lost."""
        if self._asked_at is None:
            return True
        if self._clock() - self._asked_at > self.LOST:
            self.answering, self._asked_at = False, None
            return True
        return self._sent_since < self._budget

    def answer_due(self, longest: float) -> float:
        """Seconds until the open answer should be there, at most ``longest``; 0 if no question is open."""
        if self._asked_at is None:
            return 0.0
        expected = 1.5 * (self._fastest or 0.1) + self.PATIENCE - (self._clock() - self._asked_at)
        return min(longest, max(0.0, expected))


class DifferenceOutput(DisplayTap):
    """Mixin for App, to stand before it in the bases."""

    RETRY: ClassVar[float] = 0.01
    """Seconds after which a frame that was held back is tried again."""
    QUESTION_FROM: ClassVar[int] = 64
    """Bytes from which a frame is worth a question."""
    LONGEST_GOODBYE: ClassVar[float] = 0.5
    """Seconds to wait for an open answer before the terminal is handed over; it would land in the shell's input."""

    ascii_only = False
    """Whether lines and signs go out as their ASCII twins; to be set before the first frame."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._picture: Picture | None = None
        self._pacer = Pacer()
        self._caret_wanted: Offset | None = None
        self._caret_shown: Offset | None = None
        self._suspended = False
        self._retrying = False
        super().__init__(*arguments, **options)

    # The caret

    def before_frame(self, screen: Screen[Any]) -> None:
        """Let Textual's own output, too, put the cursor where the focused field draws its caret now."""
        offset: Offset | None = getattr(screen.focused, "cursor_screen_offset", None)
        self._caret_wanted = None if offset is None else screen.outer_size.clamp_offset(offset)
        if self._caret_wanted is not None:
            self.cursor_position = self._caret_wanted

    # Frames

    def show_frame(self, screen: Screen[Any], strips: Iterator[PlacedStrip], whole: bool) -> bool:
        """Take a frame into the picture and write the difference, now or when the link can take it."""
        if screen is not self.screen:
            return False
        picture = self._picture
        width, height = screen.outer_size
        if picture is None or (picture.width, picture.height) != (width, height):
            picture = self._picture = self._new_picture(width, height)
        if not whole and not picture.complete:
            strips = whole_frame(screen)
        line: list[tuple[int, Any]] = []
        line_y = -1
        for y, x, strip in strips:
            if y != line_y:
                if line:
                    picture.put(line_y, line)
                line, line_y = [], y
            line.append((x, strip))
        if line:
            picture.put(line_y, line)
        self._send_difference()
        return True

    def _new_picture(self, width: int, height: int) -> Picture:
        return Picture(
            width,
            height,
            COLOR_SYSTEMS.get(self.console.color_system or ""),
            can_erase_colour="STY" not in os.environ,
            ascii_only=self.ascii_only,
        )

    def _send_difference(self) -> None:
        picture = self._picture
        if picture is None or self._suspended or not takes_full_screen_output(self):
            return
        if not self._pacer.may_send() or waiting_writes(self):
            self._retry_later()
            return
        sequence = picture.difference()
        caret = self._caret_wanted
        if caret is not None and (sequence or caret != self._caret_shown):
            sequence += f"\x1b[{caret.y + 1};{caret.x + 1}H"
        self._caret_shown = caret
        if not sequence:
            return
        pacer = self._pacer
        if pacer.answering:
            asks = pacer.asks and len(sequence) >= self.QUESTION_FROM
            sequence = f"{SYNC_START}{sequence}{SYNC_END}{SYNC_QUESTION if asks else ''}"
            pacer.sent(len(sequence), asks)
        write_to_terminal(self, sequence)

    def _retry_later(self) -> None:
        if not self._retrying:
            self._retrying = True
            self.set_timer(self.RETRY, self._retry)

    def _retry(self) -> None:
        self._retrying = False
        self._send_difference()

    def _repaint(self) -> None:
        if self._picture is not None:
            self._picture.forget()
            self._caret_shown = None
            self._send_difference()

    # What happens around the frames; Textual calls the handlers of all bases

    def on_mount(self) -> None:
        self.app_suspend_signal.subscribe(self, self._leave_terminal, immediate=True)
        self.app_resume_signal.subscribe(self, self._return_to_terminal, immediate=True)

    def on_resize(self, event: events.Resize) -> None:
        picture = self._picture
        if picture is not None:
            picture.forget()
            if (picture.width, picture.height) == event.size:
                # Resized and back again: the terminal may have cut lines, and Textual sees no new size to paint.
                self._send_difference()

    def on_terminal_supports_synchronized_output(self) -> None:
        self._pacer.answered()
        if self._retrying:
            self._send_difference()

    async def on_exit_app(self) -> None:
        await asyncio.sleep(self._pacer.answer_due(self.LONGEST_GOODBYE))

    def _leave_terminal(self, _app: object) -> None:
        time.sleep(self._pacer.answer_due(self.LONGEST_GOODBYE))
        self._suspended = True

    def _return_to_terminal(self, _app: object) -> None:
        self._suspended = False
        self._pacer = Pacer()
        self._repaint()
