"""Undo and redo: putting back what the journal holds, row by row, never over somebody's later change.

Each row ends in one of three buckets: reversed; kept, because it changed since; failed, with a reason.
"""

import json
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from crmtui.errors import NotFound, UsageError
from crmtui.i18n import _
from crmtui.storage.database import Database
from crmtui.storage.driver import Connection, IntegrityError
from crmtui.storage.journal import Operation, base_values, operation
from crmtui.storage.long_operation import REVERSALS, LongOperation
from crmtui.storage.rows import columns_of, read_row
from crmtui.storage.schema import CUSTOMER_COLUMN, JOURNALLED_TABLES

_SLICE = 1000
_NOT_REVERSED = "o.undone_by IS NULL AND o.kind NOT IN ('undo', 'redo')"


class RowProblem(NamedTuple):
    """A row that was not put back, and why."""

    table: str
    row_id: int
    reason: str


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
        f"SELECT o.id FROM operations o WHERE {_NOT_REVERSED} AND o.state = 'done' AND (?1 IS NULL OR o.actor = ?1)"
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


def finish_reversal(database: Database, operation_id: int) -> Reversal:
    """Carry an undo or redo that died half way to its end."""
    target = database.writer.execute("SELECT target_id FROM operations WHERE id = ?", (operation_id,)).fetchone()[0]
    with LongOperation.resume(database, operation_id) as long:
        return _reverse_boxed(long, target)


def take_back(long: LongOperation) -> None:
    """Remove every trace of an unfinished long operation: its rows, and at last its own record."""
    connection = long.database.writer
    for first, last in _slices(connection, long.act.id, "customers"):
        with long.box():
            _remove_children(long, long.act.id, first, last, frozenset(), keep_copy=False)
            _remove_rows(long, "customers", first, last, frozenset(), keep_copy=False)
    for table in JOURNALLED_TABLES:
        for first, last in _slices(connection, long.act.id, table):
            with long.box():
                _remove_rows(long, table, first, last, frozenset(), keep_copy=False)
    with long.box():
        _reverse_changes(long.act, long.act.id)
        long.act.settle()
        for table in ("changes", "inserted_ranges", "removed_rows"):
            connection.execute(f"DELETE FROM {table} WHERE operation_id = ?", (long.act.id,))
        connection.execute("DELETE FROM operations WHERE id = ?", (long.act.id,))


def _target(connection: Connection, operation_id: int) -> tuple[str, int | None]:
    row = connection.execute("SELECT kind, undone_by, state FROM operations WHERE id = ?", (operation_id,)).fetchone()
    if row is None:
        raise NotFound(_("there is no operation {id}").format(id=operation_id), hint=_("crmtui history lists them"))
    if row[2] != "done":
        raise UsageError(_("operation {id} is still running").format(id=operation_id))
    return row[0], row[1]


def _reverse(database: Database, kind: str, target: int, actor: str) -> Reversal:
    subject = database.writer.execute("SELECT subject FROM operations WHERE id = ?", (target,)).fetchone()[0] or ""
    boxed = database.writer.execute(
        "SELECT EXISTS (SELECT 1 FROM inserted_ranges WHERE operation_id = ?1)"
        " OR EXISTS (SELECT 1 FROM removed_rows WHERE operation_id = ?1)",
        (target,),
    ).fetchone()[0]
    if boxed:
        with LongOperation(database, kind, subject=subject, actor=actor, target=target) as long:
            return _reverse_boxed(long, target)
    with operation(database, kind, subject=subject, actor=actor) as act:
        act.connection.execute("UPDATE operations SET target_id = ? WHERE id = ?", (target, act.id))
        done, kept, failed = _reverse_changes(act, target)
        return _conclude(act, target, done, kept, failed)


def _reverse_boxed(long: LongOperation, target: int) -> Reversal:
    connection = long.database.writer
    kept: list[RowProblem] = []
    done = 0
    for first, last in _slices(connection, target, "customers"):
        with long.box():
            changed = _changed_since(connection, target, first, last)
            kept += [RowProblem("customers", customer, _("changed since")) for customer in sorted(changed)]
            done += _remove_children(long, target, first, last, changed, keep_copy=True)
            done += _remove_rows(long, "customers", first, last, changed, keep_copy=True)
    for table in JOURNALLED_TABLES:
        column = CUSTOMER_COLUMN.get(table)
        if table == "customers" or column is None:
            continue
        kept_customers = frozenset(problem.row_id for problem in kept)
        for first, last in _slices(connection, target, table):
            with long.box():
                done += _remove_rows(long, table, first, last, kept_customers, keep_copy=True)
    done += _bring_back(long, target)
    with long.box():
        more, kept_rows, failed = _reverse_changes(long.act, target)
        long.act.settle()
        result = _conclude(long.act, target, done + more, kept + kept_rows, failed)
        long.act.finish()
        return result


