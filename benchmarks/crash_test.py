"""The full crash figure: ``python benchmarks/crash_test.py --kills 200`` (a new file every 20 kills)."""

import argparse
import collections
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "reliability"))

from crash_harness import kill_once

PER_FILE = 20


def main() -> int:
    """Run, print a table of what was cut off, and exit with 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    started = time.monotonic()
    kinds: collections.Counter[str] = collections.Counter()
    completed = recovered = 0
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.kills):
            path = Path(folder, f"{number // PER_FILE}", "crm.db")
            verdict = kill_once(str(path), draw)
            kinds[verdict.interrupted] += 1
            completed += verdict.completed
            recovered += verdict.recovered
            faults += [f"kill {number}: {fault}" for fault in verdict.faults]
    print(f"{options.kills} kills in {time.monotonic() - started:.0f} s: {len(faults)} faults")
    print(f"cut off: {', '.join(f'{kind} {count}' for kind, count in kinds.most_common())}")
    print(f"found unfinished and recovered: {recovered}; done but not yet acknowledged: {completed}")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
