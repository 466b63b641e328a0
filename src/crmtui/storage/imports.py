"""What the journal knows of earlier imports, and which customers a row of a file meets."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from crmtui.domain.intake import ADDRESS_PARTS
from crmtui.storage.driver import Connection
from crmtui.storage.rows import read_row

_PAGE = 500


def has_customers(connection: Connection) -> bool:
    """Whether the file holds any customer."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM customers)").fetchone()[0])


def find_import(connection: Connection, size: int, digest: Callable[[], str]) -> int | None:
    """The newest import, done and not undone, of a file of ``size`` bytes with this SHA-256 (asked for only if needed)."""
    rows = connection.execute(
        "SELECT id, detail FROM operations WHERE kind = 'import' AND state = 'done' AND undone_by IS NULL"
        " AND detail IS NOT NULL ORDER BY id DESC"
    )
    for operation_id, detail in rows:
        known = json.loads(detail)
        if known.get("size") == size and known.get("sha256") == digest():
            return int(operation_id)
    return None


def newest_change(connection: Connection, *, before: int | None = None) -> int:
    """The newest operation (of those before one) that may have changed customers: 0 for a new file. Views and recipes change none."""
    row = connection.execute(
        "SELECT id FROM operations WHERE (?1 IS NULL OR id < ?1) AND kind NOT LIKE 'view.%' AND kind NOT LIKE 'recipe.%'"
        " ORDER BY id DESC LIMIT 1",
        (before,),
    ).fetchone()
    return row[0] if row else 0


def batch_of(connection: Connection, operation_id: int) -> int | None:
    """The import that ``operation_id`` is or completes; None when it is no import."""
    row = connection.execute(
        "SELECT detail FROM operations WHERE id = ? AND kind = 'import' AND state = 'done'", (operation_id,)
    ).fetchone()
    if row is None:
        return None
    return int((json.loads(row[0]) if row[0] else {}).get("batch") or operation_id)


def owners_of(connection: Connection, values: Collection[str]) -> dict[str, set[int]]:
    """The customers that have these normalised phones or e-mails, by value."""
    found: dict[str, set[int]] = {}
    every = list(values)
    for start in range(0, len(every), _PAGE):
        page = every[start : start + _PAGE]
        for value, customer in connection.execute(
            f"SELECT normalised, customer_id FROM contact_points WHERE normalised IN ({','.join('?' * len(page))})"
            " AND kind IN ('phone', 'email')",
            page,
        ):
            found.setdefault(value, set()).add(customer)
    return found


