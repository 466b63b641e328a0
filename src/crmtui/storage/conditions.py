"""Conditions of the query language as SQL over ``customers``. Values are parameters always; user text never becomes SQL."""

from collections.abc import Callable
from datetime import datetime, timedelta

from crmtui.domain.fields import BY_KEY
from crmtui.domain.folding import fold
from crmtui.domain.query import Both, Either, Filter, Node, Not, Phrase, Words
from crmtui.storage.batches import batch_condition
from crmtui.storage.field_conditions import age_days, compare, custom_condition, exact_condition
from crmtui.storage.words import LAST, Condition, words_condition


def asks_archived(node: Node | None) -> bool:
    """Whether a query is about archived customers."""
    if isinstance(node, Filter):
        return node.field == "is" and "archived" in node.values
    if isinstance(node, Both | Either):
        return any(asks_archived(part) for part in node.nodes)
    return False


def compile_node(node: Node, actor: str, now: datetime) -> Condition:
    """The condition that a part of a query stands for, with its parameters. ``actor`` is who ``owner:me`` means."""
    if isinstance(node, Words):
        return words_condition(node.text)
    if isinstance(node, Phrase):
        return _phrase(node.text)
    if isinstance(node, Not):
        sql, parameters = compile_node(node.node, actor, now)
        return f"NOT coalesce(({sql}), 0)", parameters
    if isinstance(node, Filter) and node.field == "id" and node.operator in ("=", "=="):
        # Thousands of ids (an export of what is marked) are one list, not an expression of thousands of parts.
        numbers = [value for value in node.values if value.isascii() and value.isdigit()]
        return "id IN (SELECT value FROM json_each(?))", [f"[{','.join(numbers)}]"]
    if isinstance(node, Filter):
        parts = [_filter(node.field, node.operator, value, actor, now) for value in node.values]
        return _join(" OR ", parts)
    return _join(" AND " if isinstance(node, Both) else " OR ", [compile_node(part, actor, now) for part in node.nodes])


def _join(word: str, parts: list[Condition]) -> Condition:
    if len(parts) == 1:
        return parts[0]
    return "(" + word.join(sql for sql, _values in parts) + ")", [value for _sql, values in parts for value in values]


def _phrase(text: str) -> Condition:
    pattern = like(text)
    sql = (
        "(name LIKE ? ESCAPE '\\' OR company LIKE ? ESCAPE '\\' OR notes LIKE ? ESCAPE '\\' OR id IN"
        " (SELECT customer_id FROM contact_points WHERE value LIKE ? ESCAPE '\\')"
        " OR id IN (SELECT customer_id FROM interactions WHERE body LIKE ? ESCAPE '\\' OR subject LIKE ? ESCAPE '\\'))"
    )
    return sql, [pattern] * 6


def like(text: str) -> str:
    """A LIKE pattern (escape ``\\``) for what holds ``text``."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _filter(field: str, operator: str, value: str, actor: str, now: datetime) -> Condition:
    if operator == "==":
        exact = exact_condition(field, value)
        if exact is not None:
            return exact
        operator = "="
    special = _SPECIAL.get(field)
    if special is not None:
        return special(operator, value, actor, now)
    if field.startswith("custom."):
        return custom_condition(field[7:], operator, value, now)
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
            [like(value), like(value.replace(" ", ""))],
        )
    if value == "none" and entry.type in ("text", "name", "long") and entry.place in ("column", "address"):
        return exact_condition(field, "") or ("0", [])
    if entry.place == "address":
        return f"id IN (SELECT customer_id FROM addresses WHERE {entry.part} LIKE ? ESCAPE '\\')", [like(value)]
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
        return compare(field, operator, value)
    if field == "name":
        return "(name LIKE ? ESCAPE '\\' OR sort_name LIKE ? ESCAPE '\\')", [like(value), like(fold(value))]
    return f"{field} LIKE ? ESCAPE '\\'", [like(value)]


def _date(column: str, operator: str, value: str, now: datetime) -> Condition:
    """``>90d`` is longer ago than 90 days, ``<30d`` within the last 30; a date compares as a date, a part of one as its span."""
    days = age_days(value)
    if days is not None:
        then = (now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
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
            return f"{column} >= ? AND {column} < ?", [low, high + LAST if high else LAST]
        return f"{column} >= ? AND {column} < ?", [value, value + LAST]
    if operator in (">", "<="):
        return f"{column} {'>=' if operator == '>' else '<'} ?", [value + LAST]
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
    pattern = like(value)
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
    "any": lambda _operator, value, _actor, _now: words_condition(value),
    "id": lambda operator, value, _actor, _now: _number("id", operator, value),
    "amount": lambda operator, value, _actor, _now: _number(
        "(SELECT coalesce(sum(amount), 0) / 100.0 FROM transactions WHERE customer_id = customers.id AND kind = 'order')",
        operator,
        value,
    ),
    "batch": lambda operator, value, _actor, _now: batch_condition(operator, value),
    "order": lambda _operator, value, _actor, _now: (
        "id IN (SELECT customer_id FROM transactions WHERE number LIKE ? ESCAPE '\\')",
        [like(value)[1:]],
    ),
    "due": lambda operator, value, _actor, now: _due(operator, value, now),
    "deal": lambda operator, value, _actor, _now: (
        "id IN (SELECT customer_id FROM deals WHERE stage = ? COLLATE NOCASE OR title LIKE ? ESCAPE '\\')",
        [value, like(value)],
    ),
    "domain": lambda _operator, value, _actor, _now: (
        "id IN (SELECT customer_id FROM contact_points WHERE kind = 'email' AND value LIKE ? ESCAPE '\\')",
        ["%@" + like(value)[1:-1] + "%"],
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
