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
from crmtui.domain.mapping.rows import RowReader
from crmtui.errors import FormatError
from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Detection
from crmtui.formats.table import RowReader as TableRows
from crmtui.i18n import _
from crmtui.services.importing.collection import seldom_collected
from crmtui.services.importing.gathering import Gatherer, Joined
from crmtui.services.importing.plan import ImportPlan
from crmtui.services.importing.row_blocks import Rejected, row_blocks

_BLOCK_ROWS = 500
_BLOCKS_A_GROUP = 10
_BATCH_ROWS = 500
_INTAKES = 500
_ONCE_BYTES = 2_000_000  # a file that is read so soon need not be read twice
_BYTES_A_VALUE = 100
_REPEATS_TOLD = 1_000
_NAMES_TOLD = 15_000


class Newcomers(NamedTuple):
    """Some new customers (their number in the batch, values of these columns), with the rejected rows among them, how many rows of
    the file all these are, and how many bytes of the file are behind them. A rehearsal only has their number, and line and name of the
    ``first`` ones."""

    columns: tuple[str, ...]
    customers: list[tuple[Any, ...]]
    made: int
    rejected: list[Rejected]
    rows: int
    position: int
    first: Sequence[tuple[int, str]] = ()


class Attached(NamedTuple):
    """What hangs on the customers of one batch, the first that has none yet: rows by table and tags as a ``Batch`` has them, search
    documents (UTF-8 with a NUL between them), and issues by line. A rehearsal has the cells of the rows with issues, and the keys of
    all rows (phones and e-mails, external ids) by line if it asks for them."""

    children: dict[str, list[tuple[Any, ...]]]
    tags: list[tuple[int, int, str]]
    documents: bytes
    issues: list[tuple[int, list[Issue]]]
    cells: Sequence[Sequence[str]] = ()
    keys: Sequence[tuple[int, str]] = ()
    external: Sequence[tuple[int, str, str]] = ()


class Intakes(NamedTuple):
    """Some rows of the file as values, to meet customers that exist: (line, cells, values). ``joined`` are further rows of the same
    customers, by the line of the one that took them in."""

    rows: list[tuple[int, Sequence[str], Intake]]
    rejected: list[Rejected]
    position: int
    joined: dict[int, Joined] = {}  # noqa: RUF012  # never changed


class Ending(NamedTuple):
    """What only the end of the file tells: how many rows repeat a phone or e-mail; the first of them by line, each with the line
    that has it before."""

    repeated: int
    repeated_lines: list[tuple[int, int]]


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


def empty_columns(path: str, detection: Detection, columns: Sequence[int]) -> Iterator[set[int]]:
    """Those of these columns that hold nothing in the whole file."""
    empty = set(columns)
    with open_rows(Path(path), detection) as rows:
        for _line, cells in rows:
            empty = {index for index in empty if index >= len(cells) or not cells[index].strip()}
            if not empty:
                break
    yield empty


def read_customers(plan: ImportPlan, at: str) -> Iterator[Newcomers | Attached | Ending]:
    """The rows of the file as new customers made at ``at``: first all customers, then what hangs on them, in the same order.

    So that every customer can be seen soon, a large text is read twice. Full blocks are put into the order of names, so that
    the index of names is written page after page; a file smaller than a block stays in its own order.
    """
    if plan.size < _ONCE_BYTES or not plan.detection.delimiter:
        yield from _read_once(plan, at, rehearsed=False)
        return
    reader = BlockReader(_row_reader(plan), at)
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


def count_customers(plan: ImportPlan, at: str, keyed: bool = False) -> Iterator[Newcomers | Attached | Ending]:
    """What ``read_customers`` would tell of the file, but for the customers themselves; ``keyed``: with the keys of all rows."""
    yield from _read_once(plan, at, rehearsed=True, keyed=keyed)


