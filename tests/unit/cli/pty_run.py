"""A real terminal for one run of the program: a pseudo-terminal, and pyte to see what is on it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence

import pyte

DEADLINE = 20.0


class Run:
    """``crmtui`` with these words on a terminal of its own."""

    def __init__(self, words: Sequence[str], environment: dict[str, str], columns: int = 80, rows: int = 24) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.raw = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crmtui", *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._slave = slave

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def shown(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def wait_for(self, seen: Callable[[str], bool] | str) -> str:
        """Read until the screen shows a text (or a condition holds); AssertionError with the screen when it never does."""
        holds = (lambda screen: seen in screen) if isinstance(seen, str) else seen
        end = time.monotonic() + DEADLINE
        while not holds(self.shown()):
            assert time.monotonic() < end, self.shown()
            self._read(0.05)
        return self.shown()

    def ends(self) -> int:
        """Read until the process is over; its exit code."""
        end = time.monotonic() + DEADLINE
        while self.process.poll() is None:
            assert time.monotonic() < end, self.shown()
            self._read(0.02)
        self._read(0.02)
        return self.process.returncode

    def is_restored(self) -> bool:
        """Whether the terminal is in the modes it had before, and bracketed paste is off."""
        return termios.tcgetattr(self._slave) == self.before and self.raw.count(b"?2004h") == self.raw.count(b"?2004l")

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for descriptor in (self.master, self._slave):
            try:
                os.close(descriptor)
            except OSError:
                continue

    def _read(self, seconds: float) -> None:
        if select.select([self.master], [], [], seconds)[0]:
            try:
                arrived = os.read(self.master, 65_536)
            except OSError:
                return
            self.raw += arrived
            self._stream.feed(arrived)
