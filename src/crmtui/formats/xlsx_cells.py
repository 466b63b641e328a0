"""The cells of a worksheet, streamed: numbers become text again, dates ISO, and only cells that hold something are
built."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO
from xml.parsers import expat

from crmtui.errors import FormatError
from crmtui.formats.table import MAX_COLUMNS, Note, place, too_many_columns
from crmtui.formats.xlsx_package import Workbook, damaged, new_parser
from crmtui.i18n import _

_BLOCK = 64 * 1024
_ROW_BYTES = 64 << 20
_EXACT_DIGITS = 15
_MOST_DIGITS = 40
_NOTES = 100
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LETTERS = re.compile(r"[A-Z]{1,3}")


def unescape(text: str) -> str:
    """``_x001B_`` and its like as the character they stand for; halves of surrogate pairs stay as they are."""
    if "_x" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        code = int(match.group(1), 16)
        return match.group() if 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPED.sub(character, text)


def column_number(reference: str) -> int:
    """The 0-based column of a cell reference such as ``BC12``; -1 when it has no letters."""
    letters = _LETTERS.match(reference)
    number = 0
    for letter in letters.group() if letters else "":
        number = number * 26 + ord(letter) - 64
    return number - 1


class SharedTexts:
    """The workbook's table of texts, read only as far as it is needed: a sample costs little however long it is."""

    def __init__(self, archive: zipfile.ZipFile, part: str | None, path: Path | None) -> None:
        self._texts: list[str] = []
        self._more = _texts(archive.open(part), path) if part else iter(())

    def __getitem__(self, index: int) -> str:
        while len(self._texts) <= index:
            block = next(self._more, None)
            if block is None:
                return ""
            self._texts += block
        return self._texts[index]


def _cut(digits: str, *, exponent: bool) -> bool:
    """Whether a whole number is one of which the spreadsheet kept only fifteen digits or so."""
    digits = digits.lstrip("-")
    return len(digits) > _EXACT_DIGITS and (exponent or not digits[_EXACT_DIGITS:].strip("0"))


class NumberText:
    """Numbers as a person typed them: no ``.0``, no exponent; dates and padded digits by the style of the cell."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._epoch = datetime(1904, 1, 1) if workbook.date1904 else datetime(1899, 12, 30)
        self._known: dict[str, str] = {}

    def __call__(self, raw: str, style: str) -> tuple[str, bool]:
        """The text of a number cell, and whether the spreadsheet has lost digits of it."""
        index = int(style) if style.isdigit() else 0
        if index in self._workbook.dates:
            text = self._known.get(raw)
            if text is None:
                text = self._date(raw)
                if len(self._known) < 100_000:
                    self._known[raw] = text
            return text, False
        if raw.isascii() and raw.isdigit():
            width = self._workbook.padded.get(index)
            return (raw.zfill(width) if width else raw), _cut(raw, exponent=False)
        try:
            value = Decimal(raw)
        except InvalidOperation:
            return raw, False
        if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
            return raw, False
        if value == value.to_integral_value():
            digits = str(int(value))
            return digits, _cut(digits, exponent="e" in raw or "E" in raw)
        # What was computed carries noise in the last places; spreadsheet programs show fifteen digits and so do we.
        return format(Decimal(f"{value:.15g}").normalize(), "f"), False

    def _date(self, raw: str) -> str:
        try:
            serial = float(raw)
            if not 0 <= serial < 2_958_466:
                return raw
            if serial < 60 and not self._workbook.date1904:
                serial += 1  # Excel counts a 29 February 1900 that never was
            moment = self._epoch + timedelta(milliseconds=round(serial * 86_400_000))
        except (ValueError, OverflowError):
            return raw
        moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
        if float(raw) < 1:
            return moment.time().isoformat()
        return moment.date().isoformat() if serial.is_integer() else moment.isoformat()


def sheet_rows(
    stream: IO[bytes], texts: SharedTexts, number_text: NumberText, notes: list[Note], path: Path | None
) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of the rows of a worksheet that hold anything; losses of digits go to ``notes``."""
    ready: list[tuple[int, list[str]]] = []
    parser = new_parser(path)
    parser.StartElementHandler = _first_element(parser, ready, texts, number_text, notes, path)
    since = 0
    while True:
        block = _read(stream, path)
        try:
            parser.Parse(block, not block)
        except (expat.ExpatError, IndexError, ValueError):
            raise damaged(path) from None
        since = 0 if ready else since + len(block)
        if since > _ROW_BYTES:
            raise FormatError(_("a row is larger than {limit} MB").format(limit=_ROW_BYTES >> 20), where=place(path))
        yield from ready
        ready.clear()
        if not block:
            return


def claimed_rows(stream: IO[bytes], path: Path | None) -> int | None:
    """The last row by what the sheet says about its own size; None when it does not say."""
    found = re.search(rb"<(?:\w+:)?dimension\b[^>]*\bref=\"[A-Z]+\d+:[A-Z]+(\d{1,7})\"", _read(stream, path, 4096))
    return int(found.group(1)) if found else None


