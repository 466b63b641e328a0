"""An import as a value: what the file is, where its columns go, how rows meet customers that exist; and what came of it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, NamedTuple

from crmtui.domain.intake import Issue
from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.domain.phones import is_region
from crmtui.errors import UsageError
from crmtui.formats.table import Detection
from crmtui.i18n import N_, _

Mode = Literal["create", "update", "upsert", "fill"]
MODES: tuple[Mode, ...] = ("create", "update", "upsert", "fill")
MATCH_KEYS = ("email", "phone", "external_id")
ISSUES_KEPT = 1_000

ROW_ISSUES = {
    "too_many_cells": N_("the row has more cells than the table has columns"),
    "footer": N_("closes the table and is no customer; left out"),
    "ambiguous": N_("fits several customers; left out"),
    "not_found": N_("fits no customer; left out"),
    "repeated": N_("has the e-mail or phone of an earlier row"),
    "id_taken": N_("external ids that belong to other customers already were not given again"),
    "contact_kept": N_("does not want to be contacted; an import never changes that back"),
    "ambiguous_date": N_("day and month cannot be told apart in this column; read as {order}"),
}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person has said about an import; what is None or empty is found out.

    ``region`` (ISO 3166) reads national phone numbers and settles close calls; ``match`` names the keys by which rows meet
    customers; ``mapping`` overrides single columns (column → field); ``header_row`` 0 says there is none; ``guarded`` takes
    the apostrophes of the export profile ``spreadsheet`` away again; ``again`` lets an identical file in a second time.
    """

    region: str | None = None
    mode: Mode = "create"
    match: tuple[str, ...] = MATCH_KEYS
    recipe: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    as_format: str | None = None
    rejects: str | None = None
    guarded: bool = False
    again: bool = False

    def check(self) -> None:
        """Raise UsageError for a mode, match key, delimiter or region that does not exist."""
        if self.mode not in MODES:
            raise UsageError(_("there is no import mode {mode}").format(mode=self.mode), hint=", ".join(MODES))
        for key in self.match:
            if key not in MATCH_KEYS:
                raise UsageError(_("rows cannot be matched by {key}").format(key=key), hint=", ".join(MATCH_KEYS))
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '\r\n"\0'):
            raise UsageError(
                _("the delimiter “{text}” is not one character").format(text=self.delimiter),
                hint=_("It can be: {choices}").format(choices=", ; tab |"),
            )
        if self.region and not is_region(self.region):
            raise UsageError(
                _("there is no country “{region}”").format(region=self.region),
                hint=_("It is two letters, such as CN, DE or US"),
            )


class ImportIssue(NamedTuple):
    """Something about one row: physical row, column by name, field, stable code, the sentence, a better value if any."""

    row: int
    column: str
    field: str
    code: str
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """An import that can be rehearsed and run: the file, what it is, the mapping, and what a person has said."""

    path: str
    options: ImportOptions
    region: str
    size: int
    detection: Detection
    mapping: tuple[ColumnMapping, ...] = ()

    def with_mapping(self, mapping: tuple[ColumnMapping, ...]) -> "ImportPlan":
        """The same plan with another mapping."""
        return replace(self, mapping=mapping)

    def unmapped(self) -> list[ColumnMapping]:
        """The columns kept as custom fields."""
        return [each for each in self.mapping if each.field.startswith("custom.")]

    def column_of(self, key: str) -> str:
        """The first column that feeds a field, for an issue; empty when none does."""
        return next((each.column for each in self.mapping if each.target.key == key), "")


@dataclass(slots=True)
class Counts:
    """What became of the rows."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0
    duplicates_in_file: int = 0


class Progress(NamedTuple):
    """How far a phase is: ``read``, ``order`` or ``index``; ``total`` is an estimate; ``speed`` in rows a second."""

    phase: str
    done: int
    total: int
    speed: float
    seconds_left: float
    counts: Counts


ProgressCallback = Callable[[Progress], None]


class IssueLog:
    """The first issues in full and the number of all of them by code."""

    def __init__(self, plan: ImportPlan) -> None:
        self._plan = plan
        self.issues: list[ImportIssue] = []
        self.codes: Counter[str] = Counter()

    def add(self, row: int, issue: Issue) -> None:
        """Note an issue of a value."""
        self.codes[issue.code] += 1
        if len(self.issues) < ISSUES_KEPT:
            column = self._plan.column_of(issue.field)
            self.issues.append(ImportIssue(row, column, issue.field, issue.code, issue.text(), issue.fix))

    def add_row(self, row: int, code: str, *, count: int = 1) -> None:
        """Note an issue of a whole row (0: of the file)."""
        self.codes[code] += count
        if len(self.issues) < ISSUES_KEPT:
            self.issues.append(ImportIssue(row, "", "", code, _(ROW_ISSUES[code])))

    def add_file(self, issue: ImportIssue) -> None:
        """Note an issue that is ready."""
        self.codes[issue.code] += 1
        self.issues.append(issue)


@dataclass(slots=True)
class ImportResult:
    """What an import did or, rehearsed, would do. ``operation_id`` is 0 when nothing was written."""

    plan: ImportPlan
    operation_id: int
    counts: Counts
    issues: list[ImportIssue]
    issue_counts: dict[str, int]
    seconds: float
    rejects_file: str | None = None
    already_imported: int | None = None
    backup: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The document of ``import --json``."""
        return {
            "operation": self.operation_id or None,
            **describe_plan(self.plan),
            "counts": asdict(self.counts),
            "issues": [issue._asdict() for issue in self.issues],
            "issue_counts": self.issue_counts,
            "rejects_file": self.rejects_file,
            "already_imported": self.already_imported,
            "backup": self.backup,
            "seconds": round(self.seconds, 3),
        }


def describe_plan(plan: ImportPlan) -> dict[str, Any]:
    """What the file is and where its columns go, as in ``inspect --json``."""
    found = plan.detection
    return {
        "file": plan.path,
        "format": found.format,
        "encoding": found.encoding,
        "encoding_confidence": found.encoding_confidence,
        "delimiter": found.delimiter or None,
        "sheet": found.sheet,
        "header_row": found.header_row,
        "vendor": None,
        "vendor_confidence": None,
        "mapping": {
            each.column: {"field": each.field, "reason": each.reason, "confidence": each.confidence}
            for each in plan.mapping
        },
        "notes": [note._asdict() for note in found.notes],
    }
