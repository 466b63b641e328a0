"""SQLite database files of other programs: real tables only, read-only, whatever their schema would like to run.

The file is opened immutable: no lock, no log beside it. Views, virtual tables, triggers and generated values are never
touched. The driver is the one all of crmtui uses (``storage.driver``); this module alone may cross over to it, and only
when it has a file to read.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

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
from crmtui.formats.encoding import python_codec
from crmtui.formats.header import name_columns
from crmtui.formats.source import FixedSizeFile
from crmtui.formats.sql_tokens import text_or_hex
from crmtui.formats.table import MAX_COLUMNS, SAMPLE_ROWS, Choices, Detection, Note, place, too_many_columns
from crmtui.i18n import _

if TYPE_CHECKING:
    from crmtui.storage.driver import Connection

_SELECT, _READ, _FUNCTION, _PRAGMA = 21, 20, 31, 19  # what SQLite asks its authorizer about
_OK, _DENY = 0, 1
_FUNCTIONS = frozenset(("count", "max"))
_QUESTIONS = frozenset(("table_list", "table_xinfo", "foreign_key_list", "index_list", "index_info", "application_id"))
_INSPECT_SECONDS = 60
_STEPS = 100_000
_MOST_TABLES = 2_000
_SETTINGS = (
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)
_ORDINARY, _STORED = 0, 3  # columns as declared, and generated ones whose value is in the file


def inspect(path: Path | None, data: bytes | None, format_id: str, choices: Choices) -> Detection:
    """The tables, the one that holds the customers, its columns with those of its child tables, and a sample."""
    if path is None or data is not None:
        raise FormatError(
            _("a database can only be read from a file of its own"),
            where=place(path),
            hint=_("Unpack it, and import the file."),
        )
    encoding = choices.encoding or "utf-8"
    with _opened(path, encoding, seconds=_INSPECT_SECONDS) as connection, _told(path):
        from crmtui.storage.schema import APPLICATION_ID

        if connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
            raise FormatError(
                _("this is a customer file of crmtui itself"),
                where=place(path),
                hint=_("Open it with --db FILE; to bring its customers in here, export them from it first."),
            )
        tables = _tables(connection, path)
        chosen = choose(tables, choices.sheet, path)
        if len(chosen.columns) > MAX_COLUMNS:
            raise too_many_columns(path, 0)
        children, notes = _children(connection, find_joins(chosen, tables))
        joins, more = fit(children.joins, children.most, len(chosen.columns))
        sample = []
        for row in connection.execute(_select(chosen.name, chosen.columns) + f" LIMIT {SAMPLE_ROWS}"):
            sample.append(tuple(_row(row, chosen.columns, joins, children)))
    columns, _repeated = name_columns([*chosen.columns, *(name for join in joins for name in join.names())])
    return Detection(
        format=format_id,
        encoding=encoding,
        sheet=chosen.name,
        sheets=as_sheets(tables),
        columns=columns,
        sample=tuple(sample),
        notes=(*_log_note(path), *table_notes(chosen, tables, joins), *notes, *more),
        joins=tuple(joins),
    )


def open_rows(path: Path, detection: Detection) -> "SqliteRows":
    """The rows of the chosen table, each with the children that belong to it."""
    return SqliteRows(path, detection)


class SqliteRows:
    """Rows of one table in the order in which they lie in the file, numbered from 1."""

    def __init__(self, path: Path, detection: Detection) -> None:
        self._path = path
        self._detection = detection
        with FixedSizeFile(path) as source:
            self.size = source.size
        self.position = 0
        self.notes: list[Note] = []

    def __enter__(self) -> "SqliteRows":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held between two iterations."""

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        found = self._detection
        number = 0
        with _opened(self._path, found.encoding) as connection, _told(self._path, lambda: number + 1):
            table = next((each for each in _tables(connection, self._path) if each.name == found.sheet), None)
            if table is None:
                raise FormatError(_("the file changed while it was read"), where=place(self._path))
            children, _notes = _children(connection, found.joins)
            step = self.size / max(1, table.rows or 1)
            for number, row in enumerate(connection.execute(_select(table.name, table.columns)), 1):
                cells = _row(row, table.columns, found.joins, children)
                self.position = min(self.size, int(number * step))
                if any(cells):
                    yield number, cells
        self.position = self.size


