"""Who took part in an interaction: people are added and taken out later. Each function is one undoable operation."""

from collections.abc import Sequence

from crmtui.errors import InvalidValue, NotFound
from crmtui.i18n import _
from crmtui.services.record import Saved
from crmtui.services.workspace import Workspace
from crmtui.storage.customers import names_of
from crmtui.storage.journal import operation
from crmtui.storage.participants import participant_links, participants_of
from crmtui.storage.rows import read_row

__all__ = ["add_participants", "participants_of", "remove_participant"]


def add_participants(workspace: Workspace, interaction_id: int, customers: Sequence[int]) -> Saved:
    """Say that these customers took part as well; those who are there already stay."""
    _existing(workspace, interaction_id)
    names = names_of(workspace.database.writer, customers)
    for customer in customers:
        if customer not in names:
            raise NotFound(_("there is no customer {id} (any more)").format(id=customer))
    subject = ", ".join(names[customer] for customer in dict.fromkeys(customers))
    with operation(workspace.database, "interaction.join", subject=subject, actor=workspace.actor) as act:
        known = set(participants_of(act.connection, interaction_id))
        for customer in dict.fromkeys(customers):
            if customer not in known:
                act.insert("interaction_customers", {"customer_id": customer, "interaction_id": interaction_id})
                act.needs_refresh({customer})
    return Saved(act.id, tuple(customers))


def remove_participant(workspace: Workspace, interaction_id: int, customer: int) -> Saved:
    """Take a customer out of an interaction; the next one becomes the main one when that was the one taken out.

    Raises InvalidValue for the only one (remove the interaction instead), NotFound for one who did not take part.
    """
    _existing(workspace, interaction_id)
    present = participants_of(workspace.database.writer, interaction_id)
    if customer not in present:
        raise NotFound(_("customer {id} did not take part").format(id=customer))
    others = [each for each in present if each != customer]
    if not others:
        raise InvalidValue(_("an interaction needs somebody"), field="customers")
    names = names_of(workspace.database.writer, [customer])
    with operation(
        workspace.database, "interaction.leave", subject=names.get(customer, ""), actor=workspace.actor
    ) as act:
        leaving = {customer} if present[0] != customer else {customer, others[0]}
        if present[0] == customer:
            act.update("interactions", interaction_id, {"customer_id": others[0]})
        for row_id, each in participant_links(act.connection, interaction_id):
            if each in leaving:
                act.delete("interaction_customers", row_id)
        act.needs_refresh({customer, others[0]})
    return Saved(act.id, tuple(present))


def _existing(workspace: Workspace, interaction_id: int) -> dict[str, object]:
    row = read_row(workspace.database.writer, "interactions", interaction_id)
    if row is None:
        raise NotFound(_("there is no interaction {id} (any more)").format(id=interaction_id))
    return row
