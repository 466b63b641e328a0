"""Archives: a zip of tables, each member (or each sheet of one) a sheet; and one file packed by gzip.

Nothing is unpacked to disk, so the names of members lead nowhere: they are only shown.
"""

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from crmtui.errors import FormatError, UsageError
from crmtui.formats import detection, registry
from crmtui.formats.child_tables import FoundTable, likeness
from crmtui.formats.encoding import detect_encoding, python_codec
from crmtui.formats.source import FixedSizeFile, Member
from crmtui.formats.table import Choices, Detection, Note, RowReader, Sheet, place
from crmtui.i18n import _

_ENTRIES = 10_000
_TOTAL_BYTES = 6 << 30
_SMALL = 20 << 20  # below this, how well a member is compressed does not matter
_RATIO = 300
_HEAD = 64 * 1024
_IN_MEMORY = 100 << 20  # a workbook is read back and forth, which a packed file cannot be
_LOOKED_INTO = 100
_LOOKED_INTO_BYTES = 512 << 20
_NAMES_TOLD = 10
_BLOCK = 1 << 20
_JUNK = frozenset(("__macosx", ".ds_store", "thumbs.db", "desktop.ini"))
_WORKBOOKS = frozenset(("xlsx", "xls", "xlsb", "ods", "sqlite"))
_NESTED = frozenset(("zip", "gzip"))
_EASTERN = frozenset(("utf-8", "gb18030", "big5", "cp932", "cp949"))


class _Entry(NamedTuple):
    """A member: its name as people see it, its bytes unpacked, and how to read it from the beginning."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """The tables in an archive and the one that is read, as it is found inside."""
    with _opened(path, data, format_id, choices.region) as archive:
        entries = archive.entries
        if not entries:
            raise FormatError(_("the archive holds no files"), where=place(path))
        found: list[tuple[_Entry, Detection]] = []
        unread: list[FormatError] = []
        sheets: list[Sheet] = []
        asked_of = (entries[0], choices.sheet) if format_id == "gzip" else _asked(entries, choices.sheet)
        budget = _LOOKED_INTO_BYTES
        for number, entry in enumerate(entries):
            if (asked_of is not None and entry is not asked_of[0]) or number >= _LOOKED_INTO or budget < 0:
                sheets.append(Sheet(entry.name, None, False))
                continue
            budget -= entry.size
            inner_sheet = asked_of[1] if asked_of else None
            try:
                inner = _inspect_member(archive.member(entry), entry, choices._replace(sheet=inner_sheet))
            except FormatError as error:
                unread.append(error)
                continue
            found.append((entry, inner))
            visible = inner.sheets if len(inner.sheets) > 1 else ()
            sheets += [Sheet(f"{entry.name}/{sheet.name}", sheet.rows, sheet.hidden) for sheet in visible]
            sheets += [] if visible else [Sheet(entry.name, inner.sheets[0].rows if inner.sheets else None, False)]
    if not found:
        raise unread[0]
    if choices.sheet is not None and asked_of is None:
        return inspect(path, data, format_id, choices._replace(sheet=_numbered(sheets, choices.sheet, path)))
    entry, inner = max(found, key=_likeness)
    name = f"{entry.name}/{inner.sheet}" if len(inner.sheets) > 1 else entry.name
    notes = [note for note in inner.notes if note.code != "other_sheets" or format_id == "gzip"]
    others = [sheet.name for sheet in sheets if sheet.name != name and not sheet.hidden]
    if others and format_id == "zip":
        text = _("“{name}” is read; there are also: {others}").format(name=name, others=", ".join(others[:_NAMES_TOLD]))
        notes.insert(0, Note("other_sheets", text))
    notes += [
        Note("unread_member", _("not read: {file}: {reason}").format(file=error.where, reason=error.message))
        for error in unread[:_NAMES_TOLD]
    ]
    outer_sheets = inner.sheets if format_id == "gzip" else tuple(sheets)
    return replace(
        inner,
        format=format_id,
        sheet=inner.sheet if format_id == "gzip" else name,
        sheets=outer_sheets,
        notes=tuple(notes),
        inner=inner,
    )


def open_rows(path: Path, detection: Detection) -> "ArchiveRows":
    """The rows of the table that was chosen."""
    return ArchiveRows(path, detection)


class ArchiveRows:
    """Rows of a table inside of an archive; ``position`` is how far that member is, in bytes of the archive."""

    def __init__(self, path: Path, detection: Detection) -> None:
        inner = detection.inner
        self._archive = _opened(path, None, detection.format, None)
        try:
            entry = next(
                (
                    each
                    for each in self._archive.entries
                    if detection.format == "gzip"
                    or each.name == detection.sheet
                    or (inner and f"{each.name}/{inner.sheet}" == detection.sheet)
                ),
                None,
            )
            if inner is None or entry is None:
                raise FormatError(_("the file changed while it was read"), where=place(path))
            member = self._archive.member(entry)
            if inner.format in _WORKBOOKS:
                _in_memory(member, entry)
            self._rows: RowReader = registry.open_rows(member, inner)
        except BaseException:
            self._archive.close()
            raise
        self.size = self._archive.packed

    @property
    def position(self) -> int:
        """Bytes of the archive behind the row read last, as if it held nothing else."""
        return min(self.size, self.size * self._rows.position // max(1, self._rows.size))

    @property
    def notes(self) -> Sequence[Note]:
        """What reading found."""
        return self._rows.notes

    def __enter__(self) -> "ArchiveRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive; a second call does nothing."""
        self._rows.close()
        self._archive.close()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return iter(self._rows)


