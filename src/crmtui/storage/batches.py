"""The customers of an import: those that it, or one that completes it, has created or changed. Found by the journal's own indexes."""

from collections.abc import Sequence

from crmtui.storage.driver import Connection
from crmtui.storage.schema import CUSTOMER_COLUMN
from crmtui.storage.words import Condition

# The operation itself, and the later imports that say of themselves that they complete it; not those that were undone.
_OPERATIONS = (
    "SELECT id FROM operations WHERE id = ? AND undone_by IS NULL UNION ALL SELECT id FROM operations WHERE id > ?"
    " AND kind = 'import' AND state = 'done' AND undone_by IS NULL AND json_extract(detail, '$.batch') = ?"
)
_ACTIVITIES = ("interactions", "transactions", "deals", "tasks")


def batch_condition(operator: str, value: str) -> Condition:
    """The condition ``batch:42``. Anything but a number finds nobody."""
    if operator not in ("=", "==") or not _is_number(value):
        return "0", []
    numbers: list[object] = [int(value)] * 3
    # A million new customers are one range: asking each row whether it lies in it needs no list of them.
    created = (
        "EXISTS (SELECT 1 FROM inserted_ranges WHERE table_name = 'customers' AND customers.id BETWEEN first_id AND last_id"
        f" AND operation_id IN ({_OPERATIONS}))"
    )
    changed = _changed()
    return f"({created} OR +id IN ({changed}))", numbers * (1 + changed.count(_OPERATIONS))


def batch_listing(connection: Connection, values: Sequence[str], most: int) -> Condition | None:
    """A statement that lists the ids of the customers of these imports; None when they surely are more than ``most``."""
    created = (
        f"SELECT coalesce(sum(last_id - first_id + 1), 0) FROM inserted_ranges WHERE operation_id IN ({_OPERATIONS})"
    )
    numbers = [int(value) for value in values if _is_number(value)]
    if sum(connection.execute(created, [number] * 3).fetchone()[0] for number in numbers) > most:
        return None
    parts: list[str] = ["SELECT id FROM customers WHERE 0"]
    parameters: list[object] = []
    for number in numbers:
        listing = (
            "SELECT c.id FROM inserted_ranges r JOIN customers c ON c.id BETWEEN r.first_id AND r.last_id"
            f" WHERE r.table_name = 'customers' AND r.operation_id IN ({_OPERATIONS}) UNION {_changed()}"
        )
        parts.append(listing)
        parameters += [number] * 3 * listing.count(_OPERATIONS)
    return f"SELECT id FROM ({' UNION '.join(parts)})", parameters


def _changed() -> str:
    """A statement that lists the customers whose rows the operations changed one by one, or gave activities to."""
    parts = [
        "SELECT c.row_id FROM changes c WHERE c.table_name = 'customers' AND c.after IS NOT NULL"
        f" AND c.operation_id IN ({_OPERATIONS})"
    ]
    for table, column in CUSTOMER_COLUMN.items():
        if table in ("contact_points", "addresses", "customer_tags", "external_ids", *_ACTIVITIES):
            parts.append(
                f"SELECT t.{column} FROM changes c JOIN {table} t ON t.id = c.row_id WHERE c.table_name = '{table}'"
                f" AND c.operation_id IN ({_OPERATIONS})"
            )
    for table in _ACTIVITIES:
        parts.append(
            f"SELECT t.customer_id FROM inserted_ranges r JOIN {table} t ON t.id BETWEEN r.first_id AND r.last_id"
            f" WHERE r.table_name = '{table}' AND r.operation_id IN ({_OPERATIONS})"
        )
    return " UNION ".join(parts)


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19
