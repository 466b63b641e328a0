"""Everything that happened with a customer in one order, newest first, page by page without counting: interactions (also those they took
part in), transactions, deals, finished tasks, and what was changed about them.

A page is read from where the last one ended, by the indexes over customer and time: thousands of interactions cost as much as ten.
"""

import json
from collections.abc import Collection
from typing import NamedTuple

from crmtui.storage.driver import Connection
from crmtui.storage.history import FieldChange, operation_changes, read_operation
from crmtui.storage.participants import others_by_interaction
from crmtui.storage.schema import REMOVED_FROM

CHANGE = "change"
"""The kind of events that tell of changes of the record."""

_ALWAYS = ("\U0010ffff", -1, 0)

_INTERACTION = (
    "i.id, i.kind, i.at, coalesce(nullif(i.subject, ''), i.body, ''), i.minutes, NULL, NULL, i.outcome, i.actor, 0"
)
# In this order do entries of one moment follow each other. (source, kinds if fixed, select, columns for time and id, columns searched)
_SOURCES: tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...] = (
    (
        "interactions",
        "",
        f"SELECT {_INTERACTION} FROM interactions i WHERE i.customer_id = ?",
        "i.at",
        "i.id",
        ("i.subject", "i.body", "i.outcome"),
    ),
    (
        "interactions",
        "",
        f"SELECT {_INTERACTION} FROM interaction_customers l CROSS JOIN interactions i ON i.id = l.interaction_id WHERE l.customer_id = ?",
        "i.at",
        "i.id",
        ("i.subject", "i.body", "i.outcome"),
    ),
    (
        "transactions",
        "",
        "SELECT t.id, t.kind, t.at, coalesce(t.number, ''), NULL, t.amount, t.currency, t.status, NULL, 0 FROM transactions t"
        " WHERE t.customer_id = ?",
        "t.at",
        "t.id",
        ("t.number", "t.note", "t.items"),
    ),
    (
        "tasks",
        "task",
        "SELECT k.id, 'task', k.done_at, k.text, NULL, NULL, NULL, NULL, k.owner, 0 FROM tasks k"
        " WHERE k.customer_id = ? AND k.done_at IS NOT NULL",
        "k.done_at",
        "k.id",
        ("k.text",),
    ),
    (
        "deals",
        "deal",
        "SELECT d.id, 'deal', d.created_at, d.title, NULL, d.amount, d.currency, NULL, d.owner, 0 FROM deals d"
        " WHERE d.customer_id = ?",
        "d.created_at",
        "d.id",
        ("d.title", "d.note"),
    ),
    (
        "deal_stage_changes",
        "deal",
        "SELECT s.id, 'deal', s.at, d.title, NULL, d.amount, d.currency, s.stage, NULL, 1 FROM deals d"
        " JOIN deal_stage_changes s ON s.deal_id = d.id WHERE d.customer_id = ?"
        " AND EXISTS (SELECT 1 FROM deal_stage_changes b WHERE b.deal_id = d.id AND b.id < s.id)",
        "s.at",
        "s.id",
        ("d.title", "s.stage"),
    ),
)
_OPERATIONS = len(_SOURCES)
_CHILDREN = ("contact_points", "addresses", "customer_tags", "external_ids")
_MINE = (
    "WITH mine(tab, row) AS (SELECT 'customers', ?1"
    + "".join(f" UNION SELECT '{table}', id FROM {table} WHERE customer_id = ?1" for table in _CHILDREN)
    + " UNION SELECT 'relations', id FROM relations WHERE from_id = ?1"
    " UNION SELECT 'relations', id FROM relations WHERE to_id = ?1"
    f" UNION SELECT table_name, row_id FROM changes WHERE after IS NULL AND {REMOVED_FROM} = ?1"
    " AND table_name IN ('contact_points', 'addresses', 'customer_tags', 'external_ids', 'relations'))"
)


class Mark(NamedTuple):
    """Where in the order an event stands; the next page begins behind it."""

    at: str
    place: int
    id: int


class TimelineEvent(NamedTuple):
    """One line of the timeline.

    ``source`` is the table (``operations`` for a change of the record) and ``id`` its row; ``kind`` the kind of interaction or transaction,
    ``task``, ``deal`` or ``change``. ``detail`` is the outcome, the status or the new stage. ``others`` took part as well. ``system`` events
    are those that one switch hides. ``changes`` are set for a change of the record, whose operation is then named by ``text``.
    """

    mark: Mark
    source: str
    id: int
    kind: str
    at: str
    text: str
    minutes: int | None
    amount: int | None
    currency: str | None
    detail: str | None
    actor: str | None
    system: bool
    others: tuple[str, ...] = ()
    changes: tuple[FieldChange, ...] = ()


