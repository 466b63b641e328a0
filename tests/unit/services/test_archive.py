"""Archives: a folder that explains itself, and that comes in again as it was, or not at all."""

import csv
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmtui.errors import CrmError, FormatError
from crmtui.services.activity import add_deal, add_task, add_transaction, log_interaction
from crmtui.services.archive import is_archive, restore_archive, write_archive
from crmtui.services.archive_readme import readme
from crmtui.services.contact_points import add_point, set_alternate, set_state
from crmtui.services.demo import make_demo
from crmtui.services.lookup import find
from crmtui.services.participants import add_participants
from crmtui.services.record import add_customer, archive, delete
from crmtui.services.relations import relate
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.views import save_view
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.archive import SECTIONS
from crmtui.storage.digest import logical_digest
from crmtui.storage.journal import operation
from crmtui.storage.schema import JOURNALLED_TABLES
from crmtui.storage.search import Order

HOSTILE = {
    "name": "\x1b[31m=1+1\x07 𠮷 \u202eabc",
    "notes": "one\r\ntwo\rthree\x00four\u2028five",
    "tags": "=1+1;新;\\",
    "emails": "a@b.cn",
    "custom.行业": "软件;'硬件'\r\n\"",
    "external_ids": "shop:=A1",
    "city": "\u0085\ufeff x",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="CN", create=True) as opened:
        add_customer(opened, HOSTILE)
        gone = add_customer(opened, {"name": "Gone"}).customers[0]
        add_customer(opened, {"name": "上海博图贸易有限公司", "kind": "company", "phones": "13800138000 (work);021 1"})
        delete(opened, [gone])
        add_point(opened, 1, "wecom", "zhang_san", label="private")
        point = opened.database.reader().execute("SELECT id FROM contact_points WHERE kind = 'email'").fetchone()[0]
        set_state(opened, point, "bounced")
        old = opened.database.reader().execute("SELECT id FROM contact_points WHERE kind = 'phone'").fetchone()[0]
        set_alternate(opened, old)
        interaction = log_interaction(opened, [1], kind="call", text="hello\x00\r\n=1", minutes=5)
        row = opened.database.reader().execute("SELECT max(id) FROM interactions").fetchone()[0]
        assert interaction is not None
        add_participants(opened, row, [3])
        add_transaction(opened, 1, kind="order", amount=1_200_000, currency="CNY")
        add_deal(opened, 3, "Deal")
        add_task(opened, [1], "call")
        relate(opened, 1, 3, "friend")
        save_view(opened, "VIP", "tag:vip", Order("name"))
        with operation(opened.database, "test", actor="me") as act:
            act.update("customers", 1, {"company_id": 3})
            act.insert("redirects", {"customer_id": 1, "merged_id": 2})
            act.insert("alternates", {"customer_id": 1, "field": "name", "value": "Old", "from_id": 2})
            act.insert("tasks", {"text": "nobody's", "created_at": act.at})
            act.insert("recipes", {"name": "r", "body": "[x]\r\n"})
        archive(opened, [3])
        yield opened


def digest(workspace: Workspace) -> str:
    return logical_digest(workspace.database.reader())


