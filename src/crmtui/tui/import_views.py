"""The steps of an import as they are shown: lines for the head and rows for the list, made from the plan and its results.

Pure: the screen gives what the steps of ``services.bring_in`` have brought and draws what comes back.
"""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crmtui.domain.fields import BY_KEY, FIELDS
from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.domain.mapping.targets import CUSTOM, SKIP, parse_target
from crmtui.domain.text import cell_width, cut, display_text
from crmtui.formats.registry import FORMATS
from crmtui.formats.table import Detection
from crmtui.i18n import N_, _, ngettext
from crmtui.i18n.show import show_bytes, show_number
from crmtui.services.importing.plan import Counts, ImportPlan, ImportResult
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span

STEPS = (N_("Detect"), N_("Map"), N_("Validate"), N_("Rehearse"), N_("Run"))
DETECT, MAP, VALIDATE, REHEARSE, RUN = range(5)
ISSUES_SHOWN = 200
SURE_FROM = 0.8
"""Confidence from which a guess needs no look."""
_SAMPLES = 5
_LONGEST = 120
_LABEL = 11
_NOTES = 2
_KINDS = 5
"""Kinds of issues that are counted one by one at most."""
_RATE_FROM = 1_000

MODE_LABELS = {
    "create": N_("every row is a new customer"),
    "update": N_("known customers are changed, others left out"),
    "upsert": N_("known customers are changed, others added"),
    "fill": N_("known customers get what they lack, others are added"),
}
_REASONS = {
    "chosen": N_("your choice"),
    "synonym": N_("header"),
    "weak synonym": N_("header, weak"),
    "content": N_("the values"),
    "similar header": N_("like a header"),
    "kept": N_("kept, unknown"),
    "vendor": N_("its program"),
    "recipe": N_("recipe"),
}
_POINT_LABELS = {
    "mobile": N_("mobile"),
    "work": N_("work"),
    "home": N_("home"),
    "fax": N_("fax"),
    "other": N_("other"),
}


class Listed(NamedTuple):
    """What the list of a step shows."""

    columns: tuple[ListColumn, ...]
    rows: tuple[RowView, ...]
    empty: str = ""


# The line at the top


def steps_line(step: int, path: str, facts: str, width: int) -> Line:
    """Where in the import one is; the facts of the file stand right when there is room for them."""
    spans = [Span(f" {_('Import')}  ", "muted")]
    marks = []
    for index, name in enumerate(STEPS):
        sign = "✓ " if index < step else "▸ " if index == step else "  "
        style = "success" if index < step else "strong" if index == step else "muted"
        marks.append(Span(f"{sign}{index + 1} {_(name)} ", style))
    used = cell_width(spans[0].text) + sum(cell_width(span.text) for span in marks) + 2
    name = display_text(os.path.basename(path), limit=400)
    facts_width = cell_width(facts) + 2
    room = width - used - facts_width
    right = (Span(facts + " ", "muted"),) if facts and room >= min(24, cell_width(name)) else ()
    shown = cut(name, max(6, room if right else width - used))
    return Line((*spans, Span(shown + "  ", "accent"), *marks), right)


def file_facts(plan: ImportPlan) -> str:
    """Encoding, delimiter, header row or sheet, in a few words."""
    found = plan.detection
    parts = [found.encoding.upper(), delimiter_words(found.delimiter)] if found.delimiter else [_format(found)]
    if found.sheet:
        parts.append(display_text(found.sheet, limit=24))
    if found.header_row:
        parts.append(_("header row {row}").format(row=found.header_row))
    return " · ".join(parts)


def delimiter_words(delimiter: str) -> str:
    """A delimiter as people read it."""
    return {"\t": _("tab"), " ": _("blank")}.get(delimiter, display_text(delimiter))


def _format(found: Detection) -> str:
    known = FORMATS.get(found.format)
    return known.label if known else found.format


# Detect


