"""Everything a customer file says, as documents that a reader of the future understands, and back into an empty file.

A document is a row with the rows that belong to it; empty columns are left out. Columns that are computed from others are not
written: they are computed again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.pace import Pace
from crmtui.storage.rows import columns_of
from crmtui.storage.schema import CUSTOMER_COLUMN, DERIVED_COLUMNS
from crmtui.storage.search_index import queue_span

_PAGE = 500
_KEPT_DERIVED = frozenset(("updated_at",))
_JSON_COLUMNS = {"customers": "custom", "operations": "detail"}
#: What a reader finds beside the numbers; left out again when the document comes in.
EXPLAINED = {"customer_tags": ("tag", "SELECT id, name FROM tags", "tag_id")}


class Child(NamedTuple):
    """Rows that are written inside the document they belong to: under ``key``, from ``table``, where ``column`` names it."""

    key: str
    table: str
    column: str


class Section(NamedTuple):
    """A kind of documents: the table, and what is inside each."""

    table: str
    children: tuple[Child, ...] = ()


SECTIONS: tuple[Section, ...] = (
    Section("tags"),
    Section("field_definitions"),
    Section("deal_stages"),
    Section(
        "customers",
        tuple(
            Child(key, table, "customer_id")
            for key, table in (
                ("contact_points", "contact_points"),
                ("addresses", "addresses"),
                ("tags", "customer_tags"),
                ("external_ids", "external_ids"),
                ("alternates", "alternates"),
                ("merged", "redirects"),
            )
        ),
    ),
    Section("relations"),
    Section("interactions", (Child("participants", "interaction_customers", "interaction_id"),)),
    Section("transactions"),
    Section("deals", (Child("stage_changes", "deal_stage_changes", "deal_id"),)),
    Section("tasks"),
    Section("activity_ids"),
    Section("views"),
    Section("recipes"),
    Section("duplicate_decisions"),
)
BY_TABLE = {section.table: section for section in SECTIONS}
HISTORY = "operations"
_HISTORY_COLUMNS = ("id", "kind", "subject", "count", "actor", "at", "state", "target_id", "undone_by", "detail")

#: Columns that name a row of another table. The ids of merged customers name nothing that is still there.
REFERENCES: dict[str, str] = {
    "customer_id": "customers",
    "company_id": "customers",
    "from_id": "customers",
    "to_id": "customers",
    "merged_id": "customers",
    "a_id": "customers",
    "b_id": "customers",
    "interaction_id": "interactions",
    "deal_id": "deals",
    "tag_id": "tags",
}
#: (table, column) of references to rows that may be gone: those of merged customers.
LOOSE = frozenset(
    (
        ("alternates", "from_id"),
        ("redirects", "merged_id"),
        ("duplicate_decisions", "a_id"),
        ("duplicate_decisions", "b_id"),
    )
)
#: Tables of which ranges of a mass insert can be taken back: their rows belong to a customer. Others are journalled row by row, as
#: are tasks without one.
_MASS_TABLES = frozenset(CUSTOMER_COLUMN)


def base_columns(connection: Connection, table: str) -> tuple[str, ...]:
    """The columns of a table that a document holds: all that are not computed from others."""
    derived = DERIVED_COLUMNS.get(table, frozenset()) - _KEPT_DERIVED
    return tuple(column for column in columns_of(connection, table) if column not in derived)


def documents(connection: Connection, section: Section) -> Iterator[dict[str, object]]:
    """The documents of a section in the order of their ids."""
    for rows in _pages(connection, section.table, base_columns(connection, section.table)):
        by_id = {row["id"]: row for row in rows}
        for child in section.children:
            for row in _child_rows(connection, child, list(by_id)):
                owner: dict[str, object] = by_id[row.pop(child.column)]
                owner.setdefault(child.key, []).append(row)  # type: ignore[attr-defined]
        yield from rows


def history(connection: Connection) -> Iterator[dict[str, object]]:
    """What was done, by whom and when, oldest first: for reading, it is not brought in again."""
    for rows in _pages(connection, HISTORY, _HISTORY_COLUMNS):
        yield from rows


def is_fresh(connection: Connection) -> bool:
    """Whether nothing of anybody's is in the file: no row in any table of an archive but the stages of deals every file has."""
    return not any(
        connection.execute(f"SELECT EXISTS (SELECT 1 FROM {section.table})").fetchone()[0]
        for section in SECTIONS
        if section.table != "deal_stages"
    )


def _pages(connection: Connection, table: str, columns: Sequence[str]) -> Iterator[list[dict[str, object]]]:
    last = 0
    query = f"SELECT {', '.join(columns)} FROM {table} WHERE id > ? ORDER BY id LIMIT {_PAGE}"
    while rows := connection.execute(query, (last,)).fetchall():
        last = rows[-1][0]
        yield [_document(table, columns, row) for row in rows]


def _child_rows(connection: Connection, child: Child, ids: Sequence[object]) -> Iterator[dict[str, object]]:
    columns = columns_of(connection, child.table)
    marks = ",".join("?" * len(ids))
    found = connection.execute(
        f"SELECT {', '.join(columns)} FROM {child.table} WHERE {child.column} IN ({marks}) ORDER BY id", tuple(ids)
    )
    explained = EXPLAINED.get(child.table)
    names = dict(connection.execute(explained[1])) if explained else {}
    for row in found:
        document = _document(child.table, columns, row)
        if explained:
            document[explained[0]] = names.get(document[explained[2]])
        yield document


