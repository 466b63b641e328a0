"""Who else is in, and whether somebody has changed something: what the app asks while it is open.

The app calls ``enter`` when it opens a file and ``close`` on what it gets when it leaves; ``ChangeWatch.changed`` twice a second
(4 µs), ``others_here`` every three seconds (30 µs and 20 more for each session): below 0.01 % of a processor together.
"""

from crmtui.domain.due import utc_text
from crmtui.services.workspace import Workspace
from crmtui.storage.database import data_version
from crmtui.storage.driver import Connection
from crmtui.storage.sessions import Presence, Session, read_sessions

__all__ = ["ChangeWatch", "Presence", "Session", "enter", "others_here"]


def enter(workspace: Workspace) -> Presence:
    """Be seen by the others as the person of ``workspace``, until ``close`` is called on the result or the process ends."""
    from datetime import UTC, datetime

    return Presence(workspace.database.path, workspace.actor, utc_text(datetime.now(UTC)))


def others_here(path: str, own: Presence | None = None) -> list[Session]:
    """The other open sessions on the customer file at ``path``, the longest first. Sessions that were killed are not among them."""
    return read_sessions(path, own)


class ChangeWatch:
    """Tells whether another connection has committed to the file since it was asked last.

    ``connection`` is a reader that only this watch asks, on one thread; ``PRAGMA data_version`` reads one number of shared memory.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen = data_version(connection)

    def changed(self) -> bool:
        """Whether something was committed since the last call (the first time: since this was made)."""
        version = data_version(self._connection)
        changed = version != self._seen
        self._seen = version
        return changed
