"""Nested values as flat columns: a path joined by dots, list elements numbered from 1 (``address.city``, ``phones.1.value``).

A dot in a key is written ``\\.``, a backslash ``\\\\``, a NUL ``\\0``, and an empty key ``\\e``, so that every path can be
taken apart again. A record on its way is a *flat* dict: path → text, in the order of the file. In formats
without lists (XML, LDIF, vCard) a path may hold *soft* numbers (``phone`` + SOFT + ``1``): they show in the column's name
only if the element is repeated somewhere in the file. So does the soft mark of an attribute (SOFT + ``@`` + ``id``), only
where an element has its name.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from crmtui.formats.table import MAX_COLUMNS, SAMPLE_ROWS, Note
from crmtui.i18n import _

SOFT = "\0"
OVERFLOW = "(more)"
"""The column that holds, as a JSON object, what is in no other because a table has no more than ``MAX_COLUMNS``."""
MAX_DEPTH = 64

Flat = dict[str, str]

_ODD = re.compile(r"[.\\\0]")
_ESCAPES = {".": "\\.", "\\": "\\\\", "\0": "\\0"}
_ESCAPED = re.compile(r"\\(.)")
_SEGMENTS = re.compile(r"(?:[^.\\]|\\.)+", re.DOTALL)
_SOFT_NUMBER = re.compile(SOFT + r"(\d+)")
_SOFT_PARTS = re.compile(f"({SOFT}(?:\\d+|@))")
_ATTRIBUTE = SOFT + "@"


class TooDeep(ValueError):
    """A value is nested deeper than ``MAX_DEPTH``: no customer is."""


def segment(key: str) -> str:
    """One key as a part of a path."""
    if not key:
        return "\\e"
    return _ODD.sub(lambda found: _ESCAPES[found.group()], key) if _ODD.search(key) else key


def segments(path: str) -> list[str]:
    """The keys and numbers of a column's path, as they were before they were joined."""
    return [_ESCAPED.sub(_unescaped, part) for part in _SEGMENTS.findall(path)]


def _unescaped(found: re.Match[str]) -> str:
    return {"0": "\0", "e": ""}.get(found[1], found[1])


def flatten(value: dict[str, Any]) -> Flat:
    """The scalars inside ``value`` by path: text as it is, ``true`` and ``false``, null as no text; containers without
    content leave no trace.

    Numbers must have been left as the text they are in the file. Raises TooDeep.
    """
    flat: Flat = {}
    for key, inner in value.items():
        path = _KNOWN.get(key) or _remembered(key)
        if type(inner) is str:
            flat[path] = inner
        else:
            _put(flat, path, inner, 1)
    return flat


def _put(flat: Flat, path: str, value: Any, depth: int) -> None:
    kind = type(value)
    if kind is str:
        flat[path] = value
    elif value is None:
        flat[path] = ""
    elif kind is bool:
        flat[path] = "true" if value else "false"
    elif depth >= MAX_DEPTH:
        raise TooDeep
    elif kind is dict:
        for key, inner in value.items():
            _put(flat, f"{path}.{_KNOWN.get(key) or _remembered(key)}", inner, depth + 1)
    elif kind is list:
        for number, inner in enumerate(value, 1):
            _put(flat, f"{path}.{number}", inner, depth + 1)
    else:
        flat[path] = str(value)


_KNOWN: dict[str, str] = {}


def _remembered(key: str) -> str:
    """``segment(key)``, kept for the next record: the same few keys come again and again."""
    if len(_KNOWN) > 10 * MAX_COLUMNS:
        _KNOWN.clear()
    _KNOWN[key] = found = segment(key)
    return found


