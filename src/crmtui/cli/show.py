"""``show``: a customer's card. ``call``: who is calling."""

from typing import TYPE_CHECKING

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _

if TYPE_CHECKING:
    from crmtui.domain.models import CustomerRecord
    from crmtui.services.workspace import Workspace
    from crmtui.storage.driver import Connection

_CALLERS = 5
_TAIL = (0, 8, 7)  # digits of the number that must agree; 0: all of them
_FEWEST_DIGITS = 3


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


def _call(session: Session, arguments: Arguments) -> int:
    number = arguments.sentence()
    callers = _callers(session.open(), number)
    if session.form != "text":
        from crmtui.cli.output import put_json_list, put_jsonl

        (put_jsonl if session.form == "jsonl" else put_json_list)(callers)
        return ExitCode.OK if callers else ExitCode.NOTHING_FOUND
    if not callers:
        session.say(_("nobody has the number {number}").format(number=number))
        session.say(_("crmtui add NAME phone=NUMBER makes a customer of it"))
        return ExitCode.NOTHING_FOUND
    from crmtui.cli.card import put_caller
    from crmtui.cli.output import put

    reader = session.open().database.reader()
    for position, record in enumerate(callers):
        if position:
            put("")
        put_caller(reader, record)
    session.say(_('note it: crmtui log {id} --kind call --minutes 5 "…"').format(id=callers[0]["id"]))
    return ExitCode.OK


def _callers(workspace: "Workspace", number: str) -> list["CustomerRecord"]:
    """The customers with this number: all digits agree, else the last eight, else seven (a number without area code)."""
    from crmtui.services.lookup import find, records

    digits = _digits(number)
    if len(digits) < _FEWEST_DIGITS:
        raise UsageError(_("“{text}” is no phone number").format(text=number))
    for tail in _TAIL:
        if tail and len(digits) <= tail:
            continue
        wanted = digits[-tail:]
        found = find(workspace, number if not tail else wanted, limit=64).ids
        callers = [record for record in records(workspace, found) if _has_number(record, wanted)]
        if callers:
            return callers[:_CALLERS]
    return []


def _has_number(record: "CustomerRecord", digits: str) -> bool:
    """Whether a phone of the record and ``digits`` are the same number, one of them perhaps without country code or trunk 0."""
    bare = digits.removeprefix("00").lstrip("0") if len(digits) > 7 else digits
    for phone in record["phones"]:
        stored = _digits(phone["e164"] or phone["value"]).lstrip("0")
        if stored.endswith(bare) or (len(stored) >= 7 and bare.endswith(stored)):
            return True
    return False


def _digits(text: str) -> str:
    from unicodedata import normalize

    return "".join(character for character in normalize("NFKC", text) if character.isascii() and character.isdigit())


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
    Command(
        "call",
        N_("who is calling: the card of the customer with this number"),
        _call,
        (Argument("NUMBER", N_("a phone number in any form"), 1, 0),),
        examples=(("crmtui call +86 138-1234-5678", N_("who it is, what was said last, what is next")),),
        signs=True,
    ),
)
