"""Keys that arrive together, in the real app: what was meant as text is never run as commands."""

from pathlib import Path
from typing import Any

import pytest
from crm_pilot import ZHANG, running, screen_text
from textual import events

from crmtui.tui._textual_private import key_name
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.screens.form import FormScreen
from crmtui.tui.widgets.form_parts import FormEditor

CONTROLS = {"⏎": ("enter", "\r"), "⎋": ("escape", "\x1b")}


async def type_at_once(app: CrmApp, pilot: Any, text: str) -> None:
    for character in text:
        key, shown = CONTROLS.get(character, (key_name(character), character))
        app.post_message(events.Key(key, shown))
    for _ in range(100):
        await pilot.pause()
        if not app._key_under_way and not app._tasks:
            return


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_tags_typed_with_their_key_in_one_go(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await type_at_once(app, pilot, "T+vip⏎")
        assert isinstance(app.screen, CustomersScreen)
        tagged = [customer for customer in (1, 2, 3) if "vip" in (app.gateway.customer(customer) or {})["tags"]]
        assert len(tagged) == 1
        assert app.screen._preview_wanted  # p was text


async def test_a_name_typed_with_the_key_of_the_form(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await type_at_once(app, pilot, "a张三")
        assert isinstance(app.screen, FormScreen)
        assert app.screen.query_one(FormEditor).value == "张三"


async def test_a_search_and_what_is_done_to_its_first_row(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await type_at_once(app, pilot, "/zhangwei⏎")
        assert app.screen.targets() == (ZHANG,)  # type: ignore[attr-defined]


async def test_a_paste_into_the_list_does_nothing_and_says_so(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        app.post_message(events.Paste("xxTTaa"))
        await pilot.pause()
        assert isinstance(app.screen, CustomersScreen)
        assert "Pasted text does nothing here" in screen_text(app)


@pytest.mark.parametrize(("typed", "opened"), [("：", "PaletteScreen"), ("？", "HelpScreen"), ("ａ", "FormScreen")])
async def test_an_input_method_left_on(tmp_path: Path, typed: str, opened: str) -> None:
    async with running(tmp_path, language="zh_CN") as (app, pilot):
        await type_at_once(app, pilot, typed)
        assert type(app.screen).__name__ == opened
