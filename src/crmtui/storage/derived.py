"""Values computed from other rows: the sort key, the first phone, e-mail and city for lists, the last contact, the search document."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from crmtui.domain.names import sort_key
from crmtui.domain.search_document import search_document
from crmtui.storage.driver import Connection

_PAGE = 500


class Derived(NamedTuple):
    """What is computed for a customer: the derived columns as stored, as they should be, and the search document."""

    customer_id: int
    stored: list[object]
    fresh: list[object]
    document: str


def refresh_customers(connection: Connection, ids: Collection[int]) -> None:
    """Compute the derived columns and the search document of these customers again; removed ones leave the index."""
    for page in _pages(sorted(ids)):
        computed = compute(connection, page)
        connection.executemany(
            "UPDATE customers SET sort_name = ?, phone = ?, email = ?, city = ?, last_interaction_at = ? WHERE id = ?",
            [(*entry.fresh, entry.customer_id) for entry in computed if entry.fresh != entry.stored],
        )
        connection.executemany("DELETE FROM search WHERE rowid = ?", [(customer,) for customer in page])
        connection.executemany(
            "INSERT INTO search(rowid, document) VALUES (?, ?)",
            [(entry.customer_id, entry.document) for entry in computed],
        )


def compute(connection: Connection, ids: Sequence[int]) -> list[Derived]:
    """The derived values of those of these customers (a few hundred at most) that exist."""
    marks = _marks(ids)
    rows = connection.execute(
        "SELECT id, kind, name, family_name, given_name, company, job_title, imported_contact_at,"
        " sort_name, phone, email, city, last_interaction_at"
        f" FROM customers WHERE id IN ({marks})",
        tuple(ids),
    ).fetchall()
    parts = read_parts(connection, [row[0] for row in rows])
    last = dict(
        connection.execute(
            f"SELECT customer_id, max(at) FROM interactions WHERE customer_id IN ({marks}) GROUP BY customer_id",
            tuple(ids),
        )
    )
    computed = []
    for row in rows:
        customer, kind, name, family, given, _company, _title, imported, *stored = row
        points, cities, _tags = parts[customer]
        moments = [moment for moment in (imported, last.get(customer)) if moment]
        fresh = [
            sort_key(name, family or "", given or "", person=kind != "company"),
            first_phone(points),
            first_value(points, "email"),
            cities[0] if cities else None,
            max(moments) if moments else None,
        ]
        computed.append(Derived(customer, list(stored), fresh, _document(row, parts[customer])))
    return computed


Point = tuple[str, str, str | None]  # kind, value as given, normalised value
Parts = tuple[list[Point], list[str], list[str]]  # contact points, cities, tags


def read_parts(connection: Connection, ids: Collection[int]) -> dict[int, Parts]:
    """What the document and the list need from the child tables, by customer; the primary contact point comes first."""
    parts: dict[int, Parts] = {customer: ([], [], []) for customer in ids}
    marks = _marks(ids)
    ids = list(ids)
    for customer, *point in connection.execute(
        f"SELECT customer_id, kind, value, normalised FROM contact_points WHERE customer_id IN ({marks})"
        " ORDER BY customer_id, coalesce(is_alternate, 0), coalesce(is_primary, 0) DESC, id",
        ids,
    ):
        parts[customer][0].append((point[0], point[1], point[2]))
    for customer, city in connection.execute(
        f"SELECT customer_id, city FROM addresses WHERE customer_id IN ({marks}) AND city IS NOT NULL ORDER BY id", ids
    ):
        parts[customer][1].append(city)
    for customer, tag in connection.execute(
        "SELECT customer_id, name FROM customer_tags JOIN tags ON tags.id = tag_id"
        f" WHERE customer_id IN ({marks}) ORDER BY customer_tags.id",
        ids,
    ):
        parts[customer][2].append(tag)
    return parts


def first_phone(points: Iterable[Point]) -> str | None:
    """The first phone: in E.164 where it is a number (the list groups its digits alike), else as given."""
    return next((normalised or value for kind, value, normalised in points if kind == "phone"), None)


def first_value(points: Iterable[Point], kind: str) -> str | None:
    """The value, as given, of the first contact point of this kind."""
    return next((value for point_kind, value, _normalised in points if point_kind == kind), None)


def _document(row: tuple[object, ...], parts: Parts) -> str:
    _id, kind, name, family, given, company, job_title, *_rest = row
    points, cities, tags = parts
    texts = [text for text in (company, job_title) if isinstance(text, str)]
    texts += cities + tags
    phones = []
    for point_kind, value, normalised in points:
        if point_kind == "phone":
            digits = "".join(filter(str.isdigit, normalised or value))
            phones.append((digits, bool(normalised and normalised.startswith("+"))))
        else:
            texts.append(value)
    names = [str(name)]
    parts_of_name = {text for text in (family, given) if isinstance(text, str) and text not in str(name)}
    return search_document([*names, *sorted(parts_of_name)], texts, phones, person=kind != "company")


def _pages(ids: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(ids)
    while page := list(islice(iterator, _PAGE)):
        yield page


def _marks(ids: Collection[int]) -> str:
    return ",".join("?" * len(ids))
