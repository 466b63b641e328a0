"""Bringing customers in from a file: detect → map → validate → rehearse → run, each a step over an ``ImportPlan``.

The import screen and ``crmtui import`` drive the same steps; nothing here talks to a person. A run is one operation: all of it
stays, can be undone as one, or, when it fails or is stopped, nothing of it is left.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from crmtui.domain.dates import Order
from crmtui.domain.mapping.guess import has_numbered_dates
from crmtui.domain.mapping.guess import map_columns as guess_columns
from crmtui.errors import CrmError, FormatError, Interrupted, UsageError
from crmtui.formats.guard import run_guarded
from crmtui.formats.source import FixedSizeFile
from crmtui.i18n import _
from crmtui.services.importing.creating import create, rehearse_creating
from crmtui.services.importing.outcome import Outcome
from crmtui.services.importing.plan import (
    MATCH_KEYS,
    ImportOptions,
    ImportPlan,
    ImportResult,
    Progress,
    ProgressCallback,
    describe_plan,
)
from crmtui.services.importing.reading import date_orders, detect_file
from crmtui.services.importing.rejects import RejectsFile
from crmtui.services.recovery import recover_now
from crmtui.services.workspace import Workspace
from crmtui.storage.bulk import restore_indexes
from crmtui.storage.database import storage_errors
from crmtui.storage.definitions import custom_fields
from crmtui.storage.imports import find_import, has_customers
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
    "rehearse",
    "run",
    "run_import",
    "validate",
]

_BLOCK = 1 << 20
_MEMORY_MB = 1024
_DEFAULT_REGION = "US"
_MONTH_FIRST = frozenset(("US", "PH"))


def detect(path: str, options: ImportOptions | None = None) -> ImportPlan:
    """What the file at ``path`` is. Raises FormatError or UsageError, naming the file."""
    options = options or ImportOptions()
    options.check()
    choices = {
        "as_format": options.as_format,
        "encoding": options.encoding,
        "delimiter": options.delimiter,
        "sheet": options.sheet,
        "header_row": options.header_row,
        "region": options.region,
    }
    path = os.path.abspath(path)
    with FixedSizeFile(_path(path)) as source:
        size = source.size
    detection = next(run_guarded(detect_file, path, choices, memory_mb=_MEMORY_MB, seconds=120))
    return ImportPlan(path, options, options.region or _DEFAULT_REGION, size, detection)


def map_columns(plan: ImportPlan, chosen: Mapping[str, str] | None = None) -> ImportPlan:
    """The plan with a field for each column; ``chosen`` (column → field) wins over the options and what is found.

    Dates that could be day or month first are looked up in the whole file. Raises UsageError for an unknown column or field.
    """
    found = plan.detection
    mapping = guess_columns(
        found.columns, found.sample, region=plan.region, chosen={**plan.options.mapping, **(chosen or {})}
    )
    open_orders = [
        index
        for index, each in enumerate(mapping)
        if each.order is None
        and each.target.key in ("birthday", "created_at", "updated_at", "last_interaction_at")
        and has_numbered_dates([row[index] for row in found.sample if index < len(row)])
    ]
    if open_orders:
        orders = next(run_guarded(date_orders, plan.path, found, open_orders))
        usual: Order = "mdy" if plan.region in _MONTH_FIRST else "dmy"
        mapping = tuple(
            each._replace(order=orders.get(index) or usual) if index in open_orders else each
            for index, each in enumerate(mapping)
        )
    return plan.with_mapping(mapping)


def inspect(workspace: Workspace | None, path: str, options: ImportOptions | None = None) -> dict[str, Any]:
    """What the file is and where its columns would go: the document of ``inspect --json``."""
    return describe_plan(map_columns(detect(path, _with_region(options, workspace))))


def validate(plan: ImportPlan, progress: ProgressCallback | None = None) -> ImportResult:
    """Read the whole file as new customers and tell every issue; no database is needed and nothing is written."""
    with RejectsFile(None, plan.detection) as rejects:
        outcome = Outcome(plan, rejects, progress)
        rehearse_creating(plan, outcome)
        return outcome.result(0)


def rehearse(workspace: Workspace, plan: ImportPlan, progress: ProgressCallback | None = None) -> ImportResult:
    """What ``run`` would do, found by the same code; nothing is written."""
    with RejectsFile(None, plan.detection) as rejects:
        outcome = Outcome(plan, rejects, progress)
        if plan.options.mode == "create":
            rehearse_creating(plan, outcome)
        else:
            from crmtui.services.importing.matching import rehearse_matching

            rehearse_matching(workspace, plan, outcome)
        result = outcome.result(0)
        result.already_imported = find_import(workspace.database.reader(), plan.size, lambda: _digest(plan))
        return result


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
    the options say ``again``.
    """
    database = workspace.database
    recover_now(database)
    digest = _digest(plan)
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
        try:
            _define_fields(plan, long)
            if plan.options.mode == "create":
                create(plan, outcome, long, lambda: _describe(plan, outcome, long, digest))
            else:
                from crmtui.services.importing.matching import run_matching

                run_matching(plan, outcome, long)
            operation_id = _finish(plan, outcome, long, digest)
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
        plan = map_columns(detect(path, _with_region(options, workspace)))
        return rehearse(workspace, plan, tell) if dry_run else run(workspace, plan, tell)
    except CrmError as error:
        error.kept = error.kept or _("Nothing was imported.")
        raise


def _with_region(options: ImportOptions | None, workspace: Workspace | None) -> ImportOptions:
    from dataclasses import replace

    options = options or ImportOptions()
    if options.recipe is not None:
        raise UsageError(_("there is no recipe {name}").format(name=options.recipe))
    region = (options.region or (workspace.region if workspace else "") or _DEFAULT_REGION).upper()
    return replace(options, region=region, match=options.match or MATCH_KEYS)


def _describe(plan: ImportPlan, outcome: Outcome, long: LongOperation, digest: str) -> None:
    """What the history keeps of an import."""
    counts = outcome.counts
    found = plan.detection
    long.act.count = counts.created + counts.updated
    long.act.detail = {
        "counts": asdict(counts),
        "format": found.format,
        "encoding": found.encoding,
        "sha256": digest,
        "size": plan.size,
        "mode": plan.options.mode,
        "mapping": {each.column: each.field for each in plan.mapping},
    }


def _finish(plan: ImportPlan, outcome: Outcome, long: LongOperation, digest: str) -> int:
    _describe(plan, outcome, long, digest)
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
    fresh = dict.fromkeys(each.target.detail for each in plan.unmapped())
    with long.box():
        for key in fresh:
            if key not in known:
                long.act.insert("field_definitions", {"key": key, "label": key, "type": "text"})


def _back_up(workspace: Workspace) -> str | None:
    """A backup before rows meet a file that holds customers already."""
    if not has_customers(workspace.database.writer):
        return None
    from crmtui.storage.backup import back_up

    return back_up(workspace.database, reason="import")


def _digest(plan: ImportPlan) -> str:
    """The SHA-256 of the file."""
    digest = hashlib.sha256()
    with FixedSizeFile(_path(plan.path)) as source:
        while block := source.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _path(path: str) -> Any:
    from pathlib import Path

    return Path(path)
