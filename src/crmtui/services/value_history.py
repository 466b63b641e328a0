"""What a field held over time, and taking an older value back."""

from typing import NamedTuple

from crmtui.domain.custom_values import changed_values
from crmtui.domain.fields import BY_KEY
from crmtui.domain.models import OperationRecord
from crmtui.errors import NotFound, UsageError
from crmtui.i18n import _
from crmtui.services.contact_points import add_point, edit_point, read_point
from crmtui.services.record import Saved, change_tags, edit_customer
from crmtui.services.workspace import Workspace
from crmtui.storage.driver import Connection
from crmtui.storage.history import FieldChange, customer_changes
from crmtui.storage.rows import read_row

_MOST = 5000
_WORKED_OUT = frozenset({"created_at", "updated_at", "last_interaction_at"})


class PastValue(NamedTuple):
    """A change of one field: its value before and after as text ("" for none), and the operation. ``change_id`` names it."""

    change_id: int
    operation: OperationRecord
    before: str
    after: str


def value_history(connection: Connection, customer: int, key: str) -> list[PastValue]:
    """Every change of a field of a customer, the newest first; ``custom.KEY`` for a custom field. Raises UsageError for an unknown field."""
    changes = customer_changes(connection, customer, limit=_MOST)
    if key.startswith("custom.") or key not in BY_KEY:
        return _custom_history(changes, _known(key))
    field = BY_KEY[key]
    if field.place == "point":
        kinds = {
            change.row_id: _kind(connection, changes, change.row_id) for change in changes if change.column == "value"
        }
        wanted = [change for change in changes if change.table == "contact_points" and change.column == "value"]
        return [_past(change) for change in wanted if _is_of(field.part, kinds[change.row_id])]
    if field.place == "tags":
        wanted = [change for change in changes if change.table == "customer_tags" and change.column == "tag_id"]
        return [_tag_past(connection, change) for change in wanted]
    if field.place == "external":
        wanted = [change for change in changes if change.table == "external_ids" and change.column == "external_id"]
        return [_past(change) for change in wanted]
    table, column = ("addresses", field.part) if field.place == "address" else ("customers", key)
    return [_past(change) for change in changes if change.table == table and change.column == column]


def restore_value(workspace: Workspace, customer: int, key: str, change_id: int, *, before: bool = False) -> Saved:
    """Give a field the value again that a change gave it, or (``before``) the one it had until then.

    One undoable operation. A contact point that was removed comes back as a new one, a tag is put on or taken off. Raises NotFound when
    the change is none of this field, UsageError for a field that is worked out.
    """
    if key in _WORKED_OUT:
        raise UsageError(_("{field} cannot be set: it is worked out").format(field=key))
    connection = workspace.database.writer
    found = next((past for past in value_history(connection, customer, key) if past.change_id == change_id), None)
    if found is None:
        raise NotFound(_("change {id} is none of this field").format(id=change_id))
    value, other = (found.before, found.after) if before else (found.after, found.before)
    field = BY_KEY.get(key)
    if field is not None and field.place == "tags":
        return change_tags(workspace, [customer], add=[value] if value else [], remove=[] if value else [other])
    if field is not None and field.place == "point":
        return _restore_point(workspace, customer, change_id, value)
    written = key if field is not None else f"custom.{_known(key)}"
    return edit_customer(workspace, customer, {written: value})


def _restore_point(workspace: Workspace, customer: int, change_id: int, value: str) -> Saved:
    connection = workspace.database.writer
    changes = customer_changes(connection, customer, limit=_MOST)
    change = next(each for each in changes if each.change_id == change_id and each.column == "value")
    if not value:
        raise UsageError(_("there was no value"), hint=_("Remove the contact point instead"))
    if read_point(connection, change.row_id) is not None:
        return edit_point(workspace, change.row_id, value=value)
    return add_point(workspace, customer, _kind(connection, changes, change.row_id), value)


def _custom_history(changes: list[FieldChange], key: str) -> list[PastValue]:
    found = []
    for change in changes:
        if change.table == "customers" and change.column == "custom":
            for name, before, after in changed_values(change.before, change.after):
                if name == key:
                    found.append(PastValue(change.change_id, change.operation, _text(before), _text(after)))
    return found


def _known(key: str) -> str:
    """The key of a custom field in the JSON; refuses what looks like a misspelt registry field."""
    if key.startswith("custom."):
        return key.removeprefix("custom.")
    from difflib import get_close_matches

    near = next(iter(get_close_matches(key, BY_KEY, 1)), "")
    raise UsageError(
        _("there is no field {key}").format(key=key), hint=_("Did you mean {near}?").format(near=near) if near else None
    )


def _kind(connection: Connection, changes: list[FieldChange], row_id: int) -> str:
    """The kind of a contact point: as it is, or as it was when it was made or removed."""
    point = read_point(connection, row_id)
    if point is not None:
        return point.kind
    told = (
        change.before or change.after
        for change in changes
        if (change.table, change.row_id, change.column) == ("contact_points", row_id, "kind")
    )
    return str(next(told, "other"))


def _is_of(part: str, kind: str) -> bool:
    named = {field.part for field in BY_KEY.values() if field.place == "point" and field.key != "messaging"}
    return kind == part or (part == "other" and kind not in named)


def _tag_past(connection: Connection, change: FieldChange) -> PastValue:
    names = []
    for value in (change.before, change.after):
        row = read_row(connection, "tags", int(str(value))) if value is not None else None
        names.append(str(row["name"]) if row else "")
    return PastValue(change.change_id, change.operation, *names)


def _past(change: FieldChange) -> PastValue:
    return PastValue(change.change_id, change.operation, _text(change.before), _text(change.after))


def _text(value: object) -> str:
    return "" if value is None else str(value)
