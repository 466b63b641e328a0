"""The small parts of SQL dumps: strings, numbers, names, rows; and the text of a dump, a piece at a time.

Nothing is ever executed. The patterns use possessive quantifiers, so hostile text is matched in one way only.
"""

import codecs
import re
from pathlib import Path
from typing import Protocol

from crmtui.errors import FormatError
from crmtui.formats.encoding import BOMS, python_codec
from crmtui.formats.table import place
from crmtui.i18n import _

_BLOCK = 256 * 1024
_LONGEST = 32 << 20  # characters of one row or statement
_DEEPEST = 6
_MOST_BYTES = 256  # of a value that is no text; keys and hashes are shorter, pictures are longer
_FIRST_BYTES = 16
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BACKSLASH = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}
_POSTGRES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_POSTGRES_ESCAPE = re.compile(
    r"''|((?:\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{1,2}))++)|((?:\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})++)|\\(.)", re.DOTALL
)
_BYTES = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2}))")
_UNITS = re.compile(r"\\[uU]([0-9A-Fa-f]{8}|[0-9A-Fa-f]{4})")
_UNISTR = re.compile(r"\\(?:\\|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\+([0-9A-Fa-f]{6})|([0-9A-Fa-f]{4}))")
_PREFIXED = re.compile(r"(E|N|X|B|U&|_[A-Za-z0-9]++)\s*+(?=['x0])", re.IGNORECASE)
_CALL = re.compile(r"([A-Za-z_]\w*+)\s*+\((.*)\)\s*+(?:::[\w\s.\[\]()]++)?", re.DOTALL)
_AS_TYPE = re.compile(r"(?is)(.*)\sAS\s+[\w\s.,()\[\]]+")
_USING = re.compile(r"(?is)(.*)\sUSING\s+\w+")
_FIRST_ARGUMENT = frozenset(
    ("to_date", "to_timestamp", "str_to_date", "date", "timestamp", "datetime", "json", "jsonb")
)
_DOUBLE = r'"[^"]*+(?:""[^"]*+)*+"'
_BACKTICK = r"`[^`]*+(?:``[^`]*+)*+`"
_BRACKET = r"\[[^\]]*+(?:\]\][^\]]*+)*+\]"
_DOLLAR = r"(?>\$\$.*?\$\$)"
# What stands outside of quotation marks and parentheses; an E may begin a string of its own kind.
_BARE = r"""[^()'"`$eE]++|[$eE]"""
_BARE_CELL = r"""[^,()'"`$eE]++|[$eE]"""
_BARE_DEFINITION = r"""[^()'"`$eE\[/-]++|[$eE\[]"""
_BARE_PART = r"""[^,()'"`$eE\[/-]++|[$eE\[]"""
_BARE_OPERAND = r"""[^|()'"`$eE]++|[$eE]|\|(?!\|)"""
_COMMENT = r"--[^\n]*+|/\*(?>.*?\*/)|-|/"
NAME = rf"(?:{_DOUBLE}|{_BACKTICK}|{_BRACKET}|[\w$@#]++)"
DOTTED = rf"{NAME}(?:\s*+\.\s*+{NAME})*+"
_NAME = re.compile(NAME)


class Source(Protocol):
    """Where the bytes come from."""

    def read(self, size: int, /) -> bytes | None: ...


