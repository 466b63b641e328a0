import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from crm_pilot import EVIL, LILY, ZHANG, lines_of, running, screen_text
from textual.pilot import Pilot

from crmtui.services.duplicates.scan import scan
from crmtui.services.record import add_customer, archive
from crmtui.storage import history
from crmtui.storage.customers import survivor_of
from crmtui.storage.duplicates import read_decision
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.screens.duplicates import DuplicatesScreen
from crmtui.tui.screens.merge import MergeScreen
from crmtui.tui.screens.pick import PickScreen

BOTH = pytest.mark.parametrize("language", ["en", "zh_CN"])
ZHANG_AGAIN, ANNA, ANNA_2, ANNA_3, BOB, BOB_2 = 4, 5, 6, 7, 8, 9
AGAIN = (
    {
        "name": "张伟",
        "company": "上海启明电子有限公司",
        "phones": "13812345678",
        "emails": "zhangwei@qiming.example",
        "stage": "customer",
        "job_title": "采购经理",
    },
    *(
        {
            "name": name,
            "phones": "+1 415 555 0134",
            "emails": "anna.keller@beacon.example",
            "company": "Beacon Mill",
            "stage": stage,
        }
        for name, stage in (("Anna Keller", "lead"), ("Keller, Anna", "proposal"), ("Anna Keler", "customer"))
    ),
    {"name": "Robert Stone", "phones": "+1 212 555 0199", "emails": "bob@stone.example"},
    {"name": "Bob Stone", "phones": "+1 212 555 0199", "emails": "bob@stone.example"},
)


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(400):
        await pilot.pause()
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


async def idle(app: CrmApp, pilot: Pilot[int]) -> None:
    await until(pilot, lambda: not app._tasks)
    await pilot.pause()


def told(app: CrmApp) -> str:
    return screen_text(app).splitlines()[-1]


@asynccontextmanager
async def queue(
    path: Path, *, language: str = "en", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[CrmApp, Pilot[int], DuplicatesScreen]]:
    """The app in mode 4 on a file in which some customers are recorded twice and one three times."""
    async with running(path, language=language, size=size) as (app, pilot):
        for values in AGAIN:
            add_customer(app.workspace, values)
        scan(app.workspace)
        await pilot.press("4")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, DuplicatesScreen)
        yield app, pilot, screen


def customers(screen: DuplicatesScreen) -> list[tuple[int, ...]]:
    return [case.customers for case in screen.cases]


async def go_to(pilot: Pilot[int], screen: DuplicatesScreen, case: tuple[int, ...]) -> None:
    screen._list.jump_to(customers(screen).index(case))
    await pilot.pause()


async def compare(app: CrmApp, pilot: Pilot[int], screen: DuplicatesScreen, case: tuple[int, ...]) -> MergeScreen:
    await go_to(pilot, screen, case)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, MergeScreen) and bool(app.screen._rows))
    assert isinstance(app.screen, MergeScreen)
    return app.screen


async def row_of(pilot: Pilot[int], screen: MergeScreen, key: str) -> None:
    screen._list.jump_to([row.key for row in screen.shown_rows()].index(key))
    await pilot.pause()


