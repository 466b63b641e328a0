"""The customer list: search as you type over a million rows, marks, sorting, and the card beside it when there is room."""

from array import array

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from crmtui.domain.fields import BY_KEY
from crmtui.domain.text import cell_width, display_text
from crmtui.errors import InvalidValue
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_number
from crmtui.services import views
from crmtui.storage.activities import timeline
from crmtui.storage.search import Order
from crmtui.storage.window import RowWindow
from crmtui.tui.actions import CUSTOMERS, LIST, actions_in
from crmtui.tui.card import preview_lines
from crmtui.tui.customer_rows import DEFAULT_COLUMNS, CustomerRows, list_columns
from crmtui.tui.gateway import SearchStep
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.customer_actions import CustomerActions
from crmtui.tui.screens.pick import Choice
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

PREVIEW_FROM = 110
"""Columns of the terminal from which the card stands beside the list."""
PREVIEW_REST, PREVIEW_REST_SLOW = 0.08, 0.3
"""Seconds the cursor rests on a row before its card is drawn."""


class SearchField(TextField):
    """The search line: down and enter go to the list."""


class CustomersScreen(CustomerActions):
    """Mode 1."""

    SCOPES = (CUSTOMERS, LIST)
    MODE = "customers"
    BINDINGS = bindings_of(actions_in(CUSTOMERS))
    DEFAULT_CSS = """
    CustomersScreen #search-row { height: 1; }
    CustomersScreen #search-sign { width: 3; }
    CustomersScreen #search { width: 1fr; }
    CustomersScreen #found { width: 24; }
    CustomersScreen #body { height: 1fr; }
    CustomersScreen #preview { width: 46; height: 1fr; padding: 0 0 0 1; border-left: solid $panel; }
    """

    def __init__(self, query: str = "") -> None:
        super().__init__()
        self._query = query
        self._order = Order()
        self._window: RowWindow | None = None
        self._columns = DEFAULT_COLUMNS
        self._marked: set[int] = set()
        self._preview_wanted = True
        self._problem = ""
        self._total: int | None = None
        self._loaded = False
        self._preview_timer: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Search line, list, preview."""
        with Horizontal(id="search-row"):
            yield TextLines(lines=[Line((Span(" / ", "muted"),))], id="search-sign")
            yield SearchField(self._query, id="search")
            yield TextLines(id="found")
        with Horizontal(id="body"):
            yield WindowedList(list_columns(self._columns), id="list", slow_link=False, empty_text="")
            with Vertical(id="preview"):
                yield TextLines(id="card")

    def on_mount(self) -> None:
        """Show the first page."""
        self._list.focus()
        self._fit_placeholder()
        self._show_preview_if_wide()
        self._ask(self._query)

    @property
    def _list(self) -> WindowedList:
        return self.query_one("#list", WindowedList)

    @property
    def _field(self) -> SearchField:
        return self.query_one("#search", SearchField)

    @property
    def is_settled(self) -> bool:
        """Whether the list shows the whole answer to what is in the search line."""
        return self._loaded and not self._list.stale and self._window is not None and self._window.exact

    # Searching

    def _ask(self, text: str) -> None:
        self._query = text
        if self._loaded:
            self._list.stale = True
        self.crm.gateway.search(text, self._order, self._found)

    def _found(self, step: SearchStep) -> None:
        if not self.crm.gateway.is_current(step.generation) or not self.is_mounted:
            return
        if step.error is not None:
            self.crm.tell_error(step.error)
            self._list.stale = False
            return
        keep = self._list.cursor_row_id if self._loaded and not step.exact else None
        self._take(step.ids, step.exact, keep_first=not step.exact)
        self._problem = ""
        for problem in step.problems:
            self._problem = _("{name}: unknown, left out").format(name=display_text(problem.text))
            if problem.nearest:
                self._problem = _("{name}: did you mean {near}?").format(
                    name=display_text(problem.text), near=problem.nearest
                )
        if step.exact and not self._query.strip():
            self._total = len(step.ids)
        self._show_found()
        del keep

    def _take(self, ids: "array[int]", exact: bool, *, keep_first: bool) -> None:
        gateway = self.crm.gateway
        current = self._list.cursor_row_id if self._loaded else None
        if self._window is not None and not keep_first and self._window_is_prefix_of(ids):
            self._window.replace(ids, exact=exact)
            self._list.rows_changed()
        else:
            self._window = RowWindow(gateway.list_rows, ids, exact=exact)
            self._list.set_source(CustomerRows(self._window, self._columns, self.crm.workspace.region), keep_id=current)
        self._list.stale = False
        self._loaded = True

    def _window_is_prefix_of(self, ids: "array[int]") -> bool:
        """Whether the page on screen is the beginning of the whole list, so that nothing has to move."""
        shown = self._window.ids() if self._window else array("q")
        return len(shown) <= len(ids) and shown == ids[: len(shown)]

    def _show_found(self) -> None:
        window = self._window
        count = len(window) if window else 0
        shown = show_number(count) + ("" if window is None or window.exact else "+")
        total = " " + _("of") + " " + show_number(self._total) if self._total is not None else ""
        spans = []
        if self._marked:
            spans.append(
                Span(
                    ngettext("{count} marked", "{count} marked", len(self._marked)).format(
                        count=show_number(len(self._marked))
                    )
                    + "   ",
                    "accent",
                )
            )
        spans.append(Span(f"{shown}{total} ", "muted"))
        found = self.query_one("#found", TextLines)
        needed = sum(cell_width(span.text) for span in spans) + 1
        if not needed <= found.size.width <= needed + 12:
            found.styles.width = needed  # a layout of the whole screen: only when it must be
        found.set_lines([Line((), tuple(spans))])
        self._draw_status()
        if window is not None and not count:
            self._show_empty()

    def status_facts(self) -> tuple[Span, ...]:
        """What of the query was not understood, and the order."""
        if self._problem:
            return (Span(f" {self._problem} ", "warning"),)
        words = self._list.sort_words
        return (Span(f" {words} ", "muted"),) if words else super().status_facts()

    def _show_empty(self) -> None:
        if self._query.strip():
            lines = [_("Nobody is found."), _("Escape clears the search; a adds a customer.")]
        else:
            lines = [
                _("No customers yet."),
                _("a adds one · i brings in a file · ? shows every key"),
                _("crmtui demo shows a sample of 5,000 customers"),
            ]
        self._list.set_empty_text("\n".join(lines))
        self.query_one("#card", TextLines).set_lines([])

    @on(TextField.Changed, "#search")
    def _typed(self, event: TextField.Changed) -> None:
        event.stop()
        if event.value != self._query:
            self._ask(event.value)

    @on(TextField.Submitted, "#search")
    def _submitted(self, event: TextField.Submitted) -> None:
        event.stop()
        self._list.focus()

    async def on_key(self, event: events.Key) -> None:
        """From the search line, down and tab go to the list, escape clears."""
        if self.focused is self._field and event.key in ("down", "tab", "escape"):
            event.stop()
            event.prevent_default()
            if event.key == "escape" and self._field.value:
                self._field.value = ""
            else:
                self._list.focus()
        elif not self.prompt.active:
            self.forget_told()

    # The list

    @on(WindowedList.CursorMoved)
    def _cursor_moved(self, event: WindowedList.CursorMoved) -> None:
        event.stop()
        self._preview_soon()

    def _preview_soon(self) -> None:
        """Draw the card when the cursor rests: a held key sends rows only."""
        if self._preview_timer is not None:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(
            PREVIEW_REST_SLOW if self.crm.slow_link else PREVIEW_REST, self._draw_preview
        )

    @on(WindowedList.Opened)
    async def _opened(self, event: WindowedList.Opened) -> None:
        event.stop()
        from crmtui.tui.screens.customer import CustomerScreen

        await self.app.push_screen(CustomerScreen(event.row_id, self._list.source))

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

    def _marks_changed(self) -> None:
        self._list.set_marked(self._marked)
        self._show_found()

    def targets(self) -> tuple[int, ...]:
        """The marked customers, else the one under the cursor."""
        if self._marked:
            return tuple(sorted(self._marked))
        current = self._list.cursor_row_id
        return () if current is None else (current,)

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
        preview = self.query_one("#preview")
        preview.display = self._preview_wanted and self.app.size.width >= PREVIEW_FROM
        if preview.display:
            preview.styles.width = max(46, self.app.size.width * 2 // 5)
            self.query_one("#card").styles.height = "1fr"
            self.call_after_refresh(self._draw_preview)

    def _draw_preview(self) -> None:
        card = self.query_one("#card", TextLines)
        if not self.query_one("#preview").display or card.size.width == 0:
            return
        customer = self._list.cursor_row_id
        record = self.crm.gateway.customer(customer) if customer is not None else None
        if record is None or customer is None:
            card.set_lines([])
            return
        entries = timeline(self.crm.gateway.page(), customer, limit=card.size.height)
        lines = preview_lines(
            record,
            self.crm.gateway.figures(customer),
            entries,
            card.size.width,
            card.size.height,
            self.crm.workspace.region,
        )
        card.set_lines(lines)

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Rows changed: draw them again, and ask again, for they may stand elsewhere now."""
        self._marked = (
            {customer for customer in self._marked if customer in self.crm.gateway.list_rows(sorted(self._marked))}
            if self._marked
            else set()
        )
        if self._window is not None:
            self._window.forget(ids or None)
            self._list.rows_changed()
        self.crm.gateway.search(self._query, self._order, self._found)
        self._draw_preview()

    def retranslate(self) -> None:
        """Columns, counts and the card in the other language."""
        super().retranslate()
        self._list.set_columns(list_columns(self._columns))
        if self._window is not None:
            self._window.forget()
            self._list.rows_changed()
        self._fit_placeholder()
        self._show_found()
        self._draw_preview()

    # Actions

    def action_customers_search(self) -> None:
        """Go to the search line."""
        self._field.focus()
        self._field.cursor_position = len(self._field.value)

    def action_customers_clear(self) -> None:
        """Clear the search, then the marks."""
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

    def action_customers_sort(self) -> None:
        """Sort by the next column that can be sorted; after the last one, best match first again."""
        keys = [key for key in self._columns if BY_KEY[key].sort]
        current = next((key for key in keys if BY_KEY[key].sort == self._order.column), None)
        index = keys.index(current) + 1 if current else 0
        self._sort_by(keys[index] if index < len(keys) else None)

    def action_customers_sort_reverse(self) -> None:
        """Turn the order round."""
        key = next(
            (key for key in self._columns if BY_KEY[key].sort and BY_KEY[key].sort == self._order.column), "name"
        )
        self._sort_by(key, descending=not self._order.descending)

    def _sort_by(self, key: str | None, *, descending: bool | None = None) -> None:
        field = BY_KEY.get(key) if key else None
        if field is not None and not field.sort:
            self.tell(_("{column} cannot be sorted").format(column=_(field.label)))
            return
        if field is None:
            self._order = Order()
        else:
            newest_first = field.type == "moment"
            self._order = Order(field.sort, newest_first if descending is None else descending)
        self._list.set_sort(key, self._order.descending)
        self._ask(self._query)

    def action_customers_mark_all(self) -> None:
        """Mark everything listed; unmark when everything is marked."""
        window = self._window
        if window is None or not window.exact:
            self.tell(_("one moment: the list is still being counted"))
            return
        listed = set(window.ids())
        self._marked = self._marked - listed if listed <= self._marked else self._marked | listed
        self._marks_changed()

    def action_customers_invert(self) -> None:
        """Mark what is not marked."""
        window = self._window
        if window is not None and window.exact:
            self._marked = set(window.ids()) ^ self._marked
            self._marks_changed()

    def action_customers_percent(self) -> None:
        """Jump to a share of the list."""

        async def ask() -> None:
            text = await self.prompt.ask(" % › ", placeholder="73")
            if text and text.strip().rstrip("%％").strip():
                try:
                    self._list.jump_to_percent(min(100.0, max(0.0, float(text.strip().rstrip("%％")))))
                except ValueError:
                    raise InvalidValue(_("{text} is no percentage").format(text=text), field="percent") from None

        self.crm.begin(ask())

    def action_customers_view(self) -> None:
        """Open a saved view."""

        async def choose() -> None:
            saved = views.list_views(self.crm.gateway.page())
            if not saved:
                self.tell(_("No view is saved yet: V saves this search"))
                return
            choices = [Choice(view.name, display_text(view.name), detail=display_text(view.query)) for view in saved]
            name = await self.pick(_("Views"), choices)
            view = next((view for view in saved if view.name == name), None)
            if view is not None:
                self._order = views.order_of(view)
                key = next(
                    (key for key in self._columns if BY_KEY[key].sort and BY_KEY[key].sort == self._order.column), None
                )
                self._list.set_sort(key, self._order.descending)
                self._field.value = view.query
                self._ask(view.query)

        self.crm.begin(choose())

    def action_customers_save_view(self) -> None:
        """Save the search and the order under a name."""

        async def ask() -> None:
            name = await self.prompt.ask(" " + _("view name") + " › ", value=self._query[:40])
            if name and name.strip():
                query, order = self._query, self._order
                await self.crm.gateway.write(lambda workspace: views.save_view(workspace, name.strip(), query, order))
                self.tell(_("view saved: {name}").format(name=display_text(name.strip())))

        self.crm.begin(ask())

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
