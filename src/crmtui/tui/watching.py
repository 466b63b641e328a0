"""What the app notices while nobody touches a key: changes by others, who else is in, what is due. One timer; nothing is drawn
unless something is different."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, cast

from textual.app import App

from crmtui.services.sessions import Presence, enter, others_here
from crmtui.tui import clock
from crmtui.tui.messages import DataChanged
from crmtui.tui.screens.base import CrmScreen

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

POLL_SECONDS = 0.5
_PRESENCE_POLLS = 6
_MINUTE_POLLS = 120


class Watching(App[int]):
    """The part of the app that keeps an eye on the file and on the clock."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # those of App
        self.others: tuple[str, ...] = ()
        """Who else has the file open, the longest first."""
        self.other_processes: frozenset[int] = frozenset()
        """The processes of their sessions."""
        self.others_at: dict[int, tuple[tuple[str, bool], ...]] = {}
        """Which customers the others have on their screens: who, and whether in a form."""
        self.due = 0
        """How many tasks are overdue or due today."""
        self.due_owner: str | None = None
        """Whose tasks are counted and listed for the day; None: everybody's."""
        self._presence: Presence | None = None
        self._polls = 0
        self._counting = False
        self._count_again = False

    @property
    def _crm(self) -> "CrmApp":
        return cast("CrmApp", self)

    def start_watching(self) -> None:
        """Be seen by others, and look out for them."""
        self._presence = enter(self._crm.workspace)
        self._look_who_is_here()
        self.set_interval(POLL_SECONDS, self._poll)

    def stop_watching(self) -> None:
        """Be gone for the others."""
        if self._presence is not None:
            self._presence.close()
            self._presence = None

    def _poll(self) -> None:
        crm = self._crm
        self._polls += 1
        if crm.gateway.changed_elsewhere():
            crm.look_at_next_undo()
            self.look_at_day()
            crm.look_at_duplicates()
            crm.tell_screens(DataChanged())
        if self._polls % _PRESENCE_POLLS == 0:
            self._look_who_is_here()
        if self._polls % _MINUTE_POLLS == 0:
            self.look_at_day()
            if isinstance(self.screen, CrmScreen):
                self.screen.minute_passed()

    def _look_who_is_here(self) -> None:
        here = others_here(self._crm.workspace.database.path, self._presence)
        self.other_processes = frozenset(session.pid for session in here)
        others = tuple(dict.fromkeys(session.user for session in here))
        at: dict[int, tuple[tuple[str, bool], ...]] = {}
        for session in here:
            if session.customer is not None:
                at[session.customer] = (*at.get(session.customer, ()), (session.user, session.editing))
        if (others, at) != (self.others, self.others_at):
            self.others, self.others_at = others, at
            self._draw_top()

    def show_where(self, customer: int | None, *, editing: bool = False) -> None:
        """Tell the others which customer is on the screen, and see who has it on theirs."""
        if self._presence is None:
            return
        self._presence.show(customer, editing=editing)
        if customer is not None:
            self._look_who_is_here()

    def look_at_day(self) -> None:
        """Count anew what is due, beside the loop: on a large file with thousands of tasks it takes longer than a frame."""
        if self._counting:
            self._count_again = True
            return
        self._counting = True
        self._crm.begin(self._count_due())

    async def _count_due(self) -> None:
        try:
            self._count_again = True
            while self._count_again:
                self._count_again = False
                due = await asyncio.to_thread(self._due_now, clock.local_now(), self.due_owner)
        finally:
            self._counting = False
        if due != self.due:
            self.due = due
            self._draw_top()

    def _due_now(self, now: datetime, owner: str | None) -> int:
        from crmtui.services.today import due_count

        return due_count(self._crm.workspace.database.thread_reader(), now, owner)

    def _draw_top(self) -> None:
        if self.is_running and isinstance(self.screen, CrmScreen) and self.screen.is_mounted:
            self.screen.update_top()
