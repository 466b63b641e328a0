"""Customers on their way into the database by the thousand: plain rows, ready to insert, made without a database.

The process that reads a file builds batches; the one that writes adds base ids while inserting and touches no row in Python.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple

from crmtui.domain.intake import Intake
from crmtui.domain.names import sort_key
from crmtui.domain.rhythm import DAYS_NEEDED, rhythm_of
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
    "addresses": ("label", "street", "city", "region", "postal_code", "country"),
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
        "note",
    ),
    "tasks": ("text", "due_at", "done_at", "owner", "created_at"),
}
"""The values of a child row in a batch, in this order, after its number and its customer's."""


class Batch(NamedTuple):
    """Customers and their rows. Numbers count from 0 within the batch.

    ``customers``: (number, values as ``CUSTOMER_COLUMNS``). ``children``: by table, (number of the row within its table,
    number of its customer, values as ``CHILD_COLUMNS``). ``tags``: (number, number of its customer, tag). ``documents``:
    (number, search document). ``rhythms``: (usual gap, quiet from, number of the customer) of those who have a rhythm. All the
    derived columns and documents must be what ``storage.derived`` would compute.
    """

    customers: list[tuple[object, ...]]
    children: dict[str, list[tuple[object, ...]]]
    tags: list[tuple[int, int, str]]
    documents: list[tuple[int, str]]
    rhythms: Sequence[tuple[int | None, str | None, int]] = ()


Made = tuple[
    tuple[object, ...],  # the values of CUSTOMER_COLUMNS
    Sequence[tuple[str, str, str | None, str | None, int | None]],  # contact points as CHILD_COLUMNS
    Sequence[tuple[str | None, ...]],  # the addresses as CHILD_COLUMNS
    Sequence[tuple[str, str]],  # external ids
    Sequence[str],  # tags
    str,  # the search document
]
"""One customer ready to be put into a batch."""


def make(intake: Intake, at: str) -> Made:
    """A customer made at ``at`` (UTC text) with every derived value as ``storage.derived`` computes it."""
    columns = intake.columns
    person = columns["kind"] != "company"
    name = str(columns["name"])
    family, given = columns.get("family_name"), columns.get("given_name")
    company, title = columns.get("company"), columns.get("job_title")
    addresses = intake.addresses
    cities = [city for address in addresses if (city := address.get("city"))]
    first: dict[str, str] = {}
    points = []
    for kind, value, normalised, label in intake.points:
        points.append((kind, value, normalised, label, None if kind in first else 1))
        first.setdefault(kind, normalised or value if kind == "phone" else value)  # as storage.derived shows them
    texts = [text for text in (company, title, *cities, *intake.tags) if isinstance(text, str)]
    phones: list[tuple[str, bool]] = []
    # As storage reads them: the primary ones first.
    for kind, value, normalised, _label, _primary in sorted(points, key=lambda point: point[4] is None):
        if kind != "phone":
            texts.append(value)
        elif normalised:
            phones.append((normalised[1:], True))
        else:
            phones.append(("".join(filter(str.isdigit, value)), False))
    names = [name, *sorted({str(part) for part in (family, given) if part and str(part) not in name})]
    last = columns.get("imported_contact_at")
    values = (
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
        columns.get("updated_at") or at,
        last,
        sort_key(name, str(family or ""), str(given or ""), person=person),
        first.get("phone"),
        first.get("email"),
        next(iter(cities), None),
        last,
    )
    parts = [tuple([address.get(part) for part in CHILD_COLUMNS["addresses"]]) for address in addresses]
    document = search_document(names, texts, phones, person=person)
    return values, points, parts, intake.external, intake.tags, document


def batch_of(made: Sequence[Made]) -> Batch:
    """These customers as a batch without documents: what ``BatchBuilder`` makes of them, quicker."""
    number = count().__next__
    customers = [(at, *each[0]) for at, each in enumerate(made)]
    points = [(number(), at, *point) for at, each in enumerate(made) for point in each[1]]
    number = count().__next__
    addresses = [(number(), at, *address) for at, each in enumerate(made) for address in each[2]]
    number = count().__next__
    external = [(number(), at, *pair) for at, each in enumerate(made) for pair in each[3]]
    number = count().__next__
    tags = [(number(), at, tag) for at, each in enumerate(made) for tag in each[4]]
    children: dict[str, list[tuple[object, ...]]] = {
        "contact_points": [*points],
        "addresses": [*addresses],
        "external_ids": [*external],
    }
    return Batch([*customers], {table: rows for table, rows in children.items() if rows}, tags, [])


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
            self.customers,
            {table: rows for table, rows in self.children.items() if rows},
            self.tags,
            self.documents,
            self._rhythms(),
        )
        self._start()
        return batch

    def _rhythms(self) -> list[tuple[int | None, str | None, int]]:
        """The rhythms of the customers with enough interactions for one."""
        at = CHILD_COLUMNS["interactions"].index("at") + 2
        moments: dict[int, list[str]] = {}
        for row in self.children["interactions"]:
            moments.setdefault(row[1], []).append(row[at])  # type: ignore[arg-type]  # numbers and texts, as columns say
        return [
            (*rhythm, number)
            for number, contacts in moments.items()
            if len(contacts) >= DAYS_NEEDED
            and (rhythm := rhythm_of(contacts, self._last(number))).quiet_from is not None
        ]

    def _last(self, number: int) -> str | None:
        last = self.customers[number][-1]
        return last if isinstance(last, str) else None

    def add(self, intake: Intake, at: str) -> int:
        """Add a customer made at ``at`` (UTC text) and return its number in the batch."""
        return self.put(make(intake, at))

    def put(self, made: Made) -> int:
        """Add a customer that is ready and return its number in the batch."""
        values, points, addresses, external, tags, document = made
        number = len(self.customers)
        self.customers.append((number, *values))
        self.documents.append((number, document))
        rows = self.children["contact_points"]
        for point in points:
            rows.append((len(rows), number, *point))
        rows = self.children["addresses"]
        for address in addresses:
            rows.append((len(rows), number, *address))
        for system, external_id in external:
            rows = self.children["external_ids"]
            rows.append((len(rows), number, system, external_id))
        for tag in tags:
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
