"""OpenDocument spreadsheets (ods, and the flat fods), read as a stream: repeated cells are counted, not built."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from crmtui.errors import FormatError, UsageError
from crmtui.formats.header import looks_like_data, settle
from crmtui.formats.source import FixedSizeFile
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
from crmtui.formats.text_source import opened
from crmtui.formats.xlsx_package import damaged, elements, new_parser, open_package
from crmtui.i18n import _

_LOOK_AT = 40
_BLOCK = 256 * 1024
_MOST_ROWS = 1 << 20  # of a sheet in any spreadsheet program
_LONGEST_CELL = 16 << 20
_MOST_SHEETS = 1_000
_CLEARLY = 0.1  # what a later sheet must have over an earlier one to be taken for the data
_EXACT = 10**15
_NOTES = 100
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_MIDNIGHT = re.compile(r"T00:00:00(?:\.0+)?$")


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """Sheets, the one that holds the table, its header, columns and sample."""
    look_at = max(_LOOK_AT, (choices.header_row or 0) + SAMPLE_ROWS)
    beginnings: dict[str, list[Record]] = {}
    rows: dict[str, int] = {}
    lost: list[Note] = []
    with opened(path, data) as source:
        content = _Content(path, lost)
        for sheet, number, cells in content.rows(source):
            rows[sheet] = number
            if len(beginning := beginnings.setdefault(sheet, [])) < look_at:
                beginning.append(Record(number, cells))
    sheets = [Sheet(name, rows.get(name, 0), name in content.hidden) for name in content.sheets]
    chosen = _choose(sheets, beginnings, path) if choices.sheet is None else _asked(sheets, choices.sheet, path)
    records = beginnings.get(chosen)
    if not records:
        raise FormatError(_("the sheet “{name}” holds no rows").format(name=chosen), where=place(path))
    table = settle(records, choices.header_row, path)
    notes = []
    others = [sheet.name for sheet in sheets if sheet.name != chosen and not sheet.hidden]
    if others:
        text = _("sheet “{name}” is read; there are also: {others}").format(name=chosen, others=", ".join(others[:10]))
        notes.append(Note("other_sheets", text))
    hidden = [sheet.name for sheet in sheets if sheet.hidden]
    if hidden:
        notes.append(Note("hidden_sheets", _("hidden sheets: {names}").format(names=", ".join(hidden[:10]))))
    return Detection(
        format=format_id,
        sheet=chosen,
        sheets=tuple(sheets),
        header_row=table.header_row,
        header_confidence=table.confidence,
        skipped_rows=table.skipped,
        columns=table.columns,
        sample=table.sample,
        notes=(*notes, *table.notes, *lost[:10]),
    )


def open_rows(path: Path, detection: Detection) -> "OdsRows":
    """The rows of the chosen sheet after its header."""
    return OdsRows(path, detection)


class OdsRows:
    """Rows of one sheet, read as a stream."""

    def __init__(self, path: Path, detection: Detection) -> None:
        self._path = path
        self._detection = detection
        self._source = FixedSizeFile(path)
        self.size = self._source.size
        self.notes: list[Note] = []

    @property
    def position(self) -> int:
        """Bytes of the file behind the place in it that was read last."""
        return min(self._source.tell(), self.size)

    def __enter__(self) -> "OdsRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._source.close()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        wanted, header_row = self._detection.sheet, self._detection.header_row
        content = _Content(self._path, self.notes, only=wanted)
        for _sheet, number, cells in content.rows(self._source):  # type: ignore[arg-type]
            if number > header_row:
                yield number, cells


class _Content:
    """The cells of a document while its XML goes by."""

    def __init__(self, path: Path | None, lost: list[Note], only: str | None = None) -> None:
        self._path = path
        self._lost = lost
        self._only = only
        self.sheets: list[str] = []
        self.hidden: set[str] = set()
        self._unseen_styles: set[str] = set()
        self._style = ""
        self._found: list[tuple[str, int, list[str]]] = []
        self._tables = 0  # how many are open: a table inside of a cell is no sheet
        self._row = 0
        self._row_repeats = 1
        self._cells: list[str] = []
        self._column = 0
        self._cell: dict[str, str] | None = None
        self._text: list[str] = []
        self._paragraphs = 0
        self._length = 0
        self._inside_text = 0
        self._aside = 0  # notes to a cell and drawings on it are none of its text

    def rows(self, source: BinaryIO) -> Iterator[tuple[str, int, list[str]]]:
        """Sheet, physical row and cells of every row with content. Raises FormatError."""
        source.seek(0)
        packed = source.read(2) == b"PK"
        source.seek(0)
        parser = new_parser(self._path)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            if packed:
                with open_package(source, self._path) as archive:
                    self._check_unlocked(archive)
                    with archive.open("content.xml") as content:
                        yield from self._parse(parser, content)  # type: ignore[arg-type]
            else:
                yield from self._parse(parser, source)
        except (expat.ExpatError, BadZipFile, OSError, EOFError, KeyError, ValueError, zlib.error, RuntimeError):
            raise damaged(self._path) from None

    def _parse(self, parser: expat.XMLParserType, content: BinaryIO) -> Iterator[tuple[str, int, list[str]]]:
        while block := content.read(_BLOCK):
            parser.Parse(block, False)
            found, self._found = self._found, []
            yield from found
        parser.Parse(b"", True)
        yield from self._found

    def _check_unlocked(self, archive: ZipFile) -> None:
        if "META-INF/manifest.xml" not in archive.namelist():
            return
        if any(tag == "encryption-data" for tag, _attributes in elements(archive, "META-INF/manifest.xml", self._path)):
            raise FormatError(
                _("the workbook is protected with a password"),
                where=place(self._path),
                hint=_("Open it in LibreOffice, save it without a password and import again."),
            )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name in ("annotation", "shapes", "frame"):
            self._aside += 1
        elif self._aside:
            return
        elif name == "table":
            self._tables += 1
            if self._tables == 1:
                self._start_sheet(attributes)
        elif self._tables > 1:
            return
        elif name == "table-row" and self._tables:
            self._row_repeats = _count(attributes, "number-rows-repeated")
            self._cells, self._column = [], 0
        elif name in ("table-cell", "covered-table-cell"):
            self._cell, self._text, self._paragraphs, self._length = attributes, [], 0, 0
        elif self._cell is not None:
            self._start_text(name, attributes)
        elif name == "style":
            self._style = _attribute(attributes, "name")
        elif name == "table-properties" and _attribute(attributes, "display") == "false":
            self._unseen_styles.add(self._style)

    def _start_sheet(self, attributes: dict[str, str]) -> None:
        name = _attribute(attributes, "name") or f"#{len(self.sheets) + 1}"
        if len(self.sheets) >= _MOST_SHEETS or name in self.sheets:
            raise damaged(self._path)
        self.sheets.append(name)
        if _attribute(attributes, "style-name") in self._unseen_styles:
            self.hidden.add(name)
        self._row = 0

    def _start_text(self, name: str, attributes: dict[str, str]) -> None:
        if name in ("p", "h"):
            if self._paragraphs:
                self._text.append("\n")
            self._paragraphs += 1
            self._inside_text += 1
        elif name == "s":
            self._characters(" " * min(_count(attributes, "c"), 1_000))
        elif name == "tab":
            self._text.append("\t")
        elif name == "line-break":
            self._text.append("\n")

    def _characters(self, text: str) -> None:
        if self._inside_text and not self._aside and self._tables == 1:
            self._length += len(text)
            if self._length > _LONGEST_CELL:
                raise FormatError(
                    _("a field is longer than {limit} MB").format(limit=_LONGEST_CELL >> 20),
                    where=place(self._path, self._row + 1),
                )
            self._text.append(text)

    def _end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("annotation", "shapes", "frame"):
            self._aside -= 1
        elif self._aside:
            return
        elif name == "table":
            self._tables -= 1
        elif self._tables != 1:
            return
        elif name in ("p", "h") and self._inside_text:
            self._inside_text -= 1
        elif name in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None
        elif name == "table-row":
            self._end_row()

    def _end_cell(self, attributes: dict[str, str]) -> None:
        repeats = _count(attributes, "number-columns-repeated")
        sheet = self.sheets[-1]
        value = "" if self._only not in (None, sheet) else self._value(attributes, "".join(self._text))
        if value:
            if self._column + repeats > MAX_COLUMNS:
                raise too_many_columns(self._path, self._row + 1)
            self._cells += [""] * (self._column - len(self._cells)) + [value] * repeats
        self._column += repeats

    def _end_row(self) -> None:
        first = self._row + 1
        self._row += self._row_repeats
        if not self._cells:
            return
        if self._row > _MOST_ROWS:
            raise FormatError(_("the sheet has more rows than a spreadsheet can have"), where=place(self._path, first))
        sheet = self.sheets[-1]  # repeated rows share their cells: there may be a million of them
        self._found += [(sheet, number, self._cells) for number in range(first, self._row + 1)]

    def _value(self, attributes: dict[str, str], text: str) -> str:
        kind = _attribute(attributes, "value-type")
        if kind in ("float", "percentage", "currency"):
            return self._number(_attribute(attributes, "value"), text)
        if kind == "date":
            return _MIDNIGHT.sub("", _attribute(attributes, "date-value")) or text
        if kind == "time":
            parts = _DURATION.fullmatch(_attribute(attributes, "time-value"))
            return ":".join(part.zfill(2) for part in parts.groups()) if parts else text
        if kind == "boolean":
            return _attribute(attributes, "boolean-value").upper() or text
        return text or _attribute(attributes, "string-value")

    def _number(self, value: str, text: str) -> str:
        """A number as it was stored; with leading zeros where its format shows them."""
        try:
            number = float(value)
        except ValueError:
            return text or value
        if abs(number) >= _EXACT and len(self._lost) < _NOTES:
            explanation = _("the spreadsheet stored this number without its last digits")
            self._lost.append(Note("precision_lost", explanation, self._row + 1, self._column + 1))
        if text[:1] == "0" and text.isdecimal() and int(text) == number:
            return text
        if number.is_integer() and abs(number) < 1e21:
            return str(int(number))
        return repr(number) if "e" in value.lower() else value


def _attribute(attributes: dict[str, str], name: str) -> str:
    """An attribute by its name without prefix; programs choose their own."""
    for key in attributes:
        if key.endswith(name) and key.rpartition(":")[2] == name:
            return attributes[key]
    return ""


def _count(attributes: dict[str, str], name: str) -> int:
    text = _attribute(attributes, name)
    return max(1, min(int(text), 1 << 31)) if text.isdecimal() and len(text) < 12 else 1


def _asked(sheets: list[Sheet], asked: str, path: Path | None) -> str:
    names = [sheet.name for sheet in sheets]
    if asked in names:
        return asked
    if asked.isdecimal() and 0 < int(asked) <= len(names):
        return names[int(asked) - 1]
    raise UsageError(
        _("there is no sheet “{name}”").format(name=asked),
        where=place(path),
        hint=_("Its sheets: {names}.").format(names=", ".join(names)),
    )


def _choose(sheets: list[Sheet], beginnings: dict[str, list[Record]], path: Path | None) -> str:
    """The first visible sheet that looks clearly more like data than those before it: explanations often come first."""
    visible = [sheet.name for sheet in sheets if not sheet.hidden] or [sheet.name for sheet in sheets]
    best, best_score = next((name for name in visible if name in beginnings), ""), 0.0
    for name in visible:
        score = looks_like_data([record.cells for record in beginnings.get(name, [])])
        if score > best_score + _CLEARLY:
            best, best_score = name, score
    if not best:
        raise FormatError(_("the file holds no rows"), where=place(path))
    return best
