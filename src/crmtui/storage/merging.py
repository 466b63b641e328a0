"""Writing a merge, through an operation: everything that belongs to the merged records comes to the survivor, nothing is lost."""

import json
from collections.abc import Collection, Mapping, Sequence

from crmtui.domain.merging import merge_columns, merge_custom
from crmtui.storage.driver import Connection
from crmtui.storage.journal import Operation, Values
from crmtui.storage.rows import read_row

# Tables whose rows only change hands. The others need a look at what the survivor has already.
_MOVED = ("interactions", "transactions", "deals", "tasks", "activity_ids", "external_ids", "alternates")
_ADDRESS_PARTS = ("label", "street", "city", "region", "postal_code", "country")


def read_rows(connection: Connection, customers: Sequence[int]) -> list[Values]:
    """The rows of these customers in order; one that is gone is left out."""
    rows = [read_row(connection, "customers", customer) for customer in customers]
    return [row for row in rows if row is not None]


def activity_counts(connection: Connection, customers: Collection[int]) -> dict[int, int]:
    """How many interactions, transactions, deals and tasks each of these customers has."""
    counts = dict.fromkeys(customers, 0)
    for table in ("interactions", "transactions", "deals", "tasks"):
        for customer in customers:
            counts[customer] += connection.execute(
                f"SELECT count(*) FROM {table} WHERE customer_id = ?", (customer,)
            ).fetchone()[0]
    return counts


def merge_rows(act: Operation, survivor: int, others: Sequence[int], chosen: Mapping[str, int]) -> None:
    """Merge ``others`` into ``survivor``; all exist and differ."""
    connection = act.connection
    rows = read_rows(connection, [survivor, *others])
    merged = merge_columns(rows, chosen)
    custom, custom_alternates = merge_custom(
        [(int(str(row["id"])), json.loads(str(row["custom"])) if row["custom"] else {}) for row in rows], chosen
    )
    columns: Values = {key: choice.value for key, choice in merged.choices.items()}
    columns["custom"] = json.dumps(custom, ensure_ascii=False) if custom else None
    company = next(
        (row["company_id"] for row in rows if row["company"] == columns.get("company") and row["company_id"]), None
    )
    columns["company_id"] = None if company in (survivor, *others) else company
    contacts = [str(row["imported_contact_at"]) for row in rows if row["imported_contact_at"]]
    columns["imported_contact_at"] = max(contacts) if contacts else None
    for other in others:
        _move_points(act, survivor, other)
        _move_addresses(act, survivor, other)
        _move_links(act, survivor, other, "customer_tags", "tag_id")
        _move_links(act, survivor, other, "interaction_customers", "interaction_id")
        for table in _MOVED:
            _repoint(act, table, "customer_id", other, survivor)
        _move_relations(act, survivor, other)
        _repoint(act, "customers", "company_id", other, survivor)
        _repoint(act, "redirects", "customer_id", other, survivor)
        _move_decisions(act, survivor, other)
        act.delete("customers", other)
        act.insert("redirects", {"customer_id": survivor, "merged_id": other})
    act.update("customers", survivor, columns)
    present = set(
        connection.execute("SELECT field, value FROM alternates WHERE customer_id = ?", (survivor,)).fetchall()
    )
    for field, value, source in [*merged.alternates, *custom_alternates]:
        if (field, value) not in present:
            present.add((field, value))
            act.insert("alternates", {"customer_id": survivor, "field": field, "value": value, "from_id": source})


def _repoint(act: Operation, table: str, column: str, before: int, after: int) -> None:
    for (row_id,) in act.connection.execute(f"SELECT id FROM {table} WHERE {column} = ?", (before,)).fetchall():
        act.update(table, row_id, {column: after if (table, row_id) != ("customers", after) else None})


