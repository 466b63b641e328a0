"""Backups: equal to the source's moment, checked before they count, rotated with care, brought back without losing anything."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crmtui.errors import StorageBusy, StorageCorrupt, StorageError
from crmtui.services.record import add_customer
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import backup, backup_manifest
from crmtui.storage.backup import BackupRecord, back_up, backups_folder, list_backups, restore
from crmtui.storage.database import Database
from crmtui.storage.digest import logical_digest
from crmtui.storage.driver import connect
from crmtui.storage.history import verify_chain
from crmtui.storage.journal import chain_head
from crmtui.storage.schema import SCHEMA_VERSION

MassImport = Callable[..., int]


def names(path: str) -> set[str]:
    return {file.name for file in Path(backups_folder(path)).iterdir()}


def test_a_backup_holds_what_the_file_held(workspace: Workspace, mass_import: MassImport) -> None:
    mass_import(workspace.database, 30)
    made = back_up(workspace.database, reason="before import")
    with Database.open(made) as copy:
        assert logical_digest(copy.writer) == logical_digest(workspace.database.writer)
        assert verify_chain(copy.writer) == []
    (record,) = list_backups(workspace.database.path)
    assert (record.path, record.reason, record.verified, record.schema) == (made, "before import", True, SCHEMA_VERSION)
    assert (record.chain, record.head) == chain_head(workspace.database.writer)
    assert record.digest == logical_digest(workspace.database.writer)


def test_backups_are_private_and_leave_no_litter(workspace: Workspace) -> None:
    made = back_up(workspace.database)
    folder = Path(backups_folder(workspace.database.path))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert names(workspace.database.path) == {os.path.basename(made), "lock", "manifest.jsonl"}


def test_a_writer_in_the_middle_of_a_transaction_is_not_waited_for(workspace: Workspace) -> None:
    add_customer(workspace, {"name": "kept"})
    before = logical_digest(workspace.database.writer)
    workspace.database.writer.execute("BEGIN IMMEDIATE")
    workspace.database.writer.execute("UPDATE customers SET name = 'not yet'")
    made = back_up(workspace.database)
    workspace.database.writer.execute("ROLLBACK")
    with Database.open(made) as copy:
        assert logical_digest(copy.writer) == before


def test_what_is_written_during_the_copy_is_not_in_it(workspace: Workspace, mass_import: MassImport) -> None:
    mass_import(workspace.database, 100)
    before = logical_digest(workspace.database.writer)
    steps: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        steps.append((done, total))
        add_customer(workspace, {"name": f"while {len(steps)}"})

    monkey = pytest.MonkeyPatch()
    monkey.setattr(backup, "_PAGES", 20)
    made = back_up(workspace.database, progress=progress)
    monkey.undo()
    assert len(steps) > 3
    assert steps[-1][0] == steps[-1][1]
    with Database.open(made) as copy:
        assert logical_digest(copy.writer) == before != logical_digest(workspace.database.writer)


class Stuck:
    """A source of which no page can be copied."""

    def execute(self, _sql: str) -> "Stuck":
        return self

    def fetchone(self) -> tuple[int]:
        return (1,)

    def backup(self, _target: object, *, progress: Callable[[int, int, int], None], **_how: object) -> None:
        for _try in range(2):
            progress(5, 3, 3)


def test_a_lock_that_does_not_go_away_ends_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_STALLED_SECONDS", -1.0)
    with pytest.raises(StorageBusy):
        backup._copy(Stuck(), str(tmp_path / "x.partial"), None)  # type: ignore[arg-type]


def test_two_backups_at_once_are_kept_apart(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_STALLED_SECONDS", 0.01)
    with backup._alone_in(backup.make_private(backups_folder(workspace.database.path))), pytest.raises(StorageBusy):
        back_up(workspace.database)


def test_a_copy_that_differs_does_not_count(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = back_up(workspace.database)
    real = backup._copy

    def wrong(source: object, target: str, progress: object) -> None:
        real(source, target, progress)  # type: ignore[arg-type]
        other = connect(target, uri=False)
        other.execute("UPDATE deal_stages SET probability = 1")
        other.close()

    monkeypatch.setattr(backup, "_copy", wrong)
    with pytest.raises(StorageCorrupt) as caught:
        back_up(workspace.database)
    assert caught.value.kept
    assert [record.path for record in list_backups(workspace.database.path)] == [kept]
    assert names(workspace.database.path) == {os.path.basename(kept), "lock", "manifest.jsonl"}


def test_a_damaged_file_makes_no_backup(workspace: Workspace) -> None:
    workspace.database.writer.execute("DELETE FROM search_data WHERE id > 10")
    add_customer(workspace, {"name": "x"})
    workspace.database.writer.execute("DELETE FROM search_data WHERE id > 10")
    with pytest.raises(StorageCorrupt, match="damaged"):
        back_up(workspace.database)
    assert list_backups(workspace.database.path) == []


def test_a_broken_chain_is_copied_faithfully_but_not_called_verified(workspace: Workspace) -> None:
    add_customer(workspace, {"name": "x"})
    good = back_up(workspace.database, keep=1)
    workspace.database.writer.execute("UPDATE operations SET actor = 'eve'")
    for _round in range(3):
        newest = back_up(workspace.database, keep=1)
    records = list_backups(workspace.database.path)
    assert [(record.path, record.verified) for record in records] == [(newest, False), (good, True)]


def test_a_full_disk_is_told_before_anything_is_written(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = backup.shutil.disk_usage(".")
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda _path: usage._replace(free=10))
    with pytest.raises(StorageError, match="space"):
        back_up(workspace.database)
    assert names(workspace.database.path) == {"lock"}


def test_a_folder_that_cannot_be_written_is_told(workspace: Workspace) -> None:
    Path(backups_folder(workspace.database.path)).write_text("in the way")
    with pytest.raises(StorageError) as caught:
        back_up(workspace.database)
    assert caught.value.kept


def test_what_a_dead_backup_left_goes_at_the_next(workspace: Workspace) -> None:
    back_up(workspace.database)
    folder = Path(backups_folder(workspace.database.path))
    (folder / "20200101T000000Z-manual.db.partial").write_text("half")
    (folder / "20200101T000000Z-manual.db.partial-journal").write_text("half")
    back_up(workspace.database)
    assert not [name for name in names(workspace.database.path) if "partial" in name]


def test_only_the_newest_stay(workspace: Workspace) -> None:
    made = [back_up(workspace.database, keep=3) for _ in range(5)]
    assert [record.path for record in list_backups(workspace.database.path)] == made[:1:-1]
    assert len(Path(backups_folder(workspace.database.path), "manifest.jsonl").read_text().splitlines()) == 3


def record(day: int, *, verified: bool = True) -> BackupRecord:
    return BackupRecord(f"{day}.db", f"2026-01-{day:02d}T00:00:00Z", "x", 1, "", 1, "", 0, "", verified)


@pytest.mark.parametrize(
    ("records", "keep", "gone"),
    [
        ([record(1), record(2), record(3)], 2, ["1.db"]),
        ([record(3), record(1), record(2)], 1, ["2.db", "1.db"]),
        ([record(1), record(2)], 0, ["1.db"]),
        ([record(1), record(2, verified=False), record(3, verified=False)], 1, ["2.db"]),
        ([record(1), record(2)], 5, []),
        ([record(1), record(2), record(29)], 1, []),
        ([], 1, []),
    ],
)
def test_the_rotation_lets_go_of_old_ones_only(records: list[BackupRecord], keep: int, gone: list[str]) -> None:
    surplus = backup_manifest.surplus(records, keep, "2026-01-20T00:00:00Z")
    assert [entry.path for entry in surplus] == gone


def test_a_damaged_manifest_hides_no_backup(workspace: Workspace) -> None:
    made = back_up(workspace.database, reason="import")
    manifest = Path(backups_folder(workspace.database.path), "manifest.jsonl")
    manifest.write_bytes(b'\xff{"name": \n[]\n{"name": "x.db"}\n' + manifest.read_bytes()[:50] + b"\n")
    (found,) = list_backups(workspace.database.path)
    assert (found.path, found.reason, found.verified) == (made, "import", False)


def test_a_backup_of_an_older_schema_asks_for_no_table_of_ours(tmp_path: Path) -> None:
    path = str(tmp_path / "old.db")
    old = connect(path, uri=False)
    old.execute("CREATE TABLE customers(id INTEGER PRIMARY KEY, nom TEXT)")
    old.execute("INSERT INTO customers VALUES (1, 'x')")
    old.close()
    made = back_up(Database(path, readonly=False, immutable=False, timeout=1), reason="migration")
    copy = connect(made, uri=False)
    assert copy.execute("SELECT nom FROM customers").fetchone() == ("x",)
    copy.close()


def test_restore_brings_back_and_keeps_what_was_replaced(path: str) -> None:
    with open_workspace(path, actor="ann", create=True) as opened:
        add_customer(opened, {"name": "first"})
        then = logical_digest(opened.database.writer)
        made = back_up(opened.database)
        add_customer(opened, {"name": "second"})
        now = logical_digest(opened.database.writer)
    kept = restore(path, os.path.basename(made))
    with Database.open(path) as database, Database.open(kept) as replaced:
        assert logical_digest(database.writer) == then
        assert logical_digest(replaced.writer) == now
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.path.isfile(made)
    again = restore(path, made)
    assert again != kept
    assert os.path.isfile(again)
    folder = {name for name in os.listdir(os.path.dirname(path)) if "restored" in name}
    assert folder == set()


def test_restore_works_over_a_file_that_is_gone_or_ruined(path: str) -> None:
    with open_workspace(path, actor="ann", create=True) as opened:
        add_customer(opened, {"name": "first"})
        then = logical_digest(opened.database.writer)
        made = back_up(opened.database)
    for ending in ("", "-wal", "-shm"):
        if os.path.exists(path + ending):
            os.unlink(path + ending)
    assert restore(path, made) == ""
    Path(path).write_bytes(b"garbage" * 1000)
    Path(path + "-wal").write_bytes(b"more garbage")
    kept = restore(path, made)
    assert Path(kept).read_bytes() == b"garbage" * 1000
    with Database.open(path) as database:
        assert logical_digest(database.writer) == then


def test_restore_refuses_while_anybody_has_the_file_open(path: str) -> None:
    with open_workspace(path, actor="ann", create=True) as opened:
        made = back_up(opened.database)
    program = (
        "import sys; from crmtui.storage.database import Database; d = Database.open(sys.argv[1]);"
        "d.reader().execute('SELECT 1 FROM customers').fetchall(); print('open', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout
    assert other.stdout.readline() == "open\n"
    before = Path(path).read_bytes()
    with pytest.raises(StorageBusy) as caught:
        restore(path, made)
    assert caught.value.kept
    assert Path(path).read_bytes() == before
    other.communicate("")
    assert restore(path, made)


@pytest.mark.parametrize("position", [0.02, 0.3, 0.6, 0.95])
def test_one_flipped_bit_in_a_backup_is_found(path: str, position: float) -> None:
    with open_workspace(path, actor="ann", create=True) as opened:
        add_customer(opened, {"name": "first", "notes": "x" * 5000})
        made = back_up(opened.database)
    data = bytearray(Path(made).read_bytes())
    data[int(len(data) * position)] ^= 4
    Path(made).write_bytes(data)
    before = Path(path).read_bytes()
    with pytest.raises(StorageCorrupt):
        restore(path, made)
    assert Path(path).read_bytes() == before


def test_only_a_backup_of_a_customer_file_is_taken(path: str, tmp_path: Path) -> None:
    Database.open(path, create=True).close()
    before = Path(path).read_bytes()
    foreign = tmp_path / "foreign.db"
    other = connect(str(foreign), uri=False)
    other.execute("CREATE TABLE t(x)")
    other.close()
    text = tmp_path / "text.db"
    text.write_text("hello " * 1000)
    newer = tmp_path / "newer.db"
    Database.open(str(newer), create=True).close()
    other = connect(str(newer), uri=False)
    other.execute("PRAGMA user_version = 99")
    other.close()
    messages = set()
    for wrong in (str(foreign), str(text), str(newer), str(tmp_path / "missing.db"), "missing.db", path):
        with pytest.raises(StorageError) as caught:
            restore(path, wrong)
        messages.add(caught.value.message)
        assert Path(path).read_bytes() == before
    assert len(messages) == 5


def test_a_backup_without_a_record_is_restored_when_it_is_sound(path: str, tmp_path: Path) -> None:
    with open_workspace(path, actor="ann", create=True) as opened:
        add_customer(opened, {"name": "first"})
        then = logical_digest(opened.database.writer)
        made = back_up(opened.database)
    elsewhere = tmp_path / "stick.db"
    elsewhere.write_bytes(Path(made).read_bytes())
    restore(path, str(elsewhere))
    with Database.open(path) as database:
        assert logical_digest(database.writer) == then


def test_a_record_that_does_not_fit_its_file_is_found(path: str) -> None:
    with open_workspace(path, actor="ann", create=True) as opened:
        made = back_up(opened.database)
    manifest = Path(backups_folder(path), "manifest.jsonl")
    line = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**line, "digest": "0" * 64}) + "\n")
    with pytest.raises(StorageCorrupt):
        restore(path, made)


def test_a_quick_backup_compares_the_rows_of_each_table(path: str) -> None:
    with open_workspace(path, actor="ann", create=True) as opened:
        add_customer(opened, {"name": "first"})
        then = logical_digest(opened.database.writer)
        made = back_up(opened.database, thorough=False)
        add_customer(opened, {"name": "second"})
    restore(path, made)
    with Database.open(path) as database:
        assert logical_digest(database.writer) == then
    manifest = Path(backups_folder(path), "manifest.jsonl")
    line = json.loads(manifest.read_text())
    assert "customers=1/1" in line["digest"]
    manifest.write_text(json.dumps({**line, "digest": line["digest"].replace("customers=1/1", "customers=2/2")}) + "\n")
    with pytest.raises(StorageCorrupt):
        restore(path, made)


def test_a_power_cut_between_the_steps_of_a_swap_leaves_a_file(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_workspace(path, actor="ann", create=True) as opened:
        add_customer(opened, {"name": "first"})
        then = logical_digest(opened.database.writer)
        made = back_up(opened.database)
    rename = os.rename

    def cut(source: str, target: str) -> None:
        if target == path:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", cut)
    with pytest.raises(StorageError):
        restore(path, made)
    monkeypatch.undo()
    with Database.open(path) as database:
        assert logical_digest(database.writer) == then


def test_of_two_lines_for_one_name_the_later_counts(tmp_path: Path) -> None:
    """A backup killed before it got its name leaves a line; the next one in that second takes the name."""
    folder = str(tmp_path)
    path = os.path.join(folder, "20261123T194814Z-manual.db")
    Path(path).write_bytes(b"x")
    died, good = (
        BackupRecord(path, "2026-11-23T19:48:14Z", "manual", 1, sha, 1, "", 0, "", True) for sha in ("old", "new")
    )
    backup_manifest.append(folder, died)
    backup_manifest.append(folder, good)
    assert [record.sha256 for record in backup_manifest.read_manifest(folder)] == ["new"]
