"""Schema 3: each customer's own rhythm, and indexes for the day: tasks by when they come up, silence, birthdays."""

from itertools import islice
from typing import TYPE_CHECKING

from crmtui.domain.rhythm import rhythm_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

_PAGE = 10_000

_INDEXES = (
    "CREATE INDEX customers_by_quiet ON customers(quiet_from, id) WHERE quiet_from IS NOT NULL"
    " AND archived_at IS NULL AND do_not_contact IS NOT 1 AND stage IS NOT 'lost'",
    "CREATE INDEX customers_by_owner_quiet ON customers(owner, quiet_from, id) WHERE quiet_from IS NOT NULL"
    " AND archived_at IS NULL AND do_not_contact IS NOT 1 AND stage IS NOT 'lost'",
    # The last five characters of 1980-05-03 and of --05-03 alike; a year and month alone (1980-05) are no day.
    "CREATE INDEX customers_by_birthday ON customers(substr(birthday, -5), owner) WHERE birthday IS NOT NULL"
    " AND (length(birthday) = 10 OR substr(birthday, 1, 2) = '--') AND archived_at IS NULL AND do_not_contact IS NOT 1",
    "CREATE INDEX tasks_by_time ON tasks(coalesce(snoozed_until, due_at)) WHERE done_at IS NULL",
    "CREATE INDEX tasks_by_owner ON tasks(owner, coalesce(snoozed_until, due_at)) WHERE done_at IS NULL",
)


def apply(database: "Database") -> None:
    """Add the columns of the rhythm with their values, and the indexes.

    The values are worked out in Python, by the rule itself: 10 seconds for 5 million interactions, where window functions
    take 14 (they sort twice).
    """
    database.execute("ALTER TABLE customers ADD COLUMN usual_gap_days INTEGER")
    database.execute("ALTER TABLE customers ADD COLUMN quiet_from TEXT")
    values = _values(database)
    while page := list(islice(values, _PAGE)):
        database.conn.executemany(
            "UPDATE customers SET last_interaction_at = ?, usual_gap_days = ?, quiet_from = ? WHERE id = ?", page
        )
    for statement in _INDEXES:
        database.execute(statement)


def _values(database: "Database") -> "Iterator[tuple[str, int | None, str | None, int]]":
    """Last contact, usual gap, day from which silence is unusual, and id, of the customers for whom there is something to write."""
    shared: dict[int, list[str]] = {}
    for customer, at in database.execute(
        "SELECT c.customer_id, i.at FROM interaction_customers c JOIN interactions i ON i.id = c.interaction_id"
    ):
        shared.setdefault(customer, []).append(at)
    own = database.execute(
        "SELECT customer_id, (SELECT last_interaction_at FROM customers WHERE id = customer_id), group_concat(at)"
        " FROM interactions GROUP BY customer_id HAVING count(*) > 2"  # in the order of an index: nothing is sorted
    )
    for customer, last, moments in own:
        if customer in shared:
            continue
        rhythm = rhythm_of(moments.split(","), last)
        if rhythm.quiet_from is not None:
            yield last, *rhythm, customer
    for customer, others in shared.items():
        row = database.execute(
            "SELECT imported_contact_at, group_concat(at) FROM customers LEFT JOIN interactions ON customer_id = customers.id"
            " WHERE customers.id = ?",
            (customer,),
        ).fetchone()
        moments = [*others, *(row[1].split(",") if row[1] else ())]
        last = max([*moments, row[0] or ""])
        yield last, *rhythm_of(moments, last), customer
