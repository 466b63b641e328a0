"""The card of a customer as lines: who it is, how to reach them, what they bought, what is due. Preview and screen share it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from crmtui.domain.fields import KIND_LABELS, STAGE_LABELS
from crmtui.domain.models import CustomerRecord, Task, TimelineEntry
from crmtui.domain.money import format_money
from crmtui.domain.phones import show_phone
from crmtui.domain.text import cell_width, cut, display_text, pad
from crmtui.i18n import N_, _, current_language, ngettext
from crmtui.i18n.show import relative_time
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
        return moment
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
        return moment
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
    lines: list[list[Span]] = []
    phones = [(show_phone(phone["e164"] or "", phone["value"], region), phone["label"]) for phone in record["phones"]]
    groups = [
        ("☎ ", [f"{text} {label}" if label else text for text, label in phones]),
        ("✉ ", [email["value"] for email in record["emails"]]),
        ("", [f"{_(_SERVICES.get(entry['kind'], entry['kind']))} {entry['value']}" for entry in record["messaging"]]),
    ]
    for sign, texts in groups:
        if not texts:
            continue
        group = [Span(sign, "muted"), Span(display_text(texts[0]))]
        if len(texts) > 1:
            group.append(Span(" · " + display_text(" · ".join(texts[1:])), "muted"))
        used = sum(cell_width(span.text) for span in lines[-1]) if lines else width
        if used + 3 + sum(cell_width(span.text) for span in group) <= width:
            lines[-1] += [Span("   "), *group]
        else:
            lines.append(group)
    return lines


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


def work_text(record: CustomerRecord) -> str:
    """Job title, company and city in one text."""
    city = next((address["city"] for address in record["addresses"] if address["city"]), None)
    return display_text(" · ".join(part for part in (record["job_title"], record["company"], city) if part))


def money_spans(figures: CardFigures) -> list[Span]:
    """What they bought, what may come."""
    language = current_language()
    spans: list[Span] = []
    for total in figures.totals[:2]:
        spans += [
            Span(_("value") + " " if not spans else "  ", "muted"),
            Span(format_money(total.ordered, total.currency, language), "strong"),
        ]
    orders = sum(total.orders for total in figures.totals)
    if orders:
        spans.append(Span(" " + ngettext("({count} order)", "({count} orders)", orders).format(count=orders), "muted"))
    if figures.last_order is not None:
        order = figures.last_order
        amount = format_money(order.amount or 0, order.currency or "", language)
        spans += [Span(f"   {_('last')} ", "muted"), Span(f"{when(order.at)} {amount}")]
    if figures.open_deals:
        amounts = " ".join(format_money(amount, currency, language) for currency, amount in figures.open_deal_amounts[:2])
        spans += [Span(f"   {_('deals')} ", "muted"), Span(f"{figures.open_deals} · {amounts}")]
    for total in figures.totals[:1]:
        if total.balance > 0:
            spans += [Span(f"   {_('unpaid')} ", "muted"), Span(format_money(total.balance, total.currency, language), "warning")]
    return spans


def next_spans(task: Task | None, rhythm_days: int | None, last: str | None, now: datetime | None = None) -> list[Span]:
    """What is due, and how often one usually speaks."""
    spans: list[Span] = []
    moment = now or clock.local_now()
    if task is not None:
        due = parse_stored(task.due_at) if task.due_at else None
        late = due is not None and due < moment
        spans += [
            Span(_("next up") + "  ", "muted"),
            Span(f"{due_text(task.due_at)}  " if task.due_at else "", "warning" if late else "accent"),
            Span(display_text(task.text)),
        ]
    then = parse_stored(last) if last else None
    if rhythm_days and then is not None:
        days = (moment - then).days
        text = _("usually every {usual} days, now {now}").format(usual=max(1, rhythm_days), now=days)
        spans += [Span("   " if spans else ""), Span(text, "warning" if days > 2 * rhythm_days else "muted")]
    return spans


def facts_spans(record: CustomerRecord) -> list[Span]:
    """Stage, owner, source, since when."""
    spans: list[Span] = []
    stage = record["stage"]
    pairs = [
        (_("stage"), _(STAGE_LABELS[stage]) if stage in STAGE_LABELS else stage),
        (_("owner"), record["owner"]),
        (_("source"), record["source"]),
        (_("since"), (record["created_at"] or "")[:4]),
    ]
    for label, value in pairs:
        if value:
            spans += [Span(("  " if spans else "") + label + " ", "muted"), Span(display_text(value))]
    return spans


def timeline_cells(entry: TimelineEntry) -> tuple[str, str, str, str]:
    """A timeline line in four cells: when, what kind, how long or how much, the text."""
    sign = SIGNS.get(entry.kind, "·")
    kind = f"{sign} {_(KIND_LABELS.get(entry.kind, entry.kind))}"
    if entry.amount is not None:
        size = format_money(entry.amount, entry.currency or "", current_language())
    else:
        size = _("{minutes} min").format(minutes=entry.minutes) if entry.minutes else ""
    text = entry.text if not entry.detail else f"{entry.text} · {entry.detail}" if entry.text else entry.detail
    return when(entry.at), kind, size, display_text(text)


def preview_lines(
    record: CustomerRecord, figures: CardFigures, entries: Sequence[TimelineEntry], width: int, height: int, region: str
) -> list[Line]:
    """The card for the narrow column beside the list: head, figures, and as much timeline as fits."""
    title, tags = title_spans(record)
    lines = [Line(tuple(title), tuple(tags) if cell_width(tags[0].text) < width // 2 else ())]
    work = work_text(record)
    if work:
        lines += [Line((Span(piece),)) for piece in _wrapped(work, width, 2)]
    for sign, texts in (
        ("☎ ", [show_phone(phone["e164"] or "", phone["value"], region) for phone in record["phones"]]),
        ("✉ ", [email["value"] for email in record["emails"]]),
        ("» ", [entry["value"] for entry in record["messaging"]]),
    ):
        if texts:
            lines.append(Line((Span(sign, "muted"), Span(display_text(" · ".join(texts))))))
    lines.append(Line(tuple(facts_spans(record))))
    money = money_spans(figures)
    if money:
        lines.append(Line(tuple(money)))
    due = next_spans(figures.next_task, figures.rhythm_days, record["last_interaction_at"])
    if due:
        lines.append(Line(tuple(due)))
    if record["notes"]:
        lines += [Line((Span(piece, "muted"),)) for piece in _wrapped(display_text(record["notes"]), width, 2)]
    rule = f"── {_('timeline')} {figures.interactions + figures.transactions} "
    lines.append(Line((Span(rule + "─" * (width - cell_width(rule)), "muted"),)))
    if not entries:
        lines.append(Line((Span(_("nothing yet: c logs a call"), "muted"),)))
    for entry in entries:
        if len(lines) >= height:
            break
        moment, kind, size, text = timeline_cells(entry)
        lines.append(Line((Span(pad(moment, 6), "muted"), Span(pad(kind, 8)), Span(f" {size}  " if size else " ", "muted"), Span(text))))
    return lines[:height]


def _wrapped(text: str, width: int, most: int) -> list[str]:
    """The text over at most ``most`` lines of ``width`` cells; the last one says when it was cut."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most - 1 and cell_width(rest) > width:
        piece = cut(rest, width)
        taken = len(piece) - 1 if piece.endswith("…") else len(piece)
        lines.append(rest[:taken])
        rest = rest[taken:].lstrip()
    if rest:
        lines.append(cut(rest, width))
    return lines
