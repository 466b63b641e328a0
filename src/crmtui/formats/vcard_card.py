"""One vCard (2.1, 3.0 or 4.0) as a flat record."""

import binascii
import quopri
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from crmtui.errors import UsageError
from crmtui.formats.content_lines import Line
from crmtui.formats.encoding import canonical_encoding, detect_encoding, python_codec
from crmtui.formats.flatten import SOFT, Flat, segment
from crmtui.formats.vcard_lines import CardLines
from crmtui.i18n import _

_PARAMETER = re.compile(r';((?:[^;"]|"[^"]*")*)')
_NAME = re.compile(r"(?:([\w-]+)\.)?([\w-]+)\Z")
_ENCODINGS = frozenset(("quoted-printable", "base64", "b", "8bit", "7bit"))
_STANDARD_LABEL = re.compile(r"_\$!<(.*)>!\$_\Z")
_BINARY = frozenset(("PHOTO", "LOGO", "SOUND", "KEY"))
_OF_THE_FILE = frozenset(("VERSION", "PRODID", "AGENT"))
_SINGLE = frozenset(
    ("FN", "TITLE", "ROLE", "UID", "KIND", "BDAY", "ANNIVERSARY", "GENDER", "REV", "NICKNAME", "SORT-STRING")
)
_LISTS = frozenset(("TEL", "EMAIL", "URL", "IMPP"))
_SCHEMES = {"TEL": "tel", "EMAIL": "mailto"}
_N = ("family", "given", "additional", "prefix", "suffix")
_ADR = ("pobox", "extended", "street", "city", "region", "postal_code", "country")
_NO_TYPES = _ENCODINGS | {"internet", "x400", "pref"}
_BASE64 = frozenset(("b", "base64"))
_LONGEST_KNOWN = 200
_NO_PREFERENCE = 101
_OURS = "X-CRMTUI-"
_OURS_BY_KEY = {"X-CRMTUI-CUSTOM": "custom", "X-CRMTUI-EXTERNAL-ID": "external_ids"}
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}
_DIGITS = re.compile(r"(\d{4}|--)-?(\d{2})-?(\d{2})(?:T00:?00:?00(?:\.0+)?Z?)?\Z")


class Unreadable(ValueError):
    """A card that cannot be read; ``str()`` is the reason."""


class Property(NamedTuple):
    """A line of a card: its group, name, parameters (names in small letters, several values each), types in small letters,
    how much it is preferred (1 most), how it is encoded, and value."""

    group: str
    name: str
    parameters: dict[str, list[str]]
    kinds: tuple[str, ...]
    preference: int
    how: frozenset[str]
    value: str


class Card(NamedTuple):
    """A card as a record; a group of cards is none. ``binary`` counts what was left out: photos, keys, sounds."""

    flat: Flat
    is_group: bool
    binary: int


def read_card(card: CardLines, encoding: str) -> Card:
    """What ``card`` says. Raises Unreadable."""
    if card.wrong:
        raise Unreadable(card.wrong)
    properties: list[Property] = []
    binary = 0
    version = ""
    for line in card.lines:
        found = _property(line, encoding)
        if found is None:
            binary += 1
            continue
        if found.name == "VERSION":
            version = found.value.strip()
        properties.append(found)
    labels = {each.group: each.value for each in properties if each.group and each.name.upper() == "X-ABLABEL"}
    reader = _Reader(old=version == "2.1", labels=labels)
    for each in properties:
        reader.read(each)
    return Card(reader.flat(), reader.is_group, binary)


def _property(line: Line, encoding: str) -> Property | None:
    """The property of a line; None for binary data. Raises Unreadable."""
    head, colon, body = _divided(line.data)
    if not colon:
        raise Unreadable(_("line {line} has no “:”").format(line=line.number))
    if head.isascii() and len(head) < _LONGEST_KNOWN:
        known = _known_head(head)
    else:
        known = _head(_decoded(head, encoding, line))
    if known is None:
        raise Unreadable(_("line {line} begins with no name").format(line=line.number))
    how = known.how
    if known.name in _BINARY and (how & _BASE64 or body[:5].lower() == b"data:"):
        return None
    if line.cut:
        raise Unreadable(_("line {line} is longer than 1 MB").format(line=line.number))
    charset = known.parameters["charset"][0] if known.parameters.get("charset") else ""
    if "quoted-printable" in how:
        value = _decoded(quopri.decodestring(body), charset, line, unsure=not charset)
    elif how & _BASE64:
        try:
            value = _decoded(binascii.a2b_base64(b"".join(body.split())), charset or "utf-8", line)
        except (binascii.Error, Unreadable):
            return None
    else:
        value = _decoded(body, charset or encoding, line)
    return Property(*known[:-1], value)


@lru_cache(maxsize=1000)
def _known_head(head: bytes) -> Property | None:
    return _head(head.decode())


