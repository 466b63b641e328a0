"""The app: modes, theme, keys, and where every failure ends. Screens ask the gateway; the app knows neither SQL nor rules."""

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen

from crmtui.config import Settings
from crmtui.domain.text import display_text
from crmtui.errors import CrmError, ExitCode
from crmtui.i18n import _, current_language, set_language
from crmtui.paths import keymap_path
from crmtui.services.workspace import Workspace
from crmtui.tui._textual_private import (
    PromptDriver,
    QuietFailure,
    all_screens,
    has_mode,
    leave_out_tooltips_and_toasts,
    takes_full_screen_output,
    without_restyling,
    write_to_terminal,
)
from crmtui.tui.actions import APP, BY_ID, actions_in
from crmtui.tui.borders import wants_ascii
from crmtui.tui.difference_output import DifferenceOutput
from crmtui.tui.drafting import Drafting
from crmtui.tui.duplicate_count import DuplicateCount
from crmtui.tui.gateway import Gateway
from crmtui.tui.key_folding import TypedKeys
from crmtui.tui.key_queue import KeyQueue, TypedEvent
from crmtui.tui.keymap import Keymap, default_keymap, load_keymap
from crmtui.tui.link import AUTO, RoundTrip, profile
from crmtui.tui.messages import DataChanged, LanguageChanged
from crmtui.tui.screens.base import CrmScreen, bindings_of
from crmtui.tui.themes import DARK, LIGHT, choose_appearance, register_themes
from crmtui.tui.watching import Watching

if TYPE_CHECKING:
    from crmtui.storage.undo import Reversal
    from crmtui.tui.work_aside import Progress


