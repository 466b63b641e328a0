"""From a parsed query to customer ids: conditions in SQL, the search index, and the order of what is found."""

import re
from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from crmtui.domain.fields import BY_KEY
from crmtui.domain.folding import fold
from crmtui.domain.pinyin import matches_pinyin, query_keys
from crmtui.domain.query import Both, Either, Filter, Node, Not, Phrase, Query, Words
from crmtui.domain.search_document import match_expression, name_prefix
from crmtui.storage.driver import Connection

CHUNK = 4096  # rows fetched in one go: a larger fetch holds the interpreter lock for longer than a frame
FIRST_PAGE = 256

_SORT_COLUMNS = {field.sort for field in BY_KEY.values() if field.sort} | {"id"}
_MIXED_CANDIDATES = 2000
_LAST = "\U0010ffff"
_AGE = re.compile(r"(\d{1,5})\s*(d|w|m|y|天|周|月|年)", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365, "天": 1, "周": 7, "月": 30, "年": 365}

Condition = tuple[str, list[object]]


class Order(NamedTuple):
    """How a list is sorted: a column of ``customers``, or "" for the best match first (by name when nothing is searched)."""

    column: str = ""
    descending: bool = False


class Plan(NamedTuple):
    """A query made ready: ``words`` when it is nothing but words, and the SQL condition that says the same."""

    condition: str
    parameters: tuple[object, ...]
    words: str
    order: Order


def make_plan(query: Query, order: Order, *, actor: str = "", now: datetime | None = None) -> Plan:
    """The plan for ``query``; archived customers are left out unless the query asks for them."""
    if order.column and order.column not in _SORT_COLUMNS:
        raise ValueError(order.column)
    moment = now or datetime.now(UTC)
    words = query.node.text if isinstance(query.node, Words) else ""
    parts: list[str] = []
    parameters: list[object] = []
    if query.node is not None:
        sql, parameters = _compile(query.node, actor, moment)
        parts.append(sql)
    if not _asks_archived(query.node):
        parts.append("archived_at IS NULL")
    return Plan(" AND ".join(parts) or "1", tuple(parameters), words, order)


def first_ids(connection: Connection, plan: Plan, limit: int = FIRST_PAGE) -> list[int]:
    """The first ids of the list, at once: the same ones that ``all_ids`` begins with."""
    found: list[int] = []
    for chunk in all_ids(connection, plan, limit):
        found.extend(chunk)
        if len(found) >= limit:
            break
    return found[:limit]


def all_ids(connection: Connection, plan: Plan, limit: int = -1) -> Iterator["array[int]"]:
    """The ids of the list in its order, in chunks; ``limit`` (-1: none) lets the database stop early."""
    if plan.words and not plan.order.column:
        yield from _best_first(connection, plan, limit)
        return
    column = plan.order.column or "sort_name"
    direction = " DESC" if plan.order.descending else ""
    order = f"{column} IS NULL, {column}{direction}, id{direction}"
    if column in ("sort_name", "id"):
        order = f"{column}{direction}, id{direction}"
    elif column == "last_interaction_at" and limit > 0:
        yield from _with_last_first(connection, plan, direction, limit)
        return
    sql = f"SELECT id FROM customers WHERE {plan.condition} ORDER BY {order} LIMIT ?"
    yield from _chunks(connection, sql, (*plan.parameters, limit))


def count(connection: Connection, plan: Plan) -> int:
    """How many customers the plan finds."""
    return int(
        connection.execute(f"SELECT count(*) FROM customers WHERE {plan.condition}", plan.parameters).fetchone()[0]
    )


def _with_last_first(connection: Connection, plan: Plan, direction: str, limit: int) -> Iterator["array[int]"]:
    """The first page by last contact comes from its index, which holds only those that have one."""
    found = array("q")
    for wanted in ("IS NOT NULL", "IS NULL"):
        sql = (
            f"SELECT id FROM customers WHERE {plan.condition} AND last_interaction_at {wanted}"
            f" ORDER BY last_interaction_at{direction}, id{direction} LIMIT ?"
        )
        for chunk in _chunks(connection, sql, (*plan.parameters, limit - len(found))):
            found.extend(chunk)
        if len(found) >= limit:
            break
    yield found


