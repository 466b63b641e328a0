"""Records side by side as rows: for each field the value of every record, which stays, and why."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crmtui.domain.fields import BY_KEY, FIELDS, MESSAGING_LABELS
from crmtui.domain.merging import REASONS, merge_custom
from crmtui.domain.models import CustomerRecord
from crmtui.domain.text import display_text
from crmtui.i18n import N_, _, ngettext
from crmtui.i18n.show import show_number
from crmtui.services.duplicates.listing import Explanation
from crmtui.services.merge import MergePreview
from crmtui.tui.card import when
from crmtui.tui.form_values import choice_label
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView

SURVIVOR = "survivor"
"""The key of the row that says which record stays."""
_MOST = 400
LABEL_WIDTH = 12
RECORD_WIDTH = 21
"""The fewest cells of a record."""
_MOST_BESIDE = 4
_KEPT = "● "
_PROPOSED = N_("most is known of it")
_BESIDE = ("phones", "emails", "messaging", "urls", "tags", "addresses", "external_ids")
"""What is no column of a customer: of these everything stays."""
_LABELS = {"messaging": N_("Messaging"), "addresses": N_("Address")}


class MergeRow(NamedTuple):
    """One field: the value of each record ("" if it has none), the positions of those that stay, and why.

    ``choosable`` says whether another record's value can be taken; ``differs`` whether the records do not agree.
    """

    key: str
    label: str
    values: tuple[str, ...]
    kept: frozenset[int]
    why: str
    choosable: bool
    differs: bool


def merge_rows(
    records: Sequence[CustomerRecord], preview: MergePreview, chosen: Mapping[str, int], interactions: Sequence[int]
) -> list[MergeRow]:
    """The rows for ``records`` in their order on the screen; ``interactions`` says how many each one has."""
    ids = [record["id"] for record in records]
    rows = [_survivor_row(records, preview.survivor, chosen)]
    for field in FIELDS:
        if field.key in _BESIDE:
            rows.append(_union_row(field.key, _(_LABELS.get(field.key, field.label)), records))
            continue
        choice = preview.choices.get(field.key)
        if choice is None or field.key == "kind":
            continue
        values = tuple(_column_text(record, field.key) for record in records)
        if choice.reason == "union":
            kept = frozenset(position for position, value in enumerate(values) if value)
        else:
            stays = values[ids.index(choice.source)]
            kept = frozenset(position for position, value in enumerate(values) if value and value == stays)
        rows.append(_row(field.key, _(field.label), values, kept, _(REASONS[choice.reason])))
    rows.append(_union_row("addresses", _(_LABELS["addresses"]), records))
    counts = tuple(show_number(count) if count else "" for count in interactions)
    rows.append(_row("interactions", _("Interactions"), counts, _filled(counts), _(REASONS["union"]), choosable=False))
    rows += _custom_rows(records, preview.survivor, chosen)
    return [row for row in rows if any(row.values)]


def result_words(records: Sequence[CustomerRecord], rows: Sequence[MergeRow], interactions: Sequence[int]) -> str:
    """What the merged record will have: how much of everything, name, company."""
    parts = [
        next((row.values[position] for position in sorted(row.kept)), "")
        for row in rows
        if row.key in ("name", "company")
    ]
    phones = {phone["e164"] or phone["value"] for record in records for phone in record["phones"]}
    emails = {email["value"].casefold() for record in records for email in record["emails"]}
    happened = sum(interactions)
    counts = [
        ngettext("{count} phone", "{count} phones", len(phones)).format(count=len(phones)),
        ngettext("{count} e-mail", "{count} e-mails", len(emails)).format(count=len(emails)),
        ngettext("{count} interaction", "{count} interactions", happened).format(count=show_number(happened)),
    ]
    return " · ".join([_("nothing is lost: {counts}").format(counts=_(", ").join(counts)), *filter(None, parts)])


def _survivor_row(records: Sequence[CustomerRecord], survivor: int, chosen: Mapping[str, int]) -> MergeRow:
    values = tuple(f"#{record['id']} · {when(record['created_at'])}" for record in records)
    kept = frozenset(position for position, record in enumerate(records) if record["id"] == survivor)
    why = _(REASONS["chosen"]) if SURVIVOR in chosen else _(_PROPOSED)
    return MergeRow(SURVIVOR, _("Record"), values, kept, why, choosable=True, differs=True)


def _custom_rows(records: Sequence[CustomerRecord], survivor: int, chosen: Mapping[str, int]) -> list[MergeRow]:
    order = sorted(records, key=lambda record: record["id"] != survivor)
    merged, _lost = merge_custom([(record["id"], record["custom"]) for record in order], chosen)
    rows = []
    for key, stays in merged.items():
        values = tuple(_shown(record["custom"].get(key)) for record in records)
        kept = frozenset(position for position, value in enumerate(values) if value and value == _shown(stays))
        reason = "only" if len(_filled(values)) == 1 else "same" if len(set(filter(None, values))) == 1 else "survivor"
        if f"custom.{key}" in chosen:
            reason = "chosen"
        rows.append(_row(f"custom.{key}", display_text(key, limit=60), values, kept, _(REASONS[reason])))
    return rows


def _union_row(key: str, label: str, records: Sequence[CustomerRecord]) -> MergeRow:
    values = tuple(_beside_text(record, key) for record in records)
    return _row(key, label, values, _filled(values), _(REASONS["union"]), choosable=False)


def _row(
    key: str, label: str, values: tuple[str, ...], kept: frozenset[int], why: str, *, choosable: bool = True
) -> MergeRow:
    return MergeRow(key, label, values, kept, why, choosable, len(set(values)) > 1)


def _filled(values: Sequence[str]) -> frozenset[int]:
    return frozenset(position for position, value in enumerate(values) if value)


def _column_text(record: CustomerRecord, key: str) -> str:
    value = record.get(key)
    if key == "do_not_contact":
        return _("yes") if value else ""
    if value and BY_KEY[key].choices:
        return display_text(choice_label(BY_KEY[key], str(value)), limit=_MOST)
    return _shown(value)


def _beside_text(record: CustomerRecord, key: str) -> str:
    if key == "phones":
        texts = [phone["value"] for phone in record["phones"]]
    elif key == "emails":
        texts = [email["value"] for email in record["emails"]]
    elif key == "messaging":
        texts = [
            f"{_(MESSAGING_LABELS.get(each['kind'], each['kind']))} {each['value']}" for each in record["messaging"]
        ]
    elif key == "addresses":
        parts = ("street", "postal_code", "city", "region", "country")
        texts = [" ".join(str(each.get(part)) for part in parts if each.get(part)) for each in record["addresses"]]
    elif key == "external_ids":
        texts = [f"{source} {value}" for source, value in record["external_ids"].items()]
    else:
        texts = record["urls"] if key == "urls" else record["tags"]
    return display_text(" · ".join(texts), limit=_MOST)


def _shown(value: object) -> str:
    return "" if value in (None, "") else display_text(str(value).replace("\n", " "), limit=_MOST)


def shown_positions(count: int, first: int, width: int) -> list[int]:
    """Which of ``count`` records fit ``width`` cells: the first one, and the others from ``first`` on."""
    room = max(2, min(_MOST_BESIDE, (width - LABEL_WIDTH - 4) // RECORD_WIDTH))
    if count <= room:
        return list(range(count))
    start = 1 + min(first, count - room)
    return [0, *range(start, start + room - 1)]


def signal_columns(told: Explanation) -> list[ListColumn]:
    """The columns of ``SignalRows``."""
    return [
        ListColumn("signal", _("Compared"), width=14, priority=100),
        ListColumn("first", f"#{told.a_id}", weight=1, min_width=10, priority=60),
        ListColumn("second", f"#{told.b_id}", weight=1, min_width=10, priority=60),
        ListColumn("bits", _("Bits"), width=5, align_right=True, priority=70),
        ListColumn("weight", _("Weight"), weight=2, min_width=24, priority=90),
    ]


def signal_words(told: Explanation, index: int) -> str:
    """A signal of an explanation in one line, uncut; "" when there is none."""
    if index >= len(told.reasons):
        return ""
    each = told.reasons[index]
    return display_text(f"{each.label}: {each.first} | {each.second}  {each.agreement} · {each.strength}", limit=_MOST)


class FieldRows:
    """The fields as rows of a list, with the records at some positions."""

    exact = True

    def __init__(self, rows: Sequence[MergeRow], positions: Sequence[int]) -> None:
        self._rows, self._positions = rows, positions

    def row_count(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return [self._view(row) for row in self._rows[start:stop]]

    def _view(self, row: MergeRow) -> RowView:
        cells = [
            (_KEPT if position in row.kept else "  ") + row.values[position] if row.values[position] else ""
            for position in self._positions
        ]
        return RowView((row.label, *cells, row.why), "" if row.differs else "muted")

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < len(self._rows) else None


class SignalRows:
    """The signals of an explanation as rows of a list."""

    exact = True

    def __init__(self, told: Explanation) -> None:
        self._reasons = told.reasons

    def row_count(self) -> int:
        return len(self._reasons)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return [
            RowView(
                (
                    display_text(each.label, limit=60),
                    display_text(each.first, limit=200),
                    display_text(each.second, limit=200),
                    f"{each.bits:+.1f}",
                    f"{each.agreement} · {each.strength}",
                ),
                "success" if each.bits >= 1 else "warning" if each.bits <= -1 else "muted",
            )
            for each in self._reasons[start:stop]
        ]

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < len(self._reasons) else None
