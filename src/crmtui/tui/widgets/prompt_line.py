"""One line at the bottom that asks for a text: the note of a call, tags, a stage, a file name. It never covers the list."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.reactive import var
from textual.widget import Widget

from crmtui.domain.text import cell_width, cut, display_text
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import Line, Span, TextLines


class PromptLine(Horizontal):
    """Hidden until ``ask`` is awaited; enter answers, escape answers None."""

    DEFAULT_CSS = """
    PromptLine {
        height: 1; display: none; background: $panel;
        & > TextLines { background: $panel; }
        & > TextField { width: 1fr; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss_prompt", show=False, priority=True)]

    hint = var("", init=False)
    """What is understood of the text so far, for the screen to show; "" for nothing. To read, and to ``watch``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._hint_of: Callable[[str], str] | None = None
        self._answer: asyncio.Future[str | None] | None = None
        self._return_to: Widget | None = None

    def compose(self) -> ComposeResult:
        yield TextLines()
        yield TextField()

    def on_mount(self) -> None:
        self.watch(self.query_one(TextField), "value", self._typed, init=False)

    def _typed(self, value: str) -> None:
        self.hint = self._hint_of(value) if self._hint_of is not None else ""

    def look_again(self) -> None:
        """What is typed may mean something else by now, or the hint tells the time."""
        if self.active:
            self._typed(self.query_one(TextField).value)

    @property
    def active(self) -> bool:
        """Whether a question is open."""
        return self._answer is not None

    @property
    def text(self) -> str:
        """What is typed so far."""
        return self.query_one(TextField).value

    async def ask(
        self,
        label: str,
        value: str = "",
        placeholder: str = "",
        hint: Callable[[str], str] | None = None,
        *,
        go_on: bool = False,
    ) -> str | None:
        """Ask; the text that was given (maybe empty), or None if the person left. A question already open is left first.

        A label longer than half the line is cut with a sign: there must be room for the answer. ``hint``
        makes of what is typed what is shown back of it. ``go_on``: what
        is typed stands behind ``value``, not in its place.
        """
        self._finish(None)
        self._answer = asyncio.get_running_loop().create_future()
        field = self.query_one(TextField)
        focused = self.screen.focused
        self._return_to = focused if focused is not field else self._return_to
        label, room = display_text(label), self.app.size.width // 2
        label = label if cell_width(label) <= room else cut(label, room - 1) + " "
        shown = self.query_one(TextLines)
        shown.set_lines([Line((Span(label, "key"),))])
        shown.styles.width = cell_width(label)
        self._hint_of = hint
        field.select_on_focus = not go_on
        field.value = value
        self._typed(value)
        field.placeholder = placeholder
        field.cursor_position = len(value)
        self._show(True, field)
        return await self._answer

    @on(TextField.Submitted)
    def _submitted(self, event: TextField.Submitted) -> None:
        event.stop()
        self._finish(event.value)

    @on(events.DescendantBlur)
    def _left(self) -> None:
        # A late blur of the question before this one finds the field in focus again: that is no leaving.
        focused = self.screen.focused
        if self.active and focused is not None and focused is not self.query_one(TextField):
            self._finish(None)

    def action_dismiss_prompt(self) -> None:
        """Leave without an answer."""
        self._finish(None)

    def _finish(self, answer: str | None) -> None:
        waiting, self._answer = self._answer, None
        if waiting is None:
            return
        self._hint_of, self.hint = None, ""
        self._show(False, self._return_to)
        if not waiting.done():
            waiting.set_result(answer)

    def _show(self, shown: bool, focused: Widget | None) -> None:
        """Come or go, and move the focus, now: what the answer does is then seen in the same frame."""
        self.display = shown
        if focused is not None:
            self.screen.set_focus(focused)
