"""Taking mass-inserted rows out again, and bringing them back: by ranges of ids, in short boxes, others working meanwhile.

Foreign keys are off between the boxes, as rows of one import may refer to each other across them; instead every box looks
which rows others need, and at the end what refers to nothing any more is put right.
"""

import json
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator

from crmtui.i18n import _
from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.pace import BOX_SECONDS, unhurried
from crmtui.storage.reversal import Buckets
from crmtui.storage.rows import columns_of
from crmtui.storage.schema import CUSTOMER_COLUMN, JOURNALLED_TABLES, REMOVED_FROM
from crmtui.storage.search_index import begin_mass_removal, end_mass_removal, queue_span

NOT_REVERSED = "o.undone_by IS NULL AND o.kind NOT IN ('undo', 'redo')"

Piece = tuple[int, str, int, int]
"""A packed piece of removed rows: its id, table, first and last row id."""

_SLICE = 1000
_CHILD_COLUMN = {table: column for table, column in CUSTOMER_COLUMN.items() if table != "customers"}
_FROM_TARGET = (
    "EXISTS (SELECT 1 FROM inserted_ranges r WHERE r.operation_id = :target AND r.table_name = '{table}'"
    " AND {row} BETWEEN r.first_id AND r.last_id)"
)
_INSERTED_SINGLY = (
    "EXISTS (SELECT 1 FROM changes c WHERE c.table_name = '{table}' AND c.row_id = {row}"
    " AND c.operation_id = :target AND c.before IS NULL)"
)
_CHANGED_BY_OTHERS = (
    "EXISTS (SELECT 1 FROM changes c JOIN operations o ON o.id = c.operation_id WHERE c.table_name = '{table}'"
    " AND c.row_id = {row} AND c.operation_id <> :target AND " + NOT_REVERSED + ")"
)


def remove_inserted(long: LongOperation, target: int, buckets: Buckets, *, keep_copy: bool) -> None:
    """Remove the rows that ``target`` mass-inserted, but for customers that others changed or hung records on.

    With ``keep_copy`` the removed rows are packed into the journal of ``long``, for a redo.
    """
    connection = long.database.writer
    kept: set[int] = set()
    with long.box():
        begin_mass_removal(connection)
    with unhurried(connection):
        for first, last in _slices(connection, target, "customers"):
            with long.box():
                needed = _needed(connection, target, first, last)
                needed = {row[0] for row in _existing(connection, "customers", first, last) if row[0] in needed}
                kept |= needed
                for customer in sorted(needed):
                    buckets.keep("customers", customer, _("changed since"))
                _remove_customers(long, target, first, last, needed, buckets, keep_copy=keep_copy)
        _remember_kept(connection, kept)
        for table in JOURNALLED_TABLES:
            for first, last in _slices(connection, target, table) if table in _CHILD_COLUMN else ():
                if not _existing(connection, table, first, last):
                    continue  # went with its customer
                with long.box():
                    _remove_from_others(long, target, table, first, last, buckets, keep_copy=keep_copy)
    with long.box():
        end_mass_removal(connection)
    if kept or buckets.kept:
        _drop_dangling_of(long, target)


def bring_back(long: LongOperation, target: int, buckets: Buckets) -> None:
    """Insert again what the undo ``target`` had removed, last removed first; customers are queued for the search index.

    What these rows refer to may still be missing afterwards: ``drop_lost`` has the last word.
    """
    connection = long.database.writer
    with unhurried(connection):
        _in_boxes(long, target, lambda piece: _bring_back_piece(connection, piece, buckets))


def _bring_back_piece(connection: Connection, piece: Piece, buckets: Buckets) -> None:
    packed = connection.execute("SELECT rows FROM removed_rows WHERE id = ?", (piece[0],)).fetchone()[0]
    rows = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
    buckets.reversed += _insert_again(connection, piece[1], rows, buckets)
    if piece[1] == "customers":
        for span in _ranges([row[0] for row in rows]):
            queue_span(connection, *span)


def drop_lost(long: LongOperation, target: int, buckets: Buckets) -> None:
    """Of what ``bring_back`` inserted, remove what refers to rows that are gone, and have the others' customers indexed."""
    _in_boxes(long, target, lambda piece: _drop_lost_piece(long, piece, buckets))


def _in_boxes(long: LongOperation, target: int, act: Callable[[Piece], None]) -> None:
    """Do something with every packed piece of ``target``, as many to a box as its time allows."""
    pieces = deque(_pieces(long.database.writer, target))
    while pieces:
        with long.box():
            deadline = time.monotonic() + BOX_SECONDS
            act(pieces.popleft())
            while pieces and time.monotonic() < deadline:
                act(pieces.popleft())


