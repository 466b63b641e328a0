"""Mode ``create``: every row is a new customer. Rows first, so that they can be browsed, then the search index."""

import time
from collections.abc import Callable
from contextlib import closing

from crmtui.formats.guard import run_guarded
from crmtui.services.importing.collection import seldom_collected
from crmtui.services.importing.outcome import Outcome, estimate_rows
from crmtui.services.importing.plan import ImportPlan
from crmtui.services.importing.reading import Ending, Portion, read_customers
from crmtui.storage.bulk import BulkWriter, restore_indexes
from crmtui.storage.document_spool import DocumentSpool
from crmtui.storage.journal import utc_now
from crmtui.storage.long_operation import LongOperation

_IDLE_SECONDS = 0.004


def rehearse_creating(plan: ImportPlan, outcome: Outcome) -> None:
    """Read the file as ``create`` would, and count; nothing is written."""
    _read(plan, outcome, utc_now(), None, None)


def create(plan: ImportPlan, outcome: Outcome, long: LongOperation, describe: Callable[[], None]) -> None:
    """Write every row as a new customer, then index them. The operation is left for the caller to finish.

    ``describe`` puts into the operation what the history keeps; it is stored before the index is made, for if this process
    dies then, another one only finishes the index.
    """
    writer = BulkWriter(long, index_later=True)
    with DocumentSpool(long) as spool:
        _read(plan, outcome, long.act.at, writer, spool)
        writer.flush()
        outcome.tell("order", 0, 1)
        restore_indexes(long)
        describe()
        with long.box():
            long.set_state("indexing")
        spool.write_rest(writer.bases, lambda done: outcome.tell("index", done, writer.inserted))
    if writer.ids_taken:
        outcome.log.add_row(0, "id_taken", count=writer.ids_taken)


def _read(plan: ImportPlan, outcome: Outcome, at: str, writer: BulkWriter | None, spool: DocumentSpool | None) -> None:
    counts = outcome.counts
    with seldom_collected(), closing(run_guarded(read_customers, plan, at)) as portions:
        asked = time.monotonic()
        for portion in portions:
            waited = time.monotonic() - asked
            if isinstance(portion, Ending):
                outcome.end(portion)
                continue
            _take(portion, outcome)
            if writer is not None and spool is not None and portion.batch.customers:
                writer.add(portion.batch)
                spool.add(portion.documents)
                if waited > _IDLE_SECONDS:
                    spool.write_some(writer.bases)  # the reader is slower than we are: use the time
            outcome.tell("read", counts.rows, estimate_rows(counts.rows, portion.position, plan.size))
            asked = time.monotonic()


def _take(portion: Portion, outcome: Outcome) -> None:
    outcome.counts.rows += portion.rows
    outcome.counts.created += len(portion.batch.customers)
    for line, issue in portion.issues:
        outcome.log.add(line, issue)
    outcome.reject(portion.rejected)
