"""What every screen of ours shares: the top line, the status line that tells the truth, bindings made from the registry."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from crmtui.domain.text import cell_width, cut, display_text, wrapped
from crmtui.i18n import N_, _
from crmtui.tui.actions import APP, Action, actions_in, key_sign
from crmtui.tui.key_folding import takes_text
from crmtui.tui.messages import DataChanged, LanguageChanged
from crmtui.tui.widgets.prompt_line import PromptLine
from crmtui.tui.widgets.text_lines import Line, Span, TextLines

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

TOLD_LINES = 3
"""Lines that a message may take at the foot of the screen."""

MODES = (
    ("app.customers", "1", N_("Customers")),
    ("app.today", "2", N_("Today")),
    ("app.duplicates", "4", N_("Duplicates")),
    ("app.files", "7", N_("Files")),
)
_MOST_OTHERS = 24
"""Cells for the names of who else is in."""
_FEWEST_OTHERS = 6


class Unfinished(NamedTuple):
    """What somebody is typing on a screen: of what ``kind`` (as drafts have it), about whom, and the value a draft keeps (JSON)."""

    kind: str
    subject: str
    value: dict[str, object]


def count_words(count: int) -> str:
    """A number for the top line, where there is no room for a large one."""
    return "999+" if count > 999 else str(count)


def bindings_of(actions: Iterable[Action], *, priority: bool = False) -> list[Binding]:
    """The bindings of registry actions; their ids let the keymap file change the keys.

    ``priority``: they come before those of the field in focus.
    """
    return [
        Binding(",".join(action.keys), action.method, action.label, show=False, priority=priority, id=action.id)
        for action in actions
        if action.keys
    ]


class CrmScreen(Screen[Any]):
    """A screen with the top line, a body, the prompt line and the status line.

    ``SCOPES`` are the scopes of the registry whose actions work here; the first one is the screen's own.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ()
    MODE: ClassVar[str] = ""
    HINTED: ClassVar[tuple[str, ...]] = ()
    """The scopes whose keys the status line tells, when these are fewer than ``SCOPES``."""
    UNHINTED: ClassVar[tuple[str, ...]] = ()
    """Actions that the status line does not offer, for they do nothing here."""
    BLANK = True
    """Widgets cover it all: its own lines need no drawing."""

    def __init__(self) -> None:
        super().__init__()
        self._told: tuple[str, bool] | None = None
        self._typed_into = (False, False)
        self._styled_for = ""

    @property
    def crm(self) -> "CrmApp":
        """The app, with its own type."""
        return cast("CrmApp", self.app)

    def compose(self) -> ComposeResult:
        """Top line, body, prompt, status."""
        yield TextLines(id="top")
        yield from self.compose_body()
        yield PromptLine(id="prompt")
        yield TextLines(id="status")

    def compose_body(self) -> ComposeResult:
        """The widgets between the top line and the status line."""
        return iter(())

    def on_mount(self) -> None:
        """Draw the lines around the body."""
        self._styled_for = self.app.theme
        self.update_chrome()
        self.watch(self.prompt, "hint", self._draw_status, init=False)

    @property
    def unsaved(self) -> bool:
        """Whether leaving would lose something that was typed."""
        return False

    def unfinished(self) -> Unfinished | None:
        """What is to be kept when the program or the line dies now; None when nothing is typed."""
        return None

    @property
    def prompt(self) -> PromptLine:
        """The line that asks."""
        return self.query_one("#prompt", PromptLine)

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:
        """Keys that would be typed into a field are not offered while it has the focus."""
        super().set_focus(widget, scroll_visible, from_app_focus)
        prompts = self.query(PromptLine)
        typed_into = (takes_text(self.focused), bool(prompts) and prompts.first().active)
        if typed_into != self._typed_into:
            self._typed_into = typed_into
            self._draw_status()

    def tell(self, text: str, *, error: bool = False) -> None:
        """Show a message in the status line until the next thing happens. ``text`` may hold user data.

        One that is longer than the line takes up to ``TOLD_LINES``: what to do stands at its end.
        """
        self._told = (display_text(text), error)
        self._draw_status()

    def forget_told(self) -> None:
        """Give the status line back to the keys and the facts."""
        if self._told is not None:
            self._told = None
            self._draw_status()

    def update_chrome(self) -> None:
        """Draw the top and the status line again."""
        self.update_top()
        self._draw_status()

    def update_top(self) -> None:
        """Draw the top line again."""
        self.query_one("#top", TextLines).set_lines([self.top_line()])

    def top_line(self) -> Line:
        """Where am I: the modes, and the file."""
        spans = [Span(" crmtui ", "muted")]
        for action_id, key, name in MODES:
            here = action_id == f"app.{self.MODE}"
            spans.append(Span(f" {key} ", "key" if here else "muted"))
            spans.append(Span(_(name), "strong" if here else "muted"))
            if action_id == "app.today" and self.crm.due:
                spans.append(Span(f"·{count_words(self.crm.due)}", "strong" if here else "muted"))
            if action_id == "app.duplicates" and self.crm.duplicates:
                spans.append(Span(f"·{count_words(self.crm.duplicates)}", "strong" if here else "muted"))
            spans.append(Span(" "))
        facts = (*self.top_facts(), Span(f" {self._file_name()} ", "muted"))
        room = self.app.size.width - sum(cell_width(span.text) for span in (*spans, *facts)) - 1
        return Line(tuple(spans), (*self.others_here(room), *facts))

    def others_here(self, room: int) -> tuple[Span, ...]:
        """Who else has the file open: their names as far as there is room, else how many they are."""
        others = self.crm.others
        if not others:
            return ()
        names = ", ".join(display_text(name, limit=40) for name in others)
        text = _("also here: {names}").format(names=cut(names, _MOST_OTHERS))
        if cell_width(text) + 3 > room:
            text = f"+ {cut(names, room - 5)}" if room - 5 >= _FEWEST_OTHERS else f"+{len(others)}"
        return (Span(f"{text}   ", "accent"),)

    def others_at(self, customer: int | None, room: int) -> tuple[Span, ...]:
        """Who else has this customer on the screen, those in a form first; less of it where there is little room."""
        there = self.crm.others_at.get(customer, ()) if customer is not None else ()
        if not there:
            return ()
        editing = list(dict.fromkeys(display_text(name, limit=40) for name, edits in there if edits))
        looking = [display_text(name, limit=40) for name, edits in there if not edits]
        names = ", ".join(editing or dict.fromkeys(looking))
        text = (_("being edited by {names}") if editing else _("also here: {names}")).format(
            names=cut(names, _MOST_OTHERS)
        )
        if cell_width(text) + 3 > room:
            text = f"+ {cut(names, max(_FEWEST_OTHERS, room - 5))}"
        return (Span(f"{text}   ", "warning" if editing else "accent"),)

    def top_facts(self) -> tuple[Span, ...]:
        """What stands before the file name."""
        return ()

    def status_facts(self) -> tuple[Span, ...]:
        """What is true, at the right of the status line: what an undo would take back, and that everything is saved."""
        act = self.crm.next_undo
        room = max(12, self.size.width // 4)
        undo = (Span(f" {_('undo')}: ", "muted"), Span(cut(act, room)), Span(" · ", "muted")) if act else (Span(" "),)
        return (*undo, Span(_("saved") + " ", "muted"))

    def _file_name(self) -> str:
        path = self.crm.workspace.database.path
        name = display_text(path.rpartition("/")[2], limit=60)
        return name + " " + _("read-only") if self.crm.workspace.database.readonly else name

    def _draw_status(self) -> None:
        found = self.query("#status")
        if not found:
            return  # the screen was left meanwhile
        lines: list[Line]
        if self._told is not None:
            text, error = self._told
            pieces = wrapped(text, max(1, self.app.size.width - 2), TOLD_LINES)
            lines = [Line((Span(" " + piece, "error" if error else ""),)) for piece in pieces]
        else:
            hint = self.prompt.hint
            facts = (Span(f" {hint} ", "accent"),) if hint else self.status_facts()
            room = self.app.size.width - sum(cell_width(span.text) for span in facts) - 2
            lines = [Line(tuple(self._hints(room)), facts)]
        status = found.first(TextLines)
        if len(lines) != len(status.lines) and max(len(lines), len(status.lines)) > 1:
            status.styles.height = max(1, len(lines))  # a layout of the whole screen: only when it must be
        status.set_lines(lines)

    def _hints(self, room: int) -> list[Span]:
        """The most useful keys that fit whole, by rank; in a field only those that type nothing."""
        if takes_text(self.focused):
            return self._typing_hints(room)
        scopes = self.HINTED or self.SCOPES
        ranked = sorted(
            (action for action in actions_in(*scopes, APP) if action.rank and action.id not in self.UNHINTED),
            key=lambda action: action.rank,
        )
        keymap = self.crm.keymap
        texts = [
            (action.rank, key_sign(keymap[action.id][0]), _(action.label)) for action in ranked if keymap[action.id]
        ]
        # help and leaving are always told: the others fill the room between
        tail = [entry for entry in texts if entry[0] >= 97 and entry[2] != _("quit")]
        room -= sum(cell_width(key) + cell_width(label) + 3 for _rank, key, label in tail)
        spans: list[Span] = []
        for _rank, key, label in [entry for entry in texts if entry[0] < 97]:
            width = cell_width(key) + cell_width(label) + 3
            if width > room:
                break
            room -= width
            spans += [Span(f" {key}", "key"), Span(f" {label} ", "muted")]
        for _rank, key, label in tail:
            spans += [Span(f" {key}", "key"), Span(f" {label} ", "muted")]
        return spans

    def _typing_hints(self, room: int) -> list[Span]:
        """Keys that work in the field in focus and their words, as many as fit whole."""
        spans: list[Span] = []
        for key, label in self.typing_keys():
            room -= cell_width(key) + cell_width(label) + 3
            if room >= 0:
                spans += [Span(f" {key}", "key"), Span(f" {label} ", "muted")]
        return spans

    def typing_keys(self) -> list[tuple[str, str]]:
        """Signs and words of the keys that work while something is typed: those of the prompt line."""
        return [(key_sign("enter"), _("accept")), (key_sign("escape"), _("leave"))]

    def on_resize(self) -> None:
        """Other widths show other keys."""
        self._draw_status()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Textual works out every style again whenever a screen comes up; only another theme makes that necessary."""
        event.refresh_styles = self._styled_for != self.app.theme
        self._styled_for = self.app.theme
        self.show_where()

    def show_where(self) -> None:
        """Let the others know which customer is on this screen."""
        self.crm.show_where(None)

    @on(DataChanged)
    def _data_changed(self, message: DataChanged) -> None:
        message.stop()
        self.refresh_data(message.ids)

    def minute_passed(self) -> None:
        """The clock went on: what depends on the time of day may stand elsewhere now."""

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Customers changed (all, if ``ids`` is empty): read again what is shown."""

    @on(LanguageChanged)
    def _language_changed(self, message: LanguageChanged) -> None:
        message.stop()
        self.retranslate()

    def retranslate(self) -> None:
        """Write every text again in the language in force."""
        self.update_chrome()
