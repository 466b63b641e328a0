"""What a list looks like and how one got there: views, columns, counts of values, the searches of before, jumping to a row."""

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events

from crmtui.domain.fields import BY_KEY, Field
from crmtui.domain.models import ListRow
from crmtui.domain.text import display_text, pad
from crmtui.errors import ConfigError
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_number
from crmtui.paths import views_path
from crmtui.storage.customers import read_customers
from crmtui.storage.definitions import custom_fields, read_view
from crmtui.storage.search import Order
from crmtui.storage.window import RowWindow
from crmtui.tui.customer_rows import DEFAULT_COLUMNS, CustomerRows, list_columns
from crmtui.tui.screens.completing import CompletingSearch
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowSource
from crmtui.tui.widgets.text_lines import Span

if TYPE_CHECKING:
    from crmtui.domain.view_text import ViewColumn
    from crmtui.services.view_file import ViewFile
    from crmtui.services.views import ListedView

JUMP_LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM"
COUNT_SECONDS = 0.04
"""How long the numbers of customers of all views together may take before the picker shows without the rest of them."""
_NAME_CELLS = 20
_MINE, _EVERYBODYS, _VIEW = "mine", "everybodys", "view"


class ListViews(CompletingSearch):
    """Views, columns and ways through the searches of the list."""

    def __init__(self, query: str = "") -> None:
        super().__init__(query)
        self._chosen: tuple[ViewColumn, ...] = ()
        self._custom: tuple[Field, ...] = ()
        self._view: ListedView | None = None
        self._counted_last = ""
        self._jumping = False

    # What the list shows

    def shown_columns(self) -> list[ListColumn]:
        """The columns of the list: the usual ones, or those that were chosen."""
        if not self._chosen:
            return list_columns(self._columns)
        from crmtui.tui.chosen_columns import chosen_list_columns

        return chosen_list_columns(self._chosen, self._custom)

    def rows_of(self, window: RowWindow[ListRow]) -> RowSource:
        """The rows of a window with the cells of these columns."""
        region = self.crm.workspace.region
        if not self._chosen:
            return CustomerRows(window, self._columns, region)
        from crmtui.tui.chosen_columns import ChosenRows

        page = self.crm.gateway.page()
        return ChosenRows(window, self._columns, region, self._custom, lambda ids: read_customers(page, ids))

    def take_default_view(self) -> None:
        """Lists without a view look as somebody said, in the customer file or in views.toml; nearly always nobody did."""
        page = self.crm.gateway.page()
        if read_view(page, "") is None and not os.path.exists(views_path(os.environ)):
            return
        from crmtui.services.views import default_view

        try:
            texts = self._view_file()
        except ConfigError as error:
            self.crm.tell_error(error)
            return
        view = default_view(page, texts)
        if view is not None:
            self._order = view.order
            self._show_columns(view.columns)
        self._tell_problems(texts)

    def _view_file(self) -> "ViewFile":
        from crmtui.services.view_file import load

        return load(views_path(os.environ))

    def _tell_problems(self, texts: "ViewFile") -> None:
        """Name what is wrong in views.toml by its line; the rest of it works."""
        if not texts.problems:
            return
        from crmtui.services.view_file import describe

        text = describe(texts.problems[0], os.path.basename(texts.path))
        others = len(texts.problems) - 1
        if others:
            text += " · " + ngettext("{count} more", "{count} more", others).format(count=others)
        self.tell(text, error=True)

    def _show_columns(self, columns: "Sequence[ViewColumn]") -> None:
        self._chosen = tuple(columns)
        self._custom = tuple(custom_fields(self.crm.gateway.page())) if columns else ()
        self._columns = tuple(column.key for column in columns) or DEFAULT_COLUMNS
        self._list.tells_left_out = bool(columns)
        self._list.set_columns(self.shown_columns())
        self.show_order()
        if self._window is not None:
            self._list.set_source(self.rows_of(self._window), keep_id=self._list.cursor_row_id)

    def show_order(self) -> None:
        """The sign of the order over its column."""
        keys = (key for key in self._columns if key in BY_KEY and BY_KEY[key].sort)
        key = next((key for key in keys if BY_KEY[key].sort == self._order.column), None)
        self._list.set_sort(key, self._order.descending)

    def status_facts(self) -> tuple[Span, ...]:
        """The open view before the order."""
        facts = super().status_facts()
        if self._view is None or self._problem or self._view.query != self._query:
            return facts
        return (Span(f" {display_text(self._view.name, limit=24)} ", "accent"), *facts)

    def go_to_query(self, query: str) -> None:
        """Ask for other customers, and note it among the searches."""
        self.visit(self._query)
        self.visit(query)
        self._put_query(query)

    def _put_query(self, query: str) -> None:
        if self._field.value == query:
            self._ask(query)
        else:
            self._field.value = query

    # Views

    def action_customers_view(self) -> None:
        """Open a saved view."""
        from crmtui.services.views import all_views
        from crmtui.tui.screens.pick import Choice

        async def choose() -> None:
            texts = self._view_file()
            views = all_views(self.crm.gateway.page(), texts)
            self._tell_problems(texts)
            if not views:
                if not texts.problems:
                    self.tell(_("No view is saved yet: V saves this search"))
                return
            counts = self._counts_of(views)
            choices = [
                Choice(str(index), _view_label(view), detail=origin(view) + counts[index])
                for index, view in enumerate(views)
            ]
            picked = await self.pick(_("Views"), choices)
            if picked is not None:
                self._open_view(views[int(picked)])

        self.crm.begin(choose())

    def _open_view(self, view: "ListedView") -> None:
        self._view = view
        self._order = view.order
        self._show_columns(view.columns)
        self.go_to_query(view.query)

    def _counts_of(self, views: "Sequence[ListedView]") -> list[str]:
        """How many customers each view finds, as words to put behind; "" where it would take a noticeable time."""
        deadline = time.monotonic() + COUNT_SECONDS
        found = []
        for view in views:
            number = self.crm.gateway.count_until(view.query, deadline)
            found.append("" if number is None else f" · {show_number(number)}")
        return found

    def action_customers_save_view(self) -> None:
        """Save the search, the order and the columns under a name."""

        async def ask() -> None:
            current = self._view
            name = await self.prompt.ask(
                " " + _("view name") + " › ", value=current.name if current is not None else self._query[:40]
            )
            name = (name or "").strip()
            if not name:
                return
            place = await self._ask_place(_("Where is “{name}” kept?").format(name=display_text(name, limit=40)))
            if place is None:
                return
            query, order, columns = self._query, self._order, self._chosen
            await self._save_view(place, name, query, order, columns)
            self._view = _listed(name, query, order, columns, place)
            self.tell(_("view saved: {name}").format(name=display_text(name)) + " · " + origin(self._view))

        self.crm.begin(ask())

    async def _ask_place(self, title: str) -> str | None:
        from crmtui.tui.screens.pick import Choice

        mine = Choice(_MINE, _("for me, in every customer file"), detail="views.toml")
        if self.crm.workspace.database.readonly:
            return _MINE
        own = Choice(_EVERYBODYS, _("for everybody who works on this file"), detail=_("this customer file"))
        return await self.pick(title, [own, mine])

    async def _save_view(
        self, place: str, name: str, query: str, order: Order, columns: "Sequence[ViewColumn]"
    ) -> None:
        from crmtui.services import view_file, views

        if place == _MINE:
            text, path = views.text_view(name, query, order, columns), views_path(os.environ)
            await self.crm.gateway.write(lambda _workspace: view_file.save(path, text))
            return
        await self.crm.gateway.write(lambda workspace: views.save_view(workspace, name, query, order, columns))
        self.crm.look_at_next_undo()

    # Columns

    def action_customers_columns(self) -> None:
        """Choose the columns and their order."""
        from crmtui.domain.view_text import ViewColumn
        from crmtui.tui.screens.columns import ColumnsScreen

        async def choose() -> None:
            custom = custom_fields(self.crm.gateway.page())
            before = self._chosen
            columns = before or tuple(ViewColumn(key) for key in self._columns)
            keep = await self.crm.push_screen_and_wait(ColumnsScreen(columns, custom, self._show_columns))
            if keep and self._chosen != before:
                await self._keep_columns()

        self.crm.begin(choose())

    async def _keep_columns(self) -> None:
        from crmtui.services.views import default_view
        from crmtui.tui.screens.pick import Choice

        view = self._view
        choices = [Choice(_MINE, _("in my lists without a view"), detail="views.toml")]
        if not self.crm.workspace.database.readonly:
            choices.insert(
                0, Choice(_EVERYBODYS, _("in everybody's lists without a view"), detail=_("this customer file"))
            )
        if view is not None:
            label = _("in the view “{name}”").format(name=display_text(view.name, limit=30))
            choices.insert(0, Choice(_VIEW, label, detail=origin(view)))
        place = await self.pick(_("Where are these columns kept?"), choices)
        if place is None:
            return
        if place == _VIEW and view is not None:
            kept = _MINE if view.file else _EVERYBODYS
            await self._save_view(kept, view.name, view.query, view.order, self._chosen)
            self._view = view._replace(columns=self._chosen)
        else:
            usual = default_view(self.crm.gateway.page(), self._view_file())
            order = usual.order if usual is not None else Order()
            await self._save_view(place, "", "", order, self._chosen)
        self.tell(_("columns kept"))

    # Counts

    def action_customers_counts(self) -> None:
        """Count the values of a field over what is listed; one of them opens its customers."""
        from crmtui.tui.screens.counts import CountsScreen, countable_choices

        async def count() -> None:
            custom = custom_fields(self.crm.gateway.page())
            sorted_by = next((field.key for field in BY_KEY.values() if field.sort == self._order.column), "")
            first = self._counted_last or (sorted_by if self._order.column else "")
            field = await self.pick(_("Count the values of"), countable_choices(custom, first))
            if field is None:
                return
            screen = CountsScreen(self._query, field, custom)
            query = await self.crm.push_screen_and_wait(screen)
            self._counted_last = screen.field
            if query:
                self.go_to_query(query)

        self.crm.begin(count())

    # Searches of before

    def action_customers_previous_search(self) -> None:
        """Go back to the search before."""
        self._go_along(self._trail.back(self._query), _("this is the first search"))

    def action_customers_next_search(self) -> None:
        """Go forward to the search that was left."""
        self._go_along(self._trail.forward(self._query), _("this is the last search"))

    def _go_along(self, query: str | None, at_end: str) -> None:
        if query is None:
            self.tell(at_end)
        else:
            self._put_query(query)

    # Jumping

    def action_customers_jump(self) -> None:
        """Put a letter before each row on the screen; the next key goes there."""
        self._jumping = True
        self._list.set_letters(JUMP_LETTERS)
        self.tell(_("press the letter of a row"))

    def jump_key(self, event: events.Key) -> bool:
        """The key after ``action_customers_jump``; says whether there was one to take."""
        if not self._jumping:
            return False
        self._jumping = False
        self._list.set_letters("")
        self.forget_told()
        place = JUMP_LETTERS.find(event.character or " ")
        shown = self._list.window_range
        if 0 <= place < len(shown):
            self._list.jump_to(shown[place])
        return True


def origin(view: "ListedView") -> str:
    """Where a view is kept, in a word."""
    return "views.toml" if view.file else _("this file")


def _view_label(view: "ListedView") -> str:
    name = display_text(view.name, limit=60)
    return f"{pad(name, _NAME_CELLS)} {display_text(view.query, limit=100)}"


def _listed(name: str, query: str, order: Order, columns: "Sequence[ViewColumn]", place: str) -> "ListedView":
    from crmtui.services.views import ListedView

    return ListedView(name, query, order, tuple(columns), views_path(os.environ) if place == _MINE else "")
