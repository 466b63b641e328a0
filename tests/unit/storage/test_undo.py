"""Undo and redo of single operations: back to what was, never over a later change."""

import pytest

from crmtui.errors import NotFound, UsageError
from crmtui.services import activity, record
from crmtui.services.workspace import Workspace
from crmtui.storage import undo
from crmtui.storage.customers import read_customer
from crmtui.storage.database import Database
from crmtui.storage.digest import logical_digest
from crmtui.storage.history import verify_chain
from crmtui.storage.journal import operation


def test_every_kind_of_operation_goes_back_and_forth(workspace: Workspace) -> None:
    database = workspace.database
    first = record.add_customer(workspace, {"name": "恒达公司", "kind": "company"}).customers[0]
    person = record.add_customer(workspace, {"name": "张伟", "company": "恒达公司", "phones": "13800001111"}).customers[
        0
    ]
    task = activity.add_task(workspace, [person], "call").operation_id
    acts = [
        lambda: record.edit_customer(workspace, person, {"phones": "13900001111", "city": "上海", "tags": "a,b"}),
        lambda: record.edit_many(workspace, [first, person], {"stage": "lead", "custom.x": "1"}),
        lambda: record.change_tags(workspace, [first, person], add=["vip"]),
        lambda: activity.log_interaction(workspace, [person, first], text="hello", minutes=5),
        lambda: activity.finish_task(workspace, 1),
        lambda: activity.add_transaction(workspace, person, amount=100, number="N1"),
        lambda: activity.add_deal(workspace, person, "more"),
        lambda: record.archive(workspace, [person]),
        lambda: record.delete(workspace, [first]),
        lambda: record.delete(workspace, [person]),
    ]
    assert task
    for act in acts:
        before = logical_digest(database.writer)
        operation_id = act().operation_id
        after = logical_digest(database.writer)
        assert after != before
        back = undo.undo(database, operation_id, actor="ann")
        assert (back.kept, back.failed) == ([], [])
        assert logical_digest(database.writer) == before
        forth = undo.redo(database, back.operation_id, actor="ann")
        assert (forth.kept, forth.failed) == ([], [])
        assert logical_digest(database.writer) == after
    assert verify_chain(database.writer) == []


def test_a_value_changed_since_is_kept_and_the_rest_goes_back(workspace: Workspace) -> None:
    customers = [record.add_customer(workspace, {"name": name}).customers[0] for name in ("a", "b")]
    bulk = record.edit_many(workspace, customers, {"stage": "lead"}).operation_id
    record.edit_customer(workspace, customers[0], {"stage": "customer"})
    done = undo.undo(workspace.database, bulk, actor="ann")
    assert done.reversed == 1
    assert [(problem.table, problem.row_id) for problem in done.kept] == [("customers", customers[0])]
    stages = [(read_customer(workspace.database.writer, customer) or {}).get("stage") for customer in customers]
    assert stages == ["customer", None]


def test_another_field_changed_since_does_not_keep_this_one(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "a"}).customers[0]
    edit = record.edit_customer(workspace, customer, {"stage": "lead"}).operation_id
    record.edit_customer(workspace, customer, {"notes": "later"})
    assert undo.undo(workspace.database, edit, actor="ann").reversed == 1
    found = read_customer(workspace.database.writer, customer)
    assert found and (found["stage"], found["notes"]) == (None, "later")


def test_a_customer_with_later_records_is_kept(workspace: Workspace) -> None:
    added = record.add_customer(workspace, {"name": "a", "phones": "13800001111"})
    activity.log_interaction(workspace, added.customers, text="later")
    done = undo.undo(workspace.database, added.operation_id, actor="ann")
    assert done.reversed == 0
    assert {problem.table for problem in done.kept} == {"customers", "contact_points"}


def test_a_company_that_people_belong_to_is_kept(workspace: Workspace) -> None:
    company = record.add_customer(workspace, {"name": "Acme", "kind": "company", "emails": "a@example.com"})
    record.add_customer(workspace, {"name": "Ana", "company": "Acme"})
    done = undo.undo(workspace.database, company.operation_id, actor="ann")
    assert (done.reversed, done.failed) == (0, [])
    assert {problem.table for problem in done.kept} == {"customers", "contact_points"}


