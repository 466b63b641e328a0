"""``backup``, ``restore``, ``verify`` and ``reindex``: keeping the customer file safe and sound."""

from datetime import datetime

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.moments import show_when
from crmtui.cli.output import Column, put, put_json, put_json_list, put_jsonl, put_table
from crmtui.cli.progress import Progress
from crmtui.cli.session import Session
from crmtui.errors import ExitCode
from crmtui.i18n import N_, _, ngettext
from crmtui.i18n.show import show_bytes


def _backup(session: Session, arguments: Arguments) -> int:
    if arguments.flag("--list"):
        return _list_backups(session)
    workspace = session.open()
    from crmtui.storage.backup import back_up

    keep = max(session.settings.backups_kept, 1)  # a backup asked for by hand is made even if automatic ones are off
    with Progress(session, N_("backup"), N_("pages")) as progress:
        path = back_up(workspace.database, keep=keep, progress=progress.tell)
    if session.form == "text":
        put(path)
    else:
        put_json({"backup": path})
    session.say(_("backed up and checked"))
    return ExitCode.OK


def _restore(session: Session, arguments: Arguments) -> int:
    if not arguments.words:
        return _list_backups(session)
    from crmtui.storage.backup import restore

    kept = restore(session.path, arguments.words[0])
    if session.form != "text":
        put_json({"restored": arguments.words[0], "replaced_file": kept or None})
    session.say(_("restored {backup}").format(backup=arguments.words[0]))
    if kept:
        session.say(_("the file that was there is kept as {path}").format(path=kept))
    return ExitCode.OK


def _list_backups(session: Session) -> int:
    from crmtui.storage.backup import list_backups

    backups = list_backups(session.path)
    if session.form != "text":
        (put_jsonl if session.form == "jsonl" else put_json_list)(backup._asdict() for backup in backups)
    elif backups:
        now = datetime.now().astimezone()
        columns = [
            Column(_("When")),
            Column(_("Why")),
            Column(_("Size"), right=True),
            Column(_("State")),
            Column(_("File")),
        ]
        put_table(
            columns,
            [
                [
                    show_when(backup.at, now, exact=True),
                    backup.reason,
                    show_bytes(backup.size),
                    _("good") if backup.verified else _("not verified"),
                    backup.path,
                ]
                for backup in backups
            ],
        )
    else:
        session.say(_("there is no backup yet; crmtui backup makes one"))
    return ExitCode.OK if backups else ExitCode.NOTHING_FOUND


def _verify(session: Session, arguments: Arguments) -> int:
    workspace = session.open()
    from crmtui.services.checking import CHECK_LABELS, verify

    findings = verify(workspace)
    if session.form != "text":
        (put_jsonl if session.form == "jsonl" else put_json_list)(finding._asdict() for finding in findings)
    else:
        columns = [Column(_("Check")), Column(_("Result")), Column(_("Detail"), gives=True)]
        put_table(
            columns,
            [
                [
                    _(CHECK_LABELS.get(finding.check, finding.check)),
                    _("good") if finding.ok else _("FAULT"),
                    finding.detail,
                ]
                for finding in findings
            ],
        )
    if all(finding.ok for finding in findings):
        return ExitCode.OK
    session.say(_("there are faults; crmtui restore lists the backups"))
    return ExitCode.DATA


def _reindex(session: Session, arguments: Arguments) -> int:
    workspace = session.open()
    from crmtui.storage.search_index import rebuild

    with Progress(session, N_("index"), N_("customers")) as progress:
        count = rebuild(workspace.database, lambda done: progress.tell(done, 0))
    if session.form != "text":
        put_json({"customers": count})
    session.say(ngettext("indexed {count:,} customer", "indexed {count:,} customers", count).format(count=count))
    return ExitCode.OK


_LIST = Option("--list", "", N_("list the backups there are"))

COMMANDS = (
    Command(
        "backup",
        N_("copy the customer file, check the copy, and keep the newest ones; prints its path"),
        _backup,
        (),
        (_LIST,),
    ),
    Command(
        "restore",
        N_("put a backup in the place of the customer file, which is kept beside it"),
        _restore,
        (Argument("BACKUP", N_("a path, or a name from the list; nothing: the list"), 0),),
    ),
    Command(
        "verify",
        N_("check the customer file: pages, links, search index, and the chain of the history"),
        _verify,
    ),
    Command("reindex", N_("build the search index anew"), _reindex),
)
