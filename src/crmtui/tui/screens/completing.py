"""The search line that helps: completions while a query is typed, and the searches of before."""

import asyncio
import os

from textual import events
from textual.timer import Timer

from crmtui.domain.text import cell_width
from crmtui.i18n import current_language
from crmtui.paths import searches_folder
from crmtui.services.searches import note_search, read_searches
from crmtui.tui.query_completer import QueryCompleter
from crmtui.tui.query_trail import QueryTrail
from crmtui.tui.screens.searched_list import SearchedList
from crmtui.tui.widgets.completion_list import CompletionList

REST, REST_SLOW = 0.04, 0.15
"""Seconds without a key after which completions are looked for: whoever types on is not to be slowed by them."""
ANSWER_WITHIN = 0.3
"""Seconds that tab waits for completions that are being looked for."""


class CompletingSearch(SearchedList):
    """Completions in ``#completions``; up in an empty search line brings the searches of before."""

    def __init__(self, query: str = "") -> None:
        super().__init__(query)
        self._trail = QueryTrail(query, self._searches_before)
        self._completer: QueryCompleter | None = None
        self._completion_timer: Timer | None = None
        self._completing: asyncio.Task[None] | None = None
        self._replaced = (0, 0)
        self._closed_at = -1
        self._recalled = -1
        self._recalled_text = ""

    def visit(self, query: str) -> None:
        """Note a search: for the way back, and for the sessions to come."""
        self._trail.visit(query)
        note_search(searches_folder(os.environ), self.crm.workspace.database.path, query)

    def _searches_before(self) -> list[str]:
        """The searches of former sessions."""
        return read_searches(searches_folder(os.environ), self.crm.workspace.database.path)

    @property
    def _completions(self) -> CompletionList:
        return self.query_one("#completions", CompletionList)

    def complete_soon(self) -> None:
        """The search line changed: look for completions when the person rests."""
        self._stop_waiting()
        if self.focused is not self._field or self._field.value == self._recalled_text:
            self._completions.close()
            return
        rest = REST_SLOW if self.crm.slow_link else REST
        self._completion_timer = self.set_timer(rest, self._begin_completing)

    def _stop_waiting(self) -> None:
        """No look after the rest. One that is under way ends by itself: it sees that the text is another one."""
        if self._completion_timer is not None:
            self._completion_timer.stop()
            self._completion_timer = None

    def _begin_completing(self) -> None:
        self._completion_timer = None
        self._completing = asyncio.get_running_loop().create_task(self._complete())

    async def _complete(self) -> None:
        if self._completer is None:
            self._completer = QueryCompleter(self.crm.workspace)
        field = self._field
        text, cursor = field.value, field.cursor_position
        found = await self._completer.complete(text, cursor, current_language()) if text.strip() else None
        if found is None or self.focused is not field or (field.value, field.cursor_position) != (text, cursor):
            if not text.strip():
                self._completions.close()
            return
        if found.start == self._closed_at:
            return
        self._closed_at = -1
        self._replaced = (found.start, found.end)
        x = field.cursor_screen_offset.x - cell_width(text[found.start : cursor]) - 1
        self._completions.offer(found.candidates, x, field.region.y + 1)

    def leave_completing(self) -> None:
        """The search line was left: its values are read anew next time."""
        self._stop_waiting()
        self._completions.close()
        self._closed_at, self._recalled, self._recalled_text = -1, -1, ""
        self.visit(self._query)
        if self._completer is not None:
            self._completer.forget_values()

    async def completion_key(self, event: events.Key) -> bool:
        """Do what a key means to the completions or to the searches of before; says whether it did."""
        if self.focused is not self._field:
            return False
        if event.key == "tab":
            await self._look_now()
        shown = self._completions
        if shown.is_open:
            return self._key_in_list(event.key, shown)
        if event.key == "up" and (not self._field.value or self._recalled >= 0):
            return self._recall(1)
        return event.key == "down" and self._recalled >= 0 and self._recall(-1)

    async def _look_now(self) -> None:
        """Tab right behind a letter: what was to be looked for after a rest is looked for now."""
        if self._completion_timer is not None:
            self._completion_timer.stop()
            self._begin_completing()
        if self._completing is not None:
            await asyncio.wait([self._completing], timeout=ANSWER_WITHIN)

    def _key_in_list(self, key: str, shown: CompletionList) -> bool:
        if key == "escape":
            self._closed_at = self._replaced[0]
            shown.close()
        elif key == "tab" or (key == "enter" and shown.chosen >= 0):
            self._take_completion(shown)
        elif key in ("down", "up"):
            shown.move(1 if key == "down" else -1)
        else:
            return False
        return True

    def _take_completion(self, shown: CompletionList) -> None:
        start, end = self._replaced
        field, insert = self._field, shown.taken().insert
        rest = field.value[end:]
        if not insert.endswith(":"):
            insert += "" if rest.startswith((" ", "　", ")", ",", "|")) else " "
        shown.close()
        field.value = field.value[:start] + insert + rest
        field.cursor_position = start + len(insert)
        self.complete_soon()

    def _recall(self, by: int) -> bool:
        """An older (1) or a newer (-1) search into the search line."""
        recent = self._trail.recent()
        at = max(-1, min(self._recalled + by, len(recent) - 1))
        if at == self._recalled and at < 0:
            return False
        self._recalled = at
        self._recalled_text = recent[at] if at >= 0 else ""
        self._field.value = self._recalled_text
        self._field.cursor_position = len(self._recalled_text)
        return True
