"""The operation journal: every write happens inside an operation and leaves what each row was before and is after.

Undo, redo, history, blame, the audit chain and conflict detection all come from what is written here. A mass insert leaves
the range of its row ids instead of a copy of each row.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from crmtui.storage.database import Database, begin, storage_errors
from crmtui.storage.derived import refresh_customers
from crmtui.storage.driver import Connection
from crmtui.storage.rows import Sequences, columns_of, read_row
from crmtui.storage.schema import (
    CONTACT_TABLES,
    CUSTOMER_COLUMN,
    DERIVED_COLUMNS,
    FORM_TABLES,
    SEARCHED_TABLES,
    SOURCE_COLUMNS,
)

Values = dict[str, object]
Change = tuple[str, int, str | None, str | None]  # table, row id, values before, values after (JSON)

_NO_COLUMNS: frozenset[str] = frozenset()


def utc_now() -> str:
    """The time as every column stores it: UTC, ISO 8601, seconds, ``Z``."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Operation:
    """One undoable act in the making, inside an open write transaction.

    ``insert``, ``update`` and ``delete`` are the only ways to change a journalled table.
    """

    def __init__(self, connection: Connection, kind: str, subject: str, actor: str, at: str) -> None:
        self.connection = connection
        self.kind = kind
        self.subject = _storable(subject)
        self.actor = actor
        self.at = at
        self.count: int | None = None
        self.detail: Values = {}
        self.sequences = Sequences(connection)
        self.changes: list[Change] = []
        self.customers: set[int] = set()
        self._to_refresh: set[int] = set()
        self._to_version: set[int] = set()
        self.id = 0
        self._digest = hashlib.sha256()

    def begin(self, state: str = "running", target: int | None = None) -> None:
        """Write the operation's own row."""
        self.id = self.sequences.next("operations")
        self.connection.execute(
            "INSERT INTO operations(id, kind, subject, actor, at, state, target_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self.id, self.kind, self.subject, self.actor, self.at, state, target),
        )

    def insert(self, table: str, values: Values, *, row_id: int | None = None) -> int:
        """Add a row and return its id. ``row_id`` brings a removed row back under its old id (undo only)."""
        row_id = row_id or self.sequences.next(table)
        if table == "customers":
            values = {
                "kind": "person",
                "sort_name": "",
                "created_at": self.at,
                "updated_at": self.at,
                "version": 1,
                **values,
            }
        values = {key: value for key, value in values.items() if value is not None and key != "id"}
        names = ", ".join(("id", *values))
        marks = ", ".join("?" * (len(values) + 1))
        self.connection.execute(f"INSERT INTO {table}({names}) VALUES ({marks})", (row_id, *values.values()))
        self._record(table, row_id, None, values)
        self._touch(table, {"id": row_id, **values}, None)
        return row_id

    def update(self, table: str, row_id: int, values: Values) -> bool:
        """Change the named columns of a row; False when every value is as asked already. KeyError if the row is gone."""
        row = read_row(self.connection, table, row_id)
        if row is None:
            raise KeyError((table, row_id))
        after = {key: value for key, value in values.items() if row[key] != value}
        if not after:
            return False
        before = {key: row[key] for key in after}
        stored = dict(after)
        if table == "customers":
            stored |= {"version": int(str(row["version"])) + 1, "updated_at": self.at}
        assignments = ", ".join(f"{key} = ?" for key in stored)
        self.connection.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", (*stored.values(), row_id))
        self._record(table, row_id, before, after)
        if table == "customers" and SOURCE_COLUMNS.isdisjoint(after):
            self.customers.add(row_id)
        else:
            self._touch(table, {**row, **after}, row)
        return True

    def delete(self, table: str, row_id: int) -> None:
        """Remove a row; its children must be removed before it. KeyError if it is gone."""
        row = read_row(self.connection, table, row_id)
        if row is None:
            raise KeyError((table, row_id))
        self.connection.execute(f"DELETE FROM {table} WHERE id = ?", (row_id,))
        self._record(table, row_id, row, None)
        self._touch(table, row, None)

    def _record(self, table: str, row_id: int, before: Values | None, after: Values | None) -> None:
        derived = DERIVED_COLUMNS.get(table, _NO_COLUMNS)
        self.changes.append((table, row_id, _as_json(before, derived), _as_json(after, derived)))

    def _touch(self, table: str, row: Values, before: Values | None) -> None:
        column = CUSTOMER_COLUMN.get(table)
        if column is None:
            return
        for values in (row, before or {}):
            customer = values.get(column)
            if isinstance(customer, int):
                self.customers.add(customer)
                if table in SEARCHED_TABLES or table in CONTACT_TABLES:
                    self._to_refresh.add(customer)
                if table in FORM_TABLES:
                    self._to_version.add(customer)
        if table == "interactions":
            self._to_refresh |= {
                row[0]
                for row in self.connection.execute(
                    "SELECT customer_id FROM interaction_customers WHERE interaction_id = ?", (row["id"],)
                )
            }

    def needs_refresh(self, customers: set[int]) -> None:
        """Have the derived columns and search documents of these customers computed again at the next ``settle``."""
        self._to_refresh |= customers

    def digest_change(self, change: Change) -> None:
        """Add a change to the digest that the audit chain keeps."""
        self._digest.update(_change_bytes(*change))

    def start_again(self, changes: list[Change]) -> None:
        """Forget what the digest covers and let ``changes`` be all that this operation did (they are written at ``settle``)."""
        self._digest = hashlib.sha256()
        self.changes = list(changes)

    def detail_json(self) -> str | None:
        """What the operation says of itself, as it is stored."""
        return _storable(json.dumps(self.detail, ensure_ascii=False, sort_keys=True)) if self.detail else None

    def recall(self, count: int | None, detail: str | None) -> None:
        """Take over what a process that died had said of the operation."""
        self.count = count
        self.detail = json.loads(detail) if detail else {}

    def settle(self) -> None:
        """Bring derived columns and the search index up to date and write the collected changes to the journal."""
        refresh_customers(self.connection, self._to_refresh)
        self._to_refresh.clear()
        # What a form shows beside the row itself makes a new version too: a save that has not seen it must not win.
        self.connection.executemany(
            "UPDATE customers SET version = version + 1, updated_at = ? WHERE id = ?",
            [(self.at, customer) for customer in self._to_version],
        )
        self._to_version.clear()
        for change in self.changes:
            self.digest_change(change)
        if self.changes:
            first = self.sequences.next("changes", len(self.changes))
            self.connection.executemany(
                "INSERT INTO changes(id, operation_id, table_name, row_id, before, after) VALUES (?, ?, ?, ?, ?, ?)",
                [(first + offset, self.id, *change) for offset, change in enumerate(self.changes)],
            )
        self.changes.clear()
        self.sequences.flush()

    def finish(self) -> None:
        """Close the operation: link it into the audit chain and mark it done. Call after ``settle``."""
        for table, first, last in self.connection.execute(
            "SELECT table_name, first_id, last_id FROM inserted_ranges WHERE operation_id = ? ORDER BY id", (self.id,)
        ):
            self._digest.update(f"{table}\0{first}\0{last}\n".encode())
        detail = self.detail_json()
        chain, previous = chain_head(self.connection)
        digest = self._digest.hexdigest()
        self.connection.execute(
            "UPDATE operations SET state = 'done', count = ?, detail = ?, chain = ?, digest = ?, previous_hash = ?, hash = ? WHERE id = ?",
            (
                self.count,
                detail,
                chain + 1,
                digest,
                previous,
                link_hash(previous, self.id, self.kind, self.subject, self.actor, self.at, detail, digest),
                self.id,
            ),
        )


