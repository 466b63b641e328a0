"""What one field of a customer held over time: value by value, since when, by whom and how; an older one is taken back with one key."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.binding import BindingType

from crmtui.domain.fields import BY_KEY
from crmtui.domain.models import CustomerRecord, OperationRecord
from crmtui.domain.text import display_text
from crmtui.i18n import _
from crmtui.i18n.show import show_moment
from crmtui.services.undo_history import describe
from crmtui.services.value_history import PastValue, restore_value, value_history
from crmtui.storage.definitions import custom_fields
from crmtui.storage.history import customer_changes
from crmtui.tui.actions import LIST, actions_in
from crmtui.tui.card import parse_stored, when
from crmtui.tui.form_values import FormField, choice_label, field_text, form_rows
from crmtui.tui.record_actions import BLAME, DETAIL
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.screens.pick import Choice
from crmtui.tui.screens.record_list import CustomerDetailList
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span
from crmtui.tui.widgets.windowed_list import WindowedList

_ALL_CHANGES = 5000


class HeldValue(NamedTuple):
    """A value that the field held: how it is written, since which operation (None: not known), and what takes it back.

    ``change_id`` is 0 for a value that no change tells of; ``before`` means the value that the change ended.
    """

    text: str
    operation: OperationRecord | None
    change_id: int
    before: bool = False

    @property
    def row_id(self) -> int:
        """What its row is known by while others come above it."""
        return 2 * self.change_id + self.before


def held_values(
    changes: Sequence[PastValue], born: OperationRecord | None, current: str, *, several: bool
) -> list[HeldValue]:
    """The values of a field, the newest first. A field of ``several`` values has a line for each that came, went or changed."""
    if several:
        return [
            HeldValue(_several_text(past), past.operation, past.change_id, before=not past.after) for past in changes
        ]
    found = [HeldValue(past.after, past.operation, past.change_id) for past in changes]
    if changes and changes[-1].before:
        found.append(HeldValue(changes[-1].before, born, changes[-1].change_id, before=True))
    elif not changes and current:
        found.append(HeldValue(current, born, 0))
    return found


def blame_choices(rows: Sequence[FormField], record: CustomerRecord) -> list[Choice]:
    """The fields that can be asked about, each with what it holds now; those that hold something come first."""
    texts = [(row, field_text(record, row)) for row in rows]
    texts.sort(key=lambda pair: not pair[1])
    return [
        Choice(
            row.key, display_text(_(row.field.label), limit=60), " ".join(row.field.query), display_text(text, limit=80)
        )
        for row, text in texts
    ]


class BlameScreen(CustomerDetailList):
    """The history of one field, opened from the customer."""

    SCOPES = (BLAME, DETAIL, LIST)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(BLAME))]

    def __init__(self, customer_id: int, key: str) -> None:
        super().__init__(customer_id)
        self.key = key
        self._held: list[HeldValue] = []

    def _row(self) -> FormField | None:
        record = self.crm.gateway.customer(self.customer_id)
        rows = form_rows(custom_fields(self.crm.gateway.page()), record)
        return next((row for row in rows if row.key == self.key), None)

    def field_label(self) -> str:
        """The name of the field."""
        row = self._row()
        return display_text(_(row.field.label) if row else self.key.removeprefix("custom."), limit=60)

    def heading(self) -> tuple[str, str]:
        """Whose field, and which."""
        return self.customer_name(), self.field_label()

    def head(self) -> Line:
        """What it holds now."""
        record, row = self.crm.gateway.customer(self.customer_id), self._row()
        now = field_text(record, row) if record and row else ""
        return Line((Span(" " + _("current value") + "  ", "muted"), Span(display_text(now) or "—", "strong")))

    def columns(self) -> list[ListColumn]:
        """Since when, what, who, how."""
        return [
            ListColumn("when", _("Since"), width=16, priority=90),
            ListColumn("value", _("Value"), weight=3, min_width=14, priority=100),
            ListColumn("who", _("Who"), width=10, priority=70),
            ListColumn("how", _("How"), weight=2, min_width=12, priority=80),
        ]

    def read_rows(self) -> tuple[list[RowView], list[int], str]:
        """Value by value."""
        page = self.crm.gateway.page()
        record, row = self.crm.gateway.customer(self.customer_id), self._row()
        if record is None:
            return [], [], _("This customer is gone; u may bring it back")
        born = next(
            (
                change.operation
                for change in customer_changes(page, self.customer_id, limit=_ALL_CHANGES)
                if change.table == "customers" and not change.column
            ),
            None,
        )
        field = BY_KEY.get(self.key)
        several = field is not None and field.place in ("point", "tags", "external")
        current = field_text(record, row) if row else ""
        changes = value_history(page, self.customer_id, self.key)
        self._held = held_values(changes, born, current, several=several)
        views = [self._view(held, row, index) for index, held in enumerate(self._held)]
        return views, [held.row_id for held in self._held], _("No change of this field is known")

    def _view(self, held: HeldValue, row: FormField | None, index: int) -> RowView:
        act = held.operation
        text = choice_label(row.field, held.text) if row is not None and row.field.choices else held.text
        how = display_text(describe(act._replace(subject=_source_of(act), count=None)), limit=120) if act else ""
        moment = parse_stored(act.at) if act else None
        since = show_moment(moment) if moment else when(act.at) if act else ""
        cells = (since, display_text(text) or "—", display_text(act.actor or "", limit=60) if act else "", how)
        return RowView(cells, "" if index == 0 else "muted")

    def _current(self) -> HeldValue | None:
        row = self.listed.cursor_row_id
        return next((held for held in self._held if held.row_id == row), None)

    @on(WindowedList.Opened)
    def _opened(self, event: WindowedList.Opened) -> None:
        """The operation that set the value."""
        event.stop()
        held = self._current()
        if held is not None and held.operation is not None:
            from crmtui.tui.screens.operation import OperationScreen

            self.app.push_screen(OperationScreen(held.operation.id))

    def action_blame_restore(self) -> None:
        """Take the value under the cursor back."""
        held = self._current()
        if held is None:
            return
        if not held.change_id:
            self.tell(_("That is the value now"))
            return
        row = self._row()
        text = choice_label(row.field, held.text) if row is not None and row.field.choices else held.text
        told = _("{field}: {value}").format(field=self.field_label(), value=display_text(text, limit=60) or "—")
        self.crm.begin(
            self._save(
                lambda workspace: restore_value(
                    workspace, self.customer_id, self.key, held.change_id, before=held.before
                ),
                told,
            )
        )


def _several_text(past: PastValue) -> str:
    if past.before and past.after:
        return f"{past.before} → {past.after}"
    return f"+ {past.after}" if past.after else f"- {past.before}"


def _source_of(act: OperationRecord) -> str:
    """The file of an import, the others of a merge: what of the subject says more than whose customer this is."""
    return act.subject if act.kind in ("import", "customer.merge", "undo", "redo") else ""
