"""Upkeep of the search index beyond single edits: the queue that mass inserts leave, rebuild, and the check that it is whole."""

import time
from collections.abc import Callable

from crmtui.storage.database import Database, storage_errors
from crmtui.storage.derived import refresh_customers
from crmtui.storage.driver import Connection

_BOX_SECONDS = 0.06
_STEP = 500


def drain_queue(database: Database, progress: Callable[[int], None] | None = None) -> int:
    """Index every queued customer, in short transactions; returns how many. ``progress`` is told the number done so far."""
    connection = database.writer
    done = 0
    with storage_errors(database.path):
        while True:
            connection.execute("BEGIN IMMEDIATE")
            try:
                finished = _drain_box(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            if finished is None:
                return done
            done += finished
            if progress:
                progress(done)


def _drain_box(connection: Connection) -> int | None:
    deadline = time.monotonic() + _BOX_SECONDS
    done = 0
    while time.monotonic() < deadline:
        entry = connection.execute("SELECT id, first_id, last_id FROM search_queue ORDER BY id LIMIT 1").fetchone()
        if entry is None:
            return done or None
        queue_id, first, last = entry
        end = min(last, first + _STEP - 1)
        ids = [row[0] for row in connection.execute("SELECT id FROM customers WHERE id BETWEEN ? AND ?", (first, end))]
        refresh_customers(connection, ids)
        done += len(ids)
        if end == last:
            connection.execute("DELETE FROM search_queue WHERE id = ?", (queue_id,))
        else:
            connection.execute("UPDATE search_queue SET first_id = ? WHERE id = ?", (end + 1, queue_id))
    return done


def queue_length(connection: Connection) -> int:
    """How many customers wait to be indexed."""
    return int(connection.execute("SELECT coalesce(sum(last_id - first_id + 1), 0) FROM search_queue").fetchone()[0])


def rebuild(database: Database, progress: Callable[[int], None] | None = None) -> int:
    """Make the whole index anew; searches find less until it is done. Returns the number of customers indexed."""
    connection = database.writer
    with storage_errors(database.path):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM search_queue")
        connection.execute("INSERT INTO search(search) VALUES ('delete-all')")
        connection.execute(
            "INSERT INTO search_queue(first_id, last_id) SELECT min(id), max(id) FROM customers HAVING count(*) > 0"
        )
        connection.execute("COMMIT")
    return drain_queue(database, progress)


def missing_from_index(connection: Connection, limit: int = 20) -> list[int]:
    """Customers that the index does not know although they are not queued; empty when the index is whole."""
    rows = connection.execute(
        "SELECT id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM search_docsize d WHERE d.id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE c.id BETWEEN q.first_id AND q.last_id) LIMIT ?",
        (limit,),
    )
    return [row[0] for row in rows]
