"""Modes ``update``, ``upsert`` and ``fill``: rows meet customers that exist. The rehearsal decides by the same code as the run."""

import pickle
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Protocol

from crmtui.domain.batch import BatchBuilder, make
from crmtui.domain.intake import Intake, complete
from crmtui.formats.guard import run_guarded
from crmtui.services.importing.attaching import Attaching
from crmtui.services.importing.gathering import Joined
from crmtui.services.importing.meeting import (
    Change,
    Keys,
    apply_change,
    change_of,
    changed,
    differences,
    is_scanned,
    keys_of,
    scanned_keys,
    stored_keys,
    stored_of,
)
from crmtui.services.importing.outcome import Outcome, estimate_rows
from crmtui.services.importing.plan import Decision, ImportPlan
from crmtui.services.importing.reading import Ending, read_intakes
from crmtui.services.importing.review import Known, RowResult
from crmtui.services.importing.row_blocks import Rejected
from crmtui.services.workspace import Workspace
from crmtui.storage.bulk import BulkWriter
from crmtui.storage.company_links import link_companies
from crmtui.storage.driver import Connection
from crmtui.storage.imports import Scanned, Stored, known_customers, match_customers, read_stored
from crmtui.storage.journal import utc_now
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

    def flush(self) -> None:
        """Write what waits."""


class Finder:
    """Finds the customers of the database that have one of the keys of a row."""

    def __init__(self, connection: Connection, match: Sequence[str]) -> None:
        self._connection = connection
        self.scanned = (
            Scanned(connection, lambda kind, name, company, custom: scanned_keys(match, kind, name, company, custom))
            if is_scanned(match)
            else None
        )

    def find(self, keys: Keys) -> set[int]:
        """Their ids."""
        found = match_customers(self._connection, keys.points, keys.external)
        return found | self.scanned.find(keys.scanned) if self.scanned is not None and keys.scanned else found


def rehearse_matching(workspace: Workspace, plan: ImportPlan, outcome: Outcome) -> None:
    """Decide about every row, and remember instead of writing."""
    connection = workspace.database.reader()
    try:
        attaching = Attaching(plan, outcome, connection, utc_now(), None) if plan.attaches else None
        _decide_all(plan, outcome, Imagined(connection, plan.options.match, attaching), connection, attaching)
    finally:
        connection.execute("COMMIT")


def run_matching(plan: ImportPlan, outcome: Outcome, long: LongOperation) -> None:
    """Decide about every row, and write. The operation is left for the caller to finish."""
    connection = long.database.writer
    attaching = Attaching(plan, outcome, connection, long.act.at, long) if plan.attaches else None
    customers = Written(long, plan.options.match, attaching)
    _decide_all(plan, outcome, customers, connection, attaching)
    customers.flush()
    link_companies(long)


class Imagined:
    """A rehearsal: what rows would change is kept in memory, over a view of the database that does not move.

    Customers are kept packed and keys as hashes: a file may change a million of them. Who is found by a hash is looked at again.
    """

    def __init__(self, connection: Connection, match: Sequence[str], attaching: Attaching | None) -> None:
        self._connection = connection
        self._match = match
        self._attaching = attaching
        if attaching is not None:
            attaching.customers = self
        self._connection.execute("BEGIN")
        self._finder = Finder(connection, match)
        self._stored: dict[int, bytes] = {}
        self._holders: dict[int, int | tuple[int, ...]] = {}
        self._created = 0

    def meet(self, keys: Keys) -> set[int]:
        found = self._finder.find(keys)
        every = keys.all()
        for key in every:
            holders = self._holders.get(hash(key), ())
            found.update((holders,) if isinstance(holders, int) else holders)
        # What an earlier row took away from a customer, the customer does not have any more.
        return {
            each
            for each in found
            if (stored := self._changed(each)) is None or not every.isdisjoint(stored_keys(stored, self._match))
        }

    def _changed(self, customer: int) -> Stored | None:
        packed = self._stored.get(customer)
        return None if packed is None else Stored(*pickle.loads(packed))

    def read(self, customer: int) -> Stored | None:
        return self._changed(customer) or read_stored(self._connection, customer)

    def create(self, intake: Intake, keys: Keys) -> None:
        self._created += 1
        self._remember(-self._created, stored_of(intake))
        if self._attaching is not None:
            self._attaching.wait(-self._created, intake)

    def flush(self) -> None:
        """Nothing waits in a rehearsal."""

    def update(self, customer: int, stored: Stored, change: Change, keys: Keys) -> None:
        self._remember(customer, changed(stored, change))

    def _remember(self, customer: int, stored: Stored) -> None:
        self._stored[customer] = pickle.dumps(tuple(stored), pickle.HIGHEST_PROTOCOL)
        for key in map(hash, stored_keys(stored, self._match)):
            holders = self._holders.setdefault(key, customer)
            if isinstance(holders, int):
                holders = (holders,)
            if customer not in holders:
                self._holders[key] = (*holders, customer)


