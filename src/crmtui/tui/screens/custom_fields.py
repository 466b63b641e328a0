"""The fields of one's own: defined, renamed, given choices, put in order, taken away."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from crmtui.domain.custom_values import CUSTOM_TYPES
from crmtui.domain.fields import Field
from crmtui.domain.text import display_text
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_number
from crmtui.services import custom_fields
from crmtui.services.custom_fields import DefinedField
from crmtui.services.workspace import Workspace
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.record_actions import DETAIL, FIELDS
from crmtui.tui.screens.asking import ask_next, ask_yes
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.defining import ask_choices, ask_new_field
from crmtui.tui.screens.record_list import RecordList
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.windowed_list import WindowedList


class CustomFieldsScreen(RecordList):
    """The custom fields of this file."""

    SCOPES = (FIELDS, DETAIL, LIST)
    UNHINTED = ("list.mark", "list.open")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(FIELDS))]
    DEFAULT_CSS = "CustomFieldsScreen #head { display: none; }"

    def __init__(self) -> None:
        super().__init__()
        self._fields: list[Field] = []

    def heading(self) -> tuple[str, str]:
        """What this is."""
        return _("Fields of one's own"), ""

    def columns(self) -> list[ListColumn]:
        """Name, type, choices, and how a query calls it."""
        return [
            ListColumn("label", _("Name"), weight=2, min_width=12, priority=100),
            ListColumn("type", _("Type"), width=12, priority=90),
            ListColumn("choices", _("Choices"), weight=2, min_width=12, priority=60),
            ListColumn("key", _("In a query"), weight=1, min_width=12, priority=50),
        ]

    def read_rows(self) -> tuple[list[RowView], list[int], str]:
        """In their order; rows keep their place by the key."""
        self._fields = custom_fields.custom_fields(self.crm.gateway.page())
        views = [
            RowView(
                (
                    display_text(field.label, limit=80),
                    _(CUSTOM_TYPES[field.type]) if field.type in CUSTOM_TYPES else display_text(field.type, limit=20),
                    display_text(", ".join(field.choices), limit=200),
                    display_text(field.key, limit=60) + ":",
                )
            )
            for field in self._fields
        ]
        return views, list(range(len(views))), _("No field of one's own yet: a defines one")

    def _current(self) -> Field | None:
        index = self.listed.cursor_row_id
        if index is None or index >= len(self._fields):
            self.tell(_("No field of one's own yet: a defines one"))
            return None
        return self._fields[index]

    async def _change(self, job: Callable[[Workspace], DefinedField], told: str) -> None:
        result = await self.crm.gateway.write(job)
        self.crm.data_changed(())
        self.crm.tell(f"{told} · " + _("u undoes it") if result.operation_id else _("nothing changed"))

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        event.stop()
        self.action_fields_rename()

    def action_fields_add(self) -> None:
        """Ask for name, type and choices."""

        async def add() -> None:
            new = await ask_new_field(self)
            if new is not None:
                await self._change(
                    lambda workspace: custom_fields.define_field(workspace, *new),
                    _("field made: {field}").format(field=display_text(new.label.strip(), limit=60)),
                )

        self.crm.begin(add())

    def action_fields_rename(self) -> None:
        """Ask for another name."""

        async def rename(field: Field) -> None:
            label = await ask_next(self, _("name of the field"), value=field.label)
            if label is not None and label.strip() and label.strip() != field.label:
                await self._change(
                    lambda workspace: custom_fields.rename_field(workspace, field.key, label),
                    _("field renamed: {field}").format(field=display_text(label.strip(), limit=60)),
                )

        field = self._current()
        if field is not None:
            self.crm.begin(rename(field))

    def action_fields_choices(self) -> None:
        """Ask for the choices; any other type becomes a choice by this."""

        async def choose(field: Field) -> None:
            choices = await ask_choices(self, ", ".join(field.choices))
            if choices:
                await self._change(
                    lambda workspace: custom_fields.set_choices(workspace, field.key, choices),
                    _("choices of {field}: {choices}").format(
                        field=display_text(field.label, limit=40), choices=display_text(", ".join(choices), limit=60)
                    ),
                )

        field = self._current()
        if field is not None:
            self.crm.begin(choose(field))

    def _move(self, by: int) -> None:
        field = self._current()
        if field is None:
            return
        place = self._fields.index(field) + by
        if not 0 <= place < len(self._fields):
            self.tell(_("This is the last one") if by > 0 else _("This is the first one"))
            return

        async def move() -> None:
            await self._change(
                lambda workspace: custom_fields.move_field(workspace, field.key, place),
                _("field moved: {field}").format(field=display_text(field.label, limit=60)),
            )
            self.listed.jump_to(place)

        self.crm.begin(move())

    def action_fields_up(self) -> None:
        """One place further up."""
        self._move(-1)

    def action_fields_down(self) -> None:
        """One place further down."""
        self._move(1)

    def action_fields_remove(self) -> None:
        """Take the field away, after saying how many values it hides."""

        async def remove(field: Field) -> None:
            key = field.key
            count = await self.crm.gateway.write(
                lambda workspace: custom_fields.count_values(workspace.database.writer, key)
            )
            question = ngettext(
                "remove {field}? {count} value stays, unseen",
                "remove {field}? {count} values stay, unseen",
                count,
            )
            if count and not await ask_yes(
                self, question.format(field=display_text(field.label, limit=30), count=show_number(count))
            ):
                self.tell(_("nothing changed"))
                return
            await self._change(
                lambda workspace: custom_fields.remove_field(workspace, key),
                _("field taken away: {field}").format(field=display_text(field.label, limit=60)),
            )

        field = self._current()
        if field is not None:
            self.crm.begin(remove(field))
