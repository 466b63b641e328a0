"""The fixed parts of a workbook we write, and how text becomes XML in it."""

import re
from collections.abc import Mapping, Sequence

DICTIONARY_SHEET = "Fields 字段"
"""The sheet that says what the columns are, in files of every language: a reader knows it by its name and takes no table from it."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FONT = '<sz val="11"/><name val="Calibri"/>'
_NO_FILLS = '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
# Number format and font of each cell style: 0 plain, 1 header (text, bold), 2 date, 3 date and time, 4 money.
_CELL_STYLES = ((0, 0), (49, 1), (164, 0), (165, 0), (4, 0))


def column_letters(index: int) -> str:
    """The letters of a 0-based column: A, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def escape(text: str) -> str:
    """Text for XML 1.0; what XML cannot hold becomes ``_x001B_``, which spreadsheet programs read back."""
    text = _CONTROL.sub(lambda match: f"_x{ord(match.group()):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def sheet_head(labels: Sequence[str], widths: Sequence[int], *, first: bool) -> str:
    """The beginning of a worksheet up to and with its header row, which is bold and stays in place."""
    columns = "".join(
        f'<col min="{index}" max="{index}" width="{min(max(width, 6), 60)}" customWidth="1"/>'
        for index, width in enumerate(widths, 1)
    )
    header = "".join(
        f'<c r="{column_letters(index)}1" s="1" t="inlineStr"><is><t xml:space="preserve">{escape(label)}</t></is></c>'
        for index, label in enumerate(labels)
    )
    selected = ' tabSelected="1"' if first else ""
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView{selected} workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols>{columns}</cols><sheetData><row r="1">{header}</row>'
    )


def sheet_tail(last_column: str, last_row: int, lists: Mapping[str, str] = {}) -> str:
    """The end of a worksheet, with a filter over all of it; ``lists`` says for which column letters which cells hold the values
    that are offered (others may be typed)."""
    offered = "".join(
        '<dataValidation type="list" allowBlank="1" showInputMessage="1" '
        f'sqref="{letters}2:{letters}1048576"><formula1>{escape(cells)}</formula1></dataValidation>'
        for letters, cells in lists.items()
    )
    if offered:
        offered = f'<dataValidations count="{len(lists)}">{offered}</dataValidations>'
    return f'</sheetData><autoFilter ref="A1:{last_column}{last_row}"/>{offered}</worksheet>'


def text_row(number: int, texts: Sequence[str]) -> str:
    """A row of texts; empty ones have no cell."""
    cells = "".join(
        f'<c r="{column_letters(index)}{number}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
        for index, text in enumerate(texts)
        if text
    )
    return f'<row r="{number}">{cells}</row>'


def package_parts(
    name: str, last_column: str, sheet_rows: Sequence[int], last_sheet: tuple[str, str] | None = None
) -> dict[str, str]:
    """The parts that tie the worksheets together; ``sheet_rows`` holds the last row of each.

    ``last_sheet``: name and last column of the last of them, when it is one of its own kind.
    """
    numbers = range(1, len(sheet_rows) + 1)
    names = [escape(name if number == 1 else f"{name} {number}") for number in numbers]
    columns = [last_column] * len(names)
    if last_sheet:
        names[-1], columns[-1] = escape(last_sheet[0]), last_sheet[1]
    sheets = "".join(f'<sheet name="{names[at - 1]}" sheetId="{at}" r:id="rId{at}"/>' for at in numbers)
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{at - 1}" hidden="1">'
        f"'{names[at - 1]}'!$A$1:${columns[at - 1]}${sheet_rows[at - 1]}</definedName>"
        for at in numbers
    )
    links = "".join(_link(at, "worksheet", f"worksheets/sheet{at}.xml") for at in numbers)
    kinds = "".join(_kind(f"xl/worksheets/sheet{at}.xml", "worksheet") for at in numbers)
    styles = _link(len(sheet_rows) + 1, "styles", "styles.xml")
    return {
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets>'
        f"<definedNames>{filters}</definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(links + styles),
        "xl/styles.xml": _style_sheet(),
        "_rels/.rels": _relations(_link(1, "officeDocument", "xl/workbook.xml")),
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{_RELATIONS}"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{_kind('xl/workbook.xml', 'sheet.main')}{_kind('xl/styles.xml', 'styles')}{kinds}</Types>",
    }


def _relations(links: str) -> str:
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _link(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'


def _kind(part: str, kind: str) -> str:
    return f'<Override PartName="/{part}" ContentType="{_CONTENT}.{kind}+xml"/>'


def _style_sheet() -> str:
    styles = "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
        for number, font in _CELL_STYLES
    )
    return (
        f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
        f'<fonts count="2"><font>{_FONT}</font><font><b/>{_FONT}</font></fonts><fills count="2">{_NO_FILLS}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(_CELL_STYLES)}">{styles}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
