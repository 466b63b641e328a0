"""The line: wide characters, marks, words, and the piece that fits."""

from hypothesis import given
from hypothesis import strategies as st

from crmtui.cli.key_reader import Key
from crmtui.cli.line_editor import LONGEST, LineEditor
from crmtui.domain.text import cell_width


def typed(*keys: str | Key) -> LineEditor:
    line = LineEditor()
    for key in keys:
        line.press(key if isinstance(key, Key) else Key("text", key))
    return line


def test_typing_and_moving() -> None:
    line = typed("价格可以", Key("left"), Key("left"), "不", Key("backspace"), Key("delete"), Key("end"), "。")
    assert line.text == "价格以。"
    assert not line.press(Key("tab"))
    line.press(Key("home"))
    line.press(Key("delete"))
    assert (line.text, line.cursor) == ("格以。", 0)


def test_lines_and_words_go() -> None:
    line = typed("send the  samples ")
    line.press(Key("ctrl+w"))
    assert line.text == "send the  "
    line.press(Key("ctrl+w"))
    assert line.text == "send "
    line.press(Key("left"))
    line.press(Key("ctrl+k"))
    assert line.text == "send"
    line.press(Key("ctrl+u"))
    assert line.text == ""
    line.press(Key("ctrl+w"))
    line.press(Key("backspace"))
    assert (line.text, line.cursor) == ("", 0)


def test_a_letter_and_its_marks_are_one_step() -> None:
    line = typed("e\u0301x", Key("left"), Key("left"))
    assert line.cursor == 0
    line.press(Key("right"))
    line.press(Key("backspace"))
    assert line.text == "x"


def test_pasted_text_is_text() -> None:
    line = typed(Key("paste", "a\r\nb\x1b[2J\tc\x03"))
    assert line.text == "a b [2J c "


def test_nobody_types_more_than_a_database_wants() -> None:
    assert len(typed(Key("paste", "x" * (LONGEST + 5))).text) == LONGEST


@given(st.text(max_size=60), st.integers(0, 60), st.integers(4, 40))
def test_what_is_shown_fits_and_holds_the_cursor(text: str, cursor: int, width: int) -> None:
    line = LineEditor(text)
    line.cursor = min(cursor, len(text))
    shown, cell = line.shown(width)
    assert 0 <= cell <= cell_width(shown) < width
    assert "\x1b" not in shown and "\n" not in shown


@given(
    st.lists(st.sampled_from(["a", "价", "left", "right", "backspace", "delete", "ctrl+w", "home", "end"]), max_size=40)
)
def test_the_cursor_stays_in_the_line(keys: list[str]) -> None:
    line = LineEditor()
    for key in keys:
        line.press(Key("text", key) if len(key) == 1 else Key(key))
        assert 0 <= line.cursor <= len(line.text)
