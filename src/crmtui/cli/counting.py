"""``count``: how often each value of a field occurs."""

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.session import Session
from crmtui.errors import ExitCode
from crmtui.i18n import N_, _

_LIMIT = 30


def _count(session: Session, arguments: Arguments) -> int:
    workspace = session.open()
    from crmtui.services.counting import count_values

    machine = session.form != "text" or arguments.flag("--csv")
    limit = arguments.number("--limit")
    if limit is None:
        limit = -1 if machine else _LIMIT
    field = arguments.words[0]
    query = arguments.sentence(1)
    found = count_values(workspace.database.reader(), query, field, limit, actor=workspace.actor)
    for problem in found.problems:
        session.say(_("“{text}” is no field that can be searched; it was left out").format(text=problem.text))
    if arguments.flag("--csv"):
        from crmtui.cli.output import put_csv

        put_csv(("value", "count", "query"), found.rows)
    elif session.form == "jsonl":
        from crmtui.cli.output import put_jsonl

        put_jsonl(row._asdict() for row in found.rows)
    elif session.form == "json":
        from crmtui.cli.output import put_json

        rest = {
            "distinct": found.distinct,
            "blank": found.blank,
            "total": found.total,
            "blank_query": found.blank_query,
        }
        put_json({"field": field, "query": query, "rows": [row._asdict() for row in found.rows], **rest})
    elif found.total:
        from crmtui.cli.output import Column, put_table

        columns = [Column(_("Count"), right=True), Column(_("Value"), gives=True), Column(_("Query"), gives=True)]
        rows = [[f"{row.count:,}", row.value, row.query] for row in found.rows]
        if found.blank:
            rows.append([f"{found.blank:,}", _("without a value"), found.blank_query])
        put_table(columns, rows)
    session.say(_("{distinct:,} values of {total:,} customers").format(distinct=found.distinct, total=found.total))
    return ExitCode.OK if found.rows else ExitCode.NOTHING_FOUND


COMMANDS = (
    Command(
        "count",
        N_("how often each value of a field occurs"),
        _count,
        (
            Argument("FIELD", N_("a field, custom.NAME, domain (of e-mails) or phone_country")),
            Argument("QUERY", N_("only the customers that this finds"), 0, 0),
        ),
        (
            Option(
                "--limit", "N", N_("at most so many values; 30 for people, all of them in machine formats"), number=True
            ),
            Option("--csv", "", N_("CSV with a header line")),
        ),
        details=N_(
            "The commonest value first, each with the query that finds its customers. Dates are counted by month."
        ),
        examples=(
            ("crmtui count city stage:lead", N_("where the leads are")),
            ("crmtui count tag --csv", N_("every tag and how often it is used")),
        ),
        signs=True,
    ),
)