def _conclude(act: Operation, target: int, done: int, kept: list[RowProblem], failed: list[RowProblem]) -> Reversal:
    act.count = done
    act.detail = {"target": target, "kept": len(kept), "failed": len(failed)}
    act.connection.execute("UPDATE operations SET undone_by = ? WHERE id = ?", (act.id, target))
    if act.kind == "redo":
        act.connection.execute("UPDATE operations SET undone_by = NULL WHERE undone_by = ?", (target,))
    return Reversal(act.id, target, done, kept, failed)


def _reverse_changes(act: Operation, target: int) -> tuple[int, list[RowProblem], list[RowProblem]]:
    """Write back the values before each change of ``target``, newest first; (reversed, kept, failed)."""
    connection = act.connection
    changes = connection.execute(
        "SELECT table_name, row_id, before, after FROM changes WHERE operation_id = ? ORDER BY id DESC", (target,)
    ).fetchall()
    kept_customers = _kept_customers(connection, changes)
    done = 0
    kept: list[RowProblem] = []
    failed: list[RowProblem] = []
    for table, row_id, before_json, after_json in changes:
        before = json.loads(before_json) if before_json else None
        after = json.loads(after_json) if after_json else None
        current = read_row(connection, table, row_id)
        if after is None:
            if current is not None:
                failed.append(RowProblem(table, row_id, _("a row with this id exists")))
                continue
            try:
                act.insert(table, before or {}, row_id=row_id)
            except IntegrityError:
                failed.append(RowProblem(table, row_id, _("what it belongs to is gone, or its place is taken")))
                continue
        elif current is None:
            kept.append(RowProblem(table, row_id, _("gone since")))
            continue
        elif before is None:
            if (
                _owner(table, current) in kept_customers
                or _without_blanks(base_values(connection, table, current)) != after
            ):
                kept.append(RowProblem(table, row_id, _("changed since")))
                continue
            try:
                act.delete(table, row_id)
            except IntegrityError:
                failed.append(RowProblem(table, row_id, _("other records belong to it now")))
                continue
        else:
            if any(current[key] != value for key, value in after.items()):
                kept.append(RowProblem(table, row_id, _("changed since")))
                continue
            act.update(table, row_id, before)
        done += 1
    return done, kept, failed


def _kept_customers(connection: Connection, changes: list[tuple[str, int, str | None, str | None]]) -> set[int]:
    """Of the customers that these changes made, those that must stay: changed since, or with records of later acts."""
    made = [(row_id, after) for table, row_id, before, after in changes if table == "customers" and before is None]
    if not made:
        return set()
    own: dict[str, set[int]] = {}
    for table, row_id, before, _after in changes:
        if before is None:
            own.setdefault(table, set()).add(row_id)
    kept = set()
    for customer, after in made:
        row = read_row(connection, "customers", customer)
        if row is None:
            continue
        if _without_blanks(base_values(connection, "customers", row)) != json.loads(after or "{}"):
            kept.add(customer)
            continue
        for table, column in CUSTOMER_COLUMN.items():
            if table == "customers":
                continue
            ids = {found[0] for found in connection.execute(f"SELECT id FROM {table} WHERE {column} = ?", (customer,))}
            if ids - own.get(table, set()):
                kept.add(customer)
                break
    return kept


def _owner(table: str, row: dict[str, object]) -> object:
    return row.get(CUSTOMER_COLUMN.get(table, ""))


def _without_blanks(values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}


def _slices(connection: Connection, operation_id: int, table: str) -> Iterator[tuple[int, int]]:
    """The inserted ranges of an operation in pieces of at most ``_SLICE`` ids, newest first."""
    ranges = connection.execute(
        "SELECT first_id, last_id FROM inserted_ranges WHERE operation_id = ? AND table_name = ? ORDER BY first_id DESC",
        (operation_id, table),
    ).fetchall()
    for first, last in ranges:
        for end in range(last, first - 1, -_SLICE):
            yield max(first, end - _SLICE + 1), end


