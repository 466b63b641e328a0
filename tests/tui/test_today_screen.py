import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from crm_pilot import LILY, ZHANG, new_file, other_person, running, screen_text
from textual.pilot import Pilot

from crmtui.i18n import set_language
from crmtui.services import activity
from crmtui.services.record import edit_customer
from crmtui.services.today import TodayLists, today
from crmtui.storage import activities
from crmtui.tui import clock
from crmtui.tui.app import CrmApp
from crmtui.tui.due_asking import due_hint, needed_due, split_understood, task_hint
from crmtui.tui.gateway import Gateway
from crmtui.tui.screens import today as today_screen
from crmtui.tui.screens.customer import CustomerScreen
from crmtui.tui.screens.today import TodayScreen

NOW = datetime(2026, 11, 23, 10, 0).astimezone()
BOTH = pytest.mark.parametrize("language", ["en", "zh_CN"])


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "local_now", lambda: NOW)


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(400):
        await pilot.pause(0.01)
        if true():
            return
    raise AssertionError("it did not come to that:\n" + screen_text(pilot.app))  # type: ignore[arg-type]


@asynccontextmanager
async def day(
    path: Path, *, language: str = "en", size: tuple[int, int] = (80, 24), tasks: bool = True
) -> AsyncIterator[tuple[CrmApp, Pilot[int], TodayScreen]]:
    """The app at mode 2 with a task overdue, one of today, one of the week, a silence and a birthday."""
    async with running(path, language=language, size=size) as (app, pilot):
        workspace = app.workspace
        if tasks:
            activity.add_task(workspace, [ZHANG], "call back", due_at="2026-11-20")
            activity.add_task(workspace, [LILY], "send samples", due_at="2026-11-23")
            activity.add_task(workspace, [ZHANG], "quarterly report", due_at="2026-11-27")
            for days in (60, 49, 38, 27, 90):
                at = (NOW - timedelta(days=days + 20)).strftime("%Y-%m-%dT%H:%M:%SZ")
                activity.log_interaction(workspace, [LILY], text="x", at=at)
            record = app.gateway.customer(ZHANG)
            assert record is not None
            edit_customer(workspace, ZHANG, {"birthday": "1985-11-25"}, version=app.gateway.customer_version(ZHANG))
        await pilot.press("2")
        await until(pilot, lambda: isinstance(app.screen, TodayScreen))
        screen = app.screen
        assert isinstance(screen, TodayScreen)
        yield app, pilot, screen


def open_tasks(app: CrmApp, customer: int) -> list[str]:
    return [task.text for task in activities.tasks(app.gateway.page(), customer) if task.done_at is None]


def task(app: CrmApp, customer: int, text: str) -> activities.Task:
    return next(task for task in activities.tasks(app.gateway.page(), customer) if task.text == text)