def as_text(value: object) -> str:
    """A single value as a cell; what is nested becomes JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


class ColumnUnion:
    """The columns of a whole file, in the order in which they appear, with the first records as a sample."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._order: list[str] = []
        self._repeated: set[str] = set()
        self._first: list[Flat] = []
        self._overflows = False
        self.count = 0

    def add(self, flat: Flat) -> None:
        """Take note of one record."""
        if not any(flat.values()):
            return
        self.count += 1
        if len(self._first) < SAMPLE_ROWS:
            self._first.append(flat)
        if not self._paths.issuperset(flat):
            self._widen(flat)

    def _widen(self, flat: Flat) -> None:
        for path in flat:
            if path in self._paths:
                continue
            if len(self._order) > MAX_COLUMNS:
                self._overflows = True
                return
            self._paths.add(path)
            self._order.append(path)
            if SOFT in path:
                self._note_repeats(path)

    def _note_repeats(self, path: str) -> None:
        for found in _SOFT_NUMBER.finditer(path):
            if found[1] != "1":
                self._repeated.add(_SOFT_NUMBER.sub(SOFT, path[: found.start()]))

    def columns(self) -> tuple[str, ...]:
        """The names of the columns; the last is ``OVERFLOW`` when there are too many."""
        order = self._order
        if len(order) > MAX_COLUMNS or self._overflows:
            return (*self._names(order[: MAX_COLUMNS - 1]), OVERFLOW)
        return tuple(self._names(order))

    def _names(self, paths: Sequence[str]) -> list[str]:
        elements = set(_beginnings(self._name(path, set()) for path in paths if _ATTRIBUTE not in path))
        return [self._name(path, elements) for path in paths]

    def _name(self, path: str, elements: set[str]) -> str:
        if SOFT not in path:
            return path
        name, before = "", ""
        parts = _SOFT_PARTS.split(path)
        for part, following in zip(parts, [*parts[1:], ""], strict=True):
            if part == _ATTRIBUTE:
                name += "@" if name + following in elements else ""
            elif part[:1] == SOFT:
                name += f".{part[1:]}" if before in self._repeated else ""
                before += SOFT
            else:
                name += part
                before += part
        return name

    def sample(self) -> tuple[tuple[str, ...], ...]:
        """The first records as rows of ``columns``."""
        aligner = Aligner(self.columns())
        return tuple(tuple(aligner.row(flat)) for flat in self._first)

    def notes(self) -> list[Note]:
        """What a person should know about the columns."""
        if len(self._order) <= MAX_COLUMNS and not self._overflows:
            return []
        text = _("more than {limit} columns: what is beyond is kept together as JSON in the column “{name}”").format(
            limit=MAX_COLUMNS, name=OVERFLOW
        )
        return [Note("columns_joined", text, column=MAX_COLUMNS)]


class Aligner:
    """Makes rows of flat records, each cell in the column of its name."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._width = len(columns)
        self._index = {name: at for at, name in enumerate(columns)}
        self._overflow = self._index.pop(OVERFLOW, None)
        self._begins = set(_beginnings(columns))

    def row(self, flat: Flat) -> list[str]:
        """One record as a row; what has no column goes to the column ``OVERFLOW``."""
        row = [""] * self._width
        index = self._index
        try:
            for path, text in flat.items():
                row[index[path]] = text
        except KeyError:
            return self._slowly(flat)
        return row

    def _slowly(self, flat: Flat) -> list[str]:
        row = [""] * self._width
        beyond: Flat = {}
        for path, text in flat.items():
            at = self._index.get(path)
            if at is None and SOFT in path:
                name = self._name(path)
                at = self._index.get(name)
                if at is None:
                    path = name
                else:
                    self._index[path] = at
            if at is not None:
                row[at] = text
            elif text:
                beyond[path] = text
        if beyond and self._overflow is not None:
            row[self._overflow] = json.dumps(beyond, ensure_ascii=False)
        return row

    def _name(self, path: str) -> str:
        """The name ``ColumnUnion`` gave to a path with soft parts, told from the names of the columns."""
        name = ""
        parts = _SOFT_PARTS.split(path)
        for part, following in zip(parts, [*parts[1:], ""], strict=True):
            if part == _ATTRIBUTE:
                name += "@" if f"{name}@{following}" in self._begins else ""
            elif part[:1] == SOFT:
                name += f".{part[1:]}" if f"{name}.{part[1:]}" in self._begins or part[1:] != "1" else ""
            else:
                name += part
        return name


def _beginnings(columns: Iterable[str]) -> Iterable[str]:
    """Every path that is a column or leads to one."""
    for name in columns:
        at = 0
        for part in _SEGMENTS.findall(name):
            at += len(part) + (at > 0)
            yield name[:at]
