"""Drive an installed crmtui as a person does: its commands, or the screen in a terminal.

    smoke.py commands PROGRAM       the contract of the command line that needs no data
    smoke.py screen COMMAND         start the app in a pseudo-terminal, see customers, press keys, quit with q

Needs only the standard library, so that the program under test may come from any environment. Each step prints a line;
the first failure ends the run with exit code 1 and shows what was on the screen.
"""

import argparse
import contextlib
import fcntl
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

ROWS, COLUMNS = 24, 80
ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P^_].*?\x1b\\|\x1b[@-Z\\-_=>]", re.S
)
CUSTOMERS = re.compile(r"\bof [1-9][0-9,]{3,}")
MODES = re.compile(r"\x1b\[\?([0-9;]+)([hl])")
ON_BY_DEFAULT = {"7", "25"}  # line wrap and the cursor: everything else a program switches on it must switch off


class SmokeError(Exception):
    """A step that did not go as the contract says."""


def main(arguments: list[str] | None = None) -> int:
    """Run one of the two parts; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    commands = parts.add_parser("commands")
    commands.add_argument("program", help="the crmtui to run")
    screen = parts.add_parser("screen")
    screen.add_argument("--start-within", type=float, default=20, help="seconds until customers must show (20)")
    screen.add_argument("command", help="what starts the app, as one would type it into a shell")
    options = parser.parse_args(arguments)
    try:
        with clean_environment() as environment:
            if options.part == "commands":
                check_commands(str(Path(options.program).absolute()), environment)
            else:
                check_screen(options.command, environment, options.start_within)
    except SmokeError as error:
        print(f"FAILED: {error}", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def clean_environment() -> Iterator[dict[str, str]]:
    """The environment of a new user: no settings, no data, no CRMTUI variables, UTF-8, English; only pip is set up."""
    with tempfile.TemporaryDirectory(prefix="crmtui-smoke-") as folder:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "CRMTUI_", "LC_"))
        }
        environment.pop("NO_COLOR", None)
        environment.setdefault("PIP_CONFIG_FILE", str(Path("~/.config/pip/pip.conf").expanduser()))
        for kind in ("DATA", "CONFIG", "STATE"):
            environment[f"XDG_{kind}_HOME"] = str(Path(folder, kind.lower()))
        yield {**environment, "LANG": "C.UTF-8", "TERM": "xterm-256color"}


def check_commands(program: str, environment: dict[str, str]) -> None:
    """The command line without data: version, help, usage errors, a search in a database that is not there."""
    done = run_step([program, "--version"], environment, (0,))
    if not re.search(r"\b[0-9]+\.[0-9]+", done.stdout):
        raise SmokeError(f"--version told no version: {done.stdout!r}")
    done = run_step([program, "--help"], environment, (0,))
    if "find" not in done.stdout:
        raise SmokeError("--help does not name the verb find")
    run_step([program, "demo", "--help"], environment, (0,))
    run_step([program, "no-such-verb"], environment, (2,))
    run_step([program, "find", "zhang"], environment, (1, 2))
    run_step([program, "--lang", "zh_CN", "--help"], environment, (0,))


def run_step(
    command: list[str], environment: dict[str, str], codes: tuple[int, ...]
) -> "subprocess.CompletedProcess[str]":
    """Run a command as the new user; SmokeError for another exit code than ``codes`` or for a traceback."""
    shown = shlex.join([Path(command[0]).name, *command[1:]])
    started = time.monotonic()
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SmokeError(f"{shown}: {error}") from error
    print(f"  {shown}: exit code {done.returncode}, {time.monotonic() - started:.2f} s", flush=True)
    if done.returncode not in codes or "Traceback" in done.stderr:
        raise SmokeError(f"{shown}: expected exit code {codes}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done


class Terminal:
    """A program in a pseudo-terminal of 80×24, and all it has written."""

    def __init__(self, command: str, environment: dict[str, str]) -> None:
        self.written = ""
        self._seen = 0
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._settings = termios.tcgetattr(self._slave)
        self._process = subprocess.Popen(
            ["sh", "-c", command],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def read(self, seconds: float) -> bool:
        """Take what arrives within ``seconds``; False if nothing did."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        self.written += os.read(self._master, 65536).decode("utf-8", "replace")
        return True

    def wait_for(self, pattern: re.Pattern[str], seconds: float, what: str) -> None:
        """Read until ``pattern`` shows in the text; SmokeError when the time is over or the program has ended."""
        end = time.monotonic() + seconds
        while not pattern.search(self.text()):
            if not self.read(0.1) and self._process.poll() is not None:
                raise SmokeError(f"the program ended ({self._process.returncode}) before {what}\n{self.tail()}")
            if time.monotonic() > end:
                raise SmokeError(f"no {what} within {seconds:.0f} s\n{self.tail()}")

    def settle(self) -> None:
        """Read until nothing has arrived for a while."""
        while self.read(0.4):
            pass

    def press(self, keys: str, what: str) -> None:
        """Type ``keys``; SmokeError when the screen does not answer within 5 seconds."""
        before = len(self.written)
        os.write(self._master, keys.encode())
        if not self.read(5):
            raise SmokeError(f"the screen does not answer to {what}\n{self.tail()}")
        self.settle()
        print(f"  {what}: {len(self.written) - before} characters came", flush=True)

    def leave(self, keys: str, seconds: float) -> int:
        """Type ``keys`` and wait for the end; returns the exit code. SmokeError when it does not end in time."""
        os.write(self._master, keys.encode())
        end = time.monotonic() + seconds
        while self._process.poll() is None:
            self.read(0.02)
            if time.monotonic() > end:
                raise SmokeError(f"still running {seconds:.0f} s after {keys!r}\n{self.tail()}")
        while self.read(0.1):
            pass
        return self._process.returncode

    def unrestored(self) -> list[str]:
        """What the program has left changed in the terminal."""
        state: dict[str, str] = {}
        for numbers, switch in MODES.findall(self.written):
            state.update(dict.fromkeys(numbers.split(";"), switch))
        left = [f"mode {mode}" for mode, switch in state.items() if (switch == "l") == (mode in ON_BY_DEFAULT)]
        if self.written.count("\x1b[>1u") > self.written.count("\x1b[<u"):
            left.append("keyboard protocol")
        if termios.tcgetattr(self._slave) != self._settings:
            left.append("line settings (stty)")
        return left

    def text(self) -> str:
        """The text written, without control sequences."""
        return ESCAPES.sub("", self.written)

    def tail(self) -> str:
        """The end of the text, for a failure's report."""
        return re.sub(r" {3,}", "  ", self.text())[-2000:]

    def close(self) -> None:
        """End the program if it still runs, and the terminal."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        os.close(self._master)
        os.close(self._slave)


def check_screen(command: str, environment: dict[str, str], start_within: float) -> None:
    """Start the app, wait for customers, move, quit; the terminal must be as it was."""
    started = time.monotonic()
    terminal = Terminal(command, environment)
    try:
        terminal.wait_for(CUSTOMERS, start_within, "list of customers (“n of N”)")
        print(f"  customers on the screen after {time.monotonic() - started:.2f} s", flush=True)
        terminal.settle()
        for keys, what in (("j", "j"), ("\x1b[B", "down"), ("k", "k"), ("G", "G"), ("gg", "gg")):
            terminal.press(keys, what)
        code = terminal.leave("q", 10)
        print(f"  q: exit code {code}", flush=True)
        if code != 0:
            raise SmokeError(f"exit code {code}\n{terminal.tail()}")
        left = terminal.unrestored()
        if left:
            raise SmokeError("the terminal is not as it was: " + ", ".join(left))
        print("  the terminal is as it was", flush=True)
    finally:
        terminal.close()


if __name__ == "__main__":
    sys.exit(main())
