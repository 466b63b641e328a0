"""Operations as lines of a list: what was done, in what state it is, and each value it changed, before → after."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from crmtui.domain.column_labels import COLUMN_LABELS
from crmtui.domain.fields import BY_KEY, KIND_LABELS
from crmtui.domain.mapping.targets import SKIP
from crmtui.domain.models import OperationRecord
from crmtui.domain.text import display_text
from crmtui.i18n import N_, _, ngettext
from crmtui.i18n.show import show_number
from crmtui.services.undo_history import OPERATION_LABELS, describe
from crmtui.storage.operation_rows import ChangedRow
from crmtui.tui.import_views import target_label
from crmtui.tui.widgets.row_source import RowView

Values = Mapping[str, object]
ReadOperation = Callable[[int], OperationRecord | None]

TABLE_LABELS = {
    "customers": N_("customer record"),
    "contact_points": N_("contact"),
    "addresses": N_("address"),
    "customer_tags": N_("tag"),
    "external_ids": N_("external id"),
    "relations": N_("relation"),
    "interactions": N_("interaction"),
    "interaction_customers": N_("interaction"),
    "transactions": N_("transaction"),
    "deals": N_("deal"),
    "deal_stage_changes": N_("deal"),
    "tasks": N_("task"),
    "tags": N_("tag"),
    "views": N_("view"),
    "recipes": N_("recipe"),
    "field_definitions": N_("custom field"),
    "duplicate_decisions": N_("duplicate"),
}
# Made by the program from other values, or a number that means nothing to a person.
_UNTOLD = frozenset(
    {
        "id",
        "customer_id",
        "from_id",
        "to_id",
        "interaction_id",
        "deal_id",
        "company_id",
        "created_at",
        "updated_at",
        "version",
        "normalised",
        "utc_offset",
    }
)
_LONGEST = 300


class ChangeLine(NamedTuple):
    """One line of the details of an operation, safe for display."""

    what: str
    whose: str
    field: str
    values: str
    style: str = ""

    def view(self) -> RowView:
        """The line as a row of a list."""
        return RowView((self.what, self.whose, self.field, self.values), self.style)


def what_it_did(record: OperationRecord, read: ReadOperation) -> str:
    """An operation in words without its number of rows; an undo or redo says of what. Safe for display."""
    base = record
    for _step in range(3):  # a redo is of an undo of an operation: never deeper
        if base.kind not in ("undo", "redo") or base.target_id is None:
            break
        target = read(base.target_id)
        if target is None:
            break
        base = target
    told = display_text(describe(base._replace(count=None)))
    if base is record:
        return told
    return _("{act}: {what}").format(act=_(OPERATION_LABELS[record.kind]), what=told)


def state_words(record: OperationRecord, *, alive: bool) -> str:
    """Done, undone by which operation, or running; ``alive`` says whether the process of an unfinished one still lives."""
    if record.state != "done":
        return _("running") if alive else _("interrupted")
    if record.undone_by is not None:
        words = _("redone by {id}") if record.kind == "undo" else _("undone by {id}")
        return words.format(id=record.undone_by)
    if record.detail.get("taken_back"):
        return _("taken back")
    return _("done")


def rows_words(record: OperationRecord) -> str:
    """How many rows it was about; empty when that is not known."""
    return "" if record.count is None else show_number(record.count)


def change_lines(row: ChangedRow) -> list[ChangeLine]:
    """The lines of one changed row: one a value for a customer and for updates, one in all for what was added or removed."""
    what = _(TABLE_LABELS.get(row.table, row.table))
    whose = display_text(row.customer or f"#{row.row_id}", limit=_LONGEST)
    if row.before is not None and row.after is not None:
        pairs = [(key, row.before.get(key), value) for key, value in row.after.items() if key != "normalised"]
        lines = [
            ChangeLine(what, whose, label, f"{_shown(before)} → {_shown(after)}")
            for key, old, new in pairs
            for label, before, after in _expanded(key, old, new)
        ]
        return lines or [ChangeLine(what, whose, "", _("changed"))]
    values = row.after if row.after is not None else row.before or {}
    added = row.after is not None
    told = [(key, value) for key, value in values.items() if key not in _UNTOLD and value not in (None, "")]
    if row.table != "customers":
        text = " · ".join(_shown(value) for _key, value in told)
        return [_one_sided(what, whose, _added(added), text, added)]
    return [
        _one_sided(what, whose, label, _shown(value), added)
        for key, given in told
        for label, _nothing, value in _expanded(key, None, given)
    ]


def _one_sided(what: str, whose: str, field: str, text: str, added: bool) -> ChangeLine:
    return ChangeLine(what, whose, field, f"→ {text}" if added else f"{text} →", "" if added else "muted")


def _added(added: bool) -> str:
    return _("added") if added else _("removed")


def _expanded(key: str, before: object, after: object) -> list[tuple[str, object, object]]:
    """(label, before, after) of a column; the custom values one by one."""
    if key != "custom":
        return [(field_label(key), before, after)]
    old, new = _custom(before), _custom(after)
    names = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    return [(display_text(name, limit=_LONGEST), old.get(name), new.get(name)) for name in names]


def _custom(text: object) -> dict[str, object]:
    if not isinstance(text, str):
        return {}
    values = json.loads(text)
    return values if isinstance(values, dict) else {}


def field_label(key: str) -> str:
    """The name of a column or field for people."""
    field = BY_KEY.get(key)
    if field is not None:
        return _(field.label)
    return _(COLUMN_LABELS[key]) if key in COLUMN_LABELS else display_text(key, limit=_LONGEST)


def _shown(value: object) -> str:
    if value is None:
        return _("nothing")
    text = str(value)
    return _(KIND_LABELS[text]) if text in KIND_LABELS else display_text(text, limit=_LONGEST)


def inserted_lines(counts: Mapping[str, int]) -> list[ChangeLine]:
    """What a mass insert made, a line a table."""
    return [
        ChangeLine(
            _(TABLE_LABELS.get(table, table)),
            ngettext("{count} added", "{count} added", count).format(count=show_number(count)),
            "",
            "",
        )
        for table, count in counts.items()
    ]


def import_lines(detail: Mapping[str, object]) -> list[ChangeLine]:
    """What an import noted of itself: where its columns went, and what was wrong with values."""
    lines = []
    mapping = detail.get("mapping")
    for column, target in mapping.items() if isinstance(mapping, dict) else ():
        entry = target if isinstance(target, dict) else {"field": target}
        field, reason = entry.get("field"), entry.get("reason")
        lines.append(
            ChangeLine(
                _("mapping"),
                display_text(str(column), limit=_LONGEST),
                target_label(str(field)) if field else _("left out"),
                display_text(str(reason or ""), limit=_LONGEST),
                "muted" if field in (None, "", SKIP) else "",
            )
        )
    issues = detail.get("issues")
    for issue in issues if isinstance(issues, list | tuple) else ():
        if isinstance(issue, dict):
            lines.append(_issue_line(issue))
    return lines


def _issue_line(issue: Mapping[str, object]) -> ChangeLine:
    row, column = issue.get("row"), issue.get("column") or issue.get("field") or ""
    text = str(issue.get("message") or issue.get("code") or "")
    count = issue.get("count")
    if isinstance(count, int) and count > 1:
        text = _("{message} ({count} times)").format(message=text, count=show_number(count))
    where = _("row {row}").format(row=row) if row else ""
    return ChangeLine(_("issue"), where, display_text(str(column)), display_text(text, limit=_LONGEST), "warning")


_COUNT_LABELS = {
    "rows": N_("rows"),
    "created": N_("created"),
    "updated": N_("updated"),
    "unchanged": N_("unchanged"),
    "skipped": N_("skipped"),
    "rejected": N_("rejected"),
    "duplicates_in_file": N_("duplicates in the file"),
}


def count_words(counts: Mapping[str, object], *, zeros: Sequence[str] = ("created", "updated", "rejected")) -> str:
    """The counts of an import in one line; those that are 0 are told only when named in ``zeros``."""
    parts = []
    for key, label in _COUNT_LABELS.items():
        count = counts.get(key)
        if isinstance(count, int) and (count or key in zeros):
            parts.append(f"{_(label)} {show_number(count)}")
    return " · ".join(parts)
