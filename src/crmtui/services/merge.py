"""Merging customers: a preview, one merge, many at once, and taking one of many back."""

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from crmtui.domain.matching.levels import CERTAIN, probability
from crmtui.domain.merging import Choice, best_survivor, merge_columns
from crmtui.domain.models import CustomerRecord
from crmtui.errors import NotFound, UsageError
from crmtui.i18n import _
from crmtui.services.duplicates.rules import MergeRules
from crmtui.services.recovery import recover_now
from crmtui.services.workspace import Workspace
from crmtui.storage import duplicates as store
from crmtui.storage.customers import read_customers, survivor_of
from crmtui.storage.driver import Connection
from crmtui.storage.journal import operation
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.merging import activity_counts, merge_rows, read_rows
from crmtui.storage.reversal import Buckets, RowProblem, reverse_changes

MERGED = "customer.merge"
_MOST = 50
_SAMPLE = 20


class MergePreview(NamedTuple):
    """What a merge would do: the records, the survivor first, and for each field the value that stays with its reason."""

    survivor: int
    records: list[CustomerRecord]
    choices: dict[str, Choice]


class MergeResult(NamedTuple):
    """A merge that was written."""

    operation_id: int
    survivor: int
    merged: tuple[int, ...]


class Unmerged(NamedTuple):
    """What became of taking one merge back: the rows in their three buckets."""

    operation_id: int
    reversed: int
    kept: list[RowProblem]
    failed: list[RowProblem]


class BulkPlan(NamedTuple):
    """Groups that may merge by themselves, a random sample of them to look at, and the share expected to be wrong."""

    groups: list[tuple[int, ...]]
    sample: list[tuple[int, ...]]
    error_rate: float
    held_back: int


def preview(
    workspace: Workspace, survivor: int | None, others: Sequence[int], chosen: Mapping[str, int] | None = None
) -> MergePreview:
    """What merging would give; with ``survivor`` None the best one is proposed. Raises what ``merge`` raises."""
    connection = workspace.database.thread_reader()
    customers = list(others) if survivor is None else [survivor, *others]
    _check(connection, customers)
    rows = read_rows(connection, customers)
    if survivor is None:
        survivor = best_survivor(rows, activity_counts(connection, customers))
        rows.sort(key=lambda row: row["id"] != survivor)
    records = read_customers(connection, [int(str(row["id"])) for row in rows])
    return MergePreview(survivor, records, merge_columns(rows, chosen).choices)


def merge(
    workspace: Workspace, survivor: int, others: Sequence[int], chosen: Mapping[str, int] | None = None
) -> MergeResult:
    """Merge ``others`` into ``survivor``, as one operation.

    ``chosen`` names, by field key, the record whose value stays. Raises UsageError for a record merged with itself, with an
    archived or an already merged one, NotFound for one that is gone; nothing is written then.
    """
    with operation(
        workspace.database, MERGED, subject=_name(workspace.database.writer, survivor), actor=workspace.actor
    ) as act:
        _check(act.connection, [survivor, *others])
        merge_rows(act, survivor, others, chosen or {})
        act.count = len(others) + 1
        act.detail = {"survivor": survivor, "merged": list(others)}
    return MergeResult(act.id, survivor, tuple(others))


def plan_bulk(workspace: Workspace, rules: MergeRules | None = None, *, seed: int = 1) -> BulkPlan:
    """The groups of which every pair is certain and the rules allow, with a sample and the estimated share of wrong ones."""
    connection = workspace.database.thread_reader()
    rules = rules or MergeRules()
    groups: dict[int, set[int]] = {}
    pairs: dict[int, list[store.StoredPair]] = {}
    for pair in store.open_pairs(connection):
        if pair.group_id is not None:
            groups.setdefault(pair.group_id, set()).update((pair.a_id, pair.b_id))
            pairs.setdefault(pair.group_id, []).append(pair)
    allowed = []
    wrong = 0.0
    for group, members in sorted(groups.items()):
        certain = [pair for pair in pairs[group] if pair.level == CERTAIN and rules.allows(pair.levels)]
        # Everyone must be tied to another by a certain pair; what only chaining joins is left to the person.
        tied = {customer for pair in certain for customer in (pair.a_id, pair.b_id)}
        if (
            tied == members
            and len(certain) >= len(members) - 1
            and all(pair.level == CERTAIN or pair.via == 1 for pair in pairs[group])
        ):
            allowed.append(tuple(sorted(members)))
            wrong += 1 - min(probability(pair.bits) for pair in certain)
    sample = Random(seed).sample(allowed, min(_SAMPLE, len(allowed)))
    return BulkPlan(allowed, sample, wrong / len(allowed) if allowed else 0.0, len(groups) - len(allowed))