def _best_first(connection: Connection, plan: Plan, limit: int) -> Iterator["array[int]"]:
    """Order and external numbers, then names that begin with the text by name, then the rest with the newest first.

    Each step streams, so the first page is the true beginning of the whole list and nothing moves when the rest arrives.
    """
    words = plan.words.strip()
    seen: set[int] = set()
    for step in (_numbers(connection, words), _name_prefix(connection, words, limit)):
        for chunk in step:
            fresh = array("q", [customer for customer in chunk if customer not in seen])
            seen.update(fresh)
            if fresh:
                yield fresh
    expression = match_expression(words)
    if expression is None:
        sql = f"SELECT id FROM customers WHERE {plan.condition} ORDER BY id DESC LIMIT ?"
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
    if not any(character.isdigit() for character in words) or " " in words:
        return
    sql = (
        "SELECT customer_id FROM transactions WHERE number = ?1 UNION SELECT customer_id FROM external_ids WHERE external_id = ?1"
        " ORDER BY 1 LIMIT 256"
    )
    live = "SELECT id FROM customers WHERE archived_at IS NULL AND id IN"
    yield from _chunks(connection, f"{live} ({sql})", (words,))


def _name_prefix(connection: Connection, words: str, limit: int) -> Iterator["array[int]"]:
    prefix, written = name_prefix(words)
    if not prefix:
        return
    sql = "SELECT id FROM customers WHERE archived_at IS NULL AND sort_name >= ? AND sort_name < ?"
    parameters: list[object] = [prefix, prefix + _LAST]
    if written:
        sql += " AND name LIKE ? ESCAPE '\\'"
        parameters.append(_like(written)[1:])
    yield from _chunks(connection, sql + " ORDER BY sort_name, id LIMIT ?", (*parameters, limit))


def _chunks(connection: Connection, sql: str, parameters: tuple[object, ...]) -> Iterator["array[int]"]:
    cursor = connection.execute(sql, parameters)
    size = 64  # the first rows come at once, later ones in larger pieces
    while rows := cursor.fetchmany(size):
        yield array("q", [row[0] for row in rows])
        size = CHUNK


def _asks_archived(node: Node | None) -> bool:
    if isinstance(node, Filter):
        return node.field == "is" and "archived" in node.values
    if isinstance(node, Both | Either):
        return any(_asks_archived(part) for part in node.nodes)
    return False


def _compile(node: Node, actor: str, now: datetime) -> Condition:
    if isinstance(node, Words):
        return _words(node.text)
    if isinstance(node, Phrase):
        return _phrase(node.text)
    if isinstance(node, Not):
        sql, parameters = _compile(node.node, actor, now)
        return f"NOT coalesce(({sql}), 0)", parameters
    if isinstance(node, Filter):
        parts = [_filter(node.field, node.operator, value, actor, now) for value in node.values]
        return _join(" OR ", parts)
    return _join(" AND " if isinstance(node, Both) else " OR ", [_compile(part, actor, now) for part in node.nodes])


def _join(word: str, parts: list[Condition]) -> Condition:
    if len(parts) == 1:
        return parts[0]
    return "(" + word.join(sql for sql, _values in parts) + ")", [value for _sql, values in parts for value in values]


def _words(text: str) -> Condition:
    expression = match_expression(text)
    if expression is None:
        return "instr(name, ?) > 0", [text.strip()]
    return "id IN (SELECT rowid FROM search WHERE search MATCH ?)", [expression]


