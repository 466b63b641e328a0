"""Two people changed one customer: per field both versions and what was opened, who changed it and when, and a choice."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from crmtui.domain.models import CustomerRecord, OperationRecord
from crmtui.domain.text import display_text, pad
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_moment
from crmtui.services.undo_history import describe
from crmtui.storage import history
from crmtui.storage.driver import Connection
from crmtui.storage.history import FieldChange
from crmtui.tui.actions import CONFLICT, LIST, actions_in
from crmtui.tui.card import parse_stored, when
from crmtui.tui.form_values import FormField, choice_label, choice_value, field_text
from crmtui.tui.screens.base import bindings_of
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_lines import Line, Span, TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

CHOSEN, OPEN = "●", "?"


class ConflictRow(NamedTuple):
    """A field that somebody else changed: the three texts, the value to write if mine stays, and by which operation."""

    row: FormField
    mine: str
    theirs: str
    opened: str
    value: str
    typed: bool
    """Whether the person changed it too; if not, theirs stays unless the person says otherwise."""
    operation: OperationRecord | None


def conflict_rows(
    rows: Sequence[FormField],
    values: Mapping[str, str],
    opened: CustomerRecord,
    now: CustomerRecord,
    changes: Sequence[FieldChange],
) -> list[ConflictRow]:
    """The fields that differ between the record that was opened and the one stored now, unless ``values`` agrees with them.

    ``values`` are the typed values by form key, ``changes`` those of the customer since it was opened, newest first.
    """
    found = []
    for row in rows:
        before, theirs = field_text(opened, row), field_text(now, row)
        typed = row.key in values
        value = values[row.key] if typed else choice_value(row.field, before)
        mine = choice_label(row.field, value) if row.field.choices else value
        if theirs not in (before, mine):
            operation = next((change.operation for change in changes if _concerns(change, row)), None)
            if operation is None and changes:
                operation = changes[0].operation
            found.append(ConflictRow(row, mine, theirs, before, value, typed, operation))
    return found


def changes_since(connection: Connection, customer_id: int, operation_id: int) -> list[FieldChange]:
    """What happened to a customer after an operation, newest first."""
    changes = history.customer_changes(connection, customer_id)
    return [change for change in changes if change.operation.id > operation_id]


def _concerns(change: FieldChange, row: FormField) -> bool:
    field = row.field
    places = {
        "point": ("contact_points", "value"),
        "address": ("addresses", field.part),
        "tags": ("customer_tags", "tag_id"),
        "custom": ("customers", "custom"),
    }
    return (change.table, change.column) == places.get(field.place, ("customers", field.key))


class _Fields:
    """The fields in question as the rows of a list."""

    exact = True

    def __init__(self, rows: Sequence[ConflictRow]) -> None:
        self.rows_of = tuple(rows)
        self.mine: list[bool | None] = [None if row.typed else False for row in rows]

    def row_count(self) -> int:
        return len(self.rows_of)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        return [self._view(index) for index in range(start, min(stop, len(self.rows_of)))]

    def _view(self, index: int) -> RowView:
        row, mine = self.rows_of[index], self.mine[index]
        signs = (OPEN, OPEN) if mine is None else (CHOSEN, " ") if mine else (" ", CHOSEN)
        label = display_text(_(row.row.field.label), limit=60)
        cells = (label, f"{signs[0]} {_shown(row.mine)}", f"{signs[1]} {_shown(row.theirs)}", _shown(row.opened))
        return RowView(cells, "warning" if mine is None else "")

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id if row_id < len(self.rows_of) else None


class ConflictScreen(ModalScreen[frozenset[str] | None]):
    """Returns the form keys of which the person's own version is to be written, or None to go back to the form."""

    DEFAULT_CSS = """
    ConflictScreen { background: $background; }
    ConflictScreen > Vertical { width: 100%; height: 100%; }
    ConflictScreen #detail { height: 5; }
    ConflictScreen #keys { background: $panel; }
    ConflictScreen #head { height: 3; }
    """
    SCOPES = (CONFLICT, LIST)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(actions_in(CONFLICT))]

    def __init__(self, name: str, rows: Sequence[ConflictRow], **options: Any) -> None:
        super().__init__(**options)
        self._customer = name
        self._fields = _Fields(rows)

    def compose(self) -> ComposeResult:
        """What happened, the fields, the one under the cursor in full, the keys."""
        columns = [
            ListColumn("field", "", weight=2, min_width=8),
            ListColumn("mine", _("1 yours"), weight=4, min_width=8),
            ListColumn("theirs", _("2 theirs"), weight=4, min_width=8),
            ListColumn("opened", _("when you opened it"), weight=3, min_width=8, priority=-1),
        ]
        with Vertical():
            yield TextLines(lines=self._head(), id="head")
            yield WindowedList(columns)
            yield TextLines(id="detail")
            yield TextLines(id="keys")

    def on_mount(self) -> None:
        """Show the fields; the cursor stands on the first."""
        listed = self.query_one(WindowedList)
        listed.set_source(self._fields)
        listed.focus()
        self._draw()

    def _head(self) -> list[Line]:
        actors = [row.operation.actor for row in self._fields.rows_of if row.operation is not None]
        who = ", ".join(dict.fromkeys(actor for actor in actors if actor))
        name = display_text(self._customer, limit=200)
        if who:
            text = _("{who} changed {name} while you had it open").format(who=display_text(who, limit=80), name=name)
        else:
            text = _("{name} was changed while you had it open").format(name=name)
        rest = _("Nothing is saved yet. Choose for each field which version stays.")
        return [Line((Span(f" {text}", "warning"),)), Line((Span(f" {rest}", "muted"),)), Line()]

    def _draw(self) -> None:
        index = self.query_one(WindowedList).cursor_index
        row = self._fields.rows_of[index]
        labels = (_("yours"), _("theirs"), _("opened"), _("changed"))
        texts = (_shown(row.mine), _shown(row.theirs), _shown(row.opened), _who(row.operation))
        lines = [Line((Span(f" {display_text(_(row.row.field.label), limit=60)}", "strong"),))]
        lines += [
            Line((Span(f" {pad(label, 10)}", "muted"), Span(text or "—", "" if label != labels[3] else "muted")))
            for label, text in zip(labels, texts, strict=True)
        ]
        self.query_one("#detail", TextLines).set_lines(lines)
        spans: list[Span] = []
        for key, label in (
            ("1 ←", _("yours")),
            ("2 →", _("theirs")),
            ("⏎", _("save")),
            ("esc", _("back to the form")),
        ):
            spans += [Span(f" {key}", "key"), Span(f" {label} ", "muted")]
        left = self._fields.mine.count(None)
        text = ngettext("{count} to choose", "{count} to choose", left).format(count=left) if left else _("all chosen")
        self.query_one("#keys", TextLines).set_lines(
            [Line(tuple(spans), (Span(text + " ", "warning" if left else "success"),))]
        )

    @on(WindowedList.CursorMoved)
    def _cursor_moved(self, event: WindowedList.CursorMoved) -> None:
        event.stop()
        self._draw()

    @on(WindowedList.Opened)
    def _entered(self, event: WindowedList.Opened) -> None:
        event.stop()
        self.action_conflict_save()

    def action_conflict_mine(self) -> None:
        """Take one's own version."""
        self._choose(True)

    def action_conflict_theirs(self) -> None:
        """Take the other version."""
        self._choose(False)

    def _choose(self, mine: bool) -> None:
        """Take one version of the field under the cursor, and go on to the next that is open."""
        listed = self.query_one(WindowedList)
        self._fields.mine[listed.cursor_index] = mine
        listed.rows_changed()
        self._go_to_open(listed.cursor_index)
        self._draw()

    def action_conflict_save(self) -> None:
        """Give back what was chosen; fields still open are asked first."""
        if not self._go_to_open(0):
            chosen = zip(self._fields.rows_of, self._fields.mine, strict=True)
            self.dismiss(frozenset(row.row.key for row, mine in chosen if mine))

    def _go_to_open(self, start: int) -> bool:
        mine = self._fields.mine
        index = next((index for index in [*range(start, len(mine)), *range(start)] if mine[index] is None), None)
        if index is not None:
            self.query_one(WindowedList).jump_to(index)
        return index is not None

    def action_conflict_back(self) -> None:
        """Back to the form."""
        self.dismiss(None)


def _shown(text: str) -> str:
    return display_text(text, limit=400)


def _who(operation: OperationRecord | None) -> str:
    if operation is None:
        return ""
    moment = parse_stored(operation.at)
    exact = show_moment(moment) if moment else operation.at
    parts = (
        display_text(operation.actor or "", limit=60),
        when(operation.at),
        exact,
        display_text(describe(operation), limit=120),
    )
    return " · ".join(dict.fromkeys(part for part in parts if part))
