"""The import law, read from the source (import-linter) and seen at run time (a fresh interpreter's sys.modules)."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"

HEAVY = frozenset({"openpyxl", "rapidfuzz", "phonenumbers", "python_calamine", "babel", "click", "sqlite_utils"})
SQLITE = frozenset({"sqlite3", "sqlcipher3", "sqlite_utils"})
SCREEN = frozenset({"textual", "rich.console", "rich.text", "rich.markup"})
SLOW_TO_LOAD = frozenset(
    {"pathlib", "dataclasses", "inspect", "gettext", "tomllib", "difflib", "asyncio", "importlib.metadata"}
)


class Load(NamedTuple):
    """A program for a fresh interpreter and the modules that must not be loaded when it has run."""

    name: str
    program: str
    forbidden: frozenset[str]


def modules_below(package: str) -> list[str]:
    """The dotted names of the package and every module below it."""
    folder = SOURCE.joinpath(*package.split("."))
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    names = [".".join(file.relative_to(SOURCE).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names]


def importing(*packages: str) -> str:
    """The program that imports every module below ``packages``."""
    return "\n".join(f"import {name}" for package in packages for name in modules_below(package))


def command_line(*arguments: str) -> str:
    """The program that runs one verb in process, as the ``crmtui`` script does, and goes on whatever its exit code."""
    run = "from crmtui.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass"
    return f"import sys\nsys.argv = {['crmtui', *arguments]!r}\n{run}"


def loaded_modules(program: str, folder: Path) -> frozenset[str]:
    """The modules a fresh interpreter has loaded after ``program``, without those any interpreter starts with."""
    report = "\nimport sys as _sys\nprint('loaded:', *_sys.modules, file=_sys.stderr)"
    environment = {"HOME": str(folder), "PATH": "", "LANG": "C.UTF-8"}

    def run(text: str) -> frozenset[str]:
        done = subprocess.run(
            [sys.executable, "-c", text + report], capture_output=True, text=True, env=environment, cwd=folder
        )
        assert done.returncode == 0, done.stderr
        return frozenset(done.stderr.rpartition("loaded:")[2].split())

    return run(program) - run("")


LOADS = (
    Load(
        "foundation",
        importing("crmtui.errors", "crmtui.paths", "crmtui.config", "crmtui.i18n"),
        HEAVY | SQLITE | SCREEN | SLOW_TO_LOAD,
    ),
    Load("domain", importing("crmtui.domain"), HEAVY | SQLITE | SCREEN),
    Load("storage", importing("crmtui.storage"), HEAVY - {"sqlite_utils"} | SCREEN),
    Load("formats", importing("crmtui.formats"), HEAVY | SQLITE | SCREEN),
    Load("services", importing("crmtui.services"), (HEAVY | SCREEN) - {"sqlite_utils"}),
    Load(
        "settings without a file",
        "from crmtui import config\nconfig.load_settings('none', {'USER': 'a'})",
        SLOW_TO_LOAD,
    ),
)


def test_import_contracts_are_kept() -> None:
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.name)
def test_loading_stays_light(load: Load, tmp_path: Path) -> None:
    assert sorted(loaded_modules(load.program, tmp_path) & load.forbidden) == []


def test_a_forbidden_import_would_be_seen(tmp_path: Path) -> None:
    assert {"sqlite3", "gettext"} <= loaded_modules("import sqlite3, gettext", tmp_path)


def test_a_verb_is_run_as_the_script_runs_it(tmp_path: Path) -> None:
    assert {"crmtui", "crmtui.cli"} <= loaded_modules(command_line("--version"), tmp_path)
