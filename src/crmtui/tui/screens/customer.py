"""One customer: the card answers a call in its first lines; under it the timeline, transactions, deals, tasks and history."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult

from crmtui.domain.fields import BY_KEY, DEAL_STAGE_LABELS, KIND_LABELS, STATUS_LABELS
from crmtui.domain.models import CustomerRecord
from crmtui.domain.money import format_money
from crmtui.domain.text import cell_width, display_text
from crmtui.i18n import N_, _, current_language
from crmtui.i18n.show import show_number
from crmtui.services import activity
from crmtui.services.undo_history import OPERATION_LABELS
from crmtui.storage import activities, history
from crmtui.tui.actions import CUSTOMER, LIST, actions_in
from crmtui.tui.card import (
    Group,
    contact_lines,
    due_text,
    facts_groups,
    flow,
    money_groups,
    next_groups,
    timeline_cells,
    title_spans,
    when,
    word_of,
    work_text,
)
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.customer_actions import CustomerActions
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowSource, RowView
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

TABS = ("timeline", "transactions", "deals", "tasks", "history")
_TAB_LABELS = {
    "timeline": N_("Timeline"),
    "transactions": N_("Transactions"),
    "deals": N_("Deals"),
    "tasks": N_("Tasks"),
    "history": N_("History"),
}


_HEAD_LINES = 7


class _Rows:
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


class _TimelineRows:
    """The timeline by position: pages are read as they come into sight, so thousands of lines cost as much as forty."""

    exact = True

    def __init__(self, read: Callable[[int, int], list[activities.TimelineEntry]], count: int) -> None:
        self._read = read
        self._count = count
        self._pages: dict[int, list[RowView]] = {}

    _PAGE = 128

    def row_count(self) -> int:
        return self._count

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        out: list[RowView | None] = []
        for index in range(start, min(stop, self._count)):
            page = index // self._PAGE
            if page not in self._pages:
                self._pages[page] = [
                    RowView(timeline_cells(entry)) for entry in self._read(page * self._PAGE, self._PAGE)
                ]
            offset = index % self._PAGE
            out.append(self._pages[page][offset] if offset < len(self._pages[page]) else None)
        return out

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < self._count else None


class CustomerScreen(CustomerActions):
    """A customer, opened from a list; J and K go through that list without going back to it."""

    SCOPES = (CUSTOMER, LIST)
    MODE = "customers"
    HINTED = (CUSTOMER,)
    BINDINGS = bindings_of(actions_in(CUSTOMER))
    DEFAULT_CSS = """
    CustomerScreen #head { height: 5; }
    CustomerScreen #tabs { height: 1; }
    """

    def __init__(self, customer_id: int, source: RowSource | None = None) -> None:
        super().__init__()
        self.customer_id = customer_id
        self._source = source
        self._tab = "timeline"
        self._contains = ""

    def compose_body(self) -> ComposeResult:
        """Head, tabs, one list."""
        yield TextLines(id="head")
        yield TextLines(id="tabs")
        yield WindowedList(id="list", show_header=False)

    def on_mount(self) -> None:
        """Show the card and the timeline."""
        self.query_one("#list").focus()
        self._draw()

    def targets(self) -> tuple[int, ...]:
        """This customer."""
        return (self.customer_id,)

    def top_line(self) -> Line:
        """The way back, the name, where one is in the list."""
        record = self.crm.gateway.customer(self.customer_id)
        left = [Span(" ◂ ", "key"), Span(_("Customers") + "   ", "muted")]
        if record is None:
            return Line((*left, Span(_("This customer is gone; u may bring it back"), "warning")))
        title, tags = title_spans(record)
        index = self._source.index_of(self.customer_id) if self._source else None
        place = ""
        if index is not None and self._source is not None:
            place = "   " + _("{position} of {count}").format(
                position=show_number(index + 1), count=show_number(self._source.row_count())
            )
        return Line((*left, *title), (*tags, Span(f"{place}  J K ", "muted")))

    def _draw(self) -> None:
        """The head, the tabs and the list of the chosen tab."""
        self.update_chrome()
        record = self.crm.gateway.customer(self.customer_id)
        if record is None:
            self.query_one("#head", TextLines).set_lines([])
            self.query_one("#list", WindowedList).set_source(_Rows([], []))
            return
        figures = self.crm.gateway.figures(self.customer_id)
        lines = self._head(record, figures)
        head = self.query_one("#head", TextLines)
        if head.styles.height is None or head.styles.height.value != len(lines):
            head.styles.height = len(lines)
        head.set_lines(lines)
        counts = {
            "timeline": activities.timeline_count(self.crm.gateway.page(), self.customer_id),
            "transactions": figures.transactions,
            "deals": len(activities.deals(self.crm.gateway.page(), self.customer_id)),
            "tasks": len(activities.tasks(self.crm.gateway.page(), self.customer_id)),
        }
        spans: list[Span] = []
        for tab in TABS:
            here = tab == self._tab
            count = f" {counts[tab]}" if tab in counts else ""
            spans += [Span("─ ", "muted"), Span(_(_TAB_LABELS[tab]) + count + " ", "strong" if here else "muted")]
        if self._contains:
            spans.append(Span(f"/ {display_text(self._contains)} ", "accent"))
        used = sum(cell_width(span.text) for span in spans)
        spans.append(Span("─" * max(0, self.size.width - used), "muted"))
        self.query_one("#tabs", TextLines).set_lines([Line(tuple(spans))])
        self._show_tab()

    def _head(self, record: CustomerRecord, figures: activities.CardFigures) -> list[Line]:
        width = self.size.width - 2
        work: list[Group] = [[Span(work_text(record))]] if work_text(record) else []
        groups = (
            [*work, *facts_groups(record)],
            money_groups(figures),
            next_groups(figures.next_task, figures.rhythm_days, record["last_interaction_at"]),
        )
        contacts = contact_lines(record, self.crm.workspace.region, width)
        first, *rest = [flow(group, width) for group in groups]
        lines = [Line((Span(" "), *spans)) for spans in (*first, *contacts, *(line for part in rest for line in part))]
        if record["notes"] and len(lines) < _HEAD_LINES:
            lines.append(Line((Span(" " + display_text(record["notes"]), "muted"),)))
        return lines[:_HEAD_LINES]

    def _show_tab(self) -> None:
        columns, source, empty = getattr(self, f"_{self._tab}_tab")()
        listed = self.query_one("#list", WindowedList)
        listed.set_empty_text(empty)
        listed.set_columns(columns)
        listed.set_source(source, keep_id=listed.cursor_row_id)

    def _timeline_tab(self) -> tuple[list[ListColumn], RowSource, str]:
        page = self.crm.gateway.page()
        count = activities.timeline_count(page, self.customer_id, self._contains)

        def read(offset: int, limit: int) -> list[activities.TimelineEntry]:
            return activities.timeline(page, self.customer_id, limit=limit, offset=offset, contains=self._contains)

        columns = [
            ListColumn("when", _("When"), width=10, priority=90),
            ListColumn("kind", _("Kind"), width=10, priority=80),
            ListColumn("size", "", width=10, align_right=True, priority=50),
            ListColumn("text", _("Text"), weight=1, min_width=20, priority=100),
        ]
        empty = (
            _("Nothing holds this text; / again to change it")
            if self._contains
            else _("Nothing yet: c logs a call, l something else")
        )
        return columns, _TimelineRows(read, count), empty

    def _transactions_tab(self) -> tuple[list[ListColumn], RowSource, str]:
        rows = activities.transactions(self.crm.gateway.page(), self.customer_id)
        language = current_language()
        views = [
            RowView(
                (
                    when(row.at),
                    _(KIND_LABELS.get(row.kind, row.kind)),
                    display_text(row.number or ""),
                    "" if row.amount is None else format_money(row.amount, row.currency or "", language),
                    display_text(
                        " · ".join(part for part in (word_of(STATUS_LABELS, row.status or ""), row.note) if part)
                    ),
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
        return columns, _Rows(views, [row.id for row in rows]), _("No transactions yet: crmtui order records one")

    def _deals_tab(self) -> tuple[list[ListColumn], RowSource, str]:
        rows = activities.deals(self.crm.gateway.page(), self.customer_id)
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
            ListColumn("state", "", width=10, priority=60),
        ]
        return columns, _Rows(views, [row.id for row in rows]), _("No deals yet: crmtui deal opens one")

    def _tasks_tab(self) -> tuple[list[ListColumn], RowSource, str]:
        rows = activities.tasks(self.crm.gateway.page(), self.customer_id)
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
        return columns, _Rows(views, [row.id for row in rows]), _("No tasks: t sets one")

    def _history_tab(self) -> tuple[list[ListColumn], RowSource, str]:
        changes = history.customer_changes(self.crm.gateway.page(), self.customer_id)
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
        return columns, _Rows(views, list(range(len(views)))), _("No change is known")

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Show what is true now."""
        if not ids or self.customer_id in ids:
            self._draw()

    def retranslate(self) -> None:
        """Everything again in the other language."""
        self._draw()

    def on_resize(self) -> None:
        """The head is laid out by width."""
        if self.is_mounted:
            self._draw()

    async def on_key(self) -> None:
        """A key ends what the status line was telling."""
        if not self.prompt.active:
            self.forget_told()

    # Actions

    def action_customer_back(self) -> None:
        """To the list, with the cursor on this customer; first out of the filter, if there is one."""
        if self._contains:
            self._contains = ""
            self._draw()
            return
        self.dismiss()
        from crmtui.tui.screens.customers import CustomersScreen

        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        if isinstance(below, CustomersScreen):
            below.go_to(self.customer_id)

    def _step(self, by: int) -> None:
        index = self._source.index_of(self.customer_id) if self._source else None
        if index is None or self._source is None:
            return
        if not 0 <= index + by < self._source.row_count():
            self.tell(_("This is the last one") if by > 0 else _("This is the first one"))
            return
        self.customer_id = self._source.row_id(index + by)
        self._contains = ""
        self._draw()
        self.query_one("#list", WindowedList).action_first()

    def action_customer_next(self) -> None:
        """The next of the list."""
        self._step(1)

    def action_customer_previous(self) -> None:
        """The one before."""
        self._step(-1)

    def _turn(self, by: int) -> None:
        self._tab = TABS[(TABS.index(self._tab) + by) % len(TABS)]
        self._draw()
        self.query_one("#list", WindowedList).action_first()

    def action_customer_next_tab(self) -> None:
        """The next tab."""
        self._turn(1)

    def action_customer_previous_tab(self) -> None:
        """The tab before."""
        self._turn(-1)

    def action_customer_edit(self) -> None:
        """Open the form."""
        self._edit(self.customer_id)

    def action_customer_call(self) -> None:
        """Log a call."""
        self._log_call()

    def action_customer_log(self) -> None:
        """Log something else."""
        self._log_other()

    def action_customer_task(self) -> None:
        """Set a task."""
        self._add_task()

    def action_customer_tag(self) -> None:
        """Change tags."""
        self._change_tags()

    def action_customer_stage(self) -> None:
        """Set the stage."""
        self._set_stage()

    def action_customer_owner(self) -> None:
        """Set the owner."""
        self._set_owner()

    def action_customer_archive(self) -> None:
        """Archive, or take out of the archive."""
        self._archive()

    def action_customer_filter(self) -> None:
        """Show only timeline lines with a text."""

        async def ask() -> None:
            text = await self.prompt.ask(" / ", value=self._contains, placeholder=_("text in the timeline"))
            if text is not None:
                self._tab = "timeline"
                self._contains = text.strip()
                self._draw()

        self.crm.begin(ask())

    def action_customer_done(self) -> None:
        """Mark the task under the cursor done, or the next task when another tab is shown."""
        tasks = activities.tasks(self.crm.gateway.page(), self.customer_id)
        wanted = self.query_one("#list", WindowedList).cursor_row_id if self._tab == "tasks" else None
        task = (
            next((task for task in tasks if task.id == wanted), None)
            if wanted
            else next((task for task in tasks if not task.done_at), None)
        )
        if task is None:
            self.tell(_("There is no open task"))
            return
        done = task.done_at is None
        told = (_("done: {text}") if done else _("open again: {text}")).format(text=display_text(task.text))

        async def work() -> None:
            await self._save(lambda workspace: activity.finish_task(workspace, task.id, done=done), told)

        self.crm.begin(work())


def _field_label(change: history.FieldChange) -> str:
    field = BY_KEY.get(change.column)
    return _(field.label) if field else display_text(change.column or change.table)


def _values(change: history.FieldChange) -> str:
    if change.before is None and change.after is None:
        return display_text(change.operation.subject)
    before = "" if change.before is None else display_text(str(change.before), limit=200)
    after = "" if change.after is None else display_text(str(change.after), limit=200)
    return f"{before} → {after}" if before else after
