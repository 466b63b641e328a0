"""The part of an import that runs in a child process: reading the file, and making customers of its rows."""

import gc
import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from crmtui.domain.dates import Order
from crmtui.domain.intake import Intake, Issue
from crmtui.domain.mapping.block import BlockReader
from crmtui.domain.mapping.guess import date_order, has_numbered_dates
from crmtui.domain.mapping.points import PointRow
from crmtui.domain.mapping.repeats import Repeats
from crmtui.domain.mapping.rows import RowReader, fit_width
from crmtui.errors import FormatError
from crmtui.formats.detection import detect
from crmtui.formats.formula_guard import unguard
from crmtui.formats.header import is_footer
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Detection
from crmtui.formats.table import RowReader as TableRows
from crmtui.i18n import _
from crmtui.services.importing.collection import seldom_collected
from crmtui.services.importing.plan import ImportPlan

_BLOCK_ROWS = 500
_BLOCKS_A_GROUP = 10
_BATCH_ROWS = 500
_INTAKES = 500
_ONCE_BYTES = 2_000_000  # a file that is read so soon need not be read twice
_BYTES_A_VALUE = 100
_REPEATS_TOLD = 1_000
_FOOTERS = 20
_FOOTER_STARTS = frozenset(" \t　合总小總共-=_*gtscGTSC")


class Rejected(NamedTuple):
    """A row that is no customer: where it is, its cells, and the code of the reason."""

    line: int
    cells: Sequence[str]
    code: str


class Newcomers(NamedTuple):
    """Some new customers (their number in the batch, values of these columns), with the rejected rows among them, how many rows of
    the file all these are, and how many bytes of the file are behind them. A rehearsal only has their number."""

    columns: tuple[str, ...]
    customers: list[tuple[Any, ...]]
    made: int
    rejected: list[Rejected]
    rows: int
    position: int


class Attached(NamedTuple):
    """What hangs on the customers of one batch, the first that has none yet: rows by table and tags as a ``Batch`` has them, search
    documents (UTF-8 with a NUL between them), and issues by line."""

    children: dict[str, list[tuple[Any, ...]]]
    tags: list[tuple[int, int, str]]
    documents: bytes
    issues: list[tuple[int, Issue]]


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


