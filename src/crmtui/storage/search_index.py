"""Upkeep of the search index beyond single edits: the queue that mass inserts leave, rebuild, and the check that it is whole."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from crmtui.storage.database import Database, storage_errors
from crmtui.storage.derived import compute, refresh_customers
from crmtui.storage.driver import SQLITE_VERSION, Connection, connect
from crmtui.storage.schema import SEARCH_AUTOMERGE

_BOX_SECONDS = 0.06
_STEP = 500
# Pieces of the index are merged by the sixteen during a mass insert, and otherwise by the save that finds enough of them.
_MERGED_PAGES = 32
_WHILE_WRITING = (("automerge", 0), ("crisismerge", 1_000), ("usermerge", 16), ("hashsize", 8 << 20))
_USUALLY = (("automerge", SEARCH_AUTOMERGE), ("crisismerge", 16), ("usermerge", 4), ("hashsize", 1 << 20))
_CONTENTLESS = SQLITE_VERSION >= (3, 43)  # as in the schema: older ones keep the text


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
        _clear(connection)
        connection.execute(
            "INSERT INTO search_queue(first_id, last_id) SELECT min(id), max(id) FROM customers HAVING count(*) > 0"
        )
        connection.execute("COMMIT")
    return drain_queue(database, progress)


def queue_span(connection: Connection, first: int, last: int) -> None:
    """Queue customers by a span of ids; one that follows the span before is joined to it, so that the queue stays short."""
    joined = connection.execute("UPDATE search_queue SET last_id = ? WHERE last_id = ?", (last, first - 1)).rowcount
    if not joined:
        connection.execute("INSERT INTO search_queue(first_id, last_id) VALUES (?, ?)", (first, last))


@contextmanager
def merged_seldom(connection: Connection) -> Iterator[None]:
    """Let many small pieces of the index lie while boxes write them: merging them all the time takes half of the writing."""
    connection.execute("INSERT INTO search(search, rank) VALUES ('automerge', 16)")
    try:
        yield
    finally:
        connection.execute("INSERT INTO search(search, rank) VALUES ('automerge', ?)", (SEARCH_AUTOMERGE,))


def begin_mass_writing(connection: Connection) -> None:
    """Let no save merge pieces of the index for now: ``merge_some`` does it, in boxes of its own."""
    for setting, value in _WHILE_WRITING:
        connection.execute("INSERT INTO search(search, rank) VALUES (?, ?)", (setting, value))


def merge_some(connection: Connection, seconds: float) -> None:
    """Merge pieces of the index where there are many of a size, for about so long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = connection.total_changes
        connection.execute("INSERT INTO search(search, rank) VALUES ('merge', ?)", (_MERGED_PAGES,))
        if connection.total_changes - before < 2:  # so SQLite tells that there was nothing to do
            return


def end_mass_writing(connection: Connection) -> None:
    """Let saves merge pieces of the index as usual again."""
    for setting, value in _USUALLY:
        connection.execute("INSERT INTO search(search, rank) VALUES (?, ?)", (setting, value))


def begin_mass_removal(connection: Connection) -> None:
    """Let removed entries lie for now: cleaning up after each thousand of them takes more time than all the rest of an undo."""
    if _CONTENTLESS:
        connection.execute("INSERT INTO search(search, rank) VALUES ('deletemerge', 0)")


def end_mass_removal(connection: Connection) -> None:
    """Clean up again as entries are removed; an index without customers is emptied at once."""
    if _CONTENTLESS:
        connection.execute("INSERT INTO search(search, rank) VALUES ('deletemerge', 10)")
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM customers)").fetchone()[0]:
        connection.execute("DELETE FROM search_queue")
        _clear(connection)


def _clear(connection: Connection) -> None:
    if _CONTENTLESS:
        connection.execute("INSERT INTO search(search) VALUES ('delete-all')")
    else:
        connection.execute("DELETE FROM search")


def missing_from_index(connection: Connection, limit: int = 20) -> list[int]:
    """Customers that the index does not know although they are not queued; empty when the index is whole."""
    rows = connection.execute(
        "SELECT id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM search_docsize d WHERE d.id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM search_queue q WHERE c.id BETWEEN q.first_id AND q.last_id) LIMIT ?",
        (limit,),
    )
    return [row[0] for row in rows]


def left_over_in_index(connection: Connection, limit: int = 20) -> list[int]:
    """Entries of the index whose customer does not exist; empty when the index is whole."""
    rows = connection.execute(
        "SELECT id FROM search_docsize d WHERE NOT EXISTS (SELECT 1 FROM customers c WHERE c.id = d.id) LIMIT ?",
        (limit,),
    )
    return [row[0] for row in rows]


def stale_in_index(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Of these customers (a few hundred at most), those whose entry in the index is not the one that they should have.

    Every term of the document computed anew must find its customer, and the entry must hold no further term.
    """
    stale = []
    queued = connection.execute("SELECT first_id, last_id FROM search_queue").fetchall()
    documents = [
        (entry.customer_id, entry.document)
        for entry in compute(connection, ids)
        if not any(first <= entry.customer_id <= last for first, last in queued)
    ]
    with closing(connect(":memory:", uri=False)) as scratch:
        scratch.execute("CREATE VIRTUAL TABLE search USING fts5(document, tokenize='unicode61 remove_diacritics 0')")
        scratch.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(search, instance)")
        scratch.executemany("INSERT INTO search(rowid, document) VALUES (?, ?)", documents)
        for customer, _document in documents:
            terms = [row[0] for row in scratch.execute("SELECT DISTINCT term FROM terms WHERE doc = ?", (customer,))]
            should, has = (
                source.execute("SELECT sz FROM search_docsize WHERE id = ?", (customer,)).fetchone()
                for source in (scratch, connection)
            )
            found = connection.execute(
                "SELECT count(*) FROM json_each(?) WHERE EXISTS (SELECT 1 FROM search WHERE search MATCH value AND rowid = ?)",
                (json.dumps([f'"{term}"' for term in terms]), customer),
            ).fetchone()[0]
            if should != has or found != len(terms):
                stale.append(customer)
    return stale
