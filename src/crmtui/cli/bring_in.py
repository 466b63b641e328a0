"""``import`` and ``inspect``: bringing customer files in."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.output import Column, put_json, put_json_list, put_jsonl, put_pairs, put_table, put_title
from crmtui.cli.progress import Progress as ProgressLine
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _
from crmtui.i18n.show import show_number

if TYPE_CHECKING:
    from crmtui.services.bring_in import ImportOptions, ImportResult, Progress
    from crmtui.services.importing.plan import Mode
    from crmtui.services.workspace import Workspace

_MODES = ("create", "update", "upsert", "fill")
_ISSUES_SHOWN = 20
_BLOCK = 1 << 20
PHASES = {"read": N_("import"), "order": N_("sorting by name"), "index": N_("search index")}
COUNT_LABELS = {
    "rows": N_("rows read"),
    "created": N_("created"),
    "updated": N_("updated"),
    "unchanged": N_("unchanged"),
    "skipped": N_("skipped"),
    "rejected": N_("rejected"),
    "duplicates_in_file": N_("twice in the file"),
}


def _import(session: Session, arguments: Arguments) -> int:
    files = arguments.words
    if "-" in files and arguments.text("--as") is None:
        raise UsageError(_("what comes from stdin needs --as"), hint=_("Write for example: --as csv"))
    if len(files) > 1 and arguments.text("--rejects"):
        raise UsageError(_("--rejects goes with one file"))
    dry = arguments.flag("--dry-run")
    # A rehearsal makes no customer file; without one every row is a new customer.
    workspace = None if dry and not os.path.exists(session.path) else session.open(create=True)
    documents = []
    for file in files:
        options = _options(session, arguments)
        with (
            _readable(session, file) as path,
            ProgressLine(session, N_("import"), N_("rows")) as progress,
            _told_when_ended(),
        ):
            result = _bring_in(workspace, path, options, dry=dry, progress=progress)
        document = result.to_json()
        if file == "-":
            document["file"] = "-"
        documents.append(document)
        if session.form == "text":
            _tell_result(session, document, dry=dry)
    _put(session, documents)
    return ExitCode.DATA if any(_refused(document) for document in documents) else ExitCode.OK


def _bring_in(
    workspace: "Workspace | None", path: str, options: "ImportOptions", *, dry: bool, progress: ProgressLine
) -> "ImportResult":
    from crmtui.services.bring_in import detect, map_columns, run_import, validate

    def watch(told: "Progress") -> None:
        progress.tell(told.done, told.total, PHASES.get(told.phase, ""))

    if workspace is None:
        return validate(map_columns(detect(path, options)), watch)
    return run_import(workspace, path, options, dry_run=dry, watch=watch)


def _inspect(session: Session, arguments: Arguments) -> int:
    from crmtui.services.bring_in import inspect

    documents: list[dict[str, Any]] = []
    for file in arguments.words:
        with _readable(session, file) as path:
            document = inspect(None, path, _options(session, arguments))
        if file == "-":
            document["file"] = "-"
        documents.append(document)
        if session.form == "text":
            _tell_detection(document)
            _tell_notes(session, document)
    _put(session, documents)
    return ExitCode.OK


def _tell_notes(session: Session, document: Mapping[str, Any]) -> None:
    for note in document.get("notes") or []:
        session.say(note["text"])


def _put(session: Session, documents: Sequence[Mapping[str, object]]) -> None:
    if session.form == "jsonl":
        put_jsonl(documents)
    elif session.form == "json":
        if len(documents) == 1:
            put_json(documents[0])
        else:
            put_json_list(documents)


def _refused(document: Mapping[str, Any]) -> bool:
    """Whether no row could be taken although there were some."""
    counts = document["counts"]
    taken = sum(counts.get(name, 0) for name in ("created", "updated", "unchanged"))
    return bool(counts.get("rejected")) and not taken


def _tell_result(session: Session, document: Mapping[str, Any], *, dry: bool) -> None:
    put_title(str(document["file"]))
    _tell_notes(session, document)
    counts = document["counts"]
    put_pairs((_(label), show_number(counts.get(name, 0))) for name, label in COUNT_LABELS.items() if counts.get(name))
    issues = document.get("issues") or []
    if issues:
        columns = [
            Column(_("Row"), right=True),
            Column(_("Column"), gives=True),
            Column(_("Problem"), gives=True),
            Column(_("Better"), gives=True),
        ]
        put_table(columns, [_issue_row(issue) for issue in issues[:_ISSUES_SHOWN]])
        if len(issues) > _ISSUES_SHOWN:
            session.say(_("{count} more remarks; --json lists them").format(count=len(issues) - _ISSUES_SHOWN))
    if document.get("rejects_file"):
        session.say(_("rejected rows with their reasons are in {file}").format(file=document["rejects_file"]))
    if not counts.get("rows"):
        session.say(_("there are no rows in it, only the names of the columns"))
    if document.get("already_imported") and dry:
        session.say(_("this file is in already: import {id}").format(id=document["already_imported"]))
    if document.get("backup"):
        session.say(_("a backup was made before: {file}").format(file=document["backup"]))
    if dry:
        session.say(_("this was a rehearsal: nothing was written"))
    elif document.get("operation"):
        session.say(_("operation {id}; crmtui undo {id} takes it back").format(id=document["operation"]))


def _tell_detection(document: Mapping[str, Any]) -> None:
    put_title(str(document["file"]))
    vendor = document.get("vendor")
    if vendor and document.get("vendor_confidence") is not None:
        vendor = f"{vendor} ({document['vendor_confidence']:.0%})"
    put_pairs(
        (label, "" if value is None else repr(value) if value == "\t" else str(value))
        for label, value in (
            (_("Format"), document.get("format")),
            (_("Encoding"), document.get("encoding")),
            (_("Delimiter"), document.get("delimiter")),
            (_("Sheet"), document.get("sheet")),
            (_("Header row"), document.get("header_row")),
            (_("Made by"), vendor),
        )
    )
    columns = [
        Column(_("Column"), gives=True),
        Column(_("Field")),
        Column(_("Sure"), right=True),
        Column(_("Why"), gives=True),
    ]
    rows = []
    for column, target in (document.get("mapping") or {}).items():
        confidence = target.get("confidence")
        sure = "" if confidence is None else f"{confidence:.0%}"
        rows.append([column, str(target.get("field") or "–"), sure, str(target.get("reason") or "")])
    put_table(columns, rows)


def _issue_row(issue: Mapping[str, Any]) -> list[str]:
    return [str(issue.get(key) or "") for key in ("row", "column", "message", "fix")]


def _options(session: Session, arguments: Arguments) -> "ImportOptions":
    from crmtui.services.bring_in import ImportOptions

    mapping: dict[str, str] = {}
    for pair in arguments.all("--map"):
        column, equals, field = storable(pair).rpartition("=")
        if not equals or not column:
            raise UsageError(_("--map needs COLUMN=FIELD, not “{value}”").format(value=pair))
        mapping[column] = field
    match = arguments.text("--match") or ""
    return ImportOptions(
        region=arguments.text("--region") or session.settings.region,
        mode=cast("Mode", arguments.text("--mode") or "create"),
        match=tuple(key.strip() for key in match.split(",") if key.strip()),
        recipe=arguments.text("--recipe"),
        mapping=mapping,
        encoding=arguments.text("--encoding"),
        delimiter=_delimiter(arguments.text("--delimiter")),
        sheet=arguments.text("--sheet"),
        header_row=arguments.number("--header-row"),
        as_format=arguments.text("--as"),
        rejects=arguments.text("--rejects"),
        guarded=arguments.flag("--guarded"),
        again=arguments.flag("--again"),
    )


def _delimiter(text: str | None) -> str | None:
    return {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}.get(text or "", text)


@contextmanager
def _told_when_ended() -> Iterator[None]:
    """Take what ends a process (a closed terminal, a shutdown) for Ctrl+C: nothing of the import is left, and it is said."""
    import signal

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    taken = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]  # nohup has it ignored
    for number in taken:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _readable(session: Session, file: str) -> Iterator[str]:
    """The path of a file; what comes from stdin is put into a private file for the time, as formats are read twice."""
    if file != "-":
        yield file
        return
    import shutil
    import tempfile

    if sys.stdin.isatty():
        session.say(_("reading from the terminal; Ctrl+D ends it"))
    with tempfile.TemporaryDirectory(prefix="crmtui-") as folder:  # readable by nobody else
        spool = os.path.join(folder, "stdin")
        with open(spool, "wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream, _BLOCK)
        yield spool


_READ_OPTIONS = (
    Option("--as", "FORMAT", N_("what the file is, such as csv or xlsx (found out)")),
    Option("--encoding", "NAME", N_("the encoding of text files (found out)")),
    Option("--delimiter", "SIGN", N_("what parts the columns: , ; tab | (found out)")),
    Option("--sheet", "NAME", N_("the sheet of a workbook (the first with a table)")),
    Option(
        "--header-row",
        "N",
        N_("the line with the names of the columns, from 1; 0: there is none (found out)"),
        number=True,
    ),
    Option("--guarded", "", N_("the file was exported with --profile spreadsheet: take its apostrophes away")),
    Option("--map", "COLUMN=FIELD", N_("put this column into this field; an empty field leaves it out"), many=True),
    Option("--region", "CC", N_("the country of phone numbers without country code, such as CN")),
    Option("--recipe", "NAME", N_("a saved mapping")),
)

COMMANDS = (
    Command(
        "import",
        N_("bring customers in from files; one operation each, undo takes it back"),
        _import,
        (Argument("FILE", N_("CSV, Excel and other files; - reads stdin (with --as)"), 1, 0),),
        (
            *_READ_OPTIONS,
            Option("--mode", "MODE", N_("what becomes of rows whose customer is known (create)"), choices=_MODES),
            Option("--match", "FIELDS", N_("how a known customer is recognised: email,phone,external_id")),
            Option("--dry-run", "", N_("only rehearse: tell what would happen")),
            Option("--again", "", N_("bring the same file in a second time")),
            Option("--rejects", "FILE", N_("where to write the rejected rows with their reasons")),
        ),
        details=N_(
            "Columns that fit no field become fields of your own. Ctrl+C leaves nothing behind. Exit code 4 says that no row "
            "could be taken."
        ),
        examples=(
            ("crmtui import 客户资料.csv --dry-run", N_("what would happen")),
            ("crmtui import customers.xlsx --mode upsert --match email,phone", N_("update known ones, add the others")),
            ("cat list.csv | crmtui import - --as csv --region CN", N_("from another program")),
        ),
    ),
    Command(
        "inspect",
        N_("say what a file is: format, encoding, columns, and which field each would go to"),
        _inspect,
        (Argument("FILE", N_("files to look at; - reads stdin"), 1, 0),),
        _READ_OPTIONS,
        examples=(("crmtui inspect 客户资料.csv", N_("nothing is written")),),
    ),
)
