"""Twenty people on one file for a minute: edits that count up, notes and searches; nothing may be lost, nobody told of a lock.

``python benchmarks/sessions_test.py [--sessions 20] [--seconds 60] [--customers 20000] [FILE]``. Without FILE a sample is made
in a temporary folder. A file that is named is written to: give a copy.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from crmtui.services.checking import verify
from crmtui.services.demo import make_demo
from crmtui.services.workspace import open_workspace

WORKER = Path(__file__).parent.parent / "tests" / "reliability" / "sessions_worker.py"
CUSTOMERS = range(1, 9)


def run(path: str, sessions: int, seconds: float) -> bool:
    """Let them work; print the figures; whether everything is as it must be."""
    with open_workspace(path, actor="setup") as workspace:
        connection = workspace.database.writer
        for customer in CUSTOMERS:
            connection.execute("UPDATE customers SET notes = '0' WHERE id = ?", (customer,))
        logs_before = connection.execute("SELECT count(*) FROM interactions").fetchone()[0]
    workers = [
        subprocess.Popen(
            [sys.executable, str(WORKER), path, str(number), str(seconds)], stdout=subprocess.PIPE, text=True
        )
        for number in range(sessions)
    ]
    reports = [json.loads(worker.communicate(timeout=seconds * 3 + 120)[0]) for worker in workers]
    saved = {each: sum(report["saved"][str(each)] for report in reports) for each in CUSTOMERS}
    with open_workspace(path, actor="setup") as workspace:
        connection = workspace.database.writer
        marks = ",".join(map(str, CUSTOMERS))
        counted = {
            row[0]: int(row[1]) for row in connection.execute(f"SELECT id, notes FROM customers WHERE id IN ({marks})")
        }
        logs = connection.execute("SELECT count(*) FROM interactions").fetchone()[0] - logs_before
        faults = [finding for finding in verify(workspace) if not finding.ok]
    lost = sum(saved.values()) - sum(counted.values())
    errors = [error for report in reports for error in report["errors"]]
    told = sum(report["logs"] for report in reports)
    print(f"{sessions} sessions, {seconds:g} s: {sum(saved.values()):,} edits, {told:,} notes,", end=" ")
    print(f"{sum(len(report['searches']) for report in reports):,} searches")
    print(f"lost edits {lost}, lost notes {told - logs}, errors {len(errors)}, faults {len(faults)}")
    print(f"edits that met another's and were made again: {sum(report['conflicts'] for report in reports):,}")
    for name in ("saves", "searches"):
        times = sorted(each for report in reports for each in report[name])
        places = [times[int(len(times) * share)] for share in (0.5, 0.95, 0.99)]
        print(
            f"{name}: p50 {places[0]:.1f} ms, p95 {places[1]:.1f} ms, p99 {places[2]:.1f} ms, longest {times[-1]:.0f} ms"
        )
    for text in [*dict.fromkeys(errors), *map(str, faults)]:
        print(text)
    return counted == saved and logs == told and not errors and not faults


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--customers", type=int, default=20_000)
    arguments = parser.parse_args()
    if arguments.file:
        return 0 if run(arguments.file, arguments.sessions, arguments.seconds) else 1
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "crm.db"))
        make_demo(path, customers=arguments.customers)
        return 0 if run(path, arguments.sessions, arguments.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
