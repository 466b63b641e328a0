"""Comparison values of customers: read from the tables, kept as profiles, with the keys by which they meet."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from crmtui.domain.matching.companies import CompanyName
from crmtui.domain.matching.persons import PersonName
from crmtui.domain.matching.places import Place
from crmtui.domain.matching.profile import Profile, Source
from crmtui.storage.driver import Connection

_PAGE = 500


def read_sources(connection: Connection, first: int, last: int) -> dict[int, Source]:
    """The customers with ids in a range, as they are compared; archived ones are left out."""
    return _sources(connection, "BETWEEN ? AND ?", (first, last))


def read_sources_of(connection: Connection, customers: Sequence[int]) -> dict[int, Source]:
    """These customers as they are compared; archived ones are left out."""
    found: dict[int, Source] = {}
    for start in range(0, len(customers), _PAGE):
        page = tuple(customers[start : start + _PAGE])
        found |= _sources(connection, f"IN ({','.join('?' * len(page))})", page)
    return found


def read_source(connection: Connection, customer: int) -> Source | None:
    """One customer as it is compared, archived or not."""
    return _sources(connection, "= ?", (customer,), archived=True).get(customer)


def _sources(
    connection: Connection, condition: str, values: tuple[int, ...], *, archived: bool = False
) -> dict[int, Source]:
    points: dict[int, list[tuple[str, str, str | None]]] = {}
    for customer, kind, value, normalised in connection.execute(
        f"SELECT customer_id, kind, value, normalised FROM contact_points WHERE customer_id {condition}"
        " ORDER BY customer_id, coalesce(is_primary, 0) DESC, id",
        values,
    ):
        points.setdefault(customer, []).append((kind, value, normalised))
    addresses: dict[int, tuple[str, str, str, str, str]] = {}
    for customer, *parts in connection.execute(
        "SELECT customer_id, coalesce(street, ''), coalesce(city, ''), coalesce(region, ''), coalesce(postal_code, ''),"
        f" coalesce(country, '') FROM addresses WHERE customer_id {condition} ORDER BY id DESC",
        values,
    ):
        addresses[customer] = (parts[0], parts[1], parts[2], parts[3], parts[4])
    aliases: dict[int, list[str]] = {}
    for customer, value in connection.execute(
        f"SELECT customer_id, value FROM alternates WHERE customer_id {condition} AND field = 'name' ORDER BY id",
        values,
    ):
        aliases.setdefault(customer, []).append(value)
    found = {}
    for row in connection.execute(
        "SELECT id, kind, name, coalesce(family_name, ''), coalesce(given_name, ''), coalesce(company, ''),"
        f" coalesce(birthday, ''), custom FROM customers WHERE id {condition}"
        + ("" if archived else " AND archived_at IS NULL"),
        values,
    ):
        customer, kind, name, family, given, company, birthday, custom = row
        found[customer] = Source(
            kind,
            name,
            family,
            given,
            company,
            birthday,
            points=tuple(points.get(customer, ())),
            address=addresses.get(customer, ("", "", "", "", "")),
            custom=json.loads(custom) if custom else {},
            aliases=tuple(aliases.get(customer, ())),
        )
    return found


def pack_profile(profile: Profile) -> str:
    """A profile as it is stored."""
    return json.dumps(profile, ensure_ascii=False, separators=(",", ":"))


def unpack_profile(text: str) -> Profile:
    """A stored profile."""
    kind, names, firm, phones, emails, handles, place, birthday, domains, tax_id, custom = json.loads(text)
    return Profile(
        kind,
        tuple([PersonName(*name) for name in names]),
        CompanyName(firm[0], tuple(firm[1]), tuple(firm[2]), firm[3], firm[4]) if firm else None,
        tuple(phones),
        tuple(emails),
        tuple(handles),
        Place(*place) if place else None,
        birthday,
        tuple(domains),
        tax_id,
        tuple([(name, value) for name, value in custom]),
    )


def read_profiles(connection: Connection, ids: Collection[int]) -> dict[int, Profile]:
    """The stored profiles of these customers."""
    found = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _PAGE):
        page = wanted[start : start + _PAGE]
        for customer, text in connection.execute(
            f"SELECT customer_id, profile FROM duplicate_profiles WHERE customer_id IN ({','.join('?' * len(page))})",
            page,
        ):
            found[customer] = unpack_profile(text)
    return found


def all_profiles(connection: Connection) -> Iterator[tuple[int, Profile]]:
    """Every stored profile, by id."""
    for customer, text in connection.execute(
        "SELECT customer_id, profile FROM duplicate_profiles ORDER BY customer_id"
    ):
        yield customer, unpack_profile(text)


def profiles_between(connection: Connection, first: int, last: int) -> Iterator[tuple[int, Profile]]:
    """The stored profiles of a range of ids."""
    rows = connection.execute(
        "SELECT customer_id, profile FROM duplicate_profiles WHERE customer_id BETWEEN ? AND ?", (first, last)
    )
    for customer, text in rows.fetchall():
        yield customer, unpack_profile(text)


def write_profiles(
    connection: Connection,
    profiles: Mapping[int, Profile],
    gone: Collection[int],
    keys: Mapping[int, Sequence[int]],
    old_keys: Mapping[int, Sequence[int]],
) -> None:
    """Store profiles with their keys; customers that are gone lose theirs, and their pairs."""
    connection.executemany(
        "DELETE FROM duplicate_keys WHERE key = ? AND customer_id = ?",
        [(key, customer) for customer, each in old_keys.items() for key in each],
    )
    for table, column in (
        ("duplicate_profiles", "customer_id"),
        ("duplicate_pairs", "a_id"),
        ("duplicate_pairs", "b_id"),
    ):
        connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(customer,) for customer in gone])
    connection.executemany(
        "INSERT OR REPLACE INTO duplicate_profiles(customer_id, profile) VALUES (?, ?)",
        [(customer, pack_profile(profile)) for customer, profile in profiles.items()],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO duplicate_keys(key, customer_id) VALUES (?, ?)",
        sorted((key, customer) for customer, each in keys.items() for key in each),
    )
