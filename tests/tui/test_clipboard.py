import base64
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.errors import ConfigError, CrmError
from crmtui.tui.clipboard import MOST_ENCODED, SCREEN_PIECE, copy, is_remote, native_programs, osc52, wanted_way

HOSTILE = "张三\x1b]52;c;cm0gLXJm\x07\x1b[2J\x1b\\$(touch x)\x00\x9d"
SSH = {"SSH_CONNECTION": "10.0.0.2 5022 10.0.0.1 22"}
TMUX = {"TMUX": "/tmp/tmux-0/default,1,0"}


def taken(sequence: str) -> str:
    """What a terminal takes from an OSC 52."""
    found = re.fullmatch(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", sequence)
    assert found, repr(sequence)
    return base64.b64decode(found[1]).decode()


class Machine:
    """A machine on which some programs exist, of which some take what they are given."""

    def __init__(self, *programs: str, failing: Sequence[str] = ()) -> None:
        self.programs, self.failing = programs, failing
        self.written: list[str] = []
        self.fed: list[tuple[tuple[str, ...], bytes]] = []

    def find(self, name: str) -> str | None:
        return f"bin/{name}" if name in self.programs else None

    def run(self, command: Sequence[str], data: bytes) -> bool:
        self.fed.append((tuple(command), data))
        return command[0] not in self.failing

    def copy(self, text: str, setting: str = "auto", **environment: str) -> str:
        done = copy(text, self.written.append, setting=setting, environment=environment, find=self.find, run=self.run)
        assert "\x1b" not in done.sentence and text not in done.sentence
        self.sentence = done.sentence
        return done.way


@given(st.text())
def test_any_text_arrives_and_none_of_it_is_obeyed(text: str) -> None:
    assert taken(osc52(text, {})) == text.encode("utf-8", "replace").decode()


def test_hostile_bytes_are_only_base64() -> None:
    sequence = osc52(HOSTILE, {})
    assert sequence.count("\x1b") == sequence.count("\x07") == 1 and taken(sequence) == HOSTILE


def test_tmux_gets_it_plain_and_wrapped() -> None:
    sequence = osc52(HOSTILE, TMUX)
    plain, wrapped = sequence.split("\x1bPtmux;")
    assert taken(plain) == HOSTILE
    assert taken(wrapped.removesuffix("\x1b\\").replace("\x1b\x1b", "\x1b")) == HOSTILE


def test_screen_gets_it_in_pieces_that_it_passes_through() -> None:
    sequence = osc52("x" * 3000, {"STY": "1.pts-0"})
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", sequence, re.DOTALL)
    assert len(pieces) > 4 and max(map(len, pieces)) <= SCREEN_PIECE
    assert taken("".join(pieces)) == "x" * 3000


def test_what_no_terminal_takes_is_refused_in_words() -> None:
    most = MOST_ENCODED // 4 * 3
    assert len(osc52("x" * (most - 3), {})) <= MOST_ENCODED + len("\x1b]52;c;\x07")
    machine = Machine()
    with pytest.raises(CrmError) as caught:
        machine.copy("张" * (most // 3 + 1), **SSH)
    assert f"{most:,}" in caught.value.message and "Export" in (caught.value.hint or "")
    assert machine.written == []


def test_over_ssh_the_terminal_is_asked() -> None:
    machine = Machine("xclip", "wl-copy")
    assert machine.copy("张三", DISPLAY=":0", **SSH) == "osc52"
    assert taken(machine.written[0]) == "张三" and machine.fed == []
    assert "OSC 52" in machine.sentence and "2 characters" in machine.sentence


@pytest.mark.parametrize("name", ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"])
def test_any_sign_of_ssh_is_enough(name: str) -> None:
    assert is_remote({name: "x"}) and not is_remote({name: ""}) and not is_remote({})


def test_on_the_machine_itself_a_program_is_asked_in_order() -> None:
    machine = Machine("wl-copy", "xclip", "xsel")
    assert machine.copy("张三", WAYLAND_DISPLAY="w", DISPLAY=":0") == "wl-copy"
    machine = Machine("wl-copy", "xclip", "xsel", failing=("wl-copy", "xclip"))
    assert machine.copy("张三", WAYLAND_DISPLAY="w", DISPLAY=":0") == "xsel"
    assert [command[0] for command, _data in machine.fed] == ["wl-copy", "xclip", "xsel"]
    assert machine.fed[0][1] == "张三".encode() and machine.written == []


def test_without_a_program_that_takes_it_the_terminal_is_asked() -> None:
    machine = Machine("xclip", failing=("xclip",))
    assert machine.copy("x", DISPLAY=":0") == "osc52" and len(machine.written) == 1


def test_native_alone_says_what_it_looked_for() -> None:
    with pytest.raises(CrmError) as caught:
        Machine().copy("x", "native", DISPLAY=":0")
    assert "xclip" in caught.value.message and "osc52" in (caught.value.hint or "")


def test_osc52_alone_asks_no_program() -> None:
    machine = Machine("xclip", "tmux")
    assert machine.copy("张", "osc52", DISPLAY=":0", **TMUX) == "osc52"
    assert machine.fed == [] and "set-clipboard on" in machine.sentence


def test_in_tmux_its_own_buffer_is_surest() -> None:
    machine = Machine("tmux")
    assert machine.copy("张三", **TMUX, **SSH) == "tmux" and machine.written == []
    assert machine.fed == [(("tmux", "load-buffer", "-w", "-"), "张三".encode())]
    machine = Machine("tmux", failing=("tmux",))  # older than 3.2
    assert machine.copy("张三", **TMUX, **SSH) == "osc52" and "\x1bPtmux;" in machine.written[0]


def test_windows_gets_its_own_encoding() -> None:
    machine = Machine("clip.exe")
    assert machine.copy("张三", WSL_DISTRO_NAME="Debian") == "clip.exe"
    assert machine.fed[0][1].decode("utf-16") == "张三"
    assert [program.command[0] for program in native_programs({}, "darwin")] == ["pbcopy"]
    assert [program.command[0] for program in native_programs({}, "win32")] == ["clip.exe"]
    assert native_programs({}, "linux") == []


def test_the_environment_goes_before_the_setting() -> None:
    assert wanted_way("native", {"CRMTUI_CLIPBOARD": "osc52"}) == "osc52"
    assert wanted_way("native", {"CRMTUI_CLIPBOARD": ""}) == "native"
    with pytest.raises(ConfigError) as caught:
        wanted_way("auto", {"CRMTUI_CLIPBOARD": "x11"})
    assert "CRMTUI_CLIPBOARD" in caught.value.message and "osc52" in (caught.value.hint or "")


@pytest.mark.parametrize(("script", "way"), [("cat > taken", "xclip"), ("sleep 30", "osc52"), ("exit 3", "osc52")])
def test_a_real_program_has_a_time_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, way: str
) -> None:
    monkeypatch.setattr("crmtui.tui.clipboard.SECONDS", 0.3)
    program = tmp_path / "xclip"
    program.write_text(f"#!/bin/sh\ncd '{tmp_path}' && {script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    written: list[str] = []
    assert copy(HOSTILE, written.append, environment={"DISPLAY": ":0"}).way == way
    if way == "xclip":
        assert (tmp_path / "taken").read_bytes() == HOSTILE.encode() and not (tmp_path / "x").exists()
    else:
        assert taken(written[0]) == HOSTILE


YANK = """
import os, sys
from crmtui.tui.clipboard import copy
done = copy({text!r}, lambda sequence: os.write(1, sequence.encode()), setting={setting!r})
print(done.way, flush=True)
"""


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """A tmux server of its own that takes OSC 52."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    command = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    environment = {name: value for name, value in os.environ.items() if name not in ("TMUX", "STY")}
    subprocess.run([*command, "new", "-d", "-x", "80", "-y", "24"], check=True, env=environment)
    try:
        subprocess.run([*command, "set", "-g", "set-clipboard", "on"], check=True)
        yield command
    finally:
        subprocess.run([*command, "kill-server"], check=False)


def shown_buffer(tmux: list[str]) -> str:
    return subprocess.run([*tmux, "show-buffer"], capture_output=True, text=True).stdout


def shown_screen(tmux: list[str]) -> str:
    return subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True).stdout


@pytest.mark.parametrize("setting", ["auto", "osc52"])
def test_yanked_text_is_in_the_buffer_of_tmux(tmux: list[str], tmp_path: Path, setting: str) -> None:
    text = "张三 <zhang@example.com>; 138 1234 5678"
    script = tmp_path / "yank.py"
    script.write_text(YANK.format(text=text, setting=setting), "utf-8")
    subprocess.run([*tmux, "respawn-pane", "-k", f"'{sys.executable}' '{script}'; sleep 20"], check=True)
    end = time.monotonic() + 15
    while not (shown := shown_buffer(tmux)) and time.monotonic() < end:
        time.sleep(0.05)
    assert shown == text
    while not (screen := shown_screen(tmux)).strip() and time.monotonic() < end:
        time.sleep(0.05)
    assert screen.split()[0] == {"auto": "tmux", "osc52": "osc52"}[setting]
