"""The line goes down while something is typed: the real program in a real terminal, which is taken away."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from crm_pilot import new_file
from tmux_terminal import TmuxTerminal, crmtui

TYPED = "半句话"


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Path]:
    new_file(tmp_path).close()
    yield tmp_path / "work.db"


def started(work: Path) -> TmuxTerminal:
    terminal = TmuxTerminal(work.parent, crmtui(work))
    terminal.wait_for("Lily Zhang")
    return terminal


def is_alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(process: int) -> None:
    end = time.monotonic() + 15
    while is_alive(process):
        if time.monotonic() > end:
            os.kill(process, signal.SIGKILL)
            pytest.fail("the program goes on without a terminal")
        time.sleep(0.05)


WAYS = {
    "a form": (("a",), "new customer"),
    "a line of a log": (("g", "c"), "call"),
    "the notes of a call": (("C", "5678", "Enter"), "call"),
}


@pytest.mark.parametrize("name", WAYS)
def test_what_was_typed_is_offered_at_the_next_start(work: Path, name: str) -> None:
    terminal = started(work)
    keys, what = WAYS[name]
    for key in keys:
        terminal.press(key)
        terminal.settle()
    terminal.type(TYPED)
    terminal.wait_for(TYPED)
    process = terminal.process()
    terminal.close()  # the server ends, and the terminal with it: SIGHUP
    gone(process)
    again = started(work)
    try:
        again.wait_for("not saved yet: " + what)
        again.press("D")
        again.wait_for(TYPED)
        again.press("Enter")
        again.wait(lambda: TYPED in again.text() and "throw it away" not in again.text(), "it is not taken up")
    finally:
        again.close()


@pytest.mark.parametrize(
    "keys", [("a",), ("c",), ("C", "5678", "Enter"), (":",)], ids=["form", "line", "call", "palette"]
)
def test_the_program_goes_to_the_shell_and_comes_back(work: Path, keys: tuple[str, ...]) -> None:
    """ctrl+z where one types: the text is there when the shell brings the program back."""
    terminal = TmuxTerminal(work.parent, ["sh"])
    try:
        terminal.press("PS1='shell> '; " + subprocess.list2cmdline(crmtui(work)), "Enter")
        terminal.wait_for("Lily Zhang")
        for key in keys:
            terminal.press(key)
            terminal.settle()
        terminal.type(TYPED)
        terminal.wait_for(TYPED)
        terminal.press("C-z")
        terminal.wait(lambda: "shell>" in terminal.lines()[terminal.cursor()[1]], "the shell does not come")
        terminal.press("fg", "Enter")
        terminal.wait_for(TYPED)
        terminal.type("。")
        terminal.wait_for(TYPED + "。")
    finally:
        terminal.close()
