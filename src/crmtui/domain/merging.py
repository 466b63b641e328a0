"""What becomes of several records of one customer: for each column the value that stays, why, and what becomes an alternate.

The rules are those of the field registry. A blank never wins; of a wish not to be contacted the stricter counts; a person's
choice goes before every rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crmtui.domain.fields import BY_KEY, FIELDS
from crmtui.domain.folding import has_cjk
from crmtui.domain.names import split_name
from crmtui.i18n import N_

Row = Mapping[str, object]

REASONS = {
    "only": N_("the only value"),
    "same": N_("the same everywhere"),
    "chosen": N_("your choice"),
    "survivor": N_("the survivor's"),
    "newest": N_("of the record changed last"),
    "longest": N_("the fullest"),
    "strictest": N_("the stricter"),
    "union": N_("all of them together"),
}

_COLUMNS = tuple(
    field.key
    for field in FIELDS
    if field.place == "column" and field.key not in ("created_at", "updated_at", "last_interaction_at")
)
_NAME_PARTS = ("family_name", "given_name")
_KEPT_QUIETLY = frozenset(("kind",))


class Choice(NamedTuple):
    """A value that stays: of which record (its id), and a key of ``REASONS``."""

    value: object
    source: int
    reason: str


class Merged(NamedTuple):
    """The outcome for the columns of the customer, and the values that lost: (field, value, id of the record)."""

    choices: dict[str, Choice]
    alternates: list[tuple[str, str, int]]


def merge_columns(rows: Sequence[Row], chosen: Mapping[str, int] | None = None) -> Merged:
    """Merge rows of ``customers``, the survivor first. ``chosen`` names, by field key, the record whose value stays."""
    chosen = chosen or {}
    choices: dict[str, Choice] = {}
    alternates: list[tuple[str, str, int]] = []
    for key in _COLUMNS:
        if key in _NAME_PARTS:
            continue
        choice = _choose(key, rows, chosen)
        if choice is None:
            continue
        choices[key] = choice
        if BY_KEY[key].merge in ("union", "strictest") or key in _KEPT_QUIETLY:
            continue
        lost = dict.fromkeys((str(row[key]), _id(row)) for row in rows if row.get(key) not in (None, "", choice.value))
        seen: set[str] = set()
        for value, source in lost:
            if value not in seen:
                seen.add(value)
                alternates.append((key, value, source))
    _name_parts(rows, choices, chosen)
    return Merged(choices, alternates)


def merge_custom(
    values: Sequence[tuple[int, Mapping[str, object]]], chosen: Mapping[str, int] | None = None
) -> tuple[dict[str, object], list[tuple[str, str, int]]]:
    """Merge custom fields of (id, values), the survivor's first: the first value that is not blank stays, others are alternates."""
    chosen = chosen or {}
    merged: dict[str, object] = {}
    owners: dict[str, int] = {}
    for source, custom in values:
        for key, value in custom.items():
            if value in (None, ""):
                continue
            if key not in merged or chosen.get(f"custom.{key}") == source:
                merged[key], owners[key] = value, source
    alternates = [
        (f"custom.{key}", str(value), source)
        for source, custom in values
        for key, value in custom.items()
        if value not in (None, "") and value != merged[key]
    ]
    return merged, list(dict.fromkeys(alternates))


def best_survivor(rows: Sequence[Row], activity: Mapping[int, int]) -> int:
    """The id of the record that had better survive: most happened with it, then most is known of it, then the oldest."""
    return min(rows, key=lambda row: (-activity.get(_id(row), 0), -_filled(row), str(row.get("created_at")), _id(row)))[
        "id"
    ]  # type: ignore[return-value]


def _choose(key: str, rows: Sequence[Row], chosen: Mapping[str, int]) -> Choice | None:
    """The value of one column that stays; None when it is blank everywhere."""
    filled = [row for row in rows if row.get(key) not in (None, "")]
    if not filled:
        return None
    for row in filled:
        if chosen.get(key) == _id(row):
            return Choice(row[key], _id(row), "chosen")
    rule = BY_KEY[key].merge
    if rule == "strictest":
        best = max(filled, key=lambda row: int(str(row[key])))
        return Choice(best[key], _id(best), "strictest")
    if key == "notes":
        texts = list(dict.fromkeys(str(row[key]).strip() for row in filled))
        return Choice("\n\n".join(texts), _id(filled[0]), "union" if len(texts) > 1 else "only")
    if len({str(row[key]) for row in filled}) == 1:
        return Choice(filled[0][key], _id(filled[0]), "only" if len(filled) == 1 else "same")
    if rule == "newest":
        best = max(filled, key=lambda row: (str(row.get("updated_at") or ""), -rows.index(row)))
        return Choice(best[key], _id(best), "newest")
    if rule == "longest":
        best = max(filled, key=lambda row: (*_fullness(str(row[key])), -rows.index(row)))
        return Choice(best[key], _id(best), "longest")
    return Choice(filled[0][key], _id(filled[0]), "survivor" if filled[0] is rows[0] else "only")


def _fullness(text: str) -> tuple[bool, bool, bool, int]:
    """How full a name is: Chinese characters before pinyin, no initials, not in capitals, then its length."""
    words = text.replace(".", " ").split()
    return has_cjk(text), all(len(word) > 1 for word in words) or has_cjk(text), not text.isupper(), len(text)


def _name_parts(rows: Sequence[Row], choices: dict[str, Choice], chosen: Mapping[str, int]) -> None:
    """Family and given name come from the record whose name stays, so that they fit it."""
    name = choices.get("name")
    if name is None:
        return
    source = next(row for row in rows if _id(row) == name.source)
    parts = {key: source.get(key) for key in _NAME_PARTS}
    if not any(parts.values()) and source.get("kind") != "company":
        split = split_name(str(name.value))
        parts = {"family_name": split.family, "given_name": split.given}
    for key, value in parts.items():
        picked = next((row for row in rows if chosen.get(key) == _id(row) and row.get(key)), None)
        if picked is not None:
            choices[key] = Choice(picked[key], _id(picked), "chosen")
        elif value:
            choices[key] = Choice(value, name.source, name.reason)


def _filled(row: Row) -> int:
    return sum(1 for value in row.values() if value not in (None, ""))


def _id(row: Row) -> int:
    return int(str(row["id"]))
