"""One of a few, answered by one key in the line where questions are asked: a digit takes it at once, the arrows and enter do as well."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.widget import Widget

from crmtui.domain.text import cell_width
from crmtui.tui.widgets.text_lines import Line, Span, TextLines

if TYPE_CHECKING:
    from textual.screen import Screen

_NEXT, _BEFORE = frozenset({"right", "down", "tab"}), frozenset({"left", "up", "shift+tab"})


class KeyChoice(TextLines, can_focus=True):
    """Put into a screen for one question by ``choose_by_key``; no key goes further while it is open."""

    DEFAULT_CSS = """
    KeyChoice { background: $panel; }
    """

    def __init__(self, title: str, labels: Sequence[str], chosen: int, facts: Callable[[], str]) -> None:
        super().__init__()
        self._title, self._labels, self._facts = title, labels, facts
        self._chosen = chosen
        self.answer: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    def on_mount(self) -> None:
        """Show it, and take the keys."""
        self.look_again()
        self.focus()

    def look_again(self) -> None:
        """Draw the line again: the one that enter takes stands out, the fact at the right is a new one."""
        facts = f" {self._facts()} "
        spans: list[Span] = []
        for at, label in enumerate(self._labels):
            here = at == self._chosen
            spans += [Span(f" {at + 1} ", "key"), Span(f"{label} ", "accent" if here else "muted")]
        room = self.app.size.width - sum(cell_width(span.text) for span in spans) - cell_width(facts)
        title = f" {self._title} ›" if cell_width(self._title) + 3 <= room else ""
        self.set_lines([Line((Span(title, "strong"), *spans), (Span(facts, "accent"),))])

    def on_key(self, event: events.Key) -> None:
        """A digit answers, enter takes what stands out, the arrows move that, escape leaves."""
        event.stop()
        event.prevent_default()
        digit = int(event.character) if event.character and event.character in "123456789" else 0
        if 1 <= digit <= len(self._labels):
            self._settle(digit - 1)
        elif event.key == "enter":
            self._settle(self._chosen)
        elif event.key == "escape":
            self._settle(None)
        elif event.key in _NEXT or event.key in _BEFORE:
            self._chosen = (self._chosen + (1 if event.key in _NEXT else -1)) % len(self._labels)
            self.look_again()

    def on_blur(self) -> None:
        """Going elsewhere leaves it unanswered."""
        self._settle(None)

    def on_unmount(self) -> None:
        """So does the end of its screen."""
        self._settle(None)

    def _settle(self, answer: int | None) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


async def choose_by_key(
    screen: "Screen[object]", title: str, labels: Sequence[str], chosen: int, facts: Callable[[], str], tick: float
) -> int | None:
    """Ask in the line above the status line which of ``labels`` (nine at most) it is; ``chosen`` is what enter takes.

    ``facts`` gives what stands at the right, asked again every ``tick`` seconds. Returns the index, None when the person leaves.
    """
    focused: Widget | None = screen.focused
    choice = KeyChoice(title, labels, chosen, facts)
    await screen.mount(choice, before="#status")
    timer = screen.set_interval(tick, choice.look_again)
    try:
        return await choice.answer
    finally:
        timer.stop()
        if screen.is_attached:
            if screen.focused in (None, choice) and focused is not None:
                screen.set_focus(focused)
            await choice.remove()
