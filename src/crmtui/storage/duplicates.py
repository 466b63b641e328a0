"""Tables of the search for duplicates: who waits to be scanned, keys, pairs, and what persons decided.

All but the decisions is derived and not journalled: it is written in short transactions of its own. Which customers changed
is read from the journal at the next scan, so that saving a customer costs nothing here.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from crmtui.storage.database import Database, storage_errors
from crmtui.storage.driver import Connection
from crmtui.storage.schema import CUSTOMER_COLUMN

_MARK = "mark"
_PAGE = 500


class StoredPair(NamedTuple):
    """A pair as it was found: the smaller id first; ``levels`` of the signals, ``via`` 1 when only others join the two."""

    a_id: int
    b_id: int
    bits: float
    level: str
    levels: tuple[int, ...]
    rival: str
    via: int
    group_id: int | None


@contextmanager
def short_write(database: Database) -> Iterator[Connection]:
    """A transaction of derived data, outside the journal.

    It need not be on disk at once: what a power cut takes back is made again by the next scan.
    """
    connection = database.writer
    with storage_errors(database.path):
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            connection.execute("PRAGMA synchronous = FULL")


def read_state(connection: Connection, key: str) -> str | None:
    """A value that the scan keeps."""
    row = connection.execute("SELECT value FROM duplicate_state WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def write_state(connection: Connection, key: str, value: str) -> None:
    """Keep a value for the next scan; call inside ``short_write``."""
    connection.execute("INSERT OR REPLACE INTO duplicate_state(key, value) VALUES (?, ?)", (key, value))


def note_changed(connection: Connection) -> int:
    """Put the customers that operations since the last call touched on the waiting list; how many ranges wait.

    Call inside ``short_write``. An operation that still runs is looked at again the next time.
    """
    mark = int(read_state(connection, _MARK) or 0)
    running = connection.execute("SELECT min(id) FROM operations WHERE state <> 'done'").fetchone()[0]
    last = connection.execute("SELECT max(id) FROM operations").fetchone()[0] or 0
    for first, final in connection.execute(
        "SELECT first_id, last_id FROM inserted_ranges WHERE table_name = 'customers' AND operation_id > ?", (mark,)
    ).fetchall():
        _wait(connection, first, final)
    touched: set[int] = set()
    for table, row_id, before, after in connection.execute(
        "SELECT table_name, row_id, before, after FROM changes WHERE operation_id > ?", (mark,)
    ):
        column = CUSTOMER_COLUMN.get(table)
        if table == "customers":
            touched.add(row_id)
        elif column is not None and table in ("contact_points", "addresses", "alternates", "external_ids"):
            owners = {json.loads(values).get(column) for values in (before, after) if values}
            if owners == {None}:
                found = connection.execute(f"SELECT {column} FROM {table} WHERE id = ?", (row_id,)).fetchone()
                owners = {found[0]} if found else set()
            touched.update(owner for owner in owners if isinstance(owner, int))
    for first, final in connection.execute(
        "SELECT first_id, last_id FROM removed_rows WHERE table_name = 'customers' AND operation_id > ?", (mark,)
    ).fetchall():
        if first is not None and final is not None:
            _wait(connection, first, final)
    for customer in sorted(touched):
        _wait(connection, customer, customer)
    # What an operation that was taken back had inserted leaves no range; what it lost is found when it is read.
    write_state(connection, _MARK, str(min(last, running - 1) if running else last))
    waiting: int = connection.execute("SELECT count(*) FROM duplicate_waiting").fetchone()[0]
    return waiting


def _wait(connection: Connection, first: int, last: int) -> None:
    row = connection.execute("SELECT last_id FROM duplicate_waiting WHERE first_id = ?", (first,)).fetchone()
    if row is None or row[0] < last:
        connection.execute("INSERT OR REPLACE INTO duplicate_waiting(first_id, last_id) VALUES (?, ?)", (first, last))


def wait_for_all(connection: Connection) -> None:
    """Put every customer on the waiting list."""
    last = connection.execute("SELECT max(id) FROM customers").fetchone()[0]
    connection.execute("DELETE FROM duplicate_waiting")
    if last:
        _wait(connection, 1, last)


def next_waiting(connection: Connection, limit: int = _PAGE) -> tuple[int, int] | None:
    """The next range of ids to look at, at most ``limit`` wide; None when nobody waits."""
    row = connection.execute("SELECT first_id, last_id FROM duplicate_waiting ORDER BY first_id LIMIT 1").fetchone()
    return None if row is None else (row[0], min(row[1], row[0] + limit - 1))


def waited(connection: Connection, first: int, last: int) -> None:
    """Take a range from ``next_waiting`` off the list."""
    row = connection.execute("SELECT last_id FROM duplicate_waiting WHERE first_id = ?", (first,)).fetchone()
    connection.execute("DELETE FROM duplicate_waiting WHERE first_id = ?", (first,))
    if row is not None and row[0] > last:
        _wait(connection, last + 1, row[0])


def replace_keys(database: Database, keys: Iterable[tuple[int, int]], done: Callable[[Connection], None]) -> None:
    """Put (key, customer) in the place of all keys there are, in one transaction in which ``done`` is called at the end.

    They are sorted outside of memory and written in their order: millions of them in no order would each cost a page.
    """
    connection = database.writer
    memory = connection.execute("PRAGMA temp_store").fetchone()[0]
    connection.execute("PRAGMA temp_store = FILE")
    try:
        connection.execute("CREATE TEMP TABLE fresh_keys (key INTEGER, customer_id INTEGER)")
        with short_write(database):
            connection.execute("DELETE FROM duplicate_keys")
            connection.executemany("INSERT INTO fresh_keys(key, customer_id) VALUES (?, ?)", keys)
            connection.execute(
                "INSERT INTO duplicate_keys(key, customer_id) SELECT key, customer_id FROM fresh_keys ORDER BY key, customer_id"
            )
            done(connection)
    finally:
        connection.execute("DROP TABLE IF EXISTS fresh_keys")
        connection.execute(f"PRAGMA temp_store = {memory}")


def blocks(connection: Connection) -> Iterator[tuple[int, list[int]]]:
    """(key, customers that share it) of every key that two or more have, in order of the keys."""
    key = -1
    members: list[int] = []
    for each, customer in connection.execute("SELECT key, customer_id FROM duplicate_keys ORDER BY key, customer_id"):
        if each != key:
            if len(members) > 1:
                yield key, members
            key, members = each, []
        members.append(customer)
    if len(members) > 1:
        yield key, members


def sharers(connection: Connection, key: int, limit: int) -> list[int]:
    """At most ``limit`` + 1 of the customers that have a key."""
    return [
        row[0]
        for row in connection.execute("SELECT customer_id FROM duplicate_keys WHERE key = ? LIMIT ?", (key, limit + 1))
    ]


def sharers_of_each(connection: Connection, keys: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """For each (key, limit): at most ``limit`` + 1 of the customers that have the key; in one query."""
    parts = " UNION ALL ".join(
        f"SELECT * FROM (SELECT {at}, customer_id FROM duplicate_keys WHERE key = {key} LIMIT {limit + 1})"
        for at, (key, limit) in enumerate(keys)
    )
    found: list[list[int]] = [[] for _key in keys]
    for at, customer in connection.execute(parts) if keys else ():
        found[at].append(customer)
    yield from found


def read_frequencies(connection: Connection, terms: Collection[int]) -> dict[int, int]:
    """The stored frequencies of these values; those that only one customer has are left out."""
    listed = ",".join(map(str, terms))
    return dict(connection.execute(f"SELECT term, count FROM duplicate_frequencies WHERE term IN ({listed})"))


def write_frequencies(connection: Connection, counts: Mapping[int, int]) -> None:
    """Replace the stored frequencies of values."""
    connection.execute("DELETE FROM duplicate_frequencies")
    connection.executemany("INSERT INTO duplicate_frequencies(term, count) VALUES (?, ?)", sorted(counts.items()))


class StoredFrequencies(Mapping[int, int]):
    """The stored frequencies, read one by one as they are asked for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, int] = {}

    def __getitem__(self, term: int) -> int:
        if term not in self._known:
            row = self._connection.execute("SELECT count FROM duplicate_frequencies WHERE term = ?", (term,)).fetchone()
            self._known[term] = row[0] if row else 0
        if not self._known[term]:
            raise KeyError(term)
        return self._known[term]

    def __iter__(self) -> Iterator[int]:
        return (row[0] for row in self._connection.execute("SELECT term FROM duplicate_frequencies"))

    def __len__(self) -> int:
        count: int = self._connection.execute("SELECT count(*) FROM duplicate_frequencies").fetchone()[0]
        return count