def _read(stream: IO[bytes], path: Path | None, size: int = _BLOCK) -> bytes:
    try:
        return stream.read(size)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError):
        raise damaged(path) from None


Start = Callable[[str, dict[str, str]], None]


def _first_element(
    parser: expat.XMLParserType,
    ready: list[tuple[int, list[str]]],
    texts: SharedTexts,
    number_text: NumberText,
    notes: list[Note],
    path: Path | None,
) -> Start:
    """Learns the namespace prefix from the root element, then hands over to handlers made for it."""

    def start(tag: str, _attributes: dict[str, str]) -> None:
        prefix = tag.rpartition(":")[0]
        _install(parser, f"{prefix}:" if prefix else "", ready, texts, number_text, notes, path)

    return start


def _install(
    parser: expat.XMLParserType,
    prefix: str,
    ready: list[tuple[int, list[str]]],
    texts: SharedTexts,
    number_text: NumberText,
    notes: list[Note],
    path: Path | None,
) -> None:
    """Handlers for row, cell, value and inline text; closures, as they run some ten times for each cell."""
    row_tag, cell_tag, phonetic_tag, formula_tag = prefix + "row", prefix + "c", prefix + "rPh", prefix + "f"
    content_tags = (prefix + "v", prefix + "t")
    numbers: dict[str, int] = {}
    cells: list[str] = []
    pieces: list[str] = []
    row = column = -1
    kind = style = ""
    collecting = phonetic = formula = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind, style, collecting, cells, phonetic, formula
        if tag == cell_tag:
            reference = attributes.get("r")
            if reference is None:
                column += 1
            else:
                letters = reference.rstrip("0123456789")
                known = numbers.get(letters)
                if known is None:
                    known = column_number(letters)
                    if len(numbers) < 20_000:
                        numbers[letters] = known
                column = known if known >= 0 else column + 1
            kind = attributes.get("t", "")
            style = attributes.get("s", "")
            if pieces:
                pieces.clear()
        elif tag in content_tags:
            collecting = not phonetic
        elif tag == row_tag:
            number = attributes.get("r", "")
            row = int(number) if number else max(row, 0) + 1
            column = -1
            cells = []
        elif tag == formula_tag:
            formula = True
        elif tag == phonetic_tag:
            phonetic = True

    def characters(text: str) -> None:
        if collecting:
            pieces.append(text)

    def end(tag: str) -> None:
        nonlocal collecting, phonetic, formula
        if tag in content_tags:
            collecting = False
        elif tag == cell_tag:
            if not pieces:
                if formula and len(notes) < _NOTES:
                    explanation = _("a formula without a stored result; save the file once in Excel or WPS")
                    notes.append(Note("formula_empty", explanation, row, column + 1))
                formula = False
                return
            formula = False
            text = pieces[0] if len(pieces) == 1 else "".join(pieces)
            if kind == "s":
                text = texts[int(text)]
            elif kind in ("", "n"):
                text, lost = number_text(text, style)
                if lost and len(notes) < _NOTES:
                    explanation = _("the spreadsheet stored this number without its last digits")
                    notes.append(Note("precision_lost", explanation, row, column + 1))
            elif kind == "b":
                text = "TRUE" if text.strip() == "1" else "FALSE"
            elif kind == "d":
                text = text.removesuffix("T00:00:00").removesuffix("T00:00:00.000")
            else:
                text = unescape(text)
            if text:
                if column >= MAX_COLUMNS:
                    raise too_many_columns(path, row)
                gap = column - len(cells)
                if gap > 0:
                    cells.extend([""] * gap)
                if gap >= 0:
                    cells.append(text)
                else:
                    cells[column] = text
        elif tag == row_tag:
            if cells:
                ready.append((row, cells))
        elif tag == phonetic_tag:
            phonetic = False

    parser.StartElementHandler = start
    parser.CharacterDataHandler = characters
    parser.EndElementHandler = end


def _texts(stream: IO[bytes], path: Path | None) -> Iterator[list[str]]:
    """The shared texts in blocks, without their formatting and reading aids (ruby)."""
    done: list[str] = []
    pieces: list[str] = []
    collecting = phonetic = False

    def start(tag: str, _attributes: dict[str, str]) -> None:
        nonlocal collecting, phonetic
        tag = tag.rpartition(":")[2]
        if tag == "t":
            collecting = not phonetic
        elif tag == "rPh":
            phonetic = True

    def characters(text: str) -> None:
        if collecting:
            pieces.append(text)

    def end(tag: str) -> None:
        nonlocal collecting, phonetic
        tag = tag.rpartition(":")[2]
        if tag == "t":
            collecting = False
        elif tag == "si":
            done.append(unescape("".join(pieces)))
            pieces.clear()
        elif tag == "rPh":
            phonetic = False

    parser = new_parser(path)
    parser.StartElementHandler, parser.CharacterDataHandler, parser.EndElementHandler = start, characters, end
    while True:
        block = _read(stream, path)
        try:
            parser.Parse(block, not block)
        except expat.ExpatError:
            raise damaged(path) from None
        yield list(done)
        done.clear()
        if not block:
            return