class Lexicon:
    """The patterns of one way to write SQL: with (MySQL) or without backslash escapes in ordinary strings."""

    def __init__(self, *, backslash: bool, codec: str = "utf-8") -> None:
        self.backslash = backslash
        self._codec = codec
        string = r"'[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'" if backslash else r"'[^']*+(?:''[^']*+)*+'"
        double = r'"[^"\\]*+(?:(?:""|\\.)[^"\\]*+)*+"' if backslash else _DOUBLE
        # A backslash escapes the quotation mark in strings marked E, whatever the others do.
        escaped = r"(?<![\w])[eE]'[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'"
        quoted = f"{escaped}|{string}|{double}|{_BACKTICK}|{_DOLLAR}"
        inner = _nested(f"{quoted}|{_BARE}", _DEEPEST - 1)
        defined = f"{_COMMENT}|{quoted}|{_BRACKET}|{_BARE_DEFINITION}"
        nested = _nested(defined, _DEEPEST + 3)
        row = _nested(f"{quoted}|{_BARE}", _DEEPEST)
        self.row = re.compile(row, re.DOTALL)
        self.usual_row = re.compile(rf"({row})\s*+([,;])\s*+", re.DOTALL)
        self.definition = re.compile(_nested(defined, _DEEPEST + 4), re.DOTALL)
        self._part = re.compile(f"((?:{_COMMENT}|{quoted}|{_BRACKET}|{nested}|{_BARE_PART})*+)(?:,|\\Z)", re.DOTALL)
        self._operand = re.compile(
            f"((?:{quoted}|{_nested(f'{quoted}|{_BARE}', _DEEPEST - 1)}|{_BARE_OPERAND})*+)(?:\\|\\||\\Z)", re.DOTALL
        )
        self.string = re.compile(string, re.DOTALL)
        self.quoted = re.compile(quoted, re.DOTALL)
        self._escaped_string = re.compile(r"'[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'", re.DOTALL)
        plain = r"[^'\\]" if backslash else "[^']"
        self._cell = re.compile(
            rf"\s*+(?:'({plain}*+)'|([-+]?+[0-9][0-9.]*+(?:[eE][-+]?+[0-9]++)?+)|(?:NULL|null)"
            rf"|((?:{quoted}|{inner}|{_BARE_CELL})*+))\s*+(?:,|\Z)",
            re.DOTALL,
        )

    def cells(self, row: str) -> list[str]:
        """The cells of ``row`` (with its parentheses) as text; NULL is empty, an expression that is no value stays as written."""
        found = self._cell.findall(row, 1, len(row) - 1)
        found.pop()  # the empty match behind the last cell
        return [plain or number or (self.value(other) if other else "") for plain, number, other in found]

    def parts(self, text: str) -> list[str]:
        """What the commas of the outermost level part; the cell of a call's argument or a column's definition."""
        found = [str(part).strip() for part in self._part.findall(text)]
        return found[:-1] if found and not found[-1] else found

    def value(self, text: str) -> str:
        """A literal or one of the few calls dumps write, as the text it stands for."""
        text = text.strip()
        return self._value(text, 0) if text else ""

    def _value(self, text: str, depth: int) -> str:
        if "||" in text and depth < _DEEPEST:
            operands = [found.strip() for found in self._operand.findall(text)]
            if len(operands) > 2 and all(operands[:-1]):
                return "".join(self._value(operand, depth + 1) for operand in operands[:-1])
        if text[:1] == "'":
            string = self.string.match(text)
            return text if string is None else self._rest(self._plain(string[0]), text[string.end() :], text)
        if text[:1] == '"':
            return _unquoted(text, '"', self.backslash)
        if text[:2] in ("0x", "0X"):
            return _readable(text[2:], text)
        if text.startswith("$$") and text.endswith("$$") and len(text) >= 4:
            return text[2:-2]
        if prefix := _PREFIXED.match(text):
            return self._prefixed(prefix[1].lower(), text[prefix.end() :], depth, text)
        if depth < _DEEPEST and (call := _CALL.fullmatch(text)):
            return self._call(call[1].lower(), call[2], depth + 1, text)
        if text.upper() == "NULL" or text.upper().startswith("NULL::"):
            return ""
        return text.partition("::")[0] if re.match(r"[-+\w.]++::", text) else text

    def _plain(self, string: str) -> str:
        inner = string[1:-1]
        if self.backslash and "\\" in inner:
            return re.sub(r"''|\\(.)", lambda m: _BACKSLASH.get(m[1], m[1]) if m[1] else "'", inner, flags=re.DOTALL)
        return inner.replace("''", "'")

    def _rest(self, value: str, rest: str, whole: str) -> str:
        """``value`` with what follows its string: a cast or collation, which changes nothing."""
        rest = rest.strip()
        if not rest:
            return value
        if rest.startswith("::"):
            cast = rest[2:].strip().lower()
            return _readable(value[2:], "0x" + value[2:]) if cast == "bytea" and value.startswith("\\x") else value
        return value if rest[:7].upper() == "COLLATE" else whole

    def _prefixed(self, prefix: str, text: str, depth: int, whole: str) -> str:
        if prefix.startswith("_") and text[:1] != "'":
            return self._value(text, depth)
        string = (self._escaped_string if prefix == "e" else self.string).match(text)
        if string is None:
            return whole
        rest = text[string.end() :]
        if prefix == "x":
            return _readable(string[0][1:-1], whole)
        if prefix == "b":
            return string[0][1:-1]
        if prefix == "e":
            return self._rest(unescape_postgres(string[0][1:-1]), rest, whole)
        value = self._plain(string[0])
        if prefix == "u&":
            return _unistr(value)
        if prefix == "_binary" and _CONTROL.search(value):
            return _hex(value.encode(self._codec, "surrogateescape"))
        return self._rest(value, rest, whole)

    def _call(self, name: str, inside: str, depth: int, whole: str) -> str:
        if name == "cast" and (typed := _AS_TYPE.fullmatch(inside)):
            return self._value(typed[1].strip(), depth)
        if name == "convert" and (coded := _USING.fullmatch(inside)):
            return self._value(coded[1].strip(), depth)
        given = [self._value(part, depth) for part in self.parts(inside)]
        if name == "replace" and len(given) == 3 and given[1]:
            return given[0].replace(given[1], given[2])
        if name in ("char", "chr", "nchar") and all(each.isdecimal() and int(each) < 0x110000 for each in given):
            return _SURROGATE.sub("\ufffd", "".join(chr(int(each)) for each in given))
        if name == "unistr" and len(given) == 1:
            return _unistr(given[0])
        if name == "unhex" and len(given) == 1:
            return _readable(given[0], whole)
        if name == "concat" and given:
            return "".join(given)
        if name == "convert" and len(given) >= 2:
            return given[1]
        return given[0] if name in _FIRST_ARGUMENT and given else whole