class CrmApp(KeyQueue, QuietFailure, DifferenceOutput, DuplicateCount, Watching, Drafting, App[int]):
    """crmtui in the terminal."""

    TITLE = "crmtui"
    DEFAULT_MODE = "customers"
    ENABLE_COMMAND_PALETTE = False
    CSS_PATH: ClassVar[list[str]] = ["styles/base.tcss"]  # type: ignore[assignment]
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(action for action in actions_in(APP) if action.id != "app.suspend"),
        *bindings_of([BY_ID["app.suspend"]], priority=True),  # where one types and chooses as well
        Binding("ctrl+c", "interrupt", show=False, priority=False),
    ]
    animation_level = "none"

    def __init__(
        self, workspace: Workspace, settings: Settings, *, query: str = "", keymap: Keymap | None = None
    ) -> None:
        appearance = choose_appearance(_theme_name(settings.theme), os.environ)
        super().__init__(ansi_color=appearance.ansi_color, driver_class=PromptDriver)
        leave_out_tooltips_and_toasts(self)
        register_themes(self)
        self._begin_with_theme(appearance.theme)
        self.workspace = workspace
        self.settings = settings
        self.first_query = query
        self.gateway = Gateway(workspace)
        self.keymap = keymap or default_keymap()
        self._tasks: set[asyncio.Task[None]] = set()
        self.typed_keys = TypedKeys(self.tell, lambda: self.focused)
        self._recent_commands: list[str] = []
        self.work: Progress | None = None
        """What is being done to many customers just now."""
        self.next_undo = ""
        """What an undo would take back, in words; shown in the status line."""
        self.link = profile(settings.slow_link, os.environ)
        """What is done less of on a slow line."""
        self._round_trip = RoundTrip()
        self.ascii_only = wants_ascii(settings.borders, os.environ, sys.stdout.encoding)

    def _begin_with_theme(self, name: str) -> None:
        """Take a theme before anything is styled: set in the usual way it would have every stylesheet parsed twice."""
        if not self.current_theme.dark or name != DARK:
            self.theme = name
            return
        self.set_reactive(App.theme, name)
        self.set_classes(f"-theme-{name} -dark-mode")
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[Any]:
        """The customers: a mode that is switched to would be styled and drawn after a blank screen was."""
        from crmtui.tui.screens.customers import CustomersScreen

        return without_restyling(self, CustomersScreen(self.first_query))

    def on_load(self) -> None:
        """Start the threads, before any screen asks for something."""
        self.gateway.start(asyncio.get_running_loop())
        changed = {
            action_id: ",".join(keys) for action_id, keys in self.keymap.items() if keys != BY_ID[action_id].keys
        }
        if changed:
            self.set_keymap(changed)

    def on_mount(self) -> None:
        """Look out for what others do to the file."""
        self.add_mode(self.DEFAULT_MODE, self.get_default_screen)
        self.start_watching()
        self.start_drafting()

    def delay_update(self, delay: float = 0.05) -> None:
        """Textual hides the change of modes for a while; only what differs is written here, so nothing needs hiding."""

    @property
    def slow_link(self) -> bool:
        """Whether the line to the terminal counts as slow."""
        return self.link.slow

    def measure_link(self) -> None:
        """Ask the terminal for an answer and time it; to be called behind the first frame, once."""
        if self.settings.slow_link == AUTO and takes_full_screen_output(self):
            write_to_terminal(self, self._round_trip.ask())

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """The answer: now it is known how slow the line is."""
        if self._round_trip.answered(event.time):
            self.link = profile(self.settings.slow_link, os.environ, self._round_trip.seconds)

    async def on_exit_app(self) -> None:
        """Nothing is looked for any more; an answer under way must not land in the shell."""
        self.gateway.stop_searching()
        await asyncio.sleep(self._round_trip.answer_due(self.link.answer_wait))

    def on_unmount(self) -> None:
        """Stop the threads; nothing is waited for but a write that is under way."""
        self.stop_watching()
        self.stop_drafting()
        self.gateway.close()

    def get_system_commands(self, screen: Screen[Any]) -> Any:
        """Textual's own commands are not offered: ours come from the registry, and some of theirs write files."""
        return iter(())

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Never starts a browser: links come from data, and the machine may be a server."""

    def deliver_screenshot(self, *_arguments: Any, **_options: Any) -> str | None:
        """Not offered: writes a file where the program runs."""
        return None

    # Work that outlives a key press

    async def push_screen_and_wait(self, screen: Screen[Any]) -> Any:
        """Show a screen and return what it was dismissed with."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        await self.push_screen(screen, lambda result: None if answer.done() else answer.set_result(result))
        return await answer

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` on the loop; what goes wrong is told in the status line, never thrown at the user."""
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except CrmError as error:
            self.tell_error(error)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._handle_exception(error)

    def tell(self, text: str) -> None:
        """Say what happened, in the status line. ``text`` may hold user data."""
        if isinstance(self.screen, CrmScreen):
            self.screen.tell(text)

    def tell_error(self, error: CrmError) -> None:
        """Say what went wrong, where, what is safe and what to do, at the foot of the screen."""
        where = error.where if error.where and error.where not in error.message else None
        parts = [error.message, where, error.kept, error.hint]
        text = " · ".join(part for part in parts if part)
        if isinstance(self.screen, CrmScreen):
            self.screen.tell(text, error=True)
        self.bell()

    def data_changed(self, ids: tuple[int, ...]) -> None:
        """Tell every screen that these customers are not what they were."""
        self.gateway.changed_elsewhere()
        self.look_at_next_undo()
        self.look_at_day()
        self.look_at_duplicates()
        self.tell_screens(DataChanged(ids))

    def look_at_next_undo(self) -> None:
        """Find out what an undo would take back now; the status line tells it when it is drawn next."""
        from crmtui.services.undo_history import describe

        record = self.gateway.next_undo()
        self.next_undo = display_text(describe(record)) if record else ""

    def tell_screens(self, message: DataChanged | LanguageChanged) -> None:
        """Post to every screen that is up, in all modes."""
        for screen in all_screens(self):
            if isinstance(screen, CrmScreen):
                screen.post_message(DataChanged(message.ids) if isinstance(message, DataChanged) else LanguageChanged())

    # Keys

    def meant(self, event: TypedEvent) -> events.Event | None:
        """Outside text fields a full-width key means its ASCII twin: input methods stay on, the keys still work."""
        return self.typed_keys.received(event)

    # Actions of scope "app"

    def action_app_help(self) -> None:
        """Show the keys that work here."""
        from crmtui.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self._scopes()))

    def action_app_palette(self) -> None:
        """Find a command by name, or a customer."""
        from crmtui.tui.screens.palette import PaletteScreen, customer_of, perform

        def run(answer: str | None) -> None:
            if answer is None:
                return
            customer = customer_of(answer)
            if customer is not None:
                from crmtui.tui.screens.customer import open_customer

                self.begin(open_customer(self, customer))
                return
            self._recent_commands = [answer, *(other for other in self._recent_commands if other != answer)][:8]
            self.begin(perform(self, answer))

        if isinstance(self.screen, CrmScreen):
            self.push_screen(PaletteScreen(self._scopes(), self.keymap, self.gateway, self._recent_commands), run)

    def _scopes(self) -> tuple[str, ...]:
        screen = self.screen
        return (*screen.SCOPES, APP) if isinstance(screen, CrmScreen) else (APP,)

    def action_app_undo(self) -> None:
        """Undo the newest act of this person."""
        self.begin(self._reverse(undo=True))

    def action_app_redo(self) -> None:
        """Redo what was undone last."""
        self.begin(self._reverse(undo=False))

    async def _reverse(self, *, undo: bool) -> None:
        from crmtui.services.undo_history import redo_last, undo_last

        result = await self.gateway.write(undo_last if undo else redo_last)
        self.tell_reversal(result, undone=undo)

    def tell_reversal(self, result: "Reversal", *, undone: bool) -> None:
        """Say what an undo or redo did, and refresh what shows it."""
        from crmtui.services.undo_history import describe
        from crmtui.storage.history import read_operation

        record = read_operation(self.gateway.page(), result.reversed_operation)
        if record is not None and not undone and record.target_id:
            record = read_operation(self.gateway.page(), record.target_id)
        text = (_("undone: {what}") if undone else _("redone: {what}")).format(what=describe(record) if record else "")
        if result.kept or result.failed:
            text += " · " + _("{kept} kept (changed since), {failed} failed").format(
                kept=len(result.kept), failed=len(result.failed)
            )
        self.data_changed(())
        self.tell(text)

    async def _go_to_mode(self, name: str, screen: Callable[[], CrmScreen]) -> None:
        """Switch to a mode, which is made when it is asked for first."""
        if not has_mode(self, name):
            self.add_mode(name, lambda: without_restyling(self, screen()))
        await self.switch_mode(name)

    async def action_app_customers(self) -> None:
        """Go to the customer list."""
        await self.switch_mode(self.DEFAULT_MODE)

    def action_app_call(self) -> None:
        """Somebody calls."""
        from crmtui.tui.screens.calling import take_call

        self.begin(take_call(self))

    def action_app_drafts(self) -> None:
        """Take up what was left unfinished."""
        from crmtui.tui.screens.unfinished import take_up_draft

        self.begin(take_up_draft(self))

    def action_app_suspend(self) -> None:
        """Give the terminal back to the shell."""
        self.action_suspend_process()

    async def action_app_today(self) -> None:
        """Go to the day."""
        from crmtui.tui.screens.today import TodayScreen

        await self._go_to_mode("today", TodayScreen)

    async def action_app_duplicates(self) -> None:
        """Go to the duplicates."""
        from crmtui.tui.screens.duplicates import DuplicatesScreen

        await self._go_to_mode("duplicates", DuplicatesScreen)

    async def action_app_files(self) -> None:
        """Go to imports, exports and history."""
        from crmtui.tui.screens.files import FilesScreen

        await self._go_to_mode("files", FilesScreen)

    def action_app_language(self) -> None:
        """Switch the language now."""
        set_language("zh_CN" if current_language() == "en" else "en")
        self.tell_screens(LanguageChanged())

    def action_app_fields(self) -> None:
        """Show the fields of one's own."""
        from crmtui.tui.screens.custom_fields import CustomFieldsScreen

        if not isinstance(self.screen, CustomFieldsScreen):
            self.push_screen(CustomFieldsScreen())

    def action_app_theme(self) -> None:
        """Switch between dark and light."""
        self.theme = LIGHT if self.theme != LIGHT else DARK

    def action_app_quit(self) -> None:
        """Leave; everything is saved already. A form with unsaved text below this screen is asked about first."""
        if self.work is not None:
            from crmtui.tui.work_aside import progress_words

            self.tell(_("One moment: {what}").format(what=progress_words(self.work)))
            self.bell()
            return
        for screen in all_screens(self):
            if screen is not self.screen and isinstance(screen, CrmScreen) and screen.unsaved:
                self.tell(_("A form below is not saved: go back to it first"))
                self.bell()
                return
        self.exit(int(ExitCode.OK))

    def action_interrupt(self) -> None:
        """Ctrl+C never loses text: it only says how to leave."""
        self.tell(_("q leaves crmtui; everything is saved already"))


def _theme_name(setting: str) -> str:
    return {"dark": DARK, "light": LIGHT, "ansi": "ansi-dark"}.get(setting, setting)


def run(workspace: Workspace, settings: Settings, *, query: str = "") -> int:
    """Run the app until the person leaves; returns the exit code. Raises ConfigError for a faulty keymap file."""
    app = CrmApp(workspace, settings, query=query, keymap=load_keymap(keymap_path(os.environ)))
    use_mouse = settings.mouse == "on" or (settings.mouse == "auto" and app.link.mouse)
    code = app.run(mouse=use_mouse)
    gc.freeze()  # all of it goes with the process: collecting it first takes the time of a start
    if app.failure is not None:
        raise app.failure
    return int(code) if code is not None else int(app.return_code or 0)