def _document(table: str, columns: Sequence[str], row: Sequence[object]) -> dict[str, object]:
    document = {column: value for column, value in zip(columns, row, strict=True) if value is not None}
    column = _JSON_COLUMNS.get(table)
    text = document.get(column) if column else None
    if column and isinstance(text, str):
        value = json.loads(text)
        if isinstance(value, dict) and json.dumps(value, ensure_ascii=False) == text:
            document[column] = value  # read more easily; anything else stays letter for letter
    return document


class ArchiveInsert:
    """Writes documents that were checked into a file that ``is_fresh``, inside a long operation.

    Rows keep their ids, moved on by as much as the file has given out before: ids are never given twice. Call ``finish`` at the
    end. ``highest`` holds the largest id of each table.
    """

    def __init__(self, long: LongOperation, highest: Mapping[str, int]) -> None:
        self._long = long
        self._pace = Pace(500, 4000)
        with long.box():
            sequences = long.act.sequences
            self._offsets = {
                table: sequences.next(table, count) - 1
                for table, count in highest.items()
                if count and table != "deal_stages"
            }
            # Nobody else is given these ids, so what will come is journalled at once, gaps and all.
            for table, offset in self._offsets.items():
                if table in _MASS_TABLES:
                    long.inserted(table, offset + 1, offset + highest[table])
            self._customers = self._offsets.get("customers", 0), highest.get("customers", 0)

    @property
    def step(self) -> int:
        """How many documents should be given to ``add`` at a time."""
        return self._pace.size

    def add(self, section: Section, documents: Sequence[dict[str, object]]) -> None:
        """Write some documents of a section."""
        with self._pace.box(self._long, len(documents)) as connection:
            if section.table == "deal_stages":
                self._stages(connection, documents)
                return
            self._rows(connection, section.table, documents, {child.key for child in section.children})
            for child in section.children:
                rows = [
                    {**row, child.column: document["id"]}
                    for document in documents
                    for row in document.get(child.key, ())  # type: ignore[attr-defined]
                ]
                if rows:
                    rows.sort(key=lambda row: row["id"])
                    left_out = {EXPLAINED[child.table][0]} if child.table in EXPLAINED else set()
                    self._rows(connection, child.table, rows, left_out)

    def finish(self) -> None:
        """Queue the customers for their computed columns and the search index: all that they are made of is in now."""
        with self._long.box() as connection:
            offset, highest = self._customers
            if highest:
                queue_span(connection, offset + 1, offset + highest)
            self._long.set_state("indexing")

    def _rows(
        self,
        connection: Connection,
        table: str,
        documents: Sequence[Mapping[str, object]],
        left_out: set[str],
    ) -> None:
        columns = base_columns(connection, table)
        rows = [self._values(table, columns, document, left_out) for document in documents]
        single = rows
        if table in _MASS_TABLES:
            single = [row for row in rows if table == "tasks" and row.get("customer_id") is None]
            many = [row for row in rows if table != "tasks" or row.get("customer_id") is not None] if single else rows
            _insert_many(connection, table, columns, many)
        for row in single:
            self._long.act.insert(table, row, row_id=int(str(row["id"])))

    def _values(
        self, table: str, columns: Sequence[str], document: Mapping[str, object], left_out: set[str]
    ) -> dict[str, object]:
        row = {key: value for key, value in document.items() if key not in left_out}
        column = _JSON_COLUMNS.get(table)
        if column and isinstance(row.get(column), dict):
            row[column] = json.dumps(row[column], ensure_ascii=False)
        row["id"] = int(str(row["id"])) + self._offsets.get(table, 0)
        for key in row.keys() & REFERENCES.keys():
            row[key] = int(str(row[key])) + self._offsets.get(REFERENCES[key], 0)
        if table == "activity_ids":  # its row is one of the table that it names
            row["row_id"] = int(str(row["row_id"])) + self._offsets.get(str(row["table_name"]), 0)
        return row

    def _stages(self, connection: Connection, documents: Sequence[Mapping[str, object]]) -> None:
        """Every file has stages of deals from the start: they are made those of the archive."""
        act = self._long.act
        wanted = {int(str(document["id"])): document for document in documents}
        there = [row[0] for row in connection.execute("SELECT id FROM deal_stages").fetchall()]
        columns = [column for column in base_columns(connection, "deal_stages") if column != "id"]
        for row_id in there:
            if row_id not in wanted:
                act.delete("deal_stages", row_id)
        for row_id, document in wanted.items():
            values = {column: document.get(column) for column in columns}
            if row_id in there:
                act.update("deal_stages", row_id, values)
            else:
                act.insert("deal_stages", values, row_id=row_id)


def _insert_many(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Mapping[str, object]]
) -> None:
    if not rows:
        return
    fixed = {"sort_name": "", "version": 1} if table == "customers" else {}
    names = (*columns, *fixed)
    connection.executemany(
        f"INSERT INTO {table}({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        [(*(row.get(column) for column in columns), *fixed.values()) for row in rows],
    )
