"""Schema 5: the ids that interactions, transactions, deals and tasks have in other systems, so that a second import knows them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_STATEMENTS = (
    "CREATE TABLE activity_ids (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id),"
    " table_name TEXT NOT NULL, row_id INTEGER NOT NULL, system TEXT NOT NULL, external_id TEXT NOT NULL)",
    "CREATE UNIQUE INDEX activity_ids_by_id ON activity_ids(external_id, system, table_name)",
    "CREATE INDEX activity_ids_by_customer ON activity_ids(customer_id)",
)


def apply(database: "Database") -> None:
    """Make the table and its indexes."""
    for statement in _STATEMENTS:
        database.execute(statement)
