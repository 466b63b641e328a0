"""Languages: gettext set-up and the choice of the language.

``_`` translates at call time, so the language can be switched while the program runs; ``N_`` only marks a msgid for
extraction. English is the source language and needs no catalogue.
"""

import os
from collections.abc import Mapping

from crmtui.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmtui.i18n.catalogue import Catalogue

LANGUAGES = ("en", "zh_CN")
LOCALE_FOLDER = os.path.join(os.path.dirname(__file__), "locale")

_language = "en"
_catalogue: "Catalogue | None" = None


def match_language(name: str | None) -> str | None:
    """The supported language for a locale name such as ``zh_CN.UTF-8``, ``zh-Hans`` or ``en_GB``; None if there is none.

    All Chinese locales lead to ``zh_CN`` until another catalogue exists; ``C`` and ``POSIX`` mean English.
    """
    if not name:
        return None
    base = name.partition(".")[0].partition("@")[0].replace("-", "_").casefold()
    if base in ("c", "posix") or base.partition("_")[0] == "en":
        return "en"
    return "zh_CN" if base.partition("_")[0] == "zh" else None


def choose_language(asked: str | None, environment: Mapping[str, str]) -> str:
    """The language to use: the one asked for, else the first of LC_ALL, LC_MESSAGES, LANG that is set, else English."""
    found = match_language(asked)
    if found:
        return found
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(variable):
            return match_language(environment[variable]) or "en"
    return "en"


def set_language(language: str) -> None:
    """Make ``language`` (one of ``LANGUAGES``) the language of ``_`` from now on."""
    global _language, _catalogue
    if language == _language:
        return
    _language = language
    _catalogue = None
    if language != "en":
        from crmtui.i18n.catalogue import Catalogue

        _catalogue = Catalogue.of(LOCALE_FOLDER, language)


def current_language() -> str:
    """The language in force."""
    return _language


def _(message: str) -> str:
    """``message`` in the current language."""
    return message if _catalogue is None else _catalogue.gettext(message)


def N_(message: str) -> str:
    """Mark a msgid for extraction without translating it now."""
    return message


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of the sentence that fits ``count`` in the current language."""
    if _catalogue is None:
        return singular if count == 1 else plural
    return _catalogue.ngettext(singular, plural, count)
