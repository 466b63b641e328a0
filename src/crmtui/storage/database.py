"""One customer file: opening it with every check, its connections, and SQLite's errors in our words."""

import os
import time
from _thread import get_ident  # what threading.get_ident is, without the 1 ms that threading takes to load
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from crmtui.errors import StorageBusy, StorageCorrupt, StorageError
from crmtui.i18n import _
from crmtui.storage.driver import Connection, DatabaseError, Error, OperationalError, connect
from crmtui.storage.known_files import outdated, refuse_unknown
from crmtui.storage.schema import APPLICATION_ID, SCHEMA_VERSION

BUSY_SECONDS = 5.0
_LOOK_SECONDS = 0.001  # between two looks whether another writer is done
_ROOM = 64 * 1024  # bytes; SQLite's shared memory grows by half of that
_HEAD = 100  # bytes of the header that every SQLite file begins with
_MAGIC = b"SQLite format 3\0"
_PLAIN_SIGNS = dict.fromkeys(map(ord, "/._-"))  # beside letters and digits: what an address need not escape


class Database:
    """An opened customer file.

    It hands out connections: ``writer`` is the one connection of this object that may write; ``reader()`` makes a new
    read-only one. No connection may be used by two threads at once; ``interrupt`` on a connection is the one call another
    thread may make.
    """

    def __init__(self, path: str, *, readonly: bool, immutable: bool, timeout: float) -> None:
        self.path = path
        self.readonly = readonly
        self.immutable = immutable
        self.timeout = timeout
        self._writer: Connection | None = None
        self._readers: list[Connection] = []
        self._thread_readers: dict[int, Connection] = {}

    @classmethod
    def open(
        cls,
        path: str,
        *,
        create: bool = False,
        readonly: bool = False,
        older: bool = False,
        timeout: float = BUSY_SECONDS,
    ) -> "Database":
        """Open the customer file at ``path``; a missing one is made when ``create`` is set.

        An older schema is brought up to date; where that cannot be, for the file is read-only, it is refused, unless ``older``
        says that nobody will look at customers. Raises StorageError, StorageBusy or StorageCorrupt, each with its own message,
        and has written nothing then.
        """
        path = os.path.abspath(path)
        if os.path.isdir(path):
            raise StorageError(
                _("this is a folder, not a customer file"), where=path, hint=_("Name a file inside it: --db FILE")
            )
        if not os.path.exists(path):
            if not create or readonly:
                raise StorageError(
                    _("there is no customer file here yet"),
                    where=path,
                    hint=_("crmtui demo shows a sample; crmtui add or crmtui import FILE makes the file"),
                )
            _create(path, timeout)
        elif not os.path.isfile(path):
            raise StorageError(
                _("this is a pipe or a device, not a customer file"), where=path, hint=_("Name another: --db FILE")
            )
        elif os.path.getsize(path) == 0:
            raise StorageError(
                _("the file is empty: not a customer file"), where=path, hint=_("Remove it, or name another: --db FILE")
            )
        # In a folder where no file can be made there is no log, unless somebody who may write there has left one.
        bound = not os.access(os.path.dirname(path), os.W_OK)
        logged = bound and os.path.exists(path + "-wal") and os.path.getsize(path + "-wal") > 0
        readonly = readonly or not os.access(path, os.W_OK) or (bound and not logged)
        immutable = readonly and bound and not logged
        database = cls(path, readonly=readonly, immutable=immutable, timeout=timeout)
        try:
            database._check_schema(older=older)
        except BaseException:
            database.close()
            raise
        return database

    def _check_schema(self, *, older: bool) -> None:
        # A first look at the main file alone: a reader of a WAL file makes files beside it, also for one that it then refuses.
        try:
            with open(self.path, "rb") as file:
                head = file.read(_HEAD)
        except OSError as error:
            raise StorageError(
                _("the file cannot be opened: {reason}").format(reason=error.strerror or str(error)),
                where=self.path,
                hint=_("Check its permissions and those of its folder"),
            ) from error
        if head.startswith(_MAGIC) and len(head) == _HEAD:
            refuse_unknown(self.path, int.from_bytes(head[60:64], "big"), int.from_bytes(head[68:72], "big"))
        with storage_errors(self.path):
            version, application = identity(self.thread_reader())
        refuse_unknown(self.path, version, application)
        if version < SCHEMA_VERSION and self.readonly and not older:
            raise outdated(self.path, version)
        if version < SCHEMA_VERSION and not self.readonly:
            from crmtui.storage.backup import back_up
            from crmtui.storage.migrations import migrate

            back_up(self, reason="migration")
            with storage_errors(self.path):
                migrate(self.writer)

    @property
    def writer(self) -> Connection:
        """The connection that writes; made at first use. Raises StorageError for a read-only file."""
        if self._writer is None:
            if self.readonly:
                raise StorageError(
                    _("the file is read-only"),
                    where=self.path,
                    kept=_("Nothing was changed."),
                    hint=_("Check its permissions"),
                )
            with storage_errors(self.path):
                self._writer = connect(location(self.path, "rw"), timeout=self.timeout)
                _configure(self._writer)
        return self._writer

    def reader(self) -> Connection:
        """A new read-only connection; it is closed with this object at the latest."""
        with storage_errors(self.path):
            mode = "ro&immutable=1" if self.immutable else "ro"
            connection = connect(location(self.path, mode), timeout=self.timeout)
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA cache_size = -16384")
        self._readers.append(connection)
        return connection

    def thread_reader(self) -> Connection:
        """The read-only connection that the calling thread uses for short look-ups; made at its first use."""
        thread = get_ident()
        if thread not in self._thread_readers:
            self._thread_readers[thread] = self.reader()
        return self._thread_readers[thread]

    @contextmanager
    def moment(self) -> Iterator[Connection]:
        """A fresh read-only connection that sees one moment, whatever others write meanwhile; closed at the end.

        Fresh, because ``integrity_check`` on a connection that searched before sees its old search index and calls it damaged.
        """
        connection = self.reader()
        try:
            with storage_errors(self.path):
                connection.execute("BEGIN")
                yield connection
        finally:
            self._readers.remove(connection)
            connection.close()

    def close(self) -> None:
        """Close every connection; a query that runs on another thread is interrupted first.

        The writer goes last and is not interrupted: it copies the log into the file and removes it, and an interrupt, even of
        nothing, would make SQLite leave that out.
        """
        for connection in self._readers:
            connection.interrupt()
            connection.close()
        if self._writer is not None:
            self._writer.close()
        self._readers.clear()
        self._thread_readers.clear()
        self._writer = None

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def begin(connection: Connection, seconds: float = BUSY_SECONDS) -> None:
    """Begin a transaction that writes, waiting so long for another writer. Raises the driver's OperationalError when it does not end.

    SQLite itself would look ever more seldom, up to ten times a second, and miss the moments between the boxes of a long operation.
    """
    deadline = time.monotonic() + seconds
    before = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_LOOK_SECONDS)
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")


