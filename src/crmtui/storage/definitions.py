"""Reading what people define: saved views and custom fields."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from crmtui.domain.fields import Field, custom_field
from crmtui.storage.driver import Connection

_WIDTH = 16  # cells of a list column
_WIDTHS = {"number": 10, "date": 10, "bool": 6, "choice": 12, "long": 24}


class View(NamedTuple):
    """A saved query; ``sort`` is a column of ``customers``, with ``-`` before it for descending.

    ``columns`` are those of the list as text, ``city`` or ``company:30``; none: the usual ones. The view named "" says the order and the
    columns of lists without a view.
    """

    name: str
    query: str
    sort: str | None
    columns: tuple[str, ...] = ()


def list_views(connection: Connection) -> list[View]:
    """Every saved view, by name."""
    rows = connection.execute("SELECT name, query, sort, columns FROM views WHERE name <> '' ORDER BY name")
    return [_view(row) for row in rows]


def read_view(connection: Connection, name: str) -> View | None:
    """The view with this name, "" for the one of lists without a view; None when there is none."""
    row = connection.execute("SELECT name, query, sort, columns FROM views WHERE name = ?", (name,)).fetchone()
    return _view(row) if row else None


def _view(row: tuple[str, str, str | None, str | None]) -> View:
    name, query, sort, columns = row
    return View(name, query, sort, tuple(map(str, json.loads(columns))) if columns else ())


def view_id(connection: Connection, name: str) -> int | None:
    """The row of the view with this name, or None."""
    row = connection.execute("SELECT id FROM views WHERE name = ?", (name,)).fetchone()
    return row[0] if row else None


def custom_fields(connection: Connection) -> list[Field]:
    """The custom fields of this file, in their order."""
    rows = connection.execute("SELECT key, label, type FROM field_definitions ORDER BY coalesce(position, id), id")
    found = []
    for key, label, stored in rows:
        kind, _colon, choices = stored.partition(":")
        field = custom_field(key, label, kind)._replace(width=_WIDTHS.get(kind, _WIDTH))
        found.append(field._replace(choices=tuple(map(str, json.loads(choices)))) if choices else field)
    return found


def stored_type(kind: str, choices: Sequence[str] = ()) -> str:
    """The type of a custom field as its row keeps it: the values of a choice stand behind it, so that one row is the whole field."""
    return f"{kind}:{json.dumps(list(choices), ensure_ascii=False)}" if choices else kind


def field_row(connection: Connection, key: str) -> int | None:
    """The row of the custom field with this key, or None."""
    row = connection.execute("SELECT id FROM field_definitions WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def count_values(connection: Connection, key: str) -> int:
    """How many customers have a value in a custom field. Reads every customer: a third of a second for a million."""
    path = '$."' + key.replace('"', "") + '"'
    found: int = connection.execute(
        "SELECT count(*) FROM customers WHERE custom IS NOT NULL AND json_extract(custom, ?) IS NOT NULL", (path,)
    ).fetchone()[0]
    return found
