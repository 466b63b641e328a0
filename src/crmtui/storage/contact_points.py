"""Reading contact points one by one, with their state and the alternates."""

from typing import NamedTuple

from crmtui.storage.driver import Connection

_COLUMNS = "id, customer_id, kind, value, normalised, label, coalesce(is_primary, 0), coalesce(state, 'ok'), coalesce(is_alternate, 0)"
# The order in which they are shown: by kind, old values last, the first one first, then as they came.
_ORDER = "CASE kind WHEN 'phone' THEN 0 WHEN 'email' THEN 1 WHEN 'url' THEN 3 ELSE 2 END, kind, coalesce(is_alternate, 0), coalesce(is_primary, 0) DESC, id"


class ContactPoint(NamedTuple):
    """A phone, an e-mail address, an id in a messaging service or a web address.

    ``state`` is ``ok``, ``bounced`` or ``wrong``; an alternate is an old value: searched for, but no longer used.
    """

    id: int
    customer_id: int
    kind: str
    value: str
    normalised: str | None
    label: str | None
    primary: bool
    state: str
    alternate: bool


def read_point(connection: Connection, point_id: int) -> ContactPoint | None:
    """One contact point, or None."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM contact_points WHERE id = ?", (point_id,)).fetchone()
    return _point(row) if row else None


def read_points(connection: Connection, customer_id: int, kind: str | None = None) -> list[ContactPoint]:
    """Every contact point of a customer, or those of one kind, alternates too, in the order they are shown."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM contact_points WHERE customer_id = ?1 AND (?2 IS NULL OR kind = ?2) ORDER BY {_ORDER}",
        (customer_id, kind),
    )
    return [_point(row) for row in rows]


def _point(row: tuple[object, ...]) -> ContactPoint:
    *values, primary, state, alternate = row
    return ContactPoint._make([*values, bool(primary), state, bool(alternate)])
