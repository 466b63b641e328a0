"""Records of one customer side by side: which values stay and why, another value by one key, then one merge."""

from collections.abc import Coroutine
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from crmtui.domain.matching.levels import LABELS
from crmtui.domain.models import CustomerRecord
from crmtui.domain.text import display_text, wrapped
from crmtui.errors import CrmError
from crmtui.i18n import _, ngettext
from crmtui.services.duplicates.deciding import all_different, split
from crmtui.services.duplicates.listing import Explanation, explain
from crmtui.services.duplicates.queue import Case
from crmtui.services.merge import MergePreview, merge, preview
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.duplicate_actions import MERGE
from crmtui.tui.merge_rows import (
    LABEL_WIDTH,
    RECORD_WIDTH,
    SURVIVOR,
    FieldRows,
    MergeRow,
    SignalRows,
    merge_rows,
    result_words,
    shown_positions,
    signal_columns,
    signal_words,
)
from crmtui.tui.screens.base import CrmScreen, bindings_of
from crmtui.tui.screens.case_deciding import tell_different, tell_merged
from crmtui.tui.screens.pick import Choice, PickScreen
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

if TYPE_CHECKING:
    pass

MERGED, DIFFERENT, LATER = "merged", "different", "later"
"""What the screen returns; None when nothing was decided."""
_WHY_WIDTHS = (18, 27)
"""The fewest and the most cells for the reasons."""
_FOOT_LINES = 5


