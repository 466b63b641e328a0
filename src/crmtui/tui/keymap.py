"""Keys by the person's choice: the keymap file, checked when it is read, and the bindings made from the registry."""

import os
from collections.abc import Mapping

from crmtui.errors import ConfigError
from crmtui.i18n import _
from crmtui.tui.actions import ACTIONS, BY_ID, Action

Keymap = dict[str, tuple[str, ...]]
"""Keys by action id."""

# Scopes whose keys work at the same time: a key may stand only once among them.
_TOGETHER = (
    ("app", "list", "customers"),
    ("app", "list", "customer"),
    ("app", "list", "today"),
    ("app", "list", "duplicates"),
    ("app", "list", "merge"),
    ("app", "list", "history", "operation"),
    ("form",),
    ("app", "list", "detail", "blame"),
    ("app", "list", "detail", "points"),
    ("app", "list", "detail", "relations"),
    ("app", "list", "detail", "fields"),
    ("app", "list", "detail", "text"),
    ("list", "columns"),
    ("app", "list", "counts"),
    ("app", "list", "import"),
    ("list", "conflict"),
    ("dialog", "file"),
    ("list", "help"),
)
# In these pairs the key of the more special scope is meant to win.
_MAY_SHADOW = {
    ("app", "customer"),
    ("app", "history"),
    ("app", "operation"),
    ("app", "import"),
    ("app", "merge"),
    ("app", "detail"),
    ("app", "counts"),
    ("app", "text"),
    ("list", "import"),
    ("list", "customer"),
    ("list", "conflict"),
}


def default_keymap() -> Keymap:
    """The keys of the registry."""
    return {action.id: action.keys for action in ACTIONS}


def load_keymap(path: str) -> Keymap:
    """The registry's keys with those of the file at ``path`` in their place; a missing file changes nothing.

    The file is TOML: ``"customers.add" = "ctrl+n, a"``. Raises ConfigError naming the file and the entry: an unknown action
    with the nearest name, a key that two actions would share with both named.
    """
    keymap = default_keymap()
    if not os.path.exists(path):
        return keymap
    import tomllib

    try:
        with open(path, "rb") as stream:
            entries = tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(_("the keymap cannot be read: {reason}").format(reason=error), where=path) from error
    changed = set()
    for name, value in _flatten(entries).items():
        if name not in BY_ID:
            from difflib import get_close_matches

            near = next(iter(get_close_matches(name, BY_ID, 1, 0.5)), "")
            hint = _("Did you mean {near}?").format(near=near) if near else _("crmtui keys lists the actions")
            raise ConfigError(_("there is no action {name}").format(name=name), where=path, hint=hint)
        if not isinstance(value, str):
            raise ConfigError(_('{name}: keys are written as text, such as "a, ctrl+n"').format(name=name), where=path)
        keymap[name] = tuple(_key_name(key.strip(), name, path) for key in value.split(",") if key.strip())
        changed.add(name)
    _refuse_clashes(keymap, changed, path)
    return keymap


def clashes(keymap: Mapping[str, tuple[str, ...]]) -> list[tuple[str, Action, Action]]:
    """Keys that two actions would share where both work: (key, action, action)."""
    found = []
    for scopes in _TOGETHER:
        owner: dict[str, Action] = {}
        for action in ACTIONS:
            if action.scope not in scopes:
                continue
            for key in keymap[action.id]:
                other = owner.get(key)
                shadows = {(action.scope, other.scope), (other.scope, action.scope)} & _MAY_SHADOW if other else None
                if other is not None and not shadows:
                    found.append((key, other, action))
                owner[key] = action
    return found


def _key_name(key: str, action_id: str, path: str) -> str:
    """The name by which Textual knows a key; a character stands for itself. Raises ConfigError for a key that does not exist."""
    from textual.keys import Keys, _character_to_key, key_to_character

    *modifiers, base = key.rsplit("+", 1) if len(key) > 1 else [key]
    names = {known.value.rpartition("+")[2] for known in Keys}
    modified = {part for modifier in modifiers for part in modifier.split("+")}
    if len(base) == 1:
        base = _character_to_key(base)
    elif base not in names and key_to_character(base) is None:
        base = ""
    if not base or not modified <= {"ctrl", "alt", "shift", "super", "hyper", "meta"}:
        from difflib import get_close_matches

        near = next(iter(get_close_matches(key, [known.value for known in Keys], 1, 0.5)), "")
        raise ConfigError(
            _("{name}: there is no key {key}").format(name=action_id, key=key),
            where=path,
            hint=_("Did you mean {near}?").format(near=near) if near else None,
        )
    return "+".join((*modifiers, base))


def _refuse_clashes(keymap: Keymap, changed: set[str], path: str) -> None:
    for key, first, second in clashes(keymap):
        if first.id in changed or second.id in changed:
            raise ConfigError(
                _("the key {key} would do two things: {first} and {second}").format(
                    key=key, first=first.id, second=second.id
                ),
                where=path,
                hint=_("Give one of them another key"),
            )


def _flatten(entries: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """TOML reads ``customers.add = …`` as a table in a table; both spellings mean the same here."""
    flat: dict[str, object] = {}
    for key, value in entries.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            flat |= _flatten(value, f"{name}.")
        else:
            flat[name] = value
    return flat
