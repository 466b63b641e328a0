"""Workbooks with several sheets: which one is the data, and all of them as one table."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from crmtui.errors import UsageError
from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Detection


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[object]]], hidden: Sequence[str] = ()) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def rows(path: Path, detection: Detection) -> list[tuple[int, list[str]]]:
    with open_rows(path, detection) as reader:
        return list(reader)


MONTHS = {
    "说明": [["客户导入说明"], ["填写前", "请阅读"], ["谢谢", "!"]],
    "一月": [["姓名", "手机", "城市"], ["张伟", 13800138000, "上海"], ["李娜", 13900139000, "北京"], ["合计", 2, None]],
    "二月": [["二月客户"], ["城市", "姓名", "手机"], ["广州", "王芳", 13700137000], ["深圳", "刘强", None]],
    "字典": [["姓名", "手机", "城市"], ["x", "1", "y"]],
    "订单": [["订单号", "金额"], ["1", 2]],
}


def test_the_data_is_chosen_and_not_the_cover(tmp_path: Path) -> None:
    found = detect(workbook(tmp_path / "a.xlsx", MONTHS, hidden=["字典"]))
    assert (found.sheet, found.columns) == ("一月", ("姓名", "手机", "城市"))
    assert [sheet.name for sheet in found.sheets if sheet.hidden] == ["字典"]
    assert {note.code for note in found.notes} == {"other_sheets", "hidden_sheets"}


def test_a_hidden_sheet_is_not_chosen_but_can_be(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"字典": MONTHS["字典"], "封面": [["封面"]]}, hidden=["字典"])
    assert detect(path).sheet == "封面"
    assert detect(path, sheet="字典").columns == ("姓名", "手机", "城市")


def test_all_sheets_with_the_same_columns_are_one_table(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", MONTHS, hidden=["字典"])
    found = detect(path, sheet="*")
    assert (found.sheet, found.columns) == ("*", ("姓名", "手机", "城市"))
    assert [part.sheet for part in found.parts] == ["一月", "二月"]
    assert rows(path, found) == [
        (2, ["张伟", "13800138000", "上海"]),
        (3, ["李娜", "13900139000", "北京"]),
        (3, ["王芳", "13700137000", "广州"]),
        (4, ["刘强", "", "深圳"]),
        (4, ["合计", "2"]),
    ]
    told = next(note.text for note in found.notes if note.code == "all_sheets")
    for name in ("一月", "二月", "说明", "字典", "订单"):
        assert name in told
    assert found.sample[0] == ("张伟", "13800138000", "上海")
    with open_rows(path, found) as reader:
        list(reader)
        assert reader.position == reader.size


def test_all_sheets_of_a_file_with_one(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"客户": MONTHS["一月"]})
    found = detect(path, sheet="*")
    assert (found.sheet, found.parts) == ("客户", ())


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no sheet"):
        detect(workbook(tmp_path / "a.xlsx", MONTHS), sheet="三月")


def test_a_formula_without_a_result_is_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"客户": [["姓名", "编号"], ["张伟", "=1+1"], ["李娜", "K2"]]})
    note = next(note for note in detect(path).notes if note.code == "formula_empty")
    assert (note.row, note.column) == (2, 2)
