"""Relations between customers: set, changed and taken away from either side. Each function is one undoable operation."""

from crmtui.domain.relations import inverse_of, kind_of_role, role_label
from crmtui.errors import InvalidValue, NotFound
from crmtui.i18n import _
from crmtui.services.record import Saved
from crmtui.services.workspace import Workspace
from crmtui.storage.customers import names_of
from crmtui.storage.journal import operation
from crmtui.storage.relations import RelatedCustomer, related
from crmtui.storage.rows import read_row

__all__ = ["RelatedCustomer", "edit_relation", "relate", "related", "role_label", "unrelate"]


def relate(workspace: Workspace, customer: int, other: int, role: str, note: str = "") -> Saved:
    """Say that ``other`` is the ``role`` of ``customer``: ``spouse``, ``manager``, … or one's own ``mentor/mentee``.

    The other side shows the inverse. A relation that is there already (said from whichever side) only takes the note.
    """
    kind = _kind(role)
    names = names_of(workspace.database.writer, [customer, other])
    for each in (customer, other):
        if each not in names:
            raise NotFound(_("there is no customer {id} (any more)").format(id=each))
    if customer == other:
        raise InvalidValue(_("a customer cannot be related to itself"), field="relation")
    with operation(
        workspace.database, "relation.add", subject=f"{names[customer]} – {names[other]}", actor=workspace.actor
    ) as act:
        known = next(
            (each for each in related(act.connection, customer) if each.customer_id == other and each.kind == kind),
            None,
        )
        if known is None:
            act.insert("relations", {"from_id": customer, "to_id": other, "kind": kind, "note": note.strip() or None})
        elif note.strip():
            act.update("relations", known.relation_id, {"note": note.strip()})
    return Saved(act.id, (customer, other))


def edit_relation(
    workspace: Workspace, relation_id: int, customer: int, *, role: str | None = None, note: str | None = None
) -> Saved:
    """Change what the other one is to ``customer`` (one of the two), or the note ("" clears it)."""
    row = _existing(workspace, relation_id)
    values: dict[str, object] = {}
    if role is not None:
        kind = _kind(role)
        values["kind"] = kind if row["from_id"] == customer else inverse_of(kind)
    if note is not None:
        values["note"] = note.strip() or None
    with operation(workspace.database, "relation.edit", subject=_subject(workspace, row), actor=workspace.actor) as act:
        if values:
            act.update("relations", relation_id, values)
    return Saved(act.id, _both(row))


def unrelate(workspace: Workspace, relation_id: int) -> Saved:
    """Take a relation away, for both sides."""
    row = _existing(workspace, relation_id)
    with operation(
        workspace.database, "relation.remove", subject=_subject(workspace, row), actor=workspace.actor
    ) as act:
        act.delete("relations", relation_id)
    return Saved(act.id, _both(row))


def _kind(role: str) -> str:
    kind = kind_of_role(role)
    if not kind:
        raise InvalidValue(
            _("a relation needs a name"), field="relation", hint=_("For example: manager, or mentor/mentee")
        )
    return kind


def _existing(workspace: Workspace, relation_id: int) -> dict[str, object]:
    row = read_row(workspace.database.writer, "relations", relation_id)
    if row is None:
        raise NotFound(_("there is no relation {id} (any more)").format(id=relation_id))
    return row


def _both(row: dict[str, object]) -> tuple[int, ...]:
    return int(str(row["from_id"])), int(str(row["to_id"]))


def _subject(workspace: Workspace, row: dict[str, object]) -> str:
    names = names_of(workspace.database.writer, _both(row))
    return " – ".join(names.get(each, "") for each in _both(row))