class _Archive:
    """An open archive and its members that may be tables."""

    def __init__(self, source: BinaryIO, packed: int, name: str, entries: list[_Entry]) -> None:
        self._source = source
        self.packed = packed
        self._name = name
        self.entries = entries

    def member(self, entry: _Entry) -> Member:
        """``entry`` as a file that the readers can open."""
        return Member.of(self._name, entry.name, entry.size, entry.open)

    def close(self) -> None:
        self._source.close()

    def __enter__(self) -> "_Archive":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _opened(path: Path | None, data: bytes | None, format_id: str, region: str | None) -> _Archive:
    source = cast(BinaryIO, io.BytesIO(data) if data is not None else FixedSizeFile(path or Path()))
    try:
        packed = source.seek(0, io.SEEK_END)
        source.seek(0)
        entries = _packed_file(source, packed, path) if format_id == "gzip" else _members(source, path, region)
    except BaseException:
        source.close()
        raise
    return _Archive(source, packed, place(path), entries)


def _packed_file(source: BinaryIO, packed: int, path: Path | None) -> list[_Entry]:
    """The one file in a gzip; it is unpacked once to see that it is whole and no bomb."""
    size = 0
    try:
        with gzip.GzipFile(fileobj=source) as unpacked:
            while block := unpacked.read(_BLOCK):
                size += len(block)
                if size > _TOTAL_BYTES or (size > _SMALL and size > _RATIO * packed):
                    raise _refused(path, _too_well_packed(size, packed))
    except (OSError, EOFError, zlib.error):
        raise _damaged(path) from None
    name = path.name.removesuffix(".gz") if path is not None else "gzip"
    return [_Entry(name, size, lambda: _gzip(source))]


def _gzip(source: BinaryIO) -> BinaryIO:
    source.seek(0)
    return cast(BinaryIO, gzip.GzipFile(fileobj=source))


def _members(source: BinaryIO, path: Path | None, region: str | None) -> list[_Entry]:
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, EOFError):
        raise _damaged(path) from None
    infos = archive.infolist()
    if reason := _refusal(infos, archive.start_dir):
        raise _refused(path, reason)
    wanted = [info for info in infos if not info.is_dir() and info.file_size and not _is_junk(info)]
    if any(info.flag_bits & 1 for info in wanted):
        raise FormatError(
            _("the archive is protected with a password"),
            where=place(path),
            hint=_("Unpack it, and import what is in it."),
        )
    names = _names(wanted, region)
    return [_Entry(name, info.file_size, _opener(archive, info)) for name, info in zip(names, wanted, strict=True)]


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: cast(BinaryIO, archive.open(info))


def _refusal(infos: list[zipfile.ZipInfo], directory: int) -> str | None:
    """Why an archive is not opened, if it is not."""
    if len(infos) > _ENTRIES:
        return _("it has more than {limit} parts").format(limit=_ENTRIES)
    if sum(info.file_size for info in infos) > _TOTAL_BYTES:
        return _("it is larger than {limit} GB when unpacked").format(limit=_TOTAL_BYTES >> 30)
    end = directory
    for info in sorted(infos, key=lambda info: -info.header_offset):
        if info.file_size > _SMALL and info.file_size > _RATIO * max(1, info.compress_size):
            return _too_well_packed(info.file_size, info.compress_size)
        if info.header_offset + 30 + info.compress_size > end:
            return _("its parts overlap")
        end = info.header_offset
    return None


