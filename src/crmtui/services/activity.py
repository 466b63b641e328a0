"""Writing what happens with customers: interactions, tasks, transactions, deals. Each function is one undoable operation."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from crmtui.domain.due import local_due
from crmtui.domain.fields import INTERACTION_KINDS, TRANSACTION_KINDS
from crmtui.errors import InvalidValue, NotFound
from crmtui.i18n import _
from crmtui.services.record import Saved
from crmtui.services.workspace import Workspace
from crmtui.storage.customers import names_of
from crmtui.storage.journal import Operation, operation
from crmtui.storage.rows import read_row

if TYPE_CHECKING:
    from crmtui.services.many import Progress


def log_interaction(
    workspace: Workspace,
    customers: Sequence[int],
    *,
    kind: str = "call",
    text: str = "",
    subject: str = "",
    minutes: int | None = None,
    direction: str | None = None,
    outcome: str | None = None,
    at: str | None = None,
) -> Saved:
    """Note a call, e-mail, meeting, visit, message or note with one customer or several (the first is the main one).

    ``at`` is UTC text, now when left out; the zone of this machine is kept beside it.
    """
    if kind not in INTERACTION_KINDS:
        raise InvalidValue(
            _("{value} is no kind of interaction").format(value=kind), field="kind", hint=", ".join(INTERACTION_KINDS)
        )
    names = customer_names(workspace, customers)
    with operation(workspace.database, "interaction.log", subject=names[0], actor=workspace.actor) as act:
        insert_interaction(
            act,
            customers,
            {
                "kind": kind,
                "at": at,
                "minutes": minutes,
                "direction": direction,
                "subject": subject,
                "body": text,
                "outcome": outcome,
            },
        )
    return Saved(act.id, tuple(customers))


def insert_interaction(act: Operation, customers: Sequence[int], values: Mapping[str, object]) -> int:
    """Put an interaction with these customers (the main one first) into an operation; returns its id.

    ``values`` by column; what is empty is left out, ``at`` is then the time of the operation.
    """
    interaction = act.insert(
        "interactions",
        {
            "customer_id": customers[0],
            "at": act.at,
            "utc_offset": _utc_offset(),
            "actor": act.actor,
            **{column: value for column, value in values.items() if value not in (None, "")},
        },
    )
    for other in dict.fromkeys(each for each in customers if each != customers[0]):
        act.insert("interaction_customers", {"customer_id": other, "interaction_id": interaction})
    return interaction


def insert_task(act: Operation, customer: int | None, text: str, due_at: str | None, owner: str | None = None) -> int:
    """Put a task into an operation; returns its id."""
    return act.insert(
        "tasks",
        {
            "customer_id": customer,
            "text": text.strip(),
            "due_at": due_at,
            "owner": owner or act.actor,
            "created_at": act.at,
        },
    )


def add_task(
    workspace: Workspace,
    customers: Sequence[int],
    text: str,
    *,
    due_at: str | None = None,
    owner: str | None = None,
    progress: "Progress | None" = None,
) -> Saved:
    """Set a task for each of these customers. ``due_at`` is UTC text or a day (``2026-11-27``)."""
    if not text.strip():
        raise InvalidValue(_("a task needs a text"), field="text")
    names = customer_names(workspace, customers)

    def change(act: Operation, part: Sequence[int]) -> None:
        for customer in part:
            insert_task(act, customer, text, due_at, owner)

    from crmtui.services.many import change_many

    subject = names[0] if len(names) == 1 else ""
    return Saved(change_many(workspace, "task.add", subject, customers, change, progress), tuple(customers))


def finish_task(workspace: Workspace, task_id: int, *, done: bool = True) -> Saved:
    """Mark a task as done, or as open again."""
    row = _task(workspace, task_id)
    with operation(
        workspace.database, "task.done" if done else "task.reopen", subject=str(row["text"]), actor=workspace.actor
    ) as act:
        act.update("tasks", task_id, {"done_at": act.at if done else None})
    return Saved(act.id, _customers_of(row))


def reschedule_task(workspace: Workspace, task_id: int, due_at: str | None) -> Saved:
    """Give a task another due time: UTC text, a day, or None for none. A snooze ends with it."""
    row = _task(workspace, task_id)
    with operation(workspace.database, "task.reschedule", subject=str(row["text"]), actor=workspace.actor) as act:
        act.update("tasks", task_id, {"due_at": _checked_due(due_at), "snoozed_until": None})
    return Saved(act.id, _customers_of(row))


def snooze_task(workspace: Workspace, task_id: int, until: str | None) -> Saved:
    """Let a task come up again at ``until`` (UTC text or a day), whenever it is due; None ends the snooze.

    Nothing has to wake it: lists order tasks by the end of their snooze.
    """
    row = _task(workspace, task_id)
    kind = "task.snooze" if until else "task.wake"
    with operation(workspace.database, kind, subject=str(row["text"]), actor=workspace.actor) as act:
        act.update("tasks", task_id, {"snoozed_until": _checked_due(until)})
    return Saved(act.id, _customers_of(row))


def add_transaction(
    workspace: Workspace,
    customer: int,
    *,
    kind: str = "order",
    amount: int | None = None,
    currency: str | None = None,
    number: str | None = None,
    status: str | None = None,
    at: str | None = None,
    note: str | None = None,
) -> Saved:
    """Record an order, payment or refund; ``amount`` in minor units of ``currency``."""
    if kind not in TRANSACTION_KINDS:
        raise InvalidValue(
            _("{value} is no kind of transaction").format(value=kind), field="kind", hint=", ".join(TRANSACTION_KINDS)
        )
    names = customer_names(workspace, [customer])
    with operation(workspace.database, f"transaction.{kind}", subject=names[0], actor=workspace.actor) as act:
        act.insert(
            "transactions",
            {
                "customer_id": customer,
                "kind": kind,
                "at": at or act.at,
                "number": number,
                "amount": amount,
                "currency": currency or (workspace.currency if amount is not None else None),
                "status": status,
                "note": note,
            },
        )
    return Saved(act.id, (customer,))


def add_deal(
    workspace: Workspace,
    customer: int,
    title: str,
    *,
    stage: str = "new",
    amount: int | None = None,
    currency: str | None = None,
    expected_close: str | None = None,
) -> Saved:
    """Open a deal; ``amount`` in minor units of ``currency``."""
    if not title.strip():
        raise InvalidValue(_("a deal needs a title"), field="title")
    names = customer_names(workspace, [customer])
    with operation(workspace.database, "deal.add", subject=names[0], actor=workspace.actor) as act:
        deal = act.insert(
            "deals",
            {
                "customer_id": customer,
                "title": title.strip(),
                "stage": stage,
                "amount": amount,
                "currency": currency or (workspace.currency if amount is not None else None),
                "expected_close": expected_close,
                "owner": workspace.actor,
                "created_at": act.at,
            },
        )
        act.insert("deal_stage_changes", {"deal_id": deal, "stage": stage, "at": act.at})
    return Saved(act.id, (customer,))


def customer_names(workspace: Workspace, customers: Sequence[int]) -> list[str]:
    """The names of these customers, in order. Raises NotFound when one of them is gone."""
    found = names_of(workspace.database.writer, customers)
    for customer in customers:
        if customer not in found:
            raise NotFound(_("there is no customer {id} (any more)").format(id=customer))
    return [found[customer] for customer in customers]


def _task(workspace: Workspace, task_id: int) -> dict[str, object]:
    row = read_row(workspace.database.writer, "tasks", task_id)
    if row is None:
        raise NotFound(_("there is no task {id} (any more)").format(id=task_id))
    return row


def _checked_due(due: str | None) -> str | None:
    if due and local_due(due) is None:
        raise InvalidValue(_("“{text}” is no due time").format(text=due), field="due_at")
    return due or None


def _customers_of(row: dict[str, object]) -> tuple[int, ...]:
    customer = row["customer_id"]
    return (customer,) if isinstance(customer, int) else ()


def _utc_offset() -> int:
    offset = datetime.now().astimezone().utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0
