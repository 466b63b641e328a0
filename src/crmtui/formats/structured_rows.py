"""Rows of formats whose records are nested or spread over lines: flat records made rows, with a number for each."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from crmtui.errors import UsageError
from crmtui.formats.flatten import Aligner, Flat
from crmtui.formats.header import TableStart, name_columns
from crmtui.formats.source import FixedSizeFile
from crmtui.formats.table import BrokenRecord, Detection, Note, place
from crmtui.formats.text_source import Encoding
from crmtui.i18n import _

_NOTES_A_KIND = 10
_KEPT_OF_BROKEN = 2_000

T = TypeVar("T")
RecordRow = tuple[int, Flat | list[str]]
"""Line and content of a record: flat, a row already, or a BrokenRecord."""


class StructuredRows:
    """The rows of a file; ``records`` reads it from its beginning.

    The number of a row is the line its record starts on; of records that share a line each further one is one more, so
    that numbers never repeat.
    """

    def __init__(
        self, path: Path, detection: Detection, records: Callable[[BinaryIO, list[Note]], Iterable[RecordRow]]
    ) -> None:
        self._detection = detection
        self._records = records
        self._source = FixedSizeFile(path)
        self.size = self._source.size
        self.notes: list[Note] = []

    @property
    def position(self) -> int:
        """Bytes taken from the file so far."""
        return min(self._source.tell(), self.size)

    def __enter__(self) -> "StructuredRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._source.close()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        aligner = Aligner(self._detection.columns)
        self.notes.clear()
        for line, content in numbered(self._records(cast(BinaryIO, self._source), self.notes)):
            row = aligner.row(content) if isinstance(content, dict) else content
            if any(row) or isinstance(row, BrokenRecord):
                yield line, row


def numbered(records: Iterable[tuple[int, T]]) -> Iterator[tuple[int, T]]:
    """``records`` with a number of its own for each."""
    last = 0
    for line, content in records:
        last = line if line > last else last + 1
        yield last, content


def broken(text: str) -> BrokenRecord:
    """What stands where a record cannot be read, as much of it as helps to find and correct it."""
    return BrokenRecord(text[:_KEPT_OF_BROKEN])


class Broken:
    """Notes about broken records: the first ones with their line and reason, then how many more."""

    def __init__(self) -> None:
        self.count = 0
        self._told: list[Note] = []

    def add(self, line: int, reason: str) -> None:
        """Take note of a record that starts on ``line``."""
        self.count += 1
        if len(self._told) < _NOTES_A_KIND:
            text = _("line {line}: the record cannot be read: {reason}").format(line=line, reason=reason)
            self._told.append(Note("broken_record", text, line))

    def notes(self) -> list[Note]:
        """The notes so far."""
        more = self.count - len(self._told)
        if not more:
            return list(self._told)
        text = _("records that cannot be read, besides these: {count}").format(count=more)
        return [*self._told, Note("broken_records", text)]


def encoding_of(encoding: Encoding) -> dict[str, Any]:
    """The fields of a Detection that tell the encoding."""
    return {
        "encoding": encoding.name,
        "encoding_confidence": encoding.confidence,
        "encoding_candidates": encoding.candidates,
    }


def choose_sheet(
    names: Sequence[str], asked: str | None, rank: Callable[[str], tuple[Any, ...]], path: Path | None
) -> str:
    """The set of records asked for by name or number, else the one with the highest ``rank``, of equals the first.

    Raises UsageError when there is none of that name.
    """
    if asked is None or asked == "*":
        return max(names, key=rank)
    if asked in names:
        return asked
    if asked.isdecimal() and 0 < int(asked) <= len(names):
        return names[int(asked) - 1]
    raise UsageError(
        _("there is no sheet “{name}”").format(name=asked),
        where=place(path),
        hint=_("Its sheets: {names}.").format(names=", ".join(names[:20])),
    )


def other_sheets(chosen: str, names: Sequence[str]) -> list[Note]:
    """A note about the sets of records that are not read."""
    others = [name for name in names if name != chosen]
    if not others:
        return []
    text = _("sheet “{name}” is read; there are also: {others}").format(name=chosen, others=", ".join(others[:10]))
    return [Note("other_sheets", text)]


def widened(table: TableStart) -> tuple[str, ...]:
    """The columns of a table, with further ones where the rows of its sample go beyond its header."""
    width = max((len(row) for row in table.sample), default=0)
    return name_columns((*table.columns, *[""] * (width - len(table.columns))))[0]
