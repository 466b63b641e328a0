"""Modes ``update``, ``upsert`` and ``fill``: rows meet customers that exist. The rehearsal decides by the same code as the run."""

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Protocol

from crmtui.domain.batch import BatchBuilder, make
from crmtui.domain.intake import Intake, complete
from crmtui.formats.guard import run_guarded
from crmtui.services.importing.meeting import Change, Keys, apply_change, change_of, changed, keys_of, stored_of
from crmtui.services.importing.outcome import Outcome, estimate_rows
from crmtui.services.importing.plan import ImportPlan
from crmtui.services.importing.reading import Ending, Rejected, read_intakes
from crmtui.services.workspace import Workspace
from crmtui.storage.bulk import BulkWriter
from crmtui.storage.company_links import link_companies
from crmtui.storage.driver import Connection
from crmtui.storage.imports import Stored, match_customers, read_stored
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.pace import BOX_SECONDS


class Customers(Protocol):
    """The customers as a run leaves them so far, for the next row to meet."""

    def meet(self, keys: Keys) -> set[int]:
        """The customers that have one of the keys."""

    def read(self, customer: int) -> Stored | None:
        """What one of them holds."""

    def create(self, intake: Intake, keys: Keys) -> None:
        """Add a customer."""

    def update(self, customer: int, stored: Stored, change: Change, keys: Keys) -> None:
        """Change a customer."""


def rehearse_matching(workspace: Workspace, plan: ImportPlan, outcome: Outcome) -> None:
    """Decide about every row, and remember instead of writing."""
    connection = workspace.database.reader()
    try:
        _decide_all(plan, outcome, Imagined(connection))
    finally:
        connection.execute("COMMIT")


def run_matching(plan: ImportPlan, outcome: Outcome, long: LongOperation) -> None:
    """Decide about every row, and write. The operation is left for the caller to finish."""
    customers = Written(long)
    _decide_all(plan, outcome, customers)
    customers.flush()
    link_companies(long)


class Imagined:
    """A rehearsal: what rows would change is kept in memory, over a view of the database that does not move."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._connection.execute("BEGIN")
        self._stored: dict[int, Stored] = {}
        self._holders: dict[object, int] = {}
        self._created = 0

    def meet(self, keys: Keys) -> set[int]:
        found = match_customers(self._connection, *keys)
        return found | {self._holders[key] for key in keys.all() if key in self._holders}

    def read(self, customer: int) -> Stored | None:
        return self._stored.get(customer) or read_stored(self._connection, customer)

    def create(self, intake: Intake, keys: Keys) -> None:
        self._created += 1
        self._remember(-self._created, stored_of(intake), keys)

    def update(self, customer: int, stored: Stored, change: Change, keys: Keys) -> None:
        self._remember(customer, changed(stored, change), keys)

    def _remember(self, customer: int, stored: Stored, keys: Keys) -> None:
        self._stored[customer] = stored
        for key in keys.all():
            self._holders.setdefault(key, customer)


class Written:
    """A run: changes wait until a row meets one of the customers concerned, or there are enough for some boxes."""

    def __init__(self, long: LongOperation) -> None:
        self._long = long
        self._connection = long.database.writer
        self._writer = BulkWriter(long)
        self._builder = BatchBuilder()
        self._updates: dict[int, tuple[Stored, Change]] = {}
        self._waiting_keys: set[object] = set()

    def meet(self, keys: Keys) -> set[int]:
        if not self._waiting_keys.isdisjoint(keys.all()):
            self.flush()
        return match_customers(self._connection, *keys)

    def read(self, customer: int) -> Stored | None:
        if customer in self._updates:
            self.flush()
        return read_stored(self._connection, customer)

    def create(self, intake: Intake, keys: Keys) -> None:
        self._builder.put(make(intake, self._long.act.at))
        self._waiting_keys |= keys.all()
        if len(self._builder) >= 1000:
            self.flush()

    def update(self, customer: int, stored: Stored, change: Change, keys: Keys) -> None:
        self._updates[customer] = (stored, change)
        self._waiting_keys |= keys.all()
        if len(self._updates) >= 1000:
            self.flush()

    def flush(self) -> None:
        """Write what waits, in boxes."""
        waiting = list(self._updates.items())
        while waiting:
            with self._long.box():
                until = time.monotonic() + BOX_SECONDS / 2  # the other half goes to the search index
                while waiting and time.monotonic() < until:
                    customer, (stored, change) = waiting.pop(0)
                    apply_change(self._long.act, customer, stored, change)
        if len(self._builder):
            self._writer.add(self._builder.take())
            self._writer.flush()
        self._updates.clear()
        self._waiting_keys.clear()


def _decide_all(plan: ImportPlan, outcome: Outcome, customers: Customers) -> None:
    counts = outcome.counts
    with closing(run_guarded(read_intakes, plan)) as portions:
        for portion in portions:
            if isinstance(portion, Ending):
                outcome.end(portion)
                continue
            for line, cells, intake in portion.rows:
                _decide(plan, outcome, customers, line, cells, intake)
            counts.rows += len(portion.rows) + len(portion.rejected)
            outcome.reject(portion.rejected)
            outcome.tell("read", counts.rows, estimate_rows(counts.rows, portion.position, plan.size))


def _decide(
    plan: ImportPlan, outcome: Outcome, customers: Customers, line: int, cells: Sequence[str], intake: Intake
) -> None:
    """What becomes of one row."""
    counts, mode = outcome.counts, plan.options.mode
    rejecting = next((issue.code for issue in intake.issues if issue.rejects), None)
    if rejecting:
        outcome.reject([Rejected(line, cells, rejecting)])
        return
    keys = keys_of(intake, plan.options.match)
    found = customers.meet(keys)
    if len(found) > 1:
        outcome.skip(line, cells, "ambiguous")
        return
    stored = customers.read(next(iter(found))) if found else None
    if stored is None:
        if mode != "upsert":
            outcome.skip(line, cells, "not_found")
            return
        complete(intake)
        if any(issue.rejects for issue in intake.issues):
            outcome.reject([Rejected(line, cells, "empty")])
            return
        customers.create(intake, keys)
        counts.created += 1
    else:
        change = change_of(stored, intake, mode)
        if change.contact_kept:
            outcome.log.add_row(line, "contact_kept")
        if change.empty:
            counts.unchanged += 1
        else:
            customers.update(next(iter(found)), stored, change, keys)
            counts.updated += 1
    for issue in intake.issues:
        outcome.log.add(line, issue)