def _too_well_packed(size: int, packed: int) -> str:
    return _("a part of it unpacks to {ratio} times its size").format(ratio=size // max(1, packed))


def _is_junk(info: zipfile.ZipInfo) -> bool:
    """What systems put into archives beside what people do, and links, which hold nothing but a path."""
    parts = info.filename.replace("\\", "/").casefold().split("/")
    return parts[-1].startswith(".") or any(part in _JUNK for part in parts) or stat.S_ISLNK(info.external_attr >> 16)


def _names(infos: list[zipfile.ZipInfo], region: str | None) -> list[str]:
    """The names of members; those without a mark for UTF-8 in the encoding of the computer that packed them."""
    unmarked = [info.filename.encode("cp437", "replace") for info in infos if not info.flag_bits & 0x800]
    evidence = b"\n".join(raw for raw in unmarked if not raw.isascii())
    encoding = detect_encoding(evidence, region=region)[0][0] if evidence else "cp437"
    codec = python_codec(encoding) if encoding in _EASTERN else "cp437"
    names: dict[str, None] = {}
    for info in infos:
        name = info.filename
        if not info.flag_bits & 0x800 and not name.isascii():
            name = name.encode("cp437", "replace").decode(codec, "replace")
        base, count = name, 1
        while name in names:
            count += 1
            name = f"{base} ({count})"
        names[name] = None
    return list(names)


def _asked(entries: list[_Entry], sheet: str | None) -> tuple[_Entry, str | None] | None:
    """The member, and the sheet in it, that a name stands for; None when only looking into them can tell."""
    if sheet is None:
        return None
    for entry in entries:
        if sheet == entry.name:
            return entry, None
        if sheet.startswith(entry.name + "/"):
            return entry, sheet[len(entry.name) + 1 :]
    return None


def _numbered(sheets: list[Sheet], asked: str, path: Path | None) -> str:
    """The name of the sheet that stands at the number asked for."""
    if asked.isdecimal() and 0 < int(asked) <= len(sheets):
        return sheets[int(asked) - 1].name
    raise UsageError(
        _("there is no sheet “{name}”").format(name=asked),
        where=place(path),
        hint=_("Its sheets: {names}.").format(names=", ".join(sheet.name for sheet in sheets[:30])),
    )


def _inspect_member(member: Member, entry: _Entry, choices: Choices) -> Detection:
    with FixedSizeFile(member) as source:
        head = source.read(_HEAD) or b""
    archived = head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))
    content = _in_memory(member, entry) if archived else None
    kind = detection.kind_of(member, head, content)
    if kind in _NESTED:
        raise FormatError(
            _("this is an archive inside of an archive"),
            where=place(member),
            hint=_("Unpack it, and import what is in it."),
        )
    if kind == "sqlite":
        content = head
    return registry.reader_of(kind).inspect(member, content, kind, choices)


def _in_memory(member: Member, entry: _Entry) -> bytes:
    """The content of a workbook, which ``member`` gives from now on."""
    if entry.size > _IN_MEMORY:
        raise FormatError(
            _("the workbook is too large to be read from an archive"),
            where=place(member),
            hint=_("Unpack it, and import the file."),
        )
    with FixedSizeFile(member) as source:
        content = source.readall() or b""
    member.open_content = lambda: io.BytesIO(content)
    return content


def _likeness(found: tuple[_Entry, Detection]) -> float:
    """How much a table looks like customers."""
    entry, inner = found
    rows = inner.sheets[0].rows if len(inner.sheets) == 1 else None
    guess = rows if rows is not None else max(1, entry.size // 100) if inner.sample else 0
    name = f"{entry.name.rpartition('/')[2]} {inner.sheet or ''}"
    return likeness(FoundTable(name, inner.columns, "", guess, ()))


def _damaged(path: Path | None) -> FormatError:
    return FormatError(
        _("the file is damaged or was not copied completely"), where=place(path), hint=_("Copy or export it again.")
    )


def _refused(path: Path | None, reason: str) -> FormatError:
    return FormatError(
        _("the archive is refused: {reason}").format(reason=reason),
        where=place(path),
        hint=_("Unpack it, and import what is in it."),
    )
