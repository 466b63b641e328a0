"""Asking what a field of one's own is to be: its name, its type, its choices."""

from typing import NamedTuple

from crmtui.domain.custom_values import CUSTOM_TYPES
from crmtui.domain.text import display_text
from crmtui.i18n import _
from crmtui.tui.screens.asking import ask_next
from crmtui.tui.screens.base import CrmScreen
from crmtui.tui.screens.pick import Choice, PickScreen


class NewField(NamedTuple):
    """A field as it was asked for."""

    label: str
    type: str
    choices: list[str]


async def ask_new_field(screen: CrmScreen) -> NewField | None:
    """Ask for name, type and choices; None when the person leaves."""
    label = await ask_next(screen, _("name of the field"))
    if label is None or not label.strip():
        return None
    title = _("Type of {field}").format(field=display_text(label.strip(), limit=60))
    choices = [Choice(key, _(text), key) for key, text in CUSTOM_TYPES.items()]
    kind: str | None = await screen.crm.push_screen_and_wait(PickScreen(title, choices))
    if not kind:
        return None
    values = await ask_choices(screen, "") if kind == "choice" else []
    return None if values is None else NewField(label, kind, values)


async def ask_choices(screen: CrmScreen, value: str) -> list[str] | None:
    """Ask what one can choose from; ``value`` is what one could until now."""
    text = await ask_next(screen, _("choices"), value=value, placeholder=_("gold, silver, bronze"))
    if text is None:
        return None
    return [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]
