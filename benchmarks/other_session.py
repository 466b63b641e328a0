"""Another session at work: searches every 50 ms, saves every 250 ms, until its standard input ends; then prints its times.

    other_session.py FILE

Prints one line ``ready`` first, and at the end a JSON object with the milliseconds of each search and each save.
"""

import json
import select
import sys
import time
from random import Random

from crmtui.services.lookup import plan_query
from crmtui.services.record import edit_customer
from crmtui.services.workspace import open_workspace
from crmtui.storage.customers import list_rows
from crmtui.storage.search import FIRST_PAGE, first_ids

SEARCH_EVERY, SAVE_EVERY = 0.05, 0.25
QUERIES = ("li", "zhang", "smith", "王", "建国", "1381", "6057", "wang wei", "m", "an")


def main(path: str) -> None:
    """Work until the parent closes the pipe."""
    random = Random(1)
    searches: list[float] = []
    saves: list[float] = []
    with open_workspace(path, actor="other") as workspace:
        reader = workspace.database.reader()
        last = reader.execute("SELECT max(id) FROM customers").fetchone()[0]
        ids = [random.randint(1, last) for _ in range(200)]
        for query in QUERIES:
            first_ids(reader, plan_query(query)[0], FIRST_PAGE)
        edit_customer(workspace, ids[0], {"job_title": "first"})
        print("ready", flush=True)
        next_search = next_save = time.perf_counter()
        while not select.select([sys.stdin], [], [], max(0.0, min(next_search, next_save) - time.perf_counter()))[0]:
            begun = time.perf_counter()
            if begun >= next_save:
                edit_customer(workspace, random.choice(ids), {"job_title": f"title {len(saves)}"})
                saves.append((time.perf_counter() - begun) * 1000)
                next_save += SAVE_EVERY
            elif begun >= next_search:
                found = first_ids(reader, plan_query(random.choice(QUERIES))[0], FIRST_PAGE)
                list_rows(reader, found[:40])
                searches.append((time.perf_counter() - begun) * 1000)
                next_search = max(next_search + SEARCH_EVERY, begun)
    print(json.dumps({"searches": searches, "saves": saves}))


if __name__ == "__main__":
    main(sys.argv[1])
