"""Copying text out of the terminal: by OSC 52, through tmux and screen where one stands between, or by a program.

The terminal that shows crmtui owns the clipboard a person means, and over SSH it is on another machine: OSC 52 asks
it to take the text. On the machine itself a clipboard program is surer. No terminal says whether it obeyed, so the
answer tells what was done and what to look at when nothing arrives.
"""

import base64
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from shutil import which
from typing import NamedTuple

from crmtui.errors import ConfigError, CrmError
from crmtui.i18n import _, ngettext

AUTO, NATIVE, OSC52 = "auto", "native", "osc52"
WAYS = (AUTO, NATIVE, OSC52)
VARIABLE = "CRMTUI_CLIPBOARD"
MOST_ENCODED = 74_994
"""Characters of base64 that an OSC 52 may hold: xterm and others drop, or print, what is longer."""
SCREEN_PIECE = 760
"""Bytes that GNU screen passes through in one go; it drops the whole of a longer string."""
SECONDS = 1.0
"""How long a clipboard program may take."""


class Program(NamedTuple):
    """A program that takes the clipboard's new text on its input."""

    command: tuple[str, ...]
    encoding: str = "utf-8"


_TMUX = Program(("tmux", "load-buffer", "-w", "-"))


class Copied(NamedTuple):
    """What was done: the way (``osc52``, ``tmux`` or the name of a program) and a sentence for the status line."""

    way: str
    sentence: str


def wanted_way(setting: str, environment: Mapping[str, str]) -> str:
    """The way that is chosen: by the environment, else by the setting. Raises ConfigError for a way that is none."""
    way = environment.get(VARIABLE) or setting
    if way not in WAYS:
        raise ConfigError(
            _("{name} cannot be “{value}”").format(name=VARIABLE, value=way),
            hint=_("It can be: {choices}").format(choices=", ".join(WAYS)),
        )
    return way


def is_remote(environment: Mapping[str, str]) -> bool:
    """Does the terminal stand on another machine?"""
    return any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))


def native_programs(environment: Mapping[str, str], platform: str = sys.platform) -> list[Program]:
    """The clipboard programs that could work here, the likeliest first."""
    if platform == "darwin":
        return [Program(("pbcopy",))]
    found = []
    if environment.get("WAYLAND_DISPLAY"):
        found.append(Program(("wl-copy",)))
    if environment.get("DISPLAY"):
        found += [Program(("xclip", "-selection", "clipboard")), Program(("xsel", "--clipboard", "--input"))]
    if platform == "win32" or environment.get("WSL_DISTRO_NAME"):
        found.append(
            Program(("clip.exe",), "utf-16")
        )  # with its mark: without one it takes the bytes for the code page
    return found


def osc52(text: str, environment: Mapping[str, str]) -> str:
    """The escape sequence that asks the terminal to take ``text``, wrapped for tmux or screen.

    The text is in it as base64: no byte of data can end the sequence or begin another. Raises CrmError when it is
    longer than terminals take.
    """
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if len(encoded) > MOST_ENCODED:
        size = len(text.encode("utf-8", "replace"))
        raise CrmError(
            _("too much to copy through the terminal: {size:,} bytes, and it takes {most:,}").format(
                size=size, most=MOST_ENCODED // 4 * 3
            ),
            hint=_("Export it to a file, or copy less"),
        )
    sequence = f"\x1b]52;c;{encoded}\x07"
    if environment.get("TMUX"):
        # Plain for a tmux that takes it (set-clipboard on), wrapped for one that lets it through (allow-passthrough on).
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"{sequence}\x1bPtmux;{doubled}\x1b\\"
    if environment.get("STY"):
        pieces = [sequence[at : at + SCREEN_PIECE] for at in range(0, len(sequence), SCREEN_PIECE)]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return sequence


def copy(
    text: str,
    write: Callable[[str], None],
    *,
    setting: str = AUTO,
    environment: Mapping[str, str] = os.environ,
    find: Callable[[str], str | None] = which,
    run: Callable[[Sequence[str], bytes], bool] | None = None,
) -> Copied:
    """Copy ``text`` and say how. May take ``SECONDS`` for each program it tries: call it beside the event loop.

    ``write`` sends an escape sequence to the terminal. ``auto`` takes a program on the machine itself, in tmux the
    buffer of tmux, else OSC 52. Raises CrmError when the text is too long for the way that is left, or when
    ``native`` is chosen and no program takes it; ConfigError for a way that is none.
    """
    run = run or _feed
    way = wanted_way(setting, environment)
    if way == NATIVE or (way == AUTO and not is_remote(environment)):
        for program in native_programs(environment):
            if find(program.command[0]) and run(program.command, _encoded(text, program)):
                return Copied(program.command[0], _copied(text, program.command[0]))
        if way == NATIVE:
            names = ", ".join(program.command[0] for program in native_programs(environment)) or "-"
            raise CrmError(
                _("no clipboard program took the text (looked for: {names})").format(names=names),
                hint=_('Set clipboard = "osc52", or auto'),
            )
    if way == AUTO and environment.get("TMUX") and find("tmux") and run(_TMUX.command, _encoded(text, _TMUX)):
        return Copied("tmux", _copied(text, "tmux") + _("; if nothing arrived: {line}").format(line=_TMUX_LINE))
    write(osc52(text, environment))
    if environment.get("TMUX"):
        told = _copied(text, _("OSC 52 through tmux")) + _("; if nothing arrived: {line}").format(line=_TMUX_LINE)
    elif environment.get("STY"):
        told = _copied(text, _("OSC 52 through screen"))
    else:
        told = _copied(text, "OSC 52") + _("; if nothing arrived, the terminal does not allow it")
    return Copied(OSC52, told)


_TMUX_LINE = "tmux set -g set-clipboard on"


def _encoded(text: str, program: Program) -> bytes:
    return text.encode(program.encoding, "replace")


def _copied(text: str, way: str) -> str:
    count = len(text)
    return ngettext("copied {count:,} character by {way}", "copied {count:,} characters by {way}", count).format(
        count=count, way=way
    )


def _feed(command: Sequence[str], data: bytes) -> bool:
    """Give ``data`` to a program; did it take it in time? It may stay in the background and serve the clipboard."""
    try:
        done = subprocess.run(
            command, input=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
