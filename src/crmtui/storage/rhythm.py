"""When customers were spoken with, read for their last contact and their rhythm."""

from collections.abc import Sequence

from crmtui.storage.driver import Connection


def read_contacts(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    """The moments (UTC text) of all interactions of these customers (a few hundred at most), those they took part in included.

    Customers without any are missing.
    """
    marks = ",".join("?" * len(ids))
    found: dict[int, list[str]] = {}
    for customer, at in connection.execute(
        f"SELECT customer_id, at FROM interactions WHERE customer_id IN ({marks})", tuple(ids)
    ):
        found.setdefault(customer, []).append(at)
    for customer, at in connection.execute(
        "SELECT c.customer_id, i.at FROM interaction_customers c JOIN interactions i ON i.id = c.interaction_id"
        f" WHERE c.customer_id IN ({marks})",
        tuple(ids),
    ):
        found.setdefault(customer, []).append(at)
    return found
