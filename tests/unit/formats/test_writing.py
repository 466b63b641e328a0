"""Writers: what is written reads back the same, and a file is whole or not there."""

import csv
import datetime as dt
import io
import json
import math
import os
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from crmtui.errors import CrmError, FormatError
from crmtui.formats.detection import detect
from crmtui.formats.formula_guard import guard, unguard
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Column, Detection, Profile
from crmtui.formats.writing import open_writer
from crmtui.formats.xlsx_writer import XlsxTable

NAME, CITY, NOTE = Column("name", "姓名"), Column("city", "城市"), Column("note", "备注")
COLUMNS = [NAME, CITY, NOTE]
HOSTILE = [
    "=1+1",
    "+86 138",
    "-5",
    "@SUM",
    "\tx",
    "\rx",
    "'=1",
    "''+1",
    "＝1",
    "a\x1b[2Jb",
    "x_x0041_y",
    " lead",
    "a\r\nb",
    "<&>\"'",
    "\x00",
    "🀄",
    "\ufffe",
]

text = st.text(st.characters(codec="utf-8"), max_size=15) | st.sampled_from(HOSTILE)
tables = st.lists(st.lists(text, min_size=3, max_size=3).filter(any), min_size=1, max_size=8)


def written(path: Path, kind: str, rows: list[list[str]], profile: Profile = "exact") -> Path:
    with open_writer(path, kind, COLUMNS, profile=profile) as writer:
        for row in rows:
            writer.write(row)
    return path


def read(path: Path, detection: Detection) -> list[list[str]]:
    with open_rows(path, detection) as reader:
        return [(cells + [""] * 3)[:3] for _, cells in reader]


@settings(max_examples=80, deadline=None)
@given(tables, st.sampled_from(["csv", "tsv"]), st.sampled_from(["exact", "spreadsheet"]))
def test_csv_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], kind: str, profile: Profile
) -> None:
    path = written(tmp_path_factory.mktemp("w") / f"a.{kind}", kind, rows, profile)
    delimiter = "\t" if kind == "tsv" else ","
    back = read(path, Detection(kind, encoding="utf-8-sig", delimiter=delimiter, quote='"', header_row=1))
    assert ([[unguard(cell) for cell in row] for row in back] if profile == "spreadsheet" else back) == rows


@settings(max_examples=60, deadline=None)
@given(tables)
def test_xlsx_reads_back_the_same(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = written(tmp_path_factory.mktemp("w") / "a.xlsx", "xlsx", rows)
    assert read(path, Detection("xlsx", sheet="Customers", header_row=1)) == rows


@given(text)
def test_the_guard_is_a_bijection(value: str) -> None:
    assert unguard(guard(value)) == value
    assert guard(value)[:1] not in tuple("=+-@\t\r＝＋－＠")


def test_what_the_guard_does() -> None:
    pairs = {"=1": "'=1", "'=1": "''=1", "+86 138": "'+86 138", "-": "'-", "a=1": "a=1", "'a": "'a", "": "", "'": "'"}
    assert {value: guard(value) for value in pairs} == pairs


def test_csv_for_people_and_for_programs(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "csv", [["张伟", "上海", 'say "hi", ok']])
    assert path.read_bytes() == '\ufeff姓名,城市,备注\r\n张伟,上海,"say ""hi"", ok"\r\n'.encode()
    stream = io.BytesIO()
    with open_writer(stream, "csv", COLUMNS) as writer:
        writer.write({"city": "上海", "name": "张伟"})
    assert stream.getvalue() == "姓名,城市,备注\n张伟,上海,\n".encode()
    assert not stream.closed


def test_values_of_all_kinds_in_csv(tmp_path: Path) -> None:
    values = [None, True, Decimal("12.50"), dt.date(2024, 3, 5), dt.datetime(2024, 3, 5, 10, 22), -5, "-5"]
    path = tmp_path / "a.csv"
    with open_writer(path, "csv", [Column(str(n), str(n)) for n in range(7)], profile="spreadsheet") as writer:
        writer.write(values)
    assert path.read_text("utf-8-sig").splitlines()[1] == ",true,12.50,2024-03-05,2024-03-05T10:22:00,-5,'-5"
    assert (writer.rows, writer.guarded) == (1, 1)


def test_csv_of_a_detected_kind(tmp_path: Path) -> None:
    found = detect(written(tmp_path / "a.csv", "csv", [["张伟", "上海", "a;b"], ["李娜", "", "c"]]))
    assert (found.encoding, found.delimiter, found.line_end, found.columns) == (
        "utf-8-sig",
        ",",
        "\r\n",
        ("姓名", "城市", "备注"),
    )


def test_json(tmp_path: Path) -> None:
    nested = {
        "name": "张伟",
        "phones": [{"value": "+86"}],
        "due": dt.date(2024, 3, 5),
        "amount": Decimal("1.10"),
        "bad": "\ud800",
    }
    for kind in ("json", "jsonl"):
        path = tmp_path / f"a.{kind}"
        with open_writer(path, kind, COLUMNS) as writer:
            writer.write(nested)
            writer.write(["Ann", None, 3])
        lines = path.read_bytes()
        documents = json.loads(lines) if kind == "json" else [json.loads(line) for line in lines.splitlines()]
        assert documents == [nested | {"due": "2024-03-05", "amount": "1.10"}, {"name": "Ann", "city": None, "note": 3}]
    stream = io.BytesIO()
    open_writer(stream, "json", COLUMNS).close()
    assert json.loads(stream.getvalue()) == []
    with pytest.raises(ValueError, match=r"NaN|not JSON"), open_writer(io.BytesIO(), "jsonl", COLUMNS) as writer:
        writer.write([math.nan])


def test_xlsx_opens_in_openpyxl_and_calamine(tmp_path: Path) -> None:
    columns = [
        Column("id", "编号"),
        Column("phone", "手机"),
        Column("age", "Age", "number"),
        Column("spent", "金额", "money"),
        Column("vip", "VIP", "bool"),
        Column("born", "生日", "date"),
        Column("seen", "Seen", "datetime"),
        Column("note", '<备注> & "x"'),
    ]
    path = tmp_path / "a.xlsx"
    with open_writer(path, "xlsx", columns) as writer:
        writer.write(
            ["007", "13800138000", 42, Decimal("1234.50"), True, dt.date(2024, 3, 5), "2024-03-05T10:22:00Z", "=1+1"]
        )
        writer.write(["1", "+86 1", "12345678901234567890", "about 5", "no", "1990-05", "", "a\x1bb\r\n_x0041_ "])
        writer.write([None, "", "3.5", "-0.5", False, "1899-01-01", dt.datetime(2024, 1, 1), None])
    workbook = load_workbook(path)
    sheet = workbook.active
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet["A1"].font.bold) == ("A2", "A1:H4", True)
    assert sheet.column_dimensions["A"].width >= 6
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["编号", "手机", "Age", "金额", "VIP", "生日", "Seen", '<备注> & "x"'],
        ["007", "13800138000", 42, 1234.5, True, dt.datetime(2024, 3, 5), dt.datetime(2024, 3, 5, 10, 22), "=1+1"],
        ["1", "+86 1", "12345678901234567890", "about 5", "no", "1990-05", None, "a_x001B_b_x000D_\n_x005F_x0041_ "],
        [None, None, 3.5, -0.5, False, "1899-01-01", dt.datetime(2024, 1, 1), None],
    ]
    assert sheet["H2"].data_type == "s"
    assert sheet["F2"].is_date and sheet["D2"].number_format == "#,##0.00"
    other = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert other[1][:6] == ["007", "13800138000", 42.0, 1234.5, True, dt.date(2024, 3, 5)]
    with open_rows(path, detect(path)) as reader:
        ours = [cells for _, cells in reader]
    assert ours[0] == ["007", "13800138000", "42", "1234.5", "TRUE", "2024-03-05", "2024-03-05T10:22:00", "=1+1"]
    assert ours[1][7] == "a\x1bb\r\n_x0041_ "


