"""Undo, redo, the history and who is to blame for a value, for the command line and the screens."""

from crmtui.domain.fields import BY_KEY
from crmtui.domain.models import OperationRecord
from crmtui.errors import NotFound, UsageError
from crmtui.i18n import N_, _
from crmtui.services.recovery import carried_out
from crmtui.services.workspace import Workspace
from crmtui.storage import history, undo
from crmtui.storage.history import FieldChange
from crmtui.storage.undo import Reversal

OPERATION_LABELS = {
    "customer.add": N_("added"),
    "customer.edit": N_("edited"),
    "customer.bulk_edit": N_("bulk edit"),
    "customer.tag": N_("tagged"),
    "customer.archive": N_("archived"),
    "customer.unarchive": N_("taken out of the archive"),
    "customer.delete": N_("deleted"),
    "customer.merge": N_("merged"),
    "customer.unmerge": N_("merge taken back"),
    "duplicates.same": N_("called the same"),
    "duplicates.different": N_("called different"),
    "duplicates.split": N_("taken out of a group"),
    "duplicates.forget": N_("decision taken back"),
    "interaction.log": N_("logged"),
    "call.log": N_("call"),
    "call.new": N_("call, new customer"),
    "task.add": N_("task"),
    "task.done": N_("task done"),
    "task.reopen": N_("task reopened"),
    "task.reschedule": N_("task moved"),
    "task.snooze": N_("task snoozed"),
    "task.wake": N_("task snoozed no more"),
    "transaction.order": N_("order"),
    "transaction.payment": N_("payment"),
    "transaction.refund": N_("refund"),
    "deal.add": N_("deal"),
    "point.add": N_("contact point added"),
    "point.edit": N_("contact point changed"),
    "point.state": N_("contact point judged"),
    "point.alternate": N_("contact point put aside or taken back"),
    "point.order": N_("contact points put in order"),
    "point.remove": N_("contact point removed"),
    "relation.add": N_("related"),
    "relation.edit": N_("relation changed"),
    "relation.remove": N_("relation removed"),
    "interaction.join": N_("took part"),
    "interaction.leave": N_("did not take part"),
    "field.define": N_("field made"),
    "field.rename": N_("field renamed"),
    "field.choices": N_("choices of a field"),
    "field.move": N_("field moved"),
    "field.remove": N_("field taken away"),
    "customer.edit_text": N_("edited as text"),
    "view.save": N_("view saved"),
    "view.delete": N_("view removed"),
    "view.rename": N_("view renamed"),
    "recipe.save": N_("recipe saved"),
    "recipe.delete": N_("recipe removed"),
    "import": N_("import"),
    "demo": N_("sample data"),
    "undo": N_("undo"),
    "redo": N_("redo"),
}


def describe(record: OperationRecord) -> str:
    """An operation in a few words, in the current language; may hold user data."""
    label = _(OPERATION_LABELS.get(record.kind, record.kind))
    count = record.count
    if record.subject:
        return f"{label} {record.subject}" if count in (None, 1) else f"{label} {record.subject} ({count})"
    return label if count is None else f"{label} ({count})"


def undo_last(workspace: Workspace, operation_id: int | None = None) -> Reversal:
    """Undo an operation, or the newest of this person. Raises NotFound when there is nothing to undo.

    An undo or redo that was left half done is finished instead, and is what this returns.
    """

    def reverse() -> Reversal:
        target = operation_id or undo.last_undoable(workspace.database.writer, workspace.actor)
        if target is None:
            raise NotFound(_("nothing to undo"))
        return undo.undo(workspace.database, target, actor=workspace.actor)

    return carried_out(workspace.database, reverse)


def redo_last(workspace: Workspace) -> Reversal:
    """Redo what this person undid last. Raises NotFound when there is nothing to redo.

    An undo or redo that was left half done is finished instead, and is what this returns.
    """

    def reverse() -> Reversal:
        target = undo.last_redoable(workspace.database.writer, workspace.actor)
        if target is None:
            raise NotFound(_("nothing to redo"))
        return undo.redo(workspace.database, target, actor=workspace.actor)

    return carried_out(workspace.database, reverse)


def last_operation(workspace: Workspace) -> OperationRecord | None:
    """What ``undo_last`` would undo now."""
    connection = workspace.database.writer
    target = undo.last_undoable(connection, workspace.actor)
    return history.read_operation(connection, target) if target else None


def blame(workspace: Workspace, customer_id: int, key: str) -> list[FieldChange]:
    """Every change of one field of a customer, newest first. Raises UsageError for an unknown field."""
    field = BY_KEY.get(key)
    columns = {"custom"} if key.startswith("custom.") or field is None else {key}
    tables = {"customers"}
    if field is None and not key.startswith("custom."):
        from difflib import get_close_matches

        near = next(iter(get_close_matches(key, BY_KEY, 1)), "")
        raise UsageError(
            _("there is no field {key}").format(key=key),
            hint=_("Did you mean {near}?").format(near=near) if near else None,
        )
    if field is not None and field.place == "point":
        tables, columns = {"contact_points"}, {"value"}
    elif field is not None and field.place == "address":
        tables, columns = {"addresses"}, {field.part}
    elif field is not None and field.place == "tags":
        tables, columns = {"customer_tags"}, {"tag_id"}
    elif field is not None and field.place == "external":
        tables, columns = {"external_ids"}, {"external_id"}
    changes = history.customer_changes(workspace.database.thread_reader(), customer_id, limit=2000)
    return [
        change for change in changes if (change.table in tables and change.column in columns) or change.column == ""
    ]
