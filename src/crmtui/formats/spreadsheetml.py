"""The XML of Excel 2002 and 2003 ("XML Spreadsheet"), which many systems write as .xls or .xml: worksheets as tables."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from crmtui.errors import FormatError
from crmtui.formats.header import find_header, settle
from crmtui.formats.structured_rows import (
    RecordRow,
    StructuredRows,
    choose_sheet,
    encoding_of,
    other_sheets,
)
from crmtui.formats.table import (
    MAX_COLUMNS,
    SAMPLE_ROWS,
    Choices,
    Detection,
    Note,
    Record,
    Sheet,
    place,
    too_many_columns,
)
from crmtui.formats.text_source import Encoding, text_blocks
from crmtui.formats.xml_parser import MAX_DEPTH, SafeXml
from crmtui.i18n import _

_WORKBOOK = re.compile(r"<(?:\w+:)?Workbook\b[^>]*urn:schemas-microsoft-com:office:spreadsheet")
_LOOK_AT = 40
_MOST_ROWS = 1_048_576


def is_workbook(beginning: str) -> bool:
    """Whether an XML document that begins like this is a workbook."""
    return _WORKBOOK.search(beginning[:100_000]) is not None


def inspect(source: BinaryIO, encoding: Encoding, choices: Choices, path: Path | None) -> Detection:
    """Worksheets, the one that holds the table, its header, columns and sample."""
    first: dict[str, list[Record]] = {}
    counts: dict[str, int] = {}
    enough = max(_LOOK_AT, (choices.header_row or 0) + SAMPLE_ROWS)
    for name, row, cells in _rows(source, encoding.name, path):
        counts[name] = counts.get(name, 0) + 1
        if counts[name] <= enough:
            first.setdefault(name, []).append(Record(row, cells))
    if not counts:
        raise FormatError(_("the workbook has no sheet with cells"), where=place(path))
    name = choose_sheet(tuple(counts), choices.sheet, lambda each: _has_table(first[each]), path)
    table = settle(first[name], choices.header_row, path)
    return Detection(
        format="xml",
        sheet=name,
        sheets=tuple(Sheet(each, count, False) for each, count in counts.items()),
        header_row=table.header_row,
        header_confidence=table.confidence,
        skipped_rows=table.skipped,
        columns=table.columns,
        sample=table.sample,
        notes=(*encoding.notes, *other_sheets(name, tuple(counts)), *table.notes),
        **encoding_of(encoding),
    )


def open_rows(path: Path, detection: Detection) -> StructuredRows:
    """The rows of the chosen worksheet after its header."""

    def records(source: BinaryIO, _notes: list[Note]) -> Iterator[RecordRow]:
        for name, row, cells in _rows(source, detection.encoding, path):
            if name == detection.sheet and row > detection.header_row:
                yield row, cells

    return StructuredRows(path, detection, records)


def _has_table(records: list[Record]) -> tuple[bool]:
    guess = find_header([record.cells for record in islice(records, _LOOK_AT)])
    return (guess.at is not None and len(records[guess.at].cells) > 1 and len(records) > guess.at + 1,)


def _rows(source: BinaryIO, encoding: str, path: Path | None) -> Iterator[tuple[str, int, list[str]]]:
    """Worksheet, row number and cells of every row with content."""
    stream = _Workbook(path)
    for block in text_blocks(source, encoding, path):
        stream.feed(block)
        yield from stream.take()
    stream.feed("", final=True)
    yield from stream.take()


class _Workbook(SafeXml):
    def __init__(self, path: Path | None) -> None:
        super().__init__(path)
        self._path = path
        self._names: list[str] = []
        self._sheet = ""
        self._row = self._column = 0
        self._cells: list[str] = []
        self._kind = ""
        self._text: list[str] | None = None
        self._rows: list[tuple[str, int, list[str]]] = []
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def take(self) -> list[tuple[str, int, list[str]]]:
        """The rows that are complete."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self._names.append(local)
        if len(self._names) > MAX_DEPTH:
            raise self.too_deep()
        said = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if local == "Worksheet":
            self._sheet, self._row = said.get("Name", ""), 0
        elif local == "Row":
            self._row = self._number(said.get("Index"), self._row + 1, _MOST_ROWS)
            self._column, self._cells = 0, []
        elif local == "Cell":
            self._column = self._number(said.get("Index"), self._column + 1, MAX_COLUMNS)
            self._cells += [""] * (self._column - len(self._cells))
            self._merged = self._number(said.get("MergeAcross"), 0, MAX_COLUMNS)
        elif local == "Data" and self._names[-2:-1] == ["Cell"]:
            self._kind, self._text = said.get("Type", "String"), []

    def _number(self, said: str | None, otherwise: int, most: int) -> int:
        number = int(said) if said is not None and said.isdecimal() and len(said) < 9 else otherwise
        if number > most:
            raise too_many_columns(self._path, self._row) if most == MAX_COLUMNS else self.too_long()
        return number

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, _name: str) -> None:
        local = self._names.pop()
        if local == "Data" and self._names[-1:] == ["Cell"] and self._text is not None:
            self._cells[self._column - 1] = _as_text(self._kind, "".join(self._text))
            self._text = None
        elif local == "Cell":
            self._column += self._merged
        elif local == "Row" and any(self._cells):
            self._rows.append((self._sheet, self._row, self._cells))


def _as_text(kind: str, text: str) -> str:
    if kind == "DateTime":
        return text.removesuffix(".000").removesuffix("T00:00:00").replace("T", " ")
    if kind == "Boolean":
        return "true" if text.strip() == "1" else "false"
    return text.strip() if kind == "Number" else text
