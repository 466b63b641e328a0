"""The rows of a file by the block, as every step of an import sees them: as wide as the table, corrected, without what closes it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crmtui.domain.mapping.corrections import Corrector
from crmtui.domain.mapping.fixes import fix_of
from crmtui.domain.mapping.rows import fit_width
from crmtui.domain.values import use_empty_words
from crmtui.formats.broken_text import bytes_met, is_broken
from crmtui.formats.formula_guard import unguard
from crmtui.formats.header import FOOTER_STARTS, is_footer
from crmtui.formats.table import BrokenRecord
from crmtui.formats.table import RowReader as TableRows
from crmtui.services.importing.plan import ImportPlan

_FIXES_REMEMBERED = 50_000
_FOOTERS = 20


class Rejected(NamedTuple):
    """A row that is no customer: where it is, its cells, and the code of the reason."""

    line: int
    cells: Sequence[str]
    code: str


def _corrector(plan: ImportPlan) -> Corrector:
    targets = [each.target for each in plan.mapping]
    memory: dict[tuple[int, str, str], str] = {}

    def fix(index: int, code: str, cell: str) -> str:
        if (index, code, cell) not in memory:
            if len(memory) > _FIXES_REMEMBERED:
                memory.clear()
            memory[index, code, cell] = fix_of(targets[index].key, code, cell, plan.region)
        return memory[index, code, cell]

    return Corrector(plan.corrections, [each.column for each in plan.mapping], fix)


def _is_remark(cells: Sequence[str]) -> bool:
    """Whether a row of a wide table holds a single text: below a total, a report has its name and who made it there."""
    return len(cells) > 3 and bool(cells[0].strip()) and not any(cell and not cell.isspace() for cell in cells[1:])


def row_blocks(
    plan: ImportPlan, rows: TableRows, size: int
) -> Iterator[tuple[list[int], list[Sequence[str]], list[Rejected]]]:
    """The rows of the table by the block, made as wide as its header: (lines, rows, rejected rows).

    Here, and nowhere else, the corrections of a person are applied: rows left out, and cells. Lines that close the table (totals, a
    confidentiality notice) at the very end are left out.
    """
    width, guarded = len(plan.mapping), plan.options.guarded
    lines: list[int] = []
    block: list[Sequence[str]] = []
    rejected: list[Rejected] = []
    footers: list[tuple[int, list[str]]] = []
    left_out = plan.left_out()
    corrector = None if plan.corrections.empty else _corrector(plan)
    before = bytes_met()
    use_empty_words(plan.options.empty_words)

    for line, cells in rows:
        if line in left_out:
            rejected.append(Rejected(line, cells, "left_out"))
            continue
        if not cells and isinstance(cells, BrokenRecord):
            rejected.append(Rejected(line, [cells.text], "broken_record"))
            continue
        if bytes_met() != before and is_broken(cells):
            rejected.append(Rejected(line, cells, "broken_text"))
            continue
        if guarded:
            cells = [unguard(cell) for cell in cells]
        if len(cells) != width:
            fitted = fit_width(cells, width)
            if fitted is None:
                rejected.append(Rejected(line, cells, "too_many_cells"))
                continue
            cells = fitted
        if corrector is not None:
            cells = corrector.apply(line, cells)
        if len(footers) < _FOOTERS and (
            ((not cells[0] or cells[0][0] in FOOTER_STARTS) and is_footer(cells)) or (footers and _is_remark(cells))
        ):
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
