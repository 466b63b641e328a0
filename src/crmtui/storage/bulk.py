"""Mass insert of customers and their rows: batches made elsewhere (often another process) go in by the thousand, in short boxes.

A batch numbers its rows from 0; the database adds the base ids while inserting, so this process touches no row in Python.
"""

import time
from collections.abc import Sequence

from crmtui.domain.batch import CHILD_COLUMNS, CUSTOMER_COLUMNS, Batch
from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation

BOX_SECONDS = 0.06


class BulkWriter:
    """Writes batches inside a long operation, several to a box of about ``BOX_SECONDS``.

    With ``index_later`` the documents are not written: the customers are queued for the search index instead, and can be
    browsed before it is ready. Call ``flush`` at the end.
    """

    def __init__(self, long: LongOperation, *, index_later: bool = False) -> None:
        self._long = long
        self._index_later = index_later
        self._waiting: list[Batch] = []
        self._waiting_rows = 0
        self._rows_per_box = 1000
        self._tags: dict[str, int] = {}
        self.inserted = 0

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
        started = time.monotonic()
        with self._long.box() as connection:
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
        base = act.sequences.next("customers", count)
        _insert(connection, "customers", ("id", *CUSTOMER_COLUMNS), (base,), batch.customers)
        self._long.inserted("customers", base, base + count - 1)
        for table, rows in batch.children.items():
            self._children(connection, table, base, CHILD_COLUMNS[table], rows)
        if batch.tags:
            for name in {name for _number, _customer, name in batch.tags} - self._tags.keys():
                self._tags[name] = self._tag_id(connection, name)
            rows = [(number, customer, self._tags[name]) for number, customer, name in batch.tags]
            self._children(connection, "customer_tags", base, ("tag_id",), rows)
        if self._index_later:
            connection.execute("INSERT INTO search_queue(first_id, last_id) VALUES (?, ?)", (base, base + count - 1))
        else:
            connection.executemany(f"INSERT INTO search(rowid, document) VALUES (? + {base}, ?)", batch.documents)
        self.inserted += count

    def _children(
        self, connection: Connection, table: str, base: int, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
    ) -> None:
        if not rows:
            return
        first = self._long.act.sequences.next(table, len(rows))
        _insert(connection, table, ("id", "customer_id", *columns), (first, base), rows)
        self._long.inserted(table, first, first + len(rows) - 1)

    def _tag_id(self, connection: Connection, name: str) -> int:
        row = connection.execute("SELECT id FROM tags WHERE name = ?", (name,)).fetchone()
        return row[0] if row else self._long.act.insert("tags", {"name": name})


def _insert(
    connection: Connection, table: str, columns: Sequence[str], bases: Sequence[int], rows: Sequence[tuple[object, ...]]
) -> None:
    """Insert rows whose first ``len(bases)`` values are numbers counted from these bases."""
    marks = [f"? + {base}" for base in bases] + ["?"] * (len(columns) - len(bases))
    connection.executemany(f"INSERT INTO {table}({', '.join(columns)}) VALUES ({', '.join(marks)})", rows)
