"""The tabs of a customer: what each lists, as columns and rows."""

from collections.abc import Callable, Sequence

from crmtui.domain.fields import BY_KEY, DEAL_STAGE_LABELS, KIND_LABELS, STATUS_LABELS
from crmtui.domain.money import format_money
from crmtui.domain.text import display_text
from crmtui.i18n import N_, _, current_language
from crmtui.services.undo_history import OPERATION_LABELS
from crmtui.storage import activities, history
from crmtui.storage.driver import Connection
from crmtui.tui.card import due_text, when, word_of
from crmtui.tui.operation_lines import TABLE_LABELS, field_label
from crmtui.tui.timeline_rows import TimelineFilter, TimelineRows, timeline_columns, timeline_empty
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowSource, RowView

TABS = ("timeline", "transactions", "deals", "tasks", "history")
TAB_LABELS = {
    "timeline": N_("Timeline"),
    "transactions": N_("Transactions"),
    "deals": N_("Deals"),
    "tasks": N_("Tasks"),
    "history": N_("History"),
}

Tab = tuple[list[ListColumn], RowSource, str]
"""Columns, rows, and what is said when there is none."""


def read_tab(name: str, connection: Connection, customer_id: int, shown: TimelineFilter | None = None) -> Tab:
    """The tab ``name`` of a customer; ``shown`` says what of the timeline is."""
    if name == "timeline":
        shown = shown or TimelineFilter()
        return timeline_columns(), TimelineRows(connection, customer_id, shown), timeline_empty(shown)
    return _READERS[name](connection, customer_id)


class MadeRows:
    """Rows already made, with their ids."""

    exact = True

    def __init__(self, views: Sequence[RowView], ids: Sequence[int]) -> None:
        self._views = views
        self._ids = list(ids)

    def row_count(self) -> int:
        return len(self._views)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return self._views[start:stop]

    def row_id(self, index: int) -> int:
        return self._ids[index]

    def index_of(self, row_id: int) -> int | None:
        return self._ids.index(row_id) if row_id in self._ids else None


def _transactions(connection: Connection, customer_id: int) -> Tab:
    rows = activities.transactions(connection, customer_id)
    language = current_language()
    views = [
        RowView(
            (
                when(row.at),
                _(KIND_LABELS.get(row.kind, row.kind)),
                display_text(row.number or ""),
                "" if row.amount is None else format_money(row.amount, row.currency or "", language),
                display_text(" · ".join(part for part in (word_of(STATUS_LABELS, row.status or ""), row.note) if part)),
            )
        )
        for row in rows
    ]
    columns = [
        ListColumn("when", "", width=10, priority=90),
        ListColumn("kind", "", width=8, priority=80),
        ListColumn("number", "", width=14, priority=70),
        ListColumn("amount", "", width=14, align_right=True, priority=100),
        ListColumn("status", "", weight=1, min_width=8, priority=60),
    ]
    return columns, MadeRows(views, [row.id for row in rows]), _("No transactions yet: crmtui order records one")


def _deals(connection: Connection, customer_id: int) -> Tab:
    rows = activities.deals(connection, customer_id)
    language = current_language()
    views = [
        RowView(
            (
                display_text(row.title),
                display_text(word_of(DEAL_STAGE_LABELS, row.stage)),
                "" if row.amount is None else format_money(row.amount, row.currency or "", language),
                display_text(row.expected_close or ""),
                when(row.closed_at) if row.closed_at else _("in progress"),
            ),
            "muted" if row.closed_at else "",
        )
        for row in rows
    ]
    columns = [
        ListColumn("title", "", weight=1, min_width=16, priority=100),
        ListColumn("stage", "", width=12, priority=80),
        ListColumn("amount", "", width=14, align_right=True, priority=90),
        ListColumn("close", "", width=10, priority=50),
        ListColumn("state", "", width=12, priority=60),
    ]
    return columns, MadeRows(views, [row.id for row in rows]), _("No deals yet: crmtui deal opens one")


def _tasks(connection: Connection, customer_id: int) -> Tab:
    rows = activities.tasks(connection, customer_id)
    views = [
        RowView(
            (
                _("done") if row.done_at else _("not done"),
                when(row.done_at) if row.done_at else due_text(row.due_at),
                display_text(row.text),
                display_text(row.owner or ""),
            ),
            "muted" if row.done_at else "",
        )
        for row in rows
    ]
    columns = [
        ListColumn("state", "", width=8, priority=90),
        ListColumn("due", "", width=18, priority=80),
        ListColumn("text", "", weight=1, min_width=16, priority=100),
        ListColumn("owner", "", width=10, priority=40),
    ]
    return columns, MadeRows(views, [row.id for row in rows]), _("No tasks: t sets one")


def _history(connection: Connection, customer_id: int) -> Tab:
    # The numbers that tie rows together tell a person nothing.
    changes = [
        change for change in history.customer_changes(connection, customer_id) if not change.column.endswith("_id")
    ]
    views = [
        RowView(
            (
                when(change.operation.at),
                display_text(change.operation.actor),
                _(OPERATION_LABELS.get(change.operation.kind, change.operation.kind)),
                _field_label(change),
                _values(change),
            )
        )
        for change in changes
    ]
    columns = [
        ListColumn("when", "", width=10, priority=90),
        ListColumn("actor", "", width=8, priority=50),
        ListColumn("act", "", width=12, priority=70),
        ListColumn("field", "", width=12, priority=80),
        ListColumn("values", "", weight=1, min_width=16, priority=100),
    ]
    return columns, MadeRows(views, list(range(len(views)))), _("No change is known")


def _field_label(change: history.FieldChange) -> str:
    field = BY_KEY.get(change.column)
    if field is not None:
        return _(field.label)
    return field_label(change.column) if change.column else _(TABLE_LABELS.get(change.table, change.table))


def _values(change: history.FieldChange) -> str:
    if change.before is None and change.after is None:
        return display_text(change.operation.subject)
    before = "" if change.before is None else display_text(str(change.before), limit=200)
    after = "" if change.after is None else display_text(str(change.after), limit=200)
    return f"{before} → {after}" if before else after


_READERS: dict[str, Callable[[Connection, int], Tab]] = {
    "transactions": _transactions,
    "deals": _deals,
    "tasks": _tasks,
    "history": _history,
}
