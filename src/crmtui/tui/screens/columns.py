"""Choosing the columns of the list: which fields, and in which order; the list behind follows each key."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.color import Color
from textual.containers import Vertical
from textual.screen import ModalScreen

from crmtui.domain.fields import Field
from crmtui.domain.view_text import ViewColumn
from crmtui.i18n import _
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.chosen_columns import can_be_columns, field_of, title_of
from crmtui.tui.list_actions import COLUMNS
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

_SHOWN = 14


class _ColumnRows:
    """The fields: the chosen ones in their order, then the others."""

    exact = True

    def __init__(self, keys: Sequence[str], chosen: int, custom: Sequence[Field]) -> None:
        self._keys, self._chosen, self._custom = keys, chosen, custom

    def row_count(self) -> int:
        return len(self._keys)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return [self._row(index) for index in range(start, min(stop, len(self._keys)))]

    def _row(self, index: int) -> RowView:
        key = self._keys[index]
        chosen = index < self._chosen
        title = title_of(field_of(key, self._custom))
        origin = _("custom field") if key.startswith("custom.") else ""
        return RowView((f"[x] {title}" if chosen else f"[ ] {title}", origin), "" if chosen else "muted")

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < len(self._keys) else None


class ColumnsScreen(ModalScreen[bool]):
    """Calls ``changed`` with the columns after each key; returns whether they are to be kept."""

    DEFAULT_CSS = """
    ColumnsScreen > Vertical { width: 50; max-width: 100%; height: auto; background: $panel; padding: 0 1; }
    ColumnsScreen WindowedList { background: $panel; }
    ColumnsScreen TextLines { background: $panel; height: 1; }
    ColumnsScreen > #keys { dock: bottom; width: 100%; background: $background; }
    """
    SCOPES = (COLUMNS, LIST)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(COLUMNS), priority=True)]

    def __init__(
        self,
        columns: Sequence[ViewColumn],
        custom: Sequence[Field],
        changed: Callable[[tuple[ViewColumn, ...]], None],
    ) -> None:
        super().__init__()
        self._custom = tuple(custom)
        self._columns = list(columns)
        self._changed = changed
        chosen = {column.key for column in columns}
        self._others = [key for key in can_be_columns(custom) if key not in chosen]

    def compose(self) -> ComposeResult:
        """Title, fields, keys."""
        with Vertical():
            yield TextLines(lines=[Line((Span(_("Columns"), "strong"),))])
            yield WindowedList(
                [ListColumn("field", "", weight=1, min_width=12), ListColumn("origin", "", width=14)], show_header=False
            )
        keys = (("␣", _("show or not")), ("J K", _("move")), ("⏎", _("keep")), ("esc", _("only now")))
        spans = [span for sign, what in keys for span in (Span(f" {sign} ", "key"), Span(f"{what} ", "muted"))]
        yield TextLines(lines=[Line(tuple(spans))], id="keys")  # over the status line, whose keys do not work meanwhile

    def on_mount(self) -> None:
        """Show every field."""
        self.styles.background = Color(0, 0, 0, 0)  # the list is seen behind it; a dialog hides it elsewhere
        self.styles.align = ("right", "bottom")
        listed = self.query_one(WindowedList)
        listed.styles.height = max(1, min(len(self._keys), _SHOWN, self.app.size.height - 6))
        self._show(0)
        listed.focus()

    @property
    def _keys(self) -> list[str]:
        return [*(column.key for column in self._columns), *self._others]

    def _show(self, cursor: int) -> None:
        listed = self.query_one(WindowedList)
        listed.set_source(_ColumnRows(self._keys, len(self._columns), self._custom), fallback_index=cursor)
        listed.jump_to(cursor)

    @on(WindowedList.MarkToggled)
    def _toggled(self, event: WindowedList.MarkToggled) -> None:
        event.stop()
        at = event.row_id
        if at >= len(self._columns):
            self._columns.append(ViewColumn(self._others.pop(at - len(self._columns))))
            at += 1
        elif len(self._columns) > 1:
            self._others.insert(0, self._columns.pop(at).key)
        else:
            self.app.bell()
            return
        self._show(at)
        self._tell()

    def action_columns_later(self) -> None:
        """Move the column under the cursor to the right."""
        self._move(1)

    def action_columns_earlier(self) -> None:
        """Move the column under the cursor to the left."""
        self._move(-1)

    def _move(self, by: int) -> None:
        at = self.query_one(WindowedList).cursor_index
        if at < len(self._columns) and 0 <= at + by < len(self._columns):
            self._columns.insert(at + by, self._columns.pop(at))
            self._show(at + by)
            self._tell()

    def _tell(self) -> None:
        self._changed(tuple(self._columns))
        self.refresh()

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        event.stop()
        self.dismiss(True)

    def action_columns_leave(self) -> None:
        """Leave: the columns stay until crmtui is left."""
        self.dismiss(False)
