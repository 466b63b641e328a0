"""What a person decides about pairs: the same, or different for good; taken back like every other operation."""

from collections.abc import Sequence
from itertools import combinations

from crmtui.domain.matching.profile import make_profile
from crmtui.errors import NotFound, UsageError
from crmtui.i18n import _
from crmtui.services.duplicates.content import content_key
from crmtui.services.workspace import Workspace
from crmtui.storage import duplicate_profiles as kept
from crmtui.storage import duplicates as store
from crmtui.storage.customers import names_of, survivor_of
from crmtui.storage.driver import Connection
from crmtui.storage.journal import Operation, operation

SAME, DIFFERENT = "same", "different"
DECISIONS = (SAME, DIFFERENT)


def decide(workspace: Workspace, first: int, second: int, decision: str) -> int:
    """Remember that two customers are the same or different; returns the operation (0: it was decided so already).

    A later decision replaces the earlier one. Raises UsageError for one customer twice, NotFound for one that is gone.
    """
    if decision not in DECISIONS:
        raise UsageError(_("a decision is “same” or “different”"))
    if first == second:
        raise UsageError(_("these are the same customer: {id}").format(id=first), hint=_("Nothing was changed."))
    connection = workspace.database.writer
    subject = " · ".join(_name(connection, customer) for customer in (first, second))
    with operation(workspace.database, f"duplicates.{decision}", subject=subject, actor=workspace.actor) as act:
        for customer in (first, second):
            _name(act.connection, customer)  # also if another session removed it this moment
        write_decision(act, first, second, decision)
    return act.id


def all_different(workspace: Workspace, customers: Sequence[int]) -> int:
    """Remember that each of these customers is somebody else, as one operation; returns it. Raises what ``decide`` raises."""
    connection = workspace.database.writer
    if len(set(customers)) < max(2, len(customers)):
        raise UsageError(_("these are the same customer: {id}").format(id=customers[0]), hint=_("Nothing was changed."))
    subject = " · ".join(_name(connection, customer) for customer in customers[:2])
    with operation(workspace.database, f"duplicates.{DIFFERENT}", subject=subject, actor=workspace.actor) as act:
        for customer in customers:
            _name(act.connection, customer)
        for first, second in combinations(customers, 2):
            write_decision(act, first, second, DIFFERENT)
    return act.id


def split(workspace: Workspace, customers: list[int], other: int) -> int:
    """Take ``other`` out of a group: it is different from each of ``customers``. One operation."""
    if other in customers:
        raise UsageError(_("these are the same customer: {id}").format(id=other), hint=_("Nothing was changed."))
    subject = _name(workspace.database.writer, other)
    with operation(workspace.database, "duplicates.split", subject=subject, actor=workspace.actor) as act:
        for customer in customers:
            _name(act.connection, customer)
            write_decision(act, customer, other, DIFFERENT)
        act.count = len(customers)
    return act.id


def forget(workspace: Workspace, first: int, second: int) -> int:
    """Take a decision back: the pair is proposed again. Raises NotFound when nothing was decided."""
    with operation(
        workspace.database, "duplicates.forget", subject=f"{first} · {second}", actor=workspace.actor
    ) as act:
        found = store.read_decision(act.connection, first, second)
        if found is None:
            raise NotFound(_("nothing was decided about {first} and {second}").format(first=first, second=second))
        act.delete("duplicate_decisions", found.id)
    return act.id


def write_decision(act: Operation, first: int, second: int, decision: str) -> None:
    """Write a decision within an operation."""
    a_id, b_id = min(first, second), max(first, second)
    found = store.read_decision(act.connection, a_id, b_id)
    if found is not None:
        if found.decision != decision:
            act.update("duplicate_decisions", found.id, {"decision": decision, "actor": act.actor, "at": act.at})
        return
    sources = [kept.read_source(act.connection, customer) for customer in (a_id, b_id)]
    content = None
    if sources[0] is not None and sources[1] is not None:
        content = content_key(make_profile(sources[0]), make_profile(sources[1]))
    act.insert(
        "duplicate_decisions",
        {"a_id": a_id, "b_id": b_id, "decision": decision, "actor": act.actor, "at": act.at, "content": content},
    )


def _name(connection: Connection, customer: int) -> str:
    name = names_of(connection, [customer]).get(customer)
    if name is None:
        survivor = survivor_of(connection, customer)
        if survivor is not None:
            raise UsageError(
                _("customer {id} was merged into {survivor}").format(id=customer, survivor=survivor),
                hint=_("Nothing was changed."),
            )
        raise NotFound(_("there is no customer {id}").format(id=customer), hint=_("crmtui find NAME shows the ids"))
    return name