def _phrase(text: str) -> Condition:
    pattern = _like(text)
    sql = (
        "(name LIKE ? ESCAPE '\\' OR company LIKE ? ESCAPE '\\' OR notes LIKE ? ESCAPE '\\' OR id IN"
        " (SELECT customer_id FROM contact_points WHERE value LIKE ? ESCAPE '\\')"
        " OR id IN (SELECT customer_id FROM interactions WHERE body LIKE ? ESCAPE '\\' OR subject LIKE ? ESCAPE '\\'))"
    )
    return sql, [pattern] * 6


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _filter(field: str, operator: str, value: str, actor: str, now: datetime) -> Condition:
    special = _SPECIAL.get(field)
    if special is not None:
        return special(operator, value, actor, now)
    if field.startswith("custom."):
        return _compare("json_extract(custom, ?)", operator, value, ["$." + _json_key(field[7:])])
    entry = BY_KEY[field]
    if field == "owner" and value.casefold() in ("me", "我"):
        value = actor
    if entry.place == "point":
        kind = (
            "kind NOT IN ('phone', 'email', 'wechat', 'qq', 'url')"
            if field == "messaging"
            else f"kind = '{entry.part}'"
        )
        return (
            f"id IN (SELECT customer_id FROM contact_points WHERE {kind} AND (value LIKE ? ESCAPE '\\' OR normalised LIKE ? ESCAPE '\\'))",
            [_like(value), _like(value.replace(" ", ""))],
        )
    if entry.place == "address":
        return f"id IN (SELECT customer_id FROM addresses WHERE {entry.part} LIKE ? ESCAPE '\\')", [_like(value)]
    if entry.place == "tags":
        return (
            "id IN (SELECT customer_id FROM customer_tags JOIN tags ON tags.id = tag_id WHERE tags.name = ? COLLATE NOCASE)",
            [value],
        )
    if entry.place == "external":
        return (
            "id IN (SELECT customer_id FROM external_ids WHERE external_id = ? OR system || ':' || external_id = ?)",
            [value, value],
        )
    if entry.type in ("date", "moment"):
        return _date(field, operator, value, now)
    if entry.type == "bool":
        wanted = value.casefold() in ("1", "yes", "true", "y", "是", "有")
        return f"coalesce({field}, 0) = ?", [int(wanted)]
    if entry.type == "choice" or field == "owner":
        return _compare(field, operator, value)
    if field == "name":
        return "(name LIKE ? ESCAPE '\\' OR sort_name LIKE ? ESCAPE '\\')", [_like(value), _like(fold(value))]
    return f"{field} LIKE ? ESCAPE '\\'", [_like(value)]


def _compare(expression: str, operator: str, value: str, parameters: list[object] | None = None) -> Condition:
    if value == "none":
        return f"coalesce({expression}, '') = ''", [*(parameters or [])]
    if operator == "=":
        return f"{expression} = ? COLLATE NOCASE", [*(parameters or []), value]
    return f"{expression} {operator} ?", [*(parameters or []), value]


def _json_key(key: str) -> str:
    return '"' + key.replace('"', "") + '"'


def _date(column: str, operator: str, value: str, now: datetime) -> Condition:
    """``>90d`` is longer ago than 90 days, ``<30d`` within the last 30; a date compares as a date, a part of one as its span."""
    age = _AGE.fullmatch(value)
    if age:
        then = (now - timedelta(days=int(age[1]) * _DAYS[age[2].lower()])).strftime("%Y-%m-%dT%H:%M:%SZ")
        if operator in (">", ">="):
            return f"({column} IS NULL OR {column} <= ?)" if column == "last_interaction_at" else f"{column} <= ?", [
                then
            ]
        return f"{column} >= ?", [then]
    if value == "none":
        return f"{column} IS NULL", []
    if operator == "=":
        if ".." in value:
            low, _dots, high = value.partition("..")
            return f"{column} >= ? AND {column} < ?", [low, high + _LAST if high else _LAST]
        return f"{column} >= ? AND {column} < ?", [value, value + _LAST]
    if operator in (">", "<="):
        return f"{column} {'>=' if operator == '>' else '<'} ?", [value + _LAST]
    return f"{column} {operator} ?", [value]


def _number(expression: str, operator: str, value: str) -> Condition:
    try:
        number = float(value.replace("_", ""))
    except ValueError:
        return "0", []
    return f"{expression} {operator} ?", [number]


_HAS = {
    "phone": "phone IS NOT NULL",
    "email": "email IS NOT NULL",
    "wechat": "id IN (SELECT customer_id FROM contact_points WHERE kind = 'wechat')",
    "company": "company IS NOT NULL",
    "tag": "id IN (SELECT customer_id FROM customer_tags)",
    "note": "notes IS NOT NULL",
    "owner": "owner IS NOT NULL",
    "stage": "stage IS NOT NULL",
    "birthday": "birthday IS NOT NULL",
    "address": "id IN (SELECT customer_id FROM addresses)",
    "interaction": "id IN (SELECT customer_id FROM interactions)",
    "order": "id IN (SELECT customer_id FROM transactions WHERE kind = 'order')",
    "deal": "id IN (SELECT customer_id FROM deals)",
    "task": "id IN (SELECT customer_id FROM tasks WHERE done_at IS NULL)",
}


