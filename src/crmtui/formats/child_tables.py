"""Several tables in one source: which holds the customers, and which others belong to its rows (``phones.1.number``)."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from crmtui.errors import UsageError
from crmtui.formats.flatten import segment
from crmtui.formats.table import MAX_COLUMNS, Note, Sheet, place
from crmtui.i18n import _

MOST_CHILDREN = 20
_MEMORY = 120 << 20
_BYTES_A_CHILD = 200  # what Python needs for a row beside its characters
_PARTED = "\x1f"
_CUSTOMERS = re.compile(
    r"(?i)customer|client|contact|people|person|lead|account|member|kunde|kontakt|客户|客戶|联系人|聯絡人|会员|顾客|人员|顧客"
)
_USERS = re.compile(r"(?i)user|compan|organi[sz]ation|公司|企业|用户")
_NEVER = re.compile(r"(?i)log|audit|history|migration|session|token|cache|setting|config|queue|日志|配置|记录")
_KINDS = (
    re.compile(r"(?i)name$|^name|姓名|名称|客户$|联系人$|氏名"),
    re.compile(r"(?i)e-?mail|邮箱|邮件|電郵|メール"),
    re.compile(r"(?i)phone|mobile|tel|手机|电话|電話|手機"),
    re.compile(r"(?i)address|street|city|zip|postal|地址|城市|住所"),
    re.compile(r"(?i)company|organi[sz]ation|公司|单位|企业|会社"),
)


class Reference(NamedTuple):
    """A column that holds the key of another table; ``target_column`` is empty for that table's primary key."""

    table: str
    column: str
    target: str
    target_column: str


class FoundTable(NamedTuple):
    """A table of a source; ``key`` is its primary key when that is one column, else empty, ``rows`` None when nobody counted."""

    name: str
    columns: tuple[str, ...]
    key: str
    rows: int | None
    references: tuple[Reference, ...]


class Join(NamedTuple):
    """A child table that is read with the rows it belongs to.

    ``column`` of ``table`` holds what ``key`` is in the parent; ``columns`` are the others, ``most`` the number of children
    that get columns, ``shown`` what the table is called in their names: ``phones`` for ``customer_phones`` of customers.
    """

    table: str
    column: str
    key: str
    columns: tuple[str, ...]
    shown: str
    most: int = 0

    @property
    def width(self) -> int:
        """How many columns the children of a row take."""
        return self.most * len(self.columns)

    def names(self) -> list[str]:
        """The columns of the children, ``phones.1.number``."""
        child = segment(self.shown)
        return [f"{child}.{number}.{segment(name)}" for number in range(1, self.most + 1) for name in self.columns]


def choose(tables: Sequence[FoundTable], asked: str | None, path: Path | None) -> FoundTable:
    """The table asked for by name or number, else the one that looks most like customers. Raises UsageError."""
    if asked is None:
        return max(tables, key=likeness)
    numbered = tables[int(asked) - 1] if asked.isdecimal() and 0 < int(asked) <= len(tables) else None
    named = next((table for table in tables if table.name.casefold() == asked.casefold()), numbered)
    if named is None:
        raise UsageError(
            _("there is no table “{name}”").format(name=asked),
            where=place(path),
            hint=_("Its tables: {names}.").format(names=", ".join(table.name for table in tables[:30])),
        )
    return named


def as_sheets(tables: Iterable[FoundTable]) -> tuple[Sheet, ...]:
    """The tables as they are offered to choose from."""
    return tuple(Sheet(table.name, table.rows, False) for table in tables)


def table_notes(chosen: FoundTable, tables: Sequence[FoundTable], joins: Sequence[Join]) -> list[Note]:
    """Which table is read, which belong to it, and which there are besides."""
    joined = [join.table for join in joins]
    notes = []
    others = [table.name for table in tables if table.name != chosen.name and table.name not in joined]
    if others:
        text = _("table “{name}” is read; there are also: {others}").format(
            name=chosen.name, others=", ".join(others[:10])
        )
        notes.append(Note("other_sheets", text))
    if joined:
        text = _("read with its rows, as their keys show: {tables}").format(tables=", ".join(joined))
        notes.append(Note("child_tables", text))
    return notes


def too_many_children(join: Join) -> Note:
    """Some rows have more children than get columns."""
    text = _("of “{table}” the first {count} of a row are read").format(table=join.table, count=join.most)
    return Note("children_left_out", text)


def not_joined(table: str) -> Note:
    """A child table does not fit into memory or into the columns a table may have."""
    text = _("“{table}” is too large to be read with the rows it belongs to; import it by itself").format(table=table)
    return Note("children_not_read", text)


