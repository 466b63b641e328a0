"""What happened with a customer: a sale told moment by moment, with its orders, deals and tasks."""

import json
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from crmtui.services.sample import talk
from crmtui.services.sample.names import front_heavy

if TYPE_CHECKING:
    from crmtui.services.sample.calendar import Calendar
    from crmtui.services.sample.people import Draft, Group

LONGEST_TIMELINE = 60
DEAL_PROBABILITY = {"new": 10, "qualified": 25, "proposal": 50, "negotiation": 75, "won": 100, "lost": 0}

# Days that usually pass before each moment of a sale.
_GAPS = {
    "hello": 0,
    "none": 2,
    "discover": 5,
    "sample": 6,
    "sample.back": 8,
    "quote": 4,
    "bargain": 5,
    "decide": 6,
    "order": 5,
    "deliver": 9,
    "after": 16,
    "again": 30,
    "check": 42,
    "lost": 9,
    "quiet": 70,
    "company": 60,
}
# How long ago the last moment usually was, in days.
_LAST = {"lead": 60, "contacted": 60, "qualified": 32, "proposal": 16, "customer": 40, "inactive": 420, "lost": 260}
_STAGE_OF = {"hello": "new", "discover": "qualified", "quote": "proposal", "bargain": "negotiation"}
_TITLE_CALLS = {"经理": "经理", "主管": "主管", "总监": "总", "董事长": "董", "工程师": "工", "主任": "主任"}


class Order:
    """An order, with what was paid back or paid later. ``number`` is given when all orders are known."""

    __slots__ = ("ago", "amount", "currency", "items", "minute", "number", "paid_later", "refund", "status")

    def __init__(self, ago: int, minute: int, amount: int, currency: str, status: str, items: str) -> None:
        self.ago = ago
        self.minute = minute
        self.amount = amount
        self.currency = currency
        self.status = status
        self.items = items
        self.number = ""
        self.paid_later: list[tuple[int, int]] = []  # (days ago, amount)
        self.refund = 0


class Event(NamedTuple):
    """An interaction: when (days ago, minute of the local day), what, and the order its text speaks of as ``{so}``."""

    ago: int
    minute: int
    kind: str
    direction: str | None
    minutes: int | None
    subject: str | None
    body: str
    outcome: str | None
    order: Order | None


class Deal(NamedTuple):
    """A deal with the history of its stages: (stage, days ago), oldest first. ``close`` is in days ago, negative ahead."""

    title: str
    amount: int
    currency: str
    history: list[tuple[str, int]]
    close: int


class Task(NamedTuple):
    """Something to do, or done. Days ago, negative ahead; ``minute`` of the local day, None for a whole day."""

    text: str
    due: int
    minute: int | None
    created: int
    done: int | None


def tell(rng: Random, group: "Group", calendar: "Calendar") -> None:
    """Give everybody of a group their story; the dates of the records come out of it."""
    main = group.main
    product = talk.pick(rng, talk.PRODUCTS)
    _sale(rng, main, calendar, product)
    newest = min((event.ago for event in main.events), default=main.created)
    span = main.created - newest
    for other in group.others:
        other.created = newest + int(span * rng.random())
        if rng.random() < 0.62:
            moments = [moment for moment in ("none", "discover", "check", "again", "none") if rng.random() < 0.4]
            last = newest + int((other.created - newest) * rng.random())
            _write(
                rng,
                other,
                calendar,
                product,
                ["hello." + other.source, *moments] if rng.random() < 0.3 else moments,
                last,
            )
    if group.company:
        firm = group.company
        firm.created = main.created + int(rng.random() * 3)
        if rng.random() < 0.5:
            moments = ["company"] * (1 + front_heavy(rng, 4))
            _write(rng, firm, calendar, product, moments, newest + int((firm.created - newest) * rng.random()))
        firm.created = max(member.created for member in group.members())
    for member in group.members():
        member.created = max(member.created, earliest(member))
        member.updated = min((event.ago for event in member.events), default=member.created)
        _maybe_task(rng, member, calendar)


def earliest(draft: "Draft") -> int:
    """How many days ago something may have happened at the latest: what was yesterday in America may still be ahead of us."""
    return 2 if draft.place.offset < 0 else 1


def _sale(rng: Random, draft: "Draft", calendar: "Calendar", product: talk.Product) -> None:
    stage = draft.stage
    last = int(rng.expovariate(1 / _LAST[stage])) + 1
    if stage == "lead" and rng.random() < 0.2:
        draft.created = last  # nobody has called yet
        return
    _write(rng, draft, calendar, product, ["hello." + draft.source, *_moments(rng, stage)], min(last, 900), main=True)


