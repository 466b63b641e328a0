"""The pieces of a form: the one editor, the lines it stands over, and the line that can be opened."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import TextLines


class FormEditor(TextField):
    """The one field one can type in; it stands over the line it edits (twenty fields would take 0.2 s to open)."""

    DEFAULT_CSS = "FormEditor { position: absolute; width: 100%; background: $panel; }"

    def action_end(self, select: bool = False) -> None:
        """Go to the end; from the end on, accept the suggestion."""
        if self.cursor_at_end and not select:
            self.action_cursor_right()
        else:
            super().action_end(select)


class FormRows(Widget):
    """The scrolling middle: it has no keys of its own, so up and down go from field to field."""

    DEFAULT_CSS = "FormRows { layout: horizontal; overflow-y: auto; height: 1fr; scrollbar-size-vertical: 1; }"


class FormValues(TextLines):
    """The values that are not being edited."""

    @dataclass
    class Clicked(Message):
        """A line was clicked."""

        line: int

    def on_click(self, event: events.Click) -> None:
        """Tell which line."""
        self.post_message(self.Clicked(event.y))


class NewFieldLine(TextLines):
    """The way to a field that is not there yet; can be reached like a field, and enter opens."""

    DEFAULT_CSS = "NewFieldLine:focus { background: $block-cursor-background; color: $block-cursor-foreground; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.form_new_field", show=False)]


class SameLine(TextLines):
    """Who is there already; can be reached like a field, and enter opens."""

    DEFAULT_CSS = "SameLine:focus { background: $block-cursor-background; color: $block-cursor-foreground; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.form_open_same", show=False)]
