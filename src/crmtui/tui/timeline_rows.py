"""The timeline as the rows of a list: read page by page behind the last event, filtered by kind and text."""

from typing import NamedTuple

from crmtui.domain.fields import DEAL_STAGE_LABELS, INTERACTION_KINDS, KIND_LABELS, STATUS_LABELS, TRANSACTION_KINDS
from crmtui.domain.money import format_money
from crmtui.domain.text import display_text
from crmtui.i18n import N_, _, current_language
from crmtui.services.call import outcome_label
from crmtui.services.timeline import CHANGE, TimelineEvent, timeline
from crmtui.storage import activities
from crmtui.storage.driver import Connection
from crmtui.tui.card import SIGNS, when, word_of
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.windowed_list import WindowedList

PAGE = 64
KINDS: tuple[str, ...] = (*INTERACTION_KINDS, *TRANSACTION_KINDS, "task", "deal", CHANGE)
_LABELS = {**KIND_LABELS, "task": N_("task"), "deal": N_("deal"), CHANGE: N_("record")}
_SIGNS = {**SIGNS, "deal": "¤", CHANGE: "~"}


class TimelineFilter(NamedTuple):
    """What of the timeline is shown: lines that hold a text, of one kind ("" for all), with changes of the record or without."""

    text: str = ""
    kind: str = ""
    system: bool = True

    @property
    def narrows(self) -> bool:
        """Whether some of what happened is left out that is usually shown."""
        return bool(self.text or self.kind)


def kind_label(kind: str) -> str:
    """A kind of event in the current language."""
    return _(_LABELS[kind]) if kind in _LABELS else display_text(kind)


def next_kind(connection: Connection, customer_id: int, shown: TimelineFilter) -> str:
    """The kind to show after the one shown: of those that the customer has, in turn; "" after the last one."""
    start = KINDS.index(shown.kind) + 1 if shown.kind in KINDS else 0
    for kind in KINDS[start:]:
        if kind == CHANGE and not shown.system:
            continue
        if timeline(connection, customer_id, kinds=(kind,), system_events=shown.system, limit=1):
            return kind
    return ""


def event_count(connection: Connection, customer_id: int) -> int:
    """How many events a customer's timeline has, without changes of the record."""
    return activities.timeline_count(connection, customer_id) + len(activities.deals(connection, customer_id))


class TimelineRows:
    """The events of a customer; more are read as they come near the sight."""

    def __init__(self, connection: Connection, customer_id: int, shown: TimelineFilter) -> None:
        self._connection = connection
        self._customer = customer_id
        self._shown = shown
        self.events: list[TimelineEvent] = []
        self._views: list[RowView] = []
        self.exact = False
        self._more()

    def _more(self) -> None:
        page = timeline(
            self._connection,
            self._customer,
            kinds=(self._shown.kind,) if self._shown.kind else (),
            text=self._shown.text,
            system_events=self._shown.system or self._shown.kind == CHANGE,
            before=self.events[-1].mark if self.events else None,
            limit=PAGE,
        )
        self.events += page
        self._views += [RowView(event_cells(event), "muted" if event.system else "") for event in page]
        self.exact = len(page) < PAGE

    def read_to_end(self) -> None:
        """Read all that is left: somebody wants the last row."""
        while not self.exact:
            self._more()

    def read_to(self, index: int) -> None:
        """Read on until there is a row at ``index``, if there is one at all."""
        while index >= len(self.events) and not self.exact:
            self._more()

    def row_count(self) -> int:
        return len(self._views)

    def rows(self, start: int, stop: int) -> list[RowView]:
        self.read_to(stop)
        return self._views[start:stop]

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        self.read_to(row_id)
        return row_id if row_id < len(self._views) else None


class TimelineList(WindowedList):
    """A list whose last row is really the last one, also while rows are still to be read."""

    def action_last(self) -> None:
        """Read what is left, then go there."""
        if isinstance(self.source, TimelineRows):
            self.source.read_to_end()
        super().action_last()


def timeline_columns() -> list[ListColumn]:
    """The columns of the timeline."""
    return [
        ListColumn("when", _("When"), width=10, priority=90),
        ListColumn("kind", _("Kind"), width=10, priority=80),
        ListColumn("size", "", width=10, align_right=True, priority=50),
        ListColumn("text", _("Text"), weight=1, min_width=20, priority=100),
    ]


def timeline_empty(shown: TimelineFilter) -> str:
    """What is said when there is no row."""
    if shown.text:
        return _("Nothing holds this text; / again to change it")
    if shown.kind:
        return _("Nothing of this kind; f shows the next")
    return _("Nothing yet: c logs a call, l something else")


def event_cells(event: TimelineEvent) -> tuple[str, str, str, str]:
    """An event in four cells: when, what kind, how long or how much, the text with whoever took part as well."""
    sign = _SIGNS.get(event.kind, "·")
    if event.amount is not None:
        size = format_money(event.amount, event.currency or "", current_language())
    else:
        size = _("{minutes} min").format(minutes=event.minutes) if event.minutes else ""
    return when(event.at), f"{sign} {kind_label(event.kind)}", size, event_text(event)


def event_text(event: TimelineEvent) -> str:
    """What an event says in one line, safe for display."""
    text = event.text
    if event.source == "deal_stage_changes":
        text = f"{text} → {word_of(DEAL_STAGE_LABELS, event.detail or '')}"
    elif event.detail:
        detail = word_of(STATUS_LABELS, event.detail) if event.source == "transactions" else outcome_label(event.detail)
        text = f"{text} · {detail}" if text else detail
    if event.others:
        text += " · " + _("with {names}").format(names=", ".join(event.others))
    return display_text(text)
