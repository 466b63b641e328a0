"""Mode ``create``: every row is a new customer. Rows first, so that they can be browsed, then the search index."""

from contextlib import closing

from crmtui.formats.guard import run_guarded
from crmtui.services.importing.outcome import Outcome, estimate_rows
from crmtui.services.importing.plan import ImportPlan
from crmtui.services.importing.reading import Ending, Portion, read_customers
from crmtui.storage.bulk import BulkWriter, restore_indexes
from crmtui.storage.document_spool import DocumentSpool
from crmtui.storage.journal import utc_now
from crmtui.storage.long_operation import LongOperation


def rehearse_creating(plan: ImportPlan, outcome: Outcome) -> None:
    """Read the file as ``create`` would, and count; nothing is written."""
    _read(plan, outcome, utc_now(), None, None)


def create(plan: ImportPlan, outcome: Outcome, long: LongOperation) -> None:
    """Write every row as a new customer, then index them. The operation is left for the caller to finish."""
    writer = BulkWriter(long, index_later=True)
    with DocumentSpool() as spool:
        _read(plan, outcome, long.act.at, writer, spool)
        writer.flush()
        outcome.tell("order", 0, 1)
        restore_indexes(long)
        with long.box():
            long.set_state("indexing")
        total = writer.inserted
        spool.write(long, writer.bases, lambda done: outcome.tell("index", done, total))
    if writer.ids_taken:
        outcome.log.add_row(0, "id_taken", count=writer.ids_taken)


def _read(
    plan: ImportPlan, outcome: Outcome, at: str, writer: BulkWriter | None, spool: DocumentSpool | None
) -> None:
    counts = outcome.counts
    with closing(run_guarded(read_customers, plan, at)) as portions:
        for portion in portions:
            if isinstance(portion, Ending):
                outcome.end(portion)
                continue
            _take(portion, outcome)
            if writer is not None and spool is not None and portion.batch.customers:
                writer.add(portion.batch)
                spool.add(portion.documents)
            outcome.tell("read", counts.rows, estimate_rows(counts.rows, portion.position, plan.size))


def _take(portion: Portion, outcome: Outcome) -> None:
    outcome.counts.rows += portion.rows
    outcome.counts.created += len(portion.batch.customers)
    for line, issue in portion.issues:
        outcome.log.add(line, issue)
    outcome.reject(portion.rejected)