def delete_pairs(connection: Connection, customers: Iterable[int] | None) -> None:
    """Forget the pairs of these customers, or all."""
    if customers is None:
        connection.execute("DELETE FROM duplicate_pairs")
        return
    ids = [(customer,) for customer in customers]
    connection.executemany("DELETE FROM duplicate_pairs WHERE a_id = ?", ids)
    connection.executemany("DELETE FROM duplicate_pairs WHERE b_id = ?", ids)


def write_pairs(connection: Connection, pairs: Iterable[StoredPair]) -> None:
    """Store pairs; one that is there is replaced."""
    connection.executemany(
        "INSERT OR REPLACE INTO duplicate_pairs(a_id, b_id, bits, level, levels, rival, via, group_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                pair.a_id,
                pair.b_id,
                pair.bits,
                pair.level,
                ",".join(map(str, pair.levels)),
                pair.rival,
                pair.via,
                pair.group_id,
            )
            for pair in pairs
        ],
    )


def any_pair(connection: Connection) -> bool:
    """Whether a pair is stored."""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM duplicate_pairs)").fetchone()[0])


_GROUPS_LOOKED_AT = 400
_AT_HOME = 4  # more behind one phone or address are an office


def sharing_points(connection: Connection) -> list[list[int]]:
    """A few hundred groups of customers that share an e-mail or a phone, as the index of values has them first."""
    rows = connection.execute(
        "SELECT group_concat(DISTINCT customer_id) FROM contact_points WHERE normalised IS NOT NULL AND kind IN ('email', 'phone')"
        f" GROUP BY normalised HAVING count(DISTINCT customer_id) BETWEEN 2 AND {_AT_HOME} LIMIT {_GROUPS_LOOKED_AT}"
    )
    return [[*map(int, row[0].split(","))] for row in rows]


