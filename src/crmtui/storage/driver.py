"""The one SQLite driver: SQLCipher's build (SQLite 3.53, FTS5) for every database, the standard module where it has no wheel.

Everything that touches SQLite imports its names from here, so encryption is a key and not a second code path.
"""

import sys

from crmtui.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3 as dbapi
    from sqlite3 import Connection as Connection
    from sqlite3 import Cursor as Cursor
    from typing import Any

    from sqlite_utils import Database as SqliteUtilsDatabase

    CIPHER = True
else:
    try:
        from sqlcipher3 import dbapi2 as dbapi

        CIPHER = True
    except ImportError:
        import sqlite3 as dbapi

        CIPHER = False
    Connection = dbapi.Connection
    Cursor = dbapi.Cursor

# Without it, every None on its way into a statement is asked in vain what it adapts to: 1.4 µs each instead of 0.1.
dbapi.register_adapter(type(None), {}.get)  # type: ignore[arg-type]  # a C function, for its speed

Error = dbapi.Error
DatabaseError = dbapi.DatabaseError
OperationalError = dbapi.OperationalError
IntegrityError = dbapi.IntegrityError
SQLITE_VERSION: tuple[int, ...] = dbapi.sqlite_version_info


def wal_is_safe() -> bool:
    """False for SQLite versions with the WAL-reset bug (3.7.0 to 3.51.2, but 3.44.6+ and 3.50.7+ of their lines)."""
    version = SQLITE_VERSION
    return version >= (3, 51, 3) or (3, 44, 6) <= version < (3, 45) or (3, 50, 7) <= version < (3, 51)


def connect(location: str, *, uri: bool = True, timeout: float = 5.0) -> "Connection":
    """A connection in autocommit mode (transactions are begun by us, IMMEDIATE); ``timeout`` in seconds of waiting for a lock."""
    connection: Connection = dbapi.connect(
        location, timeout=timeout, isolation_level=None, uri=uri, check_same_thread=False
    )
    return connection


def sqlite_utils_database(connection: "Connection") -> "SqliteUtilsDatabase":
    """``connection`` as a sqlite-utils database.

    sqlite-utils prefers a module named ``pysqlite3`` and catches that module's exceptions: giving it our driver under that
    name makes the two agree on what an OperationalError is.
    """
    driver: Any = dbapi
    sys.modules.setdefault("pysqlite3", driver)
    sys.modules.setdefault("pysqlite3.dbapi2", driver)
    import sqlite_utils

    return sqlite_utils.Database(connection, execute_plugins=False)