@BOTH
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_day_is_listed_in_sections(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async with day(tmp_path, language=language, size=size) as (app, pilot, _screen):
        await until(pilot, lambda: "·2" in screen_text(app).splitlines()[0])
        text = screen_text(app)
        heads = {
            "en": (
                "Overdue · 1",
                "Due today · 1",
                "Next 7 days · 1",
                "Gone quiet · 1",
                "Birthdays in the next 7 days · 1",
            ),
            "zh_CN": ("已逾期 · 1", "未来 7 天 · 1", "久未联系 · 1"),
        }[language]
        places = [text.index(head) for head in heads]
        assert places == sorted(places)
        assert all(word in text for word in ("call back", "send samples", "quarterly report", "张伟", "Lily Zhang"))
        if language == "en":
            assert "usually every 11 days, now 47" in text and "turns 41" in text
            assert " 2 Today·2 " in text


async def test_the_cursor_passes_over_the_heads(tmp_path: Path) -> None:
    async with day(tmp_path) as (_app, pilot, screen):
        seen = []
        for _step in range(6):
            item = screen.current()
            assert item is not None
            seen.append(type(item).__name__)
            await pilot.press("down")
        assert seen == ["DueTask", "DueTask", "DueTask", "Quiet", "Birthday", "Birthday"]
        await pilot.press("g")
        assert screen.current() is not None and screen._list.window_range.start == 0
        for key in ("G", "pageup", "pagedown", "up"):
            await pilot.press(key)
            assert screen.current() is not None


async def test_done_stays_in_sight_and_can_be_undone(tmp_path: Path) -> None:
    async with day(tmp_path) as (app, pilot, _screen):
        await pilot.press("d")
        await until(pilot, lambda: "done: call back" in screen_text(app))
        assert open_tasks(app, ZHANG) == ["quarterly report"]
        assert "✓ done" in screen_text(app) and "call back" in screen_text(app).split("done: call back")[0]
        await until(pilot, lambda: " 2 Today·1 " in screen_text(app))
        await pilot.press("u")
        await until(pilot, lambda: "✓ done" not in screen_text(app))
        assert sorted(open_tasks(app, ZHANG)) == ["call back", "quarterly report"]
        await pilot.press("g", "d")
        await until(pilot, lambda: "✓ done" in screen_text(app))
        await pilot.press("g", "d")
        await until(pilot, lambda: "✓ done" not in screen_text(app))
        assert "call back" in open_tasks(app, ZHANG)
        await pilot.press("g", "d")
        await until(pilot, lambda: "✓ done" in screen_text(app))
        await pilot.press("1", "2")
        await until(pilot, lambda: "✓ done" not in screen_text(app) and "Due today" in screen_text(app))
        assert "Overdue" not in screen_text(app)


async def test_snooze_a_week_and_until_a_time_that_is_shown_back(tmp_path: Path) -> None:
    async with day(tmp_path) as (app, pilot, screen):
        await pilot.press("z")
        await until(pilot, lambda: "1 week" in screen_text(app))
        assert "Mon 30 Nov 2026" in screen_text(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "snoozed until" in screen_text(app))
        assert task(app, ZHANG, "call back").snoozed_until == "2026-11-30"
        item = screen.current()
        assert item is not None and item.name == "Lily Zhang"
        await pilot.press("z")
        await until(pilot, lambda: "1 week" in screen_text(app))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: screen.prompt.active)
        await pilot.press(*"fri", "space", *"3pm")
        await until(pilot, lambda: "→ Fri 27 Nov 2026, 15:00 · in 4 days" in screen_text(app))
        assert task(app, LILY, "send samples").snoozed_until is None
        await pilot.press("enter")
        await until(pilot, lambda: task(app, LILY, "send samples").snoozed_until is not None)


async def test_reschedule_says_what_is_not_understood(tmp_path: Path) -> None:
    async with day(tmp_path) as (app, pilot, screen):
        await pilot.press("r")
        await until(pilot, lambda: screen.prompt.active)
        await pilot.press(*"blue")
        await until(pilot, lambda: "not understood" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "no time that is understood" in screen_text(app))
        assert task(app, ZHANG, "call back").due_at == "2026-11-20"
        await pilot.press("r", *"tomorrow", "enter")
        await until(pilot, lambda: task(app, ZHANG, "call back").due_at == "2026-11-24")


async def test_call_task_and_open_from_the_day(tmp_path: Path) -> None:
    async with day(tmp_path) as (app, pilot, screen):
        await pilot.press("c", *"8m", "space", *"fine", "enter")
        await until(pilot, lambda: "logged: call with 张伟" in screen_text(app))
        await pilot.press("t", *"in", "space", *"2w", "space", *"visit")
        await until(pilot, lambda: "→ Mon 7 Dec 2026 · in 14 days" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "visit" in open_tasks(app, ZHANG))
        assert task(app, ZHANG, "visit").due_at == "2026-12-07"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, CustomerScreen))
        await pilot.press("q")
        await until(pilot, lambda: app.screen is screen)


