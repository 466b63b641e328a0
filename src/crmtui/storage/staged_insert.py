"""A mass insert in two stages: all customers, which can be browsed then; later what hangs on them, with their search documents.

Others work with the file meanwhile: what they have changed or removed in between stays theirs.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crmtui.storage.bulk import Tags, drop_late_indexes, insert, insert_children
from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.pace import BOX_SECONDS, Pace, unhurried
from crmtui.storage.search_index import begin_mass_writing, merge_some, queue_span

Rows = list[tuple[object, ...]]


class _Customers(NamedTuple):
    columns: Sequence[str]
    rows: Rows


class _Details(NamedTuple):
    base: int
    size: int
    children: Mapping[str, Rows]
    tags: Sequence[tuple[int, int, str]]


class _Documents(NamedTuple):
    base: int
    documents: list[str]


class StagedInsert:
    """Writes batches inside a long operation, in boxes; customers wait in the queue of the search index until it has them.

    Call ``flush`` at the end, and then ``restore_indexes``: into a file without customers some indexes are left out meanwhile.
    ``ids_taken`` counts external ids that other customers had already and kept.
    """

    def __init__(self, long: LongOperation) -> None:
        self._long = long
        self._customers: list[_Customers] = []
        self._details: list[_Details] = []
        self._documents: list[_Documents] = []
        self._waiting = {"customers": 0, "details": 0, "documents": 0}
        self._pace = {
            "customers": Pace(1000, 6000),
            "details": Pace(1000, 15_000),
            "documents": Pace(500, 2500),
        }
        self._tags = Tags(long)
        self._bases: list[tuple[int, int]] = []
        self._detailed = 0
        self._started = False
        self.inserted = 0
        self.indexed = 0
        self.ids_taken = 0

    def add_customers(self, columns: Sequence[str], rows: Rows) -> None:
        """Take a batch of customers: (number from 0, values of ``columns``)."""
        self._customers.append(_Customers(columns, rows))
        self._waiting["customers"] += len(rows)
        if self._waiting["customers"] >= self._pace["customers"].size:
            self._write_customers()

    def add_details(self, children: Mapping[str, Rows], tags: Sequence[tuple[int, int, str]], documents: bytes) -> None:
        """Take what hangs on the first batch of customers that has nothing yet, and its documents (UTF-8, a NUL between them)."""
        self._write_customers()  # the last of them, that everybody can be seen from now on
        base, count = self._bases[self._detailed]
        self._detailed += 1
        self._details.append(_Details(base, count, children, tags))
        self._documents.append(_Documents(base, documents.decode().split("\0")))
        self._waiting["details"] += sum(map(len, children.values())) + len(tags)
        self._waiting["documents"] += count
        if self._waiting["details"] >= self._pace["details"].size:
            self._write_details()
        elif self._waiting["documents"] >= self._pace["documents"].size:
            # What another session computes of a customer anew must find all that hangs on it.
            self._write_details()
            self._write_documents()

    def flush(self) -> None:
        """Write what waits."""
        self._write_customers()
        self._write_details()
        self._write_documents()

    def _write_customers(self) -> None:
        if not self._customers:
            return
        if not self._started:
            self._started = True
            with self._long.box() as connection:
                drop_late_indexes(connection)
                begin_mass_writing(connection)
        act = self._long.act
        with self._pace["customers"].box(self._long, self._waiting["customers"]) as connection:
            for columns, rows in self._customers:
                count = len(rows)
                base = act.sequences.next("customers", count)
                insert(connection, "customers", ("id", *columns), (base,), rows)
                self._long.inserted("customers", base, base + count - 1)
                queue_span(connection, base, base + count - 1)
                self._bases.append((base, count))
                self.inserted += count
        self._customers.clear()
        self._waiting["customers"] = 0

    def _write_details(self) -> None:
        if not self._details:
            return
        with self._pace["details"].box(self._long, self._waiting["details"]) as connection:
            self._tags.begin(connection)
            alone = not _others_write(connection, self._long.act.id)
            for entry in self._details:
                children: Mapping[str, Rows] = {
                    **entry.children,
                    "customer_tags": [*self._tags.rows(connection, entry.tags)],
                }
                if not alone:
                    children = self._beside_others(connection, entry, children)
                self.ids_taken += insert_children(self._long, entry.base, children)
        self._details.clear()
        self._waiting["details"] = 0

    def _beside_others(
        self, connection: Connection, entry: _Details, children: Mapping[str, Rows]
    ) -> Mapping[str, Rows]:
        """``children`` without those of customers that are gone, and without what others have given a customer already.

        Customers that others have changed are computed anew when their rows are in.
        """
        span = (entry.base, entry.base + entry.size - 1)
        there = _ids(connection, "SELECT id FROM customers WHERE id BETWEEN ? AND ?", span)
        changed = _ids(connection, "SELECT id FROM search_docsize WHERE id BETWEEN ? AND ?", span) & there
        self._long.act.needs_refresh(changed)
        if len(there) == entry.size and not changed:
            return children
        base = entry.base
        own = [_own(connection, customer) for customer in sorted(changed)]
        points = {
            (customer - base, *point)
            for customer, (found, _tags) in zip(sorted(changed), own, strict=True)
            for point in found
        }
        kinds = {(customer, kind) for customer, kind, _value in points}
        has_tags = {
            (customer - base, tag)
            for customer, (_points, found) in zip(sorted(changed), own, strict=True)
            for tag in found
        }
        kept = {table: [row for row in rows if base + row[1] in there] for table, rows in children.items()}  # type: ignore[operator]
        kept["customer_tags"] = [row for row in kept.get("customer_tags", ()) if row[1:3] not in has_tags]
        kept["contact_points"] = [
            (*row[:6], None) if (row[1], row[2]) in kinds else row
            for row in kept.get("contact_points", ())
            if (row[1], row[2], row[4] or row[3]) not in points
        ]
        return kept

    def _write_documents(self) -> None:
        if not self._documents:
            return
        with self._pace["documents"].box(self._long, self._waiting["documents"]) as connection:
            alone = not _others_write(connection, self._long.act.id)
            for base, documents in self._documents:
                _index(connection, base, documents, alone=alone)
                self.indexed += len(documents)
        self._documents.clear()
        self._waiting["documents"] = 0
        with unhurried(self._long.database.writer), self._long.box() as connection:
            merge_some(connection, BOX_SECONDS / 2)


def _others_write(connection: Connection, operation_id: int) -> bool:
    """Whether another session has written since this operation began, or has a long operation of its own under way."""
    found: int = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM operations WHERE id > ?1)"
        " OR EXISTS (SELECT 1 FROM operations WHERE state <> 'done' AND id <> ?1)",
        (operation_id,),
    ).fetchone()[0]
    return bool(found)


def _ids(connection: Connection, query: str, values: Sequence[object]) -> set[int]:
    return {row[0] for row in connection.execute(query, values)}


def _own(connection: Connection, customer: int) -> tuple[list[tuple[str, str]], set[int]]:
    """The contact points (kind, normalised or as given) and tags that a customer has already."""
    points = connection.execute(
        "SELECT kind, coalesce(normalised, value) FROM contact_points WHERE customer_id = ?", (customer,)
    ).fetchall()
    return points, _ids(connection, "SELECT tag_id FROM customer_tags WHERE customer_id = ?", (customer,))


def _index(connection: Connection, base: int, documents: list[str], *, alone: bool) -> None:
    """Index the documents of the customers from ``base`` on, and take them out of the queue.

    Unless the operation is ``alone``: a customer that an edit has indexed already is newer than its document, and one that is
    gone needs none.
    """
    last = base + len(documents) - 1
    rows = list(enumerate(documents, base))
    if not alone:
        there = _ids(connection, "SELECT id FROM customers WHERE id BETWEEN ? AND ?", (base, last))
        there -= _ids(connection, "SELECT id FROM search_docsize WHERE id BETWEEN ? AND ?", (base, last))
        rows = [row for row in rows if row[0] in there]
    connection.executemany("INSERT INTO search(rowid, document) VALUES (?, ?)", rows)
    connection.execute("DELETE FROM search_queue WHERE first_id = ? AND last_id = ?", (base, last))
    connection.execute("UPDATE search_queue SET first_id = ? WHERE first_id = ?", (last + 1, base))
