"""Editing many customers as text: what is given to the editor, what came back against what others did meanwhile, and saving it.

The three versions are kept apart: the base (what the editor was given), theirs (what the file holds now) and mine (what was typed). A
field that others left alone is mine without asking; one that both changed is a conflict, decided by the person.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crmtui.domain.customer_text import Item, TextCustomer, TextEdit, Value, diff, parse, render, shown
from crmtui.domain.fields import BY_KEY, FIELDS, Field
from crmtui.domain.intake import Intake, Issue, Piece, Point, read_pieces, read_values
from crmtui.domain.models import CustomerRecord
from crmtui.errors import Conflict, InvalidValue, UsageError
from crmtui.i18n import _
from crmtui.services.contact_points import put_in_order
from crmtui.services.record import Saved, apply_intake, read_custom
from crmtui.services.workspace import Workspace
from crmtui.storage.contact_points import read_points
from crmtui.storage.customers import read_customers, read_versions
from crmtui.storage.definitions import custom_fields
from crmtui.storage.driver import Connection
from crmtui.storage.journal import Operation, operation
from crmtui.storage.records import set_tags

__all__ = ["FieldConflict", "apply", "conflicts_of", "diff", "parse", "read_for_text", "render"]

MOST = 5000
"""Customers in one text: more is no text a person edits."""

_PAGE = 500
_LABELLED = frozenset({"phones", "emails"})


class FieldConflict(NamedTuple):
    """A field that others changed after the editor was given it, to something else; ``field`` "" when the customer was removed."""

    customer_id: int
    name: str
    field: str
    base: str
    theirs: str
    mine: str


def read_for_text(
    connection: Connection, ids: Sequence[int], fields: Sequence[str] | None = None
) -> list[TextCustomer]:
    """These customers as they are given to the editor, with these fields (default: those of the form and all custom ones).

    Raises UsageError for more than ``MOST`` customers.
    """
    if len(ids) > MOST:
        raise UsageError(
            _("{count:,} customers are too many for a text; {most:,} at most").format(count=len(ids), most=MOST),
            hint=_("Narrow the query, or change a field of all of them at once: crmtui edit --query"),
        )
    keys = (
        list(fields)
        if fields is not None
        else [field.key for field in FIELDS if field.form or field.key == "messaging"]
    )
    customs = custom_fields(connection) if fields is None else []
    found = []
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        versions = read_versions(connection, page)
        for record in read_customers(connection, page):
            found.append(_as_text(record, versions[record["id"]], keys, customs, every=fields is None))
    return found


def conflicts_of(connection: Connection, edits: Sequence[TextEdit]) -> list[FieldConflict]:
    """The fields that were changed here and by others; customers that are gone are one conflict each."""
    found = []
    for edit, theirs in _with_theirs(connection, edits):
        if theirs is None:
            found.append(
                FieldConflict(edit.customer.id, edit.customer.name, "", edit.customer.name, "", edit.customer.name)
            )
            continue
        for key, mine in edit.values.items():
            base, current = edit.customer.values.get(key, ""), theirs.values.get(key, "")
            if current not in (base, mine):
                texts = (shown(base), shown(current), shown(mine))
                found.append(FieldConflict(edit.customer.id, edit.customer.name, key, *texts))
    return found


def apply(
    workspace: Workspace, edits: Sequence[TextEdit], resolutions: Mapping[tuple[int, str], str] | None = None
) -> Saved:
    """Save the edits as one undoable operation. ``resolutions`` decide conflicts by (customer, field): ``mine`` or ``theirs``.

    Raises Conflict when one is undecided (a removed customer can only be ``theirs``), InvalidValue for a value that no customer can have;
    nothing is changed then.
    """
    decided = resolutions or {}
    issues: list[Issue] = []
    subject = edits[0].customer.name if len(edits) == 1 else ""
    touched = []
    with operation(workspace.database, "customer.edit_text", subject=subject, actor=workspace.actor) as act:
        for conflict in conflicts_of(act.connection, edits):
            allowed = ("mine", "theirs") if conflict.field else ("theirs",)
            if decided.get((conflict.customer_id, conflict.field)) not in allowed:
                raise Conflict(
                    _("{name} was changed by someone else since you opened it").format(name=conflict.name),
                    base={conflict.field: conflict.base},
                    theirs={conflict.field: conflict.theirs},
                    hint=_("Choose for each field which version stays"),
                )
        for edit, theirs in _with_theirs(act.connection, edits):
            if theirs is None:
                continue
            customer = edit.customer.id
            kept = {key: value for key, value in edit.values.items() if decided.get((customer, key)) != "theirs"}
            fresh = {key: value for key, value in kept.items() if theirs.values.get(key, "") != value}
            if fresh:
                issues += _write(act, workspace, customer, fresh)
                touched.append(customer)
        act.count = len(touched)
    return Saved(act.id, tuple(touched), tuple(issues))


def _with_theirs(connection: Connection, edits: Sequence[TextEdit]) -> list[tuple[TextEdit, TextCustomer | None]]:
    """Each edit with its customer as it is now, None for one that is gone."""
    current: dict[int, TextCustomer] = {}
    ids = [edit.customer.id for edit in edits]
    for start in range(0, len(ids), _PAGE):
        page = ids[start : start + _PAGE]
        for record in read_customers(connection, page):
            keys = next(list(edit.values) for edit in edits if edit.customer.id == record["id"])
            current[record["id"]] = _as_text(record, 0, keys, [], every=False)
    return [(edit, current.get(edit.customer.id)) for edit in edits]


def _write(act: Operation, workspace: Workspace, customer: int, values: Mapping[str, Value]) -> list[Issue]:
    """Write the changed fields of one customer; returns what could not be read as what it should be."""
    texts = {key: value for key, value in values.items() if isinstance(value, str)}
    issues: list[Issue] = []
    if texts:
        intake = read_custom(act.connection, read_values(texts, region=workspace.region))
        _refuse(intake, texts)
        issues += intake.issues
        apply_intake(act, customer, intake, replace=set(texts))
    for key, value in values.items():
        if isinstance(value, tuple) and key == "tags":
            set_tags(act, customer, exactly=[item.value for item in value])
        elif isinstance(value, tuple):
            issues += _write_points(act, workspace, customer, BY_KEY[key], value)
    return issues


def _refuse(intake: Intake, texts: Mapping[str, str]) -> None:
    """Raise InvalidValue for what no customer can have."""
    if "name" in texts and not intake.columns.get("name"):
        raise InvalidValue(_("a customer needs a name"), field="name")
    if "kind" in texts and not intake.columns.get("kind"):
        raise InvalidValue(_("a customer is a person or a company"), field="kind")
    for issue in intake.issues:
        if issue.rejects:
            raise InvalidValue(issue.text(), field=issue.field)


def _write_points(
    act: Operation, workspace: Workspace, customer: int, field: Field, items: Sequence[Item]
) -> list[Issue]:
    """Make these the contact points of a field in this order: those that stay keep their row, with state and history."""
    issues: list[Issue] = []
    wanted: dict[str, list[tuple[str, Item]]] = {} if field.key == "messaging" else {field.part: []}
    present = [point for point in read_points(act.connection, customer) if not point.alternate]
    if field.key == "messaging":
        own = {each.part for each in BY_KEY.values() if each.place == "point" and each.key != "messaging"}
        wanted = {point.kind: [] for point in present if point.kind not in own}
        for item in items:
            kind, _colon, value = item.value.partition(":")
            wanted.setdefault(kind.strip(), []).append((value.strip(), item))
    else:
        wanted[field.part] = [(item.value, item) for item in items]
    for kind, entries in wanted.items():
        rows = [point for point in present if point.kind == kind]
        order = []
        for value, item in entries:
            row = next((point for point in rows if point.value == value), None)
            if row is not None:
                rows.remove(row)
                if field.key in _LABELLED:
                    act.update("contact_points", row.id, {"label": item.label or None})
                order.append(row.id)
                continue
            point = _read_point(workspace, field, kind, value, item.label, issues)
            order.append(
                act.insert(
                    "contact_points",
                    {"customer_id": customer, **point._asdict()},
                )
            )
        for row in rows:
            act.delete("contact_points", row.id)
        put_in_order(act, customer, kind, order)
    return issues


def _read_point(workspace: Workspace, field: Field, kind: str, value: str, label: str, issues: list[Issue]) -> Point:
    """A typed value as a contact point; what is no single one is kept as it is."""
    text = f"{kind}:{value}" if field.key == "messaging" else value
    intake = read_pieces([Piece(field.key, label, text)], region=workspace.region)
    issues += intake.issues
    if len(intake.points) == 1 and intake.points[0].kind == kind:
        point = intake.points[0]
        return point._replace(label=label or point.label)
    return Point(kind, value, value.casefold() or None, label or None)


def _as_text(
    record: CustomerRecord, version: int, keys: Sequence[str], customs: Sequence[Field], *, every: bool
) -> TextCustomer:
    values = {key: _value(record, key) for key in keys}
    if every:
        for field in customs:
            values[f"custom.{field.key}"] = _value(record, f"custom.{field.key}")
        for key, value in record["custom"].items():
            if isinstance(value, str):
                values[f"custom.{key}"] = value
    return TextCustomer(record["id"], version, record["name"], values)


def _value(record: CustomerRecord, key: str) -> Value:
    field = BY_KEY.get(key)
    if field is None:
        found = record["custom"].get(key.removeprefix("custom."))
        return found if isinstance(found, str) else ""
    if key == "tags":
        return tuple(Item(tag) for tag in record["tags"])
    if key == "phones":
        return tuple(Item(phone["value"], phone["label"] or "") for phone in record["phones"])
    if key == "emails":
        return tuple(Item(email["value"], email["label"] or "") for email in record["emails"])
    if key == "urls":
        return tuple(Item(url) for url in record["urls"])
    if field.place == "point":
        return _handles(record, field)
    if field.place == "address":
        address = next(iter(record["addresses"]), None)
        parts: Mapping[str, object] = dict(address) if address else {}
        return str(parts.get(field.part) or "")
    if key == "do_not_contact":
        return "yes" if record["do_not_contact"] else "no"
    columns: Mapping[str, object] = dict(record)
    return str(columns.get(key) or "")


def _handles(record: CustomerRecord, field: Field) -> Value:
    """The ids of one messaging service, or (``messaging``) those of all that have no field of their own, with the service before them."""
    if field.key != "messaging":
        return tuple(Item(each["value"]) for each in record["messaging"] if each["kind"] == field.part)
    own = {each.part for each in BY_KEY.values() if each.place == "point" and each.key != "messaging"}
    return tuple(Item(f"{each['kind']}:{each['value']}") for each in record["messaging"] if each["kind"] not in own)
