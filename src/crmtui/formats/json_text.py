"""JSON read piece by piece: the values of a document one after another, while only some of its text is in memory.

Numbers stay the text they are in the file; NaN, repeated keys and everything else JSON does not allow are refused with
the line and the reason.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from crmtui.errors import FormatError
from crmtui.formats.table import place
from crmtui.i18n import N_, _

VALUE_LIMIT = 16 * 1024 * 1024
"""Characters of the largest single record."""
_NEAR_END = 16  # an error so close to the end of what is in memory may come from the cut
_KEPT_BEFORE = 200  # characters before the position, to tell what is wrong there
_SPACE = re.compile(r"[ \t\n\r]*")
_NOT_A_NUMBER = re.compile(r"-?Infinity|NaN")
_REASONS = {
    "Expecting value": N_("a value is missing or is none"),
    "Expecting property name": N_("a name in double quotes is missing"),
    "Expecting ':' delimiter": N_("a “:” is missing"),
    "Expecting ',' delimiter": N_("a “,” is missing"),
    "Unterminated string": N_("a text is not closed with a quotation mark"),
    "Invalid control character": N_("a text holds a line break or control character that is not escaped"),
    "Invalid \\escape": N_("a backslash is followed by something that is no escape"),
    "Invalid \\uXXXX escape": N_("\\u is not followed by four hexadecimal digits"),
    "Illegal trailing comma": N_("there is a comma after the last value"),
    "Extra data": N_("something follows after the end"),
}


class Unfit(ValueError):
    """A text that is JSON in form and yet nothing we take: ``str()`` is the reason."""


def _constant(name: str) -> object:
    raise Unfit(_("{name} is no value in JSON").format(name=name))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Unfit(_("the name “{name}” occurs twice in one object").format(name=name))
    return found


_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_constant, object_pairs_hook=_unique)
_scan = _DECODER.scan_once  # type: ignore[attr-defined]


def decode_line(text: str) -> object:
    """The one value in ``text``. Raises Unfit with the reason."""
    begin = _after_space(text, 0)
    try:
        value, end = _DECODER.raw_decode(text, begin)
    except json.JSONDecodeError as error:
        raise Unfit(reason_of(error, ended=True)) from None
    except RecursionError:
        raise Unfit(too_deep()) from None
    if _after_space(text, end) < len(text):
        raise Unfit(_(_REASONS["Extra data"]))
    return value


def too_deep() -> str:
    """The reason for refusing what is nested without end."""
    return _("values are nested too deep")


def reason_of(error: json.JSONDecodeError, *, ended: bool) -> str:
    """Why a text is no JSON, in the words of the person's language."""
    rest = error.doc[error.pos : error.pos + 1]
    before = error.doc[max(0, error.pos - _KEPT_BEFORE) : error.pos].rstrip()[-1:]
    if ended and (not rest or error.msg.startswith("Unterminated string")):
        return _("it ends in the middle: it was not written or copied completely")
    if rest and rest in "]}" and before == ",":
        return _(_REASONS["Illegal trailing comma"])
    return next((_(text) for begin, text in _REASONS.items() if error.msg.startswith(begin)), error.msg)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


