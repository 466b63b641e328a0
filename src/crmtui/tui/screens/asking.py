"""Questions in the prompt line that need more than one answer in a row, and questions that want a yes."""

import unicodedata

from crmtui.i18n import _
from crmtui.tui.screens.base import CrmScreen

_YES = frozenset({"y", "yes", "是", "好", "对"})


def means_yes(answer: str | None) -> bool:
    """Whether what was typed says yes; full-width letters of an input method count."""
    return unicodedata.normalize("NFKC", answer or "").strip().casefold() in _YES


async def ask_yes(screen: CrmScreen, question: str) -> bool:
    """Ask for a yes: the key that led here is never the one that confirms."""
    answer = await ask_next(screen, question, placeholder=_("y and enter does it; escape leaves"))
    return means_yes(answer)


async def ask_next(screen: CrmScreen, question: str, value: str = "", placeholder: str = "") -> str | None:
    """Ask, also right after another question."""
    return await screen.prompt.ask(f" {question} › ", value=value, placeholder=placeholder)