def read_timeline(
    connection: Connection,
    customer_id: int,
    *,
    kinds: Collection[str] = (),
    text: str = "",
    system_events: bool = True,
    before: Mark | None = None,
    limit: int = 50,
) -> list[TimelineEvent]:
    """The next ``limit`` events behind ``before``, the newest first; those of ``kinds`` only, or those that hold ``text``.

    Changes of the record are not searched for ``text`` here: how they read is not known to the database.
    """
    start = before or Mark(*_ALWAYS)
    found: dict[Mark, TimelineEvent] = {}
    for place, (source, kind, select, at, row_id, searched) in enumerate(_SOURCES):
        # The two kinds of taking part in an interaction are one source: whoever is in both appears once.
        place = max(place, 1) if source == "interactions" else place
        if kinds and kind and kind not in kinds:
            continue
        condition, parameters = _behind(start, place, at, row_id)
        if kinds and not kind:
            condition += " AND kind IN (SELECT value FROM json_each(?))"
            parameters.append(json.dumps(sorted(kinds)))
        if text:
            condition += " AND (" + " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in searched) + ")"
            parameters += [_like(text)] * len(searched)
        rows = connection.execute(
            f"{select} AND {condition} ORDER BY {at} DESC, {row_id} DESC LIMIT ?", (customer_id, *parameters, limit)
        )
        for row in rows:
            if system_events or not row[9]:
                mark = Mark(row[2], place, row[0])
                found[mark] = TimelineEvent._make([mark, source, *row[:9], bool(row[9]), (), ()])
    if system_events and not text and (not kinds or CHANGE in kinds):
        found |= {event.mark: event for event in read_changes(connection, customer_id, before=before, limit=limit)}
    events = sorted(found.values(), key=lambda event: (event.mark.place, -event.mark.id))
    events.sort(key=lambda event: event.at, reverse=True)  # stable: events of one moment keep their order
    return _with_others(connection, customer_id, events[:limit])


def read_changes(
    connection: Connection, customer_id: int, *, before: Mark | None = None, limit: int = 50
) -> list[TimelineEvent]:
    """The next operations behind ``before`` that changed the record of a customer, the newest first; its import is the oldest."""
    condition, parameters = _behind(before or Mark(*_ALWAYS), _OPERATIONS, "o.at", "o.id")
    rows = connection.execute(
        f"{_MINE} SELECT DISTINCT o.id, o.at FROM mine CROSS JOIN changes c ON c.table_name = mine.tab AND c.row_id = mine.row"
        f" JOIN operations o ON o.id = c.operation_id WHERE {_numbered(condition)} ORDER BY o.at DESC, o.id DESC LIMIT ?9",
        _at_positions(customer_id, parameters, limit),
    ).fetchall()
    rows += connection.execute(
        "SELECT o.id, o.at FROM inserted_ranges r JOIN operations o ON o.id = r.operation_id"
        f" WHERE r.table_name = 'customers' AND ?1 BETWEEN r.first_id AND r.last_id AND {_numbered(condition)} LIMIT ?9",
        _at_positions(customer_id, parameters, limit),
    ).fetchall()
    events = []
    for operation_id, at in sorted(set(rows), key=lambda row: (row[1], row[0]), reverse=True)[:limit]:
        record = read_operation(connection, operation_id)
        if record is not None:
            changes = tuple(operation_changes(connection, operation_id, _MINE, customer_id))
            mark = Mark(at, _OPERATIONS, operation_id)
            values = (record.kind, None, None, None, None, record.actor, True, (), changes)
            events.append(TimelineEvent(mark, "operations", operation_id, CHANGE, at, *values))
    return events


def _behind(start: Mark, place: int, at: str, row_id: str) -> tuple[str, list[object]]:
    """The condition for what of a source stands behind ``start``."""
    if place > start.place:
        return f"{at} <= ?", [start.at]
    if place < start.place:
        return f"{at} < ?", [start.at]
    return f"({at}, {row_id}) < (?, ?)", [start.at, start.id]


def _numbered(condition: str) -> str:
    """The same condition with numbered parameters from the second on."""
    first, _mark, rest = condition.partition("?")
    return f"{first}?2{rest.replace('?', '?3')}"


def _at_positions(customer_id: int, parameters: list[object], limit: int) -> tuple[object, ...]:
    values = [customer_id, *parameters]
    return (*values, *[None] * (8 - len(values)), limit)


def _with_others(connection: Connection, customer_id: int, events: list[TimelineEvent]) -> list[TimelineEvent]:
    ids = [event.id for event in events if event.source == "interactions"]
    others = others_by_interaction(connection, ids, customer_id) if ids else {}
    if not others:
        return events
    return [
        event._replace(others=others[event.id]) if event.source == "interactions" and event.id in others else event
        for event in events
    ]


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
