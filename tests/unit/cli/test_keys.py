"""keys: what arrives, looked at through a real pseudo-terminal, and the table without one."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from calling import Run
from pty_driver import PtyProgram

from crmtui.cli.keys import actions_of
from crmtui.tui.keymap import default_keymap

CRMTUI = [sys.executable, "-m", "crmtui"]


@contextmanager
def pressing(tmp_path: Path, *words: str) -> Iterator[PtyProgram]:
    own = {name: value for name, value in os.environ.items() if name.startswith("XDG_")}
    with PtyProgram([*CRMTUI, "keys", *words], columns=100, rows=40, environment=own) as program:
        program.start("ctrl+c ends")
        yield program


def test_without_a_terminal_it_is_the_table(run: Run) -> None:
    ran = run("keys")
    assert ran.code == 0 and "customers.add" in ran.out and "keymap.toml" in ran.err


def test_each_key_is_told_with_its_bytes_name_and_actions(tmp_path: Path) -> None:
    with pressing(tmp_path) as program:
        program.press("up", expect="list.up")
        line = next(line for line in program.lines() if line.startswith("1b 5b 41"))
        assert line.split()[3] == "up"
        program.press("x", expect="customer.archive")
        assert "customers.archive" in program.text()
        program.press("：", expect="app.palette")
        assert "fullwidth_colon, acts as :" in program.text() and "ef bc 9a" in program.text()
        program.press("张", expect="the input method is on")
        program.press("escape", expect="customers.clear")
        program.press("ctrl+g", expect="ctrl+g · no action")
        program.paste("rm -rf\nq\nq\n", expect="pasted text, 11 characters")
        program.press("q", expect="app.quit")
        program.press("j", expect="list.down")
        program.press("q", expect="customer.back")
        program.quit("q")
        assert program.exit_code == 0


def test_ctrl_c_ends_and_the_terminal_is_as_before(tmp_path: Path) -> None:
    import termios

    with pressing(tmp_path) as program:
        during = termios.tcgetattr(program._fd)
        program.quit("ctrl+c")
        assert program.exit_code == 0
        assert not during[3] & termios.ECHO and termios.tcgetattr(program._fd)[3] & termios.ECHO


def test_keys_of_the_keymap_file_are_used(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "crmtui"
    folder.mkdir(parents=True)
    (folder / "keymap.toml").write_text('"customers.add" = "ctrl+g"\n')
    with pressing(tmp_path) as program:
        program.press("ctrl+g", expect="customers.add")
        program.quit("ctrl+c")


@pytest.mark.parametrize("words", [("--list",), ("--json",)])
def test_the_table_in_a_terminal_too(tmp_path: Path, words: tuple[str, ...]) -> None:
    own = {name: value for name, value in os.environ.items() if name.startswith("XDG_")}
    with PtyProgram([*CRMTUI, "keys", *words], columns=100, rows=200, environment=own) as program:
        program.wait_for("customers.import")
        program.quit()
        assert program.exit_code == 0


def test_a_key_that_means_two_things_is_told_with_both() -> None:
    ids = {action.id for action in actions_of("escape", default_keymap())}
    assert {"customers.clear", "customer.back", "form.cancel"} <= ids
    assert actions_of("f12", default_keymap()) == []