def _drop_lost_piece(long: LongOperation, piece: Piece, buckets: Buckets) -> None:
    connection = long.database.writer
    _id, table, first, last = piece
    for row_id, column, required in _dangling(connection, table, first, last):
        if required:
            connection.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,))
            buckets.reversed -= 1
            buckets.fail(table, row_id, _("what it belongs to is gone, or its place is taken"))
        else:
            connection.execute(f"UPDATE {table} SET {column} = NULL WHERE id = ?", (row_id,))
    if table in _CHILD_COLUMN:
        long.act.needs_refresh(_customers_unqueued(connection, table, first, last))


def is_anything_left(connection: Connection, target: int) -> bool:
    """Whether rows that ``target`` mass-inserted are still there."""
    return any(
        _existing(connection, table, first, last)
        for table in JOURNALLED_TABLES
        for first, last in _slices(connection, target, table)
    )


def _pieces(connection: Connection, operation_id: int) -> list[Piece]:
    """The packed rows of an operation, last packed first."""
    return connection.execute(
        "SELECT id, table_name, first_id, last_id FROM removed_rows WHERE operation_id = ? ORDER BY id DESC",
        (operation_id,),
    ).fetchall()


def _slices(connection: Connection, operation_id: int, table: str) -> Iterator[tuple[int, int]]:
    """The inserted ranges of an operation in pieces of at most ``_SLICE`` ids, newest first."""
    ranges = connection.execute(
        "SELECT first_id, last_id FROM inserted_ranges WHERE operation_id = ? AND table_name = ? ORDER BY first_id DESC",
        (operation_id, table),
    ).fetchall()
    for first, last in ranges:
        for end in range(last, first - 1, -_SLICE):
            yield max(first, end - _SLICE + 1), end


def _existing(connection: Connection, table: str, first: int, last: int) -> list[tuple[int]]:
    return connection.execute(f"SELECT id FROM {table} WHERE id BETWEEN ? AND ? ORDER BY id", (first, last)).fetchall()


def _ranges(ids: list[int]) -> list[tuple[int, int]]:
    """Ascending ids as spans without gaps."""
    spans: list[tuple[int, int]] = []
    for row_id in ids:
        if spans and spans[-1][1] == row_id - 1:
            spans[-1] = (spans[-1][0], row_id)
        else:
            spans.append((row_id, row_id))
    return spans


def _needed(connection: Connection, target: int, first: int, last: int) -> set[int]:
    """The customers of a slice that somebody else changed, or on which rows hang that ``target`` did not bring."""
    values = {"target": target, "first": first, "last": last}
    queries = [
        f"SELECT id FROM customers WHERE id BETWEEN :first AND :last AND {_changed('customers', 'id')}",
        # A person that stays keeps its company: one from elsewhere, or one of this import that was edited since.
        f"SELECT company_id FROM customers WHERE company_id BETWEEN :first AND :last"
        f" AND (NOT {_own('customers', 'id')} OR {_changed('customers', 'id')})",
        f"SELECT to_id FROM relations WHERE to_id BETWEEN :first AND :last AND NOT {_own('relations', 'id')}",
        "SELECT i.customer_id FROM interactions i JOIN interaction_customers l ON l.interaction_id = i.id"
        f" WHERE i.customer_id BETWEEN :first AND :last AND NOT {_own('interaction_customers', 'l.id')}",
        "SELECT d.customer_id FROM deals d JOIN deal_stage_changes s ON s.deal_id = d.id"
        f" WHERE d.customer_id BETWEEN :first AND :last AND NOT {_own('deal_stage_changes', 's.id')}",
    ]
    queries.append(  # what a later act removed is known to the journal only
        f"SELECT {REMOVED_FROM} FROM changes c JOIN operations o ON o.id = c.operation_id WHERE after IS NULL"
        f" AND {REMOVED_FROM} BETWEEN :first AND :last AND c.operation_id <> :target AND {NOT_REVERSED}"
    )
    for table, column in _CHILD_COLUMN.items():
        queries.append(
            f"SELECT {column} FROM {table} WHERE {column} BETWEEN :first AND :last"
            f" AND (NOT {_own(table, f'{table}.id')} OR {_changed(table, f'{table}.id')})"
        )
    return {row[0] for query in queries for row in connection.execute(query, values)}


def _own(table: str, row: str) -> str:
    """Whether ``target`` inserted a row, in a mass or singly."""
    name = row if "." in row else f"{table}.{row}"
    return f"({_brought(table, name)} OR {_INSERTED_SINGLY.format(table=table, row=name)})"


def _brought(table: str, row: str) -> str:
    return _FROM_TARGET.format(table=table, row=row if "." in row else f"{table}.{row}")


def _changed(table: str, row: str) -> str:
    return _CHANGED_BY_OTHERS.format(table=table, row=row if "." in row else f"{table}.{row}")


