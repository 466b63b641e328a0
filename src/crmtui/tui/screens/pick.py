"""Choosing one of a few: a line to type in and the choices under it, found by label, English, pinyin or initials."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from crmtui.domain.folding import fold
from crmtui.domain.pinyin import matches_pinyin
from crmtui.i18n import _
from crmtui.tui.actions import DIALOG, actions_in, key_sign
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList


class Choice(NamedTuple):
    """One choice: what is returned, its label, more words it is found by, and what stands at the right.

    ``spoken`` is found by its pinyin as the label is; it is not shown.
    """

    value: str
    label: str
    words: str = ""
    detail: str = ""
    spoken: str = ""


def choice_matches(choice: Choice, typed: str) -> bool:
    """Whether a choice is meant by what was typed: its words in any order, or the pinyin of what it is called."""
    if not any(map(str.isalnum, typed)):
        return False  # punctuation has no sound, and what has no sound would match every pinyin
    wanted = fold(typed)
    text = fold(f"{choice.label} {choice.words} {choice.value} {choice.spoken}")
    if all(word in text for word in wanted.split()):
        return True
    return any(matches_pinyin(typed, name, person=False) for name in (choice.label, choice.spoken) if name)


def key_hints(enter: str) -> tuple[Span, ...]:
    """The keys of a list of choices for the right of its title; ``enter`` says what that key does."""
    keys = (Span(" ↑↓ ", "key"), Span(_("choose"), "muted"), Span(f"  {key_sign('enter')} ", "key"))
    return (*keys, Span(enter, "muted"), Span("  esc ", "key"), Span(_("close") + " ", "muted"))


class _Choices:
    """The choices as the rows of a list."""

    exact = True

    def __init__(self, choices: Sequence[Choice]) -> None:
        self.choices = choices

    def row_count(self) -> int:
        return len(self.choices)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return [RowView((choice.label, choice.detail)) for choice in self.choices[start:stop]]

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < len(self.choices) else None


class PickScreen(ModalScreen[str | None]):
    """Returns the value of the choice, or None."""

    DEFAULT_CSS = """
    PickScreen { align: center top; background: $background 0%; }
    PickScreen > Vertical { width: 100%; max-width: 96; height: auto; background: $panel; padding: 0 1; }
    PickScreen WindowedList { height: 12; background: $panel; }
    PickScreen TextField { background: $surface; }
    PickScreen TextLines { background: $panel; }
    """
    SCOPES = (DIALOG,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(DIALOG), priority=True)]

    def __init__(self, title: str, choices: Sequence[Choice], current: str | None = None, **options: Any) -> None:
        """``current`` is what holds now: it is marked, and the cursor begins there."""
        super().__init__(**options)
        self._title = title
        self._current = current
        here = _("holds now")
        self._choices = tuple(
            choice._replace(detail=f"✓ {choice.detail or here}") if choice.value == current else choice
            for choice in choices
        )
        self._shown = _Choices(self._choices)

    def compose(self) -> ComposeResult:
        """Title, field, choices."""
        with Vertical():
            yield TextLines(lines=[Line((Span(self._title, "strong"),), key_hints(_("take it")))])
            yield TextField()
            columns = [ListColumn("label", "", weight=2, min_width=10), ListColumn("detail", "", weight=1, min_width=6)]
            yield WindowedList(columns, show_header=False)

    def on_mount(self) -> None:
        """Show every choice."""
        listed = self.query_one(WindowedList)
        listed.styles.height = max(1, min(len(self._choices), self.app.size.height - 4))
        listed.can_focus = False
        listed.set_source(self._shown)
        values = [choice.value for choice in self._choices]
        if self._current in values:
            listed.jump_to(values.index(self._current))
        self.query_one(TextField).focus()

    @on(TextField.Changed)
    def _typed(self, event: TextField.Changed) -> None:
        event.stop()
        typed = event.value.strip()
        self._shown = _Choices([choice for choice in self._choices if not typed or choice_matches(choice, typed)])
        self.query_one(WindowedList).set_source(self._shown)

    @on(TextField.Submitted)
    def _chosen(self, event: TextField.Submitted) -> None:
        event.stop()
        index = self.query_one(WindowedList).cursor_index
        if self._shown.choices:
            self.dismiss(self._shown.choices[min(index, len(self._shown.choices) - 1)].value)

    @on(WindowedList.Opened)
    def _clicked(self, event: WindowedList.Opened) -> None:
        event.stop()
        self.dismiss(self._shown.choices[event.row_id].value)

    def action_dialog_down(self) -> None:
        """The next one; the field keeps the focus."""
        self._move(1)

    def action_dialog_up(self) -> None:
        """The one before."""
        self._move(-1)

    def action_dialog_page_down(self) -> None:
        """Ten further."""
        self._move(10)

    def action_dialog_page_up(self) -> None:
        """Ten back."""
        self._move(-10)

    def _move(self, by: int) -> None:
        listed = self.query_one(WindowedList)
        listed.jump_to(listed.cursor_index + by)

    def action_dialog_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
