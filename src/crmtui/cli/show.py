"""``show``: a customer's card."""

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _
from crmtui.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmtui.domain.models import CustomerRecord
    from crmtui.storage.driver import Connection


def customer_ids(words: list[str]) -> list[int]:
    """Words as ids of customers, each once. Raises UsageError for a word that is no id."""
    ids: dict[int, None] = {}
    for word in words:
        number = word.removeprefix("#")
        if not (number.isascii() and number.isdigit() and 0 < len(number) < 19):
            raise UsageError(
                _("“{word}” is no id of a customer").format(word=word), hint=_("crmtui find NAME shows the ids")
            )
        ids[int(number)] = None
    return list(ids)


def _show(session: Session, arguments: Arguments) -> int:
    ids = customer_ids(arguments.words)
    workspace = session.open()
    from crmtui.services.lookup import record

    reader = workspace.database.reader()
    records = [record(workspace, customer) for customer in ids]
    if session.form == "text":
        from crmtui.cli.card import put_card
        from crmtui.cli.output import put

        lines = arguments.number("--timeline")
        for position, each in enumerate(records):
            if position:
                put("")
            put_card(reader, each, timeline=10 if lines is None else lines)
        return ExitCode.OK
    from crmtui.cli.output import put_json, put_jsonl

    documents = [_document(reader, each, whole=arguments.flag("--all")) for each in records]
    if session.form == "jsonl":
        put_jsonl(documents)
    else:
        put_json(documents[0] if len(documents) == 1 else documents)
    return ExitCode.OK


def _document(connection: "Connection", record: "CustomerRecord", *, whole: bool) -> dict[str, object]:
    """The record with its version (for ``edit --version``), with ``whole`` also everything that happened."""
    from crmtui.storage.customers import read_version

    customer = record["id"]
    document: dict[str, object] = {**record, "version": read_version(connection, customer)}
    if whole:
        from crmtui.storage import activities

        document["interactions"] = [each._asdict() for each in activities.interactions(connection, customer, -1)]
        document["transactions"] = [each._asdict() for each in activities.transactions(connection, customer)]
        document["deals"] = [each._asdict() for each in activities.deals(connection, customer)]
        document["tasks"] = [each._asdict() for each in activities.tasks(connection, customer)]
    return document


COMMANDS = (
    Command(
        "show",
        N_("show a customer: card, tasks, deals and timeline"),
        _show,
        (Argument("ID", N_("the id of a customer, as find shows it"), 1, 0),),
        (
            Option("--timeline", "N", N_("so many lines of the timeline (10)"), number=True),
            Option("--all", "", N_("with --json: interactions, transactions, deals and tasks as well")),
        ),
        examples=(
            ("crmtui show 1032", N_("the card")),
            ("crmtui show 1032 --json --all", N_("everything that is known, for a program")),
        ),
    ),
)
