"""CSV and TSV: what they are, and their rows at the speed of the csv module with nothing read wrongly in silence."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from crmtui.errors import FormatError
from crmtui.formats.broken_text import BYTES, bytes_met, is_broken, mend, shown
from crmtui.formats.dialect import (
    END_OF_FILE,
    FIELD_LIMIT,
    NEWLINES_LIMIT,
    Dialect,
    check_quotes,
    csv_rows,
    first_records,
    names_delimiter,
    open_quote,
    sniff,
    swallowed,
    unclosed_quote,
)
from crmtui.formats.encoding import BOMS, detect_encoding, encoding_candidates, python_codec
from crmtui.formats.header import settle
from crmtui.formats.source import FixedSizeFile
from crmtui.formats.table import MAX_COLUMNS, Choices, Detection, Note, Record, place, too_many_columns
from crmtui.i18n import _, ngettext

_SAMPLE_BYTES = 256 * 1024
_BLOCK = 1 << 20
_ENOUGH_EVIDENCE = 400
_BROKEN_ROWS = 20  # more than these, if they are a tenth of all: the encoding is wrong, not the rows
_ROWS_TOLD = 5


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """Encoding, dialect, header, columns and sample of a text table."""
    source: BinaryIO | FixedSizeFile = io.BytesIO(data) if data is not None else FixedSizeFile(path or Path())
    with source:
        head = source.read(_SAMPLE_BYTES) or b""
        evidence, complete = _evidence(source, head)
    found = detect_encoding(evidence, complete=complete, region=choices.region)
    encoding, confidence = (choices.encoding, 1.0) if choices.encoding else found[0]
    notes = [] if choices.encoding else _encoding_notes(found)
    before = bytes_met()
    text = _decode(head, encoding, complete=complete)
    dialect = sniff(text, delimiter=choices.delimiter or ("\t" if format_id == "tsv" else None))
    notes += _dialect_notes(text, dialect)
    check_quotes(text, dialect, complete=complete, where=place(path))
    records = first_records(text, dialect, complete=complete)
    if bytes_met() != before:
        records = [_mended(record, encoding) for record in records]
        if told := _broken_lines(text, encoding):
            notes = [*told, *(note for note in notes if note.code != "encoding_unsure")]
    if not records:
        if not complete:
            raise FormatError(
                _("the first row does not end within {size} KB").format(size=_SAMPLE_BYTES // 1024), where=place(path)
            )
        raise FormatError(_("the file holds no rows"), where=place(path))
    if not any(cell.strip(" \0") for record in records for cell in record.cells):
        raise FormatError(
            _("the file holds no rows"), where=place(path)
        )  # a file that a failing disk left full of zeros
    table = settle(records, choices.header_row, path)
    candidates = encoding_candidates(found, evidence, passed=table.header_row, chosen=choices.encoding)
    return Detection(
        format="tsv" if dialect.delimiter == "\t" else "csv",
        encoding=encoding,
        encoding_confidence=confidence,
        encoding_candidates=candidates,
        delimiter=dialect.delimiter,
        delimiter_candidates=dialect.candidates,
        quote=dialect.quote,
        line_end=dialect.line_end,
        escape=dialect.escape,
        skip_initial_space=dialect.skip_initial_space,
        header_row=table.header_row,
        header_confidence=table.confidence,
        skipped_rows=table.skipped,
        columns=table.columns,
        sample=table.sample,
        notes=(*notes, *table.notes),
    )


def open_rows(path: Path, detection: Detection) -> "CsvRows":
    """The rows of a CSV or TSV file after its header."""
    return CsvRows(path, detection)


class CsvRows:
    """Rows of a text table; the whole file is checked for encoding and quotes while it is read.

    A row in another encoding is read in that one; one that is no text in any comes as it is, its bytes as lone surrogates
    (``broken_text``). Both are told in ``notes`` at the end. Where the header or every tenth row is broken, the encoding of
    the file is wrong and reading ends with a FormatError.
    """

    def __init__(self, path: Path, detection: Detection) -> None:
        self._path = path
        self._detection = detection
        self._dialect = Dialect(
            detection.delimiter, detection.quote, "", detection.skip_initial_space, False, detection.escape
        )
        self._codec = python_codec(detection.encoding)
        self._source = FixedSizeFile(path)
        self.size = self._source.size
        self.notes: list[Note] = []
        self._mended: dict[str, list[int]] = {}
        self._broken: list[int] = []

    @property
    def position(self) -> int:
        """Bytes taken from the file so far."""
        return min(self._source.tell(), self.size)

    def __enter__(self) -> "CsvRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._source.close()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        ended = False

        def lines() -> Iterator[str]:
            nonlocal ended
            yield from rest
            ended = True
            yield END_OF_FILE

        text = self._text(self._source)
        done, start, count, before = 0, 1, 0, bytes_met()
        rest: Iterable[str] = text
        reader = csv_rows(lines(), self._dialect)
        try:
            done, rest = _pass_header(text, self._detection.header_row)
            start = done + 1
            if self._detection.header_row:
                if is_broken(next(reader, [])):
                    raise self._undecodable()
                start = done + reader.line_num + 1
            for cells in reader:
                if done + reader.line_num - start > NEWLINES_LIMIT and swallowed(cells, done + reader.line_num - start):
                    raise self._open_quote(start)
                if ended:
                    if cells != [END_OF_FILE]:
                        raise self._open_quote(start)
                    self._tell_broken()
                    return
                if len(cells) > MAX_COLUMNS:
                    raise too_many_columns(self._path, start)
                if cells and (cells[0] or any(cells)):
                    count += 1
                    if bytes_met() != before and is_broken(cells):
                        cells = self._mend(start, cells, count)
                    yield start, cells
                start = done + reader.line_num + 1
            if not ended:  # the header itself ran into the end of the file
                raise self._open_quote(1)
        except csv.Error:
            if done + reader.line_num - start > NEWLINES_LIMIT:
                raise self._open_quote(start) from None
            raise FormatError(
                _("a field is longer than {limit} MB").format(limit=FIELD_LIMIT >> 20),
                where=place(self._path, start),
                hint=_("Shorten it, or check the quotation marks around this row."),
            ) from None

    def _mend(self, line: int, cells: list[str], count: int) -> list[str]:
        """A row with bytes that are no text, as well as it can be read; ``count`` rows have been read with it."""
        mended = mend(cells, self._detection.encoding)
        if mended is not None:
            self._mended.setdefault(mended[1], []).append(line)
            return mended[0]
        self._broken.append(line)
        if len(self._broken) > _BROKEN_ROWS and len(self._broken) * 10 > count:
            raise self._undecodable()
        return cells

    def _tell_broken(self) -> None:
        self.notes += broken_notes(self._mended, self._broken, self._detection.encoding)

    def _text(self, source: FixedSizeFile) -> io.TextIOWrapper:
        """``source`` decoded, its byte order mark skipped; lines keep their ends."""
        source.seek(0)
        bom = BOMS.get(self._detection.encoding)
        source.seek(len(bom) if bom and source.read(len(bom)) == bom else 0)
        text = io.TextIOWrapper(io.BufferedReader(source, _BLOCK), encoding=self._codec, errors=BYTES, newline="")
        text._CHUNK_SIZE = 128 * 1024  # type: ignore[attr-defined]  # 8 KB chunks cost a tenth of the reading time
        return text

    def _open_quote(self, start: int) -> FormatError:
        """The refusal for the row that begins on physical line ``start`` and never ends."""
        with FixedSizeFile(self._path) as source:
            opened = open_quote(islice(self._text(source), start - 1, None), self._dialect, start)
        return unclosed_quote(opened or start, place(self._path))

    def _undecodable(self) -> FormatError:
        """The refusal for bytes that are not in the encoding, with the row and the byte they are on."""
        line, offset, value = 1, 0, 0
        with FixedSizeFile(self._path) as source:
            line, offset, value = _first_failure(source, self._codec)
        return FormatError(
            _("byte {offset} (0x{value:02X}) is not {encoding}").format(
                offset=offset, value=value, encoding=self._detection.encoding
            ),
            where=place(self._path, line),
            hint=_("Choose another encoding, or correct this row in the file."),
        )


def _pass_header(text: io.TextIOWrapper, header_row: int) -> tuple[int, Iterable[str]]:
    """Pass over the lines above the header (without one: a ``sep=`` line); their number, and the lines that follow."""
    if header_row:
        return sum(1 for _line in islice(text, header_row - 1)), text
    first = list(islice(text, 1))
    return (1, text) if first and names_delimiter(first[0]) else (0, chain(first, text))


def _first_failure(source: FixedSizeFile, codec: str) -> tuple[int, int, int]:
    """Physical line, byte offset in the file (from 0) and value of the first byte that ``codec`` does not accept."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    line, base, kept = 1, 0, b""
    last = ""
    while True:
        block = source.read(_BLOCK) or b""
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            whole = error.object
            offset = base + error.start - len(kept)
            before = whole[: error.start].decode(codec, "replace")
            return line + _breaks(last + before) - _breaks(last), offset, whole[error.start]
        line += _breaks(last + text) - _breaks(last)
        last = text[-1:]
        base += len(block)
        state = decoder.getstate()[0]
        kept = state if isinstance(state, bytes) else b""
        if not block:
            return line, base, 0


