"""Customers on their way into the database by the thousand: plain rows, ready to insert, made without a database.

The process that reads a file builds batches; the one that writes adds base ids while inserting and touches no row in Python.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from crmtui.domain.intake import Intake
from crmtui.domain.names import sort_key
from crmtui.domain.search_document import search_document

CUSTOMER_COLUMNS = (
    "kind",
    "name",
    "family_name",
    "given_name",
    "company",
    "job_title",
    "stage",
    "owner",
    "source",
    "language",
    "birthday",
    "do_not_contact",
    "notes",
    "custom",
    "created_at",
    "updated_at",
    "imported_contact_at",
    "sort_name",
    "phone",
    "email",
    "city",
    "last_interaction_at",
)
"""The values of a customer in a batch, in this order, after its number in the batch."""

CHILD_COLUMNS: dict[str, tuple[str, ...]] = {
    "contact_points": ("kind", "value", "normalised", "label", "is_primary"),
    "addresses": ("street", "city", "region", "postal_code", "country"),
    "external_ids": ("system", "external_id"),
    "interactions": ("kind", "at", "utc_offset", "minutes", "direction", "subject", "body", "outcome", "actor"),
    "transactions": ("kind", "at", "number", "amount", "currency", "status", "items", "note"),
    "deals": (
        "title",
        "stage",
        "amount",
        "currency",
        "probability",
        "expected_close",
        "owner",
        "created_at",
        "closed_at",
    ),
    "tasks": ("text", "due_at", "done_at", "owner", "created_at"),
}
"""The values of a child row in a batch, in this order, after its number and its customer's."""


class Batch(NamedTuple):
    """Customers and their rows. Numbers count from 0 within the batch.

    ``customers``: (number, values as ``CUSTOMER_COLUMNS``). ``children``: by table, (number of the row within its table,
    number of its customer, values as ``CHILD_COLUMNS``). ``tags``: (number, number of its customer, tag). ``documents``:
    (number, search document). All the derived columns and documents must be what ``storage.derived`` would compute.
    """

    customers: list[tuple[object, ...]]
    children: dict[str, list[tuple[object, ...]]]
    tags: list[tuple[int, int, str]]
    documents: list[tuple[int, str]]


class BatchBuilder:
    """Collects customers into a batch."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.customers: list[tuple[object, ...]] = []
        self.children: dict[str, list[tuple[object, ...]]] = {table: [] for table in CHILD_COLUMNS}
        self.tags: list[tuple[int, int, str]] = []
        self.documents: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self.customers)

    def take(self) -> Batch:
        """The batch so far; the builder starts a new one."""
        batch = Batch(
            self.customers, {table: rows for table, rows in self.children.items() if rows}, self.tags, self.documents
        )
        self._start()
        return batch

    def add(self, intake: Intake, at: str) -> int:
        """Add a customer made at ``at`` (UTC text) and return its number in the batch."""
        number = len(self.customers)
        columns = intake.columns
        person = columns["kind"] != "company"
        name = str(columns["name"])
        family, given = columns.get("family_name"), columns.get("given_name")
        company, title = columns.get("company"), columns.get("job_title")
        city = intake.address.get("city")
        texts = [text for text in (company, title, city, *intake.tags) if isinstance(text, str)]
        phones: list[tuple[str, bool]] = []
        first: dict[str, str] = {}
        points = self.children["contact_points"]
        for point in intake.points:
            kind, value, normalised, label = point
            points.append((len(points), number, kind, value, normalised, label, None if kind in first else 1))
            first.setdefault(kind, (normalised or value) if kind == "phone" else value)
            if kind != "phone":
                texts.append(value)
            elif normalised:
                phones.append((normalised[1:], True))
            else:
                phones.append(("".join(filter(str.isdigit, value)), False))
        names = [name, *(str(part) for part in (family, given) if part and str(part) not in name)]
        self.documents.append((number, search_document(names, texts, phones, person=person)))
        last = columns.get("imported_contact_at")
        self.customers.append(
            (
                number,
                columns["kind"],
                name,
                family,
                given,
                company,
                title,
                columns.get("stage"),
                columns.get("owner"),
                columns.get("source"),
                columns.get("language"),
                columns.get("birthday"),
                columns.get("do_not_contact"),
                columns.get("notes"),
                json.dumps(intake.custom, ensure_ascii=False) if intake.custom else None,
                columns.get("created_at") or at,
                at,
                last,
                sort_key(name, str(family or ""), str(given or ""), person=person),
                first.get("phone"),
                first.get("email"),
                city,
                last,
            )
        )
        if intake.address and any(intake.address.values()):
            address = intake.address
            rows = self.children["addresses"]
            rows.append(
                (
                    len(rows),
                    number,
                    address.get("street"),
                    city,
                    address.get("region"),
                    address.get("postal_code"),
                    address.get("country"),
                )
            )
        if intake.external:
            rows = self.children["external_ids"]
            for system, external_id in intake.external:
                rows.append((len(rows), number, system, external_id))
        for tag in intake.tags:
            self.tags.append((len(self.tags), number, tag))
        return number

    def add_child(self, table: str, number: int, values: Mapping[str, object]) -> None:
        """Add a row of ``table`` (interactions, transactions, deals, tasks) for customer ``number``."""
        rows = self.children[table]
        rows.append((len(rows), number, *(values.get(column) for column in CHILD_COLUMNS[table])))
        if table == "interactions":
            self._note_contact(number, str(values["at"]))

    def _note_contact(self, number: int, at: str) -> None:
        row = self.customers[number]
        last = row[-1]
        if not isinstance(last, str) or last < at:
            self.customers[number] = (*row[:-1], at)
