"""Reading how customers are related, from either side."""

from typing import NamedTuple

from crmtui.domain.relations import inverse_of
from crmtui.storage.driver import Connection


class RelatedCustomer(NamedTuple):
    """A customer that another one is related to; ``kind`` as seen from that one's side (see ``domain.relations``)."""

    relation_id: int
    customer_id: int
    name: str
    kind: str
    note: str | None


def related(connection: Connection, customer_id: int) -> list[RelatedCustomer]:
    """Everybody a customer is related to, oldest relation first."""
    rows = connection.execute(
        "SELECT r.id, c.id, c.name, r.kind, r.note, r.from_id FROM relations r"
        " JOIN customers c ON c.id = CASE r.from_id WHEN ?1 THEN r.to_id ELSE r.from_id END"
        " WHERE r.id IN (SELECT id FROM relations WHERE from_id = ?1 UNION SELECT id FROM relations WHERE to_id = ?1) ORDER BY r.id",
        (customer_id,),
    )
    return [
        RelatedCustomer(relation, other, name, kind if origin == customer_id else inverse_of(kind), note)
        for relation, other, name, kind, note, origin in rows
    ]
