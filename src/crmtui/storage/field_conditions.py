"""Conditions on one field as SQL over ``customers``: exactly a value, and values of custom fields, whatever type they have."""

import re
from datetime import datetime, timedelta

from crmtui.domain.fields import BY_KEY
from crmtui.storage.words import Condition

_AGE = re.compile(r"(\d{1,5})\s*(d|w|m|y|天|周|月|年)", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365, "天": 1, "周": 7, "月": 30, "年": 365}
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?", re.ASCII)
_DATED = "[0-9][0-9][0-9][0-9]-[0-9]*"


def age_days(text: str) -> int | None:
    """The days of an age such as ``90d``, ``2w`` or ``3月``; None for other texts."""
    age = _AGE.fullmatch(text)
    return int(age[1]) * _DAYS[age[2].lower()] if age else None


def compare(expression: str, operator: str, value: str, parameters: list[object] | None = None) -> Condition:
    """``expression`` against a text; ``none`` asks for no value. ``parameters`` are those of the expression."""
    if value == "none":
        return f"coalesce({expression}, '') = ''", [*(parameters or [])]
    if operator == "=":
        return f"{expression} = ? COLLATE NOCASE", [*(parameters or []), value]
    return f"{expression} {operator} ?", [*(parameters or []), value]


def exact_condition(field: str, value: str) -> Condition | None:
    """The condition ``field:=value``: exactly this text, nothing for ""; None for fields that are compared in another way."""
    if field.startswith("custom."):
        return "coalesce(json_extract(custom, ?), '') = ?", [_path(field[len("custom.") :]), value]
    if field == "domain":
        found = "SELECT customer_id FROM contact_points WHERE kind = 'email' AND coalesce(is_alternate, 0) = 0"
        if not value:
            return f"id NOT IN ({found})", []
        return f"id IN ({found} AND lower(substr(value, instr(value, '@') + 1)) = ?)", [value]
    entry = BY_KEY.get(field)
    if entry is None or entry.type in ("date", "moment", "bool"):
        return None
    if entry.place == "column" or field == "city":
        return f"coalesce({field}, '') = ?", [value]
    if entry.place == "address":
        part = f"SELECT customer_id FROM addresses WHERE coalesce({entry.part}, '') <> ''"
        return (f"id IN ({part} AND {entry.part} = ?)", [value]) if value else (f"id NOT IN ({part})", [])
    if entry.place == "tags":
        tagged = "SELECT customer_id FROM customer_tags"
        if not value:
            return f"id NOT IN ({tagged})", []
        return f"id IN ({tagged} WHERE tag_id = (SELECT id FROM tags WHERE name = ?))", [value]
    if entry.place == "point" and field != "messaging":
        points = f"SELECT customer_id FROM contact_points WHERE kind = '{entry.part}' AND coalesce(is_alternate, 0) = 0"
        return (f"id IN ({points} AND value = ?)", [value]) if value else (f"id NOT IN ({points})", [])
    return None


def custom_condition(key: str, operator: str, value: str, now: datetime) -> Condition:
    """A condition on a custom field: numbers are compared as numbers, dates as dates (``>90d``: longer ago), all else as text."""
    path = _path(key)
    expression = "json_extract(custom, ?)"
    days = age_days(value)
    if days is not None and operator != "=":
        then = (now - timedelta(days=days)).strftime("%Y-%m-%d")
        sign = "<=" if operator in (">", ">=") else ">="
        return f"{expression} {sign} ? AND {expression} GLOB '{_DATED}'", [path, then, path]
    if operator != "=" and _NUMBER.fullmatch(value):
        return (
            f"CASE WHEN {expression} GLOB '{_DATED}' THEN {expression} {operator} ? WHEN {expression} GLOB '[-+0-9]*'"
            f" THEN CAST({expression} AS REAL) {operator} ? ELSE 0 END",
            [path, path, value, path, path, float(value)],
        )
    return compare(expression, operator, value, [path])


def _path(key: str) -> str:
    return '$."' + key.replace('"', "") + '"'
