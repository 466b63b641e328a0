"""Which column is which field: by exact synonym, then by what the values are, then by a likeness of the header."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, cast, get_args

from crmtui.domain.dates import Order
from crmtui.domain.fields import BY_KEY
from crmtui.domain.mapping.content import content_type, filled, fits, holds_companies
from crmtui.domain.mapping.headers import look_up, look_up_fuzzy, meaning_of
from crmtui.domain.mapping.steps import Step, separator_of
from crmtui.domain.mapping.targets import ACTIVITIES, CUSTOM, REPEATABLE, SKIP, UNMAPPED, Target, parse_target
from crmtui.errors import UsageError
from crmtui.i18n import _

if TYPE_CHECKING:
    from crmtui.domain.mapping.vendors import VendorMatch

Reason = Literal["chosen", "vendor", "synonym", "weak synonym", "content", "similar header", "kept", "recipe"]

_WEAK_CONFIDENCE = 0.7
_NUMBERED_DATE = re.compile(r"\s*(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2,4})\b")


class ColumnMapping(NamedTuple):
    """Where a column goes: ``field`` as in ``targets``, why, how sure (0 to 1), how its dates are written, and what is done to its
    cells before; ``more`` are further targets of the same column, each with steps of its own."""

    column: str
    field: str
    reason: Reason
    confidence: float
    order: Order | None = None
    steps: tuple[Step, ...] = ()
    more: tuple[tuple[str, tuple[Step, ...]], ...] = ()

    @property
    def target(self) -> Target:
        """The field taken apart."""
        return _known(self.field)

    @property
    def targets(self) -> list[tuple[Target, tuple[Step, ...]]]:
        """Every target of the column with its steps; none for a column that is left out."""
        found = [(self.target, self.steps), *((_known(field), steps) for field, steps in self.more)]
        return [(target, steps) for target, steps in found if target.key != SKIP]


def _known(field: str) -> Target:
    found = parse_target(field)
    assert found is not None  # only fields that parse_target knows are ever stored
    return found


def map_columns(
    columns: Sequence[str],
    sample: Sequence[Sequence[str]],
    *,
    region: str,
    chosen: Mapping[str, str] | None = None,
    vendor: "VendorMatch | None" = None,
) -> tuple[ColumnMapping, ...]:
    """The mapping of each column, in order. ``sample`` are rows; ``chosen`` (column → field) overrides what is found; ``vendor`` is
    the program that wrote the file, if it is known.

    Raises UsageError when ``chosen`` names a column or field that does not exist.
    """
    values = [[row[index] for row in sample if index < len(row)] for index in range(len(columns))]
    found: dict[int, ColumnMapping] = {}
    taken: set[tuple[str, str, int]] = set()

    def settle(index: int, field: str, reason: Reason, confidence: float) -> bool:
        target = parse_target(field)
        if target is None:
            return False
        place = (target.entity, target.key, target.group)
        if place in taken and target.key not in REPEATABLE and reason != "chosen":
            return False
        found[index] = ColumnMapping(columns[index], field, reason, confidence, _order(target, values[index]))
        taken.add(place)
        return True

    for name, field in (chosen or {}).items():
        settle(column_of(name, columns), _field(field), "chosen", 1.0)
    for index, name in enumerate(columns):
        if index not in found and names_itself(name):
            settle(index, name.strip(), "synonym", 1.0)
    if vendor is not None:
        places = {name: index for index, name in enumerate(columns)}
        for name, ways in vendor.columns.items():
            index = places[name]
            if index not in found:
                found[index] = _as_vendor_says(vendor, name, ways, values[index], taken)
    known = {index: look_up(name) for index, name in enumerate(columns) if index not in found}
    for index, meaning in known.items():
        if (
            meaning is not None
            and meaning.strong
            and meaning.target.startswith(CUSTOM)
            and meaning.target == columns[index].strip()
        ):
            settle(index, meaning.target, "synonym", 1.0)
        elif meaning is not None and meaning.strong and not meaning.target.startswith(CUSTOM):
            field = _by_values(columns[index], meaning.target, values[index])
            if fits(field, values[index], region) or field != "kind":
                settle(index, field, "synonym", 1.0)
    for index, meaning in known.items():
        if (
            index not in found
            and meaning is not None
            and not meaning.strong
            and fits(meaning.target, values[index], region)
        ):
            settle(index, meaning.target, "weak synonym", _WEAK_CONFIDENCE)
    for index, name in enumerate(columns):
        if index not in found and (known.get(index) is None or not known[index].strong):  # type: ignore[union-attr]
            kind = content_type(values[index], region)
            if kind and settle(index, kind, "content", 0.8):
                continue
            if known.get(index) is None and (similar := look_up_fuzzy(name)) is not None:
                field = similar[0].target
                if not field.startswith(CUSTOM) and fits(field, values[index], region):
                    settle(index, field, "similar header", round(similar[1] / 100, 2))
    for index, name in enumerate(columns):
        if index not in found:
            if not filled(values[index]) and name.startswith("#"):
                found[index] = ColumnMapping(name, SKIP, "kept", 1.0)
            else:
                field = vendor.keep(name) if vendor is not None else CUSTOM + name
                found[index] = ColumnMapping(name, field, "kept", 1.0)
    return tuple(found[index] for index in range(len(columns)))


def names_itself(name: str) -> bool:
    """Whether a header is a target of the kind that nobody calls a column by chance, as our own exports have them: ``phones#2.label``,
    ``transaction:amount``, ``external_ids.crmtui``."""
    target = parse_target(name.strip())
    return (
        target is not None
        and target.text == name.strip()
        and bool(target.entity or target.group or (target.key == "external_ids" and target.detail))
    )


def _as_vendor_says(
    vendor: "VendorMatch",
    name: str,
    ways: Sequence[tuple[str, tuple[Step, ...]]],
    values: Sequence[str],
    taken: set[tuple[str, str, int]],
) -> ColumnMapping:
    """A column of a known program. One whose field has its column already is kept; what happened may be told by several."""
    open_ways = []
    for field, steps in ways:
        target = parse_target(field)
        if target is None:
            continue
        place = (target.entity, target.key, target.group)
        if (
            place not in taken
            or target.key in REPEATABLE
            or target.entity in ACTIVITIES
            or target.detail
            or separator_of(steps) is not None
        ):
            taken.add(place)
            open_ways.append((field, steps))
    (field, steps), *more = open_ways or [(vendor.keep(name), ())]
    order = next((cast(Order, step.arguments[0]) for step in steps if step.kind == "date"), None)
    if order not in get_args(Order):
        target = parse_target(field)
        order = _order(target, values) if target is not None else None
    return ColumnMapping(name, field, "vendor", vendor.confidence, order, steps, tuple(more))


def _by_values(name: str, target: str, values: Sequence[str]) -> str:
    """``客户名称`` and its like are a firm in most systems and a person in some: the values tell."""
    if target != "company" or meaning_of(name) != "company" or ("客户" not in name and "客戶" not in name):
        return target
    return "company" if holds_companies(values) or not filled(values) else "name"


def _order(target: Target, values: Sequence[str]) -> Order | None:
    return date_order(values) if holds_dates(target) else None


def holds_dates(target: Target) -> bool:
    """Whether dates are read from a column with this target."""
    if target.entity in ACTIVITIES:
        return target.key in ("at", "due_at", "done_at", "created_at", "closed_at", "expected_close")
    return target.key in BY_KEY and BY_KEY[target.key].type in ("date", "moment")


def date_order(values: Sequence[str]) -> Order | None:
    """Whether numbered dates (5/3/2024) put the day or the month first; None when no value decides it."""
    day_first = month_first = False
    for value in values:
        match = _NUMBERED_DATE.match(value)
        if match is not None:
            day_first = day_first or int(match[1]) > 12
            month_first = month_first or int(match[2]) > 12
    if day_first == month_first:
        return None
    return "dmy" if day_first else "mdy"


def has_numbered_dates(values: Sequence[str]) -> bool:
    """Whether there are dates of which the order of day and month must be known."""
    return any(_NUMBERED_DATE.match(value) for value in values)


def column_of(name: str, columns: Sequence[str]) -> int:
    """Which column is meant: by its name, else by its number. Raises UsageError when there is none."""
    if name in columns:
        return columns.index(name)
    folded = [column.casefold() for column in columns]
    if name.casefold() in folded:
        return folded.index(name.casefold())
    if name.isdecimal() and 0 < int(name) <= len(columns):
        return int(name) - 1
    from difflib import get_close_matches

    near = get_close_matches(name, columns, 1)
    raise UsageError(
        _("the file has no column {name}").format(name=name),
        hint=_("Did you mean {near}?").format(near=near[0])
        if near
        else _("Its columns: {names}.").format(names=", ".join(columns[:20])),
    )


def _field(text: str) -> str:
    if not text.strip():
        return SKIP
    target = parse_target(text)
    if target is None or target.key in UNMAPPED:
        from difflib import get_close_matches

        near = get_close_matches(text, [*BY_KEY, SKIP], 1)
        raise UsageError(
            _("there is no field {name}").format(name=text),
            hint=_("Did you mean {near}? A new field is written custom.NAME").format(near=near[0])
            if near
            else _("A new field is written custom.NAME; skip leaves the column out"),
        )
    return target.text
