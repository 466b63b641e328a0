"""Who took part in an interaction is said on its row of the timeline."""

from collections.abc import Callable
from pathlib import Path

import pytest
from crm_pilot import LILY, ZHANG, running, screen_text
from textual.pilot import Pilot

from crmtui.services.activity import add_task, finish_task, log_interaction
from crmtui.services.participants import participants_of
from crmtui.services.record import add_customer
from crmtui.tui.screens.customer import open_customer


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(400):
        await pilot.pause(0.01)
        if true():
            return
    raise AssertionError("it did not come to that:\n" + screen_text(pilot.app))  # type: ignore[arg-type]


@pytest.mark.parametrize(("language", "shown"), [("en", "Lily Zhang"), ("zh_CN", "Lily Zhang")])
async def test_somebody_is_added_and_taken_out(tmp_path: Path, language: str, shown: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        log_interaction(app.workspace, [ZHANG], kind="meeting", text="fair")
        await open_customer(app, ZHANG)
        await until(pilot, lambda: "fair" in screen_text(app))
        await pilot.press("a")
        await pilot.press(*"lily", "enter")
        page = app.gateway.page()
        await until(pilot, lambda: participants_of(page, 1) == [ZHANG, LILY])
        await until(pilot, lambda: shown in screen_text(app))
        await pilot.press("A")
        await until(pilot, lambda: participants_of(page, 1) == [ZHANG])
        await pilot.press("u")
        await until(pilot, lambda: participants_of(page, 1) == [ZHANG, LILY])


async def test_of_several_one_is_chosen_also_this_customer(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        wang = add_customer(app.workspace, {"name": "王五"}).customers[0]
        log_interaction(app.workspace, [ZHANG, LILY, wang], kind="note", text="fair")
        await open_customer(app, ZHANG)
        await until(pilot, lambda: "fair" in screen_text(app))
        await pilot.press("minus")
        await until(pilot, lambda: "Who did not take part?" in screen_text(app))
        await pilot.press(*"zhangwei", "enter")
        await until(pilot, lambda: ZHANG not in participants_of(app.gateway.page(), 1))


async def test_a_row_that_nobody_takes_part_in_says_so(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        add_task(app.workspace, [ZHANG], "send")
        finish_task(app.workspace, 1)
        await open_customer(app, ZHANG)
        await until(pilot, lambda: "send" in screen_text(app))
        await pilot.press("a")
        await until(pilot, lambda: "That is for calls" in screen_text(app))
        log_interaction(app.workspace, [ZHANG], kind="note", text="alone")
        app.data_changed(())
        await until(pilot, lambda: "alone" in screen_text(app))
        await pilot.press("g", "A")
        await until(pilot, lambda: "Nobody else took part" in screen_text(app))
