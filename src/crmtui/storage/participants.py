"""Reading who took part in interactions."""

import json
from collections.abc import Collection

from crmtui.storage.driver import Connection


def participants_of(connection: Connection, interaction_id: int) -> list[int]:
    """The customers of an interaction, the main one first. Empty when it is gone."""
    rows = connection.execute(
        "SELECT customer_id, 0 AS place, 0 AS link FROM interactions WHERE id = ?1"
        " UNION ALL SELECT customer_id, 1, id FROM interaction_customers WHERE interaction_id = ?1 ORDER BY place, link",
        (interaction_id,),
    )
    return list(dict.fromkeys(row[0] for row in rows))


def participant_links(connection: Connection, interaction_id: int) -> list[tuple[int, int]]:
    """The rows (id, customer) that say who took part beside the main customer."""
    return connection.execute(
        "SELECT id, customer_id FROM interaction_customers WHERE interaction_id = ? ORDER BY id", (interaction_id,)
    ).fetchall()


def others_by_interaction(
    connection: Connection, interactions: Collection[int], customer_id: int
) -> dict[int, tuple[str, ...]]:
    """The names of those who took part beside this customer, by interaction; interactions without others are missing."""
    found: dict[int, dict[int, str]] = {}
    for interaction, customer, name in connection.execute(
        "WITH asked(id) AS (SELECT value FROM json_each(?)), part(interaction_id, customer_id, place) AS ("
        " SELECT i.id, i.customer_id, 0 FROM asked JOIN interactions i ON i.id = asked.id"
        " UNION ALL SELECT l.interaction_id, l.customer_id, l.id FROM asked JOIN interaction_customers l ON l.interaction_id = asked.id)"
        " SELECT part.interaction_id, part.customer_id, c.name FROM part JOIN customers c ON c.id = part.customer_id ORDER BY part.place",
        (json.dumps(list(interactions)),),
    ):
        if customer != customer_id:
            found.setdefault(interaction, {})[customer] = name
    return {interaction: tuple(names.values()) for interaction, names in found.items()}