def _changed_since(connection: Connection, target: int, first: int, last: int) -> frozenset[int]:
    """The customers of a slice that a later act has touched, or that have records which ``target`` did not bring."""
    later = connection.execute(
        f"SELECT 1 FROM operations o WHERE o.id > ? AND o.state = 'done' AND {_NOT_REVERSED} LIMIT 1", (target,)
    ).fetchone()
    if not later:
        return frozenset()
    found: set[int] = set()
    for table, column in CUSTOMER_COLUMN.items():
        found |= {
            row[0]
            for row in connection.execute(
                f"SELECT DISTINCT t.{column} FROM {table} t JOIN changes c ON c.table_name = ? AND c.row_id = t.id"
                f" JOIN operations o ON o.id = c.operation_id WHERE t.{column} BETWEEN ? AND ? AND c.operation_id > ? AND {_NOT_REVERSED}",
                (table, first, last, target),
            )
        }
        if table != "customers":
            found |= {
                row[0]
                for row in connection.execute(
                    f"SELECT DISTINCT t.{column} FROM {table} t WHERE t.{column} BETWEEN ? AND ? AND NOT EXISTS ("
                    "SELECT 1 FROM inserted_ranges r WHERE r.operation_id = ? AND r.table_name = ?"
                    " AND t.id BETWEEN r.first_id AND r.last_id)",
                    (first, last, target, table),
                )
            }
    return frozenset(found)


def _remove_children(
    long: LongOperation, target: int, first: int, last: int, kept: frozenset[int], *, keep_copy: bool
) -> int:
    """Remove the rows that ``target`` inserted for the customers of a slice."""
    removed = 0
    for table in JOURNALLED_TABLES:
        column = CUSTOMER_COLUMN.get(table)
        if column is None or table == "customers":
            continue
        condition = (
            f"{column} BETWEEN ? AND ? AND EXISTS (SELECT 1 FROM inserted_ranges r WHERE r.operation_id = ?"
            f" AND r.table_name = '{table}' AND {table}.id BETWEEN r.first_id AND r.last_id)"
        )
        removed += _remove_where(long, table, condition, (first, last, target), kept, keep_copy=keep_copy)
    return removed


def _remove_rows(
    long: LongOperation, table: str, first: int, last: int, kept: frozenset[int], *, keep_copy: bool
) -> int:
    removed = _remove_where(long, table, "id BETWEEN ? AND ?", (first, last), kept, keep_copy=keep_copy)
    if table == "customers":
        connection = long.database.writer
        connection.execute("DELETE FROM search_queue WHERE first_id >= ? AND last_id <= ?", (first, last))
        connection.executemany(
            "DELETE FROM search WHERE rowid = ?", [(row,) for row in range(first, last + 1) if row not in kept]
        )
    return removed


def _remove_where(
    long: LongOperation, table: str, condition: str, values: tuple[int, ...], kept: frozenset[int], *, keep_copy: bool
) -> int:
    connection = long.database.writer
    column = CUSTOMER_COLUMN.get(table)
    if kept and column:
        condition += f" AND {column} NOT IN ({','.join(map(str, sorted(kept)))})"
    if keep_copy:
        names = columns_of(connection, table)
        rows = connection.execute(f"SELECT {', '.join(names)} FROM {table} WHERE {condition}", values).fetchall()
        if not rows:
            return 0
        packed = zlib.compress(
            json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"), 1
        )
        connection.execute(
            "INSERT INTO removed_rows(operation_id, table_name, first_id, last_id, rows) VALUES (?, ?, ?, ?, ?)",
            (long.act.id, table, rows[0][0], rows[-1][0], packed),
        )
    removed: int = connection.execute(f"DELETE FROM {table} WHERE {condition}", values).rowcount
    return removed


def _bring_back(long: LongOperation, target: int) -> int:
    """Insert again what an undo had removed, last removed first, and index it."""
    connection = long.database.writer
    pieces = connection.execute(
        "SELECT id, table_name FROM removed_rows WHERE operation_id = ? ORDER BY id DESC", (target,)
    ).fetchall()
    done = 0
    for piece, table in pieces:
        with long.box():
            packed = connection.execute("SELECT rows FROM removed_rows WHERE id = ?", (piece,)).fetchone()[0]
            rows = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
            names = columns_of(connection, table)
            connection.executemany(
                f"INSERT OR IGNORE INTO {table}({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows
            )
            done += len(rows)
            column = CUSTOMER_COLUMN.get(table)
            if column:
                position = names.index(column)
                long.act.needs_refresh({row[position] for row in rows if row[position] is not None})
    return done
