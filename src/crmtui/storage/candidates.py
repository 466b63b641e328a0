"""Which customers a condition can be true of, from indexes alone: what makes the first page of a rare find quick.

Words, tags, cities, stages and owners are answered without reading a customer. What remains of the query is asked of those
that are found, in the order of the list, until a page is full.
"""

from collections.abc import Callable
from datetime import datetime

from crmtui.domain.query import Both, Filter, Node, Not, Words
from crmtui.domain.search_words import match_expression
from crmtui.light_typing import NamedTuple
from crmtui.storage.driver import Connection
from crmtui.storage.words import may_be_number

_MOST = 60_000  # customers of one condition that are listed; one that more of them meet is asked of the others' finds
_MOST_FOUND = 200_000  # of words: asking the search index about each customer would take longer than listing them

_SEVERAL_VALUES = 5_000  # different cities, stages … that are compared with the one that is looked for


class Candidates(NamedTuple):
    """Ids that meet the conditions answered so far, and the SQL condition (with parameters) of the others; "" for none."""

    ids: set[int]
    rest: str
    parameters: tuple[object, ...]


def find_candidates(connection: Connection, node: Node, actor: str, now: datetime) -> Candidates | None:
    """The candidates for a query; None when no condition of it is rare enough, or known to an index."""
    from crmtui.storage.conditions import compile_node

    ids: set[int] | None = None
    rest: list[Node] = []
    for part in node.nodes if isinstance(node, Both) else (node,):
        found = _listed(connection, part, actor)
        if found is None:
            rest.append(part)
        else:
            ids = found if ids is None else ids & found
            if not ids:
                return Candidates(set(), "", ())
    if ids is None:
        return None
    if not rest:
        return Candidates(ids, "", ())
    sql, parameters = compile_node(Both(tuple(rest)) if len(rest) > 1 else rest[0], actor, now)
    return Candidates(ids, sql, tuple(parameters))


def _listed(connection: Connection, part: Node, actor: str) -> set[int] | None:
    if isinstance(part, Words):
        expression = match_expression(part.text)
        if expression is None or may_be_number(part.text):
            return None
        return _ids(connection, "SELECT rowid FROM search WHERE search MATCH ?", (expression,), _MOST_FOUND)
    if isinstance(part, Not) or not isinstance(part, Filter) or part.operator != "=":
        return None
    listing = _LISTINGS.get(part.field)
    if listing is None or "none" in part.values:
        return None
    values = tuple(actor if value.casefold() in ("me", "我") else value for value in part.values)
    return listing(connection, values if part.field == "owner" else part.values)


def _by_tag(connection: Connection, values: tuple[str, ...]) -> set[int] | None:
    marks = ",".join("?" * len(values))
    tags = [row[0] for row in connection.execute(f"SELECT id FROM tags WHERE name COLLATE NOCASE IN ({marks})", values)]
    marks = ",".join("?" * len(tags))
    return _ids(connection, f"SELECT customer_id FROM customer_tags WHERE tag_id IN ({marks})", tuple(tags))


def _by_city(connection: Connection, values: tuple[str, ...]) -> set[int] | None:
    cities = _different(connection, "addresses", "city")
    if cities is None:
        return None
    cities = [city for city in cities if any(_ascii_lower(value) in _ascii_lower(city) for value in values)]
    marks = ",".join("?" * len(cities))
    return _ids(connection, f"SELECT customer_id FROM addresses WHERE city IN ({marks})", tuple(cities))


def _by_column(column: str) -> Callable[[Connection, tuple[str, ...]], set[int] | None]:
    def listing(connection: Connection, values: tuple[str, ...]) -> set[int] | None:
        wanted = {_ascii_lower(value) for value in values}
        stored = _different(connection, "customers", column)
        if stored is None:
            return None
        stored = [value for value in stored if _ascii_lower(value) in wanted]
        marks = ",".join("?" * len(stored))
        return _ids(connection, f"SELECT id FROM customers WHERE {column} IN ({marks})", tuple(stored))

    return listing


def _by_batch(connection: Connection, values: tuple[str, ...]) -> set[int] | None:
    from crmtui.storage.batches import batch_listing

    listing = batch_listing(connection, values, _MOST)
    return _ids(connection, listing[0], tuple(listing[1])) if listing is not None else None


_LISTINGS: dict[str, Callable[[Connection, tuple[str, ...]], set[int] | None]] = {
    "batch": _by_batch,
    "tags": _by_tag,
    "city": _by_city,
    "stage": _by_column("stage"),
    "owner": _by_column("owner"),
}


def _different(connection: Connection, table: str, column: str) -> list[str] | None:
    """The different values of an indexed column, one step of the index each; None when there are very many."""
    rows = connection.execute(
        f"WITH RECURSIVE found(value) AS (SELECT min({column}) FROM {table} WHERE {column} IS NOT NULL UNION ALL"
        f" SELECT (SELECT min({column}) FROM {table} WHERE {column} > value) FROM found WHERE value IS NOT NULL LIMIT ?)"
        " SELECT value FROM found WHERE value IS NOT NULL",
        (_SEVERAL_VALUES + 1,),
    ).fetchall()
    return None if len(rows) > _SEVERAL_VALUES else [row[0] for row in rows]


def _ids(connection: Connection, sql: str, parameters: tuple[object, ...], most: int = _MOST) -> set[int] | None:
    """The ids that a statement finds; None when they are more than ``most``."""
    counted = f"SELECT count(*) FROM ({sql} LIMIT {most + 1})"
    if connection.execute(counted, parameters).fetchone()[0] > most:
        return None
    joined = f"WITH found(id) AS ({sql}) SELECT group_concat(id) FROM found"
    text = connection.execute(joined, parameters).fetchone()[0]  # one text: much quicker than so many rows
    return set(map(int, text.split(","))) if text else set()


def _ascii_lower(text: str) -> str:
    """``text`` as NOCASE and LIKE compare it: only the letters A to Z are levelled."""
    return text.translate(_LOWER)


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
