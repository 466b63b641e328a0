"""One act upon many: in boxes, one operation, all or nothing, and others save meanwhile."""

from collections.abc import Sequence

import pytest

from crmtui.errors import Interrupted, NotFound
from crmtui.services import many, record
from crmtui.services.activity import add_task
from crmtui.services.checking import verify
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.digest import logical_digest
from crmtui.storage.history import operations
from crmtui.storage.long_operation import unfinished


@pytest.fixture(autouse=True)
def small_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "AT_ONCE", 5)
    monkeypatch.setattr(many, "BOX", 4)


@pytest.fixture
def customers(workspace: Workspace) -> Sequence[int]:
    return [record.add_customer(workspace, {"name": f"P{number}", "tags": "old"}).customers[0] for number in range(30)]


def state(workspace: Workspace) -> str:
    return logical_digest(workspace.database.writer)


ACTS = {
    "tag": lambda workspace, ids, **more: record.change_tags(workspace, ids, add=["new"], remove=["old"], **more),
    "edit": lambda workspace, ids, **more: record.edit_many(workspace, ids, {"stage": "lost", "phones": "123"}, **more),
    "archive": lambda workspace, ids, **more: record.archive(workspace, ids, **more),
    "task": lambda workspace, ids, **more: add_task(workspace, ids, "send", **more),
}


@pytest.mark.parametrize("name", ACTS)
def test_it_is_one_operation_and_undone_and_redone_as_one(
    workspace: Workspace, customers: Sequence[int], name: str
) -> None:
    before, count = state(workspace), len(operations(workspace.database.writer, limit=100))
    told: list[tuple[int, int]] = []
    saved = ACTS[name](workspace, customers, progress=lambda done, total: told.append((done, total)))
    after = state(workspace)
    newest = operations(workspace.database.writer, limit=100)
    assert len(newest) == count + 1 and newest[0].id == saved.operation_id and newest[0].count == len(customers)
    assert told[0] == (4, 30) and told[-1] == (30, 30)
    assert after != before
    undo_last(workspace)
    assert state(workspace) == before
    redo_last(workspace)
    assert state(workspace) == after
    assert all(finding.ok for finding in verify(workspace))


@pytest.mark.parametrize("name", ACTS)
def test_stopped_half_way_nothing_is_left(workspace: Workspace, customers: Sequence[int], name: str) -> None:
    before, newest = state(workspace), operations(workspace.database.writer, limit=1)[0].id

    def stop(done: int, _total: int) -> None:
        if done >= 12:
            raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        ACTS[name](workspace, customers, progress=stop)
    assert state(workspace) == before and unfinished(workspace.database.writer) == []
    assert operations(workspace.database.writer, limit=1)[0].id == newest
    assert all(finding.ok for finding in verify(workspace))


def test_another_session_saves_between_two_boxes_and_its_work_stays(
    workspace: Workspace, path: str, customers: Sequence[int]
) -> None:
    with open_workspace(path, actor="bob") as other:

        def meanwhile(done: int, _total: int) -> None:
            if done == 8:
                record.edit_customer(other, customers[0], {"notes": "bob was here"})
                record.edit_customer(other, customers[-1], {"notes": "and here"})

        record.change_tags(workspace, customers, add=["new"], progress=meanwhile)
    kept = workspace.database.writer.execute(
        "SELECT notes FROM customers WHERE notes IS NOT NULL ORDER BY id"
    ).fetchall()
    assert kept == [("bob was here",), ("and here",)]
    undo_last(workspace)
    assert len(workspace.database.writer.execute("SELECT 1 FROM customers WHERE notes IS NOT NULL").fetchall()) == 2
    assert all(finding.ok for finding in verify(workspace))


def test_one_that_vanished_takes_all_back(workspace: Workspace, customers: Sequence[int]) -> None:
    before = state(workspace)
    with pytest.raises(NotFound):
        record.archive(workspace, [*customers, 999_999])
    assert state(workspace) == before


def test_nothing_to_change_leaves_no_operation(workspace: Workspace, customers: Sequence[int]) -> None:
    newest = operations(workspace.database.writer, limit=1)[0].id
    assert record.change_tags(workspace, customers, remove=["never"]).operation_id == 0
    assert operations(workspace.database.writer, limit=1)[0].id == newest
