"""Reading what a day asks for: tasks that come up, customers gone quiet, birthdays. Each page and count is one look at an index.

A task comes up when its snooze ends, else when it is due. The conditions are written as the indexes of schema 3 have them.
"""

from collections.abc import Sequence

from crmtui.light_typing import NamedTuple
from crmtui.storage.driver import Connection

COUNTED = 10_000
"""Further than this nobody counts: a count that reaches it says "at least"."""

_COMES_UP = "coalesce(snoozed_until, due_at)"
_LISTENS = "archived_at IS NULL AND do_not_contact IS NOT 1"
_HAS_RHYTHM = f"quiet_from IS NOT NULL AND {_LISTENS} AND stage IS NOT 'lost'"
_HAS_BIRTHDAY = f"birthday IS NOT NULL AND (length(birthday) = 10 OR substr(birthday, 1, 2) = '--') AND {_LISTENS}"


class DueTask(NamedTuple):
    """An open task for one line: whose, how to reach them, what; ``comes_up`` is a moment (UTC) or a day."""

    id: int
    customer_id: int | None
    name: str | None
    company: str | None
    phone: str | None
    text: str
    due_at: str | None
    snoozed_until: str | None
    comes_up: str
    owner: str | None


class QuietRow(NamedTuple):
    """A customer whose silence is unusual since the day ``quiet_from``."""

    customer_id: int
    kind: str
    name: str
    company: str | None
    phone: str | None
    stage: str | None
    owner: str | None
    last_interaction_at: str
    usual_gap_days: int
    quiet_from: str


class BirthdayRow(NamedTuple):
    """A customer and the birthday as stored: ``1980-05-03`` or ``--05-03``."""

    customer_id: int
    name: str
    company: str | None
    phone: str | None
    owner: str | None
    birthday: str


class Span(NamedTuple):
    """When tasks come up: moments in [``after``, ``before``) as UTC text, days in [``first_day``, ``end_day``); "" is the beginning."""

    after: str
    before: str
    first_day: str
    end_day: str


def tasks_in(
    connection: Connection, span: Span, owner: str | None, *, limit: int = 50, offset: int = 0
) -> list[DueTask]:
    """The open tasks (of this owner) that come up in a span, the earliest first."""
    condition, parameters = _tasks(span, owner)
    rows = connection.execute(
        "SELECT t.id, t.customer_id, c.name, c.company, c.phone, t.text, t.due_at, t.snoozed_until, t.comes_up, t.owner"
        f" FROM (SELECT *, {_COMES_UP} AS comes_up FROM tasks WHERE {condition} ORDER BY {_COMES_UP}, id LIMIT ? OFFSET ?) t"
        " LEFT JOIN customers c ON c.id = t.customer_id ORDER BY t.comes_up, t.id",
        (*parameters, limit, offset),
    )
    return [DueTask._make(row) for row in rows]


def count_tasks(connection: Connection, span: Span, owner: str | None) -> int:
    """How many they are, at most ``COUNTED``."""
    condition, parameters = _tasks(span, owner)
    return _count(connection, f"tasks WHERE {condition}", parameters)


def quiet(connection: Connection, today: str, owner: str | None, *, limit: int = 50, offset: int = 0) -> list[QuietRow]:
    """Customers whose silence is unusual on the day ``today`` (ISO), those who became so last first."""
    condition, parameters = _quiet(today, owner)
    rows = connection.execute(
        "SELECT id, kind, name, company, phone, stage, owner, last_interaction_at, usual_gap_days, quiet_from FROM customers"
        f" WHERE {condition} ORDER BY quiet_from DESC, id DESC LIMIT ? OFFSET ?",
        (*parameters, limit, offset),
    )
    return [QuietRow._make(row) for row in rows]


def count_quiet(connection: Connection, today: str, owner: str | None) -> int:
    """How many they are, at most ``COUNTED``."""
    condition, parameters = _quiet(today, owner)
    return _count(connection, f"customers WHERE {condition}", parameters)


def birthdays(
    connection: Connection, days: Sequence[str], owner: str | None, *, limit: int = 50, offset: int = 0
) -> list[BirthdayRow]:
    """Customers whose birthday is on one of these days (``05-03``), those spoken with last first."""
    condition, parameters = _birthdays(days, owner)
    rows = connection.execute(
        f"SELECT id, name, company, phone, owner, birthday FROM customers WHERE {condition}"
        " ORDER BY last_interaction_at DESC, id LIMIT ? OFFSET ?",
        (*parameters, limit, offset),
    )
    return [BirthdayRow._make(row) for row in rows]


def count_birthdays(connection: Connection, days: Sequence[str], owner: str | None) -> int:
    """How many they are, at most ``COUNTED``."""
    condition, parameters = _birthdays(days, owner)
    return _count(connection, f"customers WHERE {condition}", parameters)


def _tasks(span: Span, owner: str | None) -> tuple[str, tuple[object, ...]]:
    # The first two comparisons are for the index: a day is the beginning of the text of its moments.
    condition = (
        f"done_at IS NULL AND {_COMES_UP} >= ? AND {_COMES_UP} < ?"
        f" AND CASE length({_COMES_UP}) WHEN 10 THEN {_COMES_UP} >= ? AND {_COMES_UP} < ?"
        f" ELSE {_COMES_UP} >= ? AND {_COMES_UP} < ? END"
    )
    parameters: tuple[object, ...] = (
        min(span.after, span.first_day),
        max(span.before, span.end_day),
        span.first_day,
        span.end_day,
        span.after,
        span.before,
    )
    return _of_owner(condition, parameters, owner)


def _quiet(today: str, owner: str | None) -> tuple[str, tuple[object, ...]]:
    return _of_owner(f"{_HAS_RHYTHM} AND quiet_from <= ?", (today,), owner)


def _birthdays(days: Sequence[str], owner: str | None) -> tuple[str, tuple[object, ...]]:
    marks = ",".join("?" * len(days))
    return _of_owner(f"{_HAS_BIRTHDAY} AND substr(birthday, -5) IN ({marks})", tuple(days), owner)


def _of_owner(condition: str, parameters: tuple[object, ...], owner: str | None) -> tuple[str, tuple[object, ...]]:
    return (condition, parameters) if owner is None else (f"{condition} AND owner = ?", (*parameters, owner))


def _count(connection: Connection, source: str, parameters: tuple[object, ...]) -> int:
    row = connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT {COUNTED})", parameters).fetchone()
    return int(row[0])
