"""Counting the values of a field over many customers, in pieces: each piece is one query that can be stopped after.

The values of a piece come as one text put together by the database: sorting a million of them there, or fetching them one by one, takes
three times as long.
"""

import json
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from crmtui.storage.driver import Connection

_STEP = 20_000
_IDS = 5_000
_SEPARATOR = "\x1f"


class Source(NamedTuple):
    """Where the values of a field are: an expression over a table with its parameters; ``owner`` is the column with the customer."""

    table: str
    owner: str
    expression: str
    parameters: tuple[str, ...] = ()
    condition: str = "1"


class Tally(NamedTuple):
    """How often each value occurs, how many customers there are, and how many of them have a value."""

    counts: "Counter[str]"
    customers: int
    with_value: int


def tally(
    connection: Connection, source: Source, ids: "array[int] | None", interrupted: Callable[[], bool]
) -> Tally | None:
    """Count the values over these customers, or over all that are not archived (None). None when it was interrupted."""
    counts: Counter[str] = Counter()
    customers = with_value = 0
    for span, parameters, size in _pieces(connection, source, ids):
        if interrupted():
            return None
        joined, number, owners, rows = _piece(connection, source, span, parameters)
        if size < 0:
            size = rows if source.table == "customers" else _live(connection, parameters)
        customers += size
        with_value += owners
        if joined:
            values = joined.split(_SEPARATOR)
            if len(values) != number:  # a value holds the separator itself
                values = _one_by_one(connection, source, span, parameters)
            counts.update(values)
    return Tally(counts, customers, with_value)


def _pieces(
    connection: Connection, source: Source, ids: "array[int] | None"
) -> Iterator[tuple[str, tuple[object, ...], int]]:
    """Conditions on the customers of each piece, with their parameters and the number of customers (-1: to be counted)."""
    if ids is not None:
        for start in range(0, len(ids), _IDS):
            part = ids[start : start + _IDS]
            condition = f"{source.table}.{source.owner} IN (SELECT value FROM json_each(?))"
            yield condition, (json.dumps(part.tolist()),), len(part)
        return
    low, high = connection.execute("SELECT (SELECT min(id) FROM customers), (SELECT max(id) FROM customers)").fetchone()
    if low is None:
        return
    archived = connection.execute("SELECT 1 FROM customers WHERE archived_at IS NOT NULL LIMIT 1").fetchone()
    condition = f"{source.table}.{source.owner} BETWEEN ? AND ?"
    if source.table == "customers":
        condition += " AND customers.archived_at IS NULL"
    elif archived:
        condition += (
            f" AND {source.table}.{source.owner} NOT IN (SELECT id FROM customers WHERE archived_at IS NOT NULL)"
        )
    for start in range(low, high + 1, _STEP):
        yield condition, (start, start + _STEP - 1), -1


def _piece(
    connection: Connection, source: Source, span: str, parameters: tuple[object, ...]
) -> tuple[str | None, int, int, int]:
    """The values of a piece as one text, how many they are, how many customers have one, and how many rows were looked at."""
    value = f"nullif({source.expression}, '')"
    values = (*source.parameters, *source.parameters, *parameters)
    if source.table == "customers":
        sql = f"SELECT group_concat({value}, char(31)), count({value}), count(*) FROM customers WHERE {span}"
        joined, number, rows = connection.execute(sql, values).fetchone()
        return joined, number, number, rows
    rows_of = f"FROM {source.table} WHERE {span} AND {source.condition}"
    owner = f"{source.table}.{source.owner}"
    joined, number, rows, all_rows = connection.execute(
        f"SELECT group_concat({value}, char(31)), count({value}), count(DISTINCT {owner}), count(*) {rows_of}", values
    ).fetchone()
    if number == rows == all_rows:
        return joined, number, number, rows  # one row a customer: none can have a value twice
    # A customer that has a value twice has it once.
    found = connection.execute(
        "SELECT group_concat(value, char(31)), count(value), count(DISTINCT owner) FROM"
        f" (SELECT DISTINCT {owner} AS owner, {value} AS value {rows_of} AND {value} IS NOT NULL)",
        (*source.parameters, *parameters, *source.parameters),
    ).fetchone()
    return found[0], found[1], found[2], rows


def _one_by_one(connection: Connection, source: Source, span: str, parameters: tuple[object, ...]) -> list[str]:
    expression = source.expression
    rows = connection.execute(
        f"SELECT DISTINCT {source.table}.{source.owner}, {expression} FROM {source.table}"
        f" WHERE {span} AND {source.condition} AND coalesce({expression}, '') <> ''",
        (*source.parameters, *parameters, *source.parameters),
    )
    return [str(row[1]) for row in rows]


def _live(connection: Connection, parameters: tuple[object, ...]) -> int:
    found: int = connection.execute(
        "SELECT count(*) FROM customers WHERE id BETWEEN ? AND ? AND archived_at IS NULL", parameters
    ).fetchone()[0]
    return found