class _Looked:
    """The children of a row: those of indexed tables are looked up, those of others are in memory."""

    def __init__(
        self, connection: "Connection", joins: Sequence[Join], indexed: Sequence[Join], held: Children
    ) -> None:
        self._connection = connection
        self._held = held
        self._indexed = {join.table: _select(join.table, join.columns, join.column) for join in indexed}
        self.joins = [join for join in joins if join.table in held or join.table in self._indexed]
        self.most = dict(held.most)

    def cells(self, join: Join, key: object) -> list[str]:
        """The cells of all children of one row, empty where it has fewer than others."""
        statement = self._indexed.get(join.table)
        if statement is None:
            return self._held.cells(join, _text(key))
        cells: list[str] = []
        for row in self._connection.execute(statement, (key, join.most)):
            cells += map(_text, row)
        return cells + [""] * (join.width - len(cells))


def _children(connection: "Connection", joins: Sequence[Join]) -> tuple[_Looked, list[Note]]:
    indexed = [join for join in joins if _has_index(connection, join)]
    held = Children([join for join in joins if join not in indexed])
    for join in joins:
        if join in indexed:
            continue
        for key, *values in connection.execute(_select(join.table, (join.column, *join.columns))):
            if key is not None:
                held.add(join.table, _text(key), [_text(value) for value in values])
            if join.table not in held:
                break
    looked = _Looked(connection, joins, indexed, held)
    for join in indexed:
        column, table = _quoted(join.column), _quoted(join.table)
        counted = connection.execute(
            f"SELECT max(n) FROM (SELECT count(*) n FROM {table} WHERE {column} IS NOT NULL GROUP BY {column})"
        )
        looked.most[join.table] = counted.fetchone()[0] or 0
    return looked, [not_joined(table) for table in held.too_large]


def _has_index(connection: "Connection", join: Join) -> bool:
    for _number, name, _unique, _origin, partial_index, *_rest in connection.execute(
        f"PRAGMA index_list({_quoted(join.table)})"
    ).fetchall():
        first = connection.execute(f"PRAGMA index_info({_quoted(name)})").fetchone()
        if not partial_index and first and first[2] == join.column:
            return True
    return False


def _row(row: Sequence[Any], columns: Sequence[str], joins: Sequence[Join], children: _Looked) -> list[str]:
    cells = [value if type(value) is str else _text(value) for value in row]
    for join in joins:
        cells += children.cells(join, row[columns.index(join.key)])
    return cells


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return text_or_hex(value) if isinstance(value, bytes) else str(value)


def _tables(connection: "Connection", path: Path) -> list[FoundTable]:
    """The real tables that have rows, with columns and keys."""
    real = {row[1] for row in connection.execute("PRAGMA table_list") if row[0] == "main" and row[2] == "table"}
    declared = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    names = [name for (name,) in declared if name in real and not name.startswith("sqlite_")][:_MOST_TABLES]
    found = []
    for name in names:
        table = _quoted(name)
        columns = [row for row in connection.execute(f"PRAGMA table_xinfo({table})") if row[6] in (_ORDINARY, _STORED)]
        keys = [row[1] for row in columns if row[5]]
        references = tuple(
            Reference(name, row[3], row[2], row[4] or "")
            for row in connection.execute(f"PRAGMA foreign_key_list({table})")
        )
        count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        if count and columns:
            only = keys[0] if len(keys) == 1 else ""
            found.append(FoundTable(name, tuple(row[1] for row in columns), only, count, references))
    if not found:
        raise FormatError(_("the database holds no table with rows"), where=place(path))
    return found


