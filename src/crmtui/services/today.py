"""What a day asks for: tasks overdue, due and coming, customers gone quiet against their own rhythm, birthdays."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from crmtui.domain.due import Day, day_of
from crmtui.light_typing import NamedTuple
from crmtui.storage import today as storage
from crmtui.storage.driver import Connection
from crmtui.storage.today import COUNTED, BirthdayRow, DueTask, Span

__all__ = ["Birthday", "Birthdays", "DueTask", "Quiet", "Quiets", "Tasks", "TodayLists", "due_count", "today"]

DAYS_AHEAD = 7


class Tasks(NamedTuple):
    """Tasks of one span: the first of them, and how many there are (``more``: at least so many)."""

    rows: list[DueTask]
    total: int
    more: bool


class Quiet(NamedTuple):
    """A customer gone quiet: "usually every ``usual_gap_days`` days, now ``silent_days``"; unusual since ``quiet_from``."""

    customer_id: int
    kind: str
    name: str
    company: str | None
    phone: str | None
    stage: str | None
    owner: str | None
    last_interaction_at: str
    usual_gap_days: int
    silent_days: int
    quiet_from: str


class Quiets(NamedTuple):
    """Customers gone quiet, most recently turned quiet first, and how many there are (``more``: at least so many)."""

    rows: list[Quiet]
    total: int
    more: bool


class Birthday(NamedTuple):
    """A birthday that comes: on the day ``on``, in ``days``; ``turns`` is the age, None when the year is not known."""

    customer_id: int
    name: str
    company: str | None
    phone: str | None
    owner: str | None
    birthday: str
    on: date
    days: int
    turns: int | None


class Birthdays(NamedTuple):
    """Birthdays, the next first, and how many there are (``more``: at least so many)."""

    rows: list[Birthday]
    total: int
    more: bool


class TodayLists(NamedTuple):
    """Everything the Today screen shows. ``due_soon`` and ``birthdays_soon`` are the seven days after today."""

    overdue: Tasks
    due_today: Tasks
    due_soon: Tasks
    quiet: Quiets
    birthdays_today: Birthdays
    birthdays_soon: Birthdays


def today(
    connection: Connection, now: datetime, owner: str | None = None, *, limit: int = 50, zone: tzinfo | None = None
) -> TodayLists:
    """The day of ``now`` (aware) on the clock of ``zone`` (None: this machine), of one owner or (None) of everybody.

    At most ``limit`` rows of each list. A task due at nine is overdue from nine on; one due on a day, from the day after.
    A snoozed task counts by the end of its snooze. Archived customers and those not to be contacted are left out of silence
    and birthdays, lost ones of silence.
    """
    day = day_of(now, zone)
    return TodayLists(
        _tasks(connection, overdue_span(day), owner, limit),
        _tasks(connection, today_span(day), owner, limit),
        _tasks(connection, soon_span(day), owner, limit),
        _quiets(connection, day, owner, limit),
        _birthdays(connection, day, range(1), owner, limit),
        _birthdays(connection, day, range(1, DAYS_AHEAD + 1), owner, limit),
    )


def due_count(connection: Connection, now: datetime, owner: str | None = None, *, zone: tzinfo | None = None) -> int:
    """How many open tasks are overdue or due today, at most ``COUNTED``: for the top line."""
    day = day_of(now, zone)
    return storage.count_tasks(connection, Span("", day.starts(1), "", day.date(1)), owner)


def overdue_span(day: Day) -> Span:
    """When tasks came up that are overdue."""
    return Span("", day.now, "", day.date(0))


def today_span(day: Day) -> Span:
    """When tasks come up that are due in the rest of today."""
    return Span(day.now, day.starts(1), day.date(0), day.date(1))


def soon_span(day: Day) -> Span:
    """When tasks come up that are due in the days after today."""
    return Span(day.starts(1), day.starts(DAYS_AHEAD + 1), day.date(1), day.date(DAYS_AHEAD + 1))


def birthday_on(birthday: str, year: int) -> date | None:
    """The day on which a birthday (``1980-05-03``, ``--05-03``) is kept in a year; 29 February on the 28th of a common year.

    None for what is no such day.
    """
    try:
        month, day = int(birthday[-5:-3]), int(birthday[-2:])
        if (month, day) == (2, 29):
            return date(year, 3, 1) - timedelta(days=1)
        return date(year, month, day)
    except ValueError:
        return None


def _tasks(connection: Connection, span: Span, owner: str | None, limit: int) -> Tasks:
    rows = storage.tasks_in(connection, span, owner, limit=limit)
    total = len(rows) if len(rows) < limit else storage.count_tasks(connection, span, owner)
    return Tasks(rows, total, total >= COUNTED)


def _quiets(connection: Connection, day: Day, owner: str | None, limit: int) -> Quiets:
    iso = day.date(0)
    rows = [
        Quiet(*row[:9], (day.today - _date(row.last_interaction_at, row.quiet_from)).days, row.quiet_from)
        for row in storage.quiet(connection, iso, owner, limit=limit)
    ]
    total = len(rows) if len(rows) < limit else storage.count_quiet(connection, iso, owner)
    return Quiets(rows, total, total >= COUNTED)


def _date(text: str, otherwise: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return date.fromisoformat(otherwise)


def _birthdays(connection: Connection, day: Day, ahead: range, owner: str | None, limit: int) -> Birthdays:
    rows: list[Birthday] = []
    days: list[str] = []
    for number in ahead:
        on = day.today + timedelta(days=number)
        kept = _kept_on(on)
        days += kept
        if len(rows) < limit:
            found = storage.birthdays(connection, kept, owner, limit=limit - len(rows))
            rows += [_birthday(row, on, number) for row in found]
    total = len(rows) if len(rows) < limit else storage.count_birthdays(connection, days, owner)
    return Birthdays(rows, total, total >= COUNTED)


def _kept_on(on: date) -> Sequence[str]:
    """The month and day of the birthdays that are kept on a day."""
    days = [f"{on.month:02}-{on.day:02}"]
    if days == ["02-28"] and (on + timedelta(days=1)).month == 3:
        days.append("02-29")
    return days


def _birthday(row: BirthdayRow, on: date, days: int) -> Birthday:
    year = row.birthday[:4]
    turns = on.year - int(year) if year.isdecimal() else None
    return Birthday(*row, on, days, turns if turns is None or turns > 0 else None)
