"""Fields of one's own: made, renamed, ordered and taken away in the app. Each function is one undoable operation.

The values stay with the customers whatever happens to the definition: a field that is taken away is no longer shown, and comes back with
all its values by undo or by making it again.
"""

from collections.abc import Sequence
from typing import NamedTuple

from crmtui.domain.custom_values import CUSTOM_TYPES
from crmtui.domain.fields import BY_QUERY_NAME, FIELDS, Field
from crmtui.domain.query import SPECIAL_FILTERS
from crmtui.errors import InvalidValue, NotFound
from crmtui.i18n import _
from crmtui.services.workspace import Workspace
from crmtui.storage.definitions import count_values, custom_fields, field_row, stored_type
from crmtui.storage.driver import Connection
from crmtui.storage.journal import operation

__all__ = [
    "CUSTOM_TYPES",
    "DefinedField",
    "count_values",
    "custom_fields",
    "define_field",
    "fields_of",
    "move_field",
    "remove_field",
    "rename_field",
    "set_choices",
]


class DefinedField(NamedTuple):
    """A custom field that was written, and the operation (0 when nothing changed)."""

    key: str
    operation_id: int


def fields_of(connection: Connection) -> list[Field]:
    """Every field of this customer file: those of the registry, then the custom ones in their order."""
    return [*FIELDS, *custom_fields(connection)]


def define_field(workspace: Workspace, label: str, type: str = "text", choices: Sequence[str] = ()) -> DefinedField:
    """Make a custom field; its key, which stays for ever, is made from the label.

    ``type`` is one of ``CUSTOM_TYPES``; ``choice`` needs ``choices``. Raises InvalidValue for an empty or taken label, an unknown type or
    missing choices.
    """
    label = _label(label)
    values = _type(type, choices)
    with operation(workspace.database, "field.define", subject=label, actor=workspace.actor) as act:
        known = custom_fields(act.connection)
        _refuse_taken(label, known)
        key = _free_key(label, {field.key for field in known})
        act.insert("field_definitions", {"key": key, "label": label, "type": values, "position": len(known)})
    return DefinedField(key, act.id)


def rename_field(workspace: Workspace, key: str, label: str) -> DefinedField:
    """Give a custom field another label; its key and its values stay."""
    label = _label(label)
    with operation(workspace.database, "field.rename", subject=label, actor=workspace.actor) as act:
        row = _row(act.connection, key)
        _refuse_taken(label, [field for field in custom_fields(act.connection) if field.key != key])
        act.update("field_definitions", row, {"label": label})
    return DefinedField(key, act.id)


def set_choices(workspace: Workspace, key: str, choices: Sequence[str]) -> DefinedField:
    """Say what a field may hold from now on; values that are none of these stay as they are."""
    with operation(workspace.database, "field.choices", subject=key, actor=workspace.actor) as act:
        act.update("field_definitions", _row(act.connection, key), {"type": _type("choice", choices)})
    return DefinedField(key, act.id)


def move_field(workspace: Workspace, key: str, position: int) -> DefinedField:
    """Put a custom field at another place (from 0) among the custom ones."""
    with operation(workspace.database, "field.move", subject=key, actor=workspace.actor) as act:
        _row(act.connection, key)
        order = [field.key for field in custom_fields(act.connection) if field.key != key]
        order.insert(max(0, position), key)
        for place, each in enumerate(order):
            act.update("field_definitions", _row(act.connection, each), {"position": place})
    return DefinedField(key, act.id)


def remove_field(workspace: Workspace, key: str) -> DefinedField:
    """Take a custom field away. Its values stay with the customers, unseen; see ``count_values`` for how many there are."""
    with operation(workspace.database, "field.remove", subject=key, actor=workspace.actor) as act:
        act.delete("field_definitions", _row(act.connection, key))
    return DefinedField(key, act.id)


def _label(label: str) -> str:
    label = " ".join(label.split())
    if not label:
        raise InvalidValue(_("a field needs a name"), field="label")
    return label


def _type(type: str, choices: Sequence[str]) -> str:
    if type not in CUSTOM_TYPES:
        from difflib import get_close_matches

        near = next(iter(get_close_matches(type.casefold(), CUSTOM_TYPES, 1, 0.5)), "")
        raise InvalidValue(
            _("there is no type “{name}”").format(name=type),
            field="type",
            hint=_("Did you mean {near}?").format(near=near) if near else ", ".join(CUSTOM_TYPES),
        )
    given = list(dict.fromkeys(choice.strip() for choice in choices if choice.strip()))
    if (type == "choice") != bool(given):
        raise InvalidValue(
            _("a field of this type has no choices") if given else _("say what one can choose from"), field="choices"
        )
    return stored_type(type, given)


def _refuse_taken(label: str, fields: Sequence[Field]) -> None:
    taken = {_(field.label).casefold() for field in FIELDS} | {field.label.casefold() for field in fields}
    if label.casefold() in taken:
        raise InvalidValue(_("there is a field “{name}” already").format(name=label), field="label")


def _free_key(label: str, taken: set[str]) -> str:
    """A key that can be written in a query without quotes, and that means nothing else yet."""
    plain = "".join(sign if sign.isalnum() else "_" for sign in label.casefold()).strip("_") or "field"
    key, number = plain, 1
    while key in taken or key in BY_QUERY_NAME or key in SPECIAL_FILTERS:
        number += 1
        key = f"{plain}_{number}"
    return key


def _row(connection: Connection, key: str) -> int:
    row = field_row(connection, key)
    if row is None:
        from difflib import get_close_matches

        near = next(iter(get_close_matches(key, [field.key for field in custom_fields(connection)], 1, 0.5)), "")
        raise NotFound(
            _("there is no custom field “{name}”").format(name=key),
            hint=_("Did you mean {near}?").format(near=near) if near else _("crmtui field list shows them"),
        )
    return row
