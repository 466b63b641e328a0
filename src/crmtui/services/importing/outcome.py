"""What a run gathers while it goes on: counts, issues, rejected rows, and how fast it is."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

from crmtui.domain.intake import Issue
from crmtui.i18n import _
from crmtui.services.importing.plan import (
    ROW_ISSUES,
    Counts,
    ImportPlan,
    ImportResult,
    IssueLog,
    Progress,
    ProgressCallback,
)
from crmtui.services.importing.reading import Ending
from crmtui.services.importing.rejects import RejectsFile
from crmtui.services.importing.review import Known, Review, RowResult
from crmtui.services.importing.review import Outcome as ReviewOutcome
from crmtui.services.importing.row_blocks import Rejected

_TOLD_EVERY = 0.1
_NOT_WANTED = frozenset(("footer", "left_out"))


class Outcome:
    """Gathers what becomes of the rows of one import and tells how far it is.

    With a ``review`` it also keeps what a person may want to look at before the run.
    """

    def __init__(
        self,
        plan: ImportPlan,
        rejects: RejectsFile,
        progress: ProgressCallback | None,
        review: Review | None = None,
    ) -> None:
        self.plan = plan
        self.review = review
        self.counts = Counts()
        self.children: Counter[tuple[str, str]] = Counter()
        self.log = IssueLog(plan)
        self.rejects = rejects
        self._progress = progress
        self._started = time.monotonic()
        self._phase, self._phase_started, self._told = "", self._started, 0.0

    def reject(self, rejected: Sequence[Rejected]) -> None:
        """Note rows that are no customers."""
        for line, cells, code in rejected:
            if code in _NOT_WANTED:
                self.counts.skipped += 1
                told = self.log.add_row(line, code)
                if self.review is not None:
                    self.review.add(RowResult(line, "skipped", _name_in(cells), reason=told.message))
                continue
            self.counts.rejected += 1
            if code in ROW_ISSUES:
                told = self.log.add_row(line, code)
            else:
                told = self.log.told(line, Issue("", code, ""), cells)
            self.rejects.add(line, cells, told.message)
            if self.review is not None:
                self.review.add(RowResult(line, "rejected", _name_in(cells), reason=told.message))
                if code in ROW_ISSUES:
                    self.review.add_problem(line, cells, (told,))

    def create(self, rows: Sequence[tuple[int, str]]) -> None:
        """Note rows that would be new customers; the number of all of them is that of ``counts``."""
        if self.review is not None:
            for line, name in rows:
                self.review.add(RowResult(line, "created", name))
            self.review.rows("created").count = self.counts.created

    def keep(self, outcome: ReviewOutcome, result: Callable[[], RowResult]) -> None:
        """Keep what becomes of a row for a person to look at; it is only worked out while there is room."""
        if self.review is None:
            return
        pages = self.review.rows(outcome)
        if pages.is_full:
            pages.count += 1
        else:
            self.review.add(result())

    def note(self, line: int, issues: Sequence[Issue], cells: Sequence[str] = ()) -> None:
        """Note the issues of the values of a row."""
        told = [self.log.add(line, issue, cells) for issue in issues]
        if told and self.review is not None:
            self.review.add_problem(line, cells, told)

    def skip(self, line: int, cells: Sequence[str], code: str, candidates: Sequence[Known] = ()) -> None:
        """Note a row that is left out because it meets no customer, or several."""
        self.counts.skipped += 1
        told = self.log.add_row(line, code)
        self.rejects.add(line, cells, told.message)
        if self.review is not None:
            outcome: Literal["ambiguous", "skipped"] = "ambiguous" if code == "ambiguous" else "skipped"
            self.review.add(
                RowResult(line, outcome, _name_in(cells), candidates=tuple(candidates), reason=told.message)
            )

    def end(self, ending: Ending) -> None:
        """Take what only the end of the file tells."""
        self.counts.duplicates_in_file = ending.repeated
        if not ending.repeated:
            return
        for line, earlier in ending.repeated_lines:
            self.log.add_row(line, "repeated")
            if self.review is not None:
                reason = _("has the e-mail or phone of row {row}").format(row=earlier)
                self.review.add(RowResult(line, "repeated", "", reason=reason))
        self.log.codes["repeated"] = self.log.columns["", "repeated"] = ending.repeated

    def tell(self, phase: str, done: int, total: int, *, now: bool = False) -> None:
        """Tell the progress, ten times a second at most."""
        moment = time.monotonic()
        if phase != self._phase:
            self._phase, self._phase_started, now = phase, moment, True
        if self._progress is None or not (now or moment - self._told >= _TOLD_EVERY):
            return
        self._told = moment
        spent = moment - self._phase_started
        speed = done / spent if spent > 0 else 0.0
        left = max(0, total - done) / speed if speed else 0.0
        self._progress(Progress(phase, done, total, speed, left, self.counts))

    def result(self, operation_id: int) -> ImportResult:
        """The outcome as it is reported."""
        return ImportResult(
            self.plan,
            operation_id,
            self.counts,
            self.log.issues,
            dict(self.log.codes),
            time.monotonic() - self._started,
            self.rejects.written,
            by_column=dict(self.log.columns),
            review=self.review,
            children=self._children(),
        )

    def _children(self) -> dict[str, dict[str, int]]:
        """What became of the records beside the customers, by kind."""
        found: dict[str, dict[str, int]] = {}
        for (kind, became), count in sorted(self.children.items()):
            found.setdefault(kind, {"created": 0, "updated": 0, "unchanged": 0})[became] = count
        return found

    @property
    def changes(self) -> int:
        """How many records are new or changed."""
        beside = sum(count for (_kind, became), count in self.children.items() if became != "unchanged")
        return self.counts.created + self.counts.updated + beside


def estimate_rows(rows: int, position: int, size: int) -> int:
    """How many rows the file has, judged by those read so far."""
    return rows if not position else max(rows, round(rows * size / position))


def _name_in(cells: Sequence[str]) -> str:
    """What a row that is no customer is called in a list: its first filled cell."""
    return next((cell.strip() for cell in cells if cell.strip()), "")[:80]
