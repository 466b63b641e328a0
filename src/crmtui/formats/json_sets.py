"""Where the records are in a JSON document: arrays and keyed objects under any wrapping key, found while it is read.

The same walk serves to look at a file and to read it, so that both see the same records.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from crmtui.formats.flatten import segment
from crmtui.formats.json_text import VALUE_LIMIT, JsonText
from crmtui.formats.record_words import DETAILS, ENTITIES, IDENTITY, PEOPLE, PLACES
from crmtui.formats.table import MAX_COLUMNS

WHOLE = "$"
SEQUENCE = "…"
KEYED = "{}"
KEY = "\0key"
"""The column of the key in a set of keyed objects, until it gets a name that is free."""

PROBE = 1024 * 1024
"""Characters of the largest object that is looked at as a whole before it is walked through."""
_WRAPPERS = 8


class Found(NamedTuple):
    """A record of the set ``name``: its line and value; ``header`` holds names for values without."""

    name: str
    line: int
    value: object
    header: tuple[str, ...] = ()


def walk(text: JsonText) -> Iterator[Found]:
    """All records of the value that comes next, each with the set it is in."""
    walker = _Walker(text)
    if text.peek() == "[":
        yield from walker.array(())
    elif text.peek() == "{":
        yield from walker.object(())
    else:
        text.value()


def rank(name: str, count: int) -> tuple[bool, bool, bool, int]:
    """How likely a set of ``count`` records holds the customers; the largest wins."""
    last = re.split(r"(?<!\\)\.", name.removesuffix(KEYED))[-1]
    return name != WHOLE, not DETAILS.match(last), bool(PEOPLE.match(last)), count


class _Walker:
    def __init__(self, text: JsonText) -> None:
        self._text = text
        self._header: tuple[str, ...] = ()

    def array(self, path: tuple[str, ...]) -> Iterator[Found]:
        """The records of the array that comes next."""
        text, name = self._text, _name(path)
        first: object = None
        dump = typed = False
        for line in text.elements():
            sign = text.peek()
            if first is None and sign == "{" and len(path) < _WRAPPERS:
                probe = text.probe(VALUE_LIMIT)  # what is longer is no record
                first = probe[0] if probe else {}
                dump = isinstance(first, dict) and first.get("type") == "header" and "comment" in first  # phpMyAdmin
                typed = _is_typed(first if probe else text.first_members(10))
                if typed:
                    first = {}
                elif not probe or (not path and probe[1] == "]" and _wraps(probe[0])):
                    yield from self.object(path)
                    continue
            if dump and sign == "{":
                yield from self.object((*path, self._member("name")), dump="data")
            elif typed and sign == "{":
                yield from self.object((*path, self._member("type")), dump="values")
            else:
                value = text.value()
                if first is None and not isinstance(value, (dict, list)):
                    self._header = _names([value, *self._rest()])
                    return
                first = value if first is None else first
                if value is not None:
                    yield Found(name, line, value, self._header if isinstance(value, list) else ())

    def _rest(self) -> Iterator[object]:
        """The elements that follow in an array of single values."""
        while self._text.peek() == ",":
            self._text.take(",")
            yield self._text.value()
        self._text.take("]")

    def _member(self, key: str) -> str:
        """The text that the object that comes next has under ``key``."""
        probe = self._text.probe(PROBE)
        members = probe[0] if probe else self._text.first_members(10)
        name = members.get(key) if isinstance(members, dict) else None
        return name if isinstance(name, str) else ""

    def object(self, path: tuple[str, ...], *, dump: str = "") -> Iterator[Found]:
        """The records in the object that comes next; what is under the key ``dump`` has the name of the object itself."""
        text = self._text
        probe = text.probe(PROBE)
        if keyed(probe[0] if probe else text.first_members(20)):
            yield from self._keyed(path)
            return
        if probe and isinstance(probe[0], dict):
            wraps = _wraps(probe[0])
            if not path and (not wraps or _identity(probe[0])):
                yield Found(WHOLE, text.line, probe[0])
            if not wraps:
                text.value()
                return
        for _line, key in text.members():
            inner = path if dump and key == dump else (*path, key)
            if text.peek() == "[" and len(path) < _WRAPPERS:
                yield from self.array(inner)
            elif text.peek() == "{" and len(path) < _WRAPPERS:
                yield from self.object(inner)
            else:
                text.skip()

    def _keyed(self, path: tuple[str, ...]) -> Iterator[Found]:
        name = _name(path) + KEYED
        for line, key in self._text.members():
            value = self._text.value()
            yield Found(name, line, {KEY: key, **value} if isinstance(value, dict) else value)


def _is_typed(value: object) -> bool:
    """Whether an object is a set of records that says what they are: ``{"type": "contact", "values": [{…}]}``."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return False
    values = value.get("values")
    return isinstance(values, list) and all(isinstance(each, dict) for each in values) and not _identity(value)


def _names(values: list[object]) -> tuple[str, ...]:
    """The names of columns, when single values can be that."""
    if len(values) > MAX_COLUMNS or not all(isinstance(each, str) for each in values):
        return ()
    return tuple(str(each) for each in values)


def _name(path: tuple[str, ...]) -> str:
    return ".".join(segment(key) for key in path)


def _wraps(value: object, depth: int = 0) -> bool:
    """Whether an object stands around records and is none."""
    if not isinstance(value, dict) or depth > _WRAPPERS:
        return False
    own = _identity(value)
    for key, inner in value.items():
        entities = bool(ENTITIES.match(key))
        if isinstance(inner, list):
            if (inner and isinstance(inner[0], (dict, list)) and not DETAILS.match(key) and (entities or not own)) or (
                not inner and entities and not own
            ):
                return True
        elif isinstance(inner, dict) and not own and not DETAILS.match(key):
            plain = any(isinstance(each, str) for each in value.values())
            if _wraps(inner, depth + 1) or ((entities or not plain) and keyed(inner)):
                return True
    return False


def _identity(value: Mapping[str, object]) -> bool:
    """Whether an object has what makes a customer."""
    return any(isinstance(inner, str) and IDENTITY.match(key) for key, inner in value.items())


def keyed(value: object) -> bool:
    """Whether an object is a set of records by their keys: ``{"1001": {…}, "1002": {…}}``."""
    if not isinstance(value, dict) or not value:
        return False
    records = list(value.values())
    if not all(isinstance(each, dict) and each for each in records):
        return False
    ids = all(re.search(r"\d", key) for key in value)
    if len(records) < 2:
        return ids
    common = set.intersection(*(set(each) for each in records[:20]))
    alike = len(common) / max(len(each) for each in records[:20])
    if any(PLACES.match(key) for key in value):
        return False
    return alike >= (0.2 if ids else 0.3 if len(records) >= 5 else 0.6)