def detect_lines(
    plan: ImportPlan, candidates: Sequence[tuple[str, float]], rows: Mapping[str, Sequence[str]]
) -> list[Line]:
    """What the file is: each candidate for the encoding with rows as it would read them, then the other facts."""
    found = plan.detection
    lines = [_fact(_("format"), f"{_format(found)} · {show_bytes(plan.size)}")]
    if found.delimiter:
        lines += _encoding_lines(found, candidates, rows)
        lines.append(_fact(_("delimiter"), delimiter_words(found.delimiter)))
    if found.sheet is not None:
        count = len(found.sheets)
        more = ngettext("{count} sheet in the file", "{count} sheets in the file", count).format(count=count)
        lines.append(_fact(_("sheet"), display_text(found.sheet, limit=_LONGEST), f"   {more}" if count > 1 else ""))
    numbered = found.delimiter or any(name == f"#{number}" for number, name in enumerate(found.columns, 1))
    none = _("none: columns have numbers") if numbered else _("none: the records name their values")
    header = str(found.header_row) if found.header_row else none
    columns = ngettext("{count} column", "{count} columns", len(found.columns)).format(count=len(found.columns))
    lines.append(_fact(_("header row"), header, f"   {columns}"))
    lines += [
        Line((Span(" " * (_LABEL + 1)), Span("! " + display_text(note.text, limit=400), "warning")))
        for note in found.notes[:_NOTES]
    ]
    return lines


def _fact(label: str, value: str, more: str = "") -> Line:
    blank = " " * max(1, _LABEL - cell_width(label))
    return Line((Span(f" {label}{blank}", "muted"), Span(value, "strong"), Span(more, "muted")))


def _encoding_lines(
    found: Detection, candidates: Sequence[tuple[str, float]], rows: Mapping[str, Sequence[str]]
) -> list[Line]:
    """One candidate in one line when there is no choice; else each with its key and what the rows look like."""
    if len(candidates) < 2 or not any(rows.values()):
        return [_fact(_("encoding"), found.encoding.upper(), f"   {round(found.encoding_confidence * 100)} %")]
    lines = []
    for number, (encoding, confidence) in enumerate(candidates, 1):
        here = encoding == found.encoding
        head = f" {_('encoding')}" + " " * max(1, _LABEL - cell_width(_("encoding"))) if number == 1 else ""
        spans = [Span(head or " " * (_LABEL + 1), "muted"), Span(f"{number} ", "key"), Span("▸ " if here else "  ")]
        spans.append(Span(f"{encoding.upper()}  ", "strong" if here else ""))
        lines.append(Line((*spans, Span(f"{round(confidence * 100)} %", "muted"))))
        lines += [
            Line((Span(" " * (_LABEL + 5)), Span(display_text(row, limit=400), "" if here else "muted")))
            for row in rows.get(encoding, ())
        ]
    return lines


def detect_list(plan: ImportPlan) -> Listed:
    """The first rows of the table as they are read."""
    found = plan.detection
    columns = tuple(
        ListColumn(str(index), display_text(name, limit=_LONGEST), weight=1, min_width=10, priority=-index)
        for index, name in enumerate(found.columns)
    )
    rows = tuple(RowView(tuple(display_text(cell, limit=_LONGEST) for cell in row)) for row in found.sample)
    return Listed(columns or (ListColumn("none", ""),), rows, _("There is no row after the header."))


# Map


def target_label(field: str) -> str:
    """A target of the mapping for people: ``phones.mobile`` is ``Phone (mobile)``; safe for display."""
    if field == SKIP:
        return _("left out")
    if field.startswith(CUSTOM):
        return _("custom: {name}").format(name=display_text(field.removeprefix(CUSTOM), limit=_LONGEST))
    target = parse_target(field)
    if target is None or target.entity or target.group or target.key not in BY_KEY:
        return display_text(field)
    label = _(BY_KEY[target.key].label)
    if not target.detail:
        return label
    detail = _(_POINT_LABELS[target.detail]) if target.detail in _POINT_LABELS else target.detail
    return f"{label} ({display_text(detail)})"


