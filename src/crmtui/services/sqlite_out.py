"""Writing whole records as a plain SQLite file: the tables of ``formats.relational`` in a file that ``storage`` makes."""

from collections.abc import Sequence
from typing import BinaryIO

from crmtui.formats.relational import TABLES, rows_of
from crmtui.formats.sql_writer import create_statement
from crmtui.formats.table import Column, Profile, Row
from crmtui.storage.sqlite_export import SqliteFile


def create(
    stream: BinaryIO, format_id: str, columns: Sequence[Column], profile: Profile, for_file: bool
) -> "SqliteTable":
    """A writer like those of ``formats``: registry and ``open_writer`` know no difference."""
    return SqliteTable(stream)


class SqliteTable:
    """Records into a SQLite file, which is handed to the stream at the end."""

    def __init__(self, stream: BinaryIO) -> None:
        self.guarded = self.shortened = 0
        tables = {table: len(columns) for table, columns in TABLES.items()}
        self._file = SqliteFile(stream, [create_statement(table) for table in TABLES], tables)

    def write(self, row: Row) -> None:
        """Write one whole record."""
        assert not isinstance(row, Sequence)  # as SQL, SQLite holds whole records
        self._file.add(list(rows_of(row)))

    def finish(self) -> None:
        """Hand the file to the stream."""
        self._file.finish()

    def abandon(self) -> None:
        """Remove what was made."""
        self._file.abandon()
