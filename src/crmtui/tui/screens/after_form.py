"""What follows a form that was saved: it is told, and a new customer is shown in the list."""

import asyncio
from typing import TYPE_CHECKING

from crmtui.i18n import _
from crmtui.tui.actions import key_sign

if TYPE_CHECKING:
    from crmtui.services.record import Saved
    from crmtui.tui.app import CrmApp

_WAIT_SECONDS, _WAITS = 0.05, 40
"""How often, and how many times, it is looked whether the list has a new customer."""


async def tell_saved(crm: "CrmApp", saved: "Saved", *, added: bool) -> None:
    """Say what was saved, on the screen that the form lay upon; ``added``: the customer is new."""
    if not saved.operation_id:
        crm.tell(_("nothing changed"))
        return
    crm.data_changed(saved.customers)
    rows = crm.gateway.list_rows(saved.customers)
    name = next((row.name for row in rows.values()), "")
    text = (_("added {name}") if added else _("saved {name}")).format(name=name)
    undo = next(iter(crm.keymap["app.undo"]), "")
    crm.tell(f"{text} · " + _("{key} undoes it").format(key=key_sign(undo)) if undo else text)
    if added:
        await _show_in_list(crm, saved.customers[0])


async def _show_in_list(crm: "CrmApp", customer_id: int) -> None:
    """Put the cursor of the list on a new customer when the list has it, unless the person has moved on by then."""
    from crmtui.tui.screens.customers import CustomersScreen
    from crmtui.tui.widgets.windowed_list import WindowedList

    screen = crm.screen
    if not isinstance(screen, CustomersScreen):
        return
    listed = screen.query_one("#list", WindowedList)
    before = listed.cursor_row_id
    for _attempt in range(_WAITS):
        if listed.source.index_of(customer_id) is not None:
            screen.go_to(customer_id)
            return
        await asyncio.sleep(_WAIT_SECONDS)
        if before is not None and listed.cursor_row_id != before:
            return
