import unicodedata
from pathlib import Path

import pytest
from crm_pilot import EVIL, ZHANG, lines_of, running, screen_text

from crmtui import i18n
from crmtui.tui.actions import ACTIONS, APP, CUSTOMERS, FORM, LIST, actions_in
from crmtui.tui.app import CrmApp
from crmtui.tui.keymap import default_keymap
from crmtui.tui.screens.customer import CustomerScreen
from crmtui.tui.screens.form import FormScreen
from crmtui.tui.screens.help import HelpScreen
from crmtui.tui.screens.palette import PaletteScreen, command_choices, ranked
from crmtui.tui.widgets.form_parts import FormEditor
from crmtui.tui.widgets.text_field import TextField

SCOPES = (CUSTOMERS, LIST, APP)


def typed_into(app: CrmApp, text: str) -> None:
    app.screen.query_one(TextField).value = text


def found(typed: str) -> list[str]:
    return [choice.value for choice in ranked(command_choices(SCOPES, default_keymap()), typed)]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_commands_of_the_screen_with_their_keys(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async with running(tmp_path, language=language, size=size) as (app, pilot):
        await pilot.press("colon")
        assert isinstance(app.screen, PaletteScreen)
        text = screen_text(app)
        assert text.count("▸") >= 1
        assert not [character for character in text.replace("\n", "") if unicodedata.category(character) == "Cc"]


async def test_a_command_is_run_and_comes_first_the_next_time(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("colon")
        typed_into(app, "every key")
        await pilot.press("enter")
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape", "colon")
        assert "Show every key" in next(line for line in lines_of(app) if "▸" in line)


async def test_a_command_of_the_list_is_run_too(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("colon")
        typed_into(app, "last row")
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen.query_one("#list").cursor_index == 2  # type: ignore[attr-defined]


async def test_a_command_without_a_key_is_run(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        theme = app.theme
        await pilot.press("colon")
        typed_into(app, "theme")
        await pilot.press("enter")
        await pilot.pause()
        assert app.theme != theme


@pytest.mark.parametrize("typed, customer", [("zhangwei", ZHANG), ("5678", ZHANG), ("evil", EVIL)])
async def test_customers_are_offered_when_no_command_is_meant(tmp_path: Path, typed: str, customer: int) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("colon")
        typed_into(app, typed)
        await pilot.pause()
        assert not [c for c in screen_text(app).replace("\n", "") if unicodedata.category(c) == "Cc"]
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, CustomerScreen) and app.screen.customer_id == customer


@pytest.mark.parametrize("typed", ["[/x]qq", '"', "text:zzz", "((((", "zznote:\x1b", "\x1b[31m"])
async def test_nothing_found_is_said_and_enter_does_nothing(tmp_path: Path, typed: str) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("colon")
        typed_into(app, typed)
        await pilot.pause()
        assert "no command and no customer" in screen_text(app)
        await pilot.press("enter")
        assert isinstance(app.screen, PaletteScreen)


async def test_quit_by_the_palette_does_not_lose_a_form(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        form = FormScreen(ZHANG)
        await app.push_screen(form)
        await pilot.pause()
        form.query_one(FormEditor).value = "张三丰"
        await pilot.press("ctrl+p")
        typed_into(app, "leave crmtui")
        await pilot.press("enter")
        await pilot.pause()
        assert app.is_running and app.screen is form and "not saved" in screen_text(app)


def test_only_commands_of_the_scopes_are_offered() -> None:
    ids = {choice.value for choice in command_choices((FORM, APP), default_keymap())}
    assert ids == {action.id for action in actions_in(FORM, APP)} - {"app.palette"}


def test_recent_commands_come_first_in_their_order() -> None:
    ids = [choice.value for choice in command_choices(SCOPES, default_keymap(), ("app.undo", "customers.tag"))]
    assert ids[:3] == ["app.undo", "customers.tag", "customers.search"]


def test_every_command_is_found_by_its_english_help_and_its_name_comes_first() -> None:
    for action in ACTIONS:
        if action.scope in SCOPES and action.id != "app.palette":
            assert action.id in found(action.help)
            assert found(action.label)[0].rpartition(".")[2] or found(action.label)
    assert found("tag")[0] == "customers.tag"
    assert found("undo")[0] == "app.undo"


def test_commands_are_found_by_chinese_pinyin_and_initials(monkeypatch: pytest.MonkeyPatch) -> None:
    chinese = {"log call": "记录通话", "Log a call with the customer": "记录与客户的通话"}
    monkeypatch.setattr("crmtui.tui.screens.palette._", lambda text: chinese.get(text, i18n._(text)))
    for typed in ("记录通话", "jilutonghua", "jlth", "tonghua", "log call"):
        assert found(typed)[0] == "customers.call", typed
