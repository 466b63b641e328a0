"""The first steps of an import: what a file is, where its columns go, what a recipe or an earlier import says of it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from crmtui.domain.dates import Order
from crmtui.domain.mapping.guess import ColumnMapping, column_of, has_numbered_dates, holds_dates
from crmtui.domain.mapping.guess import map_columns as guess_columns
from crmtui.domain.mapping.steps import parse_steps
from crmtui.domain.mapping.targets import SKIP
from crmtui.domain.mapping.vendors import recognise
from crmtui.errors import UsageError
from crmtui.formats.guard import run_guarded
from crmtui.formats.source import FixedSizeFile
from crmtui.i18n import _
from crmtui.services import recipes
from crmtui.services.importing.plan import MATCH_KEYS, MODES, ImportOptions, ImportPlan
from crmtui.services.importing.reading import date_orders, detect_file
from crmtui.services.importing.rejects import is_rejects_file
from crmtui.services.workspace import Workspace
from crmtui.storage.history import read_operation
from crmtui.storage.imports import batch_of

_MEMORY_MB = 1024
_DEFAULT_REGION = "US"
_DEFAULT_CURRENCY = "USD"
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
    with FixedSizeFile(Path(path)) as source:
        size = source.size
    detection = next(run_guarded(detect_file, path, choices, memory_mb=_MEMORY_MB, seconds=120))
    if options.sheet is not None and not detection.sheets:
        raise UsageError(
            _("this file has no sheets to choose from"),
            where=os.path.basename(path),
            hint=_("Leave --sheet out"),
        )
    return ImportPlan(path, options, options.region or _DEFAULT_REGION, size, detection)


def map_columns(plan: ImportPlan, chosen: Mapping[str, str] | None = None) -> ImportPlan:
    """The plan with a field for each column; ``chosen`` (column → field) wins over the options and what is found.

    Dates that could be day or month first are looked up in the whole file. Raises UsageError for an unknown column or field.
    """
    found = plan.detection
    vendor = recognise(found.columns, found.format)
    mapping = guess_columns(
        found.columns,
        found.sample,
        region=plan.region,
        chosen={**_added_columns(found.columns), **plan.options.mapping, **(chosen or {})},
        vendor=vendor,
    )
    if vendor is not None and vendor.constants:
        plan = plan.with_options(constants={**vendor.constants, **plan.options.constants})
    return _dated(replace(plan.with_mapping(mapping), vendor=vendor))


def _dated(plan: ImportPlan) -> ImportPlan:
    """The plan with the order of day and month of each column whose sample leaves it open, looked up in the whole file."""
    found, mapping = plan.detection, _stepped(plan)
    open_orders = [
        index
        for index, each in enumerate(mapping)
        if each.order is None
        and holds_dates(each.target)
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


def _stepped(plan: ImportPlan) -> tuple[ColumnMapping, ...]:
    """The mapping with the steps that a person has said. Raises UsageError for a column that the file does not have."""
    mapping = list(plan.mapping)
    for column, texts in plan.options.steps.items():
        index = column_of(column, plan.detection.columns)
        mapping[index] = mapping[index]._replace(steps=parse_steps(texts))
    return tuple(mapping)


def prepare(workspace: Workspace | None, path: str, options: ImportOptions | None = None) -> ImportPlan:
    """Detect and map a file by what the options say, by the recipe they name, or by a saved one whose columns came back.

    Raises FormatError when a recipe that was named does not fit the file any more; one that was found by itself is told in
    ``plan.remarks``, with what differs.
    """
    said = _with_region(options, workspace)
    if workspace is not None and said.into is not None:
        said = _as_the_batch(workspace, said)
    if said.recipe is not None:
        recipe = recipes.load(workspace, said.recipe)
        options = recipes.options_of(recipe, said)
        plan = detect(path, options)
        row = recipe.file.get("header_row")
        if options.header_row is None and isinstance(row, int) and set(plan.detection.columns) != recipe.columns.keys():
            plan = detect(path, replace(options, header_row=row))
        plan = map_columns(plan)
        recipes.refuse_drift(plan, recipe)
        return _dated(recipes.apply(plan, recipe))
    plan = map_columns(detect(path, said))
    if workspace is None or said.no_recipe:
        return plan
    columns = frozenset(plan.detection.columns)
    offers = recipes.offers(workspace.database.thread_reader(), plan)
    offer = next((each for each in offers if columns == each.recipe.columns.keys()), None)
    if offer is None:
        return plan
    plan = _dated(recipes.apply(plan, offer.recipe))
    return replace(plan, remarks=(*plan.remarks, *recipes.told(*offer)))


def _with_region(options: ImportOptions | None, workspace: Workspace | None) -> ImportOptions:
    options = options or ImportOptions()
    region = (options.region or (workspace.region if workspace else "") or _DEFAULT_REGION).upper()
    currency = options.currency or (workspace.currency if workspace else "") or _DEFAULT_CURRENCY
    undecided = options.undecided if options.match else options.undecided | {"match"}
    return replace(options, region=region, currency=currency, match=options.match or MATCH_KEYS, undecided=undecided)


def _added_columns(columns: Sequence[str]) -> dict[str, str]:
    """The two columns that a file of rejected rows has besides those of the original; they are left out."""
    return dict.fromkeys(columns[-2:], SKIP) if is_rejects_file(columns) else {}


def completed_batch(workspace: Workspace, into: int | None) -> int | None:
    """The import that this one completes. Raises UsageError when it is none."""
    if into is None:
        return None
    batch = batch_of(workspace.database.writer, into)
    if batch is None:
        raise UsageError(
            _("operation {id} is no import").format(id=into), hint=_("crmtui history --kind import lists them")
        )
    return batch


def _as_the_batch(workspace: Workspace, options: ImportOptions) -> ImportOptions:
    """The options with the mode and the keys of the import that is completed, where nobody has said others."""
    batch = completed_batch(workspace, options.into)
    record = read_operation(workspace.database.writer, batch) if batch else None
    detail: Mapping[str, Any] = (record.detail if record else None) or {}
    if "mode" in options.undecided and detail.get("mode") in MODES:
        options = replace(options, mode=detail["mode"], undecided=options.undecided - {"mode"})
    if "match" in options.undecided and detail.get("match"):
        options = replace(options, match=tuple(detail["match"]), undecided=options.undecided - {"match"})
    return options
