"""People whose company is named in an import are linked to the company's own record, where exactly one has that name."""

from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.pace import Pace

_FIRST_BOX = 2_000


def link_companies(long: LongOperation) -> int:
    """Link the people that ``long`` has inserted, in boxes; how many were linked.

    They are rows of its ranges, so that an undo takes the links out with them and a redo brings them back. Nobody is linked
    whom others have changed meanwhile.
    """
    connection = long.database.writer
    ranges = connection.execute(
        "SELECT first_id, last_id FROM inserted_ranges WHERE operation_id = ? AND table_name = 'customers'",
        (long.act.id,),
    ).fetchall()
    if not ranges or not _find_companies(connection):
        return 0
    linked = 0
    pace = Pace(_FIRST_BOX)
    for first, last in ranges:
        at = first
        while at <= last:
            end = min(last, at + pace.size - 1)
            with pace.box(long, end - at + 1):
                linked += connection.execute(
                    "UPDATE customers SET company_id = (SELECT id FROM temp.companies_by_name WHERE name = company)"
                    " WHERE id BETWEEN ? AND ? AND kind = 'person' AND company_id IS NULL AND version = 1"
                    # A company may have gone since it was looked for.
                    " AND EXISTS (SELECT 1 FROM temp.companies_by_name t JOIN customers c ON c.id = t.id WHERE t.name = customers.company)",
                    (at, end),
                ).rowcount
            at = end + 1
    connection.execute("DROP TABLE temp.companies_by_name")
    return linked


def _find_companies(connection: Connection) -> bool:
    """Note the companies whose name no other company has; whether there are any."""
    connection.execute("DROP TABLE IF EXISTS temp.companies_by_name")
    connection.execute("CREATE TEMP TABLE companies_by_name(name TEXT PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID")
    found: int = connection.execute(
        "INSERT INTO temp.companies_by_name SELECT name, min(id) FROM customers"
        " WHERE kind = 'company' AND archived_at IS NULL GROUP BY name HAVING count(*) = 1"
    ).rowcount
    return found > 0
