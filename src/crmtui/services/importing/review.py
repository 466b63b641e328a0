"""What would become of the rows, kept so that a person can page through it: the first thousands in full, all of them counted."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from crmtui.services.importing.plan import ImportIssue

PROBLEMS_KEPT = 50_000
ROWS_KEPT = 10_000
_SHOWN = 100

Outcome = Literal["created", "updated", "unchanged", "skipped", "rejected", "repeated", "known", "ambiguous"]
OUTCOMES: tuple[Outcome, ...] = (
    "created",
    "updated",
    "unchanged",
    "skipped",
    "rejected",
    "repeated",
    "known",
    "ambiguous",
)

T = TypeVar("T")


class ProblemRow(NamedTuple):
    """A row with something wrong in it: where it is, its cells as corrected so far, and every issue."""

    row: int
    cells: tuple[str, ...]
    issues: tuple[ImportIssue, ...]


class Difference(NamedTuple):
    """A field that changes: its key, what it holds (lists joined by ``; ``, "" for nothing) and what it would hold."""

    field: str
    before: str
    after: str


class Known(NamedTuple):
    """A customer that a row may mean."""

    id: int
    name: str
    company: str = ""
    phone: str = ""
    email: str = ""


class RowResult(NamedTuple):
    """What would become of one row. ``customer`` is the one it meets, 0 for none; ``candidates`` are those it may mean."""

    row: int
    outcome: Outcome
    name: str
    customer: int = 0
    changes: tuple[Difference, ...] = ()
    candidates: tuple[Known, ...] = ()
    reason: str = ""


class Pages(Generic[T]):
    """A long list, kept small: items beyond ``most`` are only counted. Each item may bear labels to look for."""

    def __init__(self, most: int, make: Callable[[list[Any]], T]) -> None:
        self.count = 0
        self._most = most
        self._make = make
        self._items: list[bytes] = []
        self._labels: list[frozenset[tuple[str, str]]] = []
        self._known: dict[frozenset[tuple[str, str]], frozenset[tuple[str, str]]] = {}

    @property
    def kept(self) -> int:
        """How many can be looked at."""
        return len(self._items)

    @property
    def is_full(self) -> bool:
        """Whether further items would only be counted."""
        return len(self._items) >= self._most

    def add(self, item: T, labels: frozenset[tuple[str, str]] = frozenset()) -> None:
        """Take an item."""
        self.count += 1
        if not self.is_full:
            self._items.append(
                json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
            )
            self._labels.append(self._known.setdefault(labels, labels))

    def page(
        self, start: int = 0, limit: int = _SHOWN, *, column: str | None = None, code: str | None = None
    ) -> list[T]:
        """The items from ``start`` on, of those with an issue in this column and of this code if they are named."""
        if column is None and code is None:
            return [self._read(at) for at in range(start, min(start + limit, len(self._items)))]
        return [self._read(at) for at in self._found(column, code)[start : start + limit]]

    def find(self, *, column: str | None = None, code: str | None = None) -> int:
        """How many of the kept items have such an issue."""
        return len(self._found(column, code))

    def _found(self, column: str | None, code: str | None) -> list[int]:
        fitting = {
            labels
            for labels in self._known
            if any(column in (None, own) and code in (None, kind) for own, kind in labels)
        }
        return [at for at, labels in enumerate(self._labels) if labels in fitting]

    def _read(self, at: int) -> T:
        return self._make(json.loads(self._items[at].decode("utf-8", "surrogatepass")))


class Review:
    """Everything of one validation or rehearsal that can be paged through."""

    def __init__(self) -> None:
        self.problems: Pages[ProblemRow] = Pages(PROBLEMS_KEPT, _problem)
        self._results: dict[Outcome, Pages[RowResult]] = {each: Pages(ROWS_KEPT, _result) for each in OUTCOMES}

    def rows(self, outcome: Outcome) -> Pages[RowResult]:
        """The rows that something becomes of: ``created``, ``updated`` …; ``repeated`` are those that have the phone or e-mail of
        an earlier row, ``known`` those whose customer is there already (mode ``create``), ``ambiguous`` those to decide about."""
        return self._results[outcome]

    def add_problem(self, row: int, cells: Sequence[str], issues: Sequence[ImportIssue]) -> None:
        """Note a row with issues."""
        self.problems.add(
            ProblemRow(row, tuple(cells), tuple(issues)), frozenset((issue.column, issue.code) for issue in issues)
        )

    def add(self, result: RowResult) -> None:
        """Note what becomes of a row."""
        self._results[result.outcome].add(result)

    def to_json(self) -> dict[str, Any]:
        """The beginnings of all lists, as ``import --dry-run --json`` gives them."""
        return {
            "problem_rows": {
                "count": self.problems.count,
                "rows": [
                    {"row": each.row, "cells": list(each.cells), "issues": [issue._asdict() for issue in each.issues]}
                    for each in self.problems.page()
                ],
            },
            "results": {
                outcome: {"count": pages.count, "rows": [_as_json(each) for each in pages.page()]}
                for outcome, pages in self._results.items()
                if pages.count
            },
        }


def _as_json(result: RowResult) -> dict[str, Any]:
    return {
        **result._asdict(),
        "customer": result.customer or None,
        "changes": [each._asdict() for each in result.changes],
        "candidates": [each._asdict() for each in result.candidates],
    }


def _problem(item: list[Any]) -> ProblemRow:
    row, cells, issues = item
    return ProblemRow(row, tuple(cells), tuple(ImportIssue(*issue) for issue in issues))


def _result(item: list[Any]) -> RowResult:
    row, outcome, name, customer, changes, candidates, reason = item
    return RowResult(
        row,
        outcome,
        name,
        customer,
        tuple(Difference(*each) for each in changes),
        tuple(Known(*each) for each in candidates),
        reason,
    )
