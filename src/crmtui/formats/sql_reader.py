"""SQL dumps of SQLite, MySQL, PostgreSQL and SQL Server: their tables as sheets, read as a stream; nothing is executed."""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from crmtui.errors import FormatError
from crmtui.formats.child_tables import (
    Children,
    FoundTable,
    Join,
    Reference,
    as_sheets,
    choose,
    find_joins,
    fit,
    not_joined,
    table_notes,
)
from crmtui.formats.header import name_columns
from crmtui.formats.source import FixedSizeFile
from crmtui.formats.sql_statements import Definition, Row, Unread, dialect_of, statements
from crmtui.formats.sql_tokens import Lexicon, SqlText, copy_cells
from crmtui.formats.table import MAX_COLUMNS, SAMPLE_ROWS, Choices, Detection, Note, place, too_many_columns
from crmtui.formats.text_source import opened, settle_encoding
from crmtui.i18n import _

_HEAD = 64 * 1024
_MOST_TABLES = 2_000
_DECLARED = re.compile(rb"(?i)(?:SET NAMES|client_encoding\s*=|DEFAULT CHARSET\s*=|CHARACTER SET)\s*'?([A-Za-z][\w-]*)")
_CHARSETS = {"utf8": "utf-8", "utf8mb3": "utf-8", "utf8mb4": "utf-8", "win1252": "cp1252", "euc_cn": "gb18030"}


class _Table:
    """What is known of a table after some of the dump."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.columns: list[str] = []
        self.known: set[str] = set()
        self.key = ""
        self.references: list[Reference] = []
        self.rows = 0
        self.first: list[Row] = []

    def add_columns(self, columns: Sequence[str]) -> None:
        for column in columns:
            if column.casefold() not in self.known:
                self.known.add(column.casefold())
                self.columns.append(column)

    def found(self) -> FoundTable:
        return FoundTable(self.name, tuple(self.columns), self.key, self.rows, tuple(self.references))


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """The tables of a dump, the one that holds the customers, its columns with those of its child tables, and a sample."""
    with opened(path, data) as source:
        encoding = settle_encoding(source, choices, _declared)
        tables, notes = _survey(source, encoding.name, path)
        filled = [table.found() for table in tables.values() if table.rows]
        if not filled:
            raise FormatError(
                _("the dump holds no rows"), where=place(path), hint=_("Dump the data too, not only the structure.")
            )
        chosen = choose(filled, choices.sheet, path)
        joins = find_joins(chosen, filled)
        children = Children(joins)
        if joins:
            _collect(source, encoding.name, path, joins, children)
        notes += [not_joined(table) for table in children.too_large]
        joins, more = fit([join for join in joins if join.table in children], children.most, len(chosen.columns))
    if len(chosen.columns) > MAX_COLUMNS:
        raise too_many_columns(path, tables[chosen.name.casefold()].first[0].line)
    head = _head(path, data, encoding.name)
    lexicon = Lexicon(backslash=dialect_of(head).backslash)
    place_cells = _placing(chosen.columns)
    sample = [place_cells(row, _cells(row, lexicon)) for row in tables[chosen.name.casefold()].first]
    keys = _keys(chosen.columns, joins)
    columns, _repeated = name_columns([*chosen.columns, *(name for join in joins for name in join.names())])
    return Detection(
        format=format_id,
        encoding=encoding.name,
        encoding_confidence=encoding.confidence,
        encoding_candidates=encoding.candidates,
        sheet=chosen.name,
        sheets=as_sheets(filled),
        columns=columns,
        sample=tuple(tuple(_joined(cells, len(chosen.columns), keys, children)) for cells in sample),
        notes=(*encoding.notes, *table_notes(chosen, filled, joins), *notes, *more),
        joins=tuple(joins),
    )


def open_rows(path: Path, detection: Detection) -> "SqlRows":
    """The rows of the chosen table, each with the children that belong to it."""
    return SqlRows(path, detection)


class SqlRows:
    """Rows of one table of a dump, read as a stream; the rows of its child tables are collected before."""

    def __init__(self, path: Path, detection: Detection) -> None:
        self._path = path
        self._detection = detection
        self._source = FixedSizeFile(path)
        self.size = self._source.size
        self.notes: list[Note] = []

    @property
    def position(self) -> int:
        """Bytes of the file behind the place in it that was read last."""
        return min(self._source.tell(), self.size)

    def __enter__(self) -> "SqlRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._source.close()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        found = self._detection
        source = cast(BinaryIO, self._source)
        joins = found.joins
        children = Children(joins)
        if joins:
            _collect(source, found.encoding, self._path, joins, children)
            if children.too_large:
                raise FormatError(_("the file changed while it was read"), where=place(self._path))
        own = found.columns[: len(found.columns) - sum(join.width for join in joins)]
        keys = _keys(own, joins)
        wanted = (found.sheet or "").casefold()
        place_cells: Callable[[Row, list[str]], list[str]] | None = None
        declared: list[str] = []
        last = 0
        for item, text, lexicon in _read(source, found.encoding, self._path):
            if isinstance(item, Definition):
                if item.table.casefold() == wanted:
                    declared += [name for name in item.columns if name not in declared]
            elif isinstance(item, Row) and item.table.casefold() == wanted:
                cells = text.checked(_cells(item, lexicon), item.line)
                if place_cells is None:
                    place_cells = _placing(self._columns(item, declared, own))
                cells = place_cells(item, cells)
                last = item.line if item.line > last else last + 1
                if any(cells):
                    yield last, _joined(cells, len(own), keys, children) if keys else cells

    def _columns(self, row: Row, declared: Sequence[str], own: Sequence[str]) -> Sequence[str]:
        """The names of the table's columns as its rows spell them: what is shown may have been made unique."""
        names = list(declared)
        known = {name.casefold() for name in names}
        names += [name for name in row.columns or () if name.casefold() not in known]
        return names if len(names) == len(own) else own


