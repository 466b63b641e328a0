"""HTML: the tables of a page, which many systems save under the name of a workbook (.xls)."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crmtui.errors import FormatError
from crmtui.formats.header import settle
from crmtui.formats.structured_rows import (
    RecordRow,
    StructuredRows,
    choose_sheet,
    encoding_of,
    numbered,
    other_sheets,
    widened,
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
from crmtui.formats.text_source import opened, settle_encoding, text_blocks
from crmtui.i18n import _

_DECLARED = re.compile(
    rb"(?i)<meta\s[^>]*?charset\s*=\s*[\"']?\s*([A-Za-z][\w.:-]*)|<\?xml[^>]*?encoding=[\"']([\w.:-]+)"
)
_LOOK_AT = 40
_MOST_TABLES = 1_000
_TAG_LIMIT = 16 * 1024 * 1024
_DEEPEST = 100
_LONGEST_SPAN = 65_534
_LINES = frozenset(("br", "p", "div", "li", "tr"))
_MUTE = frozenset(("script", "style", "template"))
_SHORTENED = re.compile(r"#+|-?\d(?:[.,]\d+)?E\+?\d+")


class _Row(NamedTuple):
    table: int
    caption: str
    line: int
    cells: list[str]
    heading: bool


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """The tables of the page, the largest, its header, columns and sample."""
    with opened(path, data) as source:
        encoding = settle_encoding(source, choices, declared_encoding)
        tables = _survey(source, encoding.name, choices, path)
    if not tables:
        raise FormatError(
            _("the page holds no table"),
            where=place(path),
            hint=_("Export the customers as CSV or XLSX and import that."),
        )
    name = choose_sheet(tuple(tables), choices.sheet, lambda each: (tables[each].filled,), path)
    chosen = tables[name]
    table = settle(chosen.first, choices.header_row if choices.header_row is not None else chosen.heading, path)
    return Detection(
        format=format_id,
        sheet=name,
        sheets=tuple(Sheet(each, found.rows, False) for each, found in tables.items()) if len(tables) > 1 else (),
        header_row=table.header_row,
        header_confidence=table.confidence,
        skipped_rows=table.skipped,
        columns=widened(table),
        sample=table.sample,
        notes=(*encoding.notes, *other_sheets(name, tuple(tables)), *table.notes),
        **encoding_of(encoding),
    )


def open_rows(path: Path, detection: Detection) -> StructuredRows:
    """The rows of the chosen table after its header."""
    wanted = int((detection.sheet or "1").partition(" ")[0])

    def records(source: BinaryIO, _notes: list[Note]) -> Iterator[RecordRow]:
        rows = _rows(source, detection.encoding, path)
        for line, row in numbered((row.line, row) for row in rows if row.table == wanted):
            if line > detection.header_row:
                yield line, row.cells

    return StructuredRows(path, detection, records)


def declared_encoding(head: bytes) -> str | None:
    """The encoding the page says it is in."""
    found = _DECLARED.search(head[:8192])
    return (found[1] or found[2]).decode("ascii") if found else None


class _Found:
    """What one table is like."""

    def __init__(self) -> None:
        self.rows = self.filled = 0
        self.first: list[Record] = []
        self.heading: int | None = None


def _survey(source: BinaryIO, encoding: str, choices: Choices, path: Path | None) -> dict[str, _Found]:
    tables: dict[int, _Found] = {}
    names: dict[int, str] = {}
    last: dict[int, int] = {}
    enough = max(_LOOK_AT, (choices.header_row or 0) + SAMPLE_ROWS)
    for row in _rows(source, encoding, path):
        if row.table not in tables and len(tables) >= _MOST_TABLES:
            continue
        found = tables.setdefault(row.table, _Found())
        names.setdefault(row.table, f"{row.table} {row.caption}".strip())
        line = last[row.table] = max(row.line, last.get(row.table, 0) + 1)
        found.rows += 1
        filled = sum(1 for cell in row.cells if cell)
        found.filled += filled
        if found.rows <= enough:
            found.first.append(Record(line, row.cells))
        if row.heading and filled > 1 and found.heading is None and found.rows <= _LOOK_AT:
            found.heading = line
    return {names[number]: found for number, found in tables.items()}


def _rows(source: BinaryIO, encoding: str, path: Path | None) -> Iterator[_Row]:
    """Every row with content of every table."""
    parser = _Tables(path)
    for block in text_blocks(source, encoding, path):
        parser.feed(block)
        if len(parser.rawdata) > _TAG_LIMIT:
            raise FormatError(
                _("a record is longer than {limit} MB").format(limit=_TAG_LIMIT >> 20),
                where=place(path, parser.getpos()[0]),
            )
        yield from parser.take()
    parser.close()
    parser.finish()
    yield from parser.take()


class _Open:
    """A table that is being read: its row, its cell, and the cells above that reach down into the rows below."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.caption: list[str] = []
        self.line = 0
        self.row: list[str] | None = None
        self.heading = True
        self.cell: list[str] | None = None
        self.shown = ""
        self.wide = self.high = 1
        self.from_above: dict[int, tuple[int, str]] = {}

    def start_cell(self, line: int, attributes: dict[str, str], *, heading: bool) -> None:
        self.end_cell()
        if self.row is None:
            self.line, self.row, self.heading = line, [], True
        self.heading = self.heading and heading
        self.cell = []
        self.shown = attributes.get("x:num", "")
        self.wide = max(1, min(_span(attributes.get("colspan")), MAX_COLUMNS + 1))
        self.high = max(1, min(_span(attributes.get("rowspan")), _LONGEST_SPAN))

    def end_cell(self) -> None:
        if self.cell is None or self.row is None:
            return
        text = _tidy("".join(self.cell))
        if self.shown and _SHORTENED.fullmatch(text):
            text = self.shown
        self.cell = None
        self._fill(self.row)
        for number in range(self.wide):
            if self.high > 1:
                self.from_above[len(self.row)] = (self.high - 1, "" if number else text)
            self.row.append("" if number else text)

    def _fill(self, row: list[str]) -> None:
        """Put in what the rows above reach down with, up to the next free place."""
        while len(row) in self.from_above:
            left, text = self.from_above.pop(len(row))
            if left > 1:
                self.from_above[len(row)] = (left - 1, text)
            row.append(text)

    def end_row(self) -> list[str] | None:
        self.end_cell()
        row, self.row = self.row, None
        if row is not None:
            self._fill(row)
        return row


