"""The text of a list, measured in cells: columns that fit a width, lines, titles, and the scroll bar."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from crmtui.domain.text import display_text
from crmtui.i18n import _

ELLIPSIS = "…"
ASCENDING_SIGN, DESCENDING_SIGN = "▲", "▼"
THUMB, UNSURE_THUMB = "▐", ":"


class ListColumn(NamedTuple):
    """One column. A fixed column has ``width``; a flexible one has ``weight`` and gets a share of the rest."""

    key: str
    title: str
    """Already translated, plain text."""
    width: int = 0
    """Cells; 0 means flexible."""
    weight: int = 1
    """Share of the free cells, for a flexible column."""
    min_width: int = 4
    """Cells below which a flexible column is of no use."""
    align_right: bool = False
    """For numbers: right-aligned and never cut; what does not fit is shown as ``###``."""
    priority: int = 0
    """When the list is narrow, columns with the lowest priority go first; of equals, the one further right."""

    @property
    def least(self) -> int:
        """The fewest cells it can live with."""
        return self.width or self.min_width


class PlacedColumn(NamedTuple):
    """A column that fits: which of the row's cells it shows, and where on the line."""

    cell: int
    column: ListColumn
    x: int
    width: int


def place_columns(columns: Sequence[ListColumn], available: int, gap: int) -> list[PlacedColumn]:
    """Lay columns into ``available`` cells, ``gap`` cells apart; drops what does not fit, but never the last.

    The free cells are shared among the flexible columns by weight, so the line is filled exactly if there is one.
    """
    kept = list(enumerate(columns))
    while len(kept) > 1 and sum(column.least for _, column in kept) + gap * (len(kept) - 1) > available:
        kept.remove(min(kept, key=lambda item: (item[1].priority, -item[0])))
    widths = [min(column.least, max(available, 0)) for _, column in kept]
    free = max(0, available - sum(widths) - gap * (len(kept) - 1))
    weight_left = sum(column.weight for _, column in kept if not column.width)
    for at, (_cell, column) in enumerate(kept):
        if not column.width and weight_left:
            share = free * column.weight // weight_left
            widths[at] += share
            free -= share
            weight_left -= column.weight
    placed, x = [], 0
    for (index, column), width in zip(kept, widths, strict=True):
        placed.append(PlacedColumn(index, column, x, width))
        x += width + gap
    return placed


def fit_text(text: str, width: int, align_right: bool = False) -> str:
    """``text`` in exactly ``width`` cells. Cut text ends in ``…``; a right-aligned value becomes ``###``, never cut."""
    if not text.isprintable():
        text = display_text(text)  # nothing unsafe may pass here, even of values that only a strange file can hold
    length = len(text) if text.isascii() else cell_len(text)
    if length <= width:
        blank = " " * (width - length)
        return blank + text if align_right else text + blank
    if align_right:
        return "#" * width
    if width < 1:
        return ""
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + ELLIPSIS, width)


def line_text(cells: Sequence[str], columns: Sequence[PlacedColumn], width: int) -> str:
    """The cells of a row at their places, in exactly ``width`` cells; a missing cell is blank."""
    out: list[str] = []
    end = 0
    for cell, column, x, column_width in columns:
        out.append(" " * (x - end))
        out.append(fit_text(cells[cell] if cell < len(cells) else "", column_width, column.align_right))
        end = x + column_width
    return set_cell_size("".join(out), width)


def title_cells(
    columns: Sequence[ListColumn], placed: Sequence[PlacedColumn], sort: tuple[str, bool] | None
) -> tuple[str, ...]:
    """The titles of all columns; that of the sorted one (``key``, descending) has a sign, and a word if there is room."""
    widths = {place.column.key: place.width for place in placed}
    titles = []
    for column in columns:
        title = column.title
        if sort and column.key == sort[0]:
            sign, word = (DESCENDING_SIGN, _("desc")) if sort[1] else (ASCENDING_SIGN, _("asc"))
            long, short = f"{title} {sign} {word}", f"{title} {sign}"
            room = widths.get(column.key, 0)
            title = next((text for text in (long, short) if cell_len(text) <= room), f"{sign}{title}")
        titles.append(title)
    return tuple(titles)


def scroll_sign(line: int, page: int, top: int, count: int, exact: bool) -> str:
    """The scroll bar beside line ``line`` of a window of ``page`` rows from ``top`` on; ``:`` while ``count`` may grow."""
    if count <= page:
        return " "
    length = max(1, page * page // count)
    first = round((page - length) * top / (count - page))
    if not first <= line < first + length:
        return " "
    return THUMB if exact else UNSURE_THUMB