class Written:
    """A run: changes wait until a row meets one of the customers concerned, or there are enough for some boxes."""

    def __init__(self, long: LongOperation, match: Sequence[str], attaching: Attaching | None) -> None:
        self._long = long
        self._match = match
        self._attaching = attaching
        if attaching is not None:
            attaching.customers = self
        self._connection = long.database.writer
        self._finder = Finder(self._connection, match)
        self._writer = BulkWriter(long)
        self._builder = BatchBuilder()
        self._updates: dict[int, tuple[Stored, Change]] = {}
        self._waiting_keys: set[object] = set()

    def meet(self, keys: Keys) -> set[int]:
        if not self._waiting_keys.isdisjoint(keys.all()):
            self.flush()
        found = self._finder.find(keys)
        if not found.isdisjoint(self._updates):  # what waits may take the key away from the customer
            self.flush()
            found = self._finder.find(keys)
        return found

    def read(self, customer: int) -> Stored | None:
        if customer in self._updates:
            self.flush()
        return read_stored(self._connection, customer)

    def create(self, intake: Intake, keys: Keys) -> None:
        number = self._builder.put(make(intake, self._long.act.at))
        self._waiting_keys |= stored_keys(stored_of(intake), self._match)
        if self._attaching is not None:
            self._attaching.wait(number, intake)
        if len(self._builder) >= 1000:
            self.flush()

    def update(self, customer: int, stored: Stored, change: Change, keys: Keys) -> None:
        self._updates[customer] = (stored, change)
        self._waiting_keys |= stored_keys(changed(stored, change), self._match)
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
            if self._attaching is not None:
                self._attaching.settle(self._writer.bases[-1])
        if self._attaching is not None:
            self._attaching.flush()
        if self._finder.scanned is not None:
            for customer in self._updates:
                self._finder.scanned.note(customer)
        self._updates.clear()
        self._waiting_keys.clear()


def _decide_all(
    plan: ImportPlan, outcome: Outcome, customers: Customers, connection: Connection, attaching: Attaching | None
) -> None:
    counts = outcome.counts
    judge = _Judge(plan, outcome, customers, connection, attaching)
    with closing(run_guarded(read_intakes, plan)) as portions:
        for portion in portions:
            if isinstance(portion, Ending):
                outcome.end(portion)
                continue
            for line, cells, intake in portion.rows:
                refused = counts.rejected + counts.skipped
                judge.decide(line, cells, intake)
                if line in portion.joined:
                    judge.follow(portion.joined[line], refused=counts.rejected + counts.skipped > refused)
            counts.rows += len(portion.rows) + len(portion.rejected) + sum(map(len, portion.joined.values()))
            outcome.reject(portion.rejected)
            outcome.tell("read", counts.rows, estimate_rows(counts.rows, portion.position, plan.size))


def _is_other_kind(stored: Stored, intake: Intake, keys: Keys) -> bool:
    """Whether a row that is said to be a company met a person, or the other way, by a phone or address that both may have."""
    kind = intake.columns.get("kind")
    return kind is not None and kind != stored.columns.get("kind") and keys.external.isdisjoint(stored.external)


