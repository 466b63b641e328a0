"""OpenDocument, xlsb and xlsm workbooks: what people's hold, and what bombs hold."""

import struct
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from crmtui.errors import FormatError, UsageError
from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Detection

NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("draw", "drawing"),
    )
)
STYLES = (
    '<office:automatic-styles><style:style style:name="ta1"><style:table-properties table:display="true"/></style:style>'
    '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles>'
)


def text(value: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{value}</text:p></table:table-cell>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def sheet(name: str, *rows: str, style: str = "ta1") -> str:
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(rows)}</table:table>'


def ods(folder: Path, *sheets: str, manifest: str = "", name: str = "a.ods", content: str | None = None) -> Path:
    path = folder / name
    if content is None:
        content = (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES}>{STYLES}'
            f"<office:body><office:spreadsheet>{''.join(sheets)}</office:spreadsheet></office:body></office:document-content>"
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="m">{manifest}</m:manifest>')
        archive.writestr("content.xml", content)
    return path


def read(path: Path, **choices: str) -> tuple[Detection, list[tuple[int, list[str]]]]:
    found = detect(path, **choices)  # type: ignore[arg-type]
    with open_rows(path, found) as reader:
        return found, list(reader)


HEADER = row(text("姓名"), text("电话"), text("生日"), text("备注"))


def test_cells_of_every_kind(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="{}" office:{}="{}"><text:p>{}</text:p></table:table-cell>'.format
    path = ods(
        tmp_path,
        sheet("说明", row(text("请先阅读"))),
        sheet(
            "客户",
            HEADER,
            row(
                text("张伟"),
                cell("float", "value", "13800138000", "13,800,138,000"),
                cell("date", "date-value", "1990-05-06", "06.05.90"),
                text(
                    "a  b</text:p><text:p>c<text:span>d</text:span><text:s text:c='3'/>e<text:line-break/>f<text:tab/>&amp;"
                ),
            ),
            row('<table:table-cell table:number-columns-repeated="16384"/>', more=' table:number-rows-repeated="5"'),
            row(
                text("李娜<office:annotation/>"),
                cell("float", "value", "1067", "01067"),
                cell("date", "date-value", "2024-01-02T03:04:05", "x"),
                cell("currency", "value", "1234.5", "1.234,50 €"),
                text("beyond", ' table:number-columns-repeated="2"'),
                '<table:table-cell table:number-columns-repeated="1019"/>',
            ),
            row(
                cell("boolean", "boolean-value", "true", "WAHR"),
                cell("percentage", "value", "0.5", "50%"),
                cell("time", "time-value", "PT09H05M00S", "9:05"),
                "<table:table-cell><office:annotation><text:p>a note</text:p></office:annotation></table:table-cell>",
                cell("float", "value", "1.5E+300", "x"),
            ),
            row(
                '<table:table-cell table:number-columns-repeated="1024"/>', more=' table:number-rows-repeated="1048560"'
            ),
        ),
        sheet("geheim", HEADER, row(text("x")), style="ta2"),
    )
    found, rows = read(path)
    assert (found.format, found.sheet, found.header_row) == ("ods", "客户", 1)
    assert [(each.name, each.rows, each.hidden) for each in found.sheets] == [
        ("说明", 1, False),
        ("客户", 9, False),
        ("geheim", 2, True),
    ]
    assert {note.code for note in found.notes} >= {"other_sheets", "hidden_sheets"}
    assert rows == [
        (2, ["张伟", "13800138000", "1990-05-06", "a  b\ncd   e\nf\t&"]),
        (8, ["李娜", "01067", "2024-01-02T03:04:05", "1234.5", "beyond", "beyond"]),
        (9, ["TRUE", "0.5", "09:05:00", "", "1.5e+300"]),
    ]
    assert [cells[0] for _row, cells in read(path, sheet="geheim")[1]] == ["x"]
    assert read(path, sheet="3")[0].sheet == "geheim"
    with pytest.raises(UsageError, match="no sheet “4”"):
        detect(path, sheet="4")


def test_a_flat_document(tmp_path: Path) -> None:
    path = tmp_path / "a.fods"
    body = sheet("S", HEADER, row(text("张伟"), text("1")))
    path.write_text(
        f'<?xml version="1.0"?>\n<!-- x -->\n<office:document {NAMESPACES}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document>'
    )
    found, rows = read(path)
    assert (found.format, found.notes, rows) == ("ods", (), [(2, ["张伟", "1"])])


def test_sparse_and_repeated_cells_are_harmless(tmp_path: Path) -> None:
    far = '<table:table-cell table:number-columns-repeated="16383"/>'
    sparse = sheet(
        "S", HEADER, row(text("a"), text("1")), row(more=' table:number-rows-repeated="1048570"'), row(far, text("x"))
    )
    with pytest.raises(FormatError, match="more than 1000 columns"):
        read(ods(tmp_path, sparse))
    last = sheet(
        "S", HEADER, row(text("a"), text("1")), row(more=' table:number-rows-repeated="1048570"'), row(text("end"))
    )
    assert read(ods(tmp_path, last))[1] == [(2, ["a", "1"]), (1048573, ["end"])]
    for repeats in ("2000000000", "99999999999999999999", "-5", "x"):
        bomb = sheet(
            "S",
            HEADER,
            row(text("a", ' table:number-columns-repeated="900"'), more=f' table:number-rows-repeated="{repeats}"'),
        )
        try:
            read(ods(tmp_path, bomb))
        except FormatError as error:
            assert "more rows" in error.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<a><b></a>", "damaged"),
        ("", "damaged"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a/>', "document type"),
        ("<a/>", "no rows"),
        (f"<office:document-content {NAMESPACES}>" + "<x>" * 50 + "</x>" * 49, "damaged"),
    ],
)
def test_broken_documents(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        detect(ods(tmp_path, content=content))


def test_locked_documents(tmp_path: Path) -> None:
    locked = '<m:file-entry><m:encryption-data m:checksum="x"/></m:file-entry>'
    with pytest.raises(FormatError, match="password"):
        detect(ods(tmp_path, manifest=locked, content="\x00random"))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="times its size"):
        detect(ods(tmp_path, content="<a>" + " " * 100_000_000))


