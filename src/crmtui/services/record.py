"""Writing about customers: add, edit, tag, archive, delete. Each function is one undoable operation."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from crmtui.domain.fields import BY_KEY
from crmtui.domain.intake import Intake, Issue, Point, new_customer, read_values
from crmtui.domain.names import split_name
from crmtui.errors import Conflict, InvalidValue, NotFound
from crmtui.i18n import _
from crmtui.services.workspace import Workspace
from crmtui.storage.customers import names_of, read_customer, read_version
from crmtui.storage.driver import Connection
from crmtui.storage.journal import Operation, operation
from crmtui.storage.records import (
    add_and_remove_tags,
    delete_customer_rows,
    find_company,
    set_address,
    set_external_ids,
    set_points,
    set_tags,
    tag_id,
)
from crmtui.storage.rows import read_row

if TYPE_CHECKING:
    from crmtui.services.many import Progress


class Saved(NamedTuple):
    """What a write did: the operation (0 when nothing changed), the customers it touched, and what could not be read."""

    operation_id: int
    customers: tuple[int, ...]
    issues: tuple[Issue, ...] = ()


def add_customer(workspace: Workspace, values: Mapping[str, str]) -> Saved:
    """Add a customer from values by field key, as a person types them. Raises InvalidValue when nothing names it."""
    intake = read_custom(workspace.database.writer, new_customer(values, region=workspace.region))
    _refuse(intake)
    with operation(
        workspace.database, "customer.add", subject=str(intake.columns["name"]), actor=workspace.actor
    ) as act:
        customer = insert_customer(act, intake)
    return Saved(act.id, (customer,), tuple(intake.issues))


def edit_customer(
    workspace: Workspace,
    customer_id: int,
    values: Mapping[str, str],
    *,
    version: int | None = None,
    force: bool = False,
) -> Saved:
    """Change the given fields of a customer; an empty value clears a field.

    ``version`` is the one the record had when it was opened: if it changed since, Conflict is raised with both versions,
    unless ``force`` says that the person has seen them and chosen. Raises NotFound when the customer is gone.
    """
    intake = read_custom(workspace.database.writer, read_values(values, region=workspace.region))
    _refuse(intake)
    if "name" in values and not intake.columns.get("name"):
        raise InvalidValue(_("a customer needs a name"), field="name")
    name = _name_of(workspace, customer_id)
    with operation(workspace.database, "customer.edit", subject=name, actor=workspace.actor) as act:
        current = read_version(act.connection, customer_id)
        if current is None:
            raise _gone(customer_id)
        if version is not None and current != version and not force:
            record = read_customer(act.connection, customer_id)
            theirs: dict[str, object] = {key: value for key, value in (record or {}).items() if key in values}
            raise Conflict(
                _("{name} was changed by someone else since you opened it").format(name=name),
                base={"version": version},
                theirs={**theirs, "version": current},
                hint=_("Choose for each field which version stays"),
            )
        apply_intake(act, customer_id, intake, replace=set(values))
    return Saved(act.id, (customer_id,), tuple(intake.issues))


def edit_many(
    workspace: Workspace, customers: Sequence[int], values: Mapping[str, str], *, progress: "Progress | None" = None
) -> Saved:
    """Give every one of these customers the same values, as one operation; those that are gone are left out."""
    intake = read_custom(workspace.database.writer, read_values(values, region=workspace.region))
    _refuse(intake)
    subject = ", ".join(f"{key}={value}" for key, value in values.items())

    def change(act: Operation, part: Sequence[int]) -> None:
        for customer in part:
            if read_version(act.connection, customer) is not None:
                apply_intake(act, customer, intake, replace=set(values))

    done = _change_many(workspace, "customer.bulk_edit", subject, customers, change, progress)
    return Saved(done, tuple(customers), tuple(intake.issues))


def change_tags(
    workspace: Workspace,
    customers: Sequence[int],
    *,
    add: Collection[str] = (),
    remove: Collection[str] = (),
    progress: "Progress | None" = None,
) -> Saved:
    """Add and remove tags on these customers, as one operation."""
    subject = " ".join([*(f"+{tag}" for tag in add), *(f"-{tag}" for tag in remove)])

    def change(act: Operation, part: Sequence[int]) -> None:
        add_and_remove_tags(act, part, add=add, remove=remove)

    return Saved(_change_many(workspace, "customer.tag", subject, customers, change, progress), tuple(customers))


def archive(
    workspace: Workspace, customers: Sequence[int], *, restore: bool = False, progress: "Progress | None" = None
) -> Saved:
    """Take customers out of the lists (or back into them); nothing is removed."""
    kind = "customer.unarchive" if restore else "customer.archive"

    def change(act: Operation, part: Sequence[int]) -> None:
        for customer in part:
            try:
                act.update("customers", customer, {"archived_at": None if restore else act.at})
            except KeyError:
                raise _gone(customer) from None

    subject = _subject(workspace, customers)
    return Saved(_change_many(workspace, kind, subject, customers, change, progress), tuple(customers))


def delete(workspace: Workspace, customers: Sequence[int]) -> Saved:
    """Remove customers with everything that belongs to them; undo brings all of it back."""
    with operation(
        workspace.database, "customer.delete", subject=_subject(workspace, customers), actor=workspace.actor
    ) as act:
        for customer in customers:
            if read_version(act.connection, customer) is None:
                raise _gone(customer)
            delete_customer_rows(act, customer)
        act.count = len(customers)
    return Saved(act.id, tuple(customers))


def insert_customer(act: Operation, intake: Intake) -> int:
    """Put a new customer into an operation; returns its id."""
    columns = dict(intake.columns)
    if intake.custom:
        columns["custom"] = json.dumps(intake.custom, ensure_ascii=False)
    if columns.get("company") and columns.get("kind") == "person":
        columns["company_id"] = find_company(act.connection, str(columns["company"]))
    customer = act.insert("customers", columns)
    kinds: set[str] = set()
    for point in intake.points:
        act.insert("contact_points", _point_row(customer, point, primary=point.kind not in kinds))
        kinds.add(point.kind)
    for address in intake.addresses:
        act.insert("addresses", {"customer_id": customer, **address})
    for tag in intake.tags:
        act.insert("customer_tags", {"customer_id": customer, "tag_id": tag_id(act, tag)})
    if intake.external:
        set_external_ids(act, customer, intake.external)
    return customer


def apply_intake(act: Operation, customer: int, intake: Intake, *, replace: set[str]) -> None:
    """Write an intake over an existing customer; only the fields named in ``replace`` are touched."""
    columns = dict(intake.columns)
    if columns.get("name") and replace.isdisjoint({"family_name", "given_name"}):
        columns |= _name_parts(read_row(act.connection, "customers", customer) or {}, columns)
    if intake.custom or any(key not in BY_KEY for key in replace):
        row = read_row(act.connection, "customers", customer) or {}
        custom = json.loads(str(row["custom"])) if row.get("custom") else {}
        for key in replace:
            if key not in BY_KEY:
                custom.pop(key.removeprefix("custom."), None)
        custom |= intake.custom
        columns["custom"] = json.dumps(custom, ensure_ascii=False) if custom else None
    if "company" in columns:
        columns["company_id"] = find_company(act.connection, str(columns["company"])) if columns["company"] else None
        if columns["company_id"] == customer:
            columns["company_id"] = None
    if columns:
        act.update("customers", customer, columns)
    for key in replace:
        field = BY_KEY.get(key)
        if field is not None and field.place == "point":
            kinds = {field.part} if field.key != "messaging" else {point.kind for point in intake.points}
            set_points(act, customer, kinds, [point for point in intake.points if point.kind in kinds])
    if intake.address:
        set_address(act, customer, intake.address)
    if "tags" in replace:
        set_tags(act, customer, exactly=intake.tags)
    if intake.external:
        set_external_ids(act, customer, intake.external)


def _name_parts(row: Mapping[str, object], columns: Mapping[str, object]) -> dict[str, object]:
    """Family and given name for a changed name, when the stored ones came from the old name; typed ones stay."""
    old, new = split_name(str(row.get("name") or "")), split_name(str(columns["name"]))
    stored = (row.get("family_name") or "", row.get("given_name") or "")
    if stored != (old.family, old.given) or (columns.get("kind") or row.get("kind")) == "company":
        return {}
    return {"family_name": new.family or None, "given_name": new.given or None}


def _point_row(customer: int, point: Point, *, primary: bool) -> dict[str, object]:
    return {
        "customer_id": customer,
        "kind": point.kind,
        "value": point.value,
        "normalised": point.normalised,
        "label": point.label,
        "is_primary": int(primary) or None,
    }


def read_custom(connection: Connection, intake: Intake) -> Intake:
    """``intake`` with its custom values read by the types of their fields."""
    if not intake.custom:
        return intake
    from crmtui.domain.custom_values import read_custom_values
    from crmtui.storage.definitions import custom_fields

    return read_custom_values(custom_fields(connection), intake)


def _change_many(
    workspace: Workspace,
    kind: str,
    subject: str,
    customers: Sequence[int],
    change: Callable[[Operation, Sequence[int]], None],
    progress: "Progress | None",
) -> int:
    from crmtui.services.many import change_many  # what can take it back is not loaded for every look-up

    return change_many(workspace, kind, subject, customers, change, progress)


def _refuse(intake: Intake) -> None:
    for issue in intake.issues:
        if issue.rejects:
            raise InvalidValue(
                issue.text(), field=issue.field, hint=_("Give at least a name, a company, a phone or an e-mail")
            )


def _name_of(workspace: Workspace, customer_id: int) -> str:
    name = names_of(workspace.database.writer, [customer_id]).get(customer_id)
    if name is None:
        raise _gone(customer_id)
    return name


def _subject(workspace: Workspace, customers: Sequence[int]) -> str:
    return _name_of(workspace, customers[0]) if len(customers) == 1 else ""


def _gone(customer_id: int) -> NotFound:
    return NotFound(
        _("there is no customer {id} (any more)").format(id=customer_id), hint=_("crmtui history shows who removed it")
    )
