"""The real program on a real terminal over hostile texts: every byte it writes is its own."""

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from hostile_text import WORST, Hostile, forbidden, make_file, storable
from pty_driver import PtyProgram

_CSI = re.compile(r"\x1b\[([<=>?]?)([0-9;:]*)([ -/]*)([@-~])")
_POINTER = re.compile(r"\x1b\]22;[a-z-]+\x07")
"""The one operating system command that Textual writes: the shape of the mouse pointer."""
_ALLOWED_CSI = {
    *(("", final) for final in "mHGKXrLMSTABCD"),  # colours, cursor, erase, scroll and move lines
    ("?", "h"),
    ("?", "l"),
    ("?", "$p"),  # asks for a mode
    (">", "u"),  # keyboard protocol, on and off
    ("<", "u"),
    ("", "n"),  # asks where the cursor is: how long the line takes to answer
}
_ALLOWED_MODES = {"7", "25", "1000", "1003", "1004", "1006", "1015", "1049", "2004", "2026"}


class Recorded(PtyProgram):
    """Keeps every byte."""

    def __init__(self, *arguments: object, **options: object) -> None:
        self.stream = bytearray()
        super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def _show(self, data: bytes) -> bool:
        self.stream += data
        return super()._show(data)


def strange_sequences(stream: bytes) -> list[str]:
    """What is neither a character to draw nor a sequence that the program uses itself."""
    text = stream.decode("utf-8")
    strange: list[str] = []
    at = 0
    while at < len(text):
        sign = text[at]
        if sign == "\x1b":
            pointer = _POINTER.match(text, at)
            if pointer is not None:
                at = pointer.end()
                continue
            found = _CSI.match(text, at)
            if found is None:
                strange.append(ascii(text[at : at + 20]))
                at += 1
                continue
            kind = (found[1], found[3] + found[4])
            modes = set(found[2].split(";")) if kind in (("?", "h"), ("?", "l")) else set()
            if kind not in _ALLOWED_CSI or not modes <= _ALLOWED_MODES:
                strange.append(ascii(found[0]))
            at = found.end()
            continue
        if sign not in "\r\n" and forbidden(sign):
            strange.append(ascii(text[max(0, at - 10) : at + 10]))
        at += 1
    return strange


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return make_file(str(tmp_path_factory.mktemp("hostile") / "work.db"), WORST, 25)


def environment(folder: Path) -> dict[str, str]:
    kinds = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("DATA", "CONFIG", "STATE")}
    return {**kinds, "HOME": str(folder), "LOGNAME": "me", "SSH_CONNECTION": ""}


def start(path: str, tmp_path: Path) -> Recorded:
    here = tmp_path / "here"
    here.mkdir()
    command = [sys.executable, "-m", "crmtui", "--db", path]
    return Recorded(command, columns=120, rows=40, environment=environment(tmp_path), folder=str(here), quiet_ms=15)


def test_every_byte_is_the_programs_own(hostile: Hostile, tmp_path: Path) -> None:
    with start(hostile.path, tmp_path) as program:
        program.start("Customers")
        program.press("down", times=len(hostile.customers) + 2)
        program.press("home")
        for _customer in range(3):
            program.press("enter")
            for _tab in range(5):
                program.press("tab")
            program.press("n")
            program.press("e")
            program.press("down", times=6)
            program.press("escape")
            program.idle(0.12)
            program.press("escape")
            program.idle(0.12)
            program.press("down", times=14)
        for text in WORST[::8]:
            program.press("/")
            program.paste(storable(text).replace("\x1b[201~", ""))
            program.press("escape")
            program.idle(0.12)
            program.press("escape")
            program.idle(0.12)
        program.press("c")
        program.paste("said \x9d2;TITLE-PAYLOAD\x9c [/x] \u202e")
        program.press("enter")
        program.press("u")
        program.press("v")
        program.press("down", times=8)
        program.press("escape")
        program.idle(0.12)
        program.press("7")
        program.press("pagedown", times=6)
        program.press("enter")
        program.press("down", times=5)
        program.press("escape")
        program.idle(0.12)
        program.press("?")
        program.press("escape")
        program.idle(0.12)
        program.press("1")
        program.quit("q")
        assert program.exit_code == 0
        stream = bytes(program.stream)
    assert strange_sequences(stream) == []
    assert len(stream) > 50_000
    assert os.listdir(tmp_path / "here") == []


@pytest.mark.parametrize(
    "words",
    [
        ("find", "--limit", "200"),
        ("find", "--json"),
        ("find", "--jsonl"),
        ("find", "--csv"),
        ("show", "1", "5", "9", "50", "51"),
        ("show", "50", "--json", "--all"),
        ("history", "--limit", "300"),
        ("history", "50", "--limit", "300"),
        ("task",),
        ("find", "x\x1b]0;TITLE-PAYLOAD\x07:1"),
        ("no\x1b]0;TITLE-PAYLOAD\x07",),
    ],
    ids=lambda words: words[0],
)
def test_commands_on_a_terminal(hostile: Hostile, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "here").mkdir()
    command = [sys.executable, "-m", "crmtui", "--db", hostile.path, *words]
    with Recorded(
        command, columns=80, rows=24, environment=environment(tmp_path), folder=str(tmp_path / "here")
    ) as ran:
        ran.quit()
        ran.idle(0.05)
        stream = bytes(ran.stream)
    assert stream
    assert strange_sequences(stream) == []
    assert os.listdir(tmp_path / "here") == []
