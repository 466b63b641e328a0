"""Where a list gets its rows from: by index, plain text, already known or not yet."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class RowView(NamedTuple):
    """One row as it is shown: plain text per column (already safe for display), and the name of a row style or ''."""

    cells: tuple[str, ...]
    style: str = ""
    """'', 'muted', 'strong', 'accent', 'success', 'warning' or 'error': the class ``windowed-list--<name>``."""


class RowSource(Protocol):
    """Rows by index. All calls come from the UI while it paints: answer within a millisecond."""

    @property
    def exact(self) -> bool:
        """False while the number of rows may still grow."""

    def row_count(self) -> int:
        """How many rows there are, as far as known."""

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        """The rows from ``start`` up to ``stop``; None for one that is not known yet, fewer at the end."""

    def row_id(self, index: int) -> int:
        """The id of the row at ``index``, which is below ``row_count()``."""

    def index_of(self, row_id: int) -> int | None:
        """Where the row with this id stands now; None if it is not in the list."""


class NoRows:
    """The source of a list that has none yet."""

    exact = True

    def row_count(self) -> int:
        return 0

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return ()

    def row_id(self, index: int) -> int:
        raise IndexError(index)

    def index_of(self, row_id: int) -> int | None:
        return None
