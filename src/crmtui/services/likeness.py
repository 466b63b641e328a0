"""Whether a customer that is being typed looks like one that is there already."""

from typing import NamedTuple

from crmtui.domain.intake import Intake
from crmtui.domain.names import sort_key
from crmtui.i18n import N_
from crmtui.storage.driver import Connection
from crmtui.storage.likeness import with_points, with_sort_name

REASONS = {"phone": N_("same phone"), "email": N_("same e-mail"), "name": N_("same name")}


class Likeness(NamedTuple):
    """A customer that is there already; ``reason`` is a key of ``REASONS``: what the two have in common."""

    customer_id: int
    reason: str


def look_alikes(connection: Connection, intake: Intake, *, limit: int = 3) -> list[Likeness]:
    """Customers that share a phone, an e-mail or the whole name with ``intake`` (of ``new_customer``), the surest first.

    Archived customers are left out. A few index look-ups, whatever the size of the file.
    """
    points = [(point.kind, point.normalised) for point in intake.points if point.kind in REASONS and point.normalised]
    found = {shared.customer_id: shared.kind for shared in with_points(connection, points, limit)}
    columns = intake.columns
    name = str(columns.get("name") or "")
    if name and len(found) < limit:
        key = sort_key(
            name,
            str(columns.get("family_name") or ""),
            str(columns.get("given_name") or ""),
            person=columns.get("kind") != "company",
        )
        for customer in with_sort_name(connection, key, limit):
            found.setdefault(customer, "name")
    return [Likeness(customer, reason) for customer, reason in found.items()][:limit]
