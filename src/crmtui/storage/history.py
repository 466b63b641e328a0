"""Reading the journal: the list of operations, the past of one row, and whether the chain holds."""

import json
from collections.abc import Sequence

from crmtui.domain.models import OperationRecord
from crmtui.light_typing import NamedTuple
from crmtui.storage.driver import Connection
from crmtui.storage.journal import link_hash, removed_digest, stored_digest
from crmtui.storage.schema import CUSTOMER_COLUMN, REMOVED_FROM

_COLUMNS = "o.id, o.kind, o.subject, o.count, o.actor, o.at, o.state, o.target_id, o.undone_by, o.detail"


class FieldChange(NamedTuple):
    """One change of one column: what it was, what it became, by which operation. ``change_id`` is its row in the journal, 0 for none."""

    operation: OperationRecord
    table: str
    row_id: int
    column: str
    before: object
    after: object
    change_id: int = 0


def operations(
    connection: Connection, *, limit: int = 50, before: int | None = None, kind: str | None = None
) -> list[OperationRecord]:
    """The newest operations, optionally only those with an id below ``before`` and of a kind: ``import``, ``customer`` (all that
    begin so), ``customer.add``."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM operations o WHERE (?1 IS NULL OR o.id < ?1)"
        " AND (?3 IS NULL OR o.kind = ?3 OR substr(o.kind, 1, length(?3) + 1) = ?3 || '.') ORDER BY o.id DESC LIMIT ?2",
        (before, limit, kind),
    )
    return [_record(row) for row in rows]


def read_operation(connection: Connection, operation_id: int) -> OperationRecord | None:
    """One operation, or None."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM operations o WHERE o.id = ?", (operation_id,)).fetchone()
    return _record(row) if row else None


def customer_changes(connection: Connection, customer_id: int, *, limit: int = 200) -> list[FieldChange]:
    """Every change of a customer and of what belongs to it, newest first, one entry a column."""
    rows = connection.execute(
        f"SELECT c.id, c.table_name, c.row_id, c.before, c.after, {_COLUMNS} FROM changes c JOIN operations o ON o.id = c.operation_id"
        " WHERE c.table_name = 'customers' AND c.row_id = ? ORDER BY c.id DESC LIMIT ?",
        (customer_id, limit),
    ).fetchall()
    for table, column in CUSTOMER_COLUMN.items():
        if table == "customers":
            continue
        rows += connection.execute(
            f"SELECT c.id, c.table_name, c.row_id, c.before, c.after, {_COLUMNS} FROM changes c JOIN operations o ON o.id = c.operation_id"
            f" WHERE c.table_name = '{table}' AND c.row_id IN (SELECT id FROM {table} WHERE {column} = ?1"
            f" UNION SELECT row_id FROM changes WHERE table_name = '{table}' AND after IS NULL AND {REMOVED_FROM} = ?1)"
            " ORDER BY c.id DESC LIMIT ?2",
            (customer_id, limit),
        ).fetchall()
    rows.sort(key=lambda row: -row[0])
    found = [change for row in rows[:limit] for change in _field_changes(row)]
    born = _born_in_batch(connection, customer_id)
    return [*found, FieldChange(born, "customers", customer_id, "", None, None)] if born else found


def operation_changes(connection: Connection, operation_id: int, rows: str, customer_id: int) -> list[FieldChange]:
    """What one operation changed of some rows: those of the table expression ``rows``, which defines ``mine(tab, row)`` from ``?1``."""
    found = connection.execute(
        f"{rows} SELECT c.id, c.table_name, c.row_id, c.before, c.after, {_COLUMNS} FROM mine CROSS JOIN changes c"
        " ON c.table_name = mine.tab AND c.row_id = mine.row JOIN operations o ON o.id = c.operation_id"
        " WHERE c.operation_id = ?2 ORDER BY c.id",
        (customer_id, operation_id),
    ).fetchall()
    return [change for row in found for change in _field_changes(row)]


def _born_in_batch(connection: Connection, customer_id: int) -> OperationRecord | None:
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM inserted_ranges r JOIN operations o ON o.id = r.operation_id"
        " WHERE r.table_name = 'customers' AND ? BETWEEN r.first_id AND r.last_id",
        (customer_id,),
    ).fetchone()
    return _record(row) if row else None


def verify_chain(connection: Connection) -> list[str]:
    """Check every link of the audit chain; returns one line a fault (operation id and what is wrong), empty when all is well."""
    faults = []
    previous = ""
    expected = 1
    for row in connection.execute(
        "SELECT id, kind, subject, actor, at, detail, digest, chain, previous_hash, hash FROM operations WHERE chain IS NOT NULL ORDER BY chain"
    ).fetchall():
        operation_id, kind, subject, actor, at, detail, digest, chain, stored_previous, stored = row
        if chain != expected:
            faults.append(f"{operation_id}: link {expected} is missing")
            expected = chain
        if stored_previous != previous:
            faults.append(f"{operation_id}: does not follow the link before it")
        if stored != link_hash(stored_previous, operation_id, kind, subject or "", actor, at, detail, digest):
            faults.append(f"{operation_id}: was changed after it was written")
        if digest != stored_digest(connection, operation_id):
            faults.append(f"{operation_id}: its changes were altered")
        kept = json.loads(detail).get("removed_digest") if detail and kind == "undo" else None
        if kept is not None and kept != removed_digest(connection, operation_id):
            faults.append(f"{operation_id}: the rows it keeps for a redo were altered")
        previous = stored
        expected += 1
    return faults


def _record(row: tuple[object, ...]) -> OperationRecord:
    detail = row[9]
    return OperationRecord._make([*row[:9], json.loads(detail) if isinstance(detail, str) else {}])


def _field_changes(row: tuple[object, ...]) -> list[FieldChange]:
    change, table, row_id, before_json, after_json, *operation = row
    before = json.loads(before_json) if isinstance(before_json, str) else {}
    after = json.loads(after_json) if isinstance(after_json, str) else {}
    record = _record(tuple(operation))
    columns = dict.fromkeys([*after, *before])
    return [
        FieldChange(
            record, str(table), int(str(row_id)), column, before.get(column), after.get(column), int(str(change))
        )
        for column in columns
    ]


def names_in(connection: Connection, changes: Sequence[FieldChange]) -> dict[tuple[str, object], str]:
    """What people call the rows that changes name by number: tags, interactions, companies, by (column, number)."""
    names: dict[tuple[str, object], str] = {}
    for column, sql in _NAMES.items():
        numbers = {value for each in changes if each.column == column for value in (each.before, each.after)} - {None}
        rows = connection.execute(f"{sql} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(numbers)),))
        names |= {(column, number): name for number, name in rows}
    return names


_NAMES = {
    "tag_id": "SELECT id, name FROM tags",
    "company_id": "SELECT id, name FROM customers",
    "interaction_id": "SELECT id, substr(at, 1, 10) || ' ' || coalesce(nullif(subject, ''), substr(body, 1, 60), kind) FROM interactions",
}
