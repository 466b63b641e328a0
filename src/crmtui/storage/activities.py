"""Reading what happened with a customer: the timeline, transactions, deals, tasks, and the figures of the card."""

from collections.abc import Sequence

from crmtui.domain.models import Deal, Interaction, Task, TimelineEntry, Transaction
from crmtui.light_typing import NamedTuple
from crmtui.storage.driver import Connection

_INTERACTION = "id, customer_id, kind, at, utc_offset, minutes, direction, subject, body, outcome, actor"
_TRANSACTION = "id, customer_id, kind, at, number, amount, currency, status, items, note"
_DEAL = (
    "id, customer_id, title, stage, amount, currency, probability, expected_close, owner, created_at, closed_at, note"
)
_TASK = "id, customer_id, text, due_at, done_at, snoozed_until, owner, created_at"

# The interactions of a customer are those noted for them and those of others in which they took part.
_THEIRS = "(SELECT id FROM interactions WHERE customer_id = ?1 UNION SELECT interaction_id FROM interaction_customers WHERE customer_id = ?1)"
_TIMELINE = f"""
    SELECT 'interactions' AS source, id, kind, at, coalesce(nullif(subject, ''), body, '') AS text, minutes,
           NULL AS amount, NULL AS currency, outcome AS detail FROM interactions WHERE id IN {_THEIRS}
    UNION ALL
    SELECT 'transactions', id, kind, at, coalesce(number, ''), NULL, amount, currency, status FROM transactions WHERE customer_id = ?1
    UNION ALL
    SELECT 'tasks', id, 'task', done_at, text, NULL, NULL, NULL, NULL FROM tasks WHERE customer_id = ?1 AND done_at IS NOT NULL
"""


class Totals(NamedTuple):
    """Money of one currency: orders less refunds, how many orders, and what was ordered but not paid, in minor units."""

    currency: str
    ordered: int
    orders: int
    balance: int


class CardFigures(NamedTuple):
    """The numbers in the head of a customer's card. Moments are UTC text; money is in minor units by currency."""

    totals: list[Totals]
    last_order: Transaction | None
    open_deals: int
    open_deal_amounts: list[tuple[str, int]]
    next_task: Task | None
    open_tasks: int
    interactions: int
    transactions: int
    rhythm_days: int | None


def timeline_count(connection: Connection, customer_id: int) -> int:
    """How many lines the timeline has."""
    return int(connection.execute(f"SELECT count(*) FROM ({_TIMELINE})", (customer_id,)).fetchone()[0])


def timeline(connection: Connection, customer_id: int, *, limit: int = 200, offset: int = 0) -> list[TimelineEntry]:
    """The lines of the timeline, newest first."""
    rows = connection.execute(
        f"SELECT * FROM ({_TIMELINE}) ORDER BY at DESC, id DESC LIMIT {limit:d} OFFSET {offset:d}", (customer_id,)
    )
    return [TimelineEntry._make(row) for row in rows]


def read_interaction(connection: Connection, interaction_id: int) -> Interaction | None:
    """One interaction, or None."""
    row = connection.execute(f"SELECT {_INTERACTION} FROM interactions WHERE id = ?", (interaction_id,)).fetchone()
    return Interaction._make(row) if row else None


def interactions(connection: Connection, customer_id: int, limit: int = 20) -> list[Interaction]:
    """The newest interactions of a customer."""
    rows = connection.execute(
        f"SELECT {_INTERACTION} FROM interactions WHERE id IN {_THEIRS} ORDER BY at DESC, id DESC LIMIT ?2",
        (customer_id, limit),
    )
    return [Interaction._make(row) for row in rows]


def transactions(connection: Connection, customer_id: int) -> list[Transaction]:
    """The transactions of a customer, newest first."""
    rows = connection.execute(
        f"SELECT {_TRANSACTION} FROM transactions WHERE customer_id = ? ORDER BY at DESC, id DESC", (customer_id,)
    )
    return [Transaction._make(row) for row in rows]


def deals(connection: Connection, customer_id: int) -> list[Deal]:
    """The deals of a customer, open ones first, newest first."""
    rows = connection.execute(
        f"SELECT {_DEAL} FROM deals WHERE customer_id = ? ORDER BY closed_at IS NOT NULL, created_at DESC, id DESC",
        (customer_id,),
    )
    return [Deal._make(row) for row in rows]


def tasks(connection: Connection, customer_id: int) -> list[Task]:
    """The tasks of a customer: open ones by due date, then done ones, newest first."""
    rows = connection.execute(
        f"SELECT {_TASK} FROM tasks WHERE customer_id = ? ORDER BY done_at IS NOT NULL, done_at DESC, due_at IS NULL, due_at, id",
        (customer_id,),
    )
    return [Task._make(row) for row in rows]


def open_tasks(connection: Connection, before: str, limit: int = 500) -> list[Task]:
    """Open tasks of all customers that are due before a moment, the most overdue first."""
    rows = connection.execute(
        f"SELECT {_TASK} FROM tasks WHERE done_at IS NULL AND due_at < ? ORDER BY due_at, id LIMIT ?", (before, limit)
    )
    return [Task._make(row) for row in rows]


def card_figures(connection: Connection, customer_id: int) -> CardFigures:
    """Everything the head of the card says in numbers, in a handful of indexed reads."""
    totals = [
        Totals(currency or "", ordered, orders, ordered - paid)
        for currency, ordered, orders, paid in connection.execute(
            "SELECT currency, sum(CASE kind WHEN 'order' THEN amount WHEN 'refund' THEN -amount ELSE 0 END),"
            " sum(kind = 'order'),"
            " sum(CASE WHEN kind = 'payment' THEN amount WHEN kind = 'order' AND status = 'paid' THEN amount"
            " WHEN kind = 'refund' THEN -amount ELSE 0 END)"
            " FROM transactions WHERE customer_id = ? AND amount IS NOT NULL GROUP BY currency ORDER BY 2 DESC",
            (customer_id,),
        )
    ]
    last_order = connection.execute(
        f"SELECT {_TRANSACTION} FROM transactions WHERE customer_id = ? AND kind = 'order' ORDER BY at DESC LIMIT 1",
        (customer_id,),
    ).fetchone()
    deal_amounts: Sequence[tuple[str, int, int]] = connection.execute(
        "SELECT coalesce(currency, ''), coalesce(sum(amount), 0), count(*) FROM deals"
        " WHERE customer_id = ? AND closed_at IS NULL GROUP BY currency ORDER BY 2 DESC",
        (customer_id,),
    ).fetchall()
    next_task = connection.execute(
        f"SELECT {_TASK} FROM tasks WHERE customer_id = ? AND done_at IS NULL ORDER BY due_at IS NULL, due_at, id LIMIT 1",
        (customer_id,),
    ).fetchone()

    usual = connection.execute("SELECT usual_gap_days FROM customers WHERE id = ?", (customer_id,)).fetchone()

    def number(sql: str) -> int:
        return int(connection.execute(sql, (customer_id,)).fetchone()[0])

    return CardFigures(
        totals,
        Transaction._make(last_order) if last_order else None,
        sum(row[2] for row in deal_amounts),
        [(row[0], row[1]) for row in deal_amounts],
        Task._make(next_task) if next_task else None,
        number("SELECT count(*) FROM tasks WHERE customer_id = ? AND done_at IS NULL"),
        number("SELECT count(*) FROM interactions WHERE customer_id = ?"),
        number("SELECT count(*) FROM transactions WHERE customer_id = ?"),
        usual[0] if usual else None,
    )
