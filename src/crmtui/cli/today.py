"""``today``: tasks overdue and due, customers gone quiet, birthdays."""

from datetime import datetime

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Command, Option
from crmtui.cli.moments import show_when
from crmtui.cli.output import Column, put, put_json, put_jsonl, put_table, put_title
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _, ngettext
from crmtui.i18n.show import show_date, show_number
from crmtui.services.today import Birthdays, Quiets, Tasks, TodayLists, today

_LISTED = 20


def _today(session: Session, arguments: Arguments) -> int:
    workspace = session.open()
    owner = storable(arguments.text("--owner") or "") or None
    if arguments.flag("--mine"):
        if owner is not None:
            raise UsageError(_("{option} and {other} do not go together").format(option="--mine", other="--owner"))
        owner = workspace.actor
    wanted = arguments.number("--limit")
    now = datetime.now().astimezone()
    lists = today(workspace.database.thread_reader(), now, owner, limit=_LISTED if wanted is None else wanted)
    if session.form != "text":
        document = {
            name: {"total": each.total, "more": each.more, "rows": [_document(row) for row in each.rows]}
            for name, each in lists._asdict().items()
        }
        put_jsonl([document]) if session.form == "jsonl" else put_json(document)
        return ExitCode.OK
    if not any(each.total for each in lists):
        session.say(_("nothing is due, nobody has gone quiet"))
        return ExitCode.NOTHING_FOUND
    _put_lists(lists, now)
    return ExitCode.OK


def _document(row: tuple[object, ...]) -> dict[str, object]:
    values: dict[str, object] = row._asdict()  # type: ignore[attr-defined]  # a named tuple
    return {
        name: value if value is None or isinstance(value, (str, int)) else str(value) for name, value in values.items()
    }


def _put_lists(lists: TodayLists, now: datetime) -> None:
    sections = (
        (_("Overdue"), lists.overdue),
        (_("Due today"), lists.due_today),
        (_("Next 7 days"), lists.due_soon),
    )
    first = True
    for title, tasks in sections:
        first = _put_head(title, tasks, first)
        if tasks.rows:
            columns = [Column(_("Task"), right=True), Column(_("Due")), Column(_("Customer"), gives=True)]
            columns += [Column(_("Phone")), Column(_("Text"), gives=True)]
            put_table(
                columns,
                [
                    [
                        f"{task.id}",
                        show_when(task.comes_up, now, exact=True),
                        task.name or "",
                        task.phone or "",
                        task.text,
                    ]
                    for task in tasks.rows
                ],
            )
    first = _put_head(_("Gone quiet"), lists.quiet, first)
    if lists.quiet.rows:
        columns = [
            Column("ID", right=True),
            Column(_("Customer"), gives=True),
            Column(_("Phone")),
            Column(_("Silence")),
        ]
        rows = [
            [f"{row.customer_id}", row.name, row.phone or "", _silence(row.usual_gap_days, row.silent_days)]
            for row in lists.quiet.rows
        ]
        put_table(columns, rows)
    for title, birthdays in (
        (_("Birthdays today"), lists.birthdays_today),
        (_("Birthdays in the next 7 days"), lists.birthdays_soon),
    ):
        first = _put_head(title, birthdays, first)
        if birthdays.rows:
            columns = [
                Column("ID", right=True),
                Column(_("Day")),
                Column(_("Customer"), gives=True),
                Column(_("Phone")),
                Column(_("Turns"), right=True),
            ]
            put_table(
                columns,
                [
                    [
                        f"{row.customer_id}",
                        show_date(row.on),
                        row.name,
                        row.phone or "",
                        "" if row.turns is None else str(row.turns),
                    ]
                    for row in birthdays.rows
                ],
            )


def _silence(usual: int, silent: int) -> str:
    every = ngettext("usually every {count} day", "usually every {count} days", usual).format(count=usual)
    return _("{every}, now {days}").format(every=every, days=silent)


def _put_head(title: str, section: Tasks | Quiets | Birthdays, first: bool) -> bool:
    """Print the head of a section that has anything; whether the next one is still the first."""
    if not section.total:
        return first
    if not first:
        put("")
    count = show_number(section.total) + ("+" if section.more else "")
    put_title(f"{title} ({count})")
    return False


COMMANDS = (
    Command(
        "today",
        N_("what today asks for: tasks, customers gone quiet, birthdays"),
        _today,
        options=(
            Option("--mine", "", N_("only what is yours")),
            Option("--owner", "NAME", N_("only what is theirs")),
            Option("--limit", "N", N_("so many lines of each list (20)"), number=True),
        ),
        details=N_(
            "A customer has gone quiet when the silence is twice as long as the usual gap between the last contacts, two weeks at"
            " least. A snoozed task comes back by itself."
        ),
        examples=(("crmtui today --mine", N_("your day")), ("crmtui task --done 7", N_("task 7 is done"))),
    ),
)
