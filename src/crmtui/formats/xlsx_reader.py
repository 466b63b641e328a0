"""XLSX: which sheet holds the table, and its rows in constant memory.

The sheet is parsed as a stream by a small reader of our own: a library that builds the whole rectangle can be made to
allocate 17 billion cells by a file of a kilobyte, and turns every number into a float.
"""

import io
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from crmtui.errors import FormatError, UsageError
from crmtui.formats.header import looks_like_data, settle
from crmtui.formats.source import FixedSizeFile
from crmtui.formats.table import SAMPLE_ROWS, Choices, Detection, Note, Record, Sheet, place
from crmtui.formats.xlsx_cells import NumberText, SharedTexts, claimed_rows, sheet_rows
from crmtui.formats.xlsx_package import SheetPart, Workbook, damaged, open_package, read_workbook
from crmtui.formats.xlsx_parts import DICTIONARY_SHEET
from crmtui.i18n import _

_LOOK_AT = 40
_MOST_SHEETS = 50
_CLEARLY = 0.1  # what a later sheet must have over an earlier one to be taken for the data


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """Sheets, the one that holds the table, its header, columns and sample."""
    source = io.BytesIO(data) if data is not None else cast(BinaryIO, FixedSizeFile(path or Path()))
    with source, open_package(source, path) as archive:
        workbook = read_workbook(archive, path)
        if not workbook.sheets:
            raise FormatError(_("the workbook has no sheet with cells"), where=place(path))
        sheets = tuple(
            Sheet(part.name, claimed_rows(archive.open(part.part), path), part.hidden) for part in workbook.sheets
        )
        texts = SharedTexts(archive, workbook.shared_strings, path)
        lost: list[Note] = []

        def beginning(part: SheetPart) -> list[Record]:
            rows = sheet_rows(archive.open(part.part), texts, NumberText(workbook), lost, path)
            return [Record(*row) for row in islice(rows, max(_LOOK_AT, (choices.header_row or 0) + SAMPLE_ROWS))]

        chosen, records = _choose_sheet(workbook, choices.sheet, beginning, path)
        table = settle(records, choices.header_row, path)
    return Detection(
        format=format_id,
        sheet=chosen.name,
        sheets=sheets,
        header_row=table.header_row,
        header_confidence=table.confidence,
        skipped_rows=table.skipped,
        columns=table.columns,
        sample=table.sample,
        notes=(*_workbook_notes(workbook, chosen), *table.notes, *lost[:10]),
    )


def open_rows(path: Path, detection: Detection) -> "XlsxRows":
    """The rows of the chosen sheet after its header."""
    return XlsxRows(path, detection)


class XlsxRows:
    """Rows of one worksheet, read as a stream; only the workbook's shared texts stay in memory."""

    def __init__(self, path: Path, detection: Detection) -> None:
        self._path = path
        self._detection = detection
        self._source = FixedSizeFile(path)
        self.size = self._source.size
        self.notes: list[Note] = []
        try:
            self._archive = open_package(cast(BinaryIO, self._source), path)
        except FormatError:
            self._source.close()
            raise

    @property
    def position(self) -> int:
        """Bytes of the file behind the place in it that was read last."""
        return min(self._source.tell(), self.size)

    def __enter__(self) -> "XlsxRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._archive.close()
        self._source.close()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        workbook = read_workbook(self._archive, self._path)
        part = next((part for part in workbook.sheets if part.name == self._detection.sheet), None)
        if part is None:
            raise damaged(self._path)
        texts = SharedTexts(self._archive, workbook.shared_strings, self._path)
        rows = sheet_rows(self._archive.open(part.part), texts, NumberText(workbook), self.notes, self._path)
        header_row = self._detection.header_row
        for row in rows:
            if row[0] > header_row:
                yield row
                break
        yield from rows


def _choose_sheet(
    workbook: Workbook, asked: str | None, beginning: Callable[[SheetPart], list[Record]], path: Path | None
) -> tuple[SheetPart, list[Record]]:
    """The sheet asked for by name or number, else the first visible one with a table: explanations often come first."""
    if asked is not None:
        parts = workbook.sheets
        numbered = parts[int(asked) - 1] if asked.isdecimal() and 0 < int(asked) <= len(parts) else None
        named = next((part for part in parts if part.name == asked), numbered)
        if named is None:
            raise UsageError(
                _("there is no sheet “{name}”").format(name=asked),
                where=place(path),
                hint=_("Its sheets: {names}.").format(names=", ".join(part.name for part in parts)),
            )
        return named, _not_empty(beginning(named), named, path)
    tables = [part for part in workbook.sheets if part.name != DICTIONARY_SHEET] or list(workbook.sheets)
    visible = [part for part in tables if not part.hidden] or tables
    first: tuple[SheetPart, list[Record]] | None = None
    best, best_score = None, 0.0
    for part in visible[:_MOST_SHEETS]:
        records = beginning(part)
        first = first or ((part, records) if records else None)
        score = looks_like_data([record.cells for record in records])
        if score > best_score + _CLEARLY:
            best, best_score = (part, records), score
    if best is not None:
        return best
    if first is None:
        raise FormatError(_("the file holds no rows"), where=place(path))
    return first


def _not_empty(records: list[Record], part: SheetPart, path: Path | None) -> list[Record]:
    if not records:
        raise FormatError(_("the sheet “{name}” holds no rows").format(name=part.name), where=place(path))
    return records


def _workbook_notes(workbook: Workbook, chosen: SheetPart) -> list[Note]:
    notes = []
    others = [
        part.name for part in workbook.sheets if part != chosen and not part.hidden and part.name != DICTIONARY_SHEET
    ]
    if others:
        text = _("sheet “{name}” is read; there are also: {others}").format(
            name=chosen.name, others=", ".join(others[:10])
        )
        notes.append(Note("other_sheets", text))
    hidden = [part.name for part in workbook.sheets if part.hidden]
    if hidden:
        notes.append(Note("hidden_sheets", _("hidden sheets: {names}").format(names=", ".join(hidden[:10]))))
    if workbook.macros:
        notes.append(Note("macros", _("the workbook holds macros; they are not run")))
    if workbook.external:
        notes.append(Note("external_links", _("the workbook links to other files; the values stored in it are used")))
    return notes
