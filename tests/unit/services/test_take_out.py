"""Exporting: what is written, and that it comes in again as it was."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from crmtui.errors import FormatError, UsageError
from crmtui.services.bring_in import run_import
from crmtui.services.lookup import record
from crmtui.services.record import add_customer, archive
from crmtui.services.take_out import export
from crmtui.services.workspace import Workspace, open_workspace

AWKWARD: list[dict[str, str]] = [
    {
        "name": "张三",
        "phones": "13800138000;+44 20 7946 0958",
        "emails": "a@b.cn;C@D.org",
        "wechat": "wx_zhang",
        "tags": "vip;新客户",
    },
    {
        "name": '=1+1, "quoted"\nsecond line',
        "notes": "  无\nline two\t=x",
        "company": "O'Neil & Söhne;GmbH",
        "street": "A, B",
    },
    {"name": "\x1b[31mred\x07", "city": "a\0b", "region": "[/x]", "custom.行业": "软件;硬件", "custom.Größe": "N/A"},
    {
        "company": "上海博图贸易有限公司",
        "kind": "company",
        "urls": "https://a.example/x;b.example",
        "messaging": "wecom:u1;line:x",
    },
    {
        "name": "Anna van Beek",
        "family_name": "van Beek",
        "given_name": "Anna",
        "birthday": "1990-02",
        "do_not_contact": "yes",
    },
    {
        "name": "Nr. 7",
        "external_ids": "crm:7;shop:A-1",
        "phones": "138****5678",
        "postal_code": "01067",
        "country": "Germany",
    },
    {"name": "'+49", "job_title": "@boss", "owner": "-me", "source": "+1", "stage": "客户", "language": "zh"},
]


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="CN", create=True) as opened:
        for values in AWKWARD:
            add_customer(opened, values)
        yield opened


def contents(workspace: Workspace) -> list[dict[str, Any]]:
    reader = workspace.database.reader()
    found = []
    for (customer,) in reader.execute("SELECT id FROM customers ORDER BY id"):
        values = dict(record(workspace, customer))
        del values["id"]
        found.append(values)
    return found


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("format_id", ["csv", "tsv", "xlsx"])
def test_awkward_customers_come_back_as_they_were(workspace: Workspace, tmp_path: Path, format_id: str) -> None:
    path = tmp_path / f"out.{format_id}"
    assert export(workspace, str(path), format=format_id) == len(AWKWARD)
    with open_workspace(str(tmp_path / "again.db"), actor="me", region="CN", create=True) as other:
        result = run_import(other, str(path))
        assert result.counts.created == len(AWKWARD)
        assert contents(other) == contents(workspace)


def test_a_stream_of_csv_has_keys_and_a_column_for_each_phone(workspace: Workspace) -> None:
    stream = io.BytesIO()
    told: list[tuple[int, int]] = []
    export(workspace, stream, format="csv", progress=lambda done, total: told.append((done, total)))
    first = rows_of(stream.getvalue().decode())[0]
    assert (first["name"], first["phones"], first["phones 2"], first["emails 2"]) == (
        "张三",
        "13800138000",
        "+44 20 7946 0958",
        "C@D.org",
    )
    assert "id" not in first and "custom.行业" in first
    assert told == [(7, 7)]


def test_a_spreadsheet_gets_labels_and_no_formulas(workspace: Workspace) -> None:
    stream = io.BytesIO()
    export(workspace, stream, format="csv", profile="spreadsheet", fields=["name", "job_title", "phones"])
    rows = rows_of(stream.getvalue().decode())
    assert list(rows[0]) == ["Name", "Job title", "Phone", "Phone 2"]
    assert rows[1]["Name"].startswith("'=1+1") and rows[6] == {
        "Name": "''+49",
        "Job title": "'@boss",
        "Phone": "",
        "Phone 2": "",
    }


def test_json_holds_the_records_of_the_command_line(workspace: Workspace) -> None:
    stream = io.BytesIO()
    export(workspace, stream, format="json", query="name:张三")
    [document] = json.loads(stream.getvalue())
    assert document == json.loads(json.dumps(record(workspace, 1)))
    stream = io.BytesIO()
    export(workspace, stream, format="jsonl", fields=["id", "wechat", "city", "custom.行业"])
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == len(AWKWARD)
    assert list(lines[2]) == ["id", "messaging", "addresses", "custom"] and lines[2]["custom"]["行业"] == "软件;硬件"


def test_archived_customers_stay_out_unless_asked_for(workspace: Workspace) -> None:
    archive(workspace, [1])
    assert export(workspace, io.BytesIO(), format="csv") == len(AWKWARD) - 1
    assert export(workspace, io.BytesIO(), format="csv", query="is:archived") == 1


def test_what_is_wrong_is_named_and_nothing_is_written(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    with pytest.raises(UsageError, match="no field phnes"):
        export(workspace, str(path), format="csv", fields=["phnes"])
    with pytest.raises(UsageError, match="no profile"):
        export(workspace, str(path), format="csv", profile="fancy")
    with pytest.raises(FormatError):
        export(workspace, str(path), format="ldif")
    assert not list(tmp_path.glob("out*"))


def test_others_may_write_during_an_export(workspace: Workspace) -> None:
    class Slow(io.BytesIO):
        def write(self, data: Any) -> int:
            if not wrote:
                wrote.append(1)
                with open_workspace(workspace.database.path, actor="you") as other:
                    add_customer(other, {"name": "Late"})
            return super().write(data)

    wrote: list[int] = []
    assert export(workspace, Slow(), format="jsonl") == len(AWKWARD)
