"""A yes-or-no question in one line, where losing something hangs on the answer: ``y`` says yes, every other key no."""

from dataclasses import dataclass
from typing import Any

from textual import events
from textual.message import Message
from textual.widget import Widget

from crmtui.tui.widgets.text_lines import Line, Span, TextLines


class Question(TextLines, can_focus=True):
    """Hidden until ``ask``; posts ``Answered`` and gives the focus back."""

    DEFAULT_CSS = """
    Question { display: none; background: $panel; }
    Question.-active { display: block; }
    """

    @dataclass
    class Answered(Message):
        """``purpose`` is what ``ask`` was given."""

        yes: bool
        purpose: str

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._purpose = ""
        self._return_to: Widget | None = None

    @property
    def active(self) -> bool:
        """Whether the question is open."""
        return self.has_class("-active")

    def ask(self, text: str, yes: str, no: str, *, purpose: str = "") -> None:
        """Ask; ``yes`` and ``no`` say what the two keys do. A question already open stays."""
        if self.active:
            return
        self._purpose = purpose
        self._return_to = self.screen.focused
        keys = (Span("  y ", "key"), Span(yes, "muted"), Span("  esc ", "key"), Span(no, "muted"))
        self.set_lines([Line((Span(f" {text} ", "warning"), *keys))])
        self.add_class("-active")
        self.focus()

    def on_key(self, event: events.Key) -> None:
        """Only y means yes; no key goes further while the question is open."""
        event.stop()
        event.prevent_default()
        self._close(yes=event.key in ("y", "Y"))

    def on_blur(self) -> None:
        """Going elsewhere is a no."""
        if self.active:
            self._close(yes=False)

    def _close(self, *, yes: bool) -> None:
        self.remove_class("-active")
        if self._return_to is not None and self.screen.focused in (None, self):
            self._return_to.focus()
        self.post_message(self.Answered(yes, self._purpose))
