"""The timeline of a customer: read page by page, filtered by kind and text, with changes of the record told in words."""

from collections.abc import Collection, Sequence

from crmtui.domain.column_labels import COLUMN_LABELS
from crmtui.domain.custom_values import changed_values
from crmtui.domain.fields import BY_KEY, STAGE_LABELS
from crmtui.i18n import _
from crmtui.services.undo_history import describe
from crmtui.storage.driver import Connection
from crmtui.storage.history import FieldChange
from crmtui.storage.rows import read_row
from crmtui.storage.timeline import CHANGE, Mark, TimelineEvent, read_changes, read_timeline

__all__ = ["CHANGE", "Mark", "TimelineEvent", "change_words", "timeline"]

_LONGEST = 80
_BEGINNINGS = frozenset({"customer.add", "call.new"})
"""Operations that a customer begins with: what it was then is the card's to tell."""
_SILENT = frozenset(
    {
        "normalised",
        "is_primary",
        "utc_offset",
        "company_id",
        "position",
        "customer_id",
        "created_at",
        "kind",
        "interaction_id",
    }
)
_SHORT = 50


def timeline(
    connection: Connection,
    customer_id: int,
    *,
    kinds: Collection[str] = (),
    text: str = "",
    system_events: bool = True,
    before: Mark | None = None,
    limit: int = 50,
) -> list[TimelineEvent]:
    """The next ``limit`` events behind ``before`` (the ``mark`` of the last one shown), the newest first.

    ``kinds`` keeps those kinds of interactions and transactions, ``task``, ``deal`` and ``change``; none: all. ``text`` is looked for in
    what was said and in how a change reads. ``system_events`` are changes of the record, imports, merges and moves of a deal. The text of
    a change is told in the current language; texts may hold user data. Fewer events than ``limit`` are the end.
    """
    with_changes = system_events and (not kinds or CHANGE in kinds)
    if not (text and with_changes):
        events = read_timeline(
            connection, customer_id, kinds=kinds, text=text, system_events=system_events, before=before, limit=limit
        )
        return [_told(connection, event) for event in events]
    events = read_timeline(connection, customer_id, kinds=kinds, text=text, before=before, limit=limit)
    events += _changes_with(connection, customer_id, text, before, limit)
    events.sort(key=lambda event: (event.mark.place, -event.mark.id))
    events.sort(key=lambda event: event.at, reverse=True)
    return events[:limit]


def change_words(connection: Connection, changes: Sequence[FieldChange]) -> str:
    """Changes of a record in one line: ``Stage: lead → customer · + vip``; may hold user data."""
    parts = [_change_in_words(connection, change) for change in changes if change.column not in _SILENT]
    return " · ".join(dict.fromkeys(part for part in parts if part))


def _changes_with(
    connection: Connection, customer_id: int, text: str, before: Mark | None, limit: int
) -> list[TimelineEvent]:
    wanted = text.casefold()
    found: list[TimelineEvent] = []
    while len(found) < limit:
        page = read_changes(connection, customer_id, before=before, limit=_SHORT)
        told = [_told(connection, event) for event in page]
        found += [event for event in told if wanted in event.text.casefold()]
        if len(page) < _SHORT:
            break
        before = page[-1].mark
    return found


def _told(connection: Connection, event: TimelineEvent) -> TimelineEvent:
    if event.kind != CHANGE or not event.system or event.source != "operations":
        return event
    label = describe_changes(connection, event)
    return event._replace(text=label)


def describe_changes(connection: Connection, event: TimelineEvent) -> str:
    """What an operation did to the record: its name, and the changes where they say more than the name."""
    from crmtui.storage.history import read_operation

    record = read_operation(connection, event.id)
    words = change_words(connection, event.changes)
    if record is None:
        return words
    if record.kind in _BEGINNINGS:
        words = ""
    # The subject is this customer's name in all but acts upon many: not worth the room.
    name = describe(record._replace(subject=record.subject if not event.changes else "", count=None))
    return f"{name}: {words}" if words else name


def _change_in_words(connection: Connection, change: FieldChange) -> str:
    if change.table == "customer_tags":
        if change.column != "tag_id":
            return ""
        sign, tag = ("+", change.after) if change.after is not None else ("-", change.before)
        row = read_row(connection, "tags", int(str(tag))) if tag is not None else None
        return f"{sign} {row['name']}" if row else ""
    if change.column == "custom":
        return " · ".join(_arrow(key, old, new) for key, old, new in changed_values(change.before, change.after))
    field = BY_KEY.get(change.column)
    label = _(field.label if field else COLUMN_LABELS.get(change.column, change.column))
    if change.column == "value":
        return _arrow("", change.before, change.after)
    if change.column == "archived_at":
        return ""
    if change.table == "relations" and change.column in ("from_id", "to_id"):
        return ""
    return _arrow(label, _shown(change.column, change.before), _shown(change.column, change.after))


def _arrow(label: str, before: object, after: object) -> str:
    parts = [_cut(value) for value in (before, after)]
    told = f"{parts[0]} → {parts[1]}" if parts[0] and parts[1] else f"− {parts[0]}" if parts[0] else parts[1]
    return f"{label}: {told}" if label and told else told


def _shown(column: str, value: object) -> object:
    return _(STAGE_LABELS.get(str(value), str(value))) if column == "stage" and value is not None else value


def _cut(value: object) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
