"""The Detect step of an import as scripts and people see it: facts, damage, empty words, broken bytes, all sheets."""

import csv
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from crmtui.services.bring_in import ImportOptions, inspect, map_columns, run_import
from crmtui.services.bring_in import detect as detect_file
from crmtui.services.importing.facts import look_closely
from crmtui.services.lookup import record
from crmtui.services.workspace import Workspace, open_workspace

DAMAGED = """客户资料导出,,,,,
基本信息,,联系方式,,地址,备注
姓名*,生日,手机,邮箱,邮编,
（必填）,格式：YYYY-MM-DD,必填,选填,选填,不超过200字
张伟,32874,13800138000.0,zw@example.com,200120,无
李娜,33000,1.39E+10,,43432,VIP
王芳,33123,13700137000.0,wf@example.com,100020,无
刘强,33500,13600136000.0,,310000,
合计,4,,,,
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="CN", create=True) as opened:
        yield opened


def write(tmp_path: Path, content: str | bytes, name: str = "file.csv", encoding: str = "utf-8") -> str:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return str(path)


def customers(workspace: Workspace) -> list[dict[str, Any]]:
    reader = workspace.database.reader()
    ids = [row[0] for row in reader.execute("SELECT id FROM customers ORDER BY id")]
    return [dict(record(workspace, each)) for each in ids]


def test_the_document_of_inspect(tmp_path: Path) -> None:
    document = inspect(None, write(tmp_path, DAMAGED, encoding="gb18030"), ImportOptions(region="CN"))
    assert document["encoding_candidates"][0]["encoding"] == "gb18030"
    assert document["encoding_candidates"][0]["rows"][0].startswith("（必填）")
    assert document["delimiter_candidates"][0]["delimiter"] == ","
    assert (document["header_row"], document["skipped_rows"], document["footer_rows"]) == (3, [4], [9])
    assert (document["rows_read"], document["all_rows_read"]) == (4, True)
    facts = {each["column"]: each for each in document["columns"]}
    assert list(facts) == ["姓名*", "生日", "手机", "邮箱", "邮编", "备注"]
    assert (facts["邮箱"]["blank"], facts["邮箱"]["content"]) == (2, "emails")
    assert facts["备注"]["empty_words"] == {"无": 2}
    damage = {(column, each["kind"]): each["repair"] for column in facts for each in facts[column]["damage"]}
    assert damage == {
        ("生日", "serial_date"): "date:ymd",
        ("手机", "point_zero"): "integer",
        ("手机", "scientific_lost"): None,
        ("邮编", "lost_zeros"): "zfill:6",
    }
    for key in ("operation", "counts"):
        assert key not in document


def test_facts_of_the_beginning_of_a_long_file(tmp_path: Path) -> None:
    text = "name,email\n" + "".join(f"Ann {n},a{n}@example.com\n" for n in range(5000)) + "Total,5000\n"
    plan = map_columns(detect_file(write(tmp_path, text)))
    facts = look_closely(plan, rows=1000)
    assert (facts.rows, facts.complete, facts.footers) == (1000, False, ())
    assert facts.columns[0].distinct == 1000
    whole = look_closely(plan)
    assert (whole.rows, whole.complete, whole.footers) == (5000, True, (5002,))


def test_a_row_that_is_no_text_is_rejected_with_its_bytes(workspace: Workspace, tmp_path: Path) -> None:
    rows = "".join(f"张伟{n},1380013{n:04d}\n" for n in range(40))
    broken = b"\x81\x98\xff\x81,13900139000\n"
    path = write(tmp_path, ("姓名,手机\n" + rows).encode() + broken + "李娜,13700137000\n".encode("gb18030"))
    rejects = tmp_path / "rejects.csv"
    result = run_import(workspace, path, ImportOptions(region="CN", rejects=str(rejects)))
    assert (result.counts.created, result.counts.rejected) == (41, 1)
    assert [(issue.row, issue.code) for issue in result.issues if issue.code == "broken_text"] == [(42, "broken_text")]
    assert customers(workspace)[-1]["name"] == "李娜"
    assert b"\x81\x98\xff\x81" in rejects.read_bytes()


def test_empty_words_are_as_somebody_says(workspace: Workspace, tmp_path: Path) -> None:
    text = "姓名,公司,城市\n张伟,无,暂无\n李娜,N/A,—\n"
    for words, companies, cities in (
        (None, ["", ""], ["", ""]),
        ((), ["无", "N/A"], ["暂无", "—"]),
        (("暂无", "n/a"), ["无", ""], ["", "—"]),
    ):
        name = f"file{len(companies)}{words and len(words)}.csv"
        run_import(workspace, write(tmp_path, text, name), ImportOptions(region="CN", empty_words=words, again=True))
        found = customers(workspace)[-2:]
        assert [each["company"] or "" for each in found] == companies
        assert [each["addresses"][0]["city"] if each["addresses"] else "" for each in found] == cities


def test_all_sheets_come_in_at_once(workspace: Workspace, tmp_path: Path) -> None:
    book = Workbook()
    book.remove(book.active)
    for name, people in (("一月", ["张伟", "李娜"]), ("二月", ["王芳", "刘强"])):
        sheet = book.create_sheet(name)
        sheet.append(["姓名", "城市"])
        for person in people:
            sheet.append([person, "上海"])
        sheet.append(["合计", 2])
    book.save(tmp_path / "months.xlsx")
    result = run_import(workspace, str(tmp_path / "months.xlsx"), ImportOptions(sheet="*"))
    assert sorted(each["name"] for each in customers(workspace)) == ["刘强", "张伟", "李娜", "王芳"]
    assert result.issue_counts["footer"] == 2
    document = result.to_json()
    assert document["sheet"] == "*"


def test_a_repair_is_a_step_that_can_be_chosen(tmp_path: Path) -> None:
    plan = map_columns(
        detect_file(
            write(tmp_path, "name,PLZ\n" + "".join(f"A{n},{c}\n" for n, c in enumerate(("1067", "80331", "50667"))))
        )
    )
    damage = look_closely(plan).columns[1].damages[0]
    assert (damage.kind, damage.repair) == ("lost_zeros", "zfill:5")


def test_rejects_of_broken_rows_read_back(tmp_path: Path, workspace: Workspace) -> None:
    path = write(tmp_path, b"name,city\nAnn,Rome\nBob,Oslo\n\x81\xff,x\n")
    rejects = tmp_path / "r.csv"
    run_import(workspace, path, ImportOptions(rejects=str(rejects), encoding="utf-8"))
    with rejects.open(encoding="utf-8", errors="replace", newline="") as stream:
        assert len(list(csv.reader(stream))) == 2
