"""Reading what people define: saved views and custom fields."""

from typing import NamedTuple

from crmtui.domain.fields import Field, custom_field
from crmtui.storage.driver import Connection


class View(NamedTuple):
    """A saved query; ``sort`` is a column of ``customers``, with ``-`` before it for descending."""

    name: str
    query: str
    sort: str | None


def list_views(connection: Connection) -> list[View]:
    """Every saved view, by name."""
    return [View._make(row) for row in connection.execute("SELECT name, query, sort FROM views ORDER BY name")]


def view_id(connection: Connection, name: str) -> int | None:
    """The row of the view with this name, or None."""
    row = connection.execute("SELECT id FROM views WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def custom_fields(connection: Connection) -> list[Field]:
    """The custom fields of this file, in their order."""
    rows = connection.execute("SELECT key, label, type FROM field_definitions ORDER BY coalesce(position, id), id")
    return [custom_field(key, label, kind) for key, label, kind in rows]
