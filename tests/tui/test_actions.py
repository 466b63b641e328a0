import importlib
import inspect
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.screen import Screen

from crmtui.errors import ConfigError
from crmtui.tui.actions import ACTIONS, APP, BY_ID, FORM, LIST, SCOPE_LABELS, Action
from crmtui.tui.app import CrmApp
from crmtui.tui.keymap import clashes, default_keymap, load_keymap
from crmtui.tui.screens.base import CrmScreen
from crmtui.tui.widgets.windowed_list import WindowedList

SCREENS = Path(inspect.getfile(CrmScreen)).parent


def screens() -> list[type[Screen]]:  # type: ignore[type-arg]
    """Every screen of the program that works by scopes, dialogs among them."""
    for path in SCREENS.glob("*.py"):
        importlib.import_module(f"crmtui.tui.screens.{path.stem}")

    def below(cls: type[Screen]) -> list[type[Screen]]:  # type: ignore[type-arg]
        return [cls, *(deeper for sub in cls.__subclasses__() for deeper in below(sub))]

    return [cls for cls in below(Screen) if cls.__module__.startswith("crmtui.") and hasattr(cls, "SCOPES")]


def test_every_key_of_a_screen_is_that_of_an_action() -> None:
    """Help, palette, docs and the keymap file are made from the registry: a key beside it would be told nowhere."""
    unknown = [
        (cls.__name__, binding)
        for cls in screens()
        for binding in vars(cls).get("BINDINGS", ())
        if not isinstance(binding, Binding) or binding.id not in BY_ID
    ]
    assert unknown == []


def ids(action: Action) -> str:
    return action.id


def test_ids_are_unique_and_begin_with_their_scope() -> None:
    assert len(BY_ID) == len(ACTIONS)
    assert [action.id for action in ACTIONS if not action.id.startswith(f"{action.scope}.")] == []
    assert {action.scope for action in ACTIONS} == set(SCOPE_LABELS)


@pytest.mark.parametrize("action", ACTIONS, ids=ids)
def test_every_action_has_a_short_label_and_a_sentence_of_help(action: Action) -> None:
    assert 0 < len(action.label) <= 18 and action.label == action.label.strip()
    assert len(action.help) > len(action.label) and not action.help.endswith(".")
    assert action.role in ("viewer", "editor")


@pytest.mark.parametrize("action", ACTIONS, ids=ids)
def test_every_action_can_be_done_where_it_works(action: Action) -> None:
    if action.scope == LIST:
        bound = {binding.id for binding in WindowedList.BINDINGS if isinstance(binding, Binding)}
        assert action.id in bound
        return
    owners: list[type] = [CrmApp] if action.scope == APP else [cls for cls in screens() if action.scope in cls.SCOPES]
    assert owners, f"no screen has the scope {action.scope}"
    for owner in owners:
        assert callable(getattr(owner, f"action_{action.method}", None)), f"{owner.__name__}.action_{action.method}"
        assert inspect.getdoc(getattr(owner, f"action_{action.method}"))


@pytest.mark.parametrize("action", ACTIONS, ids=ids)
def test_every_action_has_a_way_without_ctrl_alt_and_function_keys(action: Action) -> None:
    plain = [
        key for key in action.keys if not key.startswith(("ctrl+", "alt+")) and not key.removeprefix("f").isdigit()
    ]
    by_palette = action.scope != FORM and any(not key.startswith("ctrl+") for key in BY_ID["app.palette"].keys)
    by_moving = action.id in (
        "form.open_same",
        "form.new_field",
    )  # its line is reached by the arrows and opens with enter
    assert plain or by_palette or by_moving


def test_default_keys_do_not_clash() -> None:
    assert clashes(default_keymap()) == []


def keymap_file(path: Path, text: str) -> str:
    file = path / "keymap.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_missing_file_changes_nothing(tmp_path: Path) -> None:
    assert load_keymap(str(tmp_path / "none.toml")) == default_keymap()


@pytest.mark.parametrize(
    "text", ['"customers.add" = "ctrl+n, f4"', 'customers.add = "ctrl+n,f4"', '[customers]\nadd = " ctrl+n , f4 "']
)
def test_keys_of_the_file_take_the_place_of_the_default(tmp_path: Path, text: str) -> None:
    keymap = load_keymap(keymap_file(tmp_path, text))
    assert keymap["customers.add"] == ("ctrl+n", "f4")
    assert {**keymap, "customers.add": ("a",)} == default_keymap()


def test_an_unknown_action_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_keymap(keymap_file(tmp_path, '"customers.ad" = "z"'))
    assert "customers.ad" in caught.value.message and "customers.add" in (caught.value.hint or "")
    assert caught.value.where == str(tmp_path / "keymap.toml")


def test_a_clash_names_the_key_and_both_actions(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_keymap(keymap_file(tmp_path, '"customers.add" = "e"'))
    assert all(word in caught.value.message for word in (" e ", "customers.add", "customers.edit"))


@pytest.mark.parametrize(
    "text", ['"app.quit" = "u"', '"customer.edit" = "c"', '"form.next" = "enter"', '"customers.add" = "j"']
)
def test_clashes_are_found_across_the_scopes_that_work_together(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load_keymap(keymap_file(tmp_path, text))


def test_the_same_key_may_do_different_things_on_different_screens(tmp_path: Path) -> None:
    keymap = load_keymap(keymap_file(tmp_path, '"customers.add" = "z"\n"customer.edit" = "z"'))
    assert keymap["customers.add"] == keymap["customer.edit"] == ("z",)


@pytest.mark.parametrize("text", ['"customers.add" = 3', '"customers.add" = ["a"]', '"customers.add" = true'])
def test_keys_that_are_no_text_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_keymap(keymap_file(tmp_path, text))
    assert "customers.add" in caught.value.message


@pytest.mark.parametrize("text", ['"customers.add" = ', "\x00", "= ="])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load_keymap(keymap_file(tmp_path, text))


@pytest.mark.parametrize(
    "text", ['"customers.add" = "ctrl+"', '"customers.add" = "contrl+n"', '"customers.add" = "pagdown"']
)
def test_a_key_that_does_not_exist_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_keymap(keymap_file(tmp_path, text))
    assert "customers.add" in caught.value.message


@pytest.mark.parametrize("key", ["?", "question_mark", "ctrl+alt+x", "shift+f3", "pagedown", "é", "，", "comma", "A"])
def test_keys_are_known_by_name_or_by_the_character(tmp_path: Path, key: str) -> None:
    keymap = load_keymap(
        keymap_file(tmp_path, f'"app.help" = "{key}"\n"customers.add" = "f12"\n"list.page_down" = "f11"')
    )
    assert len(keymap["app.help"]) == 1


def test_a_character_and_its_name_are_the_same_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_keymap(keymap_file(tmp_path, '"customers.add" = "?"'))
    assert "app.help" in caught.value.message
