"""One of many people on a file: counts up in customers' notes, and searches, until its time is over. Run by benchmarks and tests.

``python sessions_worker.py FILE NUMBER SECONDS`` prints one JSON document: the counts that were saved by customer, how long each
save and search took (milliseconds), and what failed.
"""

import json
import sys
import time
from random import Random

from crmtui.errors import Conflict, CrmError
from crmtui.services import activity, lookup, record
from crmtui.services.workspace import Workspace, open_workspace

CUSTOMERS = 8
"""All sessions count in the same few customers: ids 1 to 8."""


def count_up(workspace: Workspace, customer: int, rng: Random) -> int:
    """Read the number in the notes and save one more, anew whenever somebody else was quicker; returns how often that was."""
    for again in range(1000):
        found = lookup.record(workspace, customer)
        version = version_of(workspace, customer)
        if lookup.record(workspace, customer)["notes"] != found["notes"]:
            continue
        try:
            number = int(found["notes"] or 0) + 1
            record.edit_customer(workspace, customer, {"notes": str(number)}, version=version)
        except Conflict:
            time.sleep(rng.random() * 0.01)
            continue
        return again
    raise AssertionError("never the quickest")


def version_of(workspace: Workspace, customer: int) -> int:
    """The version of a customer."""
    row = (
        workspace.database.thread_reader().execute("SELECT version FROM customers WHERE id = ?", (customer,)).fetchone()
    )
    return int(row[0])


def main(path: str, number: int, seconds: float) -> None:
    """Work on the file until the time is over."""
    rng = Random(number)
    saved: dict[int, int] = dict.fromkeys(range(1, CUSTOMERS + 1), 0)
    saves: list[float] = []
    searches: list[float] = []
    errors: list[str] = []
    conflicts = logs = 0
    with open_workspace(path, actor=f"user {number}") as workspace:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.monotonic()
            try:
                if rng.random() < 0.5:
                    customer = rng.randint(1, CUSTOMERS)
                    conflicts += count_up(workspace, customer, rng)
                    saved[customer] += 1
                    saves.append(time.monotonic() - start)
                elif rng.random() < 0.3:
                    activity.log_interaction(workspace, [rng.randint(1, CUSTOMERS)], text=f"by {number}")
                    logs += 1
                    saves.append(time.monotonic() - start)
                else:
                    lookup.find(workspace, rng.choice(["zhang", "138", "tag:vip", "a", "1380", "张"]))
                    searches.append(time.monotonic() - start)
            except CrmError as error:
                errors.append(str(error))
            time.sleep(rng.random() * 0.05)
    ms = [[round(each * 1000, 2) for each in times] for times in (saves, searches)]
    document = {
        "saved": saved,
        "logs": logs,
        "conflicts": conflicts,
        "saves": ms[0],
        "searches": ms[1],
        "errors": errors,
    }
    print(json.dumps(document))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
