"""What one operation did, in pages: its changed rows with the customers they belong to, and the ranges it inserted."""

import json
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crmtui.storage.customers import names_of
from crmtui.storage.driver import Connection
from crmtui.storage.journal import Values
from crmtui.storage.schema import CUSTOMER_COLUMN

_CHUNK = 4096


class ChangedRow(NamedTuple):
    """A row as an operation changed it. ``before`` is None for a row it made, ``after`` for one it removed.

    ``customer`` is the name of the customer the row belongs to, as it is now; empty when there is none (any more).
    """

    change_id: int
    table: str
    row_id: int
    customer: str
    before: Values | None
    after: Values | None


def operation_ids(connection: Connection) -> Iterator["array[int]"]:
    """The ids of all operations, newest first, in chunks."""
    cursor = connection.execute("SELECT id FROM operations ORDER BY id DESC")
    while rows := cursor.fetchmany(_CHUNK):
        yield array("q", [row[0] for row in rows])


def count_changed_rows(connection: Connection, operation_id: int) -> int:
    """How many single changes an operation has in the journal; rows of inserted ranges do not count."""
    found: int = connection.execute("SELECT count(*) FROM changes WHERE operation_id = ?", (operation_id,)).fetchone()[
        0
    ]
    return found


def changed_rows(connection: Connection, operation_id: int, *, after: int = 0, limit: int = 200) -> list[ChangedRow]:
    """The changes of an operation in the order they were made, from the one after change ``after`` on.

    Where a change names a tag by its id, the values hold its name under ``tag`` instead.
    """
    rows = connection.execute(
        "SELECT id, table_name, row_id, before, after FROM changes WHERE operation_id = ? AND id > ? ORDER BY id LIMIT ?",
        (operation_id, after, limit),
    ).fetchall()
    parsed = [(row[0], row[1], row[2], _values(row[3]), _values(row[4])) for row in rows]
    owners = _owners(connection, parsed)
    names = names_of(connection, set(owners.values())) if owners else {}
    _name_tags(connection, [values for row in parsed for values in row[3:] if values])
    return [ChangedRow(row[0], row[1], row[2], names.get(owners.get(row[0], 0), ""), row[3], row[4]) for row in parsed]


def inserted_counts(connection: Connection, operation_id: int) -> dict[str, int]:
    """How many rows a mass insert made, by table; rows removed since count as well."""
    return dict(
        connection.execute(
            "SELECT table_name, sum(last_id - first_id + 1) FROM inserted_ranges WHERE operation_id = ?"
            " GROUP BY table_name ORDER BY min(id)",
            (operation_id,),
        )
    )


_Parsed = tuple[int, str, int, Values | None, Values | None]


def _values(text: str | None) -> Values | None:
    if text is None:
        return None
    values: Values = json.loads(text)
    return values


def _owners(connection: Connection, rows: Sequence[_Parsed]) -> dict[int, int]:
    """The customer each change belongs to, by change id."""
    owners: dict[int, int] = {}
    for change_id, table, row_id, before, after in rows:
        column = CUSTOMER_COLUMN.get(table)
        if table == "customers":
            owners[change_id] = row_id
        elif column is not None:
            owner = (after or {}).get(column) or (before or {}).get(column)
            if owner is None:
                found = connection.execute(f"SELECT {column} FROM {table} WHERE id = ?", (row_id,)).fetchone()
                owner = found[0] if found else None
            if isinstance(owner, int):
                owners[change_id] = owner
    return owners


def _name_tags(connection: Connection, values: Sequence[Values]) -> None:
    for entry in values:
        tag = entry.pop("tag_id", None)
        if tag is not None:
            found = connection.execute("SELECT name FROM tags WHERE id = ?", (tag,)).fetchone()
            entry["tag"] = found[0] if found else f"#{tag}"
