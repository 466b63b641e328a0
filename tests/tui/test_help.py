import unicodedata
from pathlib import Path

import pytest
from crm_pilot import running, screen_text

from crmtui.domain.query import HAS_VALUES, SPECIAL_FILTERS
from crmtui.domain.text import cell_width
from crmtui.tui.actions import ACTIONS, CUSTOMERS, SCOPE_LABELS, actions_in
from crmtui.tui.keymap import default_keymap
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.screens.help import HelpScreen, key_blocks, query_blocks, wrapped


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_key_can_be_read_on_the_page(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async with running(tmp_path, language=language, size=size) as (app, pilot):
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        width = app.screen.query_one("#keys").size.width
        for line in app.screen.query_one("#keys").lines:  # type: ignore[attr-defined]
            assert sum(cell_width(span.text) for span in line.left) <= width
        assert "…" not in app.screen.query_one("#keys").plain().replace("custom.…", "")  # type: ignore[attr-defined]
        text = screen_text(app).replace("\n", "")
        assert not [character for character in text if unicodedata.category(character) == "Cc"]


@pytest.mark.parametrize("key", ["escape", "q", "question_mark"])
async def test_the_page_closes(tmp_path: Path, key: str) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("question_mark", key)
        assert isinstance(app.screen, CustomersScreen)


async def test_the_page_scrolls_and_goes_to_the_query_language(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("question_mark", "slash")
        assert "The search line" in screen_text(app)
        await pilot.press("G")
        assert "notes:" in screen_text(app)
        await pilot.press("g", "j")
        assert app.screen.query_one("#page").scroll_y == 1


async def test_keys_of_the_keymap_are_shown(tmp_path: Path) -> None:
    keymap = default_keymap() | {"customers.add": ("ctrl+n",)}
    async with running(tmp_path, keymap=keymap) as (app, pilot):
        await pilot.press("question_mark")
        assert any("ctrl+n" in line and "Add a customer" in line for line in screen_text(app).splitlines())


def test_scopes_of_the_screen_come_first_and_nothing_is_left_out() -> None:
    blocks = key_blocks((CUSTOMERS, "list", "app"), default_keymap())
    assert [block.here for block in blocks] == [True] * 3 + [False] * (len(blocks) - 3)
    assert blocks[0].title == SCOPE_LABELS[CUSTOMERS]
    assert sum(len(block.rows) for block in blocks) == len(ACTIONS)
    assert [text for _keys, text in blocks[0].rows] == [action.help for action in actions_in(CUSTOMERS)]


def test_every_filter_of_the_query_language_is_told() -> None:
    text = " ".join(f"{left} {right}" for block in query_blocks() for left, right in block.rows)
    assert all(f"{name}:" in text for name in SPECIAL_FILTERS)
    assert all(value in text for value in HAS_VALUES)


@pytest.mark.parametrize(
    "text", ["one two three four", "联系客户并记录通话内容", "mixed 中文 and words 更多", "x" * 50, ""]
)
@pytest.mark.parametrize("width", [6, 11, 40])
def test_wrapped_text_fits_and_loses_nothing(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_width(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
