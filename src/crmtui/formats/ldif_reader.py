"""LDIF: the entries of a directory (Thunderbird, LDAP servers) as the rows of a table."""

import base64
import binascii
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crmtui.errors import FormatError
from crmtui.formats.content_lines import LINE_LIMIT, Line, physical_lines
from crmtui.formats.encoding import python_codec
from crmtui.formats.flatten import SOFT, ColumnUnion, Flat, segment
from crmtui.formats.structured_rows import Broken, RecordRow, StructuredRows, broken, encoding_of
from crmtui.formats.table import Choices, Detection, Note, place
from crmtui.formats.text_source import opened, settle_encoding
from crmtui.i18n import _, ngettext

_MOST_LINES = 5_000
_NO_CUSTOMERS = frozenset(
    (
        *("groupofnames", "groupofuniquenames", "groupofurls", "mozillaablist", "posixgroup", "group"),
        *("organizationalunit", "dcobject", "domain", "container"),
    )
)
_PEOPLE = frozenset(("person", "organizationalperson", "inetorgperson", "mozillaabpersonalpha", "contact", "user"))
_SECRET = frozenset(("userpassword", "sambantpassword", "sambalmpassword", "unicodepwd", "krbprincipalkey"))
_URLS, _BINARY, _PASSWORDS, _GROUPS = "urls", "binary", "passwords", "groups"


class _Entry(NamedTuple):
    """An entry: its line, what it says, what is wrong with it (an empty text: nothing), and what was left out."""

    number: int
    flat: Flat
    wrong: str
    left_out: Counter[str]
    lines: list[Line]


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """The columns all entries have together, a sample, and what is left out."""
    union, damaged = ColumnUnion(), Broken()
    left_out: Counter[str] = Counter()
    with opened(path, data) as source:
        encoding = settle_encoding(source, choices, lambda _head: "utf-8")
        for entry in _entries(source, encoding.name, path):
            left_out += entry.left_out
            if entry.wrong:
                damaged.add(entry.number, entry.wrong)
            elif not entry.left_out[_GROUPS]:
                union.add(entry.flat)
    if not union.count:
        reason = next((note.text for note in damaged.notes()), None)
        raise FormatError(_("the file holds no entries of people or companies"), where=place(path), hint=reason)
    return Detection(
        format=format_id,
        columns=union.columns(),
        sample=union.sample(),
        notes=(*encoding.notes, *_notes(left_out), *damaged.notes(), *union.notes()),
        **encoding_of(encoding),
    )


def open_rows(path: Path, detection: Detection) -> StructuredRows:
    """The entries as rows."""

    def records(source: BinaryIO, _notes: list[Note]) -> Iterator[RecordRow]:
        for entry in _entries(source, detection.encoding, path):
            if entry.wrong:
                text = b"\n".join(line.data for line in entry.lines).decode("utf-8", "replace")
                yield entry.number, broken(text)
            elif not entry.left_out[_GROUPS]:
                yield entry.number, entry.flat

    return StructuredRows(path, detection, records)


def _notes(left_out: Counter[str]) -> list[Note]:
    texts = {
        _GROUPS: ngettext(
            "{count} group, unit or domain is left out",
            "{count} groups, units and domains are left out",
            left_out[_GROUPS],
        ),
        _BINARY: ngettext(
            "{count} photo, certificate or other binary value is left out",
            "{count} photos, certificates and other binary values are left out",
            left_out[_BINARY],
        ),
        _URLS: ngettext(
            "{count} value that is only a link to a file is left out",
            "{count} values that are only links to files are left out",
            left_out[_URLS],
        ),
        _PASSWORDS: ngettext("{count} password is left out", "{count} passwords are left out", left_out[_PASSWORDS]),
    }
    return [
        Note(f"{kind}_left_out", text.format(count=left_out[kind])) for kind, text in texts.items() if left_out[kind]
    ]


def _entries(source: BinaryIO, encoding: str, path: Path | None) -> Iterator[_Entry]:
    codec = "utf-8" if encoding.startswith(("utf-16", "utf-32")) else python_codec(encoding)
    lines: list[Line] = []
    for line in _unfolded(source, encoding):
        if line.data:
            lines.append(line)
        elif lines:
            yield from _read(lines, codec, path)
            lines = []
    yield from _read(lines, codec, path)


