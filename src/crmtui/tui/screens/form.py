"""The form of one customer, new or known: every field a line, understood while it is typed, saved only where it changed."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Region
from textual.keys import key_to_character
from textual.suggester import SuggestFromList

from crmtui.domain.text import cell_width, cut, display_text
from crmtui.errors import Conflict, InvalidValue, NotFound
from crmtui.i18n import _, ngettext
from crmtui.services.likeness import Likeness, look_alikes
from crmtui.services.record import Saved, add_customer, edit_customer
from crmtui.storage.definitions import custom_fields
from crmtui.storage.history import operations
from crmtui.tui.actions import BY_ID, FORM, actions_in, key_sign
from crmtui.tui.form_lines import field_lines, label_of, reading_line, same_line
from crmtui.tui.form_model import FormModel
from crmtui.tui.form_values import suggestions
from crmtui.tui.screens.after_form import tell_saved
from crmtui.tui.screens.base import CrmScreen, Unfinished, bindings_of
from crmtui.tui.screens.conflict import ConflictScreen, changes_since, conflict_rows
from crmtui.tui.widgets.form_parts import FormEditor, FormRows, FormValues, NewFieldLine, SameLine
from crmtui.tui.widgets.question import Question
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import Line, Span, TextLines

LABEL_WIDTH, LABEL_SHARE = 18, 0.3
"""Cells a label may always take, and the share of a wider screen; a longer one is cut with a sign."""
NOTES_FROM = 60
"""Columns of the terminal from which what was understood stands beside the field."""


class FormScreen(CrmScreen):
    """Add a customer (``customer_id`` None) or edit one."""

    SCOPES = (FORM,)
    MODE = "customers"
    AUTO_FOCUS = "FormEditor"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(actions_in(FORM)),
        Binding(",".join(BY_ID["app.quit"].keys), "app_quit", show=False, id="app.quit"),
    ]
    DEFAULT_CSS = """
    FormScreen #values-and-editor { width: 1fr; height: auto; }
    FormScreen #notes { margin-left: 1; }
    FormScreen #labels-and-more { height: auto; }
    """

    def __init__(self, customer_id: int | None, values: Mapping[str, str] | None = None) -> None:
        """``values`` by form key stand in the form at the beginning, as if they had been typed."""
        super().__init__()
        self.customer_id = customer_id
        self._given = dict(values or {})
        self._at = 0
        self._line_of: list[int] = []
        self._same: list[Likeness] = []
        self._version: int | None = None
        self._opened_after = 0
        self._saving = False
        self._label_width = LABEL_WIDTH

    # What stands on the screen

    def compose_body(self) -> ComposeResult:
        """Labels, values and what was understood side by side; under them who is there already, and what to type."""
        page = self.crm.gateway.page()
        record = None
        if self.customer_id is not None:
            newest = operations(page, limit=1)
            self._opened_after = newest[0].id if newest else 0
            self._version = self.crm.gateway.customer_version(self.customer_id)
            record = self.crm.gateway.customer(self.customer_id)
        self.model = FormModel(record, custom_fields(page), self.crm.workspace.region)
        for entry in self.model.entries:
            if entry.key in self._given:
                self.model.set_value(entry, self._given[entry.key])
                entry.caret = len(entry.value)
        self._at = self.model.entries.index(self.model.entry("name"))
        entry = self.model.entries[self._at]
        with FormRows(id="rows"):
            with Vertical(id="labels-and-more"):
                yield TextLines(id="labels")
                yield NewFieldLine(id="new-field")
            with Vertical(id="values-and-editor"):
                yield FormValues(id="values")
                yield FormEditor(entry.value, select_on_focus=False)
            yield TextLines(id="notes")
        yield SameLine(id="same")
        yield TextLines(id="reading")
        yield Question(id="question")

    def on_mount(self) -> None:
        """Lay the lines out."""
        if self.customer_id is not None and self.model.record is None:
            self.crm.begin(self._leave_missing(self.customer_id))
            return
        self._lay_out()
        self.query_one("#same").display = self.customer_id is None
        line = self.query_one("#new-field", NewFieldLine)
        line.can_focus, line.display = True, not self.crm.workspace.database.readonly
        self._fit()
        self._place_editor()

    def _lay_out(self) -> None:
        """Give every entry its line, and a section a line above its first one."""
        self._line_of = []
        line = 0
        for entry in self.model.entries:
            line += bool(entry.row.section)
            self._line_of.append(line)
            line += 1
        for part in ("#labels", "#values", "#notes", "#values-and-editor"):
            self.query_one(part).styles.height = line

    async def _leave_missing(self, customer_id: int) -> None:
        await self.app.pop_screen()
        raise _gone(customer_id)

    @property
    def _editor(self) -> FormEditor:
        return self.query_one(FormEditor)

    def top_line(self) -> Line:
        """The way back, and whose form it is."""
        left = [Span(" ◂ ", "key"), Span(_("Customers") + "   ", "muted")]
        record = self.model.record
        if record is None:
            left.append(Span(_("New customer"), "strong"))
        else:
            left += [Span(_("Edit") + " ", "muted"), Span(display_text(record["name"], limit=200), "strong")]
        others = self.others_at(self.customer_id, self.app.size.width // 2)
        return Line(tuple(left), (*others, Span(f" {self._file_name()} ", "muted")))

    def show_where(self) -> None:
        """The others see that this customer is being edited."""
        self.crm.show_where(self.customer_id, editing=True)

    def status_facts(self) -> tuple[Span, ...]:
        """How much is not saved yet."""
        count = len(self.model.changed)
        if not count:
            return (Span((_("saved") if self.model.record else _("nothing typed yet")) + " ", "muted"),)
        text = ngettext("{count} field not saved", "{count} fields not saved", count).format(count=count)
        return (Span(text + " ", "warning"),)

    def _hints(self, room: int) -> list[Span]:
        """Keys that work while a field has the focus: none that would be typed into it."""
        if self.query_one(Question).active:
            return []
        ids = [action.id for action in actions_in(FORM) if action.rank]
        if not self._same:
            ids.remove("form.open_same")
        spans: list[Span] = []
        for action_id in (*ids, "app.help"):
            key = self._untyped_key(action_id)
            label = _(BY_ID[action_id].label)
            width = cell_width(label) + cell_width(key) + 3
            if key and width <= room:
                room -= width
                spans += [Span(f" {key}", "key"), Span(f" {label} ", "muted")]
        return spans

    def _untyped_key(self, action_id: str) -> str:
        """The sign of the first key of an action that types no character; "" if there is none."""
        return next((key_sign(key) for key in self.crm.keymap[action_id] if not _is_typed(key)), "")

    def on_resize(self) -> None:
        """Other widths give the notes another share."""
        if self._line_of:
            self._fit()
            self.call_after_refresh(self._draw)

    def _fit(self) -> None:
        sections = [_(entry.row.section) for entry in self.model.entries if entry.row.section]
        widest = max(map(cell_width, [*sections, *(label_of(entry) for entry in self.model.entries)]))
        self._label_width = min(widest, max(LABEL_WIDTH, int(self.app.size.width * LABEL_SHARE)))
        self.query_one("#labels-and-more").styles.width = self._label_width + 4
        new = Span(" + " + cut(_("new field …"), self._label_width), "muted")
        self.query_one("#new-field", NewFieldLine).set_lines([Line((new,))])
        notes = self.query_one("#notes")
        notes.display = self.app.size.width >= NOTES_FROM
        notes.styles.width = self.app.size.width // 3
        self._draw()

    def _draw(self) -> None:
        """Labels, values, notes, the two lines under them, and the status line."""
        if not self.query(FormEditor):
            return  # a refresh that was asked for before the form was left
        here = self.model.entries[self._at] if self.focused in (None, self._editor) else None
        labels, values, notes = field_lines(self.model, here, self._label_width, self.app.size.width // 3)
        self.query_one("#labels", TextLines).set_lines(labels)
        self.query_one("#values", TextLines).set_lines(values)
        self.query_one("#notes", TextLines).set_lines(notes)
        self._draw_same()
        reading = reading_line(self.model, here)
        if isinstance(self.focused, NewFieldLine):
            told = key_sign("enter") + " " + _("defines a field of one's own; what is typed stays")
            reading = Line((Span(f" {told}", "muted"),))
        self.query_one("#reading", TextLines).set_lines([reading])
        self._draw_status()

    def _draw_same(self) -> None:
        line = self.query_one("#same", SameLine)
        line.can_focus = bool(self._same)
        rows = self.crm.gateway.list_rows([found.customer_id for found in self._same])
        line.set_lines(same_line(self._same, rows, self._untyped_key("form.open_same") or key_sign("enter")))

    # Typing

    @on(TextField.Changed)
    def _typed(self, event: TextField.Changed) -> None:
        event.stop()
        if event.input is self._editor and self._line_of:
            self._pull()
            self.forget_told()
            self._draw()

    def _pull(self) -> None:
        """Take over what stands in the editor."""
        entry, value = self.model.entries[self._at], self._editor.value
        entry.caret = self._editor.cursor_position
        if value != entry.value:
            self.model.set_value(entry, value)
            if self.customer_id is None:
                intake = self.model.intake
                self._same = look_alikes(self.crm.gateway.page(), intake) if intake is not None else []

    @on(TextField.Submitted)
    def _submitted(self, event: TextField.Submitted) -> None:
        event.stop()
        if event.input is self._editor:
            self.action_form_save()

    @on(FormValues.Clicked)
    def _clicked(self, event: FormValues.Clicked) -> None:
        event.stop()
        if event.line in self._line_of:
            self._go_to(self._line_of.index(event.line))

    @on(events.DescendantFocus)
    def _moved(self) -> None:
        if self._line_of:
            self._draw()

    def _go_to(self, index: int) -> None:
        """Edit another field."""
        self._pull()
        self._at = index
        self._place_editor()
        self._editor.focus()
        self._draw()

    def _place_editor(self) -> None:
        entry, editor = self.model.entries[self._at], self._editor
        words = suggestions(entry.row.field)
        with editor.prevent(TextField.Changed):
            editor.suggester = SuggestFromList(words, case_sensitive=False) if words else None
            editor.value = entry.value
            editor.cursor_position = entry.caret
        line = self._line_of[self._at]
        editor.styles.offset = (0, line)
        rows = self.query_one("#rows")
        rows.scroll_to_region(Region(0, line, 1, 1), animate=False)

    def refresh_data(self, ids: tuple[int, ...]) -> None:
        """Someone changed customers: say so if it was this one."""
        if self.customer_id is None:
            self._draw_same()
        elif self.crm.gateway.customer_version(self.customer_id) != self._version and not self._saving:
            self.tell(_("this customer was changed meanwhile: saving shows both versions"))

    def retranslate(self) -> None:
        """Labels and notes in the other language; what was typed stays."""
        self._pull()
        self.model.understand_all()
        super().retranslate()
        self._fit()
        self._place_editor()

    # Actions

    def action_form_next(self) -> None:
        """Go to the next field."""
        self._step(1)

    def action_form_previous(self) -> None:
        """Go to the field before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        """From field to field, to the way to a new one, and to the line of who is there already if there is one; round at the ends."""
        fields = len(self.model.entries)
        lines = [line for line in (self.query_one(NewFieldLine), self.query_one(SameLine)) if line.display]
        lines = [line for line in lines if line.can_focus]
        here = next((fields + at for at, line in enumerate(lines) if line is self.focused), self._at)
        place = (here + by) % (fields + len(lines))
        if place >= fields:
            self._pull()
            lines[place - fields].focus()
        else:
            self._go_to(place)

    def action_form_new_field(self) -> None:
        """Define a field of one's own and go to it; what was typed stays."""
        from crmtui.services.custom_fields import define_field
        from crmtui.tui.screens.defining import ask_new_field

        async def define() -> None:
            self._pull()
            new = await ask_new_field(self)
            if new is None:
                return
            made = await self.crm.gateway.write(lambda workspace: define_field(workspace, *new))
            self.model.take_fields(custom_fields(self.crm.gateway.page()))
            self.crm.data_changed(())
            self._lay_out()
            self._fit()
            self._go_to(self.model.entries.index(self.model.entry(f"custom.{made.key}")))
            self.tell(_("field made: {field}").format(field=display_text(new.label.strip(), limit=60)))

        self.crm.begin(define())

    def action_form_save(self) -> None:
        """Save and go back."""
        if self._saving or self.query_one(Question).active:
            return
        self._pull()
        refused = self.model.refused
        if refused is not None:
            self._go_to(self.model.entries.index(refused))
            self.tell(f"{label_of(refused)}: {self.model.reading(refused).problem}", error=True)
            return
        self.crm.begin(self._save())

    def action_form_cancel(self) -> None:
        """Leave; what was typed is thrown away only after a yes."""
        self._ask_or("leave")

    @property
    def unsaved(self) -> bool:
        """Whether something was typed that is not saved."""
        return bool(self.model.changed)

    def unfinished(self) -> Unfinished | None:
        """What was typed, by form key."""
        if not self._line_of:
            return None
        self._pull()
        typed = {entry.key: entry.value for entry in self.model.changed}
        name = self.model.entry("name").value
        return Unfinished("form", name, {"customer": self.customer_id, "values": typed}) if typed else None

    def action_app_quit(self) -> None:
        """Leave crmtui; what was typed is thrown away only after a yes."""
        self._ask_or("quit")

    def _ask_or(self, purpose: str) -> None:
        self._pull()
        count = len(self.model.changed)
        if not count:
            self._leave(purpose)
            return
        text = ngettext(
            "{count} field is not saved: throw it away?", "{count} fields are not saved: throw them away?", count
        ).format(count=count)
        self.query_one("#reading").display = False
        self.query_one(Question).ask(text, _("throw away"), _("go on editing"), purpose=purpose)
        self._draw_status()

    @on(Question.Answered)
    def _answered(self, event: Question.Answered) -> None:
        event.stop()
        self.query_one("#reading").display = True
        self._draw_status()
        if event.yes:
            self._leave(event.purpose)

    def _leave(self, purpose: str) -> None:
        if purpose == "quit":
            self.crm.action_app_quit()
        else:
            self.app.pop_screen()

    def action_form_open_same(self) -> None:
        """Open the customer that looks the same; the form waits behind it."""
        from crmtui.tui.screens.customer import open_customer

        self._pull()
        if self._same:
            self.crm.begin(open_customer(self.crm, self._same[0].customer_id))

    # Saving

    async def _save(self) -> None:
        self._saving = True
        values = self.model.values()
        saved: Saved | None
        try:
            if self.customer_id is None:
                saved = await self.crm.gateway.write(lambda workspace: add_customer(workspace, values))
            else:
                saved = await self._save_changes(self.customer_id, values) if values else Saved(0, ())
        except InvalidValue as error:
            keys = [entry.key for entry in self.model.entries]
            self._go_to(keys.index(error.field) if error.field in keys else 0)
            raise
        finally:
            self._saving = False
        if saved is not None and self.is_current:
            await self.app.pop_screen()
            await tell_saved(self.crm, saved, added=self.customer_id is None)

    async def _save_changes(self, customer_id: int, values: dict[str, str]) -> Saved | None:
        """Write the changed fields; when the record is not what was opened, the person chooses first (None: did not)."""
        gateway, opened = self.crm.gateway, self.model.record
        while True:
            # The texts are compared and not only the version: it does not grow with phones, tags and addresses.
            version = gateway.customer_version(customer_id)
            now = gateway.customer(customer_id)
            if now is None or opened is None:
                raise _gone(customer_id)
            changes = changes_since(gateway.page(), customer_id, self._opened_after)
            rows = conflict_rows(self.model.rows, values, opened, now, changes)
            if rows:
                mine = await self.crm.push_screen_and_wait(ConflictScreen(now["name"], rows))
                if mine is None:
                    return None
                for entry in rows:
                    values.pop(entry.row.key, None)
                    if entry.row.key in mine:
                        values[entry.row.key] = entry.value
                opened = now
            if not values:
                return Saved(0, (customer_id,))
            try:
                return await gateway.write(
                    lambda workspace, version=version: edit_customer(workspace, customer_id, values, version=version)  # type: ignore[misc]
                )
            except Conflict:
                continue


def _gone(customer_id: int) -> NotFound:
    return NotFound(
        _("there is no customer {id} (any more)").format(id=customer_id),
        kept=_("What you typed is still in the form"),
        hint=_("undo may bring the customer back"),
    )


def _is_typed(key: str) -> bool:
    """Whether the key would type a character into a field."""
    character = key_to_character(key)
    return character is not None and character.isprintable()
