"""The opened customer file as the commands and screens use it: the database, who acts, and the settings that matter to data."""

from crmtui.storage.database import Database
from crmtui.storage.long_operation import is_alive, unfinished


class Workspace:
    """An opened customer file with the person who works on it.

    ``actor`` is written into every operation, ``region`` (ISO 3166) reads phone numbers without country code, ``currency``
    (ISO 4217) reads amounts without one.
    """

    def __init__(self, database: Database, *, actor: str, region: str = "US", currency: str = "USD") -> None:
        self.database = database
        self.actor = actor.encode("utf-8", "replace").decode()  # a login name may be bytes that are no UTF-8
        self.region = region
        self.currency = currency

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def open_workspace(
    path: str, *, actor: str, region: str = "US", currency: str = "USD", create: bool = False, readonly: bool = False
) -> Workspace:
    """Open the customer file and put right what a dead process left half done, before anything is shown.

    Raises the errors of ``Database.open``.
    """
    database = Database.open(path, create=create, readonly=readonly)
    try:
        connection = database.thread_reader()
        waiting = [entry for entry in unfinished(connection) if not is_alive(database, entry[0])]
        if waiting and not database.readonly:
            from crmtui.services.recovery import recover

            recover(database, waiting)
    except BaseException:
        database.close()
        raise
    return Workspace(database, actor=actor, region=region, currency=currency)
