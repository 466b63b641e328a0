"""The customer list: search as you type over a million rows, marks, sorting, and the card beside it when there is room."""

import asyncio
import gc
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer

from crmtui.domain.text import cell_width
from crmtui.i18n import _
from crmtui.storage.activities import timeline
from crmtui.tui.actions import CUSTOMERS, LIST, actions_in
from crmtui.tui.card import preview_lines
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.bulk import BulkActions
from crmtui.tui.screens.list_views import ListViews
from crmtui.tui.screens.searched_list import SearchField
from crmtui.tui.timeline_rows import event_count
from crmtui.tui.widgets.completion_list import CompletionList
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

PREVIEW_FROM = 110
"""Columns of the terminal from which the card stands beside the list."""
MARKS_LOOKED_AT = 20_000
"""Of as many marked customers is it found out at once whether they are still there; of more when something is done with them."""
PREPARE_AFTER = 0.5
"""Seconds after the first frame at which the screen of one customer is made, so that it opens in one frame."""


async def load_other_modes() -> None:
    """Load the modules of the other modes beside the loop: whoever goes there first is not to wait for that."""
    from importlib import import_module

    for name in ("today", "files", "duplicates"):
        await asyncio.to_thread(import_module, f"crmtui.tui.screens.{name}")


class _Beside(Horizontal):
    """Widgets beside each other that cover it all: its own lines need no drawing."""

    BLANK = True


