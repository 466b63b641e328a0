"""What a file is: its kind by content, never by name, then encoding, punctuation, sheet, header row, columns and a
sample."""

import dataclasses
import re
import zipfile
from pathlib import Path

from crmtui.errors import FormatError
from crmtui.formats import all_sheets
from crmtui.formats.encoding import BOMS, canonical_encoding, detect_encoding
from crmtui.formats.registry import FORMATS, reader_of
from crmtui.formats.source import FixedSizeFile
from crmtui.formats.table import Choices, Detection, Note, place
from crmtui.i18n import _

__all__ = ["Detection", "detect", "kind_of"]

_HEAD = 64 * 1024
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_FOREIGN = (
    (b"%PDF-", "PDF"),
    (b"PGDMP", "PostgreSQL (pg_dump -Fc)"),
    (b"\0\x01\0\0Standard Jet DB", "Access (mdb)"),
    (b"\0\x01\0\0Standard ACE DB", "Access (accdb)"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"PAR1", "Parquet"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90\x00", "EXE"),
    (b"{\\rtf", "RTF"),
)
# Atomic groups: what stands before the telling word is matched in one way only, however hostile it is.
_TEXT_KINDS = (
    ("vcard", re.compile(r"\s*BEGIN:VCARD\s", re.IGNORECASE)),
    (
        "html",
        re.compile(
            r"\s*(?>(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*)<(?:!doctype\s+html|html|head|meta|style|div|table|body)\b",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    ("ods", re.compile(r"\s*(?>(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*)<office:document\s", re.DOTALL)),
    ("xml", re.compile(r"\s*<(?:\?xml\s|!DOCTYPE\s|!--|[A-Za-z_][\w.:-]*(?:\s[^<>]*)?>\s*<)")),
    ("jsonl", re.compile(r"\s*\{[^\r\n]*\}[ \t]*\r?\n\s*\{")),
    ("json", re.compile(r'\s*(?:\{\s*"[^"\r\n]*"\s*:|\{\s*\}|\[\s*[\[{\]])')),
    (
        "sql",
        re.compile(
            r"""(?xis) (?> (?: \s | --[^\n]*\n | \#[^\n]*\n | /\*.*?\*/;? | \\[^\n]*\n | GO\b | (?:SET|USE)\b[^;\n]*\n\s*GO\b
            | (?:SET|USE|PRAGMA|BEGIN|START|LOCK|DROP|SELECT|ALTER)\b[^;]*; )* )
            (?: CREATE\s+(?:OR\s+REPLACE\s+|GLOBAL\s+|TEMP(?:ORARY)?\s+|UNLOGGED\s+|UNIQUE\s+|VIRTUAL\s+)?
                (?:TABLE|DATABASE|SCHEMA|FUNCTION|PROCEDURE|TYPE|SEQUENCE|EXTENSION|VIEW|INDEX|TRIGGER|DOMAIN)\s
            | INSERT\s+(?:IGNORE\s+|OR\s+\w+\s+)?(?:INTO\s|\[) | REPLACE\s+INTO\s | COPY\s+\S+\s*(?:\(|FROM\s+STDIN) )"""
        ),
    ),
    ("ldif", re.compile(r"(?>(?:#[^\n]*\n(?:[ ][^\n]*\n)*|\s|version:\s*1)*)dn::?\s", re.IGNORECASE)),
)


def detect(
    path: Path | None,
    *,
    data: bytes | None = None,
    as_format: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    region: str | None = None,
) -> Detection:
    """What ``path`` is, or ``data`` when it came through a pipe; what a person has said wins over what is found.

    ``as_format`` is a registry id, ``header_row`` a physical row (0: none), ``region`` an ISO country code that settles
    close calls between encodings, ``sheet`` a name, a number or ``*`` for all with the same columns. Raises FormatError for
    anything that is no readable table, UsageError for a wrong option or path.
    """
    if data is None:
        if path is None:
            raise ValueError("detect needs a path or data")
        source = FixedSizeFile(path)
        try:
            head = source.read(_HEAD) or b""
        finally:
            source.close()
    else:
        head = data[:_HEAD]
    if not head:
        raise FormatError(
            _("the file is empty"), where=place(path), hint=_("Export the customers as CSV or XLSX and import that.")
        )
    found = kind_of(path, head, data)
    chosen = as_format or found
    if as_format in ("csv", "tsv") and found in ("xlsx", "xls", "xlsb", "ods", "sqlite", "zip", "gzip"):
        raise _not_that(path, as_format, found)
    if as_format in ("xlsx", "xls", "xlsb", "ods", "sqlite", "zip", "gzip") and found != as_format:
        raise _not_that(path, as_format, found)
    choices = Choices(canonical_encoding(encoding) if encoding else None, delimiter, sheet, header_row, region)
    inspect = all_sheets.inspect if sheet == all_sheets.ALL else reader_of(chosen).inspect
    detection = inspect(path, data, chosen, choices)
    if note := _name_note(path, detection.format):
        detection = dataclasses.replace(detection, notes=(note, *detection.notes))
    return detection


def kind_of(path: Path | None, head: bytes, data: bytes | None = None) -> str:
    """The registry id for a file that begins with ``head``; FormatError for what is no table at all."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path, data)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_kind(path, data, head)
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    for signature, name in _FOREIGN:
        if head.startswith(signature):
            raise FormatError(
                _("this is a {kind} file, not a table").format(kind=name),
                where=place(path),
                hint=_("Export the customers as CSV or XLSX and import that."),
            )
    if head[257:262] == b"ustar":
        raise FormatError(
            _("this is a {kind} file, not a table").format(kind="TAR"),
            where=place(path),
            hint=_("Unpack it, and import what is in it."),
        )
    text = _ascii_view(head)
    kind = next((kind for kind, pattern in _TEXT_KINDS if pattern.match(text)), "csv")
    if (
        kind == "csv"
        and path is not None
        and path.suffix.lower() in FORMATS["sqlite"].suffixes
        and _CONTROL.search(head)
    ):
        raise FormatError(
            _("this database is encrypted or damaged"),
            where=place(path),
            hint=_("Export the customers as CSV in the program it belongs to, and import that."),
        )
    return kind


def _ascii_view(head: bytes) -> str:
    """The beginning as text in which ASCII can be matched, whatever the encoding."""
    if head.startswith((BOMS["utf-16-le"], BOMS["utf-16-be"])):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if b"\0" in head:  # half of a Hanzi may look like a line break: wide encodings are decoded first
        likely = detect_encoding(head, complete=False)[0][0]
        if likely.startswith("utf-16"):
            return head.decode(likely, "replace")
    return head.removeprefix(BOMS["utf-8"]).replace(b"\0", b"").decode("latin-1")


def _zip_kind(path: Path | None, data: bytes | None) -> str:
    import io

    source = io.BytesIO(data) if data is not None else FixedSizeFile(path) if path is not None else io.BytesIO()
    try:
        with source, zipfile.ZipFile(source) as archive:
            names = set(archive.namelist()[:100_000])
            kind = (
                archive.read("mimetype")[:60]
                if "mimetype" in names and archive.getinfo("mimetype").file_size < 200
                else b""
            )
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError, EOFError):
        raise FormatError(
            _("the file is damaged or was not copied completely"),
            where=place(path),
            hint=_("Copy or export it again."),
        ) from None
    if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return "ods"
    if any(name.lower().startswith("xl/") for name in names):
        return "xlsb" if any(name.lower().endswith("workbook.bin") for name in names) else "xlsx"
    other = kind or any(
        name.startswith(("word/", "ppt/", "META-INF/MANIFEST.MF", "AndroidManifest.xml", "Index/")) for name in names
    )
    if not other:
        return "zip"
    raise FormatError(
        _("this is a {kind} file, not a table").format(kind="ZIP"),
        where=place(path),
        hint=_("Export the customers as CSV or XLSX and import that."),
    )


def _ole_kind(path: Path | None, data: bytes | None, head: bytes) -> str:
    """An old binary Office container: a workbook, or any document locked with a password."""
    content = data if data is not None else head
    if data is None and path is not None:
        source = FixedSizeFile(path)
        try:
            # The directory of streams may lie anywhere; small files are read whole, of large ones both ends.
            content = head + (source.read(4 << 20) or b"")
            source.seek(max(0, source.size - (4 << 20)))
            content += source.read(4 << 20) or b""
        finally:
            source.close()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise FormatError(
            _("the workbook is protected with a password"),
            where=place(path),
            hint=_("Open it in Excel or WPS, remove the password (File, Info, Protect), save and import again."),
        )
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return "xls"
    raise FormatError(
        _("this is a {kind} file, not a table").format(kind="Word/Outlook (OLE)"),
        where=place(path),
        hint=_("Export the customers as CSV or XLSX and import that."),
    )


def _not_that(path: Path | None, asked: str, found: str) -> FormatError:
    label = {each.id: each.label for each in FORMATS.values()}
    return FormatError(
        _("this is not {asked}: the content is {found}").format(asked=label[asked], found=label[found]),
        where=place(path),
    )


def _name_note(path: Path | None, found: str) -> Note | None:
    """A remark when the ending of the name promises another kind of file than the content is."""
    if path is None:
        return None
    suffix = path.suffix.lower()
    promised = next((each for each in FORMATS.values() if suffix in each.suffixes), None)
    if promised is None or promised.id == found or {promised.id, found} <= {"csv", "tsv"}:
        return None
    text = _("the name ends in {suffix}, but the content is {format}").format(
        suffix=suffix, format=FORMATS[found].label
    )
    return Note("wrong_extension", text)
