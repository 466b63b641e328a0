"""The rows of the customer list: which columns, how a customer's values are shown, and the window that brings them."""

from collections.abc import Sequence

from crmtui.domain.fields import BY_KEY, STAGE_LABELS, Field
from crmtui.domain.models import ListRow
from crmtui.domain.phones import show_phone
from crmtui.domain.text import display_text
from crmtui.i18n import _
from crmtui.storage.window import RowWindow
from crmtui.tui.card import when
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView

DEFAULT_COLUMNS = ("name", "company", "phones", "stage", "city", "owner", "last_interaction_at")
_PRIORITY = {"name": 100, "phones": 80, "company": 90, "stage": 60, "last_interaction_at": 70, "city": 30, "owner": 40}
_FLEXIBLE = {"name": 3, "company": 4, "emails": 3}
_ATTRIBUTES = {"phones": "phone", "emails": "email"}


def list_columns(keys: Sequence[str] = DEFAULT_COLUMNS) -> list[ListColumn]:
    """The columns of the list for these field keys."""
    return [column_of(BY_KEY[key]) for key in keys]


def column_of(field: Field) -> ListColumn:
    """The column of a field of the registry; where there is no room, the less telling ones go first."""
    weight = _FLEXIBLE.get(field.key)
    title = _(field.label)
    priority = _PRIORITY.get(field.key, 10)
    if weight:
        return ListColumn(field.key, title, weight=weight, min_width=14, priority=priority)
    return ListColumn(field.key, title, width=field.width, priority=priority)


def cell(row: ListRow, key: str, region: str) -> str:
    """What the list shows of one field; safe for display."""
    value = getattr(row, _ATTRIBUTES.get(key, key), None)
    if not value:
        return ""
    text = str(value)
    if key in ("last_interaction_at", "created_at", "updated_at"):
        return when(text)
    if key == "stage" and text in STAGE_LABELS:
        return _(STAGE_LABELS[text])
    if key == "phones":
        return display_text(show_phone(text if text.startswith("+") else "", text, region), limit=40)
    if key == "company" and text == row.name and row.kind == "company":
        return ""
    return display_text(text, limit=200)


class CustomerRows:
    """The window of customers as a source of rows for the list widget."""

    def __init__(self, window: RowWindow[ListRow], keys: Sequence[str], region: str) -> None:
        self.window = window
        self._keys = tuple(keys)
        self._region = region

    @property
    def exact(self) -> bool:
        """Whether the number of rows is final."""
        return self.window.exact

    def row_count(self) -> int:
        """How many rows there are, as far as known."""
        return len(self.window)

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        """The rows of a slice, as text."""
        return [None if row is None else self._view(row) for row in self.window.rows(start, stop)]

    def _view(self, row: ListRow) -> RowView:
        style = "muted" if row.archived_at else ""
        return RowView(tuple(cell(row, key, self._region) for key in self._keys), style)

    def row_id(self, index: int) -> int:
        """The customer at a position."""
        return self.window.id_at(index)

    def index_of(self, row_id: int) -> int | None:
        """Where a customer stands."""
        return self.window.position_of(row_id)
