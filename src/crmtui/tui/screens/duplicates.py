"""Mode 4: what may be recorded twice, the surest first, decided one case after the other."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from crmtui.domain.matching.levels import LABELS, ORDER
from crmtui.domain.models import ListRow
from crmtui.domain.phones import show_phone
from crmtui.domain.text import cut, display_text, wrapped
from crmtui.i18n import N_, _, ngettext
from crmtui.i18n.show import show_number
from crmtui.services.duplicates.queue import Case, Queue, read_queue
from crmtui.services.workspace import Workspace
from crmtui.storage.duplicates import count_open
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.duplicate_actions import DUPLICATES
from crmtui.tui.screens.base import CrmScreen, bindings_of
from crmtui.tui.screens.case_deciding import call_different, merge_proposed
from crmtui.tui.screens.merge import LATER
from crmtui.tui.screens.merging import open_merge
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList
from crmtui.tui.work_aside import is_there, run_told

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

_PAGE = 500
"""Pairs that are read at a time; more when the cursor comes near the last one."""
_NEAR_THE_END = 50
_RECORDS = 3
_REASON_LINES = 2
_PHASES = {"profiles": N_("reading"), "keys": N_("sorting"), "pairs": N_("comparing")}
_STYLES = {"certain": "success", "likely": "", "possible": "muted"}


class DuplicatesScreen(CrmScreen):
    """The queue of cases; beneath it the records of the one under the cursor."""

    SCOPES = (DUPLICATES, LIST)
    MODE = "duplicates"
    UNHINTED = ("list.mark",)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(DUPLICATES))]
    DEFAULT_CSS = f"DuplicatesScreen #case {{ height: {1 + _RECORDS + _REASON_LINES}; }}"

    def __init__(self) -> None:
        super().__init__()
        self._level = ""
        self._limit = _PAGE
        self._cases: list[Case] = []
        self._more = False
        self._count: int | None = None
        """Pairs to be decided in all; None while that is not known."""
        self._later: dict[tuple[int, ...], None] = {}
        self._gone: dict[tuple[int, ...], None] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._scanning = False
        self._stopped = False
        self._standing: tuple[str, int, int] | None = None
        self._first_found = False

    def compose_body(self) -> ComposeResult:
        """The queue, and the case under the cursor."""
        yield WindowedList(id="list")
        yield TextLines(id="case")

    def on_mount(self) -> None:
        """Show the surest cases."""
        self._list.focus()
        self._dress()
        self._read()
        self._count_all()

    @property
    def _list(self) -> WindowedList:
        return self.query_one("#list", WindowedList)

    @property
    def cases(self) -> list[Case]:
        """The cases in the order of the list."""
        return self._cases

    def number_of(self, case: Case) -> int:
        """The row id of a case: the same as long as it is made of the same records."""
        return self._numbers.setdefault(case.customers, len(self._numbers))

    def _dress(self) -> None:
        self._list.set_columns(
            [
                ListColumn("level", _("Level"), width=8, priority=90),
                ListColumn("score", "%", width=5, align_right=True, priority=70),
                ListColumn("first", _("Name"), weight=3, min_width=14, priority=100),
                ListColumn("second", _("and"), weight=3, min_width=14, priority=95),
                ListColumn("reasons", _("Reasons"), weight=5, min_width=18, priority=80),
            ]
        )
        lines = [_("No duplicates to decide about."), _("r looks for customers that are recorded twice")]
        if self._level:
            lines = [_("No {level} duplicates.").format(level=_(LABELS[self._level])), _("f shows the other levels")]
        self._list.set_empty_text("\n".join(lines))

    # What is listed

    def _read(self, *, at_first: bool = False) -> None:
        """Read the queue; the cursor stays where it was, or goes to a case that an undo brought back."""
        queue: Queue = read_queue(
            self.crm.gateway.page(), levels=[self._level] if self._level else (), limit=self._limit
        )
        now = [case for case in queue.cases if case.customers not in self._later]
        later = {case.customers: case for case in queue.cases if case.customers in self._later}
        now += [later[customers] for customers in self._later if customers in later]
        back = next((case for case in now if case.customers in self._gone), None)
        listed, index = self._list, self._list.cursor_index
        keep = listed.cursor_row_id if self._cases else None
        self._cases, self._more = now, queue.more
        if back is not None:
            del self._gone[back.customers]
            keep = self.number_of(back)
        listed.set_source(_CaseRows(self), keep_id=keep, fallback_index=0 if at_first else index)
        self._draw_case()
        self.update_chrome()

    def _count_all(self) -> None:
        """Count everything; aside when there is more than what was read."""
        if not self._more:
            self._count = None
            return

        async def count() -> None:
            counts = await self.crm.gateway.run_aside(lambda workspace: count_open(workspace.database.reader()))
            self._count = sum(counts.get(level, 0) for level in ([self._level] if self._level else ORDER))
            if is_there(self):
                self._draw_status()

        self.crm.begin(count())

    def view_of(self, case: Case) -> RowView:
        """One line of the list."""
        rows = self._records(case)
        names = [display_text(rows[each].name, limit=120) if each in rows else "" for each in case.customers]
        second = names[1] if len(names) == 2 else f"+{len(names) - 2}  {names[1]}"
        later = case.customers in self._later
        level = _("later") if later else _(LABELS[case.level])
        cells = (level, f"{case.score:.1f}", names[0], second, _("; ").join(case.reasons))
        return RowView(cells, "muted" if later else _STYLES[case.level])

    def _records(self, case: Case) -> dict[int, ListRow]:
        return self.crm.gateway.list_rows(case.customers)

    def current(self) -> Case | None:
        """The case under the cursor."""
        index = self._list.cursor_index
        return self._cases[index] if index < len(self._cases) else None

    def _draw_case(self) -> None:
        """The records of the case under the cursor and why they are taken for one, in full."""
        case = self.current()
        width = self.app.size.width
        if case is None:
            self.query_one("#case", TextLines).set_lines([])
            return
        rows = self._records(case)
        lines = [Line((Span("─" * width, "muted"),))]
        shown = case.customers if len(case.customers) <= _RECORDS else case.customers[: _RECORDS - 1]
        for customer in shown:
            row = rows.get(customer)
            if row is not None:
                number = row.phone or ""
                phone = show_phone(number if number.startswith("+") else "", number, self.crm.workspace.region)
                facts = [row.company, phone, row.email, row.city]
                text = " · ".join(display_text(fact, limit=120) for fact in facts if fact)
                left = (Span(f" #{customer} ", "muted"), Span(display_text(row.name, limit=120), "strong"))
                lines.append(Line((*left, Span("  " + text))))
        if len(shown) < len(case.customers):
            rest = len(case.customers) - len(shown)
            text = ngettext("{count} more record: enter shows it", "{count} more records: enter shows them", rest)
            lines.append(Line((Span(" " + text.format(count=rest), "muted"),)))
        reasons = wrapped(_("; ").join(case.reasons), width - 2, _REASON_LINES)
        lines += [Line((Span(" " + cut(line, width - 2), "accent"),)) for line in reasons]
        self.query_one("#case", TextLines).set_lines(lines)

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Customers, decisions or pairs changed."""
        self._read()

    def retranslate(self) -> None:
        """Everything again in the other language."""
        self._dress()
        self._read()

    def on_resize(self) -> None:
        """The lines beneath the list are laid out by width."""
        super().on_resize()
        if self._list.is_mounted:
            self._draw_case()

    # The lines around

    def top_facts(self) -> tuple[Span, ...]:
        """Which level is listed."""
        return (Span(_("only {level}").format(level=_(LABELS[self._level])) + "   ", "accent"),) if self._level else ()

    def status_facts(self) -> tuple[Span, ...]:
        """Where one is in the queue."""
        if not self._cases:
            return super().status_facts()
        count = show_number(len(self._cases)) + ("+" if self._more else "")
        text = _("{position} of {count}").format(position=show_number(self._list.cursor_index + 1), count=count)
        if self._more and self._count:
            text += " · " + ngettext("{count} pair in all", "{count} pairs in all", self._count).format(
                count=show_number(self._count)
            )
        return (Span(text + " ", "muted"),)

    @on(WindowedList.CursorMoved)
    def _cursor_moved(self, event: WindowedList.CursorMoved) -> None:
        event.stop()
        if self._more and event.index >= len(self._cases) - _NEAR_THE_END:
            self._limit *= 2
            self._read()
        self._draw_case()
        if self._told is None:
            self._draw_status()

    @on(WindowedList.MarkToggled)
    def _mark_toggled(self, event: WindowedList.MarkToggled) -> None:
        event.stop()
        self.tell(_("Cases are decided one by one: y same, n different, s later"))

    async def on_key(self) -> None:
        """A key ends what the status line was telling."""
        if not self.prompt.active:
            self.forget_told()

    # Deciding

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        event.stop()
        case = self.current()
        if case is not None:
            self.crm.begin(self._compare(case))

    async def _compare(self, case: Case) -> None:
        outcome = await open_merge(self.crm, case.customers, back="Duplicates", case=case)
        if outcome == LATER:
            self._put_off(case)
        elif outcome:
            self._gone[case.customers] = None

    def action_duplicates_same(self) -> None:
        """Merge the case under the cursor with the proposed values."""
        self._decide(merge_proposed)

    def action_duplicates_different(self) -> None:
        """Call the records of the case different."""
        self._decide(call_different)

    def _decide(self, decision: Callable[["CrmApp", Sequence[int]], Awaitable[None]]) -> None:
        async def work(case: Case) -> None:
            await decision(self.crm, case.customers)
            self._gone[case.customers] = None

        case = self.current()
        if case is not None:
            self.crm.begin(work(case))

    def action_duplicates_later(self) -> None:
        """Put the case at the end."""
        case = self.current()
        if case is not None:
            self._put_off(case)

    def _put_off(self, case: Case) -> None:
        index = self._cases.index(case) if case in self._cases else self._list.cursor_index
        self._later.pop(case.customers, None)
        self._later[case.customers] = None
        self._read()
        self._list.jump_to(index)
        self._draw_case()
        self.tell(_("put at the end; nothing is decided"))

    def action_duplicates_filter(self) -> None:
        """The next level."""
        levels = ("", *ORDER)
        self._level = levels[(levels.index(self._level) + 1) % len(levels)]
        self._limit = _PAGE
        self._dress()
        self._read(at_first=True)
        self._count_all()

    # Scanning

    def action_duplicates_scan(self) -> None:
        """Scan what changed."""
        self._begin_scan(full=False)

    def action_duplicates_scan_all(self) -> None:
        """Scan everybody."""
        self._begin_scan(full=True)

    def action_duplicates_stop(self) -> None:
        """Stop the scan, if one is running."""
        if self._scanning:
            self._stopped = True
            self.tell(self._scan_words())

    def _begin_scan(self, *, full: bool) -> None:
        if not self._scanning:
            self._scanning, self._stopped, self._standing = True, False, None
            self.crm.begin(self._scan(full))

    async def _scan(self, full: bool) -> None:
        from crmtui.services.duplicates.scan import ScanResult, scan

        def note(phase: str, done: int, total: int) -> None:
            self._standing = (phase, done, total)
            self._first_found = self._first_found or phase == "first"

        def job(workspace: Workspace) -> ScanResult:
            return scan(workspace, full=full, progress=note, should_stop=lambda: self._stopped)

        try:
            result = await run_told(self, job, self._look_at_scan)
        finally:
            self._scanning = False
        self.crm.data_changed(())
        if not is_there(self):
            return
        self._count_all()
        found = ", ".join(f"{show_number(result.counts.get(level, 0))} {_(LABELS[level])}" for level in ORDER)
        told = _("stopped; r goes on from there") if result.stopped else _("scanned")
        self.crm.tell(_("{what} · to be decided: {counts}").format(what=told, counts=found))

    def _look_at_scan(self) -> str:
        """How far the scan is; what a first one has found at once is shown while it goes on."""
        if self._first_found:
            self._first_found = False
            self._count_all()
        return self._scan_words()

    def _scan_words(self) -> str:
        if self._stopped:
            return _("stopping …")
        if self._standing is None:
            return _("scanning … esc stops")
        phase, done, total = self._standing
        share = f" {min(100, done * 100 // total)} %" if total else ""
        return _("scanning: {phase}{share} · esc stops").format(phase=_(_PHASES.get(phase, phase)), share=share)


class _CaseRows:
    """The cases as rows of the list."""

    exact = True

    def __init__(self, screen: DuplicatesScreen) -> None:
        self._screen = screen
        self._cases = screen.cases

    def row_count(self) -> int:
        return len(self._cases)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return [self._screen.view_of(case) for case in self._cases[start:stop]]

    def row_id(self, index: int) -> int:
        return self._screen.number_of(self._cases[index])

    def index_of(self, row_id: int) -> int | None:
        number = self._screen.number_of
        return next((index for index, case in enumerate(self._cases) if number(case) == row_id), None)
