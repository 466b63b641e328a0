"""``export``: customers, or what happens with them, into a file for other programs; everything into a folder."""

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

    from crmtui.services.profiles_out import Delivered
    from crmtui.storage.search import Order

_BINARY = ("xlsx", "sqlite")
_CUSTOMERS = "customers"
_PROFILES = ("exact", "spreadsheet")
_ONLY_CUSTOMERS = ("--fields", "--view")


def _export(session: Session, arguments: Arguments) -> int:
    target = arguments.words[0]
    if arguments.flag("--all"):
        return _archive(session, target)
    profile = arguments.text("--profile") or "exact"
    what = _what(arguments)
    format_id = _format(target, arguments.text("--as"))
    if profile not in _PROFILES:
        return _for_program(session, arguments, target, profile, format_id)
    workspace = session.open()
    query, fields, order = _wanted(session, arguments)
    from crmtui.cli.progress import Progress

    with _place(target, format_id) as place, Progress(session, N_("export"), N_("customers")) as progress:
        if what == _CUSTOMERS:
            from crmtui.services.take_out import export_customers

            written = export_customers(
                workspace,
                place,
                format=format_id,
                query=query,
                profile=profile,
                fields=fields,
                order=order,
                progress=progress.tell,
            )
        else:
            from crmtui.services.records_out import export_records

            written = export_records(
                workspace, place, what=what, format=format_id, query=query, profile=profile, progress=progress.tell
            )
    if session.form != "text" and target != "-":
        from crmtui.cli.output import put_json

        document = {"file": target, "format": format_id, "what": what, "rows": written.rows}
        put_json(document | {"guarded": written.guarded, "shortened": written.shortened, "sheets": written.sheets})
    session.say(_told(what, written.rows, target))
    if written.shortened:
        session.say(
            _("{count} texts were cut: a cell of {format} holds no more").format(
                count=written.shortened, format=format_id
            )
        )
    if written.sheets > 1:
        session.say(_("a sheet holds 1,048,575 rows, so there are {count} of them").format(count=written.sheets))
    return ExitCode.OK if written.rows else ExitCode.NOTHING_FOUND


def _told(what: str, count: int, target: str) -> str:
    if what == _CUSTOMERS:
        told = ngettext("wrote {count:,} customer", "wrote {count:,} customers", count).format(count=count)
    else:
        told = ngettext("wrote {count:,} row", "wrote {count:,} rows", count).format(count=count)
    return told if target == "-" else _("{told} to {file}").format(told=told, file=target)


def _what(arguments: Arguments) -> str:
    what = arguments.text("--what") or _CUSTOMERS
    if what == _CUSTOMERS:
        return what
    from crmtui.services.records_out import RECORDS

    if what not in RECORDS:
        from crmtui.cli.arguments import near

        kinds = (_CUSTOMERS, *RECORDS)
        raise UsageError(
            _("there are no “{name}” to export").format(name=what),
            hint=near(what, kinds) or _("It can be: {choices}").format(choices=", ".join(kinds)),
        )
    for option in _ONLY_CUSTOMERS:
        if arguments.flag(option):
            raise UsageError(_("{option} goes with customers only").format(option=option))
    return what


def _wanted(session: Session, arguments: Arguments) -> "tuple[str, list[str] | None, Order]":
    """Query, fields and order: what a view shows is what is written."""
    from crmtui.storage.search import Order

    names = arguments.text("--fields")
    fields = [readable_field(name.strip()) for name in names.split(",") if name.strip()] if names else None
    query, order = storable(arguments.text("--query") or ""), Order("id")
    named = arguments.text("--view")
    if named is not None:
        from crmtui.cli.views import chosen_view, with_view

        view = chosen_view(session, session.open().database.thread_reader(), named)
        query, order = with_view(view, query), view.order
        fields = fields or [column.key for column in view.columns] or None
    return query, fields, order


