"""``template``: an empty table to fill in, with the values that are offered and an example row; import takes it as it is."""

import sys

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.session import Session
from crmtui.errors import ExitCode
from crmtui.i18n import N_, _


def _template(session: Session, arguments: Arguments) -> int:
    import os

    from crmtui.services.template import write_template

    target = arguments.words[0] if arguments.words else "-"
    format_id = arguments.text("--format") or ("xlsx" if target.casefold().endswith(".xlsx") else "csv")
    workspace = session.open() if os.path.exists(session.path) else None
    columns = write_template(workspace, sys.stdout.buffer if target == "-" else target, format=format_id)
    if session.form != "text" and target != "-":
        from crmtui.cli.output import put_json

        put_json({"file": target, "format": format_id, "columns": columns})
    if target != "-":
        session.say(_("wrote a template with {count} columns to {file}").format(count=len(columns), file=target))
    return ExitCode.OK


COMMANDS = (
    Command(
        "template",
        N_("an empty table to fill in, with the values that are offered and an example row"),
        _template,
        (Argument("FILE", N_("the file; without it, or as -, it goes to stdout"), 0),),
        (
            Option(
                "--format", "FORMAT", N_("xlsx or csv (from the file's ending, otherwise csv)"), choices=("xlsx", "csv")
            ),
        ),
        details=N_(
            "Delete the example row, fill in the others and import the file: every column is understood as it is."
        ),
        examples=(("crmtui template customers.xlsx", N_("for Excel or WPS, with lists to choose from")),),
    ),
)
