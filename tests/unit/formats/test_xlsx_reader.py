"""XLSX: what people's workbooks hold, against openpyxl and calamine, and what bombs hold."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from crmtui.errors import FormatError, UsageError
from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Detection

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def book(folder: Path, rows: list[list[Any]], change: Callable[[Workbook], None] | None = None) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "客户"
    for row in rows:
        sheet.append(row)
    if change:
        change(workbook)
    path = folder / "customers.xlsx"
    workbook.save(path)
    return path


def by_hand(
    folder: Path, sheet: str, *, shared: str = "", styles: str = "", prefix: str = "", name: str = "hand.xlsx"
) -> Path:
    """A workbook with exactly this sheet data."""
    path = folder / name
    p = f"{prefix}:" if prefix else ""
    ns = f'xmlns:{prefix}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    types = (
        {"worksheet": "worksheets/sheet1.xml"}
        | ({"sharedStrings": "s.xml"} if shared else {})
        | ({"styles": "y.xml"} if styles else {})
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{to}"/>' for n, (kind, to) in enumerate(types.items())
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r0"/></sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{links}</Relationships>")
        archive.writestr(
            "xl/worksheets/sheet1.xml", f"<{p}worksheet {ns}><{p}sheetData>{sheet}</{p}sheetData></{p}worksheet>"
        )
        if shared:
            archive.writestr("xl/s.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
        if styles:
            archive.writestr("xl/y.xml", f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>')
    return path


def rows(path: Path, found: Detection | None = None) -> list[tuple[int, list[str]]]:
    with open_rows(path, found or detect(path)) as reader:
        return list(reader)


def codes(found: Detection) -> set[str]:
    return {note.code for note in found.notes}


def test_values_become_the_text_a_person_typed(tmp_path: Path) -> None:
    day, moment = dt.date(2024, 3, 5), dt.datetime(2024, 3, 5, 10, 22)
    path = book(
        tmp_path,
        [
            ["姓名", "手机", "创建日期", "更新时间", "会员", "金额", "备注", "时间"],
            ["张伟", 13800138000, day, moment, True, 0.1 + 0.2, " 两端空格 ", dt.time(9, 30)],
            ["李娜", 13800138000.0, None, None, False, -12.50, "=1+1", None],
        ],
    )
    found = detect(path)
    assert (found.format, found.sheet, found.header_row) == ("xlsx", "客户", 1)
    read = rows(path)
    assert read[0] == (
        2,
        [
            "张伟",
            "13800138000",
            "2024-03-05",
            "2024-03-05T10:22:00",
            "TRUE",
            "0.3",
            " 两端空格 ",
            "09:30:00",
        ],
    )
    assert read[1][1][:6] == ["李娜", "13800138000", "", "", "FALSE", "-12.5"]
    assert found.sample[0] == tuple(read[0][1])


def test_dates_of_both_systems_and_the_29th_of_february_1900(tmp_path: Path) -> None:
    def mac(workbook: Workbook) -> None:
        workbook.epoch = dt.datetime(1904, 1, 1)

    for change in (None, mac):
        path = book(
            tmp_path, [["name", "created"], ["Ann", dt.date(2000, 2, 29)], ["Bob", dt.date(1904, 1, 3)]], change
        )
        assert [row[1] for _, row in rows(path)] == ["2000-02-29", "1904-01-03"]
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    cells = "".join(
        f'<row r="{at}"><c r="A{at}" t="str"><v>n{at}</v></c><c r="B{at}" s="0"><v>{value}</v></c></row>'
        for at, value in enumerate((1, 59, 61, 45356, 99999999), 2)
    )
    header = '<row r="1"><c r="A1" t="str"><v>name</v></c><c r="B1" t="str"><v>date</v></c></row>'
    read = rows(by_hand(tmp_path, header + cells, styles=styles))
    assert [row[1] for _, row in read] == ["1900-01-01", "1900-02-28", "1900-03-01", "2024-03-05", "99999999"]


def test_number_formats(tmp_path: Path) -> None:
    codes_and_texts = {
        "00000": "01067",
        "yyyy年m月d日": "1902-12-02",
        '"Day" 0': "1067",
        "0.00": "1067",
        "[Red]#,##0": "1067",
        "General": "1067",
        "m/d/yy h:mm": "1902-12-02",
    }

    def style(workbook: Workbook) -> None:
        for column, code in enumerate(codes_and_texts, 1):
            workbook.active.cell(2, column).number_format = code

    path = book(tmp_path, [[f"name {n}" for n in range(7)], [1067] * 7], style)
    assert rows(path)[0][1] == list(codes_and_texts.values())


def test_lost_digits_are_told_and_never_invented(tmp_path: Path) -> None:
    header = '<row r="1"><c r="A1" t="str"><v>name</v></c><c r="B1" t="str"><v>身份证 id</v></c></row>'
    row = '<row r="2"><c r="A2" t="str"><v>Ann</v></c><c r="B2"><v>1.1010519491231002E+17</v></c><c r="C2"><v>110105194912310021</v></c><c r="D2"><v>1.38E+10</v></c><c r="E2"><v>110105194912310000</v></c><c r="F2"><v>0.30000000000000004</v></c></row>'
    path = by_hand(tmp_path, header + row)
    found = detect(path)
    note = next(note for note in found.notes if note.code == "precision_lost")
    assert (note.row, note.column) == (2, 2)
    with open_rows(path, found) as reader:
        assert list(reader) == [
            (2, ["Ann", "110105194912310020", "110105194912310021", "13800000000", "110105194912310000", "0.3"])
        ]
        assert [note.column for note in reader.notes] == [2, 5]


def test_texts_of_all_kinds(tmp_path: Path) -> None:
    shared = (
        "<si><t>name</t></si><si><r><t>Rich </t></r><r><rPr><b/></rPr><t>text</t></r></si>"
        '<si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><t xml:space="preserve"> a_x001B_b_x005F_x0041_ </t></si><si/>'
    )
    sheet = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><r><t>no</t></r><r><t>te</t></r></is></c></row>'
        '<row><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c><c t="s"><v>4</v></c><c t="e"><v>#N/A</v></c></row>'
        '<row r="9"><c r="C9" t="str"><f>A1&amp;"x"</f><v>result</v></c><c r="A9" t="d"><v>2024-03-05T00:00:00</v></c><c r="B9" t="b"><v>1</v></c><c r="XFD9" s="1"/></row>'
        '<row r="10"><c r="A10"/></row>'
    )
    assert rows(by_hand(tmp_path, sheet, shared=shared)) == [
        (2, ["Rich text", "東京", " a\x1bb_x0041_ ", "", "#N/A"]),
        (9, ["2024-03-05", "TRUE", "result"]),
    ]


def test_prefixed_tags(tmp_path: Path) -> None:
    sheet = '<x:row r="1"><x:c r="A1" t="str"><x:v>name</x:v></x:c><x:c r="B1" t="str"><x:v>city</x:v></x:c></x:row><x:row r="2"><x:c r="A2" t="inlineStr"><x:is><x:t>Ann</x:t></x:is></x:c></x:row>'
    assert rows(by_hand(tmp_path, sheet, prefix="x")) == [(2, ["Ann"])]


def test_the_sheet_with_the_table_is_found(tmp_path: Path) -> None:
    def more(workbook: Workbook) -> None:
        hidden = workbook.create_sheet("hiddenSheet", 0)
        hidden.append(["name", "email"])
        hidden.append(["x", "y"])
        hidden.sheet_state = "hidden"
        workbook.create_sheet("填写说明", 1).append(["请从第二张表开始填写"])
        other = workbook.create_sheet("More")
        other.append(["name", "phone"])
        other.append(["Bob", "2"])

    path = book(tmp_path, [["客户名单"], ["姓名", "手机"], ["张伟", "1"]], more)
    found = detect(path)
    assert (found.sheet, found.header_row, found.columns) == ("客户", 2, ("姓名", "手机"))
    assert {"hidden_sheets", "other_sheets", "preamble"} <= codes(found)
    assert [(sheet.name, sheet.rows, sheet.hidden) for sheet in found.sheets] == [
        ("hiddenSheet", 2, True),
        ("填写说明", 1, False),
        ("客户", 3, False),
        ("More", 2, False),
    ]
    assert rows(path) == [(3, ["张伟", "1"])]
    for asked in ("More", "4"):
        assert rows(path, detect(path, sheet=asked)) == [(2, ["Bob", "2"])]
    with pytest.raises(UsageError, match="no sheet"):
        detect(path, sheet="9")


def test_agrees_with_calamine_and_openpyxl(tmp_path: Path) -> None:
    import random

    from openpyxl import load_workbook
    from python_calamine import CalamineWorkbook

    luck = random.Random(5)
    cells = [
        [
            luck.choice(["", "张伟", " x ", "a&b<c>", "line\nbreak", "=SUM(A1)", "00123", "🀄", "_x000D_"]) or None
            for _ in range(6)
        ]
        for _ in range(200)
    ]
    path = book(tmp_path, [["name", "b", "c", "d", "e", "f"], *[["id", *row[1:]] for row in cells]])
    ours = [cells for _, cells in rows(path)]

    def trimmed(values: list[Any]) -> list[str]:
        texts = ["" if value is None else str(value) for value in values]
        while texts and not texts[-1]:
            texts.pop()
        return texts

    theirs = [trimmed(list(row)) for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:]]
    formulas = [[*row] for row in load_workbook(path).active.iter_rows(min_row=2, values_only=True)]
    assert len(ours) == len(theirs) == 200
    for mine, other, loaded in zip(ours, theirs, formulas, strict=True):
        for at, value in enumerate(mine):
            if not str(loaded[at]).startswith("="):  # openpyxl writes it as a formula without a result
                assert value == (other[at] if at < len(other) else "")


def test_a_sparse_bomb_is_harmless(tmp_path: Path) -> None:
    head = '<row r="1"><c r="A1" t="str"><v>name</v></c><c r="B1" t="str"><v>city</v></c></row>'
    path = by_hand(tmp_path, head + '<row r="1048576"><c r="B1048576"><v>1</v></c></row>')
    assert rows(path) == [(1048576, ["", "1"])]
    path = by_hand(tmp_path, head + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    with pytest.raises(FormatError, match=r"row 1048576.*more than 1000 columns"):
        rows(path)


def test_bombs_and_broken_containers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(64):
            part.write(b"<row/>" * 100_000)
    with pytest.raises(FormatError, match="unpacks to"):
        detect(path)

    with pytest.warns(UserWarning), zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
        archive.writestr("xl/workbook.xml", "<b/>")
    with pytest.raises(FormatError, match="same name"):
        detect(path)

    whole = by_hand(tmp_path, '<row r="1"><c r="A1" t="str"><v>name</v></c></row>').read_bytes()
    for damage in (whole[:-40], whole[:200], whole.replace(b"PK\x01\x02", b"PK\x01\x03")):
        path.write_bytes(damage)
        with pytest.raises(FormatError, match="damaged"):
            detect(path)


def test_overlapping_parts_are_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/a.xml", "a" * 400)
        archive.writestr("xl/b.xml", "b" * 400)
        archive.filelist[1].header_offset = archive.filelist[0].header_offset + 10
    path = tmp_path / "overlap.xlsx"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(FormatError, match="overlap"):
        detect(path)


def test_document_types_and_broken_xml_are_refused(tmp_path: Path) -> None:
    path = by_hand(tmp_path, "")
    for content, reason in (
        ('<!DOCTYPE a [<!ENTITY x "y">]><worksheet><sheetData/></worksheet>', "document type"),
        ("<worksheet><sheetData><row>", "damaged"),
        ('<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>zzz</v></c></row></sheetData></worksheet>', "damaged"),
    ):
        with zipfile.ZipFile(by_hand(tmp_path, "")) as old, zipfile.ZipFile(path.with_name("bad.xlsx"), "w") as new:
            for entry in old.infolist():
                new.writestr(entry, content if "sheet1" in entry.filename else old.read(entry))
        with pytest.raises(FormatError, match=reason):
            detect(path.with_name("bad.xlsx"))


def test_an_empty_workbook(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no rows"):
        detect(book(tmp_path, []))
