"""Bringing customers in from a file: detect → map → validate → rehearse → run, each a step over an ``ImportPlan``.

The import screen and ``crmtui import`` drive the same steps; nothing here talks to a person. A run is one operation: all of it
stays, can be undone as one, or, when it fails or is stopped, nothing of it is left.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from crmtui.errors import CrmError, FormatError, Interrupted, UsageError
from crmtui.formats.source import FixedSizeFile
from crmtui.i18n import _
from crmtui.services import recipes
from crmtui.services.importing.creating import create, rehearse_creating
from crmtui.services.importing.facts import describe_detection, look_closely
from crmtui.services.importing.known_rows import KnownRows
from crmtui.services.importing.outcome import Outcome
from crmtui.services.importing.plan import (
    ImportOptions,
    ImportPlan,
    ImportResult,
    Progress,
    ProgressCallback,
    describe_plan,
)
from crmtui.services.importing.preparing import completed_batch, detect, map_columns, prepare
from crmtui.services.importing.rehearsed import refuse_data, refuse_file_or_plan, token_of
from crmtui.services.importing.rejects import RejectsFile
from crmtui.services.importing.review import ProblemRow, Review
from crmtui.services.recovery import recover_now
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.bulk import restore_indexes
from crmtui.storage.database import storage_errors
from crmtui.storage.definitions import custom_fields
from crmtui.storage.driver import Connection
from crmtui.storage.imports import find_import, has_customers, newest_change
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.undo import take_back

__all__ = [
    "ImportOptions",
    "ImportPlan",
    "ImportResult",
    "Progress",
    "detect",
    "inspect",
    "map_columns",
    "prepare",
    "problems",
    "rehearse",
    "run",
    "run_import",
    "validate",
]

_BLOCK = 1 << 20


def inspect(workspace: Workspace | None, path: str, options: ImportOptions | None = None) -> dict[str, Any]:
    """What the file is, what it holds and where its columns would go: the document of ``inspect --json``."""
    plan = prepare(workspace, path, options)
    facts = look_closely(plan)
    document = {**describe_plan(plan), **describe_detection(plan.detection), **facts.to_json()}
    document["notes"] += [note._asdict() for note in facts.notes if note not in plan.detection.notes]
    return document


def validate(plan: ImportPlan, progress: ProgressCallback | None = None) -> ImportResult:
    """Read the whole file as new customers and tell every issue; no database is needed and nothing is written.

    ``result.review.problems`` pages through the rows with issues, ``result.by_column`` counts them by column and code.
    """
    with RejectsFile(None, plan.detection) as rejects:
        outcome = Outcome(plan, rejects, progress, Review())
        if plan.attaches:
            _rehearse_alone(plan, outcome)
        else:
            rehearse_creating(plan, outcome)
        return outcome.result(0)


def _rehearse_alone(plan: ImportPlan, outcome: Outcome) -> None:
    """Rehearse rows that may be of one customer as if there were no others: in a customer file that is gone afterwards."""
    from tempfile import TemporaryDirectory

    from crmtui.services.importing.matching import rehearse_matching

    with (
        TemporaryDirectory(prefix="crmtui-") as folder,  # readable by nobody else
        open_workspace(os.path.join(folder, "empty.db"), actor="", region=plan.region, create=True) as empty,
    ):
        rehearse_matching(empty, replace(plan.with_options(mode="create"), decisions=()), outcome)


def problems(
    result: ImportResult, start: int = 0, limit: int = 100, *, column: str | None = None, code: str | None = None
) -> list[ProblemRow]:
    """The rows with issues, in the order of the file, of those with an issue in this column and of this code if they are named."""
    if result.review is None:
        return []
    return result.review.problems.page(start, limit, column=column, code=code)


def rehearse(workspace: Workspace, plan: ImportPlan, progress: ProgressCallback | None = None) -> ImportResult:
    """What ``run`` would do, found by the same code; nothing is written.

    ``result.review`` pages through what would become of the rows; ``result.token`` makes ``run`` refuse when the file, the plan or
    the customers are not these any more.
    """
    database = workspace.database
    digest, version = _digest(plan), os.stat(plan.path).st_mtime_ns
    newest = newest_change(database.reader())
    with RejectsFile(None, plan.detection) as rejects:
        outcome = Outcome(plan, rejects, progress, Review())
        if plan.options.mode == "create":
            _refuse_meetings(plan)
        if plan.options.mode == "create" and not plan.attaches:
            reader = database.reader()
            rehearse_creating(plan, outcome, KnownRows(reader) if _has_known(plan, reader) else None)
        else:
            from crmtui.services.importing.matching import rehearse_matching

            rehearse_matching(workspace, plan, outcome)
        result = outcome.result(0)
    if os.stat(plan.path).st_mtime_ns != version:
        raise FormatError(_("the file changed while it was read"), where=plan.path, kept=_("Nothing was changed."))
    result.already_imported = find_import(database.reader(), plan.size, lambda: digest)
    result.token = token_of(plan, digest, newest)
    return result


def _has_known(plan: ImportPlan, connection: Connection) -> bool:
    """Whether a row may have what a customer, or as to ids an earlier row, has already."""
    return has_customers(connection) or any(
        target.key == "external_ids" for each in plan.mapping for target, _steps in each.targets
    )


def run(
    workspace: Workspace,
    plan: ImportPlan,
    progress: ProgressCallback | None = None,
    *,
    cancelled: Callable[[], bool] | None = None,
) -> ImportResult:
    """Bring the file in as one operation. ``cancelled`` is asked now and then; KeyboardInterrupt does the same.

    Raises Interrupted when it was stopped and FormatError (with file and row) when the file cannot be read on: in both cases,
    as in any other failure, nothing of it is left. An identical file that is in already is refused in mode ``create`` unless
    the options say ``again``; so is one that ``options.rehearsed`` does not fit, and one with more rejected rows than
    ``options.max_rejects``.
    """
    database = workspace.database
    recover_now(database)
    digest = _digest(plan)
    token = plan.options.rehearsed
    if token is not None:
        refuse_file_or_plan(plan, token, digest)
    if plan.options.mode == "create":
        _refuse_meetings(plan)
    batch = completed_batch(workspace, plan.options.into)
    already = find_import(database.writer, plan.size, lambda: digest)
    if already is not None and plan.options.mode == "create" and not plan.options.again:
        raise FormatError(
            _("this file is in already: import {id} brought exactly these bytes").format(id=already),
            where=os.path.basename(plan.path),
            kept=_("Nothing was changed."),
            hint=_("crmtui undo {id} takes that import back; --mode upsert updates by what is in the file").format(
                id=already
            ),
        )
    backup = _back_up(workspace)
    name = os.path.basename(plan.path)

    def watch(told: Progress) -> None:
        if cancelled is not None and cancelled():
            raise KeyboardInterrupt
        if progress is not None:
            progress(told)

    with (
        RejectsFile(plan.options.rejects, plan.detection) as rejects,
        LongOperation(database, "import", subject=name, actor=workspace.actor) as long,
    ):
        outcome = Outcome(plan, rejects, watch)

        def describe() -> None:
            _refuse_rejects(outcome)
            _describe(plan, outcome, long, digest, batch)

        try:
            if token is not None:
                refuse_data(token, newest_change(database.writer, before=long.act.id))
            _define_fields(plan, long)
            if plan.options.mode == "create" and not plan.attaches:
                create(plan, outcome, long, describe)
            else:
                from crmtui.services.importing.matching import run_matching

                run_matching(plan, outcome, long)
            describe()
            operation_id = _finish(long)
        except BaseException as error:
            _take_back(long)
            if isinstance(error, KeyboardInterrupt):
                raise Interrupted(
                    _("the import was stopped"),
                    where=name,
                    kept=_("Nothing of it was kept; the file is as it was before."),
                ) from None
            raise
        outcome.tell("done", outcome.counts.rows, outcome.counts.rows, now=True)
        result = outcome.result(operation_id)
    result.already_imported, result.backup = already, backup
    return result


def run_import(
    workspace: Workspace,
    path: str,
    options: ImportOptions | None = None,
    *,
    dry_run: bool = False,
    progress: Callable[[int, int], None] | None = None,
    watch: ProgressCallback | None = None,
) -> ImportResult:
    """Every step at once, for the command line. ``progress`` is told rows done and an estimate of all of them; ``watch`` all."""

    def tell(told: Progress) -> None:
        if progress is not None:
            progress(told.done, told.total)
        if watch is not None:
            watch(told)

    try:
        plan = prepare(workspace, path, options)
        if plan.options.save_recipe is not None:
            recipes.save_to(workspace, plan, plan.options.save_recipe)
        return rehearse(workspace, plan, tell) if dry_run else run(workspace, plan, tell)
    except CrmError as error:
        error.kept = error.kept or _("Nothing was imported.")
        raise


def _describe(plan: ImportPlan, outcome: Outcome, long: LongOperation, digest: str, batch: int | None) -> None:
    """What the history keeps of an import, for good."""
    counts = outcome.counts
    found = plan.detection
    long.act.count = outcome.changes
    long.act.detail = {
        "counts": asdict(counts),
        "format": found.format,
        "encoding": found.encoding,
        "sha256": digest,
        "size": plan.size,
        "mode": plan.options.mode,
        "mapping": {each.column: each.field for each in plan.mapping},
        "match": list(plan.options.match),
        "policies": dict(plan.options.policies),
        "issues": dict(outcome.log.codes),
    }
    if outcome.children:
        long.act.detail["children"] = outcome.result(0).children
    if plan.recipe:
        long.act.detail["recipe"] = plan.recipe
    if batch is not None:
        long.act.detail["batch"] = batch


def _refuse_rejects(outcome: Outcome) -> None:
    """Raise FormatError when more rows were rejected than is allowed."""
    result = outcome.result(0)
    if result.too_many_rejects:
        raise FormatError(
            _("{rejected} of {rows} rows were rejected; at most {limit} may be").format(
                rejected=result.counts.rejected, rows=result.counts.rows, limit=outcome.plan.options.max_rejects
            ),
            where=os.path.basename(outcome.plan.path),
            kept=_("Nothing was imported."),
            hint=_("The rejected rows with their reasons are in {file}").format(file=result.rejects_file)
            if result.rejects_file
            else _("--rejects FILE writes them with their reasons"),
        )


def _refuse_meetings(plan: ImportPlan) -> None:
    """Mode ``create`` meets no customers: a row is a new one or left out."""
    if any(each != "skip" and each != "new" for _row, each in plan.decisions):
        raise UsageError(
            _("in mode create a row is a new customer or left out"),
            hint=_("--mode upsert updates customers that are known"),
        )


def _finish(long: LongOperation) -> int:
    if not long.act.count:
        take_back(long)
        return 0
    with long.box():
        long.act.finish()
    return long.act.id


def _take_back(long: LongOperation) -> None:
    """Take out what an import that failed has written; says what is left when that fails too (a full disk, say)."""
    try:
        with storage_errors(long.database.path):
            restore_indexes(long)
            take_back(long)
    except CrmError as error:
        error.kept = _("Part of the import is still in the file; the next import, undo or start takes it out.")
        raise


def _define_fields(plan: ImportPlan, long: LongOperation) -> None:
    """Make the custom fields that the file brings known, once."""
    known = {field.key for field in custom_fields(long.database.writer)}
    fresh = plan.custom_keys()
    with long.box():
        for key in fresh:
            if key not in known:
                long.act.insert("field_definitions", {"key": key, "label": key, "type": "text"})


def _back_up(workspace: Workspace) -> str | None:
    """A backup before rows meet a file that holds customers already."""
    if not has_customers(workspace.database.writer):
        return None
    from crmtui.storage.backup import back_up

    return back_up(workspace.database, reason="import", thorough=False)


def _digest(plan: ImportPlan) -> str:
    """The SHA-256 of the file."""
    digest = hashlib.sha256()
    with FixedSizeFile(Path(plan.path)) as source:
        while block := source.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
