"""The disk says no: full, broken, read-only, cut off. It is told what happened, what was kept and what to do; the file stays good."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from crmtui.services import record
from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.services.checking import verify
from crmtui.services.workspace import open_workspace
from crmtui.storage.digest import logical_digest
from crmtui.storage.history import read_operation
from crmtui.storage.long_operation import unfinished

WORKER = Path(__file__).with_name("crash_worker.py")
ROWS = 2000
ACTS = {
    "edit": ["edit", "1", "notes=changed", "phone=13912345678"],
    "import": ["import", "more.csv", "--region", "CN"],
    "undo": ["undo"],
    "backup": ["backup"],
    "export": ["export", "out.csv"],
    "export xlsx": ["export", "out.xlsx"],
}
POINTS = (0.02, 0.3, 0.7) if os.environ.get("CRMTUI_HOSTILE") == "all" else (0.3,)


class Ran(NamedTuple):
    code: int
    err: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a customer file of one import, and a list that is not in it."""
    folder = tmp_path_factory.mktemp("disk")
    for name, family, rows in (("first.csv", "李", 300), ("more.csv", "张", ROWS)):
        lines = (f"{family}{row},13{len(family)}0{row:07d},{name}{row}@e.cn,x{row}" for row in range(rows))
        (folder / name).write_text("\n".join(["姓名,手机,邮箱,备注", *lines]), encoding="utf-8")
    with open_workspace(str(folder / "crm.db"), actor="ann", region="CN", create=True) as workspace:
        run_import(workspace, str(folder / "first.csv"), ImportOptions(region="CN"))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "work"))


