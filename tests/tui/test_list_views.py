"""The search line that completes, views, columns, counts, the searches of before, and jumping to a row."""

from pathlib import Path

import pytest
from crm_pilot import lines_of, new_file, running, screen_text
from textual.pilot import Pilot

from crmtui.config import Settings
from crmtui.services.custom_fields import define_field
from crmtui.services.record import add_customer
from crmtui.services.views import all_views, default_view, list_views
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.columns import ColumnsScreen
from crmtui.tui.screens.counts import CountsScreen
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.widgets.completion_list import CompletionList
from crmtui.tui.widgets.windowed_list import WindowedList

RESTED = 0.3


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """views.toml of the test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "crmtui" / "views.toml"


def customers(app: CrmApp) -> CustomersScreen:
    assert isinstance(app.screen, CustomersScreen)
    return app.screen


def completions(app: CrmApp) -> CompletionList:
    return app.screen.query_one(CompletionList)


async def typed(pilot: Pilot[int], text: str) -> None:
    names = {" ": "space", ":": "colon", ">": "greater_than_sign", "-": "minus"}
    await pilot.press(*(names.get(letter, letter) for letter in text))
    await pilot.pause(RESTED)


# Completions


async def test_a_field_and_its_value_are_completed(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await typed(pilot, "/sta")
        assert [each.insert for each in completions(app).candidates] == ["stage:"]
        await pilot.press("tab")
        await pilot.pause(RESTED)
        field = customers(app)._field
        assert field.value == "stage:"
        assert completions(app).candidates[0].insert == "lead"
        await pilot.press("tab")
        await pilot.pause(RESTED)
        assert field.value == "stage:lead " and field.cursor_position == len(field.value)
        assert not completions(app).is_open
        rows = "".join(lines_of(app)[3:-1])
        assert "张伟" in rows and "Lily" not in rows


async def test_arrows_choose_and_enter_takes_what_they_chose(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await typed(pilot, "/tag:")
        shown = completions(app)
        wanted = shown.candidates[1].insert
        await pilot.press("down", "down", "enter")
        await pilot.pause(RESTED)
        assert customers(app)._field.value == f"tag:{wanted} "
        assert app.focused is customers(app)._field


async def test_escape_closes_the_completions_first(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await typed(pilot, "/stage:")
        await pilot.press("escape")
        assert not completions(app).is_open and customers(app)._field.value == "stage:"
        await typed(pilot, "l")
        assert not completions(app).is_open  # it was said once
        await pilot.press("escape")
        assert customers(app)._field.value == ""


async def test_names_are_typed_as_ever(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await typed(pilot, "/lily")
        assert not completions(app).is_open
        await pilot.press("down")
        assert app.focused is customers(app)._list


async def test_enter_goes_to_the_list_when_nothing_was_chosen(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await typed(pilot, "/sta")
        assert completions(app).is_open
        await pilot.press("enter")
        await pilot.pause(RESTED)
        assert app.focused is customers(app)._list and not completions(app).is_open
        assert customers(app)._field.value == "sta"


async def test_tab_right_behind_the_letters_waits_for_the_completions(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("slash", "s", "t", "a", "g", "tab")
        await pilot.pause(RESTED)
        assert customers(app)._field.value == "stage:"


async def test_chinese_names_of_fields_and_full_width_signs(tmp_path: Path) -> None:
    async with running(tmp_path, language="zh_CN") as (app, pilot):
        await pilot.press("slash", "阶")
        await pilot.pause(RESTED)
        assert [each.insert for each in completions(app).candidates] == ["stage:"]
        await pilot.press("tab")
        await pilot.pause(RESTED)
        assert "线索" in completions(app).plain() or "潜在" in completions(app).plain()
        assert all(line for line in lines_of(app))


async def test_the_completions_stand_under_their_word_and_inside_the_screen(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await typed(pilot, "/lily stage:")
        shown = completions(app)
        field = customers(app)._field
        assert shown.region.y == field.region.y + 1
        assert shown.region.x == field.content_region.x + len("lily stage:") - 1
        await typed(pilot, "customer " + "zz " * 18 + "stage:")
        assert shown.is_open and shown.region.right <= app.size.width


# The searches of before


async def test_back_and_forward_through_searches(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("slash", *"lily", "enter", "slash", "ctrl+u", *"zhang", "enter")
        field = customers(app)._field
        await pilot.press("left_square_bracket")
        assert field.value == "lily"
        await pilot.press("minus")
        assert field.value == ""
        await pilot.press("minus")
        assert "first search" in screen_text(app)
        await pilot.press("right_square_bracket", "right_square_bracket")
        assert field.value == "zhang"


async def test_up_in_the_empty_search_line_brings_the_searches_of_before(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("slash", *"lily", "enter", "escape", "slash", *"zhang", "enter", "escape", "slash")
        field = customers(app)._field
        await pilot.press("up")
        assert field.value == "zhang"
        await pilot.press("up", "up")
        assert field.value == "lily"
        await pilot.press("down", "down")
        assert field.value == ""
        await pilot.press("down")
        assert app.focused is customers(app)._list


async def test_the_searches_of_before_survive_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with new_file(tmp_path) as workspace:
        for _session in range(2):
            app = CrmApp(workspace, Settings())
            async with app.run_test(size=(80, 24)) as pilot:
                await pilot.press("slash")
                await pilot.press("up")
                assert customers(app)._field.value == ("lily" if _session else "")
                await pilot.press("escape", "slash", *"lily", "enter", "left_square_bracket")
                assert customers(app)._field.value == ""
                await pilot.press("left_square_bracket")
                assert "this is the first search" in screen_text(app)
                if not _session:
                    await pilot.press("escape")


# Views


async def test_a_view_is_saved_for_everybody_and_opened_again(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("slash", *"lily", "enter", "s", "V")
        await pilot.press("ctrl+u", *"mine", "enter")
        await pilot.pause(RESTED)
        await pilot.press("enter")
        await pilot.pause(RESTED)
        assert [view.name for view in list_views(app.gateway.page())] == ["mine"]
        await pilot.press("escape")
        await pilot.press("v")
        await pilot.pause(RESTED)
        text = screen_text(app)
        assert "mine" in text and "lily" in text and "this file · 1" in text
        await pilot.press("enter")
        await pilot.pause(RESTED)
        assert customers(app)._field.value == "lily"
        assert customers(app)._order.column == "sort_name"
        assert "mine" in lines_of(app)[-1]


async def test_a_view_is_saved_in_the_text_file_with_its_columns(tmp_path: Path, own_folder: Path) -> None:
    async with running(tmp_path) as (_app, pilot):
        await pilot.press("h")
        await pilot.pause()
        await pilot.press("j", "space", "escape", "V", *"short", "enter")
        await pilot.pause(RESTED)
        await pilot.press("down", "enter")
        await pilot.pause(RESTED)
        text = own_folder.read_text(encoding="utf-8")
        assert 'name = "short"' in text and '"name"' in text and '"company"' not in text


async def test_both_kinds_of_views_are_listed_and_a_mistake_is_told_by_its_line(
    tmp_path: Path, own_folder: Path
) -> None:
    own_folder.parent.mkdir(parents=True)
    own_folder.write_text('[[view]]\nname = "leads"\nquery = "stage:lead"\nsrot = "name"\n', encoding="utf-8")
    async with running(tmp_path) as (app, pilot):
        assert "views.toml:4" in screen_text(app)
        await pilot.press("v")
        await pilot.pause(RESTED)
        text = screen_text(app)
        assert "leads" in text and "views.toml · 1" in text
        await pilot.press("enter")
        await pilot.pause(RESTED)
        assert customers(app)._field.value == "stage:lead"


async def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, own_folder: Path) -> None:
    own_folder.parent.mkdir(parents=True)
    own_folder.write_bytes(b"\xff\xfe\x00")
    async with running(tmp_path) as (app, pilot):
        assert "not UTF-8" in screen_text(app)
        await pilot.press("v")
        await pilot.pause(RESTED)
        assert "not UTF-8" in screen_text(app)


# Columns


async def test_columns_are_chosen_moved_and_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("h")
        await pilot.pause()
        assert isinstance(app.screen, ColumnsScreen)
        await pilot.press("j", "space", "J")
        assert customers_below(app)._columns[:3] == ("name", "stage", "phones")
        await pilot.press("enter")
        await pilot.pause(RESTED)
        await pilot.press("enter")
        await pilot.pause(RESTED)
        kept = default_view(app.gateway.page(), customers(app)._view_file())
        assert kept is not None and [column.key for column in kept.columns][:3] == ["name", "stage", "phones"]
        assert all_views(app.gateway.page(), customers(app)._view_file()) == []


def customers_below(app: CrmApp) -> CustomersScreen:
    return next(screen for screen in app.screen_stack if isinstance(screen, CustomersScreen))


async def test_a_custom_field_and_any_other_field_are_columns(tmp_path: Path) -> None:
    async with running(tmp_path, size=(160, 40)) as (app, pilot):
        await app.gateway.write(lambda workspace: define_field(workspace, "介绍人", "text"))
        await app.gateway.write(
            lambda workspace: add_customer(workspace, {"name": "Q", "wechat": "qqq", "custom.介绍人": "[/x]\x1b"})
        )
        app.data_changed(())
        await pilot.press("h", "G", "space", "escape")
        await pilot.pause(RESTED)
        assert customers(app)._columns[-1] == "custom.介绍人"
        text = screen_text(app)
        assert "王总" in text and "[/x]␛" in text


async def test_columns_without_room_are_left_out_with_a_sign(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        before = lines_of(app)[2]
        assert "»" not in before
        await pilot.press("h", "j", "space", "escape")
        await pilot.pause(RESTED)
        header = lines_of(app)[2]
        assert header.endswith("»") and header.index("Name") < header.index("Phone")
        assert app.screen.query_one(WindowedList).size.width == 80


async def test_one_column_stays(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("h", *["space"] * 9, "escape")
        await pilot.pause(RESTED)
        assert customers(app)._columns == ("last_interaction_at",)
        assert len(lines_of(app)) == 24


# Counts


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_values_are_counted_and_opened(tmp_path: Path, language: str) -> None:
    async with running(tmp_path, language=language) as (app, pilot):
        await pilot.press("F")
        await pilot.pause(RESTED)
        await pilot.press("enter")
        await pilot.pause(1)
        assert isinstance(app.screen, CountsScreen)
        text = screen_text(app)
        assert "33.3 %" in text and "66.7 %" in text and "█" in text
        await pilot.press("enter")
        await pilot.pause(RESTED)
        assert customers(app)._field.value == "stage:=lead"
        await pilot.press("left_square_bracket")
        assert customers(app)._field.value == ""


async def test_customers_without_a_value_and_another_field(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("F", *"owner", "enter")
        await pilot.pause(1)
        assert "without a value" in screen_text(app)
        await pilot.press("f", *"tags")
        await pilot.pause(RESTED)
        await pilot.press("enter")
        await pilot.pause(1)
        assert "VIP" in screen_text(app) and "3 values" in screen_text(app)
        await pilot.press("G", "enter")
        await pilot.pause(RESTED)
        assert customers(app)._field.value == 'tags:=""'
        assert "Lily" in screen_text(app) and "张伟" not in screen_text(app)


async def test_counting_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crmtui.services import counting

    count_values = counting.count_values

    def endless(*arguments: object, **options: object) -> object:
        interrupted = arguments[4]
        while not interrupted():  # type: ignore[operator]
            pass
        return count_values(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(counting, "count_values", endless)
    async with running(tmp_path) as (app, pilot):
        await pilot.press("F", "enter")
        await pilot.pause(RESTED)
        assert "counting" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause(1)
        assert isinstance(app.screen, CustomersScreen)


# Jumping


async def test_a_letter_goes_to_its_row(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("semicolon")
        rows = [line[:4] for line in lines_of(app)[3:6]]
        assert [row[0] for row in rows] == ["a", "s", "d"]
        await pilot.press("d")
        assert customers(app)._list.cursor_index == 2
        assert lines_of(app)[5].startswith("▸")
        await pilot.press("semicolon", "escape")
        assert customers(app)._list.cursor_index == 2 and not lines_of(app)[3].startswith("a")
