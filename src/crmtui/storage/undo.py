"""Undo and redo of operations, small ones in one transaction, those over many rows in boxes; and taking back one that died."""

from collections.abc import Sequence
from typing import NamedTuple

from crmtui.errors import NotFound, UsageError
from crmtui.i18n import _
from crmtui.storage.database import Database
from crmtui.storage.driver import Connection
from crmtui.storage.journal import Change, Operation, operation, removed_digest
from crmtui.storage.long_operation import REVERSALS, LongOperation
from crmtui.storage.mass_undo import NOT_REVERSED, bring_back, drop_lost, is_anything_left, remove_inserted
from crmtui.storage.pace import unhurried
from crmtui.storage.reversal import Buckets, RowProblem, read_changes, reverse_changes
from crmtui.storage.search_index import drain_queue, merged_seldom

__all__ = ["Reversal", "RowProblem", "finish_reversal", "last_redoable", "last_undoable", "redo", "take_back", "undo"]


class Reversal(NamedTuple):
    """What became of an undo or redo: its own operation, and the rows in their buckets."""

    operation_id: int
    reversed_operation: int
    reversed: int
    kept: list[RowProblem]
    failed: list[RowProblem]


def undo(database: Database, operation_id: int, *, actor: str) -> Reversal:
    """Put back what an operation changed. Raises NotFound or UsageError when there is nothing to put back."""
    kind, undone_by = _target(database.writer, operation_id)
    if undone_by:
        raise UsageError(
            _("operation {id} is undone already").format(id=operation_id), hint=_("crmtui redo brings it back")
        )
    if kind in REVERSALS:
        raise UsageError(
            _("operation {id} is an undo itself").format(id=operation_id), hint=_("crmtui redo takes it back")
        )
    return _reverse(database, "undo", operation_id, actor)


def redo(database: Database, operation_id: int, *, actor: str) -> Reversal:
    """Do again what the undo ``operation_id`` put back."""
    kind, undone_by = _target(database.writer, operation_id)
    if kind != "undo" or undone_by:
        raise UsageError(_("operation {id} cannot be redone").format(id=operation_id))
    return _reverse(database, "redo", operation_id, actor)


def last_undoable(connection: Connection, actor: str | None = None) -> int | None:
    """The newest operation (of this actor, if given) that is not undone."""
    row = connection.execute(
        f"SELECT o.id FROM operations o WHERE {NOT_REVERSED} AND o.state = 'done' AND (?1 IS NULL OR o.actor = ?1)"
        " ORDER BY o.id DESC LIMIT 1",
        (actor,),
    ).fetchone()
    return row[0] if row else None


def last_redoable(connection: Connection, actor: str | None = None) -> int | None:
    """The newest undo (of this actor, if given) that was not redone and that no later act of the actor has overtaken."""
    row = connection.execute(
        "SELECT o.id FROM operations o WHERE o.kind = 'undo' AND o.undone_by IS NULL AND o.state = 'done'"
        " AND (?1 IS NULL OR o.actor = ?1) AND NOT EXISTS (SELECT 1 FROM operations later WHERE later.id > o.id"
        " AND later.kind NOT IN ('undo', 'redo') AND (?1 IS NULL OR later.actor = ?1)) ORDER BY o.id DESC LIMIT 1",
        (actor,),
    ).fetchone()
    return row[0] if row else None


def finish_reversal(long: LongOperation) -> Reversal:
    """Carry an undo or redo that died half way to its end."""
    row = long.database.writer.execute("SELECT target_id FROM operations WHERE id = ?", (long.act.id,)).fetchone()
    return _reverse_boxed(long, row[0])


