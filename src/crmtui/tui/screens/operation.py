"""The details of one operation: whose values it changed, from what to what; for an import the counts, the mapping, the issues."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from crmtui.domain.models import OperationRecord
from crmtui.domain.text import display_text
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_moment, show_number
from crmtui.storage import history, operation_rows
from crmtui.storage.long_operation import is_alive
from crmtui.storage.operation_rows import ChangedRow
from crmtui.tui.actions import HISTORY, LIST, OPERATION, actions_in
from crmtui.tui.card import parse_stored
from crmtui.tui.operation_lines import (
    ChangeLine,
    change_lines,
    count_words,
    import_lines,
    inserted_lines,
    state_words,
)
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.history_actions import HistoryActions
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

_PAGE = 200


class _ChangeRows:
    """Fixed lines, then the changes of an operation, read by pages as they come near the sight."""

    def __init__(self, fixed: Sequence[ChangeLine], read: Callable[[int, int], list[ChangedRow]]) -> None:
        self._views = [line.view() for line in fixed]
        self._read = read
        self._last = 0
        self.exact = False
        self._more()

    def _more(self) -> None:
        changes = self._read(self._last, _PAGE)
        self._views += [line.view() for change in changes for line in change_lines(change)]
        self._last = changes[-1].change_id if changes else self._last
        self.exact = len(changes) < _PAGE

    def row_count(self) -> int:
        return len(self._views)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        if not self.exact and stop >= len(self._views):
            self._more()
        return self._views[start:stop]

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < len(self._views) else None


class OperationScreen(HistoryActions):
    """One operation, opened from the list of operations."""

    SCOPES = (OPERATION, HISTORY, LIST)
    MODE = "files"
    UNHINTED = ("list.mark",)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(OPERATION, HISTORY))]
    DEFAULT_CSS = "OperationScreen #head { height: 3; }"

    def __init__(self, operation_id: int) -> None:
        super().__init__()
        self.operation_id = operation_id

    def compose_body(self) -> ComposeResult:
        """Head and list."""
        yield TextLines(id="head")
        yield WindowedList(id="list")

    def on_mount(self) -> None:
        """Show the operation."""
        self.query_one("#list").focus()
        self._draw()

    def current_operation(self) -> OperationRecord | None:
        """This one."""
        return history.read_operation(self.crm.gateway.page(), self.operation_id)

    def top_line(self) -> Line:
        """The way back, and which operation this is."""
        left = (
            Span(" ◂ ", "key"),
            Span(_("Files") + "   ", "muted"),
            Span(_("operation {id}").format(id=self.operation_id), "strong"),
        )
        return Line(left, (Span("esc ", "muted"),))

    def _draw(self) -> None:
        self.update_chrome()
        record = self.current_operation()
        listed = self.query_one("#list", WindowedList)
        head = self.query_one("#head", TextLines)
        if record is None:
            head.set_lines([Line((Span(" " + _("This operation is gone"), "warning"),))])
            return
        page = self.crm.gateway.page()
        alive = record.state == "done" or is_alive(self.crm.workspace.database, record.id)
        head.set_lines(self._head(record, state_words(record, alive=alive)))
        fixed = [
            *inserted_lines(operation_rows.inserted_counts(page, record.id)),
            *import_lines(record.detail),
        ]
        listed.set_columns(
            [
                ListColumn("what", _("What"), width=12, priority=70),
                ListColumn("whose", _("Record"), weight=2, min_width=14, priority=90),
                ListColumn("field", _("Field"), width=14, priority=80),
                ListColumn("values", _("Before → after"), weight=4, min_width=20, priority=100),
            ]
        )
        listed.set_empty_text(_("It left no single changes."))
        rows = _ChangeRows(
            fixed,
            lambda after, limit: operation_rows.changed_rows(page, record.id, after=after, limit=limit),
        )
        listed.set_source(rows, keep_id=listed.cursor_row_id)

    def _head(self, record: OperationRecord, state: str) -> list[Line]:
        moment = parse_stored(record.at)
        at = show_moment(moment) if moment else record.at
        count = record.count or 0
        rows = ngettext("{count} row", "{count} rows", count).format(count=show_number(count)) if count else ""
        facts = " · ".join(part for part in (state, rows, record.actor, at) if part)
        lines = [
            Line((Span(" " + self.describe_operation(record), "strong"),)),
            Line((Span(" " + display_text(facts), "muted"),)),
        ]
        counts = record.detail.get("counts")
        told = count_words(counts) if isinstance(counts, dict) else self._reversal_words(record)
        read_as = " ".join(str(record.detail[key]).upper() for key in ("format", "encoding") if record.detail.get(key))
        rejects = record.detail.get("rejects_file")
        spans = [Span(" " + told)] if told else []
        if read_as:
            spans.append(Span("   " + display_text(read_as), "muted"))
        if rejects:
            spans.append(Span("   " + _("rejects: {path}").format(path=display_text(str(rejects))), "warning"))
        return [*lines, Line(tuple(spans))]

    def _reversal_words(self, record: OperationRecord) -> str:
        kept, failed = record.detail.get("kept"), record.detail.get("failed")
        if record.kind not in ("undo", "redo") or not isinstance(kept, int) or not isinstance(failed, int):
            return ""
        return " · ".join(
            [
                _("{count} put back").format(count=show_number(record.count or 0)),
                _("{count} kept").format(count=show_number(kept)),
                _("{count} failed").format(count=show_number(failed)),
            ]
        )

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """It may have been undone."""
        self._draw()

    def retranslate(self) -> None:
        """Everything again in the other language."""
        self._draw()

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        """A value too long for its column stands in the status line."""
        event.stop()
        view = next(iter(event.windowed_list.source.rows(event.row_id, event.row_id + 1)), None)
        if view is not None:
            self.tell(": ".join(cell for cell in view.cells[2:] if cell) or view.cells[1])

    async def on_key(self) -> None:
        """A key ends what the status line was telling."""
        if not self.prompt.active:
            self.forget_told()

    def action_operation_back(self) -> None:
        """Back to the list."""
        self.dismiss()
