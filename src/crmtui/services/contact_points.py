"""One contact point at a time: add, correct, label, order, mark as bounced or wrong, put aside. Each is one undoable operation.

Of each kind, one comes first: the one a list shows and a call uses. A contact point that bounced, is wrong or was put aside never does,
but is still found.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from crmtui.domain.fields import BY_KEY, MESSAGING_KINDS, POINT_STATE_LABELS
from crmtui.domain.intake import Issue, Piece, Point, read_pieces
from crmtui.errors import InvalidValue, NotFound
from crmtui.i18n import _
from crmtui.services.record import Saved
from crmtui.services.workspace import Workspace
from crmtui.storage.contact_points import ContactPoint, read_point, read_points
from crmtui.storage.customers import names_of
from crmtui.storage.journal import Operation, operation
from crmtui.storage.rows import read_row

__all__ = ["KINDS", "ContactPoint", "read_point", "read_points"]

KINDS = ("phone", "email", *MESSAGING_KINDS, "url")
_FIELDS = {field.part: field.key for field in BY_KEY.values() if field.place == "point" and field.key != "messaging"}


def add_point(
    workspace: Workspace, customer: int, kind: str, value: str, *, label: str = "", first: bool = False
) -> Saved:
    """Add a contact point; ``first`` makes it the one of its kind that comes first.

    An alternate of this value is taken into use again, a value that is there already changes nothing. Raises InvalidValue for an empty
    value or a kind that is none, NotFound for a customer that is gone.
    """
    point, issues = _read(workspace, kind, value, label)
    with _act(workspace, "point.add", customer) as act:
        known = _same(act, customer, point)
        if known is None:
            row = act.insert("contact_points", {"customer_id": customer, **_columns(point)})
        else:
            row = known.id
            wanted: dict[str, object] = {"is_alternate": None}
            if label:
                wanted["label"] = label
            act.update("contact_points", row, wanted)
        settle_first(act, customer, point.kind, row if first else None)
    return Saved(act.id, (customer,), tuple(issues))


def edit_point(
    workspace: Workspace,
    point_id: int,
    *,
    value: str | None = None,
    label: str | None = None,
    keep_old: bool = False,
) -> Saved:
    """Correct a value or its label ("" clears it). A new value is taken to work until it proves otherwise.

    ``keep_old`` keeps the value before as an alternate, by which the customer is still found.
    """
    point = _existing(workspace, point_id)
    issues: list[Issue] = []
    values: dict[str, object] = {}
    if value is not None:
        fresh, issues = _read(workspace, point.kind, value, "")
        if fresh.value != point.value:
            values |= {"value": fresh.value, "normalised": fresh.normalised, "state": None}
    if label is not None:
        values["label"] = label.strip() or None
    with _act(workspace, "point.edit", point.customer_id) as act:
        if values:
            act.update("contact_points", point_id, values)
        if keep_old and "value" in values:
            old = {"value": point.value, "normalised": point.normalised, "label": point.label, "is_alternate": 1}
            act.insert("contact_points", {"customer_id": point.customer_id, "kind": point.kind, **old})
        settle_first(act, point.customer_id, point.kind)
    return Saved(act.id, (point.customer_id,), tuple(issues))


def set_state(workspace: Workspace, point_id: int, state: str) -> Saved:
    """Say that a contact point works (``ok``), that mail to it ``bounced``, or that it is ``wrong``: those never come first."""
    if state not in POINT_STATE_LABELS:
        raise InvalidValue(
            _("{value} is no state of a contact point").format(value=state),
            field="state",
            hint=", ".join(POINT_STATE_LABELS),
        )
    point = _existing(workspace, point_id)
    with _act(workspace, "point.state", point.customer_id) as act:
        act.update("contact_points", point_id, {"state": None if state == "ok" else state})
        settle_first(act, point.customer_id, point.kind)
    return Saved(act.id, (point.customer_id,))


def set_alternate(workspace: Workspace, point_id: int, *, alternate: bool = True) -> Saved:
    """Put a contact point aside as an old value by which the customer is still found, or take it into use again."""
    point = _existing(workspace, point_id)
    with _act(workspace, "point.alternate", point.customer_id) as act:
        act.update("contact_points", point_id, {"is_alternate": 1 if alternate else None})
        settle_first(act, point.customer_id, point.kind)
    return Saved(act.id, (point.customer_id,))


def remove_point(workspace: Workspace, point_id: int) -> Saved:
    """Remove a contact point; undo brings it back."""
    point = _existing(workspace, point_id)
    with _act(workspace, "point.remove", point.customer_id) as act:
        act.delete("contact_points", point_id)
        settle_first(act, point.customer_id, point.kind)
    return Saved(act.id, (point.customer_id,))


def make_first(workspace: Workspace, point_id: int) -> Saved:
    """Let this contact point come first of its kind. Raises InvalidValue when it bounced, is wrong or was put aside."""
    point = _existing(workspace, point_id)
    if point.state != "ok" or point.alternate:
        raise InvalidValue(
            _("{value} cannot come first: {state}").format(
                value=point.value, state=_("put aside") if point.alternate else _(POINT_STATE_LABELS[point.state])
            ),
            field=_FIELDS.get(point.kind, "messaging"),
            hint=_("Say first that it works"),
        )
    with _act(workspace, "point.order", point.customer_id) as act:
        settle_first(act, point.customer_id, point.kind, point_id)
    return Saved(act.id, (point.customer_id,))


def reorder_points(workspace: Workspace, customer: int, order: Sequence[int]) -> Saved:
    """Put the contact points of one kind in this order (ids, all those in use). Raises InvalidValue when they are not those."""
    with _act(workspace, "point.order", customer) as act:
        points = {point.id: point for point in read_points(act.connection, customer) if not point.alternate}
        kinds = {points[each].kind for each in order if each in points}
        kind = next(iter(kinds), "")
        if len(kinds) != 1 or sorted(order) != sorted(each for each in points if points[each].kind == kind):
            raise InvalidValue(_("these are not the contact points of one kind"), field="order")
        put_in_order(act, customer, kind, order)
    return Saved(act.id, (customer,))


def put_in_order(act: Operation, customer: int, kind: str, order: Sequence[int]) -> None:
    """Bring the contact points of one kind (ids, all those in use) into an order, the first one first if it works."""
    settle_first(act, customer, kind, order[0] if order else None)
    last = 0
    for each in order[1:]:
        if each > last:
            last = each
            continue
        # They are shown in the order they came: one that moves down comes again.
        row = read_row(act.connection, "contact_points", each) or {}
        act.delete("contact_points", each)
        last = act.insert("contact_points", row)


def _read(workspace: Workspace, kind: str, value: str, label: str) -> tuple[Point, list[Issue]]:
    """The contact point that a value of a kind is, with what is wrong with it."""
    if kind not in KINDS:
        from difflib import get_close_matches

        near = next(iter(get_close_matches(kind.casefold(), KINDS, 1, 0.5)), "")
        raise InvalidValue(
            _("{value} is no kind of contact point").format(value=kind),
            field="kind",
            hint=_("Did you mean {near}?").format(near=near) if near else ", ".join(KINDS),
        )
    key = _FIELDS.get(kind, "messaging")
    text = value.strip()
    if key == "messaging" and ":" not in text:
        text = f"{kind}:{text}" if text else ""
    intake = read_pieces([Piece(key, label, text)], region=workspace.region)
    points = [point for point in intake.points if point.value]
    if len(points) != 1 or any(issue.rejects for issue in intake.issues):
        raise InvalidValue(
            _("one contact point at a time, please") if points else _("a contact point needs a value"), field=key
        )
    return points[0]._replace(kind=kind, label=label.strip() or points[0].label), intake.issues


def _columns(point: Point) -> dict[str, object]:
    return {"kind": point.kind, "value": point.value, "normalised": point.normalised, "label": point.label}


def _same(act: Operation, customer: int, point: Point) -> ContactPoint | None:
    wanted = point.normalised or point.value
    points = read_points(act.connection, customer, point.kind)
    return next((each for each in points if (each.normalised or each.value) == wanted), None)


def settle_first(act: Operation, customer: int, kind: str, wanted: int | None = None) -> None:
    """Let exactly one of a kind that works come first: the one wanted, else the one that does, else the oldest; none when none works."""
    points = read_points(act.connection, customer, kind)
    usable = [point for point in points if point.state == "ok" and not point.alternate]
    first = next((point.id for point in usable if point.id == wanted), usable[0].id if usable else None)
    for point in points:
        if point.primary != (point.id == first):
            act.update("contact_points", point.id, {"is_primary": 1 if point.id == first else None})


def _existing(workspace: Workspace, point_id: int) -> ContactPoint:
    point = read_point(workspace.database.writer, point_id)
    if point is None:
        raise NotFound(_("there is no contact point {id} (any more)").format(id=point_id))
    return point


@contextmanager
def _act(workspace: Workspace, kind: str, customer: int) -> Iterator[Operation]:
    """One operation about a customer. Raises NotFound when the customer or the contact point is gone."""
    name = names_of(workspace.database.writer, [customer]).get(customer)
    if name is None:
        raise NotFound(_("there is no customer {id} (any more)").format(id=customer))
    with operation(workspace.database, kind, subject=name, actor=workspace.actor) as act:
        try:
            yield act
        except KeyError:
            raise NotFound(_("the contact point is gone: somebody removed it meanwhile")) from None
