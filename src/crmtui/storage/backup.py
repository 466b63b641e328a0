"""Backups of a customer file: made while others work, checked before they count, kept in a rotation, and brought back.

A backup is a whole customer file of its own in ``NAME.backups`` beside the file NAME, with a line in the manifest there. It has
its final name only after it was read back and found equal to what was copied.
"""

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from crmtui.errors import StorageBusy, StorageCorrupt, StorageError
from crmtui.i18n import _
from crmtui.paths import make_private
from crmtui.storage import backup_manifest as manifest
from crmtui.storage.backup_manifest import BackupRecord, backups_folder, list_backups, read_manifest
from crmtui.storage.checks import foreign_key_faults, integrity_faults
from crmtui.storage.database import Database, identity, location, storage_errors
from crmtui.storage.digest import COUNTED, logical_digest, row_counts
from crmtui.storage.driver import Connection, connect
from crmtui.storage.history import verify_chain
from crmtui.storage.journal import chain_head, utc_now
from crmtui.storage.schema import APPLICATION_ID, SCHEMA_VERSION

try:
    import fcntl
except ImportError:  # no flock on this platform: two backups at the same moment are then kept apart by their names
    fcntl = None  # type: ignore[assignment]

__all__ = ["BackupRecord", "back_up", "backups_folder", "list_backups", "restore"]

Progress = Callable[[int, int], None]

_PAGES = 4096  # copied in one step; the progress is told after each
_STALLED_SECONDS = 30.0
_BLOCK = 1 << 20


class _Content(NamedTuple):
    """What a file holds, to compare two of them."""

    schema: int
    digest: str
    chain: int
    head: str


def back_up(
    database: Database,
    *,
    reason: str = "manual",
    keep: int = 7,
    progress: Progress | None = None,
    thorough: bool = True,
) -> str:
    """Copy the file as it is at this moment, check the copy, and return its path.

    Others may read and write meanwhile. ``reason`` becomes part of the name. Afterwards only the ``keep`` newest backups stay,
    with the newest that was found without fault. ``progress`` is told pages done and pages in all. Unless ``thorough``, every
    page of the copy is read back and the rows of each table and the operations are compared, but not the content of each row
    and index: a third of the time, for what somebody waits for.

    Raises StorageError (no space, no right to write), StorageBusy (locked for too long) or StorageCorrupt (the file is damaged,
    so its copy is no backup); older backups are untouched then.
    """
    folder = backups_folder(database.path)
    at = utc_now()
    with _file_errors(folder), _alone_in(make_private(folder)):
        manifest.remove_partial(folder)
        path = manifest.free_name(folder, at, reason)
        partial = f"{path}.partial"
        try:
            content = _copy_of_live(database, partial, progress, thorough=thorough)
            faults = _check(partial, content)
            size, checksum = os.path.getsize(partial), _sha256(partial)
            _sync(partial)
            record = BackupRecord(path, at, reason, size, checksum, *content, verified=not faults)
            manifest.append(folder, record)
            os.rename(partial, path)
            _sync(folder)
        finally:
            _remove(partial)
        for old in manifest.surplus(read_manifest(folder), keep, at):
            os.unlink(old.path)
        manifest.tidy(folder)
    return path


def restore(path: str, backup: str) -> str:
    """Put a backup in the place of the customer file; returns the path under which the replaced file is kept ("" if there was none).

    ``backup`` is a path, or the name of a file in the backups folder. Nobody may have the file open, this process included.
    The backup itself stays. Raises StorageBusy when somebody has it open, StorageCorrupt when the backup is damaged, StorageError
    when it is no backup; the customer file is untouched then.
    """
    path = os.path.abspath(path)
    folder = backups_folder(path)
    source = backup if os.path.dirname(backup) or os.path.exists(backup) else os.path.join(folder, backup)
    source = os.path.abspath(source)
    if not os.path.isfile(source):
        raise StorageError(
            _("there is no such backup"), where=source, kept=_untouched(), hint=_("crmtui restore lists the backups")
        )
    if os.path.exists(path) and os.path.samefile(source, path):
        raise StorageError(_("this is the customer file itself, not a backup"), where=source, kept=_untouched())
    fresh = f"{path}.restored-{os.getpid()}"
    with _file_errors(path):
        try:
            _fetch(source, fresh)
            _sync(fresh)
            with _nobody_else(path):
                return _swap(path, fresh)
        finally:
            _remove(fresh)


