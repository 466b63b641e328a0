"""Completing a query while it is typed: fields by key, label, alias or pinyin, and the values this file knows for each."""

from collections.abc import Iterable
from typing import NamedTuple

from crmtui.domain.completion_rank import Candidate, Spot, as_value, rank, spot_at
from crmtui.domain.fields import BY_QUERY_NAME, DEAL_STAGE_LABELS, FIELDS, KIND_LABELS, STAGE_LABELS, Field
from crmtui.domain.query import HAS_VALUES, IS_VALUES, SPECIAL_FILTERS
from crmtui.i18n import N_, _
from crmtui.storage import known_values
from crmtui.storage.definitions import custom_fields
from crmtui.storage.driver import Connection

LIMIT = 20

_HAS_LABELS = {
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "wechat": N_("WeChat"),
    "company": N_("Company"),
    "tag": N_("Tags"),
    "note": N_("Notes"),
    "owner": N_("Owner"),
    "stage": N_("Stage"),
    "birthday": N_("Birthday"),
    "address": N_("Address"),
    "interaction": N_("an interaction"),
    "order": N_("order"),
    "deal": N_("deal"),
    "task": N_("an open task"),
}
_IS_LABELS = {**KIND_LABELS, "archived": N_("archived")}
_SPECIAL_LABELS = {
    "is": (N_("Kind"), "is:company"),
    "has": (N_("has something"), "has:email"),
    "last": (N_("Last contact"), "last:>90d"),
    "amount": (N_("Orders in all"), "amount:>10000"),
    "due": (N_("Task due"), "due:today"),
    "deal": (N_("Deal"), "deal:new"),
    "order": (N_("Order number"), "order:2024-001"),
    "domain": (N_("Domain of the e-mail"), "domain:example.com"),
    "text": (N_("Notes and interactions"), "text:…"),
    "batch": (N_("Import"), "batch:12"),
    "id": (N_("Number of the customer"), "id:1032"),
}
_AGES = {
    "en": ((">30d", ">90d", ">1y"), ("<7d", "<30d")),
    "zh_CN": ((">30天", ">90天", ">1年"), ("<7天", "<30天")),
}
_SEARCHED = frozenset({"city", "company", "job_title", "domain"})
_DATES = frozenset({"last", "created", "updated", "birthday"})


class Completion(NamedTuple):
    """What may replace the characters from ``start`` to ``end`` of a query, the best first."""

    start: int
    end: int
    candidates: list[Candidate]


