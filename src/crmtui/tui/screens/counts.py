"""How often each value of a field occurs among the customers that a search finds, and the way to the customers behind one."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer

from crmtui.domain.fields import BY_KEY, FIELDS, Field
from crmtui.domain.text import display_text
from crmtui.errors import CrmError, Interrupted
from crmtui.i18n import N_, _, ngettext
from crmtui.i18n.show import show_number
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.form_values import choice_label
from crmtui.tui.list_actions import COUNTS
from crmtui.tui.screens.base import CrmScreen, bindings_of
from crmtui.tui.screens.pick import Choice, PickScreen
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList
from crmtui.tui.work_aside import LOOK_SECONDS, is_there

if TYPE_CHECKING:
    from crmtui.services.counting import ValueCounts
    from crmtui.services.workspace import Workspace

MOST = 5000
"""Values that are listed; of more, the commonest."""
BAR = 20
"""Cells of the bar of the commonest value."""
_MADE = {"domain": N_("Domain of the e-mail"), "phone_country": N_("Country code of the phone")}


def counted_label(key: str, custom: Sequence[Field]) -> str:
    """What a countable field is called."""
    if key in _MADE:
        return _(_MADE[key])
    if key in BY_KEY:
        return _(BY_KEY[key].label)
    own = key.removeprefix("custom.")
    return display_text(next((field.label for field in custom if field.key == own), own))


def countable_choices(custom: Sequence[Field], first: str) -> list[Choice]:
    """The fields whose values can be counted, ``first`` before the others."""
    keys = [field.key for field in FIELDS if field.key not in ("name", "notes")]
    keys = [
        "stage",
        "owner",
        "city",
        "tags",
        "source",
        *keys,
        *_MADE,
        *(f"custom.{field.key}" for field in custom),
        "name",
    ]
    known = dict.fromkeys([first, *keys] if first else keys)
    return [Choice(key, counted_label(key, custom), key.removeprefix("custom.")) for key in known]


class _CountRows:
    """The values as rows; the last one is for the customers without any."""

    exact = True

    def __init__(self, found: "ValueCounts", field: Field | None) -> None:
        self._found, self._field = found, field
        self._most = max([found.blank, *(row.count for row in found.rows[:1])], default=1) or 1

    def row_count(self) -> int:
        return len(self._found.rows) + bool(self._found.blank)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return [self._row(index) for index in range(start, min(stop, self.row_count()))]

    def _row(self, index: int) -> RowView:
        if index == len(self._found.rows):
            return self._cells(_("without a value"), self._found.blank, "muted")
        value, count, _query = self._found.rows[index]
        label = choice_label(self._field, value) if self._field is not None else value
        return self._cells(display_text(label, limit=200), count, "")

    def _cells(self, label: str, count: int, style: str) -> RowView:
        share = 100 * count / self._found.total if self._found.total else 0
        shown = f"{share:.1f} %" if share >= 0.05 or not count else "< 0.1 %"
        bar = "█" * max(1, round(BAR * count / self._most)) if count else ""
        return RowView((label, show_number(count), shown, bar), style)

    def query(self, index: int) -> str:
        """What finds the customers behind a row."""
        return self._found.blank_query if index == len(self._found.rows) else self._found.rows[index].query

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < self.row_count() else None


class CountsScreen(CrmScreen):
    """Returns the query of the value that was opened, or None. ``field`` is kept for the next time by whoever reads it."""

    SCOPES = (COUNTS, LIST)
    MODE = "customers"
    UNHINTED = ("list.mark",)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(COUNTS))]
    DEFAULT_CSS = "CountsScreen #counted { height: 1; }"

    def __init__(self, query: str, field: str, custom: Sequence[Field]) -> None:
        super().__init__()
        self.field = field
        self._query = query
        self._custom = tuple(custom)
        self._stopped = False
        self._counting = False
        self._begun = 0.0
        self._timer: Timer | None = None
        self._found: ValueCounts | None = None

    def compose_body(self) -> ComposeResult:
        """What is counted, and the values."""
        yield TextLines(id="counted")
        yield WindowedList(id="list")

    def on_mount(self) -> None:
        """Count."""
        self._list.focus()
        self._dress()
        self._begin()

    @property
    def _list(self) -> WindowedList:
        return self.query_one("#list", WindowedList)

    def _dress(self) -> None:
        self._list.set_columns(
            [
                ListColumn("value", counted_label(self.field, self._custom), weight=1, min_width=16, priority=100),
                ListColumn("count", _("Customers"), width=11, align_right=True, priority=90),
                ListColumn("share", _("Share"), width=8, align_right=True, priority=80),
                ListColumn("bar", "", width=BAR, priority=70),
            ]
        )

    def _begin(self) -> None:
        self._stopped, self._counting, self._begun = False, True, time.monotonic()
        self._show_head(_("counting …"))
        self._timer = self.set_interval(LOOK_SECONDS, self._tell_time)
        self.crm.begin(self._count())

    def _tell_time(self) -> None:
        seconds = round(time.monotonic() - self._begun)
        self._show_head(_("counting … {seconds} s, esc stops").format(seconds=seconds))

    async def _count(self) -> None:
        from crmtui.services.counting import count_values

        query, field, stopped = self._query, self.field, lambda: self._stopped

        def job(workspace: "Workspace") -> "ValueCounts":
            reader = workspace.database.reader()
            return count_values(reader, query, field, MOST, stopped, actor=workspace.actor)

        try:
            found = await self.crm.gateway.run_aside(job)
        except Interrupted:
            if is_there(self):
                self.dismiss(None)
            return
        except CrmError:
            if is_there(self):
                self._show_head("")
            raise
        finally:
            self._counting = False
            if self._timer is not None:
                self._timer.stop()
        if is_there(self):
            self._show(found)

    def _show(self, found: "ValueCounts") -> None:
        self._found = found
        self._list.set_source(_CountRows(found, BY_KEY.get(self.field)))
        self._list.set_empty_text(_("Nobody is found."))
        values = ngettext("{count} value", "{count} values", found.distinct).format(count=show_number(found.distinct))
        customers = ngettext("{count} customer", "{count} customers", found.total).format(
            count=show_number(found.total)
        )
        text = f"{values} · {customers}"
        if found.distinct > len(found.rows):
            text += " · " + _("the {count} commonest").format(count=show_number(len(found.rows)))
        self._show_head(text)

    def _show_head(self, text: str) -> None:
        of = display_text(self._query, limit=200) if self._query.strip() else _("all customers")
        left = (Span(f" {counted_label(self.field, self._custom)} ", "strong"), Span(f"· {of}", "muted"))
        self.query_one("#counted", TextLines).set_lines([Line(left, (Span(f"{text} ", "muted"),))])

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        event.stop()
        source = self._list.source
        query = source.query(event.row_id) if isinstance(source, _CountRows) else ""
        if query:
            self.dismiss(query)
        else:
            self.tell(_("no search finds exactly these customers"))

    def retranslate(self) -> None:
        """Titles, labels and numbers in the other language."""
        super().retranslate()
        self._dress()
        if self._found is not None and not self._counting:
            self._show(self._found)

    def action_counts_field(self) -> None:
        """Count another field."""

        async def choose() -> None:
            choices = countable_choices(self._custom, self.field)
            chosen: str | None = await self.crm.push_screen_and_wait(PickScreen(_("Count the values of"), choices))
            if chosen and not self._counting:
                self.field = chosen
                self._dress()
                self._begin()

        if not self._counting:
            self.crm.begin(choose())

    def action_counts_back(self) -> None:
        """Stop counting, or go back to the list."""
        if self._counting:
            self._stopped = True
            self._show_head(_("stopping …"))
        else:
            self.dismiss(None)
