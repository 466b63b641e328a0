"""Which values a field has, quickly: for completion, where a million rows must not be read while somebody types.

Owners, stages and tags come from their indexes, one step a value. Other fields are read in a few thousand customers spread
evenly over the file, which shows every value of some weight with the commonest first; a rare value is found by the search
index once it is typed in part.
"""

import json

from crmtui.domain.search_words import match_expression
from crmtui.storage.driver import Connection

_PIECES = 64
_PIECE_ROWS = 64
_SAMPLED_MOST = 100  # of a field whose every value is another, the rest is found by what is typed
_INDEXED_MOST = 500
_MATCHES = 60
_COUNTED = 1000

INDEXED = ("owner", "stage")
SAMPLED = {
    "city": "customers.city",
    "source": "customers.source",
    "company": "customers.company",
    "job_title": "customers.job_title",
    "language": "customers.language",
    "domain": "substr(customers.email, instr(customers.email, '@') + 1)",
    "region": "addresses.region",
    "country": "addresses.country",
    "postal_code": "addresses.postal_code",
}


def indexed_values(connection: Connection, column: str) -> list[str]:
    """Every owner or stage in use, by skipping through its index."""
    rows = connection.execute(
        f"WITH RECURSIVE found(value) AS (SELECT min({column}) FROM customers WHERE {column} IS NOT NULL UNION ALL"
        f" SELECT (SELECT min({column}) FROM customers WHERE {column} > found.value) FROM found WHERE found.value IS NOT NULL)"
        " SELECT value FROM found WHERE value IS NOT NULL LIMIT ?",
        (_INDEXED_MOST,),
    )
    return [row[0] for row in rows]


def tag_names(connection: Connection) -> list[str]:
    """The tags of this file, by name."""
    return [row[0] for row in connection.execute("SELECT name FROM tags ORDER BY name LIMIT 5000")]


def sampled_values(connection: Connection, field: str) -> list[str]:
    """The values of a field of ``SAMPLED`` or of ``custom.KEY`` among a few thousand customers, the commonest first."""
    expression, parameters = _expression(field)
    table = "addresses" if expression.startswith("addresses.") else "customers"
    low, high = connection.execute(f"SELECT (SELECT min(id) FROM {table}), (SELECT max(id) FROM {table})").fetchone()
    if low is None:
        return []
    step = max(_PIECE_ROWS, (high - low + 1) // _PIECES)
    starts = json.dumps([low + piece * step for piece in range(_PIECES)])
    rows = connection.execute(
        f"SELECT {expression} AS found, count(*) FROM json_each(?) AS piece CROSS JOIN {table}"
        f" ON {table}.id BETWEEN piece.value AND piece.value + {_PIECE_ROWS - 1}"
        f" WHERE coalesce({expression}, '') <> '' GROUP BY found ORDER BY count(*) DESC, found LIMIT {_SAMPLED_MOST}",
        (*parameters, starts, *parameters),
    )
    return [str(row[0]) for row in rows]


def matching_values(connection: Connection, field: str, typed: str) -> list[str]:
    """Values of a searched field of ``SAMPLED`` among the customers that the search index finds for ``typed``."""
    expression = match_expression(typed)
    column, _parameters = _expression(field)
    if expression is None:
        return []
    ids = [
        row[0]
        for row in connection.execute("SELECT rowid FROM search WHERE search MATCH ? LIMIT ?", (expression, _MATCHES))
    ]
    table, key = ("addresses", "customer_id") if column.startswith("addresses.") else ("customers", "id")
    rows = connection.execute(
        f"SELECT {column} AS found, count(*) FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))"
        f" AND {column} IS NOT NULL GROUP BY found ORDER BY count(*) DESC, found",
        (json.dumps(ids),),
    )
    return [str(row[0]) for row in rows]


def counted(connection: Connection, field: str, value: str) -> int | None:
    """How many customers have this owner, stage or tag, archived ones too; None when there are more than a thousand."""
    sql = (
        "SELECT 1 FROM customer_tags WHERE tag_id = (SELECT id FROM tags WHERE name = ?)"
        if field == "tags"
        else f"SELECT 1 FROM customers WHERE {field} = ?"
    )
    found: int = connection.execute(f"SELECT count(*) FROM ({sql} LIMIT {_COUNTED + 1})", (value,)).fetchone()[0]
    return found if found <= _COUNTED else None


def recent_imports(connection: Connection) -> list[tuple[int, str]]:
    """The newest imports (operation, file) among the last few hundred operations."""
    rows = connection.execute(
        "SELECT id, subject FROM (SELECT id, kind, subject, state FROM operations ORDER BY id DESC LIMIT 500)"
        " WHERE kind = 'import' AND state = 'done' LIMIT 9"
    )
    return [(row[0], row[1] or "") for row in rows]


def _expression(field: str) -> tuple[str, tuple[str, ...]]:
    if field in SAMPLED:
        return SAMPLED[field], ()
    key = field.removeprefix("custom.").replace('"', "")
    return "json_extract(customers.custom, ?)", (f'$."{key}"',)
