"""The part of an import that runs in a child process: reading the file, and making customers of its rows."""

import gc
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from crmtui.domain.batch import CUSTOMER_COLUMNS, Batch, Made, batch_of
from crmtui.domain.dates import Order
from crmtui.domain.intake import Intake, Issue
from crmtui.domain.mapping.block import BlockReader
from crmtui.domain.mapping.guess import date_order, has_numbered_dates
from crmtui.domain.mapping.repeats import Repeats
from crmtui.domain.mapping.rows import RowReader, fit_width
from crmtui.formats.detection import detect
from crmtui.formats.formula_guard import unguard
from crmtui.formats.header import is_footer
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Detection
from crmtui.formats.table import RowReader as TableRows
from crmtui.services.importing.collection import seldom_collected
from crmtui.services.importing.plan import ImportPlan

_BLOCK_ROWS = 10_000
_BATCH_ROWS = 500
_INTAKES = 500
_BYTES_A_VALUE = 100
_REPEATS_TOLD = 1_000
_FOOTERS = 20
_SORT_NAME = CUSTOMER_COLUMNS.index("sort_name")
_FOOTER_STARTS = frozenset(" \t　合总小總共-=_*gtscGTSC")


class Rejected(NamedTuple):
    """A row that is no customer: where it is, its cells, and the code of the reason."""

    line: int
    cells: Sequence[str]
    code: str


class Portion(NamedTuple):
    """Some rows of the file: customers with their documents (UTF-8 with a NUL between them, as they go to a file first), issues by line,
    rejected rows, how many rows these were, and how many bytes of the file are behind them."""

    batch: Batch
    documents: bytes
    issues: list[tuple[int, Issue]]
    rejected: list[Rejected]
    rows: int
    position: int


class Intakes(NamedTuple):
    """Some rows of the file as values, to meet customers that exist: (line, cells, values)."""

    rows: list[tuple[int, Sequence[str], Intake]]
    rejected: list[Rejected]
    position: int


class Ending(NamedTuple):
    """What only the end of the file tells: the rows that repeat a phone or e-mail, the first of them by line, remarks."""

    repeated: int
    repeated_lines: list[int]


def detect_file(path: str, options: dict[str, object]) -> Iterator[Detection]:
    """What the file is. A generator, to be run guarded."""
    yield detect(Path(path), **options)  # type: ignore[arg-type]


def date_orders(path: str, detection: Detection, columns: Sequence[int]) -> Iterator[dict[int, Order | None]]:
    """The order of day and month in these columns, decided by all of the file; None where nothing decides it."""
    values: dict[int, list[str]] = {index: [] for index in columns}
    with open_rows(Path(path), detection) as rows:
        for _line, cells in rows:
            for index in columns:
                if index < len(cells) and has_numbered_dates((cells[index],)):
                    values[index].append(cells[index])
            if all(date_order(each) for each in values.values()):
                break
            for each in values.values():
                del each[1:-1]
    yield {index: date_order(each) for index, each in values.items()}


def read_customers(plan: ImportPlan, at: str) -> Iterator[Portion | Ending]:
    """The rows of the file as new customers made at ``at``.

    Full blocks are put into the order of names, so that the index of names is written page after page; a file smaller than
    a block stays in its own order.
    """
    reader = BlockReader(RowReader(plan.mapping, region=plan.region), at)
    repeats = Repeats(plan.size // _BYTES_A_VALUE)
    with seldom_collected(), open_rows(Path(plan.path), plan.detection) as rows:
        for lines, block, rejected in _blocks(plan, rows, _BLOCK_ROWS):
            count, full = len(block) + len(rejected), len(block) == _BLOCK_ROWS
            read = reader.read(block)
            repeats.note(reader.keys, [lines[number] for number in reader.key_rows])
            issues = [(line, issue) for line, each in zip(lines, read, strict=True) for issue in each.issues]
            rejected += [
                Rejected(line, cells, _reason(each.issues))
                for line, cells, each in zip(lines, block, read, strict=True)
                if each.made is None
            ]
            made = [each.made for each in read if each.made is not None]
            block.clear()
            read.clear()
            if full:
                made.sort(key=_sort_name)
            batches = [_batch(made[start : start + _BATCH_ROWS]) for start in range(0, len(made), _BATCH_ROWS)]
            made.clear()
            for batch, documents in batches[:-1]:
                yield Portion(batch, documents, [], [], len(batch.customers), rows.position)
                count -= len(batch.customers)
            batch, documents = batches[-1] if batches else _batch([])
            yield Portion(batch, documents, issues, rejected, count, rows.position)
            batches.clear()
            gc.collect(1)  # now that the block is gone there is little to look at
    yield _ending(repeats)


def _sort_name(made: Made) -> str:
    return str(made[0][_SORT_NAME])


def _batch(made: Sequence[Made]) -> tuple[Batch, bytes]:
    """These customers as a batch without documents, and their documents."""
    batch = batch_of(made)
    documents = "\0".join([document for *_rest, document in made]).encode()
    return batch, documents


def read_intakes(plan: ImportPlan) -> Iterator[Intakes | Ending]:
    """The rows of the file as values that may meet customers."""
    reader = RowReader(plan.mapping, region=plan.region)
    repeats = Repeats(plan.size // _BYTES_A_VALUE)
    with open_rows(Path(plan.path), plan.detection) as rows:
        for lines, block, rejected in _blocks(plan, rows, _INTAKES):
            read = [(line, cells, reader.read(cells)) for line, cells in zip(lines, block, strict=True)]
            for line, _cells, intake in read:
                keys = [point.normalised for point in intake.points if point.kind in ("phone", "email")]
                values = [key for key in keys if key]
                repeats.note(values, [line] * len(values))
            yield Intakes(read, rejected, rows.position)
    yield _ending(repeats)


def _ending(repeats: Repeats) -> Ending:
    count = 0
    lines: list[int] = []
    for line in repeats.lines():
        count += 1
        if len(lines) < _REPEATS_TOLD:
            lines.append(line)
    return Ending(count, lines)


def _reason(issues: Iterable[Issue]) -> str:
    return next(issue.code for issue in issues if issue.rejects)


def _blocks(
    plan: ImportPlan, rows: TableRows, size: int
) -> Iterator[tuple[list[int], list[Sequence[str]], list[Rejected]]]:
    """The rows of the table by the block, made as wide as its header: (lines, rows, rejected rows).

    Lines that close the table (totals, a confidentiality notice) at the very end are left out.
    """
    width, guarded = len(plan.mapping), plan.options.guarded
    lines: list[int] = []
    block: list[Sequence[str]] = []
    rejected: list[Rejected] = []
    footers: list[tuple[int, list[str]]] = []

    for line, cells in rows:
        if guarded:
            cells = [unguard(cell) for cell in cells]
        if len(cells) != width:
            fitted = fit_width(cells, width)
            if fitted is None:
                rejected.append(Rejected(line, cells, "too_many_cells"))
                continue
            cells = fitted
        if (not cells[0] or cells[0][0] in _FOOTER_STARTS) and len(footers) < _FOOTERS and is_footer(cells):
            footers.append((line, cells))
            continue
        if footers:
            lines += [each[0] for each in footers]
            block += [each[1] for each in footers]
            footers.clear()
        lines.append(line)
        block.append(cells)
        if len(block) >= size:
            yield lines, block, rejected
            lines, block, rejected = [], [], []
    rejected += [Rejected(line, cells, "footer") for line, cells in footers]
    if block or rejected:
        yield lines, block, rejected