def _read(
    source: BinaryIO, encoding: str, path: Path | None
) -> Iterator[tuple[Definition | Row | Unread, SqlText, Lexicon]]:
    source.seek(0)
    text = SqlText(source, encoding, path)
    text.ensure(_HEAD)
    dialect = dialect_of(text.buffer[:_HEAD])
    lexicon = Lexicon(backslash=dialect.backslash, codec=text.codec)
    for item in statements(text, dialect, lexicon):
        yield item, text, lexicon


def _head(path: Path | None, data: bytes | None, encoding: str) -> str:
    with opened(path, data) as source:
        text = SqlText(source, encoding, path)
        text.ensure(_HEAD)
        return text.buffer[:_HEAD]


def _survey(source: BinaryIO, encoding: str, path: Path | None) -> tuple[dict[str, _Table], list[Note]]:
    """All tables of the dump with their columns, keys, number of rows and first rows."""
    tables: dict[str, _Table] = {}
    notes: list[Note] = []
    last: Row | None = None
    for item, text, lexicon in _read(source, encoding, path):
        if isinstance(item, Unread):
            reason = _("table “{name}” is not read: {reason}").format(name=item.table, reason=item.reason)
            if not any(note.text == reason for note in notes):
                notes.append(Note("unread_table", reason, item.line))
            continue
        if item.table.startswith("sqlite_"):
            continue
        table = tables.get(item.table.casefold())
        if table is None:
            if len(tables) >= _MOST_TABLES:
                raise text.refusal(_("the dump has more than {limit} tables").format(limit=_MOST_TABLES))
            table = tables.setdefault(item.table.casefold(), _Table(item.table))
        if isinstance(item, Definition):
            table.add_columns(item.columns)
            table.key = table.key or item.key
            table.references += item.references
            continue
        if item.columns and (last is None or last.columns != item.columns or last.table != item.table):
            table.add_columns(item.columns)
        last = item
        table.rows += 1
        if table.rows <= SAMPLE_ROWS:
            table.first.append(item)
            cells = text.checked(_cells(item, lexicon), item.line)
            if not table.columns:
                table.columns = [f"#{number}" for number in range(1, len(cells) + 1)]
    return tables, notes


def _collect(source: BinaryIO, encoding: str, path: Path | None, joins: Sequence[Join], children: Children) -> None:
    """Put the rows of the child tables into ``children``."""
    by_table = {join.table.casefold(): join for join in joins}
    declared: dict[str, list[str]] = {table: [] for table in by_table}
    indexes: dict[tuple[str, tuple[str, ...] | None], tuple[int, list[int]]] = {}
    for item, text, lexicon in _read(source, encoding, path):
        if isinstance(item, Unread) or (join := by_table.get(item.table.casefold())) is None:
            continue
        if isinstance(item, Definition):
            declared[item.table.casefold()] += item.columns
            continue
        if join.table not in children:
            continue
        at = indexes.get((join.table, item.columns))
        if at is None:
            names = [name.casefold() for name in item.columns or declared[item.table.casefold()]]
            where = {name: index for index, name in enumerate(names)}
            at = (
                where.get(join.column.casefold(), -1),
                [where.get(name.casefold(), -1) for name in join.columns],
            )
            indexes[join.table, item.columns] = at
        cells = [*text.checked(_cells(item, lexicon), item.line), ""]
        key = cells[at[0]] if at[0] < len(cells) - 1 else ""
        if key:
            children.add(join.table, key, [cells[index] if index < len(cells) else "" for index in at[1]])


def _cells(row: Row, lexicon: Lexicon) -> list[str]:
    return copy_cells(row.text) if row.copied else lexicon.cells(row.text)


def _placing(columns: Sequence[str]) -> Callable[[Row, list[str]], list[str]]:
    """A function that puts the cells of a row under the columns of the table, whichever its statement names."""
    width = len(columns)
    where = {name.casefold(): index for index, name in enumerate(columns)}
    orders: dict[tuple[str, ...] | None, list[int] | None] = {None: None}

    def placed(row: Row, cells: list[str]) -> list[str]:
        if row.columns not in orders:
            order = [where[name.casefold()] for name in row.columns or ()]
            orders[row.columns] = None if order == list(range(width)) else order
        order_now = orders[row.columns]
        if order_now is None:
            return cells
        full = [""] * width
        for at, cell in zip(order_now, cells, strict=False):
            full[at] = cell
        return full + cells[len(order_now) :]

    return placed


def _joined(cells: list[str], width: int, keys: Sequence[tuple[int, Join]], children: Children) -> list[str]:
    """A row of ``width`` with the cells of its children behind its own; ``keys`` says by which cell they are found."""
    full = cells + [""] * (width - len(cells))
    for at, join in keys:
        full += children.cells(join, full[at])
    return full


def _keys(columns: Sequence[str], joins: Sequence[Join]) -> list[tuple[int, Join]]:
    """The joins, each with the index of the column that holds its key."""
    lower = [name.casefold() for name in columns]
    return [(lower.index(join.key.casefold()), join) for join in joins]


def _declared(head: bytes) -> str | None:
    """The encoding a dump says it is in."""
    found = _DECLARED.search(head)
    if found is None:
        return None
    said = found[1].decode("ascii").lower()
    if not head.isascii() and _is_utf8(head):
        return None  # converted since: hardly anything else reads as UTF-8
    return None if said in ("latin1", "binary", "sql_ascii") else _CHARSETS.get(said, said)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head)
    except UnicodeDecodeError:
        return False
    return True