def _head(head: str) -> Property | None:
    """What stands before the value; None when it has no name."""
    name, _semicolon, _rest = head.partition(";")
    known = _NAME.match(name.strip())
    if known is None:
        return None
    parameters = _parameters(head[len(name) :])
    how = frozenset(each.lower() for each in (*parameters.get("encoding", ()), *parameters.get("", ())))
    said = (*parameters.get("type", ()), *parameters.get("", ()))
    kinds = [kind.strip().lower() for each in said for kind in each.split(",")]
    order = next((int(each) for each in parameters.get("pref", ()) if each.isdecimal() and len(each) < 4), 0)
    if "pref" in kinds:
        order = order or 1
    kinds = [each for each in dict.fromkeys(kinds) if each and each not in _NO_TYPES]
    if len(kinds) > 1 and "voice" in kinds:
        kinds.remove("voice")
    name = known[2].upper()
    return Property(
        known[1] or "",
        known[2] if name.startswith("X-") else name,
        parameters,
        tuple(kinds),
        order or _NO_PREFERENCE,
        how & _ENCODINGS,
        "",
    )


def _divided(data: bytes) -> tuple[bytes, bytes, bytes]:
    """What is before and after the first “:” outside of quotation marks."""
    if b'"' not in data[: data.find(b":") + 1]:
        return data.partition(b":")
    quoted = False
    for at, byte in enumerate(data):
        if byte == 0x22:
            quoted = not quoted
        elif byte == 0x3A and not quoted:
            return data[:at], b":", data[at + 1 :]
    return data.partition(b":")


def _decoded(data: bytes, encoding: str, line: Line, *, unsure: bool = False) -> str:
    if data.isascii():
        return data.decode()
    try:
        return data.decode("utf-8" if unsure else python_codec(canonical_encoding(encoding or "utf-8")))
    except UnicodeDecodeError as error:
        if unsure:
            likely = detect_encoding(data)[0][0]
            return data.decode(python_codec(likely), "replace")
        raise Unreadable(
            _("line {line}: byte 0x{value:02X} is not {encoding}").format(
                line=line.number, value=data[error.start], encoding=encoding
            )
        ) from None
    except UsageError:
        raise Unreadable(
            _("line {line}: there is no encoding named “{name}”").format(line=line.number, name=encoding[:40])
        ) from None