def test_an_archive_comes_in_again_as_it_was(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    counts = write_archive(workspace, str(folder))
    assert is_archive(str(folder)) and not is_archive(str(tmp_path))
    assert counts["customers"] == 2 and counts["tasks"] == 2
    with open_workspace(str(tmp_path / "new.db"), actor="you", create=True) as other:
        told: list[tuple[int, int]] = []
        assert restore_archive(other, str(folder), dry_run=True).operation_id == 0
        restored = restore_archive(other, str(folder), progress=lambda done, total: told.append((done, total)))
        assert restored.operation_id and restored.counts["customers"] == 2 and told
        assert digest(other) == digest(workspace)
        assert find(other, "Old is:archived OR Old").ids == [1] and find(other, "is:archived").ids == [3]
        undo_last(other)
        assert other.database.reader().execute("SELECT count(*) FROM customers").fetchone() == (0,)
        assert other.database.reader().execute("SELECT count(*) FROM tasks").fetchone() == (0,)
        assert find(other, "Old").ids == []
        redo_last(other)
        assert digest(other) == digest(workspace)


def test_ids_that_were_given_out_are_not_given_again(workspace: Workspace, tmp_path: Path) -> None:
    folder = str(tmp_path / "out")
    write_archive(workspace, folder)
    with open_workspace(str(tmp_path / "new.db"), actor="you", create=True) as other:
        restore_archive(other, folder)
        undo_last(other)
        restore_archive(other, folder)
        reader = other.database.reader()
        assert reader.execute("SELECT id, company_id FROM customers").fetchall() == [(4, 6), (6, None)]
        assert reader.execute("SELECT customer_id, merged_id FROM redirects").fetchall() == [(4, 5)]
        assert reader.execute("PRAGMA foreign_key_check").fetchall() == []
        assert find(other, "Old").ids == [4]


def test_the_sample_of_the_program_comes_in_again(tmp_path: Path) -> None:
    make_demo(str(tmp_path / "demo.db"), customers=300)
    with open_workspace(str(tmp_path / "demo.db"), actor="me") as demo:
        write_archive(demo, str(tmp_path / "out"))
        with open_workspace(str(tmp_path / "new.db"), actor="me", create=True) as other:
            restore_archive(other, str(tmp_path / "out"))
            assert digest(other) == digest(demo)


def test_a_person_can_read_it(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_archive(workspace, str(folder))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["digest"] == digest(workspace)
    for name, entry in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"] and len(content) == entry["bytes"]
    assert set(os.listdir(folder)) == {*manifest["files"], "manifest.json"}
    readme = (folder / "README.txt").read_text()
    assert all(name in readme for name in manifest["files"] if name.endswith(".jsonl"))
    first = json.loads((folder / "customers.jsonl").read_text().split("\n")[0])
    assert first["name"] == HOSTILE["name"] and first["custom"] == {"行业": HOSTILE["custom.行业"]}
    assert first["contact_points"][0]["state"] == "bounced" and first["tags"][0]["tag"] == "=1+1"
    rows = list(csv.DictReader((folder / "customers.csv").open(encoding="utf-8-sig", newline="")))
    assert [row["name"] for row in rows] == [HOSTILE["name"], "上海博图贸易有限公司"]
    assert rows[1]["archived_at"]
    kinds = [json.loads(line)["kind"] for line in (folder / "operations.jsonl").open()]
    assert kinds[0] == "customer.add" and "view.save" in kinds


def test_nothing_that_is_journalled_is_left_out() -> None:
    held = {section.table for section in SECTIONS} | {child.table for section in SECTIONS for child in section.children}
    assert held == set(JOURNALLED_TABLES)
    assert all(f"{section.table}.jsonl" in readme({}, "", "") for section in SECTIONS)


def test_it_goes_only_where_there_is_nothing(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    write_archive(workspace, str(folder))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(CrmError, match="something in that place"):
        write_archive(workspace, str(folder))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    with pytest.raises(CrmError, match="not empty"):
        restore_archive(workspace, str(folder))
    assert not (tmp_path / "out.partial").exists()


def test_a_full_disk_leaves_nothing(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CrmError, match="No space left"):
        write_archive(workspace, str(tmp_path / "out"))
    assert not list(tmp_path.glob("out*"))


def rewritten(folder: Path, name: str, change: Callable[[list[Any]], object]) -> None:
    """Change documents of an archive and make the manifest fit, as somebody who means harm would."""
    path = folder / name
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    change(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    manifest = json.loads((folder / "manifest.json").read_text())
    content = path.read_bytes()
    manifest["files"][name] = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "documents": len(lines),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))


def refused(tmp_path: Path, folder: Path) -> FormatError:
    with open_workspace(str(tmp_path / "new.db"), actor="you", create=True) as other:
        before = digest(other)
        with pytest.raises(FormatError) as raised:
            restore_archive(other, str(folder))
        assert digest(other) == before
        assert other.database.reader().execute("SELECT count(*) FROM operations").fetchone() == (0,)
    return raised.value


@pytest.mark.parametrize("name", ["customers.jsonl", "README.txt", "customers.csv", "operations.jsonl"])
def test_a_changed_byte_is_found_and_named(workspace: Workspace, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "out"
    write_archive(workspace, str(folder))
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    error = refused(tmp_path, folder)
    assert error.where == name and "SHA-256" in error.message and error.kept == "Nothing was imported."
    (folder / name).unlink()
    assert refused(tmp_path, folder).where == name


@pytest.mark.parametrize(
    "name, change, reason",
    [
        ("customers.jsonl", lambda lines: lines[0].update({"name) VALUES (1); --": "x"}), "unknown column"),
        ("customers.jsonl", lambda lines: lines[0].pop("name"), "“name” is missing"),
        ("customers.jsonl", lambda lines: lines[0].update(name={"a": 1}), "no text"),
        ("customers.jsonl", lambda lines: lines[0].update(name="\ud800"), "no JSON"),
        ("customers.jsonl", lambda lines: lines[0].update(id="1; DROP"), "no id"),
        ("customers.jsonl", lambda lines: lines[0].update(company_id=77), "its company is missing"),
        ("customers.jsonl", lambda lines: lines[0].update(external_ids=7), "no list"),
        ("customers.jsonl", lambda lines: lines[0]["tags"][0].update(tag_id=99), "not there: 99"),
        ("customers.jsonl", lambda lines: lines[1].update(id=1), "twice"),
        ("tasks.jsonl", lambda lines: lines[0].update(customer_id=99), "not there: 99"),
        ("deals.jsonl", lambda lines: lines[0].update(amount=1 << 70), "no number"),
        ("views.jsonl", lambda lines: lines.append({**lines[0], "id": 9}), "“name” is there twice"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_line(
    workspace: Workspace, tmp_path: Path, name: str, change: Callable[[list[Any]], object], reason: str
) -> None:
    folder = tmp_path / "out"
    write_archive(workspace, str(folder))
    rewritten(folder, name, change)
    error = refused(tmp_path, folder)
    assert reason in error.message and str(error.where).startswith(f"{name}, line ")


def test_rows_that_the_database_refuses_leave_nothing(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_archive(workspace, str(folder))

    def double(lines: list[Any]) -> None:
        lines[1]["contact_points"][0]["id"] = lines[0]["contact_points"][0]["id"]

    rewritten(folder, "customers.jsonl", double)
    with open_workspace(str(tmp_path / "new.db"), actor="you", create=True) as other:
        before = digest(other)
        with pytest.raises(CrmError):
            restore_archive(other, str(folder))
        assert digest(other) == before
        assert other.database.reader().execute("SELECT count(*) FROM operations").fetchone() == (0,)


def test_a_manifest_that_is_none_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_archive(workspace, str(folder))
    whole = json.loads((folder / "manifest.json").read_text())
    for text in ("", "[" * 100_000, "{}", json.dumps({**whole, "version": 99}), json.dumps({**whole, "files": {}})):
        (folder / "manifest.json").write_text(text)
        assert refused(tmp_path, folder).where == "manifest.json"
    (folder / "manifest.json").write_text(json.dumps({**whole, "files": {**whole["files"], "../x": {}}}))
    assert "elsewhere" in refused(tmp_path, folder).message


def test_a_stopped_import_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_archive(workspace, str(folder))

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with open_workspace(str(tmp_path / "new.db"), actor="you", create=True) as other:
        before = digest(other)
        with pytest.raises(CrmError, match="stopped"):
            restore_archive(other, str(folder), progress=stop)
        assert digest(other) == before
