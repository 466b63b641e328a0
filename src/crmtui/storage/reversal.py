"""Putting journalled changes back, row by row, never over somebody's later change.

Each row ends in one of three buckets: reversed; kept, because it changed since; failed, with a reason.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from crmtui.i18n import _
from crmtui.storage.driver import Connection, IntegrityError
from crmtui.storage.journal import Change, Operation, base_values
from crmtui.storage.rows import read_row
from crmtui.storage.schema import CUSTOMER_COLUMN

# By table, the columns that say which customer a row belongs to or names.
_LINKS = {table: (column,) for table, column in CUSTOMER_COLUMN.items()} | {
    "customers": ("company_id",),
    "relations": ("from_id", "to_id"),
}


class RowProblem(NamedTuple):
    """A row that was not put back, and why."""

    table: str
    row_id: int
    reason: str


class Buckets:
    """What became of the rows: how many were put back, which were kept and which failed."""

    def __init__(self) -> None:
        self.reversed = 0
        self.kept: list[RowProblem] = []
        self.failed: list[RowProblem] = []

    def keep(self, table: str, row_id: int, reason: str) -> None:
        """Note a row that stays as it is."""
        self.kept.append(RowProblem(table, row_id, reason))

    def fail(self, table: str, row_id: int, reason: str) -> None:
        """Note a row that could not be put back."""
        self.failed.append(RowProblem(table, row_id, reason))


def read_changes(connection: Connection, operation_id: int) -> list[Change]:
    """The journalled changes of an operation, newest first."""
    return connection.execute(
        "SELECT table_name, row_id, before, after FROM changes WHERE operation_id = ? ORDER BY id DESC", (operation_id,)
    ).fetchall()


def reverse_changes(act: Operation, changes: Sequence[Change], buckets: Buckets) -> None:
    """Write back the values before each of ``changes`` (newest first), as changes of ``act``."""
    kept_customers = _kept_customers(act.connection, changes)
    for table, row_id, before_json, after_json in changes:
        before = json.loads(before_json) if before_json else None
        after = json.loads(after_json) if after_json else None
        _reverse_change(act, table, row_id, before, after, kept_customers, buckets)


def _reverse_change(
    act: Operation,
    table: str,
    row_id: int,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
    kept_customers: set[int],
    buckets: Buckets,
) -> None:
    connection = act.connection
    current = read_row(connection, table, row_id)
    if after is None:
        if current is not None:
            buckets.fail(table, row_id, _("a row with this id exists"))
            return
        try:
            act.insert(table, before or {}, row_id=row_id)
        except IntegrityError:
            buckets.fail(table, row_id, _("what it belongs to is gone, or its place is taken"))
            return
    elif current is None:
        buckets.keep(table, row_id, _("gone since"))
        return
    elif before is None:
        unchanged = _without_blanks(base_values(connection, table, current)) == after
        if not unchanged or current.get(CUSTOMER_COLUMN.get(table, "")) in kept_customers:
            buckets.keep(table, row_id, _("changed since"))
            return
        try:
            act.delete(table, row_id)
        except IntegrityError:
            buckets.keep(table, row_id, _("other records belong to it now"))
            return
    else:
        if any(current[key] != value for key, value in after.items()):
            buckets.keep(table, row_id, _("changed since"))
            return
        try:
            act.update(table, row_id, before)
        except IntegrityError:
            buckets.fail(table, row_id, _("what it belongs to is gone, or its place is taken"))
            return
    buckets.reversed += 1


def _kept_customers(connection: Connection, changes: Sequence[Change]) -> set[int]:
    """Of the customers that these changes made, those that must stay: changed since, or with records of later acts."""
    made = [(row_id, after) for table, row_id, before, after in changes if table == "customers" and before is None]
    if not made:
        return set()
    own: dict[str, set[int]] = {}
    for table, row_id, before, after in changes:
        if before is None or (after and any(f'"{column}":' in after for column in _LINKS.get(table, ()))):
            own.setdefault(table, set()).add(
                row_id
            )  # made here, or hung on a customer here: both go back with the rest
    kept = set()
    for customer, after in made:
        row = read_row(connection, "customers", customer)
        if row is None:
            continue
        if _without_blanks(base_values(connection, "customers", row)) != json.loads(after or "{}"):
            kept.add(customer)
            continue
        if any(ids - own.get(table, set()) for table, ids in _belongings(connection, customer)):
            kept.add(customer)
    return kept


def _belongings(connection: Connection, customer: int) -> list[tuple[str, set[int]]]:
    """The rows that belong to a customer or name it, by table; other customers name it as their company."""
    found = []
    columns = [(table, column) for table, column in CUSTOMER_COLUMN.items() if table != "customers"]
    for table, column in [*columns, ("relations", "to_id"), ("customers", "company_id")]:
        rows = connection.execute(f"SELECT id FROM {table} WHERE {column} = ?", (customer,))
        found.append((table, {row[0] for row in rows}))
    return found


def _without_blanks(values: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in values.items() if value is not None}
