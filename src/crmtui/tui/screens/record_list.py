"""A list of details that opens over another screen: head, list, prompt; escape leads back."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from crmtui.i18n import _
from crmtui.tui.actions import actions_in
from crmtui.tui.customer_tabs import MadeRows
from crmtui.tui.record_actions import DETAIL
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.customer_actions import CustomerActions
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList


class RecordList(CustomerActions):
    """A screen says its ``heading``, its ``columns`` and its ``read_rows``; the ids of the rows keep the cursor in place."""

    MODE = "customers"
    UNHINTED: ClassVar[tuple[str, ...]] = ("list.mark",)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(DETAIL))]
    DEFAULT_CSS = "RecordList #head { height: 1; }"

    def compose_body(self) -> ComposeResult:
        """A line that says what is listed, and the list."""
        yield TextLines(id="head")
        yield WindowedList(id="list")

    def on_mount(self) -> None:
        """Show what there is."""
        self.set_focus(self.listed)
        self.draw()

    @property
    def listed(self) -> WindowedList:
        """The list."""
        return self.query_one("#list", WindowedList)

    def heading(self) -> tuple[str, str]:
        """Whose details these are and which; safe for display."""
        raise NotImplementedError

    def head(self) -> Line:
        """The line above the list."""
        return Line()

    def columns(self) -> Sequence[ListColumn]:
        """The columns of the list."""
        raise NotImplementedError

    def read_rows(self) -> tuple[Sequence[RowView], Sequence[int], str]:
        """The rows, an id for each, and what is said when there is none."""
        raise NotImplementedError

    def top_line(self) -> Line:
        """The way back and the title."""
        whose, what = self.heading()
        spans = [Span(" ◂ ", "key"), Span(whose, "strong"), Span(f"   {what}", "muted")]
        return Line(tuple(spans), (Span(f" {self._file_name()} ", "muted"),))

    def draw(self) -> None:
        """Read everything again; the cursor stays on its row."""
        views, ids, empty = self.read_rows()
        self.update_chrome()
        self.query_one("#head", TextLines).set_lines([self.head()])
        listed = self.listed
        listed.set_columns(self.columns())
        listed.set_empty_text(empty)
        listed.set_source(MadeRows(views, ids), keep_id=listed.cursor_row_id, fallback_index=listed.cursor_index)

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Show what is true now."""
        self.draw()

    def retranslate(self) -> None:
        """Everything again in the other language."""
        self.draw()

    async def on_key(self) -> None:
        """A key ends what the status line was telling."""
        if not self.prompt.active:
            self.forget_told()

    def action_detail_back(self) -> None:
        """Back to the screen below."""
        self.dismiss()


class CustomerDetailList(RecordList):
    """Details of one customer."""

    def __init__(self, customer_id: int) -> None:
        super().__init__()
        self.customer_id = customer_id

    def customer_name(self) -> str:
        """The name for the top line."""
        return self._of((self.customer_id,)) or _("This customer is gone; u may bring it back")

    def show_where(self) -> None:
        """The others see that this customer is looked at."""
        self.crm.show_where(self.customer_id)

    def targets(self) -> tuple[int, ...]:
        """This customer."""
        return (self.customer_id,)