def _for_program(session: Session, arguments: Arguments, target: str, profile: str, format_id: str) -> int:
    """A file for another program, and what it will not take of it."""
    for option in (*_ONLY_CUSTOMERS, "--what"):
        if arguments.flag(option):
            raise UsageError(_("{option} does not go with a profile of a program").format(option=option))
    from crmtui.cli.progress import Progress
    from crmtui.services.profiles_out import export_for

    workspace = session.open()
    query = storable(arguments.text("--query") or "")
    with _place(target, format_id) as place, Progress(session, N_("export"), N_("customers")) as progress:
        done = export_for(workspace, place, profile=profile, format=format_id, query=query, progress=progress.tell)
    if session.form != "text" and target != "-":
        from crmtui.cli.output import put_json

        put_json(
            {
                "files": list(done.files),
                "format": format_id,
                "profile": profile,
                "rows": done.rows,
                "remarks": [remark.to_json() for remark in done.remarks],
            }
        )
    _tell_delivered(session, done, target)
    return ExitCode.OK if done.rows else ExitCode.NOTHING_FOUND


def _tell_delivered(session: Session, done: "Delivered", target: str) -> None:
    session.say(_told(_CUSTOMERS, done.rows, target if len(done.files) < 2 else ", ".join(done.files)))
    if len(done.files) > 1:
        session.say(_("{program}: {why}").format(program=done.program, why=done.why))
    for remark in done.remarks:
        line = _("{count:,} × {text}").format(count=remark.times, text=remark.text)
        if remark.customers:
            line = _("{line} (customer {ids})").format(line=line, ids=", ".join(map(str, remark.customers)))
        session.say(display_text(line))


def _archive(session: Session, folder: str) -> int:
    """Everything into one folder."""
    from crmtui.cli.progress import Progress
    from crmtui.services.archive import write_archive

    with Progress(session, N_("export"), N_("rows")) as progress:
        counts = write_archive(session.open(), folder, progress=progress.tell)
    if session.form != "text":
        from crmtui.cli.output import put_json

        put_json({"folder": folder, "counts": counts})
    session.say(
        _("wrote everything to {folder}: {customers:,} customers, {interactions:,} interactions").format(
            folder=folder, customers=counts["customers"], interactions=counts["interactions"]
        )
    )
    return ExitCode.OK


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
        N_("write customers to a file, all or those of a query; or everything to a folder"),
        _export,
        (Argument("FILE", N_("the file; - writes to stdout; with --all a new folder")),),
        (
            Option(
                "--as",
                "FORMAT",
                N_("csv, tsv, xlsx, json, jsonl, xml, sql, sqlite, vcard, vcard3 or markdown (from the file's ending)"),
            ),
            Option("--query", "QUERY", N_("only the customers that find QUERY finds")),
            Option("--view", "NAME", N_("a saved view: its query, columns and order; see crmtui view list")),
            Option(
                "--profile",
                "NAME",
                N_(
                    "exact: every value as it is; spreadsheet: no cell that Excel would run as a formula; "
                    "or the program that is to take it: hubspot, salesforce, zoho, dynamics, freshsales, pipedrive, copper, "
                    "insightly, keap, nimble, google, outlook"
                ),
            ),
            Option("--fields", "A,B", N_("these fields, in this order")),
            Option("--what", "KIND", N_("customers, or their interactions, transactions, deals or tasks")),
            Option(
                "--all", "", N_("everything, into a folder of text files that explains itself; import brings it back")
            ),
        ),
        details=N_("The file appears when it is complete; until then an older one of that name stays."),
        examples=(
            ("crmtui export customers.xlsx --profile spreadsheet", N_("all of them, for Excel or WPS")),
            ("crmtui export - --as jsonl --query tag:vip", N_("the VIPs, a JSON document a line")),
            ("crmtui export hubspot.csv --profile hubspot", N_("for HubSpot, and what it will not take")),
            ("crmtui export orders.csv --what transactions", N_("every order and payment")),
            ("crmtui export --all archive-2026", N_("everything, to keep")),
        ),
    ),
)
