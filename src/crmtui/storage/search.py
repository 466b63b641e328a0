"""From a parsed query to customer ids: conditions in SQL, the search index, and the order of what is found."""

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from crmtui.domain.fields import BY_KEY
from crmtui.domain.folding import fold
from crmtui.domain.pinyin import matches_pinyin, query_keys
from crmtui.domain.query import Query, Words
from crmtui.domain.search_document import match_expression, name_prefix, spelled_name
from crmtui.storage.conditions import LAST, asks_archived, compile_node, may_be_number
from crmtui.storage.driver import Connection

CHUNK = 4096  # rows fetched in one go: a larger fetch holds the interpreter lock for longer than a frame
FIRST_PAGE = 64

_ALL = -1
_PIECE = 32_768  # characters of a text of ids that are read in one go, for the same reason

_SORT_COLUMNS = {field.sort for field in BY_KEY.values() if field.sort} | {"id"}
_MIXED_CANDIDATES = 2000
_FEW = 20_000  # up to here the names are fetched and sorted; above, the index by name is walked once
_NAMED = 300  # exact hits that are sorted by name at once
_PROBED = 4000
_TEXT_COLUMNS = frozenset({"company", "city", "owner", "stage"})


class Order(NamedTuple):
    """How a list is sorted: a column of ``customers``, or "" for the best match first (by name when nothing is searched)."""

    column: str = ""
    descending: bool = False


class Plan(NamedTuple):
    """A query made ready: ``words`` when it is nothing but words, and the SQL condition that says the same.

    ``live`` leaves archived customers out.
    """

    condition: str
    parameters: tuple[object, ...]
    words: str
    order: Order
    live: bool


def make_plan(query: Query, order: Order, *, actor: str = "", now: datetime | None = None) -> Plan:
    """The plan for ``query``; archived customers are left out unless the query asks for them."""
    if order.column and order.column not in _SORT_COLUMNS:
        raise ValueError(order.column)
    moment = now or datetime.now(UTC)
    words = query.node.text if isinstance(query.node, Words) else ""
    parts: list[str] = []
    parameters: list[object] = []
    if query.node is not None:
        sql, parameters = compile_node(query.node, actor, moment)
        parts.append(sql)
    live = not asks_archived(query.node)
    return Plan(" AND ".join(parts) or "1", tuple(parameters), words, order, live)


def first_ids(connection: Connection, plan: Plan, limit: int = FIRST_PAGE) -> list[int]:
    """The first ids of the list, as soon as can be: the same ones that ``all_ids`` begins with; fewer than ``limit`` are all."""
    if not _is_best_first(plan) and _is_filtered(plan) and _named_order(plan):
        found = _among_the_first(connection, plan, limit)
        if len(found) >= limit:
            return found
    found = []
    for chunk in all_ids(connection, plan, limit):
        found.extend(chunk)
        if len(found) >= limit:
            break
    return found[:limit]


def all_ids(connection: Connection, plan: Plan, limit: int = -1) -> Iterator["array[int]"]:
    """The ids of the list in its order, in chunks; ``limit`` (-1: none) lets the database stop early."""
    if _is_best_first(plan):
        yield from _best_first(connection, plan, limit)
    elif _is_filtered(plan) and _named_order(plan):
        yield from _filtered_by_name(connection, plan)
    elif plan.order.column == "last_interaction_at" and limit > 0 and not _is_filtered(plan):
        yield _by_last_contact(connection, plan, limit)
    else:
        yield from _sorted(connection, plan, limit)


def count(connection: Connection, plan: Plan) -> int:
    """How many customers the plan finds."""
    sql = f"SELECT count(*) FROM customers WHERE {_where(plan)}"
    return int(connection.execute(sql, plan.parameters).fetchone()[0])


def _is_best_first(plan: Plan) -> bool:
    return bool(plan.words) and not plan.order.column


def _is_filtered(plan: Plan) -> bool:
    return plan.condition != "1"


def _named_order(plan: Plan) -> bool:
    return plan.live and plan.order.column in ("", "sort_name")


def _where(plan: Plan) -> str:
    """The condition for a scan. The plus keeps SQLite from walking an index by name, row by row all over the file."""
    return f"{plan.condition} AND +archived_at IS NULL" if plan.live else plan.condition


def _by_name(plan: Plan) -> str:
    direction = " DESC" if plan.order.descending else ""
    return (
        "SELECT id FROM customers INDEXED BY customers_by_name WHERE archived_at IS NULL"
        f" ORDER BY sort_name{direction}, id{direction}"
    )


