"""What a file holds, found by reading it once in a child process: facts about each column, damage, rows that are no data.

Detection looks at the beginning only and answers at once; this is the closer look, over the first hundred thousand rows or all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmtui.domain.mapping.facts import ColumnFacts, FactsCollector
from crmtui.formats.guard import run_guarded
from crmtui.formats.header import FOOTER_STARTS, is_footer
from crmtui.formats.registry import open_rows
from crmtui.formats.table import BrokenRecord, Detection, Note
from crmtui.services.importing.plan import ImportPlan

ROWS = 100_000
"""Rows that are read unless one asks for more."""
_BLOCK = 2_000
_FOOTERS = 20
_NOTES = 20
_MEMORY_MB = 1024


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The rows read (``complete``: all of the file), the facts about each column, the rows at the end that close the table,
    and what reading brought to light."""

    rows: int
    complete: bool
    columns: tuple[ColumnFacts, ...]
    footers: tuple[int, ...]
    notes: tuple[Note, ...]

    def to_json(self) -> dict[str, Any]:
        """As in ``inspect --json``."""
        return {
            "rows_read": self.rows,
            "all_rows_read": self.complete,
            "footer_rows": list(self.footers),
            "columns": [_column_json(each) for each in self.columns],
        }


def look_closely(plan: ImportPlan, rows: int = ROWS) -> FileFacts:
    """The facts about the first ``rows`` rows of a file that was detected. Raises FormatError when it cannot be read."""
    return next(
        run_guarded(read_facts, plan.path, plan.detection, plan.region, rows, memory_mb=_MEMORY_MB, seconds=600)
    )


def read_facts(path: str, detection: Detection, region: str, limit: int) -> Iterator[FileFacts]:
    """The facts, once. A generator, to be run guarded."""
    collector = FactsCollector(detection.columns, region=region)
    block: list[list[str]] = []
    closing: list[tuple[int, list[str]]] = []
    complete = True
    with open_rows(Path(path), detection) as rows:
        for line, cells in rows:
            if not cells and isinstance(cells, BrokenRecord):
                continue
            if collector.rows + len(block) >= limit:
                complete = False
                break
            if (
                (not cells or not cells[0] or cells[0][0] in FOOTER_STARTS)
                and len(closing) < _FOOTERS
                and is_footer(cells)
            ):
                closing.append((line, cells))
                continue
            if closing:
                block += [each[1] for each in closing]
                closing.clear()
            block.append(cells)
            if len(block) >= _BLOCK:
                collector.add(block)
                block.clear()
        if block:
            collector.add(block)
        notes = tuple(rows.notes)[:_NOTES]
    footers = tuple(line for line, _cells in closing) if complete else ()
    yield FileFacts(collector.rows, complete, collector.result(), footers, notes)


def describe_detection(found: Detection) -> dict[str, Any]:
    """What detection weighed, as in ``inspect --json``: candidates with how sure each is, sheets, the header."""
    inside = (found.sheet or "").removesuffix(found.inner.sheet or "") if found.inner else ""
    read = {found.sheet, *(part.sheet for part in found.parts), *(inside + join.table for join in found.joins)}
    return {
        "encoding_candidates": [
            {"encoding": each.encoding, "confidence": each.confidence, "rows": list(each.preview)}
            for each in found.encoding_candidates
        ],
        "delimiter_candidates": [
            {"delimiter": delimiter, "confidence": confidence} for delimiter, confidence in found.delimiter_candidates
        ],
        "quote": found.quote or None,
        "escape": found.escape or None,
        "line_end": found.line_end or None,
        "sheets": [
            {
                "name": each.name,
                "rows": each.rows,
                "hidden": each.hidden,
                "read": each.name in read,
            }
            for each in found.sheets
        ],
        "header_confidence": found.header_confidence,
        "skipped_rows": list(found.skipped_rows),
    }


def _column_json(facts: ColumnFacts) -> dict[str, Any]:
    return {
        "column": facts.column,
        "samples": list(facts.samples),
        "blank": facts.blank,
        "blank_share": round(facts.blank_share, 4),
        "distinct": facts.distinct,
        "distinct_exact": facts.exact,
        "longest": facts.longest,
        "content": facts.content or None,
        "empty_words": dict(facts.empty_words),
        "damage": [
            {
                "kind": each.kind,
                "count": each.count,
                "examples": list(each.examples),
                "repair": each.repair,
                "message": each.sentence(),
            }
            for each in facts.damages
        ],
    }
