"""Numbered schema changes, applied through sqlite-utils, each in one transaction with its record.

This package is imported only when ``PRAGMA user_version`` says that something is to be done: sqlite-utils costs a look-up more
than the look-up itself.
"""

from crmtui.storage.driver import Connection, sqlite_utils_database
from crmtui.storage.migrations import (
    m0001_first_schema,
    m0002_filter_indexes,
    m0003_working_day,
    m0004_duplicates,
    m0005_activity_ids,
)
from crmtui.storage.schema import APPLICATION_ID, SCHEMA_VERSION


def migrate(connection: Connection) -> None:
    """Bring the file behind ``connection`` to ``SCHEMA_VERSION``; safe to run by two processes at once.

    The whole climb is one IMMEDIATE transaction: a crash leaves the old version or the new one, never something between.
    """
    from sqlite_utils import Migrations

    steps = Migrations("crmtui")
    steps(name="0001_first_schema")(m0001_first_schema.apply)
    steps(name="0002_filter_indexes")(m0002_filter_indexes.apply)
    steps(name="0003_working_day")(m0003_working_day.apply)
    steps(name="0004_duplicates")(m0004_duplicates.apply)
    steps(name="0005_activity_ids")(m0005_activity_ids.apply)
    memory = connection.execute("PRAGMA temp_store").fetchone()[0]
    connection.execute("PRAGMA temp_store = FILE")  # what a step changes is kept twice until it is done, and sorted
    connection.execute("BEGIN IMMEDIATE")
    try:
        steps.apply(sqlite_utils_database(connection))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute(f"PRAGMA temp_store = {memory}")
