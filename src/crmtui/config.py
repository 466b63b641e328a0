"""The settings a person may choose: one entry per setting in ``SETTINGS``, read from a TOML file.

The table drives validation, the commented file that ``write_default`` leaves, and the page docs/settings.md. tomllib
and difflib are imported only when there is a file to read or a mistake to explain.
"""

from collections.abc import Callable, Mapping

from crmtui.errors import ConfigError
from crmtui.i18n import LANGUAGES, N_, _, choose_language, match_language
from crmtui.light_typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any

AUTO = "auto"


class Settings(NamedTuple):
    """The settings in force. ``load_settings`` has already replaced ``auto`` in language, region, currency and user."""

    language: str = AUTO
    user: str = AUTO
    region: str = AUTO
    currency: str = AUTO
    date_order: str = AUTO
    theme: str = AUTO
    borders: str = AUTO
    mouse: str = AUTO
    slow_link: str = AUTO
    clipboard: str = AUTO
    backups_kept: int = 7


class Setting(NamedTuple):
    """One setting: what may be written (``choices``, or ``accepts`` told in words by ``expected``) and what it does.

    ``expected`` and ``doc`` are msgids. A setting without choices is checked by ``accepts``, which gets the TOML value.
    """

    key: str
    doc: str
    choices: tuple[str, ...] = ()
    accepts: Callable[[object], bool] | None = None
    expected: str = ""

    @property
    def default(self) -> str | int:
        """The value in force when the file does not name the setting."""
        value: str | int = Settings._field_defaults[self.key]
        return value

    def allows(self, value: object) -> bool:
        """Whether ``value``, as read from TOML, may be given to this setting."""
        return self.accepts(value) if self.accepts else isinstance(value, str) and value in self.choices

    def expectation(self) -> str:
        """What may be written, in the current language."""
        return _(self.expected) if self.expected else _("one of {choices}").format(choices=", ".join(self.choices))


def _is_region(value: object) -> bool:
    return value == AUTO or _is_code(value, 2)


def _is_currency(value: object) -> bool:
    return value == AUTO or _is_code(value, 3)


def _is_code(value: object, length: int) -> bool:
    """Whether ``value`` is ``length`` capital ASCII letters, as ISO country and currency codes are."""
    return isinstance(value, str) and len(value) == length and value.isascii() and value.isalpha() and value.isupper()


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.strip() != "" and value.isprintable()


def _is_backup_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "language",
        N_("The language of screens and messages. auto: the language of the system (LC_ALL, LC_MESSAGES, LANG)."),
        (AUTO, *LANGUAGES),
    ),
    Setting(
        "user",
        N_("Your name in the history of changes. auto: the name you are logged in with."),
        accepts=_is_name,
        expected=N_("a name in quotes"),
    ),
    Setting(
        "region",
        N_("The country of phone numbers without a country code. auto: CN in a Chinese environment, otherwise US."),
        accepts=_is_region,
        expected=N_('"auto" or a country code of two capital letters, such as "CN"'),
    ),
    Setting(
        "currency",
        N_("The currency of amounts that name none. auto: CNY when the region is CN, otherwise USD."),
        accepts=_is_currency,
        expected=N_('"auto" or a currency code of three capital letters, such as "CNY"'),
    ),
    Setting(
        "date_order",
        N_("How to read a date such as 03/04/2024 in a file. auto: from the other dates of the file, then by region."),
        (AUTO, "ymd", "mdy", "dmy"),
    ),
    Setting(
        "theme",
        N_("The colours. ansi uses the sixteen colours of your terminal. auto: dark, or what the terminal can show."),
        (AUTO, "dark", "light", "ansi"),
    ),
    Setting(
        "borders",
        N_("The characters of lines. Choose ascii if lines look broken. auto: ascii where the locale is not UTF-8."),
        (AUTO, "line", "ascii"),
    ),
    Setting(
        "mouse",
        N_("Whether the program takes the mouse; off leaves selecting text to the terminal. auto: on."),
        (AUTO, "on", "off"),
    ),
    Setting(
        "slow_link",
        N_("Sends fewer bytes to the terminal. auto: on in a session over SSH."),
        (AUTO, "on", "off"),
    ),
    Setting(
        "clipboard",
        N_("How text is copied: native by a program of this machine, osc52 by the terminal. auto: osc52 over SSH."),
        (AUTO, "native", "osc52"),
    ),
    Setting(
        "backups_kept",
        N_("How many automatic backups of each database are kept; the oldest goes first. 0: no automatic backups."),
        accepts=_is_backup_count,
        expected=N_("a whole number from 0 to 1000, without quotes"),
    ),
)

_BY_KEY = {setting.key: setting for setting in SETTINGS}