@BOTH
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_queue_shows_cases_and_the_records_of_the_one_under_the_cursor(
    tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    async with queue(tmp_path, language=language, size=size) as (app, pilot, screen):
        assert sorted(customers(screen)) == [(ZHANG, ZHANG_AGAIN), (ANNA, ANNA_2, ANNA_3), (BOB, BOB_2)]
        await go_to(pilot, screen, (ZHANG, ZHANG_AGAIN))
        text = screen_text(app)
        assert "#1 张伟" in text and "#4 张伟" in text and "zhangwei@qiming.example" in text
        assert not any(character < " " for character in text.replace("\n", ""))
        await until(pilot, lambda: "·" in lines_of(app)[0])
        assert "/ 3" in told(app) or "of 3" in told(app)


async def test_same_merges_as_one_operation_and_undo_brings_the_case_back(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        await go_to(pilot, screen, (ANNA, ANNA_2, ANNA_3))
        before = history.operations(app.gateway.page(), limit=1)[0].id
        await pilot.press("y")
        await idle(app, pilot)
        assert "merged 2 records into" in told(app) and "u undoes it" in told(app)
        newest = history.operations(app.gateway.page(), limit=1)[0]
        assert (newest.id, newest.kind) == (before + 1, "customer.merge")
        assert sorted(customers(screen)) == [(ZHANG, ZHANG_AGAIN), (BOB, BOB_2)]
        await pilot.press("u")
        await idle(app, pilot)
        assert screen.current() is not None and screen.current().customers == (ANNA, ANNA_2, ANNA_3)  # type: ignore[union-attr]


async def test_different_is_remembered_and_can_be_taken_back(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        await go_to(pilot, screen, (BOB, BOB_2))
        await pilot.press("n")
        await idle(app, pilot)
        assert "Robert Stone ≠ Bob Stone" in told(app)
        scan(app.workspace, full=True)
        app.data_changed(())
        await pilot.pause()
        assert (BOB, BOB_2) not in customers(screen)
        assert read_decision(app.gateway.page(), BOB, BOB_2).decision == "different"  # type: ignore[union-attr]
        await pilot.press("u")
        await idle(app, pilot)
        assert (BOB, BOB_2) in customers(screen)


async def test_a_group_is_called_different_as_one_operation(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        await go_to(pilot, screen, (ANNA, ANNA_2, ANNA_3))
        await pilot.press("n")
        await idle(app, pilot)
        page = app.gateway.page()
        assert all(read_decision(page, a, b) for a, b in ((ANNA, ANNA_2), (ANNA, ANNA_3), (ANNA_2, ANNA_3)))
        await pilot.press("u")
        await idle(app, pilot)
        assert read_decision(page, ANNA, ANNA_2) is None


async def test_later_goes_to_the_end_and_the_cursor_to_the_next_case(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        order = customers(screen)
        await pilot.press("s")
        await pilot.pause()
        assert customers(screen) == [*order[1:], order[0]]
        assert screen.current().customers == order[1]  # type: ignore[union-attr]
        assert "nothing is decided" in told(app)


async def test_a_level_is_listed_alone_and_an_empty_one_says_so(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        levels = [case.level for case in screen.cases]
        for level in ("certain", "likely", "possible"):
            await pilot.press("f")
            await pilot.pause()
            assert [case.level for case in screen.cases] == [each for each in levels if each == level]
            assert f"only {level}" in lines_of(app)[0]
            if level not in levels:
                assert f"No {level} duplicates" in screen_text(app)
        await pilot.press("f")
        await pilot.pause()
        assert len(screen.cases) == 3


@BOTH
async def test_the_empty_queue_says_how_to_scan_and_the_scan_fills_it(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await pilot.press("4")
        await pilot.pause()
        assert " r" in screen_text(app)
        for values in AGAIN:
            add_customer(app.workspace, values)
        await pilot.press("r")
        await idle(app, pilot)
        screen = app.screen
        assert isinstance(screen, DuplicatesScreen) and len(screen.cases) == 3
        assert "0" in told(app)


async def test_a_scan_is_stopped_by_escape_and_goes_on_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crmtui.services.duplicates import scan as module

    real = module.scan

    def slow(workspace, *, full, progress, should_stop):  # type: ignore[no-untyped-def]
        import time

        while not should_stop():
            time.sleep(0.005)
        return real(workspace, full=full, progress=progress, should_stop=should_stop)

    async with running(tmp_path) as (app, pilot):
        await pilot.press("4")
        await pilot.pause()
        for values in AGAIN:
            add_customer(app.workspace, values)
        monkeypatch.setattr(module, "scan", slow)
        await pilot.press("r")
        await pilot.pause()
        assert "esc stops" in told(app)
        await pilot.press("escape")
        await idle(app, pilot)
        assert "r goes on from there" in told(app)
        monkeypatch.undo()
        await pilot.press("r")
        await idle(app, pilot)
        screen = app.screen
        assert isinstance(screen, DuplicatesScreen) and len(screen.cases) == 3


@BOTH
async def test_records_side_by_side_with_the_proposed_values(tmp_path: Path, language: str) -> None:
    async with queue(tmp_path, language=language) as (app, pilot, screen):
        merging = await compare(app, pilot, screen, (ZHANG, ZHANG_AGAIN))
        keys = [row.key for row in merging.shown_rows()]
        assert "stage" in keys and "phones" in keys and "company" not in keys
        lines = lines_of(app)
        phones = next(line for line in lines if "13812345678" in line or "138 1234" in line)
        assert phones.count("●") == 2
        await pilot.press("d")
        await pilot.pause()
        assert "company" in [row.key for row in merging.shown_rows()]
        assert "2" in screen_text(app).splitlines()[-3] or "2" in screen_text(app).splitlines()[-2]


async def test_another_value_is_taken_and_merged(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        merging = await compare(app, pilot, screen, (ZHANG, ZHANG_AGAIN))
        await row_of(pilot, merging, "stage")
        position = next(number for number, record in enumerate(merging._records) if record["stage"] == "lead")
        await pilot.press(str(position + 1))
        await pilot.pause()
        row = merging.current()
        assert row is not None and row.kept == {position} and row.why == "your choice"
        await pilot.press("y")
        await idle(app, pilot)
        assert app.screen is screen and "merged 1 record into 张伟" in told(app)
        gone = ZHANG if survivor_of(app.gateway.page(), ZHANG) else ZHANG_AGAIN
        left = app.gateway.customer(ZHANG + ZHANG_AGAIN - gone)
        assert left is not None and left["stage"] == "lead" and left["job_title"] == "采购经理"
        assert "VIP" in left["tags"] and left["custom"] == {"介绍人": "王总"}
        await pilot.press("u")
        await idle(app, pilot)
        assert (ZHANG, ZHANG_AGAIN) in customers(screen)


async def test_the_other_record_can_be_the_one_that_stays(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        merging = await compare(app, pilot, screen, (BOB, BOB_2))
        other = merging._records[1]["id"]
        await pilot.press("2")
        await pilot.pause()
        await pilot.press("y")
        await idle(app, pilot)
        assert survivor_of(app.gateway.page(), BOB + BOB_2 - other) == other


async def test_a_blank_a_union_and_a_missing_record_are_not_taken(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        merging = await compare(app, pilot, screen, (ZHANG, ZHANG_AGAIN))
        blank = next(number for number, record in enumerate(merging._records) if not record["job_title"])
        await row_of(pilot, merging, "job_title")
        await pilot.press(str(blank + 1))
        await pilot.pause()
        assert "a blank never wins" in told(app)
        await pilot.press("4")
        await pilot.pause()
        assert "there is no record 4" in told(app) and app.screen is merging
        await row_of(pilot, merging, "phones")
        await pilot.press("1")
        await pilot.pause()
        assert "all of them stay" in told(app) and merging.chosen == {}


async def test_every_signal_is_explained_for_each_pair(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        merging = await compare(app, pilot, screen, (ANNA, ANNA_2, ANNA_3))
        first = merging._records[0]["id"]
        for record in merging._records[1:]:
            await pilot.press("e")
            await pilot.pause()
            text = screen_text(app)
            assert f"#{first} · #{record['id']}" in text and "evidence" in text and "E-mail" in text
        await pilot.press("e")
        await pilot.pause()
        assert merging.current() is not None
        await pilot.press("e", "escape")
        await pilot.pause()
        assert app.screen is merging and merging.current() is not None
        await pilot.press("escape")
        await pilot.pause()
        assert len(screen.cases) == 3 and screen.is_current


async def test_one_of_a_group_is_left_out_and_the_others_are_merged(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, screen):
        merging = await compare(app, pilot, screen, (ANNA, ANNA_2, ANNA_3))
        out = merging._records[2]["id"]
        kept = [record["id"] for record in merging._records[:2]]
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: len(merging._records) == 2 and app.screen is merging and not merging._deciding)
        assert [record["id"] for record in merging._records] == kept
        assert "left out" in told(app)
        page = app.gateway.page()
        assert all(read_decision(page, each, out).decision == "different" for each in kept)  # type: ignore[union-attr]
        await pilot.press("y")
        await idle(app, pilot)
        assert app.screen is screen and "merged 1 record" in told(app)
        assert app.gateway.customer(out) is not None


async def test_more_pairs_are_read_when_the_cursor_comes_near_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crmtui.tui.screens import duplicates as module

    monkeypatch.setattr(module, "_PAGE", 1)
    monkeypatch.setattr(module, "_NEAR_THE_END", 1)
    async with queue(tmp_path) as (app, pilot, screen):
        await until(pilot, lambda: len(screen.cases) < 3 or not screen._more)
        await pilot.press("G")
        await until(pilot, lambda: len(screen.cases) == 3)
        await idle(app, pilot)


async def test_more_records_than_fit_are_paged_sideways(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        for number in range(5):
            add_customer(app.workspace, {**AGAIN[1], "name": f"Anna Keller {number}"})
        app.data_changed(())
        await pilot.pause()
        list_screen = app.screen
        assert isinstance(list_screen, CustomersScreen)
        list_screen._marked |= set(range(4, 9))
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, MergeScreen) and bool(app.screen._rows))
        merging = app.screen
        assert isinstance(merging, MergeScreen)
        seen = set(merging.positions())
        assert 2 <= len(seen) < 5 and "more records" in screen_text(app)
        for _time in range(4):
            await pilot.press("right")
            await pilot.pause()
            seen |= set(merging.positions())
            assert 0 in merging.positions()
        assert seen == set(range(5))
        await pilot.press("y")
        await idle(app, pilot)
        assert app.screen is list_screen and not list_screen._marked and "merged 4 records" in told(app)


async def test_marked_customers_need_to_be_two(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("m")
        await idle(app, pilot)
        assert "space bar" in told(app)


async def test_an_archived_one_among_the_marked_is_told(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        archive(app.workspace, [EVIL])
        assert isinstance(app.screen, CustomersScreen)
        app.screen._marked |= {EVIL, LILY}
        await pilot.press("m")
        await idle(app, pilot)
        assert "is archived" in screen_text(app) and isinstance(app.screen, CustomersScreen)


async def test_a_customer_is_compared_with_the_one_that_was_found(tmp_path: Path) -> None:
    async with queue(tmp_path) as (app, pilot, _screen):
        await pilot.press("1", "slash", *"13812345678", "enter", "enter")
        await pilot.pause()
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, PickScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MergeScreen))
        assert {record["id"] for record in app.screen._records} == {ZHANG, ZHANG_AGAIN}  # type: ignore[attr-defined]


async def test_a_record_that_somebody_else_merged_meanwhile_ends_the_comparison(tmp_path: Path) -> None:
    from crmtui.services.merge import merge

    async with queue(tmp_path) as (app, pilot, screen):
        await compare(app, pilot, screen, (BOB, BOB_2))
        merge(app.workspace, BOB, [BOB_2])
        app.data_changed(())
        await pilot.pause()
        assert app.screen is screen and "was merged into" in screen_text(app)


async def test_hostile_names_are_shown_harmlessly(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        assert isinstance(app.screen, CustomersScreen)
        app.screen._marked |= {EVIL, LILY}
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, MergeScreen) and bool(app.screen._rows))
        text = screen_text(app)
        assert "Evil [/x]" in text and "\x1b" not in text and "\x07" not in text
