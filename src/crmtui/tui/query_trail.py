"""The searches a person made, in the order they went: back, forward again, and the list of them for the search line."""

from collections.abc import Callable

KEPT = 100


class QueryTrail:
    """Where a person has been and where they are. The list of everybody, the empty query, is where it begins."""

    def __init__(self, query: str = "", earlier: Callable[[], list[str]] = list) -> None:
        """``earlier`` gives the searches of former sessions, the newest first; they are offered, not gone back to."""
        self._queries = [query]
        self._at = 0
        self._earlier = earlier

    def visit(self, query: str) -> None:
        """Note a search; what lay ahead of it is forgotten, as in a browser."""
        if query != self._queries[self._at]:
            self._queries[self._at + 1 :] = [query]
            del self._queries[:-KEPT]
            self._at = len(self._queries) - 1

    def back(self, current: str) -> str | None:
        """The search before ``current``, which is noted first; None at the beginning."""
        self.visit(current)
        return self._step(-1)

    def forward(self, current: str) -> str | None:
        """The search that one went back from; None at the end."""
        self.visit(current)
        return self._step(1)

    def _step(self, by: int) -> str | None:
        if not 0 <= self._at + by < len(self._queries):
            return None
        self._at += by
        return self._queries[self._at]

    def recent(self) -> list[str]:
        """The searches, each once, the newest first, those of former sessions behind; without the empty one."""
        return [query for query in dict.fromkeys([*reversed(self._queries), *self._earlier()]) if query.strip()]
