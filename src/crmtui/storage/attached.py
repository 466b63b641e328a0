"""What hangs on customers and has ids of its own elsewhere: finding interactions, transactions, deals and tasks again, and writing many."""

from collections.abc import Collection, Mapping

from crmtui.domain.folding import fold
from crmtui.domain.names import sort_key
from crmtui.storage.driver import Connection
from crmtui.storage.journal import Values
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.pace import Pace
from crmtui.storage.rows import read_row

TABLES = {"interaction": "interactions", "transaction": "transactions", "deal": "deals", "task": "tasks"}
_FIRST_BOX = 500
_MOST_IN_A_BOX = 5000


def find_by_id(connection: Connection, table: str, system: str, external_id: str) -> tuple[int, int] | None:
    """(row, customer) of the activity that has this id in another system, or None."""
    found = connection.execute(
        f"SELECT t.id, t.customer_id FROM activity_ids a JOIN {table} t ON t.id = a.row_id"
        " WHERE a.external_id = ? AND a.system = ? AND a.table_name = ?",
        (external_id, system, table),
    ).fetchone()
    return (found[0], found[1]) if found else None


def find_transaction(connection: Connection, customer: int, kind: str, number: str) -> int | None:
    """The transaction of a customer with this number, or None."""
    found = connection.execute(
        "SELECT id FROM transactions WHERE number = ? AND customer_id = ? AND kind = ? ORDER BY id LIMIT 1",
        (number, customer, kind),
    ).fetchone()
    return found[0] if found else None


def buyers_of(connection: Connection, kind: str, number: str) -> set[int]:
    """The customers who have a transaction with this number."""
    return {
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT customer_id FROM transactions WHERE number = ? AND kind = ?", (number, kind)
        )
    }


def find_by_content(connection: Connection, table: str, customer: int, values: Mapping[str, object]) -> int | None:
    """The first row of a customer that says just this, or None."""
    same = " AND ".join(f"{column} IS ?" for column in values)
    found = connection.execute(
        f"SELECT id FROM {table} WHERE customer_id = ? AND {same} ORDER BY id LIMIT 1", (customer, *values.values())
    ).fetchone()
    return found[0] if found else None


def read_activity(connection: Connection, table: str, row_id: int) -> Values:
    """The values of an activity; empty when it is gone."""
    return read_row(connection, table, row_id) or {}


def find_named(connection: Connection, name: str, family: str, given: str, company: str, *, person: bool) -> set[int]:
    """The customers with exactly this name and company, case and width aside."""
    key = sort_key(name, family, given, person=person)
    wanted = fold(name), fold(company)
    return {
        row[0]
        for row in connection.execute(
            "SELECT id, name, company FROM customers WHERE archived_at IS NULL AND sort_name = ?", (key,)
        )
        if (fold(row[1]), fold(row[2] or "")) == wanted
    }


def find_company_named(connection: Connection, name: str) -> int | None:
    """The company with this name, case and width aside, or None."""
    key = sort_key(name, "", "", person=False)
    wanted = fold(name)
    rows = connection.execute(
        "SELECT id, name FROM customers WHERE archived_at IS NULL AND sort_name = ? AND kind = 'company' ORDER BY id",
        (key,),
    )
    return next((row[0] for row in rows if fold(row[1]) == wanted), None)


def customer_with_id(connection: Connection, system: str, external_id: str) -> int | None:
    """The customer that has this id in another system, or None."""
    found = connection.execute(
        "SELECT customer_id FROM external_ids WHERE external_id = ? AND system = ?", (external_id, system)
    ).fetchone()
    return found[0] if found else None


