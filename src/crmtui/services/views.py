"""Saved views: a name for a query and an order."""

from typing import NamedTuple

from crmtui.services.workspace import Workspace
from crmtui.storage.definitions import View, list_views, view_id
from crmtui.storage.journal import operation
from crmtui.storage.search import Order

__all__ = ["View", "delete_view", "list_views", "order_of", "save_view"]


class SavedView(NamedTuple):
    """A view that was saved, and the operation that did it."""

    name: str
    operation_id: int


def save_view(workspace: Workspace, name: str, query: str, order: Order) -> SavedView:
    """Save a query and an order under a name; a view of that name is replaced."""
    sort = f"{'-' if order.descending else ''}{order.column}" if order.column else None
    with operation(workspace.database, "view.save", subject=name, actor=workspace.actor) as act:
        found = view_id(act.connection, name)
        if found is None:
            act.insert("views", {"name": name, "query": query, "sort": sort})
        else:
            act.update("views", found, {"query": query, "sort": sort})
    return SavedView(name, act.id)


def delete_view(workspace: Workspace, name: str) -> SavedView:
    """Remove a view; undo brings it back."""
    with operation(workspace.database, "view.delete", subject=name, actor=workspace.actor) as act:
        found = view_id(act.connection, name)
        if found is not None:
            act.delete("views", found)
    return SavedView(name, act.id)


def order_of(view: View) -> Order:
    """The order a view was saved with."""
    sort = view.sort or ""
    return Order(sort.lstrip("-"), sort.startswith("-"))