class JsonText:
    """A position in a JSON document that moves on value by value."""

    def __init__(self, blocks: Iterator[str], path: Path | None) -> None:
        self._blocks = blocks
        self._path = path
        self._text = ""
        self._at = 0
        self._ended = False
        self._line = 1
        self._counted = 0

    @property
    def line(self) -> int:
        """The physical line of the position."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def peek(self) -> str:
        """The next character that is no white space; empty at the end of the document."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._more()

    def take(self, sign: str) -> None:
        """Pass ``sign``. Raises FormatError when something else is there."""
        if self.peek() != sign:
            missing = ":" if sign == ":" else ","
            raise self._wrong(json.JSONDecodeError(f"Expecting '{missing}' delimiter", self._text, self._at))
        self._at += 1

    def end(self) -> None:
        """Raises FormatError when something else than white space follows."""
        if self.peek():
            raise self._wrong(json.JSONDecodeError("Extra data", self._text, self._at))

    def elements(self) -> Iterator[int]:
        """Enter an array: the line of each element in turn, which must have been taken before the next is asked for."""
        yield from (line for line, _key in self._inside("[", "]"))

    def members(self) -> Iterator[tuple[int, str]]:
        """Enter an object: line and name of each member, whose value must have been taken before the next is asked for."""
        yield from self._inside("{", "}")

    def _inside(self, begin: str, end: str) -> Iterator[tuple[int, str]]:
        self.take(begin)
        if self.peek() == end:
            self._at += 1
            return
        while True:
            self.peek()
            line, key = self.line, ""
            if begin == "{":
                if self.peek() != '"':
                    raise self._wrong(json.JSONDecodeError("Expecting property name", self._text, self._at))
                key = str(self.value())
                self.take(":")
                self.peek()
            yield line, key
            if self.peek() == end:
                self._at += 1
                return
            self.take(",")

    def value(self, limit: int = VALUE_LIMIT) -> object:
        """The value that comes next, passed. Raises FormatError, also for one longer than ``limit`` characters."""
        found = self._decoded(limit)
        if found is None:
            raise self._refused(
                _("a record is longer than {limit} MB").format(limit=limit >> 20), self._at, _("Shorten it.")
            )
        value, self._at = found
        return value

    def probe(self, limit: int) -> tuple[object, str] | None:
        """The value that comes next, which stays where it is, and the sign after it; None when it is longer than ``limit``
        characters."""
        while (found := self._decoded(limit)) is not None:
            after = _after_space(self._text, found[1])
            if after < len(self._text) or self._ended:
                return found[0], self._text[after : after + 1]
            self._more()
        return None

    def skip(self) -> None:
        """Pass the value that comes next, whatever its size."""
        if self.peek() == "[":
            for _line in self.elements():
                self.skip_small()
        elif self.peek() == "{":
            for _line, _key in self.members():
                self.skip_small()
        else:
            self.value()

    def skip_small(self) -> None:
        """Pass a value, in one piece if it is small."""
        found = self._decoded(1 << 16)
        if found is None:
            self.skip()
        else:
            self._at = found[1]

    def first_members(self, most: int) -> dict[str, object]:
        """Up to ``most`` members of the object that comes next, of those whose values are in memory already."""
        found: dict[str, object] = {}
        text, at = self._text, _after_space(self._text, self._at + 1)
        try:
            while len(found) < most and text[at : at + 1] == '"':
                key, at = _scan(text, at)
                at = _after_space(text, _after_space(text, at) + 1)
                found[key], at = _scan(text, at)
                at = _after_space(text, _after_space(text, at) + 1)
        except (StopIteration, ValueError, RecursionError):
            return found
        return found

    def _decoded(self, limit: int) -> tuple[object, int] | None:
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                if self._ended or end < len(self._text) or self._text[end - 1] in '"]}':
                    return None if end - self._at > limit else (value, end)
            except json.JSONDecodeError as error:
                near = error.pos >= len(self._text) - _NEAR_END or error.msg.startswith("Unterminated string")
                if self._ended or not near:
                    raise self._wrong(error) from None
            except RecursionError:
                raise self._refused(too_deep(), self._at) from None
            except Unfit as unfit:
                odd = _NOT_A_NUMBER.search(self._text, self._at)
                raise self._refused(str(unfit), odd.start() if odd and odd[0] in str(unfit) else self._at) from None
            if len(self._text) - self._at > limit:
                return None
            self._more()

    def _more(self) -> None:
        """Have more text in memory, as much again as there is, so that a long value is not begun too often."""
        self._line = self.line
        kept = max(0, self._at - _KEPT_BEFORE)
        pieces = [self._text[kept:]]
        wanted = max(1, len(pieces[0]))
        while wanted > 0:
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
                break
            pieces.append(block)
            wanted -= len(block)
        self._text = "".join(pieces)
        self._at -= kept
        self._counted = self._at

    def _wrong(self, error: json.JSONDecodeError) -> FormatError:
        return self._refused(reason_of(error, ended=self._ended), error.pos)

    def _refused(self, reason: str, at: int, hint: str | None = None) -> FormatError:
        line = self.line + self._text.count("\n", self._counted, at)
        # The beginning of the line may not be in memory any more: then there is no character to tell.
        start = self._text.rfind("\n", 0, at)
        if start >= 0:
            reason = _("character {number}: {reason}").format(number=at - start, reason=reason)
        return FormatError(
            _("this is not valid JSON: {reason}").format(reason=reason),
            where=place(self._path, line),
            kept=_("Nothing was changed."),
            hint=hint or _("Correct that place, or export the file again."),
        )
