"""A list of customers that answers a search line: asking, showing what comes, the order, the marks."""

from array import array

from crmtui.domain.fields import BY_KEY
from crmtui.domain.models import ListRow
from crmtui.domain.text import cell_width, display_text
from crmtui.errors import InvalidValue
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_number
from crmtui.storage.search import Order
from crmtui.storage.window import RowWindow
from crmtui.tui.actions import key_sign
from crmtui.tui.customer_rows import DEFAULT_COLUMNS, CustomerRows
from crmtui.tui.gateway import SearchStep
from crmtui.tui.screens.customer_actions import CustomerActions
from crmtui.tui.widgets.row_source import RowSource
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList


class SearchField(TextField):
    """The search line."""


class SearchedList(CustomerActions):
    """The search line ``#search``, the list ``#list`` and the count ``#found`` of a screen, and what works on them."""

    def __init__(self, query: str = "") -> None:
        super().__init__()
        self._query = query
        self._shown_query = query
        self._order = Order()
        self._window: RowWindow[ListRow] | None = None
        self._columns: tuple[str, ...] = DEFAULT_COLUMNS
        self._marked: set[int] = set()
        self._problem = ""
        self._total: int | None = None
        self._loaded = False
        self._answered = False

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
        self._answered = False
        self.crm.gateway.search(text, self._order, self._found)
        if self._loaded and not self._answered:
            self._list.stale = True

    def _found(self, step: SearchStep) -> None:
        if not self.crm.gateway.is_current(step.generation) or not self.is_attached:
            return
        if step.error is not None:
            self.crm.tell_error(step.error)
            self._list.stale = False
            return
        self._answered = True
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

    def _take(self, ids: "array[int]", exact: bool, *, keep_first: bool) -> None:
        gateway = self.crm.gateway
        # Other words want their best matches in sight; the same ones, or none any more, leave the cursor on its customer.
        other_words = bool(self._query.strip()) and self._query != self._shown_query
        self._shown_query = self._query
        current = self._list.cursor_row_id if self._loaded and not other_words else None
        if self._window is not None and not keep_first and not other_words and self._window_is_prefix_of(ids):
            self._window.replace(ids, exact=exact)
            self._list.rows_changed()
        else:
            self._window = RowWindow(gateway.list_rows, ids, exact=exact)
            self._list.set_source(self.rows_of(self._window), keep_id=current)
        self._list.stale = False
        self._loaded = True

    def rows_of(self, window: RowWindow[ListRow]) -> RowSource:
        """The rows of a window with the cells of these columns."""
        return CustomerRows(window, self._columns, self.crm.workspace.region)

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

    def typing_keys(self) -> list[tuple[str, str]]:
        """In the search line: on to what was found, or back."""
        if self.focused is not self._field:
            return super().typing_keys()
        keys = [(key_sign("enter"), _("to the list")), ("tab", _("complete")), (key_sign("escape"), _("clear"))]
        return keys if self._field.value else [*keys, (key_sign("up"), _("earlier searches"))]

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

    def _marks_changed(self) -> None:
        self._list.set_marked(self._marked)
        self._show_found()

    def targets(self) -> tuple[int, ...]:
        """The marked customers, else the one under the cursor."""
        if self._marked:
            return tuple(sorted(self._marked))
        current = self._list.cursor_row_id
        return () if current is None else (current,)

    def action_customers_sort(self) -> None:
        """Sort by the next column that can be sorted; after the last one, best match first again."""
        keys = [key for key in self._columns if key in BY_KEY and BY_KEY[key].sort]
        current = next((key for key in keys if BY_KEY[key].sort == self._order.column), None)
        index = keys.index(current) + 1 if current else 0
        self._sort_by(keys[index] if index < len(keys) else None)

    def action_customers_sort_reverse(self) -> None:
        """Turn the order round."""
        keys = (key for key in self._columns if key in BY_KEY and BY_KEY[key].sort)
        key = next((key for key in keys if BY_KEY[key].sort == self._order.column), "name")
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
