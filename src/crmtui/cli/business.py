"""``order``, ``payment``, ``refund`` and ``deal``: money that came, went or may come."""

from collections.abc import Callable

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.card import money
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.moments import read_past
from crmtui.cli.saving import tell_saved
from crmtui.cli.session import Session
from crmtui.cli.show import customer_ids
from crmtui.domain.money import MINOR_DIGITS, Money, parse_money
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _

Verb = Callable[[Session, Arguments], int]


def _transaction(kind: str) -> Verb:
    """The verb that records a transaction of this kind."""

    def run(session: Session, arguments: Arguments) -> int:
        customer = customer_ids(arguments.words[:1])[0]
        amount = _amount(session, arguments, " ".join(arguments.words[1:]))
        when = arguments.text("--at")
        at = None if when is None else read_past(when)
        workspace = session.open()
        from crmtui.services.activity import add_transaction

        saved = add_transaction(
            workspace,
            customer,
            kind=kind,
            amount=amount.minor,
            currency=amount.currency,
            number=_text(arguments, "--number"),
            status=_text(arguments, "--status"),
            at=at,
            note=_text(arguments, "--note"),
        )
        told = _("recorded {amount}").format(amount=money(amount.minor, amount.currency))
        tell_saved(session, saved, told)
        return ExitCode.OK

    return run


def _deal(session: Session, arguments: Arguments) -> int:
    customer = customer_ids(arguments.words[:1])[0]
    given = arguments.text("--amount")
    amount = None if given is None else _amount(session, arguments, given)
    close = arguments.text("--close")
    workspace = session.open()
    from crmtui.services.activity import add_deal

    saved = add_deal(
        workspace,
        customer,
        arguments.sentence(1),
        stage=_text(arguments, "--stage") or "new",
        amount=amount.minor if amount else None,
        currency=amount.currency if amount else None,
        expected_close=_day(close) if close else None,
    )
    tell_saved(session, saved, _("opened the deal"))
    return ExitCode.OK


def _amount(session: Session, arguments: Arguments, text: str) -> Money:
    """The amount on the line, in ``--currency``, else in the one it names, else in that of the settings."""
    asked = arguments.text("--currency")
    currency = asked.upper() if asked else session.settings.currency
    if currency not in MINOR_DIGITS:
        raise UsageError(
            _("“{code}” is no currency code").format(code=currency), hint=_("Write for example: --currency EUR")
        )
    found = parse_money(text, currency)
    if found is None:
        raise UsageError(
            _("“{text}” is no amount").format(text=text), hint=_("Write for example: 1280.50, ¥18,200, 1.5万")
        )
    if asked and found.currency != currency:
        raise UsageError(
            _("the amount is in {found}, but --currency says {asked}").format(found=found.currency, asked=currency)
        )
    return found


def _day(text: str) -> str:
    from crmtui.cli.moments import read_due
    from crmtui.domain.dates import parse_date

    return parse_date(text) or read_due(text)[:10]


def _text(arguments: Arguments, name: str) -> str | None:
    return storable(arguments.text(name) or "") or None


_AMOUNT_OPTIONS = (
    Option("--currency", "CODE", N_("the currency, such as CNY or EUR (the one written with the amount, else yours)")),
    Option("--number", "TEXT", N_("its number, such as SO-10233; find finds it")),
    Option("--status", "TEXT", N_("how it stands: open, paid, shipped …")),
    Option("--at", "WHEN", N_("when it was: yesterday, 2026-11-27 (now)")),
    Option("--note", "TEXT", N_("a remark")),
)
_AMOUNT_ARGUMENTS = (
    Argument("ID", N_("the id of the customer")),
    Argument("AMOUNT", N_("the amount: 1280.50, ¥18,200, 1.5万"), 1, 0),
)

COMMANDS = (
    Command(
        "order",
        N_("record an order"),
        _transaction("order"),
        _AMOUNT_ARGUMENTS,
        _AMOUNT_OPTIONS,
        examples=(("crmtui order 1032 1280.50 --currency EUR --number SO-10233", N_("an order of 1,280.50 euros")),),
    ),
    Command("payment", N_("record a payment"), _transaction("payment"), _AMOUNT_ARGUMENTS, _AMOUNT_OPTIONS),
    Command("refund", N_("record a refund"), _transaction("refund"), _AMOUNT_ARGUMENTS, _AMOUNT_OPTIONS),
    Command(
        "deal",
        N_("open a deal: business that may come"),
        _deal,
        (Argument("ID", N_("the id of the customer")), Argument("TITLE", N_("what it is about"), 1, 0)),
        (
            Option("--amount", "AMOUNT", N_("what it may bring")),
            Option("--currency", "CODE", N_("the currency of the amount")),
            Option("--stage", "STAGE", N_("where it stands (new)")),
            Option("--close", "DATE", N_("when it should be won")),
        ),
        examples=(('crmtui deal 1032 "yearly contract" --amount 60000 --close 2026-12-31', N_("a deal of 60,000")),),
    ),
)
