"""A row of a mapped table as a customer: the plain way, one row at a time, that says what every value means."""

from collections.abc import Sequence

from crmtui.domain.intake import Intake, Piece, complete, read_pieces
from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.domain.mapping.regions import region_of
from crmtui.domain.mapping.targets import SKIP
from crmtui.domain.values import is_empty_word

KEEPS_EMPTY_WORDS = frozenset(("name", "family_name", "given_name", "notes", "custom"))
"""Fields in which 无 or N/A may be what the person wrote."""


LONGEST_EMPTY_WORD = 12
_BEFORE_NUMBER = frozenset("0123456789+(")


class RowReader:
    """Reads the rows of one mapped table. ``region`` (ISO 3166) reads national phone numbers of rows without a country."""

    def __init__(self, mapping: Sequence[ColumnMapping], *, region: str) -> None:
        self.region = region
        self.columns = [
            (index, each.target.key, each.target.detail, each.order or "ymd")
            for index, each in enumerate(mapping)
            if each.field != SKIP
        ]
        self._country = next((index for index, key, _detail, _order in self.columns if key == "country"), None)

    def pieces(self, cells: Sequence[str]) -> list[Piece]:
        """What the row says, column by column; cells without meaning are empty."""
        return [Piece(key, detail, clean_cell(cells[index], key), order) for index, key, detail, order in self.columns]

    def region_of_row(self, cells: Sequence[str]) -> str:
        """The region in which the phone numbers of a row are read."""
        return self.region if self._country is None else region_of(cells[self._country]) or self.region

    def read(self, cells: Sequence[str]) -> Intake:
        """The values of the row, for a customer that may exist already. ``cells`` must be as many as columns."""
        return read_pieces(self.pieces(cells), region=self.region_of_row(cells), serial_dates=True)

    def new_customer(self, cells: Sequence[str]) -> Intake:
        """The row as a new customer; an issue ``empty`` when nothing names it."""
        return complete(self.read(cells))


def clean_cell(text: str, key: str) -> str:
    """``text`` without blanks around it and without a spreadsheet's wrapping; empty when it is a word for nothing."""
    text = text.strip()
    if text[:2] == '="' and text[-1] == '"' and len(text) > 2:
        text = text[2:-1].strip()
    if text and len(text) <= LONGEST_EMPTY_WORD and key not in KEEPS_EMPTY_WORDS and is_empty_word(text):
        return ""
    if key == "phones" and text[0:1] == "'" and text[1:2] in _BEFORE_NUMBER:
        return text[1:]
    return text


def fit_width(cells: list[str], width: int) -> list[str] | None:
    """``cells`` made ``width`` long; None when there is something beyond the last column."""
    if len(cells) <= width:
        return cells + [""] * (width - len(cells))
    return None if any(cell.strip() for cell in cells[width:]) else cells[:width]
