"""The program as a process of its own: pipes, encodings, terminals, exit codes."""

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from crmtui.cli import run; run()"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A new user with one customer; nothing of the caller's environment but what Python needs."""
    values = {
        "HOME": str(tmp_path),
        "PATH": "",
        "USER": "ada",
        "LANG": "C.UTF-8",
        "CRMTUI_DB": str(tmp_path / "work.db"),
    }
    subprocess.run([*PROGRAM, "add", "张伟", "phone=+8613812345678", "notes=" + "x" * 500], env=values, check=True)
    return values


def _call(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([*PROGRAM, *words], env=environment, capture_output=True, stdin=subprocess.DEVNULL)


def test_the_process_ends_with_the_code_and_all_of_its_output(environment: dict[str, str]) -> None:
    done = _call(environment, "find", "138-1234-5678", "--fields", "name,notes")
    assert (done.returncode, done.stderr) == (0, b"1 of 1\n")
    assert ("x" * 500).encode() in done.stdout
    assert _call(environment, "find", "nobody").returncode == 1
    assert _call(environment, "fnd").returncode == 2
    assert _call(environment, "find", "x", "--db", "/dev/null").returncode == 2


def test_machine_formats_are_utf_8_and_text_never_fails_in_any_locale(environment: dict[str, str]) -> None:
    plain = environment | {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    assert "张伟".encode() in _call(plain, "find", "zw", "--json").stdout
    assert "张伟".encode() in _call(plain, "find", "zw", "--csv").stdout
    done = _call(plain, "find", "zw")
    assert done.returncode == 0
    assert b"\\u5f20\\u4f1f" in done.stdout


def test_a_reader_that_leaves_early_is_no_failure(environment: dict[str, str]) -> None:
    read, write = os.pipe()
    process = subprocess.Popen([*PROGRAM, "--help"], env=environment, stdout=write, stderr=subprocess.PIPE)
    os.close(read)
    os.close(write)
    _out, told = process.communicate()
    assert (process.returncode, told) == (0, b"")


def test_a_terminal_gets_its_width_and_no_more(environment: dict[str, str]) -> None:
    main_end, terminal = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "find", "zw", "--fields", "name,notes"],
        env=environment | {"COLUMNS": "40", "TERM": "xterm"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    written = b""
    try:
        while chunk := os.read(main_end, 4096):
            written += chunk
    except OSError:  # Linux says so when the other end is closed
        pass
    finally:
        os.close(main_end)
    assert process.wait() == 0
    title, row, tally = written.decode().splitlines()
    assert title.startswith("\x1b[1mName")
    assert title.endswith("\x1b[0m")
    assert row == f"张伟  {'x' * 33}…"
    assert tally == "1 of 1"


def test_ctrl_c_is_130_and_leaves_the_file_good(environment: dict[str, str]) -> None:
    read, write = os.pipe()
    process = subprocess.Popen([*PROGRAM, "log", "1", "-"], env=environment, stdin=read, stderr=subprocess.PIPE)
    os.write(write, b"half a no")
    deadline = time.monotonic() + 20
    while _waiting_bytes(read) and time.monotonic() < deadline:
        os.sched_yield()  # until the verb has begun to read
    process.send_signal(signal.SIGINT)
    _out, told = process.communicate()
    os.close(read)
    os.close(write)
    assert process.returncode == 130
    assert b"Traceback" not in told
    assert _call(environment, "show", "1", "--json", "--all").stdout.count(b'"interactions": []') == 1


def _waiting_bytes(pipe: int) -> int:
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4), sys.byteorder)
