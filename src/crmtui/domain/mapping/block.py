"""Thousands of rows of a mapped table at once, column by column: the quick way to what ``RowReader`` says of each row.

A column is read in one loop with a memory of what was seen; a row with anything unusual in it (a value that cannot be read,
a strange character, nothing that names it) is given to the ``RowReader``. A test holds the two against each other.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from crmtui.domain.batch import Made, make
from crmtui.domain.fields import BY_KEY
from crmtui.domain.folding import has_cjk
from crmtui.domain.intake import ADDRESS_PARTS, Issue, Piece, read_date, read_kind, read_pieces, split_tags
from crmtui.domain.mapping.regions import region_of
from crmtui.domain.mapping.rows import RowReader, clean_cell
from crmtui.domain.mapping.targets import REPEATABLE
from crmtui.domain.names import looks_like_company, sort_key, split_name
from crmtui.domain.pinyin import spelling
from crmtui.domain.quick_phones import quick_phone
from crmtui.domain.search_document import phone_terms, search_document, text_terms
from crmtui.domain.values import parse_bool

_LONGEST = 1_000_000
_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9_%+-]*(?:\.[a-z0-9_%+-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}").fullmatch
_BORDER = re.compile(r"(?<=[a-z])(?=[0-9])").sub  # all that text_terms does to a plain address
_HAS_DIGIT = re.compile(r"\d").search
_REMEMBERED = 5_000
_NAMES_REMEMBERED = 20_000
_PLAIN = ("company", "job_title", "stage", "owner", "source", "language")
_PointRow = tuple[str, str, str | None, str | None, int | None]
_NOTHING: list[Any] = []


class Row(NamedTuple):
    """What became of a row: a customer, or None when it is rejected; and what was wrong with it."""

    made: Made | None
    issues: Sequence[Issue]


class _Odd:
    """Stands for a value that the quick way does not read."""


class _Memory(dict[str, Any]):
    """What each text means, worked out once; forgets everything when there are too many."""

    def __init__(self, read: Callable[[str], object], most: int = _REMEMBERED) -> None:
        super().__init__()
        self._read = read
        self._most = most

    def __missing__(self, text: str) -> object:
        if len(self) > self._most:
            self.clear()
        value = self[text] = self._read(text)
        return value


class _Points:
    """The contact points of each row of a block, with what the search document says of them."""

    def __init__(self, count: int) -> None:
        self.rows: list[list[_PointRow]] = [[] for _ in range(count)]
        self.terms: list[list[str]] = [[] for _ in range(count)]
        self.further_terms: list[list[str]] = [[] for _ in range(count)]
        self.digits: list[list[str]] = [[] for _ in range(count)]
        self.first_phone: list[str | None] = [None] * count
        self.first_email: list[str | None] = [None] * count

    def clear(self) -> None:
        """Let everything go, even for those who still hold one of the lists."""
        for each in (self.rows, self.terms, self.further_terms, self.digits, self.first_phone, self.first_email):
            each.clear()


class BlockReader:
    """Reads blocks of rows as new customers made at ``at`` (UTC text).

    After ``read``, ``keys`` holds the normalised phones and e-mails of the block in file order and ``key_rows`` the number of
    the row each is in.
    """

    def __init__(self, rows: RowReader, at: str) -> None:
        self._rows = rows
        self._at = at
        self._memories: dict[int, _Memory] = {}
        self._by_key: dict[str, list[tuple[int, str, Any]]] = {}
        for index, key, detail, order in rows.columns:
            self._by_key.setdefault(key, []).append((index, detail, order))
        details = [detail for _index, detail, _order in self._by_key.get("custom", ())]
        self._only_slow = len(set(details)) < len(details) or any(
            len(found) > 1 and key not in REPEATABLE for key, found in self._by_key.items()
        )
        self._chinese = _Memory(_chinese_person, _NAMES_REMEMBERED)
        self.keys: list[str] = []
        self.key_rows: list[int] = []

    def read(self, rows: Sequence[Sequence[str]]) -> list[Row]:
        """What becomes of each row; all must have as many cells as there are columns."""
        self.keys, self.key_rows = [], []
        self._columns = list(zip(*rows, strict=True))
        self._count = len(rows)
        self._issues: dict[int, list[Issue]] = {}
        odd = set(range(len(rows))) if self._only_slow else self._strange_rows()
        self._read_points()
        made = self._read_customers(odd)
        issues = self._issues
        result = [Row(each, issues.get(number, _NOTHING)) for number, each in enumerate(made)]
        for number in odd:
            intake = self._rows.new_customer(rows[number])
            rejected = any(issue.rejects for issue in intake.issues)
            result[number] = Row(None if rejected else make(intake, self._at), intake.issues)
        # The library for phone numbers leaves tracebacks in cycles; through their frames they would hold the whole block.
        made.clear()
        self._found.clear()
        self._columns = []
        return result

    def _strange_rows(self) -> set[int]:
        """Rows with a text that is too long, cannot be stored, or was wrapped by a spreadsheet."""
        odd: set[int] = set()
        for index, _key, _detail, _order in self._rows.columns:
            column = self._columns[index]
            joined = "".join(column)
            if '="' in joined or len(joined) > _LONGEST or not _storable(joined):
                odd.update(
                    number
                    for number, cell in enumerate(column)
                    if '="' in cell or len(cell) > _LONGEST or not _storable(cell)
                )
        return odd

    # Columns of contact points

    def _read_points(self) -> None:
        self._found = _Points(self._count)
        for index, key, detail, _order in self._rows.columns:
            if key == "phones":
                self._read_phones(index, detail)
            elif key == "emails":
                self._read_emails(index, detail)
            elif key in BY_KEY and BY_KEY[key].place == "point":
                for number, cell in enumerate(self._columns[index]):
                    if cell:
                        self._read_point(number, key, detail, cell)

    def _regions(self) -> Iterable[str]:
        own = self._rows.region
        country = self._by_key.get("country")
        if country is None:
            return repeat(own, self._count)
        return [region_of(cell) or own for cell in self._columns[country[0][0]]]

    def _read_phones(self, index: int, detail: str) -> None:
        rows, digits, first = self._found.rows, self._found.digits, self._found.first_phone
        keys, key_rows, label = self.keys, self.key_rows, detail or None
        for number, (cell, region) in enumerate(zip(self._columns[index], self._regions(), strict=True)):
            if not cell:
                continue
            pieces = [piece.strip() for piece in cell.split(";")] if ";" in cell else [cell.strip()]
            if not all(map(_HAS_DIGIT, pieces)):
                self._read_point(number, "phones", detail, cell, region)
                continue
            for text in pieces:
                e164 = quick_phone(text, region)
                if e164 is None:
                    self._read_point(number, "phones", detail, text, region)
                else:
                    rows[number].append(("phone", text, e164 or None, label, None if first[number] else 1))
                    first[number] = first[number] or e164 or text
                    if e164:
                        digits[number].append(phone_terms(e164[1:], international=True))
                        keys.append(e164)
                        key_rows.append(number)
                    else:
                        digits[number].append(phone_terms("".join(filter(str.isdigit, text)), international=False))
                        self._issues.setdefault(number, []).append(Issue("phones", "not_a_phone", text))

    def _read_emails(self, index: int, detail: str) -> None:
        found, label = self._found, detail or None
        keys, key_rows = self.keys, self.key_rows
        for number, cell in enumerate(self._columns[index]):
            if not cell:
                continue
            pieces = [piece.strip() for piece in cell.split(";")] if ";" in cell else [cell]
            if not all(map(_PLAIN_EMAIL, pieces)):
                self._read_point(number, "emails", detail, cell)
                continue
            for piece in pieces:
                primary = found.first_email[number] is None
                found.rows[number].append(("email", piece, piece, label, 1 if primary else None))
                if primary:
                    found.first_email[number] = piece
                (found.terms if primary else found.further_terms)[number].append(_BORDER(" ", piece))
                keys.append(piece)
                key_rows.append(number)

    def _read_point(self, number: int, key: str, detail: str, cell: str, region: str = "") -> None:
        """The contact points of one cell by the plain reader."""
        intake = read_pieces((Piece(key, detail, clean_cell(cell, key)),), region=region)
        found = self._found
        for kind, value, normalised, label in intake.points:
            primary = all(point[0] != kind for point in found.rows[number])
            found.rows[number].append((kind, value, normalised, label, 1 if primary else None))
            if kind == "phone":
                found.first_phone[number] = found.first_phone[number] or normalised or value
                digits = normalised[1:] if normalised else "".join(filter(str.isdigit, value))
                if digits:
                    found.digits[number].append(phone_terms(digits, international=bool(normalised)))
            else:
                if kind == "email" and primary:
                    found.first_email[number] = value
                (found.terms if primary else found.further_terms)[number].append(text_terms(value))
            if normalised and kind in ("phone", "email"):
                self.keys.append(normalised)
                self.key_rows.append(number)
        if intake.issues:
            self._issues.setdefault(number, []).extend(intake.issues)

    # Other columns

    def _remembered(self, index: int, read: Callable[[str], object], odd: set[int]) -> list[Any]:
        """A column read with a memory; rows with a value that ``read`` calls odd become odd."""
        memory = self._memories.get(index)
        if memory is None:
            memory = self._memories[index] = _Memory(read)
        values = [memory[cell] for cell in self._columns[index]]
        if _Odd in values:
            odd.update(number for number, value in enumerate(values) if value is _Odd)
        return values

    def _one(self, key: str, read: Callable[[str], object], odd: set[int]) -> Iterable[Any]:
        """The values of a field that at most one column feeds."""
        found = self._by_key.get(key)
        return repeat(None) if found is None else self._remembered(found[0][0], read, odd)

    def _texts(self, key: str) -> Iterable[str]:
        """The texts of a field in which words for nothing are kept."""
        found = self._by_key.get(key)
        if found is None:
            return repeat("")
        texts = [cell.strip() for cell in self._columns[found[0][0]]]
        for index, _detail, _order in found[1:]:
            more = [cell.strip() for cell in self._columns[index]]
            texts = [f"{one}\n{two}" if one and two else one or two for one, two in zip(texts, more, strict=True)]
        return texts

    def _dates(self, key: str, odd: set[int]) -> Iterable[Any]:
        found = self._by_key.get(key)
        if found is None:
            return repeat(None)
        moment, order = BY_KEY[key].type == "moment", found[0][2]

        def read(cell: str) -> object:
            text = clean_cell(cell, key)
            return (read_date(text, moment=moment, order=order, serial=True) or _Odd) if text else None

        return self._remembered(found[0][0], read, odd)

    def _tags(self, odd: set[int]) -> Iterable[Any]:
        found = self._by_key.get("tags")
        if found is None:
            return repeat(_NOTHING)
        tags = self._remembered(found[0][0], _read_tags, odd)
        for index, _detail, _order in found[1:]:
            more = self._remembered(index, _read_tags, odd)
            tags = [list(dict.fromkeys(one + two)) for one, two in zip(tags, more, strict=True)]
        return tags

    def _external(self) -> Iterable[Any]:
        found = self._by_key.get("external_ids")
        if found is None:
            return repeat(_NOTHING)
        external: list[list[tuple[str, str]]] = [[] for _ in range(self._count)]
        for index, detail, _order in found:
            system = detail or "import"
            for number, cell in enumerate(self._columns[index]):
                text = clean_cell(cell, "external_ids")
                if ";" in text or ":" in text:
                    external[number] += read_pieces((Piece("external_ids", detail, text),)).external
                elif text:
                    external[number].append((system, text))
        return external

    def _addresses(self, odd: set[int]) -> Iterable[Any]:
        if not any(part in self._by_key for part in ADDRESS_PARTS):
            return repeat(None)
        columns: list[Iterable[Any]] = []
        for part in ADDRESS_PARTS:
            values: Iterable[Any] = repeat(None)
            for at, (index, _detail, _order) in enumerate(self._by_key.get(part, ())):
                more = self._remembered(index, _read_plain, odd)
                values = (
                    [f"{one}, {two}" if one and two else one or two for one, two in zip(values, more, strict=True)]
                    if at
                    else more
                )
            columns.append(values)
        return [address if any(address) else None for address in zip(*columns, strict=False)]

    def _custom(self) -> Iterable[Any]:
        found = self._by_key.get("custom")
        if found is None:
            return repeat(None)
        parts: list[list[str]] = [[] for _ in range(self._count)]
        for index, detail, _order in found:
            head = encode_basestring(detail) + ": "
            for number, cell in enumerate(self._columns[index]):
                if cell and (text := cell.strip()):
                    parts[number].append(head + encode_basestring(text))
        return ["{" + ", ".join(each) + "}" if each else None for each in parts]

    # Rows

    def _read_customers(self, odd: set[int]) -> list[Made | None]:
        made: list[Made | None] = []
        found, at = self._found, self._at
        names = zip(*(self._texts(key) for key in ("name", "family_name", "given_name", "notes")), strict=False)
        plain = zip(*(self._one(key, _read_plain, odd) for key in _PLAIN), strict=False)
        kinds, refusals = self._one("kind", _read_kind, odd), self._one("do_not_contact", _read_bool, odd)
        born, made_at = self._dates("birthday", odd), self._dates("created_at", odd)
        changed_at, contact_at = self._dates("updated_at", odd), self._dates("last_interaction_at", odd)
        columns = zip(
            range(self._count),
            *(names, plain, kinds, refusals, born, made_at, changed_at, contact_at),
            *(self._addresses(odd), self._tags(odd), self._external(), self._custom()),
            strict=False,
        )
        for (
            number,
            (name, family, given, notes),
            (company, title, stage, owner, source, language),
            kind,
            refuses,
            birth,
            created,
            updated,
            last,
            address,
            tags,
            external,
            custom,
        ) in columns:
            points = found.rows[number]
            if not name and (family or given):
                name = f"{family}{given}" if has_cjk(family + given) else f"{given} {family}".strip()
                kind = kind or "person"
            elif not name:
                kind = kind or ("company" if company else "person")
                name = company or (points and points[0][1]) or (external and external[0][1])
            elif kind is None:
                kind = "company" if not (family or given) and looks_like_company(name) else "person"
            if not name or number in odd:
                odd.add(number)
                made.append(None)
                continue
            if kind == "person" and not (family or given):
                family, given, *_rest = split_name(name)
            sort_name, terms = self._name(name, family, given, person=kind != "company")
            city = address[1] if address else None
            values = (
                *(kind, name, family or None, given or None, company, title, stage, owner, source, language, birth),
                *(refuses, notes or None, custom, created or at, updated or at, last, sort_name),
                *(found.first_phone[number], found.first_email[number], city, last),
            )
            texts = [text_terms(text) for text in (company, title, city, *tags) if text]
            document = " ".join(
                [terms, *texts, *found.terms[number], *found.further_terms[number], *found.digits[number]]
            )
            made.append((values, points, address, external, tags, document))
        return made

    def _name(self, name: str, family: str, given: str, *, person: bool) -> tuple[str, str]:
        """The sort key and the index terms of a name and of those parts that do not occur in it."""
        if person and not name.isascii() and family in name and given in name:
            known: tuple[str, str] = self._chinese[name]
            if known[0]:
                return known
        parts = {part for part in (family, given) if part and part not in name}
        key = sort_key(name, family, given, person=person)
        if name.isascii() and not parts:
            return key, text_terms(name)
        return key, search_document([name, *sorted(parts)], (), (), person=person)


def _chinese_person(name: str) -> tuple[str, str]:
    """The sort key ("" when it depends on the parts of the name) and the index terms of a person's name."""
    return spelling(name, person=True), search_document([name], (), (), person=True)


def _storable(text: str) -> bool:
    """Whether the database can hold ``text``: half of a surrogate pair has no UTF-8."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_plain(cell: str) -> object:
    return clean_cell(cell, "company") or None


def _read_tags(cell: str) -> object:
    return list(dict.fromkeys(split_tags(clean_cell(cell, "tags"))))


def _read_kind(cell: str) -> object:
    text = clean_cell(cell, "kind")
    return (read_kind(text) or _Odd) if text else None


def _read_bool(cell: str) -> object:
    text = clean_cell(cell, "do_not_contact")
    if not text:
        return None
    answer = parse_bool(text, yes_column=True)
    return _Odd if answer is None else int(answer)