def test_xlsx_goes_on_on_a_further_sheet() -> None:
    stream = io.BytesIO()
    table = XlsxTable(stream, COLUMNS, sheet_rows=1000)
    for number in range(2500):
        table.write([str(number), "x", ""])
    table.finish()
    workbook = load_workbook(io.BytesIO(stream.getvalue()), read_only=True)
    assert workbook.sheetnames == ["Customers", "Customers 2", "Customers 3"]
    found = [row[0] for sheet in workbook for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert found == [str(number) for number in range(2500)]
    assert all(next(sheet.iter_rows(values_only=True)) == ("姓名", "城市", "备注") for sheet in workbook)


def test_xlsx_to_a_pipe_and_without_rows() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as stream, open_writer(stream, "xlsx", COLUMNS) as writer:
        assert writer.rows == 0
    with os.fdopen(reading, "rb") as source:
        data = source.read()
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
    assert detect(None, data=data).columns == ("姓名", "城市", "备注")


def test_xlsx_cuts_what_a_cell_cannot_hold_and_counts_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with open_writer(path, "xlsx", COLUMNS) as writer:
        writer.write(["x" * 40_000, "y", "z"])
    assert writer.shortened == 1
    assert len(load_workbook(path).active["A2"].value) == 32_767


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "json", "jsonl"])
def test_a_failure_leaves_the_old_file_and_no_partial(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_text("old")
    path.chmod(0o600)
    with pytest.raises(KeyboardInterrupt), open_writer(path, kind, COLUMNS) as writer:
        for _ in range(3000):
            writer.write(["a", "b", "c"])
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == [path.name]
    written(path, kind, [["a", "b", "c"]])
    assert path.read_bytes() != b"old"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_a_full_disk_is_told_and_nothing_stays(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CrmError, match="No space left"):
        written(tmp_path / "a", kind, [["a", "b", "c"]])
    monkeypatch.setattr(os, "fsync", real)
    assert os.listdir(tmp_path) == []


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing" / "a.csv"):
        with pytest.raises(CrmError):
            open_writer(path, "csv", COLUMNS)
    with pytest.raises(FormatError, match="cannot be written"):
        open_writer(tmp_path / "a.xls", "xls", COLUMNS)


def test_a_link_keeps_pointing_where_it_did(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    written(tmp_path / "link.csv", "csv", [["a", "b", "c"]])
    assert (tmp_path / "link.csv").is_symlink()
    assert next(csv.reader((tmp_path / "real.csv").open(encoding="utf-8-sig"))) == ["姓名", "城市", "备注"]
