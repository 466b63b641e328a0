"""From the words on the line to the verb that runs."""

import sys
from collections.abc import Mapping

from crmtui.cli.arguments import Arguments, near, parse, parse_globals
from crmtui.cli.output import make_safe_streams
from crmtui.cli.session import Session
from crmtui.cli.verbs import MODULES, load
from crmtui.errors import ConfigError, ExitCode, UsageError
from crmtui.i18n import LANGUAGES, _, choose_language, match_language, set_language

_WITHOUT_SETTINGS = "doctor"
"""The verb that works with a faulty settings file, to say what is wrong with it."""


def dispatch(line: list[str], environment: Mapping[str, str]) -> int:
    """Run the verb that ``line`` names, the app when it names none; returns the exit code. Raises CrmError."""
    make_safe_streams()
    set_language(choose_language(_asked_language(line), environment))
    rest, given = parse_globals(line)
    if given.flag("--version"):
        return _print_version()
    verb, *words = rest or ["open"]
    if (given.flag("--help") and not rest) or (verb == "help" and not words):
        return _print_help(None, given, environment)
    if verb == "help":
        verb, words = words[0], ["--help"]
    if verb not in MODULES:
        raise UsageError(
            _("there is no command “{word}”").format(word=verb),
            hint=near(verb, MODULES) or _("crmtui --help lists the commands"),
        )
    command = load(verb)
    arguments = parse(command, words, given)
    if arguments.flag("--version") and not arguments.text("--version"):
        return _print_version()
    if arguments.flag("--help"):
        return _print_help(verb, arguments, environment)
    session = Session(arguments, environment)
    try:
        _set_language(session, arguments)
    except ConfigError:
        if verb != _WITHOUT_SETTINGS:
            raise
    try:
        return command.run(session, arguments)
    except Exception as error:
        told = session.in_our_words(error)
        if told is error:
            raise
        raise told from error
    finally:
        session.close()


def _asked_language(line: list[str]) -> str | None:
    """The value of ``--lang``, found before anything is parsed, so that errors of parsing are told in that language."""
    for position, word in enumerate(line):
        if word == "--":
            break
        if word == "--lang":
            return line[position + 1] if position + 1 < len(line) else None
        if word.startswith("--lang="):
            return word[7:]
    return None


def _set_language(session: Session, arguments: Arguments) -> None:
    asked = arguments.text("--lang")
    if asked is not None:
        if match_language(asked) is None:
            raise UsageError(
                _("{option} cannot be “{value}”").format(option="--lang", value=asked),
                hint=_("It can be: {choices}").format(choices=", ".join(LANGUAGES)),
            )
        return
    set_language(session.settings.language)


def _print_version() -> int:
    from crmtui import __version__

    sys.stdout.write(f"crmtui {__version__}\n")
    return ExitCode.OK


def _print_help(verb: str | None, arguments: Arguments, environment: Mapping[str, str]) -> int:
    from crmtui.cli.help import command_help, overview

    try:
        _set_language(Session(arguments, environment), arguments)
    except ConfigError:
        # Who asks for help gets it, in the language of the system; the command itself will tell about the settings.
        set_language(choose_language(None, environment))
    sys.stdout.write(overview() if verb is None else command_help(load(verb)))
    return ExitCode.OK
