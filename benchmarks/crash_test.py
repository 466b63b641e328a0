"""The full crash figure: ``python benchmarks/crash_test.py --kills 100 --imports 120`` (a new file every 20 kills).

``--kills`` are random acts in one process (edits, bulk edits, mass inserts, undo, redo, backups); ``--imports`` are real
``crmtui import``, ``undo`` and ``redo`` processes, killed with all their children.
"""

import argparse
import collections
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "reliability"))

from crash_harness import kill_once
from import_crash import ImportCrash

PER_FILE = 20


def main() -> int:
    """Run, print a table of what was cut off, and exit with 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--imports", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = _acts(Path(folder), options.kills, random.Random(options.seed))
        faults += _imports(Path(folder), options.imports, random.Random(options.seed))
    print("\n".join(faults))
    return 1 if faults else 0


def _acts(folder: Path, kills: int, draw: random.Random) -> list[str]:
    started = time.monotonic()
    kinds: collections.Counter[str] = collections.Counter()
    completed = recovered = 0
    faults: list[str] = []
    for number in range(kills):
        verdict = kill_once(str(folder / f"{number // PER_FILE}" / "crm.db"), draw)
        kinds[verdict.interrupted] += 1
        completed += verdict.completed
        recovered += verdict.recovered
        faults += [f"kill {number}: {fault}" for fault in verdict.faults]
    print(f"{kills} kills of acts in {time.monotonic() - started:.0f} s: {len(faults)} faults")
    print(f"cut off: {', '.join(f'{kind} {count}' for kind, count in kinds.most_common())}")
    print(f"found unfinished and recovered: {recovered}; done but not yet acknowledged: {completed}")
    return faults


def _imports(folder: Path, kills: int, draw: random.Random) -> list[str]:
    started = time.monotonic()
    ends: collections.Counter[str] = collections.Counter()
    faults: list[str] = []
    for number in range(kills):
        if number % PER_FILE == 0:
            (folder / f"import-{number}").mkdir()
            crash = ImportCrash(folder / f"import-{number}", draw)
        killed = crash.kill_once()
        ends[f"{killed.act}: {killed.end}"] += 1
        faults += [f"import {number} ({killed.act}): {fault}" for fault in killed.faults]
    print(f"{kills} kills of processes in {time.monotonic() - started:.0f} s: {len(faults)} faults")
    print("\n".join(f"  {end} {count}" for end, count in sorted(ends.items())))
    return faults


if __name__ == "__main__":
    sys.exit(main())
