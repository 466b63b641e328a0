"""Customers as a file that another program takes back: its headers and order, in parts of the size it takes, with what will not fit.

Nothing is cut or dropped silently: what the program refuses, or has no column for, becomes a remark with the customers it is about.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from crmtui.domain.export_profiles import ExportProfile, OutColumn, load_profile, profile_names
from crmtui.domain.fields import FIELDS
from crmtui.domain.mapping.targets import Target, parse_target
from crmtui.errors import CrmError, UsageError
from crmtui.formats.csv_writer import cell_text
from crmtui.formats.table import Column
from crmtui.formats.writing import RowWriter, open_writer
from crmtui.i18n import N_, _
from crmtui.services.columns_out import target_reader
from crmtui.services.take_out import Progress, ids_of, records_in_pages, snapshot
from crmtui.services.workspace import Workspace
from crmtui.storage.imports import custom_keys
from crmtui.storage.search import Order

FORMATS = ("csv", "tsv", "xlsx")
_POINTS = {"phones": "phones", "emails": "emails", "urls": "urls"}
_SHOWN = 5
# Fields that are worked out, or of which other remarks tell.
_TOLD_OTHERWISE = frozenset(
    [
        "kind",
        "name",
        "wechat",
        "qq",
        "messaging",
        "external_ids",
        "do_not_contact",
        "created_at",
        "updated_at",
        "last_interaction_at",
    ]
)
_ROW_SIGNS = 4  # bytes that a cell may need beside its text

REMARKS = {
    "required": N_("“{column}” is empty, which {program} does not take"),
    "any_of": N_("none of {column} is filled, of which {program} wants one"),
    "unique": N_("“{column}” is there twice; {program} makes one of such rows"),
    "longest": N_("“{column}” is longer than {program} takes; it was not cut"),
    "email": N_("“{column}” is no e-mail address"),
    "date": N_("“{column}” is no full date; it was written as it is"),
    "no_column": N_("there is no column for all of {column}"),
    "field": N_("{program} has no column for “{column}”"),
    "company": N_("a company among persons; {program} takes companies from a file of their own"),
    "do_not_contact": N_("does not want to be contacted, and {program} is not told"),
    "too_many": N_("there are more rows than {program} takes from one file"),
}


class Remark(NamedTuple):
    """Something that the program will not take, or not take over: how many customers, and the first of them."""

    code: str
    column: str
    times: int
    customers: tuple[int, ...]
    program: str

    @property
    def text(self) -> str:
        """The sentence for a person."""
        return _(REMARKS[self.code]).format(column=self.column, program=self.program)

    def to_json(self) -> dict[str, object]:
        """The remark for scripts."""
        return {
            "code": self.code,
            "column": self.column,
            "count": self.times,
            "customers": list(self.customers),
            "text": self.text,
        }


class Delivered(NamedTuple):
    """What was written: rows, the files in order, and the remarks."""

    rows: int
    files: tuple[str, ...]
    remarks: tuple[Remark, ...]
    program: str
    why: str


def find_profile(name: str) -> ExportProfile | None:
    """The profile of a program, or None."""
    try:
        return load_profile(name.casefold())
    except KeyError:
        return None


def export_for(
    workspace: Workspace,
    target: str | BinaryIO,
    *,
    profile: str,
    format: str = "csv",
    query: str = "",
    progress: Progress | None = None,
) -> Delivered:
    """Write the customers that ``query`` finds as ``profile`` (one of ``profile_names()``) takes them.

    More than one file of the program's size becomes ``NAME.1.csv``, ``NAME.2.csv`` …, which appear when all are complete. Raises
    UsageError for an unknown profile or a format it does not take.
    """
    wanted = find_profile(profile)
    if wanted is None:
        raise UsageError(
            _("there is no profile {name}").format(name=profile),
            hint=", ".join(("exact", "spreadsheet", *profile_names())),
        )
    if format not in FORMATS:
        raise UsageError(
            _("{program} takes no {format} files").format(program=wanted.label, format=format),
            hint=_("These can: {formats}.").format(formats=", ".join(FORMATS)),
        )
    with snapshot(workspace) as connection:
        ids = ids_of(connection, query, Order("id"), workspace.actor)
        custom = custom_keys(connection)
        table = _Table(wanted, custom)
        parts = _Parts(target, format, table, wanted)
        with parts:
            for record in records_in_pages(connection, ids, progress):
                parts.write(table.row(record))
        if parts.rows > wanted.rows > 0 and not isinstance(target, str):
            table.remark("too_many", "", 0)
    return Delivered(parts.rows, parts.files, table.remarks(), wanted.label, wanted.why)


class _Table:
    """Rows of a profile, and what is to be said about them."""

    def __init__(self, profile: ExportProfile, custom: Sequence[str]) -> None:
        self._profile = profile
        headers = {column.header.casefold() for column in profile.columns}
        self._custom = [key for key in custom if profile.custom and key.casefold() not in headers]
        self.columns = [Column(column.header, column.header) for column in profile.columns]
        self.columns += [Column(key, key) for key in self._custom]
        self._cells = [_cell_of(column, profile) for column in profile.columns]
        self._takes = {
            key: [
                (index, target.detail, target.group)
                for index, target in enumerate(self._points(column) for column in profile.columns)
                if target is not None and target.key == key and target.detail not in ("label", "kind")
            ]
            for key in _POINTS
        }
        self._labels = {
            index: target
            for index, target in enumerate(self._points(column) for column in profile.columns)
            if target is not None and target.group and target.detail == "label"
        }
        self._addresses = sum(1 for column in profile.columns if column.targets[0].partition("#")[0] == "street")
        named = {target for column in profile.columns for target in column.targets}
        self._tells_consent = "do_not_contact" in named
        self._tells_kind = "kind" in named
        covered = {target.key for text in named if (target := parse_target(text)) is not None}
        self._untold = [field.key for field in FIELDS if field.key not in covered | _TOLD_OTHERWISE]
        self._known = {target.removeprefix("custom.") for target in named if target.startswith("custom.")}
        self._index = {column.header: index for index, column in enumerate(profile.columns)}
        self._seen: dict[str, set[str]] = {header: set() for header in profile.unique}
        self._remarks: dict[tuple[str, str], tuple[int, list[int]]] = {}

    @staticmethod
    def _points(column: OutColumn) -> Target | None:
        target = parse_target(column.targets[0])
        return target if target is not None and target.key in _POINTS and not target.entity else None

    def row(self, record: Mapping[str, Any]) -> list[str]:
        """The cells of a customer; what is wrong with them is kept."""
        customer = int(record["id"])
        cells = [read(record) for read in self._cells]
        for key, takers in self._takes.items():
            self._hand_out(record, key, takers, cells, customer)
        cells += [cell_text(record["custom"].get(key)) for key in self._custom]
        self._check(record, cells, customer)
        return cells

    def _hand_out(
        self,
        record: Mapping[str, Any],
        key: str,
        takers: Sequence[tuple[int, str, int]],
        cells: list[str],
        customer: int,
    ) -> None:
        """Give each phone (e-mail, website) a column: the one of its label if that is free, else the first that is."""
        entries = [each if isinstance(each, dict) else {"value": each, "label": None} for each in record[key]]
        free = list(takers)
        left = []
        for entry in entries:
            found = next((taker for taker in free if taker[1] and taker[1] == entry.get("label")), None)
            if found is None:
                left.append(entry)
            else:
                free.remove(found)
                cells[found[0]] = entry["value"]
        for entry in left:
            if not free:
                self.remark("no_column", key, customer)
                break
            index, _detail, group = min(
                free, key=lambda taker: bool(taker[1])
            )  # those without a label of their own first
            free = [taker for taker in free if taker[0] != index]
            cells[index] = entry["value"]
            for label, target in self._labels.items():
                if target.key == key and target.group == group and group:
                    cells[label] = entry.get("label") or ""

    def _check(self, record: Mapping[str, Any], cells: Sequence[str], customer: int) -> None:
        profile = self._profile
        for header in profile.required:
            if not cells[self._index[header]]:
                self.remark("required", header, customer)
        if profile.any_of and not any(cells[self._index[header]] for header in profile.any_of):
            self.remark("any_of", ", ".join(profile.any_of), customer)
        for header, most in profile.longest.items():
            if len(cells[self._index[header]]) > most:
                self.remark("longest", header, customer)
        for header, seen in self._seen.items():
            value = cells[self._index[header]].casefold()
            if value and value in seen:
                self.remark("unique", header, customer)
            seen.add(value)
        for index, _detail, _group in self._takes["emails"]:
            if cells[index] and "@" not in cells[index].strip("@"):
                self.remark("email", profile.columns[index].header, customer)
        for index, column in enumerate(profile.columns):
            if column.date and cells[index] and cells[index] == record.get(column.targets[0]):
                self.remark("date", column.header, customer)
        if len(record["addresses"]) > max(self._addresses, 1):
            self.remark("no_column", "addresses", customer)
        for key in ("messaging", "relations"):
            if record.get(key):
                self.remark("no_column", key, customer)
        for key in self._untold:
            if record[key] if key in record else any(address[key] for address in record["addresses"]):
                self.remark("field", key, customer)
        for key, value in record["custom"].items():
            if value is not None and key not in self._custom and key not in self._known:
                self.remark("field", key, customer)
        if record["kind"] == "company" and not self._tells_kind:
            self.remark("company", "", customer)
        if record["do_not_contact"] and not self._tells_consent:
            self.remark("do_not_contact", "", customer)

    def remark(self, code: str, column: str, customer: int) -> None:
        """Keep that something is to be said about a customer."""
        count, customers = self._remarks.get((code, column), (0, []))
        if customer and len(customers) < _SHOWN:
            customers.append(customer)
        self._remarks[code, column] = (count + 1, customers)

    def remarks(self) -> tuple[Remark, ...]:
        """Everything there is to say, what concerns most customers first."""
        found = [
            Remark(code, column, count, tuple(customers), self._profile.label)
            for (code, column), (count, customers) in self._remarks.items()
        ]
        return tuple(sorted(found, key=lambda remark: -remark.times))


def _cell_of(column: OutColumn, profile: ExportProfile) -> Callable[[Mapping[str, Any]], str]:
    """What a column takes from a record; contact points are handed out afterwards."""
    target = parse_target(column.targets[0])
    if target is not None and target.key in _POINTS:
        return lambda record: ""
    if target is not None and target.key == "tags" and not target.group:
        return lambda record: column.separator.join(record["tags"])
    readers = [target_reader(text) for text in column.targets]

    def read(record: Mapping[str, Any]) -> str:
        found = [value for each in readers if (value := each(record)) not in (None, "")]
        if not found:
            return ""
        if column.joined:
            return ", ".join(map(cell_text, found))
        if found[0] is True:
            return profile.yes
        text = cell_text(found[0])
        return _day(text, column.date) if column.date else text

    return read


def _day(text: str, form: str) -> str:
    try:
        return date.fromisoformat(text).strftime(form)
    except ValueError:
        return text


class _Parts:
    """Rows into as many files as a program's limit asks for; they get their names when all are complete."""

    def __init__(self, target: str | BinaryIO, format: str, table: _Table, profile: ExportProfile) -> None:
        self._target = target
        self._format = format
        self._columns = table.columns
        self._rows, self._bytes = (profile.rows, profile.bytes) if isinstance(target, str) else (0, 0)
        self._head = sum(len(column.label.encode()) + _ROW_SIGNS for column in table.columns) + _ROW_SIGNS
        self._folder = ""
        self._written: list[str] = []
        self._writer: RowWriter | None = None
        self._size = 0
        self.rows = 0
        self.files: tuple[str, ...] = ()

    def __enter__(self) -> "_Parts":
        if isinstance(self._target, str):
            parent = os.path.dirname(os.path.abspath(self._target))
            try:
                self._folder = tempfile.mkdtemp(prefix=".crmtui-export-", dir=parent)
            except OSError as error:
                raise CrmError(
                    _("the file cannot be written: {reason}").format(reason=error.strerror or str(error)),
                    where=self._target,
                    kept=_("No file was changed."),
                ) from None
        self._next()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        try:
            if self._writer is not None:
                if kind is not None:
                    self._writer.abort()
                else:
                    self._writer.close()
            if kind is None and isinstance(self._target, str):
                self.files = tuple(self._put_in_place(self._target))
        finally:
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)

    def write(self, row: Sequence[str]) -> None:
        """Write a row, into the next file when the last one is full."""
        assert self._writer is not None
        size = sum(len(cell.encode("utf-8", "replace")) + _ROW_SIGNS + cell.count('"') for cell in row)
        if self._writer.rows and (
            (self._rows and self._writer.rows >= self._rows) or (self._bytes and self._size + size > self._bytes)
        ):
            self._writer.close()
            self._next()
        self._writer.write(row)
        self._size += size
        self.rows += 1

    def _next(self) -> None:
        self._size = self._head
        if isinstance(self._target, str):
            self._written.append(os.path.join(self._folder, str(len(self._written) + 1)))
            self._writer = open_writer(Path(self._written[-1]), self._format, self._columns)
        else:
            self._writer = open_writer(self._target, self._format, self._columns)

    def _put_in_place(self, target: str) -> Iterator[str]:
        stem, ending = os.path.splitext(target)
        for number, path in enumerate(self._written, 1):
            name = target if len(self._written) == 1 else f"{stem}.{number}{ending}"
            try:
                if os.path.exists(name) and not os.path.isfile(name):
                    raise IsADirectoryError(21, os.strerror(21))
                os.replace(path, name)
            except OSError as error:
                raise CrmError(
                    _("the file cannot be written: {reason}").format(reason=error.strerror or str(error)), where=name
                ) from None
            yield name
