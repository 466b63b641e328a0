"""The ZIP container of an xlsx workbook: limits against bombs, and which parts hold sheets, texts and styles."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from crmtui.errors import FormatError
from crmtui.formats.table import place
from crmtui.i18n import _

_ENTRIES = 10_000
_TOTAL_BYTES = 6 << 30
_SMALL = 20 << 20  # below this, how well a part is compressed does not matter
_RATIO = 300
_PART_BYTES = 64 << 20  # workbook, relations and styles are read whole
_DATE_IDS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_FORMAT_NOISE = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.', re.IGNORECASE)
_DATE_SIGN = re.compile(r"[ymdhsYMDHS年月日时分秒]|上午|下午|AM/PM")


class SheetPart(NamedTuple):
    """A worksheet: its name as people see it, its part in the container, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


class Workbook(NamedTuple):
    """What a workbook says about itself; ``dates`` and ``padded`` tell by style index what a number means:
    a date, or digits with leading zeros to a width."""

    sheets: tuple[SheetPart, ...]
    shared_strings: str | None
    dates: frozenset[int]
    padded: dict[int, int]
    date1904: bool
    macros: bool
    external: bool


def open_package(source: BinaryIO, path: Path | None) -> zipfile.ZipFile:
    """The container, refused when it is damaged, locked or larger unpacked than a workbook has reason to be."""
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, EOFError):
        raise damaged(path) from None
    entries = archive.infolist()
    reason = _refusal(entries, archive.start_dir)
    if reason:
        archive.close()
        raise FormatError(_("the workbook is refused: {reason}").format(reason=reason), where=place(path))
    return archive


def _refusal(entries: list[zipfile.ZipInfo], directory: int) -> str | None:
    if len(entries) > _ENTRIES:
        return _("it has more than {limit} parts").format(limit=_ENTRIES)
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        return _("two of its parts have the same name")
    if sum(entry.file_size for entry in entries) > _TOTAL_BYTES:
        return _("it is larger than {limit} GB when unpacked").format(limit=_TOTAL_BYTES >> 30)
    end = directory
    for entry in sorted(entries, key=lambda entry: -entry.header_offset):
        if entry.flag_bits & 1:
            return _("it is protected with a password")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return _("it is compressed in a way Excel does not use")
        if entry.file_size > _SMALL and entry.file_size > _RATIO * max(1, entry.compress_size):
            return _("a part of it unpacks to {ratio} times its size").format(
                ratio=entry.file_size // max(1, entry.compress_size)
            )
        if entry.header_offset + 30 + entry.compress_size > end:
            return _("its parts overlap")
        end = entry.header_offset
    return None


def damaged(path: Path | None) -> FormatError:
    """The message for a workbook that is cut short or otherwise broken."""
    return FormatError(
        _("the workbook is damaged or was not copied completely"),
        where=place(path),
        hint=_("Open it in a spreadsheet program, save it again and import that."),
    )


def read_workbook(archive: zipfile.ZipFile, path: Path | None) -> Workbook:
    """Sheets in their order, and where texts and styles are."""
    names = set(archive.namelist())
    main = next(
        (target for kind, target in _relations(archive, "", path).values() if kind == "officeDocument"),
        "xl/workbook.xml",
    )
    if main not in names:
        raise damaged(path)
    relations = _relations(archive, main, path)
    sheets, date1904 = [], False
    for tag, attributes in elements(archive, main, path):
        if tag == "workbookPr":
            date1904 = attributes.get("date1904") in ("1", "true")
        elif tag == "sheet":
            link = next(
                (value for key, value in attributes.items() if key.rpartition(":")[2] == "id" and ":" in key), ""
            )
            kind, target = relations.get(link, ("", ""))
            if kind == "worksheet" and target in names:
                hidden = attributes.get("state", "visible") != "visible"
                sheets.append(SheetPart(attributes.get("name", ""), target, hidden))
    by_kind = {kind: target for kind, target in relations.values() if target in names}
    dates, padded = _styles(archive, by_kind["styles"], path) if "styles" in by_kind else (frozenset[int](), {})
    return Workbook(
        tuple(sheets),
        by_kind.get("sharedStrings"),
        dates,
        padded,
        date1904,
        macros=any(name.endswith("vbaProject.bin") for name in names),
        external=any(kind in ("externalLink", "connections") for kind in by_kind),
    )


def new_parser(path: Path | None) -> expat.XMLParserType:
    """An XML parser that takes no document type, so there are no entities to expand or fetch."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 65536

    def refuse(*_arguments: object) -> None:
        raise FormatError(
            _("the workbook declares an XML document type, which no spreadsheet program does"), where=place(path)
        )

    parser.StartDoctypeDeclHandler = refuse
    return parser


def elements(archive: zipfile.ZipFile, part: str, path: Path | None) -> Iterator[tuple[str, dict[str, str]]]:
    """Tag (without prefix) and attributes of all elements of a small part, in document order."""
    found: list[tuple[str, dict[str, str]]] = []
    if archive.getinfo(part).file_size > _PART_BYTES:
        raise FormatError(
            _("the workbook is refused: {reason}").format(reason=_("one of its parts is too large")), where=place(path)
        )
    parser = new_parser(path)
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rpartition(":")[2], attributes))
    try:
        parser.Parse(archive.read(part), True)
    except (expat.ExpatError, zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error):
        raise damaged(path) from None
    return iter(found)


def _relations(archive: zipfile.ZipFile, part: str, path: Path | None) -> dict[str, tuple[str, str]]:
    """Relations of a part by id: (kind, target part); links that lead out of the file keep their kind and no target."""
    folder, name = posixpath.split(part)
    where = posixpath.join(folder, "_rels", name + ".rels")
    if where not in archive.namelist():
        return {}
    found = {}
    for tag, attributes in elements(archive, where, path):
        if tag == "Relationship":
            target = attributes.get("Target", "")
            inside = attributes.get("TargetMode") != "External"
            resolved = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/") if inside else ""
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], resolved)
    return found


def _styles(archive: zipfile.ZipFile, part: str, path: Path | None) -> tuple[frozenset[int], dict[int, int]]:
    """Style indexes that show a number as date or time, and those that pad it with zeros (00000: 5)."""
    formats: dict[int, str] = {}
    dates, padded = set(), {}
    inside, index = False, 0
    for tag, attributes in elements(archive, part, path):
        if tag == "numFmt" and attributes.get("numFmtId", "").isdigit():
            formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")[:255]
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "xf" and inside:
            number = attributes.get("numFmtId", "0")
            known = int(number) if number.isdigit() else 0
            code = formats.get(known, "")
            plain = _FORMAT_NOISE.sub("", code.partition(";")[0])
            if (known in _DATE_IDS and not code) or (
                _DATE_SIGN.search(plain) and not re.search(r"[0#](?![^.]*$)|General", plain)
            ):
                dates.add(index)
            elif re.fullmatch(r"0{2,}", plain):
                padded[index] = len(plain)
            index += 1
    return frozenset(dates), padded