def _parameters(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for match in _PARAMETER.finditer(text):
        key, equals, value = match[1].partition("=")
        if not equals:
            key, value = "", key
        values = re.findall(r'"([^"]*)"|([^,"]+)', value)
        found.setdefault(key.strip().lower(), []).extend((quoted or plain).strip() for quoted, plain in values)
    return found


class _Entry(NamedTuple):
    """One of several phones, addresses …: the smaller ``preference``, the more wanted."""

    preference: int
    values: dict[str, str]


class _Reader:
    def __init__(self, *, old: bool, labels: dict[str, str]) -> None:
        self._old = old
        self._labels = labels
        self._lists: dict[str, list[_Entry]] = {}
        self._address_formats: dict[str, str] = {}
        self.is_group = False

    def read(self, found: Property) -> None:
        name = found.name
        special = _SPECIAL.get(name)
        if name in _OF_THE_FILE or name.upper() in ("X-ABLABEL", "X-ABADR"):
            return
        if special is not None:
            special(self, found)
        elif name.startswith(_OURS):
            self._own(found)
        elif name == "X-ADDRESSBOOKSERVER-KIND" or name == "KIND":
            self.is_group = self.is_group or found.value.strip().lower() == "group"
            self._add("KIND", found, {"": found.value.strip().lower()})
        elif name in _LISTS:
            self._point(found)
        else:
            values = {"": self._plain(found.value)}
            if name not in _SINGLE and (kind := self._types(found)):
                values["type"] = kind
            self._add(name, found, values)

    def flat(self) -> Flat:
        flat: Flat = {}
        for name, entries in self._lists.items():
            base = segment(name)
            if len(entries) > 1:
                entries = sorted(entries, key=lambda each: each.preference)
            for number, entry in enumerate(entries, 1):
                for key, value in entry.values.items():
                    flat[_path(base, number, key)] = value
        return flat

    def _add(self, name: str, found: Property, values: dict[str, str]) -> None:
        self._lists.setdefault(name, []).append(_Entry(found.preference, values))

    def _types(self, found: Property) -> str:
        """The types of a property, with the label its group gives it."""
        label = self._labels.get(found.group, "").strip() if found.group else ""
        if not label:
            return ",".join(found.kinds)
        standard = _STANDARD_LABEL.match(label)
        text = standard[1].lower() if standard else self._plain(label)
        return ",".join((*(each for each in found.kinds if each != text), text))

    def _plain(self, text: str) -> str:
        return _unescaped(text.replace("\r\n", "\n"), old=self._old).strip()

    def _parts(self, text: str, separator: str) -> list[str]:
        return [self._plain(part) for part in _split(text, separator)]

    def _point(self, found: Property) -> None:
        kind = self._types(found)
        value = self._plain(found.value)
        scheme, colon, rest = value.partition(":")
        if colon and scheme.lower() == _SCHEMES.get(found.name):
            value = rest
        elif found.name == "IMPP":
            service = next(iter(found.parameters.get("x-service-type", ())), "")
            if colon:
                value = unquote(rest)
            service = (service or (scheme if colon and scheme.lower() not in ("x-apple", "im") else "")).lower()
            kind = ",".join(each for each in (service, kind) if each)
        if value:
            self._add(found.name, found, {"value": value, "type": kind})

    def _own(self, found: Property) -> None:
        """What crmtui itself wrote and vCard has no property for, under the name it has in our other formats."""
        said = next(iter(found.parameters.get("x-key", ())), "")
        key = re.sub(r"\^[n'^]", lambda sign: _CARET[sign.group()], said)
        above = _OURS_BY_KEY.get(found.name)
        if above is None:
            name = found.name if key else found.name.removeprefix(_OURS).lower().replace("-", "_")
            self._add(name, found, {segment(key) if key else "": self._plain(found.value)})
        elif key:
            self._add(above, found, {segment(key): self._plain(found.value)})

    def _name(self, found: Property) -> None:
        parts = [_split(part, ",") for part in _split(found.value, ";")]
        texts = [" ".join(filter(None, map(self._plain, part))) for part in parts]
        self._add("N", found, {key: text for key, text in zip(_N, texts, strict=False) if text or key in _N[:2]})

    def _address(self, found: Property) -> None:
        parts = [", ".join(filter(None, self._parts(part, ","))) for part in _split(found.value, ";")]
        values = {key: text for key, text in zip(_ADR, parts, strict=False) if text}
        if len(parts) > len(_ADR) and (rest := ", ".join(filter(None, parts[len(_ADR) :]))):
            values["more"] = rest
        if label := next(iter(found.parameters.get("label", ())), ""):
            values["label"] = label.replace("\\n", "\n").replace("^n", "\n")
        if kind := self._types(found):
            values["type"] = kind
        if values:
            self._add("ADR", found, values)

    def _label(self, found: Property) -> None:
        """The address as it is written on an envelope, a property of its own before 4.0."""
        kind = self._types(found)
        entries = self._lists.setdefault("ADR", [])
        own = next(
            (each for each in entries if each.values.get("type", "") == kind and "label" not in each.values), None
        )
        text = self._plain(found.value)
        if own is not None:
            own.values["label"] = text
        elif text:
            self._add("ADR", found, {"label": text, **({"type": kind} if kind else {})})

    def _organisation(self, found: Property) -> None:
        name, *units = self._parts(found.value, ";")
        values = {"name": name}
        if unit := " / ".join(filter(None, units)):
            values["unit"] = unit
        self._add("ORG", found, values)

    def _categories(self, found: Property) -> None:
        for text in filter(None, self._parts(found.value, "," if "," in found.value else ";")):
            self._add("CATEGORIES", found, {"": text})

    def _note(self, found: Property) -> None:
        text = self._plain(found.value)
        if known := self._lists.get("NOTE"):
            text = "\n".join(filter(None, (known.pop().values[""], text)))
        self._add("NOTE", found, {"": text})

    def _date(self, found: Property) -> None:
        text = self._plain(found.value)
        parts = _DIGITS.match(text)
        if parts:
            omitted = parts[1] == "--" or parts[1] in ("1604", *found.parameters.get("x-apple-omit-year", ()))
            text = f"{'-' if omitted else parts[1]}-{parts[2]}-{parts[3]}"
        self._add(found.name, found, {"": text})


_SPECIAL: dict[str, Callable[[_Reader, Property], None]] = {
    "N": _Reader._name,
    "ADR": _Reader._address,
    "LABEL": _Reader._label,
    "ORG": _Reader._organisation,
    "CATEGORIES": _Reader._categories,
    "NOTE": _Reader._note,
    "BDAY": _Reader._date,
    "ANNIVERSARY": _Reader._date,
}


def _path(base: str, number: int, key: str) -> str:
    """Where a value goes: contact points and addresses are always numbered, other things when they are repeated."""
    if base in _LISTS or base == "ADR" or base == "CATEGORIES":
        path = f"{base}.{number}"
    elif base in _OURS_BY_KEY.values():
        path = base
    elif base in _SINGLE or base in _SPECIAL:
        path = base if number == 1 else f"{base}.{number}"
    else:
        path = f"{base}{SOFT}{number}"
    return f"{path}.{key}" if key else path


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that are not escaped, still with their escapes."""
    if "\\" not in text:
        return text.split(separator)
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == separator:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    parts.append(text[start:])
    return parts


def _unescaped(text: str, *, old: bool) -> str:
    if "\\" not in text:
        return text

    def plain(found: re.Match[str]) -> str:
        sign = found[1]
        if sign in "nN":
            return found[0] if old else "\n"
        return sign if sign in "\\;,:" else found[0]

    return re.sub(r"\\(.)", plain, text, flags=re.DOTALL)
