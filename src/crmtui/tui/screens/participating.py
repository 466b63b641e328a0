"""Who took part in an interaction: added and taken out on the row of the timeline."""

from crmtui.domain.text import display_text
from crmtui.i18n import _
from crmtui.services import participants
from crmtui.services.lookup import plan_query
from crmtui.services.timeline import TimelineEvent
from crmtui.storage.search import first_ids
from crmtui.tui.screens.asking import ask_next
from crmtui.tui.screens.customer_actions import CustomerActions
from crmtui.tui.screens.pick import Choice

OFFERED = 30
"""Customers offered for a name that was typed."""


async def ask_customer(screen: CustomerActions, question: str, without: tuple[int, ...]) -> int | None:
    """The customer meant by a name, a number or any other search; chosen when several are found. ``without`` are not offered."""
    text = await ask_next(screen, question, placeholder=_("name, pinyin, phone, e-mail"))
    if text is None or not text.strip():
        return None
    plan, _problems = plan_query(text, actor=screen.crm.workspace.actor)
    found = first_ids(screen.crm.gateway.page(), plan, OFFERED + len(without))
    found = [each for each in found if each not in without][:OFFERED]
    rows = screen.crm.gateway.list_rows(found)
    if not rows:
        screen.tell(_("Nobody is found: {text}").format(text=display_text(text.strip(), limit=60)))
        return None
    choices = [
        Choice(str(each), display_text(rows[each].name, limit=80), "", display_text(rows[each].company or "", limit=60))
        for each in found
        if each in rows
    ]
    chosen = choices[0].value if len(choices) == 1 else await screen.pick(_("Who is it?"), choices)
    return int(chosen) if chosen else None


class Participating(CustomerActions):
    """What the timeline does with those who took part."""

    def current_event(self) -> TimelineEvent | None:
        """The event under the cursor; None on another tab or in an empty list."""
        raise NotImplementedError

    def _interaction(self) -> int | None:
        """The interaction under the cursor; says so when it is none."""
        event = self.current_event()
        if event is None or event.source != "interactions":
            self.tell(_("That is for calls, e-mails, meetings and notes: put the cursor on one in the timeline"))
            return None
        return event.id

    def action_customer_join(self) -> None:
        """Somebody else took part as well."""
        interaction = self._interaction()
        if interaction is not None:
            self.crm.begin(self._join(interaction))

    async def _join(self, interaction: int) -> None:
        present = participants.participants_of(self.crm.gateway.page(), interaction)
        other = await ask_customer(self, _("took part as well"), tuple(present))
        if other is not None:
            told = _("took part as well: {name}").format(name=self._of((other,)))
            await self._save(lambda workspace: participants.add_participants(workspace, interaction, [other]), told)

    def action_customer_part(self) -> None:
        """Somebody did not take part after all."""
        interaction = self._interaction()
        if interaction is not None:
            self.crm.begin(self._part(interaction))

    async def _part(self, interaction: int) -> None:
        present = participants.participants_of(self.crm.gateway.page(), interaction)
        if len(present) < 2:
            self.tell(_("Nobody else took part; a adds somebody"))
            return
        here = self.targets()
        others = [each for each in present if each not in here]
        leaving: int | None = others[0]
        if len(others) > 1:
            choices = [Choice(str(each), self._of((each,))) for each in (*others, *here)]
            chosen = await self.pick(_("Who did not take part?"), choices)
            leaving = int(chosen) if chosen else None
        if leaving is not None:
            left, told = leaving, _("did not take part: {name}").format(name=self._of((leaving,)))
            await self._save(lambda workspace: participants.remove_participant(workspace, interaction, left), told)
