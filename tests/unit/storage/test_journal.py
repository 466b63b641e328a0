"""Operations: all or nothing, each change written down, ids never given twice, the chain over all of it."""

import pytest

from crmtui.errors import StorageError
from crmtui.services.record import add_customer, change_tags, edit_customer
from crmtui.services.workspace import Workspace
from crmtui.storage import history, undo
from crmtui.storage.customers import read_version
from crmtui.storage.database import Database
from crmtui.storage.digest import logical_digest
from crmtui.storage.journal import operation


def test_an_operation_that_fails_leaves_nothing(database: Database) -> None:
    before = logical_digest(database.writer)
    with pytest.raises(RuntimeError), operation(database, "test", actor="a") as act:
        act.insert("tags", {"name": "x"})
        raise RuntimeError
    assert logical_digest(database.writer) == before
    assert history.operations(database.writer) == []
    assert not database.writer.in_transaction


def test_a_constraint_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(StorageError), operation(database, "test", actor="a") as act:
        act.insert("tags", {"name": "x"})
        act.insert("tags", {"name": "x"})
    assert history.operations(database.writer) == []


def test_an_operation_without_a_change_leaves_no_trace(database: Database) -> None:
    with operation(database, "test", actor="a") as act:
        pass
    assert act.id == 0
    assert history.operations(database.writer) == []


def test_ids_are_never_given_twice(database: Database) -> None:
    given = []
    for _round in range(3):
        with operation(database, "test", actor="a") as act:
            given.append(act.insert("tags", {"name": "x"}))
        operation_id = act.id
        undo.undo(database, operation_id, actor="a")
    assert given == [1, 2, 3]
    ids = [record.id for record in history.operations(database.writer)]
    assert ids == [6, 5, 4, 3, 2, 1]


def test_changing_a_row_to_what_it_is_changes_nothing(workspace: Workspace) -> None:
    customer = add_customer(workspace, {"name": "Ana", "notes": "x"}).customers[0]
    version = read_version(workspace.database.writer, customer)
    assert edit_customer(workspace, customer, {"notes": "x"}).operation_id == 0
    assert read_version(workspace.database.writer, customer) == version


def test_a_missing_row_can_be_neither_changed_nor_removed(database: Database) -> None:
    with operation(database, "test", actor="a") as act:
        with pytest.raises(KeyError):
            act.update("tags", 99, {"name": "x"})
        with pytest.raises(KeyError):
            act.delete("tags", 99)


def test_the_journal_cannot_be_rewritten(database: Database) -> None:
    with operation(database, "test", actor="a") as act:
        act.insert("tags", {"name": "x"})
    with pytest.raises(Exception, match="append only"):
        database.writer.execute("UPDATE changes SET after = '{}'")


def filled(workspace: Workspace) -> int:
    customer = add_customer(workspace, {"name": "张伟", "phones": "13800001111"}).customers[0]
    edit_customer(workspace, customer, {"notes": "one"})
    change_tags(workspace, [customer], add=["vip"])
    return customer


def test_the_chain_of_an_untouched_file_holds(workspace: Workspace) -> None:
    filled(workspace)
    assert history.verify_chain(workspace.database.writer) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE operations SET actor = 'eve' WHERE id = 2",
        "UPDATE operations SET subject = 'x' WHERE id = 1",
        "UPDATE operations SET at = '2020-01-01T00:00:00Z' WHERE id = 3",
        "UPDATE operations SET detail = '{}' WHERE id = 2",
        "DELETE FROM operations WHERE id = 2",
        "DELETE FROM changes WHERE id = 2",
        "INSERT INTO changes(operation_id, table_name, row_id, after) VALUES (2, 'customers', 1, '{}')",
        "INSERT INTO inserted_ranges(operation_id, table_name, first_id, last_id) VALUES (2, 'customers', 1, 9)",
        "UPDATE operations SET chain = 9 - chain",
    ],
)
def test_tampering_with_the_journal_is_found(workspace: Workspace, tampering: str) -> None:
    filled(workspace)
    connection = workspace.database.writer
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(tampering)
    assert history.verify_chain(connection)


def test_history_tells_who_did_what_newest_first(workspace: Workspace) -> None:
    customer = filled(workspace)
    records = history.operations(workspace.database.writer)
    assert [record.kind for record in records] == ["customer.tag", "customer.edit", "customer.add"]
    assert {record.actor for record in records} == {"ann"}
    assert [record.id for record in history.operations(workspace.database.writer, before=3, limit=1)] == [2]
    assert history.read_operation(workspace.database.writer, 99) is None
    changes = history.customer_changes(workspace.database.writer, customer)
    noted = [(change.before, change.after) for change in changes if change.column == "notes"]
    assert noted == [(None, "one")]
    assert {change.table for change in changes} == {"customers", "contact_points", "customer_tags"}


def test_the_history_of_a_customer_tells_of_rows_that_are_gone(workspace: Workspace) -> None:
    customer = filled(workspace)
    edit_customer(workspace, customer, {"phones": ""})
    changes = history.customer_changes(workspace.database.writer, customer)
    removed = [change for change in changes if change.table == "contact_points" and change.after is None]
    assert any(change.column == "value" and change.before == "13800001111" for change in removed)


def test_an_imported_customer_names_its_import(database: Database, mass_import: "object") -> None:
    operation_id = mass_import(database, 5)  # type: ignore[operator]
    born = history.customer_changes(database.writer, 3)[-1]
    assert (born.operation.id, born.operation.kind, born.column) == (operation_id, "import", "")