class _Tables(HTMLParser):
    def __init__(self, path: Path | None) -> None:
        super().__init__(convert_charrefs=True)
        self._path = path
        self._open: list[_Open] = []
        self._number = 0
        self._mute = 0
        self._caption = False
        self._ready: list[_Row] = []

    def take(self) -> list[_Row]:
        """The rows that are complete."""
        rows, self._ready = self._ready, []
        return rows

    def finish(self) -> None:
        """End what the page left open."""
        while self._open:
            self._end_row()
            self._open.pop()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _MUTE:
            self._mute += 1
        elif tag == "table":
            self._number += 1
            self._open.append(_Open(self._number))
            if len(self._open) > _DEEPEST:
                raise FormatError(
                    _("elements are nested deeper than {limit}").format(limit=_DEEPEST),
                    where=place(self._path, self.getpos()[0]),
                )
        if not self._open:
            return
        table = self._open[-1]
        if tag in ("td", "th"):
            table.start_cell(self.getpos()[0], {key: value or "" for key, value in attrs}, heading=tag == "th")
        elif tag in ("tr", "thead", "tbody", "tfoot"):
            self._end_row()
        elif tag == "caption":
            self._caption = True
        if tag in _LINES and table.cell is not None:
            table.cell.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _LINES:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _MUTE:
            self._mute = max(0, self._mute - 1)
        if not self._open:
            return
        table = self._open[-1]
        if tag in ("td", "th"):
            table.end_cell()
        elif tag in ("tr", "thead", "tbody", "tfoot"):
            self._end_row()
        elif tag == "caption":
            self._caption = False
        elif tag == "table":
            self._end_row()
            self._open.pop()
        elif tag in ("p", "div", "li") and table.cell is not None:
            table.cell.append("\n")

    def handle_data(self, data: str) -> None:
        if self._mute or not self._open:
            return
        table = self._open[-1]
        if table.cell is not None:
            # Line breaks of the source mean no more than blanks; those of the page are put in by its tags.
            table.cell.append(data.replace("\n", " ").replace("\r", " "))
        elif self._caption:
            table.caption.append(data)

    def _end_row(self) -> None:
        table = self._open[-1]
        row = table.end_row()
        if row is None or not any(row):
            return
        while not row[-1]:
            row.pop()
        if len(row) > MAX_COLUMNS:
            raise too_many_columns(self._path, table.line)
        caption = _tidy("".join(table.caption)).replace("\n", " ")[:60]
        self._ready.append(_Row(table.number, caption, table.line, row, table.heading))


def _span(said: str | None) -> int:
    return int(said) if said is not None and said.isdecimal() and len(said) < 9 else 1


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
