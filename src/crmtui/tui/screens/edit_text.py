"""Customers as text in the person's own editor: what it changed is shown, with counts, and saved by a key of its own."""

import os
import subprocess
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult, SuspendNotSupported
from textual.binding import BindingType

from crmtui.domain.customer_text import Difference, TextCustomer, TextEdit, TextProblem
from crmtui.domain.fields import BY_KEY
from crmtui.domain.text import display_text
from crmtui.errors import Conflict, UsageError
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_number
from crmtui.services import edit_as_text, editor
from crmtui.services.edit_as_text import FieldConflict
from crmtui.storage.definitions import custom_fields
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.record_actions import DETAIL, TEXT_EDIT
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.record_list import RecordList
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span, TextLines

if TYPE_CHECKING:
    from crmtui.services.record import Saved
    from crmtui.tui.screens.customer_actions import CustomerActions

AGAIN, SAVE = "again", "save"
Resolutions = dict[tuple[int, str], str]
"""By customer and field: ``mine`` or ``theirs``."""


async def edit_customers_as_text(screen: "CustomerActions", ids: Sequence[int]) -> None:
    """Give these customers to the editor, show what it changed, save what the person says yes to.

    Raises CrmError when there are too many or the editor fails; the text is kept then, and nothing is changed.
    """
    page = screen.crm.gateway.page()
    original = edit_as_text.read_for_text(page, ids)
    path = editor.keep_text(edit_as_text.render(original), os.environ)
    resolutions: Resolutions = {}
    again = True
    found: list[TextEdit] | list[TextProblem] = []
    while True:
        if again:
            text = editor.edit_file(path, os.environ, run=lambda command: run_in_terminal(screen.app, command))
            found = edit_as_text.parse(text, original)
        edits = [each for each in found if isinstance(each, TextEdit)]
        problems = [each for each in found if isinstance(each, TextProblem)]
        if not edits and not problems:
            editor.discard(path)
            screen.crm.tell(_("nothing to change: it is so already"))
            return
        conflicts = edit_as_text.conflicts_of(page, edits)
        kind = TextProblemsScreen if problems else TextConflictsScreen if conflicts else TextChangesScreen
        shown = kind(original, edits, problems, conflicts, resolutions)
        answer = await screen.crm.push_screen_and_wait(shown)
        if answer not in (AGAIN, SAVE):
            screen.crm.tell(_("Nothing was changed. The text is kept in {path}").format(path=path))
            return
        again = answer == AGAIN
        if answer == SAVE:
            try:
                job = partial(edit_as_text.apply, edits=edits, resolutions=dict(resolutions))
                saved = await screen.crm.gateway.write(job)
            except Conflict:
                continue  # somebody else wrote while the changes were looked at: they are shown with what is new
            editor.discard(path)
            _tell_saved(screen, saved)
            return


def run_in_terminal(app: App[object], command: Sequence[str]) -> int:
    """Give the terminal to a command until it ends; returns its exit code."""
    try:
        with app.suspend():
            return subprocess.run(command, check=False).returncode
    except SuspendNotSupported:
        raise UsageError(
            _("the editor cannot be started from here"),
            kept=_("Nothing was changed."),
            hint=_("Use the command line: crmtui edit --text"),
        ) from None


def _tell_saved(screen: "CustomerActions", saved: "Saved") -> None:
    count = len(saved.customers)
    screen.crm.data_changed(saved.customers)
    if not saved.operation_id:
        screen.crm.tell(_("nothing changed"))
        return
    told = ngettext("changed {count} customer", "changed {count} customers", count).format(count=show_number(count))
    for issue in saved.issues[:1]:
        told += f" · {display_text(issue.value, limit=40)} {issue.text()}"
    screen.crm.tell(f"{told} · " + _("u undoes it"))