def _nested(pieces: str, depth: int) -> str:
    """A pattern for a pair of parentheses around ``pieces`` and further pairs, ``depth`` deep."""
    pattern = rf"\((?:{pieces})*+\)"
    for _level in range(depth - 1):
        pattern = rf"\((?:{pieces}|{pattern})*+\)"
    return pattern


def unescape_postgres(text: str) -> str:
    """What an E'' string or a COPY field stands for."""
    if "\\" not in text and "''" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        if match[1]:
            raw = bytes(int(octal, 8) & 255 if octal else int(digits, 16) for octal, digits in _BYTES.findall(match[1]))
            try:
                return raw.decode()
            except UnicodeDecodeError:
                return raw.decode("latin-1")
        if match[2]:
            return _from_units([int(digits, 16) for digits in _UNITS.findall(match[2])])
        return _POSTGRES.get(match[3], match[3]) if match[3] else "'"

    return _POSTGRES_ESCAPE.sub(one, text)


def copy_cells(line: str) -> list[str]:
    r"""The cells of one line of COPY data; ``\N`` is empty."""
    cells = line.split("\t")
    if "\\" not in line:
        return cells
    return ["" if cell == "\\N" else _copied(cell) if "\\" in cell else cell for cell in cells]


def _copied(cell: str) -> str:
    """As in an E'' string, but two apostrophes are two."""
    return "'".join(unescape_postgres(piece) for piece in cell.split("'"))


def unquote_name(name: str) -> str:
    """A table or column name without its quotation marks."""
    first = name[:1]
    if first == "[":
        return name[1:-1].replace("]]", "]")
    return name[1:-1].replace(first * 2, first) if first in ('"', "`") else name


def names(text: str) -> list[str]:
    """The names in a list ``(a, "b", `c`)`` or a dotted name."""
    return [unquote_name(found) for found in _NAME.findall(text)]


def _unquoted(text: str, mark: str, backslash: bool) -> str:
    inner = text[1:-1] if len(text) > 1 and text.endswith(mark) else text
    if backslash and "\\" in inner:
        return re.sub(r'""|\\(.)', lambda m: _BACKSLASH.get(m[1], m[1]) if m[1] else '"', inner, flags=re.DOTALL)
    return inner.replace(mark * 2, mark)


def _readable(digits: str, whole: str) -> str:
    """Bytes written in hexadecimal: as text when they are text, else with 0x in front."""
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        return whole
    return text_or_hex(raw)