def _moments(rng: Random, stage: str) -> list[str]:
    def perhaps(chance: float, *moments: str) -> list[str]:
        return list(moments) if rng.random() < chance else []

    tries = ["none"] * front_heavy(rng, 4)
    if stage == "lead":
        return [*tries, *perhaps(0.25, "discover")]
    if stage == "contacted":
        return [*tries, "discover", *perhaps(0.3, "none"), *perhaps(0.2, "check")]
    opening = [*tries, "discover", *perhaps(0.3, "discover"), "sample", *perhaps(0.15, "none")]
    if stage == "qualified":
        return [*opening, *perhaps(0.6, "sample.back"), *perhaps(0.2, "check")]
    offer = ["sample.back", "quote", *perhaps(0.2, "none"), *perhaps(0.6, "bargain"), *perhaps(0.3, "quote")]
    if stage == "proposal":
        return [*opening, *offer, *perhaps(0.5, "decide")]
    if stage == "lost":
        return [*opening, *offer, *perhaps(0.4, "decide"), "lost", *perhaps(0.3, "check")]
    moments = [*opening, *offer, *perhaps(0.7, "decide"), "order", "deliver", "after"]
    for _cycle in range(front_heavy(rng, 6 if stage == "inactive" else 26)):
        moments += [*perhaps(0.7, "again"), *perhaps(0.25, "quote"), "order", *perhaps(0.8, "deliver")]
        moments += [*perhaps(0.4, "after"), *perhaps(0.15, "check")]
    if stage == "inactive":
        moments += ["quiet"] * (1 + front_heavy(rng, 3))
    return moments


def _write(
    rng: Random,
    draft: "Draft",
    calendar: "Calendar",
    product: talk.Product,
    moments: list[str],
    last: int,
    *,
    main: bool = False,
) -> None:
    """Date the moments backwards from ``last`` days ago and write them down; the ``main`` contact gets the deals."""
    moments = moments[: LONGEST_TIMELINE - 1]
    ages = []
    ago = float(last)
    for moment in reversed(moments):
        ages.append(calendar.workday(int(ago)))
        ago += _GAPS[moment.partition(".")[0] if moment.startswith("hello") else moment] * (0.3 + 1.4 * rng.random())
    ages.reverse()
    words = _words(rng, draft, int(calendar.day(ages[0])[:4]) if ages else calendar.year)
    words["p"] = product.names[draft.language]
    weekdays = talk.WEEKDAYS[draft.language]
    pieces, amount, order, minute, before = 0, 0, None, 0, -1
    first_order: Order | None = None
    history: list[tuple[str, int]] = []
    for position, moment in enumerate(moments):
        ago = max(earliest(draft), ages[position])
        minute = minute + 25 if ago == before and minute < 1000 else 510 + int(rng.random() * 520)
        before = int(ago)
        if moment in ("discover", "quote", "again") or not pieces:
            pieces = product.pieces * (1 + front_heavy(rng, 8))
            amount = talk.price(product, pieces, draft.currency)
            words["q"] = talk.quantity(pieces, draft.language)
            words["amt"] = talk.money(amount, draft.currency, draft.language)
        if moment == "order":
            order = _order(rng, int(ago), minute, amount, draft, product, pieces)
            first_order = first_order or order
            draft.orders.append(order)
        following = ages[position + 1] if position + 1 < len(ages) else -99
        soon = 0 < ago - following < 7
        words["wd"] = weekdays[calendar.weekday(following) if soon else int(rng.random() * 5)]
        draft.events.append(_event(rng, draft, moment, int(ago), minute, words, order))
        step = _STAGE_OF.get(moment.partition(".")[0] if moment.startswith("hello") else moment)
        if step and not first_order and all(step != stage for stage, _ago in history):
            history.append((step, int(ago)))
    draft.created = max(draft.created, draft.events[0].ago if draft.events else last)
    if main:
        _deals(rng, draft, history, first_order, amount, words)


