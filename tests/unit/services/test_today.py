"""Today: which list a task is in at each hour, silence against the own rhythm, birthdays with and without a year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crmtui.errors import InvalidValue, NotFound
from crmtui.services import activity, record
from crmtui.services.today import TodayLists, birthday_on, due_count, today
from crmtui.services.undo_history import undo_last
from crmtui.services.workspace import Workspace
from crmtui.storage import today as storage

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)


@pytest.fixture
def customer(workspace: Workspace) -> int:
    return record.add_customer(workspace, {"name": "张伟", "company": "启明电子", "phones": "13812345678"}).customers[0]


def see(workspace: Workspace, now: datetime = NOON, owner: str | None = None) -> TodayLists:
    return today(workspace.database.writer, now, owner, zone=now.tzinfo)


def set_task(workspace: Workspace, customer: int, due: str | None, text: str = "ring", owner: str | None = None) -> int:
    activity.add_task(workspace, [customer], text, due_at=due, owner=owner)
    row = workspace.database.writer.execute("SELECT max(id) FROM tasks").fetchone()
    return int(row[0])


@pytest.mark.parametrize(
    ("due", "place"),
    [
        ("2026-11-22", "overdue"),
        ("2026-11-23", "due_today"),
        ("2026-11-24", "due_soon"),
        ("2026-11-30", "due_soon"),
        ("2026-12-01", ""),
        ("2026-11-23T03:59:00Z", "overdue"),  # 11:59 in Shanghai
        ("2026-11-23T04:30:00Z", "due_today"),
        ("2026-11-23T15:59:00Z", "due_today"),
        ("2026-11-23T16:00:00Z", "due_soon"),  # midnight
        ("2026-11-22T17:00:00Z", "overdue"),  # one in the morning of today
        ("2026-11-30T15:59:00Z", "due_soon"),
        ("2026-11-30T16:00:00Z", ""),
        (None, ""),
    ],
)
def test_a_task_is_in_one_list_by_the_clock_of_the_person(
    workspace: Workspace, customer: int, due: str | None, place: str
) -> None:
    set_task(workspace, customer, due)
    lists = see(workspace)._asdict()
    assert [name for name in ("overdue", "due_today", "due_soon") if lists[name].rows] == ([place] if place else [])
    if place:
        (row,) = lists[place].rows
        assert (row.name, row.company, row.phone, row.text) == ("张伟", "启明电子", "+8613812345678", "ring")
        assert (lists[place].total, lists[place].more) == (1, False)


def test_the_same_task_elsewhere_on_the_globe(workspace: Workspace, customer: int) -> None:
    set_task(workspace, customer, "2026-11-23T16:30:00Z")
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert see(workspace, at.astimezone(SHANGHAI)).due_soon.total == 1
    assert see(workspace, at.astimezone(BERLIN)).due_today.total == 1


def test_the_night_in_which_the_clocks_change(workspace: Workspace, customer: int) -> None:
    set_task(workspace, customer, "2026-10-25T22:30:00Z")  # 23:30 on the day of 25 hours
    lists = see(workspace, datetime(2026, 10, 25, 1, tzinfo=BERLIN))
    assert (lists.due_today.total, lists.due_soon.total) == (1, 0)


def test_a_snoozed_task_comes_back_by_itself(workspace: Workspace, customer: int) -> None:
    task = set_task(workspace, customer, "2026-11-20")
    activity.snooze_task(workspace, task, "2026-11-24T01:00:00Z")
    lists = see(workspace)
    assert (lists.overdue.total, lists.due_soon.rows[0].comes_up) == (0, "2026-11-24T01:00:00Z")
    assert lists.due_soon.rows[0].due_at == "2026-11-20"
    assert see(workspace, datetime(2026, 11, 24, 8, tzinfo=SHANGHAI)).due_today.total == 1
    assert see(workspace, datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)).overdue.total == 1
    undo_last(workspace)
    assert see(workspace).overdue.total == 1


def test_a_new_due_time_or_none_ends_a_snooze(workspace: Workspace, customer: int) -> None:
    task = set_task(workspace, customer, "2026-11-20")
    activity.snooze_task(workspace, task, "2026-12-24")
    activity.reschedule_task(workspace, task, "2026-11-23")
    assert see(workspace).due_today.total == 1
    activity.snooze_task(workspace, task, "2026-12-24")
    activity.snooze_task(workspace, task, None)
    assert see(workspace).due_today.total == 1
    activity.finish_task(workspace, task)
    assert see(workspace).due_today.total == 0


def test_impossible_times_and_gone_tasks_are_refused(workspace: Workspace, customer: int) -> None:
    task = set_task(workspace, customer, None)
    for bad in ("soon", "2026-02-30"):
        with pytest.raises(InvalidValue):
            activity.snooze_task(workspace, task, bad)
        with pytest.raises(InvalidValue):
            activity.reschedule_task(workspace, task, bad)
    with pytest.raises(NotFound):
        activity.snooze_task(workspace, 99, "2026-12-01")


def test_an_owner_sees_the_own_tasks(workspace: Workspace, customer: int) -> None:
    set_task(workspace, customer, "2026-11-22", owner="bob")
    set_task(workspace, customer, "2026-11-23")
    assert see(workspace, owner="ann").overdue.total == 0
    assert see(workspace, owner="bob").overdue.total == 1
    counted = [due_count(workspace.database.writer, NOON, owner, zone=SHANGHAI) for owner in (None, "ann", "bob", "x")]
    assert counted == [2, 1, 1, 0]


def test_a_page_is_bounded_and_says_how_many_there_are(
    workspace: Workspace, customer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        set_task(workspace, customer, f"2026-11-1{number}", str(number))
    lists = today(workspace.database.writer, NOON, limit=3, zone=SHANGHAI)
    assert ([task.text for task in lists.overdue.rows], lists.overdue.total) == (["0", "1", "2"], 6)
    monkeypatch.setattr(storage, "COUNTED", 4)
    monkeypatch.setattr("crmtui.services.today.COUNTED", 4)
    lists = today(workspace.database.writer, NOON, limit=3, zone=SHANGHAI)
    assert (lists.overdue.total, lists.overdue.more) == (4, True)


def talk(workspace: Workspace, customer: int, *ago: int) -> None:
    for days in ago:
        at = (NOON - timedelta(days=days)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        activity.log_interaction(workspace, [customer], at=at)


def test_silence_is_unusual_against_the_own_rhythm(workspace: Workspace) -> None:
    often, seldom, new = (record.add_customer(workspace, {"name": name}).customers[0] for name in "ABC")
    talk(workspace, often, 67, 56, 45, 34)
    talk(workspace, seldom, 260, 200, 140, 80)
    talk(workspace, new, 300, 200)
    lists = see(workspace)
    (row,) = lists.quiet.rows
    assert (row.name, row.usual_gap_days, row.silent_days, lists.quiet.total) == ("A", 11, 34, 1)
    assert see(workspace, NOON + timedelta(days=60)).quiet.rows[0].name == "B"  # most recently turned quiet first
    talk(workspace, often, 1)
    assert see(workspace).quiet.rows == []
    undo_last(workspace)
    assert see(workspace).quiet.total == 1


@pytest.mark.parametrize("values", [{"stage": "lost"}, {"do_not_contact": "yes"}, None])
def test_who_is_lost_archived_or_not_to_be_contacted_is_not_missed(
    workspace: Workspace, values: dict[str, str] | None
) -> None:
    customer = record.add_customer(workspace, {"name": "A", "birthday": "1980-11-23", "owner": "ann"}).customers[0]
    talk(workspace, customer, 67, 56, 45, 34)
    assert see(workspace, owner="ann").quiet.total == see(workspace, owner="ann").birthdays_today.total == 1
    assert see(workspace, owner="bob").quiet.total == see(workspace, owner="bob").birthdays_today.total == 0
    if values is None:
        record.archive(workspace, [customer])
    else:
        record.edit_customer(workspace, customer, values)
    assert see(workspace).quiet.total == 0
    assert see(workspace).birthdays_today.total == (1 if values == {"stage": "lost"} else 0)


def born(workspace: Workspace, name: str, birthday: str) -> None:
    customer = record.add_customer(workspace, {"name": name}).customers[0]
    workspace.database.writer.execute("UPDATE customers SET birthday = ? WHERE id = ?", (birthday, customer))


def test_birthdays_of_today_and_of_the_next_week_across_the_year(workspace: Workspace) -> None:
    for name, birthday in {
        "new year": "1980-01-01",
        "eve": "--12-31",
        "last day": "1999-01-07",
        "day after": "1990-01-08",
        "past": "1970-12-30",
        "month only": "2012-31",
        "year": "1231",
        "year and month": "2012-12",
    }.items():
        born(workspace, name, birthday)
    lists = see(workspace, datetime(2026, 12, 31, 9, tzinfo=SHANGHAI))
    assert [(each.name, each.turns, each.days) for each in lists.birthdays_today.rows] == [("eve", None, 0)]
    assert [(each.name, each.turns, each.days, each.on) for each in lists.birthdays_soon.rows] == [
        ("new year", 47, 1, date(2027, 1, 1)),
        ("last day", 28, 7, date(2027, 1, 7)),
    ]


def test_29_february_is_kept_on_the_28th_of_a_common_year(workspace: Workspace) -> None:
    born(workspace, "leap", "2000-02-29")
    common, leap = datetime(2027, 2, 28, 9, tzinfo=SHANGHAI), datetime(2028, 2, 28, 9, tzinfo=SHANGHAI)
    assert [each.turns for each in see(workspace, common).birthdays_today.rows] == [27]
    assert see(workspace, leap).birthdays_today.rows == []
    assert [(each.days, each.turns) for each in see(workspace, leap).birthdays_soon.rows] == [(1, 28)]
    assert birthday_on("--02-29", 2027) == date(2027, 2, 28)
    assert birthday_on("--02-29", 2028) == date(2028, 2, 29)
    assert birthday_on("1980-13-40", 2028) is None


@pytest.mark.parametrize("owner", [None, "ann"])
def test_every_list_is_one_look_at_an_index(workspace: Workspace, owner: str | None) -> None:
    asked: list[str] = []
    connection = workspace.database.writer
    connection.set_trace_callback(asked.append)
    today(connection, NOON, owner, limit=0, zone=SHANGHAI)
    connection.set_trace_callback(None)
    assert len(asked) > 8
    for statement in asked:
        plan = " ".join(str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}"))
        assert "USING INDEX" in plan or "COVERING INDEX" in plan, statement
        assert "SCAN tasks" not in plan and "SCAN customers" not in plan, statement
