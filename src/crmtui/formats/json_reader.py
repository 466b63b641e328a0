"""JSON and JSON Lines: nested records under any wrapping key as the rows of a table."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from crmtui.errors import FormatError
from crmtui.formats.flatten import ColumnUnion, Flat, TooDeep, as_text, flatten, segment
from crmtui.formats.header import name_columns, settle
from crmtui.formats.json_sets import KEY, KEYED, PROBE, SEQUENCE, WHOLE, Found, rank, walk
from crmtui.formats.json_text import VALUE_LIMIT, JsonText, Unfit, decode_line, too_deep
from crmtui.formats.structured_rows import (
    Broken,
    RecordRow,
    StructuredRows,
    broken,
    choose_sheet,
    encoding_of,
    numbered,
    other_sheets,
    widened,
)
from crmtui.formats.table import (
    MAX_COLUMNS,
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

_LOOK_AT = 40
_MOST_SETS = 1_000
_KEY_COLUMN = segment(KEY)


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """The sets of records in the file, the one that is the table, its columns and a sample."""
    with opened(path, data) as source:
        encoding = settle_encoding(source, choices, lambda _head: "utf-8")
        sets = _survey(_found(source, encoding.name, format_id, "", path))
        if (
            format_id == "jsonl"
            and any(each.broken.count for each in sets.values())
            and _whole(source, encoding.name, path)
        ):
            format_id, sets = "json", _survey(_found(source, encoding.name, "json", SEQUENCE, path))
        elif format_id == "json" and (
            _goes_on(source, encoding.name, path) if set(sets) == {WHOLE} else _one(source, sets)
        ):
            sets = _survey(_found(source, encoding.name, format_id, SEQUENCE, path))
    full = {name: each for name, each in sets.items() if each.count}
    if not full:
        reason = next((note.text for each in sets.values() for note in each.broken.notes()), None)
        raise FormatError(_("the file holds no records"), where=place(path), hint=reason)
    name = choose_sheet(tuple(full), choices.sheet, lambda each: rank(each, full[each].count), path)
    sheets = tuple(Sheet(each, found.count, False) for each, found in full.items())
    detection = Detection(
        format=format_id,
        sheet=name or None,
        sheets=sheets if len(full) > 1 else (),
        notes=(*encoding.notes, *other_sheets(name, tuple(full)), *full[name].broken.notes()),
        **encoding_of(encoding),
    )
    return full[name].described(detection, choices, path)


def open_rows(path: Path, detection: Detection) -> StructuredRows:
    """The records of the chosen set."""
    wanted = detection.sheet or ""
    header = detection.header_row
    key = detection.columns[0] if wanted.endswith(KEYED) else None

    def records(source: BinaryIO, _notes: list[Note]) -> Iterator[RecordRow]:
        every = _found(source, detection.encoding, detection.format, wanted, path)
        found = (each for each in every if each.name == wanted)
        rows: bool | None = None
        for line, each in numbered((each.line, each) for each in found):
            if rows is None:
                rows = isinstance(each.value, list)
            content = _content(each, rows)
            if isinstance(content, str):
                yield line, broken(_shown(each.value))
            elif isinstance(content, dict):
                yield line, _renamed(content, key) if key else content
            elif line > header:
                if len(content) > MAX_COLUMNS:
                    raise too_many_columns(path, line)
                yield line, content

    return StructuredRows(path, detection, records)


def _found(source: BinaryIO, encoding: str, format_id: str, wanted: str, path: Path | None) -> Iterator[Found]:
    """The records of all sets; of JSON Lines and of objects one after another there is one set."""
    blocks = text_blocks(source, encoding, path)
    if format_id == "jsonl":
        yield from _lines(blocks, path)
        return
    text = JsonText(blocks, path)
    if wanted == SEQUENCE:
        while text.peek():
            line = text.line
            yield Found(SEQUENCE, line, text.value())
        return
    several = False
    for each in walk(text):
        several = several or each.name != WHOLE
        yield each
    if text.peek() and (several or text.peek() != "{"):
        text.end()


def _goes_on(source: BinaryIO, encoding: str, path: Path | None) -> bool:
    """Whether further values follow the first."""
    text = JsonText(text_blocks(source, encoding, path), path)
    text.skip_small()
    return bool(text.peek())


def _one(source: BinaryIO, sets: Mapping[str, object]) -> bool:
    """Whether a document without sets of records may be a single record that is too large to be looked at first."""
    return not sets and source.seek(0, os.SEEK_END) > PROBE


def _whole(source: BinaryIO, encoding: str, path: Path | None) -> bool:
    """Whether a file of lines that are not all JSON is JSON when its line breaks are only white space."""
    try:
        return all(isinstance(found.value, dict) for found in _found(source, encoding, "json", SEQUENCE, path))
    except FormatError:
        return False


def _lines(blocks: Iterator[str], path: Path | None) -> Iterator[Found]:
    """Each line as a record; one that is no JSON as the reason, an Unfit."""
    rest, number = "", 0
    for block in _with_end(blocks):
        lines = (rest + block).split("\n")
        rest = lines.pop()
        if len(rest) > VALUE_LIMIT:
            raise FormatError(
                _("a record is longer than {limit} MB").format(limit=VALUE_LIMIT >> 20), where=place(path, number + 1)
            )
        for line in lines:
            number += 1
            line = line.strip(" \t\r\x1e")
            if line:
                yield Found("", number, _line_value(line))


def _with_end(blocks: Iterator[str]) -> Iterator[str]:
    yield from blocks
    yield "\n"


def _line_value(line: str) -> object:
    try:
        return decode_line(line)
    except Unfit as unfit:
        unfit.args = (str(unfit), line)
        return unfit


def _content(found: Found, rows: bool) -> Flat | list[str] | str:
    """A record as it goes into its table, or the reason why it cannot be read."""
    value = found.value
    if isinstance(value, Unfit):
        return str(value.args[0])
    if rows and isinstance(value, list):
        cells = [as_text(each) for each in value]
        return _("it holds half a character") if _halved(cells) else cells
    if rows or not isinstance(value, dict):
        return _("it is not of the kind the others are")
    try:
        flat = flatten(value)
    except TooDeep:
        return too_deep()
    return _("it holds half a character") if _halved((*flat, *flat.values())) else flat


def _halved(texts: Sequence[str]) -> bool:
    """Whether there is a lone surrogate: half of a character, which nothing can store."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return True
    return False


