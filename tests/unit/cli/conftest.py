"""Running the command line in process, on a fresh customer file, away from the person's own settings."""

import sys
from pathlib import Path

import pytest
from calling import Ran, Run

from crmtui.cli import main
from crmtui.i18n import set_language

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))  # the pty driver is what some tests look through


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new user's folders, English, no terminal width, a time zone with summer time."""
    for kind in ("DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("CRMTUI_DB", str(tmp_path / "work.db"))
    monkeypatch.setenv("USER", "ada")
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES", "COLUMNS", "NO_COLOR", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call ``main`` with words and get exit code, stdout and stderr."""

    def call(*words: str) -> Ran:
        capfd.readouterr()
        try:
            code = main(list(words))
        finally:
            set_language("en")
        out, err = capfd.readouterr()
        return Ran(code, out, err)

    return call


@pytest.fixture
def two(run: Run) -> Run:
    """``run`` on a file with 张伟 (1, a lead with tag vip) and Ada Lovelace (2)."""
    run("add", "张伟", "phone=+86 138 1234 5678", "company=启明电子", "tag=vip", "stage=lead")
    run("add", "name=Ada Lovelace", "email=ada@example.com", "city=London")
    return run
