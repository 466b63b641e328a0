"""The columns of a block of rows, each read in one loop with a memory of what was seen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from json.encoder import encode_basestring
from typing import Any

from crmtui.domain.fields import BY_KEY
from crmtui.domain.intake import ADDRESS_PARTS, Piece, read_date, read_kind, read_pieces, split_tags
from crmtui.domain.mapping.regions import region_of
from crmtui.domain.mapping.rows import LONGEST_EMPTY_WORD, RowReader, clean_cell
from crmtui.domain.mapping.targets import REPEATABLE
from crmtui.domain.values import parse_bool

_LONGEST = 1_000_000
_REMEMBERED = 5_000
_NOTHING: list[Any] = []


class Odd:
    """Stands for a value that the quick way does not read."""


class Memory(dict[str, Any]):
    """What each text means, worked out once; forgets everything when there are too many."""

    def __init__(self, read: Callable[[str], object], most: int = _REMEMBERED) -> None:
        super().__init__()
        self._read = read
        self._most = most
        self._cleared = 0

    @property
    def of_little_use(self) -> bool:
        """Whether nearly every text is a new one."""
        return self._cleared > 1

    def __missing__(self, text: str) -> object:
        if len(self) > self._most:
            self.clear()
            self._cleared += 1
        value = self[text] = self._read(text)
        return value


class Columns:
    """The cells of one block after the other, by the field that a column feeds.

    A row with a value that cannot be read quickly is put into the set ``odd`` that the methods are given.
    """

    def __init__(self, rows: RowReader) -> None:
        self._rows = rows
        self._memories: dict[tuple[int, str], Memory] = {}
        self._cells: list[tuple[str, ...]] = []
        self.count = 0
        self.in_order = [(index, key, detail) for index, key, detail, _order in rows.columns]
        self.by_key: dict[str, list[tuple[int, str, Any]]] = {}
        for index, key, detail, order in rows.columns:
            self.by_key.setdefault(key, []).append((index, detail, order))
        self._read = [index for index, *_rest in rows.columns] + [index for index, *_rest in rows.further]
        self._read += [*rows.labels.values(), *rows.address_labels.values()]
        self._further: dict[int, dict[str, list[int]]] = {}
        for index, key, group in sorted(rows.further, key=lambda each: each[2]):
            self._further.setdefault(group, {}).setdefault(key, []).append(index)
        details = [detail for _index, detail, _order in self.by_key.get("custom", ())]
        self._only_odd = (
            not rows.plain
            or len(set(details)) < len(details)
            or any(len(found) > 1 and key not in REPEATABLE for key, found in self.by_key.items())
        )

    def take(self, rows: Sequence[Sequence[str]]) -> None:
        """Take a block; all rows must have as many cells as there are columns."""
        if self._rows.widens:
            rows = list(map(self._rows.widened, rows))
        # A block of which every row was refused has columns all the same.
        self._cells = (
            list(zip(*rows, strict=True)) if rows else [()] * (max((*self._read, *self._rows.flags), default=0) + 1)
        )
        self.count = len(rows)

    def clear(self) -> None:
        """Let the block go."""
        self._cells = []

    def __getitem__(self, index: int) -> tuple[str, ...]:
        """The cells of a column."""
        return self._cells[index]

    def strange_rows(self) -> set[int]:
        """Rows with a text that is too long, cannot be stored, or was wrapped by a spreadsheet; all if no row is read quickly."""
        if self._only_odd:
            return set(range(self.count))
        odd: set[int] = set()
        for flag in self._rows.flags:
            odd.update(number for number, cell in enumerate(self._cells[flag]) if cell)
        for index in self._read:
            column = self._cells[index]
            joined = "".join(column)
            if '="' in joined or len(joined) > _LONGEST or not _storable(joined):
                odd.update(
                    number
                    for number, cell in enumerate(column)
                    if '="' in cell or len(cell) > _LONGEST or not _storable(cell)
                )
        return odd

    def regions(self) -> Iterable[str]:
        """The region in which the phone numbers of each row are read."""
        own = self._rows.region
        country = self.by_key.get("country")
        if country is None:
            return repeat(own, self.count)
        return self._remembered(country[0][0], lambda cell: region_of(cell) or own, set(), "region")

    def one(self, key: str, odd: set[int]) -> Iterable[Any]:
        """The values (None for nothing) of a field that at most one column feeds."""
        found = self.by_key.get(key)
        if found is None:
            return repeat(None)
        index, _detail, order = found[0]
        field = BY_KEY[key]
        if key == "kind":
            return self._remembered(index, _read_kind, odd)
        if field.type == "bool":
            return self._remembered(index, _read_bool, odd)
        if field.type not in ("date", "moment"):
            return self._remembered(index, _read_plain, odd)

        def read(cell: str) -> object:
            text = clean_cell(cell, key)
            return (read_date(text, moment=field.type == "moment", order=order, serial=True) or Odd) if text else None

        return self._remembered(index, read, odd)

    def texts(self, key: str) -> Iterable[str]:
        """The texts of a field in which words for nothing are kept."""
        found = self.by_key.get(key)
        if found is None:
            return repeat("")
        texts = [cell.strip() for cell in self._cells[found[0][0]]]
        for index, _detail, _order in found[1:]:
            more = [cell.strip() for cell in self._cells[index]]
            texts = [f"{one}\n{two}" if one and two else one or two for one, two in zip(texts, more, strict=True)]
        return texts

    def tags(self) -> Iterable[list[str]]:
        """The tags of each row."""
        found = self.by_key.get("tags")
        if found is None:
            return repeat(_NOTHING)
        tags = self._remembered(found[0][0], _read_tags, set())
        for index, _detail, _order in found[1:]:
            more = self._remembered(index, _read_tags, set())
            tags = [list(dict.fromkeys(one + two)) for one, two in zip(tags, more, strict=True)]
        return tags

    def external(self) -> Iterable[Sequence[tuple[str, str]]]:
        """The ids of other systems of each row."""
        found = self.by_key.get("external_ids")
        if found is None:
            return repeat(_NOTHING)
        external: list[list[tuple[str, str]]] = [[] for _ in range(self.count)]
        for index, detail, _order in found:
            system = detail or "import"
            for number, cell in enumerate(self._cells[index]):
                text = cell if cell.isdigit() else clean_cell(cell, "external_ids")
                if ";" in text or ":" in text:
                    external[number] += read_pieces((Piece("external_ids", detail, text),)).external
                elif text:
                    external[number].append((system, text))
        return external

    def labels(self, index: int) -> Iterable[str | None]:
        """What the contact points of a column are called, None where nothing says it."""
        place = self._rows.labels.get(index)
        return repeat(None, self.count) if place is None else [label or None for label in self._cells[place]]

    def _address_part(self, indexes: Sequence[int]) -> Iterable[Any]:
        """One part of an address of each row; None for nothing."""
        values: Iterable[Any] = repeat(None)
        for at, index in enumerate(indexes):
            more = self._remembered(index, _read_plain, set())
            values = (
                [f"{one}, {two}" if one and two else one or two for one, two in zip(values, more, strict=True)]
                if at
                else more
            )
        return values

    def _address(self, group: int, places: Mapping[str, Sequence[int]]) -> Iterable[Any]:
        """One address of each row as a tuple of its label and parts, None where all parts are empty."""
        parts = [self._address_part(places.get(part, ())) for part in ADDRESS_PARTS]
        label = self._rows.address_labels.get(group)
        labels = repeat(None) if label is None else [text or None for text in self._cells[label]]
        return [each if any(each[1:]) else None for each in zip(labels, *parts, strict=False)]

    def addresses(self) -> Iterable[Sequence[Any]]:
        """The addresses of each row."""
        own = {part: [index for index, *_rest in self.by_key[part]] for part in ADDRESS_PARTS if part in self.by_key}
        found = [self._address(1, own)] if own else []
        found += [self._address(group, places) for group, places in self._further.items()]
        if not found:
            return repeat(())
        if len(found) == 1:
            return [(each,) if each else () for each in found[0]]
        return [[each for each in row if each] for row in zip(*found, strict=True)]

    def cities(self) -> Iterable[Sequence[Any]]:
        """The cities of the addresses of each row, some of which may be None."""
        groups = [[index for index, *_rest in self.by_key.get("city", ())]]
        groups += [places["city"] for places in self._further.values() if "city" in places]
        found = [self._address_part(indexes) for indexes in groups if indexes]
        return zip(*found, strict=True) if found else repeat(())

    def custom(self) -> Iterable[Any]:
        """The custom fields of each row as JSON, None where there are none."""
        found = self.by_key.get("custom")
        if found is None:
            return repeat(None)
        parts: list[list[str]] = [[] for _ in range(self.count)]
        for index, detail, _order in found:
            head = encode_basestring(detail) + ": "
            for number, cell in enumerate(self._cells[index]):
                if cell and (text := cell.strip()):
                    parts[number].append(head + encode_basestring(text))
        return ["{" + ", ".join(each) + "}" if each else None for each in parts]

    def _remembered(self, index: int, read: Callable[[str], object], odd: set[int], sense: str = "") -> list[Any]:
        """A column read with a memory; rows with a value that ``read`` calls odd become odd.

        ``sense`` tells memories of one column apart.
        """
        memory = self._memories.get((index, sense))
        if memory is None:
            memory = self._memories[index, sense] = Memory(read)
        if memory.of_little_use:
            memory.clear()
            values = list(map(read, self._cells[index]))
        else:
            values = [memory[cell] for cell in self._cells[index]]
        if Odd in values:
            odd.update(number for number, value in enumerate(values) if value is Odd)
        return values


def _storable(text: str) -> bool:
    """Whether the database can hold ``text``: half of a surrogate pair has no UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_plain(cell: str) -> object:
    if cell.isdigit():
        return cell
    text = cell.strip()
    return text if len(text) > LONGEST_EMPTY_WORD and text[0] != "=" else clean_cell(cell, "company") or None


def _read_tags(cell: str) -> object:
    return list(dict.fromkeys(split_tags(clean_cell(cell, "tags"))))


def _read_kind(cell: str) -> object:
    text = clean_cell(cell, "kind")
    return (read_kind(text) or Odd) if text else None


def _read_bool(cell: str) -> object:
    text = clean_cell(cell, "do_not_contact")
    if not text:
        return None
    answer = parse_bool(text, yes_column=True)
    return Odd if answer is None else int(answer)
