"""Counting the values of a field over what a query finds, each with the query that opens the customers behind it."""

from array import array
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from crmtui.domain.completion_rank import as_value
from crmtui.domain.fields import BY_KEY, BY_QUERY_NAME
from crmtui.domain.query import Problem, parse
from crmtui.errors import Interrupted, UsageError
from crmtui.i18n import _
from crmtui.storage.definitions import custom_fields
from crmtui.storage.driver import Connection
from crmtui.storage.search import Order, all_ids, make_plan
from crmtui.storage.value_counts import Source, tally

_POINT = "contact_points.kind = '{}' AND coalesce(contact_points.is_alternate, 0) = 0"
_NO_VALUE = {"phone_country": "-has:phone", "do_not_contact": "do_not_contact:no"}


class ValueCount(NamedTuple):
    """A value, how many customers have it, and the query that finds them ("" where the query language cannot say it)."""

    value: str
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody wants here
    query: str


class ValueCounts(NamedTuple):
    """The commonest values first; how many different ones there are, and of ``total`` customers how many have none.

    A customer with several tags or phones counts once for each of them. ``blank_query`` finds those without a value.
    """

    rows: list[ValueCount]
    distinct: int
    blank: int
    total: int
    blank_query: str
    problems: tuple[Problem, ...] = ()


def count_values(
    connection: Connection,
    query: str,
    field: str,
    limit: int = -1,
    interrupted: Callable[[], bool] = bool,
    *,
    actor: str = "",
) -> ValueCounts:
    """Count the values of a field over the customers that ``query`` finds; at most ``limit`` rows (-1: all).

    Besides fields of the registry and ``custom.KEY``: ``domain`` of e-mail addresses and ``phone_country``, the code a phone begins with.
    Dates are counted by month. Raises UsageError for an unknown field (with the nearest), Interrupted when ``interrupted`` says so.
    """
    key = countable_field(connection, field)
    parsed = parse(query)
    ids = None
    if parsed.node is not None:
        ids = array("q")
        for chunk in all_ids(connection, make_plan(parsed, Order("id"), actor=actor)):
            if interrupted():
                raise Interrupted(_("stopped"))
            ids.extend(chunk)
    found = tally(connection, _source(key), ids, interrupted)
    if found is None:
        raise Interrupted(_("stopped"))
    counts = _by_country(found.counts) if key == "phone_country" else found.counts
    commonest = counts.most_common() if limit < 0 else counts.most_common(limit)
    commonest.sort(key=lambda entry: (-entry[1], entry[0]))
    rows = [ValueCount(value, count, _behind(query, _term(key, value))) for value, count in commonest]
    blank = _NO_VALUE.get(key) or _blank_term(key)
    return ValueCounts(
        rows, len(counts), found.customers - found.with_value, found.customers, _behind(query, blank), parsed.problems
    )


def countable_field(connection: Connection, name: str) -> str:
    """The key of a field whose values can be counted, from any name a person uses for it. Raises UsageError with the nearest."""
    folded = name.casefold()
    if folded in ("domain", "phone_country"):
        return folded
    if name.startswith("custom.") and len(name) > len("custom."):
        return name
    if folded in BY_QUERY_NAME:
        return BY_QUERY_NAME[folded].key
    customs = {field.key: field.key for field in custom_fields(connection)}
    if name in customs:
        return f"custom.{name}"
    from difflib import get_close_matches

    near = next(iter(get_close_matches(folded, [*BY_QUERY_NAME, *customs, "domain", "phone_country"], 1, 0.5)), "")
    raise UsageError(
        _("there is no field “{name}”").format(name=name),
        hint=_("Did you mean “{nearest}”?").format(nearest=near) if near else None,
    )


def _source(key: str) -> Source:
    if key == "domain":
        domain = "lower(substr(contact_points.value, instr(contact_points.value, '@') + 1))"
        return Source("contact_points", "customer_id", domain, (), _POINT.format("email"))
    if key == "phone_country":
        start = "CASE WHEN contact_points.normalised LIKE '+%' THEN substr(contact_points.normalised, 1, 4) END"
        return Source("contact_points", "customer_id", start, (), _POINT.format("phone"))
    if key.startswith("custom."):
        path = '$."' + key.removeprefix("custom.").replace('"', "") + '"'
        return Source("customers", "id", "json_extract(customers.custom, ?)", (path,))
    field = BY_KEY[key]
    if field.type in ("date", "moment"):
        return Source("customers", "id", f"substr(customers.{key}, 1, 7)")
    if field.type == "bool":
        return Source("customers", "id", f"CASE WHEN customers.{key} THEN 'yes' END")
    if field.place == "column" or key == "city":
        return Source("customers", "id", f"customers.{key}")
    if field.place == "address":
        return Source("addresses", "customer_id", f"addresses.{field.part}")
    if field.place == "tags":
        return Source("customer_tags", "customer_id", "(SELECT name FROM tags WHERE tags.id = customer_tags.tag_id)")
    if field.place == "external":
        return Source("external_ids", "customer_id", "external_ids.system")
    if key == "messaging":
        kinds = "contact_points.kind NOT IN ('phone', 'email', 'url') AND coalesce(contact_points.is_alternate, 0) = 0"
        return Source("contact_points", "customer_id", "contact_points.kind", (), kinds)
    return Source("contact_points", "customer_id", "contact_points.value", (), _POINT.format(field.part))


def _by_country(starts: "Counter[str]") -> "Counter[str]":
    """Beginnings of numbers (``+861``) put together by the code of their country: no code is the beginning of another."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    counts: Counter[str] = Counter()
    for start, count in starts.items():
        code = next(
            (start[: size + 1] for size in (1, 2, 3) if _is_code(start[1 : size + 1], COUNTRY_CODE_TO_REGION_CODE)),
            start,
        )
        counts[code] += count
    return counts


def _is_code(digits: str, codes: "dict[int, tuple[str, ...]]") -> bool:
    return digits.isascii() and digits.isdigit() and int(digits) in codes


def _name(key: str) -> str:
    """The name of a field in a query."""
    if key.startswith("custom."):
        written = as_value(key.removeprefix("custom.")) or ""
        return f"custom.{written}"
    field = BY_KEY.get(key)
    if field is not None and field.key in ("created_at", "updated_at", "last_interaction_at"):
        return field.query[0]
    return key


def _term(key: str, value: str) -> str:
    """The condition that finds exactly the customers with a value; "" where there is none."""
    written = as_value(value)
    field = BY_KEY.get(key)
    if written is None or key in ("messaging", "external_ids") or value != value.strip():
        return ""
    if key == "phone_country":
        return f"phone:{value}"
    if field is not None and field.type in ("date", "moment", "bool"):
        return f"{_name(key)}:{written}"
    return f"{_name(key)}:={written}"


def _blank_term(key: str) -> str:
    field = BY_KEY.get(key)
    if key in ("messaging", "external_ids"):
        return ""
    if field is not None and field.type in ("date", "moment"):
        return f"{_name(key)}:none"
    return f'{_name(key)}:=""'


def _behind(query: str, term: str) -> str:
    """A query narrowed by a condition."""
    if not term or not query.strip():
        return term
    return f"({query}) {term}"