def _select(table: str, columns: Sequence[str], key: str = "") -> str:
    """A query for columns of a real table; with ``key`` for the rows that have a value there, as many as asked for."""
    wanted = ", ".join(map(_quoted, columns))
    where = f" WHERE {_quoted(key)} = ? LIMIT ?" if key else " NOT INDEXED"
    return f"SELECT {wanted} FROM main.{_quoted(table)}{where}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _opened(path: Path, encoding: str, seconds: float | None = None) -> "Iterator[Connection]":
    """A connection that can only read tables; ``seconds`` bounds the work on it."""
    from crmtui.storage.driver import connect

    _check_size(path)
    with _told(path):
        connection = connect(f"file:{quote(os.path.abspath(path))}?mode=ro&immutable=1", timeout=0)
    with closing(connection):
        with _told(path):
            for setting in _SETTINGS:
                connection.execute(setting)
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if encoding != "utf-8":
            connection.text_factory = partial(str, encoding=python_codec(encoding), errors="strict")
        connection.set_authorizer(_allowed)
        if seconds is not None:
            connection.set_progress_handler(_deadline(seconds), _STEPS)
        yield connection


def _check_size(path: Path) -> None:
    """Refuse what is no ordinary file, and one that ends inside of a page: SQLite would read zeros there."""
    with FixedSizeFile(path) as source:
        head = source.read(18) or b""
        size = source.size
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    if page >= 512 and size % page:
        raise FormatError(
            _("the file is damaged or was not copied completely"), where=place(path), hint=_("Copy or export it again.")
        )


def _allowed(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
    if action in (_SELECT, _READ):
        return _OK
    if action == _FUNCTION:
        return _OK if second in _FUNCTIONS else _DENY
    return _OK if action == _PRAGMA and first in _QUESTIONS else _DENY


def _deadline(seconds: float) -> Callable[[], int]:
    end = time.monotonic() + seconds
    return lambda: int(time.monotonic() > end)


@contextmanager
def _told(path: Path, row: Callable[[], int] | None = None) -> Iterator[None]:
    """SQLite's complaints in our words."""
    from crmtui.storage.driver import Error, OperationalError

    try:
        yield
    except UnicodeDecodeError:
        raise _undecodable(path, row) from None
    except OperationalError as error:
        if "decode" in str(error).lower():
            raise _undecodable(path, row) from None
        if "interrupt" in str(error).lower():
            raise FormatError(
                _("the file is refused: {reason}").format(
                    reason=_("it takes longer than {seconds} s").format(seconds=_INSPECT_SECONDS)
                ),
                where=place(path),
            ) from None
        raise _refused(path, row, error) from None
    except Error as error:
        raise _refused(path, row, error) from None


def _refused(path: Path, row: Callable[[], int] | None, error: Exception) -> FormatError:
    if "not a database" in str(error):
        return FormatError(
            _("this database is encrypted or damaged"),
            where=place(path),
            hint=_("Export the customers as CSV in the program it belongs to, and import that."),
        )
    return FormatError(
        _("the database cannot be read: {reason}").format(reason=error),
        where=place(path, row() if row else None),
        hint=_("Copy it again, or export the customers as CSV in the program it belongs to."),
    )


def _undecodable(path: Path, row: Callable[[], int] | None) -> FormatError:
    return FormatError(
        _("a text in the database is not UTF-8"),
        where=place(path, row() if row else None),
        hint=_("Name its encoding, for example: --encoding gb18030"),
    )


def _log_note(path: Path) -> list[Note]:
    """What another program has written to the log beside the file is not in the file yet."""
    log = f"{path}-wal"
    if not os.path.exists(log) or not os.path.getsize(log):
        return []
    text = _("another program has changes that are not in the file yet: close it there, then import again")
    return [Note("unwritten_changes", text)]
