"""``verify``: is everything in the customer file as it must be, and how it is told."""

from collections.abc import Callable
from typing import NamedTuple

from crmtui.errors import StorageCorrupt
from crmtui.i18n import N_, _, ngettext
from crmtui.services.workspace import Workspace
from crmtui.storage.checks import customer_sample, foreign_key_faults, integrity_faults
from crmtui.storage.database import storage_errors
from crmtui.storage.derived import compute
from crmtui.storage.driver import Connection
from crmtui.storage.history import verify_chain
from crmtui.storage.long_operation import is_alive, unfinished
from crmtui.storage.search_index import left_over_in_index, missing_from_index, queue_length, stale_in_index

SAMPLE = 200
_SHOWN = 5

CHECK_LABELS = {
    "integrity": N_("the file is sound"),
    "foreign_keys": N_("every record belongs to one that exists"),
    "search_index": N_("the search index knows every customer"),
    "search_sample": N_("customers are found by everything that is written of them"),
    "derived": N_("names, phones and dates in lists are those of the records"),
    "chain": N_("no operation was altered or removed"),
    "unfinished": N_("no operation was left half done"),
}
"""What each check of ``verify`` says when it is passed, by its key."""


class Finding(NamedTuple):
    """The result of one check: its key (see ``CHECK_LABELS``), whether it was passed, and details in the current language."""

    check: str
    ok: bool
    detail: str


def verify(workspace: Workspace, *, sample: int = SAMPLE) -> list[Finding]:
    """Run every check; ``sample`` customers are chosen at random for those that compare value by value.

    Nothing is changed. All checks see the same moment, whatever other sessions write meanwhile.
    """
    database = workspace.database
    with database.moment() as connection:
        try:
            with storage_errors(database.path):
                ids = customer_sample(connection, sample)
        except StorageCorrupt:
            ids = []  # the check of integrity says why
        checks: dict[str, Callable[[], tuple[list[str], str]]] = {
            "integrity": lambda: (integrity_faults(connection), ""),
            "foreign_keys": lambda: (foreign_key_faults(connection), ""),
            "search_index": lambda: _index(connection),
            "search_sample": lambda: (_named(stale_in_index(connection, ids)), _compared(ids)),
            "derived": lambda: (_wrong_columns(connection, ids), _compared(ids)),
            "chain": lambda: (verify_chain(connection), ""),
            "unfinished": lambda: _unfinished(workspace, connection),
        }
        return [_run(database.path, name, check) for name, check in checks.items()]


def _run(path: str, check: str, run: Callable[[], tuple[list[str], str]]) -> Finding:
    """The result of a check; damage that stops it is its result."""
    try:
        with storage_errors(path):
            return _finding(check, *run())
    except StorageCorrupt as error:
        return Finding(check, False, error.message)


def _finding(check: str, faults: list[str], remark: str) -> Finding:
    if not faults:
        return Finding(check, True, remark)
    shown = "; ".join(faults[:_SHOWN])
    rest = len(faults) - _SHOWN
    if rest > 0:
        shown += "; " + ngettext("{count} more", "{count} more", rest).format(count=rest)
    return Finding(check, False, shown)


def _index(connection: Connection) -> tuple[list[str], str]:
    faults = [_("customer {id} is missing").format(id=customer) for customer in missing_from_index(connection)]
    faults += [_("customer {id} does not exist any more").format(id=entry) for entry in left_over_in_index(connection)]
    waiting = queue_length(connection)
    remark = ngettext("{count} customer waits for it", "{count} customers wait for it", waiting).format(count=waiting)
    return faults, remark if waiting else ""


def _wrong_columns(connection: Connection, ids: list[int]) -> list[str]:
    return _named([entry.customer_id for entry in compute(connection, ids) if entry.fresh != entry.stored])


def _named(customers: list[int]) -> list[str]:
    return [_("customer {id}").format(id=customer) for customer in customers]


def _compared(ids: list[int]) -> str:
    return ngettext("{count} customer compared", "{count} customers compared", len(ids)).format(count=len(ids))


def _unfinished(workspace: Workspace, connection: Connection) -> tuple[list[str], str]:
    entries = unfinished(connection)
    dead = [entry for entry in entries if not is_alive(workspace.database, entry[0])]
    running = len(entries) - len(dead)
    remark = ngettext("{count} is running now", "{count} are running now", running).format(count=running)
    faults = [_("operation {id} ({kind})").format(id=operation, kind=kind) for operation, kind, _state in dead]
    return faults, remark if running else ""