def _remove_customers(
    long: LongOperation, target: int, first: int, last: int, kept: set[int], buckets: Buckets, *, keep_copy: bool
) -> None:
    """Remove a slice of customers, with what ``target`` inserted for them."""
    connection = long.database.writer
    values = {"target": target, "first": first, "last": last}
    stays = f" AND {{column}} NOT IN ({','.join(map(str, sorted(kept)))})" if kept else ""
    for table in JOURNALLED_TABLES:
        column = _CHILD_COLUMN.get(table)
        if column:
            condition = f"{column} BETWEEN :first AND :last AND {_brought(table, 'id')}" + stays.format(column=column)
            buckets.reversed += _remove_where(long, table, condition, values, keep_copy=keep_copy)
    gone = [row for row in _existing(connection, "customers", first, last) if row[0] not in kept]
    condition = "id BETWEEN :first AND :last" + stays.format(column="id")
    buckets.reversed += _remove_where(long, "customers", condition, values, keep_copy=keep_copy)
    connection.execute("DELETE FROM search_queue WHERE first_id >= ? AND last_id <= ?", (first, last))
    connection.executemany("DELETE FROM search WHERE rowid = ?", gone)
    if kept:
        long.act.needs_refresh(kept)


def _remove_from_others(
    long: LongOperation, target: int, table: str, first: int, last: int, buckets: Buckets, *, keep_copy: bool
) -> None:
    """Remove a slice of rows that ``target`` inserted for customers who were there before it."""
    connection = long.database.writer
    values = {"target": target, "first": first, "last": last}
    column = _CHILD_COLUMN[table]
    span = f"id BETWEEN :first AND :last AND {column} NOT IN (SELECT id FROM temp.kept_customers)"
    for (row_id,) in connection.execute(f"SELECT id FROM {table} WHERE {span} AND {_changed(table, 'id')}", values):
        buckets.keep(table, row_id, _("changed since"))
    condition = f"{span} AND NOT {_changed(table, 'id')}"
    long.act.needs_refresh(
        {row[0] for row in connection.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {condition}", values)}
    )
    buckets.reversed += _remove_where(long, table, condition, values, keep_copy=keep_copy)


def _remove_where(long: LongOperation, table: str, condition: str, values: dict[str, int], *, keep_copy: bool) -> int:
    connection = long.database.writer
    if keep_copy:
        names = columns_of(connection, table)
        rows = connection.execute(
            f"SELECT {', '.join(names)} FROM {table} WHERE {condition} ORDER BY id", values
        ).fetchall()
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


def _insert_again(connection: Connection, table: str, rows: list[list[object]], buckets: Buckets) -> int:
    # Rows that an older schema packed lack the columns that came since, which are the last ones.
    names = columns_of(connection, table)[: len(rows[0])]
    inserted: int = connection.executemany(
        f"INSERT OR IGNORE INTO {table}({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", rows
    ).rowcount
    if inserted < len(rows):
        for row in rows:
            if not connection.execute(f"SELECT 1 FROM {table} WHERE id = ?", (row[0],)).fetchone():
                buckets.fail(table, int(str(row[0])), _("what it belongs to is gone, or its place is taken"))
    return inserted


def _remember_kept(connection: Connection, kept: set[int]) -> None:
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS kept_customers(id INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM temp.kept_customers")
    connection.executemany("INSERT INTO temp.kept_customers VALUES (?)", [(customer,) for customer in kept])


def _drop_dangling_of(long: LongOperation, target: int) -> None:
    """What stays of ``target`` may name rows that are gone now: such links go, in the journal of ``long``."""
    connection = long.database.writer
    for table in JOURNALLED_TABLES:
        for first, last in list(_slices(connection, target, table)):
            found = _dangling(connection, table, first, last)
            if found:
                with long.box():
                    for row_id, column, required in found:
                        if required:
                            long.act.delete(table, row_id)
                        else:
                            long.act.update(table, row_id, {column: None})


def _dangling(connection: Connection, table: str, first: int, last: int) -> list[tuple[int, str, bool]]:
    """(row id, column, is it required) of the rows in a span that name a row which does not exist."""
    required = {row[1]: bool(row[3]) for row in connection.execute(f"PRAGMA table_info({table})")}
    found = {}
    for key in connection.execute(f"PRAGMA foreign_key_list({table})").fetchall():
        parent, column = key[2], key[3]
        for (row_id,) in connection.execute(
            f"SELECT id FROM {table} t WHERE id BETWEEN ? AND ? AND {column} IS NOT NULL"
            f" AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = t.{column})",
            (first, last),
        ):
            if required[column] or row_id not in found:
                found[row_id] = (row_id, column, required[column])
    return list(found.values())


def _customers_unqueued(connection: Connection, table: str, first: int, last: int) -> set[int]:
    """The customers of a span of child rows who are not queued for the index anyway."""
    column = _CHILD_COLUMN[table]
    return {
        row[0]
        for row in connection.execute(
            f"SELECT DISTINCT {column} FROM {table} t WHERE id BETWEEN ? AND ? AND NOT EXISTS"
            f" (SELECT 1 FROM search_queue q WHERE t.{column} BETWEEN q.first_id AND q.last_id)",
            (first, last),
        )
    }