def _move_points(act: Operation, survivor: int, other: int) -> None:
    """Contact points: one that the survivor has already is kept as an alternate, the survivor's first stay first."""
    present = set()
    primary = set()
    for kind, value, is_primary in act.connection.execute(
        "SELECT kind, coalesce(normalised, value), is_primary FROM contact_points WHERE customer_id = ?", (survivor,)
    ):
        present.add((kind, value))
        if is_primary:
            primary.add(kind)
    for row_id, kind, value, is_primary in act.connection.execute(
        "SELECT id, kind, coalesce(normalised, value), is_primary FROM contact_points WHERE customer_id = ? ORDER BY id",
        (other,),
    ).fetchall():
        values: Values = {"customer_id": survivor}
        if is_primary and kind in primary:
            values["is_primary"] = None
        elif is_primary:
            primary.add(kind)
        if (kind, value) in present:
            values |= {"is_alternate": 1, "is_primary": None}
        present.add((kind, value))
        act.update("contact_points", row_id, values)


def _move_addresses(act: Operation, survivor: int, other: int) -> None:
    """Addresses: one that says nothing new goes, the others come along."""
    columns = ", ".join(f"coalesce({part}, '')" for part in _ADDRESS_PARTS)
    present = {
        tuple(text.casefold() for text in row)
        for row in act.connection.execute(f"SELECT {columns} FROM addresses WHERE customer_id = ?", (survivor,))
    }
    for row_id, *parts in act.connection.execute(
        f"SELECT id, {columns} FROM addresses WHERE customer_id = ? ORDER BY id", (other,)
    ).fetchall():
        folded = tuple(text.casefold() for text in parts)
        if folded in present:
            act.delete("addresses", row_id)
        else:
            present.add(folded)
            act.update("addresses", row_id, {"customer_id": survivor})


def _move_links(act: Operation, survivor: int, other: int, table: str, column: str) -> None:
    """Tags, and interactions with several customers: each link once."""
    present = {
        row[0] for row in act.connection.execute(f"SELECT {column} FROM {table} WHERE customer_id = ?", (survivor,))
    }
    if table == "interaction_customers":
        present |= {
            row[0] for row in act.connection.execute("SELECT id FROM interactions WHERE customer_id = ?", (survivor,))
        }
    for row_id, target in act.connection.execute(
        f"SELECT id, {column} FROM {table} WHERE customer_id = ? ORDER BY id", (other,)
    ).fetchall():
        if target in present:
            act.delete(table, row_id)
        else:
            present.add(target)
            act.update(table, row_id, {"customer_id": survivor})


def _move_relations(act: Operation, survivor: int, other: int) -> None:
    """Relations both ways; one between the two is void, a second one of a kind to the same customer is one too many."""
    connection = act.connection
    for row_id, from_id, to_id, kind in connection.execute(
        "SELECT id, from_id, to_id, kind FROM relations WHERE from_id = ?1 OR to_id = ?1 ORDER BY id", (other,)
    ).fetchall():
        ends = tuple(survivor if end == other else end for end in (from_id, to_id))
        double = connection.execute(
            "SELECT 1 FROM relations WHERE from_id = ? AND to_id = ? AND kind = ? AND id <> ?", (*ends, kind, row_id)
        ).fetchone()
        if ends[0] == ends[1] or double:
            act.delete("relations", row_id)
        else:
            act.update("relations", row_id, {"from_id": ends[0], "to_id": ends[1]})


def _move_decisions(act: Operation, survivor: int, other: int) -> None:
    """What was decided about the merged record holds for the survivor; what is void or there already goes."""
    connection = act.connection
    for row_id, a_id, b_id in connection.execute(
        "SELECT id, a_id, b_id FROM duplicate_decisions WHERE a_id = ?1 OR b_id = ?1 ORDER BY id", (other,)
    ).fetchall():
        partner = a_id if b_id == other else b_id
        ends = (min(partner, survivor), max(partner, survivor))
        there = connection.execute("SELECT 1 FROM duplicate_decisions WHERE a_id = ? AND b_id = ?", ends).fetchone()
        if partner == survivor or there:
            act.delete("duplicate_decisions", row_id)
        else:
            act.update("duplicate_decisions", row_id, {"a_id": ends[0], "b_id": ends[1]})
