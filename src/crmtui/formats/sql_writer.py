"""An SQL script that SQLite, MySQL and PostgreSQL load: tables and rows, standard quotation, in one transaction.

MySQL reads the comments that begin with ``/*!``: they let it take standard SQL and texts longer than 64 kB. A NUL, which these systems
cannot all hold, is written as ``_x0000_``, and a literal ``_x0000_`` or ``_x005F_`` as ``_x005F_x0000_`` and ``_x005F_x005F_``.
"""

import re
from collections.abc import Sequence
from typing import BinaryIO

from crmtui.formats.relational import TABLES, Cell, rows_of
from crmtui.formats.table import Column, Profile, Row

_ROWS_A_STATEMENT = 200
_NUL = re.compile(r"\x00|_(?=x00(?:00|5F)_)")
_HEAD = """\
-- Customers, written by crmtui. Loads into an empty database of SQLite, MySQL or PostgreSQL (UTF-8).
-- A backslash in a text is a plain character (standard_conforming_strings = on).
-- A NUL in a text is written as _x0000_ (and a literal _x0000_ as _x005F_x0000_).
/*!40101 SET NAMES utf8mb4 */;
/*!40101 SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES' */;
BEGIN;
"""


def create(
    stream: BinaryIO, format_id: str, columns: Sequence[Column], profile: Profile, for_file: bool
) -> "SqlScript":
    """A script on ``stream``; the columns are those of ``formats.relational``."""
    return SqlScript(stream)


def create_statement(table: str) -> str:
    """The statement that makes a table."""
    columns = ",\n".join(f'  "{name}" {kind}' for name, kind in TABLES[table].items())
    return f'CREATE TABLE "{table}" (\n{columns}\n)'


def literal(value: Cell) -> str:
    """A value as SQL has it."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if "\0" in value or "_x00" in value:
        value = _NUL.sub(lambda match: "_x0000_" if match.group() == "\0" else "_x005F_", value)
    return "'" + value.replace("'", "''") + "'"


class SqlScript:
    """Records gathered into statements of some hundred rows, each table's customers before what hangs on them."""

    def __init__(self, stream: BinaryIO) -> None:
        self.guarded = self.shortened = 0
        self._stream = stream
        self._rows: dict[str, list[str]] = {table: [] for table in TABLES}
        self._waiting = 0
        self._put(_HEAD)
        for table, columns in TABLES.items():
            self._put(create_statement(table) + ";\n")
            changes = ", ".join(
                f'MODIFY "{name}" LONG{kind}' for name, kind in columns.items() if kind.startswith("TEXT")
            )
            self._put(f'/*!40101 ALTER TABLE "{table}" {changes} */;\n')

    def write(self, row: Row) -> None:
        """Write one whole record."""
        assert not isinstance(row, Sequence)  # scripts hold whole records
        for table, values in rows_of(row):
            self._rows[table].append(f"({', '.join(map(literal, values))})")
        self._waiting += 1
        if self._waiting >= _ROWS_A_STATEMENT:
            self._flush()

    def finish(self) -> None:
        """Write what waits, and end the transaction."""
        self._flush()
        self._put("COMMIT;\n")

    def abandon(self) -> None:
        """Nothing is held but text in memory."""

    def _flush(self) -> None:
        for table, rows in self._rows.items():
            for start in range(0, len(rows), _ROWS_A_STATEMENT):
                names = ", ".join(f'"{name}"' for name in TABLES[table])
                part = ",\n".join(rows[start : start + _ROWS_A_STATEMENT])
                self._put(f'INSERT INTO "{table}" ({names}) VALUES\n{part};\n')
            rows.clear()
        self._waiting = 0

    def _put(self, text: str) -> None:
        self._stream.write(text.encode("utf-8", "replace"))
