"""The difference output against an independent terminal: pyte."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from crmtui.tui.terminal_picture import PLAIN, Picture, change_pen, changed_runs, pen_for

WIDTH, HEIGHT = 24, 9
STYLES = [
    None,
    Style.parse("red"),
    Style.parse("bold #123456 on #654321"),
    Style.parse("reverse"),
    Style.parse("underline on blue"),
    Style.parse("dim on #654321"),
]


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    screen.reset_mode(pyte.modes.DECAWM)
    return screen, pyte.Stream(screen)


def cells(screen: pyte.Screen) -> list[list[object]]:
    return [[screen.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


def painted(lines: list[Strip]) -> list[list[object]]:
    """The terminal after a full repaint as Textual itself does it: each strip from its segments, with full codes."""
    screen, stream = terminal()
    for y, strip in enumerate(lines):
        stream.feed(f"\x1b[{y + 1};1H")
        for text, style, _control in strip:
            codes = style._make_ansi_codes(ColorSystem.TRUECOLOR) if style else ""
            stream.feed(f"\x1b[0;{codes}m{text}" if codes else f"\x1b[0m{text}")
    return cells(screen)


texts = st.lists(st.sampled_from([*"ab cd  王李伟、（カ-", "e\u0301"]), max_size=WIDTH).map("".join)


@st.composite
def strips(draw: st.DrawFn, width: int = WIDTH) -> Strip:
    segments = [Segment(draw(texts), draw(st.sampled_from(STYLES))) for _ in range(draw(st.integers(0, 3)))]
    return Strip(segments).adjust_cell_length(width, draw(st.sampled_from(STYLES)))


def without_accents(strip: Strip) -> Strip:
    """For lines to be patched: Rich separates a letter from its accent where it cuts, so it is no judge there."""
    return Strip([Segment(text.replace("\u0301", ""), style) for text, style, _control in strip], strip.cell_length)


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, object]:
    kind = draw(st.sampled_from(["whole", "line", "line", "patch", "up", "down", "forget"]))
    if kind == "whole":
        return kind, [draw(strips()) for _ in range(HEIGHT)]
    if kind == "line":
        return kind, (draw(st.integers(0, HEIGHT - 1)), draw(strips()))
    if kind == "patch":
        x = draw(st.integers(0, WIDTH - 2))
        return kind, (draw(st.integers(0, HEIGHT - 1)), x, draw(strips(draw(st.integers(1, WIDTH - x)))))
    if kind == "forget":
        return kind, None
    top = draw(st.integers(0, HEIGHT - 5))
    count = draw(st.integers(1, 3))
    return kind, (top, count, [draw(strips()) for _ in range(count)])


@settings(max_examples=150, deadline=None)
@given(st.lists(strips(), min_size=HEIGHT, max_size=HEIGHT), st.lists(steps(), max_size=8))
def test_differences_end_in_the_same_screen_as_full_repaints(
    first: list[Strip], script: list[tuple[str, object]]
) -> None:
    picture = Picture(WIDTH, HEIGHT, ColorSystem.TRUECOLOR)
    screen, stream = terminal()
    lines = list(first)
    for y, strip in enumerate(lines):
        picture.put(y, [(0, strip)])
    stream.feed(picture.difference())
    for kind, what in script:
        if kind == "whole":
            lines = list(what)  # type: ignore[call-overload]
        elif kind == "line":
            y, strip = what  # type: ignore[misc]
            lines[y] = strip
        elif kind == "patch":
            y, x, strip = what  # type: ignore[misc]
            line = without_accents(lines[y])
            picture.put(y, [(0, line)])
            lines[y] = Strip.join([line.crop(0, x), strip, line.crop(x + strip.cell_length)])
            picture.put(y, [(x, strip)])
        elif kind == "forget":
            picture.forget()
            screen.reset()
            screen.reset_mode(pyte.modes.DECAWM)
            stream.feed("\x1b[31mnoise 王\r\nnoise\x1b[0m")
        else:
            top, count, new = what  # type: ignore[misc]
            body = lines[top:]
            body = [*body[count:], *new] if kind == "up" else [*new, *body[:-count]]
            lines = [*lines[:top], *body]
        for y, strip in enumerate(lines):
            if kind != "patch":
                picture.put(y, [(0, strip)])
        stream.feed(picture.difference())
        assert cells(screen) == painted(lines)
        assert picture.difference() == ""


def filled(rows: list[str]) -> Picture:
    picture = Picture(40, len(rows), ColorSystem.TRUECOLOR)
    for y, row in enumerate(rows):
        picture.put(y, [(0, Strip([Segment(row.ljust(40))], 40))])
    picture.difference()
    return picture


def test_one_letter_costs_a_jump_and_the_letter() -> None:
    picture = filled(["hello", "world"])
    picture.put(1, [(0, Strip([Segment("word!".ljust(40))], 40))])
    assert picture.difference() == "\x1b[2;4Hd!"


def test_a_list_scrolled_by_one_row_moves_in_the_terminal() -> None:
    rows = [f"row number {n} of many" for n in range(20)]
    picture = filled(["header", *rows[:10], "footer"])
    for y, row in enumerate(["header", *rows[1:11], "footer"]):
        picture.put(y, [(0, Strip([Segment(row.ljust(40))], 40))])
    sequence = picture.difference()
    assert sequence.startswith("\x1b[2;11r\x1b[2H\x1b[1M\x1b[r")
    assert len(sequence) < 60


def test_a_list_scrolls_beside_a_pane_that_stands_still() -> None:
    def show(picture: Picture, first: int) -> str:
        for y in range(10):
            left = Strip([Segment(f"customer {first + y} in a list".ljust(30))], 30)
            right = Strip([Segment(f"pane {y}" if y < 2 else " " * 10)], 10).adjust_cell_length(10)
            picture.put(y, [(0, left), (30, right)])
        return picture.difference()

    picture = Picture(40, 10, ColorSystem.TRUECOLOR)
    show(picture, 100)
    assert "\x1b[1M" in show(picture, 101)


def test_control_and_format_characters_never_reach_the_terminal() -> None:
    picture = Picture(20, 1, ColorSystem.TRUECOLOR)
    picture.put(0, [(0, Strip([Segment("a\x1b]0;x\x07b\u202e王\u200b\x9b2J".ljust(20))], 20))])
    sequence = picture.difference()
    for forbidden in ("\x07", "\x9b", "\u202e", "\u200b", "\x1b]"):
        assert forbidden not in sequence


def test_after_an_emoji_the_cursor_is_placed_anew() -> None:
    picture = Picture(20, 1, ColorSystem.TRUECOLOR)
    picture.put(0, [(0, Strip([Segment("a\U0001f600b")]).adjust_cell_length(20))])
    assert "a\U0001f600\x1b[4Gb" in picture.difference()


def test_erasing_with_a_background_is_left_out_where_the_terminal_cannot() -> None:
    line = [(0, Strip([Segment("x" + " " * 39, Style.parse("on red"))], 40))]
    able, unable = (Picture(40, 1, ColorSystem.TRUECOLOR, can_erase_colour=can) for can in (True, False))
    able.put(0, line)
    unable.put(0, line)
    assert "\x1b[K" in able.difference()
    assert "\x1b[K" not in unable.difference()


def test_pens_change_only_in_what_differs() -> None:
    def pen(text: str):  # type: ignore[no-untyped-def]
        return pen_for(Style.parse(text), ColorSystem.TRUECOLOR)

    assert change_pen(PLAIN, PLAIN) == ""
    assert change_pen(pen("bold red on #102030"), PLAIN) == "\x1b[m"
    assert change_pen(pen("#ffffff on #102030"), pen("bold #ffffff on #102030")) == "\x1b[1m"
    assert change_pen(pen("bold red"), pen("red")) == "\x1b[0;31m"
    assert change_pen(pen("#ffffff on #102030"), pen("#ffffff")) == "\x1b[49m"


def test_runs_join_over_short_gaps_only() -> None:
    old = [(c, PLAIN) for c in "aaaaaaaaaaaaaaaaaaaa"]
    new = [(c, PLAIN) for c in "abaabaaaaaaaaaaaaaab"]
    assert changed_runs(old, new) == [(1, 5), (19, 20)]
