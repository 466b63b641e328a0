"""XML read as a stream: nothing is expanded or fetched, and only the record being read is in memory.

A DOCTYPE is refused whatever it holds; of entities there are the five of XML and character references. Names are local
names, without their namespace.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from crmtui.formats.flatten import SOFT, Flat, segment
from crmtui.formats.table import MAX_COLUMNS
from crmtui.formats.xml_parser import MAX_DEPTH, SafeXml
from crmtui.formats.xml_structure import Element
from crmtui.i18n import _

_RECORD_LIMIT = 16 * 1024 * 1024
_PATHS_KEPT = 50_000
_NOT_DATA = ("xmlns", "xsi:")
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_OUR_LISTS = frozenset(("tags", "phones", "emails", "messaging", "urls", "addresses", "url_details", "relations"))
"""What crmtui's own XML may repeat in a record: numbered even if no record of the file does."""


class XmlRecord(NamedTuple):
    """A record: the path of names that leads to it, its line, and what it holds."""

    path: tuple[str, ...]
    line: int
    flat: Flat


class _Place:
    """A place inside a record: its path, and the places of what it contains by name and number."""

    __slots__ = ("inside", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.inside: dict[str, list[_Place]] = {}


class _Inside:
    """An open element of a record: its place, where its texts start, and how often each name came inside it."""

    __slots__ = ("counts", "place", "start")

    def __init__(self, place: _Place, start: int) -> None:
        self.place = place
        self.start = start
        self.counts: dict[str, int] | None = None


class XmlStream(SafeXml):
    """The records of a document at the paths ``wanted``; ``root`` tells what there is outside of them."""

    def __init__(self, wanted: set[tuple[str, ...]], path: Path | None) -> None:
        super().__init__(path)
        self._wanted = wanted
        self._texts: list[str | _Place] = []
        self._local: dict[str, str] = {}
        self._ready: list[XmlRecord] = []
        self._tops: dict[tuple[str, ...], _Place] = {}
        self._paths = 0
        self.root = Element("")
        self._open: list[Element] = [self.root]
        self._siblings: list[dict[str, int]] = [{}]
        self._names: list[str] = []
        self._flat: Flat = {}
        self._line = self._begun = 0
        self._coded = self._exact = self._ours = False
        self._outside()

    def records(self, blocks: Iterator[str], *, last: bool = True) -> Iterator[XmlRecord]:
        """Read ``blocks`` and yield the records in them; ``last`` says that the document ends with them.

        Raises FormatError for what is no XML or harmful, with the line and the reason.
        """
        for block in blocks:
            self.feed(block)
            if self._names and self.parser.CurrentByteIndex - self._begun > _RECORD_LIMIT:
                raise self.too_long()
            yield from self._ready
            self._ready.clear()
        if last:
            self.feed("", final=True)
            yield from self._ready

    def _name(self, name: str) -> str:
        if len(self._local) > _PATHS_KEPT:
            raise self.refused(_("there are too many different elements"))
        found = name.rpartition(":")[2]
        self._local[name] = found = _decoded(found) if self._coded else found
        return found

    # Outside of records: what kinds of elements there are.

    def _outside(self) -> None:
        parser = self.parser
        parser.StartElementHandler = self._start_outside
        parser.EndElementHandler = self._end_outside
        parser.CharacterDataHandler = None

    def _start_outside(self, name: str, attributes: dict[str, str]) -> None:
        if not self.root.inside:
            # Our own documents say how they write what XML cannot hold, and that blanks count.
            self._coded = attributes.get("escape") == "_xHHHH_"
            self._exact = attributes.get("xml:space") == "preserve"
            self._ours = attributes.get("program") == "crmtui"
        local = self._local.get(name) or self._name(name)
        siblings = self._siblings[-1]
        siblings[local] = number = siblings.get(local, 0) + 1
        element = self._open[-1].child(local, number, attributed=any(not _no_data(each) for each in attributes))
        self._open.append(element)
        self._siblings.append({})
        if len(self._open) > MAX_DEPTH:
            raise self.too_deep()
        path = tuple(each.name for each in self._open[1:])
        if path not in self._wanted:
            return
        parser = self.parser
        self._line = parser.CurrentLineNumber
        self._begun = parser.CurrentByteIndex
        self._flat = {}
        self._names = list(path)
        top = self._tops.setdefault(path, _Place(""))
        self._inside: list[_Inside] = [_Inside(top, 0)]
        self._texts.clear()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._texts.append
        if attributes:
            self._attributes(top, attributes)

    def _end_outside(self, _name: str) -> None:
        self._open.pop()
        self._siblings.pop()

    # Inside a record: what it holds.

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = self._local.get(name) or self._name(name)
        above = self._inside[-1]
        counts = above.counts
        if counts is None:
            above.counts = counts = {}
        counts[local] = number = counts.get(local, 0) + 1
        same = above.place.inside.get(local)
        if same is not None and number <= len(same):
            inner = same[number - 1]
        else:
            inner = self._new_place(above.place, local, number)
        self._inside.append(_Inside(inner, len(self._texts)))
        if attributes:
            self._attributes(inner, attributes)

    def _new_place(self, above: _Place, local: str, number: int) -> _Place:
        if len(self._inside) >= MAX_DEPTH:
            raise self.too_deep()
        path = f"{above.path}.{segment(local)}" if above.path else segment(local)
        path += f".{number}" if self._ours and path in _OUR_LISTS else f"{SOFT}{number}"
        inner = _Place(path)
        same = above.inside.setdefault(local, [])
        if self._paths < _PATHS_KEPT and len(same) == number - 1:
            self._paths += 1
            same.append(inner)
        return inner

    def _attributes(self, owner: _Place, attributes: dict[str, str]) -> None:
        if len(attributes) > MAX_COLUMNS:
            raise self.refused(_("an element has more than {limit} attributes").format(limit=MAX_COLUMNS))
        before = f"{owner.path}.{SOFT}@" if owner.path else f"{SOFT}@"
        for name, value in attributes.items():
            if not _no_data(name):
                path = before + segment(name.rpartition(":")[2])
                self._flat[before + segment(name) if path in self._flat else path] = value

    def _end(self, _name: str) -> None:
        texts = self._texts
        ended = self._inside.pop()
        owner, start, counts = ended.place, ended.start, ended.counts
        if counts is None:
            text = "".join(texts[start:])  # type: ignore[arg-type]
            if not self._exact:
                text = text.strip()
            if self._coded and "_x" in text:
                text = _decoded(text)
        else:
            text = self._mixed(owner, texts[start:])
        if owner.path and (text or (counts is None and not owner.inside and not self._ours)):
            self._flat[owner.path] = text
        elif text:
            self._flat["(text)"] = text
        del texts[start:]
        if self._inside:
            texts.append(owner)
            return
        self._ready.append(XmlRecord(tuple(self._names), self._line, self._flat))
        self._names = []
        self._outside()
        self._end_outside(_name)

    def _mixed(self, owner: _Place, pieces: list[str | _Place]) -> str:
        """The text of an element that has others inside: theirs belongs to it when there is text between them."""
        if not any(each.strip() for each in pieces if isinstance(each, str)):
            return ""
        text = "".join(each if isinstance(each, str) else self._flat.get(each.path, "") for each in pieces)
        for each in pieces:
            if not isinstance(each, str):
                self._flat.pop(each.path, None)
        return text.strip()


def _decoded(text: str) -> str:
    """``text`` with the signs that were written as ``_xHHHH_``, halves of characters put together."""
    text = _CODED.sub(lambda found: chr(int(found[1], 16)), text)
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _no_data(attribute: str) -> bool:
    return attribute.startswith(_NOT_DATA)
