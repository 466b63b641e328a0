"""Customers as a plain SQLite file that any program opens, with the tables of SQL scripts. It knows nothing of this program's own files.

The file is made here as only this layer knows SQLite; ``services.sqlite_out`` brings it together with the records.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from crmtui.storage.driver import Connection, Error, connect

_BLOCK = 1 << 20
_BUFFERED = 2000
Rows = Sequence[tuple[str, Sequence[object]]]


class SqliteFile:
    """Rows into a SQLite file made beside, which becomes bytes of ``stream`` at the end.

    ``statements`` make the tables; ``tables`` says how many columns each has.
    """

    def __init__(self, stream: BinaryIO, statements: Sequence[str], tables: dict[str, int]) -> None:
        self._stream = stream
        self._folder = tempfile.mkdtemp(prefix="crmtui-export-")
        self._path = os.path.join(self._folder, "customers.sqlite")
        self._rows: dict[str, list[Sequence[object]]] = {table: [] for table in tables}
        self._insert = {
            table: f'INSERT INTO "{table}" VALUES ({", ".join("?" * count)})' for table, count in tables.items()
        }
        self._waiting = 0
        self._connection: Connection | None = None
        try:
            with _as_file_errors():
                self._connection = connect(self._path, uri=False)
                for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
                    self._connection.execute(f"PRAGMA {setting}")  # a file that is not complete is thrown away
                self._connection.execute("BEGIN")
                for statement in statements:
                    self._connection.execute(statement)
        except BaseException:
            self.abandon()
            raise

    def add(self, rows: Rows) -> None:
        """Take rows as (table, values)."""
        for table, values in rows:
            self._rows[table].append(values)
        self._waiting += 1
        if self._waiting >= _BUFFERED:
            self._flush()

    def finish(self) -> None:
        """Close the file and hand its bytes to the stream."""
        assert self._connection is not None
        self._flush()
        with _as_file_errors():
            for table in self._rows:
                if table != "customers":
                    self._connection.execute(f'CREATE INDEX "{table}_by_customer" ON "{table}" (customer_id)')
            self._connection.execute("COMMIT")
            self._connection.close()
        self._connection = None
        with open(self._path, "rb") as file:
            shutil.copyfileobj(file, self._stream, _BLOCK)
        self.abandon()

    def abandon(self) -> None:
        """Remove what was made beside."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _flush(self) -> None:
        assert self._connection is not None
        with _as_file_errors():
            for table, rows in self._rows.items():
                self._connection.executemany(self._insert[table], rows)
                rows.clear()
        self._waiting = 0


@contextmanager
def _as_file_errors() -> Iterator[None]:
    """A full disk under SQLite is told like one under any other file."""
    try:
        yield
    except Error as error:
        raise OSError(errno.EIO, str(error)) from None
