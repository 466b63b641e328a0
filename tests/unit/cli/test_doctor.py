import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from calling import Ran, Run
from pty_driver import PtyProgram

from crmtui.cli import doctor
from crmtui.cli.terminal_widths import RIGHT
from crmtui.errors import ExitCode

WIDE = {**RIGHT, "─": 2, "→": 2, "…": 2}


def by_name(ran: Ran) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in ran.json}


def config(tmp_path: Path, name: str, text: str) -> None:
    folder = tmp_path / "config" / "crmtui"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY", "SSH_TTY", "SSH_CLIENT", "DISPLAY", "WAYLAND_DISPLAY", "CRMTUI_CLIPBOARD", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def test_where_all_is_well_it_says_so(run: Run) -> None:
    ran = run("doctor")
    assert ran.code == ExitCode.OK, ran.out
    assert "everything is as it should be" in ran.err
    assert all(line.startswith("ok ") for line in ran.out.splitlines())


def test_json_holds_every_check(two: Run) -> None:
    run = two
    run("backup")
    checks = by_name(run("doctor", "--json"))
    wanted = {"settings", "keymap", "language", "locale", "terminal", "line", "clipboard", "driver"}
    assert set(checks) == {*wanted, "file", "rights", "backup", "space"}
    assert {check["state"] for check in checks.values()} == {"ok"}
    assert set(checks["file"]) == {"name", "state", "found", "advice"}


def test_a_faulty_settings_file_is_told_and_the_rest_is_looked_at(run: Run, tmp_path: Path) -> None:
    config(tmp_path, "config.toml", 'langage = "en"\n')
    ran = run("doctor")
    assert ran.code == ExitCode.USAGE
    assert "config.toml" in ran.out and "language" in ran.out and "SQLite" in ran.out
    checks = by_name(run("doctor", "--json"))
    assert checks["settings"]["state"] == "fault" and checks["settings"]["advice"]
    assert run("find", "x").code == ExitCode.USAGE  # every other verb refuses, as before


def test_a_faulty_keymap_is_told(run: Run, tmp_path: Path) -> None:
    config(tmp_path, "keymap.toml", '"customers.ad" = "z"\n')
    checks = by_name(run("doctor", "--json"))
    assert checks["keymap"]["state"] == "fault" and "customers.add" in checks["keymap"]["advice"]


def test_a_file_without_a_backup_that_others_can_read(two: Run, tmp_path: Path) -> None:
    (tmp_path / "work.db").chmod(0o644)
    ran = two("doctor", "--json")
    checks = by_name(ran)
    assert ran.code == ExitCode.NOTHING_FOUND
    assert checks["rights"]["state"] == "warn" and "chmod 600" in checks["rights"]["advice"]
    assert checks["backup"]["state"] == "warn" and "crmtui backup" in checks["backup"]["advice"]
    assert stat.S_IMODE((tmp_path / "work.db").stat().st_mode) == 0o644


def test_a_file_that_is_none_is_a_fault(run: Run, tmp_path: Path) -> None:
    (tmp_path / "work.db").write_text("no database at all, and longer than a header\n" * 40)
    ran = run("doctor", "--json")
    assert ran.code == ExitCode.USAGE and by_name(ran)["file"]["state"] == "fault"


def test_nothing_is_made_or_changed(run: Run, tmp_path: Path) -> None:
    run("doctor")
    assert not (tmp_path / "work.db").exists()


@pytest.mark.parametrize(
    ("variables", "name", "state", "word"),
    [
        ({"LANG": "zh_CN.GBK"}, "locale", "warn", "UTF-8"),
        ({"LANG": ""}, "locale", "warn", "C.UTF-8"),
        ({"LC_ALL": "zh_CN.utf8", "LANG": "C"}, "locale", "ok", ""),
        ({"TERM": "dumb"}, "terminal", "warn", "terminal"),
        ({"CRMTUI_CLIPBOARD": "x11"}, "clipboard", "fault", "osc52"),
        ({"CRMTUI_CLIPBOARD": "native"}, "clipboard", "warn", "osc52"),
    ],
)
def test_what_the_environment_says(
    run: Run, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], name: str, state: str, word: str
) -> None:
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    check = by_name(run("doctor", "--json"))[name]
    assert check["state"] == state and word in check["advice"]


def test_ssh_is_told_with_the_profile(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 5022 10.0.0.1 22")
    ran = run("doctor", "--json")
    line = by_name(ran)["line"]
    assert "SSH" in line["found"] and "slow" in line["found"] and "ssh -C" in line["advice"]
    assert ran.code == ExitCode.OK  # advice, nothing wrong


def test_little_room_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LEAST_FREE", 10**18)
    assert by_name(run("doctor", "--json"))["space"]["state"] == "warn"


def test_a_missing_catalogue_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "set_language", lambda language: None)
    assert by_name(run("doctor", "--json"))["language"]["state"] == "warn"


@pytest.mark.parametrize(
    ("widths", "borders", "state", "word"),
    [
        (RIGHT, "auto", "ok", ""),
        (WIDE, "auto", "warn", 'borders = "ascii"'),
        (WIDE, "ascii", "ok", ""),
        ({**RIGHT, "汉": 1}, "auto", "fault", "UTF-8"),
        ({**RIGHT, "─": 3, "汉": 3}, "auto", "fault", "UTF-8"),
        ({**RIGHT, "😀": 1}, "auto", "warn", "Emoji"),
    ],
)
def test_widths_are_judged(widths: dict[str, int], borders: str, state: str, word: str) -> None:
    found = doctor.judged(widths, "told", borders)
    assert found[0] == state and word in found[2]


@pytest.mark.parametrize(("columns", "rows", "code"), [(100, 40, 0), (70, 20, 1)])
def test_a_real_terminal_is_asked_for_widths_and_size(tmp_path: Path, columns: int, rows: int, code: int) -> None:
    own = {name: os.environ[name] for name in os.environ if name.startswith(("XDG_", "CRMTUI_"))}
    command = [sys.executable, "-m", "crmtui", "doctor"]
    with PtyProgram(command, columns=columns, rows=rows, environment=own) as program:
        program.wait_for("free space")
        program.quit()
        lines = program.lines()
        assert program.exit_code == code
    widths = next(line for line in lines if "widths" in line)
    assert widths.startswith("ok") and "─ 1  → 1  … 1  汉" in widths and "😀" in widths
    assert next(line for line in lines if " size " in line).split()[0] == ("ok" if code == 0 else "look")


def test_a_terminal_that_does_not_answer_is_not_waited_for_long(tmp_path: Path) -> None:
    import pty
    import subprocess
    import threading

    main_end, its_end = pty.openpty()
    own = {name: os.environ[name] for name in os.environ if name.startswith(("XDG_", "CRMTUI_", "PATH", "LANG"))}
    done = subprocess.Popen([sys.executable, "-m", "crmtui", "doctor"], stdin=its_end, stdout=its_end, env=own)
    os.close(its_end)
    read: list[bytes] = []

    def drain() -> None:
        try:
            while data := os.read(main_end, 4096):
                read.append(data)
        except OSError:
            return

    reader = threading.Thread(target=drain)
    reader.start()
    assert done.wait(20) == ExitCode.NOTHING_FOUND
    reader.join(5)
    os.close(main_end)
    assert b"does not say where its cursor is" in b"".join(read)
