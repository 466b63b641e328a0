"""``doctor``: is everything around the program as it needs it, and what to do where it is not."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from crmtui import paths
from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Command
from crmtui.cli.output import put, put_json
from crmtui.cli.session import Session
from crmtui.cli.terminal_widths import AMBIGUOUS, RIGHT, measured_widths
from crmtui.domain.text import display_text, pad
from crmtui.errors import CrmError, ExitCode
from crmtui.i18n import LOCALE_FOLDER, N_, _, current_language, ngettext, set_language
from crmtui.i18n.show import show_bytes

OK, WARN, FAULT = "ok", "warn", "fault"
_SIGNS = {OK: N_("ok"), WARN: N_("look"), FAULT: N_("FAULT")}
_LEAST_COLUMNS, _LEAST_ROWS = 80, 24
_BACKUP_DAYS = 7
_LEAST_FREE = 200_000_000
"""Bytes that should be free beside the customer file, whatever its size."""
_TMUX_SECONDS = 1.0
_ESCAPE_MOST = 50
"""Milliseconds tmux may keep an escape key back before the person notices."""


class Check(NamedTuple):
    """One line: what was looked at, its state (ok, warn or fault), what was found, and what to do about it."""

    name: str
    state: str
    found: str
    advice: str = ""


def _doctor(session: Session, _arguments: Arguments) -> int:
    checks = [check for part in _PARTS for check in part(session)]
    if session.form != "text":
        put_json([check._asdict() for check in checks])
    else:
        for check in checks:
            put(f"{pad(_(_SIGNS[check.state]), 6)}{pad(_(_LABELS[check.name]), 18)}  {display_text(check.found)}")
            if check.advice:
                put(f"{pad('', 6)}→ {display_text(check.advice)}")
    worst = {check.state for check in checks}
    wrong = sum(check.state != OK for check in checks)
    session.say(
        ngettext("{count} thing to look at", "{count} things to look at", wrong).format(count=wrong)
        if wrong
        else _("everything is as it should be")
    )
    return ExitCode.USAGE if FAULT in worst else ExitCode.NOTHING_FOUND if WARN in worst else ExitCode.OK


# What the checks are called

_LABELS = {
    "settings": N_("settings"),
    "keymap": N_("keymap"),
    "language": N_("language"),
    "locale": N_("characters"),
    "terminal": N_("terminal"),
    "size": N_("size"),
    "line": N_("connection"),
    "tmux": N_("tmux"),
    "widths": N_("widths"),
    "clipboard": N_("clipboard"),
    "driver": N_("SQLite"),
    "file": N_("customer file"),
    "rights": N_("rights"),
    "backup": N_("backup"),
    "space": N_("free space"),
}


def _settings(session: Session) -> Iterator[Check]:
    """The settings file and the keymap file."""
    path = paths.settings_path(session.environment)
    yield _of_file("settings", path, lambda: session.settings)
    keys = paths.keymap_path(session.environment)

    def load() -> object:
        from crmtui.tui.keymap import load_keymap

        return load_keymap(keys)

    yield _of_file("keymap", keys, load)


def _of_file(name: str, path: str, load: Callable[[], object]) -> Check:
    try:
        load()
    except CrmError as error:
        return Check(name, FAULT, f"{path}: {error.message}", error.hint or _("Correct the file, or remove it"))
    return Check(name, OK, path if os.path.exists(path) else _("none; the defaults are in force"))


def _language(session: Session) -> Iterator[Check]:
    """Is the Chinese catalogue there and read?"""
    before = current_language()
    try:
        set_language("zh_CN")
        works = _("customers") != "customers"
    finally:
        set_language(before)
    if works:
        yield Check("language", OK, f"{before} (en, zh_CN)")
    else:
        yield Check(
            "language",
            WARN,
            _("the Chinese texts are missing in {folder}").format(folder=LOCALE_FOLDER),
            _("Install crmtui again"),
        )


def _locale(session: Session) -> Iterator[Check]:
    """Do both sides of the terminal speak UTF-8?"""
    environment = session.environment
    name, value = next(
        ((name, environment[name]) for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), ("LANG", "")
    )
    encoding = (sys.stdout.encoding or "").lower()
    told = f"{name}={value}, {encoding}"
    advice = _("Set LANG to a UTF-8 locale, for example: export LANG=C.UTF-8")
    if encoding.replace("-", "") != "utf8":
        yield Check("locale", FAULT, told, advice)
    elif "utf8" not in value.lower().replace("-", ""):
        # Python helps itself to UTF-8 where no locale is set; tmux, screen and the editor do not.
        yield Check("locale", WARN, told, advice)
    else:
        yield Check("locale", OK, told)


def _terminal(session: Session) -> Iterator[Check]:
    """What kind of terminal, how many colours, how large."""
    environment = session.environment
    term = environment.get("TERM", "")
    colours = colours_of(environment)
    told = f"TERM={term or '-'}, {colours}" + (", NO_COLOR" if environment.get("NO_COLOR") else "")
    if term in ("", "dumb", "unknown"):
        advice = _("Use a terminal that can place its cursor; crmtui find, show and add work without")
        yield Check("terminal", WARN, told, advice)
    else:
        yield Check("terminal", OK, told)
    if sys.stdout.isatty():
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
        small = columns < _LEAST_COLUMNS or rows < _LEAST_ROWS
        advice = _("Make it at least {columns}×{rows}").format(columns=_LEAST_COLUMNS, rows=_LEAST_ROWS)
        yield Check("size", WARN if small else OK, f"{columns}×{rows}", advice if small else "")


def colours_of(environment: Mapping[str, str]) -> str:
    """How many colours the environment promises, in words."""
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return _("16 million colours")
    term = environment.get("TERM", "")
    if "256" in term:
        return _("256 colours")
    return _("no colours") if term in ("", "dumb", "unknown", "vt100", "vt220") else _("16 colours")


def _line(session: Session) -> Iterator[Check]:
    """SSH, tmux, screen: who stands between."""
    from crmtui.tui.link import over_ssh, profile

    environment = session.environment
    setting = _setting(session, "slow_link")
    between = [name for name, there in (("SSH", over_ssh(environment)), ("tmux", environment.get("TMUX")), ("screen", environment.get("STY"))) if there]  # fmt: skip
    slow = profile(setting, environment).slow
    told = " · ".join([*(between or [_("on this machine")]), _("slow-link profile") if slow else _("full profile")])
    advice = _("On a slow line connect with ssh -C: a screen then takes about a tenth of the bytes")
    yield Check("line", OK, told, advice if over_ssh(environment) else "")
    if environment.get("TMUX"):
        yield from _tmux()


def _tmux() -> Iterator[Check]:
    """The options of tmux that a person notices in crmtui."""
    wrong = []
    escape = _tmux_option("escape-time")
    if escape is not None and escape.isdigit() and int(escape) > _ESCAPE_MOST:
        wrong.append(_("esc waits {time} ms: tmux set -sg escape-time 10").format(time=escape))
    if _tmux_option("set-clipboard") == "off":
        wrong.append(_("nothing can be copied: tmux set -g set-clipboard on"))
    yield Check("tmux", WARN if wrong else OK, _("{count} options to change").format(count=len(wrong)) if wrong else _("as it should be"), " · ".join(wrong))  # fmt: skip


def _tmux_option(name: str) -> str | None:
    import subprocess

    try:
        asked = subprocess.run(
            ["tmux", "show-options", "-sqv", name], capture_output=True, text=True, timeout=_TMUX_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() or None


def _widths(session: Session) -> Iterator[Check]:
    """Does the terminal draw characters as wide as the program reckons?"""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    widths = measured_widths()
    if widths is None:
        yield Check(
            "widths",
            WARN,
            _("the terminal does not say where its cursor is"),
            _('If lines look broken, set borders = "ascii" in config.toml'),
        )
        return
    told = "  ".join(f"{sample} {width}" for sample, width in widths.items())
    yield Check("widths", *judged(widths, told, _setting(session, "borders")))


def judged(widths: Mapping[str, int], told: str, borders: str) -> tuple[str, str, str]:
    """State, finding and advice for measured widths; ``borders`` is the setting in force."""
    if widths["汉"] == 1 or widths["─"] > 2:
        return (FAULT, told, _("The terminal does not understand UTF-8: change its character set"))
    if any(widths[sample] == 2 for sample in AMBIGUOUS):
        if borders == "ascii":
            return (OK, told, "")
        return (
            WARN,
            told,
            _('Lines are drawn twice as wide: set borders = "ascii", or “ambiguous width” to narrow in the terminal'),
        )
    if any(widths[sample] != right for sample, right in RIGHT.items()):
        return (WARN, told, _("Emoji may shift a line; names and numbers do not"))
    return (OK, told, "")


def _clipboard(session: Session) -> Iterator[Check]:
    """How copying would be done."""
    from shutil import which

    from crmtui.tui.clipboard import OSC52, is_remote, native_programs, wanted_way

    environment = session.environment
    try:
        way = wanted_way(_setting(session, "clipboard"), environment)
    except CrmError as error:
        yield Check("clipboard", FAULT, error.message, error.hint or "")
        return
    programs = [each.command[0] for each in native_programs(environment) if which(each.command[0])]
    if way == "native" and not programs:
        yield Check("clipboard", WARN, _("no clipboard program is there"), _('Set clipboard = "osc52", or auto'))
    elif way != OSC52 and programs and (way == "native" or not is_remote(environment)):
        yield Check("clipboard", OK, programs[0])
    else:
        yield Check("clipboard", OK, "tmux" if environment.get("TMUX") and way != OSC52 else "OSC 52")


def _driver(session: Session) -> Iterator[Check]:
    """Python, SQLite and its driver."""
    from crmtui.storage.driver import CIPHER, SQLITE_VERSION, wal_is_safe

    number = ".".join(map(str, SQLITE_VERSION))
    told = f"{number} {'SQLCipher' if CIPHER else 'sqlite3'}, Python {sys.version.split()[0]}"
    if not wal_is_safe():
        yield Check("driver", WARN, told, _("This SQLite can lose data in rare cases: pip install sqlcipher3"))
    elif not CIPHER:
        yield Check("driver", OK, told + " · " + _("no encryption"))
    else:
        yield Check("driver", OK, told)


def _file(session: Session) -> Iterator[Check]:
    """The customer file: can it be read, who else may, how old is its backup, is there room."""
    path = os.path.abspath(session.path)
    folder = os.path.dirname(path)
    if not os.path.exists(path):
        yield Check("file", OK, _("{path}: not made yet").format(path=path))
    else:
        from crmtui.storage.database import Database

        try:
            with Database.open(path, readonly=True, older=os.access(path, os.W_OK)):
                size = os.path.getsize(path)
        except CrmError as error:
            yield Check("file", FAULT, f"{path}: {error.message}", error.hint or "")
        else:
            writable = os.access(path, os.W_OK) and os.access(folder, os.W_OK)
            told = f"{path}, {show_bytes(size)}" + ("" if writable else ", " + _("read-only"))
            yield Check("file", OK, told)
            yield _rights(path)
            yield _last_backup(path)
    yield _space(path, folder)


def _rights(path: str) -> Check:
    mode = os.stat(path).st_mode & 0o777
    if os.name == "posix" and mode & 0o077:
        return Check("rights", WARN, f"{mode:o}", _("Others on this machine can read it: chmod 600 {path}").format(path=path))  # fmt: skip
    return Check("rights", OK, f"{mode:o}")


def _last_backup(path: str) -> Check:
    from crmtui.storage.backup import list_backups

    backups = [backup for backup in list_backups(path) if backup.verified]
    if not backups:
        return Check("backup", WARN, _("none"), _("Make one: crmtui backup"))
    newest = max(datetime.fromisoformat(backup.at) for backup in backups)
    age = (datetime.now(UTC) - (newest if newest.tzinfo else newest.replace(tzinfo=UTC))).days
    told = ngettext("{count} day old", "{count} days old", age).format(count=age)
    old = age > _BACKUP_DAYS
    return Check("backup", WARN if old else OK, told, _("Make one: crmtui backup") if old else "")


def _space(path: str, folder: str) -> Check:
    from shutil import disk_usage

    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    free = disk_usage(folder).free
    needed = max(_LEAST_FREE, 2 * os.path.getsize(path) if os.path.isfile(path) else 0)
    if free < needed:
        advice = _("Make room: a backup and an import need about {size}").format(size=show_bytes(needed))
        return Check("space", WARN, show_bytes(free), advice)
    return Check("space", OK, show_bytes(free))


def _setting(session: Session, name: str) -> str:
    """A setting in force, or auto where the settings file has a mistake: that is told in a line of its own."""
    try:
        return str(getattr(session.settings, name))
    except CrmError:
        return "auto"


_PARTS: tuple[Callable[[Session], Iterator[Check]], ...] = (
    _settings,
    _language,
    _locale,
    _terminal,
    _line,
    _widths,
    _clipboard,
    _driver,
    _file,
)


COMMANDS = (
    Command(
        "doctor",
        N_("look at everything around the program: terminal, language, files; and say what to change"),
        _doctor,
        details=N_(
            "Exit code 0: everything is as it should be; 1: there is something to look at; 2: something does not work."
        ),
        examples=(("crmtui doctor --json", N_("the same for a program: name, state, found, advice")),),
    ),
)
