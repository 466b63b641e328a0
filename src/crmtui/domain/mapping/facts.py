"""What the columns of a table hold, found in one pass over its rows: for the person who says where each of them goes."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice, zip_longest
from typing import NamedTuple

from crmtui.domain.mapping.content import content_type
from crmtui.domain.mapping.damage import Damage, find_damage
from crmtui.domain.values import is_empty_word

SAMPLES = 5
_DISTINCT = 20_000
_ALL_DISTINCT = 400_000
_FEWEST_DISTINCT = 200
_TYPED_BY = 300
_LONGEST_SAMPLE = 200
_LONGEST_EMPTY_WORD = 12
# What may stand anywhere in a column and must be found beyond the first distinct values, too.
_SUSPECT = re.compile(r"#(?:##|[A-Z]{3,6}[/!?])|\dE\+\d|\ufffd|锟斤拷|Ã|â€", re.IGNORECASE)


class ColumnFacts(NamedTuple):
    """A column of ``rows`` rows: up to five distinct samples, the number of blank cells, of distinct values (``exact`` False:
    at least so many) and of characters of the longest; the content type (``emails``, ``phones``, ``urls`` or empty), the words
    that stand for nothing with their number, and what is damaged."""

    column: str
    rows: int
    samples: tuple[str, ...]
    blank: int
    distinct: int
    exact: bool
    longest: int
    content: str
    empty_words: tuple[tuple[str, int], ...]
    damages: tuple[Damage, ...]

    @property
    def blank_share(self) -> float:
        """The part of the cells that are blank, 0 to 1."""
        return self.blank / self.rows if self.rows else 0.0


class FactsCollector:
    """Takes the rows of a table in blocks and tells what its columns hold; memory is bounded however long the table is."""

    def __init__(self, columns: Sequence[str], *, region: str) -> None:
        self._columns = columns
        self._region = region
        self._values: list[Counter[str]] = [Counter() for _column in columns]
        self._full = [False] * len(columns)
        self._longest = [0] * len(columns)
        self._bound = max(_FEWEST_DISTINCT, min(_DISTINCT, _ALL_DISTINCT // max(1, len(columns))))
        self.rows = 0

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Take some rows; what is beyond the last column is left out, what is missing is blank."""
        self.rows += len(rows)
        turned = zip_longest(*rows, fillvalue="")
        for at, cells in enumerate(islice(turned, len(self._columns))):
            self._longest[at] = max(self._longest[at], *map(len, cells))
            values = self._values[at]
            if not self._full[at]:
                values.update(cells)
                self._full[at] = len(values) > self._bound
                continue
            blank = cells.count("")
            if blank:
                values[""] += blank
            if _SUSPECT.search("\n".join(cells)):
                values.update(cell for cell in cells if _SUSPECT.search(cell))
            elif known := [cell for cell in cells if cell and len(cell) <= _LONGEST_EMPTY_WORD and cell in values]:
                values.update(known)

    def result(self) -> tuple[ColumnFacts, ...]:
        """The facts about all rows taken."""
        return tuple(self._facts(at, column) for at, column in enumerate(self._columns))

    def _facts(self, at: int, column: str) -> ColumnFacts:
        raw = self._values[at]
        values: Counter[str] = Counter()
        for text, count in raw.items():
            values[text.strip()] += count
        # Rows that end before this column are blank in it.
        blank = values.pop("", 0) if self._full[at] else self.rows - (values.total() - values.pop("", 0))
        filled = list(islice(values, _TYPED_BY))
        empty = Counter(
            {
                text: count
                for text, count in values.items()
                if len(text) <= _LONGEST_EMPTY_WORD and is_empty_word(text) and text[0] != "#"
            }
        )
        told = [text for text in values if text not in empty]
        return ColumnFacts(
            column,
            self.rows,
            tuple(text[:_LONGEST_SAMPLE] for text in _spread(told)),
            blank,
            len(values),
            not self._full[at],
            self._longest[at],
            content_type(filled, self._region),
            tuple(empty.most_common(5)),
            tuple(find_damage(column, values)),
        )


def _spread(values: Sequence[str]) -> list[str]:
    """Five values: the first two and others from further on."""
    if len(values) <= SAMPLES:
        return list(values)
    step = (len(values) - 2) // (SAMPLES - 2)
    return [*values[:2], *values[2 + step - 1 :: step][: SAMPLES - 2]]
