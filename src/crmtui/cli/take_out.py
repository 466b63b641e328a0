"""``export``: customers into a file for other programs."""

import os
import sys
from contextlib import contextmanager

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.fields import readable_field
from crmtui.cli.session import Session
from crmtui.domain.text import display_text
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _, ngettext
from crmtui.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_BINARY = ("xlsx",)


def _export(session: Session, arguments: Arguments) -> int:
    target = arguments.words[0]
    format_id = _format(target, arguments.text("--as"))
    names = arguments.text("--fields")
    fields = [readable_field(name.strip()) for name in names.split(",") if name.strip()] if names else None
    workspace = session.open()
    query = storable(arguments.text("--query") or "")
    named = arguments.text("--view")
    if named is not None:
        from crmtui.cli.views import chosen_view, with_view

        view = chosen_view(session, workspace.database.thread_reader(), named)
        query = with_view(view, query)
        fields = fields or [column.key for column in view.columns] or None
    from crmtui.cli.progress import Progress
    from crmtui.services.take_out import export

    with _place(target, format_id) as place, Progress(session, N_("export"), N_("customers")) as progress:
        count = export(
            workspace,
            place,
            format=format_id,
            query=query,
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


@contextmanager
def _place(target: str, format_id: str) -> "Iterator[str | BinaryIO]":
    """Where the export goes. A terminal gets no byte of the data that it would obey: there the lines are made safe to show."""
    if target != "-":
        yield target
    elif not sys.stdout.isatty():
        yield sys.stdout.buffer
    elif format_id in _BINARY:
        raise UsageError(
            _("{format} cannot be shown in a terminal").format(format=format_id),
            hint=_("Write it to a file, or into another program: crmtui export - --as {format} | …").format(
                format=format_id
            ),
        )
    else:
        from tempfile import TemporaryFile

        with TemporaryFile() as written:
            yield written
            written.seek(0)
            for line in written:
                sys.stdout.write(display_text(line.decode("utf-8", "replace").rstrip("\r\n")) + "\n")


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
            Option("--view", "NAME", N_("a saved view: its query and columns; see crmtui view list")),
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