class CustomersScreen(ListViews, BulkActions):
    """Mode 1."""

    SCOPES = (CUSTOMERS, LIST)
    MODE = "customers"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(CUSTOMERS))]
    DEFAULT_CSS = """
    CustomersScreen { layers: default above; }
    CustomersScreen #search-row { height: 1; }
    CustomersScreen #search-sign { width: 3; }
    CustomersScreen #search { width: 1fr; }
    CustomersScreen #found { width: 24; }
    CustomersScreen #body { height: 1fr; }
    CustomersScreen #card { width: 46; height: 1fr; padding: 0 0 0 1; border-left: solid $panel; }
    """

    def __init__(self, query: str = "") -> None:
        super().__init__(query)
        self._preview_wanted = True
        self._card_drawn_at = 0
        self._preview_timer: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Search line, list, preview."""
        with _Beside(id="search-row"):
            yield TextLines(lines=[Line((Span(" / ", "muted"),))], id="search-sign")
            yield SearchField(self._query, id="search")
            yield TextLines(id="found")
        with _Beside(id="body"):
            yield WindowedList(self.shown_columns(), id="list", slow_link=False, empty_text="")
            yield TextLines(id="card")
        yield CompletionList(id="completions")

    def on_mount(self) -> None:
        """Show the first page."""
        self.set_focus(self._list)
        self.watch(self._field, "value", self._typed, init=False)
        self.watch(self._list, "cursor_index", self._clear_card_when_scrolled, init=False)
        self._fit_placeholder()
        self._show_preview_if_wide()
        self.take_default_view()
        self._ask(self._query)
        self.call_after_refresh(self._settle_in)

    def _settle_in(self) -> None:
        """After the first frame: what it did not need."""
        # What is alive now stays alive: a collection must not look through all of Textual between two keys.
        gc.freeze()
        gc.enable()
        self.crm.measure_link()
        self.crm.look_at_next_undo()
        self.crm.look_at_day()
        self.crm.look_at_duplicates()
        self._draw_status()
        self.set_timer(PREPARE_AFTER, self._prepare)

    def _prepare(self) -> None:
        from crmtui.tui.screens.customer import prepare_customer_screen
        from crmtui.tui.screens.unfinished import offer_drafts

        if self.is_current and not self._told and not self.prompt.active:
            offer_drafts(self.crm)
        prepare_customer_screen(self.crm)
        self.set_timer(PREPARE_AFTER, lambda: self.crm.begin(load_other_modes()))

    def _typed(self, value: str) -> None:
        """Answer within the key: a message would show the letter in one frame and the rows in the next."""
        if value != self._query:
            self._ask(value)
        self.complete_soon()

    @on(TextField.Submitted, "#search")
    def _submitted(self, event: TextField.Submitted) -> None:
        event.stop()
        self.set_focus(self._list)

    async def on_key(self, event: events.Key) -> None:
        """From the search line, down and tab go to the list, escape clears."""
        if self.jump_key(event) or await self.completion_key(event):
            event.stop()
            event.prevent_default()
        elif self.focused is self._field and event.key in ("down", "tab", "escape"):
            event.stop()
            event.prevent_default()
            if event.key == "escape" and self._field.value:
                self._field.value = ""
            else:
                self.set_focus(self._list)
        elif not self.prompt.active:
            self.forget_told()

    @on(events.DescendantBlur, "#search")
    def _search_line_left(self) -> None:
        self.leave_completing()

    # The list

    @on(WindowedList.CursorMoved)
    def _cursor_moved(self, event: WindowedList.CursorMoved) -> None:
        event.stop()
        self._preview_soon()

    def _clear_card_when_scrolled(self) -> None:
        """A terminal moves whole lines: a card beside rows that move would have to be written again with each of them."""
        if self._list.window_range.start != self._card_drawn_at:
            self.query_one("#card", TextLines).set_lines([])

    def _preview_soon(self) -> None:
        """Draw the card when the cursor rests: a held key sends rows only."""
        if self._preview_timer is not None:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(self.crm.link.preview_rest, self._draw_preview)

    @on(WindowedList.Opened)
    async def _opened(self, event: WindowedList.Opened) -> None:
        event.stop()
        from crmtui.tui.screens.customer import open_customer

        await open_customer(self.crm, event.row_id, self._list.source)

    @on(WindowedList.MarkToggled)
    def _mark_toggled(self, event: WindowedList.MarkToggled) -> None:
        event.stop()
        self._marked ^= {event.row_id}
        self._marks_changed()
        self._list.action_cursor_down()

    @on(WindowedList.SortRequested)
    def _sort_requested(self, event: WindowedList.SortRequested) -> None:
        event.stop()
        self._sort_by(event.key)

    def go_to(self, customer_id: int) -> bool:
        """Put the cursor on a customer if it is listed; says whether it is."""
        index = self._list.source.index_of(customer_id)
        if index is not None:
            self._list.jump_to(index)
        return index is not None

    # The preview

    def on_resize(self) -> None:
        """The card comes and goes with the width."""
        self._fit_placeholder()
        self._show_preview_if_wide()

    def _fit_placeholder(self) -> None:
        """What can be typed, as much of it as fits."""
        parts = [_("name, pinyin, phone, e-mail"), "tag:vip", "stage:lead", "last:>90d"]
        room = self.app.size.width - 36
        text = parts[0]
        for part in parts[1:]:
            if cell_width(text) + cell_width(part) + 2 > room:
                break
            text += f", {part}"
        self._field.placeholder = text

    def _show_preview_if_wide(self) -> None:
        card = self.query_one("#card")
        card.display = self._preview_wanted and self.app.size.width >= PREVIEW_FROM
        if card.display:
            card.styles.width = max(46, self.app.size.width * 2 // 5)
            self.call_after_refresh(self._draw_preview)

    def _draw_preview(self) -> None:
        card = self.query_one("#card", TextLines)
        if not card.display or card.size.width == 0:
            return
        customer = self._list.cursor_row_id
        record = self.crm.gateway.customer(customer) if customer is not None else None
        if record is None or customer is None:
            card.set_lines([])
            return
        self._card_drawn_at = self._list.window_range.start
        entries = timeline(self.crm.gateway.page(), customer, limit=card.size.height)
        lines = preview_lines(
            record,
            self.crm.gateway.figures(customer),
            entries,
            card.size.width,
            card.size.height,
            self.crm.workspace.region,
            event_count(self.crm.gateway.page(), customer),
        )
        card.set_lines(lines)

    def _show_empty(self) -> None:
        """Nobody is found: no card either."""
        super()._show_empty()
        self.query_one("#card", TextLines).set_lines([])

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Rows changed: draw them again, and ask again, for they may stand elsewhere now."""
        gone = self._marked & set(ids) if ids else self._marked
        if gone and len(gone) <= MARKS_LOOKED_AT:
            self._marked -= gone - self.crm.gateway.still_there(gone)
        if self._window is not None:
            self._window.forget(ids or None)
            self._list.rows_changed()
        self.crm.gateway.search(self._query, self._order, self._found)
        self._draw_preview()

    def retranslate(self) -> None:
        """Columns, counts and the card in the other language."""
        super().retranslate()
        self._list.set_columns(self.shown_columns())
        if self._window is not None:
            self._window.forget()
            self._list.rows_changed()
        self._fit_placeholder()
        self._show_found()
        self._draw_preview()

    # Actions

    def action_customers_search(self) -> None:
        """Go to the search line."""
        self.set_focus(self._field)
        self._field.cursor_position = len(self._field.value)

    def action_customers_clear(self) -> None:
        """Stop what is being done to many; else clear the search, then the marks."""
        if self.stop_work():
            return
        if self._field.value:
            self._field.value = ""
        elif self._marked:
            self._marked.clear()
            self._marks_changed()

    def action_customers_add(self) -> None:
        """Open an empty form."""
        from crmtui.tui.screens.form import FormScreen

        self.app.push_screen(FormScreen(None))

    def action_customers_edit(self) -> None:
        """Open the form of the customer under the cursor."""
        self._edit(self._list.cursor_row_id)

    def action_customers_call(self) -> None:
        """Log a call."""
        self._log_call()

    def action_customers_log(self) -> None:
        """Log something else."""
        self._log_other()

    def action_customers_task(self) -> None:
        """Set a task."""
        self._add_task()

    def action_customers_tag(self) -> None:
        """Change tags."""
        self._change_tags()

    def action_customers_stage(self) -> None:
        """Set the stage."""
        self._set_stage()

    def action_customers_owner(self) -> None:
        """Set the owner."""
        self._set_owner()

    def action_customers_archive(self) -> None:
        """Archive, or take out of the archive."""
        self._archive()
        self._marked.clear()
        self._marks_changed()

    def action_customers_yank(self) -> None:
        """Copy the phone."""
        self._yank_phones()

    def action_customers_yank_card(self) -> None:
        """Copy the card."""
        self._yank_cards()

    def action_customers_preview(self) -> None:
        """Show or hide the card beside the list."""
        self._preview_wanted = not self._preview_wanted
        self._show_preview_if_wide()
        if self._preview_wanted and self.app.size.width < PREVIEW_FROM:
            self.tell(_("The preview needs {columns} columns").format(columns=PREVIEW_FROM))

    def action_customers_import(self) -> None:
        """Bring in a file."""
        from crmtui.tui.screens.import_wizard import start_import

        self.crm.begin(start_import(self))

    def action_customers_export(self) -> None:
        """Write what is listed to a file."""
        from crmtui.tui.screens.export import export_customers

        self.crm.begin(export_customers(self, self._query, tuple(sorted(self._marked))))