def owners_of_external(connection: Connection, ids: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The customers that have these (system, id)."""
    found: dict[tuple[str, str], int] = {}
    every = list(ids)
    for start in range(0, len(every), _PAGE):
        page = [external_id for _system, external_id in every[start : start + _PAGE]]
        marks = ",".join("?" * len(page))
        for system, external_id, customer in connection.execute(
            f"SELECT system, external_id, customer_id FROM external_ids WHERE external_id IN ({marks})", page
        ):
            if (system, external_id) in ids:
                found[system, external_id] = customer
    return found


def known_customers(connection: Connection, ids: Collection[int]) -> dict[int, tuple[int, str, str, str, str]]:
    """Id, name, company, phone and e-mail of customers, "" for nothing, by id; those that are gone are left out."""
    found: dict[int, tuple[int, str, str, str, str]] = {}
    every = list(ids)
    for start in range(0, len(every), _PAGE):
        page = every[start : start + _PAGE]
        for row in connection.execute(
            f"SELECT id, name, company, phone, email FROM customers WHERE id IN ({','.join('?' * len(page))})", page
        ):
            found[row[0]] = (row[0], *(text or "" for text in row[1:]))
    return found


def match_customers(
    connection: Connection, points: Collection[tuple[str, str]], external: Collection[tuple[str, str]]
) -> set[int]:
    """The customers that have one of these contact points (kind, normalised), or one of these (system, id)."""
    found: set[int] = set()
    kinds: dict[str, list[str]] = {}
    for kind, value in points:
        kinds.setdefault(kind, []).append(value)
    for kind, values in kinds.items():
        if values:
            marks = ",".join("?" * len(values))
            found |= {
                row[0]
                for row in connection.execute(
                    f"SELECT customer_id FROM contact_points WHERE normalised IN ({marks}) AND kind = ?",
                    (*values, kind),
                )
            }
    for system, external_id in external:
        found |= {
            row[0]
            for row in connection.execute(
                "SELECT customer_id FROM external_ids WHERE external_id = ? AND system = ?", (external_id, system)
            )
        }
    return found


class Scanned:
    """Customers by what no index holds: name with company, and values of custom fields, read once and kept as hashes.

    ``keys_of(kind, name, company, custom)`` gives the keys of a customer. What is found is looked at again, so that a change since, or
    two texts of one hash, do no harm.
    """

    def __init__(
        self, connection: Connection, keys_of: Callable[[str, str, str, Mapping[str, object]], Collection[object]]
    ) -> None:
        self._connection = connection
        self._keys_of = keys_of
        self._last = 0
        self._owners: dict[int, int | tuple[int, ...]] = {}

    def find(self, keys: Collection[object]) -> set[int]:
        """The customers that have one of the keys now."""
        self._catch_up()
        found: set[int] = set()
        for key in keys:
            owners = self._owners.get(hash(key), ())
            found.update((owners,) if isinstance(owners, int) else owners)
        return {customer for customer in found if not self._read(customer).isdisjoint(keys)}

    def note(self, customer: int) -> None:
        """Read a customer again that was changed."""
        self._add(customer, self._read(customer))

    def _catch_up(self) -> None:
        for customer, kind, name, company, custom in self._connection.execute(
            "SELECT id, kind, name, company, custom FROM customers WHERE id > ? AND archived_at IS NULL ORDER BY id",
            (self._last,),
        ):
            self._last = customer
            self._add(customer, self._keys_of(kind, name, company or "", json.loads(custom) if custom else {}))

    def _read(self, customer: int) -> set[object]:
        row = self._connection.execute(
            "SELECT kind, name, company, custom FROM customers WHERE id = ?", (customer,)
        ).fetchone()
        return set(self._keys_of(row[0], row[1], row[2] or "", json.loads(row[3]) if row[3] else {})) if row else set()

    def _add(self, customer: int, keys: Collection[object]) -> None:
        for key in map(hash, keys):
            owners = self._owners.get(key)
            if owners is None:
                self._owners[key] = customer
            elif isinstance(owners, int):
                if owners != customer:
                    self._owners[key] = (owners, customer)
            elif customer not in owners:
                self._owners[key] = (*owners, customer)


class Stored(NamedTuple):
    """What a customer holds now, as far as a row of a file can change it; ``points`` are (kind, normalised or value), ``removable`` those
    of which nobody has said anything, so that a list of the file may take their place. ``address`` is the first one with its label,
    ``addresses`` are all (their parts)."""

    columns: dict[str, object]
    points: set[tuple[str, str]]
    address: dict[str, str | None]
    tags: set[str]
    external: set[tuple[str, str]]
    custom: dict[str, object]
    removable: set[tuple[str, str]]
    addresses: set[tuple[str | None, ...]]


def read_stored(connection: Connection, customer: int) -> Stored | None:
    """What a customer holds now, or None when it is gone."""
    row = read_row(connection, "customers", customer)
    if row is None:
        return None
    found = connection.execute(
        "SELECT kind, coalesce(normalised, value), coalesce(state, is_alternate) FROM contact_points WHERE customer_id = ?",
        (customer,),
    ).fetchall()
    points = {(kind, key) for kind, key, _judged in found}
    removable = points - {(kind, key) for kind, key, judged in found if judged}
    addresses = connection.execute(
        f"SELECT {', '.join(ADDRESS_PARTS)}, label FROM addresses WHERE customer_id = ? ORDER BY id", (customer,)
    ).fetchall()
    address = dict(zip((*ADDRESS_PARTS, "label"), addresses[0] if addresses else (), strict=False))
    tags = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM customer_tags JOIN tags ON tags.id = tag_id WHERE customer_id = ?", (customer,)
        )
    }
    external = {
        (system, external_id)
        for system, external_id in connection.execute(
            "SELECT system, external_id FROM external_ids WHERE customer_id = ?", (customer,)
        )
    }
    custom = json.loads(str(row["custom"])) if row["custom"] else {}
    return Stored(row, points, address, tags, external, custom, removable, {each[:-1] for each in addresses})


def most_points(connection: Connection, kind: str) -> int:
    """The largest number of contact points of one kind that a customer has."""
    found = connection.execute(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM contact_points WHERE kind = ? AND coalesce(is_alternate, 0) = 0"
        " GROUP BY customer_id)",
        (kind,),
    ).fetchone()[0]
    return int(found or 0)


def custom_keys(connection: Connection) -> list[str]:
    """Every key that occurs in the custom values of any customer."""
    rows = connection.execute(
        "SELECT DISTINCT j.key FROM customers, json_each(custom) AS j WHERE custom IS NOT NULL ORDER BY 1"
    )
    return [row[0] for row in rows]
