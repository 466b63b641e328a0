"""Mass insert of customers and their rows: batches made elsewhere (often another process) go in by the thousand, in short boxes.

A batch numbers its rows from 0; the database adds the base ids while inserting, so this process touches no row in Python.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from crmtui.domain.batch import CHILD_COLUMNS, CUSTOMER_COLUMNS, Batch
from crmtui.storage.database import data_version, storage_errors
from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation

BOX_SECONDS = 0.06

_CHECKPOINT_PAGES = 16_384
# Their keys come in no order, so in boxes of a thousand rows each entry costs a page. Into a file without customers they
# are left out and made at the end; nothing that is shown meanwhile needs them.
_LATE_INDEXES = ("contact_points_by_value", "customers_by_last")
_LATE_KEY = "late_indexes"


class BulkWriter:
    """Writes batches inside a long operation, several to a box of about ``BOX_SECONDS``.

    With ``index_later`` the documents are not written: the customers are queued for the search index instead, and can be
    browsed before it is ready; ``restore_indexes`` must be called when all is written. Call ``flush`` at the end.
    ``ids_taken`` counts external ids that other customers had already and kept.
    """

    def __init__(self, long: LongOperation, *, index_later: bool = False) -> None:
        self._long = long
        self._index_later = index_later
        self._waiting: list[Batch] = []
        self._waiting_rows = 0
        self._rows_per_box = 1000
        self._tags: dict[str, int] = {}
        self._seen_version = -1
        self._started = False
        self.inserted = 0
        self.ids_taken = 0
        #: First id of each batch, in the order they were added.
        self.bases: list[int] = []

    def add(self, batch: Batch) -> None:
        """Take a batch; it is written when a box is full."""
        self._waiting.append(batch)
        self._waiting_rows += len(batch.customers) + sum(map(len, batch.children.values()))
        if self._waiting_rows >= self._rows_per_box:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        if self._index_later and not self._started:
            self._started = True
            with self._long.box() as connection:
                _drop_late_indexes(connection)
        started = time.monotonic()
        with unhurried(self._long.database.writer), self._long.box() as connection:
            # A tag may have been removed by another session since the last box.
            if (version := data_version(connection)) != self._seen_version:
                self._seen_version = version
                self._tags.clear()
            for batch in self._waiting:
                self._write(connection, batch)
        spent = time.monotonic() - started
        # Aim the next box at its time: other sessions wait for the whole of it.
        self._rows_per_box = max(200, min(100_000, int(self._rows_per_box * min(2.0, BOX_SECONDS / max(spent, 0.001)))))
        self._waiting.clear()
        self._waiting_rows = 0

    def _write(self, connection: Connection, batch: Batch) -> None:
        act = self._long.act
        count = len(batch.customers)
        if not count:
            return
        base = act.sequences.next("customers", count)
        self.bases.append(base)
        _insert(connection, "customers", ("id", *CUSTOMER_COLUMNS), (base,), batch.customers)
        self._long.inserted("customers", base, base + count - 1)
        for table, rows in batch.children.items():
            self._children(connection, table, base, CHILD_COLUMNS[table], rows)
        if batch.tags:
            for name in dict.fromkeys(name for _number, _customer, name in batch.tags if name not in self._tags):
                self._tags[name] = self._tag_id(connection, name)
            rows = [(number, customer, self._tags[name]) for number, customer, name in batch.tags]
            self._children(connection, "customer_tags", base, ("tag_id",), rows)
        if self._index_later:
            _queue(connection, base, base + count - 1)
        else:
            connection.executemany(f"INSERT INTO search(rowid, document) VALUES (? + {base}, ?)", batch.documents)
        self.inserted += count

    def _children(
        self, connection: Connection, table: str, base: int, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
    ) -> None:
        if not rows:
            return
        first = self._long.act.sequences.next(table, len(rows))
        written = _insert(connection, table, ("id", "customer_id", *columns), (first, base), rows)
        self._long.inserted(table, first, first + len(rows) - 1)
        if table == "external_ids":
            self.ids_taken += len(rows) - written

    def _tag_id(self, connection: Connection, name: str) -> int:
        row = connection.execute("SELECT id FROM tags WHERE name = ?", (name,)).fetchone()
        return row[0] if row else self._long.act.insert("tags", {"name": name})


@contextmanager
def unhurried(connection: Connection) -> Iterator[None]:
    """Settings for the boxes of a mass insert, around the transaction.

    Each row's parent is in the same batch, so nothing is looked up for foreign keys. A box that a power cut takes back belongs
    to an operation that is not done, which is taken back at the next start anyway: no sync for each. Many boxes change the
    same pages, so they are copied into the file seldom.
    """
    before = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("foreign_keys", "synchronous", "wal_autocheckpoint")
    }
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        yield
    finally:
        for name, value in before.items():
            connection.execute(f"PRAGMA {name} = {value}")


def restore_indexes(long: LongOperation) -> None:
    """Make the indexes that a mass insert into an empty file left out, each in a transaction of its own."""
    connection = long.database.writer
    with storage_errors(long.database.path):
        missing = connection.execute("SELECT value FROM settings WHERE key = ?", (_LATE_KEY,)).fetchone()
    if missing is None:
        return
    memory = connection.execute("PRAGMA temp_store").fetchone()[0]
    connection.execute("PRAGMA temp_store = FILE")  # sorting millions of keys takes its space on disk
    try:
        for statement in missing[0].split(";\n"):
            with long.box():
                connection.execute(statement)
    finally:
        connection.execute(f"PRAGMA temp_store = {memory}")
    with long.box():
        connection.execute("DELETE FROM settings WHERE key = ?", (_LATE_KEY,))


def _drop_late_indexes(connection: Connection) -> None:
    """Leave the late indexes out if the file has no customers, and note how they are made (several processes may do it)."""
    if connection.execute("SELECT EXISTS (SELECT 1 FROM customers)").fetchone()[0]:
        return
    marks = ",".join("?" * len(_LATE_INDEXES))
    found = connection.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND name IN ({marks})", _LATE_INDEXES
    ).fetchall()
    if not found:
        return
    statements = ";\n".join(sql.replace("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ", 1) for _name, sql in found)
    connection.execute("INSERT OR REPLACE INTO settings(key, value) VALUES (?, ?)", (_LATE_KEY, statements))
    for name, _sql in found:
        connection.execute(f"DROP INDEX {name}")


def _queue(connection: Connection, first: int, last: int) -> None:
    """Queue a range of customers for the search index; a range that follows the one before is joined to it."""
    joined = connection.execute("UPDATE search_queue SET last_id = ? WHERE last_id = ?", (last, first - 1)).rowcount
    if not joined:
        connection.execute("INSERT INTO search_queue(first_id, last_id) VALUES (?, ?)", (first, last))


def _insert(
    connection: Connection, table: str, columns: Sequence[str], bases: Sequence[int], rows: Sequence[tuple[object, ...]]
) -> int:
    """Insert rows whose first ``len(bases)`` values are numbers counted from these bases; how many went in.

    Only external ids may be there already: the customer that has one keeps it.
    """
    marks = [f"? + {base}" for base in bases] + ["?"] * (len(columns) - len(bases))
    rule = "OR IGNORE " if table == "external_ids" else ""
    cursor = connection.executemany(
        f"INSERT {rule}INTO {table}({', '.join(columns)}) VALUES ({', '.join(marks)})", rows
    )
    return cursor.rowcount