def _among_the_first(connection: Connection, plan: Plan, limit: int) -> list[int]:
    """What the condition finds among the first few thousand of the whole list: enough for a page when it is not rare."""
    rows = connection.execute(f"{_by_name(plan)} LIMIT {_PROBED}")
    ids = [row[0] for row in rows]
    found: list[int] = []
    for start in range(0, len(ids), CHUNK // 8):
        part = ids[start : start + CHUNK // 8]
        sql = f"SELECT id FROM customers WHERE id IN ({','.join(map(str, part))}) AND {plan.condition}"
        kept = {row[0] for row in connection.execute(sql, plan.parameters)}
        found += [customer for customer in part if customer in kept]
        if len(found) >= limit:
            break
        if start >= CHUNK // 2 and not found:
            break
    return found[:limit]


def _filtered_by_name(connection: Connection, plan: Plan) -> Iterator["array[int]"]:
    """Find first, order then: rows by name lie all over the file, and reading them in that order costs ten times the search."""
    matched = array("q")
    for chunk in _chunks(connection, f"SELECT id FROM customers WHERE {_where(plan)}", plan.parameters):
        matched.extend(chunk)
    if len(matched) <= _FEW:
        yield _in_order_of_names(connection, matched, descending=plan.order.descending)
        return
    flags = bytearray(max(matched) + 1)
    for customer in matched:
        flags[customer] = 1
    size = len(flags)
    for chunk in _chunks(connection, _by_name(plan), ()):
        yield array("q", [customer for customer in chunk if customer < size and flags[customer]])


def _in_order_of_names(connection: Connection, matched: "array[int]", *, descending: bool) -> "array[int]":
    keys: list[tuple[str, int]] = []
    for start in range(0, len(matched), 500):
        part = matched[start : start + 500]
        marks = ",".join("?" * len(part))
        keys += connection.execute(f"SELECT sort_name, id FROM customers WHERE id IN ({marks})", tuple(part)).fetchall()
    keys.sort(reverse=descending)
    return array("q", [customer for _name, customer in keys])


def _sorted(connection: Connection, plan: Plan, limit: int) -> Iterator["array[int]"]:
    """Let the database sort: by name straight from its index, by another column after a scan."""
    column = plan.order.column or "sort_name"
    direction = " DESC" if plan.order.descending else ""
    if _named_order(plan):
        yield from _chunks(connection, f"{_by_name(plan)} LIMIT ?", (limit,))
        return
    folded = " COLLATE NOCASE" if column in _TEXT_COLUMNS else ""
    order = f"{column} IS NULL, {column}{folded}{direction}, id{direction}"
    hint = "" if _is_filtered(plan) else " NOT INDEXED"
    sql = f"SELECT id FROM customers{hint} WHERE {_where(plan)} ORDER BY {order} LIMIT ?"
    yield from _chunks(connection, sql, (*plan.parameters, limit))


def _by_last_contact(connection: Connection, plan: Plan, limit: int) -> "array[int]":
    """The first page by last contact comes from its index, which holds only those that have one."""
    direction = " DESC" if plan.order.descending else ""
    found = array("q")
    for wanted in ("IS NOT NULL", "IS NULL"):
        sql = (
            f"SELECT id FROM customers WHERE archived_at IS NULL AND last_interaction_at {wanted}"
            f" ORDER BY last_interaction_at{direction}, id{direction} LIMIT ?"
        )
        found.extend(row[0] for row in connection.execute(sql, (limit - len(found),)))
        if len(found) >= limit:
            break
    return found


def _best_first(connection: Connection, plan: Plan, limit: int) -> Iterator["array[int]"]:
    """Order and external numbers, then names that begin with the text by name, then the rest with the newest first.

    Each step streams, so the first page is the true beginning of the whole list and nothing moves when the rest arrives.
    """
    words = plan.words.strip()
    seen: set[int] = set()
    steps = (
        _numbers(connection, words),
        _spelled(connection, words, whole=True, limit=limit),
        _name_prefix(connection, words, limit),
        _spelled(connection, words, whole=False, limit=limit),
    )
    for step in steps:
        for chunk in step:
            fresh = array("q", [customer for customer in chunk if customer not in seen])
            seen.update(fresh)
            if fresh:
                yield fresh
    expression = match_expression(words)
    if expression is None:
        sql = f"SELECT id FROM customers WHERE {_where(plan)} ORDER BY id DESC LIMIT ?"
        parameters: tuple[object, ...] = (*plan.parameters, limit)
    else:
        sql = (
            "SELECT rowid FROM search WHERE search MATCH ?"
            " AND rowid NOT IN (SELECT id FROM customers WHERE archived_at IS NOT NULL) ORDER BY rowid DESC LIMIT ?"
        )
        parameters = (expression, limit if limit < 0 else limit + len(seen))
    found = bool(seen)
    for chunk in _chunks(connection, sql, parameters):
        fresh = array("q", [customer for customer in chunk if customer not in seen]) if seen else chunk
        if fresh:
            found = True
            yield fresh
    if not found:
        yield _by_mixed_pinyin(connection, words)


def _by_mixed_pinyin(connection: Connection, words: str) -> "array[int]":
    """Names that the letters spell as a mixture of syllables and initials (``zsanf``): the index narrows, the rule decides."""
    keys = query_keys(words)
    if len(keys) < 2 or any(character.isdigit() for character in words):
        return array("q")
    expression = " OR ".join(f'"{key}"*' for key in keys)
    rows = connection.execute(
        "SELECT id, name, kind FROM customers WHERE archived_at IS NULL AND id IN"
        " (SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?) ORDER BY sort_name, id",
        (expression, _MIXED_CANDIDATES),
    )
    return array("q", [row for row, name, kind in rows if matches_pinyin(words, name, person=kind != "company")])


def _numbers(connection: Connection, words: str) -> Iterator["array[int]"]:
    if not may_be_number(words):
        return
    sql = (
        "SELECT customer_id FROM transactions WHERE number = ?1 UNION SELECT customer_id FROM external_ids WHERE external_id = ?1"
        " ORDER BY 1 LIMIT 256"
    )
    live = "SELECT id FROM customers WHERE archived_at IS NULL AND id IN"
    yield from _chunks(connection, f"{live} ({sql})", (words,))


def _spelled(connection: Connection, words: str, *, whole: bool, limit: int) -> Iterator["array[int]"]:
    """Chinese names that the letters spell: wholly, or from the beginning on. A few are put in the order of names."""
    term = spelled_name(words)
    if not term:
        return
    sql = (
        "SELECT rowid FROM search WHERE search MATCH ?"
        " AND rowid NOT IN (SELECT id FROM customers WHERE archived_at IS NOT NULL) ORDER BY rowid DESC LIMIT ?"
    )
    expression = f'"{term}"' if whole else f'"{term}"*'
    if whole:
        few = array("q", [row[0] for row in connection.execute(sql, (expression, _NAMED + 1))])
        if len(few) <= _NAMED:
            yield _in_order_of_names(connection, few, descending=False)
            return
    yield from _chunks(connection, sql, (expression, limit))


def _name_prefix(connection: Connection, words: str, limit: int) -> Iterator["array[int]"]:
    prefix, written = name_prefix(words)
    if not prefix:
        return
    sql = "SELECT id FROM customers WHERE archived_at IS NULL AND sort_name >= ? AND sort_name < ?"
    parameters: list[object] = [prefix, prefix + LAST]
    if written:
        # The folded name stands in the sort key behind two spaces: asked there, the index alone answers.
        sql += " AND instr(sort_name, ?)"
        parameters.append("  " + fold(written))
    yield from _chunks(connection, sql + " ORDER BY sort_name, id LIMIT ?", (*parameters, limit))


def _chunks(connection: Connection, sql: str, parameters: tuple[object, ...]) -> Iterator["array[int]"]:
    if parameters and parameters[-1] == _ALL:
        yield from _as_text(connection, sql, parameters)
        return
    cursor = connection.execute(sql, parameters)
    size = 64  # the first rows come at once, later ones in larger pieces
    while rows := cursor.fetchmany(size):
        yield array("q", [row[0] for row in rows])
        size = CHUNK


def _as_text(connection: Connection, sql: str, parameters: tuple[object, ...]) -> Iterator["array[int]"]:
    """Every id, put together by the database as one text: it holds no interpreter lock meanwhile, and other threads can draw."""
    sql = f"WITH found(id) AS ({sql}) SELECT group_concat(id) FROM found"
    text = connection.execute(sql, parameters).fetchone()[0] or ""
    start = 0
    while start < len(text):
        end = text.find(",", start + _PIECE)
        end = len(text) if end < 0 else end
        yield array("q", map(int, text[start:end].split(",")))
        start = end + 1
