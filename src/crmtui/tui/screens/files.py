"""Mode 7: what was done to the file, newest first, with the way back; imports, exports and backups start here."""

from array import array
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from crmtui.domain.models import OperationRecord
from crmtui.domain.text import display_text
from crmtui.errors import CrmError
from crmtui.i18n import _
from crmtui.i18n.show import show_number
from crmtui.services.workspace import Workspace
from crmtui.storage import history
from crmtui.storage.backup import list_backups
from crmtui.storage.long_operation import is_alive
from crmtui.storage.operation_rows import operation_ids
from crmtui.storage.window import RowWindow
from crmtui.tui.actions import HISTORY, LIST, actions_in
from crmtui.tui.card import when
from crmtui.tui.operation_lines import rows_words, state_words
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.history_actions import HistoryActions
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Span
from crmtui.tui.widgets.windowed_list import WindowedList
from crmtui.tui.work_aside import is_there

_FIRST = 256


class FilesScreen(HistoryActions):
    """The operations of the file."""

    SCOPES = (HISTORY, LIST)
    MODE = "files"
    UNHINTED = ("list.mark",)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(HISTORY))]

    def __init__(self) -> None:
        super().__init__()
        self._window: RowWindow[OperationRecord] = RowWindow(self._read)
        self._backup: tuple[str, str] = ("", "muted")

    def compose_body(self) -> ComposeResult:
        """One list."""
        yield WindowedList(id="list")

    def on_mount(self) -> None:
        """Show the newest operations at once; the rest is counted beside."""
        self._list.focus()
        self._dress_list()
        self._list.set_source(_OperationRows(self))
        self.refresh_data(())

    @property
    def _list(self) -> WindowedList:
        return self.query_one("#list", WindowedList)

    def _dress_list(self) -> None:
        self._list.set_columns(
            [
                ListColumn("when", _("When"), width=10, priority=90),
                ListColumn("who", _("Who"), width=8, priority=50),
                ListColumn("what", _("What"), weight=1, min_width=24, priority=100),
                ListColumn("rows", _("Rows"), width=9, align_right=True, priority=60),
                ListColumn("state", _("State"), width=14, priority=80),
            ]
        )
        self._list.set_empty_text("\n".join([_("Nothing has been done yet."), _("i brings in a customer file")]))

    # What is listed

    def _read(self, ids: Sequence[int]) -> dict[int, OperationRecord]:
        """The operations of a slice of the list: their ids follow each other in it, so one bounded query brings them."""
        records = history.operations(self.crm.gateway.page(), limit=len(ids), before=ids[0] + 1)
        return {record.id: record for record in records}

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Every change of the file is an operation: look what is new, and what became of the old ones."""
        records = history.operations(self.crm.gateway.page(), limit=_FIRST)
        newest = array("q", [record.id for record in records])
        known = self._window.ids()
        keep = self._list.cursor_row_id if self._list.cursor_index else None
        meets = known.index(newest[-1]) if newest and newest[-1] in known else None
        if len(newest) < _FIRST:
            self._window.replace(newest, exact=True)
        elif meets is not None:
            self._window.replace(newest + known[meets + 1 :], exact=self._window.exact)
        else:
            self._window.replace(newest, exact=False)
            self.crm.begin(self._count())
        self._list.set_source(self._list.source, keep_id=keep)
        self._look_at_backups()
        self.update_chrome()

    async def _count(self) -> None:
        """Bring the ids of all operations, however many, without the screen waiting."""

        def read(workspace: Workspace) -> "array[int]":
            every = array("q")
            for chunk in operation_ids(workspace.database.reader()):
                every.extend(chunk)
            return every

        every = await self.crm.gateway.run_aside(read)
        if is_there(self):
            self._window.replace(every, exact=True)
            self._list.set_source(self._list.source, keep_id=self._list.cursor_row_id)
            self.update_chrome()

    def view_of(self, record: OperationRecord) -> RowView:
        """One line of the list."""
        alive = record.state == "done" or is_alive(self.crm.workspace.database, record.id)
        gone = record.undone_by is not None
        style = "muted" if gone else "" if record.state == "done" else "accent" if alive else "warning"
        cells = (
            when(record.at),
            display_text(record.actor, limit=40),
            self.describe_operation(record),
            rows_words(record),
            state_words(record, alive=alive),
        )
        return RowView(cells, style)

    @property
    def window(self) -> RowWindow[OperationRecord]:
        """The operations by position."""
        return self._window

    def current_operation(self) -> OperationRecord | None:
        """The one under the cursor."""
        index = self._list.cursor_index
        return next(iter(self._window.rows(index, index + 1)), None)

    # The lines around

    def _look_at_backups(self) -> None:
        """How old the newest backup is, read from the folder itself: nothing is remembered that may have been deleted."""
        try:
            newest = next(iter(list_backups(self.crm.workspace.database.path)), None)
        except OSError:
            self._backup = (_("backups cannot be read"), "error")
            return
        if newest is None:
            self._backup = (_("no backup yet"), "warning")
        elif newest.verified:
            self._backup = (_("backup {age}").format(age=when(newest.at)), "muted")
        else:
            self._backup = (_("backup {age}, with faults").format(age=when(newest.at)), "warning")

    def top_facts(self) -> tuple[Span, ...]:
        """The age of the newest backup."""
        text, style = self._backup
        return (Span(text + "   ", style),) if text else ()

    def status_facts(self) -> tuple[Span, ...]:
        """Where one is in the list."""
        window = self._window
        if not len(window):
            return super().status_facts()
        position = _("{position} of {count}").format(
            position=show_number(self._list.cursor_index + 1),
            count=show_number(len(window)) + ("" if window.exact else "+"),
        )
        return (Span(position + " ", "muted"),)

    def retranslate(self) -> None:
        """Everything again in the other language."""
        self._dress_list()
        self.refresh_data(())

    # What a person does

    @on(WindowedList.CursorMoved)
    def _cursor_moved(self, event: WindowedList.CursorMoved) -> None:
        event.stop()
        if self._told is None:
            self._draw_status()

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        event.stop()
        from crmtui.tui.screens.operation import OperationScreen

        self.app.push_screen(OperationScreen(event.row_id))

    @on(WindowedList.MarkToggled)
    def _mark_toggled(self, event: WindowedList.MarkToggled) -> None:
        event.stop()
        self.tell(_("Operations are undone one by one: U undoes the one under the cursor"))

    async def on_key(self) -> None:
        """A key ends what the status line was telling."""
        if not self.prompt.active:
            self.forget_told()


class _OperationRows:
    """The operations as rows of the list."""

    def __init__(self, screen: FilesScreen) -> None:
        self._screen = screen

    @property
    def exact(self) -> bool:
        return self._screen.window.exact

    def row_count(self) -> int:
        return len(self._screen.window)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        try:
            records = self._screen.window.rows(start, stop)
        except CrmError:
            return [None] * (stop - start)
        return [None if record is None else self._screen.view_of(record) for record in records]

    def row_id(self, index: int) -> int:
        return self._screen.window.id_at(index)

    def index_of(self, row_id: int) -> int | None:
        return self._screen.window.position_of(row_id)