def likeness(table: FoundTable) -> float:
    """How much a table looks like customers."""
    score = 3.0 if _CUSTOMERS.search(table.name) else 1.0 if _USERS.search(table.name) else 0.0
    score -= 2.0 if _NEVER.search(table.name) else 0.0
    score += sum(1.0 for kind in _KINDS if any(kind.search(column) for column in table.columns))
    score -= 0.5 * bool(table.references)
    score -= 5.0 if table.rows == 0 else 0.0
    return score + math.log10(max(1, table.rows or 1)) / 2


def find_joins(parent: FoundTable, tables: Iterable[FoundTable]) -> list[Join]:
    """The tables whose rows belong to rows of ``parent``: by a declared foreign key, else by a column named after it."""
    own = {column.casefold(): column for column in parent.columns}
    usual = parent.key or own.get("id", "")
    found: list[Join] = []
    for child in tables:
        if child.name == parent.name:
            continue
        column, key = next(
            (
                (reference.column, reference.target_column or usual)
                for reference in child.references
                if reference.target.casefold() == parent.name.casefold()
            ),
            ("", ""),
        )
        if not column:
            wanted = _key_names(parent.name)
            column = next((name for name in child.columns if name.casefold().replace("_", "") in wanted), "")
            key = usual
        if not column or key.casefold() not in own or column not in child.columns:
            continue
        columns = tuple(name for name in child.columns if name != column)
        if columns:
            shown = _without_parent(child.name, parent.name)
            taken = shown.casefold() in own or any(shown == other.shown for other in found)
            found.append(Join(child.name, column, own[key.casefold()], columns, child.name if taken else shown))
    return found


def _without_parent(child: str, parent: str) -> str:
    """The name of a child table without that of its parent in front."""
    for name in sorted(_singulars(parent), key=len, reverse=True):
        if child.casefold().startswith(name + "_") and len(child) > len(name) + 1:
            return child[len(name) + 1 :]
    return child


def _key_names(table: str) -> frozenset[str]:
    """What a column may be called that holds the key of ``table``: customers → customersid, customerid."""
    return frozenset(each.replace("_", "") + "id" for each in _singulars(table))


def _singulars(table: str) -> set[str]:
    """The name of a table, and what it may be of one: customers, customer."""
    name = table.rpartition(".")[2].casefold()
    found = {name}
    if name.endswith("ies"):
        found.add(name[:-3] + "y")
    if name.endswith("es"):
        found.add(name[:-2])
    if name.endswith("s"):
        found.add(name[:-1])
    if name == "people":
        found.add("person")
    return found


def fit(joins: Sequence[Join], most: Mapping[str, int], width: int) -> tuple[list[Join], list[Note]]:
    """``joins`` with the number of children that get columns (``most``: how many a row has), and what to say about it."""
    fitted, notes = [], []
    room = MAX_COLUMNS - width
    for join in joins:
        needed = most.get(join.table, 0)
        count = min(needed, MOST_CHILDREN, room // len(join.columns))
        if not needed:
            continue
        if not count:
            notes.append(not_joined(join.table))
            continue
        fitted.append(join._replace(most=count))
        room -= count * len(join.columns)
        if count < needed:
            notes.append(too_many_children(fitted[-1]))
    return fitted, notes


class Children:
    """The rows of child tables by the key of the row they belong to, in memory, as long as they fit."""

    def __init__(self, joins: Sequence[Join]) -> None:
        self._joins = {join.table: join for join in joins}
        self._rows: dict[str, dict[str, list[str]]] = {join.table: {} for join in joins}
        self._bytes = dict.fromkeys(self._rows, 0)
        self.most = dict.fromkeys(self._rows, 0)
        self.too_large: list[str] = []

    def __contains__(self, table: str) -> bool:
        return table in self._rows

    def add(self, table: str, key: str, cells: Sequence[str]) -> None:
        """Take a child of the row with ``key``; ``cells`` are those of the join's columns."""
        rows = self._rows[table].setdefault(key, [])
        self.most[table] = max(self.most[table], len(rows) + 1)
        if len(rows) > MOST_CHILDREN:
            return
        text = _PARTED.join(cell.replace(_PARTED, "\ufffd") for cell in cells)
        rows.append(text)
        self._bytes[table] += _BYTES_A_CHILD + 2 * len(text)
        if sum(self._bytes.values()) > _MEMORY:
            self.drop(table)

    def drop(self, table: str) -> None:
        """Give up on a table that is too large."""
        del self._rows[table], self._bytes[table], self.most[table]
        self.too_large.append(table)

    def cells(self, join: Join, key: str) -> list[str]:
        """The cells of all children of one row, empty where it has fewer than others."""
        cells: list[str] = []
        for text in self._rows[join.table].get(key, ())[: join.most]:
            cells += text.split(_PARTED)
        return cells + [""] * (join.width - len(cells))