class TextChangesScreen(RecordList):
    """What the editor changed, or what of its text cannot be read. Returns ``save``, ``again`` or None."""

    SCOPES = (TEXT_EDIT, DETAIL, LIST)
    UNHINTED: ClassVar[tuple[str, ...]] = ("list.mark", "list.open", "text.mine", "text.theirs")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(TEXT_EDIT))]
    DEFAULT_CSS = "TextChangesScreen #detail { height: 6; }"

    def __init__(
        self,
        original: Sequence[TextCustomer],
        edits: Sequence[TextEdit],
        problems: Sequence[TextProblem],
        conflicts: Sequence[FieldConflict],
        resolutions: Resolutions,
    ) -> None:
        """``resolutions`` is filled with what is chosen here."""
        super().__init__()
        self._given = len(original)
        self._edits = edits
        self._problems = problems
        self._conflicts = {(each.customer_id, each.field): each for each in conflicts}
        self._resolutions = resolutions
        self._differences = edit_as_text.diff(edits)
        gone = {customer for customer, field in self._conflicts if not field}
        self._resolutions.update({(customer, ""): "theirs" for customer in gone})
        self._gone = gone
        self._labels: dict[str, str] = {}

    def compose_body(self) -> ComposeResult:
        """A line with the counts, the changes, and the one under the cursor in full."""
        yield from super().compose_body()
        yield TextLines(id="detail")

    def on_mount(self) -> None:
        """Show the changes."""
        own = custom_fields(self.crm.gateway.page())
        self._labels = {f"custom.{field.key}": field.label for field in own}
        self.watch(self.listed, "cursor_index", self._draw_detail, init=False)
        self._draw_detail()

    @property
    def undecided(self) -> list[tuple[int, str]]:
        """The fields that others changed too and that nobody has decided yet."""
        return [key for key in self._conflicts if key not in self._resolutions]

    def heading(self) -> tuple[str, str]:
        """What this is."""
        return _("Edited as text"), _("nothing is saved yet")

    def head(self) -> Line:
        """How many customers and fields would change; or that the text cannot be read."""
        if self._problems:
            count = len(self._problems)
            text = ngettext("{count} line cannot be read", "{count} lines cannot be read", count)
            return Line(
                (
                    Span(" " + text.format(count=show_number(count)), "error"),
                    Span("   " + _("e opens the text again; escape changes nothing"), "muted"),
                )
            )
        count, fields = len(self._edits), len(self._differences)
        customers = ngettext("{count} customer would change", "{count} customers would change", count)
        spans = [
            Span(" " + customers.format(count=show_number(count)), "strong"),
            Span(
                "   "
                + ngettext("{count} field", "{count} fields", fields).format(count=show_number(fields))
                + "   "
                + _("of {count} in the text").format(count=show_number(self._given)),
                "muted",
            ),
        ]
        left = len(self.undecided)
        if left:
            told = ngettext("{count} to choose: 1 yours, 2 theirs", "{count} to choose: 1 yours, 2 theirs", left)
            return Line(tuple(spans), (Span(told.format(count=show_number(left)) + " ", "warning"),))
        return Line(tuple(spans))

    def columns(self) -> list[ListColumn]:
        """Whose, which field, before, after; for problems the line and what is wrong."""
        if self._problems:
            return [
                ListColumn("line", _("Line"), width=6, align_right=True, priority=90),
                ListColumn("problem", _("What is wrong"), weight=1, min_width=20, priority=100),
            ]
        return [
            ListColumn("whose", _("Customer"), weight=2, min_width=10, priority=80),
            ListColumn("field", _("Field"), weight=1, min_width=8, priority=90),
            ListColumn("before", _("Before"), weight=3, min_width=12, priority=70),
            ListColumn("after", _("After"), weight=3, min_width=12, priority=100),
        ]

    def read_rows(self) -> tuple[list[RowView], list[int], str]:
        """The problems, or else the differences."""
        if self._problems:
            views = [RowView((str(each.line or ""), display_text(each.message))) for each in self._problems]
        else:
            views = [self._view(each) for each in self._differences]
        return views, list(range(len(views))), ""

    def _view(self, each: Difference) -> RowView:
        key = (each.customer_id, each.field)
        after, style = _one_line(each.after), ""
        if each.customer_id in self._gone:
            after, style = _("removed by somebody else: left out"), "muted"
        elif key in self._conflicts:
            theirs = _one_line(self._conflicts[key].theirs)
            chosen = self._resolutions.get(key)
            signs = ("●", " ") if chosen == "mine" else (" ", "●") if chosen == "theirs" else ("?", "?")
            after = f"{signs[0]}1 {after}  {signs[1]}2 {theirs}"
            style = "" if chosen else "warning"
        cells = (display_text(each.name, limit=80), self._label(each.field), _one_line(each.before), after)
        return RowView(cells, style)

    def _label(self, key: str) -> str:
        field = BY_KEY.get(key)
        label = _(field.label) if field else self._labels.get(key, key.removeprefix("custom."))
        return display_text(label, limit=60)

    def _draw_detail(self) -> None:
        """The change under the cursor, its values whole as far as there is room."""
        index = self.listed.cursor_row_id
        lines: list[Line] = []
        if not self._problems and index is not None:
            each = self._differences[index]
            conflict = self._conflicts.get((each.customer_id, each.field))
            lines.append(Line((Span(f" {display_text(each.name, limit=80)} · {self._label(each.field)}", "strong"),)))
            texts = [("-", each.before, "muted"), ("+", each.after, "")]
            if conflict is not None:
                texts.append((_("theirs"), conflict.theirs, "warning"))
            for sign, text, style in texts:
                lines.append(Line((Span(f" {sign} ", "key"), Span(_one_line(text), style))))
        self.query_one("#detail", TextLines).set_lines(lines)

    def draw(self) -> None:
        """The list and the change under the cursor."""
        super().draw()
        self._draw_detail()

    def _choose(self, version: str) -> None:
        index = self.listed.cursor_row_id
        if self._problems or index is None:
            return
        each = self._differences[index]
        key = (each.customer_id, each.field)
        if key not in self._conflicts:
            self.tell(_("Nobody else changed this field"))
            return
        self._resolutions[key] = version
        self.draw()
        self._go_to_undecided()

    def _go_to_undecided(self) -> None:
        left = self.undecided
        if left:
            places = [(each.customer_id, each.field) for each in self._differences]
            self.listed.jump_to(places.index(left[0]))

    def action_text_mine(self) -> None:
        """Take one's own version."""
        self._choose("mine")

    def action_text_theirs(self) -> None:
        """Take the version of the others."""
        self._choose("theirs")

    def action_text_save(self) -> None:
        """Save all of it, once every conflict is decided."""
        if self._problems:
            self.tell(_("This cannot be saved: e opens the text again"), error=True)
        elif self.undecided:
            self.tell(_("Choose for each field which version stays"), error=True)
            self._go_to_undecided()
        else:
            self.dismiss(SAVE)

    def action_text_again(self) -> None:
        """Back into the editor."""
        self.dismiss(AGAIN)

    def action_detail_back(self) -> None:
        """Change nothing; the text stays."""
        self.dismiss(None)


class TextProblemsScreen(TextChangesScreen):
    """What of the text cannot be read: there is nothing to save."""

    UNHINTED = ("list.mark", "list.open", "text.save", "text.mine", "text.theirs")


class TextConflictsScreen(TextChangesScreen):
    """The same when others changed some of it meanwhile: there is something to choose."""

    UNHINTED = ("list.mark", "list.open")


def _one_line(text: str) -> str:
    return " · ".join(display_text(line) for line in text.split("\n")) if text else "—"
