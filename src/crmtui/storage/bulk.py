"""Mass insert of customers and their rows: batches made elsewhere (often another process) go in by the thousand, in short boxes.

A batch numbers its rows from 0; the database adds the base ids while inserting, so this process touches no row in Python.
"""

from collections.abc import Mapping, Sequence

from crmtui.domain.batch import CHILD_COLUMNS, CUSTOMER_COLUMNS, Batch
from crmtui.storage.database import data_version, storage_errors
from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.pace import Pace
from crmtui.storage.search_index import end_mass_writing, queue_span

# Their keys come in no order, so in boxes of a thousand rows each entry costs a page. Into a file without customers they
# are left out and made at the end; nothing that is shown meanwhile needs them.
_LATE_INDEXES = (
    "contact_points_by_value",
    "customers_by_last",
    "customers_by_birthday",
    "addresses_by_city",
    "customers_by_company_name",
    "customers_by_city",
)
_LATE_KEY = "late_indexes"


class BulkWriter:
    """Writes batches inside a long operation, several to a box of about ``BOX_SECONDS``.

    With ``index_later`` the documents are not written: the customers are queued for the search index instead. Call ``flush`` at
    the end.
    ``ids_taken`` counts external ids that other customers had already and kept.
    """

    def __init__(self, long: LongOperation, *, index_later: bool = False) -> None:
        self._long = long
        self._index_later = index_later
        self._waiting: list[Batch] = []
        self._waiting_rows = 0
        self._pace = Pace(1000)
        self._tags = Tags(long)
        self.inserted = 0
        self.ids_taken = 0
        #: First id of each batch, in the order they were added.
        self.bases: list[int] = []

    def add(self, batch: Batch) -> None:
        """Take a batch; it is written when a box is full."""
        self._waiting.append(batch)
        self._waiting_rows += len(batch.customers) + sum(map(len, batch.children.values()))
        if self._waiting_rows >= self._pace.size:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        with self._pace.box(self._long, self._waiting_rows) as connection:
            self._tags.begin(connection)
            for batch in self._waiting:
                self._write(connection, batch)
        self._waiting.clear()
        self._waiting_rows = 0

    def _write(self, connection: Connection, batch: Batch) -> None:
        act = self._long.act
        count = len(batch.customers)
        if not count:
            return
        base = act.sequences.next("customers", count)
        self.bases.append(base)
        insert(connection, "customers", ("id", *CUSTOMER_COLUMNS), (base,), batch.customers)
        self._long.inserted("customers", base, base + count - 1)
        self.ids_taken += insert_children(self._long, base, batch.children)
        if batch.rhythms:
            connection.executemany(
                f"UPDATE customers SET usual_gap_days = ?, quiet_from = ? WHERE id = ? + {base}", batch.rhythms
            )
        insert_children(self._long, base, {"customer_tags": self._tags.rows(connection, batch.tags)})
        if self._index_later:
            queue_span(connection, base, base + count - 1)
        else:
            connection.executemany(f"INSERT INTO search(rowid, document) VALUES (? + {base}, ?)", batch.documents)
        self.inserted += count


class Tags:
    """The ids of tags by name, made when they are new; known as long as no other session writes."""

    def __init__(self, long: LongOperation) -> None:
        self._long = long
        self._ids: dict[str, int] = {}
        self._seen_version = -1

    def begin(self, connection: Connection) -> None:
        """Call at the begin of a box: a tag may have been removed by another session since the last one."""
        if (version := data_version(connection)) != self._seen_version:
            self._seen_version = version
            self._ids.clear()

    def rows(self, connection: Connection, tags: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, int]]:
        """(number, customer, name) as (number, customer, tag id)."""
        ids = self._ids
        # In the order they come, not a set's: the same file gives the same database each time.
        for name in dict.fromkeys(name for _number, _customer, name in tags if name not in ids):
            row = connection.execute("SELECT id FROM tags WHERE name = ?", (name,)).fetchone()
            ids[name] = row[0] if row else self._long.act.insert("tags", {"name": name})
        return [(number, customer, ids[name]) for number, customer, name in tags]


def insert_children(long: LongOperation, base: int, children: Mapping[str, Sequence[tuple[object, ...]]]) -> int:
    """Insert the rows (by table) of customers numbered from ``base``, in the open box; how many external ids were taken already."""
    taken = 0
    for table, rows in children.items():
        if rows:
            columns = ("tag_id",) if table == "customer_tags" else CHILD_COLUMNS[table]
            count = rows[-1][0] + 1  # type: ignore[operator]  # rows are numbered; some may have been left out
            first = long.act.sequences.next(table, count)
            written = insert(long.database.writer, table, ("id", "customer_id", *columns), (first, base), rows)
            long.inserted(table, first, first + count - 1)
            if table == "external_ids":
                taken += len(rows) - written
    return taken


def restore_indexes(long: LongOperation) -> None:
    """Make the indexes that a mass insert into an empty file left out, each in a transaction of its own, and let the search
    index be merged as usual again."""
    connection = long.database.writer
    with long.box():
        end_mass_writing(connection)
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


def drop_late_indexes(connection: Connection) -> None:
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


def insert(
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
