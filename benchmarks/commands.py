"""``crmtui find`` as a whole process."""

import subprocess
import time
from collections.abc import Sequence

from figures import Figure
from setting import Setting

from crmtui.storage.database import Database

ROUNDS = 15


def measure(setting: Setting) -> tuple[list[Figure], list[str]]:
    """The best of ``ROUNDS``, in turns with an interpreter that does nothing."""
    with Database.open(str(setting.database), readonly=True) as database:
        row = database.reader().execute(
            "SELECT phone, name FROM customers WHERE phone LIKE '+861%' AND archived_at IS NULL LIMIT 1 OFFSET 20000"
        )
        phone, name = row.fetchone()
    commands: dict[str, Sequence[str]] = {
        "python -c pass": [setting.python, "-c", "pass"],
        "by phone": [*setting.app(), "find", phone[3:]],
        "by name, as JSON lines": [*setting.app(), "--jsonl", "find", "--limit", "20", name],
    }
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(ROUNDS):
        for label, command in commands.items():
            begun = time.perf_counter()
            done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            best[label] = min(best[label], (time.perf_counter() - begun) * 1000)
            if done.returncode:
                raise RuntimeError(f"{command} ended with {done.returncode}")
    nothing = best.pop("python -c pass")
    figures = [
        Figure(f"crmtui find {label}, whole process, best of {ROUNDS}", taken, "ms", 60, "python -c pass", nothing, 3.0)
        for label, taken in best.items()
    ]
    return figures, []
