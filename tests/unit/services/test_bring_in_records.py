"""Importing files of records (JSON, XML, vCard, LDIF, HTML): what can be read comes in, what cannot is a reject with its line."""

import csv
from pathlib import Path
from typing import Any

import pytest

from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.services.lookup import record
from crmtui.services.workspace import Workspace, open_workspace

FILES = {
    "a.jsonl": '{"name":"Ann","email":"a@example.com"}\n{"name":"Bad",}\n{"name":"Bob","email":"b@example.com"}\n',
    "a.json": '[{"name":"Ann","email":"a@example.com"},\n{"name":"\\ud800"},\n{"name":"Bob","email":"b@example.com"}]',
    "a.vcf": (
        "BEGIN:VCARD\nFN:Ann\nEMAIL:a@example.com\nEND:VCARD\nBEGIN:VCARD\nFN:Bad\ngarbage\nEND:VCARD\n"
        "BEGIN:VCARD\nFN:Bob\nEMAIL:b@example.com\nEND:VCARD\n"
    ),
    "a.ldif": "dn: cn=Ann\ncn: Ann\nmail: a@example.com\n\ndn: cn=Bad\nbad\n\ndn: cn=Bob\ncn: Bob\nmail: b@example.com\n",
    "a.xml": (
        "<people><person><name>Ann</name><email>a@example.com</email></person>"
        "<person><name>Bob</name><email>b@example.com</email></person></people>"
    ),
    "a.xls": "<table><tr><th>name<th>email<tr><td>Ann<td>a@example.com<tr><td>Bob<td>b@example.com</table>",
}
BAD_LINES = {"a.jsonl": "2", "a.json": "2", "a.vcf": "5", "a.ldif": "5"}


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="DE", create=True) as opened:
        yield opened


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mode", ["create", "upsert"])
def test_broken_records_are_rejects_and_the_others_come_in(
    workspace: Workspace, tmp_path: Path, name: str, mode: Any
) -> None:
    path, rejects = tmp_path / name, tmp_path / "rejects.csv"
    path.write_text(FILES[name])
    run_import(workspace, str(path), ImportOptions(region="DE", mode=mode, rejects=str(rejects)))
    ids = [row[0] for row in workspace.database.reader().execute("SELECT id FROM customers ORDER BY name")]
    found = [(each["name"], each["emails"][0]["value"]) for each in (record(workspace, id_) for id_ in ids)]
    assert found == [("Ann", "a@example.com"), ("Bob", "b@example.com")]
    if name not in BAD_LINES:
        assert not rejects.exists()
        return
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        _header, row = csv.reader(stream)
    assert BAD_LINES[name] in row
    assert "damaged" in row[-1]
    assert "ad" in row[0] or "ud800" in row[0]