def _storable(text: str) -> str:
    """``text`` as SQLite takes it: the names of files may be bytes that are no UTF-8."""
    return text.encode("utf-8", "replace").decode()


@contextmanager
def operation(
    database: Database, kind: str, *, subject: str = "", actor: str, at: str | None = None
) -> Iterator[Operation]:
    """One operation in one transaction: all of it is kept, or nothing.

    An operation that changed nothing leaves no trace and has ``id`` 0 afterwards. The commit is durable when this returns.
    """
    connection = database.writer
    with storage_errors(database.path):
        begin(connection, database.timeout)
        try:
            act = Operation(connection, kind, subject, actor, at or utc_now())
            act.begin()
            yield act
            if act.changes or act.kind in ("undo", "redo"):
                act.settle()
                act.finish()
            else:
                connection.execute("DELETE FROM operations WHERE id = ?", (act.id,))
                act.sequences.flush()
                act.id = 0
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def chain_head(connection: Connection) -> tuple[int, str]:
    """Position and hash of the last operation in the audit chain; (0, "") for a new file."""
    row = connection.execute(
        "SELECT chain, hash FROM operations WHERE chain IS NOT NULL ORDER BY chain DESC LIMIT 1"
    ).fetchone()
    return (row[0], row[1]) if row else (0, "")


def link_hash(
    previous: str, operation_id: int, kind: str, subject: str, actor: str, at: str, detail: str | None, digest: str
) -> str:
    """The hash of one link: over the link before and everything the operation says of itself and did."""
    parts = (previous, str(operation_id), kind, subject, actor, at, detail or "", digest)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def stored_digest(connection: Connection, operation_id: int) -> str:
    """The digest of an operation computed again from the journal, to compare with the one in the chain."""
    digest = hashlib.sha256()
    for change in connection.execute(
        "SELECT table_name, row_id, before, after FROM changes WHERE operation_id = ? ORDER BY id", (operation_id,)
    ):
        digest.update(_change_bytes(*change))
    for table, first, last in connection.execute(
        "SELECT table_name, first_id, last_id FROM inserted_ranges WHERE operation_id = ? ORDER BY id", (operation_id,)
    ):
        digest.update(f"{table}\0{first}\0{last}\n".encode())
    return digest.hexdigest()


def removed_digest(connection: Connection, operation_id: int) -> str:
    """The digest of the packed rows that an undo keeps for its redo; "" when it keeps none.

    The detail of an operation holds it, which the chain covers; files written before it did have no such entry.
    """
    digest = hashlib.sha256()
    rows = connection.execute(
        "SELECT table_name, first_id, last_id, rows FROM removed_rows WHERE operation_id = ? ORDER BY id",
        (operation_id,),
    )
    kept = False
    for table, first, last, packed in rows:
        kept = True
        digest.update(f"{table}\0{first}\0{last}\0{hashlib.sha256(packed).hexdigest()}\n".encode())
    return digest.hexdigest() if kept else ""


def base_values(connection: Connection, table: str, row: Values) -> Values:
    """``row`` without its id and derived columns: what an undo compares and restores."""
    derived = DERIVED_COLUMNS.get(table, _NO_COLUMNS)
    return {key: row[key] for key in columns_of(connection, table) if key != "id" and key not in derived}


def _change_bytes(table: str, row_id: int, before: str | None, after: str | None) -> bytes:
    return f"{table}\0{row_id}\0{before}\0{after}\n".encode("utf-8", "surrogatepass")


def _as_json(values: Values | None, derived: frozenset[str]) -> str | None:
    if values is None:
        return None
    kept = {key: value for key, value in values.items() if key not in derived and key != "id"}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
