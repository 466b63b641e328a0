"""``log``: what was said with customers. ``task``: what is to be done."""

from datetime import datetime

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.moments import is_past, read_due, read_past, show_when
from crmtui.cli.output import Column, put_table
from crmtui.cli.saving import tell_saved
from crmtui.cli.session import Session
from crmtui.cli.show import customer_ids
from crmtui.domain.fields import INTERACTION_KINDS
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _, ngettext

_ENDLESS = "9999"
_LISTED = 50


def split_ids(words: list[str]) -> tuple[list[int], str]:
    """Ids of customers, then a text: ``5 7 called back``. A text of digits alone stands behind ``--``, or in quotes with a word.

    A text of just ``-`` is read from stdin.
    """
    last = next((position for position, word in enumerate(words) if not word.removeprefix("#").isdigit()), len(words))
    text = storable(" ".join(words[last:]))
    if text == "-":
        import sys

        text = storable(sys.stdin.read()).strip()
    return customer_ids(words[:last]), text


def _log(session: Session, arguments: Arguments) -> int:
    customers, text = split_ids(arguments.words)
    _need_customers(customers, "log")
    when = arguments.text("--at")
    at = None if when is None else read_past(when)
    workspace = session.open()
    from crmtui.services.activity import log_interaction

    saved = log_interaction(
        workspace,
        customers,
        kind=arguments.text("--kind") or "call",
        text=text,
        subject=storable(arguments.text("--subject") or ""),
        minutes=arguments.number("--minutes"),
        direction=arguments.text("--direction"),
        outcome=storable(arguments.text("--outcome") or "") or None,
        at=at,
    )
    now = datetime.now().astimezone()
    told = ngettext("logged with {count} customer", "logged with {count} customers", len(customers))
    told = told.format(count=len(customers))
    tell_saved(session, saved, f"{told} ({show_when(at, now, exact=True)})" if at else told)
    return ExitCode.OK


def _task(session: Session, arguments: Arguments) -> int:
    for name in ("--done", "--reopen", "--move", "--snooze"):
        task = arguments.number(name)
        if task is not None:
            return _change_task(session, arguments, name, task)
    if arguments.flag("--list") or not arguments.words:
        return _list_tasks(session)
    customers, text = split_ids(arguments.words)
    _need_customers(customers, "task")
    due = _due(arguments)
    workspace = session.open()
    from crmtui.services.activity import add_task

    saved = add_task(workspace, customers, text, due_at=due, owner=storable(arguments.text("--owner") or "") or None)
    tell_saved(session, saved, _told_due(_("task noted"), due))
    return ExitCode.OK


def _change_task(session: Session, arguments: Arguments, name: str, task: int) -> int:
    if arguments.words:
        raise UsageError(_("{option} takes no further words").format(option=name))
    due = _due(arguments)
    if name in ("--move", "--snooze") and due is None:
        raise UsageError(
            _("{option} needs --due as well").format(option=name),
            hint=_("Write for example: {option} 7 --due 'fri 3pm'").format(option=name),
        )
    workspace = session.open()
    from crmtui.services.activity import finish_task, reschedule_task, snooze_task

    if name == "--snooze":
        saved = snooze_task(workspace, task, due)
        told = _told_due(_("task snoozed"), due)
    elif name == "--move":
        saved = reschedule_task(workspace, task, due)
        told = _told_due(_("task moved"), due)
    else:
        saved = finish_task(workspace, task, done=name == "--done")
        told = _("task done") if name == "--done" else _("task open again")
    tell_saved(session, saved, told)
    return ExitCode.OK