class MergeScreen(CrmScreen):
    """Returns ``MERGED``, ``DIFFERENT``, ``LATER`` or None."""

    SCOPES = (MERGE, LIST)
    HINTED = (MERGE,)
    MODE = "duplicates"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(MERGE))]
    DEFAULT_CSS = f"MergeScreen #case {{ height: 1; }} MergeScreen #foot {{ height: {_FOOT_LINES}; }}"

    def __init__(self, proposed: MergePreview, *, back: str, case: Case | None = None) -> None:
        super().__init__()
        self._preview = proposed
        self._records = proposed.records
        self._back = back
        self._case = case
        self._chosen: dict[str, int] = {}
        self._all = False
        self._first = 0
        self._digit = ""
        self._explained: list[Explanation] = []
        self._explaining = 0
        """Which other record the first one is explained with; 0 while the fields are shown."""
        self._deciding = False
        self._rows: list[MergeRow] = []
        self._interactions: list[int] = []

    def compose_body(self) -> ComposeResult:
        """What it is about, the fields, and beneath them the one under the cursor and the result."""
        yield TextLines(id="case")
        yield WindowedList(id="list")
        yield TextLines(id="foot")

    def on_mount(self) -> None:
        """Show what differs."""
        self._list.focus()
        self._show()

    @property
    def _list(self) -> WindowedList:
        return self.query_one("#list", WindowedList)

    @property
    def chosen(self) -> dict[str, int]:
        """By field, the record whose value was taken by hand."""
        return {key: customer for key, customer in self._chosen.items() if key != SURVIVOR}

    def shown_rows(self) -> list[MergeRow]:
        """The rows on the screen: those that differ, or all."""
        return [row for row in self._rows if row.differs or self._all]

    # Drawing

    def top_line(self) -> Line:
        """The way back, and how many records."""
        count = len(self._records)
        text = ngettext("Merge {count} record", "Merge {count} records", count).format(count=count)
        left = (Span(" ◂ ", "key"), Span(_(self._back) + "   ", "muted"), Span(text, "strong"))
        if self._case is None:
            return Line(left)
        level = f"{_(LABELS[self._case.level])} {self._case.score:.1f} % "
        return Line(left, (Span(level, "accent"),))

    def status_facts(self) -> tuple[Span, ...]:
        """What is left for the keys: these are many."""
        return ()

    def _show(self) -> None:
        """Everything anew."""
        self._interactions = [self.crm.gateway.figures(record["id"]).interactions for record in self._records]
        self._rows = merge_rows(self._records, self._preview, self._chosen, self._interactions)
        keep = self._list.cursor_row_id
        if self._explaining:
            self._show_explanation()
        else:
            self._dress()
            self._list.set_source(FieldRows(self.shown_rows(), self.positions()), keep_id=keep)
        self._draw_around()

    def _dress(self) -> None:
        """The columns: as many records as fit, the surviving one always among them."""
        width = self.app.size.width
        columns = [ListColumn("field", _("Field"), width=LABEL_WIDTH, priority=100)]
        shown = self.positions()
        for position in shown:
            record = self._records[position]
            title = f"  {position + 1}  {display_text(record['name'], limit=60)}"
            columns.append(ListColumn(f"record{position}", title, weight=1, min_width=RECORD_WIDTH - 2, priority=90))
        room = width - LABEL_WIDTH - len(shown) * RECORD_WIDTH - 8
        if room >= _WHY_WIDTHS[0]:
            why = min(_WHY_WIDTHS[1], room)
            columns.append(ListColumn("why", _("Why"), width=why, priority=10))
        self._list.set_columns(columns)
        self._list.set_empty_text(_("Nothing differs: d shows all fields"))

    def positions(self) -> list[int]:
        """The records on the screen: the survivor and as many of the others as fit."""
        return shown_positions(len(self._records), self._first, self.app.size.width)

    def _draw_around(self) -> None:
        self.update_chrome()
        width = self.app.size.width - 2
        self.query_one("#case", TextLines).set_lines([self._case_line()])
        lines = [Line((Span("─" * (width + 2), "muted"),))]
        row = self.current()
        if self._explaining:
            told = self._explained[self._explaining - 1]
            for text in signal_words(told, self._list.cursor_index), told.verdict:
                lines += [Line((Span(" " + line, "strong"),)) for line in wrapped(text, width, 2 if text else 0)]
        elif row is not None:
            # What stays, in full: a cell may have cut it.
            stays = " + ".join(dict.fromkeys(row.values[position] for position in sorted(row.kept)))
            for number, text in enumerate(wrapped(f"{row.label}: {stays}  ({row.why})", width, 2)):
                lines.append(Line((Span(" " + text, "" if number else "strong"),)))
        if not self._explaining:
            result = result_words(self._records, self._rows, self._interactions)
            lines = [*lines, *([Line()] * (3 - len(lines)))]
            word = _("result") + "  "
            for number, text in enumerate(wrapped(word + result, width, 2)):
                rest = text.removeprefix(word) if not number else text
                lines.append(Line((Span(" " if number else " " + word, "muted"), Span(rest, "success"))))
        self.query_one("#foot", TextLines).set_lines(lines)

    def _case_line(self) -> Line:
        hidden = len(self._records) - len(self.positions())
        more = ngettext("{count} more record: ← →", "{count} more records: ← →", hidden).format(count=hidden)
        right = (Span(more + " ", "warning"),) if hidden and not self._explaining else ()
        if self._explaining:
            told = self._explained[self._explaining - 1]
            text = f"#{told.a_id} · #{told.b_id}   {told.score:.1f} %"
        elif self._case is not None:
            text = _("; ").join(self._case.reasons)
        else:
            text = _("e explains how alike they are")
        return Line((Span(" " + text, "muted"),), right)

    def _show_explanation(self) -> None:
        told = self._explained[self._explaining - 1]
        self._list.set_columns(signal_columns(told))
        self._list.set_empty_text(display_text(told.verdict))
        self._list.set_source(SignalRows(told))

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Somebody changed a customer: look again; a record that is gone ends the comparison."""
        if self._deciding or (ids and not {record["id"] for record in self._records} & set(ids)):
            return
        try:
            self._look_again()
        except CrmError as error:
            self.dismiss(None)
            self.crm.tell_error(error)
            return
        self._show()

    def _look_again(self) -> None:
        """Ask again what stays; the records keep their places."""
        order = [record["id"] for record in self._records]
        survivor = self._preview.survivor
        others = [each for each in order if each != survivor]
        self._preview = preview(self.crm.workspace, survivor, others, self.chosen)
        by_id = {record["id"]: record for record in self._preview.records}
        self._records = [by_id[each] for each in order]

    def retranslate(self) -> None:
        """Everything again in the other language."""
        if self._explaining:
            self._explain_all()
        self._show()

    def on_resize(self) -> None:
        """How many records fit depends on the width."""
        super().on_resize()
        if self._rows:
            self._show()

    def current(self) -> MergeRow | None:
        """The field under the cursor."""
        rows = self.shown_rows()
        index = self._list.cursor_index
        return rows[index] if not self._explaining and index < len(rows) else None

    @on(WindowedList.CursorMoved)
    def _cursor_moved(self, event: WindowedList.CursorMoved) -> None:
        event.stop()
        self._draw_around()

    @on(WindowedList.Opened)
    @on(WindowedList.MarkToggled)
    def _not_here(self, event: WindowedList.Opened | WindowedList.MarkToggled) -> None:
        """Enter merges nothing by itself: it is the key that led here."""
        event.stop()
        self.tell(_("y merges them, n calls them different, a digit takes the value of that record"))

    async def on_key(self, event: events.Key) -> None:
        """A key ends what the status line was telling; of a digit it is kept which one."""
        self._digit = event.character or ""
        if not self.prompt.active:
            self.forget_told()

    # Actions

    def action_merge_take(self) -> None:
        """Take the value of the record whose digit was pressed; without one, ask which."""
        digit, self._digit = self._digit, ""
        if digit.isdecimal():
            self._take(int(digit) - 1)
            return

        async def ask() -> None:
            answer = await self._ask_record(_("Whose value?"))
            if answer is not None:
                self._take(answer)

        self.crm.begin(ask())

    async def _ask_record(self, title: str) -> int | None:
        """Let the person choose one of the records; its position."""
        choices = [
            Choice(str(position), f"{position + 1}  {display_text(record['name'], limit=60)}", "", f"#{record['id']}")
            for position, record in enumerate(self._records)
        ]
        answer: str | None = await self.crm.push_screen_and_wait(PickScreen(title, choices))
        return None if answer is None else int(answer)

    def _take(self, position: int) -> None:
        row = self.current()
        if row is None:
            return
        if position >= len(self._records):
            self.tell(_("there is no record {number}").format(number=position + 1))
        elif not row.choosable:
            self.tell(_("{field}: all of them stay").format(field=row.label))
        elif not row.values[position]:
            self.tell(
                _("{field}: record {number} has no value, a blank never wins").format(
                    field=row.label, number=position + 1
                )
            )
        else:
            customer = self._records[position]["id"]
            self._chosen[row.key] = customer
            if row.key == SURVIVOR:
                self._preview = self._preview._replace(survivor=customer)
            self.refresh_data(())

    def action_merge_fields(self) -> None:
        """All fields, or only those that differ."""
        key = row.key if (row := self.current()) else ""
        self._all, self._explaining = not self._all, 0
        self._show()
        index = next((index for index, row in enumerate(self.shown_rows()) if row.key == key), 0)
        self._list.jump_to(index)

    def action_merge_explain(self) -> None:
        """Every signal of the first record and the next one; after the last, the fields again."""
        if not self._explained:
            self._explain_all()
        self._explaining = (self._explaining + 1) % len(self._records)
        self._show()

    def _explain_all(self) -> None:
        first, *others = (record["id"] for record in self._records)
        self._explained = [explain(self.crm.workspace, first, other) for other in others]

    def action_merge_right(self) -> None:
        """The records to the right."""
        self._first = min(self._first + 1, max(0, len(self._records) - len(self.positions())))
        self._show()

    def action_merge_left(self) -> None:
        """The records to the left."""
        self._first = max(0, self._first - 1)
        self._show()

    def action_merge_same(self) -> None:
        """Merge."""
        survivor, chosen = self._preview.survivor, self.chosen
        others = [record["id"] for record in self._records if record["id"] != survivor]

        async def work() -> None:
            result = await self.crm.gateway.write(lambda workspace: merge(workspace, survivor, others, chosen))
            self.dismiss(MERGED)
            tell_merged(self.crm, result)

        self._decide(work())

    def action_merge_different(self) -> None:
        """Call them different."""
        customers = [record["id"] for record in self._records]

        async def work() -> None:
            await self.crm.gateway.write(lambda workspace: all_different(workspace, customers))
            self.dismiss(DIFFERENT)
            tell_different(self.crm, customers)

        self._decide(work())

    def _decide(self, work: Coroutine[None, None, None]) -> None:
        """Do it once, whatever is pressed meanwhile."""

        async def once() -> None:
            try:
                await work
            finally:
                self._deciding = False

        if self._deciding:
            work.close()
            return
        self._deciding = True
        self.crm.begin(once())

    def action_merge_split(self) -> None:
        """Take one record out of the group: it is different from each of the others."""
        if len(self._records) < 3:
            self.action_merge_different()
            return

        async def work() -> None:
            position = await self._ask_record(_("Which one is somebody else?"))
            if position is None:
                return
            other = self._records[position]
            rest = [record for record in self._records if record is not other]
            ids = [record["id"] for record in rest]
            await self.crm.gateway.write(lambda workspace: split(workspace, ids, other["id"]))
            self._leave_with(rest)
            self.crm.data_changed((*ids, other["id"]))
            told = _("left out: {name}").format(name=display_text(other["name"], limit=60))
            self.crm.tell(told + " · " + _("u undoes it"))

        self._decide(work())

    def _leave_with(self, records: list[CustomerRecord]) -> None:
        """Go on with fewer records: what is proposed for them is asked anew."""
        self._preview = preview(self.crm.workspace, None, [record["id"] for record in records])
        self._records, self._explained, self._explaining, self._first = records, [], 0, 0
        self._chosen = {}
        self._show()

    def action_merge_later(self) -> None:
        """Leave it undecided."""
        self.dismiss(LATER)

    def action_merge_back(self) -> None:
        """From the signals to the fields, from there to where one came from."""
        if self._explaining:
            self._explaining = 0
            self._show()
        else:
            self.dismiss(None)
