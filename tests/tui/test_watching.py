from collections.abc import Callable
from pathlib import Path

import pytest
from crm_pilot import EVIL, LILY, ZHANG, lines_of, other_person, running, screen_text
from textual.pilot import Pilot

from crmtui.services import activity
from crmtui.services.record import add_customer, edit_customer
from crmtui.services.sessions import enter, others_here
from crmtui.tui import watching
from crmtui.tui.screens.customer import CustomerScreen
from crmtui.tui.widgets.windowed_list import WindowedList

WITHIN = 1.0


async def within_a_second(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(round(WITHIN / 0.02)):
        if true():
            return
        await pilot.pause(0.02)
    raise AssertionError(screen_text(pilot.app))  # type: ignore[arg-type]


def test_the_file_is_looked_at_twice_within_a_second() -> None:
    assert watching.POLL_SECONDS * 2 <= WITHIN


async def test_the_list_shows_what_another_does_and_the_cursor_stays_on_its_customer(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.pause(0.3)
        rows = app.screen.query_one(WindowedList)
        await pilot.press("down")
        on = rows.cursor_row_id
        with other_person(app.workspace) as li:
            added = add_customer(li, {"name": "Newcomer"}).customers[0]
            edit_customer(li, ZHANG, {"company": "新公司"}, version=app.gateway.customer_version(ZHANG))
            await within_a_second(pilot, lambda: "Newcomer" in screen_text(app) and "新公司" in screen_text(app))
        assert rows.cursor_row_id == on
        assert rows.source.index_of(added) is not None


async def test_the_customer_screen_shows_what_another_does(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("slash", "z", "w", "enter", "enter")
        await pilot.pause(0.2)
        screen = app.screen
        assert isinstance(screen, CustomerScreen) and screen.customer_id == ZHANG
        before = screen.query_one(WindowedList).cursor_index
        with other_person(app.workspace) as li:
            activity.log_interaction(li, [ZHANG], text="said by li")
            await within_a_second(pilot, lambda: "said by li" in screen_text(app))
        assert screen.query_one(WindowedList).cursor_index == before


@pytest.mark.parametrize(("language", "words"), [("en", "also here: li"), ("zh_CN", "li")])
async def test_who_else_is_in_is_told_and_goes_again(
    tmp_path: Path, language: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_PRESENCE_POLLS", 1)
    async with running(tmp_path, language=language) as (app, pilot):
        with other_person(app.workspace, "li") as li:
            assert words not in lines_of(app)[0]
            presence = enter(li)
            await within_a_second(pilot, lambda: words in lines_of(app)[0])
            assert [session.user for session in others_here(li.database.path, presence)] == ["me"]
            presence.close()
            await within_a_second(pilot, lambda: words not in lines_of(app)[0])


@pytest.mark.parametrize(("size", "words"), [((80, 24), "+ colleague"), ((120, 40), "also here: colleague-")])
async def test_many_others_take_no_more_than_their_place(
    tmp_path: Path, size: tuple[int, int], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_PRESENCE_POLLS", 1)
    async with running(tmp_path, size=size) as (app, pilot):
        others = [other_person(app.workspace, f"colleague-{number} [/x]\x1b[31m") for number in range(9)]
        presences = [enter(other) for other in others]
        await within_a_second(pilot, lambda: words in lines_of(app)[0])
        top = lines_of(app)[0]
        assert "…" in top and "work.db" in top and "7 Files" in top and "\x1b" not in top
        for presence, other in zip(presences, others, strict=True):
            presence.close()
            other.close()


async def test_leaving_is_seen_by_the_others(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        path = app.workspace.database.path
        assert [session.user for session in others_here(path)] == ["me"]
        await pilot.press("q")
        await pilot.pause()
    assert others_here(path) == []
    assert not list(tmp_path.glob("*.session-*"))


async def test_what_is_due_is_counted_in_the_top_line(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        assert "2 Today " in lines_of(app)[0]
        with other_person(app.workspace) as li:
            activity.add_task(li, [LILY, EVIL], "x", due_at="2020-01-01")
            await within_a_second(pilot, lambda: "2 Today·2 " in lines_of(app)[0])


@pytest.mark.parametrize(
    ("language", "looks", "edits"), [("en", "also here: li", "being edited by li"), ("zh_CN", "li", "li")]
)
async def test_who_has_the_same_customer_on_the_screen_is_told(
    tmp_path: Path, language: str, looks: str, edits: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.01)
    async with running(tmp_path, language=language) as (app, pilot):
        activity.add_task(app.workspace, [LILY], "due", due_at="2020-01-01")
        await pilot.press("slash", "z", "w", "enter", "enter")
        await pilot.pause(0.2)
        assert isinstance(app.screen, CustomerScreen)
        with other_person(app.workspace, "li") as li:
            presence = enter(li)
            presence.show(LILY)
            await pilot.pause(0.3)
            assert looks not in lines_of(app)[0]
            presence.show(ZHANG)
            await within_a_second(pilot, lambda: looks in lines_of(app)[0])
            presence.show(ZHANG, editing=True)
            await within_a_second(pilot, lambda: edits in lines_of(app)[0])
            assert "·1" in lines_of(app)[0]
            (seen,) = list(others_here(app.workspace.database.path, presence))
            assert (seen.customer, seen.editing) == (ZHANG, False)
            await pilot.press("e")
            await within_a_second(pilot, lambda: edits in lines_of(app)[0])
            assert others_here(app.workspace.database.path, presence)[0].editing
            await pilot.press("escape", "q")
            await pilot.pause(0.1)
            assert others_here(app.workspace.database.path, presence)[0].customer is None
            presence.close()
