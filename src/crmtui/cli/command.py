"""What a verb declares: its words, options and examples. Parsing, ``--help`` and docs/commands.md are made from this."""

from collections.abc import Callable

from crmtui.i18n import N_
from crmtui.light_typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from crmtui.cli.arguments import Arguments
    from crmtui.cli.session import Session


class Option(NamedTuple):
    """An option: ``--name``; without ``metavar`` a switch, otherwise it takes a value.

    ``help`` is a msgid. ``number`` asks for a whole number from 0, ``many`` allows the option several times.
    """

    name: str
    metavar: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()
    number: bool = False
    many: bool = False
    short: str = ""


class Argument(NamedTuple):
    """A word on the line; ``least`` and ``most`` (0: any number) say how many of them; ``help`` is a msgid."""

    name: str
    help: str
    least: int = 1
    most: int = 1


class Command(NamedTuple):
    """A verb. ``summary`` and ``details`` are msgids; ``examples`` are (line, msgid of what it does).

    ``signs`` lets words begin with a single ``-``, as in ``tag 5 -old`` or a query ``-tag:lost``.
    """

    name: str
    summary: str
    run: "Callable[[Session, Arguments], int]"
    arguments: tuple[Argument, ...] = ()
    options: tuple[Option, ...] = ()
    details: str = ""
    examples: tuple[tuple[str, str], ...] = ()
    signs: bool = False


GLOBAL_OPTIONS: tuple[Option, ...] = (
    Option("--db", "FILE", N_("the customer file (otherwise CRMTUI_DB, otherwise crm.db in the data folder)")),
    Option("--lang", "LANGUAGE", N_("the language of what is said: en or zh_CN")),
    Option("--json", "", N_("one JSON document on stdout instead of text for people")),
    Option("--jsonl", "", N_("one JSON document a line")),
    Option("--quiet", "", N_("say nothing but errors"), short="-q"),
    Option("--version", "", N_("print the version")),
    Option("--help", "", N_("explain the command"), short="-h"),
)