def take_back(long: LongOperation) -> None:
    """Remove every trace of an unfinished long operation: its rows, and at last its own record.

    Customers that others changed meanwhile stay; then the operation stays too, as the one that brought them.
    """
    connection = long.database.writer
    act = long.act
    buckets = Buckets()
    remove_inserted(long, act.id, buckets, keep_copy=False)
    left = is_anything_left(connection, act.id)
    with long.box():
        changes = read_changes(connection, act.id)
        reverse_changes(act, changes, buckets)
        act.changes.clear()
        stuck = {(problem.table, problem.row_id) for problem in [*buckets.kept, *buckets.failed]}
        kept_changes = [change for change in reversed(changes) if (change[0], change[1]) in stuck]
        for table in ("changes", "removed_rows"):
            connection.execute(f"DELETE FROM {table} WHERE operation_id = ?", (act.id,))
        act.settle()
        if not left and not kept_changes:
            connection.execute("DELETE FROM inserted_ranges WHERE operation_id = ?", (act.id,))
            connection.execute("DELETE FROM operations WHERE id = ?", (act.id,))
            return
        act.start_again(kept_changes)
        act.count = sum(1 for problem in buckets.kept if problem.table == "customers")
        act.detail = {"taken_back": True, "kept": len(buckets.kept), "failed": len(buckets.failed)}
        act.settle()
        act.finish()


def _target(connection: Connection, operation_id: int) -> tuple[str, int | None]:
    row = connection.execute("SELECT kind, undone_by, state FROM operations WHERE id = ?", (operation_id,)).fetchone()
    if row is None:
        raise NotFound(_("there is no operation {id}").format(id=operation_id), hint=_("crmtui history lists them"))
    if row[2] != "done":
        raise UsageError(_("operation {id} is still running").format(id=operation_id))
    return row[0], row[1]


def _reverse(database: Database, kind: str, target: int, actor: str) -> Reversal:
    subject = database.writer.execute("SELECT subject FROM operations WHERE id = ?", (target,)).fetchone()[0] or ""
    if _is_mass(database.writer, target):
        with LongOperation(database, kind, subject=subject, actor=actor, target=target) as long:
            return _reverse_boxed(long, target)
    with operation(database, kind, subject=subject, actor=actor) as act:
        _target(act.connection, target)
        act.connection.execute("UPDATE operations SET target_id = ? WHERE id = ?", (target, act.id))
        buckets = Buckets()
        reverse_changes(act, read_changes(act.connection, target), buckets)
        return _conclude(act, target, buckets)


def _is_mass(connection: Connection, target: int) -> bool:
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM inserted_ranges WHERE operation_id = ?1)"
        " OR EXISTS (SELECT 1 FROM removed_rows WHERE operation_id = ?1)",
        (target,),
    ).fetchone()[0]
    return bool(found)


def _reverse_boxed(long: LongOperation, target: int) -> Reversal:
    """Reverse the mass of rows and the single changes, so that what refers to a row goes before it and comes after it."""
    buckets = Buckets()
    changes = read_changes(long.database.writer, target)
    if long.act.kind == "undo":
        _reverse_once(long, [change for change in changes if change[2] is not None], buckets)
        remove_inserted(long, target, buckets, keep_copy=True)
        last = [change for change in changes if change[2] is None]
    else:
        bring_back(long, target, buckets)
        _reverse_once(long, changes, buckets)
        drop_lost(long, target, buckets)
        with unhurried(long.database.writer), merged_seldom(long.database.writer):
            drain_queue(long.database)
        last = []
    removed = removed_digest(long.database.writer, long.act.id)  # outside of the box: others need not wait for it
    with long.box():
        reverse_changes(long.act, last, buckets)
        long.act.settle()
        result = _conclude(long.act, target, buckets)
        if removed:
            long.act.detail["removed_digest"] = removed
        long.act.finish()
        return result


def _reverse_once(long: LongOperation, changes: Sequence[Change], buckets: Buckets) -> None:
    """Reverse changes in one box, and never again when this operation is resumed after a crash."""
    if long.passed("changes"):
        return
    with long.box():
        reverse_changes(long.act, changes, buckets)
        long.act.settle()
        long.pass_stage("changes")


def _conclude(act: Operation, target: int, buckets: Buckets) -> Reversal:
    act.count = buckets.reversed
    act.detail = {"target": target, "kept": len(buckets.kept), "failed": len(buckets.failed)}
    act.connection.execute("UPDATE operations SET undone_by = ? WHERE id = ?", (act.id, target))
    if act.kind == "redo":
        act.connection.execute("UPDATE operations SET undone_by = NULL WHERE undone_by = ?", (target,))
    return Reversal(act.id, target, buckets.reversed, buckets.kept, buckets.failed)