def crmtui(folder: Path, words: list[str], *, before: list[str] | None = None, **options: Any) -> Ran:
    """Run the program on the folder's customer file."""
    environment = {**os.environ, "LANG": "C.UTF-8", "LOGNAME": "ann", "CRMTUI_DB": str(folder / "crm.db")}
    environment |= {f"XDG_{kind}_HOME": str(folder / "home") for kind in ("DATA", "CONFIG", "STATE")}
    process = subprocess.run(
        [*(before or []), sys.executable, "-m", "crmtui", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    return Ran(process.returncode, process.stderr)


def told(ran: Ran) -> bool:
    """Whether a failure was told as promised: what happened and where, what was kept, what to do."""
    assert "Traceback" not in ran.err
    assert ran.code in (2, 4), ran
    head, *rest = ran.err.strip().splitlines()
    assert head.startswith(("crmtui: /", "crmtui: more.csv")), ran.err
    assert len(rest) >= 2, ran.err
    assert "damaged" not in ran.err and "restore" not in ran.err, ran.err
    return True


def state(folder: Path) -> str:
    """The digest of the file after every check was passed."""
    with open_workspace(str(folder / "crm.db"), actor="ann") as workspace:
        assert [finding for finding in verify(workspace) if not finding.ok] == []
        assert unfinished(workspace.database.writer) == []
        return logical_digest(workspace.database.writer)


def judge(folder: Path, act: str, before: str, ran: Ran) -> None:
    """It either told a failure and left everything as it was, or did all of it. An undo may be finished at this start."""
    if ran.code:
        told(ran)
    after = state(folder)
    if act in ("backup", "export", "export xlsx") or (ran.code and act != "undo"):
        assert after == before
    elif ran.code == 0:
        assert after != before
    if ran.code and act.startswith("export"):
        assert not [name for name in os.listdir(folder) if name.startswith("out.")]
    assert crmtui(folder, ["add", "name=it works again"]).code == 0


@pytest.mark.parametrize("act", ACTS)
def test_files_may_not_grow(folder: Path, act: str) -> None:
    before = state(folder)
    most = {"export": 4096, "export xlsx": 4096}.get(act, 120_000 if act in ("edit", "undo") else 300_000)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    ran = crmtui(folder, ACTS[act], preexec_fn=limit)
    judge(folder, act, before, ran)
    if act != "edit":  # it fits
        assert ran.code


needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@needs_strace
@pytest.mark.parametrize(
    ("act", "call", "error"),
    [
        *((act, "pwrite64", "ENOSPC") for act in ("edit", "import", "undo", "backup")),
        *((act, "fsync", "EIO") for act in ("edit", "import", "undo", "backup", "export", "export xlsx")),
        ("edit", "ftruncate", "ENOSPC"),
        ("import", "pwrite64", "EIO"),
        ("export", "rename", "ENOSPC"),
    ],
)
def test_a_system_call_fails_from_some_moment_on(made: Path, tmp_path: Path, act: str, call: str, error: str) -> None:
    counted = Path(shutil.copytree(made, tmp_path / "counted"))
    log = tmp_path / "log"
    watched = ["strace", "-f", "-qq", "-e", f"trace={call}"]
    if crmtui(counted, ACTS[act], before=[*watched, "-o", str(log)]).code:
        pytest.skip("strace may not watch processes here")
    count = log.read_text(errors="replace").count(f"{call}(")
    for point in POINTS:
        folder = Path(shutil.copytree(made, tmp_path / f"at {point}"))
        before = state(folder)
        when = f"inject={call}:error={error}:when={max(1, round(count * point))}+"
        judge(folder, act, before, crmtui(folder, ACTS[act], before=[*watched, "-o", "/dev/null", "-e", when]))


@pytest.fixture
def small_disk(made: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder on a file system of its own that is nearly full."""
    place = tmp_path / "disk"
    place.mkdir()
    used = sum(path.stat().st_size for path in made.iterdir())
    mount = ["mount", "-t", "tmpfs", "-o", f"size={used + 24_000_000}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        shutil.copytree(made, place, dirs_exist_ok=True)
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


@pytest.mark.parametrize("act", ["edit", "import", "undo", "backup", "export"])
@pytest.mark.parametrize("free", [0, 100_000])
def test_a_full_disk(small_disk: Path, act: str, free: int) -> None:
    before = state(small_disk)
    room = os.statvfs(small_disk)
    filler = small_disk / "filler"
    with filler.open("wb") as stream:
        stream.write(b"\0" * max(0, room.f_bavail * room.f_frsize - free))
    ran = crmtui(small_disk, ACTS[act])
    assert ran.code or (free and act in ("edit", "export", "undo")), ran
    if ran.code:
        told(ran)
        assert "full" in ran.err or "space" in ran.err, ran.err
    reading = crmtui(small_disk, ["find", "李1"])
    assert reading.code == 0 or told(reading)
    filler.unlink()
    judge(small_disk, act, before, ran)


@pytest.fixture
def bound(tmp_path: Path) -> list[str]:
    """What to run a program with so that permissions bind it, for root as well."""
    if os.geteuid() != 0:
        return []
    words = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    probe = tmp_path / "probe"
    probe.touch(0o400)
    test = "import os, sys; sys.exit(os.access(sys.argv[1], os.W_OK))"
    if shutil.which("setpriv") is None or subprocess.run([*words, sys.executable, "-c", test, str(probe)]).returncode:
        pytest.skip("root may write everywhere")
    return words


@pytest.mark.parametrize("what", ["file", "folder", "both"])
def test_what_may_not_be_written_can_still_be_read(folder: Path, bound: list[str], what: str) -> None:
    (folder / "home").mkdir()
    before = (folder / "crm.db").read_bytes()
    if what in ("file", "both"):
        (folder / "crm.db").chmod(0o444)
    if what in ("folder", "both"):
        folder.chmod(0o555)
    try:
        assert crmtui(folder, ["find", "李12"], before=bound).code == 0
        assert crmtui(folder, ["show", "1"], before=bound).code == 0
        for act in ("edit", "import", "undo", "backup"):
            ran = crmtui(folder, ACTS[act], before=bound)
            assert (ran.code and told(ran)) or (act == "backup" and what == "file"), (act, ran)
        if what != "file":
            assert told(crmtui(folder, ACTS["export"], before=bound))
    finally:
        folder.chmod(0o755)
    assert (folder / "crm.db").read_bytes() == before


def test_power_cuts_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """The writer is stopped at random moments; what is copied then, with a torn end of the log that was not acknowledged, is what
    a power cut leaves: no proper close, no shared memory, no lock files."""
    draw = random.Random(11)
    database = tmp_path / "crm.db"
    process = subprocess.Popen(
        [sys.executable, str(WORKER), str(database), "11"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    acknowledged: list[tuple[int, str]] = []
    safe = 0
    heard = b""
    try:
        for cut in range(12):
            until = time.monotonic() + (2.5 if cut == 0 else draw.uniform(0.02, 0.4))
            while time.monotonic() < until:
                said = process.stdout.read()
                if said:
                    *lines, heard = (heard + said).split(b"\n")
                    words = [line.split() for line in lines if line.startswith(b"ACK ")]
                    acknowledged += [(int(operation), digest.decode()) for _ack, operation, digest in words]
                    safe = _size(f"{database}-wal")
                time.sleep(0.001)
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.01)
            late = process.stdout.read()
            *lines, heard = (heard + (late or b"")).split(b"\n")
            words = [line.split() for line in lines if line.startswith(b"ACK ")]
            acknowledged += [(int(operation), digest.decode()) for _ack, operation, digest in words]
            copy = tmp_path / f"cut-{cut}"
            copy.mkdir()
            for part in ("", "-wal"):
                if os.path.exists(f"{database}{part}"):
                    shutil.copyfile(f"{database}{part}", f"{copy / 'crm.db'}{part}")
            log, size = copy / "crm.db-wal", _size(f"{database}-wal")
            safe = size if words else min(safe, size)
            if size > safe:
                with log.open("r+b") as stream:
                    stream.truncate(draw.randint(safe, size))
            process.send_signal(signal.SIGCONT)
            if acknowledged:
                _survived(copy, acknowledged)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert acknowledged


def _size(path: str) -> int:
    return os.path.getsize(path) if os.path.exists(path) else 0


def _survived(copy: Path, acknowledged: list[tuple[int, str]]) -> None:
    last, digest = acknowledged[-1]
    with open_workspace(str(copy / "crm.db"), actor="ann", region="CN") as workspace:
        connection = workspace.database.writer
        assert [finding for finding in verify(workspace) if not finding.ok] == []
        assert unfinished(connection) == []
        for operation in {operation for operation, _digest in acknowledged} - {0}:
            assert read_operation(connection, operation) is not None
        newest = connection.execute("SELECT coalesce(max(id), 0) FROM operations").fetchone()[0]
        if newest == last:
            assert logical_digest(connection) == digest
        record.add_customer(workspace, {"name": "and it can be worked with"})
