"""Reading a command line by the declaration of its verb. argparse would cost each look-up 8 ms, and says less in an error."""

from collections.abc import Iterable

from crmtui.cli.command import GLOBAL_OPTIONS, Command, Option
from crmtui.errors import UsageError
from crmtui.i18n import _


class Arguments:
    """The words and option values of one call."""

    def __init__(self, words: list[str], values: dict[str, list[str]]) -> None:
        self.words = words
        self._values = values

    def flag(self, name: str) -> bool:
        """Whether the option was given."""
        return name in self._values

    def text(self, name: str) -> str | None:
        """The value of an option, the last one if it came twice; None when it was not given."""
        found = self._values.get(name)
        return found[-1] if found else None

    def all(self, name: str) -> list[str]:
        """Every value of an option that may come several times."""
        return self._values.get(name, [])

    def number(self, name: str) -> int | None:
        """The whole number of an option that was declared as one."""
        found = self.text(name)
        return None if found is None else int(found)

    def sentence(self, start: int = 0) -> str:
        """The words from ``start`` on as one text that SQLite can take, whatever bytes the shell passed."""
        return storable(" ".join(self.words[start:]))


def storable(text: str) -> str:
    """``text`` without the lone surrogates that Python makes of bytes that are not UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def parse_globals(line: list[str]) -> tuple[list[str], Arguments]:
    """Take the global options that stand before the verb from ``line``; returns the rest, beginning with the verb."""
    values: dict[str, list[str]] = {}
    known = _by_name(GLOBAL_OPTIONS)
    position = 0
    while position < len(line) and line[position].startswith("-") and line[position] not in ("-", "--"):
        position = _take_option(line, position, known, values, "crmtui", _verbs_hint())
    return line[position:], Arguments([], values)


def parse(command: Command, line: list[str], given: Arguments) -> Arguments:
    """Read what follows the verb. ``given`` are the global options from before it.

    Raises UsageError for an unknown option (with the nearest one), a missing or refused value, too few or too many words.
    """
    hint = _("crmtui {verb} --help shows what it takes").format(verb=command.name)
    known = _by_name((*GLOBAL_OPTIONS, *command.options))
    words: list[str] = []
    values = {name: list(found) for name, found in given._values.items()}
    position = 0
    while position < len(line):
        word = line[position]
        if word == "--":
            words += line[position + 1 :]
            break
        if _is_option(word, command, known):
            position = _take_option(line, position, known, values, command.name, hint)
        else:
            words.append(word)
            position += 1
    arguments = Arguments(words, values)
    if not arguments.flag("--help"):
        _check_words(command, words, hint)
    return arguments


def near(word: str, names: Iterable[str]) -> str | None:
    """The hint that names the nearest of ``names``, or None when none is close."""
    from difflib import get_close_matches

    bare = {name.lstrip("-"): name for name in names}
    found = get_close_matches(word.casefold().lstrip("-"), bare, 1, 0.5)
    return _("Did you mean {name}?").format(name=bare[found[0]]) if found else None


def _is_option(word: str, command: Command, known: dict[str, Option]) -> bool:
    if not word.startswith("-") or word == "-":
        return False
    if word in known or word.startswith("--"):
        return True
    # A negative amount is a word everywhere; other words with one sign only where the verb says so.
    return not (command.signs or word[1:2].isdigit())


def _take_option(
    line: list[str], position: int, known: dict[str, Option], values: dict[str, list[str]], verb: str, hint: str
) -> int:
    """Read the option at ``position`` into ``values``; returns the position after it."""
    name, equals, value = line[position].partition("=")
    option = known.get(name)
    if option is None:
        raise UsageError(
            _("{verb} has no option {option}").format(verb=verb, option=name),
            hint=near(name, [each for each in known if each.startswith("--")]) or hint,
        )
    if not option.metavar:
        if equals:
            raise UsageError(_("{option} takes no value").format(option=name), hint=hint)
        values.setdefault(option.name, [])
        return position + 1
    if not equals:
        position += 1
        if position >= len(line):
            raise UsageError(
                _("{option} needs a value: {option} {metavar}").format(option=name, metavar=option.metavar), hint=hint
            )
        value = line[position]
    _check_value(option, value)
    if option.name in values and not option.many and values[option.name] != [value]:
        raise UsageError(_("{option} was given twice").format(option=name), hint=hint)
    values.setdefault(option.name, []).append(value)
    return position + 1


def _check_value(option: Option, value: str) -> None:
    if option.number and not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise UsageError(_("{option} needs a whole number, not “{value}”").format(option=option.name, value=value))
    if option.choices and value not in option.choices:
        raise UsageError(
            _("{option} cannot be “{value}”").format(option=option.name, value=value),
            hint=near(value, option.choices) or _("It can be: {choices}").format(choices=", ".join(option.choices)),
        )


def _check_words(command: Command, words: list[str], hint: str) -> None:
    least = sum(argument.least for argument in command.arguments)
    if len(words) < least:
        seen = 0
        missing = command.arguments[0]
        for missing in command.arguments:
            seen += missing.least
            if seen > len(words):
                break
        raise UsageError(_("{verb} needs {argument}").format(verb=command.name, argument=missing.name), hint=hint)
    if all(argument.most for argument in command.arguments):
        most = sum(argument.most for argument in command.arguments)
        if len(words) > most:
            raise UsageError(
                _("{verb} does not know what to do with “{word}”").format(verb=command.name, word=words[most]),
                hint=hint,
            )


def _by_name(options: Iterable[Option]) -> dict[str, Option]:
    found: dict[str, Option] = {}
    for option in options:
        found[option.name] = option
        if option.short:
            found[option.short] = option
    return found


def _verbs_hint() -> str:
    return _("crmtui --help lists the commands")