_PAIR_COLUMNS = "p.a_id, p.b_id, p.bits, p.level, p.levels, p.rival, p.via, p.group_id"
# Pairs of customers that exist and are in the lists, and that nobody called different.
_OPEN = (
    "FROM duplicate_pairs p JOIN customers a ON a.id = p.a_id AND a.archived_at IS NULL"
    " JOIN customers b ON b.id = p.b_id AND b.archived_at IS NULL"
    " WHERE NOT EXISTS (SELECT 1 FROM duplicate_decisions d WHERE d.a_id = p.a_id AND d.b_id = p.b_id AND d.decision = 'different')"
)


def _pair(row: tuple[object, ...]) -> StoredPair:
    a_id, b_id, bits, level, levels, rival, via, group_id = row
    return StoredPair(
        int(str(a_id)), int(str(b_id)), float(str(bits)), str(level), tuple(map(int, str(levels).split(","))), str(rival),
        int(str(via)), None if group_id is None else int(str(group_id)),
    )  # fmt: skip


def open_pairs(
    connection: Connection, *, levels: Collection[str] = (), limit: int = -1, customers: Collection[int] = ()
) -> Iterator[StoredPair]:
    """The pairs to be decided, heaviest first, of these levels (all when empty)."""
    condition, values = "", []
    if levels:
        condition += f" AND p.level IN ({','.join('?' * len(levels))})"
        values += list(levels)
    if customers:
        marks = ",".join("?" * len(customers))
        condition += f" AND (p.a_id IN ({marks}) OR p.b_id IN ({marks}))"
        values += [str(customer) for customer in customers] * 2
    rows = connection.execute(
        f"SELECT {_PAIR_COLUMNS} {_OPEN}{condition} ORDER BY p.bits DESC, p.a_id, p.b_id LIMIT ?", (*values, limit)
    )
    for row in rows:
        yield _pair(row)