class KnownValues:
    """The values of each field of one customer file, read at first use and kept: for one prompt, which lives for seconds."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._lists: dict[str, list[str]] = {}
        self._custom: list[Field] | None = None

    def custom(self) -> list[Field]:
        """The custom fields."""
        if self._custom is None:
            self._custom = custom_fields(self.connection)
        return self._custom

    def values(self, field: str) -> list[str]:
        """The values of a field: all of an indexed one, of others those of some weight."""
        found = self._lists.get(field)
        if found is None:
            if field in known_values.INDEXED:
                found = known_values.indexed_values(self.connection, field)
            elif field == "tags":
                found = known_values.tag_names(self.connection)
            else:
                found = known_values.sampled_values(self.connection, field)
            self._lists[field] = found
        return found


def complete(
    connection: Connection,
    text: str,
    cursor: int,
    language: str,
    *,
    known: KnownValues | None = None,
    limit: int = LIMIT,
) -> Completion:
    """What may stand at ``cursor`` of the query ``text``; no candidates where nothing can be offered.

    ``language`` (of the interface) chooses how an age is written. ``known`` keeps values from one key to the next.
    Bounded whatever the size of the file: a few milliseconds for a million customers.
    """
    spot = spot_at(text, cursor)
    if spot is None:
        return Completion(cursor, cursor, [])
    known = known or KnownValues(connection)
    if not spot.field:
        return Completion(spot.start, spot.end, rank(spot.typed, _fields(known.custom()), limit))
    field = _field_of(spot.field, known)
    candidates = _values(field, spot, known, language) if field else []
    return Completion(spot.start, spot.end, _counted(rank(spot.typed, candidates, limit), field, connection))


def _fields(custom: Iterable[Field]) -> list[Candidate]:
    """Every name that may stand before a colon, the commonest first."""
    found = [Candidate(f"{name}:", _(label), example) for name, (label, example) in _SPECIAL_LABELS.items()]
    for field in FIELDS:
        name = _query_name(field)
        if name not in _SPECIAL_LABELS and field.key != "kind":
            aliases = [alias for alias in (field.key, *field.query) if alias != name]
            found.append(Candidate(f"{name}:", _(field.label), " ".join(aliases)))
    for field in custom:
        key = as_value(field.key)
        if key is not None:
            found.append(Candidate(f"custom.{key}:", field.label, _("custom field")))
    order = {name: place for place, name in enumerate(_COMMON)}
    return sorted(found, key=lambda candidate: order.get(candidate.insert, len(order)))


_COMMON = tuple(
    f"{name}:" for name in ("stage", "tag", "owner", "city", "last", "company", "has", "is", "source", "amount", "due")
)


def _query_name(field: Field) -> str:
    """The name a person types: the short form where the key is a plural or of two words."""
    if field.key.endswith("s") or "_" in field.key:
        return next((name for name in field.query if name.isascii()), field.key)
    return field.key


def _field_of(name: str, known: KnownValues) -> str | None:
    """The field or condition that a name in a query means; ``custom.KEY`` for a custom field, None for an unknown one."""
    folded = name.casefold()
    if folded.startswith("custom."):
        key = name[len("custom.") :].strip('"')
        return next((f"custom.{field.key}" for field in known.custom() if field.key == key), f"custom.{key}")
    if folded in SPECIAL_FILTERS:
        return folded
    field = BY_QUERY_NAME.get(folded)
    return field.key if field else None


def _values(field: str, spot: Spot, known: KnownValues, language: str) -> list[Candidate]:
    if field == "has":
        return [Candidate(value, _(_HAS_LABELS[value])) for value in HAS_VALUES]
    if field in ("is", "kind"):
        return [Candidate(value, _(_IS_LABELS[value])) for value in IS_VALUES]
    if field == "stage":
        used = [value for value in known.values("stage") if value not in STAGE_LABELS]
        named = [Candidate(value, _(label)) for value, label in STAGE_LABELS.items()]
        return named + _as_candidates(used) + [Candidate("none", _("without a stage"))]
    if field == "owner":
        own = [Candidate("me", _("me"))]
        return own + _as_candidates(known.values("owner")) + [Candidate("none", _("nobody"))]
    if field in _DATES or field.removesuffix("_at") in _DATES or field == "last_interaction_at":
        return _ages(language, field)
    if field == "due":
        words = (
            ("today", N_("today")),
            ("tomorrow", N_("tomorrow")),
            ("week", N_("this week")),
            ("overdue", N_("overdue")),
        )
        return [Candidate(value, _(label)) for value, label in words]
    if field == "deal":
        return [Candidate(value, _(label)) for value, label in DEAL_STAGE_LABELS.items()]
    if field == "amount":
        return [Candidate(value, "") for value in (">1000", ">10000", ">100000", "=0")]
    if field == "batch":
        return [Candidate(str(number), file) for number, file in known_values.recent_imports(known.connection)]
    if field == "do_not_contact":
        return [Candidate("yes", _("yes")), Candidate("no", _("no"))]
    if field.startswith("custom."):
        definition = next((each for each in known.custom() if f"custom.{each.key}" == field), None)
        if definition is not None and definition.choices:
            return _as_candidates(definition.choices)
        return _as_candidates(known.values(field))
    if field == "tags":
        return _as_candidates(known.values("tags"))
    if field in known_values.SAMPLED:
        found = known.values(field)
        if field in _SEARCHED and spot.typed:
            found = found + known_values.matching_values(known.connection, field, spot.typed)
        return _as_candidates(found)
    return []


def _ages(language: str, field: str) -> list[Candidate]:
    longer, within = _AGES.get(language, _AGES["en"])
    if field == "birthday":
        return []
    return [
        *(Candidate(age, _("longer ago than {age}").format(age=age[1:])) for age in longer),
        *(Candidate(age, _("within the last {age}").format(age=age[1:])) for age in within),
        Candidate("none", _("never")),
    ]


def _as_candidates(values: Iterable[str]) -> list[Candidate]:
    found = ((as_value(value), value) for value in values)
    return [Candidate(written, value) for written, value in found if written is not None]


def _counted(candidates: list[Candidate], field: str | None, connection: Connection) -> list[Candidate]:
    """Candidates with their numbers, where an index holds them."""
    if field not in ("owner", "stage", "tags"):
        return candidates
    return [
        candidate._replace(count=known_values.counted(connection, field, _stored(candidate)))
        if candidate.insert not in ("me", "none")
        else candidate
        for candidate in candidates
    ]


def _stored(candidate: Candidate) -> str:
    """The value in the file that a candidate stands for."""
    return candidate.insert.strip('"')
