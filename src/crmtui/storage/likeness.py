"""Finding customers that share a contact point or a name with one that is being typed. Every query is by index and bounded."""

from collections.abc import Collection
from typing import NamedTuple

from crmtui.storage.driver import Connection

_LOOKED_AT = 64  # a switchboard number may belong to thousands: the first few are enough to warn


class SharedPoint(NamedTuple):
    """A customer that has a contact point: which kind, and the value they share."""

    customer_id: int
    kind: str
    normalised: str


def with_points(connection: Connection, points: Collection[tuple[str, str]], limit: int) -> list[SharedPoint]:
    """Customers in the lists that have one of these (kind, normalised value), oldest first, each once."""
    found: dict[int, SharedPoint] = {}
    for kind, normalised in points:
        rows = connection.execute(
            "SELECT customer_id FROM (SELECT customer_id FROM contact_points WHERE normalised = ? AND kind = ? LIMIT ?)"
            " WHERE EXISTS (SELECT 1 FROM customers WHERE id = customer_id AND archived_at IS NULL) ORDER BY 1 LIMIT ?",
            (normalised, kind, _LOOKED_AT, limit),
        )
        for (customer,) in rows:
            found.setdefault(customer, SharedPoint(customer, kind, normalised))
    return list(found.values())[:limit]


def with_sort_name(connection: Connection, sort_name: str, limit: int) -> list[int]:
    """Customers in the lists with exactly this sort key, oldest first."""
    rows = connection.execute(
        "SELECT id FROM customers WHERE archived_at IS NULL AND sort_name = ? ORDER BY id LIMIT ?", (sort_name, limit)
    )
    return [customer for (customer,) in rows]


def in_lists(connection: Connection, customers: Collection[int]) -> list[int]:
    """Those of these customers that are not archived, in the order given."""
    marks = ",".join("?" * len(customers))
    sql = f"SELECT id FROM customers WHERE archived_at IS NULL AND id IN ({marks})"
    live = {row[0] for row in connection.execute(sql, tuple(customers))}
    return [customer for customer in customers if customer in live]
