"""The logical digest: equal for equal data, different for any different value."""

from crmtui.services.record import add_customer, edit_customer
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.digest import logical_digest
from crmtui.storage.driver import connect


def test_equal_data_has_one_digest_whatever_the_file(workspace: Workspace) -> None:
    empty = logical_digest(workspace.database.writer)
    add_customer(workspace, {"name": "张伟", "created_at": "2026-01-01"})
    filled = logical_digest(workspace.database.writer)
    other = workspace.database.path + ".other"
    with open_workspace(other, actor="bob", create=True) as second:
        assert logical_digest(second.database.writer) == empty
        add_customer(second, {"name": "张伟", "created_at": "2026-01-01"})
        second.database.writer.execute("VACUUM")
        assert logical_digest(second.database.writer) == filled != empty


def test_any_value_counts_but_not_when_and_how_often_it_was_written(workspace: Workspace) -> None:
    connection = workspace.database.writer
    customer = add_customer(workspace, {"name": "Ana"}).customers[0]
    before = logical_digest(connection)
    edit_customer(workspace, customer, {"notes": "x"})
    assert logical_digest(connection) != before
    edit_customer(workspace, customer, {"notes": ""})
    assert logical_digest(connection) == before
    connection.execute("UPDATE customers SET sort_name = 'zz'")
    assert logical_digest(connection) != before


def test_null_and_empty_text_and_the_word_differ(workspace: Workspace) -> None:
    connection = workspace.database.writer
    add_customer(workspace, {"name": "Ana"})
    seen = set()
    for value in (None, "", "None", "0", b"0"):
        connection.execute("UPDATE customers SET notes = ?", (value,))
        seen.add(logical_digest(connection))
    assert len(seen) == 5


def test_a_file_of_another_schema_has_a_digest_too() -> None:
    connection = connect(":memory:", uri=False)
    nothing = logical_digest(connection)
    connection.execute("CREATE TABLE customers(id INTEGER PRIMARY KEY, old)")
    assert logical_digest(connection) == nothing
    connection.execute("INSERT INTO customers VALUES (1, 2)")
    assert logical_digest(connection) != nothing
    connection.close()