def _copy_of_live(database: Database, target: str, progress: Progress | None, *, thorough: bool) -> _Content:
    """Copy one moment of the live file; returns what it held then."""
    mode = "ro&immutable=1" if database.immutable else "ro"
    with storage_errors(database.path), contextlib.closing(connect(location(database.path, mode))) as source:
        # A read transaction holds the moment: the copy and the digest are of the same one, whatever others write.
        source.execute("BEGIN")
        content = _content(source, thorough=thorough)
        _copy(source, target, progress)
        source.execute("COMMIT")
    return content


def _copy(source: Connection, target: str, progress: Progress | None) -> None:
    pages, page_size = (source.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    free = shutil.disk_usage(os.path.dirname(target)).free
    if pages * page_size > free:
        raise StorageError(
            _("there is not enough space: {needed} MB are needed, {free} MB are free").format(
                needed=-(-pages * page_size // 1_000_000), free=free // 1_000_000
            ),
            where=os.path.dirname(target),
            kept=_("Nothing was changed."),
            hint=_("Free some space"),
        )
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    last_change = [time.monotonic(), -1.0]

    def watch(_status: int, remaining: int, total: int) -> None:
        if remaining != last_change[1]:
            last_change[:] = [time.monotonic(), remaining]
        elif time.monotonic() - last_change[0] > _STALLED_SECONDS:
            raise StorageBusy(
                _("another program keeps the file locked"), kept=_untouched(), hint=_("Try again in a moment")
            )
        if progress:
            progress(total - remaining, total)

    with contextlib.closing(connect(location(target, "rw"))) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF"):  # a copy that dies is thrown away
            connection.execute(f"PRAGMA {pragma}")
        source.backup(connection, pages=_PAGES, progress=watch, sleep=0.05)
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, complete without a -wal beside it


def _content(connection: Connection, *, thorough: bool) -> _Content:
    schema, _application = identity(connection)
    chain, head = chain_head(connection) if schema == SCHEMA_VERSION else (0, "")
    return _Content(schema, logical_digest(connection) if thorough else row_counts(connection), chain, head)


def _is_thorough(digest: str) -> bool:
    """Whether a manifest's digest is one of all content, not only of how many rows there are."""
    return not digest.startswith(COUNTED)


def _check(copy: str, expected: _Content) -> list[str]:
    """Read a copy back. Raises StorageCorrupt when it is unsound or not equal; returns faults that the original has as well."""
    with storage_errors(copy), contextlib.closing(connect(location(copy, "ro&immutable=1"))) as connection:
        thorough = _is_thorough(expected.digest)
        faults = integrity_faults(connection, thorough=thorough)
        if faults:
            raise StorageCorrupt(
                _("the file is damaged: {reason}").format(reason=faults[0]),
                where=copy.removesuffix(".partial"),
                kept=_("Older backups are untouched."),
                hint=_("crmtui verify tells what is wrong; crmtui restore brings the last good backup back"),
            )
        if _content(connection, thorough=thorough) != expected:
            raise StorageCorrupt(
                _("the copy is not equal to the original"),
                where=copy.removesuffix(".partial"),
                kept=_("Older backups are untouched."),
                hint=_("Try again; if it happens again, the disk may be failing"),
            )
        chain_faults = verify_chain(connection) if expected.schema == SCHEMA_VERSION else []
        return foreign_key_faults(connection) + chain_faults


def _fetch(source: str, fresh: str) -> None:
    """Copy a backup to ``fresh`` and check it against its line in the manifest, or only for soundness when it has none."""
    known = next((record for record in read_manifest(os.path.dirname(source)) if record.path == source), None)
    if known and _sha256(source) != known.sha256:
        raise StorageCorrupt(
            _("the backup was damaged or changed after it was made"),
            where=source,
            kept=_untouched(),
            hint=_("Take another one: crmtui restore lists them"),
        )
    mode = "ro" if os.path.exists(f"{source}-wal") else "ro&immutable=1"
    with storage_errors(source), contextlib.closing(connect(location(source, mode))) as connection:
        schema, application = identity(connection)
        if application != APPLICATION_ID:
            raise StorageError(_("this is not a backup of a customer file"), where=source, kept=_untouched())
        if schema > SCHEMA_VERSION:
            raise StorageError(
                _("this backup was made by a newer crmtui (schema {found}, this one knows {known})").format(
                    found=schema, known=SCHEMA_VERSION
                ),
                where=source,
                kept=_untouched(),
                hint=_("Install the newer version to open it"),
            )
        connection.execute("BEGIN")
        content = _content(connection, thorough=known is None or _is_thorough(known.digest))
        _copy(connection, fresh, None)
    if known and content != _Content(known.schema, known.digest, known.chain, known.head):
        raise StorageCorrupt(_("the backup does not hold what its record says"), where=source, kept=_untouched())
    _check(fresh, content)


@contextlib.contextmanager
def _nobody_else(path: str) -> Iterator[None]:
    """Keep everybody out of the customer file; a file too damaged to be locked is taken as it is."""
    if not os.path.exists(path):
        yield
        return
    connection = connect(location(path, "rw"), timeout=1.0)
    try:
        try:
            # Leaving WAL needs every other connection to be gone, and folds the -wal into the file that is kept.
            with storage_errors(path):
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("BEGIN EXCLUSIVE")
        except StorageBusy as error:
            raise StorageBusy(
                _("another program has the file open"),
                where=path,
                kept=_untouched(),
                hint=_("Close every crmtui that works on it, then try again"),
            ) from error
        except StorageError:
            connection.close()
        yield
    finally:
        connection.close()


def _swap(path: str, fresh: str) -> str:
    if not os.path.exists(path):
        os.rename(fresh, path)
        _sync(os.path.dirname(path))
        return ""
    kept = f"{path}.replaced-{utc_now().replace('-', '').replace(':', '')}"
    number = 1
    while os.path.exists(kept):
        number += 1
        kept = f"{kept.split('+')[0]}+{number}"
    for ending in ("-wal", "-journal"):  # only beside a file that could not be locked; it must not meet the new one
        if os.path.exists(path + ending):
            os.rename(path + ending, kept + ending)
    _remove(f"{path}-shm")
    try:
        os.link(path, kept)  # the name is never without a file, also when the power goes now
    except OSError:
        os.rename(path, kept)
    os.rename(fresh, path)
    _sync(os.path.dirname(path))
    return kept


@contextlib.contextmanager
def _alone_in(folder: str) -> Iterator[None]:
    """Let one backup at a time work in a folder."""
    descriptor = os.open(os.path.join(folder, "lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        deadline = time.monotonic() + _STALLED_SECONDS
        while fcntl is not None:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    raise StorageBusy(
                        _("another backup is being made"), where=folder, hint=_("Try again in a moment")
                    ) from error
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _file_errors(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            _("the backup cannot be written: {reason}").format(reason=error.strerror or error),
            where=error.filename or path,
            kept=_untouched(),
            hint=_("Check the free space and the permissions of the folder"),
        ) from error


def _untouched() -> str:
    return _("The customer file was not touched.")


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _sync(path: str) -> None:
    if os.name == "nt" and os.path.isdir(path):
        return  # Windows cannot open a folder; it writes names through
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: str) -> None:
    for leftover in (path, f"{path}-journal", f"{path}-wal", f"{path}-shm"):
        if os.path.exists(leftover):
            os.unlink(leftover)
