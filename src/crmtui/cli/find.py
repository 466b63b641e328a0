"""``find``: customers by anything, as a table, JSON or CSV. The fastest verb: every import here is paid at each look-up."""

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.session import Session
from crmtui.errors import ExitCode
from crmtui.i18n import N_, _
from crmtui.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmtui.storage.driver import Connection
    from crmtui.storage.search import Plan

_DEFAULT_FIELDS = ("id", "name", "company", "phones", "stage", "last_interaction_at")
_LIMIT = 20
_COUNTED = 10_000  # hits of a search by words counted for people; what lies beyond is told as "more than"
_STEPS = 2000  # of the database between two looks at the clock
_PATIENCE = 0.05  # seconds a person should wait for the number of all hits when the first are on the screen


def _find(session: Session, arguments: Arguments) -> int:
    workspace = session.open()
    fields = _fields(arguments.text("--fields"))
    machine = session.form != "text" or arguments.flag("--csv")
    # Programs get everything unless they say otherwise, people what fits a screen.
    limit = arguments.number("--limit")
    if limit is None:
        limit = -1 if machine else _LIMIT
    from crmtui.services.lookup import plan_query
    from crmtui.storage.search import all_ids, first_ids

    named = arguments.text("--view")
    if named is None:
        plan, problems = plan_query(arguments.sentence(), actor=workspace.actor)
    else:
        from crmtui.cli.views import chosen_view, with_view

        view = chosen_view(session, workspace.database.thread_reader(), named)
        plan, problems = plan_query(with_view(view, arguments.sentence()), view.order, actor=workspace.actor)
        fields = fields or tuple(column.key for column in view.columns)
    for problem in problems:
        text = _("“{text}” is no field that can be searched; it was left out").format(text=problem.text)
        session.say(text + (" " + _("(did you mean {name}?)").format(name=problem.nearest) if problem.nearest else ""))
    reader = workspace.database.thread_reader()
    if machine:
        from crmtui.cli.records import put_records

        if limit < 0:
            ids = [customer for chunk in all_ids(reader, plan) for customer in chunk]
        else:
            ids = first_ids(reader, plan, limit)
        form = "csv" if arguments.flag("--csv") else session.form
        put_records(reader, ids, fields, form)
    else:
        ids = first_ids(reader, plan, limit + 1)
        more = len(ids) > limit
        ids = ids[:limit]
        if ids:
            from crmtui.cli.records import put_list

            put_list(reader, ids, fields or _DEFAULT_FIELDS, workspace.region)
        count = _count(reader, plan) if more else len(ids)
        session.say(_tally(len(ids), count, at_most=bool(plan.words)))
    return ExitCode.OK if ids else ExitCode.NOTHING_FOUND


def _count(connection: "Connection", plan: "Plan") -> int | None:
    """How many the plan finds, of words at most one more than ``_COUNTED``; None when that takes longer than a person likes."""
    import sys
    from time import monotonic

    from crmtui.storage.database import is_interrupt
    from crmtui.storage.search import count, finds_more_than, first_ids

    sys.stdout.flush()
    end = monotonic() + _PATIENCE
    connection.set_progress_handler(
        lambda: monotonic() > end, _STEPS
    )  # a timer would need a thread, and 1 ms to load it
    try:
        if not plan.words:
            return count(connection, plan)
        if finds_more_than(connection, plan.words, _COUNTED):
            return _COUNTED + 1
        return len(first_ids(connection, plan, _COUNTED + 1))
    except Exception as error:
        if not is_interrupt(error):
            raise
        return None
    finally:
        connection.set_progress_handler(None, 0)


def _tally(shown: int, count: int | None, *, at_most: bool) -> str:
    if count is None:
        return _("the first {shown} of many").format(shown=shown)
    if not count:
        return _("nothing found")
    if at_most and count > _COUNTED:
        return _("{shown} of more than {count:,}").format(shown=shown, count=_COUNTED)
    return _("{shown} of {count:,}").format(shown=shown, count=count)


def _fields(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    from crmtui.cli.fields import readable_field

    names = [name.strip() for name in text.replace("，", ",").split(",")]
    return tuple(dict.fromkeys(readable_field(name) for name in names if name))


COMMANDS = (
    Command(
        "find",
        N_("find customers by anything: name, pinyin, phone, e-mail, company, tag, order number"),
        _find,
        (
            Argument(
                "QUERY",
                N_("words, and conditions such as stage:lead tag:vip city:上海 last:>90d -tag:lost; nothing: everyone"),
                0,
                0,
            ),
        ),
        (
            Option("--limit", "N", N_("at most so many; 20 for people, all of them in machine formats"), number=True),
            Option("--fields", "A,B", N_("these fields, in this order")),
            Option("--csv", "", N_("CSV with a header line")),
            Option("--view", "NAME", N_("a saved view: its query, order and columns; see crmtui view list")),
        ),
        details=N_(
            "The table is cut to the width of the terminal; JSON and CSV hold every value exactly as it is stored. "
            "Exit code 1 says that nothing was found."
        ),
        examples=(
            ("crmtui find 138 1234 5678", N_("the customer with this phone, however it was written")),
            ("crmtui find zhangsan", N_("张三, by pinyin; zs finds him, too")),
            ("crmtui find stage:lead owner:me --fields name,phone,last", N_("my leads")),
            ("crmtui find 'tag:vip last:>90d' --csv > quiet.csv", N_("VIPs nobody talked to for 90 days, as a file")),
        ),
        signs=True,
    ),
)
