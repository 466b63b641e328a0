"""verify: an untouched file passes, each kind of damage is named by its check."""

from collections.abc import Callable

import pytest

from crmtui.services.checking import CHECK_LABELS, verify
from crmtui.services.workspace import Workspace
from crmtui.storage.journal import link_hash
from crmtui.storage.undo import undo

MassImport = Callable[..., int]


def failed(workspace: Workspace) -> set[str]:
    return {finding.check for finding in verify(workspace) if not finding.ok}


def test_an_empty_and_a_filled_file_pass_every_check(workspace: Workspace, mass_import: MassImport) -> None:
    assert failed(workspace) == set()
    mass_import(workspace.database, 30)
    findings = verify(workspace, sample=10)
    assert [finding.check for finding in findings] == list(CHECK_LABELS)
    assert all(finding.ok for finding in findings)


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("DELETE FROM customers WHERE id = 3", "foreign_keys"),
        ("DELETE FROM search WHERE rowid = 3", "search_index"),
        ("INSERT INTO search(rowid, document) VALUES (99, 'x')", "search_index"),
        ("UPDATE customers SET name = 'Someone Else'", "search_sample"),
        ("UPDATE customers SET phone = '1'", "derived"),
        ("UPDATE operations SET actor = 'eve'", "chain"),
        ("DELETE FROM search_data WHERE id > 10", "integrity"),
        ("UPDATE operations SET state = 'running'", "unfinished"),
    ],
)
def test_each_damage_is_named_by_its_check(
    workspace: Workspace, mass_import: MassImport, damage: str, check: str
) -> None:
    mass_import(workspace.database, 30)
    connection = workspace.database.writer
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(damage)
    findings = {finding.check: finding for finding in verify(workspace)}
    assert not findings[check].ok
    assert findings[check].detail


def test_a_running_import_is_no_fault(workspace: Workspace, mass_import: MassImport) -> None:
    mass_import(workspace.database, 30, finish=False, index_later=True)
    findings = {finding.check: finding for finding in verify(workspace)}
    assert findings["unfinished"].ok
    assert "1" in findings["unfinished"].detail
    assert "30" in findings["search_index"].detail


def test_many_faults_are_shortened(workspace: Workspace, mass_import: MassImport) -> None:
    mass_import(workspace.database, 30)
    workspace.database.writer.execute("UPDATE customers SET phone = '1'")
    (derived,) = [finding for finding in verify(workspace, sample=500) if finding.check == "derived"]
    assert "more" in derived.detail


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE removed_rows SET rows = (SELECT rows FROM removed_rows ORDER BY id LIMIT 1) WHERE table_name = 'customers'",
        "UPDATE removed_rows SET last_id = last_id + 1",
        "DELETE FROM removed_rows WHERE id = (SELECT min(id) FROM removed_rows)",
        "DELETE FROM removed_rows",
        "INSERT INTO removed_rows(operation_id, table_name, first_id, last_id, rows)"
        " SELECT operation_id, table_name, first_id, last_id, rows FROM removed_rows LIMIT 1",
    ],
)
def test_rows_kept_for_a_redo_that_were_altered_are_found(
    workspace: Workspace, mass_import: MassImport, damage: str
) -> None:
    undone = undo(workspace.database, mass_import(workspace.database, 30), actor="ann")
    assert failed(workspace) == set()
    workspace.database.writer.execute(damage)
    assert failed(workspace) == {"chain"}
    (chain,) = [finding for finding in verify(workspace) if finding.check == "chain"]
    assert chain.detail.startswith(f"{undone.operation_id}: ")


def test_an_undo_of_an_older_version_is_verified_without_it(workspace: Workspace, mass_import: MassImport) -> None:
    """Files of version 1 have undos that say nothing of the rows they keep."""
    undone = undo(workspace.database, mass_import(workspace.database, 30), actor="ann").operation_id
    connection = workspace.database.writer
    row = connection.execute(
        "SELECT previous_hash, kind, subject, actor, at, digest FROM operations WHERE id = ?", (undone,)
    ).fetchone()
    previous, kind, subject, actor, at, digest = row
    detail = '{"failed": 0, "kept": 0, "target": 1}'
    connection.execute(
        "UPDATE operations SET detail = ?, hash = ? WHERE id = ?",
        (detail, link_hash(previous, undone, kind, subject or "", actor, at, detail, digest), undone),
    )
    assert failed(workspace) == set()