def test_a_tag_that_others_use_by_now_is_kept(workspace: Workspace) -> None:
    first, second = (record.add_customer(workspace, {"name": name}).customers[0] for name in "ab")
    tagging = record.change_tags(workspace, [first], add=["vip"]).operation_id
    record.change_tags(workspace, [second], add=["vip"])
    done = undo.undo(workspace.database, tagging, actor="ann")
    assert (done.reversed, done.failed) == (1, [])
    assert [problem.table for problem in done.kept] == ["tags"]
    found = [read_customer(workspace.database.writer, customer) for customer in (first, second)]
    assert [entry and entry["tags"] for entry in found] == [[], ["vip"]]


def test_a_row_gone_since_is_kept(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "a"}).customers[0]
    edit = record.edit_customer(workspace, customer, {"stage": "lead"}).operation_id
    record.delete(workspace, [customer])
    assert len(undo.undo(workspace.database, edit, actor="ann").kept) == 1


def test_a_place_taken_since_fails_with_a_reason(workspace: Workspace) -> None:
    first, second = (record.add_customer(workspace, {"name": name}).customers[0] for name in "ab")
    record.edit_customer(workspace, first, {"external_ids": "crm:1"})
    removal = record.delete(workspace, [first]).operation_id
    record.edit_customer(workspace, second, {"external_ids": "crm:1"})
    done = undo.undo(workspace.database, removal, actor="ann")
    assert [problem.table for problem in done.failed] == ["external_ids"]
    assert done.reversed == 1


def test_a_value_whose_old_one_is_taken_fails_with_a_reason(database: Database) -> None:
    with operation(database, "test", actor="a") as act:
        tag = act.insert("tags", {"name": "x"})
    with operation(database, "test", actor="a") as rename:
        rename.update("tags", tag, {"name": "y"})
    with operation(database, "test", actor="a") as act:
        act.insert("tags", {"name": "x"})
    done = undo.undo(database, rename.id, actor="a")
    assert ([problem.table for problem in done.failed], done.reversed) == (["tags"], 0)


def test_what_cannot_be_undone_says_why(workspace: Workspace) -> None:
    database = workspace.database
    added = record.add_customer(workspace, {"name": "a"}).operation_id
    undone = undo.undo(database, added, actor="ann").operation_id
    for operation_id in (added, undone):
        with pytest.raises(UsageError):
            undo.undo(database, operation_id, actor="ann")
    with pytest.raises(NotFound):
        undo.undo(database, 99, actor="ann")
    with pytest.raises(UsageError):
        undo.redo(database, added, actor="ann")
    undo.redo(database, undone, actor="ann")
    with pytest.raises(UsageError):
        undo.redo(database, undone, actor="ann")


def test_the_last_act_is_that_of_the_person(workspace: Workspace) -> None:
    connection = workspace.database.writer
    assert undo.last_undoable(connection) is None
    mine = record.add_customer(workspace, {"name": "a"}).operation_id
    workspace.actor = "bob"
    theirs = record.add_customer(workspace, {"name": "b"}).operation_id
    assert undo.last_undoable(connection, "ann") == mine
    assert undo.last_undoable(connection) == theirs
    done = undo.undo(workspace.database, mine, actor="ann")
    assert undo.last_undoable(connection, "ann") is None
    assert undo.last_redoable(connection, "ann") == done.operation_id
    assert undo.last_redoable(connection, "bob") is None


def test_a_new_act_ends_the_chance_to_redo(workspace: Workspace) -> None:
    added = record.add_customer(workspace, {"name": "a"}).operation_id
    undo.undo(workspace.database, added, actor="ann")
    record.add_customer(workspace, {"name": "b"})
    assert undo.last_redoable(workspace.database.writer, "ann") is None


def test_undo_can_be_repeated_after_redo(workspace: Workspace) -> None:
    database = workspace.database
    before = logical_digest(database.writer)
    added = record.add_customer(workspace, {"name": "a", "tags": "x"}).operation_id
    for _round in range(3):
        done = undo.undo(database, added, actor="ann")
        assert logical_digest(database.writer) == before
        undo.redo(database, done.operation_id, actor="ann")
    assert verify_chain(database.writer) == []
