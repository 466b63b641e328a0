"""Is a file whole: the checks that need no knowledge of the schema, for backups, restores and ``crmtui verify``."""

from crmtui.storage.driver import Connection

_REPORTED = 20


def integrity_faults(connection: Connection) -> list[str]:
    """What SQLite finds wrong in pages, indexes and the search index's own structure; empty when it is sound."""
    rows = connection.execute(f"PRAGMA integrity_check({_REPORTED})").fetchall()
    return [] if rows == [("ok",)] else [str(row[0]) for row in rows]


def foreign_key_faults(connection: Connection) -> list[str]:
    """Rows that name a row which does not exist, as ``table id: no parent``."""
    rows = connection.execute(
        'SELECT "table", rowid, parent FROM pragma_foreign_key_check LIMIT ?', (_REPORTED,)
    ).fetchall()
    return [f"{table} {row_id}: no {parent}" for table, row_id, parent in rows]
