"""The formats crmtui knows: one line each; a module per format does the work and is imported when it is needed.

A reader module has ``inspect(path, data, format, choices) -> Detection`` and ``open_rows(path, detection) ->
RowReader``. A writer module has ``create(stream, format, columns, profile, for_file) -> TableWriter``.
"""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, cast

from crmtui.errors import FormatError
from crmtui.formats.table import Choices, Column, Detection, Note, Profile, RowReader, TableWriter
from crmtui.i18n import _


class Format(NamedTuple):
    """A kind of file: its id, the name people use, usual endings, and the modules that read and write it.

    A writer's name with dots is a module of another layer: only storage knows SQLite.
    """

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
        Format("xlsb", "Excel binary (xlsb)", (".xlsb",), reader="xls_reader"),
        Format("ods", "OpenDocument (ods)", (".ods", ".fods"), reader="ods_reader"),
        Format("json", "JSON", (".json",), reader="json_reader", writer="json_writer"),
        Format("jsonl", "JSON Lines", (".jsonl", ".ndjson"), reader="json_reader", writer="json_writer"),
        Format("xml", "XML", (".xml",), reader="xml_reader", writer="xml_writer"),
        Format("html", "HTML", (".html", ".htm"), reader="html_reader"),
        Format("sql", "SQL", (".sql",), reader="sql_reader", writer="sql_writer"),
        Format(
            "sqlite",
            "SQLite",
            (".sqlite", ".sqlite3", ".db"),
            reader="sqlite_reader",
            writer="crmtui.services.sqlite_out",
        ),
        Format("zip", "ZIP", (".zip",), reader="archive_reader"),
        Format("gzip", "gzip", (".gz",), reader="archive_reader"),
        Format("vcard", "vCard", (".vcf", ".vcard"), reader="vcard_reader", writer="vcard_writer"),
        Format("vcard3", "vCard 3.0", (), writer="vcard_writer"),
        Format("markdown", "Markdown", (".md", ".markdown"), writer="markdown_writer"),
        Format("ldif", "LDIF", (".ldif",), reader="ldif_reader"),
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
    name = known.writer if "." in known.writer else "crmtui.formats." + known.writer
    return cast(WriterModule, import_module(name))


def open_rows(path: Path, detection: Detection) -> RowReader:
    """The rows of ``path``, read as ``detection`` says: of all its sheets, without rows that only explain the columns."""
    if detection.parts:
        from crmtui.formats.all_sheets import SheetsRows

        return SheetsRows(path, detection)
    reader = reader_of(detection.format).open_rows(path, detection)
    return _WithoutRows(reader, detection.skipped_rows) if detection.skipped_rows else reader


class _WithoutRows:
    """The rows of a reader but for some at the beginning."""

    def __init__(self, reader: RowReader, skipped: Sequence[int]) -> None:
        self._reader = reader
        self._skipped = frozenset(skipped)

    @property
    def position(self) -> int:
        return self._reader.position

    @property
    def size(self) -> int:
        return self._reader.size

    @property
    def notes(self) -> Sequence[Note]:
        return self._reader.notes

    def __enter__(self) -> "_WithoutRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        last, rows = max(self._skipped), iter(self._reader)
        for line, cells in rows:
            if line not in self._skipped:
                yield line, cells
            if line >= last:
                break
        yield from rows
