"""Is a file whole: the checks that need no knowledge of the schema, for backups, restores and ``crmtui verify``."""

from random import randint

from crmtui.storage.driver import Connection

_REPORTED = 20


def integrity_faults(connection: Connection, *, thorough: bool = True) -> list[str]:
    """What SQLite finds wrong in pages, indexes and the search index's own structure; empty when it is sound.

    Unless ``thorough``, the entries of the indexes are not compared with their rows: half the time.
    """
    check = "integrity_check" if thorough else "quick_check"
    rows = connection.execute(f"PRAGMA {check}({_REPORTED})").fetchall()
    return [] if rows == [("ok",)] else [str(row[0]) for row in rows]


def foreign_key_faults(connection: Connection) -> list[str]:
    """Rows that name a row which does not exist, as ``table id: no parent``."""
    rows = connection.execute(
        'SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT ?', (_REPORTED,)
    ).fetchall()
    return [f"{table} {row_id}: no {parent}" for table, row_id, parent in rows]


def customer_sample(connection: Connection, count: int) -> list[int]:
    """The ids of up to ``count`` customers, chosen at random by drawing from the range of ids."""
    lowest, highest = connection.execute("SELECT min(id), max(id) FROM customers").fetchone()
    if lowest is None:
        return []
    found: set[int] = set()
    for drawn in (randint(lowest, highest) for _draw in range(count)):
        row = connection.execute("SELECT id FROM customers WHERE id >= ? ORDER BY id LIMIT 1", (drawn,)).fetchone()
        found.add(row[0])
    return sorted(found)
