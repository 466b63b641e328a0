"""The lines of the form: labels, values and what was understood side by side, and the two lines under them."""

from collections.abc import Mapping, Sequence

from crmtui.domain.models import ListRow
from crmtui.domain.text import cut, display_text, pad
from crmtui.i18n import _
from crmtui.services.likeness import REASONS, Likeness
from crmtui.tui.form_model import Entry, FormModel
from crmtui.tui.form_values import hint
from crmtui.tui.widgets.text_lines import Line, Span


def label_of(entry: Entry) -> str:
    """The name of a field, safe for display."""
    return display_text(_(entry.row.field.label), limit=60)


def field_lines(
    model: FormModel, here: Entry | None, label_width: int, note_width: int
) -> tuple[list[Line], list[Line], list[Line]]:
    """Labels, values and notes; ``here`` is the field one is in. ``*`` stands before what is not saved. Widths in cells."""
    labels: list[Line] = []
    values: list[Line] = []
    notes: list[Line] = []
    for entry in model.entries:
        if entry.row.section:
            labels.append(Line((Span(f"   {_(entry.row.section)}", "accent"),)))
            values.append(Line())
            notes.append(Line())
        signs = f"{'▸' if entry is here else ' '}{'*' if entry.changed else ' '} "
        label = pad(label_of(entry), label_width)
        labels.append(Line((Span(signs, "key"), Span(label, "strong" if entry is here else "muted"))))
        values.append(Line((Span(display_text(entry.value, limit=1000)),)))
        style = "warning" if model.reading(entry).problem else "muted"
        notes.append(Line((Span(cut(_note(model, entry), note_width), style),)))
    return labels, values, notes


def _note(model: FormModel, entry: Entry) -> str:
    reading = model.reading(entry)
    if reading.problem:
        return f"! {reading.problem}"
    return model.name_note if entry.key == "name" else reading.shown


def reading_line(model: FormModel, here: Entry | None) -> Line:
    """What there is to say of the field one is in: what is wrong, how it is understood, or how to fill it."""
    if here is None:
        return Line()
    reading, note = model.reading(here), _note(model, here)
    if reading.problem and reading.shown:
        note += f" · {reading.shown}"
    text, style = (note, "warning" if reading.problem else "") if note else (hint(here.row.field), "muted")
    return Line((Span(f" {label_of(here)}  ", "muted"), Span(text, style))) if text else Line()


def same_line(same: Sequence[Likeness], rows: Mapping[int, ListRow], key: str) -> list[Line]:
    """Who looks the same as what is typed, with the sign of the key that opens the first; no line if there is nobody."""
    texts = []
    for customer, reason in same:
        if customer in rows:
            row = rows[customer]
            company = row.company if row.company != row.name else None
            who = " · ".join(part for part in (row.name, company, row.phone) if part)
            texts.append(f"{display_text(who, limit=80)} ({_(REASONS[reason])})")
    if not texts:
        return []
    more = "" if len(texts) == 1 else " " + _("and {count} more").format(count=len(texts) - 1)
    left = (Span(" ! " + _("looks like an existing customer:") + " ", "warning"), Span(texts[0] + more))
    return [Line(left, (Span(f" {key} ", "key"), Span(_("opens") + " ", "muted")))]