def is_outdated(path: str) -> bool:
    """Whether opening the file to write will bring it to a newer schema first, which can take minutes for a million customers."""
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False  # opening it says what is wrong
    ours = head.startswith(_MAGIC) and int.from_bytes(head[68:72], "big") == APPLICATION_ID
    return ours and int.from_bytes(head[60:64], "big") < SCHEMA_VERSION and os.access(path, os.W_OK)


def data_version(connection: Connection) -> int:
    """A number that changes when another connection has committed to the file."""
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


@contextmanager
def storage_errors(path: str) -> Iterator[None]:
    """Turn the driver's exceptions into ours; an interrupted query passes as it is (see ``is_interrupt``)."""
    try:
        yield
    except Error as error:
        if is_interrupt(error):
            raise
        raise translate(error, path) from error


def is_interrupt(error: BaseException) -> bool:
    """Whether ``error`` says that a query was stopped on purpose."""
    return isinstance(error, OperationalError) and str(error) == "interrupted"


def translate(error: Error, path: str) -> StorageError:
    """The error of ours that tells what ``error`` means for the user."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return StorageBusy(
            _("another program is writing to the file and did not finish in time"),
            where=path,
            kept=_("Nothing was changed."),
            hint=_("Try again in a moment"),
        )
    if "not a database" in text or "file is encrypted" in text:
        return StorageError(
            _("this is not a customer file (or it is encrypted)"), where=path, hint=_("Name another: --db FILE")
        )
    if "full" in text or ("disk I/O" in text and _is_full(path)):
        return StorageError(
            _("the disk is full"),
            where=path,
            kept=_("What was saved before is safe; this change was not kept."),
            hint=_("Free some space"),
        )
    if "disk I/O" in text:
        return StorageError(
            _("the disk refused to read or write: {reason}").format(reason=getattr(error, "sqlite_errorname", text)),
            where=path,
            kept=_("What was saved before is safe; this change was not kept."),
            hint=_("Check the disk and its free space; then crmtui verify looks at the file"),
        )
    if "malformed" in text or "corrupt" in text:
        return StorageCorrupt(
            _("the file is damaged: {reason}").format(reason=text),
            where=path,
            kept=_("Nothing was changed."),
            hint=_("crmtui restore brings the last good backup back"),
        )
    if "readonly" in text or "read-only" in text:
        return StorageError(
            _("the file is read-only"), where=path, kept=_("Nothing was changed."), hint=_("Check its permissions")
        )
    if "unable to open" in text:
        return StorageError(
            _("the file cannot be opened"), where=path, hint=_("Check its permissions and those of its folder")
        )
    if isinstance(error, DatabaseError) and "no such table" in text:
        return StorageCorrupt(
            _("the file is not complete: {reason}").format(reason=text), where=path, hint=_("crmtui restore")
        )
    return StorageError(
        _("the database refused: {reason}").format(reason=text), where=path, kept=_("Nothing was changed.")
    )


def _is_full(path: str) -> bool:
    """Whether there is no room beside the file: SQLite tells that as an I/O error when it is the file's shared memory that lacks it."""
    try:
        room = os.statvfs(os.path.dirname(path) or ".")
    except (OSError, AttributeError):
        return False
    return room.f_bavail * room.f_frsize < _ROOM


