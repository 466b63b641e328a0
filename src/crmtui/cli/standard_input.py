"""What comes from stdin as a file: formats are read twice, so it is put into a private one for the time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from crmtui.cli.session import Session
from crmtui.errors import CrmError
from crmtui.i18n import _

_BLOCK = 1 << 20
_PREFIX = ".crmtui-stdin-"


@contextmanager
def spooled(session: Session) -> Iterator[str]:
    """The path of a file with everything that came from stdin; only its owner may read it, and it is removed afterwards.

    It lies beside the customer file, where there is room for customers, else in the folder for temporary files. A process
    that was killed leaves it; the next one takes it away. Raises CrmError when there is no room for it.
    """
    import fcntl
    import shutil
    import tempfile

    if sys.stdin.isatty():
        session.say(_("reading from the terminal; Ctrl+D ends it"))
    place = os.path.dirname(os.path.abspath(session.path))
    if not os.access(place, os.W_OK | os.X_OK):
        place = tempfile.gettempdir()
    _remove_left_behind(place)
    folder = tempfile.mkdtemp(prefix=_PREFIX, dir=place)
    held = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        spool = os.path.join(folder, "stdin")
        try:
            with open(os.open(spool, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
                shutil.copyfileobj(sys.stdin.buffer, stream, _BLOCK)
        except OSError as error:
            raise CrmError(
                _("what comes from stdin cannot be kept for reading: {reason}").format(
                    reason=error.strerror or str(error)
                ),
                where=place,
                kept=_("Nothing was changed."),
                hint=_("Check the free space there, or import a file."),
            ) from error
        yield spool
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _remove_left_behind(place: str) -> None:
    """Remove what processes that were killed have left: nobody holds its lock any more."""
    import fcntl
    import shutil

    try:
        left = [entry.path for entry in os.scandir(place) if entry.name.startswith(_PREFIX)]
    except OSError:
        return
    for folder in left:
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue  # somebody is reading from it
        else:
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)
