"""Saved views: a name for a query, an order and columns, in the customer file or in views.toml.

A view of the customer file travels with it, is seen by everybody who works on it, and is undone like any other act. A view of
views.toml is text of one person: shared between customer files, kept in git. Both are listed together with their origin; where two
have the same name, the customer file's is meant, as the nearer one.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from crmtui.domain.view_text import TextView, ViewColumn, nearest_column, read_column, sort_column
from crmtui.errors import InvalidValue, NotFound
from crmtui.i18n import _
from crmtui.services.view_file import ViewFile
from crmtui.services.workspace import Workspace
from crmtui.storage.definitions import View, custom_fields, list_views, read_view, view_id
from crmtui.storage.driver import Connection
from crmtui.storage.journal import operation
from crmtui.storage.search import Order

__all__ = [
    "ListedView",
    "View",
    "ViewColumn",
    "all_views",
    "default_view",
    "delete_view",
    "list_views",
    "named_view",
    "order_of",
    "read_columns",
    "rename_view",
    "save_view",
    "text_view",
]

DEFAULT = ""
"""The name of the view that says the order and the columns of lists without a view."""


class SavedView(NamedTuple):
    """A view that was saved, and the operation that did it."""

    name: str
    operation_id: int


class ListedView(NamedTuple):
    """A view ready to use. ``file`` is the path of views.toml for a view of it, "" for one of the customer file."""

    name: str
    query: str
    order: Order
    columns: tuple[ViewColumn, ...]
    file: str


def all_views(connection: Connection, texts: ViewFile) -> list[ListedView]:
    """The views of the customer file by name, then those of views.toml in its order; without the default one."""
    own = [_listed(view) for view in list_views(connection)]
    return own + [_from_text(view, texts.path) for view in texts.views if view.name != DEFAULT]


def named_view(connection: Connection, texts: ViewFile, name: str) -> ListedView:
    """The view of this name, the customer file's before that of views.toml. Raises NotFound with the nearest name."""
    views = all_views(connection, texts)
    found = next((view for view in views if view.name == name), None) or next(
        (view for view in views if view.name.casefold() == name.casefold()), None
    )
    if found is not None:
        return found
    from difflib import get_close_matches

    near = next(iter(get_close_matches(name, [view.name for view in views], 1, 0.5)), "")
    raise NotFound(
        _("there is no view “{name}”").format(name=name),
        hint=_("Did you mean “{nearest}”?").format(nearest=near) if near else _("crmtui view list shows them"),
    )


def default_view(connection: Connection, texts: ViewFile) -> ListedView | None:
    """What lists without a view look like, if somebody said so: the customer file's word before that of views.toml."""
    own = read_view(connection, DEFAULT)
    if own is not None:
        return _listed(own)
    return next((_from_text(view, texts.path) for view in texts.views if view.name == DEFAULT), None)


def save_view(
    workspace: Workspace, name: str, query: str, order: Order, columns: Sequence[ViewColumn] = ()
) -> SavedView:
    """Save a query, an order and columns under a name in the customer file; a view of that name is replaced."""
    sort = f"{'-' if order.descending else ''}{order.column}" if order.column else None
    values: dict[str, object] = {"query": query, "sort": sort, "columns": _columns_json(columns)}
    with operation(workspace.database, "view.save", subject=name, actor=workspace.actor) as act:
        found = view_id(act.connection, name)
        if found is None:
            act.insert("views", {"name": name, **values})
        else:
            act.update("views", found, values)
    return SavedView(name, act.id)


def delete_view(workspace: Workspace, name: str) -> SavedView:
    """Remove a view of the customer file; undo brings it back."""
    with operation(workspace.database, "view.delete", subject=name, actor=workspace.actor) as act:
        found = view_id(act.connection, name)
        if found is not None:
            act.delete("views", found)
    return SavedView(name, act.id)


def rename_view(workspace: Workspace, name: str, new_name: str) -> SavedView:
    """Give a view of the customer file another name. Raises NotFound, and InvalidValue when the name is taken or empty."""
    if not new_name.strip():
        raise InvalidValue(_("a view needs a name"), field="name")
    with operation(workspace.database, "view.rename", subject=name, actor=workspace.actor) as act:
        found = view_id(act.connection, name)
        if found is None:
            raise NotFound(_("there is no view “{name}”").format(name=name))
        if view_id(act.connection, new_name) not in (None, found):
            raise InvalidValue(_("there is a view “{name}” already").format(name=new_name), field="name")
        act.update("views", found, {"name": new_name})
        act.detail = {"name": new_name}
    return SavedView(new_name, act.id)


def order_of(view: View) -> Order:
    """The order a view was saved with."""
    sort = view.sort or ""
    return Order(sort.lstrip("-"), sort.startswith("-"))


def text_view(name: str, query: str, order: Order, columns: Sequence[ViewColumn] = ()) -> TextView:
    """A view as ``view_file.save`` takes it."""
    from crmtui.domain.fields import BY_KEY

    key = next((field.key for field in BY_KEY.values() if field.sort and field.sort == order.column), order.column)
    return TextView(name, query, f"{'-' if order.descending else ''}{key}" if key else "", tuple(columns))


def read_columns(connection: Connection, text: str) -> list[ViewColumn]:
    """The columns that a person wrote: ``name,city:12,custom.industry``. Raises InvalidValue with the nearest field."""
    custom = {field.key: field for field in custom_fields(connection)}
    found: dict[str, ViewColumn] = {}
    for part in text.replace("，", ",").split(","):
        if not part.strip():
            continue
        column = read_column(part)
        if column is None:
            own = read_column(f"custom.{part.strip()}")
            column = own if own is not None and own.key.removeprefix("custom.") in custom else None
        if column is None:
            near = nearest_column(part)
            raise InvalidValue(
                _("there is no field “{name}”").format(name=part.strip()),
                field=part.strip(),
                hint=_("Did you mean “{nearest}”?").format(nearest=near) if near else None,
            )
        found.setdefault(column.key, column)
    return list(found.values())


def _listed(view: View) -> ListedView:
    columns = [column for text in view.columns if (column := read_column(text)) is not None]
    return ListedView(view.name, view.query, order_of(view), tuple(columns), "")


def _from_text(view: TextView, path: str) -> ListedView:
    column, descending = sort_column(view.sort) or ("", False)
    return ListedView(view.name, view.query, Order(column, descending), view.columns, path)


def _columns_json(columns: Sequence[ViewColumn]) -> str | None:
    return json.dumps([str(column) for column in columns], ensure_ascii=False) if columns else None
