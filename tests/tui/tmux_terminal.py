"""The real program in a tmux of its own: what is on the screen, and where the terminal's cursor stands."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from rich.cells import cell_len

PATIENCE = 10.0
STEP = 0.03
CALM = 5
"""Looks in a row that find the screen as it was."""


class TmuxTerminal:
    """A program in a tmux server that nobody else uses. Leave it with ``close``."""

    def __init__(
        self,
        folder: Path,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        term: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if not shutil.which("tmux"):
            pytest.skip("tmux is not installed")
        self._tmux = ["tmux", "-u", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        own = {name: value for name, value in os.environ.items() if name not in ("TMUX", "STY", "NO_COLOR")}
        own |= {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "SHELL": "/bin/sh"}
        for kind in ("DATA", "CONFIG", "STATE"):
            own[f"XDG_{kind}_HOME"] = str(folder / kind.lower())
        words = [*(f"{name}={value}" for name, value in (environment or {}).items()), *command]
        line = "exec env " + " ".join(f"'{word}'" for word in words)
        settings = ["set", "-g", "escape-time", "0", ";", "set", "-g", "status", "off", ";"]
        settings += ["set", "-g", "default-terminal", term or "tmux-256color", ";"]
        size = ["-x", str(columns), "-y", str(rows)]
        subprocess.run([*self._tmux, *settings, "new", "-d", *size, line], check=True, env=own)

    def _ask(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], capture_output=True, text=True).stdout

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names (``Home``, ``C-s``, ``/``)."""
        subprocess.run([*self._tmux, "send-keys", *keys], check=True)

    def type(self, text: str) -> None:
        """Type text as an input method commits it."""
        subprocess.run([*self._tmux, "send-keys", "-l", text], check=True)

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        subprocess.run([*self._tmux, "resize-window", "-x", str(columns), "-y", str(rows)], check=True)

    def lines(self, *, styles: bool = False) -> list[str]:
        """The screen, a line each; with ``styles`` with its escape sequences."""
        return self._ask("capture-pane", "-p", *(["-e"] if styles else [])).split("\n")

    def text(self) -> str:
        """The screen as one string."""
        return "\n".join(self.lines())

    def cursor(self) -> tuple[int, int]:
        """Column and row of the terminal's cursor, from 0: where an input method opens its window."""
        x, y = self._ask("display", "-p", "#{cursor_x} #{cursor_y}").split()
        return int(x), int(y)

    def around_cursor(self) -> tuple[str, str]:
        """What stands left and right of the cursor on its line."""
        x, y = self.cursor()
        line = self.lines()[y]
        for at in range(len(line) + 1):
            if cell_len(line[:at]) == x:
                return line[:at], line[at:]
        return line + " " * (x - cell_len(line)), ""

    def wait(self, met: Callable[[], bool], what: str) -> None:
        """Look until it is so; fails with the screen when it never is."""
        end = time.monotonic() + PATIENCE
        while not met():
            if time.monotonic() > end:
                left, right = self.around_cursor()
                pytest.fail(f"{what}\ncursor {self.cursor()} between {left[-20:]!r} and {right[:20]!r}\n{self.text()}")
            time.sleep(STEP)

    def wait_for(self, text: str) -> None:
        """Wait until the text is on the screen."""
        self.wait(lambda: text in self.text(), f"{text!r} did not come")

    def settle(self) -> None:
        """Wait until neither the screen nor the cursor has changed for a while."""
        same, last = 0, ("", (0, 0))
        end = time.monotonic() + PATIENCE
        while same < CALM and time.monotonic() < end:
            time.sleep(STEP)
            now = (self.text(), self.cursor())
            same, last = (same + 1 if now == last else 0), now

    def process(self) -> int:
        """The process that runs in the terminal."""
        return int(self._ask("display", "-p", "#{pane_pid}"))

    def close(self) -> None:
        """End the program and its tmux."""
        subprocess.run([*self._tmux, "kill-server"], check=False, capture_output=True)


def crmtui(database: Path) -> list[str]:
    """The command that opens the app on a file."""
    return [sys.executable, "-m", "crmtui", "--db", str(database)]
