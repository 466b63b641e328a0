"""``undo``, ``redo``, ``history`` and ``blame``: what was done, by whom, and taking it back."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.moments import show_when
from crmtui.cli.output import Column, put_json, put_json_list, put_jsonl, put_table
from crmtui.cli.session import Session
from crmtui.cli.show import customer_ids
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmtui.domain.models import OperationRecord
    from crmtui.services.workspace import Workspace
    from crmtui.storage.history import FieldChange
    from crmtui.storage.undo import Reversal, RowProblem

_LISTED = 50
_LINKS = frozenset({"customer_id", "is_primary", "utc_offset", "created_at"})


def _undo(session: Session, arguments: Arguments) -> int:
    target = _operation_id(arguments.words)
    workspace = session.open()
    from crmtui.services.undo_history import undo_last

    return _tell_reversal(session, workspace, undo_last(workspace, target), N_("undone: {what}"))


def _redo(session: Session, arguments: Arguments) -> int:
    workspace = session.open()
    from crmtui.services.undo_history import redo_last

    return _tell_reversal(session, workspace, redo_last(workspace), N_("done again: {what}"))


def _tell_reversal(session: Session, workspace: "Workspace", reversal: "Reversal", told: str) -> int:
    """Tell what was put back, what stayed and what failed; exit code 4 when something was to be put back and nothing was."""
    from crmtui.services.undo_history import describe
    from crmtui.storage.history import read_operation

    reader = workspace.database.reader()
    target = read_operation(reader, reversal.reversed_operation)
    if target is not None and target.kind == "undo" and target.target_id is not None:
        target = read_operation(reader, target.target_id) or target  # redo: name the act itself, not its undo
    if session.form != "text":
        document = {
            "operation": reversal.operation_id,
            "target": reversal.reversed_operation,
            "reversed": reversal.reversed,
            "kept": [problem._asdict() for problem in reversal.kept],
            "failed": [problem._asdict() for problem in reversal.failed],
        }
        if session.form == "jsonl":
            put_jsonl([document])
        else:
            put_json(document)
    what = describe(target) if target is not None else str(reversal.reversed_operation)
    count = ngettext("{count} row put back", "{count} rows put back", reversal.reversed).format(count=reversal.reversed)
    session.say(f"{_(told).format(what=what)} · {count}")
    for problem in reversal.kept:
        session.say(_("kept: {row}, {reason}").format(row=_row(problem), reason=problem.reason))
    for problem in reversal.failed:
        session.say(_("failed: {row}, {reason}").format(row=_row(problem), reason=problem.reason))
    nothing = not reversal.reversed and (reversal.kept or reversal.failed)
    return ExitCode.DATA if nothing else ExitCode.OK


def _row(problem: "RowProblem") -> str:
    return f"{problem.table} {problem.row_id}"


def _history(session: Session, arguments: Arguments) -> int:
    limit = arguments.number("--limit")
    limit = _LISTED if limit is None else limit
    workspace = session.open()
    from crmtui.storage import history

    if arguments.words:
        customer = customer_ids(arguments.words)[0]
        changes = history.customer_changes(workspace.database.reader(), customer, limit=limit)
        return _put_changes(session, changes, history.names_in(workspace.database.thread_reader(), changes))
    kind = arguments.text("--kind")
    operations = history.operations(workspace.database.reader(), limit=limit, kind=kind)
    if session.form != "text":
        (put_jsonl if session.form == "jsonl" else put_json_list)(_operation(each) for each in operations)
    elif operations:
        from crmtui.services.undo_history import describe

        now = datetime.now().astimezone()
        columns = [
            Column("ID", right=True),
            Column(_("When")),
            Column(_("Who")),
            Column(_("What"), gives=True),
            Column(_("State")),
        ]
        rows = [
            [str(each.id), show_when(each.at, now), each.actor, describe(each), _state(each)] for each in operations
        ]
        if kind == "import":
            columns.insert(4, Column(_("Rows"), gives=True))
            for row, each in zip(rows, operations, strict=True):
                row.insert(4, _import_counts(each))
        put_table(columns, rows)
    elif kind is not None:
        session.say(_("there is no operation of the kind {kind}").format(kind=kind))
    else:
        session.say(_("nothing was done yet"))
    return ExitCode.OK if operations else ExitCode.NOTHING_FOUND


def _blame(session: Session, arguments: Arguments) -> int:
    customer = customer_ids(arguments.words[:1])[0]
    from crmtui.cli.fields import readable_field

    key = readable_field(arguments.words[1])
    workspace = session.open()
    from crmtui.services.undo_history import blame
    from crmtui.storage.history import names_in

    changes = blame(workspace, customer, key)
    return _put_changes(session, changes, names_in(workspace.database.thread_reader(), changes))


def _put_changes(session: Session, changes: "list[FieldChange]", names: "Mapping[tuple[str, object], str]") -> int:
    """Print changes of fields, newest first: when, who, what it was and became, by which operation.

    ``names`` say what stands behind the numbers of other rows.
    """
    if session.form != "text":
        documents = (
            {
                "operation": _operation(change.operation),
                "table": change.table,
                "row": change.row_id,
                "field": change.column,
                "before": change.before,
                "after": change.after,
            }
            for change in changes
        )
        (put_jsonl if session.form == "jsonl" else put_json_list)(documents)
    elif changes:
        now = datetime.now().astimezone()
        columns = [
            Column(_("When")),
            Column(_("Who")),
            Column(_("Operation"), right=True),
            Column(_("Field")),
            Column(_("Before"), gives=True),
            Column(_("After"), gives=True),
        ]
        told = [change for change in changes if _tells_something(change)]
        put_table(columns, [_change_row(change, names, now) for change in told])
    else:
        session.say(_("no change is known"))
    return ExitCode.OK if changes else ExitCode.NOTHING_FOUND


def _tells_something(change: "FieldChange") -> bool:
    """Whether a person learns from this change; that a phone belongs to its customer is no news."""
    return not change.column or (change.column not in _LINKS and (change.before, change.after) != (None, ""))


def _change_row(change: "FieldChange", names: "Mapping[tuple[str, object], str]", now: datetime) -> list[str]:
    operation = change.operation
    place = change.column if change.table == "customers" else f"{change.table}.{change.column}"
    before, after = (names.get((change.column, value)) or _shown(value) for value in (change.before, change.after))
    if not change.column:  # the customer came with many others: there is no line for each value
        from crmtui.services.undo_history import describe

        place, after = _("everything"), describe(operation)
    return [show_when(operation.at, now), operation.actor, str(operation.id), place, before, after]


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _operation(record: "OperationRecord") -> dict[str, object]:
    return {
        "id": record.id,
        "kind": record.kind,
        "subject": record.subject,
        "count": record.count,
        "actor": record.actor,
        "at": record.at,
        "state": record.state,
        "target": record.target_id,
        "undone_by": record.undone_by,
        "detail": record.detail,
    }


def _import_counts(record: "OperationRecord") -> str:
    """What became of the rows of an import, and which import it completes."""
    from crmtui.cli.bring_in import COUNT_LABELS

    detail = record.detail or {}
    counts = detail.get("counts")
    if not isinstance(counts, dict):
        return ""
    told = [f"{counts[name]} {_(label)}" for name, label in COUNT_LABELS.items() if name != "rows" and counts.get(name)]
    if detail.get("batch"):
        told.append(_("completes {id}").format(id=detail["batch"]))
    return ", ".join(told)


def _state(record: "OperationRecord") -> str:
    if record.undone_by is not None:
        return _("undone by {id}").format(id=record.undone_by)
    return "" if record.state == "done" else _("running")


def _operation_id(words: list[str]) -> int | None:
    if not words:
        return None
    number = words[0].removeprefix("#")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise UsageError(
            _("“{word}” is no number of an operation").format(word=words[0]), hint=_("crmtui history lists them")
        )
    return int(number)


COMMANDS = (
    Command(
        "undo",
        N_("take back what you did last, or one operation of the history"),
        _undo,
        (Argument("OPERATION", N_("the number of the operation (your newest)"), 0),),
        details=N_(
            "What somebody changed since stays as it is and is told; so is what cannot be put back, with the reason. "
            "Exit code 4 says that nothing could be put back."
        ),
        examples=(("crmtui undo 57", N_("take back operation 57, an import for example")),),
    ),
    Command("redo", N_("do again what you took back last"), _redo),
    Command(
        "history",
        N_("what was done, newest first; with an id, every change of that customer"),
        _history,
        (Argument("ID", N_("the id of a customer"), 0),),
        (
            Option("--limit", "N", N_("so many lines (50)"), number=True),
            Option("--kind", "KIND", N_("only acts of a kind, such as import or customer")),
        ),
        examples=(("crmtui history --kind import", N_("every import with what became of its rows")),),
    ),
    Command(
        "blame",
        N_("who gave a field its value: every change of it, newest first"),
        _blame,
        (Argument("ID", N_("the id of the customer")), Argument("FIELD", N_("the field, such as phone or stage"))),
        examples=(("crmtui blame 1032 phone", N_("when, who, which import")),),
    ),
)
