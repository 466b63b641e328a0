"""The sample database: a believable firm's customers, invented anew for a seed and a day, as one undoable operation."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from crmtui.domain.batch import Batch
from crmtui.errors import StorageError
from crmtui.i18n import _
from crmtui.services.sample import mass
from crmtui.services.sample.calendar import Calendar
from crmtui.services.sample.filling import Sample
from crmtui.storage.bulk import BulkWriter
from crmtui.storage.database import Database
from crmtui.storage.journal import Operation
from crmtui.storage.long_operation import LongOperation

Progress = Callable[[int, int], None]

ACTOR = "demo"
BIG = 20_000
"""From this many customers on they are made the quick way, in a process of their own."""

_TOUR = 6
_FIELDS = {
    "en": (("industry", "Industry"), ("payment_terms", "Payment terms (days)")),
    "zh": (("industry", "行业"), ("payment_terms", "账期（天）")),
}
_VIEWS = {
    "en": (
        ("VIP", "tag:VIP", "-last_interaction_at"),
        ("Shanghai leads", "stage:lead city:上海", "sort_name"),
        ("Gone quiet", "stage:customer last:>90d", "last_interaction_at"),
        ("No e-mail", "-has:email", "sort_name"),
    ),
    "zh": (
        ("VIP客户", "tag:VIP", "-last_interaction_at"),
        ("上海线索", "stage:lead city:上海", "sort_name"),
        ("久未联系", "stage:customer last:>90d", "last_interaction_at"),
        ("没有邮箱", "-has:email", "sort_name"),
    ),
}


def make_demo(
    path: str,
    *,
    customers: int = 5000,
    seed: int = 1,
    language: str = "en",
    progress: Progress | None = None,
    today: date | None = None,
) -> None:
    """Make a sample database at ``path``; the same seed and day give the same customers.

    ``language`` (en or zh) is that of views and custom fields; half the customers are Chinese in both. From ``BIG``
    customers on there are five interactions and one transaction for each, made in another process. ``progress`` is told
    (done, total) customers. The file appears when it is whole; whatever happens before leaves nothing. Raises
    StorageError when ``path`` exists or cannot be written.
    """
    path = os.path.abspath(path)
    if os.path.lexists(path):
        raise StorageError(
            _("there is a file of this name already"),
            where=path,
            kept=_("Nothing was changed."),
            hint=_("Remove it, or name another place: --path FILE"),
        )
    _remove_leftovers(path)
    fresh = f"{path}.demo-{os.getpid()}"
    try:
        with Database.open(fresh, create=True) as database:
            # The file is thrown away if anything goes wrong, so nothing needs to be safe on disk before the end.
            database.writer.execute("PRAGMA synchronous = OFF")
            _fill(database, customers, seed, language, Calendar(today or date.today()), progress)
            # All of it into the one file that is moved: what a write-ahead log still held would be lost.
            database.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _move(fresh, path)
    finally:
        _remove(fresh)


def _fill(
    database: Database, customers: int, seed: int, language: str, calendar: Calendar, progress: Progress | None
) -> None:
    at = calendar.moment(1, 1200, 0)
    with LongOperation(database, "demo", subject="", actor=ACTOR, at=at) as long:
        act = long.act
        act.count = customers
        with long.box():
            _define(act, "zh" if language.startswith("zh") else "en")
        sample = Sample(customers if customers < BIG else _TOUR, seed, calendar)
        writer = BulkWriter(long)
        done = 0
        for batch, links in _with_links(sample, seed, customers, calendar):
            writer.add(batch)
            writer.flush()
            _link(long, done, links)
            done += len(batch.customers)
            if progress:
                progress(done, customers)
        with long.box():
            _connect(act, sample)
        with long.box():
            act.settle()
            act.finish()


def _with_links(
    sample: Sample, seed: int, customers: int, calendar: Calendar
) -> Iterator[tuple[Batch, list[tuple[int, int]]]]:
    """The batches, each with the links from companies to people that can be made once it is in."""
    small = list(sample.batches())
    for batch in small[:-1]:
        yield batch, []
    before = sum(len(batch.customers) for batch in small[:-1])
    yield small[-1], [(company - before, person - before) for company, person in sample.links]
    more = customers - len(sample.drafts)
    if more > 0:
        yield from _in_another_process(seed, more, calendar)


def _in_another_process(seed: int, customers: int, calendar: Calendar) -> Iterable[mass.Made]:
    from crmtui.formats.guard import run_guarded

    return run_guarded(mass.batches, seed, customers, calendar.day(0), seconds=24 * 3600)


def _link(long: LongOperation, before: int, links: list[tuple[int, int]]) -> None:
    """Say whose employees the people are. The rows are this operation's own, so the journal has them by their range."""
    with long.box() as connection:
        connection.executemany(
            "UPDATE customers SET company_id = ? WHERE id = ?",
            [(before + company + 1, before + person + 1) for company, person in links],
        )


def _define(act: Operation, language: str) -> None:
    for position, (key, label) in enumerate(_FIELDS[language]):
        act.insert("field_definitions", {"key": key, "label": label, "type": "text", "position": position})
    for name, query, sort in _VIEWS[language]:
        act.insert("views", {"name": name, "query": query, "sort": sort})


def _connect(act: Operation, sample: Sample) -> None:
    """What joins rows of different batches: in a new file the row of position n has the id n + 1."""
    for position, stage, at in sample.deal_steps():
        act.insert("deal_stage_changes", {"deal_id": position + 1, "stage": stage, "at": at})
    for one, other, kind, note in sample.relations:
        act.insert("relations", {"from_id": one + 1, "to_id": other + 1, "kind": kind, "note": note or None})
    for interaction, customer in sample.guests():
        act.insert("interaction_customers", {"interaction_id": interaction + 1, "customer_id": customer + 1})


def _move(fresh: str, path: str) -> None:
    """Put the finished file in its place, never over another."""
    descriptor = os.open(fresh, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        try:
            os.link(fresh, path)
        except FileExistsError:
            raise
        except OSError:  # no hard links here
            os.rename(fresh, path)
    except OSError as error:
        raise StorageError(
            _("the sample cannot be put in its place: {reason}").format(reason=error.strerror),
            where=path,
            kept=_("Nothing was changed."),
            hint=_("Name another place: --path FILE"),
        ) from error


def _remove(fresh: str) -> None:
    folder, name = os.path.split(fresh)
    for entry in os.listdir(folder) if os.path.isdir(folder) else ():
        if entry == name or entry.startswith((f"{name}-", f"{name}.")):
            os.unlink(os.path.join(folder, entry))


def _remove_leftovers(path: str) -> None:
    """Remove what a demo left whose process was killed."""
    folder, name = os.path.split(path)
    ours = re.compile(re.escape(name) + r"\.demo-(\d+)")
    for entry in os.listdir(folder) if os.path.isdir(folder) else ():
        found = ours.match(entry)
        if found and not _lives(int(found[1])):
            _remove(os.path.join(folder, found[0]))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
