"""Mass inserts: undone and redone in boxes, taken back when their process died, never over what others did meanwhile."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crmtui.errors import CrmError
from crmtui.services import activity, record
from crmtui.services.checking import verify
from crmtui.services.recovery import recover
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import mass_undo, undo
from crmtui.storage.customers import read_customer
from crmtui.storage.database import Database
from crmtui.storage.digest import logical_digest
from crmtui.storage.history import operations, read_operation
from crmtui.storage.journal import operation
from crmtui.storage.long_operation import LongOperation, is_alive, unfinished
from crmtui.storage.search_index import queue_length

MassImport = Callable[..., int]


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mass_undo, "_SLICE", 8)


def sound(workspace: Workspace) -> bool:
    bad = [finding for finding in verify(workspace) if not finding.ok]
    assert bad == []
    return True


def count(database: Database, table: str = "customers") -> int:
    return int(database.writer.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_an_import_goes_back_and_forth_and_back(workspace: Workspace, mass_import: MassImport) -> None:
    database = workspace.database
    record.add_customer(workspace, {"name": "there before", "tags": "old"})
    empty = logical_digest(database.writer)
    imported = mass_import(database, 40)
    full = logical_digest(database.writer)
    for _round in range(2):
        back = undo.undo(database, imported, actor="ann")
        assert (back.kept, back.failed) == ([], [])
        assert logical_digest(database.writer) == empty
        forth = undo.redo(database, back.operation_id, actor="ann")
        assert (forth.kept, forth.failed, forth.reversed) == ([], [], back.reversed)
        assert logical_digest(database.writer) == full
        assert sound(workspace)


def test_what_the_batch_computed_is_what_the_database_would_compute(
    workspace: Workspace, mass_import: MassImport
) -> None:
    mass_import(workspace.database, 60)
    assert sound(workspace)


Touch = Callable[[Workspace, int], object]
TOUCHES: dict[str, Touch] = {
    "edited": lambda workspace, customer: record.edit_customer(workspace, customer, {"notes": "later"}),
    "phone removed": lambda workspace, customer: record.edit_customer(workspace, customer, {"phones": ""}),
    "phone replaced": lambda workspace, customer: record.edit_customer(workspace, customer, {"phones": "13912345678"}),
    "tagged": lambda workspace, customer: record.change_tags(workspace, [customer], add=["later"]),
    "tag removed": lambda workspace, customer: record.change_tags(workspace, [customer], remove=["vip"]),
    "logged": lambda workspace, customer: activity.log_interaction(workspace, [customer], text="later"),
    "took part": lambda workspace, customer: activity.log_interaction(workspace, [41, customer], text="later"),
    "ordered": lambda workspace, customer: activity.add_transaction(workspace, customer, amount=1),
    "task done": lambda workspace, customer: activity.finish_task(workspace, customer),
    "archived": lambda workspace, customer: record.archive(workspace, [customer]),
}


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_a_customer_that_somebody_touched_stays_whole(
    workspace: Workspace, mass_import: MassImport, touch: Touch
) -> None:
    imported = mass_import(workspace.database, 40)
    record.add_customer(workspace, {"name": "other"})
    touch(workspace, 17)
    then = read_customer(workspace.database.writer, 17)
    done = undo.undo(workspace.database, imported, actor="ann")
    assert [problem.row_id for problem in done.kept if problem.table == "customers"] == [17]
    assert read_customer(workspace.database.writer, 17) == then
    assert count(workspace.database) == 2
    assert sound(workspace)
    undo.redo(workspace.database, done.operation_id, actor="ann")
    assert count(workspace.database) == 41
    assert sound(workspace)


def test_a_touch_that_was_undone_does_not_keep(workspace: Workspace, mass_import: MassImport) -> None:
    before = logical_digest(workspace.database.writer)
    imported = mass_import(workspace.database, 20)
    edit = record.edit_customer(workspace, 5, {"phones": "", "notes": "x"}).operation_id
    undo.undo(workspace.database, edit, actor="ann")
    done = undo.undo(workspace.database, imported, actor="ann")
    assert done.kept == []
    assert logical_digest(workspace.database.writer) == before


def test_a_company_that_a_later_person_belongs_to_stays(workspace: Workspace, mass_import: MassImport) -> None:
    database = workspace.database
    imported = mass_import(database, 20)
    record.edit_customer(workspace, 3, {"kind": "company", "name": "Acme"})
    with operation(database, "test", actor="bob") as act:
        act.insert("customers", {"name": "later", "company_id": 4})
        act.insert("relations", {"from_id": 21, "to_id": 5, "kind": "knows"})
        act.insert("deal_stage_changes", {"deal_id": 6, "stage": "won", "at": act.at})
    done = undo.undo(database, imported, actor="ann")
    assert {problem.row_id for problem in done.kept if problem.table == "customers"} == {3, 4, 5, 6}
    assert sound(workspace)


def test_links_within_one_import_do_not_hold_it(workspace: Workspace) -> None:
    database = workspace.database
    before = logical_digest(database.writer)
    with LongOperation(database, "import", subject="", actor="ann") as long:
        with long.box() as connection:
            first = long.act.sequences.next("customers", 20)
            connection.executemany(
                "INSERT INTO customers(id, name, sort_name, created_at, updated_at) VALUES (?, 'x', 'x', '', '')",
                [(first + offset,) for offset in range(20)],
            )
            long.inserted("customers", first, first + 19)
        with long.box():
            for customer in range(1, 20):
                long.act.update("customers", customer, {"company_id": 20})
            long.act.update("customers", 20, {"company_id": 1})
            long.act.insert("relations", {"from_id": 2, "to_id": 19, "kind": "knows"})
            long.act.needs_refresh(set(range(1, 21)))
        with long.box():
            long.act.finish()
    after = logical_digest(database.writer)
    done = undo.undo(database, long.act.id, actor="ann")
    assert (done.kept, done.failed) == ([], [])
    assert logical_digest(database.writer) == before
    undo.redo(database, done.operation_id, actor="ann")
    assert logical_digest(database.writer) == after
    record.edit_customer(workspace, 7, {"notes": "later"})
    done = undo.undo(database, long.act.id, actor="ann")
    assert (count(database), read_customer(database.writer, 7) is not None) == (1, True)
    assert sound(workspace)


def test_rows_for_customers_who_were_there_before_go_back_too(workspace: Workspace) -> None:
    database = workspace.database
    customer = record.add_customer(workspace, {"name": "old"}).customers[0]
    before = logical_digest(database.writer)
    with LongOperation(database, "import", subject="", actor="ann") as long:
        with long.box() as connection:
            first = long.act.sequences.next("interactions", 10)
            connection.executemany(
                "INSERT INTO interactions(id, customer_id, kind, at) VALUES (?, ?, 'call', '2026-01-01T00:00:00Z')",
                [(first + offset, customer) for offset in range(10)],
            )
            long.inserted("interactions", first, first + 9)
            long.act.needs_refresh({customer})
        with long.box():
            long.act.finish()
    with operation(database, "test", actor="bob") as act:
        act.update("interactions", 4, {"body": "later"})
    done = undo.undo(database, long.act.id, actor="ann")
    assert (done.reversed, [problem[:2] for problem in done.kept]) == (9, [("interactions", 4)])
    undo.redo(database, done.operation_id, actor="ann")
    assert count(database, "interactions") == 10
    undo.undo(database, act.id, actor="bob")
    undo.undo(database, long.act.id, actor="ann")
    assert logical_digest(database.writer) == before
    assert sound(workspace)


def test_redo_leaves_out_what_lost_its_place(workspace: Workspace, mass_import: MassImport) -> None:
    database = workspace.database
    imported = mass_import(database, 20)
    back = undo.undo(database, imported, actor="ann")
    other = record.add_customer(workspace, {"name": "other", "external_ids": "vip:3", "tags": "vip"}).customers[0]
    forth = undo.redo(database, back.operation_id, actor="ann")
    assert {problem.table for problem in forth.failed} == {"external_ids", "tags", "customer_tags"}
    assert (read_customer(database.writer, other) or {}).get("external_ids") == {"vip": "3"}
    assert count(database) == 21
    assert sound(workspace)


def test_an_import_that_died_is_taken_back_at_the_next_start(workspace: Workspace, mass_import: MassImport) -> None:
    record.add_customer(workspace, {"name": "old", "tags": "vip"})
    before = logical_digest(workspace.database.writer)
    for index_later in (False, True):
        died = mass_import(workspace.database, 30, finish=False, index_later=index_later)
        _forget_lock(workspace.database, died)
        with open_workspace(workspace.database.path, actor="bob") as other:
            assert logical_digest(other.database.writer) == before
            assert unfinished(other.database.writer) == []
            assert read_operation(other.database.writer, died) is None
            assert sound(other)


def test_what_others_did_with_the_customers_of_a_dead_import_is_not_lost(
    workspace: Workspace, mass_import: MassImport
) -> None:
    died = mass_import(workspace.database, 30, finish=False)
    activity.log_interaction(workspace, [9], text="spoke with her")
    record.edit_customer(workspace, 21, {"phones": ""})
    then = [read_customer(workspace.database.writer, customer) for customer in (9, 21)]
    _forget_lock(workspace.database, died)
    with open_workspace(workspace.database.path, actor="bob") as other:
        connection = other.database.writer
        assert [row[0] for row in connection.execute("SELECT id FROM customers ORDER BY id")] == [9, 21]
        assert [read_customer(connection, customer) for customer in (9, 21)] == then
        kept = read_operation(connection, died)
        assert kept and (kept.state, kept.count, kept.detail["taken_back"]) == ("done", 2, True)
        assert sound(other)
        undo.undo(other.database, 3, actor="ann")
        undo.undo(other.database, 2, actor="ann")
        assert undo.undo(other.database, died, actor="ann").kept == []
        assert count(other.database) == 0
        assert sound(other)


def test_a_death_while_indexing_is_carried_to_its_end(workspace: Workspace, mass_import: MassImport) -> None:
    died = mass_import(workspace.database, 30, finish=False, index_later=True)
    workspace.database.writer.execute("UPDATE operations SET state = 'indexing'")
    _forget_lock(workspace.database, died)
    with open_workspace(workspace.database.path, actor="bob") as other:
        assert (count(other.database), queue_length(other.database.writer)) == (30, 0)
        assert sound(other)


class Died(BaseException):
    """Stands for the end of the process: no handler may tidy up."""


@pytest.mark.parametrize(
    ("kind", "box"), [*(("undo", box) for box in range(1, 6)), *(("redo", box) for box in range(1, 50, 6))]
)
def test_an_undo_or_redo_that_died_is_carried_to_its_end(
    workspace: Workspace, mass_import: MassImport, monkeypatch: pytest.MonkeyPatch, kind: str, box: int
) -> None:
    database = workspace.database
    empty = logical_digest(database.writer)
    imported = mass_import(database, 20)
    full = logical_digest(database.writer)
    back = undo.undo(database, imported, actor="ann") if kind == "redo" else None
    settle = LongOperation.box
    boxes = 0

    def dying(long: LongOperation) -> object:
        nonlocal boxes
        boxes += 1
        if boxes > box:
            raise Died
        return settle(long)

    monkeypatch.setattr(LongOperation, "box", dying)
    monkeypatch.setattr(mass_undo, "BOX_SECONDS", 0)  # a box for each piece: more places to die in
    with pytest.raises(Died):
        if back:
            undo.redo(database, back.operation_id, actor="ann")
        else:
            undo.undo(database, imported, actor="ann")
    monkeypatch.undo()
    monkeypatch.setattr(mass_undo, "_SLICE", 8)
    with open_workspace(database.path, actor="bob") as other:
        assert logical_digest(other.database.writer) == (full if back else empty)
        assert unfinished(other.database.writer) == []
        assert operations(other.database.writer)[0].state == "done"
        assert sound(other)


def test_a_living_import_is_left_alone(workspace: Workspace, mass_import: MassImport) -> None:
    alive = mass_import(workspace.database, 10, finish=False)
    assert is_alive(workspace.database, alive)
    with open_workspace(workspace.database.path, actor="bob") as other:
        assert count(other.database) == 10
        assert [entry[0] for entry in unfinished(other.database.writer)] == [alive]
        with pytest.raises(CrmError, match="still running"):
            undo.undo(other.database, alive, actor="bob")


def test_two_that_ask_do_not_take_each_other_for_alive(workspace: Workspace, mass_import: MassImport) -> None:
    died = mass_import(workspace.database, 10, finish=False)
    _forget_lock(workspace.database, died)
    path = Path(f"{workspace.database.path}.operation-{died}")
    path.touch()
    program = (
        "import sys, fcntl, os; d = os.open(sys.argv[1], os.O_RDONLY); fcntl.flock(d, fcntl.LOCK_SH);"
        "print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdin and other.stdout
    assert other.stdout.readline() == "held\n"
    assert not is_alive(workspace.database, died)
    other.communicate("")


def test_what_another_process_recovered_meanwhile_is_not_recovered_again(
    workspace: Workspace, mass_import: MassImport
) -> None:
    died = mass_import(workspace.database, 10, finish=False)
    waiting = unfinished(workspace.database.writer)
    _forget_lock(workspace.database, died)
    with open_workspace(workspace.database.path, actor="bob") as other:
        before = logical_digest(other.database.writer)
        recover(other.database, waiting)
        assert logical_digest(other.database.writer) == before
    folder = Path(workspace.database.path).parent
    assert [file.name for file in folder.iterdir() if ".operation-" in file.name] == []


def test_lock_files_of_operations_that_are_over_do_not_pile_up(workspace: Workspace, mass_import: MassImport) -> None:
    folder = Path(workspace.database.path).parent
    Path(f"{workspace.database.path}.operation-77").touch()
    mass_import(workspace.database, 3)
    assert [file.name for file in folder.iterdir() if ".operation-" in file.name] == []


def test_a_box_that_fails_leaves_the_box_before(database: Database) -> None:
    with pytest.raises(RuntimeError), LongOperation(database, "import", subject="", actor="a") as long:
        with long.box():
            long.act.insert("tags", {"name": "one"})
        with long.box():
            long.act.insert("tags", {"name": "two"})
            raise RuntimeError
    assert [row[0] for row in database.writer.execute("SELECT name FROM tags")] == ["one"]
    assert not database.writer.in_transaction


def test_ranges_that_follow_each_other_are_joined(database: Database, mass_import: MassImport) -> None:
    imported = mass_import(database, 40)
    ranges = database.writer.execute(
        "SELECT first_id, last_id FROM inserted_ranges WHERE operation_id = ? AND table_name = 'customers'", (imported,)
    ).fetchall()
    assert ranges == [(1, 40)]


def _forget_lock(database: Database, operation_id: int) -> None:
    """As after a kill: the lock is free (here its file is gone as well)."""
    os.unlink(f"{database.path}.operation-{operation_id}")