def _words(rng: Random, draft: "Draft", year: int) -> dict[str, str]:
    language = draft.language
    percent = 3 + int(rng.random() * 12)
    return {
        "rival": talk.pick(rng, talk.RIVALS[language]),
        "boss": talk.pick(rng, talk.BOSSES[language]),
        "fair": f"{talk.pick(rng, talk.FAIRS[language])}{'' if language == 'zh' else ' '}{year}",
        "pct": str(percent),
        "pct2": str(1 + percent // 3),
        "n": str(5 + int(rng.random() * 10)),
        "city": draft.place.city,
        "who": _called(draft),
        "so": "{so}",
        "q": "",
        "amt": "",
    }


def _called(draft: "Draft") -> str:
    """What our sales people call the person in their notes."""
    if draft.name is None:
        return {"zh": "对方", "de": "Einkauf", "fr": "l'acheteur"}.get(draft.language, "the buyer")
    if draft.language == "zh":
        title = draft.values.get("job_title", "")
        return draft.name.family + next((short for end, short in _TITLE_CALLS.items() if title.endswith(end)), "总")
    return draft.name.family if draft.language == "de" else draft.name.given


def _event(
    rng: Random, draft: "Draft", moment: str, ago: int, minute: int, words: dict[str, str], order: Order | None
) -> Event:
    options = talk.lines(draft.language, moment)
    line = options[int(rng.random() * len(options))]
    if draft.events and draft.events[-1].kind == line.kind and len(options) > 1:
        line = options[int(rng.random() * len(options))]
    minutes = line.shortest + int(rng.random() * (line.longest - line.shortest + 1)) if line.longest else None
    subject = talk.fill(line.subject, words, draft.language) if line.subject else None
    return Event(
        ago,
        minute,
        line.kind,
        line.direction,
        minutes or None,
        subject,
        talk.fill(line.body, words, draft.language),
        line.outcome,
        order,
    )


def _order(
    rng: Random, ago: int, minute: int, amount: int, draft: "Draft", product: talk.Product, pieces: int
) -> Order:
    items = json.dumps(
        [{"name": product.names[draft.language], "quantity": pieces, "amount": amount}], ensure_ascii=False
    )
    if ago < 8:
        status = "open"
    elif ago < 30:
        status = "shipped" if rng.random() < 0.5 else "paid"
    else:
        status = "paid" if rng.random() < 0.7 else "delivered"
    order = Order(ago, minute, amount, draft.currency, status, items)
    if status == "delivered" and rng.random() < 0.93:
        order.paid_later.append((max(1, ago - 20 - int(rng.random() * 40)), amount))
    elif status in ("open", "shipped") and rng.random() < 0.5:
        order.paid_later.append((max(1, ago - 1), amount * 3 // 10))
    if ago > 30 and rng.random() < 0.04:
        order.refund = amount // (4 + int(rng.random() * 16))
    return order


def _deals(
    rng: Random,
    draft: "Draft",
    history: list[tuple[str, int]],
    first_order: Order | None,
    amount: int,
    words: dict[str, str],
) -> None:
    if not history:
        return
    title = talk.pick(rng, talk.DEALS[draft.language]).format_map(words)
    last = draft.events[-1].ago
    if first_order:
        won = [*history, ("won", first_order.ago)]
        draft.deals.append(Deal(title, first_order.amount, draft.currency, won, first_order.ago))
        if draft.stage == "customer" and rng.random() < 0.2:
            title = talk.pick(rng, talk.DEALS[draft.language]).format_map(words)
            steps: list[tuple[str, int]] = [("new", last), ("proposal", max(1, last - 3))]
            draft.deals.append(Deal(title, amount * 3, draft.currency, steps, -5 - int(rng.random() * 70)))
    elif draft.stage == "lost":
        draft.deals.append(Deal(title, amount, draft.currency, [*history, ("lost", last)], last))
    elif rng.random() < {"lead": 0.1, "contacted": 0.3, "qualified": 0.75, "proposal": 1.0}.get(draft.stage, 0.0):
        times = 1 + front_heavy(rng, 12)  # a contract over several orders
        draft.deals.append(Deal(title, amount * times, draft.currency, history, 12 - int(rng.random() * 80)))


def _maybe_task(rng: Random, draft: "Draft", calendar: "Calendar") -> None:
    language = draft.language
    warm = draft.stage in ("lead", "contacted", "qualified", "proposal", "customer") and draft.updated < 70
    if warm and rng.random() < 0.15:
        shape = rng.random()
        if shape < 0.09:
            due = 1 + front_heavy(rng, 18)
        elif shape < 0.13:
            due = 0
        else:
            due = -1 - (int(rng.random() * 6) if shape < 0.4 else front_heavy(rng, 45))
        minute = 540 + 30 * int(rng.random() * 16) if rng.random() < 0.5 else None
        text = talk.pick(rng, talk.TASKS[language])
        draft.tasks.append(Task(text, calendar.workday(due) if due else 0, minute, max(draft.updated, due + 1), None))
    if len(draft.events) > 4 and rng.random() < 0.6:
        for event in draft.events[2::5]:
            text = talk.pick(rng, talk.TASKS[language])
            draft.tasks.append(Task(text, event.ago, None, event.ago + 3, event.ago))
