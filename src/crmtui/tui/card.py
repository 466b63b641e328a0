"""The card of a customer as lines: who it is, how to reach them, what they bought, what is due. Preview and screen share it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from crmtui.domain.fields import KIND_LABELS, POINT_LABELS, STAGE_LABELS, STATUS_LABELS
from crmtui.domain.models import CustomerRecord, Task, TimelineEntry
from crmtui.domain.money import format_money
from crmtui.domain.phones import show_phone
from crmtui.domain.text import cell_width, display_text, pad, wrapped
from crmtui.i18n import N_, _, current_language, ngettext
from crmtui.i18n.show import relative_time, show_number
from crmtui.services.call import outcome_label
from crmtui.storage.activities import CardFigures
from crmtui.tui import clock
from crmtui.tui.widgets.text_lines import Line, Span

SIGNS = {
    "call": "☎",
    "email": "✉",
    "meeting": "◇",
    "visit": "◈",
    "message": "»",
    "note": "·",
    "order": "¤",
    "payment": "¤",
    "refund": "¤",
    "task": "✓",
}


def when(moment: str | None, now: datetime | None = None) -> str:
    """How long ago a stored moment was, short; "" for none. A partial date is shown as it is."""
    if not moment:
        return ""
    parsed = parse_stored(moment)
    if parsed is None:
        return display_text(moment)
    return relative_time(parsed, now or clock.local_now())


def parse_stored(moment: str) -> datetime | None:
    """A stored UTC moment or day as an aware datetime; None for a partial date or something else."""
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def due_text(moment: str | None, now: datetime | None = None) -> str:
    """A due time as people say it: today, tomorrow or the weekday within a week, the date otherwise; no 0:00 for a day."""
    if not moment:
        return ""
    parsed = parse_stored(moment)
    if parsed is None:
        return display_text(moment)
    local = parsed if len(moment) <= 10 else parsed.astimezone()
    today = (now or clock.local_now()).date()
    days = (local.date() - today).days
    hour = "" if len(moment) <= 10 or (local.hour, local.minute) == (0, 0) else f" {local:%H:%M}"
    if 0 <= days <= 1:
        return (_("today") if days == 0 else _("tomorrow")) + hour
    if 1 < days <= 6:
        return _(_WEEKDAYS[local.weekday()]) + hour
    return local.date().isoformat() + hour


def contact_lines(record: CustomerRecord, region: str, width: int) -> list[list[Span]]:
    """Phones, e-mails and messaging ids, the first of each bright: one line when they fit, else a line for each that does not."""
    phones = [(show_phone(phone["e164"] or "", phone["value"], region), phone["label"]) for phone in record["phones"]]
    named = (
        ("☎ ", [f"{text} {word_of(POINT_LABELS, label)}" if label else text for text, label in phones]),
        ("✉ ", [email["value"] for email in record["emails"]]),
        ("", [f"{_(_SERVICES.get(entry['kind'], entry['kind']))} {entry['value']}" for entry in record["messaging"]]),
    )
    groups: list[Group] = []
    for sign, texts in named:
        if texts:
            more = " · " + display_text(" · ".join(texts[1:])) if len(texts) > 1 else ""
            groups.append([Span(sign, "muted"), Span(display_text(texts[0])), Span(more, "muted")])
    return flow(groups, width)


_SERVICES = {"wechat": "WeChat", "qq": "QQ", "whatsapp": "WhatsApp", "telegram": "Telegram", "wecom": "WeCom"}


def title_spans(record: CustomerRecord) -> tuple[list[Span], list[Span]]:
    """The name with its sign, and the tags for the right."""
    spans = [Span(display_text(record["name"]), "strong")]
    if record["kind"] == "company":
        spans.append(Span(f"  {_(KIND_LABELS['company'])}", "muted"))
    if record["archived_at"]:
        spans.append(Span(f"  [{_('archived')}]", "warning"))
    if record["do_not_contact"]:
        spans.append(Span(f"  [{_('do not contact')}]", "error"))
    return spans, [Span(display_text(" ".join(record["tags"])), "accent")]


def word_of(labels: Mapping[str, str], value: str) -> str:
    """A value in the current language when it is one of ours, else as it was given."""
    return _(labels[value]) if value in labels else value


def work_text(record: CustomerRecord) -> str:
    """Job title, company and city in one text."""
    city = next((address["city"] for address in record["addresses"] if address["city"]), None)
    return display_text(" · ".join(part for part in (record["job_title"], record["company"], city) if part))


Group = list[Span]
"""Spans that belong together: a label with its value."""


def flow(groups: Sequence[Group], width: int, gap: int = 3) -> list[list[Span]]:
    """Groups laid into lines of ``width`` cells, ``gap`` cells apart; a group that does not fit begins a new line."""
    lines: list[list[Span]] = []
    used = width
    for group in groups:
        needed = sum(cell_width(span.text) for span in group)
        if used + gap + needed <= width:
            lines[-1] += [Span(" " * gap), *group]
            used += gap + needed
        else:
            lines.append(list(group))
            used = needed
    return lines


def money_groups(figures: CardFigures) -> list[Group]:
    """What they bought, what may come."""
    language = current_language()
    groups: list[Group] = []
    if figures.totals:
        sums = " + ".join(format_money(total.ordered, total.currency, language) for total in figures.totals[:2])
        orders = sum(total.orders for total in figures.totals)
        count = ngettext("({count} order)", "({count} orders)", orders).format(count=orders)
        groups.append(
            [Span(_("value") + " ", "muted"), Span(sums, "strong"), Span(f" {count}" if orders else "", "muted")]
        )
    if figures.last_order is not None:
        order = figures.last_order
        amount = format_money(order.amount or 0, order.currency or "", language)
        groups.append([Span(_("last order") + " ", "muted"), Span(f"{when(order.at)} {amount}")])
    if figures.open_deals:
        amounts = " + ".join(
            format_money(amount, currency, language) for currency, amount in figures.open_deal_amounts[:2]
        )
        groups.append([Span(_("deals") + " ", "muted"), Span(f"{figures.open_deals} · {amounts}")])
    for total in figures.totals[:1]:
        if total.balance > 0:
            owed = format_money(total.balance, total.currency, language)
            groups.append([Span(_("unpaid") + " ", "muted"), Span(owed, "warning")])
    return groups


def next_groups(
    task: Task | None, rhythm_days: int | None, last: str | None, now: datetime | None = None
) -> list[Group]:
    """What is due, and how often one usually speaks."""
    groups: list[Group] = []
    moment = now or clock.local_now()
    if task is not None:
        due = parse_stored(task.due_at) if task.due_at else None
        late = due is not None and due < moment
        said = f"{due_text(task.due_at)}  " if task.due_at else ""
        groups.append(
            [
                Span(_("next up") + "  ", "muted"),
                Span(said, "warning" if late else "accent"),
                Span(display_text(task.text)),
            ]
        )
    then = parse_stored(last) if last else None
    if rhythm_days and then is not None:
        days = max(0, (moment - then).days)
        text = _("usually every {usual} days, now {now}").format(usual=max(1, rhythm_days), now=days)
        groups.append([Span(text, "warning" if days > 2 * rhythm_days else "muted")])
    return groups


def facts_groups(record: CustomerRecord) -> list[Group]:
    """Stage, owner, source, since when."""
    stage = record["stage"]
    pairs = [
        (_("stage"), word_of(STAGE_LABELS, stage) if stage else None),
        (_("owner"), record["owner"]),
        (_("source"), record["source"]),
        (_("since"), (record["created_at"] or "")[:4]),
    ]
    return [[Span(label + " ", "muted"), Span(display_text(value))] for label, value in pairs if value]


def timeline_cells(entry: TimelineEntry) -> tuple[str, str, str, str]:
    """A timeline line in four cells: when, what kind, how long or how much, the text."""
    sign = SIGNS.get(entry.kind, "·")
    kind = f"{sign} {_(KIND_LABELS.get(entry.kind, entry.kind))}"
    if entry.amount is not None:
        size = format_money(entry.amount, entry.currency or "", current_language())
    else:
        size = _("{minutes} min").format(minutes=entry.minutes) if entry.minutes else ""
    detail = word_of(STATUS_LABELS, entry.detail or "") if entry.amount is not None else outcome_label(entry.detail)
    text = " · ".join(part for part in (entry.text, detail) if part)
    return when(entry.at), kind, size, display_text(text)


def preview_lines(
    record: CustomerRecord,
    figures: CardFigures,
    entries: Sequence[TimelineEntry],
    width: int,
    height: int,
    region: str,
    count: int,
) -> list[Line]:
    """The card for the narrow column beside the list: head, figures, and as much of a timeline of ``count`` lines as fits."""
    title, tags = title_spans(record)
    lines = [Line(tuple(title), tuple(tags) if cell_width(tags[0].text) < width // 2 else ())]
    work = work_text(record)
    if work:
        lines += [Line((Span(piece),)) for piece in wrapped(work, width, 2)]
    for sign, texts in (
        ("☎ ", [show_phone(phone["e164"] or "", phone["value"], region) for phone in record["phones"]]),
        ("✉ ", [email["value"] for email in record["emails"]]),
        ("» ", [entry["value"] for entry in record["messaging"]]),
    ):
        if texts:
            lines.append(Line((Span(sign, "muted"), Span(display_text(" · ".join(texts))))))
    groups = (
        facts_groups(record),
        money_groups(figures),
        next_groups(figures.next_task, figures.rhythm_days, record["last_interaction_at"]),
    )
    lines += [Line(tuple(spans)) for group in groups for spans in flow(group, width, 2)]
    if record["notes"]:
        lines += [Line((Span(piece, "muted"),)) for piece in wrapped(display_text(record["notes"]), width, 2)]
    rule = "── " + _("timeline") + f" {show_number(count)} "
    lines.append(Line((Span(rule + "─" * (width - cell_width(rule)), "muted"),)))
    if not entries:
        lines.append(Line((Span(_("nothing yet: c logs a call"), "muted"),)))
    for entry in entries:
        if len(lines) >= height:
            break
        moment, kind, size, text = timeline_cells(entry)
        lines.append(
            Line(
                (
                    Span(pad(moment, 11), "muted"),
                    Span(pad(kind, 10)),
                    Span(f" {size}  " if size else " ", "muted"),
                    Span(text),
                )
            )
        )
    return lines[:height]
