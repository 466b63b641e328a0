"""Search documents on their way into the index after the rows: kept in a temporary file, written in short boxes."""

import tempfile
import time
from collections.abc import Callable
from types import TracebackType

from crmtui.storage.bulk import BOX_SECONDS, unhurried
from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation

_IN_MEMORY = 8 << 20
# Segments of the index that wait before they are merged: merging seldom is what makes writing fast.
_MERGE_WHILE_WRITING = 16
_MERGE_USUALLY = 4


class DocumentSpool:
    """Documents of customers that are in the file and queued for the index."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._sizes: list[int] = []

    def __enter__(self) -> "DocumentSpool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, documents: bytes) -> None:
        """Take the documents of a batch as UTF-8 with a NUL between them, in the order in which its customers are written."""
        self._file.write(documents)
        self._sizes.append(len(documents))

    def write(self, long: LongOperation, bases: list[int], progress: Callable[[int], None] | None = None) -> None:
        """Index all that was added; ``bases`` is the first customer id of each batch. ``progress`` is told the number done.

        Customers that another session has changed or removed since are indexed as they are now.
        """
        self._file.seek(0)
        connection = long.database.writer
        done, at, per_box = 0, 0, 2
        with long.box():
            connection.execute("INSERT INTO search(search, rank) VALUES ('automerge', ?)", (_MERGE_WHILE_WRITING,))
        while at < len(self._sizes):
            started = time.monotonic()
            with unhurried(connection), long.box():
                alone = not _others_wrote(connection, long.act.id)
                for base, size in zip(bases[at : at + per_box], self._sizes[at : at + per_box], strict=True):
                    documents = self._file.read(size).decode().split("\0")
                    _write(connection, base, documents, alone=alone)
                    done += len(documents)
            at += per_box
            spent = time.monotonic() - started
            per_box = max(1, min(64, round(per_box * min(2.0, BOX_SECONDS / max(spent, 0.001)))))
            if progress:
                progress(done)
        with long.box():
            connection.execute("INSERT INTO search(search, rank) VALUES ('automerge', ?)", (_MERGE_USUALLY,))


def _others_wrote(connection: Connection, operation_id: int) -> bool:
    found: int = connection.execute("SELECT EXISTS (SELECT 1 FROM operations WHERE id > ?)", (operation_id,)).fetchone()[0]
    return bool(found)


def _write(connection: Connection, base: int, documents: list[str], *, alone: bool) -> None:
    """Index the documents of the customers from ``base`` on, and take them out of the queue.

    Unless the import is ``alone``: a customer that an edit has indexed already is newer than its document, and one that is gone
    needs none.
    """
    last = base + len(documents) - 1
    rows = list(enumerate(documents, base))
    if not alone:
        there = {row[0] for row in connection.execute("SELECT id FROM customers WHERE id BETWEEN ? AND ?", (base, last))}
        there -= {
            row[0] for row in connection.execute("SELECT id FROM search_docsize WHERE id BETWEEN ? AND ?", (base, last))
        }
        rows = [row for row in rows if row[0] in there]
    connection.executemany("INSERT INTO search(rowid, document) VALUES (?, ?)", rows)
    connection.execute("DELETE FROM search_queue WHERE first_id = ? AND last_id = ?", (base, last))
    connection.execute("UPDATE search_queue SET first_id = ? WHERE first_id = ?", (last + 1, base))
