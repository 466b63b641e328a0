"""An import as a value: what the file is, where its columns go, how rows meet customers that exist; and what came of it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from crmtui.domain.intake import Issue
from crmtui.domain.mapping.corrections import NOTHING_CORRECTED, Corrections
from crmtui.domain.mapping.fixes import fix_of
from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.domain.mapping.steps import parse_steps
from crmtui.domain.mapping.targets import ACTIVITIES, SKIP, parse_target
from crmtui.domain.phones import is_region
from crmtui.errors import UsageError
from crmtui.formats.table import Detection, Note
from crmtui.i18n import N_, _
from crmtui.services.importing.policies import Policy, check_policy, rejects_limit

if TYPE_CHECKING:
    from crmtui.domain.mapping.vendors import VendorMatch
    from crmtui.services.importing.review import Review

Mode = Literal["create", "update", "upsert", "fill"]
MODES: tuple[Mode, ...] = ("create", "update", "upsert", "fill")
MATCH_KEYS = ("email", "phone", "external_id")
"""The keys by which rows meet customers when nobody says."""
MORE_MATCH_KEYS = ("wechat", "qq", "name+company")
"""Further keys that can be chosen, besides ``custom.NAME`` for any field of one's own."""
Decision = int | Literal["new", "skip"]
"""What a person decided about one row: it is this customer, a new one, or is left out."""
ISSUES_KEPT = 1_000

ROW_ISSUES = {
    "too_many_cells": N_("the row has more cells than the table has columns"),
    "broken_record": N_("the record is damaged or incomplete; left out"),
    "broken_text": N_("holds bytes that are no text in the encoding of the file; left out"),
    "footer": N_("closes the table and is no customer; left out"),
    "ambiguous": N_("fits several customers; left out"),
    "not_found": N_("fits no customer; left out"),
    "repeated": N_("has the e-mail or phone of an earlier row"),
    "id_taken": N_("external ids that belong to other customers already were not given again"),
    "contact_kept": N_("does not want to be contacted; an import never changes that back"),
    "ambiguous_date": N_("day and month cannot be told apart in this column; read as {order}"),
    "left_out": N_("left out by you"),
    "consent_kept": N_("holds a refusal; an import never takes it back"),
    "went_along": N_("belongs to an earlier row that was left out"),
    "known": N_("is in the file of customers already"),
}
_ERRORS = frozenset(("empty", "too_long", "too_many_cells", "broken_record", "broken_text"))
_REMARKS = frozenset(
    ("footer", "repeated", "contact_kept", "consent_kept", "left_out", "short", "known", "ambiguous_date")
)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person has said about an import; what is None or empty is found out.

    ``region`` (ISO 3166) reads national phone numbers and settles close calls; ``match`` names the keys by which rows meet
    customers; ``mapping`` overrides single columns (column → field); ``header_row`` 0 says there is none; ``guarded`` takes
    the apostrophes of the export profile ``spreadsheet`` away again; ``again`` lets an identical file in a second time.

    ``recipe`` is the name of a saved one or the path of its file; without one, a recipe with the same columns is used unless
    ``no_recipe``; ``save_recipe`` is where what is done is kept as one. ``undecided`` names the options (``mode``, ``region``) that a recipe may still settle. ``policies`` says by
    field key what a value of the file does to one that is there; ``constants`` (target → text) are said of every row; ``steps``
    (column → texts of steps) are done with the cells of a column first; ``currency``
    is that of amounts without one. ``max_rejects`` (``20`` or ``5%``) is how many rows may be rejected before nothing is brought
    in. ``into`` is an earlier import that this file completes. ``rehearsed`` is the token of
    the rehearsal that the run must be like. ``empty_words`` are the cells that stand for nothing (None: 无, N/A, - and their
    like; empty: no cell is taken for empty).
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
    no_recipe: bool = False
    save_recipe: str | None = None
    undecided: frozenset[str] = frozenset()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    currency: str = ""
    max_rejects: str | None = None
    into: int | None = None
    rehearsed: str | None = None
    empty_words: tuple[str, ...] | None = None

    def check(self) -> None:
        """Raise UsageError for a mode, match key, policy, limit, delimiter or region that does not exist."""
        if self.mode not in MODES:
            raise UsageError(_("there is no import mode {mode}").format(mode=self.mode), hint=", ".join(MODES))
        known = (*MATCH_KEYS, *MORE_MATCH_KEYS)
        for key in self.match:
            if key not in known and not (key.startswith("custom.") and len(key) > len("custom.")):
                raise UsageError(
                    _("rows cannot be matched by {key}").format(key=key), hint=", ".join((*known, "custom.…"))
                )
        for key, policy in self.policies.items():
            check_policy(key, policy)
        for texts in self.steps.values():
            parse_steps(texts)
        for target in self.constants:
            if (found := parse_target(target)) is None or found.key == SKIP:
                raise UsageError(
                    _("there is no field {name}").format(name=target),
                    hint=_("A new field is written custom.NAME"),
                )
        if self.max_rejects is not None:
            rejects_limit(self.max_rejects)
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
    """Something about one row: physical row, column by name, field, stable code, the sentence, a better value if any.

    ``level`` is ``error`` (the row is rejected), ``warning`` or ``remark``; ``value`` is the part of the cell that is meant.
    """

    row: int
    column: str
    field: str
    code: str
    message: str
    fix: str = ""
    level: str = "warning"
    value: str = ""


