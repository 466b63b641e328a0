"""Putting right what a dead process left half done: imports are taken back, undos and redos carried to their end."""

from collections.abc import Sequence

from crmtui.storage.bulk import restore_indexes
from crmtui.storage.database import Database
from crmtui.storage.long_operation import REVERSALS, LongOperation
from crmtui.storage.search_index import drain_queue
from crmtui.storage.undo import finish_reversal, take_back


def recover(database: Database, waiting: Sequence[tuple[int, str, str]]) -> None:
    """Finish each of the operations (id, kind, state) whose process is gone; the newest first, as they may build on each other."""
    for operation_id, kind, state in sorted(waiting, reverse=True):
        long = LongOperation.resume(database, operation_id)
        if long is None:
            continue
        with long:
            if kind in REVERSALS:
                finish_reversal(long)
                continue
            restore_indexes(long)
            if state == "indexing":
                drain_queue(database)
                with long.box():
                    long.act.finish()
            else:
                take_back(long)
