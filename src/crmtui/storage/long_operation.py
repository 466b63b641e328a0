"""Operations that commit in boxes, so that other sessions can save meanwhile; and what happens when one dies half way.

A long operation is marked ``running`` in its first box and ``done`` in its last. Its process holds a file lock beside the
database as long as it lives. Whoever opens the file and finds a running operation whose lock is free finishes the matter
before anything else is shown: an import is taken back, an undo or redo is carried to its end. There is no third state.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from crmtui.storage.database import Database, begin, storage_errors
from crmtui.storage.driver import Connection

try:
    import fcntl
except ImportError:  # no flock on this platform: a running operation is then taken for dead after its process is gone
    fcntl = None  # type: ignore[assignment]

_REST_SECONDS = 0.003  # between boxes, so that those who wait get their turn

REVERSALS = ("undo", "redo")


class LongOperation:
    """An operation over many transactions. Use as a context manager; an exception leaves the state to ``take_back``."""

    def __init__(
        self,
        database: Database,
        kind: str,
        *,
        subject: str,
        actor: str,
        at: str | None = None,
        target: int | None = None,
    ) -> None:
        self.database = database
        # Whoever opens the file asks here whether something is unfinished; only what writes pays for the journal.
        from crmtui.storage.journal import Operation, utc_now

        self.act = Operation(database.writer, kind, subject, actor, at or utc_now())
        self._target = target
        self._rest_until = 0.0
        self._lock = -1

    @classmethod
    def resume(cls, database: Database, operation_id: int) -> "LongOperation | None":
        """Take over a running operation of a dead process; None when another process has finished the matter meanwhile."""
        path = _lock_path(database, operation_id)
        lock = _acquire(path)  # waits for another process that recovers it already
        row = database.writer.execute(
            "SELECT kind, subject, actor, at, target_id, count, detail FROM operations WHERE id = ? AND state <> 'done'",
            (operation_id,),
        ).fetchone()
        if row is None:
            _release(path, lock)
            return None
        long = cls(database, row[0], subject=row[1] or "", actor=row[2], at=row[3], target=row[4])
        long.act.id = operation_id
        long.act.recall(row[5], row[6])
        for change in database.writer.execute(
            "SELECT table_name, row_id, before, after FROM changes WHERE operation_id = ? ORDER BY id", (operation_id,)
        ):
            long.act.digest_change(change)
        long._lock = lock
        return long

    def __enter__(self) -> "LongOperation":
        if not self.act.id:
            try:
                with self.box():
                    self.act.begin(target=self._target)
                    self._lock = _acquire(_lock_path(self.database, self.act.id))
                _remove_stale_locks(self.database)
            except BaseException:
                # Either there is no such operation, and the next one gets its number, or it was begun and is to be taken back:
                # nobody must wait for this lock.
                self.__exit__(None, None, None)
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock >= 0:
            _release(_lock_path(self.database, self.act.id), self._lock)
            self._lock = -1

    @contextmanager
    def box(self) -> Iterator[Connection]:
        """One short transaction of this operation; what it changed is journalled at its end."""
        connection = self.database.writer
        with storage_errors(self.database.path):
            time.sleep(max(0.0, self._rest_until - time.monotonic()))
            begin(connection, self.database.timeout)
            started = time.monotonic()
            try:
                yield connection
                self.act.settle()
                connection.execute("COMMIT")
                ended = time.monotonic()
                self._rest_until = ended + min(_REST_SECONDS, (ended - started) / 10)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self.act.changes.clear()
                raise

    def inserted(self, table: str, first: int, last: int) -> None:
        """Journal a range of mass-inserted rows; a range that follows the one before is joined to it."""
        joined = self.act.connection.execute(
            "UPDATE inserted_ranges SET last_id = ? WHERE id ="
            " (SELECT id FROM inserted_ranges WHERE operation_id = ? AND table_name = ? AND last_id = ?)",
            (last, self.act.id, table, first - 1),
        ).rowcount
        if not joined:
            self.act.connection.execute(
                "INSERT INTO inserted_ranges(operation_id, table_name, first_id, last_id) VALUES (?, ?, ?, ?)",
                (self.act.id, table, first, last),
            )

    def set_state(self, state: str) -> None:
        """Mark a stage: ``indexing`` says that every row is in and only the search index is behind.

        What the operation says of itself so far is stored with it.
        """
        self.act.connection.execute(
            "UPDATE operations SET state = ?, count = ?, detail = ? WHERE id = ?",
            (state, self.act.count, self.act.detail_json(), self.act.id),
        )

    def passed(self, stage: str) -> bool:
        """Whether a stage is behind this operation already, in this process or in the one that died."""
        import json

        row = self.act.connection.execute("SELECT detail FROM operations WHERE id = ?", (self.act.id,)).fetchone()
        return bool(row and row[0] and json.loads(row[0]).get("stage") == stage)

    def pass_stage(self, stage: str) -> None:
        """Note, in the open box, that a stage is done and must not be done again after a crash."""
        import json

        detail = json.dumps({"stage": stage})
        self.act.connection.execute("UPDATE operations SET detail = ? WHERE id = ?", (detail, self.act.id))


def unfinished(connection: Connection) -> list[tuple[int, str, str]]:
    """(id, kind, state) of the operations that are not done; most often none."""
    return list(connection.execute("SELECT id, kind, state FROM operations WHERE state <> 'done' ORDER BY id"))


def is_alive(database: Database, operation_id: int) -> bool:
    """Whether the process of a running operation still lives, by its lock."""
    path = _lock_path(database, operation_id)
    if fcntl is None or not os.path.exists(path):
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False  # it ended in this moment
    try:
        fcntl.flock(
            descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB
        )  # shared: two that ask must not take each other for alive
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _remove_stale_locks(database: Database) -> None:
    """Remove the lock files of operations that are over: a process killed just after its last commit leaves one."""
    prefix = os.path.basename(_lock_path(database, 0)).removesuffix("0")
    folder = os.path.dirname(database.path)
    running = {entry[0] for entry in unfinished(database.writer)}
    for name in os.listdir(folder):
        number = name.removeprefix(prefix)
        if name != number and number.isdecimal() and int(number) not in running and not is_alive(database, int(number)):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, name))


def _lock_path(database: Database, operation_id: int) -> str:
    return f"{database.path}.operation-{operation_id}"


def _acquire(path: str) -> int:
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        if fcntl is None:
            return descriptor
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except FileNotFoundError:
            pass  # whoever held it removed it while we waited; a lock on a nameless file keeps nobody out
        os.close(descriptor)


def _release(path: str, descriptor: int) -> None:
    if os.path.exists(path):
        os.unlink(path)
    os.close(descriptor)