def level_of(code: str) -> str:
    """How bad an issue is: ``error``, ``warning`` or ``remark``."""
    return "error" if code in _ERRORS else "remark" if code in _REMARKS else "warning"


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """An import that can be rehearsed and run: the file, what it is, the mapping, and what a person has said."""

    path: str
    options: ImportOptions
    region: str
    size: int
    detection: Detection
    mapping: tuple[ColumnMapping, ...] = ()
    corrections: Corrections = NOTHING_CORRECTED
    decisions: tuple[tuple[int, Decision], ...] = ()
    recipe: str = ""
    remarks: tuple[Note, ...] = ()
    vendor: "VendorMatch | None" = None

    def with_mapping(self, mapping: tuple[ColumnMapping, ...]) -> "ImportPlan":
        """The same plan with another mapping."""
        return replace(self, mapping=mapping)

    def with_corrections(self, corrections: Corrections) -> "ImportPlan":
        """The same plan with these corrections in the place of the ones before."""
        return replace(self, corrections=corrections)

    def decide(self, row: int, decision: Decision | None) -> "ImportPlan":
        """The same plan with what a person decided about a row; None takes the decision back."""
        kept = tuple(each for each in self.decisions if each[0] != row)
        return replace(self, decisions=kept if decision is None else (*kept, (row, decision)))

    def with_options(self, **said: Any) -> "ImportPlan":
        """The same plan with other options (``mode``, ``match``, ``policies`` …). Raises UsageError as ``check`` does."""
        options = replace(self.options, **said)
        options.check()
        return replace(self, options=options)

    def left_out(self) -> frozenset[int]:
        """The rows that a person leaves out."""
        return frozenset((*self.corrections.left_out, *(row for row, each in self.decisions if each == "skip")))

    @property
    def constants(self) -> dict[str, str]:
        """What is said of every row: by a person, else by the program that the file comes from."""
        return {**(self.vendor.constants if self.vendor is not None else {}), **self.options.constants}

    def custom_keys(self) -> list[str]:
        """The custom fields that rows of this file may hold."""
        targets = [target for each in self.mapping for target, _steps in each.targets]
        targets += [target for text in self.constants if (target := parse_target(text)) is not None]
        return list(dict.fromkeys(target.detail for target in targets if target.key == "custom"))

    @property
    def attaches(self) -> bool:
        """Whether rows tell of more than their customer: a company, or what happened. Then several may be of one customer."""
        return any(target.entity for each in self.mapping for target, _steps in each.targets)

    @property
    def has_activities(self) -> bool:
        """Whether rows tell what happened with customers: then rows of one customer meet it, whatever the mode is."""
        return any(target.entity in ACTIVITIES for each in self.mapping for target, _steps in each.targets)

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
        self.columns: Counter[tuple[str, str]] = Counter()

    def add(self, row: int, issue: Issue, cells: Sequence[str] = ()) -> ImportIssue:
        """Note an issue of a value; ``cells`` are those of its row."""
        self.codes[issue.code] += 1
        told = self.told(row, issue, cells)
        self.columns[told.column, issue.code] += 1
        if len(self.issues) < ISSUES_KEPT:
            self.issues.append(told)
        return told

    def told(self, row: int, issue: Issue, cells: Sequence[str] = ()) -> ImportIssue:
        """An issue as it is told, with the column it comes from and a fix if there is one."""
        column = ""
        for index, each in enumerate(self._plan.mapping):
            fields = {f"{target.entity}:{target.key}" if target.entity else target.key for target, _s in each.targets}
            if issue.field in fields and (not column or (index < len(cells) and issue.value in cells[index])):
                column = each.column
                if index < len(cells) and issue.value and issue.value in cells[index]:
                    break
        fix = issue.fix or fix_of(issue.field, issue.code, issue.value, self._plan.region)
        return ImportIssue(
            row, column, issue.field, issue.code, issue.text(), fix, level_of(issue.code), issue.value[:200]
        )

    def add_row(self, row: int, code: str, *, count: int = 1) -> ImportIssue:
        """Note an issue of a whole row (0: of the file)."""
        self.codes[code] += count
        self.columns["", code] += count
        told = ImportIssue(row, "", "", code, _(ROW_ISSUES[code]), level=level_of(code))
        if len(self.issues) < ISSUES_KEPT:
            self.issues.append(told)
        return told

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
    by_column: dict[tuple[str, str], int] = field(default_factory=dict)
    children: dict[str, dict[str, int]] = field(default_factory=dict)
    review: "Review | None" = None
    token: str | None = None

    @property
    def too_many_rejects(self) -> bool:
        """Whether more rows were rejected than ``max_rejects`` allows."""
        if self.plan.options.max_rejects is None:
            return False
        number, per_cent = rejects_limit(self.plan.options.max_rejects)
        most = self.counts.rows * number / 100 if per_cent else number
        return self.counts.rejected > most

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
            "children": self.children,
            "issue_counts_by_column": [
                {"column": column, "code": code, "count": count} for (column, code), count in self.by_column.items()
            ],
            "too_many_rejects": self.too_many_rejects,
            "token": self.token,
            **(self.review.to_json() if self.review is not None else {}),
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
        "vendor": plan.vendor.vendor if plan.vendor else None,
        "vendor_label": plan.vendor.label if plan.vendor else None,
        "vendor_export": plan.vendor.export if plan.vendor else None,
        "vendor_holds": list(plan.vendor.holds) if plan.vendor else None,
        "vendor_confidence": plan.vendor.confidence if plan.vendor else None,
        "mapping": {
            each.column: {"field": each.field, "reason": each.reason, "confidence": each.confidence}
            for each in plan.mapping
        },
        "notes": [note._asdict() for note in (*found.notes, *plan.remarks)],
        "recipe": plan.recipe or None,
        "mode": plan.options.mode,
        "match": list(plan.options.match),
        "policies": dict(plan.options.policies),
        "batch": plan.options.into,
    }
