"""Run a command and watch it: how long it takes, and how much memory it and its children hold."""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

WATCH_EVERY = 0.1


class Run(NamedTuple):
    """A command that ended well."""

    seconds: float
    peak_mb: float
    """Resident memory of the process and its children together, at its highest."""
    cpu_seconds: float


def run(command: Sequence[str], *, meanwhile: Callable[[float], None] | None = None) -> Run:
    """Run a command to its end. ``meanwhile`` is called every ``WATCH_EVERY`` seconds with the seconds since its start.

    Raises RuntimeError with the end of its stderr when it fails.
    """
    begun, before = time.perf_counter(), os.times()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        said: list[str] = []
        stderr = process.stderr
        talker = threading.Thread(target=lambda: said.extend(stderr or ()), daemon=True)
        talker.start()
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, memory_mb(process.pid))
            if meanwhile:
                meanwhile(time.perf_counter() - begun)
            time.sleep(WATCH_EVERY)
        seconds = time.perf_counter() - begun
        talker.join(1)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {''.join(said)[-500:]}")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(seconds, peak, cpu)


def memory_mb(pid: int) -> float:
    """Resident memory of a process and all below it, in MB; pages that they share count once for each."""
    total, waiting = 0.0, [pid]
    while waiting:
        process = waiting.pop()
        try:
            pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
            for task in Path(f"/proc/{process}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except (OSError, IndexError):
            continue  # it ended meanwhile
        total += pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    return total