def _read_once(
    plan: ImportPlan, at: str, *, rehearsed: bool, keyed: bool = False
) -> Iterator[Newcomers | Attached | Ending]:
    reader = BlockReader(_row_reader(plan), at)
    repeats = Repeats(plan.size // _BYTES_A_VALUE)
    told = 0
    with seldom_collected(), open_rows(Path(plan.path), plan.detection) as rows:
        for group in _groups(plan, rows):
            blocks = list(group)
            placing, portions = _newcomers(reader, blocks, rehearsed=rehearsed)
            told += len(placing.order)
            yield from portions if told < _NAMES_TOLD else [each._replace(first=()) for each in portions]
            yield from _attached(plan, reader, blocks, placing, repeats, rehearsed=rehearsed, keyed=keyed)
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
    blocks = (_Block(*block, rows.position) for block in row_blocks(plan, rows, _BLOCK_ROWS))
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
    lines: list[int] = []
    for block in group:
        found = reader.read_customers(block.rows)
        if rehearsed:
            lines += block.lines
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
        name = reader.columns.index("name")
        first = [(lines[row], values[row][name]) for row in sorted(order)]  # type: ignore[index]  # the order leaves None out
        return placing, [Newcomers((), [], len(order), rejected, rows, position, first)]
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
    keyed: bool = False,
) -> Iterator[Attached]:
    """What hangs on the customers of a group of blocks, in the batches of ``_newcomers``.

    Raises FormatError when these are not the rows that were read before.
    """
    order = placing.order
    made = set(order) if keyed else set()
    numbers = array("H", bytes(2 * placing.rows))
    for place, row in enumerate(order):
        numbers[row] = place % _BATCH_ROWS
    points: list[Any] = []
    addresses: list[Any] = []
    external: list[Any] = []
    tags: list[Any] = []
    documents: list[str] = []
    issues: list[tuple[int, list[Issue]]] = []
    cells: list[Sequence[str]] = []
    keys: list[tuple[int, str]] = []
    ids: list[tuple[int, str, str]] = []
    for block in group:
        start, lines = len(documents), block.lines
        own = numbers[start : start + len(block.rows)]
        if len(own) < len(block.rows):
            raise _changed(plan)
        odd = [row - start for row in placing.odd if start <= row < start + len(own)]
        found = reader.read_details(block.rows, own, odd)
        repeats.note(*_in_file_order(found.keys, [lines[row] for row in found.key_rows]))
        issues += [(lines[row], [*found.issues[row]]) for row in sorted(found.issues)]
        if rehearsed:
            cells += [block.rows[row] for row in sorted(found.issues)]
        if keyed:
            keys += [(lines[row], key) for key, row in zip(found.keys, found.key_rows, strict=True)]
            ids += [
                (lines[row], *pair)
                for row, pairs in enumerate(found.external)
                if pairs and start + row in made
                for pair in pairs
            ]
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
    if issues or keys or ids:
        yield Attached({}, [], b"", issues, cells, keys, ids)
    for each in (points, addresses, external, tags, documents):
        each.clear()
    gc.collect(1)  # now that the blocks are gone there is little to look at


def _children(
    rows: "array[int]",
    points: Sequence[Sequence[PointRow]],
    addresses: Sequence[Sequence[tuple[Any, ...]]],
    external: Sequence[Sequence[tuple[str, str]]],
) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of a batch by table; ``rows`` says which of the group's rows its customers are, by number."""
    children: dict[str, Iterable[tuple[Any, ...]]] = {
        "contact_points": chain.from_iterable([points[row] for row in rows]),
        "addresses": chain.from_iterable([addresses[row] for row in rows]),
        "external_ids": [(customer, *pair) for customer, row in enumerate(rows) for pair in external[row]],
    }
    numbered = {table: [(number, *each) for number, each in enumerate(found)] for table, found in children.items()}
    return {table: found for table, found in numbered.items() if found}


def _in_file_order(keys: list[str], lines: list[int]) -> tuple[list[str], list[int]]:
    order = sorted(range(len(keys)), key=lines.__getitem__)
    return [keys[at] for at in order], [lines[at] for at in order]


def read_intakes(plan: ImportPlan) -> Iterator[Intakes | Ending]:
    """The rows of the file as values that may meet customers."""
    reader = _row_reader(plan)
    repeats = Repeats(plan.size // _BYTES_A_VALUE)
    if reader.has_activities:
        yield from _gathered(plan, reader)
        return
    with open_rows(Path(plan.path), plan.detection) as rows:
        for lines, block, rejected in row_blocks(plan, rows, _INTAKES):
            read = [(line, cells, reader.read(cells)) for line, cells in zip(lines, block, strict=True)]
            for line, _cells, intake in read:
                keys = [point.normalised for point in intake.points if point.kind in ("phone", "email")]
                values = [key for key in keys if key]
                repeats.note(values, [line] * len(values))
            yield Intakes(read, rejected, rows.position)
    yield _ending(repeats)


def _gathered(plan: ImportPlan, reader: RowReader) -> Iterator[Intakes | Ending]:
    """The rows of a file of activities, those of one customer together; that they repeat its keys is nothing to be told."""
    gatherer = Gatherer(plan.options.match)
    portion: Intakes | None = None
    with open_rows(Path(plan.path), plan.detection) as rows:
        for lines, block, rejected in row_blocks(plan, rows, _INTAKES):
            read = [(line, cells, reader.read(cells)) for line, cells in zip(lines, block, strict=True)]
            gathered = gatherer.take(read)
            if portion is not None:
                yield portion
            portion = Intakes(gathered, rejected, rows.position, gatherer.joined)
    if portion is not None:
        last = sorted((*portion.rows, *gatherer.rest()), key=itemgetter(0))
        yield portion._replace(rows=last, joined=portion.joined | gatherer.joined)
    yield Ending(0, [])


def _ending(repeats: Repeats) -> Ending:
    count = 0
    lines: list[tuple[int, int]] = []
    for pair in repeats.lines():
        count += 1
        if len(lines) < _REPEATS_TOLD:
            lines.append(pair)
    return Ending(count, lines)


def _row_reader(plan: ImportPlan) -> RowReader:
    return RowReader(
        plan.mapping, region=plan.region, constants=plan.constants, currency=plan.options.currency or "USD"
    )
