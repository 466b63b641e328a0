"""The contact points in the columns of a block: all of them, or only the first phone and e-mail of each row."""

import re
from collections.abc import Iterator, Sequence

from crmtui.domain.fields import BY_KEY
from crmtui.domain.intake import Issue, Piece, Point, read_pieces
from crmtui.domain.mapping.columns import Columns
from crmtui.domain.mapping.rows import clean_cell
from crmtui.domain.phones import listed_numbers
from crmtui.domain.quick_phones import quick_phone
from crmtui.domain.search_document import phone_terms, text_terms

_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9_%+-]*(?:\.[a-z0-9_%+-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}").fullmatch
_BORDER = re.compile(r"(?<=[a-z])(?=[0-9])").sub  # all that text_terms does to a plain address
_HAS_DIGIT = re.compile(r"\d").search

PointRow = tuple[int, str, str, str | None, str | None, int | None]
"""A contact point as ``CHILD_COLUMNS`` has it, after the number of its customer."""


class Points:
    """The contact points of each row of a block, with what the search document says of them.

    ``numbers`` are the numbers of the customers made of the rows. ``keys`` holds the normalised phones and e-mails and
    ``key_rows`` the number of the row each is in; ``issues`` what was wrong, by row.
    """

    def __init__(self, columns: Columns, numbers: Sequence[int]) -> None:
        count = columns.count
        self._columns = columns
        self._numbers = numbers
        self.rows: list[list[PointRow]] = [[] for _ in range(count)]
        self.terms: list[list[str]] = [[] for _ in range(count)]
        self.further_terms: list[list[str]] = [[] for _ in range(count)]
        self.digits: list[list[str]] = [[] for _ in range(count)]
        self.keys: list[str] = []
        self.key_rows: list[int] = []
        self.issues: dict[int, list[Issue]] = {}
        self._has_phone = bytearray(count)
        self._has_email = bytearray(count)
        for index, key, detail in _point_columns(columns):
            if key == "phones":
                self._read_phones(index, detail)
            elif key == "emails":
                self._read_emails(index, detail)
            else:
                for number, (cell, label) in enumerate(zip(columns[index], columns.labels(index), strict=True)):
                    if cell:
                        self._read_cell(number, key, detail, cell, label=label or "")

    def clear(self) -> None:
        """Let everything go, even for those who still hold one of the lists."""
        for each in (self.rows, self.terms, self.further_terms, self.digits):
            each.clear()

    def _read_phones(self, index: int, detail: str) -> None:
        rows, digits, numbers, has_phone = self.rows, self.digits, self._numbers, self._has_phone
        keys, key_rows, usual = self.keys, self.key_rows, detail or None
        labels = self._columns.labels(index)
        for number, (cell, region, own) in enumerate(
            zip(self._columns[index], self._columns.regions(), labels, strict=True)
        ):
            if not cell:
                continue
            label = own or usual
            pieces = listed_numbers(cell) if ";" in cell else (cell.strip(),)
            if not pieces or not _HAS_DIGIT(pieces[0]):
                self._read_cell(number, "phones", detail, cell, region, own or "")
                continue
            for text in pieces:
                e164 = quick_phone(text, region)
                if e164 is None:
                    self._read_cell(number, "phones", detail, text, region, own or "")
                    continue
                primary = None if has_phone[number] else 1
                has_phone[number] = 1
                rows[number].append((numbers[number], "phone", text, e164 or None, label, primary))
                if e164:
                    digits[number].append(phone_terms(e164[1:], international=True))
                    keys.append(e164)
                    key_rows.append(number)
                else:
                    digits[number].append(phone_terms("".join(filter(str.isdigit, text)), international=False))
                    self.issues.setdefault(number, []).append(Issue("phones", "not_a_phone", text))

    def _read_emails(self, index: int, detail: str) -> None:
        rows, numbers, has_email, usual = self.rows, self._numbers, self._has_email, detail or None
        keys, key_rows = self.keys, self.key_rows
        for number, (cell, own) in enumerate(zip(self._columns[index], self._columns.labels(index), strict=True)):
            if not cell:
                continue
            label = own or usual
            if _PLAIN_EMAIL(cell):
                pieces = [cell]
            else:
                pieces = [piece.strip() for piece in cell.split(";")] if ";" in cell else []
                if not pieces or not all(map(_PLAIN_EMAIL, pieces)):
                    self._read_cell(number, "emails", detail, cell, label=own or "")
                    continue
            for piece in pieces:
                primary = None if has_email[number] else 1
                has_email[number] = 1
                rows[number].append((numbers[number], "email", piece, piece, label, primary))
                (self.terms if primary else self.further_terms)[number].append(_BORDER(" ", piece))
                keys.append(piece)
                key_rows.append(number)

    def _read_cell(self, number: int, key: str, detail: str, cell: str, region: str = "", label: str = "") -> None:
        """The contact points of one cell by the plain reader."""
        piece = Piece(key, detail, clean_cell(cell, key), None, 0, label)
        intake = read_pieces((piece,), region=region)
        for kind, value, normalised, called in intake.points:
            primary = all(point[1] != kind for point in self.rows[number])
            self.rows[number].append((self._numbers[number], kind, value, normalised, called, 1 if primary else None))
            if kind == "phone":
                self._has_phone[number] = 1
                digits = normalised[1:] if normalised else "".join(filter(str.isdigit, value))
                if digits:
                    self.digits[number].append(phone_terms(digits, international=bool(normalised)))
            else:
                if kind == "email":
                    self._has_email[number] = 1
                (self.terms if primary else self.further_terms)[number].append(text_terms(value))
            if normalised and kind in ("phone", "email"):
                self.keys.append(normalised)
                self.key_rows.append(number)
        if intake.issues:
            self.issues.setdefault(number, []).extend(intake.issues)


def first_phones(columns: Columns) -> list[str | None]:
    """The first phone of each row as lists show it: in E.164 where it is a number, else as given."""
    first: list[str | None] = [None] * columns.count
    for index, detail, _order in columns.by_key.get("phones", ()):
        for number, (cell, region) in enumerate(zip(columns[index], columns.regions(), strict=True)):
            if not cell or first[number]:
                continue
            pieces = listed_numbers(cell) if ";" in cell else (cell.strip(),)
            if pieces and _HAS_DIGIT(pieces[0]):
                e164 = quick_phone(pieces[0], region)
                if e164 is not None:
                    first[number] = e164 or pieces[0]
                    continue
            points = _points_of(cell, "phones", detail, region)
            first[number] = next((point.normalised or point.value for point in points if point.kind == "phone"), None)
    return first


def first_emails(columns: Columns) -> list[str | None]:
    """The first e-mail of each row as given."""
    first: list[str | None] = [None] * columns.count
    for index, detail, _order in columns.by_key.get("emails", ()):
        for number, cell in enumerate(columns[index]):
            if not cell or first[number]:
                continue
            if _PLAIN_EMAIL(cell):
                first[number] = cell
                continue
            pieces = [piece.strip() for piece in cell.split(";")] if ";" in cell else []
            if pieces and all(map(_PLAIN_EMAIL, pieces)):
                first[number] = pieces[0]
            else:
                points = _points_of(cell, "emails", detail)
                first[number] = next((point.value for point in points if point.kind == "email"), None)
    return first


def first_value(columns: Columns, number: int) -> str:
    """The first contact point of a row, to name a customer by; "" when there is none."""
    regions = list(columns.regions()) if "phones" in columns.by_key else []
    for index, key, detail in _point_columns(columns):
        region = regions[number] if key == "phones" else ""
        for point in _points_of(columns[index][number], key, detail, region):
            return point.value
    return ""


def _point_columns(columns: Columns) -> Iterator[tuple[int, str, str]]:
    """(index, field, detail) of the columns of contact points, in the order of the file."""
    for index, key, detail in columns.in_order:
        if key in BY_KEY and BY_KEY[key].place == "point":
            yield index, key, detail


def _points_of(cell: str, key: str, detail: str, region: str = "") -> Sequence[Point]:
    return read_pieces((Piece(key, detail, clean_cell(cell, key)),), region=region).points if cell else ()
