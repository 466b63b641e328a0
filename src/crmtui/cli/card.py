"""The card of a customer for people: who it is, how to reach them, what was said last, what comes next."""

from collections.abc import Iterator
from datetime import datetime

from crmtui.cli.fields import as_text
from crmtui.cli.moments import is_past, show_when
from crmtui.cli.output import line_width, put, put_pairs, put_title
from crmtui.domain.fields import FIELDS, KIND_LABELS, STAGE_LABELS
from crmtui.domain.models import CustomerRecord, Deal, PhoneRecord, Task, TimelineEntry
from crmtui.domain.money import format_money
from crmtui.domain.text import cut, display_text, pad
from crmtui.i18n import _, current_language, ngettext
from crmtui.i18n.show import duration_minutes, show_date, show_number
from crmtui.light_typing import TYPE_CHECKING
from crmtui.services.call import outcome_label
from crmtui.storage import activities

if TYPE_CHECKING:
    from crmtui.storage.activities import CardFigures
    from crmtui.storage.driver import Connection

_DETAILS = ("owner", "source", "birthday", "language")


def put_card(connection: "Connection", record: CustomerRecord, *, timeline: int = 10) -> None:
    """Print a customer's card with the newest ``timeline`` lines of what happened, open deals and open tasks."""
    now = datetime.now().astimezone()
    customer = record["id"]
    figures = activities.card_figures(connection, customer)
    put_title(_headline(record))
    put_pairs([*_who(record), *_reach(record), *_figures(figures, now), *_rest(record, now)])
    tasks = [task for task in activities.tasks(connection, customer) if task.done_at is None]
    _put_section(_("Tasks"), [_task_line(task, now) for task in tasks])
    deals = [deal for deal in activities.deals(connection, customer) if deal.closed_at is None]
    _put_section(_("Deals"), [_deal_line(deal) for deal in deals])
    entries = activities.timeline(connection, customer, limit=timeline)
    _put_section(_("Timeline"), [_timeline_line(entry, now) for entry in entries])


def put_caller(connection: "Connection", record: CustomerRecord) -> None:
    """Print what one wants to know when a customer is on the line: who, the last contacts, what is next."""
    now = datetime.now().astimezone()
    customer = record["id"]
    put_title(_headline(record))
    put_pairs([*_who(record), *_reach(record), *_figures(activities.card_figures(connection, customer), now)])
    entries = activities.timeline(connection, customer, limit=3)
    _put_section(_("Timeline"), [_timeline_line(entry, now) for entry in entries])


def money(minor: int | None, currency: str | None) -> str:
    """An amount for people; "" when there is none."""
    return "" if minor is None else format_money(minor, currency or "", current_language())


def _headline(record: CustomerRecord) -> str:
    parts = [f"{record['name']}  #{record['id']}"]
    if record["kind"] == "person" and record["company"]:
        parts.append(record["company"])
    if record["archived_at"]:
        parts.append(_("archived"))
    if record["do_not_contact"]:
        parts.append(_("do not contact"))
    return " · ".join(parts)


def _who(record: CustomerRecord) -> Iterator[tuple[str, str]]:
    stage = record["stage"]
    yield _("Kind"), _(KIND_LABELS.get(record["kind"], record["kind"]))
    yield _("Job title"), record["job_title"] or ""
    yield _("Stage"), _(STAGE_LABELS.get(stage, stage)) if stage else ""
    yield _("Tags"), " ".join(record["tags"])


def _reach(record: CustomerRecord) -> Iterator[tuple[str, str]]:
    yield _("Phone"), " · ".join(_phone(phone) for phone in record["phones"])
    yield _("E-mail"), " · ".join(_labelled(email["value"], email["label"]) for email in record["emails"])
    yield _("Messaging"), " · ".join(f"{each['kind']}: {each['value']}" for each in record["messaging"])


def _rest(record: CustomerRecord, now: datetime) -> Iterator[tuple[str, str]]:
    yield _("Website"), " · ".join(record["urls"])
    for address in record["addresses"]:
        yield _("Address"), as_text(dict(address))
    labels = {field.key: field.label for field in FIELDS}
    for key in _DETAILS:
        yield _(labels[key]), as_text(record[key])  # type: ignore[literal-required]  # keys of the record
    yield _("External id"), as_text(record["external_ids"])
    for key, value in record["custom"].items():
        yield display_text(key, limit=24), as_text(value)
    yield _("Notes"), record["notes"] or ""
    yield _("Created"), show_when(record["created_at"], now, exact=True)
    yield _("Updated"), show_when(record["updated_at"], now, exact=True)


def _figures(figures: "CardFigures", now: datetime) -> Iterator[tuple[str, str]]:
    for total in figures.totals:
        text = money(total.ordered, total.currency)
        count = ngettext("{count} order", "{count} orders", total.orders).format(count=show_number(total.orders))
        owed = _("{amount} not paid").format(amount=money(total.balance, total.currency)) if total.balance > 0 else ""
        yield _("value").capitalize(), " · ".join(part for part in (text, count, owed) if part)
    if figures.open_deals:
        amounts = " + ".join(money(amount, currency) for currency, amount in figures.open_deal_amounts if amount)
        yield _("Open deals"), " · ".join(part for part in (show_number(figures.open_deals), amounts) if part)
    if figures.next_task is not None:
        yield _("Next"), _task_text(figures.next_task, now)
    if figures.rhythm_days:
        days = figures.rhythm_days
        yield _("Rhythm"), ngettext("every {days} day", "every {days} days", days).format(days=days)


def _phone(phone: PhoneRecord) -> str:
    return _labelled(phone["value"], phone["label"])


def _labelled(value: str, label: str | None) -> str:
    return f"{value} ({label})" if label else value


def _task_line(task: Task, now: datetime) -> str:
    return f"#{task.id}  {_task_text(task, now)}"


def _task_text(task: Task, now: datetime) -> str:
    """When and what; a due time that has passed is said in words."""
    if task.due_at is None:
        return task.text
    due = show_when(task.due_at, now, exact=True)
    late = is_past(task.due_at, now)
    return f"{_('{due} (overdue)').format(due=due) if late else due}  {task.text}"


def _deal_line(deal: Deal) -> str:
    close = _("closing {date}").format(date=show_date(deal.expected_close)) if deal.expected_close else ""
    return "  ".join(part for part in (deal.stage, deal.title, money(deal.amount, deal.currency), close) if part)


def _timeline_line(entry: TimelineEntry, now: datetime) -> str:
    label = _("task") if entry.kind == "task" else _(KIND_LABELS.get(entry.kind, entry.kind))
    length = duration_minutes(entry.minutes) if entry.minutes else ""
    parts = [length, entry.text, money(entry.amount, entry.currency), outcome_label(entry.detail)]
    return f"{pad(show_when(entry.at, now), 10)}  {pad(label, 8)}  {'  '.join(part for part in parts if part)}"


def _put_section(title: str, lines: list[str]) -> None:
    if lines:
        width = line_width() - 2
        put("\n".join([title, *(f"  {cut(display_text(line), width)}" for line in lines)]))
