"""Several sheets of one file as one table: those with the same columns, one after another; whatever the format is.

It stands above the readers: each sheet is inspected and read as if it were the only one. The number of a row is the one it has
on its sheet.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from crmtui.errors import FormatError
from crmtui.formats.header import is_footer
from crmtui.formats.registry import open_rows, reader_of
from crmtui.formats.table import SAMPLE_ROWS, BrokenRecord, Choices, Detection, Note, RowReader
from crmtui.i18n import _, ngettext

ALL = "*"
"""The name that stands for all sheets."""
_MOST_SHEETS = 200
_NAMES_TOLD = 10
_MOST_CLOSING = 20


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """The table that all visible sheets with the same columns make together; ``parts`` holds each of them.

    The columns are those of the sheet that would have been chosen alone; other sheets may have them in another order.
    """
    reader = reader_of(format_id)
    first = reader.inspect(path, data, format_id, choices._replace(sheet=None))
    if len(first.sheets) < 2:
        return first
    parts: list[Detection] = []
    left: list[str] = []
    for sheet in first.sheets[:_MOST_SHEETS]:
        if sheet.hidden:
            left.append(sheet.name)
            continue
        try:
            # Only the sheet that was asked about has the header row a person named; the others find theirs.
            part = (
                first
                if sheet.name == first.sheet
                else reader.inspect(path, data, format_id, choices._replace(sheet=sheet.name, header_row=None))
            )
        except FormatError:
            part = None
        if part is not None and _key(part) and _key(part) == _key(first):
            parts.append(part)
        else:
            left.append(sheet.name)
    if not parts:
        return first
    rows = [_arranged(list(row), part, first) for part in parts for row in part.sample]
    notes = [note for note in first.notes if note.code not in ("other_sheets", "hidden_sheets")]
    return replace(
        first,
        sheet=ALL,
        parts=tuple(parts),
        sample=tuple(map(tuple, _spread(rows))),
        notes=(_told([part.sheet or "" for part in parts], left), *notes),
    )


class SheetsRows:
    """The rows of all sheets in turn, their cells in the order of the first sheet's columns.

    Rows that close a sheet (totals) come after those of the last one: there they are known for what they are.
    """

    def __init__(self, path: Path, detection: Detection) -> None:
        self._path = path
        self._detection = detection
        self._done = 0
        self._reader: RowReader | None = None
        self.size = path.stat().st_size
        self.notes: list[Note] = []
        self.sheet = ""

    @property
    def position(self) -> int:
        """Bytes of the file that are behind the row read last, each sheet taken for as large as the others."""
        count = len(self._detection.parts)
        inside = self._reader.position / max(1, self._reader.size) if self._reader else 0.0
        return min(self.size, int(self.size * (self._done + inside) / count))

    def __enter__(self) -> "SheetsRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._reader is not None:
            self._reader.close()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        closing: list[tuple[int, list[str]]] = []
        for part in self._detection.parts:
            self.sheet = part.sheet or ""
            ending: list[tuple[int, list[str]]] = []
            with open_rows(self._path, part) as self._reader:
                for line, cells in self._reader:
                    if len(ending) < _MOST_CLOSING and is_footer(cells):
                        ending.append((line, cells))
                        continue
                    for each in ending:
                        yield each[0], _arranged(each[1], part, self._detection)
                    ending.clear()
                    yield line, _arranged(cells, part, self._detection)
                self.notes += self._reader.notes
            closing += [(line, _arranged(cells, part, self._detection)) for line, cells in ending]
            self._reader = None
            self._done += 1
        yield from closing


def _key(detection: Detection) -> tuple[str, ...]:
    """The columns without case and order, to see whether two sheets hold the same table."""
    return tuple(sorted(column.casefold() for column in detection.columns if not column.startswith("#")))


def _arranged(cells: list[str], part: Detection, first: Detection) -> list[str]:
    """The cells of a row of ``part`` in the order of the columns of ``first``."""
    if part.columns == first.columns or isinstance(cells, BrokenRecord):
        return cells
    at = {column.casefold(): index for index, column in enumerate(part.columns)}
    wanted = [at.get(column.casefold(), -1) for column in first.columns]
    beyond = [cell for cell in cells[len(part.columns) :] if cell]  # kept: a row that is too long must be told
    return [cells[index] if 0 <= index < len(cells) else "" for index in wanted] + beyond


def _spread(rows: list[list[str]]) -> list[list[str]]:
    """A sample from all over ``rows``."""
    step = max(1, len(rows) // SAMPLE_ROWS)
    return rows[::step][:SAMPLE_ROWS]


def _told(read: list[str], left: list[str]) -> Note:
    text = ngettext("{count} sheet is read: {names}", "{count} sheets are read: {names}", len(read))
    text = text.format(count=len(read), names=", ".join(read[:_NAMES_TOLD]) + (" …" if len(read) > _NAMES_TOLD else ""))
    if left:
        text += _("; not read, as hidden or with other columns: {names}").format(names=", ".join(left[:_NAMES_TOLD]))
    return Note("all_sheets", text)