def load_settings(path: str, environment: Mapping[str, str]) -> Settings:
    """The settings of the file at ``path`` over the defaults, with what is ``auto`` taken from the environment.

    A missing file means defaults. Raises ConfigError for a file that cannot be read, is not TOML, names an unknown
    setting or gives a value that the setting does not allow.
    """
    chosen = _read(path)
    for key, value in chosen.items():
        _check(key, value, path)
    return _resolve(Settings(**chosen), environment)


def write_default(path: str) -> None:
    """Write a settings file to start from: every setting explained, in the current language, none of them changed.

    Raises ConfigError when the file exists already or cannot be written.
    """
    import os

    from crmtui.paths import make_private

    lines = ["# " + _("Settings of crmtui. Remove the # before a line to change that setting.")]
    for setting in SETTINGS:
        lines += ["", f"# {_(setting.doc)}", f"# ({setting.expectation()})"]
        lines += [f"# {setting.key} = {_as_toml(setting.default)}"]
    try:
        make_private(os.path.dirname(os.path.abspath(path)))
        with open(path, "x", encoding="utf-8", newline="\n") as stream:
            stream.write("\n".join(lines) + "\n")
    except FileExistsError as error:
        raise ConfigError(_("There is a settings file already; it was not changed."), where=path) from error
    except OSError as error:
        raise ConfigError(
            _("The settings file cannot be written: {reason}").format(reason=error.strerror), where=path
        ) from error


def settings_page() -> str:
    """The text of docs/settings.md, in the current language."""
    lines = [
        "# Settings",
        "",
        "crmtui reads `config.toml` in its configuration folder: `$XDG_CONFIG_HOME/crmtui` (normally",
        "`~/.config/crmtui`), on macOS `~/Library/Application Support/crmtui/Config`, on Windows",
        "`%APPDATA%\\crmtui\\Config`. The file is optional; each line is `setting = value` in",
        "[TOML](https://toml.io). A misspelt setting or a wrong value is refused, not ignored.",
        "",
        "| setting | default | allowed | what it does |",
        "|---|---|---|---|",
    ]
    for setting in SETTINGS:
        allowed = ", ".join(f"`{choice}`" for choice in setting.choices) or setting.expectation()
        lines.append(f"| `{setting.key}` | `{_as_toml(setting.default)}` | {allowed} | {_(setting.doc)} |")
    return "\n".join(lines) + "\n"


def _as_toml(value: str | int) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _read(path: str) -> "dict[str, Any]":
    """The key-value pairs of the TOML file; an empty dict when there is no file."""
    try:
        with open(path, "rb") as stream:
            raw = stream.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(
            _("The settings file cannot be read: {reason}").format(reason=error.strerror), where=path
        ) from error
    import tomllib

    try:
        return tomllib.loads(raw.decode("utf-8-sig"))  # editors on Windows put a byte order mark in front
    except UnicodeDecodeError as error:
        raise ConfigError(_("The settings file is not UTF-8 text."), where=path) from error
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, a number of 5,000 digits, brackets without end
        raise ConfigError(
            _("The settings file is not valid TOML: {detail}").format(detail=error),
            where=path,
            hint=_('Write each setting as: name = "value"'),
        ) from error


def _check(key: str, value: object, path: str) -> None:
    """Raise ConfigError unless ``key`` is a setting that allows ``value``."""
    setting = _BY_KEY.get(key)
    if setting is None:
        import difflib

        near = difflib.get_close_matches(key.casefold().replace("-", "_"), _BY_KEY, n=1)
        raise ConfigError(
            _("There is no setting “{key}”.").format(key=key),
            where=path,
            hint=_("Did you mean “{nearest}”?").format(nearest=near[0])
            if near
            else _("The settings are: {keys}").format(keys=", ".join(_BY_KEY)),
        )
    if not setting.allows(value):
        raise ConfigError(
            _("The setting “{key}” cannot be {value}.").format(key=key, value=_shown(value)),
            where=path,
            hint=_("Expected: {expectation}").format(expectation=setting.expectation()),
        )


def _shown(value: object) -> str:
    """``value`` about as the person wrote it in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


def _resolve(settings: Settings, environment: Mapping[str, str]) -> Settings:
    """``settings`` with language, region, currency and user decided."""
    system_language = choose_language(None, environment)
    language = match_language(settings.language) or system_language
    region = settings.region
    if region == AUTO:
        region = "CN" if "zh_CN" in (language, system_language) else "US"
    currency = settings.currency
    if currency == AUTO:
        currency = "CNY" if region == "CN" else "USD"
    user = _login_name(environment) if settings.user == AUTO else settings.user
    return settings._replace(language=language, region=region, currency=currency, user=user)


def _login_name(environment: Mapping[str, str]) -> str:
    """The name of the person at the keyboard; ``unknown`` where the system has none, as in some containers."""
    for variable in ("LOGNAME", "USER", "USERNAME"):
        if environment.get(variable):
            return environment[variable]
    try:
        import os
        import pwd  # not getpass, which loads what asks for passwords

        return pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, ImportError):
        return "unknown"
