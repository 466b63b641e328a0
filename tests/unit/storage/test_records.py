"""Tags of many customers at once: the same as one by one, and the index settings are the usual ones afterwards."""

from collections.abc import Callable

import pytest

from crmtui.services.record import change_tags
from crmtui.services.workspace import Workspace
from crmtui.storage import derived, records
from crmtui.storage.customers import read_customers
from crmtui.storage.digest import logical_digest
from crmtui.storage.journal import operation
from crmtui.storage.schema import SEARCH_AUTOMERGE
from crmtui.storage.search_index import stale_in_index
from crmtui.storage.undo import undo

CHANGES = [
    (["vip"], []),
    (["new", "new", "vip"], ["老客户"]),
    ([], ["vip", "nobody"]),
    (["both"], ["both", "vip"]),
    (["老客户"], []),
]


@pytest.mark.parametrize(("add", "remove"), CHANGES)
def test_many_at_once_get_what_each_gets(
    workspace: Workspace,
    mass_import: Callable[..., int],
    add: list[str],
    remove: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "_PAGE", 7)
    monkeypatch.setattr(derived, "_MANY", 5)
    mass_import(workspace.database, 30)
    customers = list(range(1, 31))
    change_tags(workspace, customers[::2], add=["老客户"])
    before = logical_digest(workspace.database.writer)
    with operation(workspace.database, "customer.tag", actor="ann") as act:
        for customer in customers:
            records.set_tags(act, customer, add=add, remove=remove)
    singly = [record["tags"] for record in read_customers(workspace.database.writer, customers)]
    if act.id:
        undo(workspace.database, act.id, actor="ann")
    assert logical_digest(workspace.database.writer) == before
    saved = change_tags(workspace, [*customers, 999], add=add, remove=remove)
    assert [record["tags"] for record in read_customers(workspace.database.writer, customers)] == singly
    assert stale_in_index(workspace.database.writer, customers) == []
    settings = dict(workspace.database.writer.execute("SELECT k, v FROM search_config"))
    assert settings.get("automerge", 4) == SEARCH_AUTOMERGE
    if saved.operation_id:
        undo(workspace.database, saved.operation_id, actor="ann")
    assert logical_digest(workspace.database.writer) == before
