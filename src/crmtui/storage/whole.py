"""Whole customers for files that hold everything: records with what the card shows on request only.

Beside the keys of ``CustomerRecord`` there may be: ``company_id``; ``state``, ``label`` and ``primary`` of a contact point
(``url_details`` for websites, which are plain texts otherwise); ``old_points``, those put aside; ``alternates``, values that lost a
merge; ``merged_ids``; ``relations`` as seen from the customer. Keys without content are left out.
"""

from collections.abc import Collection
from typing import Any

from crmtui.domain.relations import inverse_of
from crmtui.storage.customers import read_customers
from crmtui.storage.driver import Connection


def read_whole(connection: Connection, ids: Collection[int]) -> list[dict[str, Any]]:
    """The whole records of these customers (a few hundred at most), in the order of ``ids``; missing ones are left out."""
    records: list[dict[str, Any]] = [dict(record) for record in read_customers(connection, ids)]
    by_id = {record["id"]: record for record in records}
    keys = tuple(by_id)
    marks = ",".join("?" * len(keys))
    _points(connection, by_id, keys, marks)
    for customer, company in connection.execute(
        f"SELECT id, company_id FROM customers WHERE id IN ({marks}) AND company_id IS NOT NULL", keys
    ):
        by_id[customer]["company_id"] = company
    for customer, field, value, origin in connection.execute(
        f"SELECT customer_id, field, value, from_id FROM alternates WHERE customer_id IN ({marks}) ORDER BY id", keys
    ):
        by_id[customer].setdefault("alternates", []).append({"field": field, "value": value, "from_id": origin})
    for customer, merged in connection.execute(
        f"SELECT customer_id, merged_id FROM redirects WHERE customer_id IN ({marks}) ORDER BY id", keys
    ):
        by_id[customer].setdefault("merged_ids", []).append(merged)
    for own, other, turned in (("from_id", "to_id", False), ("to_id", "from_id", True)):
        for customer, related, name, kind, note in connection.execute(
            f"SELECT r.{own}, c.id, c.name, r.kind, r.note FROM relations r JOIN customers c ON c.id = r.{other}"
            f" WHERE r.{own} IN ({marks}) ORDER BY r.id",
            keys,
        ):
            seen = inverse_of(kind) if turned else kind
            entry = {"id": related, "name": name, "kind": seen} | ({"note": note} if note else {})
            by_id[customer].setdefault("relations", []).append(entry)
    return records


def _points(connection: Connection, by_id: dict[int, dict[str, Any]], keys: tuple[int, ...], marks: str) -> None:
    """Add to the contact points what records leave out, reading only those that have any of it."""
    details: dict[int, list[tuple[Any, ...]]] = {}
    for customer, *point in connection.execute(
        "SELECT customer_id, kind, value, label, coalesce(is_primary, 0), state, coalesce(is_alternate, 0) FROM contact_points"
        f" WHERE customer_id IN ({marks}) AND (state IS NOT NULL OR is_alternate = 1"
        " OR (label IS NOT NULL AND kind NOT IN ('phone', 'email')))"
        " ORDER BY customer_id, coalesce(is_primary, 0) DESC, id",
        keys,
    ):
        details.setdefault(customer, []).append(tuple(point))
    for customer, points in details.items():
        record = by_id[customer]
        for kind, value, label, primary, state, alternate in points:
            extra = {name: text for name, text in (("label", label), ("state", state)) if text is not None}
            if alternate:
                record.setdefault("old_points", []).append({"kind": kind, "value": value, **extra})
            elif kind == "url":
                record.setdefault("url_details", []).append({"value": value, **extra, "primary": bool(primary)})
            else:
                where = {"phone": "phones", "email": "emails"}.get(kind, "messaging")
                for entry in record[where]:
                    if entry["value"] == value and entry.get("kind", kind) == kind and "state" not in entry:
                        entry.update(extra)
                        break
