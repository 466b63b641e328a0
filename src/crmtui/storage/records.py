"""Writing the rows that hang on a customer, through an operation: contact points, address, tags, external ids, removal."""

from collections.abc import Collection, Sequence

from crmtui.domain.intake import Point
from crmtui.storage.driver import Connection
from crmtui.storage.journal import Operation, Values
from crmtui.storage.schema import CUSTOMER_COLUMN

_PAGE = 500


def find_company(connection: Connection, name: str) -> int | None:
    """The company customer with exactly this name, or None."""
    from crmtui.domain.names import sort_key

    key = sort_key(name, "", "", person=False)
    row = connection.execute(
        "SELECT id FROM customers WHERE archived_at IS NULL AND sort_name = ? AND kind = 'company' AND name = ? ORDER BY id LIMIT 1",
        (key, name),
    ).fetchone()
    return row[0] if row else None


def tag_id(act: Operation, name: str) -> int:
    """The id of a tag, made when it is new."""
    row = act.connection.execute("SELECT id FROM tags WHERE name = ?", (name,)).fetchone()
    return row[0] if row else act.insert("tags", {"name": name})


def set_tags(
    act: Operation,
    customer: int,
    *,
    exactly: Sequence[str] | None = None,
    add: Collection[str] = (),
    remove: Collection[str] = (),
) -> None:
    """Give a customer exactly these tags, or add and remove some."""
    rows = act.connection.execute(
        "SELECT customer_tags.id, tags.name FROM customer_tags JOIN tags ON tags.id = tag_id WHERE customer_id = ?",
        (customer,),
    ).fetchall()
    present = {name for _row, name in rows}
    wanted = set(exactly) if exactly is not None else (present | set(add)) - set(remove)
    for row_id, name in rows:
        if name not in wanted:
            act.delete("customer_tags", row_id)
    ordered = exactly if exactly is not None else add
    for name in dict.fromkeys(ordered):
        if name in wanted and name not in present:
            act.insert("customer_tags", {"customer_id": customer, "tag_id": tag_id(act, name)})


def add_and_remove_tags(
    act: Operation, customers: Sequence[int], *, add: Collection[str], remove: Collection[str]
) -> None:
    """What ``set_tags`` does with ``add`` and ``remove``, for many customers; those that are gone are left out."""
    wanted = [name for name in dict.fromkeys(add) if name not in remove]
    ids: dict[str, int] = {}
    for start in range(0, len(customers), _PAGE):
        page = tuple(customers[start : start + _PAGE])
        marks = ",".join("?" * len(page))
        there = {row[0] for row in act.connection.execute(f"SELECT id FROM customers WHERE id IN ({marks})", page)}
        present: dict[int, dict[str, int]] = {customer: {} for customer in page if customer in there}
        for customer, row_id, name in act.connection.execute(
            "SELECT customer_id, customer_tags.id, tags.name FROM customer_tags JOIN tags ON tags.id = tag_id"
            f" WHERE customer_id IN ({marks}) ORDER BY customer_tags.id",
            page,
        ):
            present[customer][name] = row_id
        for customer, tags in present.items():
            for name in remove:
                if name in tags:
                    act.delete("customer_tags", tags[name])
            for name in wanted:
                if name not in tags:
                    if name not in ids:
                        ids[name] = tag_id(act, name)
                    act.insert("customer_tags", {"customer_id": customer, "tag_id": ids[name]})


def set_points(act: Operation, customer: int, kinds: Collection[str], points: Sequence[Point]) -> None:
    """Make these the contact points of the given kinds: equal ones stay as they are, others go, new ones come; the first is primary."""
    marks = ",".join("?" * len(kinds))
    rows = act.connection.execute(
        "SELECT id, kind, value, normalised, label FROM contact_points"
        f" WHERE customer_id = ? AND coalesce(is_alternate, 0) = 0 AND kind IN ({marks}) ORDER BY id",
        (customer, *kinds),
    ).fetchall()
    remaining = {(kind, normalised or value): row_id for row_id, kind, value, normalised, _label in rows}
    seen: set[str] = set()
    for point in points:
        values: Values = {
            "value": point.value,
            "normalised": point.normalised,
            "is_primary": None if point.kind in seen else 1,
        }
        if point.label:
            values["label"] = point.label
        seen.add(point.kind)
        row_id = remaining.pop((point.kind, point.normalised or point.value), None)
        if row_id is None:
            act.insert("contact_points", {"customer_id": customer, "kind": point.kind, **values})
        else:
            act.update("contact_points", row_id, values)
    for row_id in remaining.values():
        act.delete("contact_points", row_id)


def set_address(act: Operation, customer: int, parts: dict[str, str | None]) -> None:
    """Change parts of the first address; an address left without any part goes."""
    row = act.connection.execute(
        "SELECT id, street, city, region, postal_code, country FROM addresses WHERE customer_id = ? ORDER BY id LIMIT 1",
        (customer,),
    ).fetchone()
    if row is None:
        if any(parts.values()):
            act.insert("addresses", {"customer_id": customer, **parts})
        return
    current = dict(zip(("street", "city", "region", "postal_code", "country"), row[1:], strict=True))
    if any((current | parts).values()):
        act.update("addresses", row[0], dict(parts))
    else:
        act.delete("addresses", row[0])


def set_external_ids(act: Operation, customer: int, external: Sequence[tuple[str, str]]) -> None:
    """Add ids of other systems; an id that belongs to another customer already stays there."""
    for system, external_id in external:
        taken = act.connection.execute(
            "SELECT 1 FROM external_ids WHERE external_id = ? AND system = ?", (external_id, system)
        ).fetchone()
        if not taken:
            act.insert("external_ids", {"customer_id": customer, "system": system, "external_id": external_id})


def delete_customer_rows(act: Operation, customer: int) -> None:
    """Remove a customer and every row that belongs to it; what only refers to it is detached."""
    connection = act.connection
    for (relation,) in connection.execute("SELECT id FROM relations WHERE to_id = ?", (customer,)).fetchall():
        act.delete("relations", relation)
    for (person,) in connection.execute("SELECT id FROM customers WHERE company_id = ?", (customer,)).fetchall():
        act.update("customers", person, {"company_id": None})
    for (change,) in connection.execute(
        "SELECT c.id FROM deal_stage_changes c JOIN deals d ON d.id = c.deal_id WHERE d.customer_id = ?", (customer,)
    ).fetchall():
        act.delete("deal_stage_changes", change)
    for (link,) in connection.execute(
        "SELECT l.id FROM interaction_customers l JOIN interactions i ON i.id = l.interaction_id WHERE i.customer_id = ?",
        (customer,),
    ).fetchall():
        act.delete("interaction_customers", link)
    for (known,) in connection.execute("SELECT id FROM activity_ids WHERE customer_id = ?", (customer,)).fetchall():
        act.delete("activity_ids", known)
    for table, column in CUSTOMER_COLUMN.items():
        if table not in ("customers", "activity_ids"):
            for (row_id,) in connection.execute(f"SELECT id FROM {table} WHERE {column} = ?", (customer,)).fetchall():
                act.delete(table, row_id)
    act.delete("customers", customer)
