"""``import`` and ``inspect``: bringing customer files in."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.failure import tell
from crmtui.cli.import_said import COLUMN_OPTIONS, RECIPE_OPTIONS, RUN_OPTIONS, said, tell_children, tell_results
from crmtui.cli.inspecting import tell_detection
from crmtui.cli.output import Column, put_json, put_json_list, put_jsonl, put_pairs, put_table, put_title
from crmtui.cli.progress import Progress as ProgressLine
from crmtui.cli.session import Session
from crmtui.errors import CrmError, ExitCode, Interrupted, StorageError, UsageError
from crmtui.i18n import N_, _
from crmtui.i18n.show import show_number

if TYPE_CHECKING:
    from crmtui.services.bring_in import ImportOptions, ImportResult, Progress
    from crmtui.services.importing.plan import Mode
    from crmtui.services.workspace import Workspace

_MODES = ("create", "update", "upsert", "fill")
_ISSUES_SHOWN = 20
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
    if len(files) > 1 and arguments.text("--rejects"):
        raise UsageError(_("--rejects goes with one file"))
    dry = arguments.flag("--dry-run")
    # A rehearsal makes no customer file; without one every row is a new customer.
    workspace = None if dry and not os.path.exists(session.path) else session.open(create=True)
    documents: list[dict[str, Any]] = []

    def bring(file: str) -> None:
        if os.path.isdir(file):
            from crmtui.cli.archive import import_archive

            documents.append(import_archive(session, workspace, file, dry=dry))
            return
        options = _options(session, arguments)
        with (
            _told_when_ended(),
            _readable(session, file) as path,
            ProgressLine(session, N_("import"), N_("rows")) as progress,
        ):
            result = _bring_in(workspace, path, options, dry=dry, progress=progress)
        document = result.to_json()
        if file == "-":
            document["file"] = "-"
        documents.append(document)
        if session.form == "text":
            _tell_result(session, document, dry=dry)

    worst = _each(session, files, documents, bring)
    refused = any(_refused(document) for document in documents if "counts" in document)
    return max(worst, ExitCode.DATA if refused else ExitCode.OK)


def _each(session: Session, files: Sequence[str], documents: list[dict[str, Any]], work: Callable[[str], None]) -> int:
    """Do ``work`` with every file and put out its ``documents``; of several files one that cannot be read stops no other.

    Returns the worst exit code.
    """
    worst = ExitCode.OK
    try:
        for file in files:
            try:
                work(file)
            except (StorageError, Interrupted):
                raise
            except CrmError as error:
                if len(files) == 1:
                    raise
                worst = max(worst, tell(error))
                told = {"error": error.message, "where": error.where, "kept": error.kept, "hint": error.hint}
                documents.append({"file": file, **told})
    finally:
        if documents:
            _put(session, documents, len(files))
    return worst


def _bring_in(
    workspace: "Workspace | None", path: str, options: "ImportOptions", *, dry: bool, progress: ProgressLine
) -> "ImportResult":
    from crmtui.services.bring_in import prepare, run_import, validate

    def watch(told: "Progress") -> None:
        progress.tell(told.done, told.total, PHASES.get(told.phase, ""))

    if workspace is None:
        plan = prepare(None, path, options)
        if options.save_recipe is not None:
            from crmtui.services.recipes import save_to

            save_to(None, plan, options.save_recipe)
        return validate(plan, watch)
    return run_import(workspace, path, options, dry_run=dry, watch=watch)


def _inspect(session: Session, arguments: Arguments) -> int:
    from crmtui.services.bring_in import inspect

    documents: list[dict[str, Any]] = []

    def look(file: str) -> None:
        with _told_when_ended(), _readable(session, file) as path:
            # Only the name of a recipe asks for the customer file.
            workspace = session.open() if arguments.text("--recipe") and os.path.exists(session.path) else None
            document = inspect(workspace, path, _options(session, arguments))
        if file == "-":
            document["file"] = "-"
        documents.append(document)
        if session.form == "text":
            tell_detection(document)
            _tell_notes(session, document)

    return _each(session, arguments.words, documents, look)


def _tell_notes(session: Session, document: Mapping[str, Any]) -> None:
    for note in document.get("notes") or []:
        session.say(note["text"])


def _put(session: Session, documents: Sequence[Mapping[str, object]], count: int) -> None:
    if session.form == "jsonl":
        put_jsonl(documents)
    elif session.form == "json":
        if count == 1:
            put_json(documents[0])
        else:
            put_json_list(documents)


def _refused(document: Mapping[str, Any]) -> bool:
    """Whether no row could be taken although there were some, or too many were rejected."""
    counts = document["counts"]
    taken = sum(counts.get(name, 0) for name in ("created", "updated", "unchanged"))
    return document.get("too_many_rejects") is True or (bool(counts.get("rejected")) and not taken)


def _tell_result(session: Session, document: Mapping[str, Any], *, dry: bool) -> None:
    put_title(str(document["file"]))
    _tell_notes(session, document)
    counts = document["counts"]
    put_pairs((_(label), show_number(counts.get(name, 0))) for name, label in COUNT_LABELS.items() if counts.get(name))
    if document.get("children"):
        tell_children(document["children"])
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
        tell_results(session, document)
        session.say(_("this was a rehearsal: nothing was written"))
    elif document.get("operation"):
        session.say(_("operation {id}; crmtui undo {id} takes it back").format(id=document["operation"]))


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
        mapping=mapping,
        encoding=arguments.text("--encoding"),
        delimiter=_delimiter(arguments.text("--delimiter")),
        sheet=arguments.text("--sheet"),
        header_row=arguments.number("--header-row"),
        as_format=arguments.text("--as"),
        rejects=arguments.text("--rejects"),
        guarded=arguments.flag("--guarded"),
        empty_words=_empty_words(arguments.text("--empty-words")),
        again=arguments.flag("--again"),
        **said(arguments),
    )


def _empty_words(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    return () if text.casefold() == "keep" else tuple(word.strip() for word in text.split(",") if word.strip())


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
    """The path of a file, also of what comes from stdin."""
    if file != "-":
        yield file
        return
    from crmtui.cli.standard_input import spooled

    with spooled(session) as path:
        yield path


_READ_OPTIONS = (
    Option("--as", "FORMAT", N_("what the file is, such as csv or xlsx (found out)")),
    Option("--encoding", "NAME", N_("the encoding of text files (found out)")),
    Option("--delimiter", "SIGN", N_("what parts the columns: , ; tab | (found out)")),
    Option("--sheet", "NAME", N_("the sheet of a workbook (the one with the data); * reads all with the same columns")),
    Option(
        "--header-row",
        "N",
        N_("the line with the names of the columns, from 1; 0: there is none (found out)"),
        number=True,
    ),
    Option("--guarded", "", N_("the file was exported with --profile spreadsheet: take its apostrophes away")),
    Option("--empty-words", "WORDS", N_("cells that stand for nothing, such as 无,N/A; keep: none (the usual ones)")),
    Option("--map", "COLUMN=FIELD", N_("put this column into this field; an empty field leaves it out"), many=True),
    *COLUMN_OPTIONS,
    Option("--region", "CC", N_("the country of phone numbers without country code, such as CN")),
    *RECIPE_OPTIONS,
)

COMMANDS = (
    Command(
        "import",
        N_("bring customers in from files; one operation each, undo takes it back"),
        _import,
        (Argument("FILE", N_("CSV, Excel and other files; - reads stdin"), 1, 0),),
        (
            *_READ_OPTIONS,
            Option("--mode", "MODE", N_("what becomes of rows whose customer is known (create)"), choices=_MODES),
            Option(
                "--match",
                "FIELDS",
                N_(
                    "how a known customer is recognised: email,phone,external_id, also name+company, wechat, qq, custom.NAME"
                ),
            ),
            Option("--dry-run", "", N_("only rehearse: tell what would happen")),
            Option("--again", "", N_("bring the same file in a second time")),
            Option("--rejects", "FILE", N_("where to write the rejected rows with their reasons")),
            *RUN_OPTIONS,
        ),
        details=N_(
            "Columns that fit no field become fields of your own. Ctrl+C leaves nothing behind. Exit code 4 says that no row "
            "could be taken, that too many were rejected, or that the file is not what its recipe expects."
        ),
        examples=(
            ("crmtui import 客户资料.csv --dry-run", N_("what would happen")),
            ("crmtui import customers.xlsx --mode upsert --match email,phone", N_("update known ones, add the others")),
            ("crmtui import rejects.csv --into 42", N_("the corrected rows go into the same import")),
            ("cat list.csv | crmtui import - --region CN", N_("from another program")),
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