def _list_tasks(session: Session) -> int:
    workspace = session.open()
    from crmtui.storage.activities import open_tasks
    from crmtui.storage.customers import names_of

    reader = workspace.database.reader()
    tasks = open_tasks(reader, _ENDLESS, _LISTED)
    if session.form != "text":
        from crmtui.cli.output import put_json_list, put_jsonl

        (put_jsonl if session.form == "jsonl" else put_json_list)(task._asdict() for task in tasks)
        return ExitCode.OK if tasks else ExitCode.NOTHING_FOUND
    if not tasks:
        session.say(_("nothing is due"))
        return ExitCode.NOTHING_FOUND
    now = datetime.now().astimezone()
    names = names_of(reader, {task.customer_id for task in tasks if task.customer_id is not None})
    columns = [
        Column(_("Task"), right=True),
        Column(_("Due")),
        Column(_("Customer"), gives=True),
        Column(_("Text"), gives=True),
    ]
    rows = []
    for task in tasks:
        due = task.due_at or ""
        shown = show_when(due, now, exact=True)
        shown = _("{due} (overdue)").format(due=shown) if is_past(due, now) else shown
        rows.append([str(task.id), shown, names.get(task.customer_id or 0, ""), task.text])
    put_table(columns, rows)
    return ExitCode.OK


def _due(arguments: Arguments) -> str | None:
    text = arguments.text("--due")
    return read_due(text) if text else None


def _told_due(told: str, due: str | None) -> str:
    """What was done, with the moment as it was understood."""
    if due is None:
        return told
    shown = show_when(due, datetime.now().astimezone(), exact=True)
    return _("{told}, due {due}").format(told=told, due=f"{_weekday(due)} {shown}")


def _weekday(due: str) -> str:
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return names[datetime.fromisoformat(due).astimezone().weekday()]


def _need_customers(customers: list[int], verb: str) -> None:
    if not customers:
        raise UsageError(
            _("{verb} needs the id of a customer first").format(verb=verb), hint=_("crmtui find NAME shows the ids")
        )


COMMANDS = (
    Command(
        "log",
        N_("note a call, an e-mail, a meeting, a visit, a message or a note"),
        _log,
        (
            Argument("ID", N_("ids of the customers who took part, the main one first"), 1, 0),
            Argument("TEXT", N_("what was said; - reads it from stdin"), 0, 0),
        ),
        (
            Option("--kind", "KIND", N_("what it was (call)"), choices=INTERACTION_KINDS),
            Option("--minutes", "N", N_("how long it took"), number=True),
            Option("--direction", "in|out", N_("who began"), choices=("in", "out")),
            Option("--subject", "TEXT", N_("what it was about, in a line")),
            Option("--outcome", "TEXT", N_("what came of it")),
            Option("--at", "WHEN", N_("when it was: yesterday 3pm, 9:30, 2026-11-27 14:00 (now)")),
        ),
        examples=(
            ('crmtui log 1032 --minutes 8 "price is fine, waits for the director"', N_("a call just now")),
            ('crmtui log 1032 1040 --kind meeting --at "yesterday 3pm" "demo"', N_("a meeting with two")),
        ),
    ),
    Command(
        "task",
        N_("set a task, list the open ones, mark one as done"),
        _task,
        (
            Argument("ID", N_("ids of the customers it is about; without any: the list of open tasks"), 0, 0),
            Argument("TEXT", N_("what is to be done"), 0, 0),
        ),
        (
            Option("--due", "WHEN", N_("until when: fri 3pm, tomorrow, in 2w, 2026-11-27, 下周五下午3点")),
            Option("--owner", "NAME", N_("who does it (you)")),
            Option("--list", "", N_("the open tasks with a due time, the most overdue first")),
            Option("--done", "TASK", N_("this task is done"), number=True),
            Option("--reopen", "TASK", N_("this task is open again"), number=True),
            Option("--move", "TASK", N_("give this task the time of --due"), number=True),
            Option("--snooze", "TASK", N_("let this task come up again at the time of --due"), number=True),
        ),
        examples=(
            ('crmtui task 1032 --due "fri 3pm" "send samples"', N_("says which day was understood")),
            ("crmtui task --done 7", N_("task 7 is done")),
        ),
    ),
)
