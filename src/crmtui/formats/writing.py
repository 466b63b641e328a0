"""Writing a table to a file so that at any moment there is the old file or the new one, never half of either."""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from crmtui.errors import CrmError
from crmtui.formats.registry import writer_of
from crmtui.formats.table import Column, Profile, Row, TableWriter
from crmtui.i18n import _


class RowWriter:
    """Rows into a file or stream; a context manager. Leaving it with an exception leaves the old file untouched.

    ``rows`` counts the rows written, ``guarded`` the cells that got an apostrophe against formulas.
    """

    def __init__(self, table: TableWriter, stream: BinaryIO, partial: Path | None, target: Path | None) -> None:
        self._table = table
        self._stream = stream
        self._partial = partial
        self._target = target
        self._open = True
        self.rows = 0

    @property
    def guarded(self) -> int:
        """Cells that were prefixed so that a spreadsheet program does not evaluate them."""
        return self._table.guarded

    @property
    def shortened(self) -> int:
        """Cells that were cut because the format cannot hold so long a text."""
        return self._table.shortened

    @property
    def sheets(self) -> int:
        """How many sheets the rows fill: one but for a workbook of more rows than a sheet holds."""
        return int(getattr(self._table, "sheets", 1))

    def write(self, row: Row) -> None:
        """Write one row: values in the order of the columns, or a mapping by column key."""
        try:
            self._table.write(row)
        except OSError as error:
            raise self._failed(error) from None
        self.rows += 1

    def close(self) -> None:
        """Finish the table and put it in its place; a second call does nothing."""
        if not self._open:
            return
        try:
            self._table.finish()
            self._stream.flush()
            if self._partial is not None and self._target is not None:
                os.fsync(self._stream.fileno())
                self._stream.close()
                self._partial.replace(self._target)
                _sync_folder(self._target.parent)
        except OSError as error:
            raise self._failed(error) from None
        except BaseException:
            self.abort()
            raise
        self._open = False

    def abort(self) -> None:
        """Give up: the half-written file is removed, an older one of that name stays as it was."""
        if not self._open:
            return
        self._open = False
        self._table.abandon()
        if self._partial is not None:
            try:
                self._stream.close()
            except OSError:
                pass  # what it could not write is thrown away in any case
            finally:
                self._partial.unlink(missing_ok=True)

    def _failed(self, error: OSError) -> Exception:
        self.abort()
        if self._target is None:
            return error  # most often a closed pipe: the command line knows what to do
        return _cannot_write(self._target, error)

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


def open_writer(
    path_or_stream: Path | BinaryIO, format: str, columns: Sequence[Column], *, profile: Profile = "exact"
) -> RowWriter:
    """A writer of ``format`` (registry id) with ``columns`` to a file, or to a binary stream that stays open.

    A file is written as ``NAME.partial`` beside it and takes its place when it is complete and on disk. ``spreadsheet``
    guards text that Excel or WPS would take for a formula. Raises FormatError for a format that is not written,
    CrmError when it cannot be.
    """
    writer = writer_of(format)
    if not isinstance(path_or_stream, Path):
        return RowWriter(writer.create(path_or_stream, format, columns, profile, False), path_or_stream, None, None)
    target = path_or_stream.resolve()
    partial = target.with_name(target.name + ".partial")
    try:
        mode = _existing_mode(target)
        partial.unlink(missing_ok=True)
        descriptor = os.open(
            partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 if mode is None else mode
        )
    except OSError as error:
        raise _cannot_write(target, error) from None
    stream = os.fdopen(descriptor, "wb", buffering=1 << 18)
    try:
        return RowWriter(writer.create(stream, format, columns, profile, True), stream, partial, target)
    except BaseException:
        stream.close()
        partial.unlink(missing_ok=True)
        raise


def _existing_mode(target: Path) -> int | None:
    """The permissions of the file that will be replaced; a folder, pipe or device is never replaced by a file."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise CrmError(
            _("there is something of this name that is not a file"),
            where=str(target),
            hint=_("Choose another name; to write to another program use “-”."),
        )
    return stat.S_IMODE(mode)


def _cannot_write(target: Path, error: OSError) -> CrmError:
    return CrmError(
        _("the file cannot be written: {reason}").format(reason=error.strerror or str(error)),
        where=str(target),
        kept=_("No file was changed."),
        hint=_("Check the folder, its permissions and the free space."),
    )


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, too, where the file system can; the file is in its place in any case."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