def _breaks(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _evidence(source: BinaryIO | FixedSizeFile, head: bytes) -> tuple[bytes, bool]:
    """Bytes to judge the encoding by: the head, and where it is (nearly) all ASCII the first others further on.

    The second value says whether the head is the whole file.
    """
    complete = len(head) < _SAMPLE_BYTES
    if complete or len(head.translate(None, bytes(range(128)))) >= _ENOUGH_EVIDENCE or b"\0" in head:
        return head, complete
    pieces = [head[: head.rfind(b"\n") + 1]]
    found, carry = 0, head[head.rfind(b"\n") + 1 :]
    while found < _ENOUGH_EVIDENCE and (block := source.read(_BLOCK)):
        if carry.isascii() and block.isascii():
            carry = block[block.rfind(b"\n") + 1 :]
            continue
        block = carry + block
        cut = block.rfind(b"\n") + 1
        carry = block[cut:]
        rows = [row for row in block[:cut].splitlines(keepends=True) if not row.isascii()][:2000]
        found += sum(len(row.translate(None, bytes(range(128)))) for row in rows)
        pieces += rows
    return b"".join(pieces), False


def _decode(head: bytes, encoding: str, *, complete: bool) -> str:
    """The head as text; bytes that are none as lone surrogates."""
    decoder = codecs.getincrementaldecoder(python_codec(encoding))(BYTES)
    return decoder.decode(head.removeprefix(BOMS.get(encoding, b"")), complete)


def _mended(record: Record, encoding: str) -> Record:
    """A row of the sample as it will be read, with U+FFFD for bytes that are no text."""
    if not is_broken(record.cells):
        return record
    mended = mend(record.cells, encoding)
    return Record(record.line, mended[0] if mended else [shown(cell) for cell in record.cells])


def _broken_lines(text: str, encoding: str) -> list[Note]:
    """A remark about the lines of ``text``, the beginning of a file, that are in another encoding or in none."""
    other: dict[str, list[int]] = {}
    broken: list[int] = []
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if is_broken((line,)):
            mended = mend((line,), encoding)
            (broken if mended is None else other.setdefault(mended[1], [])).append(number)
    return broken_notes(other, broken, encoding)


def broken_notes(other: dict[str, list[int]], broken: list[int], encoding: str) -> list[Note]:
    """What to say about rows in ``other`` encodings (their lines) and about ``broken`` ones."""
    notes = []
    for name, lines in other.items():
        text = ngettext(
            "{count} row is in {other}, not in {encoding}, and is read so: {rows}",
            "{count} rows are in {other}, not in {encoding}, and are read so: {rows}",
            len(lines),
        )
        notes.append(_about_rows("mixed_encoding", text, lines, other=name, encoding=encoding))
    if broken:
        text = ngettext(
            "{count} row holds bytes that are not {encoding}: {rows}",
            "{count} rows hold bytes that are not {encoding}: {rows}",
            len(broken),
        )
        notes.append(_about_rows("undecodable", text, broken, encoding=encoding))
    return notes


def _about_rows(code: str, text: str, lines: list[int], **words: str) -> Note:
    rows = ", ".join(map(str, lines[:_ROWS_TOLD])) + (" …" if len(lines) > _ROWS_TOLD else "")
    return Note(code, text.format(count=len(lines), rows=rows, **words), lines[0])


def _encoding_notes(candidates: list[tuple[str, float]]) -> list[Note]:
    best, confidence = candidates[0]
    if confidence >= 0.75:
        return []
    others = ", ".join(name for name, _confidence in candidates[1:4])
    text = _("the encoding is probably {best}, perhaps {others}: check the sample").format(
        best=best, others=others or "?"
    )
    return [Note("encoding_unsure", text)]


def _dialect_notes(text: str, dialect: Dialect) -> list[Note]:
    notes = []
    if dialect.sep_line:
        notes.append(Note("sep_line", _("line 1 names the delimiter and is no data"), 1))
    if dialect.line_end == "mixed":
        notes.append(Note("mixed_line_ends", _("line ends of different systems are mixed")))
    if "\0" in text:
        row = _breaks(text[: text.index("\0")]) + 1
        notes.append(Note("nul_bytes", _("there are NUL bytes in the text, first on line {row}").format(row=row), row))
    return notes
