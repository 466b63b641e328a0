"""What is decided about a case, from the queue and from the merge screen: the same, or different; and how it is told."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmtui.domain.text import display_text
from crmtui.i18n import _, ngettext
from crmtui.services.duplicates.deciding import all_different
from crmtui.services.merge import MergeResult, merge, preview
from crmtui.services.workspace import Workspace

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp


async def merge_proposed(crm: "CrmApp", customers: Sequence[int]) -> None:
    """Merge customers with the values that are proposed, and say so."""

    def job(workspace: Workspace) -> MergeResult:
        survivor = preview(workspace, None, customers).survivor
        return merge(workspace, survivor, [each for each in customers if each != survivor])

    tell_merged(crm, await crm.gateway.write(job))


async def call_different(crm: "CrmApp", customers: Sequence[int]) -> None:
    """Remember that these customers are different, and say so."""
    await crm.gateway.write(lambda workspace: all_different(workspace, customers))
    tell_different(crm, customers)


def tell_merged(crm: "CrmApp", result: MergeResult) -> None:
    """Show the outcome of a merge everywhere."""
    crm.data_changed((result.survivor, *result.merged))
    count = len(result.merged)
    told = ngettext("merged {count} record into {name}", "merged {count} records into {name}", count)
    crm.tell(told.format(count=count, name=_names(crm, [result.survivor])) + " · " + _("u undoes it"))


def tell_different(crm: "CrmApp", customers: Sequence[int]) -> None:
    """Show everywhere that these customers are different."""
    crm.data_changed(tuple(customers))
    crm.tell(_("different: {names}").format(names=_names(crm, customers)) + " · " + _("u undoes it"))


def _names(crm: "CrmApp", customers: Sequence[int]) -> str:
    rows = crm.gateway.list_rows(customers)
    return " ≠ ".join(display_text(rows[each].name, limit=60) for each in customers if each in rows)