class _Judge:
    """Decides what becomes of each row."""

    def __init__(
        self,
        plan: ImportPlan,
        outcome: Outcome,
        customers: Customers,
        connection: Connection,
        attaching: Attaching | None,
    ) -> None:
        self._options = plan.options
        self._attaching = attaching
        self._decisions: dict[int, Decision] = dict(plan.decisions)
        self._outcome = outcome
        self._customers = customers
        self._connection = connection

    def decide(self, line: int, cells: Sequence[str], intake: Intake) -> None:
        """What becomes of one row."""
        outcome = self._outcome
        if self._is_refused(line, cells, intake):
            return
        keys = keys_of(intake, self._options.match)
        decision = self._decisions.get(line)
        found = self._meet(intake, keys)
        if isinstance(decision, int):
            found = {decision}
        elif decision == "new":
            found = set()
        if len(found) > 1:
            outcome.skip(line, cells, "ambiguous", self._candidates(found))
            return
        customer = next(iter(found), 0)
        stored = self._customers.read(customer) if found else None
        if stored is not None and decision is None and _is_other_kind(stored, intake, keys):
            stored = None
        if stored is None and isinstance(decision, int):
            outcome.skip(line, cells, "not_found")
        elif stored is not None:
            self._change(line, customer, stored, intake, keys)
            outcome.note(line, intake.issues, cells)
        elif self._options.mode not in ("create", "upsert") and decision != "new":
            outcome.skip(line, cells, "not_found")
        elif not self._is_refused(line, cells, complete(intake)):
            self._customers.create(intake, keys)
            outcome.counts.created += 1
            outcome.create([(line, str(intake.columns["name"]))])
            outcome.note(line, intake.issues, cells)

    def follow(self, joined: Joined, *, refused: bool) -> None:
        """What becomes of further rows of the customer that was decided about last."""
        for line, cells, issues in joined:
            if refused:
                self._outcome.skip(line, cells, "went_along")
            else:
                self._outcome.counts.unchanged += 1
                self._outcome.note(line, issues, cells)

    def _meet(self, intake: Intake, keys: Keys) -> set[int]:
        """The customers that a row may be of."""
        found = self._customers.meet(keys)
        return found if self._attaching is None else self._attaching.meet(intake, found)

    def _is_refused(self, line: int, cells: Sequence[str], intake: Intake) -> bool:
        rejecting = next((issue.code for issue in intake.issues if issue.rejects), None)
        if rejecting is None:
            return False
        self._outcome.reject([Rejected(line, cells, rejecting)])
        self._outcome.note(line, intake.issues, cells)
        return True

    def _change(self, line: int, customer: int, stored: Stored, intake: Intake, keys: Keys) -> None:
        outcome, counts = self._outcome, self._outcome.counts
        if self._attaching is not None:
            self._attaching.change(customer, stored, intake)
        if self._options.mode == "create":  # what is known of a customer stays; what happened is attached
            counts.unchanged += 1
            return
        change = change_of(stored, intake, self._options.mode, self._options.policies)
        if change.contact_kept:
            outcome.log.add_row(line, "contact_kept")
        if change.consent_kept:
            outcome.log.add_row(line, "consent_kept")
        name = str(stored.columns.get("name") or "")
        if change.empty:
            counts.unchanged += 1
            outcome.keep("unchanged", lambda: RowResult(line, "unchanged", name, max(0, customer)))
        else:
            counts.updated += 1
            outcome.keep(
                "updated",
                lambda: RowResult(line, "updated", name, max(0, customer), differences(stored, change)),
            )
            self._customers.update(customer, stored, change, keys)

    def _candidates(self, found: set[int]) -> list[Known]:
        """The customers of the database that a row may mean; those that earlier rows make have no number yet."""
        if self._outcome.review is None:
            return []
        known = known_customers(self._connection, [each for each in found if each > 0])
        return [Known(*known[each]) for each in sorted(known)]
