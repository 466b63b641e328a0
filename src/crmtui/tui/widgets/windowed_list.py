"""A list of any length that draws only the rows on the screen: customers, timelines, queues of duplicates.

It asks a ``RowSource`` for the rows of its window while it paints, so a million rows cost as much as forty. It knows
nothing of storage or services: it is given a source and posts messages. A plain ``Widget`` with the Line API rather
than a ``ScrollView``: there, the number of rows is a ``virtual_size`` whose every change lays out the whole screen,
and the rows on the way to a million arrive in many steps.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip
from textual.widget import Widget

from crmtui.i18n import N_, _
from crmtui.tui.widgets.list_columns import (
    ELLIPSIS,
    ListColumn,
    PlacedColumn,
    line_text,
    place_columns,
    scroll_sign,
    title_cells,
)
from crmtui.tui.widgets.row_source import NoRows, RowSource, RowView

__all__ = ["ListColumn", "RowSource", "RowView", "WindowedList"]

CURSOR_SIGN, MARK_SIGN, LEFT_OUT_SIGN = "▸", "*", "»"
SIGN_WIDTH = 3
"""Cells before the first column: cursor, mark, blank."""
WIDE_LIST = 100
"""Cells from which columns stand two blanks apart."""
WHEEL_ROWS = 3
CACHED_LINES = 512


class WindowedList(Widget, can_focus=True):
    """The list: a header line, the rows of the window, and a scroll bar one cell wide."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "windowed-list--header",
        "windowed-list--cursor",
        "windowed-list--marked",
        "windowed-list--stale",
        "windowed-list--thumb",
        "windowed-list--muted",
        "windowed-list--strong",
        "windowed-list--accent",
        "windowed-list--success",
        "windowed-list--warning",
        "windowed-list--error",
    }
    DEFAULT_CSS = """
    WindowedList {
        height: 1fr; width: 1fr; background: $background; color: $foreground;
        & > .windowed-list--header { color: $text-muted; text-style: underline; }
        & > .windowed-list--cursor {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
            text-style: $block-cursor-blurred-text-style;
        }
        &:focus > .windowed-list--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
        & > .windowed-list--marked { color: $text-accent; }
        & > .windowed-list--stale, & > .windowed-list--muted { color: $text-muted; }
        & > .windowed-list--strong { text-style: bold; }
        & > .windowed-list--accent { color: $text-accent; }
        & > .windowed-list--success { color: $text-success; }
        & > .windowed-list--warning { color: $text-warning; }
        & > .windowed-list--error { color: $text-error; }
        & > .windowed-list--thumb { color: $scrollbar; }
        &:ansi > .windowed-list--stale, &:ansi > .windowed-list--muted, &:ansi > .windowed-list--header {
            color: ansi_default; text-style: dim;
        }
        &:ansi > .windowed-list--header { text-style: underline; }
        &:nocolor > .windowed-list--cursor { text-style: underline; }
        &:nocolor:focus > .windowed-list--cursor { text-style: reverse; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", N_("Next row"), id="list.down", show=False),
        Binding("up,k", "cursor_up", N_("Previous row"), id="list.up", show=False),
        Binding("pagedown", "page_down", N_("Next page"), id="list.page_down", show=False),
        Binding("pageup", "page_up", N_("Previous page"), id="list.page_up", show=False),
        Binding("ctrl+d", "half_page_down", N_("Half a page down"), id="list.half_page_down", show=False),
        Binding("ctrl+u", "half_page_up", N_("Half a page up"), id="list.half_page_up", show=False),
        Binding("home,g", "first", N_("First row"), id="list.first", show=False),
        Binding("end,G", "last", N_("Last row"), id="list.last", show=False),
        Binding("enter", "open", N_("Open"), id="list.open", show=False),
        Binding("space", "toggle_mark", N_("Mark or unmark"), id="list.mark", show=False),
    ]

    @dataclass
    class _ListMessage(Message):
        windowed_list: "WindowedList"

        @property
        def control(self) -> "WindowedList":
            """The list, for ``@on(..., selector)``."""
            return self.windowed_list

    @dataclass
    class CursorMoved(_ListMessage):
        """The cursor came to another row, or the row under it is another one now."""

        index: int
        row_id: int

        def can_replace(self, message: Message) -> bool:
            """Of a burst only the last counts."""
            return isinstance(message, WindowedList.CursorMoved) and message.windowed_list is self.windowed_list

    @dataclass
    class Opened(_ListMessage):
        """Enter, or a double click on a row."""

        row_id: int

    @dataclass
    class MarkToggled(_ListMessage):
        """The row is to be marked, or not any more; whoever keeps the marks calls ``set_marked``."""

        row_id: int

    @dataclass
    class SortRequested(_ListMessage):
        """The title of a column was clicked."""

        key: str

    cursor_index = var(0, init=False, always_update=True)
    """The index of the row under the cursor, 0 if there is none. To read, and to ``watch``: a watcher runs before the
    next paint, so a status line that watches changes in the same frame as the list. Move with ``jump_to``."""

    def __init__(
        self,
        columns: Sequence[ListColumn] = (),
        *,
        show_header: bool = True,
        slow_link: bool = False,
        empty_text: str = "",
        **options: Any,
    ) -> None:
        """``slow_link``: go on by half a page at the edge, not by a row. ``empty_text``: shown when there is no row."""
        super().__init__(**options)
        self.slow_link = slow_link
        self._columns = tuple(columns)
        self._show_header = show_header
        self._empty_text = empty_text
        self._source: RowSource = NoRows()
        self._marked: Container[int] = frozenset()
        self._letters = ""
        self.tells_left_out = False
        """Whether the header says with a ``»`` that columns found no room: for columns that a person chose."""
        self._sort: tuple[str, bool] | None = None
        self._stale = False
        self._cursor = 0
        self._top = 0
        self._placed: list[PlacedColumn] = []
        self._placed_for = -1
        self._window: tuple[int, Sequence[RowView | None]] = (0, ())
        self._lines: dict[tuple[object, ...], Strip] = {}
        self._pens: dict[str, Style] = {}
        self._dragging = False

    # What it shows

    @property
    def source(self) -> RowSource:
        """Where the rows come from."""
        return self._source

    @property
    def cursor_row_id(self) -> int | None:
        """The id of the row under the cursor; None if the list is empty."""
        return self._source.row_id(self._cursor) if self._cursor < self._source.row_count() else None

    @property
    def window_range(self) -> range:
        """The indexes on the screen."""
        return range(self._top, min(self._top + self.page_rows, self._source.row_count()))

    @property
    def page_rows(self) -> int:
        """How many rows fit."""
        return max(1, self.size.height - self._show_header)

    def set_source(self, source: RowSource, *, keep_id: int | None = None, fallback_index: int = 0) -> None:
        """Show other rows. The cursor stays on row ``keep_id``, in its line if it can, else goes to the fallback."""
        line = self._cursor - self._top
        self._source = source
        index = None if keep_id is None else source.index_of(keep_id)
        self._cursor = self._clamped(fallback_index if index is None else index)
        self._top = self._clamped_top(self._cursor - line if index is not None else min(self._top, self._cursor))
        self._stale = False
        self._show_cursor()
        self.rows_changed()
        self._tell_cursor()

    def rows_changed(self) -> None:
        """Rows of the source came, changed, or became more: draw the window anew."""
        self._window = (0, ())
        self._cursor = self._clamped(self._cursor)
        self._top = self._clamped_top(self._top)
        self.refresh()

    def set_columns(self, columns: Sequence[ListColumn]) -> None:
        """Show other columns; the cells of a row are in this order."""
        self._columns = tuple(columns)
        self._forget_lines()

    def set_empty_text(self, text: str) -> None:
        """What to say when there is no row; several lines if need be."""
        if text != self._empty_text:
            self._empty_text = text
            self.refresh()

    def set_sort(self, key: str | None, descending: bool = False) -> None:
        """Say in the header which column the rows are sorted by."""
        self._sort = None if key is None else (key, descending)
        self._forget_lines()

    @property
    def sort_words(self) -> str:
        """The order in words, for status lines and screen readers; '' if there is none."""
        for column in self._columns:
            if self._sort and column.key == self._sort[0]:
                order = _("descending") if self._sort[1] else _("ascending")
                return _("sorted by {column}, {order}").format(column=column.title, order=order)
        return ""

    def set_marked(self, marked: Container[int]) -> None:
        """The ids of the marked rows, as a container that may change: call again after each change."""
        self._marked = marked
        self.refresh()

    def set_letters(self, letters: str) -> None:
        """Put a letter each before the rows on the screen, to be pressed for going there; none: take them away."""
        self._letters = letters
        self.refresh()

    @property
    def stale(self) -> bool:
        """Are the rows of an older question, drawn dim until the new ones come?"""
        return self._stale

    @stale.setter
    def stale(self, stale: bool) -> None:
        if stale != self._stale:
            self._stale = stale
            self.refresh()

    # Moving

    def jump_to(self, index: int) -> None:
        """Put the cursor on a row, and the row in the middle of the window if it was outside."""
        index = self._clamped(index)
        if index not in self.window_range:
            self._show_from(index - self.page_rows // 2)
        self._move(index)

    def jump_to_percent(self, percent: float) -> None:
        """Put the cursor at a share of the list: 0 the first row, 100 the last."""
        self.jump_to(round((self._source.row_count() - 1) * percent / 100))

    def action_cursor_down(self) -> None:
        self._step(1)

    def action_cursor_up(self) -> None:
        self._step(-1)

    def action_page_down(self) -> None:
        self._page(self.page_rows)

    def action_page_up(self) -> None:
        self._page(-self.page_rows)

    def action_half_page_down(self) -> None:
        self._page(max(1, self.page_rows // 2))

    def action_half_page_up(self) -> None:
        self._page(-max(1, self.page_rows // 2))

    def action_first(self) -> None:
        self._show_from(0)
        self._move(0)

    def action_last(self) -> None:
        last = self._source.row_count() - 1
        self._show_from(last)
        self._move(last)

    def action_open(self) -> None:
        row_id = self.cursor_row_id
        if row_id is not None:
            self.post_message(self.Opened(self, row_id))

    def action_toggle_mark(self) -> None:
        row_id = self.cursor_row_id
        if row_id is not None:
            self.post_message(self.MarkToggled(self, row_id))

    def _clamped(self, index: int) -> int:
        return max(0, min(index, self._source.row_count() - 1))

    def _clamped_top(self, top: int) -> int:
        return max(0, min(top, self._source.row_count() - self.page_rows))

    def _step(self, by: int) -> None:
        index = self._clamped(self._cursor + by)
        if self.slow_link and index not in self.window_range:
            self._show_from(self._top + by * max(1, self.page_rows // 2))
        self._move(index)

    def _page(self, by: int) -> None:
        self._show_from(self._top + by)
        self._move(self._clamped(self._cursor + by))

    def _move(self, index: int) -> None:
        """Put the cursor on a row and scroll just as far as needed; in the window only two lines are drawn."""
        index, before = self._clamped(index), self._cursor
        self._cursor = index
        self._show_cursor()
        if index != before:
            self._refresh_row(before)
            self._refresh_row(index)
            self._tell_cursor()

    def _show_cursor(self) -> None:
        if self._cursor < self._top:
            self._show_from(self._cursor)
        elif self._cursor >= self._top + self.page_rows:
            self._show_from(self._cursor - self.page_rows + 1)

    def _show_from(self, top: int) -> None:
        top = self._clamped_top(top)
        if top != self._top:
            self._top = top
            self.refresh(self.size.region)

    def _tell_cursor(self) -> None:
        row_id = self.cursor_row_id
        self.cursor_index = self._cursor
        if row_id is not None:
            self.post_message(self.CursorMoved(self, self._cursor, row_id))

    def _refresh_row(self, index: int) -> None:
        if index in self.window_range:
            self.refresh(Region(0, index - self._top + self._show_header, self.size.width, 1))

    # The mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -WHEEL_ROWS)

    def _wheel(self, event: events.MouseEvent, by: int) -> None:
        event.stop()
        event.prevent_default()
        self._show_from(self._top + by)
        self._move(min(max(self._cursor, self._top), self._top + self.page_rows - 1))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.x == self.size.width - 1 and self._source.row_count() > self.page_rows:
            self._dragging = True
            self.capture_mouse()
            self._drag_to(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging:
            self._drag_to(event.y)

    def on_mouse_up(self) -> None:
        if self._dragging:
            self._dragging = False
            self.release_mouse()

    def _drag_to(self, y: int) -> None:
        share = (y - self._show_header) / max(1, self.page_rows - 1)
        self.jump_to_percent(min(max(share, 0.0), 1.0) * 100)

    def on_click(self, event: events.Click) -> None:
        if event.x >= self.size.width - 1:
            return
        line = event.y - self._show_header
        if line < 0:
            for _cell, column, x, width in self._columns_now():
                if x <= event.x - SIGN_WIDTH < x + width:
                    self.post_message(self.SortRequested(self, column.key))
        elif self._top + line in self.window_range:
            if self._top + line == self._cursor and event.chain > 1:
                self.action_open()
            self._move(self._top + line)

    # Drawing

    def notify_style_update(self) -> None:
        """Colours changed: no line drawn before is right any more."""
        self._lines.clear()
        self._pens.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        self._top = self._clamped_top(self._top)
        self._show_cursor()

    def on_focus(self) -> None:
        self._forget_lines()

    def on_blur(self) -> None:
        self._forget_lines()

    def _forget_lines(self) -> None:
        self._placed_for = -1
        self._lines.clear()
        self.refresh()

    def _columns_now(self) -> list[PlacedColumn]:
        width = self.size.width
        if self._placed_for != width:
            self._placed_for = width
            self._lines.clear()
            self._placed = place_columns(self._columns, width - SIGN_WIDTH - 2, 2 if width >= WIDE_LIST else 1)
        return self._placed

    def render_line(self, y: int) -> Strip:
        """Line ``y`` of the widget."""
        self._columns_now()
        width = self.size.width
        if self._show_header and y == 0:
            titles = title_cells(self._columns, self._placed, self._sort)
            more = LEFT_OUT_SIGN if self.tells_left_out and len(self._placed) < len(self._columns) else " "
            return self._strip(("header", titles, more), width, " " * SIGN_WIDTH, titles, "windowed-list--header", more)
        index = self._top + y - self._show_header
        count = self._source.row_count()
        if index >= count:
            said = self._empty_text.split("\n") if count == 0 else []
            text = said[y - self._show_header] if y - self._show_header < len(said) else ""
            return self._strip(("empty", text), width, " " * SIGN_WIDTH + text, (), "windowed-list--muted", " ")
        row = self._row(index)
        marked = self._source.row_id(index) in self._marked
        cursor = index == self._cursor
        bar = scroll_sign(y - self._show_header, self.page_rows, self._top, count, self._source.exact)
        place = index - self._top
        sign = self._letters[place] if place < len(self._letters) else CURSOR_SIGN if cursor else " "
        key = (row, marked, cursor, self._stale, bar, sign)
        cells = (ELLIPSIS,) * len(self._columns) if row is None else row.cells
        signs = f"{sign}{MARK_SIGN if marked else ' '} "
        return self._strip(key, width, signs, cells, self._row_style(row, marked, cursor), bar)

    def _row_style(self, row: RowView | None, marked: bool, cursor: bool) -> str:
        if cursor:
            return "windowed-list--cursor"
        if self._stale or row is None:
            return "windowed-list--stale"
        if marked:
            return "windowed-list--marked"
        return f"windowed-list--{row.style}" if row.style else ""

    def _strip(
        self, key: tuple[object, ...], width: int, head: str, cells: Sequence[str], component: str, bar: str
    ) -> Strip:
        strip = self._lines.get(key)
        if strip is None:
            free = max(0, width - 1)
            text = set_cell_size(head + line_text(cells, self._placed, max(0, free - SIGN_WIDTH)), free)
            strip = Strip(
                [Segment(text, self._pen(component)), Segment(bar, self._pen("windowed-list--thumb"))][
                    : 2 if width else 0
                ],
                width,
            )
            if len(self._lines) >= CACHED_LINES:
                self._lines.clear()
            self._lines[key] = strip
        return strip

    def _pen(self, component: str) -> Style:
        """How a component is written; worked out once, for Textual goes through all ancestors each time."""
        pen = self._pens.get(component)
        if pen is None:
            base = self.rich_style
            pen = base + self.get_component_rich_style(component, partial=True) if component else base
            self._pens[component] = pen
        return pen

    def _row(self, index: int) -> RowView | None:
        start, rows = self._window
        if not start <= index < start + len(rows):
            start = self._top
            rows = self._source.rows(start, min(start + self.page_rows, self._source.row_count()))
            self._window = (start, rows)
        return rows[index - start] if 0 <= index - start < len(rows) else None
