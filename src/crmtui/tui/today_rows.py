"""The day as the rows of a list: sections of tasks, of customers gone quiet, of birthdays."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from crmtui.domain.phones import show_phone
from crmtui.domain.text import display_text
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_number
from crmtui.services.today import Birthday, Birthdays, DueTask, Quiet, Quiets, Tasks, TodayLists
from crmtui.tui import clock
from crmtui.tui.card import due_text
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView

Item = DueTask | Quiet | Birthday

DONE_SIGN = "✓"


class DayRow(NamedTuple):
    """A row of the day: its id in the list, and what it is about; a head has no item but a text."""

    id: int
    item: Item | None
    head: str = ""


class DayRows:
    """The rows of a day. ``finished`` are tasks that were done here: they stay in sight, marked as done."""

    exact = True

    def __init__(self, rows: Sequence[DayRow], finished: Collection[int], region: str) -> None:
        self._rows = rows
        self._finished = finished
        self._region = region
        self._at = {row.id: index for index, row in enumerate(rows)}

    def row_count(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> list[RowView]:
        return [self._view(row) for row in self._rows[start:stop]]

    def row_id(self, index: int) -> int:
        return self._rows[index].id

    def index_of(self, row_id: int) -> int | None:
        return self._at.get(row_id)

    def head_at(self, index: int) -> str | None:
        """The head of a section; None for a row."""
        row = self._rows[index]
        return row.head if row.item is None else None

    def item_at(self, index: int) -> Item | None:
        """What the row at ``index`` is about; None for a head or where there is no row."""
        return self._rows[index].item if 0 <= index < len(self._rows) else None

    def _view(self, row: DayRow) -> RowView:
        item = row.item
        if item is None:
            return RowView((row.head,), "strong")
        number = item.phone or ""
        phone = display_text(show_phone(number if number.startswith("+") else "", number, self._region), limit=40)
        who = display_text(item.name or "", limit=80)
        if isinstance(item, DueTask):
            done = item.id in self._finished
            when = f"{DONE_SIGN} " + _("done") if done else _when(item.comes_up)
            return RowView((when, who, display_text(item.text), phone), "muted" if done else "")
        if isinstance(item, Quiet):
            days = ngettext("{count} day", "{count} days", item.silent_days).format(count=item.silent_days)
            return RowView((days, who, silence(item.usual_gap_days, item.silent_days), phone))
        turns = "" if item.turns is None else _("turns {age}").format(age=item.turns)
        return RowView((_when(item.on.isoformat()), who, turns, phone))


def silence(usual: int, silent: int) -> str:
    """A customer's own rhythm beside the silence: "usually every 11 days, now 34"."""
    every = ngettext("usually every {count} day", "usually every {count} days", usual).format(count=usual)
    return _("{every}, now {days}").format(every=every, days=silent)


def day_columns() -> list[ListColumn]:
    """When, who, what, the phone."""
    return [
        ListColumn("when", _("Due"), width=14, priority=90),
        ListColumn("who", _("Customer"), min_width=12, priority=95),
        ListColumn("what", _("Task"), weight=2, min_width=29, priority=100),
        ListColumn("phone", _("Phone"), width=17, priority=50),
    ]


def day_rows(lists: TodayLists, kept: Mapping[int, tuple[int, DueTask]]) -> list[DayRow]:
    """The sections that have anything, with their heads; ``kept`` are finished tasks by id, with the section they were in."""
    sections: tuple[tuple[str, Tasks | Quiets | Birthdays], ...] = (
        (_("Overdue"), lists.overdue),
        (_("Due today"), lists.due_today),
        (_("Next 7 days"), lists.due_soon),
        (_("Gone quiet"), lists.quiet),
        (_("Birthdays today"), lists.birthdays_today),
        (_("Birthdays in the next 7 days"), lists.birthdays_soon),
    )
    rows: list[DayRow] = []
    for number, (title, section) in enumerate(sections):
        items: list[Item] = list(section.rows)
        if isinstance(section, Tasks):
            finished = [task for at, task in kept.values() if at == number]
            tasks = sorted([*section.rows, *finished], key=lambda task: (task.comes_up, task.id))
            items = [*tasks]
        if items:
            rows.append(DayRow(-1 - number, None, _head(title, section)))
            rows += [DayRow(_row_id(item), item) for item in items]
    return rows


def section_of(lists: TodayLists, task: DueTask) -> int:
    """The number of the section a task is in."""
    for number, section in enumerate((lists.overdue, lists.due_today)):
        if any(other.id == task.id for other in section.rows):
            return number
    return 2


def _when(due: str) -> str:
    """A due time without the year that it is."""
    return due_text(due).removeprefix(f"{clock.local_now().year}-")


def _head(title: str, section: Tasks | Quiets | Birthdays) -> str:
    total = show_number(section.total) + ("+" if section.more else "")
    shown = len(section.rows)
    if shown < section.total:
        return f"{title} · " + _("{shown} of {total}").format(shown=show_number(shown), total=total)
    return f"{title} · {total}"


def _row_id(item: Item) -> int:
    """One number for each row: a task, a silence and a birthday may have the same id."""
    if isinstance(item, DueTask):
        return item.id * 3
    return item.customer_id * 3 + (1 if isinstance(item, Quiet) else 2)
