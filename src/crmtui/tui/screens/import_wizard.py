"""Bringing a file in, in five steps over one plan: detect, map, validate, rehearse, run. Enter accepts a good guess.

The steps are those of ``services.bring_in``; this screen only asks and shows. What reads the file runs aside, so nothing waits.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from crmtui.domain.text import cell_width, display_text
from crmtui.errors import CrmError, Interrupted
from crmtui.i18n import N_, _
from crmtui.services import bring_in
from crmtui.services.importing.plan import ImportOptions, ImportResult, Progress
from crmtui.services.workspace import Workspace
from crmtui.storage import history
from crmtui.tui import import_views as views
from crmtui.tui.actions import BY_ID, IMPORT, LIST, actions_in, key_sign
from crmtui.tui.import_opening import Opened, open_file, rejects_path
from crmtui.tui.import_progress import progress_lines
from crmtui.tui.import_views import DETECT, MAP, REHEARSE, RUN, VALIDATE, Listed
from crmtui.tui.screens.asking import ask_yes
from crmtui.tui.screens.base import CrmScreen, bindings_of
from crmtui.tui.screens.choose_file import ChooseFileScreen
from crmtui.tui.screens.history_actions import short_path
from crmtui.tui.screens.import_questions import ENCODING_ACTIONS, ImportQuestions
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList
from crmtui.tui.work_aside import LOOK_SECONDS, is_there, run_told

_NEXT = (N_("go on"), N_("check every row"), N_("rehearse"), N_("import now"), N_("close"))
_STEP_METHODS = {
    action.method: action.id for action in actions_in(IMPORT) if action.id not in ("import.next", "import.back")
}
WIDE = 100
"""Columns of the terminal from which the status line says what is sure, besides the keys."""


async def start_import(screen: CrmScreen) -> None:
    """Ask for a file, look what it is, and show the steps; they live in the Files mode, so the other modes stay usable.

    Raises CrmError when the file cannot be read.
    """
    crm = screen.crm
    path = await crm.push_screen_and_wait(ChooseFileScreen(_("Import"), os.getcwd()))
    if path is None:
        return
    options = ImportOptions(region=crm.workspace.region, rejects=rejects_path(path))
    name = display_text(os.path.basename(path), limit=40)
    opened = await run_told(
        screen, lambda _workspace: open_file(path, options), lambda: _("looking into {name} …").format(name=name)
    )
    came_from = screen.MODE
    await crm.action_app_files()
    await crm.push_screen(ImportScreen(opened, came_from))


class ImportScreen(ImportQuestions):
    """The five steps over one file."""

    SCOPES = (IMPORT, LIST)
    MODE = "files"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(IMPORT))]
    DEFAULT_CSS = "ImportScreen #head { height: 1; }"

    def __init__(self, opened: Opened, came_from: str = "files") -> None:
        super().__init__()
        self.plan = opened.plan
        self.step = DETECT
        self.result: ImportResult | None = None
        self.done: ImportResult | None = None
        self.encodings = opened.encodings
        self._rows = opened.rows
        self.chosen: dict[str, str] = {}
        self._came_from = came_from
        self._working = False
        self._stopped = False
        self._standing: Progress | None = None

    def compose_body(self) -> ComposeResult:
        """Head and list; every step fills both."""
        yield TextLines(id="head")
        yield WindowedList(id="list")

    def on_mount(self) -> None:
        """Show the first step."""
        self._list.focus()
        self._draw()

    @property
    def _list(self) -> WindowedList:
        return self.query_one("#list", WindowedList)

    # Drawing

    def top_line(self) -> Line:
        """The file and the step."""
        return views.steps_line(self.step, self.plan.path, views.file_facts(self.plan), self.size.width)

    def _draw(self, *, keep: bool = False) -> None:
        if not is_there(self):
            return
        self.update_chrome()
        head, listed = self._views()
        lines = self.query_one("#head", TextLines)
        lines.styles.height = max(1, len(head))
        lines.set_lines(head)
        self._list.set_empty_text("\n" + listed.empty)
        self._list.set_columns(listed.columns)
        self._list.set_source(_Rows(listed.rows), keep_id=self._list.cursor_row_id if keep else None)

    def _views(self) -> tuple[list[Line], Listed]:
        blank = Line()
        if self._working:
            return [blank, *self._progress_lines(), blank], Listed((), ())
        if self.step == DETECT:
            return [*views.detect_lines(self.plan, self.encodings, self._rows), blank], views.detect_list(self.plan)
        if self.step == MAP:
            region = _("phones of {region}").format(region=self.plan.region)
            line = Line((Span(" " + views.look_words(self.plan), "accent"), Span("   " + region, "muted")))
            return [line], views.map_list(self.plan)
        if self.done is not None:
            rejects = short_path(self.done.rejects_file) if self.done.rejects_file else ""
            return [blank, *views.done_lines(self.done, rejects, self._undone_by()), blank], Listed((), ())
        if self.result is None:
            return [blank], Listed((), ())
        if self.step == VALIDATE:
            return views.validate_lines(self.result), views.validate_list(self.result)
        return [*views.rehearse_lines(self.result), blank], views.rehearse_list(self.result)

    def _hints(self, room: int) -> list[Span]:
        """The keys of this step."""
        texts = [] if self._working else [(self._sign("import.next"), self._next_label())]
        if self.done is None:
            texts.append((self._sign("import.back"), _("stop") if self._working else _("back")))
        works = self.step_actions()
        encodings = [action_id for action_id in works if action_id in ENCODING_ACTIONS]
        if encodings:
            texts.append((f"{self._sign(encodings[0])}-{self._sign(encodings[-1])}", _("encoding")))
        texts += [
            (self._sign(action_id), _("change field") if action_id == "import.change" else _(BY_ID[action_id].label))
            for action_id in works
            if action_id not in encodings
        ]
        spans: list[Span] = []
        for sign, label in texts:
            room -= cell_width(sign) + cell_width(label) + 3
            if room >= 0:
                spans += [Span(f" {sign}", "key"), Span(f" {label} ", "muted")]
        return spans

    def _sign(self, action_id: str) -> str:
        return key_sign(next(iter(self.crm.keymap[action_id]), ""))

    def _next_label(self) -> str:
        if self.done is not None:
            return _("close")
        return _(_NEXT[self.step])

    def status_facts(self) -> tuple[Span, ...]:
        """What is sure: nothing is written before the last step."""
        if self.done is not None or self.step == RUN or self.size.width < WIDE:
            return ()
        return (Span(_("nothing written yet") + " ", "muted"),)

    def _undone_by(self) -> int | None:
        operation = self.done.operation_id if self.done else 0
        record = history.read_operation(self.crm.gateway.page(), operation) if operation else None
        return record.undone_by if record else None

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """The finished import may have been undone, or brought back."""
        if self.done is not None:
            self._draw()

    def retranslate(self) -> None:
        """Everything again in the other language."""
        self._draw(keep=True)

    def on_resize(self) -> None:
        """The top line and the progress are laid out by width."""
        self._draw(keep=True)

    # Keys

    def step_actions(self) -> list[str]:
        """The actions that only some steps know and that work now."""
        if self._working or self.done is not None:
            return []
        found = self.plan.detection
        if self.step == DETECT:
            likely = len(self.encodings) if found.delimiter and len(self.encodings) > 1 else 0
            return [
                *ENCODING_ACTIONS[:likely],
                *(("import.encoding", "import.delimiter") if found.delimiter else ()),
                *(("import.sheet",) if len(found.sheets) > 1 else ()),
                "import.header",
            ]
        if self.step == MAP:
            return ["import.change", "import.region"]
        return ["import.mode"] if self.step == REHEARSE else []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key of another step means here what it means elsewhere: digits are encodings first, then modes."""
        if action in _STEP_METHODS:
            return _STEP_METHODS[action] in self.step_actions()
        return super().check_action(action, parameters)

    async def on_key(self, event: events.Key) -> None:
        """The key that goes on comes before that of the list, which would open a row."""
        if self.prompt.active:
            return
        self.forget_told()
        if event.key in self.crm.keymap["import.next"]:
            event.stop()
            event.prevent_default()
            self.action_import_next()

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        """A double click on a column changes its field."""
        event.stop()
        if "import.change" in self.step_actions():
            self.action_import_change()

    @on(WindowedList.MarkToggled)
    def _mark_toggled(self, event: WindowedList.MarkToggled) -> None:
        event.stop()

    # Going through the steps

    def action_import_next(self) -> None:
        """Accept this step and go to the next."""
        if self._working:
            return
        if self.done is not None:
            self._close()
        elif self.step == DETECT:
            self._go(MAP)
        elif self.step == MAP:
            self._rehearse(VALIDATE)
        elif self.step == VALIDATE and self.result is not None:
            self._go(REHEARSE)
        elif self.step == REHEARSE and self.result is not None:
            self.crm.begin(self._run(self.result))

    def action_import_back(self) -> None:
        """A step back; while something runs, stop it, what writes only after a yes; out of the first step, leave."""
        if self._working and self.step == RUN:
            self.crm.begin(self._stop_after_yes())
        elif self._working:
            self._stop()
        elif self.done is not None or self.step == DETECT:
            self._close()
        else:
            self._go(self.step - 1)

    async def _stop_after_yes(self) -> None:
        if await ask_yes(self, _("stop the import? what was written is taken back")) and self._working:
            self._stop()

    def _stop(self) -> None:
        self._stopped = True
        self._draw()

    def _go(self, step: int) -> None:
        self.step = step
        self._draw()

    def _close(self) -> None:
        self.dismiss()
        if self._came_from == "customers":
            self.crm.begin(self.crm.action_app_customers())

    def column_under_cursor(self) -> int:
        """The column of the file under the cursor."""
        return self._list.cursor_index

    def plan_changed(self) -> None:
        """Show the new plan; when it was rehearsed already, rehearse it again."""
        self.result = None
        if self.step == REHEARSE:
            self._rehearse(REHEARSE)
        else:
            self._draw(keep=True)

    # Validate and rehearse: one reading of the file gives the issues and the counts

    def _rehearse(self, then: int) -> None:
        self.step = VALIDATE
        self.crm.begin(self._read_all(then))

    async def _read_all(self, then: int) -> None:
        if self._working:
            return  # the key was pressed twice before this could begin
        plan = self.plan
        try:
            self.result = await self._work(lambda workspace: bring_in.rehearse(workspace, plan, self._tell_standing))
        except CrmError as error:
            self._go(MAP)
            if not isinstance(error, Interrupted):
                raise
            return
        self._go(then)

    # Run

    async def _run(self, rehearsed: ImportResult) -> None:
        if self._working or self.done is not None:
            return
        plan = self.plan
        if rehearsed.already_imported is not None and plan.options.mode == "create":
            label = _("this file is in already (operation {id}): import it again?").format(
                id=rehearsed.already_imported
            )
            if not await ask_yes(self, label):
                return
            plan = replace(plan, options=replace(plan.options, again=True))
        self.step = RUN
        try:
            done = await self._work(
                lambda workspace: bring_in.run(workspace, plan, self._note_standing, cancelled=lambda: self._stopped)
            )
        except CrmError:
            self._go(REHEARSE)
            raise
        self.done = done
        self._draw()
        self.crm.data_changed(())
        if self.crm.screen is not self:
            self.crm.tell(f"{_('import')} {os.path.basename(plan.path)}: {views.summary_words(done.counts)}")

    # What runs aside

    async def _work(self, job: Callable[[Workspace], ImportResult]) -> ImportResult:
        self._working, self._stopped, self._standing = True, False, None
        self._draw()
        timer = self.set_interval(LOOK_SECONDS, self._draw_progress)
        try:
            return await self.crm.gateway.run_aside(job)
        finally:
            timer.stop()
            self._working = False

    def _note_standing(self, progress: Progress) -> None:
        """Called by the thread that works: only notes."""
        self._standing = progress

    def _tell_standing(self, progress: Progress) -> None:
        self._standing = progress
        if self._stopped:
            raise Interrupted(_("stopped"))

    def _progress_lines(self) -> list[Line]:
        if self._stopped:
            words = _("stopping; what was written is taken back …") if self.step == RUN else _("stopping …")
            return [Line((Span(" " + words, "warning"),)), Line(), Line()]
        if self._standing is None and self.step == RUN:
            return [Line((Span(" " + _("a backup first, then the file …"), "muted"),)), Line(), Line()]
        return progress_lines(self._standing, self.size.width)

    def _draw_progress(self) -> None:
        self.query_one("#head", TextLines).set_lines([Line(), *self._progress_lines()])


class _Rows:
    """The rows of a step."""

    exact = True

    def __init__(self, rows: Sequence[RowView]) -> None:
        self._rows = rows

    def row_count(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return self._rows[start:stop]

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < len(self._rows) else None