def target_choices(column: str, customs: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """(value, label, words it is found by, remark) of everything a column can go to; ``customs`` are keys that exist."""
    name = " ".join(column.split()) or column
    choices = [
        (f"{CUSTOM}{name}", _("keep as custom field"), "custom keep 自定义 保留", display_text(name, limit=40)),
        (SKIP, _("leave out"), "skip ignore leave 忽略 跳过", ""),
    ]
    for field in FIELDS:
        words = " ".join((field.key, *field.query))
        choices.append((field.key, _(field.label), words, ""))
        if field.key in ("phones", "emails"):
            choices += [
                (f"{field.key}.{part}", target_label(f"{field.key}.{part}"), words, "")
                for part in _POINT_LABELS
                if field.key == "phones" or part in ("work", "home")
            ]
    choices += [
        (f"{CUSTOM}{key}", target_label(f"{CUSTOM}{key}"), key, _("exists")) for key in customs if key and key != name
    ]
    return choices


def needs_look(each: ColumnMapping) -> bool:
    """Whether a guess should be looked at: not sure of it, or kept because nothing knew the column."""
    return each.reason != "chosen" and each.field != SKIP and (each.confidence < SURE_FROM or each.reason == "kept")


def look_words(plan: ImportPlan) -> str:
    """How many columns need a look."""
    count, total = sum(map(needs_look, plan.mapping)), len(plan.mapping)
    return ngettext("{count} of {total} needs a look", "{count} of {total} need a look", count).format(
        count=count, total=total
    )


def map_list(plan: ImportPlan) -> Listed:
    """The columns of the file and where each goes."""
    columns = (
        ListColumn("column", _("Column"), weight=2, min_width=10, priority=100),
        ListColumn("field", "→ " + _("Field"), weight=2, min_width=14, priority=95),
        ListColumn("why", _("Why"), width=17, priority=50),
        ListColumn("samples", _("Samples"), weight=3, min_width=14, priority=70),
        ListColumn("blank", _("Blank"), width=5, align_right=True, priority=60),
    )
    rows = []
    for index, each in enumerate(plan.mapping):
        values = [row[index].strip() if index < len(row) else "" for row in plan.detection.sample]
        filled = [value for value in values if value]
        samples = " · ".join(display_text(value, limit=40) for value in list(dict.fromkeys(filled))[:_SAMPLES])
        blank = f"{round((len(values) - len(filled)) * 100 / len(values))} %" if values else ""
        why = _(_REASONS[each.reason])
        if each.confidence < 1 and each.reason != "kept":
            why += f" {round(each.confidence * 100)} %"
        style = "muted" if each.field == SKIP else "warning" if needs_look(each) else ""
        cells = (display_text(each.column, limit=_LONGEST), "→ " + target_label(each.field), why, samples, blank)
        rows.append(RowView(cells, style))
    return Listed(columns, tuple(rows), _("The file has no columns."))


# Validate


def validate_lines(result: ImportResult) -> list[Line]:
    """How many rows were read, how many things were found, and how often each."""
    found = sum(result.issue_counts.values())
    rows = ngettext("{count} row read", "{count} rows read", result.counts.rows)
    issues = ngettext("{count} issue", "{count} issues", found) if found else _("no issues")
    head = [
        Span(" " + rows.format(count=show_number(result.counts.rows)), "strong"),
        Span("   " + issues.format(count=show_number(found)), "warning" if found else "success"),
    ]
    if result.counts.rejected:
        rejected = ngettext("{count} row is refused", "{count} rows are refused", result.counts.rejected)
        head.append(Span("   " + rejected.format(count=show_number(result.counts.rejected)), "error"))
    told = {issue.code: issue.message for issue in result.issues}
    kinds = sorted(result.issue_counts.items(), key=lambda item: -item[1])
    lines = [
        Line((Span(f" {show_number(count):>9}  "), Span(display_text(told.get(code, code)), "muted")))
        for code, count in (kinds if len(kinds) <= _KINDS else kinds[: _KINDS - 1])
    ]
    if len(kinds) > _KINDS:
        rest = kinds[_KINDS - 1 :]
        more = ngettext("issue of {kinds} other kinds", "issues of {kinds} other kinds", sum(dict(rest).values()))
        count = show_number(sum(dict(rest).values()))
        lines.append(Line((Span(f" {count:>9}  "), Span(more.format(kinds=len(rest)), "muted"))))
    return [Line(tuple(head)), *lines]


def validate_list(result: ImportResult) -> Listed:
    """The first issues by row; a better value has a column when there is one."""
    issues = sorted(result.issues[:ISSUES_SHOWN], key=lambda issue: issue.row)
    columns = [
        ListColumn("row", _("Row"), width=9, align_right=True, priority=90),
        ListColumn("column", _("Column"), weight=1, min_width=10, priority=80),
        ListColumn("issue", _("Issue"), weight=3, min_width=24, priority=100),
    ]
    if any(issue.fix for issue in issues):
        columns.append(ListColumn("fix", _("Better"), weight=1, min_width=8, priority=50))
    rows = []
    for issue in issues:
        where = show_number(issue.row) if issue.row else ""
        cells = (where, issue.column, issue.message, issue.fix)
        rows.append(RowView(tuple(display_text(cell, limit=400) for cell in cells)))
    return Listed(tuple(columns), tuple(rows), _("Nothing is wrong with any value."))


# Rehearse


def rehearse_lines(result: ImportResult) -> list[Line]:
    """The mode, and what should be known before the run."""
    plan = result.plan
    mode = plan.options.mode
    lines = [_fact(_("mode"), _(MODE_LABELS[mode]))]
    if mode != "create":
        keys = " · ".join(_(BY_KEY[key].label) for key in _match_fields(plan.options.match))
        lines.append(_fact(_("known by"), keys))
    if result.already_imported is not None:
        told = _("this very file came in before, with operation {id}").format(id=result.already_imported)
        lines.append(Line((Span(" ! " + told, "warning"),)))
    return lines


def _match_fields(match: Sequence[str]) -> list[str]:
    names = {"email": "emails", "phone": "phones", "external_id": "external_ids"}
    return [names[key] for key in match if key in names]


def rehearse_list(result: ImportResult) -> Listed:
    """What the run would do, counted."""
    rows = _count_rows(result.counts, len(result.plan.unmapped()))
    columns = (
        ListColumn("what", _("What"), width=max(cell_width(row.cells[0]) for row in rows), priority=100),
        ListColumn("count", _("Rows"), width=10, align_right=True, priority=90),
        ListColumn("note", "", min_width=20, priority=50),
    )
    return Listed(columns, tuple(rows))


def _count_rows(counts: Counts, customs: int) -> list[RowView]:
    told = (
        (_("rows of the file"), counts.rows, "", ""),
        (_("new customers"), counts.created, "", "success"),
        (_("changed customers"), counts.updated, "", "accent"),
        (_("known and equal"), counts.unchanged, "", ""),
        (_("left out"), counts.skipped, _("totals, or rows no single customer fits"), ""),
        (_("refused"), counts.rejected, _("go to the rejects file, with the reason"), "warning"),
        (
            _("repeated in the file"),
            counts.duplicates_in_file,
            _("same contact as before; imported anyway"),
            "",
        ),
        (_("kept as custom fields"), customs, "", ""),
    )
    return [
        RowView((what, show_number(count), note if count else ""), style if count else "muted")
        for what, count, note, style in told
    ]


# Run


def done_lines(result: ImportResult, rejects: str, undone_by: int | None) -> list[Line]:
    """What came of the run, and the way back; ``undone_by`` is the operation that took it back meanwhile."""
    counts = result.counts
    done = Span(" ✓ ", "success")
    took = _("{seconds} s").format(seconds=f"{result.seconds:.1f}")
    if counts.rows >= _RATE_FROM:
        took += " · " + _("{count} rows/s").format(count=show_number(round(counts.rows / max(result.seconds, 0.1))))
    lines = [
        Line((done, Span(summary_words(counts), "strong"))),
        Line((Span("   " + took, "muted"),)),
    ]
    if undone_by is not None:
        told = _("undone by operation {id}; ctrl+r brings it back").format(id=undone_by)
        lines.append(Line((Span("   " + told, "warning"),)))
    elif result.operation_id:
        told = _("operation {id}: u undoes it, also later; 7 lists it").format(id=result.operation_id)
        lines.append(Line((Span("   " + told),)))
    else:
        lines.append(Line((Span("   " + _("Nothing was written."), "warning"),)))
    if rejects:
        lines.append(Line((Span("   " + _("rejects with their reasons: {path}").format(path=rejects), "warning"),)))
    if result.backup:
        told = _("backup made before: {name}").format(name=display_text(os.path.basename(result.backup)))
        lines.append(Line((Span("   " + told, "muted"),)))
    return lines


def summary_words(counts: Counts) -> str:
    """What an import did, in one line."""
    parts = [ngettext("{count} created", "{count} created", counts.created).format(count=show_number(counts.created))]
    for label, count in (
        (_("{count} updated"), counts.updated),
        (_("{count} unchanged"), counts.unchanged),
        (_("{count} left out"), counts.skipped),
        (_("{count} refused"), counts.rejected),
    ):
        if count:
            parts.append(label.format(count=show_number(count)))
    return " · ".join(parts)
