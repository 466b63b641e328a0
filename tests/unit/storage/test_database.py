"""Opening a customer file: each thing that can be wrong has its own message, and nothing is written then."""

import contextlib
import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crmtui.errors import CrmError, ExitCode, StorageBusy, StorageCorrupt, StorageError
from crmtui.services.record import add_customer
from crmtui.services.workspace import open_workspace
from crmtui.storage.database import Database, data_version, is_interrupt, storage_errors
from crmtui.storage.driver import OperationalError, connect
from crmtui.storage.journal import operation
from crmtui.storage.schema import APPLICATION_ID, SCHEMA_VERSION

HOLDER = """
import sys
from crmtui.storage.driver import connect
connection = connect(sys.argv[1], uri=False)
if sys.argv[2] == "exclusive":
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = DELETE")
connection.execute(f"BEGIN {sys.argv[2]}")
print("held", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def held(path: str, lock: str) -> Iterator[None]:
    """Another process holds ``lock`` (immediate, exclusive) on the file."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    try:
        assert process.stdout.readline() == "held\n"
        yield
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def everything(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def names(folder: Path) -> set[str]:
    """The files in a folder without those that belong to an open database."""
    return {file.name.removesuffix("-wal").removesuffix("-shm") for file in folder.iterdir()}


def refused(path: Path, **how: bool) -> CrmError:
    before = everything(path.parent)
    with pytest.raises(StorageError) as caught:
        Database.open(str(path), timeout=0.1, **how)
    assert everything(path.parent) == before, "a refused file was written to, or litter was left"
    assert caught.value.where == str(path)
    return caught.value


def made(path: Path) -> Path:
    Database.open(str(path), create=True).close()
    return path


@pytest.mark.parametrize("version", [SCHEMA_VERSION, SCHEMA_VERSION + 1])
def test_a_refused_file_in_wal_mode_gets_no_files_beside_it(tmp_path: Path, version: int) -> None:
    path = tmp_path / "other.db"
    connection = connect(str(path), uri=False)
    for statement in ("journal_mode = WAL", f"application_id = {7 if version == SCHEMA_VERSION else APPLICATION_ID}"):
        connection.execute(f"PRAGMA {statement}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    refused(path)
    assert [file.name for file in tmp_path.iterdir()] == ["other.db"]


def test_each_wrong_thing_has_its_own_message(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    empty = tmp_path / "empty.db"
    empty.touch()
    text = tmp_path / "text.db"
    text.write_text("name,phone\n" * 500)
    foreign = tmp_path / "foreign.db"
    connection = connect(str(foreign), uri=False)
    connection.execute("CREATE TABLE customers(id)")
    connection.close()
    newer = made(tmp_path / "newer.db")
    connection = connect(str(newer), uri=False)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    errors = [refused(path) for path in (folder, tmp_path / "missing.db", empty, text, foreign, newer)]
    assert len({error.message for error in errors}) == 6
    assert all(error.exit_code == ExitCode.USAGE and error.hint for error in errors)
    assert str(SCHEMA_VERSION + 1) in errors[-1].message


def test_a_missing_file_is_not_made_when_only_reading(tmp_path: Path) -> None:
    refused(tmp_path / "missing.db", create=True, readonly=True)


def test_a_file_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError) as caught:
        Database.open(str(tmp_path / "file" / "crm.db"), create=True)
    assert caught.value.hint


def test_a_new_file_is_private_and_leaves_no_litter(tmp_path: Path) -> None:
    path = made(tmp_path / "new" / "crm.db")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(path.parent) == {"crm.db"}


def test_what_a_process_left_that_died_making_the_file_goes(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"crm.db.new-{dead.pid}{ending}").touch()
    (tmp_path / f"crm.db.new-{os.getppid()}").touch()
    (tmp_path / "crm.db.new-year").touch()
    made(tmp_path / "crm.db")
    assert names(tmp_path) == {"crm.db", f"crm.db.new-{os.getppid()}", "crm.db.new-year"}


def test_the_files_beside_it_are_private_too(tmp_path: Path) -> None:
    path = made(tmp_path / "crm.db")
    with Database.open(str(path)) as database, operation(database, "test", actor="a") as act:
        act.insert("tags", {"name": "x"})
        for ending in ("-wal", "-shm"):
            assert stat.S_IMODE(Path(f"{path}{ending}").stat().st_mode) == 0o600


def test_the_writer_is_durable_and_checks_references(database: Database) -> None:
    settings = {
        name: database.writer.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StorageError, match="read-only"), storage_errors(database.path):
        database.reader().execute("DELETE FROM tags")


def test_short_look_ups_share_one_connection(database: Database) -> None:
    assert database.thread_reader() is database.thread_reader()
    assert database.reader() is not database.reader()


def test_an_exclusive_lock_is_told_as_busy(tmp_path: Path) -> None:
    path = made(tmp_path / "crm.db")
    with held(str(path), "exclusive"), pytest.raises(StorageBusy) as caught:
        Database.open(str(path), timeout=0.1)
    assert caught.value.exit_code == ExitCode.BUSY
    Database.open(str(path)).close()


def test_a_held_write_lock_makes_writing_wait_and_then_say_so(tmp_path: Path) -> None:
    path = made(tmp_path / "crm.db")
    with held(str(path), "immediate"), Database.open(str(path), timeout=0.1) as database:
        assert database.reader().execute("SELECT count(*) FROM customers").fetchone() == (0,)
        with pytest.raises(StorageBusy) as caught, operation(database, "test", actor="a") as act:
            act.insert("tags", {"name": "x"})
        assert caught.value.kept
    with Database.open(str(path)) as database, operation(database, "test", actor="a") as act:
        act.insert("tags", {"name": "x"})


def test_a_read_only_file_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path / "crm.db")
    _forbid_writing(monkeypatch, str(path))
    with Database.open(str(path)) as database:
        assert database.readonly and not database.immutable
        assert database.reader().execute("SELECT count(*) FROM customers").fetchone() == (0,)
        with pytest.raises(StorageError, match="read-only"):
            _ = database.writer


def test_a_file_in_a_read_only_folder_can_be_read_and_nothing_appears_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "crm.db")
    _forbid_writing(monkeypatch, str(path), str(tmp_path))
    before = everything(tmp_path)
    with Database.open(str(path)) as database:
        assert database.immutable
        assert database.reader().execute("SELECT count(*) FROM customers").fetchone() == (0,)
        assert everything(tmp_path) == before


