"""What fails part way is finished or taken back in the same session, not only at the next start."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crmtui.errors import StorageError
from crmtui.services import record, undo_history
from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.services.checking import verify
from crmtui.services.workspace import Workspace
from crmtui.storage import mass_undo
from crmtui.storage.digest import logical_digest
from crmtui.storage.long_operation import LongOperation, unfinished

MassImport = Callable[..., int]


class Fault:
    """Makes the n-th ``settle`` of a box fail, and every one after it while ``lasting``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.after, self.lasting, self.error = -1, False, OSError("the disk is gone")
        really = LongOperation.box

        def box(long: LongOperation) -> object:
            self.after -= 1
            if self.after == 0 or (self.after < 0 and self.lasting):
                raise self.error
            return really(long)

        monkeypatch.setattr(LongOperation, "box", box)

    def strike(self, after: int, error: BaseException, *, lasting: bool = False) -> None:
        self.after, self.error, self.lasting = after, error, lasting


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
    monkeypatch.setattr(mass_undo, "_SLICE", 8)
    yield Fault(monkeypatch)


def sound(workspace: Workspace) -> bool:
    assert [finding for finding in verify(workspace) if not finding.ok] == []
    return unfinished(workspace.database.writer) == []


@pytest.mark.parametrize("error", [StorageError("full"), KeyboardInterrupt(), RuntimeError("a mistake")])
def test_an_undo_that_fails_once_is_carried_to_its_end_at_once(
    workspace: Workspace, mass_import: MassImport, fault: Fault, error: BaseException
) -> None:
    empty = logical_digest(workspace.database.writer)
    mass_import(workspace.database, 40)
    full = logical_digest(workspace.database.writer)
    for after in (1, 2, 4, 7):
        fault.strike(after, error)
        if after == 1:  # nothing was begun: it is told as it is
            with pytest.raises(type(error)):
                undo_history.undo_last(workspace)
            assert logical_digest(workspace.database.writer) == full
            continue
        undone = undo_history.undo_last(workspace)
        assert (undone.kept, undone.failed) == ([], [])
        assert logical_digest(workspace.database.writer) == empty
        fault.strike(after, error)
        assert undo_history.redo_last(workspace).failed == []
        assert logical_digest(workspace.database.writer) == full
        assert sound(workspace)


def test_an_undo_that_cannot_be_finished_says_so_and_the_next_one_finishes_it(
    workspace: Workspace, mass_import: MassImport, fault: Fault
) -> None:
    customer = record.add_customer(workspace, {"name": "there before"}).customers[0]
    before = logical_digest(workspace.database.writer)
    imported = mass_import(workspace.database, 40)
    fault.strike(5, StorageError("the disk is full"), lasting=True)
    with pytest.raises(StorageError) as caught:
        undo_history.undo_last(workspace)
    assert "in part" in (caught.value.kept or "")
    assert len(unfinished(workspace.database.writer)) == 1
    fault.strike(-1, StorageError("x"))
    assert undo_history.undo_last(workspace).reversed_operation == imported  # not the one before it, too
    assert logical_digest(workspace.database.writer) == before
    assert sound(workspace)
    assert undo_history.undo_last(workspace).reversed == 1
    assert record.names_of(workspace.database.writer, [customer]) == {}


def test_an_import_that_cannot_be_taken_back_says_so_and_the_next_one_takes_it_out(
    workspace: Workspace, fault: Fault, tmp_path: Path
) -> None:
    record.add_customer(workspace, {"name": "there before"})
    before = logical_digest(workspace.database.writer)
    path = tmp_path / "list.csv"
    path.write_text("姓名,手机\n" + "".join(f"张{row},1380000{row:04d}\n" for row in range(300)), encoding="utf-8")
    fault.strike(4, StorageError("the disk is full"), lasting=True)
    with pytest.raises(StorageError) as caught:
        run_import(workspace, str(path), ImportOptions(region="CN"))
    assert "Part of the import" in (caught.value.kept or "")
    assert len(unfinished(workspace.database.writer)) == 1
    fault.strike(-1, StorageError("x"))
    assert run_import(workspace, str(path), ImportOptions(region="CN")).counts.created == 300
    assert sound(workspace)
    undo_history.undo_last(workspace)
    tables = "customers", "contact_points"
    assert [workspace.database.writer.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables] == [
        1,
        0,
    ]
    assert logical_digest(workspace.database.writer) == before


def test_a_long_operation_that_could_not_begin_keeps_nobody_waiting(workspace: Workspace) -> None:
    failing = LongOperation(workspace.database, "import", subject="a.csv", actor="ann")

    def fail() -> None:
        raise OSError("the disk is full")

    failing.act.settle = fail  # type: ignore[method-assign]
    with pytest.raises(OSError):
        failing.__enter__()
    assert failing.act.id
    with LongOperation(workspace.database, "import", subject="a.csv", actor="ann") as again:
        assert again.act.id == failing.act.id
        with again.box():
            again.act.finish()
