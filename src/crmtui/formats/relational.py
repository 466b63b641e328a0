"""Whole records as rows of a few related tables, as SQL scripts and SQLite files hold them: ``customers`` and what hangs on them."""

from collections.abc import Iterator, Mapping
from typing import Any

from crmtui.formats.csv_writer import cell_text

Cell = str | int | None

#: Columns and their types by table; the first table is that of the customers. Types are those that SQLite, MySQL and PostgreSQL share.
TABLES: dict[str, dict[str, str]] = {
    "customers": {
        "id": "BIGINT NOT NULL PRIMARY KEY",
        "kind": "TEXT",
        "name": "TEXT NOT NULL",
        "given_name": "TEXT",
        "family_name": "TEXT",
        "company": "TEXT",
        "company_id": "BIGINT",
        "job_title": "TEXT",
        "stage": "TEXT",
        "owner": "TEXT",
        "source": "TEXT",
        "language": "TEXT",
        "birthday": "TEXT",
        "do_not_contact": "SMALLINT",
        "notes": "TEXT",
        "created_at": "TEXT",
        "updated_at": "TEXT",
        "last_interaction_at": "TEXT",
        "archived_at": "TEXT",
    },
    "contact_points": {
        "customer_id": "BIGINT NOT NULL REFERENCES customers (id)",
        "position": "INTEGER NOT NULL",
        "kind": "TEXT NOT NULL",
        "value": "TEXT NOT NULL",
        "e164": "TEXT",
        "label": "TEXT",
        "state": "TEXT",
        "is_primary": "SMALLINT",
        "is_old": "SMALLINT",
    },
    "addresses": {
        "customer_id": "BIGINT NOT NULL REFERENCES customers (id)",
        "position": "INTEGER NOT NULL",
        "label": "TEXT",
        "street": "TEXT",
        "city": "TEXT",
        "region": "TEXT",
        "postal_code": "TEXT",
        "country": "TEXT",
    },
    "tags": {
        "customer_id": "BIGINT NOT NULL REFERENCES customers (id)",
        "position": "INTEGER NOT NULL",
        "tag": "TEXT NOT NULL",
    },
    "external_ids": {
        "customer_id": "BIGINT NOT NULL REFERENCES customers (id)",
        "system": "TEXT NOT NULL",
        "external_id": "TEXT NOT NULL",
    },
    "custom_fields": {
        "customer_id": "BIGINT NOT NULL REFERENCES customers (id)",
        "field": "TEXT NOT NULL",
        "value": "TEXT NOT NULL",
    },
    "relations": {
        "customer_id": "BIGINT NOT NULL REFERENCES customers (id)",
        "related_id": "BIGINT NOT NULL",
        "kind": "TEXT NOT NULL",
        "note": "TEXT",
    },
    "earlier_values": {
        "customer_id": "BIGINT NOT NULL REFERENCES customers (id)",
        "field": "TEXT NOT NULL",
        "value": "TEXT NOT NULL",
    },
}


def rows_of(record: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """The rows of a whole record as (table, values in the order of ``TABLES``); the customer's own comes first.

    A record without id or with keys left out has NULL there.
    """
    own = record.get("id")
    yield "customers", tuple(_cell(record.get(column)) for column in TABLES["customers"])
    for position, (kind, point, old) in enumerate(_points(record), 1):
        yield (
            "contact_points",
            (
                own,
                position,
                kind,
                point["value"],
                point.get("e164"),
                point.get("label"),
                point.get("state"),
                int(bool(point.get("primary"))),
                int(old),
            ),
        )
    for position, address in enumerate(record.get("addresses", ()), 1):
        yield "addresses", (own, position, *(address.get(part) for part in list(TABLES["addresses"])[2:]))
    for position, tag in enumerate(record.get("tags", ()), 1):
        yield "tags", (own, position, tag)
    for system, external_id in record.get("external_ids", {}).items():
        yield "external_ids", (own, system, external_id)
    for field, value in record.get("custom", {}).items():
        if value is not None:
            yield "custom_fields", (own, field, cell_text(value))
    for relation in record.get("relations", ()):
        yield "relations", (own, relation["id"], relation["kind"], relation.get("note"))
    for alternate in record.get("alternates", ()):
        yield "earlier_values", (own, alternate["field"], alternate["value"])


def _points(record: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    for key, kind in (("phones", "phone"), ("emails", "email")):
        for point in record.get(key, ()):
            yield kind, point, False
    for point in record.get("messaging", ()):
        yield point["kind"], point, False
    details = {each["value"]: each for each in record.get("url_details", ())}
    for url in record.get("urls", ()):
        yield "url", details.get(url, {"value": url}), False
    for point in record.get("old_points", ()):
        yield point["kind"], point, True


def _cell(value: object) -> Cell:
    if isinstance(value, bool):
        return int(value)
    return value if value is None or isinstance(value, (int, str)) else cell_text(value)
