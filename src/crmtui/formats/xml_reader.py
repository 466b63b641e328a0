"""XML: records found by themselves, whatever they are called, as the rows of a table."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from crmtui.errors import FormatError
from crmtui.formats import spreadsheetml
from crmtui.formats.flatten import ColumnUnion, segment, segments
from crmtui.formats.record_words import DETAILS, PEOPLE
from crmtui.formats.structured_rows import (
    RecordRow,
    StructuredRows,
    choose_sheet,
    encoding_of,
    other_sheets,
)
from crmtui.formats.table import Choices, Detection, Note, Sheet, place
from crmtui.formats.text_source import Encoding, opened, settle_encoding, text_blocks
from crmtui.formats.xml_stream import XmlStream
from crmtui.formats.xml_structure import Path as NamePath
from crmtui.formats.xml_structure import record_paths
from crmtui.i18n import _

_DECLARED = re.compile(rb"\s*<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z][\w.:-]*)[\"']")
_BLOCKS_LOOKED_AT = 16
_PASSES = 4


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """The kinds of records in the file, the one that is the table, its columns and a sample."""
    with opened(path, data) as source:
        encoding = settle_encoding(source, choices, declared_encoding)
        if spreadsheetml.is_workbook(next(text_blocks(source, encoding.name, path), "")):
            return spreadsheetml.inspect(source, encoding, choices, path)
        unions = _survey(source, encoding, path)
    full = {".".join(map(segment, each)): union for each, union in unions.items() if union.count}
    if not full:
        raise FormatError(_("the file holds no records"), where=place(path))
    name = choose_sheet(tuple(full), choices.sheet, lambda each: _rank(each, full[each].count), path)
    sheets = tuple(Sheet(each, union.count, False) for each, union in full.items())
    union = full[name]
    return Detection(
        format=format_id,
        sheet=name,
        sheets=sheets if len(full) > 1 else (),
        columns=union.columns(),
        sample=union.sample(),
        notes=(*encoding.notes, *other_sheets(name, tuple(full)), *union.notes()),
        **encoding_of(encoding),
    )


def open_rows(path: Path, detection: Detection) -> StructuredRows:
    """The records of the chosen kind."""
    with opened(path, None) as source:
        workbook = spreadsheetml.is_workbook(next(text_blocks(source, detection.encoding, path), ""))
    if workbook:
        return spreadsheetml.open_rows(path, detection)
    wanted = tuple(segments(detection.sheet or ""))

    def records(source: BinaryIO, _notes: list[Note]) -> Iterator[RecordRow]:
        stream = XmlStream({wanted}, path)
        for found in stream.records(text_blocks(source, detection.encoding, path)):
            yield found.line, found.flat

    return StructuredRows(path, detection, records)


def declared_encoding(head: bytes) -> str | None:
    """The encoding an XML declaration names."""
    found = _DECLARED.match(head)
    return found[1].decode("ascii") if found else "utf-8"


def _survey(source: BinaryIO, encoding: Encoding, path: Path | None) -> dict[NamePath, ColumnUnion]:
    """The columns of every kind of record; the beginning tells where they are, what comes later is looked at again."""
    blocks = text_blocks(source, encoding.name, path)
    beginning = XmlStream(set(), path)
    for _record in beginning.records(islice(blocks, _BLOCKS_LOOKED_AT), last=False):
        continue
    wanted = record_paths(beginning.root)
    unions: dict[NamePath, ColumnUnion] = {}
    for _attempt in range(_PASSES):
        unions = {each: ColumnUnion() for each in wanted}
        stream = XmlStream(set(wanted), path)
        for found in stream.records(text_blocks(source, encoding.name, path)):
            unions[found.path].add(found.flat)
        more = _not_below(record_paths(stream.root), wanted)
        if not more:
            break
        wanted = [*(each for each in wanted if not any(each[: len(new)] == new for new in more)), *more]
    return unions


def _not_below(found: list[NamePath], wanted: list[NamePath]) -> list[NamePath]:
    """The paths that are new and lead to more than one set that is known."""
    return [each for each in found if each not in wanted and not any(known[: len(each)] == each for known in wanted)]


def _rank(name: str, count: int) -> tuple[bool, bool, int]:
    last = segments(name)[-1]
    return not DETAILS.match(last), bool(PEOPLE.match(last)), count
