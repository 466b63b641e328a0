"""One customer: the card answers a call in its first lines; under it the timeline, transactions, deals, tasks and history."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from crmtui.domain.models import CustomerRecord
from crmtui.domain.text import cell_width, cut, display_text
from crmtui.i18n import _
from crmtui.i18n.show import show_number
from crmtui.services import activity
from crmtui.services.timeline import TimelineEvent
from crmtui.storage import activities
from crmtui.tui._textual_private import all_screens, start_screen
from crmtui.tui.actions import CUSTOMER, LIST, actions_in
from crmtui.tui.card import (
    Group,
    contact_lines,
    facts_groups,
    flow,
    money_groups,
    next_groups,
    title_spans,
    work_text,
)
from crmtui.tui.customer_tabs import TAB_LABELS, TABS, MadeRows, read_tab
from crmtui.tui.screens.base import bindings_of, count_words
from crmtui.tui.screens.customer_details import CustomerDetails
from crmtui.tui.timeline_rows import TimelineFilter, TimelineList, TimelineRows, event_count
from crmtui.tui.widgets.row_source import RowSource
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

_HEAD_LINES = 7
_KEPT = "customer"
_FEWEST_TAGS = 8
"""Cells below which tags are not worth being cut."""


async def open_customer(crm: "CrmApp", customer_id: int, source: RowSource | None = None) -> None:
    """Show a customer on the screen that is kept for it; on another one while that is up already, under a form."""
    screen = _kept_screen(crm)
    if screen in all_screens(crm):
        screen = CustomerScreen(customer_id, source)
    else:
        screen.show(customer_id, source)
    await crm.push_screen(screen)


def prepare_customer_screen(crm: "CrmApp") -> None:
    """Make the screen before it is asked for: composing and styling it takes several frames."""
    start_screen(crm, _kept_screen(crm))


def _kept_screen(crm: "CrmApp") -> "CustomerScreen":
    if crm.is_screen_installed(_KEPT):
        return crm.get_screen(_KEPT, CustomerScreen)
    screen = CustomerScreen()
    crm.install_screen(screen, _KEPT)
    return screen


class CustomerScreen(CustomerDetails):
    """A customer, opened from a list; J and K go through that list without going back to it."""

    SCOPES = (CUSTOMER, LIST)
    MODE = "customers"
    HINTED = (CUSTOMER,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(CUSTOMER))]
    DEFAULT_CSS = """
    CustomerScreen #head { height: 5; }
    CustomerScreen #tabs { height: 1; }
    """

    def __init__(self, customer_id: int = 0, source: RowSource | None = None) -> None:
        """Without a customer it waits for ``show``."""
        super().__init__()
        self.customer_id = customer_id
        self._source = source
        self._tab = "timeline"
        self._drawn_for = 0

    def compose_body(self) -> ComposeResult:
        """Head, tabs, one list."""
        yield TextLines(id="head")
        yield TextLines(id="tabs")
        yield TimelineList(id="list", show_header=False)

    def on_mount(self) -> None:
        """Show the card and the timeline."""
        self.query_one("#list").focus()
        self._draw()

    def show(self, customer_id: int, source: RowSource | None) -> None:
        """Become the screen of another customer: the first tab from its beginning, no filter, nothing told."""
        self.customer_id, self._source = customer_id, source
        self._tab, self._told = "timeline", None
        self._shown = TimelineFilter(system=self._shown.system)
        if self.is_mounted:
            self.prompt.action_dismiss_prompt()
            self.set_focus(self.query_one("#list"))
            self._draw(anew=True)

    def targets(self) -> tuple[int, ...]:
        """This customer."""
        return (self.customer_id,)

    def top_line(self) -> Line:
        """The way back, the name, where one is in the list."""
        if not self.customer_id:
            return Line()
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
        end = (Span(f"{place}  J K ", "muted"),)
        room = self.app.size.width - sum(cell_width(span.text) for span in (*left, *title, *end)) - 2
        facts = self._top_facts(tags[0].text, room)
        return Line((*left, *title), (*facts, *end))

    def _top_facts(self, tags: str, room: int) -> list[Span]:
        """Who else is at it, the tags, how much is due: as much of it as fits, in this order of weight."""
        others = self.others_at(self.customer_id, room)
        room -= sum(cell_width(span.text) for span in others)
        tags = cut(tags, room) if room >= _FEWEST_TAGS else ""
        room -= cell_width(tags)
        due = f"   {_('Today')}·{count_words(self.crm.due)}" if self.crm.due else ""
        return [*others, Span(tags, "accent"), Span(due if cell_width(due) <= room else "", "muted")]

    def show_where(self) -> None:
        """The others see that this customer is looked at."""
        self.crm.show_where(self.customer_id or None)

    def _draw(self, *, anew: bool = False) -> None:
        """The head, the tabs and the list of the chosen tab; ``anew`` with the cursor at its beginning."""
        if not self.customer_id:
            return
        self._drawn_for = self.app.size.width
        self.update_chrome()
        record = self.crm.gateway.customer(self.customer_id)
        if record is None:
            self.query_one("#head", TextLines).set_lines([])
            self.query_one("#list", WindowedList).set_source(MadeRows([], []))
            return
        figures = self.crm.gateway.figures(self.customer_id)
        lines = self._head(record, figures)
        head = self.query_one("#head", TextLines)
        if head.styles.height is None or head.styles.height.value != len(lines):
            head.styles.height = len(lines)
        head.set_lines(lines)
        self._show_tab(anew)
        counts = self._counts(figures)
        spans: list[Span] = []
        for tab in TABS:
            here = tab == self._tab
            count = f" {counts[tab]}" if tab in counts else ""
            spans += [Span("─ ", "muted"), Span(_(TAB_LABELS[tab]) + count + " ", "strong" if here else "muted")]
        spans += self.filter_spans()
        used = sum(cell_width(span.text) for span in spans)
        spans.append(Span("─" * max(0, self.app.size.width - used), "muted"))
        self.query_one("#tabs", TextLines).set_lines([Line(tuple(spans))])

    def _counts(self, figures: activities.CardFigures) -> dict[str, str]:
        """How many rows each tab has, changes of the record not counted; of a timeline that is filtered, as far as it was read."""
        page = self.crm.gateway.page()
        deals, tasks = activities.deals(page, self.customer_id), activities.tasks(page, self.customer_id)
        counts = {
            "timeline": str(event_count(page, self.customer_id)),
            "transactions": str(figures.transactions),
            "deals": str(len(deals)),
            "tasks": str(len(tasks)),
        }
        rows = self.query_one("#list", WindowedList).source
        if isinstance(rows, TimelineRows) and self._shown.narrows:
            counts["timeline"] = str(rows.row_count()) + ("" if rows.exact else "+")
        return counts

    def _head(self, record: CustomerRecord, figures: activities.CardFigures) -> list[Line]:
        width = self.app.size.width - 2
        work: list[Group] = [[Span(work_text(record))]] if work_text(record) else []
        groups = (
            [*work, *facts_groups(record)],
            money_groups(figures),
            next_groups(figures.next_task, figures.rhythm_days, record["last_interaction_at"]),
        )
        contacts = contact_lines(record, self.crm.workspace.region, width) + flow(self.relation_groups(), width)
        first, *rest = [flow(group, width) for group in groups]
        lines = [Line((Span(" "), *spans)) for spans in (*first, *contacts, *(line for part in rest for line in part))]
        if record["notes"] and len(lines) < _HEAD_LINES:
            lines.append(Line((Span(" " + display_text(record["notes"]), "muted"),)))
        return lines[:_HEAD_LINES]

    def _show_tab(self, anew: bool) -> None:
        columns, source, empty = read_tab(self._tab, self.crm.gateway.page(), self.customer_id, self._shown)
        listed = self.query_one("#list", WindowedList)
        listed.set_empty_text(empty)
        listed.set_columns(columns)
        listed.set_source(source, keep_id=None if anew else listed.cursor_row_id)

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Show what is true now."""
        if not ids or self.customer_id in ids:
            self._draw()

    def retranslate(self) -> None:
        """Everything again in the other language."""
        self._draw()

    def on_resize(self) -> None:
        """The head is laid out by width."""
        if self._drawn_for != self.app.size.width:
            self._draw()

    def show_timeline(self) -> None:
        """The timeline from its beginning."""
        self._tab = "timeline"
        self._draw(anew=True)

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        """More about an event of the timeline."""
        event.stop()
        rows = event.windowed_list.source
        if isinstance(rows, TimelineRows):
            self.open_event(rows.events[event.row_id])

    def current_event(self) -> TimelineEvent | None:
        """The event under the cursor of the timeline."""
        listed = self.query_one("#list", WindowedList)
        rows, at = listed.source, listed.cursor_index
        return rows.events[at] if isinstance(rows, TimelineRows) and at < len(rows.events) else None

    async def on_key(self) -> None:
        """A key ends what the status line was telling."""
        if not self.prompt.active:
            self.forget_told()

    # Actions

    def action_customer_back(self) -> None:
        """To the list, with the cursor on this customer; first out of the filter, if there is one."""
        if self._shown.narrows:
            self._shown = TimelineFilter(system=self._shown.system)
            self._draw()
            return
        self.dismiss()
        from crmtui.tui.screens.customers import CustomersScreen

        below = self.app.screen
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
        self.show_where()
        self._shown = self._shown._replace(text="")
        self._draw(anew=True)

    def action_customer_next(self) -> None:
        """The next of the list."""
        self._step(1)

    def action_customer_previous(self) -> None:
        """The one before."""
        self._step(-1)

    def _turn(self, by: int) -> None:
        self._tab = TABS[(TABS.index(self._tab) + by) % len(TABS)]
        self._draw(anew=True)

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

    def action_customer_merge(self) -> None:
        """Compare with another record of the same customer."""
        from crmtui.tui.screens.merging import merge_with_other

        self.crm.begin(merge_with_other(self, self.customer_id))

    def action_customer_yank(self) -> None:
        """Copy the line one has gone down to; on the first line, where one begins, the phone."""
        listed = self.query_one("#list", WindowedList)
        index = listed.cursor_index
        row = next(iter(listed.source.rows(index, index + 1)), None) if index else None
        if row is None:
            self._yank_phones()
            return
        text = row.cells[-1] if self._tab == "timeline" else " · ".join(cell for cell in row.cells if cell)
        self.yank(text, _("this line"))

    def action_customer_yank_card(self) -> None:
        """Copy the card."""
        self._yank_cards()

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