def record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(data)
    return head + (bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])) + data


def wide(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def xlsb(folder: Path, rows: list[list[object]], *, short: bool = False) -> Path:
    path = folder / "a.xlsb"
    book = b"".join(
        record(156, struct.pack("<II", state, number) + wide(f"rId{number}") + wide(name))
        for number, (name, state) in enumerate((("客户", 0), ("隐藏", 1)), 1)
    )
    cells = b""
    for number, values in enumerate(rows):
        cells += record(0, struct.pack("<III", number, 0, 0) + b"\0" * 5)
        for column, value in enumerate(values):
            head = struct.pack("<II", column, 0)
            if isinstance(value, str):
                cells += record(17 if short else 6, head + wide(value))
            else:
                cells += record(5, head + struct.pack("<d", value))
    data = (
        record(129)
        + record(148, struct.pack("<IIII", 0, len(rows), 0, 9))
        + record(145)
        + cells
        + record(146)
        + record(130)
    )
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{relations}/worksheet" Target="worksheets/sheet{number}.bin"/>'
        for number in (1, 2)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.bin", record(131) + record(143) + book + record(144) + record(132))
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        archive.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{package}">{links}</Relationships>')
        archive.writestr("xl/worksheets/sheet1.bin", data)
        archive.writestr("xl/worksheets/sheet2.bin", data)
    return path


def test_xlsb(tmp_path: Path) -> None:
    path = xlsb(tmp_path, [["姓名", "电话", "城市"], ["张伟", 13800138000.0, "上海"], ["李娜", 1.5, "北京"]])
    found, rows = read(path)
    assert (found.format, found.sheet, found.columns) == ("xlsb", "客户", ("姓名", "电话", "城市"))
    assert [(each.name, each.hidden) for each in found.sheets] == [("客户", False), ("隐藏", True)]
    assert rows == [(2, ["张伟", "13800138000", "上海"]), (3, ["李娜", "1.5", "北京"])]
    assert len(read(path, sheet="隐藏")[1]) == 2


def test_xlsb_cells_that_calamine_passes_over_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="short form"):
        detect(xlsb(tmp_path, [["姓名", "电话"], ["张伟", 1.0]], short=True))


def test_a_damaged_xlsb(tmp_path: Path) -> None:
    path = xlsb(tmp_path, [["姓名", "电话"], ["张伟", 1.0]])
    whole = path.read_bytes()
    for cut in range(0, len(whole), 97):
        path.write_bytes(whole[:cut] + b"\xff" * 20 + whole[cut + 20 :])
        try:
            read(path)
        except FormatError as error:
            assert error.where


def test_xlsm_is_read_without_its_macros(tmp_path: Path) -> None:
    workbook = Workbook()
    assert workbook.active is not None
    for values in (["姓名", "电话"], ["张伟", "1"]):
        workbook.active.append(values)
    path = tmp_path / "a.xlsm"
    workbook.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    found, rows = read(path)
    assert (found.format, rows) == ("xlsx", [(2, ["张伟", "1"])])
    assert "macros" in {note.code for note in found.notes}