def text_or_hex(raw: bytes) -> str:
    """Bytes as text when they are UTF-8 without control characters, else in hexadecimal with 0x in front; of pictures and the
    like only the first bytes and how many there are."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return _hex(raw)
    return _hex(raw) if _CONTROL.search(text) else text


def _hex(raw: bytes) -> str:
    if len(raw) <= _MOST_BYTES:
        return "0x" + raw.hex()
    return f"0x{raw[:_FIRST_BYTES].hex()}… ({len(raw)} bytes)"


def _unistr(text: str) -> str:
    units: list[int] = []
    out: list[str] = []
    at = 0
    for match in _UNISTR.finditer(text):
        if match.start() > at or match[0] == "\\\\":
            out += _from_units(units), text[at : match.start()]
            units = []
        if match[0] == "\\\\":
            out.append("\\")
        else:
            units.append(int(next(group for group in match.groups() if group), 16))
        at = match.end()
    return "".join([*out, _from_units(units), text[at:]])


def _from_units(units: list[int]) -> str:
    """Characters from code points, surrogate pairs put together, lone ones replaced."""
    text = "".join(chr(unit) for unit in units if unit < 0x110000)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class SqlText:
    """The decoded text of a dump, of which only a window is in memory: ``buffer`` from ``at`` on is not read yet."""

    def __init__(self, source: Source, encoding: str, path: Path | None) -> None:
        self._source = source
        self._path = path
        self.encoding = encoding
        self.codec = python_codec(encoding)
        errors = "strict" if self.codec.startswith("utf-16") else "surrogateescape"
        self._decoder = codecs.getincrementaldecoder(self.codec)(errors)
        self._bom: bytes | None = BOMS.get(encoding)
        self.buffer = ""
        self.at = 0
        self.line = 1
        self.ended = False
        self.damaged = False

    def fill(self) -> bool:
        """Read on, at least as much as is waiting, so that a long string costs no quadratic time; False at the end."""
        if self.ended:
            return False
        waiting = len(self.buffer) - self.at
        if waiting > _LONGEST:
            raise self.refusal(
                _("a row or statement is longer than {limit} million characters").format(limit=_LONGEST >> 20)
            )
        data = self._source.read(max(_BLOCK, waiting)) or b""
        if self._bom is not None:
            data, self._bom = data.removeprefix(self._bom), None
        try:
            text = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            raise self.undecodable() from None
        self.ended = not data
        self.damaged = self.damaged or (not text.isascii() and _SURROGATE.search(text) is not None)
        self.buffer = self.buffer[self.at :] + text
        self.at = 0
        return True

    def ensure(self, count: int) -> None:
        """Have at least ``count`` characters waiting, unless the text ends before."""
        while len(self.buffer) - self.at < count and self.fill():
            continue

    def take(self, end: int) -> None:
        """Go on to the position ``end`` of the buffer."""
        self.line += self.buffer.count("\n", self.at, end)
        self.at = end

    def upcoming(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What ``pattern`` must find here, reading on until it does; None when the dump ends before."""
        while True:
            found = pattern.match(self.buffer, self.at)
            if (found is not None and found.end() < len(self.buffer)) or not self.fill():
                return found

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Pass over as much as ``pattern`` finds here."""
        while found := pattern.match(self.buffer, self.at):
            self.take(found.end())
            if found.end() < len(self.buffer) or not self.fill():
                return

    def skip_behind(self, end: str) -> None:
        """Pass over everything up to and with the next ``end``, or to the end of the dump."""
        while (found := self.buffer.find(end, self.at)) < 0:
            self.take(max(self.at, len(self.buffer) - len(end)))
            if not self.fill():
                self.take(len(self.buffer))
                return
        self.take(found + len(end))

    def refusal(self, reason: str, line: int | None = None) -> FormatError:
        """The error for this place."""
        return FormatError(reason, where=place(self._path, line or self.line))

    def undecodable(self, line: int | None = None) -> FormatError:
        """The error for bytes that are not in the encoding."""
        return FormatError(
            _("some bytes are not {encoding}; choose another encoding").format(encoding=self.encoding),
            where=place(self._path, line or self.line),
        )

    def checked(self, cells: list[str], line: int) -> list[str]:
        """``cells``, none of which holds bytes that could not be decoded."""
        if self.damaged and any(_SURROGATE.search(cell) for cell in cells):
            raise self.undecodable(line)
        return cells
