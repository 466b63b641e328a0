"""``export``: customers into a file for other programs."""

import os
import sys

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.fields import readable_field
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _, ngettext


def _export(session: Session, arguments: Arguments) -> int:
    target = arguments.words[0]
    format_id = _format(target, arguments.text("--as"))
    names = arguments.text("--fields")
    fields = [readable_field(name.strip()) for name in names.split(",") if name.strip()] if names else None
    workspace = session.open()
    from crmtui.cli.progress import Progress
    from crmtui.services.take_out import export

    with Progress(session, N_("export"), N_("customers")) as progress:
        count = export(
            workspace,
            sys.stdout.buffer if target == "-" else target,
            format=format_id,
            query=storable(arguments.text("--query") or ""),
            profile=arguments.text("--profile") or "exact",
            fields=fields,
            progress=progress.tell,
        )
    if session.form != "text" and target != "-":
        from crmtui.cli.output import put_json

        put_json({"file": target, "format": format_id, "rows": count})
    told = ngettext("wrote {count:,} customer", "wrote {count:,} customers", count).format(count=count)
    session.say(told if target == "-" else _("{told} to {file}").format(told=told, file=target))
    return ExitCode.OK if count else ExitCode.NOTHING_FOUND


def _format(target: str, asked: str | None) -> str:
    """The format asked for, else the one that the file's ending says; csv on stdout."""
    from crmtui.formats.registry import FORMATS

    writable = [each.id for each in FORMATS.values() if each.writer]
    if asked is not None:
        if asked in FORMATS:
            return asked
        from crmtui.cli.arguments import near

        raise UsageError(
            _("there is no format “{name}”").format(name=asked),
            hint=near(asked, writable) or _("It can be: {choices}").format(choices=", ".join(writable)),
        )
    if target == "-":
        return "csv"
    ending = os.path.splitext(target)[1].casefold()
    found = next((each.id for each in FORMATS.values() if each.writer and ending in each.suffixes), None)
    if found is None:
        raise UsageError(
            _("the name “{file}” does not say which format to write").format(file=target),
            hint=_("Say it with --as: {choices}").format(choices=", ".join(writable)),
        )
    return found


COMMANDS = (
    Command(
        "export",
        N_("write customers to a file, all or those of a query"),
        _export,
        (Argument("FILE", N_("the file; - writes to stdout")),),
        (
            Option("--as", "FORMAT", N_("the format, such as csv, xlsx, json or jsonl (from the file's ending)")),
            Option("--query", "QUERY", N_("only the customers that find QUERY finds")),
            Option(
                "--profile",
                "NAME",
                N_("exact: every value as it is; spreadsheet: no cell that Excel would run as a formula"),
            ),
            Option("--fields", "A,B", N_("these fields, in this order")),
        ),
        details=N_("The file appears when it is complete; until then an older one of that name stays."),
        examples=(
            ("crmtui export customers.xlsx --profile spreadsheet", N_("all of them, for Excel or WPS")),
            ("crmtui export - --as jsonl --query tag:vip", N_("the VIPs, a JSON document a line")),
        ),
    ),
)
