"""What the list of operations and the details of one both do: undo this one, bring in, write out, back up."""

import os

from crmtui.domain.models import OperationRecord
from crmtui.domain.text import display_text
from crmtui.errors import UsageError
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_bytes, show_number
from crmtui.services.workspace import Workspace
from crmtui.storage import backup, history, undo
from crmtui.storage.undo import Reversal
from crmtui.tui.operation_lines import what_it_did
from crmtui.tui.screens.asking import ask_yes
from crmtui.tui.screens.base import CrmScreen
from crmtui.tui.work_aside import Progress, is_there, run_told


class HistoryActions(CrmScreen):
    """Actions on one operation, and those of the Files mode."""

    def current_operation(self) -> OperationRecord | None:
        """The operation meant: the one under the cursor, or the one shown."""
        return None

    def describe_operation(self, record: OperationRecord) -> str:
        """An operation in words, safe for display."""
        page = self.crm.gateway.page()
        return what_it_did(record, lambda operation_id: history.read_operation(page, operation_id))

    def action_history_undo(self) -> None:
        """Undo the operation, or bring back what it undid, after a question."""
        record = self.current_operation()
        if record is not None:
            self.crm.begin(self._reverse(record.id))

    async def _reverse(self, operation_id: int) -> None:
        record = history.read_operation(self.crm.gateway.page(), operation_id)
        if record is None:
            self.tell(_("operation {id} is gone").format(id=operation_id), error=True)
            return
        _refuse(record)
        what = self.describe_operation(record)
        redo = record.kind == "undo"
        question = _("bring back «{what}»?") if redo else _("undo «{what}»?")
        rows = ngettext("{count} row", "{count} rows", record.count or 0).format(count=show_number(record.count or 0))
        label = question.format(what=display_text(what, limit=40)) + (f" {rows}" if record.count else "")
        if not await ask_yes(self, label):
            self.tell(_("nothing changed"))
            return

        def work(workspace: Workspace) -> Reversal:
            act = undo.redo if redo else undo.undo
            return act(workspace.database, operation_id, actor=workspace.actor)

        progress = Progress()
        busy = _("bringing back «{what}»") if redo else _("undoing «{what}»")
        result = await run_told(self, work, lambda: f"{busy.format(what=what)} · {round(progress.seconds)} s")
        self.crm.data_changed(())
        told = _("brought back: {what}") if redo else _("undone: {what}")
        self.crm.tell(f"{told.format(what=what)} · {bucket_words(result)}")

    def action_history_import(self) -> None:
        """Bring in a file."""
        from crmtui.tui.screens.import_wizard import start_import

        self.crm.begin(start_import(self))

    def action_history_export(self) -> None:
        """Write all customers to a file."""
        from crmtui.tui.screens.export import export_customers

        self.crm.begin(export_customers(self, "", ()))

    def action_history_backup(self) -> None:
        """Make a verified backup now."""
        self.crm.begin(self._back_up())

    async def _back_up(self) -> None:
        progress = Progress()

        def work(workspace: Workspace) -> str:
            return backup.back_up(workspace.database, progress=progress)

        def words() -> str:
            share = progress.share()
            return _("backing up") + ("" if share is None else f" · {share} %")

        path = await run_told(self, work, words)
        if is_there(self):
            self.refresh_data(())
        size = show_bytes(os.path.getsize(path))
        self.crm.tell(_("backup made and checked: {size} · {path}").format(path=short_path(path), size=size))


def _refuse(record: OperationRecord) -> None:
    """Raise UsageError for an operation that cannot be undone (or redone) now, with the way to what is meant."""
    if record.state != "done":
        raise UsageError(_("operation {id} is still running").format(id=record.id))
    if record.undone_by is not None:
        raise UsageError(
            _("operation {id} is undone already").format(id=record.id),
            hint=_("U on operation {id} brings it back").format(id=record.undone_by),
        )
    if record.kind == "redo":
        raise UsageError(
            _("operation {id} brought something back").format(id=record.id),
            hint=_("U on the operation itself undoes it again"),
        )


def bucket_words(result: Reversal) -> str:
    """The three buckets of an undo or redo, and the first reason why a row was not put back."""
    parts = [_("{count} put back").format(count=show_number(result.reversed))]
    parts.append(_("{count} kept").format(count=show_number(len(result.kept))))
    parts.append(_("{count} failed").format(count=show_number(len(result.failed))))
    problem = next(iter([*result.kept, *result.failed]), None)
    if problem is not None:
        parts.append(f"{problem.table} #{problem.row_id}: {problem.reason}")
    return " · ".join(parts)


def short_path(path: str) -> str:
    """A path with ``~`` for the home folder, safe for display."""
    home = os.path.expanduser("~")
    inside = path == home or path.startswith(home.rstrip(os.sep) + os.sep)
    return display_text("~" + path[len(home) :] if inside and home != os.sep else path)