def _has(_operator: str, value: str, _actor: str, _now: datetime) -> Condition:
    name = value.casefold().rstrip("s")
    return _HAS.get(name, _HAS.get(value.casefold(), "0")), []


def _is(_operator: str, value: str, _actor: str, _now: datetime) -> Condition:
    if value == "archived":
        return "archived_at IS NOT NULL", []
    return "kind = ?", [value.casefold()]


def _text(_operator: str, value: str, _actor: str, _now: datetime) -> Condition:
    pattern = _like(value)
    sql = (
        "(notes LIKE ? ESCAPE '\\' OR id IN (SELECT customer_id FROM interactions"
        " WHERE body LIKE ? ESCAPE '\\' OR subject LIKE ? ESCAPE '\\'))"
    )
    return sql, [pattern] * 3


_SPECIAL: dict[str, Callable[[str, str, str, datetime], Condition]] = {
    "has": _has,
    "is": _is,
    "text": _text,
    "note": _text,
    "any": lambda _operator, value, _actor, _now: _words(value),
    "id": lambda operator, value, _actor, _now: _number("id", operator, value),
    "amount": lambda operator, value, _actor, _now: _number(
        "(SELECT coalesce(sum(amount), 0) / 100.0 FROM transactions WHERE customer_id = customers.id AND kind = 'order')",
        operator,
        value,
    ),
    "batch": lambda _operator, value, _actor, _now: (
        "id IN (SELECT c.id FROM customers c JOIN inserted_ranges r ON c.id BETWEEN r.first_id AND r.last_id"
        " WHERE r.table_name = 'customers' AND r.operation_id = ?1"
        " UNION SELECT row_id FROM changes WHERE table_name = 'customers' AND operation_id = ?1)".replace("?1", "?"),
        [value, value],
    ),
    "order": lambda _operator, value, _actor, _now: (
        "id IN (SELECT customer_id FROM transactions WHERE number LIKE ? ESCAPE '\\')",
        [_like(value)[1:]],
    ),
    "due": lambda operator, value, _actor, now: _due(operator, value, now),
    "deal": lambda operator, value, _actor, _now: (
        "id IN (SELECT customer_id FROM deals WHERE stage = ? COLLATE NOCASE OR title LIKE ? ESCAPE '\\')",
        [value, _like(value)],
    ),
    "domain": lambda _operator, value, _actor, _now: (
        "id IN (SELECT customer_id FROM contact_points WHERE kind = 'email' AND value LIKE ? ESCAPE '\\')",
        ["%@" + _like(value)[1:-1] + "%"],
    ),
    "last": lambda operator, value, _actor, now: _date("last_interaction_at", operator, value, now),
    "created": lambda operator, value, _actor, now: _date("created_at", operator, value, now),
    "updated": lambda operator, value, _actor, now: _date("updated_at", operator, value, now),
    "birthday": lambda operator, value, _actor, now: _date("birthday", operator, value, now),
}


def _due(operator: str, value: str, now: datetime) -> Condition:
    words = {"today": 1, "今天": 1, "tomorrow": 2, "明天": 2, "week": 7, "本周": 7}
    if value in words:
        until = (now + timedelta(days=words[value])).strftime("%Y-%m-%d")
        return "id IN (SELECT customer_id FROM tasks WHERE done_at IS NULL AND due_at < ?)", [until]
    if value in ("overdue", "逾期"):
        return "id IN (SELECT customer_id FROM tasks WHERE done_at IS NULL AND due_at < ?)", [
            now.strftime("%Y-%m-%dT%H:%M:%SZ")
        ]
    sql, parameters = _date("due_at", operator, value, now)
    return f"id IN (SELECT customer_id FROM tasks WHERE done_at IS NULL AND {sql})", parameters
