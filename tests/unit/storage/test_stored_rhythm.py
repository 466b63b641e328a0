"""The rhythm in old files and after mass writes: filled by the migration, kept by imports, checked by verify, exact under undo."""

import json
import zlib
from collections.abc import Callable
from contextlib import closing

import pytest

from crmtui.domain.batch import BatchBuilder
from crmtui.domain.intake import new_customer
from crmtui.services import activity, record
from crmtui.services.checking import verify
from crmtui.services.demo import make_demo
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.database import Database
from crmtui.storage.derived import compute
from crmtui.storage.digest import logical_digest
from crmtui.storage.driver import connect
from crmtui.storage.migrations import migrate

MassImport = Callable[..., int]


def wrong(workspace: Workspace) -> list[int]:
    connection = workspace.database.writer
    ids = [row[0] for row in connection.execute("SELECT id FROM customers")]
    return [entry.customer_id for entry in compute(connection, ids) if entry.fresh != entry.stored]


def rhythm(workspace: Workspace, customer: int) -> tuple[int | None, str | None]:
    row = workspace.database.writer.execute(
        "SELECT usual_gap_days, quiet_from FROM customers WHERE id = ?", (customer,)
    )
    found: tuple[int | None, str | None] = row.fetchone()
    return found


def test_an_old_file_gets_the_rhythms(workspace: Workspace, path: str) -> None:
    often, guest, seldom = (record.add_customer(workspace, {"name": name}).customers[0] for name in ("A", "B", "C"))
    for day in (1, 11, 21):
        activity.log_interaction(workspace, [often, guest], at=f"2026-01-{day:02d}T10:00:00Z")
    activity.log_interaction(workspace, [seldom], at="2026-01-05T10:00:00Z")
    record.edit_customer(workspace, seldom, {"last_interaction_at": "2026-03-01"})
    expected = logical_digest(workspace.database.writer)
    assert rhythm(workspace, often) == rhythm(workspace, guest) == (10, "2026-02-10")
    workspace.close()
    with closing(connect(path, uri=False)) as connection:  # as schema 1 had it
        for name in ("quiet", "owner_quiet", "birthday"):
            connection.execute(f"DROP INDEX customers_by_{name}")
        for name in ("time", "owner"):
            connection.execute(f"DROP INDEX tasks_by_{name}")
        connection.execute("UPDATE customers SET last_interaction_at = NULL WHERE id = ?", (guest,))
        for column in ("usual_gap_days", "quiet_from"):
            connection.execute(f"ALTER TABLE customers DROP COLUMN {column}")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = '0003_working_day'")
        migrate(connection)
    with open_workspace(path, actor="ann") as again:
        assert wrong(again) == []
        assert rhythm(again, guest) == (10, "2026-02-10")
        assert logical_digest(again.database.writer) == expected


def test_rows_packed_before_a_column_came_can_be_brought_back(
    workspace: Workspace, database: Database, mass_import: MassImport
) -> None:
    mass_import(database, 10)
    before = logical_digest(database.writer)
    undo_last(workspace)
    rows = database.writer.execute("SELECT id, rows FROM removed_rows WHERE table_name = 'customers'").fetchall()
    for piece, packed in rows:  # as schema 1 packed them
        short = [row[:-2] for row in json.loads(zlib.decompress(packed))]
        packed = zlib.compress(json.dumps(short, ensure_ascii=False).encode())
        database.writer.execute("UPDATE removed_rows SET rows = ? WHERE id = ?", (packed, piece))
    assert redo_last(workspace).failed == []
    assert logical_digest(database.writer) == before


def test_a_batch_brings_its_rhythms() -> None:
    builder = BatchBuilder()
    first = builder.add(new_customer({"name": "A"}), "2026-01-01T00:00:00Z")
    second = builder.add(new_customer({"name": "B"}), "2026-01-01T00:00:00Z")
    for day in (1, 11, 21):
        builder.add_child("interactions", second, {"kind": "call", "at": f"2026-01-{day:02d}T10:00:00Z"})
    builder.add_child("interactions", first, {"kind": "call", "at": "2026-01-01T10:00:00Z"})
    assert list(builder.take().rhythms) == [(10, "2026-02-10", second)]
    assert list(builder.take().rhythms) == []


def test_a_wrong_rhythm_is_found_by_verify(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "A"}).customers[0]
    assert all(finding.ok for finding in verify(workspace))
    workspace.database.writer.execute("UPDATE customers SET quiet_from = '2026-01-01' WHERE id = ?", (customer,))
    assert [finding.check for finding in verify(workspace) if not finding.ok] == ["derived"]


def test_the_sample_has_its_rhythms(path: str) -> None:
    make_demo(path, customers=300)
    with open_workspace(path, actor="ann") as workspace:
        assert wrong(workspace) == []
        count = workspace.database.writer.execute("SELECT count(*) FROM customers WHERE quiet_from IS NOT NULL")
        assert count.fetchone()[0] > 50


def test_the_big_sample_has_its_rhythms(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crmtui.services.demo.BIG", 100)
    make_demo(path, customers=1700)
    with open_workspace(path, actor="ann") as workspace:
        assert wrong(workspace) == []
        count = workspace.database.writer.execute("SELECT count(*) FROM customers WHERE quiet_from IS NOT NULL")
        assert count.fetchone()[0] > 300
