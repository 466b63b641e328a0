"""A list in sections: between the rows stand heads that the cursor passes over."""

from typing import Protocol, runtime_checkable

from textual.strip import Strip

from crmtui.domain.text import cell_width, cut
from crmtui.tui.widgets.list_columns import scroll_sign
from crmtui.tui.widgets.windowed_list import SIGN_WIDTH, WindowedList


@runtime_checkable
class SectionedRows(Protocol):
    """What a source of such a list knows beyond a ``RowSource``."""

    def head_at(self, index: int) -> str | None:
        """The text of the head at ``index``; None for a row."""


class SectionedList(WindowedList):
    """Rows under heads. The first and the last thing to stand on is a row, and its head is kept in sight."""

    def _head_at(self, index: int) -> str | None:
        source = self.source
        return source.head_at(index) if isinstance(source, SectionedRows) else None

    def row_from(self, index: int, by: int = 1) -> int:
        """The row at ``index`` or the next one in the direction ``by``; where there is none, the next in the other one."""
        count = self.source.row_count()
        for step in (by, -by):
            at = index
            while 0 <= at < count:
                if self._head_at(at) is None:
                    return at
                at += step
        return max(0, min(index, count - 1))

    def _move(self, index: int) -> None:
        super()._move(self.row_from(self._clamped(index), -1 if index < self._cursor else 1))

    def _show_cursor(self) -> None:
        super()._show_cursor()
        if self._cursor == self._top and self._cursor and self._head_at(self._cursor - 1) is not None:
            self._show_from(self._cursor - 1)

    def render_line(self, y: int) -> Strip:
        """A head over the whole width, or a row."""
        index = self._top + y - self._show_header
        head = self._head_at(index) if 0 <= index < self.source.row_count() and (y or not self._show_header) else None
        if head is None:
            return super().render_line(y)
        self._columns_now()
        width = self.size.width
        bar = scroll_sign(y - self._show_header, self.page_rows, self._top, self.source.row_count(), self.source.exact)
        room = max(0, width - 1 - SIGN_WIDTH)
        text = head if cell_width(head) <= room else cut(head, room)
        return self._strip(("head", text, bar), width, " " + text, (), "windowed-list--strong", bar)
