"""What the journal knows of earlier imports, and which customers a row of a file meets."""

import json
from collections.abc import Callable, Collection

from crmtui.storage.driver import Connection


def has_customers(connection: Connection) -> bool:
    """Whether the file holds any customer."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM customers)").fetchone()[0])


def find_import(connection: Connection, size: int, digest: Callable[[], str]) -> int | None:
    """The newest import, done and not undone, of a file of ``size`` bytes with this SHA-256 (asked for only if needed)."""
    rows = connection.execute(
        "SELECT id, detail FROM operations WHERE kind = 'import' AND state = 'done' AND undone_by IS NULL"
        " AND detail IS NOT NULL ORDER BY id DESC"
    )
    for operation_id, detail in rows:
        known = json.loads(detail)
        if known.get("size") == size and known.get("sha256") == digest():
            return int(operation_id)
    return None


def match_customers(
    connection: Connection, emails: Collection[str], phones: Collection[str], external: Collection[tuple[str, str]]
) -> set[int]:
    """The customers that have one of these normalised e-mails or phones, or one of these (system, id)."""
    found: set[int] = set()
    for kind, values in (("email", emails), ("phone", phones)):
        if values:
            marks = ",".join("?" * len(values))
            found |= {
                row[0]
                for row in connection.execute(
                    f"SELECT customer_id FROM contact_points WHERE normalised IN ({marks}) AND kind = ?", (*values, kind)
                )
            }
    for system, external_id in external:
        found |= {
            row[0]
            for row in connection.execute(
                "SELECT customer_id FROM external_ids WHERE external_id = ? AND system = ?", (external_id, system)
            )
        }
    return found
