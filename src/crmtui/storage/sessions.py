"""Who has a customer file open in the app: a locked file beside it for each session, as SQLite's own files lie there.

The lock goes with its process, however that ends; who finds a file without its lock removes it. Nothing is written to the
database. Locks are those of one machine, which is right: machines do not share a SQLite file.
"""

import json
import os
import time
from contextlib import suppress

from crmtui.light_typing import NamedTuple

try:
    import fcntl
except ImportError:  # no flock on this platform: nobody is seen there
    fcntl = None  # type: ignore[assignment]

_LONGEST = 4096
_FILLED = 512
"""Bytes that what a session says is filled up to with blanks: one write takes the place of the one before, with no end left over."""
_MAKING_SECONDS = 60  # an empty file is being made just now, or its process died over it


class Session(NamedTuple):
    """An open session: whose (a login name), the process, since when (UTC text); the customer on its screen, and whether in a form."""

    user: str
    pid: int
    since: str
    customer: int | None = None
    editing: bool = False


class Presence:
    """This process as others see it, until ``close``; nothing is told where the folder cannot be written."""

    def __init__(self, path: str, user: str, since: str) -> None:
        self._path = f"{os.path.abspath(path)}.session-{os.getpid()}-{os.urandom(3).hex()}"
        self._lock = -1
        self._said: dict[str, object] = {"user": user, "pid": os.getpid(), "since": since}
        self._shown: tuple[int | None, bool] = (None, False)
        if fcntl is None:
            return
        try:
            rights = os.stat(path).st_mode & 0o666  # who may read the customer file may know who is in
            self._lock = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, rights)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            self._say({})
        except OSError:
            self.close()

    def show(self, customer: int | None, *, editing: bool = False) -> None:
        """Let the others know which customer is on the screen (None: none), and whether it is being edited."""
        if self._lock < 0 or (customer, editing) == self._shown:
            return
        self._shown = (customer, editing)
        with suppress(OSError):  # a full disk: the others know less
            self._say({"customer": customer, "editing": editing} if customer is not None else {})

    def _say(self, more: dict[str, object]) -> None:
        os.pwrite(self._lock, json.dumps(self._said | more).encode().ljust(_FILLED), 0)

    def close(self) -> None:
        """Be gone for the others."""
        if self._lock < 0:
            return
        with suppress(OSError):
            os.unlink(self._path)
        os.close(self._lock)
        self._lock = -1

    def owns(self, path: str) -> bool:
        """Whether a session file is this one."""
        return self._lock >= 0 and path == self._path


def read_sessions(path: str, own: Presence | None = None) -> list[Session]:
    """The living sessions on the customer file at ``path`` but ``own``, the longest first; files of dead ones are removed."""
    folder, name = os.path.split(os.path.abspath(path))
    prefix = f"{name}.session-"
    try:
        names = [entry for entry in os.listdir(folder) if entry.startswith(prefix)]
    except OSError:
        return []
    found = []
    for entry in names:
        full = os.path.join(folder, entry)
        if own is None or not own.owns(full):
            session = _read(full)
            if session is not None:
                found.append(session)
    return sorted(found, key=lambda session: (session.since, session.pid))


def _read(full: str) -> Session | None:
    """The session of a file that is locked; a file that nobody locks is removed."""
    if fcntl is None:
        return None
    try:
        descriptor = os.open(full, os.O_RDONLY)
    except OSError:
        return None  # gone in this moment, or not for us to read
    try:
        if _is_locked(descriptor):
            document = json.loads(os.read(descriptor, _LONGEST) or b"{}")
            customer = document.get("customer")
            return Session(
                str(document["user"]),
                int(document["pid"]),
                str(document["since"]),
                customer if isinstance(customer, int) else None,
                document.get("editing") is True,
            )
        made = os.fstat(descriptor)
        if made.st_size or time.time() - made.st_mtime > _MAKING_SECONDS:
            os.unlink(full)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    finally:
        os.close(descriptor)
    return None


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two that ask do not take each other for alive
    except OSError:
        return True
    return False
