"""The formats crmtui knows: one line each; a module per format does the work and is imported when it is needed.

A reader module has ``inspect(path, data, format, choices) -> Detection`` and ``open_rows(path, detection) ->
RowReader``. A writer module has ``create(stream, format, columns, profile, for_file) -> TableWriter``.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, cast

from crmtui.errors import FormatError
from crmtui.formats.table import Choices, Column, Detection, Profile, RowReader, TableWriter
from crmtui.i18n import _


class Format(NamedTuple):
    """A kind of file: its id, the name people use, usual endings, and the modules that read and write it."""

    id: str
    label: str
    suffixes: tuple[str, ...]
    reader: str | None = None
    writer: str | None = None


FORMATS: dict[str, Format] = {
    each.id: each
    for each in (
        Format("csv", "CSV", (".csv", ".txt"), reader="csv_reader", writer="csv_writer"),
        Format("tsv", "TSV", (".tsv", ".tab"), reader="csv_reader", writer="csv_writer"),
        Format("xlsx", "Excel (xlsx)", (".xlsx", ".xlsm"), reader="xlsx_reader", writer="xlsx_writer"),
        Format("xls", "Excel 97–2003 (xls)", (".xls", ".et"), reader="xls_reader"),
        Format("ods", "OpenDocument (ods)", (".ods",)),
        Format("json", "JSON", (".json",), writer="json_writer"),
        Format("jsonl", "JSON Lines", (".jsonl", ".ndjson"), writer="json_writer"),
        Format("xml", "XML", (".xml",)),
        Format("html", "HTML", (".html", ".htm")),
        Format("sql", "SQL", (".sql",)),
        Format("sqlite", "SQLite", (".sqlite", ".sqlite3", ".db")),
        Format("vcard", "vCard", (".vcf", ".vcard")),
        Format("ldif", "LDIF", (".ldif",)),
    )
}


class ReaderModule(Protocol):
    """What a module that reads a format offers."""

    inspect: Callable[[Path | None, bytes | None, str, Choices], Detection]
    open_rows: Callable[[Path, Detection], RowReader]


class WriterModule(Protocol):
    """What a module that writes a format offers."""

    create: Callable[[BinaryIO, str, Sequence[Column], Profile, bool], TableWriter]


def reader_of(format_id: str) -> ReaderModule:
    """The module that reads ``format_id``; FormatError when there is none."""
    known = FORMATS.get(format_id)
    if known is None or known.reader is None:
        readable = ", ".join(each.id for each in FORMATS.values() if each.reader)
        raise FormatError(
            _("{format} files cannot be read").format(format=known.label if known else format_id),
            hint=_("These can: {formats}.").format(formats=readable),
        )
    return cast(ReaderModule, import_module("crmtui.formats." + known.reader))


def writer_of(format_id: str) -> WriterModule:
    """The module that writes ``format_id``; FormatError when there is none."""
    known = FORMATS.get(format_id)
    if known is None or known.writer is None:
        writable = ", ".join(each.id for each in FORMATS.values() if each.writer)
        raise FormatError(
            _("{format} files cannot be written").format(format=known.label if known else format_id),
            hint=_("These can: {formats}.").format(formats=writable),
        )
    return cast(WriterModule, import_module("crmtui.formats." + known.writer))


def open_rows(path: Path, detection: Detection) -> RowReader:
    """The rows of ``path``, read as ``detection`` says."""
    return reader_of(detection.format).open_rows(path, detection)
