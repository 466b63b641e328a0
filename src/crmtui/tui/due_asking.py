"""Due times that are typed: understood while one types, shown back in full before they are kept."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from crmtui.errors import InvalidValue
from crmtui.i18n import _, current_language
from crmtui.tui import clock

if TYPE_CHECKING:
    from crmtui.domain.moment_text import Understood

_DUE_WORDS = 5
_LONGEST_RUN = 16
"""Characters of a Chinese time written without blanks before the text of the task."""


def understand(text: str) -> "Understood | None":
    """What a typed due time means here and now."""
    from crmtui.domain.moment_text import understand_due  # a grammar of two languages: not before somebody types a time

    return understand_due(text.strip(), clock.local_now(), current_language()) if text.strip() else None


def due_hint(text: str) -> str:
    """What to show beside a prompt that asks for a time."""
    if not text.strip():
        return ""
    meant = understand(text)
    return f"→ {meant.shown}" if meant else _("not understood: fri 3pm, in 2w, 2026-11-27")


def task_hint(text: str) -> str:
    """What to show beside a prompt that asks for a task, which may begin with a time."""
    if not text.strip():
        return ""
    meant, rest = split_understood(text, clock.local_now(), current_language())
    if meant is None:
        return _("→ without a due time")
    return f"→ {meant.shown}" if rest else f"→ {meant.shown} · " + _("and what is to be done?")


def needed_due(text: str) -> "Understood":
    """The due time that was typed. Raises InvalidValue when nothing is understood."""
    meant = understand(text)
    if meant is None:
        raise InvalidValue(
            _("“{text}” is no time that is understood").format(text=text),
            field="due_at",
            hint=_("Write for example: fri 3pm, tomorrow 9:00, in 2w, 2026-11-27 14:30, 下周五下午3点"),
        )
    return meant


def split_understood(text: str, now: datetime, language: str) -> "tuple[Understood | None, str]":
    """The due time a task text begins with and the rest; the longest beginning that is a time counts, else (None, text)."""
    from crmtui.domain.moment_text import understand_due

    for beginning, rest in _beginnings(text.strip()):
        meant = understand_due(beginning, now, language)
        if meant is not None:
            return meant, rest
    return None, text.strip()


def _beginnings(text: str) -> Iterator[tuple[str, str]]:
    """The beginnings that may be a time, the longest first: words; then signs of a first word that is Chinese."""
    words = text.split()
    for count in range(min(_DUE_WORDS, len(words)), 0, -1):
        yield " ".join(words[:count]), " ".join(words[count:])
        run = words[count - 1]
        for end in range(min(_LONGEST_RUN, len(run) - 1), 0, -1):
            if _is_han(run[end]) and (_is_han(run[end - 1]) or run[end - 1].isdigit()):
                yield " ".join([*words[: count - 1], run[:end]]), " ".join([run[end:], *words[count:]])


def _is_han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"
