"""One key at a time: what is typed ahead waits until the key before it has done its work.

Textual hands a key to the widget that has the focus, and only when the key has bubbled up to the app does its binding
run. Keys that arrive together, as they do behind a stalled line, overtake it: of ``c`` and the note of the call typed
at once, the note went to the list, letter by letter, as commands; of ``ctrl+u`` and new text in a field, the text was
deleted. Here the next key is given out when the one before has come all the way up and the screen that it opened is
there. A key that comes alone is not delayed.
"""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.dom import DOMNode

if TYPE_CHECKING:
    _AppBase = App[Any]
else:
    _AppBase = object

TypedEvent = events.Key | events.Paste

LONGEST = 0.5
"""Seconds after which the next key is given out all the same: a key must never be lost to one that hangs."""
_TURNS = 3
"""Turns of the loop in which work that a key began reaches its first question."""
_PROMISED = -1
"""Stands for the turn of a key that is about to be given out."""


class KeyQueue(_AppBase):
    """Mixin for App, to stand before it in the bases."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._typed_ahead: deque[TypedEvent] = deque()
        self._key_under_way = 0
        self._keys_given = 0
        self._key_deadline: asyncio.TimerHandle | None = None
        super().__init__(*arguments, **options)

    def meant(self, event: TypedEvent) -> events.Event | None:
        """What a key or a paste means where it is given out; None if there it means nothing. For apps to override."""
        return event

    async def on_event(self, event: events.Event) -> None:
        """Give a key or a paste out, or keep it until its turn comes."""
        if not isinstance(event, TypedEvent) or event.is_forwarded:
            await super().on_event(event)
        elif self._key_under_way:
            self._typed_ahead.append(event)
        else:
            await self._give_out(event)

    async def _give_out(self, typed: TypedEvent) -> None:
        if not self.screen_stack:
            return  # the app is being left
        self._keys_given += 1
        self._key_under_way = turn = self._keys_given
        event = self.meant(typed)
        if event is None:
            self._take_next(turn)
            return
        screen, target = self.screen, self.focused or self.screen
        # Not a timer of Textual, which is a task of its own: this runs with every key.
        self._key_deadline = asyncio.get_running_loop().call_later(LONGEST, self._take_next, turn)
        await super().on_event(event)
        self._follow(target, turn, screen)

    def _follow(self, node: DOMNode | None, turn: int, screen: DOMNode) -> None:
        """Walk behind the key: what is called later by a node comes after the key, which has gone on to its parent then."""
        while node is not None and node is not self:
            if node.call_later(self._follow, node.parent, turn, screen):
                return
            node = node.parent  # closed meanwhile
        if not self.call_later(self._arrived, turn, screen):
            self._take_next(turn)

    async def _arrived(self, turn: int, screen: DOMNode) -> None:
        """The key has been at the app, and its binding has run."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        if not self.screen_stack:
            return
        current = self.screen
        if current is screen or not current.call_after_refresh(self._screen_is_there, turn):
            self._screen_is_there(turn)

    def _screen_is_there(self, turn: int) -> None:
        # A focus that was asked for goes through the queue of the app, and this behind it.
        if not self.call_later(self._take_next, turn):
            self._take_next(turn)

    def _take_next(self, turn: int) -> None:
        if turn != self._key_under_way:
            return
        self._key_under_way = 0
        if self._key_deadline is not None:
            self._key_deadline.cancel()
            self._key_deadline = None
        if self._typed_ahead:
            self._key_under_way = _PROMISED
            self.call_next(self._give_out, self._typed_ahead.popleft())
