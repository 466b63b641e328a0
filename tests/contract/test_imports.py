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

# What a look-up has no use for: writing, reading files, and the parts of Python that cost as much as the look-up.
FOR_OTHER_VERBS = frozenset(
    {
        *("argparse", "csv", "hashlib", "json", "shutil", "subprocess", "tempfile", "urllib.parse", "zlib"),
        *("crmtui.storage.journal", "crmtui.storage.derived", "crmtui.storage.migrations", "crmtui.storage.backup"),
        *("crmtui.domain.intake", "crmtui.domain.names", "crmtui.domain.phones", "crmtui.formats", "crmtui.tui"),
    }
)

# Words need no grammar and usual characters no table of widths: what these would load is a fifth of the look-up.
FOR_OTHER_QUERIES = frozenset(
    {"typing", "enum", "re", "threading", "getpass", "rich", "crmtui.storage.conditions", "crmtui.cli.fields"}
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


def with_a_customer(*arguments: str) -> str:
    """``command_line`` on a file that another process has made."""
    add = "[sys.executable, '-m', 'crmtui', 'add', '张伟', 'phone=+8613812345678', 'company=Ada & Söhne']"
    return f"import os, sys\nos.spawnv(os.P_WAIT, sys.executable, {add})\n{command_line(*arguments)}"


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
    Load("every verb", importing("crmtui.cli"), HEAVY | SCREEN),
    Load(
        "find a phone",
        with_a_customer("find", "138-1234-5678"),
        HEAVY | SCREEN | SLOW_TO_LOAD | FOR_OTHER_VERBS | FOR_OTHER_QUERIES | {"crmtui.domain.pinyin"},
    ),
    Load(
        "find a Chinese name, in Chinese",
        with_a_customer("--lang", "zh_CN", "find", "张伟"),
        HEAVY | SCREEN | SLOW_TO_LOAD | FOR_OTHER_VERBS | FOR_OTHER_QUERIES,
    ),
    Load(
        "find as JSON",
        with_a_customer("--json", "find", "138-1234-5678"),
        HEAVY
        | SCREEN
        | SLOW_TO_LOAD
        | (FOR_OTHER_VERBS - {"json"})
        | (FOR_OTHER_QUERIES - {"re", "enum", "crmtui.cli.fields"}),
    ),
    Load(
        "find with conditions",
        with_a_customer("find", "张 tag:none OR zw"),
        HEAVY | SCREEN | SLOW_TO_LOAD | FOR_OTHER_VERBS,
    ),
    Load("show", with_a_customer("show", "1"), HEAVY | SCREEN | SLOW_TO_LOAD | FOR_OTHER_VERBS),
    Load("call", with_a_customer("call", "13812345678"), HEAVY | SCREEN | SLOW_TO_LOAD | FOR_OTHER_VERBS),
)


def test_import_contracts_are_kept() -> None:
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


@pytest.mark.parametrize("load", LOADS, ids=lambda load: load.name)
def test_loading_stays_light(load: Load, tmp_path: Path) -> None:
    assert sorted(loaded_modules(load.program, tmp_path) & load.forbidden) == []


def test_a_look_up_in_these_tests_finds_its_customer(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "", "LANG": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", with_a_customer("find", "138-1234-5678")],
        capture_output=True,
        text=True,
        env=environment,
    )
    assert "张伟" in done.stdout.splitlines()[-1], done.stderr


def test_a_forbidden_import_would_be_seen(tmp_path: Path) -> None:
    assert {"sqlite3", "gettext"} <= loaded_modules("import sqlite3, gettext", tmp_path)


def test_a_verb_is_run_as_the_script_runs_it(tmp_path: Path) -> None:
    assert {"crmtui", "crmtui.cli"} <= loaded_modules(command_line("--version"), tmp_path)
