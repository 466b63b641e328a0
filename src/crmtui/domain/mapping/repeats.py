"""Values that occur more than once in a file, found in one pass and a few bytes a value."""

from array import array
from collections.abc import Iterable

_FEWEST_SLOTS = 1 << 16
_MOST_SLOTS = 1 << 25


class Repeats:
    """Notes values with the line they are on; ``lines`` then tells the lines that repeat a value of an earlier one.

    A table of one byte a slot tells at once that a value is certainly new; only the others are looked at again at the end.
    """

    def __init__(self, expected: int) -> None:
        slots = max(_FEWEST_SLOTS, min(_MOST_SLOTS, 1 << (4 * max(1, expected)).bit_length()))
        self._mask = slots - 1
        self._seen = bytearray(slots)
        self._hashes = array("q")
        self._lines = array("I")
        self._suspects: set[int] = set()

    def note(self, values: Iterable[str], lines: Iterable[int]) -> None:
        """Take values (normalised) and the line each is on, in file order."""
        start = len(self._hashes)
        self._hashes.extend(map(hash, values))
        self._lines.extend(lines)
        seen, mask = self._seen, self._mask
        for number in self._hashes[start:]:
            slot = number & mask
            if seen[slot]:
                self._suspects.add(number)
            else:
                seen[slot] = 1

    def lines(self) -> Iterable[tuple[int, int]]:
        """The lines, ascending, that hold a value of an earlier line, each with the first line that holds it."""
        first: dict[int, int] = {}
        last = -1
        for number, line in zip(self._hashes, self._lines, strict=True):
            if number in self._suspects and first.setdefault(number, line) != line and line != last:
                last = line
                yield line, first[number]
