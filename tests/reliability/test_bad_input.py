"""What goes wrong at the edges of a call: each failure says what happened, where, what was kept and what to do; none is a traceback."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from crmtui.services.record import add_customer
from crmtui.services.workspace import open_workspace
from crmtui.storage.digest import logical_digest


@pytest.fixture
def here(tmp_path: Path) -> Path:
    with open_workspace(str(tmp_path / "crm.db"), actor="me", region="CN", create=True) as workspace:
        add_customer(workspace, {"name": "Ann"})
    (tmp_path / "good.csv").write_text("姓名,手机\n张三,13800138000\n", encoding="utf-8")
    (tmp_path / "header.csv").write_text("姓名,手机\n", encoding="utf-8")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "zero.xlsx").touch()
    (tmp_path / "nul.csv").write_bytes(b"\0" * 5000)
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 80)
    (tmp_path / "gbk.csv").write_bytes("姓名,手机\n张三,13800138000\n".encode("gbk"))
    (tmp_path / "text.db").write_text("hello\n" * 50)
    (tmp_path / "head.db").write_bytes((tmp_path / "crm.db").read_bytes()[:50])
    newer = bytearray((tmp_path / "crm.db").read_bytes())
    newer[60:64] = (99).to_bytes(4, "big")
    (tmp_path / "newer.db").write_bytes(newer)
    (tmp_path / "folder").mkdir()
    return tmp_path


def state(here: Path) -> str:
    with open_workspace(str(here / "crm.db"), actor="me") as workspace:
        return logical_digest(workspace.database.writer)


def call(here: Path, *words: str, before: tuple[str, ...] = (), **options: Any) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "CRMTUI"))}
    environment |= {"HOME": str(here / "home"), "LANG": "C.UTF-8", "LOGNAME": "me", "CRMTUI_DB": str(here / "crm.db")}
    environment |= options.pop("env", {})
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    ran = subprocess.run(
        [*before, sys.executable, "-m", "crmtui", *words], cwd=here, env=environment, text=True, check=False, **options
    )
    assert "Traceback" not in (ran.stderr or "") and ran.returncode not in (70, 1), ran
    return ran


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("import empty.csv", 4, "empty.csv: the file is empty"),
        ("import zero.xlsx", 4, "zero.xlsx: the file is empty"),
        ("import folder", 4, "folder: this is a folder"),
        ("import binary.csv", 4, "binary.csv"),
        ("import nowhere.csv", 2, "nowhere.csv: there is no such file"),
        ("import /dev/null", 4, "this is a pipe or a device"),
        ("import gbk.csv --encoding utf-8", 4, "is not utf-8"),
        ("import good.csv --encoding nonsense", 2, "there is no encoding named"),
        ("import good.csv --as xlsx", 4, "this is not Excel"),
        ("import good.csv --delimiter xx", 2, "the delimiter “xx” is not one character"),
        ("import good.csv --region XX", 2, "there is no country “XX”"),
        ("import good.csv --header-row 99", 4, "there is no row 99"),
        ("import good.csv --map 手机=nix", 2, "there is no field nix"),
        ("--db text.db find x", 2, "this is not a customer file"),
        ("--db text.db add name=x", 2, "this is not a customer file"),
        ("--db head.db find x", 4, "the file is damaged"),
        ("--db newer.db find x", 2, "schema 99"),
        ("--db folder find x", 2, "this is a folder"),
        ("--db empty.csv find x", 2, "the file is empty"),
        ("--db /dev/null find x", 2, "this is a pipe or a device"),
        ("--db nowhere.db find x", 2, "there is no customer file here yet"),
        ("fnd x", 2, "Did you mean find?"),
        ("find --limt 3", 2, "Did you mean --limit?"),
        ("backup --frob", 2, "backup has no option --frob"),
        ("find --db", 2, "--db needs a value"),
        ("export out.docx", 2, "does not say which format"),
        ("export folder/../folder --as csv", 4, "something of this name that is not a file"),
    ],
)
def test_a_failure_is_told_with_the_next_step(here: Path, words: str, code: int, said: str) -> None:
    before = state(here)
    ran = call(here, *words.split())
    assert ran.returncode == code, ran.stderr
    assert said in ran.stderr
    lines = ran.stderr.strip().splitlines()
    assert lines[0].startswith("crmtui: ") and len(lines) >= 2, ran.stderr
    if words.startswith("import"):
        assert any(word in ran.stderr for word in ("Nothing was imported", "Nothing was changed")), ran.stderr
    assert "Did you mean --db" not in ran.stderr
    assert state(here) == before


def test_a_list_without_rows_says_so(here: Path) -> None:
    ran = call(here, "import", "header.csv")
    assert ran.returncode == 0
    assert "no rows" in ran.stderr


def test_a_file_of_zeros_is_no_customer(here: Path) -> None:
    assert call(here, "import", "nul.csv").returncode == 4


full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")


@full
@pytest.mark.parametrize(
    "words", ["find", "find --json", "find --csv", "show 1", "export - --as csv", "history", "--help"]
)
def test_output_to_a_full_disk_is_told(here: Path, words: str) -> None:
    with open("/dev/full", "w") as stream:
        ran = call(here, *words.split(), stdout=stream)
    assert ran.returncode == 4, ran
    assert "the output cannot be written: No space left on device" in ran.stderr


@full
def test_complaints_to_a_full_disk_are_told_by_the_exit_code(here: Path) -> None:
    with open("/dev/full", "w") as stream:
        assert call(here, "show", "x", stderr=stream).returncode == 2


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["find", "add name=Ben", "export - --as csv", "import good.csv"])
def test_closed_streams_are_no_failure(here: Path, closed: str, words: str) -> None:
    before = ("sh", "-c", f'exec "$@" {closed}', "sh")
    ran = call(here, *words.split(), before=before)
    assert ran.returncode == 0, ran
    assert call(here, "verify").returncode == 0


def test_an_import_from_a_closed_stdin_is_told(here: Path) -> None:
    ran = call(here, "import", "-", "--as", "csv", before=("sh", "-c", 'exec "$@" <&-', "sh"))
    assert ran.returncode == 4
    assert "the file is empty" in ran.stderr


def test_who_stops_reading_gets_no_complaint(here: Path) -> None:
    for words in (["find", "--json"], ["--help"], ["export", "-", "--as", "csv"]):
        ran = call(here, *words, before=("sh", "-c", 'exec "$@" | head -c 1 >/dev/null', "sh"))
        assert (ran.returncode, ran.stderr) in ((0, ""), (0, "wrote 1 customer\n"), (0, "1 of 1\n")), ran


def test_what_may_not_be_read_is_told(here: Path) -> None:
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:
        before = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
        if shutil.which("setpriv") is None:
            pytest.skip("root may read everything")
    (here / "good.csv").chmod(0)
    (here / "crm.db").chmod(0)
    ran = call(here, "find", before=before)
    assert ran.returncode == 2 and "cannot be opened: Permission denied" in ran.stderr
    (here / "crm.db").chmod(0o600)
    ran = call(here, "import", "good.csv", before=before)
    assert ran.returncode == 2 and "cannot be opened: Permission denied" in ran.stderr


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": "dumb"},
        {"LANG": "C"},
        {"LC_ALL": "POSIX"},
        {"COLUMNS": "20"},
        {"COLUMNS": "0"},
        {"COLUMNS": "x"},
        {"HOME": ""},
    ],
)
def test_odd_surroundings_do_no_harm(here: Path, environment: dict[str, str]) -> None:
    add = call(here, "add", "name=张三", env=environment)
    assert add.returncode == 0
    ran = call(here, "find", env=environment, encoding="utf-8", errors="replace")
    assert ran.returncode == 0 and ran.stdout.count("\n") == 3
    app = call(here, env=environment)
    assert app.returncode == 2 and "the app needs a terminal" in app.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_an_import_leaves_nothing_and_says_so(here: Path, number: int) -> None:
    rows = "".join(f"张{row},138{row:08d}\n" for row in range(40_000))
    (here / "long.csv").write_text("姓名,手机\n" + rows, encoding="utf-8")
    environment = {**os.environ, "CRMTUI_DB": str(here / "crm.db"), "HOME": str(here / "home"), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "crmtui", "import", "long.csv"],
        cwd=here,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 30
    while time.monotonic() < until and not any(".operation-" in name for name in os.listdir(here)):
        time.sleep(0.002)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, (out, err)
    assert "Nothing of it was kept" in err or "nothing half done stays" in err
    assert call(here, "find").stdout.count("\n") == 2
    assert call(here, "verify").returncode == 0
