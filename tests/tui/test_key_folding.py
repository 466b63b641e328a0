from itertools import pairwise
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from crmtui.tui._textual_private import key_name
from crmtui.tui.key_folding import (
    PASTE_END,
    PASTE_START,
    BurstGuard,
    TypedKeys,
    comes_from_input_method,
    fold_key,
)
from crmtui.tui.widgets.text_field import TextField

NAMED_BY_TEXTUAL = {
    "：": "fullwidth_colon",
    "／": "fullwidth_solidus",
    "、": "ideographic_comma",
    "？": "fullwidth_question_mark",
    "！": "fullwidth_exclamation_mark",
    "【": "left_black_lenticular_bracket",
    "。": "ideographic_full_stop",
    "ｊ": "fullwidth_latin_small_letter_j",
}


@pytest.mark.parametrize(
    ("character", "plain"),
    [
        *zip("：／？！＊％［］＞＜，；＋＝＃＠～＿", ":/?!*%[]><,;+=#@~_", strict=True),
        *zip("ｊｋＧＵ１７０", "jkGU170", strict=True),
        *zip("、。【】《》￥¥·“”‘’「」", "/.[]<>$$`\"\"''[]", strict=True),
        ("\u3000", " "),
        ("｡", "."),
        ("､", "/"),
    ],
)
def test_the_twin_of_a_wide_key_is_the_key_that_was_meant(character: str, plain: str) -> None:
    assert fold_key(key_name(character), character) == plain


@pytest.mark.parametrize("character", [*"jG/:[ é²ªß①№™中張あ한", "½", "…", "—", "\x1b", "\t", None])
def test_every_other_key_means_itself(character: str | None) -> None:
    assert fold_key(key_name(character) if character else "up", character) is None


@pytest.mark.parametrize("key", ["ctrl+fullwidth_colon", "alt+ｊ"])
def test_a_key_with_a_modifier_means_itself(key: str) -> None:
    assert fold_key(key, "：") is None


@given(st.characters(), st.sampled_from(["", "ctrl+"]))
def test_a_folded_key_is_one_printable_ascii_character(character: str, modifier: str) -> None:
    plain = fold_key(modifier + key_name(character), character)
    assert plain is None or (len(plain) == 1 and plain.isascii() and plain.isprintable())


@given(st.text(min_size=1, max_size=3).filter(lambda text: len(text) > 1))
def test_composed_text_never_folds(text: str) -> None:
    assert fold_key("x", text) is None


@pytest.mark.parametrize(("character", "only"), [*((c, True) for c in "张，！あ한"), *((c, False) for c in "aé²“·"), (None, False)])  # fmt: skip
def test_what_only_an_input_method_types(character: str | None, only: bool) -> None:
    assert comes_from_input_method(character) is only


def test_textual_names_wide_keys_as_it_did() -> None:
    assert {character: key_name(character) for character in NAMED_BY_TEXTUAL if character != "ｊ"} == {
        character: name for character, name in NAMED_BY_TEXTUAL.items() if character != "ｊ"
    }


class KeysApp(App[None]):
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"note('{key}')")
        for key in ("colon", "slash", "j", "G", "left_square_bracket", "question_mark", "space", "1")
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []
        self.told: list[str] = []
        self.typed_keys = TypedKeys(self.told.append, lambda: self.focused)

    def compose(self) -> ComposeResult:
        yield Static("list", markup=False)
        yield TextField()

    async def on_event(self, event: events.Event) -> None:
        passed = self.typed_keys.received(event)
        if passed is not None:
            await super().on_event(passed)

    def action_note(self, key: str) -> None:
        self.noted.append(key)


def type_in(app: App[None], text: str) -> None:
    for character in text:
        app.post_message(events.Key(key_name(character), character))


async def test_wide_keys_run_the_actions_of_their_twins() -> None:
    app = KeysApp()
    async with app.run_test() as pilot:
        type_in(app, "：、／ｊＧ【？\u3000１")
        await pilot.pause()
    assert app.noted == [
        *("colon", "slash", "slash", "j", "G", "left_square_bracket", "question_mark", "space", "1"),
    ]
    assert app.told == []


async def test_a_text_field_gets_what_was_typed() -> None:
    app = KeysApp()
    async with app.run_test() as pilot:
        app.query_one(TextField).focus()
        await pilot.pause()
        type_in(app, "：张／ｊ。")
        app.post_message(events.Paste("《三》"))
        await pilot.pause()
        assert app.query_one(TextField).value == "：张／ｊ。《三》"
    assert app.noted == app.told == []


async def test_chinese_outside_a_field_is_answered_once() -> None:
    app = KeysApp()
    async with app.run_test() as pilot:
        type_in(app, "张三é李")
        await pilot.pause()
    assert len(app.told) == 1 and "input method" in app.told[0] and app.noted == []


async def test_a_paste_outside_a_field_runs_nothing_and_says_so() -> None:
    app = KeysApp()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("j/:G"))
        app.post_message(events.Paste(""))
        await pilot.pause()
    assert app.noted == [] and len(app.told) == 1 and "Pasted text" in app.told[0]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "text",
    [
        "j",
        "jjjjjjjjjjjjjjjjjjjjjjjjj",  # a held key behind a stalled line
        "\x1b[B" * 40,
        "jkjkjkjkjkjkjkjk",
        "gg",
        "axq",
        "/zhang wei\r",  # typed ahead on a slow line: what follows / is text
        "：sort by name",
        "\x1b[<35;10;12M" * 9,
        "\r\n",
        f"{PASTE_START}delete everything, please{PASTE_END}",
    ],
)
def test_keys_stay_keys(text: str) -> None:
    assert BurstGuard(Clock()).marked(text, in_text_field=False) == text


@pytest.mark.parametrize("text", ["customer said no", "张三，13812345678，上海\n", "axe it quickly\n\nq\n"])
def test_text_that_came_at_once_is_a_paste(text: str) -> None:
    assert BurstGuard(Clock()).marked(text, in_text_field=False) == f"{PASTE_START}{text}{PASTE_END}"
    assert BurstGuard(Clock()).marked(text, in_text_field=True) == text


def test_escapes_in_a_burst_do_not_end_the_brackets() -> None:
    marked = BurstGuard(Clock()).marked("some text \x1b[31m and \x1b[Bmore", in_text_field=False)
    assert marked.removeprefix(PASTE_START).removesuffix(PASTE_END) == "some text  and more"


def test_the_rest_of_a_paste_belongs_to_it_and_a_later_key_does_not() -> None:
    clock = Clock()
    guard = BurstGuard(clock)
    guard.marked("the first four kilobytes of it", in_text_field=False)
    clock.now += 0.005
    assert guard.marked("xq\n", in_text_field=False) == f"{PASTE_START}xq\n{PASTE_END}"
    clock.now += 0.5
    assert guard.marked("xq", in_text_field=False) == "xq"


@given(st.lists(st.integers(0, 400), max_size=6))
def test_a_bracketed_paste_is_left_alone_wherever_reads_cut_it(cuts: list[int]) -> None:
    text = f"j{PASTE_START}{'much pasted text, ' * 20}{PASTE_END}"
    guard = BurstGuard(Clock())
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert "".join(guard.marked(piece, in_text_field=False) for piece in pieces) == text
    assert guard.marked("axe it quickly", in_text_field=False).startswith(PASTE_START)
