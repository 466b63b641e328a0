"""What the journal knows of earlier imports, and which customers a row of a file meets."""

import json
from collections.abc import Callable, Collection
from typing import NamedTuple

from crmtui.domain.intake import ADDRESS_PARTS
from crmtui.storage.driver import Connection
from crmtui.storage.rows import read_row


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
                    f"SELECT customer_id FROM contact_points WHERE normalised IN ({marks}) AND kind = ?",
                    (*values, kind),
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


class Stored(NamedTuple):
    """What a customer holds now, as far as a row of a file can change it; ``points`` are (kind, normalised or value)."""

    columns: dict[str, object]
    points: set[tuple[str, str]]
    address: dict[str, str | None]
    tags: set[str]
    external: set[tuple[str, str]]
    custom: dict[str, object]


def read_stored(connection: Connection, customer: int) -> Stored | None:
    """What a customer holds now, or None when it is gone."""
    row = read_row(connection, "customers", customer)
    if row is None:
        return None
    points = {
        (kind, normalised or value)
        for kind, value, normalised in connection.execute(
            "SELECT kind, value, normalised FROM contact_points WHERE customer_id = ?", (customer,)
        )
    }
    address = connection.execute(
        f"SELECT {', '.join(ADDRESS_PARTS)} FROM addresses WHERE customer_id = ? ORDER BY id LIMIT 1", (customer,)
    ).fetchone()
    tags = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM customer_tags JOIN tags ON tags.id = tag_id WHERE customer_id = ?", (customer,)
        )
    }
    external = {
        (system, external_id)
        for system, external_id in connection.execute(
            "SELECT system, external_id FROM external_ids WHERE customer_id = ?", (customer,)
        )
    }
    custom = json.loads(str(row["custom"])) if row["custom"] else {}
    return Stored(row, points, dict(zip(ADDRESS_PARTS, address or (), strict=False)), tags, external, custom)


def most_points(connection: Connection, kind: str) -> int:
    """The largest number of contact points of one kind that a customer has."""
    found = connection.execute(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM contact_points WHERE kind = ? AND coalesce(is_alternate, 0) = 0"
        " GROUP BY customer_id)",
        (kind,),
    ).fetchone()[0]
    return int(found or 0)


def custom_keys(connection: Connection) -> list[str]:
    """Every key that occurs in the custom values of any customer."""
    rows = connection.execute(
        "SELECT DISTINCT j.key FROM customers, json_each(custom) AS j WHERE custom IS NOT NULL ORDER BY 1"
    )
    return [row[0] for row in rows]
