"""``keys``: what arrives when a key is pressed and what it would do; without a terminal, the table of all keys."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crmtui import paths
from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Command, Option
from crmtui.cli.output import Column, put, put_json, put_table
from crmtui.cli.session import Session
from crmtui.domain.text import cut, pad
from crmtui.errors import ExitCode
from crmtui.i18n import N_, _

if TYPE_CHECKING:
    from crmtui.tui.actions import Action

_MODES_ON, _MODES_OFF = "\x1b[?2004h\x1b[>25u", "\x1b[<u\x1b[?2004l"
"""Bracketed paste and the keyboard protocol, as the app asks for them: what arrives here is what arrives there."""
_BYTES_WIDTH, _KEY_WIDTH, _SCOPE_WIDTH = 20, 24, 22
_ENDS_WITH = "q", "q"
_PAUSE = 0.1
"""Seconds after which an escape byte is the escape key, and not the beginning of another key."""


def _keys(session: Session, arguments: Arguments) -> int:
    from crmtui.tui.keymap import load_keymap

    keymap = load_keymap(paths.keymap_path(session.environment))
    if session.form != "text":
        _put_json(keymap)
    elif arguments.flag("--list") or not (sys.stdin.isatty() and sys.stdout.isatty()):
        _put_table(keymap)
        session.say(_("change them in {path}").format(path=paths.keymap_path(session.environment)))
    else:
        _show_arriving(keymap)
    return ExitCode.OK


def _put_json(keymap: Mapping[str, tuple[str, ...]]) -> None:
    from crmtui.tui.actions import ACTIONS

    put_json(
        [
            {
                "id": action.id,
                "scope": action.scope,
                "keys": list(keymap[action.id]),
                "label": _(action.label),
                "help": _(action.help),
            }
            for action in ACTIONS
        ]
    )


def _put_table(keymap: Mapping[str, tuple[str, ...]]) -> None:
    from crmtui.tui.actions import ACTIONS, SCOPE_LABELS, key_sign

    columns = [
        Column(_("Where"), gives=True),
        Column(_("Keys")),
        Column(_("What it does"), gives=True),
        Column(_("Name")),
    ]
    rows = [
        [
            _(SCOPE_LABELS[action.scope]),
            " ".join(key_sign(key) for key in keymap[action.id]),
            _(action.help),
            action.id,
        ]
        for action in ACTIONS
    ]
    put_table(columns, rows)


def _show_arriving(keymap: Mapping[str, tuple[str, ...]]) -> None:
    """Tell of each key, until q was pressed twice in a row, or ctrl+c."""
    from select import select

    from crmtui.tui.key_reading import KeyReader

    put(_("Press keys to see what arrives and what it does. q twice or ctrl+c ends."))
    reader = KeyReader()
    last: tuple[str, ...] = ("", "")
    raw = b""
    with _raw_terminal():
        while last != _ENDS_WITH:
            if select([0], [], [], _PAUSE)[0]:
                read = os.read(0, 4096)
                if not read:
                    return
                raw += read
                arrived = reader.feed(read)
            else:
                arrived = reader.tick()
            for key, character, pasted in arrived:
                if key == "ctrl+c":
                    return
                shown = _bytes_shown(raw)
                if key:
                    put("\n".join(_told_of(shown, key, character, keymap)))
                else:
                    told = _("pasted text, {size:,} characters").format(size=len(pasted))
                    put(f"{pad(shown, _BYTES_WIDTH)}  {told}")
                last, raw = (last[1], key), b""
            sys.stdout.flush()


def _told_of(shown: str, key: str, character: str | None, keymap: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The lines for one key: its bytes and name, and under them the actions it has in each scope."""
    from crmtui.tui._textual_private import key_name
    from crmtui.tui.actions import SCOPE_LABELS
    from crmtui.tui.key_folding import comes_from_input_method, fold_key

    plain = fold_key(key, character)
    name = key_name(plain) if plain is not None else key
    does = [
        f"{pad('', _BYTES_WIDTH)}  {pad(_(SCOPE_LABELS[action.scope]), _SCOPE_WIDTH)}  {pad(action.id, 24)}  {_(action.label)}"
        for action in actions_of(name, keymap)
    ]
    text = name if plain is None else _("{key}, acts as {plain}").format(key=key, plain=plain)
    if plain is None and comes_from_input_method(character):
        text += " · " + _("the input method is on")
    elif not does:
        text += " · " + _("no action")
    return [f"{pad(shown, _BYTES_WIDTH)}  {text}", *does]


def actions_of(key: str, keymap: Mapping[str, tuple[str, ...]]) -> "list[Action]":
    """The actions that a key (by Textual's name) runs, one for each scope where it does something."""
    from crmtui.tui.actions import ACTIONS

    return [action for action in ACTIONS if key in keymap[action.id]]


def _bytes_shown(raw: bytes) -> str:
    return cut(raw.hex(" "), _BYTES_WIDTH)


@contextmanager
def _raw_terminal() -> Iterator[None]:
    """Keys arrive at once, unseen and unchanged, as in the app; the terminal is as it was afterwards."""
    import termios

    before = termios.tcgetattr(0)
    changed = termios.tcgetattr(0)
    changed[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    changed[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
    try:
        termios.tcsetattr(0, termios.TCSADRAIN, changed)
        sys.stdout.write(_MODES_ON)
        sys.stdout.flush()
        yield
    finally:
        sys.stdout.write(_MODES_OFF)
        sys.stdout.flush()
        termios.tcsetattr(0, termios.TCSAFLUSH, before)


COMMANDS = (
    Command(
        "keys",
        N_("show what arrives when a key is pressed, and what it does"),
        _keys,
        (),
        (Option("--list", "", N_("list every key of the app and the name its action has in the keymap file")),),
        details=N_("Without a terminal, or with --list or --json: the list of all keys."),
        examples=(("crmtui keys --list", N_("every action, its keys, and its name for the keymap file")),),
    ),
)
