from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Static

from crmtui.tui.difference_output import DifferenceOutput
from crmtui.tui.widgets.text_field import TextField, is_typed_text, one_line, word_starts


class FieldApp(DifferenceOutput, App[None]):
    CSS = "#above { height: 1; } TextField { width: 20; margin-left: 3; }"

    def __init__(self, value: str, **options: object) -> None:
        super().__init__()
        self.value, self.options = value, options

    def compose(self) -> ComposeResult:
        yield Static("above", id="above", markup=False)
        yield TextField(self.value, select_on_focus=False, **self.options)  # type: ignore[arg-type]


@asynccontextmanager
async def field_with(value: str, **options: object) -> AsyncIterator[tuple[TextField, Pilot[None]]]:
    app = FieldApp(value, **options)
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        yield app.query_one(TextField), pilot


def drawn(field: TextField) -> str:
    return field.render_line(0).text


def type_character(field: TextField, character: str) -> None:
    field.post_message(events.Key("a-key", character))


async def test_caret_stands_where_it_is_drawn_at_the_end() -> None:
    async with field_with("张三") as (field, pilot):
        assert field.cursor_screen_offset == Offset(7, 1)
        assert pilot.app.cursor_position == Offset(7, 1)


async def test_caret_of_an_empty_field_that_has_the_focus_from_the_start() -> None:
    async with field_with("") as (_field, pilot):
        assert pilot.app.cursor_position == Offset(3, 1)


async def test_caret_follows_home_and_end_in_a_text_longer_than_the_field() -> None:
    async with field_with("一二三四五六七八九十百千") as (field, pilot):
        await pilot.press("home")
        assert field.cursor_screen_offset == Offset(3, 1)
        await pilot.press("end")
        assert 3 <= field.cursor_screen_offset.x < 23
        assert pilot.app.cursor_position == field.cursor_screen_offset


async def test_caret_moves_with_the_field_when_the_layout_changes() -> None:
    async with field_with("张") as (_field, pilot):
        pilot.app.query_one("#above").styles.height = 3
        await pilot.pause()
        assert pilot.app.cursor_position == Offset(5, 3)


async def test_the_whole_character_under_the_caret_is_in_view_at_the_right_edge() -> None:
    text = "一二三四五六七八九十百千"
    async with field_with(text) as (field, pilot):
        await pilot.press("home")
        field.cursor_position = 10
        await pilot.pause()
        assert text[10] in drawn(field)


@pytest.mark.parametrize("character", ["\u3000", "\u00a0", "\u200d", "张", "："])
async def test_typed_characters_are_kept(character: str) -> None:
    async with field_with("ab") as (field, pilot):
        field.cursor_position = 1
        type_character(field, character)
        await pilot.pause()
        assert field.value == f"a{character}b"


async def test_a_typed_space_replaces_the_selection() -> None:
    async with field_with("abc") as (field, pilot):
        field.select_all()
        type_character(field, "\u3000")
        await pilot.pause()
        assert field.value == "\u3000"


async def test_pasted_line_breaks_become_spaces_and_the_last_is_dropped() -> None:
    async with field_with("") as (field, pilot):
        field.post_message(events.Paste("王\r\n小明\t138\n"))
        await pilot.pause()
        assert field.value == "王 小明 138"


async def test_text_is_never_markup() -> None:
    async with field_with("[red]x[/oops]") as (field, _pilot):
        assert drawn(field).startswith("[red]x[/oops]")
    async with field_with("", placeholder="[b]find[/nope]") as (field, _pilot):
        assert drawn(field).startswith("[b]find[/nope]")


async def test_backspace_removes_a_whole_family() -> None:
    async with field_with("a\U0001f468\u200d\U0001f469\u200d\U0001f467") as (field, pilot):
        await pilot.press("backspace")
        assert field.value == "a"


async def test_ctrl_w_takes_one_word_of_chinese_at_a_time() -> None:
    async with field_with("北京华为 技术有限公司abc") as (field, pilot):
        await pilot.press("ctrl+w", "ctrl+w")
        assert field.value == "北京华为 技术有限"
        await pilot.press("ctrl+left", "ctrl+w")
        assert field.value == "技术有限"


async def test_words_of_a_password_are_not_given_away() -> None:
    async with field_with("two words", password=True) as (field, pilot):
        await pilot.press("ctrl+w")
        assert field.value == ""


async def test_the_caret_does_not_blink_and_there_is_no_border() -> None:
    async with field_with("x") as (field, _pilot):
        assert field.cursor_blink is False
        assert field.size.height == field.outer_size.height == 1


def test_words_start_after_punctuation_and_where_the_script_changes() -> None:
    assert word_starts("foo.bar baz_1") == [0, 4, 8]
    assert word_starts("张三:lead") == [0, 3]
    assert word_starts("カタカナ漢字ABC") == [0, 4, 6]
    assert word_starts("   ") == []


def test_what_counts_as_typed_text() -> None:
    assert is_typed_text("\u3000") and is_typed_text("é")
    assert not is_typed_text("\t") and not is_typed_text("\x1b") and not is_typed_text(None)


def test_one_line_keeps_a_single_line_as_it_is() -> None:
    assert one_line(" 张 三 ") == " 张 三 "