def merge_many(
    workspace: Workspace, groups: Sequence[Sequence[int]], *, progress: Callable[[int, int], None] | None = None
) -> int:
    """Merge every group into its best survivor, as one operation in short transactions; returns the operation.

    A group of which a record is gone, archived or merged meanwhile is left out. When it fails part way, all of it is taken
    back; a process that dies leaves that to the next one that opens the file.
    """
    try:
        return _merge_in_boxes(workspace, groups, progress)
    except BaseException:
        recover_now(workspace.database)  # half a bulk merge is none
        raise


def _merge_in_boxes(
    workspace: Workspace, groups: Sequence[Sequence[int]], progress: Callable[[int, int], None] | None
) -> int:
    connection = workspace.database.writer
    waiting = [list(group) for group in groups]
    parts: list[dict[str, object]] = []
    with LongOperation(workspace.database, MERGED, subject="", actor=workspace.actor) as long:
        while waiting:
            with long.box():
                for group in waiting[:_MOST]:
                    rows = read_rows(connection, group)
                    if len(rows) != len(group) or any(row["archived_at"] for row in rows):
                        continue
                    survivor = best_survivor(rows, activity_counts(connection, group))
                    others = [customer for customer in group if customer != survivor]
                    first = len(long.act.changes)
                    merge_rows(long.act, survivor, others, {})
                    parts.append({"survivor": survivor, "merged": others, "changes": len(long.act.changes) - first})
            del waiting[:_MOST]
            if progress:
                progress(len(groups) - len(waiting), len(groups))
        with long.box():
            long.act.count = sum(1 for _part in parts)
            long.act.detail = {"merges": parts}
            long.act.settle()
            long.act.finish()
        return long.act.id


def unmerge(workspace: Workspace, merged: int) -> Unmerged:
    """Take back the merge that took the record ``merged`` in, alone, also when it was one of many; later edits are respected.

    Raises NotFound when no merge took it in.
    """
    connection = workspace.database.writer
    operation_id, survivor = _merge_of(connection, merged)
    with operation(
        workspace.database, "customer.unmerge", subject=_name(connection, survivor), actor=workspace.actor
    ) as act:
        buckets = Buckets()
        reverse_changes(act, _changes_of(act.connection, operation_id, merged), buckets)
        act.count = buckets.reversed
        act.detail = {"target": operation_id, "kept": len(buckets.kept), "failed": len(buckets.failed)}
    return Unmerged(act.id, buckets.reversed, buckets.kept, buckets.failed)


def _merge_of(connection: Connection, merged: int) -> tuple[int, int]:
    row = connection.execute(
        "SELECT c.operation_id, r.customer_id FROM redirects r JOIN changes c ON c.table_name = 'redirects' AND c.row_id = r.id"
        " AND c.before IS NULL WHERE r.merged_id = ? ORDER BY c.id DESC LIMIT 1",
        (merged,),
    ).fetchone()
    if row is None:
        raise NotFound(_("no merge took in customer {id}").format(id=merged))
    return row[0], row[1]


def _changes_of(
    connection: Connection, operation_id: int, merged: int
) -> list[tuple[str, int, str | None, str | None]]:
    """The changes, newest first, of the one merge of an operation that took a record in."""
    rows = connection.execute(
        "SELECT table_name, row_id, before, after FROM changes WHERE operation_id = ? ORDER BY id", (operation_id,)
    ).fetchall()
    detail = json.loads(
        connection.execute("SELECT detail FROM operations WHERE id = ?", (operation_id,)).fetchone()[0] or "{}"
    )
    start = 0
    for part in detail.get("merges", ()):
        if merged in part["merged"]:
            rows = rows[start : start + part["changes"]]
            break
        start += part["changes"]
    return rows[::-1]


def _check(connection: Connection, customers: Sequence[int]) -> None:
    if len(customers) < 2:
        raise UsageError(_("a merge needs at least two customers"))
    for position, customer in enumerate(customers):
        if customer in customers[:position]:
            raise UsageError(
                _("a customer cannot be merged with itself: {id}").format(id=customer), hint=_("Nothing was changed.")
            )
        row = connection.execute("SELECT name, archived_at FROM customers WHERE id = ?", (customer,)).fetchone()
        if row is None:
            survivor = survivor_of(connection, customer)
            if survivor is not None:
                raise UsageError(
                    _("customer {id} was merged into {survivor}").format(id=customer, survivor=survivor),
                    hint=_("Nothing was changed."),
                )
            raise NotFound(_("there is no customer {id}").format(id=customer), hint=_("crmtui find NAME shows the ids"))
        if row[1]:
            raise UsageError(
                _("{name} is archived").format(name=row[0]),
                hint=_("Nothing was changed. crmtui archive --restore {id} brings it back first").format(id=customer),
            )


def _name(connection: Connection, customer: int) -> str:
    row = connection.execute("SELECT name FROM customers WHERE id = ?", (customer,)).fetchone()
    return row[0] if row else ""
