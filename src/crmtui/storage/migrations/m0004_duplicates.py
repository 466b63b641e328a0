"""Schema 4: comparison values, keys and pairs of the search for duplicates; what lost a merge, and where merged customers went."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

_STATEMENTS = (
    "DROP TABLE duplicate_keys",
    "DROP TABLE duplicate_pairs",
    "DROP TABLE duplicate_decisions",
    # Everything up to here is made again by a scan; none of it is journalled.
    "CREATE TABLE duplicate_profiles (customer_id INTEGER PRIMARY KEY, profile TEXT NOT NULL)",
    "CREATE TABLE duplicate_keys (key INTEGER NOT NULL, customer_id INTEGER NOT NULL, PRIMARY KEY (key, customer_id)) WITHOUT ROWID",
    "CREATE TABLE duplicate_frequencies (term INTEGER PRIMARY KEY, count INTEGER NOT NULL)",
    "CREATE TABLE duplicate_waiting (first_id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL)",
    "CREATE TABLE duplicate_state (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE duplicate_pairs (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL, b_id INTEGER NOT NULL, bits REAL NOT NULL,"
    " level TEXT NOT NULL, levels TEXT NOT NULL, rival TEXT NOT NULL, via INTEGER NOT NULL DEFAULT 0, group_id INTEGER)",
    "CREATE UNIQUE INDEX duplicate_pairs_by_ids ON duplicate_pairs(a_id, b_id)",
    "CREATE INDEX duplicate_pairs_by_other ON duplicate_pairs(b_id)",
    "CREATE INDEX duplicate_pairs_by_bits ON duplicate_pairs(bits DESC, a_id, b_id)",
    "CREATE INDEX duplicate_pairs_by_level ON duplicate_pairs(level, bits DESC, a_id, b_id)",
    "CREATE INDEX duplicate_pairs_by_group ON duplicate_pairs(group_id) WHERE group_id IS NOT NULL",
    # What a person decided about two customers; content names them by what they say, so that it survives a re-import.
    "CREATE TABLE duplicate_decisions (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL, b_id INTEGER NOT NULL,"
    " decision TEXT NOT NULL, actor TEXT, at TEXT, content TEXT)",
    "CREATE UNIQUE INDEX duplicate_decisions_by_ids ON duplicate_decisions(a_id, b_id)",
    "CREATE INDEX duplicate_decisions_by_content ON duplicate_decisions(content) WHERE content IS NOT NULL",
    # A value that lost a merge: kept with the survivor, searchable, shown on request.
    "CREATE TABLE alternates (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id),"
    " field TEXT NOT NULL, value TEXT NOT NULL, from_id INTEGER)",
    "CREATE INDEX alternates_by_customer ON alternates(customer_id)",
    # A merged customer's id leads to the survivor for ever.
    "CREATE TABLE redirects (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers(id), merged_id INTEGER NOT NULL)",
    "CREATE UNIQUE INDEX redirects_by_merged ON redirects(merged_id)",
    "CREATE INDEX redirects_by_customer ON redirects(customer_id)",
)


def apply(database: "Database") -> None:
    """Make the tables anew; a file of schema 1 holds nothing in them yet."""
    for statement in _STATEMENTS:
        database.execute(statement)
