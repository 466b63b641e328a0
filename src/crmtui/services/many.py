"""One act upon many customers: one undoable operation, written in boxes so that others can save meanwhile; all of it or nothing."""

from collections.abc import Callable, Sequence

from crmtui.services.recovery import recover_now
from crmtui.services.workspace import Workspace
from crmtui.storage.journal import Operation, operation
from crmtui.storage.long_operation import LongOperation

AT_ONCE = 500
"""As many customers are changed in one transaction: it takes less than a tenth of a second."""
BOX = 250
"""Customers in each transaction when there are more."""

Progress = Callable[[int, int], None]
"""Told customers done and in all after each box; what it raises ends the act, of which nothing is left then."""


def change_many(
    workspace: Workspace,
    kind: str,
    subject: str,
    customers: Sequence[int],
    change: Callable[[Operation, Sequence[int]], None],
    progress: Progress | None = None,
) -> int:
    """Let ``change`` change the customers, a part of them at a time; returns the operation, 0 when nothing was changed.

    When it fails half way, or its process dies, what was done is taken back: here, or by whoever opens the file next.
    """
    if len(customers) <= AT_ONCE:
        with operation(workspace.database, kind, subject=subject, actor=workspace.actor) as act:
            change(act, customers)
            act.count = len(customers)
        return act.id
    try:
        with LongOperation(workspace.database, kind, subject=subject, actor=workspace.actor) as long:
            for start in range(0, len(customers), BOX):
                with long.box():
                    change(long.act, customers[start : start + BOX])
                if progress is not None:
                    progress(min(start + BOX, len(customers)), len(customers))
            with long.box():
                return _end(long, len(customers))
    except BaseException:
        recover_now(workspace.database)
        raise


def _end(long: LongOperation, count: int) -> int:
    act = long.act
    changed = act.connection.execute("SELECT EXISTS (SELECT 1 FROM changes WHERE operation_id = ?)", (act.id,))
    if not changed.fetchone()[0]:
        act.connection.execute("DELETE FROM operations WHERE id = ?", (act.id,))
        return 0
    act.count = count
    act.settle()
    act.finish()
    return act.id
