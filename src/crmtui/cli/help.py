"""The help pages and docs/commands.md, both made from the declarations of the verbs."""

from collections.abc import Iterable

from crmtui.cli.command import GLOBAL_OPTIONS, Argument, Command, Option
from crmtui.cli.verbs import GROUPS, load
from crmtui.domain.text import cell_width, pad
from crmtui.errors import ExitCode
from crmtui.i18n import N_, _

_WIDTH = 100

EXIT_CODES: tuple[tuple[int, str], ...] = (
    (ExitCode.OK, N_("done")),
    (ExitCode.NOTHING_FOUND, N_("nothing found")),
    (ExitCode.USAGE, N_("the command, the settings or the customer file cannot be used as asked")),
    (ExitCode.BUSY, N_("another program is writing and did not finish in time")),
    (ExitCode.DATA, N_("the data was refused: a conflict, a file that cannot be read, rows that failed")),
    (ExitCode.INTERNAL, N_("a mistake of the program; it leaves a crash report")),
    (ExitCode.INTERRUPTED, N_("stopped with Ctrl+C")),
)


def overview() -> str:
    """What ``crmtui --help`` prints."""
    lines = [
        _("crmtui: a CRM in one file, for people who live in a terminal"),
        "",
        _("Usage: crmtui [options] COMMAND …; crmtui alone opens the app"),
    ]
    for title, verbs in GROUPS:
        lines += ["", _(title) + ":"]
        lines += _columns((verb, _(load(verb).summary)) for verb in verbs)
    lines += ["", _("Options:"), *_option_lines(GLOBAL_OPTIONS)]
    lines += ["", _("crmtui COMMAND --help explains a command."), ""]
    return "\n".join(lines)


def command_help(command: Command) -> str:
    """What ``crmtui COMMAND --help`` prints."""
    lines = [usage(command), "", _(command.summary)]
    if command.details:
        lines += ["", *wrapped(_(command.details), _WIDTH)]
    if command.arguments:
        lines += ["", _("Arguments:"), *_columns((_shown(each), _(each.help)) for each in command.arguments)]
    if command.options:
        lines += ["", _("Options:"), *_option_lines(command.options)]
    lines += ["", _("Options of every command:"), *_option_lines(GLOBAL_OPTIONS)]
    if command.examples:
        lines += ["", _("Examples:")]
        for line, meaning in command.examples:
            lines += [f"  {line}", f"      {_(meaning)}"]
    return "\n".join([*lines, ""])


def usage(command: Command) -> str:
    """The line that shows how a verb is written."""
    parts = ["crmtui", command.name, *(_shown(each) for each in command.arguments)]
    parts += [f"[{_option_name(option)}]" for option in command.options]
    return " ".join(parts)


def commands_page() -> str:
    """The text of docs/commands.md, in the current language."""
    lines = [
        "# Commands",
        "",
        "`crmtui` alone opens the app. Everything the app does, a command does too: data on stdout, talk on stderr.",
        "",
        "## Options of every command",
        "",
        *_option_table(GLOBAL_OPTIONS),
        "",
        "## Exit codes",
        "",
        "| code | means |",
        "|---|---|",
        *(f"| {code} | {_cell(_(meaning))} |" for code, meaning in EXIT_CODES),
    ]
    for title, verbs in GROUPS:
        lines += ["", f"## {_(title)}"]
        for verb in verbs:
            lines += ["", *_section(load(verb))]
    return "\n".join(lines) + "\n"


def _section(command: Command) -> list[str]:
    lines = [f"### {command.name}", "", f"`{usage(command)}`", "", _sentence(_(command.summary))]
    if command.details:
        lines += ["", _(command.details)]
    if command.arguments:
        lines += ["", "| argument | is |", "|---|---|"]
        lines += [f"| `{_shown(each)}` | {_cell(_(each.help))} |" for each in command.arguments]
    if command.options:
        lines += ["", *_option_table(command.options)]
    if command.examples:
        lines += ["", "| example | does |", "|---|---|"]
        lines += [f"| `{_cell(line)}` | {_cell(_(meaning))} |" for line, meaning in command.examples]
    return lines


def _option_table(options: Iterable[Option]) -> list[str]:
    return [
        "| option | does |",
        "|---|---|",
        *(f"| `{_cell(_option_name(option))}` | {_cell(_option_help(option))} |" for option in options),
    ]


def _option_lines(options: Iterable[Option]) -> list[str]:
    return _columns((_option_name(option), _option_help(option)) for option in options)


def _option_name(option: Option) -> str:
    short = f"{option.short}, " if option.short else ""
    return f"{short}{option.name} {option.metavar}".rstrip()


def _option_help(option: Option) -> str:
    text = _(option.help)
    if option.choices:
        text += " (" + ", ".join(option.choices) + ")"
    return f"{text}; " + _("may be given several times") if option.many else text


def _shown(argument: Argument) -> str:
    name = argument.name if argument.most == 1 else f"{argument.name}…"
    return name if argument.least else f"[{name}]"


def _columns(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Names and their explanations in two columns; a long name has a line of its own."""
    rows = list(pairs)
    left = min(max((cell_width(name) for name, _text in rows), default=0), 24)
    lines = []
    for name, text in rows:
        first, *others = wrapped(text, _WIDTH - left - 4) or [""]
        if cell_width(name) > left:
            lines += [f"  {name}", f"  {' ' * left}  {first}"]
        else:
            lines.append(f"  {pad(name, left)}  {first}")
        lines += [f"  {' ' * left}  {other}" for other in others]
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells, broken at spaces, Chinese text anywhere."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if cell_width(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while cell_width(line) > width:
            end = width if line.isascii() else width // 2
            lines.append(line[:end])
            line = line[end:]
    return [*lines, line] if line else lines


def _sentence(text: str) -> str:
    return text if text.endswith((".", "。")) else text + "."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
