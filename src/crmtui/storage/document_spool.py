"""Search documents on their way into the index after the rows: kept in a temporary file, written in short boxes."""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from crmtui.storage.bulk import BOX_SECONDS, unhurried
from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation

_IN_MEMORY = 8 << 20
_MOST_BATCHES = 64
# Segments of the index that wait before they are merged: merging seldom is what makes writing fast.
_MERGE_WHILE_WRITING = 16
_MERGE_USUALLY = 4


class DocumentSpool:
    """Documents of customers that are in the file and queued for the index.

    While the file is read, whoever waits for rows may call ``write_some``; ``write_rest`` finishes. ``written`` counts the
    customers indexed so far.
    """

    def __init__(self, long: LongOperation) -> None:
        self._long = long
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._sizes: list[int] = []
        self._end = 0
        self._at = 0
        self._per_box = 2
        self._seldom = False
        self.written = 0

    def __enter__(self) -> "DocumentSpool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, documents: bytes) -> None:
        """Take the documents of a batch as UTF-8 with a NUL between them, in the order in which its customers are written."""
        self._file.seek(0, os.SEEK_END)
        self._file.write(documents)
        self._sizes.append(len(documents))

    def write_some(self, bases: Sequence[int]) -> bool:
        """Index the documents of some batches in one box; False when there are none whose customers are written.

        ``bases`` is the first customer id of each batch written so far. Customers that another session has changed or removed
        since are left as they are now.
        """
        at, end = self._at, min(self._at + self._per_box, len(bases))
        if at >= end:
            return False
        if not self._seldom:
            self._merge(_MERGE_WHILE_WRITING)
            self._seldom = True
        started = time.monotonic()
        self._file.seek(self._end)
        connection = self._long.database.writer
        with unhurried(connection), self._long.box():
            alone = not _others_wrote(connection, self._long.act.id)
            for base, size in zip(bases[at:end], self._sizes[at:end], strict=True):
                documents = self._file.read(size).decode().split("\0")
                _write(connection, base, documents, alone=alone)
                self.written += len(documents)
        self._end += sum(self._sizes[at:end])
        self._at = end
        spent = time.monotonic() - started
        self._per_box = max(1, min(_MOST_BATCHES, round(self._per_box * min(2.0, BOX_SECONDS / max(spent, 0.001)))))
        return True

    def write_rest(self, bases: Sequence[int], progress: Callable[[int], None]) -> None:
        """Index all that is left; ``progress`` is told how many are done."""
        while self.write_some(bases):
            progress(self.written)
        self._merge(_MERGE_USUALLY)

    def _merge(self, segments: int) -> None:
        with self._long.box() as connection:
            connection.execute("INSERT INTO search(search, rank) VALUES ('automerge', ?)", (segments,))


def _others_wrote(connection: Connection, operation_id: int) -> bool:
    found: int = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM operations WHERE id > ?)", (operation_id,)
    ).fetchone()[0]
    return bool(found)


def _write(connection: Connection, base: int, documents: list[str], *, alone: bool) -> None:
    """Index the documents of the customers from ``base`` on, and take them out of the queue.

    Unless the import is ``alone``: a customer that an edit has indexed already is newer than its document, and one that is gone
    needs none.
    """
    last = base + len(documents) - 1
    rows = list(enumerate(documents, base))
    if not alone:
        there = {
            row[0] for row in connection.execute("SELECT id FROM customers WHERE id BETWEEN ? AND ?", (base, last))
        }
        there -= {
            row[0] for row in connection.execute("SELECT id FROM search_docsize WHERE id BETWEEN ? AND ?", (base, last))
        }
        rows = [row for row in rows if row[0] in there]
    connection.executemany("INSERT INTO search(rowid, document) VALUES (?, ?)", rows)
    connection.execute("DELETE FROM search_queue WHERE first_id = ? AND last_id = ?", (base, last))
    connection.execute("UPDATE search_queue SET first_id = ? WHERE first_id = ?", (last + 1, base))
