"""What a run gathers while it goes on: counts, issues, rejected rows, and how fast it is."""

import time
from collections.abc import Sequence

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
from crmtui.services.importing.reading import Ending, Rejected
from crmtui.services.importing.rejects import RejectsFile

_TOLD_EVERY = 0.1


class Outcome:
    """Gathers what becomes of the rows of one import and tells how far it is."""

    def __init__(self, plan: ImportPlan, rejects: RejectsFile, progress: ProgressCallback | None) -> None:
        self.plan = plan
        self.counts = Counts()
        self.log = IssueLog(plan)
        self.rejects = rejects
        self._progress = progress
        self._started = time.monotonic()
        self._phase, self._phase_started, self._told = "", self._started, 0.0

    def reject(self, rejected: Sequence[Rejected]) -> None:
        """Note rows that are no customers."""
        for line, cells, code in rejected:
            if code == "footer":
                self.counts.skipped += 1
                self.log.add_row(line, code)
                continue
            self.counts.rejected += 1
            if code in ROW_ISSUES:
                self.log.add_row(line, code)
                reason = _(ROW_ISSUES[code])
            else:
                reason = Issue("", code, "").text()
            self.rejects.add(line, cells, reason)

    def skip(self, line: int, cells: Sequence[str], code: str) -> None:
        """Note a row that is left out because it meets no customer, or several."""
        self.counts.skipped += 1
        self.log.add_row(line, code)
        self.rejects.add(line, cells, _(ROW_ISSUES[code]))

    def end(self, ending: Ending) -> None:
        """Take what only the end of the file tells."""
        self.counts.duplicates_in_file = ending.repeated
        for line in ending.repeated_lines:
            self.log.add_row(line, "repeated")
        self.log.codes["repeated"] = ending.repeated
        if not ending.repeated:
            del self.log.codes["repeated"]

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
        )


def estimate_rows(rows: int, position: int, size: int) -> int:
    """How many rows the file has, judged by those read so far."""
    return rows if not position else max(rows, round(rows * size / position))
