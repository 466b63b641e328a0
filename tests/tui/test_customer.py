"""The screen of one customer: one is kept and shows each customer anew."""

from pathlib import Path

import pytest
from crm_pilot import EVIL, LILY, ZHANG, running, screen_text
from textual.pilot import Pilot

from crmtui.domain.text import display_text
from crmtui.services import activity
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.customer import CustomerScreen, open_customer, prepare_customer_screen
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.screens.form import FormScreen
from crmtui.tui.widgets.windowed_list import WindowedList

TOLD = 30


async def settle(app: CrmApp, pilot: Pilot[int]) -> None:
    for _ in range(200):
        await pilot.pause()
        if not app._tasks:
            return
    raise AssertionError("work does not end")


def rows(app: CrmApp) -> WindowedList:
    return app.screen.query_one("#list", WindowedList)


def log_calls(app: CrmApp, customer: int) -> None:
    for number in range(TOLD):
        activity.log_interaction(app.workspace, [customer], text=f"call number {number}")


async def test_each_customer_begins_anew_on_the_same_screen(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        log_calls(app, ZHANG)
        await open_customer(app, ZHANG)
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, CustomerScreen)
        await pilot.press("G")
        assert rows(app).cursor_index == TOLD and "call number 0" in screen_text(app)
        await pilot.press("slash", *"number 3", "enter")
        await settle(app, pilot)
        assert "/ number 3" in screen_text(app) and rows(app).source.row_count() == 1
        await pilot.press("tab", "d")
        assert "There is no open task" in screen_text(app)
        await pilot.press("escape", "escape")
        assert isinstance(app.screen, CustomersScreen)

        await open_customer(app, LILY)
        await pilot.pause()
        text = screen_text(app)
        assert app.screen is screen and "Lily Zhang" in text and "lily@beacon.example" in text
        assert "qiming" not in text and "number 3" not in text and "no open task" not in text

        await pilot.press("q")
        await open_customer(app, ZHANG)
        await pilot.pause()
        assert rows(app).source.row_count() == TOLD + 1 and rows(app).cursor_index == 0 and app.focused is rows(app)
        assert "call number 29" in screen_text(app)


async def test_it_is_made_before_it_is_asked_for_and_reads_nothing_until_then(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        asked: list[str] = []
        app.gateway.page().set_trace_callback(asked.append)
        prepare_customer_screen(app)
        await pilot.pause()
        kept = app.get_screen("customer", CustomerScreen)
        assert kept.is_mounted and not kept.is_current and asked == []
        app.gateway.page().set_trace_callback(None)
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is kept and kept.customer_id in (ZHANG, EVIL, LILY)


async def test_a_question_left_open_is_not_asked_about_the_next_customer(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await open_customer(app, ZHANG)
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, CustomerScreen)
        await pilot.press("t")
        await pilot.pause()
        assert screen.prompt.active
        await app.pop_screen()
        await open_customer(app, LILY)
        await pilot.pause()
        assert app.screen is screen and not screen.prompt.active and app.focused is rows(app)


async def test_under_a_form_the_customer_stays(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await open_customer(app, ZHANG)
        await pilot.pause()
        below = app.screen
        await pilot.press("e")
        await settle(app, pilot)
        assert isinstance(app.screen, FormScreen)
        await open_customer(app, LILY)
        await pilot.pause()
        assert app.screen is not below and "Lily Zhang" in screen_text(app)
        await pilot.press("q", "escape")
        await pilot.pause()
        assert app.screen is below and "张伟" in screen_text(app)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_it_opens_in_the_language_and_width_of_now(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await open_customer(app, ZHANG)
        await pilot.pause()
        await pilot.press("q")
        app.action_app_language()
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        await open_customer(app, ZHANG)
        await pilot.pause()
        text = screen_text(app)
        assert ("时间线" in text) is (language == "en") and ("Timeline" in text) is (language == "zh_CN")
        assert max(map(len, text.splitlines())) <= 120 and text.count("\n") == 39


async def test_the_cursor_of_the_list_follows_through_the_customers(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("J")
        name = display_text(app.gateway.customer(app.screen.customer_id)["name"])  # type: ignore[attr-defined, index]
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, CustomersScreen) and rows(app).cursor_index == 1
        assert name[:8] in screen_text(app)
