"""The process that is killed: writes at random into a customer file and says after each act that it is done and what the file holds.

Run as ``python crash_worker.py FILE SEED``. Prints ``READY``, then ``ACK operation digest`` after each act.
"""

import random
import sys
from contextlib import suppress

from crmtui.domain.batch import BatchBuilder
from crmtui.domain.intake import new_customer
from crmtui.errors import NotFound
from crmtui.services import activity, many, record, undo_history
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import mass_undo
from crmtui.storage.backup import back_up
from crmtui.storage.bulk import BulkWriter
from crmtui.storage.digest import logical_digest
from crmtui.storage.history import operations
from crmtui.storage.journal import utc_now
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.search_index import drain_queue

SMALL_SLICE = 25  # so that a small import has as many moments to die in as a large one
SMALL_BOX = 3  # and an act upon 40 customers as many as one upon thousands


def mass_import(workspace: Workspace, draw: random.Random) -> None:
    """An import as the program makes it: rows in boxes, then the search index, then done."""
    count = draw.randint(20, 300)
    name = draw.choice(["Ana", "张伟", "Acme"])
    later = draw.random() < 0.5
    with LongOperation(workspace.database, "import", subject="list.csv", actor="ann") as long:
        writer = BulkWriter(long, index_later=later)
        builder = BatchBuilder()
        for number in range(count):
            values = {
                "name": f"{name} {number}",
                "phones": f"+86138{number:08d}",
                "tags": draw.choice(["vip", "old", "new"]),
            }
            row = builder.add(new_customer(values, region="CN"), utc_now())
            builder.add_child("interactions", row, {"kind": "call", "at": utc_now()})
            if len(builder) >= 20:
                writer.add(builder.take())
                writer.flush()
        writer.add(builder.take())
        writer.flush()
        if later:
            with long.box():
                long.set_state("indexing")
            drain_queue(workspace.database)
        with long.box():
            long.act.count = count
            long.act.settle()
            long.act.finish()


def act(workspace: Workspace, draw: random.Random) -> None:
    """One random act."""
    customers = [
        row[0] for row in workspace.database.writer.execute("SELECT id FROM customers ORDER BY random() LIMIT 40")
    ]
    kind = draw.choices(
        ["add", "edit", "bulk", "tag", "archive", "log", "delete", "import", "undo", "redo", "backup"],
        [2, 3, 4, 4, 2, 1, 2, 7, 7, 4, 1],
    )[0]
    if kind == "import":
        mass_import(workspace, draw)
    elif kind == "backup":
        back_up(workspace.database, keep=2)
    elif kind in ("undo", "redo"):
        with suppress(NotFound):
            (undo_history.undo_last if kind == "undo" else undo_history.redo_last)(workspace)
    elif kind == "add" or not customers:
        record.add_customer(workspace, {"name": f"New {draw.random()}", "emails": "x@example.com", "tags": "vip"})
    elif kind == "edit":
        record.edit_customer(
            workspace, customers[0], {"notes": str(draw.random()), "phones": f"138{draw.randrange(10**8):08d}"}
        )
    elif kind == "bulk":
        record.edit_many(workspace, customers, {"stage": f"s{draw.random()}"})
    elif kind == "tag":
        record.change_tags(workspace, customers, add=[f"t{draw.randrange(9)}"], remove=["vip"])
    elif kind == "archive":
        record.archive(workspace, customers, restore=draw.random() < 0.5)
    elif kind == "log":
        activity.log_interaction(workspace, customers[:3], text="hello")
    else:
        record.delete(workspace, customers[:2])


def main() -> None:
    """Act until killed."""
    mass_undo._SLICE = SMALL_SLICE
    many.AT_ONCE, many.BOX = SMALL_BOX * 2, SMALL_BOX
    draw = random.Random(int(sys.argv[2]))
    with open_workspace(sys.argv[1], actor="ann", region="CN", create=True) as workspace:
        print("READY", flush=True)
        while True:
            newest = next(iter(operations(workspace.database.writer, limit=1)), None)
            print("ACK", newest.id if newest else 0, logical_digest(workspace.database.writer), flush=True)
            act(workspace, draw)


if __name__ == "__main__":
    main()