class ActivityWriter:
    """Writes activities inside a long operation, many to a box: new ones as ranges of rows, changes through the journal."""

    def __init__(self, long: LongOperation) -> None:
        self._long = long
        self._pace = Pace(_FIRST_BOX, _MOST_IN_A_BOX)
        self._new: dict[str, list[tuple[int, Values, tuple[tuple[str, str], ...]]]] = {}
        self._changed: list[tuple[str, int, Values]] = []
        self._ids: list[tuple[int, str, int, tuple[str, str]]] = []
        self._waiting = 0

    @property
    def is_full(self) -> bool:
        """Whether enough waits for a box."""
        return self._waiting >= self._pace.size

    def insert(self, table: str, customer: int, values: Values, external: Collection[tuple[str, str]]) -> None:
        """Add a row for a customer, with its ids in other systems."""
        self._new.setdefault(table, []).append((customer, values, tuple(external)))
        self._waiting += 1

    def update(self, table: str, row_id: int, values: Values) -> None:
        """Change columns of a row."""
        self._changed.append((table, row_id, values))
        self._waiting += 1

    def name(self, customer: int, table: str, row_id: int, external: tuple[str, str]) -> None:
        """Give a row that exists an id of another system, unless the id is taken."""
        self._ids.append((customer, table, row_id, external))
        self._waiting += 1

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        with self._pace.box(self._long, self._waiting) as connection:
            ids: list[tuple[int, str, int, str, str]] = []
            for table, rows in self._new.items():
                first = self._insert(connection, table, rows)
                ids += [
                    (customer, table, first + offset, *pair)
                    for offset, (customer, _values, external) in enumerate(rows)
                    for pair in external
                ]
            for table, row_id, values in self._changed:
                self._change(connection, table, row_id, values)
            ids += [(customer, table, row_id, *pair) for customer, table, row_id, pair in self._ids]
            self._insert_ids(connection, ids)
        self._new.clear()
        self._changed.clear()
        self._ids.clear()
        self._waiting = 0

    def link(self, links: Collection[tuple[int, int]], *, inserted: bool) -> None:
        """Let customers (first) belong to companies (second). ``inserted`` says that the customers are rows of this operation."""
        if not links:
            return
        with self._pace.box(self._long, len(links)) as connection:
            if inserted:  # rows of its ranges: an undo takes them out, and a redo brings them back as they are
                connection.executemany(
                    "UPDATE customers SET company_id = ? WHERE id = ? AND company_id IS NULL",
                    [(company, customer) for customer, company in links],
                )
            else:
                for customer, company in links:
                    self._long.act.update("customers", customer, {"company_id": company})

    def _insert(
        self, connection: Connection, table: str, rows: list[tuple[int, Values, tuple[tuple[str, str], ...]]]
    ) -> int:
        act = self._long.act
        first = act.sequences.next(table, len(rows))
        columns = list(dict.fromkeys(column for _customer, values, _ids in rows for column in values))
        marks = ", ".join("?" * (len(columns) + 2))
        connection.executemany(
            f"INSERT INTO {table}({', '.join(('id', 'customer_id', *columns))}) VALUES ({marks})",
            [
                (first + offset, customer, *map(values.get, columns))
                for offset, (customer, values, _ids) in enumerate(rows)
            ],
        )
        self._long.inserted(table, first, first + len(rows) - 1)
        if table == "interactions":
            act.needs_refresh({customer for customer, _values, _ids in rows})
        return first

    def _change(self, connection: Connection, table: str, row_id: int, values: Values) -> None:
        act = self._long.act
        row = read_row(connection, table, row_id)
        if row is None:
            return
        if table == "deals" and values.get("stage") not in (None, row["stage"]):
            known = connection.execute("SELECT 1 FROM deal_stage_changes WHERE deal_id = ?", (row_id,)).fetchone()
            if known is None:
                act.insert("deal_stage_changes", {"deal_id": row_id, "stage": row["stage"], "at": row["created_at"]})
            act.insert("deal_stage_changes", {"deal_id": row_id, "stage": values["stage"], "at": act.at})
        act.update(table, row_id, values)

    def _insert_ids(self, connection: Connection, ids: list[tuple[int, str, int, str, str]]) -> None:
        fresh: list[tuple[int, str, int, str, str]] = []
        taken: set[tuple[str, str, str]] = set()
        for entry in ids:
            key = (entry[1], entry[3], entry[4])
            there = connection.execute(
                "SELECT id, row_id FROM activity_ids WHERE external_id = ? AND system = ? AND table_name = ?",
                (entry[4], entry[3], entry[1]),
            ).fetchone()
            if there is not None and find_by_id(connection, entry[1], entry[3], entry[4]) is None:
                self._long.act.delete("activity_ids", there[0])  # what it named is gone
                there = None
            if there is None and key not in taken:
                taken.add(key)
                fresh.append(entry)
        if fresh:
            first = self._long.act.sequences.next("activity_ids", len(fresh))
            connection.executemany(
                "INSERT INTO activity_ids(id, customer_id, table_name, row_id, system, external_id) VALUES (?, ?, ?, ?, ?, ?)",
                [(first + offset, *entry) for offset, entry in enumerate(fresh)],
            )
            self._long.inserted("activity_ids", first, first + len(fresh) - 1)