def _renamed(flat: Flat, key: str) -> Flat:
    flat = {_KEY_COLUMN: "", **flat}
    own = flat.pop(_KEY_COLUMN)
    return {key: own, **flat}


def _shown(value: object) -> str:
    if isinstance(value, Unfit):
        return str(value.args[1])
    try:
        return json.dumps(value)
    except RecursionError:
        return ""


class _Set:
    """What one set of records is like: rows of cells (``table``) or objects."""

    def __init__(self, rows: bool) -> None:
        self.rows = rows
        self.count = 0
        self.broken = Broken()
        self._union = ColumnUnion()
        self._first: list[Record] = []
        self._header: tuple[str, ...] = ()

    def add(self, line: int, found: Found) -> None:
        content = _content(found, self.rows)
        if isinstance(content, str):
            self.broken.add(line, content)
            return
        if isinstance(content, dict):
            self._union.add(content)
            self.count = self._union.count
        elif any(content):
            self.count += 1
            self._header = found.header
            if len(self._first) < _LOOK_AT:
                self._first.append(Record(line, content))

    def described(self, detection: Detection, choices: Choices, path: Path | None) -> Detection:
        """``detection`` with the columns and sample of this set."""
        if not self.rows:
            columns = self._union.columns()
            sample = self._union.sample()
            if columns[0] == _KEY_COLUMN:
                free = next(name for name in ("id", "key", "(key)") if name not in columns)
                columns = (free, *columns[1:])
            return replace(detection, columns=columns, sample=sample, notes=(*detection.notes, *self._union.notes()))
        width = max(len(record.cells) for record in self._first)
        if width > MAX_COLUMNS:
            raise too_many_columns(path, self._first[0].line)
        named = len(self._header) >= width
        table = settle(self._first, 0 if named else choices.header_row, path)
        return replace(
            detection,
            header_row=table.header_row,
            header_confidence=table.confidence,
            skipped_rows=table.skipped,
            columns=name_columns(self._header)[0] if named else widened(table),
            sample=table.sample,
            notes=(*detection.notes, *table.notes),
        )


def _survey(records: Iterator[Found]) -> dict[str, _Set]:
    sets: dict[str, _Set] = {}
    last: dict[str, int] = {}
    for found in records:
        known = sets.get(found.name)
        if known is None:
            if len(sets) >= _MOST_SETS:
                continue
            known = sets[found.name] = _Set(isinstance(found.value, list))
        line = max(found.line, last.get(found.name, 0) + 1)
        last[found.name] = line
        known.add(line, found)
    return sets
