"""The ways to the merge screen: from a case, from marked customers, from one customer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmtui.domain.matching.levels import LABELS
from crmtui.domain.text import display_text
from crmtui.i18n import _
from crmtui.services.duplicates.listing import found
from crmtui.services.duplicates.queue import Case
from crmtui.services.lookup import plan_query
from crmtui.services.merge import preview
from crmtui.storage.search import first_ids
from crmtui.tui.screens.asking import ask_next
from crmtui.tui.screens.customer_actions import CustomerActions
from crmtui.tui.screens.merge import MergeScreen
from crmtui.tui.screens.pick import Choice

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

_OFFERED = 50
_OTHER = "other"
MOST = 9
"""Records side by side: each has a digit."""


async def open_merge(crm: "CrmApp", customers: Sequence[int], *, back: str, case: Case | None = None) -> str | None:
    """Show the customers side by side; ``back`` is the untranslated name of where one came from. Raises what ``merge`` raises."""
    if len(customers) > MOST:
        crm.tell(_("at most {count} records can be merged at a time").format(count=MOST))
        return None
    outcome: str | None = await crm.push_screen_and_wait(
        MergeScreen(preview(crm.workspace, None, customers), back=back, case=case)
    )
    return outcome


async def merge_marked(screen: CustomerActions, marked: Sequence[int]) -> bool:
    """Compare the marked customers; says whether they were merged or called different."""
    if len(marked) < 2:
        screen.tell(_("Mark two or more records of one customer with the space bar, then press m"))
        return False
    return await open_merge(screen.crm, marked, back="Customers") is not None


async def merge_with_other(screen: CustomerActions, customer: int) -> None:
    """Ask which other record is the same customer, those that were found first, and compare the two."""
    other = await _ask_other(screen, customer)
    if other is not None:
        await open_merge(screen.crm, (customer, other), back="Customers")


async def _ask_other(screen: CustomerActions, customer: int) -> int | None:
    pairs = list(found(screen.crm.workspace, customers=[customer], limit=_OFFERED))
    levels = {pair.b_id if pair.a_id == customer else pair.a_id: _(LABELS[pair.level]) for pair in pairs}
    if levels:
        choices = [*_choices(screen, list(levels), levels), Choice(_OTHER, _("somebody else …"))]
        answer = await screen.pick(_("Which one is the same customer?"), choices)
        if answer != _OTHER:
            return int(answer) if answer else None
    text = await ask_next(screen, _("the same as"), placeholder=_("name, pinyin, phone, e-mail"))
    if text is None or not text.strip():
        return None
    plan, _problems = plan_query(text, actor=screen.crm.workspace.actor)
    ids = [each for each in first_ids(screen.crm.gateway.page(), plan, _OFFERED + 1) if each != customer]
    if not ids:
        screen.tell(_("Nobody is found: {text}").format(text=display_text(text.strip(), limit=60)))
        return None
    answer = await screen.pick(_("Which one is the same customer?"), _choices(screen, ids[:_OFFERED], {}))
    return int(answer) if answer else None


def _choices(screen: CustomerActions, ids: Sequence[int], levels: dict[int, str]) -> list[Choice]:
    rows = screen.crm.gateway.list_rows(ids)
    return [
        Choice(
            str(each),
            display_text(rows[each].name, limit=80),
            str(each),
            " · ".join(filter(None, (levels.get(each, ""), display_text(rows[each].company or "", limit=60)))),
        )
        for each in ids
        if each in rows
    ]
