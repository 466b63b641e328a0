"""Values computed from other rows: the sort key, the first phone, e-mail and city for lists, the last contact, the rhythm, the search document."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from crmtui.domain.names import sort_key
from crmtui.domain.rhythm import rhythm_of
from crmtui.domain.search_document import search_document
from crmtui.storage.driver import Connection
from crmtui.storage.rhythm import read_contacts
from crmtui.storage.schema import SEARCH_AUTOMERGE

_PAGE = 500
# For many at once the index writes larger pieces and merges them seldom, which takes half the time: meanwhile, and usually.
_MANY = 1000
_MANY_SETTINGS = (("automerge", 16, SEARCH_AUTOMERGE), ("hashsize", 8 << 20, 1 << 20))


class Derived(NamedTuple):
    """What is computed for a customer: the derived columns as stored, as they should be, and the search document."""

    customer_id: int
    stored: list[object]
    fresh: list[object]
    document: str


def refresh_customers(connection: Connection, ids: Collection[int]) -> None:
    """Compute the derived columns and the search document of these customers again; removed ones leave the index."""
    if len(ids) > _MANY:
        for setting, meanwhile, _usually in _MANY_SETTINGS:
            connection.execute("INSERT INTO search(search, rank) VALUES (?, ?)", (setting, meanwhile))
    for page in _pages(sorted(ids)):
        computed = compute(connection, page)
        connection.executemany(
            "UPDATE customers SET sort_name = ?, phone = ?, email = ?, city = ?, last_interaction_at = ?, usual_gap_days = ?,"
            " quiet_from = ? WHERE id = ?",
            [(*entry.fresh, entry.customer_id) for entry in computed if entry.fresh != entry.stored],
        )
        connection.executemany("DELETE FROM search WHERE rowid = ?", [(customer,) for customer in page])
        connection.executemany(
            "INSERT INTO search(rowid, document) VALUES (?, ?)",
            [(entry.customer_id, entry.document) for entry in computed],
        )
    if len(ids) > _MANY:
        for setting, _meanwhile, usually in _MANY_SETTINGS:
            connection.execute("INSERT INTO search(search, rank) VALUES (?, ?)", (setting, usually))


def compute(connection: Connection, ids: Sequence[int]) -> list[Derived]:
    """The derived values of those of these customers (a few hundred at most) that exist."""
    marks = _marks(ids)
    rows = connection.execute(
        "SELECT id, kind, name, family_name, given_name, company, job_title, imported_contact_at,"
        " sort_name, phone, email, city, last_interaction_at, usual_gap_days, quiet_from"
        f" FROM customers WHERE id IN ({marks})",
        tuple(ids),
    ).fetchall()
    parts = read_parts(connection, [row[0] for row in rows])
    contacts = read_contacts(connection, ids)
    alternates = alternate_texts(connection, ids)
    computed = []
    for row in rows:
        customer, kind, name, family, given, _company, _title, imported, *stored = row
        points, cities, _tags = parts[customer]
        moments = contacts.get(customer, [])
        last = max(moments, default=imported) if not imported else max([imported, *moments])
        fresh = [
            sort_key(name, family or "", given or "", person=kind != "company"),
            first_phone(points),
            first_value(points, "email"),
            cities[0] if cities else None,
            last,
            *rhythm_of(moments, last),
        ]
        computed.append(
            Derived(customer, list(stored), fresh, _document(row, parts[customer], alternates.get(customer, [])))
        )
    return computed


def alternate_texts(connection: Connection, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """(field, value) of what lost a merge, by customer: still found."""
    found: dict[int, list[tuple[str, str]]] = {}
    for customer, field, value in connection.execute(
        f"SELECT customer_id, field, value FROM alternates WHERE customer_id IN ({_marks(ids)}) ORDER BY id", tuple(ids)
    ):
        found.setdefault(customer, []).append((field, value))
    return found


Point = tuple[str, str, str | None, bool]  # kind, value as given, normalised value, whether it may come first
Parts = tuple[list[Point], list[str], list[str]]  # contact points, cities, tags


def read_parts(connection: Connection, ids: Collection[int]) -> dict[int, Parts]:
    """What the document and the list need from the child tables, by customer; the primary contact point comes first.

    Alternates and contact points that bounced or are wrong are found, but never come first.
    """
    parts: dict[int, Parts] = {customer: ([], [], []) for customer in ids}
    marks = _marks(ids)
    ids = list(ids)
    for customer, *point in connection.execute(
        "SELECT customer_id, kind, value, normalised, coalesce(is_alternate, 0) = 0 AND coalesce(state, 'ok') = 'ok'"
        f" FROM contact_points WHERE customer_id IN ({marks})"
        " ORDER BY customer_id, coalesce(is_alternate, 0), coalesce(is_primary, 0) DESC, id",
        ids,
    ):
        parts[customer][0].append((point[0], point[1], point[2], bool(point[3])))
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
    return next((normalised or value for kind, value, normalised, usable in points if usable and kind == "phone"), None)


def first_value(points: Iterable[Point], kind: str) -> str | None:
    """The value, as given, of the first contact point of this kind."""
    return next((value for point_kind, value, _normalised, usable in points if usable and point_kind == kind), None)


def _document(row: tuple[object, ...], parts: Parts, alternates: Sequence[tuple[str, str]]) -> str:
    _id, kind, name, family, given, company, job_title, *_rest = row
    points, cities, tags = parts
    texts = [text for text in (company, job_title) if isinstance(text, str)]
    texts += cities + tags
    phones = []
    for point_kind, value, normalised, _usable in points:
        if point_kind == "phone":
            digits = "".join(filter(str.isdigit, normalised or value))
            phones.append((digits, bool(normalised and normalised.startswith("+"))))
        else:
            texts.append(value)
    texts += [value for field, value in alternates if field != "name"]
    names = [str(name), *(value for field, value in alternates if field == "name")]
    parts_of_name = {text for text in (family, given) if isinstance(text, str) and text not in str(name)}
    return search_document([*names, *sorted(parts_of_name)], texts, phones, person=kind != "company")


def _pages(ids: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(ids)
    while page := list(islice(iterator, _PAGE)):
        yield page


def _marks(ids: Collection[int]) -> str:
    return ",".join("?" * len(ids))