def identity(connection: Connection) -> tuple[int, int]:
    """(schema version, application id) of a file: whose it is, before any table of it is read."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    return version, application


def location(path: str, mode: str) -> str:
    """The address of a file for ``connect``; ``mode`` is ``ro`` or ``rw``, with further settings after ``&``."""
    if not (path.isascii() and path.translate(_PLAIN_SIGNS).isalnum()):
        from urllib.parse import quote  # 3 ms, which most paths need not pay

        path = quote(os.fsencode(path))  # its bytes: a name need not be UTF-8
    return f"file:{path}?mode={mode}"


def _configure(connection: Connection) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -65536",
        "temp_store = MEMORY",
        "journal_size_limit = 67108864",
        # An edit writes some 40 pages: with the usual 1,000 every twentieth would wait for all of them to be copied.
        "wal_autocheckpoint = 4000",
        "trusted_schema = OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _create(path: str, timeout: float) -> None:
    """Make a new file under another name and move it into place when it is whole, so a crash leaves no half-made one."""
    from crmtui.storage.migrations import migrate

    folder = os.path.dirname(path)
    fresh = f"{path}.new-{os.getpid()}"
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StorageError(
            _("the customer file cannot be made: {reason}").format(reason=error.strerror),
            where=path,
            hint=_("Name another place: --db FILE"),
        ) from error
    try:
        with storage_errors(path):
            connection = connect(location(fresh, "rw"), timeout=timeout)
            try:
                connection.execute("PRAGMA auto_vacuum = NONE")
                _configure(connection)
                migrate(connection)
            finally:
                connection.close()
        try:
            os.link(fresh, path)
        except FileExistsError:
            return  # another process was first: its file is as good
        except OSError:
            os.rename(fresh, path)
    finally:
        _remove_makings(path)


def _remove_makings(path: str) -> None:
    """Remove the half-made files of this process, and those of others that died while making one."""
    folder, prefix = os.path.dirname(path), f"{os.path.basename(path)}.new-"
    for name in os.listdir(folder):
        maker = name.removeprefix(prefix).partition("-")[0]
        if name.startswith(prefix) and maker.isdecimal() and (int(maker) == os.getpid() or not _is_running(int(maker))):
            with suppress(FileNotFoundError):  # the other one of two tidies up as well
                os.unlink(os.path.join(folder, name))


def _is_running(process: int) -> bool:
    if os.name == "nt":
        return True  # there, asking in this way would end the process
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