@BOTH
async def test_an_empty_day_says_what_one_may_do(tmp_path: Path, language: str) -> None:
    async with day(tmp_path, language=language, tasks=False) as (app, pilot, screen):
        text = screen_text(app)
        assert ("Nothing is due" in text and "1 goes to the customers" in text) or language == "zh_CN"
        for key in ("d", "z", "r", "c", "l", "t", "enter", "space", "down", "G"):
            await pilot.press(key)
            await pilot.press("escape")
        assert app.screen is screen


async def test_mine_or_everybodys(tmp_path: Path) -> None:
    async with day(tmp_path) as (app, pilot, _screen):
        with other_person(app.workspace) as li:
            activity.add_task(li, [LILY], "of li", due_at="2026-11-23")
        await until(pilot, lambda: "of li" in screen_text(app))
        await pilot.press("m")
        await until(pilot, lambda: "of li" not in screen_text(app) and " 2 Today·2 " in screen_text(app))
        await pilot.press("m")
        await until(pilot, lambda: "of li" in screen_text(app) and " 2 Today·3 " in screen_text(app))


async def test_switching_the_language_writes_the_day_again(tmp_path: Path) -> None:
    async with day(tmp_path) as (app, pilot, _screen):
        app.action_app_language()
        await until(pilot, lambda: "已逾期 · 1" in screen_text(app))


@pytest.mark.parametrize(
    ("text", "stored", "rest"),
    [
        ("fri send samples", "2026-11-27", "send samples"),
        ("明天送样品", "2026-11-24", "送样品"),
        ("下周五 送样品", "2026-12-04", "送样品"),
        ("3日报送", "2026-12-03", "报送"),
        ("send samples", None, "send samples"),
        ("一起吃饭", None, "一起吃饭"),
        ("tomorrow", "2026-11-24", ""),
        ("", None, ""),
    ],
)
def test_a_task_may_begin_with_its_time(text: str, stored: str | None, rest: str) -> None:
    meant, left = split_understood(text, NOW, "zh_CN")
    assert (meant.stored if meant else None, left) == (stored, rest)


def test_what_is_typed_is_shown_back() -> None:
    assert due_hint("") == task_hint("") == ""
    assert due_hint("fri 3pm") == "→ Fri 27 Nov 2026, 15:00 · in 4 days"
    assert "not understood" in due_hint("blue")
    assert task_hint("fri 3pm call") == due_hint("fri 3pm")
    assert "what is to be done" in task_hint("fri 3pm")
    assert needed_due("2026-11-27").stored == "2026-11-27"
    set_language("zh_CN")
    try:
        assert due_hint("下周五下午3点") == "→ 12月4日 周五 15:00 · 11天后"
    finally:
        set_language("en")


@BOTH
async def test_a_day_that_takes_long_to_read_is_read_beside_the_loop(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slowly(*arguments: object, **options: object) -> TodayLists:
        gate.wait(20)
        return today(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Gateway, "within", lambda *_arguments: None)
    monkeypatch.setattr(today_screen, "today", slowly)
    async with day(tmp_path, language=language) as (app, pilot, screen):
        assert ("counting …" if language == "en" else "…") in screen_text(app)
        await pilot.press("down")  # the keys are not waited for
        gate.set()
        await until(pilot, lambda: "send samples" in screen_text(app))
        await pilot.press("d")
        await until(pilot, lambda: bool(screen._finished))
        await until(pilot, lambda: "✓" in screen_text(app))


def test_a_read_that_is_too_slow_is_given_up(tmp_path: Path) -> None:
    with new_file(tmp_path) as workspace:
        gateway = Gateway(workspace)
        endless = (
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000000) SELECT sum(x) FROM n"
        )
        assert gateway.within(lambda page: page.execute(endless).fetchone(), 0.01) is None
        assert gateway.within(lambda page: page.execute("SELECT 1").fetchone(), 1.0) == (1,)
