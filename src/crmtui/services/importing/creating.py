"""Mode ``create``: every row is a new customer. Customers first, so that they can be browsed, then what hangs on them."""

from collections.abc import Callable
from contextlib import closing

from crmtui.formats.guard import run_guarded
from crmtui.services.importing.collection import seldom_collected
from crmtui.services.importing.known_rows import KnownRows
from crmtui.services.importing.outcome import Outcome, estimate_rows
from crmtui.services.importing.plan import ImportPlan
from crmtui.services.importing.reading import Attached, Newcomers, count_customers, read_customers
from crmtui.storage.bulk import restore_indexes
from crmtui.storage.company_links import link_companies
from crmtui.storage.journal import utc_now
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.staged_insert import StagedInsert


def rehearse_creating(plan: ImportPlan, outcome: Outcome, known: KnownRows | None = None) -> None:
    """Read the file as ``create`` would, and count; nothing is written. ``known`` looks which rows are in the database already."""
    _read(plan, outcome, utc_now(), None, known)
    if known is not None and known.ids_taken:
        outcome.log.add_row(0, "id_taken", count=known.ids_taken)


def create(plan: ImportPlan, outcome: Outcome, long: LongOperation, describe: Callable[[], None]) -> None:
    """Write every row as a new customer, then what hangs on them. The operation is left for the caller to finish.

    ``describe`` puts into the operation what the history keeps; it is stored as soon as everything is in, for if this process
    dies then, another one only carries it to its end.
    """
    writer = StagedInsert(long)
    _read(plan, outcome, long.act.at, writer)
    writer.flush()
    link_companies(long)
    describe()
    with long.box():
        long.set_state("indexing")
    outcome.tell("order", 0, 1)
    restore_indexes(long)
    if writer.ids_taken:
        outcome.log.add_row(0, "id_taken", count=writer.ids_taken)


def _read(
    plan: ImportPlan, outcome: Outcome, at: str, writer: StagedInsert | None, known: KnownRows | None = None
) -> None:
    """Take all that the child process reads; without ``writer`` only count."""
    counts = outcome.counts
    reading = (
        run_guarded(read_customers, plan, at)
        if writer is not None
        else run_guarded(count_customers, plan, at, known is not None)
    )
    with seldom_collected(), closing(reading) as portions:
        for portion in portions:
            if isinstance(portion, Newcomers):
                counts.rows += portion.rows
                counts.created += portion.made
                outcome.reject(portion.rejected)
                outcome.create(portion.first)
                if writer is not None and portion.customers:
                    writer.add_customers(portion.columns, portion.customers)
                outcome.tell("read", counts.rows, estimate_rows(counts.rows, portion.position, plan.size))
            elif isinstance(portion, Attached):
                for number, (line, issues) in enumerate(portion.issues):
                    outcome.note(line, issues, portion.cells[number] if portion.cells else ())
                if known is not None:
                    known.look(portion.keys, portion.external, outcome)
                if writer is not None and portion.documents:
                    writer.add_details(portion.children, portion.tags, portion.documents)
                    outcome.tell("index", writer.indexed, writer.inserted)
            else:
                outcome.end(portion)
