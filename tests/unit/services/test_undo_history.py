"""Undo, redo, history and blame as the commands and screens use them."""

import pytest

from crmtui.errors import NotFound, UsageError
from crmtui.services import record, undo_history
from crmtui.services.lookup import record as read
from crmtui.services.workspace import Workspace
from crmtui.storage.history import operations


def test_undo_and_redo_walk_back_and_forth(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "Ana"}).customers[0]
    for stage in ("lead", "customer"):
        record.edit_customer(workspace, customer, {"stage": stage})
    for expected in ("lead", None):
        undo_history.undo_last(workspace)
        assert read(workspace, customer)["stage"] == expected
    for expected in ("lead", "customer"):
        undo_history.redo_last(workspace)
        assert read(workspace, customer)["stage"] == expected
    with pytest.raises(NotFound):
        undo_history.redo_last(workspace)


def test_nothing_to_undo_is_said(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        undo_history.undo_last(workspace)
    assert undo_history.last_operation(workspace) is None


def test_the_work_of_others_is_not_undone_by_mistake(workspace: Workspace) -> None:
    record.add_customer(workspace, {"name": "Ana"})
    workspace.actor = "bob"
    with pytest.raises(NotFound):
        undo_history.undo_last(workspace)
    assert undo_history.undo_last(workspace, 1).reversed == 1


def test_every_operation_is_described_in_words(workspace: Workspace) -> None:
    customers = [record.add_customer(workspace, {"name": name}).customers[0] for name in ("Ana", "[/]\x1b")]
    record.edit_many(workspace, customers, {"stage": "lead"})
    record.archive(workspace, customers[:1])
    undo_history.undo_last(workspace)
    texts = [undo_history.describe(entry) for entry in operations(workspace.database.writer)]
    assert texts == ["undo Ana", "archived Ana", "bulk edit stage=lead (2)", "added [/]\x1b", "added Ana"]
    last = undo_history.last_operation(workspace)
    assert last and last.kind == "customer.bulk_edit"


def test_blame_tells_who_gave_a_field_its_values(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "Ana", "phones": "13800001111", "tags": "x"}).customers[0]
    workspace.actor = "bob"
    record.edit_customer(workspace, customer, {"stage": "lead", "phones": "13900001111"})
    stages = undo_history.blame(workspace, customer, "stage")
    assert [(change.operation.actor, change.before, change.after) for change in stages] == [("bob", None, "lead")]
    phones = [
        (change.operation.actor, change.before, change.after)
        for change in undo_history.blame(workspace, customer, "phones")
    ]
    assert set(phones) == {("ann", None, "13800001111"), ("bob", "13800001111", None), ("bob", None, "13900001111")}
    assert [change.column for change in undo_history.blame(workspace, customer, "tags")] == ["tag_id"]


def test_an_unknown_field_names_the_nearest(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "Ana"}).customers[0]
    with pytest.raises(UsageError) as caught:
        undo_history.blame(workspace, customer, "stag")
    assert "stage" in (caught.value.hint or "")
