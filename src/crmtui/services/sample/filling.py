"""From drafts to rows: everything of the small sample as batches, in the order of the days on which they became customers."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from crmtui.domain.batch import Batch, BatchBuilder
from crmtui.domain.intake import new_customer
from crmtui.services.sample.activity import DEAL_PROBABILITY, Order, Task, tell
from crmtui.services.sample.calendar import Calendar
from crmtui.services.sample.flaws import dirty, duplicates
from crmtui.services.sample.people import Draft, Group, describe, groups
from crmtui.services.sample.tour import TOUR_ORDER, tour

BATCH = 400
DUPLICATE_SHARE = 0.03
DIRTY_SHARE = 0.014


class Sample:
    """The small sample: ``drafts`` in the order of their rows, the first those of the tour.

    ``links`` are (position of a company, position of a person who works there); ``relations`` (from, to, kind, note).
    """

    def __init__(self, customers: int, seed: int, calendar: Calendar) -> None:
        rng = Random(f"sample {seed}")
        self._calendar = calendar
        self._local = _local_offset(calendar)
        famous = tour(calendar, 15 * 60)
        first = [draft for group in famous for draft in group.members()][:customers]
        copies = int(customers * DUPLICATE_SHARE)
        invented = groups(rng, customers - len(first) - copies)
        for group in invented:
            tell(rng, group, calendar)
            describe(rng, group, calendar)
        second = duplicates(rng, invented, copies)
        dirty(rng, invented, int(customers * DIRTY_SHARE))
        rest = [draft for group in invented for draft in group.members()] + second
        rest.sort(key=lambda draft: -draft.created)
        self.drafts: list[Draft] = first + rest
        self.duplicates = len(second)
        self._position = {id(draft): position for position, draft in enumerate(self.drafts)}
        self.links = [
            (self._position[id(draft.company)], position)
            for position, draft in enumerate(self.drafts)
            if draft.company is not None and id(draft.company) in self._position
        ]
        self.relations = self._relations(rng, famous, invented)
        _number_orders(self.drafts)

    def batches(self) -> Iterator[Batch]:
        """The drafts as batches."""
        builder = BatchBuilder()
        for draft in self.drafts:
            self._add(builder, draft)
            if len(builder) == BATCH:
                yield builder.take()
        if len(builder):
            yield builder.take()

    def deal_steps(self) -> list[tuple[int, str, str]]:
        """The history of the deals: (position of the deal among all, stage, UTC text)."""
        deals = [(draft, deal) for draft in self.drafts for deal in draft.deals]
        return [
            (position, stage, self._calendar.moment(max(1, ago), 630, draft.place.offset))
            for position, (draft, deal) in enumerate(deals)
            for stage, ago in deal.history
        ]

    def guests(self) -> list[tuple[int, int]]:
        """Who else was at a meeting: (position of the interaction among all, position of the other customer)."""
        found: list[tuple[int, int]] = []
        colleagues: dict[int, int] = {}
        for company, person in self.links:
            colleagues.setdefault(company, person)
        at = 0
        for position, draft in enumerate(self.drafts):
            other = colleagues.get(self._position.get(id(draft.company), -1), position)
            for event in draft.events:
                first = event is draft.events[0]
                if event.kind in ("meeting", "visit") and other != position and not first and at % 5 == 0:
                    found.append((at, other))
                at += 1
        return found

    def _add(self, builder: BatchBuilder, draft: Draft) -> None:
        moment, offset = self._calendar.moment, draft.place.offset
        intake = new_customer(draft.values, region=draft.region)
        intake.columns["created_at"] = moment(draft.created, 555, offset)
        number = builder.add(intake, moment(draft.updated, 1075, offset))
        for event in draft.events:
            so = event.order.number if event.order else ""
            builder.add_child(
                "interactions",
                number,
                {
                    "kind": event.kind,
                    "at": moment(event.ago, event.minute, offset),
                    "utc_offset": offset,
                    "minutes": event.minutes,
                    "direction": event.direction,
                    "subject": event.subject.replace("{so}", so) if event.subject else None,
                    "body": event.body.replace("{so}", so),
                    "outcome": event.outcome,
                    "actor": draft.owner,
                },
            )
        for order in draft.orders:
            self._add_order(builder, number, order, offset)
        for deal in draft.deals:
            stage, ago = deal.history[-1]
            builder.add_child(
                "deals",
                number,
                {
                    "title": deal.title,
                    "stage": stage,
                    "amount": deal.amount,
                    "currency": deal.currency,
                    "probability": DEAL_PROBABILITY[stage],
                    "expected_close": self._calendar.day(deal.close),
                    "owner": draft.owner,
                    "created_at": moment(max(1, deal.history[0][1]), 630, offset),
                    "closed_at": moment(max(1, ago), 630, offset) if stage in ("won", "lost") else None,
                },
            )
        for task in draft.tasks:
            builder.add_child("tasks", number, self._task(task, draft.owner))

    def _add_order(self, builder: BatchBuilder, number: int, order: Order, offset: int) -> None:
        def add(kind: str, ago: int, amount: int, status: str, items: str | None) -> None:
            builder.add_child(
                "transactions",
                number,
                {
                    "kind": kind,
                    "at": self._calendar.moment(ago, order.minute, offset),
                    "number": order.number,
                    "amount": amount,
                    "currency": order.currency,
                    "status": status,
                    "items": items,
                },
            )

        add("order", order.ago, order.amount, order.status, order.items or None)
        for ago, amount in order.paid_later:
            add("payment", ago, amount, "received", None)
        if order.refund:
            add("refund", max(1, order.ago - 15), order.refund, "done", None)

    def _task(self, task: Task, owner: str) -> dict[str, object]:
        moment = self._calendar.moment
        due = self._calendar.day(task.due) if task.minute is None else moment(task.due, task.minute, self._local)
        return {
            "text": task.text,
            "due_at": due,
            "done_at": None if task.done is None else moment(max(1, task.done), 1010, self._local),
            "owner": owner,
            "created_at": moment(max(1, task.created), 600, self._local),
        }

    def _relations(self, rng: Random, famous: list[Group], invented: list[Group]) -> list[tuple[int, int, str, str]]:
        found: list[tuple[Draft, Draft, str, str]] = []
        if famous[0].company and famous[0].others:
            found.append((famous[0].others[0], famous[0].main, "colleague_of", "一起验收样品"))
        for group in invented[::23]:
            if group.others:
                found.append((group.others[0], group.main, "reports_to", ""))
        mains = [group.main for group in invented if group.main.source == "referral"]
        for newer, older in zip(mains[::9], mains[4::9], strict=False):
            if newer.language == older.language:
                found.append((newer, older, "introduced_by", ""))
        companies = [group.company for group in invented if group.company]
        for child, parent in zip(companies[::90], companies[45::90], strict=False):
            if child.country == parent.country:
                found.append((child, parent, "supplier_of" if rng.random() < 0.5 else "subsidiary_of", ""))
        at = self._position
        return [(at[id(a)], at[id(b)], kind, note) for a, b, kind, note in found if id(a) in at and id(b) in at]


def _number_orders(drafts: list[Draft]) -> None:
    """Give the orders their numbers by date, so that 张伟's newest has the one that the tour shows."""
    orders = [order for draft in drafts for order in draft.orders]
    orders.sort(key=lambda order: (-order.ago, order.minute))
    known = drafts[0].orders[-1]
    start = int(TOUR_ORDER.removeprefix("SO-")) - orders.index(known)
    for offset, order in enumerate(orders):
        order.number = f"SO-{start + offset:05}"


def _local_offset(calendar: Calendar) -> int:
    """Minutes east of UTC where the sample is made: our own tasks are due in our own time."""
    day = calendar.today
    offset = datetime(day.year, day.month, day.day, 15).astimezone().utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0
