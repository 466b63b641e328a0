"""backup, restore, verify, reindex, settings, keys, help, version; failures and crashes; the app's door."""

import os
import re
from pathlib import Path

import pytest
from calling import Run

from crmtui.cli import dispatch as dispatch_module
from crmtui.cli import main
from crmtui.cli.help import command_help, commands_page, overview
from crmtui.cli.progress import progress_line
from crmtui.cli.screen import terminal_environment
from crmtui.cli.verbs import MODULES, load
from crmtui.config import Settings
from crmtui.errors import CrmError


def test_backup_and_restore(two: Run, tmp_path: Path) -> None:
    assert two("restore").code == 1
    path = two("backup").out.strip()
    assert Path(path).is_file()
    two("edit", "1", "stage=lost")
    assert two("backup", "--json").json["backup"] != path
    assert len(two("restore", "--json").json) == 2
    assert Path(path).name in two("backup", "--list").out
    ran = two("restore", Path(path).name)
    assert ran.code == 0
    assert "is kept as" in ran.err
    assert two("show", "1", "--json").json["stage"] == "lead"
    assert two("restore", "nothing.db").code == 2


def test_verify_and_reindex(two: Run) -> None:
    ran = two("verify")
    assert ran.code == 0
    assert "good" in ran.out
    assert {finding["ok"] for finding in two("verify", "--json").json} == {True}
    assert two("reindex", "--json").json == {"customers": 2}
    assert two("find", "zw").code == 0


def test_settings(run: Run, tmp_path: Path) -> None:
    path = run("settings", "path").out.strip()
    assert path == str(tmp_path / "config" / "crmtui" / "config.toml")
    assert run("settings", "--json").json["user"] == "ada"
    assert run("settings", "init").code == 0
    assert run("settings", "init").code == 2
    assert "ada" in run("settings").out
    assert run("settings", "zap").code == 2
    Path(path).write_text('langage = "en"\n')
    ran = run("find", "x")
    assert ran.code == 2
    assert path in ran.err
    assert "language" in ran.err
    assert run("find", "--help").code == 0


def test_keys_lists_every_action(run: Run) -> None:
    from crmtui.tui.actions import ACTIONS

    ran = run("keys")
    assert all(action.id in ran.out for action in ACTIONS)
    assert [each["id"] for each in run("keys", "--json").json] == [action.id for action in ACTIONS]


def test_version_and_help(run: Run) -> None:
    assert re.fullmatch(r"crmtui \d+\.\d+.*\n", run("--version").out)
    assert run("find", "--version").out.startswith("crmtui ")
    assert run("--help").out == overview() == run("help").out
    assert run("help", "find").out == command_help(load("find")) == run("find", "--help").out == run("find", "-h").out


@pytest.mark.parametrize("verb", MODULES)
def test_every_verb_explains_itself(run: Run, verb: str) -> None:
    command = load(verb)
    page = run(verb, "--help").out
    assert page.startswith(f"crmtui {verb}")
    assert all(option.name in page and option.help for option in command.options)
    assert all(argument.name in page for argument in command.arguments)
    assert f"### {verb}\n" in commands_page()
    assert max(map(len, page.splitlines()[1:])) <= 120


@pytest.mark.parametrize(
    ("line", "near"),
    [(["fnd", "x"], "find"), (["improt"], "import"), (["find", "--jsn"], "--json"), (["qqqqqq"], "crmtui --help")],
)
def test_what_is_misspelt_is_2_with_the_nearest(run: Run, line: list[str], near: str) -> None:
    ran = run(*line)
    assert (ran.code, ran.out) == (2, "")
    assert near in ran.err


def test_a_misspelling_is_told_in_the_language_asked_for(run: Run) -> None:
    assert run("--lang", "zh_CN", "fnd").code == 2


def test_the_app_needs_a_terminal(run: Run, tmp_path: Path) -> None:
    for line in ((), ("open", "x"), ("demo",)):
        ran = run(*line)
        assert ran.code == 2
        assert "terminal" in ran.err
    assert not (tmp_path / "work.db").exists()


def test_what_textual_reads_is_set_before_it_is_loaded() -> None:
    plain = Settings(slow_link="auto", theme="dark")
    assert terminal_environment(plain, {}) == {}
    slow = terminal_environment(plain, {"SSH_CONNECTION": "a b c d"})
    assert slow["TEXTUAL_ANIMATIONS"] == "none"
    assert terminal_environment(plain._replace(slow_link="off"), {"SSH_CONNECTION": "x"}) == {}
    assert "TEXTUAL_FPS" not in terminal_environment(plain._replace(slow_link="on"), {"TEXTUAL_FPS": "60"})
    assert terminal_environment(plain._replace(theme="ansi"), {}) == {"TEXTUAL_COLOR_SYSTEM": "standard"}


def _failing(error: BaseException):  # type: ignore[no-untyped-def]
    def fail(*_arguments: object) -> int:
        raise error

    return fail


def test_a_crash_leaves_a_report_without_data(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(line: list[str], _environment: object) -> int:
        secret = line[1]
        raise RuntimeError(f"lost {secret}")

    monkeypatch.setattr(dispatch_module, "dispatch", fail)
    ran = run("find", "Secret Customer", "--limit=7", "--db", "/x/secret.db")
    assert ran.code == 70
    assert "Traceback" not in ran.err
    (file,) = (tmp_path / "state" / "crmtui" / "crashes").iterdir()
    report = file.read_text()
    assert str(file) in ran.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert "RuntimeError" in report
    assert "in fail" in report
    assert "command: crmtui find … " in report
    assert "ecret" not in report
    assert str(tmp_path) not in report


def test_a_crash_that_cannot_be_reported_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch_module, "dispatch", _failing(RuntimeError()))
    (tmp_path / "state").write_text("in the way")
    ran = run("find", "x")
    assert ran.code == 70
    assert "could not be written" in ran.err


def test_an_interrupt_is_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch_module, "dispatch", _failing(KeyboardInterrupt()))
    ran = run("find", "x")
    assert ran.code == 130
    assert "stopped" in ran.err


def test_a_closed_pipe_is_no_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch_module, "dispatch", _failing(BrokenPipeError()))
    monkeypatch.setattr(os, "dup2", lambda *_descriptors: None)
    assert run("find", "x") == (0, "", "")


def test_where_kept_and_hint_are_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    error = CrmError("bad \x1b[1m", where="a.csv", kept="all safe", hint="do that")
    monkeypatch.setattr(dispatch_module, "dispatch", _failing(error))
    assert run("x") == (4, "", "crmtui: a.csv: bad ␛[1m\n  all safe\n  do that\n")


def test_main_takes_the_line_of_the_process(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["crmtui", "--version"])
    assert main() == 0
    assert capfd.readouterr().out.startswith("crmtui ")


def test_progress_says_how_much_how_fast_and_how_long() -> None:
    assert (
        progress_line("import", "rows", 5000, 20000, 2.0) == "import: 5,000 of 20,000 rows · 2,500 a second · 0:06 left"
    )
    assert progress_line("import", "rows", 5000, 0, 2.0) == "import: 5,000 rows · 2,500 a second"
    assert progress_line("import", "rows", 0, 10, 0.0) == "import: 0 of 10 rows"
