"""Every action of the registry: explained in both languages and in the docs, reached with any hands and input method.

What fails today stands in ``NOT_YET`` with the rule it breaks. Entries are strict: an action that keeps its rule again
must come off the list.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from pypinyin import lazy_pinyin

from crmtui.i18n import _, current_language, set_language
from crmtui.tui.actions import ACTIONS, APP, BY_ID, FORM, Action, key_sign
from crmtui.tui.keymap import _TOGETHER, default_keymap
from crmtui.tui.screens.palette import command_choices, ranked

KEYS_PAGE = (Path(__file__).parents[2] / "docs" / "keys.md").read_text("utf-8")
NOT_LETTERS = frozenset(
    [
        "up",
        "down",
        "left",
        "right",
        "home",
        "end",
        "pageup",
        "pagedown",
        "enter",
        "escape",
        "tab",
        "shift+tab",
        "space",
        "delete",
        "backspace",
        "insert",
    ]
)
"""Keys that no input method takes for the beginning of a word."""
FIRST_ONES = 6
"""Commands one sees under the line of the palette without moving."""

ALL = "all of them"
NOT_YET: dict[str, tuple[str, ...]] = {}
"""By rule: the ids of the actions that break it."""
BY_MOVING = frozenset({"form.open_same", "form.new_field"})
"""Actions whose line is reached by the arrows and opened with enter."""


def each(rule: str, actions: Sequence[Action] = ACTIONS) -> pytest.MarkDecorator:
    """Every action as a parameter; those of ``NOT_YET`` are expected to fail."""
    known = NOT_YET.get(rule, ())
    missing = [action_id for action_id in known if action_id not in BY_ID and action_id != ALL]
    assert not missing, f"gone from the registry: {missing}"
    return pytest.mark.parametrize(
        "action",
        [
            pytest.param(
                action,
                id=action.id,
                marks=[pytest.mark.xfail(strict=True, reason=rule)] if {action.id, ALL} & set(known) else [],
            )
            for action in actions
        ],
    )


@pytest.fixture
def chinese() -> Iterator[None]:
    before = current_language()
    set_language("zh_CN")
    yield
    set_language(before)


@cache
def in_chinese(text: str) -> str:
    before = current_language()
    set_language("zh_CN")
    try:
        return _(text)
    finally:
        set_language(before)


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def scopes_with(action: Action) -> tuple[str, ...]:
    """The scopes that work together with the action's, its own first, as on its screen."""
    together = next((scopes for scopes in _TOGETHER if action.scope in scopes), (action.scope,))
    return tuple(dict.fromkeys((action.scope, *together, APP)))


def offered(action: Action, typed: str) -> list[str]:
    """The ids the palette offers where the action works."""
    return [choice.value for choice in ranked(command_choices(scopes_with(action), default_keymap()), typed)]


def is_plain(key: str) -> bool:
    return (
        not key.startswith(("ctrl+", "alt+")) and not key.removeprefix("shift+").removeprefix("f").isdigit()
    ) or key.isdigit()


@each("help")
def test_it_is_explained(action: Action) -> None:
    assert action.label and len(action.help) > len(action.label)


@each("chinese")
def test_it_is_explained_in_chinese(action: Action) -> None:
    assert has_chinese(in_chinese(action.label)), action.label
    assert has_chinese(in_chinese(action.help)), action.help


@each("docs")
def test_it_has_its_line_in_the_docs(action: Action) -> None:
    line = next((line for line in KEYS_PAGE.splitlines() if line.endswith(f"| `{action.id}` |")), "")
    assert action.help in line
    assert all(f"`{key_sign(key)}`" in line for key in action.keys) and (action.keys or "palette" in line)


@each("plain keys")
def test_it_is_reached_without_ctrl_alt_and_function_keys(action: Action) -> None:
    in_palette = action.id in offered(action, "") and action.scope != FORM  # in a field, : is text
    by_palette = in_palette and any(map(is_plain, BY_ID["app.palette"].keys))
    assert any(map(is_plain, action.keys)) or by_palette or action.id in BY_MOVING


@each("letterless")
def test_it_is_reached_with_an_input_method_on(action: Action) -> None:
    """By a key that is no letter; or by the palette, which opens with ： too, where one moves with the arrows."""
    by_key = any(key in NOT_LETTERS or (not key.isalpha() and "+" not in key) for key in action.keys)
    in_palette = action.id in offered(action, "") and action.scope != FORM
    assert by_key or in_palette or action.id == "app.palette"


FOUND = [action for action in ACTIONS if action.id != "app.palette"]


@each("english", FOUND)
def test_the_palette_finds_it_in_english(action: Action) -> None:
    assert action.id in offered(action, action.label)[:FIRST_ONES]
    assert action.id in offered(action, action.help)


@each("english in a Chinese program", FOUND)
def test_the_palette_of_a_chinese_program_finds_it_in_english(action: Action, chinese: None) -> None:
    assert action.id in offered(action, action.label)


@each("chinese word", FOUND)
def test_the_palette_finds_it_in_chinese(action: Action, chinese: None) -> None:
    assert action.id in offered(action, in_chinese(action.label))[:FIRST_ONES]
    assert action.id in offered(action, in_chinese(action.help))


@each("pinyin", FOUND)
def test_the_palette_finds_it_by_pinyin(action: Action, chinese: None) -> None:
    typed = "".join(lazy_pinyin(in_chinese(action.label)))
    assert action.id in offered(action, typed)[:FIRST_ONES], typed


@each("initials", FOUND)
def test_the_palette_finds_it_by_initials(action: Action, chinese: None) -> None:
    typed = "".join(syllable[0] for syllable in lazy_pinyin(in_chinese(action.label)))
    assert action.id in offered(action, typed)[:FIRST_ONES], typed


@each("pinyin in an English program", FOUND)
def test_the_palette_of_an_english_program_finds_it_in_chinese_and_pinyin(action: Action) -> None:
    label = in_chinese(action.label)
    assert has_chinese(label)
    assert action.id in offered(action, label)[:FIRST_ONES]
    assert action.id in offered(action, "".join(lazy_pinyin(label)))[:FIRST_ONES]
    assert action.id in offered(action, "".join(syllable[0] for syllable in lazy_pinyin(label)))
