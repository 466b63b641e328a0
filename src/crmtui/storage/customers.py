"""Reading customers: whole records, list rows, one by number."""

from collections.abc import Collection, Sequence

from crmtui.domain.models import CustomerRecord, ListRow
from crmtui.light_typing import TYPE_CHECKING
from crmtui.storage.driver import Connection

if TYPE_CHECKING:
    from typing import Any

_RECORD_COLUMNS = (
    "id, kind, name, given_name, family_name, company, job_title, stage, owner, source, language, birthday, do_not_contact,"
    " notes, custom, created_at, updated_at, last_interaction_at, archived_at"
)
_LIST_COLUMNS = (
    "id, kind, name, company, job_title, phone, email, stage, owner, source, city, birthday, created_at, updated_at,"
    " last_interaction_at, (SELECT group_concat(tags.name, ' ') FROM customer_tags JOIN tags ON tags.id = tag_id"
    " WHERE customer_id = customers.id), archived_at, version"
)
_LISTED = "(SELECT value FROM json_each(?))"


def list_rows(connection: Connection, ids: Sequence[int]) -> dict[int, ListRow]:
    """The list rows of these customers by id; ids that no longer exist are missing."""
    if not ids:
        return {}
    marks = ",".join("?" * len(ids))
    rows = connection.execute(f"SELECT {_LIST_COLUMNS} FROM customers WHERE id IN ({marks})", tuple(ids))
    return {row[0]: ListRow._make(row) for row in rows}


def read_customer(connection: Connection, customer_id: int) -> CustomerRecord | None:
    """The whole record of one customer, or None."""
    return next(iter(read_customers(connection, [customer_id])), None)


def read_version(connection: Connection, customer_id: int) -> int | None:
    """The version of a customer: it grows with each change, for "changed since you opened it"."""
    row = connection.execute("SELECT version FROM customers WHERE id = ?", (customer_id,)).fetchone()
    return row[0] if row else None


def read_versions(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    """The versions of these customers by id; ids that do not exist are missing."""
    marks = ",".join("?" * len(ids))
    return dict(connection.execute(f"SELECT id, version FROM customers WHERE id IN ({marks})", tuple(ids)))


def read_customers(connection: Connection, ids: Collection[int]) -> list[CustomerRecord]:
    """The whole records of these customers, in the order of ``ids``; ids that do not exist are left out."""
    if not ids:
        return []
    keys = tuple(ids)
    marks = ",".join("?" * len(keys))
    records = {
        row[0]: _bare_record(row)
        for row in connection.execute(f"SELECT {_RECORD_COLUMNS} FROM customers WHERE id IN ({marks})", keys)
    }
    for customer, kind, value, normalised, label, primary in connection.execute(
        "SELECT customer_id, kind, value, normalised, label, coalesce(is_primary, 0) FROM contact_points"
        f" WHERE customer_id IN ({marks}) AND coalesce(is_alternate, 0) = 0"
        " ORDER BY customer_id, coalesce(is_primary, 0) DESC, id",
        keys,
    ):
        record = records[customer]
        if kind == "phone":
            e164 = normalised if normalised and normalised.startswith("+") else None
            record["phones"].append({"value": value, "e164": e164, "label": label, "primary": bool(primary)})
        elif kind == "email":
            record["emails"].append({"value": value, "label": label, "primary": bool(primary)})
        elif kind == "url":
            record["urls"].append(value)
        else:
            record["messaging"].append({"kind": kind, "value": value})
    for customer, street, city, region, postal_code, country, label in connection.execute(
        f"SELECT customer_id, street, city, region, postal_code, country, label FROM addresses WHERE customer_id IN ({marks}) ORDER BY id",
        keys,
    ):
        records[customer]["addresses"].append(
            {
                "street": street,
                "city": city,
                "region": region,
                "postal_code": postal_code,
                "country": country,
                "label": label,
            }
        )
    for customer, tag in connection.execute(
        f"SELECT customer_id, name FROM customer_tags JOIN tags ON tags.id = tag_id WHERE customer_id IN ({marks}) ORDER BY customer_tags.id",
        keys,
    ):
        records[customer]["tags"].append(tag)
    for customer, system, external_id in connection.execute(
        f"SELECT customer_id, system, external_id FROM external_ids WHERE customer_id IN ({marks}) ORDER BY id", keys
    ):
        records[customer]["external_ids"][system] = external_id
    return [records[key] for key in keys if key in records]


def _bare_record(row: tuple[object, ...]) -> CustomerRecord:
    values = dict(zip(_RECORD_COLUMNS.replace(" ", "").split(","), row, strict=True))
    custom = values["custom"]
    record: Any = values | {  # its keys are those of CustomerRecord
        "tags": [],
        "phones": [],
        "emails": [],
        "messaging": [],
        "urls": [],
        "addresses": [],
        "external_ids": {},
        "custom": _read_json(custom) if isinstance(custom, str) else {},
        "do_not_contact": bool(values["do_not_contact"]),
    }
    return record  # type: ignore[no-any-return]


def _read_json(text: str) -> object:
    import json  # a list of rows has no use for it

    return json.loads(text)


def names_of(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The names of these customers by id; there may be any number of them."""
    return dict(connection.execute(f"SELECT id, name FROM customers WHERE id IN {_LISTED}", (_as_list(ids),)))


def still_there(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of these customers, any number of them, that exist."""
    rows = connection.execute(f"SELECT id FROM customers WHERE id IN {_LISTED}", (_as_list(ids),))
    return {row[0] for row in rows}


def are_archived(connection: Connection, ids: Collection[int]) -> bool:
    """Whether every one of these customers is archived; ends at the first that is not."""
    found = connection.execute(
        f"SELECT NOT EXISTS (SELECT 1 FROM customers WHERE id IN {_LISTED} AND archived_at IS NULL)",
        (_as_list(ids),),
    )
    return bool(found.fetchone()[0])


def _as_list(ids: Collection[int]) -> str:
    """Ids as one value of a statement: there is a limit to how many values it takes."""
    return f"[{','.join(map(str, ids))}]"


def survivor_of(connection: Connection, customer: int) -> int | None:
    """The customer into whom a merged one went; None when it was not merged."""
    row = connection.execute("SELECT customer_id FROM redirects WHERE merged_id = ?", (customer,)).fetchone()
    return row[0] if row else None
