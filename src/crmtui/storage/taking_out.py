"""Reading for exports: how many columns a table of customers needs, and the records beside customers in pages."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from crmtui.storage.driver import Connection

_PAGE = 1000

#: What each kind of records says, as columns of its table, in the order in which people read them.
RECORDS: dict[str, tuple[str, ...]] = {
    "interactions": ("kind", "at", "utc_offset", "minutes", "direction", "subject", "body", "outcome", "actor"),
    "transactions": ("kind", "at", "number", "amount", "currency", "status", "items", "note"),
    "deals": (
        "title",
        "stage",
        "amount",
        "currency",
        "probability",
        "expected_close",
        "owner",
        "created_at",
        "closed_at",
        "note",
    ),
    "tasks": ("text", "due_at", "done_at", "snoozed_until", "owner", "created_at"),
}


class Extent(NamedTuple):
    """What a table of customers must have room for.

    ``most``: the largest number a customer has of ``phone``, ``email``, ``url``, ``messaging`` (all services) and ``tag``;
    ``numbered``: those of which a list in one cell would not say everything, as some have a label or hold a separator;
    ``details``: which details they have, as (``phone``, ``label``).
    """

    most: dict[str, int]
    numbered: set[str]
    details: set[tuple[str, str]]
    addresses: int
    address_labels: bool


_GROUP = "CASE WHEN kind IN ('phone', 'email', 'url') THEN kind ELSE 'messaging' END"
_IN_USE = "coalesce(is_alternate, 0) = 0"
# What an import takes for a list, or for the service of an account, or a label, when it stands in one cell with others.
_SEPARATORS = (";；,，、|/\r\n", ";\r\n", ";:\r\n")  # of phones and e-mails, websites, accounts
_TAG_SEPARATORS = "[;；,，、|\r\n]"


def extent(connection: Connection) -> Extent:
    """How many columns of which kind are needed for all customers of the file."""
    rows = connection.execute(
        "SELECT part, max(n), max(labelled), max(stated), max(listed) FROM"
        f" (SELECT {_GROUP} AS part, count(*) AS n, max(label IS NOT NULL) AS labelled, max(state IS NOT NULL) AS stated,"
        " max(value GLOB CASE kind WHEN 'phone' THEN ?1 WHEN 'email' THEN ?1 WHEN 'url' THEN ?2 ELSE ?3 END) AS listed"
        f" FROM contact_points WHERE {_IN_USE} GROUP BY customer_id, 1) GROUP BY part",
        tuple(f"*[{signs}]*" for signs in _SEPARATORS),
    ).fetchall()
    most = {row[0]: int(row[1]) for row in rows}
    most["tag"] = _most(connection, "customer_tags")
    details = {(row[0], detail) for row in rows for detail, has in (("label", row[2]), ("state", row[3])) if has}
    numbered = {row[0] for row in rows if any(row[2:])}
    if connection.execute("SELECT EXISTS (SELECT 1 FROM tags WHERE name GLOB ?)", (f"*{_TAG_SEPARATORS}*",)).fetchone()[
        0
    ]:
        numbered.add("tag")
    labels = connection.execute("SELECT EXISTS (SELECT 1 FROM addresses WHERE label IS NOT NULL)").fetchone()[0]
    return Extent(most, numbered, details, _most(connection, "addresses"), bool(labels))


def _most(connection: Connection, table: str) -> int:
    row = connection.execute(f"SELECT max(n) FROM (SELECT count(*) AS n FROM {table} GROUP BY customer_id)").fetchone()
    return int(row[0] or 0)


def records_of(
    connection: Connection, table: str, customers: Mapping[int, object] | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of one kind of records in the order of their ids, with ``customer`` and ``company`` by name.

    ``customers`` narrows them to those of these customers; a task without a customer is then left out.
    """
    columns = RECORDS[table]
    own = ", ".join(f"r.{column}" for column in columns)
    query = (
        f"SELECT r.id, r.customer_id, c.name, c.company, {own} FROM {table} r LEFT JOIN customers c ON c.id = r.customer_id"
        f" WHERE r.id > ? ORDER BY r.id LIMIT {_PAGE}"
    )
    names = ("id", "customer_id", "customer", "company", *columns)
    last = 0
    while rows := connection.execute(query, (last,)).fetchall():
        last = rows[-1][0]
        for row in rows:
            if customers is None or row[1] in customers:
                yield dict(zip(names, row, strict=True))


def count_records(connection: Connection, table: str) -> int:
    """How many records of a kind there are."""
    assert table in RECORDS
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
