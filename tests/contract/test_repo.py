"""House rules that no linter knows: nothing of this machine in the files, short modules, no swallowed errors."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "crmtui"
OURS = ("src", "tests", "scripts", "docs", "benchmarks", "screenshots", ".ci")
TEXT = {".py", ".md", ".toml", ".po", ".sh", ".txt", ".json", ".csv", ".tcss", ".svg", ""}
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|root|work|Users)/[\w.]|[A-Z]:\\Users\\")
PACKAGE_HOST = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.org|--(?:extra-)?index-url")
LONGEST_MODULE = 400

LONG_MODULES: dict[str, str] = {
    "services/archive.py": "one document format: what is written and how it is read back stand side by side",
    "domain/phones.py": "one grammar of phone numbers: what separates, labels and extends them is read in one pass",
    "tui/screens/form.py": "one screen whose moving, asking and saving share the entry under the cursor",
    "tui/widgets/windowed_list.py": "one widget: moving, scrolling and drawing share the window",
}
"""Modules of src/crmtui longer than that, each with the reason why it still has one reason to change."""


def text_files() -> Iterator[Path]:
    """The text files of the repository, found without git, which a machine that only has the sources may lack."""
    yield from (file for file in sorted(ROOT.iterdir()) if file.is_file() and file.suffix in TEXT)
    for folder in OURS:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and file.suffix in TEXT and "__pycache__" not in file.parts:
                yield file


def modules() -> list[Path]:
    """The modules of the package."""
    return sorted(SOURCE.rglob("*.py"))


def hits(pattern: re.Pattern[str]) -> list[str]:
    """``file:line: text`` for every line of the repository that the pattern is found in."""
    found = []
    for file in text_files():
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def package_hosts() -> set[str]:
    """The hosts that pip of this machine asks for packages, without the names and ports in the address."""
    told = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    hosts = {urlsplit(address).hostname for address in re.findall(r"https?://[^\s'\"]+", told)}
    return {host for host in hosts if host} - {"localhost", "127.0.0.1"}


def swallows_everything(node: ast.AST) -> bool:
    """Whether ``node`` is an ``except`` for every error that does nothing about it."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    everything = node.type is None or (
        isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
    )
    return everything and all(
        isinstance(statement, ast.Pass | ast.Continue)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in node.body
    )


def prints(node: ast.AST) -> bool:
    """Whether ``node`` calls ``print``."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"


def test_no_path_of_a_machine_is_named() -> None:
    assert hits(MACHINE_PATH) == []


def test_no_package_host_is_named() -> None:
    assert hits(PACKAGE_HOST) == []
    local = package_hosts()
    if local:
        assert hits(re.compile("|".join(map(re.escape, local)))) == []


@pytest.mark.parametrize(("folder", "seen"), [("home/ada/x", True), ("work/x", True), ("workflow/x", False)])
def test_machine_paths_would_be_seen(folder: str, seen: bool) -> None:
    assert bool(MACHINE_PATH.search(f"open('/{folder}')")) is seen
    assert not MACHINE_PATH.search(f"see https://example.com/{folder} or ~/{folder}")


def test_modules_are_short_or_say_why_not() -> None:
    lengths = {file.relative_to(SOURCE).as_posix(): len(file.read_text("utf-8").splitlines()) for file in modules()}
    long = {name for name, length in lengths.items() if length > LONGEST_MODULE}
    assert sorted(long - set(LONG_MODULES)) == []
    assert sorted(set(LONG_MODULES) - long) == [], "short again: take it off the list"
    assert all(LONG_MODULES.values())


def test_only_the_command_line_prints() -> None:
    talkers = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in modules()
        if "cli" not in file.relative_to(SOURCE).parts
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and prints(node)
    ]
    assert talkers == []


def test_no_error_is_swallowed() -> None:
    swallowing = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in modules()
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node)
    ]
    assert swallowing == []


@pytest.mark.parametrize(
    ("handler", "found"),
    [
        ("except Exception: pass", True),
        ("except: pass", True),
        ("except BaseException: ...", True),
        ("except ValueError: pass", False),
        ("except Exception: raise", False),
    ],
)
def test_a_swallowed_error_would_be_seen(handler: str, found: bool) -> None:
    tree = ast.parse(f"try:\n    x\n{handler}")
    assert any(swallows_everything(node) for node in ast.walk(tree)) is found
