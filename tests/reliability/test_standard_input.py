"""What comes from stdin lies on disk for a time: nobody else can read it, and nothing of it stays, however the process ends."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROWS = b"name,email\n" + b"".join(b"Name %d,a%d@b.example\n" % (n, n) for n in range(60_000))


def start(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "CRMTUI"))}
    environment |= {"HOME": str(folder), "LANG": "C.UTF-8", "LOGNAME": "me", "CRMTUI_DB": str(folder / "crm.db")}
    return subprocess.Popen(
        [sys.executable, "-m", "crmtui", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=folder,
        umask=0,
    )


def spools(folder: Path) -> list[Path]:
    return list(folder.glob(".crmtui-stdin-*"))


def wait_for_spool(folder: Path, process: "subprocess.Popen[bytes]", *, known: Path | None = None) -> Path:
    """The folder into which ``process`` has begun to write what it is sent."""
    assert process.stdin is not None
    process.stdin.write(ROWS)
    process.stdin.flush()
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for each in spools(folder):
            if each != known and (each / "stdin").exists() and (each / "stdin").stat().st_size:
                return each
        time.sleep(0.01)
    raise AssertionError("nothing was spooled")


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    process = start(tmp_path, "import", "-", "--json")
    spool = wait_for_spool(tmp_path, process)
    assert stat.S_IMODE(spool.stat().st_mode) == 0o700
    assert stat.S_IMODE((spool / "stdin").stat().st_mode) == 0o600
    out, _err = process.communicate()
    assert process.returncode == 0
    assert b'"created": 60000' in out
    assert spools(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_nothing_stays_when_it_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path, "import", "-")
    wait_for_spool(tmp_path, process)
    process.send_signal(number)
    process.communicate()
    assert process.returncode == 130
    assert spools(tmp_path) == []


def test_what_a_kill_leaves_the_next_one_takes_away(tmp_path: Path) -> None:
    killed = start(tmp_path, "import", "-")
    left = wait_for_spool(tmp_path, killed)
    reading = start(tmp_path, "inspect", "-")
    other = wait_for_spool(tmp_path, reading, known=left)
    killed.kill()
    killed.communicate()
    assert left.exists()
    last = start(tmp_path, "inspect", "-")
    last.communicate(ROWS)
    assert last.returncode == 0
    assert spools(tmp_path) == [other]
    reading.communicate()
    assert reading.returncode == 0
    assert spools(tmp_path) == []


def test_a_pipe_named_as_a_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "/dev/zero"):
        process = start(tmp_path, "import", name)
        _out, err = process.communicate(timeout=60)
        assert process.returncode == 4
        assert b"this is a pipe or a device" in err
