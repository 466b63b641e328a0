"""Plain access to rows: columns of a table, a row as a dict, never-reused row ids."""

from crmtui.storage.driver import Connection

_COLUMNS: dict[str, tuple[str, ...]] = {}


def columns_of(connection: Connection, table: str) -> tuple[str, ...]:
    """The column names of ``table`` in order (the schema of this version is the same for every file, so it is kept)."""
    if table not in _COLUMNS:
        _COLUMNS[table] = tuple(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
    return _COLUMNS[table]


def read_row(connection: Connection, table: str, row_id: int) -> dict[str, object] | None:
    """The row with this id as a dict, or None."""
    columns = columns_of(connection, table)
    row = connection.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE id = ?", (row_id,)).fetchone()
    return None if row is None else dict(zip(columns, row, strict=True))


class Sequences:
    """Row ids that are never given twice, also after an undo. Lives inside one write transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._last: dict[str, int] = {}
        self._changed: set[str] = set()

    def next(self, table: str, count: int = 1) -> int:
        """Reserve ``count`` ids in a row and return the first."""
        last = self._last.get(table)
        if last is None:
            found = self._connection.execute("SELECT last_id FROM sequences WHERE table_name = ?", (table,)).fetchone()
            highest = self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
            last = max(found[0] if found else 0, highest or 0)
        self._last[table] = last + count
        self._changed.add(table)
        return last + 1

    def flush(self) -> None:
        """Write what was given out; call before the commit."""
        for table in self._changed:
            self._connection.execute("INSERT OR REPLACE INTO sequences VALUES (?, ?)", (table, self._last[table]))
        self._last.clear()
        self._changed.clear()