def read_customers(plan: ImportPlan, at: str) -> Iterator[Newcomers | Attached | Ending]:
    """The rows of the file as new customers made at ``at``: first all customers, then what hangs on them, in the same order.

    So that every customer can be seen soon, a large text is read twice. Full blocks are put into the order of names, so that
    the index of names is written page after page; a file smaller than a block stays in its own order.
    """
    if plan.size < _ONCE_BYTES or not plan.detection.delimiter:
        yield from _read_once(plan, at, rehearsed=False)
        return
    reader = BlockReader(RowReader(plan.mapping, region=plan.region), at)
    repeats = Repeats(plan.size // _BYTES_A_VALUE)
    before = _version(plan)
    placings: list[_Placing] = []
    with seldom_collected():
        with open_rows(Path(plan.path), plan.detection) as rows:
            for group in _groups(plan, rows):
                placing, portions = _newcomers(reader, group)
                placings.append(placing)
                yield from portions
        with open_rows(Path(plan.path), plan.detection) as rows:
            waiting = iter(placings)
            for group, placing in zip(_groups(plan, rows), waiting, strict=False):
                yield from _attached(plan, reader, group, placing, repeats)
        if next(waiting, None) is not None or _version(plan) != before:
            raise _changed(plan)
    yield _ending(repeats)


def count_customers(plan: ImportPlan, at: str) -> Iterator[Newcomers | Attached | Ending]:
    """What ``read_customers`` would tell of the file, but for the customers themselves."""
    yield from _read_once(plan, at, rehearsed=True)


def _read_once(plan: ImportPlan, at: str, *, rehearsed: bool) -> Iterator[Newcomers | Attached | Ending]:
    reader = BlockReader(RowReader(plan.mapping, region=plan.region), at)
    repeats = Repeats(plan.size // _BYTES_A_VALUE)
    with seldom_collected(), open_rows(Path(plan.path), plan.detection) as rows:
        for group in _groups(plan, rows):
            blocks = list(group)
            placing, portions = _newcomers(reader, blocks, rehearsed=rehearsed)
            yield from portions
            yield from _attached(plan, reader, blocks, placing, repeats, rehearsed=rehearsed)
    yield _ending(repeats)


class _Block(NamedTuple):
    """Some rows of the file, the line each is on, the rows that are too long to be read, and the bytes behind them.

    There are so few of them that a processor's cache holds them: that is a third faster than many.
    """

    lines: list[int]
    rows: list[Sequence[str]]
    rejected: list[Rejected]
    position: int


class _Placing(NamedTuple):
    """How many rows a group has, which of them became customers, in the order of their numbers, and which were read one by one."""

    rows: int
    order: "array[int]"
    odd: "array[int]"


def _version(plan: ImportPlan) -> tuple[int, ...]:
    """What changes when somebody writes into the file or puts another one into its place."""
    status = os.stat(plan.path)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _changed(plan: ImportPlan) -> FormatError:
    return FormatError(_("the file changed while it was read"), where=plan.path, kept=_("Nothing was changed."))


def _groups(plan: ImportPlan, rows: TableRows) -> Iterator[Iterator[_Block]]:
    """The blocks of the file, those together whose customers are put into the order of names."""
    blocks = (_Block(*block, rows.position) for block in _blocks(plan, rows, _BLOCK_ROWS))
    for first in blocks:
        yield chain((first,), islice(blocks, _BLOCKS_A_GROUP - 1))


def _newcomers(
    reader: BlockReader, group: Iterable[_Block], *, rehearsed: bool = False
) -> tuple[_Placing, list[Newcomers]]:
    """The customers of a group of blocks, in batches."""
    values: list[tuple[Any, ...] | None] = []
    odd = array("H")
    rejected: list[Rejected] = []
    position = 0
    for block in group:
        found = reader.read_customers(block.rows)
        odd.extend([len(values) + row for row in found.odd])
        rejected += block.rejected
        rejected += [Rejected(block.lines[row], block.rows[row], code) for row, code in found.rejected]
        values += found.values
        position = block.position
    rejected.sort(key=itemgetter(0))
    order = [row for row, each in enumerate(values) if each is not None]
    if len(values) == _BLOCK_ROWS * _BLOCKS_A_GROUP:
        name = reader.columns.index("sort_name")
        order.sort(key=[each[name] if each else "" for each in values].__getitem__)
    placing = _Placing(len(values), array("H", order), odd)
    rows = len(order) + len(rejected)
    if rehearsed:
        return placing, [Newcomers((), [], len(order), rejected, rows, position)]
    portions = []
    for start in range(0, len(order), _BATCH_ROWS):
        batch = [(number, *values[row]) for number, row in enumerate(order[start : start + _BATCH_ROWS])]  # type: ignore[misc]
        portions.append(Newcomers(reader.columns, batch, len(batch), [], len(batch), position))
    if rejected:
        portions.append(Newcomers(reader.columns, [], 0, rejected, len(rejected), position))
    return placing, portions


def _attached(
    plan: ImportPlan,
    reader: BlockReader,
    group: Iterable[_Block],
    placing: _Placing,
    repeats: Repeats,
    *,
    rehearsed: bool = False,
) -> Iterator[Attached]:
    """What hangs on the customers of a group of blocks, in the batches of ``_newcomers``.

    Raises FormatError when these are not the rows that were read before.
    """
    order = placing.order
    numbers = array("H", bytes(2 * placing.rows))
    for place, row in enumerate(order):
        numbers[row] = place % _BATCH_ROWS
    points: list[Any] = []
    addresses: list[Any] = []
    external: list[Any] = []
    tags: list[Any] = []
    documents: list[str] = []
    issues: list[tuple[int, Issue]] = []
    for block in group:
        start, lines = len(documents), block.lines
        own = numbers[start : start + len(block.rows)]
        if len(own) < len(block.rows):
            raise _changed(plan)
        odd = [row - start for row in placing.odd if start <= row < start + len(own)]
        found = reader.read_details(block.rows, own, odd)
        repeats.note(*_in_file_order(found.keys, [lines[row] for row in found.key_rows]))
        issues += [(lines[row], issue) for row in sorted(found.issues) for issue in found.issues[row]]
        points += found.points
        addresses += found.addresses
        external += found.external
        tags += found.tags
        documents += found.documents
        found.clear()
    if len(documents) < placing.rows:
        raise _changed(plan)
    if not rehearsed:
        for start in range(0, len(order), _BATCH_ROWS):
            rows = order[start : start + _BATCH_ROWS]
            yield Attached(
                _children(rows, points, addresses, external),
                [
                    (number, *tag)
                    for number, tag in enumerate((at, tag) for at, row in enumerate(rows) for tag in tags[row])
                ],
                "\0".join([documents[row] for row in rows]).encode(),
                [],
            )
    if issues:
        yield Attached({}, [], b"", issues)
    for each in (points, addresses, external, tags, documents):
        each.clear()
    gc.collect(1)  # now that the blocks are gone there is little to look at


def _children(
    rows: "array[int]",
    points: Sequence[Sequence[PointRow]],
    addresses: Sequence[tuple[Any, ...] | None],
    external: Sequence[Sequence[tuple[str, str]]],
) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a batch by table; ``rows`` says which of the group's rows its customers are, by number."""
    children: dict[str, Iterable[tuple[Any, ...]]] = {
        "contact_points": chain.from_iterable([points[row] for row in rows]),
        "addresses": [address for row in rows if (address := addresses[row]) is not None],
        "external_ids": [(customer, *pair) for customer, row in enumerate(rows) for pair in external[row]],
    }
    numbered = {table: [(number, *each) for number, each in enumerate(found)] for table, found in children.items()}
    return {table: found for table, found in numbered.items() if found}


def _in_file_order(keys: list[str], lines: list[int]) -> tuple[list[str], list[int]]:
    order = sorted(range(len(keys)), key=lines.__getitem__)
    return [keys[at] for at in order], [lines[at] for at in order]


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
