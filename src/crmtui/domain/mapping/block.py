"""Thousands of rows of a mapped table at once, column by column: the quick way to what ``RowReader`` says of each row.

A column is read in one loop with a memory of what was seen; a row with anything unusual in it (a value that cannot be read,
a strange character, nothing that names it) is given to the ``RowReader``. A test holds the two against each other.

The customers of a block and what hangs on them are read apart, so that a file's customers can be there before the rest.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from crmtui.domain.batch import CUSTOMER_COLUMNS, make
from crmtui.domain.folding import has_cjk
from crmtui.domain.intake import Intake, Issue
from crmtui.domain.mapping.columns import Columns, Memory
from crmtui.domain.mapping.points import PointRow, Points, first_emails, first_phones, first_value
from crmtui.domain.mapping.rows import RowReader
from crmtui.domain.names import looks_like_company, sort_key, split_name
from crmtui.domain.pinyin import spelling
from crmtui.domain.search_document import search_document, text_terms

_NAMES_REMEMBERED = 20_000
# What a column of customers is filled from, where that is not the field of the same name; those not named here or there
# (kind, name …) always have a value.
_SOURCES = {"imported_contact_at": "last_interaction_at", "phone": "phones", "email": "emails"}
_ALWAYS = frozenset(("kind", "name", "family_name", "given_name", "custom", "created_at", "updated_at", "sort_name"))


class Customers(NamedTuple):
    """The customers of a block: the values of the reader's ``columns`` for each row, None for one that is rejected; the rejected
    rows, each with the code of the reason; the rows that were read one by one."""

    values: list[tuple[Any, ...] | None]
    rejected: list[tuple[int, str]]
    odd: list[int]


class Details(NamedTuple):
    """What hangs on the customers of a block, by row; what was wrong with a row; and the normalised phones and e-mails (``keys``),
    each with its row.

    ``points`` and ``addresses`` begin with the number of their customer.
    """

    points: list[Sequence[PointRow]]
    addresses: list[Sequence[tuple[Any, ...]]]
    external: list[Sequence[tuple[str, str]]]
    tags: list[Sequence[str]]
    documents: list[str]
    issues: dict[int, list[Issue]]
    keys: list[str]
    key_rows: list[int]

    def clear(self) -> None:
        """Let everything go, even for those who still hold one of the lists."""
        for each in self:
            each.clear()


class BlockReader:
    """Reads blocks of rows as new customers made at ``at`` (UTC text).

    ``columns`` are those of the customers' columns that the table can fill.
    """

    def __init__(self, rows: RowReader, at: str) -> None:
        self._rows = rows
        self._at = at
        self._columns = Columns(rows)
        self._spelled = Memory(_spelled, _NAMES_REMEMBERED)
        self._terms = Memory(_terms_of_chinese, _NAMES_REMEMBERED)
        self._split = Memory(split_name, _NAMES_REMEMBERED)
        known = {*self._columns.by_key, *(key for _index, key, _group in rows.further)}
        self.columns = tuple(
            column for column in CUSTOMER_COLUMNS if column in _ALWAYS or _SOURCES.get(column, column) in known
        )
        self._filled = [CUSTOMER_COLUMNS.index(column) for column in self.columns]

    def read_customers(self, rows: Sequence[Sequence[str]]) -> Customers:
        """The customers of these rows; all must have as many cells as there are columns."""
        columns = self._columns
        columns.take(rows)
        odd = columns.strange_rows()
        values: dict[str, Iterable[Any]] = {key: columns.one(key, odd) for key in self.columns if key not in _ALWAYS}
        values |= {key: columns.one(key, odd) for key in ("kind", "created_at", "updated_at")}
        if "imported_contact_at" in values:
            values["imported_contact_at"] = values["last_interaction_at"]
        kinds, names, families, givens, sort_names = self._names(
            values.get("company", repeat(None)), values["kind"], odd
        )
        values |= {"kind": kinds, "name": names, "family_name": families, "given_name": givens, "sort_name": sort_names}
        values |= {"custom": columns.custom(), "phone": first_phones(columns), "email": first_emails(columns)}
        values["city"] = [next(filter(None, each), None) for each, _row in zip(columns.cities(), rows, strict=False)]
        if "notes" in self.columns:
            values["notes"] = [text or None for text in columns.texts("notes")]
        for key in ("created_at", "updated_at"):
            found = values[key]
            values[key] = repeat(self._at) if isinstance(found, repeat) else [each or self._at for each in found]
        made: list[tuple[Any, ...] | None] = list(zip(*(values[key] for key in self.columns), strict=False))
        rejected = []
        for row in sorted(odd):
            intake = self._rows.new_customer(rows[row])
            reason = next((issue.code for issue in intake.issues if issue.rejects), None)
            if reason is not None:
                made[row] = None
                rejected.append((row, reason))
            else:
                slow = make(intake, self._at)[0]
                made[row] = tuple([slow[at] for at in self._filled])
        columns.clear()
        return Customers(made, rejected, sorted(odd))

    def read_details(self, rows: Sequence[Sequence[str]], numbers: Sequence[int], odd: Collection[int]) -> Details:
        """What hangs on the customers of these rows; ``numbers`` are those of the customers, ``odd`` is what ``read_customers`` said.

        Of a row that was rejected only the issues and keys mean anything.
        """
        columns = self._columns
        columns.take(rows)
        found = Points(columns, numbers)
        addresses: list[Sequence[tuple[Any, ...]]] = [
            [(number, *address) for address in found]
            for number, found in zip(numbers, columns.addresses(), strict=False)
        ]
        tags: list[Sequence[str]] = [each for each, _number in zip(columns.tags(), numbers, strict=False)]
        external: list[Sequence[tuple[str, str]]] = [each for each, _ in zip(columns.external(), numbers, strict=False)]
        documents = self._documents(found, tags)
        result = Details([*found.rows], addresses, external, tags, documents, found.issues, found.keys, found.key_rows)
        for number in odd:
            self._read_odd(number, numbers[number], self._rows.new_customer(rows[number]), result)
        # The library for phone numbers leaves tracebacks in cycles; through their frames they would hold the whole block.
        found.clear()
        columns.clear()
        return result

    def _read_odd(self, number: int, customer: int, intake: Intake, result: Details) -> None:
        """Put what the plain reader says of a row into its place."""
        result.issues.pop(number, None)
        if intake.issues:
            result.issues[number] = intake.issues
        if any(issue.rejects for issue in intake.issues):
            return
        _values, points, addresses, external, tags, document = make(intake, self._at)
        result.points[number] = [(customer, *point) for point in points]
        result.addresses[number] = [(customer, *address) for address in addresses]
        result.external[number], result.tags[number], result.documents[number] = external, tags, document

    def _people(
        self, companies: Iterable[Any], kinds: Iterable[Any], odd: set[int]
    ) -> Iterable[tuple[str, str, str, str]]:
        """Kind, name, family and given name of each row; rows without a name become odd."""
        columns = self._columns
        texts = (columns.texts(key) for key in ("name", "family_name", "given_name"))
        external: list[Sequence[tuple[str, str]]] | None = None
        for number, company, kind, name, family, given in zip(
            range(columns.count), companies, kinds, *texts, strict=False
        ):
            if not name:
                if family or given:
                    name = f"{family}{given}" if has_cjk(family + given) else f"{given} {family}".strip()
                    kind = kind or "person"
                else:
                    kind = kind or ("company" if company else "person")
                    name = company or first_value(columns, number)
                    if not name:
                        if external is None:
                            external = [
                                each for each, _row in zip(columns.external(), range(columns.count), strict=False)
                            ]
                        name = external[number][0][1] if external[number] else ""
                        if not name:
                            odd.add(number)
            elif kind is None:
                kind = "company" if not (family or given) and looks_like_company(name) else "person"
            if kind == "person" and not (family or given):
                family, given, *_rest = self._split[name]
            yield kind, name, family, given

    def _names(
        self, companies: Iterable[Any], kinds: Iterable[Any], odd: set[int]
    ) -> tuple[list[str], list[str], list[str | None], list[str | None], list[str]]:
        """Kinds, names, family names, given names and sort keys of the block."""
        all_kinds, names, families, givens, keys = [], [], [], [], []
        spelled = self._spelled
        for kind, name, family, given in self._people(companies, kinds, odd):
            all_kinds.append(kind)
            names.append(name)
            families.append(family or None)
            givens.append(given or None)
            person = kind != "company"
            keys.append(
                (not name.isascii() and person and spelled[name]) or sort_key(name, family, given, person=person)
            )
        return all_kinds, names, families, givens, keys

    def _documents(self, found: Points, tags: Iterable[Sequence[str]]) -> list[str]:
        """The search document of each row."""
        columns = self._columns
        odd: set[int] = set()
        companies, titles = (
            list(zip(columns.one(key, odd), range(columns.count), strict=False)) for key in ("company", "job_title")
        )
        documents = []
        for person, (company, _), (title, _), cities, own_tags, terms, further, digits in zip(
            self._people((company for company, _ in companies), columns.one("kind", odd), odd),
            companies,
            titles,
            columns.cities(),
            tags,
            found.terms,
            found.further_terms,
            found.digits,
            strict=False,
        ):
            kind, name, family, given = person
            parts = [self._name_terms(name, family, given, person=kind != "company")]
            parts += [text_terms(text) for text in (company, title, *cities, *own_tags) if text]
            documents.append(" ".join([*parts, *terms, *further, *digits]))
        return documents

    def _name_terms(self, name: str, family: str, given: str, *, person: bool) -> str:
        """The index terms of a name and of those parts that do not occur in it."""
        parts = {part for part in (family, given) if part and part not in name}
        if not parts:
            if name.isascii():
                return text_terms(name)
            if person:
                terms: str = self._terms[name]
                return terms
        return search_document([name, *sorted(parts)], (), (), person=person)


def _spelled(name: str) -> str:
    """The sort key of a Chinese person's name; "" when it depends on the parts of the name."""
    return spelling(name, person=True)


def _terms_of_chinese(name: str) -> str:
    return search_document([name], (), (), person=True)
