"""Columns that a person chose for the list: any field of the registry or of the file, each with a width that lets it be read."""

from collections.abc import Callable, Sequence

from crmtui.domain.fields import BY_KEY, FIELDS, Field
from crmtui.domain.models import CustomerRecord, ListRow
from crmtui.domain.text import display_text
from crmtui.domain.view_text import ViewColumn
from crmtui.i18n import N_, _
from crmtui.storage.window import RowWindow
from crmtui.tui.customer_rows import DEFAULT_COLUMNS, CustomerRows, cell, column_of
from crmtui.tui.widgets.list_columns import ListColumn
from crmtui.tui.widgets.row_source import RowView

_ID = Field("id", N_("Id"), "number", width=8)
_IN_ROWS = frozenset((*ListRow._fields, "phones", "emails"))
_WIDTH = 16
_PRIORITY = 85
"""Less than that of the name and the company, more than that of the other usual columns."""
_KEPT = 1024

ReadRecords = Callable[[Sequence[int]], list[CustomerRecord]]


def field_of(key: str, custom: Sequence[Field]) -> Field:
    """The field that a column shows, ``custom.KEY`` and ``id`` among them."""
    if key == "id":
        return _ID
    own = key.removeprefix("custom.")
    found = BY_KEY.get(key) or next((field for field in custom if field.key == own), None)
    return found or Field(own, own, "text", "custom")


def title_of(field: Field) -> str:
    """What stands above the column: the label of a custom field is text of a person."""
    return display_text(field.label) if field.place == "custom" else _(field.label)


def can_be_columns(custom: Sequence[Field]) -> list[str]:
    """The key of every field that may be a column: the usual ones, the registry's others, then those of the file."""
    usual = [*DEFAULT_COLUMNS]
    others = [field.key for field in FIELDS if field.key not in usual and field.form] + [
        "created_at",
        "updated_at",
        "id",
    ]
    return [*usual, *others, *(f"custom.{field.key}" for field in custom)]


def chosen_list_columns(columns: Sequence[ViewColumn], custom: Sequence[Field]) -> list[ListColumn]:
    """The columns as the list draws them. What is no usual column was asked for, and stays longer than most usual ones."""
    found = []
    for column in columns:
        field = field_of(column.key, custom)
        if column.key in DEFAULT_COLUMNS:
            drawn = column_of(field)
        else:
            drawn = ListColumn(column.key, title_of(field), width=field.width or _WIDTH, priority=_PRIORITY)
        found.append(drawn._replace(width=column.width) if column.width else drawn)
    return found


class ChosenRows(CustomerRows):
    """Rows with cells that a list row does not hold: those come from whole records, read for the rows in sight."""

    def __init__(
        self, window: RowWindow[ListRow], keys: Sequence[str], region: str, custom: Sequence[Field], read: ReadRecords
    ) -> None:
        super().__init__(window, keys, region)
        self._fields = {key: field_of(key, custom) for key in keys if key not in _IN_ROWS}
        self._read = read
        self._records: dict[tuple[int, int], CustomerRecord] = {}

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        """The rows of a slice, as text."""
        rows = self.window.rows(start, stop)
        if self._fields:
            self._look_up([row for row in rows if row is not None])
        return [None if row is None else self._view(row) for row in rows]

    def _look_up(self, rows: Sequence[ListRow]) -> None:
        unknown = {row.id: row.version for row in rows if (row.id, row.version) not in self._records}
        if len(self._records) + len(unknown) > _KEPT:
            self._records.clear()
            unknown = {row.id: row.version for row in rows}
        if unknown:
            for record in self._read(list(unknown)):
                self._records[record["id"], unknown[record["id"]]] = record

    def _view(self, row: ListRow) -> RowView:
        cells = tuple(
            self._other(row, key, self._fields[key]) if key in self._fields else cell(row, key, self._region)
            for key in self._keys
        )
        return RowView(cells, "muted" if row.archived_at else "")

    def _other(self, row: ListRow, key: str, field: Field) -> str:
        record = self._records.get((row.id, row.version))
        if record is None:
            return ""
        from crmtui.tui.form_values import FormField, field_text

        return display_text(field_text(record, FormField(field, key)), limit=200)