def test_an_older_file_that_cannot_be_brought_up_to_date_is_refused_in_a_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / "crm.db")
    connection = connect(str(path), uri=False)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION - 1}")
    connection.close()
    with Database.open(str(path), readonly=True, older=True) as database:
        assert database.readonly
    asked = refused(path, readonly=True)
    _forbid_writing(monkeypatch, str(path), str(tmp_path))
    for error in (asked, refused(path)):
        assert f"schema {SCHEMA_VERSION - 1}" in error.message and "read-only" in error.message
        assert error.hint and "Copy it" in error.hint and error.kept


def _forbid_writing(monkeypatch: pytest.MonkeyPatch, *paths: str) -> None:
    """As for a user without the right: chmod alone does not stop the superuser, whom tests may run as."""
    for path in paths:
        os.chmod(path, 0o500 if os.path.isdir(path) else 0o400)
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path not in paths and allowed(path, mode))


def test_a_folder_that_cannot_be_written_is_said_when_making_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(*_arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", no)
    with pytest.raises(StorageError, match="Permission denied"):
        Database.open(str(tmp_path / "crm.db"), create=True)


def test_a_damaged_file_names_the_backup(tmp_path: Path) -> None:
    path = made(tmp_path / "crm.db")
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(data)
    with (
        pytest.raises(StorageCorrupt) as caught,
        Database.open(str(path)) as database,
        storage_errors(str(path)),
    ):
        database.reader().execute("SELECT count(*) FROM sqlite_master, customers").fetchone()
    assert "restore" in (caught.value.hint or "")
    assert caught.value.exit_code == ExitCode.DATA


def test_two_processes_making_the_file_at_once_end_with_one_good_file(tmp_path: Path) -> None:
    path = tmp_path / "crm.db"
    program = (
        "import sys; from crmtui.storage.database import Database; Database.open(sys.argv[1], create=True).close()"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(4)]
    assert [process.wait(30) for process in processes] == [0, 0, 0, 0]
    assert names(tmp_path) == {"crm.db"}
    with Database.open(str(path)) as database:
        assert database.reader().execute("SELECT count(*) FROM deal_stages").fetchone() == (6,)


def test_the_other_of_two_makers_takes_the_file_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "crm.db"
    link = os.link

    def too_late(source: str, target: str) -> None:
        link(source, target)
        link(source, target)

    monkeypatch.setattr(os, "link", too_late)
    made(path)
    assert names(tmp_path) == {"crm.db"}


def test_an_interrupt_is_not_turned_into_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as caught, storage_errors(str(tmp_path)):
        raise OperationalError("interrupted")
    assert is_interrupt(caught.value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("database is locked", StorageBusy),
        ("database disk image is malformed", StorageCorrupt),
        ("database or disk is full", StorageError),
        ("unable to open database file", StorageError),
        ("attempt to write a readonly database", StorageError),
        ("no such table: customers", StorageCorrupt),
        ("something new", StorageError),
    ],
)
def test_the_driver_errors_are_told_in_our_words(text: str, kind: type[StorageError]) -> None:
    with pytest.raises(kind) as caught, storage_errors("file.db"):
        raise OperationalError(text)
    assert type(caught.value) is kind
    assert caught.value.where == "file.db"


def test_data_version_moves_with_the_commits_of_others(database: Database) -> None:
    reader = database.reader()
    before = data_version(reader)
    with operation(database, "test", actor="a") as act:
        act.insert("tags", {"name": "x"})
    assert data_version(reader) != before


def test_closing_twice_is_fine(database: Database) -> None:
    database.reader()
    database.close()
    database.close()


def test_a_closed_file_stands_alone(tmp_path: Path) -> None:
    """All that was written is in the one file: who copies it has everything."""
    path = tmp_path / "crm.db"
    with open_workspace(str(path), actor="me", create=True) as workspace:
        add_customer(workspace, {"name": "张伟"})
    assert sorted(file.name for file in tmp_path.iterdir()) == ["crm.db"]
