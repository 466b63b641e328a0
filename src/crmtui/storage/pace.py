"""How much of a long operation goes into one box, so that other sessions never wait long."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from crmtui.storage.driver import Connection
from crmtui.storage.long_operation import LongOperation

BOX_SECONDS = 0.05

_FEWEST, _MOST = 50, 100_000
_CHECKPOINT_PAGES = 2000  # half of what makes the saves of other sessions copy pages


class Pace:
    """Finds the number of things (``size``, ``most`` of them) that fit into a box of about ``BOX_SECONDS``."""

    def __init__(self, size: int, most: int = _MOST) -> None:
        self.size = size
        self._most = most

    @contextmanager
    def box(self, long: LongOperation, count: int) -> Iterator[Connection]:
        """A box of ``long`` in which ``count`` things are written; the size of the next one follows from the time it takes."""
        with unhurried(long.database.writer), long.box() as connection:
            started = time.monotonic()  # from here on others wait
            yield connection
        spent = max(time.monotonic() - started, 0.0001)
        fitting = int(count * BOX_SECONDS / spent)
        self.size = max(_FEWEST, min(self._most, 2 * self.size, fitting))


@contextmanager
def unhurried(connection: Connection) -> Iterator[None]:
    """Settings for the boxes of a mass insert, around the transaction.

    Each row's parent is in the same operation, so nothing is looked up for foreign keys. A box that a power cut takes back
    belongs to an operation that is not done, which is taken back at the next start anyway: no sync for each. Many boxes
    change the same pages, so they are copied into the file seldom; yet before the other sessions do it as they save.
    """
    before = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("foreign_keys", "synchronous", "wal_autocheckpoint")
    }
    try:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        yield
    finally:
        for name, value in before.items():
            connection.execute(f"PRAGMA {name} = {value}")
