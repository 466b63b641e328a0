"""``call``: who is calling. On a terminal the card, a clock and a line for notes; elsewhere plain lines; ``--log`` without any of it."""

import sys

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, NotFound, UsageError
from crmtui.i18n import N_, _
from crmtui.light_typing import TYPE_CHECKING
from crmtui.services.call import FEWEST_DIGITS, Caller, digits_in, who_is

if TYPE_CHECKING:
    from crmtui.services.workspace import Workspace

_LISTED = 5


def _call(session: Session, arguments: Arguments) -> int:
    number = arguments.sentence().strip()
    if len(digits_in(number)) < FEWEST_DIGITS:
        raise UsageError(_("“{text}” is no phone number").format(text=number))
    workspace = session.open()
    caller = who_is(workspace.database.thread_reader(), number, workspace.region)
    if arguments.flag("--log"):
        return _log(session, arguments, workspace, caller)
    for name in ("--minutes", "--outcome", "--next", "--due", "--name"):
        if arguments.flag(name):
            raise UsageError(_("{option} goes with --log").format(option=name))
    if session.form == "text" and _can_draw(session, workspace):
        from crmtui.cli.call_screen import run_call

        return run_call(session, workspace, caller)
    return _put(session, workspace, caller)


def _can_draw(session: Session, workspace: "Workspace") -> bool:
    """Whether somebody sits at a terminal that can show lines that change, and the file can be written."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or workspace.database.readonly:
        return False
    return session.environment.get("TERM", "dumb") != "dumb" and sys.platform != "win32"


def _put(session: Session, workspace: "Workspace", caller: Caller) -> int:
    """Print who it is; customers whose number is only nearly the same are told, but are no answer."""
    found = caller.people[:_LISTED] if caller.match in ("exact", "ending") else []
    from crmtui.services.lookup import records

    people = records(workspace, [owner.customer_id for owner in found])
    if session.form != "text":
        from crmtui.cli.output import put_json_list, put_jsonl

        (put_jsonl if session.form == "jsonl" else put_json_list)(people)
        return ExitCode.OK if people else ExitCode.NOTHING_FOUND
    if not people:
        session.say(_("nobody has the number {number}").format(number=caller.number))
        for owner in caller.people[:_LISTED]:
            session.say(
                _("nearly the same: {phone}  {name}  #{id}").format(
                    phone=owner.phone, name=owner.name, id=owner.customer_id
                )
            )
        session.say(_("crmtui add NAME phone=NUMBER makes a customer of it"))
        return ExitCode.NOTHING_FOUND
    from crmtui.cli.card import put_caller
    from crmtui.cli.output import put

    reader = workspace.database.thread_reader()
    for position, record in enumerate(people):
        if position:
            put("")
        put_caller(reader, record)
    session.say(_('note it: crmtui log {id} --kind call --minutes 5 "…"').format(id=people[0]["id"]))
    return ExitCode.OK


def _log(session: Session, arguments: Arguments, workspace: "Workspace", caller: Caller) -> int:
    """Log the call without asking anything: it must be clear who it was."""
    from crmtui.cli.moments import read_due
    from crmtui.cli.saving import tell_saved
    from crmtui.services.call import NextStep, log_call, log_new_caller, read_outcome

    step, due = storable(arguments.text("--next") or "").strip(), arguments.text("--due")
    if due and not step:
        raise UsageError(_("{option} goes with --next").format(option="--due"))
    next_step = NextStep(step, read_due(due) if due else None) if step else None
    outcome = read_outcome(storable(arguments.text("--outcome") or "")) or None
    text, minutes = storable(arguments.text("--log") or "").strip(), arguments.number("--minutes")
    name = storable(arguments.text("--name") or "").strip()
    if caller.match in ("exact", "ending"):
        people = caller.people
        if len(people) > 1:
            ids = ", ".join(f"#{owner.customer_id} {owner.name}" for owner in people[:_LISTED])
            raise UsageError(
                _("several customers have the number {number}: {people}").format(number=caller.number, people=ids),
                hint=_('Say which: crmtui log ID "…"'),
            )
        saved = log_call(
            workspace, [people[0].customer_id], minutes=minutes, text=text, outcome=outcome, next_step=next_step
        )
        told = _("call logged with {name}").format(name=people[0].name)
    elif name:
        saved = log_new_caller(
            workspace, name, caller.number, minutes=minutes, text=text, outcome=outcome, next_step=next_step
        )
        told = _("{name} added, call logged").format(name=name)
    else:
        raise NotFound(
            _("nobody has the number {number}").format(number=caller.number), hint=_("--name NAME adds who called")
        )
    tell_saved(session, saved, told)
    return ExitCode.OK


COMMANDS = (
    Command(
        "call",
        N_("who is calling: the card of the customer with this number, a clock and a line for notes"),
        _call,
        (Argument("NUMBER", N_("a phone number in any form, or its last digits"), 1, 0),),
        (
            Option("--log", "TEXT", N_("log the call with this note, without asking anything")),
            Option("--minutes", "N", N_("with --log: how long it took"), number=True),
            Option(
                "--outcome", "TEXT", N_("with --log: reached, no answer, voicemail, busy, wrong number, or any text")
            ),
            Option("--next", "TEXT", N_("with --log: what is to be done next")),
            Option("--due", "WHEN", N_("with --next: until when: fri 3pm, tomorrow, in 2w, 2026-11-27, 下周五下午3点")),
            Option("--name", "NAME", N_("with --log: who it is, if nobody has the number: a customer is added")),
        ),
        details=N_(
            "On a terminal: type what is said, tab changes the outcome, ↓ or ctrl+t asks for the next step, Enter logs the call"
            " with its length, Esc keeps a draft. Elsewhere (a pipe, ssh without -t, --json) the card is printed."
        ),
        examples=(
            ("crmtui call +86 138-1234-5678", N_("who it is, what was said last, what is next; then log it")),
            ('crmtui call 13812345678 --log "sends samples" --minutes 3', N_("log the call in one go")),
        ),
        signs=True,
    ),
)