def pairs_of_groups(connection: Connection, groups: Collection[int]) -> Iterator[StoredPair]:
    """The open pairs of these groups, heaviest first."""
    wanted = sorted(groups)
    for start in range(0, len(wanted), _PAGE):
        page = wanted[start : start + _PAGE]
        marks = ",".join("?" * len(page))
        rows = connection.execute(
            f"SELECT {_PAIR_COLUMNS} {_OPEN} AND p.group_id IN ({marks}) ORDER BY p.bits DESC, p.a_id, p.b_id", page
        )
        for row in rows:
            yield _pair(row)


def any_different(connection: Connection, customers: Collection[int]) -> bool:
    """Whether a person called two of these customers different."""
    ids = sorted(customers)
    marks = ",".join("?" * len(ids))
    row = connection.execute(
        f"SELECT 1 FROM duplicate_decisions WHERE a_id IN ({marks}) AND b_id IN ({marks}) AND decision = 'different' LIMIT 1",
        (*ids, *ids),
    ).fetchone()
    return row is not None


def count_open_to(connection: Connection, most: int) -> int:
    """How many pairs above ``possible`` are to be decided, counted no further than ``most``."""
    row = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 {_OPEN} AND p.level <> 'possible' LIMIT ?)", (most,)
    ).fetchone()
    return int(row[0])


def all_pairs(connection: Connection) -> Iterator[StoredPair]:
    """Every stored pair, those that were called different too."""
    for row in connection.execute(f"SELECT {_PAIR_COLUMNS} FROM duplicate_pairs p ORDER BY p.a_id, p.b_id"):
        yield _pair(row)


def pairs_of(connection: Connection, customers: Collection[int]) -> list[StoredPair]:
    """The stored pairs that one of these customers is in."""
    found = []
    wanted = sorted(customers)
    for column in ("a_id", "b_id"):
        for start in range(0, len(wanted), _PAGE):
            page = wanted[start : start + _PAGE]
            marks = ",".join("?" * len(page))
            found += connection.execute(
                f"SELECT {_PAIR_COLUMNS} FROM duplicate_pairs p WHERE p.{column} IN ({marks})", page
            ).fetchall()
    return [_pair(row) for row in found]


def count_open(connection: Connection) -> dict[str, int]:
    """How many pairs are to be decided, by level."""
    return dict(connection.execute(f"SELECT p.level, count(*) {_OPEN} GROUP BY p.level"))


def stored_pair(connection: Connection, first: int, second: int) -> StoredPair | None:
    """The pair of two customers, if it was found."""
    row = connection.execute(
        f"SELECT {_PAIR_COLUMNS} FROM duplicate_pairs p WHERE p.a_id = ? AND p.b_id = ?",
        (min(first, second), max(first, second)),
    ).fetchone()
    return None if row is None else _pair(row)


class Decision(NamedTuple):
    """What a person decided about two customers: same or different."""

    id: int
    a_id: int
    b_id: int
    decision: str
    actor: str | None
    at: str | None
    content: str | None


def decisions(connection: Connection) -> list[Decision]:
    """All decisions, oldest first."""
    rows = connection.execute(
        "SELECT id, a_id, b_id, decision, actor, at, content FROM duplicate_decisions ORDER BY id"
    )
    return [Decision(*row) for row in rows]


def read_decision(connection: Connection, first: int, second: int) -> Decision | None:
    """What was decided about two customers."""
    row = connection.execute(
        "SELECT id, a_id, b_id, decision, actor, at, content FROM duplicate_decisions WHERE a_id = ? AND b_id = ?",
        (min(first, second), max(first, second)),
    ).fetchone()
    return None if row is None else Decision(*row)
