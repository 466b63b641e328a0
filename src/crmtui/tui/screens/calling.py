"""A call that comes in while the app is open: the number, who it is, notes while the clock runs, the next step. Nothing typed
is lost: Esc keeps a draft, which the next call with the same customer begins with."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from crmtui.domain.due import utc_text
from crmtui.domain.text import display_text
from crmtui.errors import CrmError, InvalidValue
from crmtui.i18n import _, current_language, ngettext
from crmtui.services.call import (
    FEWEST_DIGITS,
    OUTCOMES,
    Caller,
    NextStep,
    digits_in,
    log_call,
    outcome_label,
    who_is,
)
from crmtui.services.drafts import Draft, drop_draft, keep_draft, list_drafts
from crmtui.tui import clock
from crmtui.tui.drafting import CALL, drafts_here, started_by
from crmtui.tui.due_asking import split_understood, task_hint
from crmtui.tui.screens.base import CrmScreen
from crmtui.tui.widgets.key_choice import choose_by_key

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

_NEW = "new"
_TICK, _TICK_SLOW = 1.0, 20.0
"""Seconds between two looks at the clock of the call; each sends a few bytes."""


async def take_call(crm: "CrmApp") -> None:
    """Ask for the number, show who it is, and log the call."""
    screen = crm.screen
    if not isinstance(screen, CrmScreen):
        return
    number = await screen.prompt.ask(f" {_('call')} › ", placeholder=_("the number, or its last digits"))
    if number is None or not number.strip():
        return
    if len(digits_in(number)) < FEWEST_DIGITS:
        raise InvalidValue(_("“{text}” is no phone number").format(text=number), field="phones")
    caller = who_is(crm.gateway.page(), number.strip(), crm.workspace.region)
    customer = await _choose(crm, caller)
    if customer is None:
        return
    if customer == _NEW:
        from crmtui.tui.screens.form import FormScreen

        crm.push_screen(FormScreen(None, {"phones": caller.number}))
        return
    from crmtui.tui.screens.customer import open_customer

    await open_customer(crm, int(customer))
    await settled(crm)
    await call_with(crm, int(customer), caller.number)


async def call_with(crm: "CrmApp", customer: int, number: str) -> None:
    """Take notes of a call with a customer, who is on the screen; a draft of it is what it begins with."""
    if isinstance(crm.screen, CrmScreen):
        await _Call(crm, crm.screen, customer, number).run()


async def settled(crm: "CrmApp") -> None:
    """Wait until a screen is up: it puts the focus on its list, which would leave a question that is open by then."""
    up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    crm.screen.call_after_refresh(up.set_result, None)
    await up


async def _choose(crm: "CrmApp", caller: Caller) -> str | None:
    """Who it is: the only one it can be, or whom the person picks; a new customer; None when the person leaves."""
    if caller.match == "unknown":
        return _NEW
    if len(caller.people) == 1 and caller.match in ("exact", "ending"):
        return str(caller.people[0].customer_id)
    from crmtui.tui.screens.pick import Choice, PickScreen

    choices = [
        Choice(
            str(owner.customer_id),
            display_text(owner.name, limit=60),
            detail=display_text(" · ".join(filter(None, (owner.phone, owner.company))), limit=60),
        )
        for owner in caller.people
    ]
    choices.append(Choice(_NEW, _("a new customer"), detail=display_text(caller.number, limit=40)))
    title = _("Nobody has this very number; is it one of these?") if caller.match == "near" else _("Who is it?")
    answer: str | None = await crm.push_screen_and_wait(PickScreen(title, choices))
    return answer


class _Call:
    """A call with one customer: its clock, what was typed, its draft."""

    def __init__(self, crm: "CrmApp", screen: CrmScreen, customer: int, number: str) -> None:
        self._crm, self._screen = crm, screen
        self._customer, self._number = customer, number
        self._began, self._clock = clock.local_now(), monotonic()
        rows = crm.gateway.list_rows([customer])
        self._name = display_text(rows[customer].name) if customer in rows else ""
        draft = draft_of(crm, customer)
        self._draft_id = draft.id if draft is not None else None
        value = draft.value if draft is not None and isinstance(draft.value, dict) else {}
        seconds = value.get("seconds")
        self._seconds_before = seconds if isinstance(seconds, int) and 0 <= seconds < 86_400 else 0
        self._typed = {name: str(value.get(name) or "") for name in ("notes", "next")}
        if value.get("due"):  # a draft of the shell, where the time has a field of its own
            self._typed["next"] = f"{value['due']} {self._typed['next']}".rstrip()
        outcome = value.get("outcome")
        self._outcome = OUTCOMES.index(outcome) if isinstance(outcome, str) and outcome in OUTCOMES else 0
        self._kept = dict(self._typed)

    @property
    def seconds(self) -> int:
        """How long the call has lasted, with what a draft had lasted before."""
        return self._seconds_before + int(monotonic() - self._clock)

    async def run(self) -> None:
        """Notes, what came of it, then the next step; a draft is kept when the call is left, cannot be saved, or the app ends."""
        try:
            await self._take_down()
        except (asyncio.CancelledError, CrmError):
            self._keep()
            raise

    async def _take_down(self) -> None:
        notes = await self._ask("notes", _("notes"), _("what is said; ⏎ goes on, esc keeps a draft"), lambda _text: "")
        if notes is None:
            self._keep()
            return
        outcome = await self._ask_outcome()
        if outcome is None:
            self._keep()
            return
        self._outcome = outcome
        step = await self._ask("next", _("next step"), _("fri 3pm send samples; ⏎ alone: none"), task_hint)
        if step is None:
            self._keep()
            return
        due, what = split_understood(step, clock.local_now(), current_language())
        next_step = NextStep(what or step.strip(), due.stored if due else None) if step.strip() else None
        minutes = max((self.seconds + 59) // 60, 1)
        customer = self._customer
        saved = await self._crm.gateway.write(
            lambda workspace: log_call(
                workspace,
                [customer],
                minutes=minutes,
                text=notes.strip(),
                outcome=OUTCOMES[outcome],
                next_step=next_step,
                at=utc_text(self._began),
            )
        )
        if self._draft_id is not None:
            drop_draft(drafts_here(), self._draft_id)
        self._crm.data_changed(saved.customers)
        told = ngettext("call logged, {count} minute", "call logged, {count} minutes", minutes).format(count=minutes)
        if outcome:
            told = f"{told} · {outcome_label(OUTCOMES[outcome])}"
        if due is not None and next_step is not None:
            told = _("{told}; next step {due}").format(told=told, due=due.shown)
        self._crm.tell(told + " · " + _("u undoes it"))

    async def _ask(self, name: str, label: str, placeholder: str, meaning: Callable[[str], str]) -> str | None:
        def hint(text: str) -> str:
            self._typed[name] = text
            shown = meaning(text)
            return f"{shown} · {self._time()}" if shown else self._time()

        prompt = self._screen.prompt
        timer = self._screen.set_interval(self._rest, self._tick)
        try:
            return await prompt.ask(f" {label} · {self._name} › ", self._typed[name], placeholder, hint, go_on=True)
        finally:
            timer.stop()

    async def _ask_outcome(self) -> int | None:
        """What came of the call, by one key; None when the person leaves."""
        self._crm.tell(_("a digit answers · ⏎ takes the one that stands out · esc keeps a draft"))
        labels = [outcome_label(outcome) for outcome in OUTCOMES]
        outcome = await choose_by_key(self._screen, _("outcome"), labels, self._outcome, self._time, self._rest)
        self._screen.forget_told()
        return outcome

    @property
    def _rest(self) -> float:
        return _TICK_SLOW if self._crm.slow_link else _TICK

    def _time(self) -> str:
        """The clock of the call."""
        minutes, seconds = divmod(self.seconds, 60)
        return f"{minutes:02}:{seconds:02}"

    def _tick(self) -> None:
        """The clock goes on; what was typed is on disk a moment later, in case the line or the program dies."""
        self._screen.prompt.look_again()
        if self._typed != self._kept and any(self._typed.values()):
            self._write(typing=True)

    def _keep(self) -> None:
        """Put what was typed into a draft, if there is anything, and say so."""
        if not any(text.strip() for text in self._typed.values()):
            return
        told = self._write() or _("draft kept; D takes it up again")
        if self._screen.is_attached:
            self._crm.tell(told)

    def _write(self, *, typing: bool = False) -> str:
        """Write the draft, in the place of the one there was; what hindered it, "" for nothing."""
        value = {
            **self._typed,
            "customer": self._customer,
            "number": self._number,
            "outcome": OUTCOMES[self._outcome],
            "seconds": self.seconds,
            **(started_by() if typing else {}),
        }
        path = self._crm.workspace.database.path
        try:
            self._draft_id = keep_draft(drafts_here(), path, CALL, self._name, value, draft_id=self._draft_id)
        except OSError as error:
            return _("the draft cannot be written: {reason}").format(reason=error.strerror)
        self._kept = dict(self._typed)
        return ""


def draft_of(crm: "CrmApp", customer: int) -> Draft | None:
    """The newest draft of a call with this customer."""
    for draft in list_drafts(drafts_here(), crm.workspace.database.path, CALL):
        if isinstance(draft.value, dict) and draft.value.get("customer") == customer:
            return draft
    return None
