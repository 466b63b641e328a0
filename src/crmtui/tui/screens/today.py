"""Mode 2: the day. What is overdue and due, who has gone quiet against their own rhythm, birthdays; one key each to act on it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from crmtui.domain.moment_text import describe_moment
from crmtui.domain.text import display_text
from crmtui.errors import CrmError
from crmtui.i18n import _, current_language
from crmtui.i18n.show import show_number
from crmtui.services import activity
from crmtui.services.today import DueTask, TodayLists, today
from crmtui.services.workspace import Workspace
from crmtui.storage.driver import Connection
from crmtui.tui import clock
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.card import due_text
from crmtui.tui.due_asking import due_hint, needed_due
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.customer_actions import CustomerActions
from crmtui.tui.today_actions import TODAY
from crmtui.tui.today_rows import DayRow, DayRows, Item, day_columns, day_rows, section_of
from crmtui.tui.widgets.sectioned_list import SectionedList
from crmtui.tui.widgets.text_lines import Span
from crmtui.tui.widgets.windowed_list import WindowedList
from crmtui.tui.work_aside import is_there

if TYPE_CHECKING:
    from crmtui.services.record import Saved

LISTED = 200
"""Rows of each section; the head says of how many."""
AT_ONCE_SECONDS = 0.03
"""How long the day may be read before the next frame waits for it."""
_OTHER_TIME = "other"


class TodayScreen(CustomerActions):
    """The day as one list."""

    SCOPES = (TODAY, LIST)
    MODE = "today"
    UNHINTED = ("list.mark",)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(TODAY))]

    def __init__(self) -> None:
        super().__init__()
        self._rows = DayRows([], (), "")
        self._finished: dict[int, tuple[int, DueTask]] = {}
        self._lists: TodayLists | None = None
        self._outdated = True
        self._readings = 0
        self._put_off: int | None = None
        """The row that an act moves to another place: the cursor does not go with it."""

    def compose_body(self) -> ComposeResult:
        """One list."""
        yield SectionedList(day_columns(), id="list", show_header=False)

    @property
    def _list(self) -> SectionedList:
        return self.query_one("#list", SectionedList)

    def on_mount(self) -> None:
        """Show the day."""
        self.set_focus(self._list)
        self._read()

    # What is listed

    def _read(self) -> None:
        """Read the day again, beside the loop when it takes longer than a frame: what was listed stays until then."""
        self._readings += 1
        read = partial(today, now=clock.local_now(), owner=self.crm.due_owner, limit=LISTED)
        lists = self.crm.gateway.within(read, AT_ONCE_SECONDS)
        if lists is not None:
            self._show(lists)
            return
        if self._lists is None:
            self._list.set_empty_text(_("counting …"))
        self.crm.begin(self._read_aside(read, self._readings))

    async def _read_aside(self, read: Callable[[Connection], TodayLists], reading: int) -> None:
        lists = await self.crm.gateway.read_aside(read)
        if reading == self._readings and is_there(self):
            self._show(lists)

    def _show(self, lists: TodayLists) -> None:
        """List what was read; the cursor stays on its row, or where that row was."""
        listed = self._list
        keep, at = listed.cursor_row_id, listed.cursor_index
        if keep is not None and keep == self._put_off:
            keep = self._put_off = None
        self._lists = lists
        open_again = {task.id for section in (lists.overdue, lists.due_today, lists.due_soon) for task in section.rows}
        self._finished = {task: kept for task, kept in self._finished.items() if task not in open_again}
        rows: list[DayRow] = day_rows(lists, self._finished)
        self._rows = DayRows(rows, self._finished, self.crm.workspace.region)
        self._outdated = False
        listed.set_empty_text("\n".join(self._empty_lines()))
        listed.set_source(self._rows, keep_id=keep, fallback_index=at)
        if rows and self._rows.item_at(listed.cursor_index) is None:
            listed.jump_to(listed.cursor_index)
        self.update_chrome()

    def _empty_lines(self) -> list[str]:
        if self.crm.due_owner is not None:
            return [
                _("Nothing of yours is due, nobody has gone quiet."),
                _("m shows everybody's · 1 goes to the customers"),
            ]
        return [
            _("Nothing is due, nobody has gone quiet."),
            _("A task is set with t on a customer · 1 goes to the customers"),
        ]

    def current(self) -> Item | None:
        """What the cursor is on."""
        return self._rows.item_at(self._list.cursor_index)

    def targets(self) -> tuple[int, ...]:
        """The customer of the row under the cursor."""
        item = self.current()
        return () if item is None or item.customer_id is None else (item.customer_id,)

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Read the day again; while another screen is up, when this one comes back."""
        if self.is_current:
            self._read()
        else:
            self._outdated = True

    def minute_passed(self) -> None:
        """What was due at nine is overdue from nine on."""
        if not self.prompt.active:
            self._read()

    @on(events.ScreenResume)
    def _came_back(self) -> None:
        """Whoever comes back to the day has seen what was done."""
        if self.is_mounted and self._lists is not None and (self._outdated or self._finished):
            self._finished.clear()
            self._read()

    # The lines around

    def top_facts(self) -> tuple[Span, ...]:
        """Whose day it is."""
        owner = self.crm.due_owner
        return (Span((_("all owners") if owner is None else _("only mine")) + "   ", "muted"),)

    def status_facts(self) -> tuple[Span, ...]:
        """How many of the tasks that were due are done."""
        if not self._finished:
            return super().status_facts()
        return (Span(_("{count} done").format(count=show_number(len(self._finished))) + " ", "success"),)

    def retranslate(self) -> None:
        """Everything again in the other language."""
        self._list.set_columns(day_columns())
        self._read()

    # What a person does

    @on(WindowedList.Opened)
    async def _opened(self, event: WindowedList.Opened) -> None:
        event.stop()
        from crmtui.tui.screens.customer import open_customer

        targets = self.targets()
        if targets:
            await open_customer(self.crm, targets[0])

    @on(WindowedList.MarkToggled)
    def _mark_toggled(self, event: WindowedList.MarkToggled) -> None:
        event.stop()
        self.tell(_("Marks are for the customer list: 1 goes there"))

    @on(WindowedList.CursorMoved)
    def _cursor_moved(self, event: WindowedList.CursorMoved) -> None:
        event.stop()

    async def on_key(self) -> None:
        """A key ends what the status line was telling."""
        if not self.prompt.active:
            self.forget_told()

    def _current_task(self) -> DueTask | None:
        """The task under the cursor; says so when it is none."""
        item = self.current()
        if isinstance(item, DueTask):
            return item
        self.tell(_("That is for tasks; c logs a call, t sets a task"))
        return None

    def action_today_done(self) -> None:
        """Mark the task done, or open again; the row stays until one comes back."""
        task = self._current_task()
        if task is None or self._lists is None:
            return
        done = task.id not in self._finished
        section = section_of(self._lists, task)
        told = (_("done: {text}") if done else _("open again: {text}")).format(text=display_text(task.text))

        async def work() -> None:
            if done:
                self._finished[task.id] = (section, task)
            try:
                await self._save(lambda workspace: activity.finish_task(workspace, task.id, done=done), told)
            finally:
                if self.is_current:
                    self._read()
            if done and self._list.cursor_index + 1 < self._rows.row_count():
                self._list.action_cursor_down()

        self.crm.begin(work())

    def action_today_snooze(self) -> None:
        """Let the task come up again later."""
        task = self._current_task()
        if task is not None:
            self.crm.begin(self._snooze(task))

    async def _snooze(self, task: DueTask) -> None:
        from crmtui.tui.screens.pick import Choice

        now = clock.local_now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        days = {(midnight + timedelta(days=count)).date().isoformat(): count for count in (1, 7)}
        labels = {1: _("1 day"), 7: _("1 week")}
        choices = []
        for day, count in days.items():
            # how far it is stands at the left already
            shown = describe_moment(midnight + timedelta(days=count), now, current_language()).partition(" · ")[0]
            choices.append(Choice(day, labels[count], detail=shown))
        choices.append(Choice(_OTHER_TIME, _("until …"), detail=_("fri 3pm, in 2w")))
        until = await self.pick(_("Snooze: {text}").format(text=display_text(task.text, limit=60)), choices)
        if until == _OTHER_TIME:
            until = await self._asked_due(_("snooze until"))
        if until is not None:
            day = until
            await self._put_off_by(
                lambda workspace: activity.snooze_task(workspace, task.id, day),
                _("snoozed until {when}: {text}").format(when=due_text(day), text=display_text(task.text)),
            )

    def action_today_reschedule(self) -> None:
        """Give the task another due time."""
        task = self._current_task()
        if task is None:
            return

        async def work() -> None:
            due = await self._asked_due(_("due"))
            if due is not None:
                await self._put_off_by(
                    lambda workspace: activity.reschedule_task(workspace, task.id, due),
                    _("due {when}: {text}").format(when=due_text(due), text=display_text(task.text)),
                )

        self.crm.begin(work())

    async def _put_off_by(self, job: "Callable[[Workspace], Saved]", told: str) -> None:
        """Do what moves the task under the cursor to another place; the cursor goes on to the next row."""
        self._put_off = self._list.cursor_row_id
        try:
            await self._save(job, told)
        except CrmError:
            self._put_off = None
            raise

    async def _asked_due(self, what: str) -> str | None:
        """Ask for a time, shown back while it is typed; as it is stored, None when the person leaves."""
        text = await self.prompt.ask(f" {what} › ", placeholder=_("fri 3pm, in 2w, 2026-11-27"), hint=due_hint)
        return needed_due(text).stored if text is not None and text.strip() else None

    def action_today_call(self) -> None:
        """Log a call."""
        self._log_call()

    def action_today_log(self) -> None:
        """Log something else."""
        self._log_other()

    def action_today_task(self) -> None:
        """Set a task."""
        if self.targets():
            self._add_task()
        else:
            self.tell(_("Whose task? 1 goes to the customers, t sets it there"))

    def action_today_yank(self) -> None:
        """Copy the phone."""
        self._yank_phones()

    def action_today_mine(self) -> None:
        """Only what is yours, or everybody's."""
        self.crm.due_owner = self.crm.workspace.actor if self.crm.due_owner is None else None
        self._finished.clear()
        self.crm.look_at_day()
        self._read()
