"""Putting right what a dead process left half done: imports are taken back, undos and redos carried to their end."""

from collections.abc import Callable, Sequence

from crmtui.errors import CrmError
from crmtui.i18n import _
from crmtui.storage.bulk import restore_indexes
from crmtui.storage.database import Database, storage_errors
from crmtui.storage.long_operation import REVERSALS, LongOperation, is_alive, unfinished
from crmtui.storage.search_index import drain_queue
from crmtui.storage.undo import Reversal, finish_reversal, take_back


def recover(database: Database, waiting: Sequence[tuple[int, str, str]]) -> list[Reversal]:
    """Finish each of the operations (id, kind, state) whose process is gone; the newest first, as they may build on each other.

    Returns the undos and redos that were carried to their end.
    """
    finished = []
    for operation_id, kind, state in sorted(waiting, reverse=True):
        long = LongOperation.resume(database, operation_id)
        if long is None:
            continue
        with long:
            if kind in REVERSALS:
                finished.append(finish_reversal(long))
                continue
            restore_indexes(long)
            if state == "indexing":
                drain_queue(database)
                with long.box():
                    long.act.finish()
            else:
                take_back(long)
    return finished


def recover_now(database: Database) -> list[Reversal]:
    """Finish what was left half done in this session or meanwhile by others; what still runs is left alone."""
    with storage_errors(database.path):
        waiting = [entry for entry in unfinished(database.writer) if not is_alive(database, entry[0])]
        return recover(database, waiting) if waiting else []


def carried_out(database: Database, reverse: Callable[[], Reversal]) -> Reversal:
    """The result of an undo or redo; one that failed part way is carried to its end at once, like one whose process died.

    If one was left half done before, that one is finished instead: nothing may be built on half of it. Raises what ``reverse``
    raised, saying what is half done, when it cannot be finished now (a full disk, say).
    """
    finished = recover_now(database)
    if finished:
        return finished[-1]
    try:
        return reverse()
    except BaseException as error:
        try:
            finished = recover_now(database)
        except CrmError as again:
            again.kept = _("It is done in part. The next undo, redo or start carries it to its end; nothing is lost.")
            raise again from error
        if not finished:
            raise
        return finished[-1]
