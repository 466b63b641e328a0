"""Importing: the steps, what is stored, what is refused, and that nothing is left when it fails."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from crmtui.domain.intake import new_customer
from crmtui.errors import FormatError, Interrupted, UsageError
from crmtui.services import bring_in
from crmtui.services.bring_in import ImportOptions, inspect, run_import
from crmtui.services.checking import verify
from crmtui.services.lookup import find, record
from crmtui.services.record import add_customer
from crmtui.services.undo_history import undo_last
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.derived import refresh_customers
from crmtui.storage.digest import logical_digest

CHINESE = "客户名称,手机,邮箱,公司,职位,标签,备注,行业\n张三,13800138000,zs@a.cn,华信公司,经理,VIP,你好,软件\n李四,138****5678,,,,,,\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="CN", create=True) as opened:
        yield opened


def write(tmp_path: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> str:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return str(path)


def records(workspace: Workspace) -> list[dict[str, Any]]:
    reader = workspace.database.reader()
    ids = [row[0] for row in reader.execute("SELECT id FROM customers ORDER BY id")]
    return [dict(record(workspace, each)) for each in ids]


def digest(workspace: Workspace) -> str:
    return logical_digest(workspace.database.reader())


def test_a_chinese_file_comes_in(workspace: Workspace, tmp_path: Path) -> None:
    result = run_import(workspace, write(tmp_path, CHINESE, encoding="gb18030"))
    document = result.to_json()
    assert document["encoding"] == "gb18030" and document["delimiter"] == ","
    assert document["counts"] == {
        "rows": 2,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "rejected": 0,
        "duplicates_in_file": 0,
    }
    first, second = records(workspace)
    assert (first["name"], first["family_name"], first["given_name"], first["company"]) == (
        "张三",
        "张",
        "三",
        "华信公司",
    )
    assert first["phones"] == [{"value": "13800138000", "e164": "+8613800138000", "label": "mobile", "primary": True}]
    assert first["custom"] == {"行业": "软件"} and first["tags"] == ["VIP"]
    assert second["phones"][0]["e164"] is None
    [issue] = document["issues"]
    assert (issue["row"], issue["column"], issue["code"]) == (3, "手机", "masked")
    assert find(workspace, "zhangsan").ids == [first["id"]]
    assert workspace.database.reader().execute("SELECT key FROM field_definitions").fetchall() == [("行业",)]
    assert all(finding.ok for finding in verify(workspace))
    json.dumps(document)


def test_what_is_bulk_imported_has_the_derived_values_and_document_that_an_edit_computes(
    workspace: Workspace, tmp_path: Path
) -> None:
    rows = [
        "name,given,family,company,title,emails,phones,wechat,city,tags,created,last_contact",
        "欧阳修远,,,上海博图贸易有限公司,经理,a@b.cn;C@d.org,13800138000;+44 20 7946 0958,wx_1,上海,vip;新,2024-01-02,2024-05-06",
        "Anna van Beek,Anna,van Beek,Acme Ltd.,,a1b2@c.de,(212) 555-0188,,Köln,,,",
        "Müller GmbH,,,,,,030/123,,,,,2023-01-01",
        ",单,雄信,,,,,,,,,",
        "Dr. Ann Lee,Anne,Leé,,,x@y.z.com,+1 212 555 0100,qq,,,,",
    ]
    run_import(workspace, write(tmp_path, "\n".join(rows)))
    connection = workspace.database.writer
    derived = "SELECT id, sort_name, phone, email, city, last_interaction_at FROM customers ORDER BY id"
    vocabulary = "SELECT term, doc FROM temp.terms ORDER BY term, doc"
    connection.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'search', 'instance')")
    before = connection.execute(derived).fetchall(), connection.execute(vocabulary).fetchall()
    connection.execute(
        "UPDATE customers SET sort_name = '', phone = NULL, email = NULL, city = NULL, last_interaction_at = NULL"
    )
    refresh_customers(connection, [row[0] for row in before[0]])
    assert connection.execute(derived).fetchall() == before[0]
    assert connection.execute(vocabulary).fetchall() == before[1]
    assert len(before[1]) > 60


def test_inspect_tells_without_a_database(tmp_path: Path) -> None:
    document = inspect(None, write(tmp_path, CHINESE), ImportOptions(region="CN"))
    assert document["mapping"]["客户名称"] == {"field": "name", "reason": "synonym", "confidence": 1.0}
    assert document["mapping"]["行业"]["reason"] == "kept"
    assert (document["format"], document["header_row"]) == ("csv", 1)


def test_a_rehearsal_writes_nothing_and_counts_as_the_run_will(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, CHINESE + ",,-,,,,,\n张三,13800138000,,,,,,,x\n")
    before = digest(workspace)
    rehearsed = run_import(workspace, path, dry_run=True)
    assert digest(workspace) == before and rehearsed.operation_id == 0
    result = run_import(workspace, path)
    assert result.counts == rehearsed.counts
    assert result.issue_counts == rehearsed.issue_counts
    assert (result.counts.created, result.counts.rejected) == (2, 2)
    assert (
        bring_in.validate(bring_in.map_columns(bring_in.detect(path, ImportOptions(region="CN")))).counts
        == result.counts
    )


def test_an_import_is_one_operation_and_undo_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    add_customer(workspace, {"name": "Anna"})
    before = digest(workspace)
    result = run_import(workspace, write(tmp_path, CHINESE))
    assert result.backup is not None and os.path.exists(result.backup)
    undo_last(workspace, result.operation_id)
    assert digest(workspace) == before


def test_the_same_file_again_is_refused_unless_it_was_undone_or_is_wanted(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, CHINESE)
    first = run_import(workspace, path)
    with pytest.raises(FormatError, match="is in already"):
        run_import(workspace, path)
    assert run_import(workspace, path, dry_run=True).already_imported == first.operation_id
    again = run_import(workspace, path, ImportOptions(region="CN", again=True))
    assert again.already_imported == first.operation_id
    assert len(records(workspace)) == 4
    undo_last(workspace, again.operation_id)
    undo_last(workspace, first.operation_id)
    assert run_import(workspace, path).already_imported is None


def test_rejected_rows_keep_their_encoding_and_say_why(workspace: Workspace, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    path = write(tmp_path, "姓名;电话;备注\n张三;13800138000;\n;-;\n李四;1;2;3\n", encoding="gb18030")
    result = run_import(workspace, path, ImportOptions(region="CN", rejects=str(rejects)))
    assert result.rejects_file == str(rejects)
    lines = rejects.read_bytes().decode("gb18030").splitlines()
    assert lines[0].startswith("姓名;电话;备注;")
    assert lines[1].startswith("李四;1;2;3;4;") or lines[2].startswith("李四;1;2;3;4;")
    assert any(line.startswith(";-;;3;") for line in lines)


def test_rows_that_repeat_a_phone_or_address_are_kept_and_told(workspace: Workspace, tmp_path: Path) -> None:
    rows = ["姓名,手机,邮箱", "甲,13800138000,a@b.cn", "乙,138 0013 8000,", "丙,,A@B.CN", "丁,13900139000,"]
    result = run_import(workspace, write(tmp_path, "\n".join(rows)))
    assert (result.counts.created, result.counts.duplicates_in_file) == (4, 2)
    assert [issue.row for issue in result.issues if issue.code == "repeated"] == [3, 4]


def test_a_total_at_the_end_is_no_customer(workspace: Workspace, tmp_path: Path) -> None:
    result = run_import(workspace, write(tmp_path, "姓名,金额\n张三,5\n合计,5\n"))
    assert (result.counts.created, result.counts.skipped) == (1, 1)


def test_a_fault_far_in_the_file_takes_everything_back(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(b"name,note\n" + b"Anna,x\n" * 90_000 + b'Bert,"open\n')
    before = digest(workspace)
    with pytest.raises(FormatError) as refused:
        run_import(workspace, str(path), ImportOptions(encoding="utf-8"))
    assert "bad.csv" in str(refused.value) and "90002" in str(refused.value)
    assert digest(workspace) == before
    assert workspace.database.reader().execute("SELECT count(*) FROM operations").fetchone() == (0,)
    assert all(finding.ok for finding in verify(workspace))


def test_stopping_leaves_nothing_behind(workspace: Workspace, tmp_path: Path) -> None:
    add_customer(workspace, {"name": "Anna"})
    path = write(tmp_path, "name,phone\n" + "".join(f"Bert {at},+4420794{at:05}\n" for at in range(30_000)))
    before = digest(workspace)
    seen = []

    def watch(told: bring_in.Progress) -> None:
        seen.append(told.phase)
        if told.done > 5000:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        run_import(workspace, path, watch=watch)
    assert seen and digest(workspace) == before
    plan = bring_in.map_columns(bring_in.detect(path))
    with pytest.raises(Interrupted):
        bring_in.run(workspace, plan, cancelled=lambda: True)
    assert digest(workspace) == before
    assert all(finding.ok for finding in verify(workspace))


def test_a_killed_import_is_taken_back_at_the_next_start(tmp_path: Path) -> None:
    database = str(tmp_path / "c.db")
    path = write(tmp_path, "name,phone\n" + "".join(f"Bert {at},+4420794{at:05}\n" for at in range(60_000)))
    program = textwrap.dedent(
        """
        import sys
        from crmtui.services.bring_in import run_import
        from crmtui.services.workspace import open_workspace
        workspace = open_workspace(sys.argv[1], actor="me", create=True)
        run_import(workspace, sys.argv[2], watch=lambda told: print(told.phase, told.done, flush=True))
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, database, path], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert child.stdout is not None
    for line in child.stdout:
        if int(line.split()[1]) > 10_000:
            break
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    with open_workspace(database, actor="me") as workspace:
        reader = workspace.database.reader()
        for table in ("customers", "contact_points", "operations", "search_docsize", "search_queue", "settings"):
            assert reader.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        indexes = {row[0] for row in reader.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        assert {"contact_points_by_value", "customers_by_last", "customers_by_name"} <= indexes
        assert all(finding.ok for finding in verify(workspace))
        assert run_import(workspace, path).counts.created == 60_000


def existing(workspace: Workspace) -> dict[str, int]:
    return {
        name: add_customer(workspace, values | {"name": name}).customers[0]
        for name, values in {
            "Anna": {"emails": "anna@x.org", "stage": "lead", "tags": "old", "do_not_contact": "yes"},
            "Bert": {"phones": "+44 20 7946 0958", "external_ids": "import:7"},
            "Carl": {"emails": "carl@x.org", "company": "C Ltd", "city": "Bonn"},
        }.items()
    }


UPDATES = (
    "Name,Email,Phone,ID,Stage,Tags,City,Do Not Contact,Farbe\n"
    "Anna,ANNA@x.org,+44 20 7946 0111,,customer,new,,no,rot\n"
    ",,020 7946 0958,,,,Leeds,,\n"
    ",carl@x.org,,7,,,,,\n"
    "Carl,carl@x.org,,,,,Köln,,\n"
    "Dora,dora@x.org,,,lead,,,,\n"
    "Dora D,dora@x.org,,,lead,,,,\n"
    "Emil,,,,,,,,\n"
)


@pytest.mark.parametrize(
    ("mode", "counts"),
    [
        ("update", {"created": 0, "updated": 3, "unchanged": 0, "skipped": 4}),
        ("upsert", {"created": 2, "updated": 4, "unchanged": 0, "skipped": 1}),
        ("fill", {"created": 0, "updated": 2, "unchanged": 1, "skipped": 4}),
    ],
)
def test_rows_meet_customers_and_the_rehearsal_knows_it(
    workspace: Workspace, tmp_path: Path, mode: Any, counts: dict[str, int]
) -> None:
    ids = existing(workspace)
    before = digest(workspace)
    path = write(tmp_path, UPDATES)
    options = ImportOptions(region="GB", mode=mode)
    rehearsed = run_import(workspace, path, options, dry_run=True)
    assert digest(workspace) == before
    result = run_import(workspace, path, options)
    assert result.counts == rehearsed.counts and result.issue_counts == rehearsed.issue_counts
    assert {name: getattr(result.counts, name) for name in counts} == counts
    anna = record(workspace, ids["Anna"])
    assert anna["do_not_contact"] is True
    assert set(anna["tags"]) == ({"old"} if mode == "fill" else {"old", "new"})
    assert anna["stage"] == ("lead" if mode == "fill" else "customer")
    assert [phone["e164"] for phone in anna["phones"]] == ["+442079460111"]
    assert anna["custom"] == {"Farbe": "rot"}
    assert record(workspace, ids["Carl"])["addresses"][0]["city"] == ("Bonn" if mode == "fill" else "Köln")
    assert record(workspace, ids["Bert"])["addresses"][0]["city"] == "Leeds"
    assert "ambiguous" in result.issue_counts
    assert all(finding.ok for finding in verify(workspace))
    undo_last(workspace, result.operation_id)
    assert digest(workspace) == before


def test_a_company_is_not_met_by_the_phone_of_a_person(workspace: Workspace, tmp_path: Path) -> None:
    add_customer(workspace, {"name": "Ann Bell", "kind": "person", "phones": "+442079460001", "external_ids": "crm:7"})
    path = write(tmp_path, "name,kind,phones,external_ids\nBell Ltd,company,+442079460001,\n")
    assert run_import(workspace, path, ImportOptions(mode="upsert")).counts.created == 1
    assert [(each["name"], each["kind"]) for each in records(workspace)] == [
        ("Ann Bell", "person"),
        ("Bell Ltd", "company"),
    ]
    path = write(tmp_path, "name,kind,external_ids\nAnn Bell,company,crm:7\n", "ids.csv")
    assert run_import(workspace, path, ImportOptions(mode="upsert")).counts.updated == 1


def test_an_import_that_changes_nothing_leaves_no_operation(workspace: Workspace, tmp_path: Path) -> None:
    existing(workspace)
    count = "SELECT count(*) FROM operations"
    before = workspace.database.reader().execute(count).fetchone()
    result = run_import(workspace, write(tmp_path, "Name,Email\nAnna,anna@x.org\n"), ImportOptions(mode="update"))
    assert (result.operation_id, result.counts.unchanged) == (0, 1)
    assert workspace.database.reader().execute(count).fetchone() == before


def test_hostile_text_is_stored_exactly(workspace: Workspace, tmp_path: Path) -> None:
    names = ["\x1b]0;x\x07Evil", "[/x]", "[@click=app.quit]x", "=1+1", "a\0b", "‮gpj.exe", "'quoted"]
    text = "name,company,note,tags,字段\n" + "".join(
        f'"{name}","{name}","{name}","{name}","{name}"\n' for name in names
    )
    run_import(workspace, write(tmp_path, text))
    stored = records(workspace)
    assert [each["name"] for each in stored] == names
    assert [each["notes"] for each in stored] == names
    assert [each["custom"]["字段"] for each in stored] == names
    assert stored[0]["tags"] == ["\x1b]0", "x\x07Evil"]


def test_an_id_that_another_customer_has_stays_there(workspace: Workspace, tmp_path: Path) -> None:
    existing(workspace)
    result = run_import(workspace, write(tmp_path, "Customer ID,Name\n7,Zoe\n8,Yves\n"))
    assert result.issue_counts["id_taken"] == 1
    assert [each["external_ids"] for each in records(workspace)[-2:]] == [{}, {"import": "8"}]


def test_xlsx_comes_in_by_the_same_steps(workspace: Workspace, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["客户资料"])
    sheet.append(["姓名", "手机", "生日"])
    sheet.append(["张三", 13800138000, "1990/2/3"])
    book.save(tmp_path / "book.xlsx")
    result = run_import(workspace, str(tmp_path / "book.xlsx"))
    assert (result.plan.detection.format, result.plan.detection.header_row) == ("xlsx", 2)
    [customer] = records(workspace)
    assert customer["phones"][0]["e164"] == "+8613800138000" and customer["birthday"] == "1990-02-03"


def test_the_order_of_day_and_month_is_decided_by_the_whole_column(workspace: Workspace, tmp_path: Path) -> None:
    rows = ["name,birthday", *(f"A{at},5/3/1990" for at in range(50)), "Z,25/3/1990"]
    run_import(workspace, write(tmp_path, "\n".join(rows)), ImportOptions(region="US"))
    assert {each["birthday"] for each in records(workspace)} == {"1990-03-05", "1990-03-25"}


def test_an_edit_during_the_import_is_not_overwritten_in_the_index(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, "name\n" + "".join(f"Bert{at}\n" for at in range(3000)))
    done: list[int] = []

    def watch(told: bring_in.Progress) -> None:
        if told.phase == "order" and not done:
            with open_workspace(workspace.database.path, actor="you") as other:
                from crmtui.services.record import delete, edit_customer

                done.append(edit_customer(other, 5, {"name": "Zacharias"}).operation_id)
                delete(other, [6])

    run_import(workspace, path, watch=watch)
    assert done and find(workspace, "zacharias").ids == [5]
    assert find(workspace, "bert4 ").ids[0] == 5 or find(workspace, "bert5").ids != [6]
    assert all(finding.ok for finding in verify(workspace))


def test_wrong_options_are_named(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, CHINESE)
    for options in (ImportOptions(mode="replace"), ImportOptions(match=("name",)), ImportOptions(recipe="x")):  # type: ignore[arg-type]
        with pytest.raises(UsageError):
            run_import(workspace, path, options)
    with pytest.raises(UsageError, match="no such file"):
        run_import(workspace, str(tmp_path / "missing.csv"))


def test_the_rows_of_the_form_and_of_a_file_mean_the_same(workspace: Workspace, tmp_path: Path) -> None:
    values = {"name": "Anna Lee", "phones": "+44 20 7946 0958", "emails": "a@b.org", "city": "Leeds", "tags": "x"}
    run_import(workspace, write(tmp_path, ",".join(values) + "\n" + ",".join(values.values()) + "\n"))
    add_customer(workspace, values)
    imported, added = ({key: value for key, value in each.items() if key != "id"} for each in records(workspace))
    for each in (imported, added):
        del each["created_at"], each["updated_at"]
    assert imported == added
    assert new_customer(values).issues == []


def test_progress_is_told(workspace: Workspace, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = write(tmp_path, "name\n" + "".join(f"Bert{at}\n" for at in range(25_000)))
    started = time.monotonic()
    run_import(workspace, path, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (25_000, 25_000) and time.monotonic() >= started
