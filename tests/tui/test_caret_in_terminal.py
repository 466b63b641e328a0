"""The terminal's cursor stands where a field draws its caret: there an input method shows what is being composed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from crm_pilot import new_file
from tmux_terminal import TmuxTerminal, crmtui

NAME = "张三"
LONG = "一二三四五六七八九十百千万" * 6

FIELDS = {
    "search": ("/", ()),
    "prompt of a call": ("c", ()),
    "prompt of tags": ("T", ()),
    "palette": (":", ()),
    "form, first field": ("a", ()),
    "form, a later field": ("a", ("Tab", "Tab", "Tab")),
    "form of a customer": ("e", ("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Tab")),
    "import, file name": ("i", ()),
}
"""What opens a field, and what leads on to it."""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[TmuxTerminal]:
    new_file(tmp_path).close()
    terminal = TmuxTerminal(tmp_path, crmtui(tmp_path / "work.db"))
    try:
        terminal.wait_for("Lily Zhang")
        yield terminal
    finally:
        terminal.close()


def opened(terminal: TmuxTerminal, name: str) -> None:
    before = terminal.cursor()
    key, more = FIELDS[name]
    terminal.press(key)
    terminal.wait(lambda: terminal.cursor() != before, f"{key} opens nothing")
    terminal.settle()
    terminal.press(*more, "End", "C-u")
    terminal.settle()


def expect(terminal: TmuxTerminal, left: str, right: str) -> None:
    """The cursor comes to stand right after ``left`` and before ``right``, and stays there."""

    def met() -> bool:
        before, after = terminal.around_cursor()
        return before.endswith(left) and after.startswith(right)

    terminal.wait(met, f"the cursor does not stand between {left[-6:]!r} and {right[:6]!r}")


@pytest.mark.parametrize("name", FIELDS)
def test_it_stands_where_the_caret_is_drawn(terminal: TmuxTerminal, name: str) -> None:
    """One session does it all: starting the program is what takes time here."""
    opened(terminal, name)
    empty = terminal.cursor()

    def at_the_start() -> bool:
        return terminal.cursor() == empty

    # Short text, both ends
    terminal.type(NAME)
    expect(terminal, NAME, "")
    assert terminal.cursor() == (empty[0] + 4, empty[1])
    terminal.press("Home")
    terminal.wait(at_the_start, "Home does not lead back to where the field begins")
    expect(terminal, "", NAME)
    terminal.press("Right")
    expect(terminal, "张", "三")
    terminal.press("End", "BSpace")
    expect(terminal, "张", "")
    # Text longer than the field
    terminal.press("C-u")
    terminal.settle()
    terminal.type(LONG)
    expect(terminal, LONG[-3:], "")
    assert terminal.cursor()[1] == empty[1]
    terminal.press("Home")
    terminal.wait(at_the_start, "Home does not lead back to where the long text begins")
    expect(terminal, "", LONG[:8])
    terminal.press("End", "Left", "Left")
    expect(terminal, LONG[-5:-2], LONG[-2])
    # The window changes under it
    terminal.press("End", "C-u")
    terminal.settle()
    terminal.type(NAME)
    for columns, rows in ((120, 40), (81, 25)):
        terminal.resize(columns, rows)
        terminal.settle()
        expect(terminal, NAME, "")


def test_it_stands_in_the_field_at_first_focus(terminal: TmuxTerminal) -> None:
    terminal.press("/")
    terminal.wait(lambda: terminal.around_cursor()[0] == " / ", "not in the search line")
    terminal.press("Escape")
    terminal.settle()  # or the escape and the key after it would be one key with alt
    terminal.press("c")
    terminal.wait(
        lambda: terminal.cursor()[1] == 22 and terminal.around_cursor()[0].endswith("› "), "not in the prompt"
    )


def test_it_moves_when_the_form_tells_of_an_existing_customer(terminal: TmuxTerminal) -> None:
    terminal.press("a")
    terminal.settle()
    terminal.type("张伟")
    expect(terminal, "张伟", "")
    terminal.press("Down", "Down", "Down", "Down", "Down")
    terminal.settle()
    terminal.type("13812345678")
    expect(terminal, "13812345678", "")
    terminal.settle()
    expect(terminal, "13812345678", "")
