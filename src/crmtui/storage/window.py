"""The visible slice of a list of any length: a vector of row ids in sort order, and the rows of the pages in sight.

A position needs no OFFSET: the vector says which ids stand there, one query by ids brings them (0.1 ms anywhere in a million).
"""

from array import array
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Generic, TypeVar

Row = TypeVar("Row")

PAGE = 64
_PAGES_KEPT = 64


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
        """Where a row stands, or None."""
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
        out: list[Row | None] = []
        for page in range(start // PAGE, (stop - 1) // PAGE + 1):
            rows = self._page(page)
            low = start - page * PAGE if page == start // PAGE else 0
            high = stop - page * PAGE
            out.extend(rows[low:high])
        return out

    def _page(self, page: int) -> list[Row | None]:
        rows = self._pages.get(page)
        if rows is None:
            ids = self._ids[page * PAGE : (page + 1) * PAGE]
            found = self._read(ids)
            rows = [found.get(row_id) for row_id in ids]
            self._pages[page] = rows
            if len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(page)
        return rows