def _unfolded(source: BinaryIO, encoding: str) -> Iterator[Line]:
    """Lines with their continuations, which begin with one blank; without comments; an empty one ends an entry."""
    number, parts, length, cut = 0, [b""], 0, False
    for line in physical_lines(source, encoding):
        if line.data[:1] == b" " and parts[0]:
            length += len(line.data)
            cut = cut or line.cut or length > LINE_LIMIT
            if length <= LINE_LIMIT:
                parts.append(line.data[1:])
            continue
        if parts[0] and parts[0][:1] != b"#":
            yield Line(number, b"".join(parts), cut)
        number, parts, length, cut = line.number, [line.data], len(line.data), line.cut
        if not line.data.strip():
            yield Line(number, b"")
            parts = [b""]
    if parts[0] and parts[0][:1] != b"#":
        yield Line(number, b"".join(parts), cut)


def _read(lines: list[Line], codec: str, path: Path | None) -> Iterator[_Entry]:
    """The entry that ``lines`` make, if any: a file's version is none. Raises FormatError for a record of changes."""
    if lines and lines[0].data[:8].lower() == b"version:":
        lines = lines[1:]
    if not lines:
        return
    flat: Flat = {}
    left_out: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    classes: set[str] = set()
    wrong = ""
    if len(lines) > _MOST_LINES:
        wrong = _("it has more than {limit} lines").format(limit=_MOST_LINES)
        lines = lines[:_MOST_LINES]
    for line in lines:
        name, value, kind = _attribute(line, codec)
        folded = name.lower()
        if folded == "changetype" and (value or "").strip().lower() != "add":
            raise FormatError(
                _("the LDIF tells of changes (changetype: {kind}), not of entries").format(kind=(value or "")[:40]),
                where=place(path, line.number),
                hint=_("Export the entries themselves and import that."),
            )
        if kind in (_URLS, _BINARY) or folded in _SECRET:
            left_out[_PASSWORDS if folded in _SECRET else kind] += 1
        elif value is None:
            wrong = wrong or kind
        elif folded == "objectclass":
            classes.add(value.strip().lower())
            _put(flat, counts, name, value)
        elif folded not in ("changetype", "control"):
            _put(flat, counts, name, value)
    if not wrong and not any(path.lower() == "dn" for path in flat):
        wrong = _("it has no name (dn)")
    if classes & _NO_CUSTOMERS and not classes & _PEOPLE:
        left_out[_GROUPS] = 1
    yield _Entry(lines[0].number, flat, wrong, left_out, lines)


def _put(flat: Flat, counts: Counter[str], name: str, value: str) -> None:
    if name.lower() == "dn":
        flat["dn"] = value
        return
    counts[name] += 1
    flat[f"{segment(name)}{SOFT}{counts[name]}"] = value


def _attribute(line: Line, codec: str) -> tuple[str, str | None, str]:
    """Name and value of a line; where there is no value the third says why: what it is, or what is wrong."""
    head, colon, rest = line.data.partition(b":")
    try:
        name = head.decode("ascii").strip()
    except UnicodeDecodeError:
        name = ""
    if not colon or not name:
        return "", None, _("line {line} is no attribute").format(line=line.number)
    if line.cut and not rest.startswith(b":"):
        return name, None, _("line {line} is longer than 1 MB").format(line=line.number)
    if rest.startswith(b"<"):
        return name, None, _URLS
    encoded = rest.startswith(b":")
    data = rest[1:].strip() if encoded else rest.removeprefix(b" ")
    if encoded:
        if line.cut or ";binary" in name.lower():
            return name, None, _BINARY
        try:
            data = base64.b64decode(b"".join(data.split()), validate=True)
        except binascii.Error:
            return name, None, _("line {line}: the base64 text is damaged").format(line=line.number)
    try:
        return name, data.decode("utf-8" if encoded else codec), ""
    except UnicodeDecodeError as error:
        if encoded:
            return name, None, _BINARY
        reason = _("line {line}: byte 0x{value:02X} is not {encoding}").format(
            line=line.number, value=data[error.start], encoding=codec
        )
        return name, None, reason
