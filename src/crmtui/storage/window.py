"""The visible slice of a list of any length: a vector of row ids in sort order, and the rows of the pages in sight.

A position needs no OFFSET: the vector says which ids stand there, one query by ids brings them (0.1 ms anywhere in a million).
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")

PAGE = 16
"""Rows that are kept together: few, for a jump reads all of those that a screen touches."""
_PAGES_AT_ONCE = 8
_PAGES_KEPT = 256


class RowWindow(Generic[Row]):
    """Rows by position. ``read`` fetches rows by ids; the vector may grow while it is built (``exact`` is False until then).

    Not for two threads at once: the thread that draws owns it, others hand it finished vectors.
    """

    def __init__(
        self, read: Callable[[Sequence[int]], Mapping[int, Row]], ids: "array[int] | None" = None, *, exact: bool = True
    ) -> None:
        self._read = read
        self._ids = ids if ids is not None else array("q")
        self._pages: OrderedDict[int, list[Row | None]] = OrderedDict()
        self.exact = exact
        self.generation = 0

    def __len__(self) -> int:
        return len(self._ids)

    def replace(self, ids: "array[int]", *, exact: bool) -> None:
        """Take another vector; pages are read again."""
        self._ids = ids
        self.exact = exact
        self.forget()

    def forget(self, ids: Collection[int] | None = None) -> None:
        """Read rows again: those of the pages that hold these ids, or all."""
        self.generation += 1
        if ids is None:
            self._pages.clear()
            return
        wanted = set(ids)
        for page in [page for page in self._pages if wanted.intersection(self._ids[page * PAGE : (page + 1) * PAGE])]:
            del self._pages[page]

    def id_at(self, position: int) -> int:
        """The row id at a position."""
        return self._ids[position]

    def ids(self) -> "array[int]":
        """The whole vector; not to be changed."""
        return self._ids

    def position_of(self, row_id: int) -> int | None:
        """Where a row stands, or None. Pages that were read are looked through first: a million ids take milliseconds."""
        for page in reversed(self._pages):
            if row_id in self._ids[page * PAGE : (page + 1) * PAGE]:
                return self._ids.index(row_id, page * PAGE)
        try:
            return self._ids.index(row_id)
        except ValueError:
            return None

    def rows(self, start: int, stop: int) -> list[Row | None]:
        """The rows at positions ``start`` to ``stop``; None for a row that is gone since the vector was made."""
        start = max(0, start)
        stop = min(stop, len(self._ids))
        if start >= stop:
            return []
        first, last = start // PAGE, (stop - 1) // PAGE
        self._bring(first, last)
        out = [row for page in range(first, last + 1) for row in self._pages[page]]
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        return out[start - first * PAGE : stop - first * PAGE]

    def _bring(self, first: int, last: int) -> None:
        """Have the pages ``first`` to ``last``, each as the newest; those that are missing beside each other take one read."""
        page = first
        while page <= last:
            if page in self._pages:
                self._pages.move_to_end(page)
                page += 1
                continue
            stop = page + 1
            while stop <= last and stop not in self._pages and stop - page < _PAGES_AT_ONCE:
                stop += 1
            found = self._read(self._ids[page * PAGE : stop * PAGE])
            for missing in range(page, stop):
                ids = self._ids[missing * PAGE : (missing + 1) * PAGE]
                self._pages[missing] = [found.get(row_id) for row_id in ids]
            page = stop
