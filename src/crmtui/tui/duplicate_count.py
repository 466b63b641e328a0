"""How many duplicates wait for a decision, counted beside the loop and no further than the top line can tell."""

import asyncio
from typing import TYPE_CHECKING, cast

from textual.app import App

from crmtui.tui.screens.base import CrmScreen

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

MOST = 999


class DuplicateCount(App[int]):
    """The part of the app that knows how many duplicates there are."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]  # those of App
        self.duplicates = 0
        """Pairs to be decided that are more than possible; ``MOST`` + 1 when there are more than ``MOST``."""
        self._counting_duplicates = False
        self._count_duplicates_again = False

    def look_at_duplicates(self) -> None:
        """Count anew; the top line is drawn when the number is another one."""
        self._count_duplicates_again = True
        if not self._counting_duplicates:
            self._counting_duplicates = True
            cast("CrmApp", self).begin(self._count_duplicates())

    async def _count_duplicates(self) -> None:
        count = self.duplicates
        try:
            while self._count_duplicates_again:
                self._count_duplicates_again = False
                count = await asyncio.to_thread(self._duplicates_now)
        finally:
            self._counting_duplicates = False
        if count != self.duplicates:
            self.duplicates = count
            if self.is_running and isinstance(self.screen, CrmScreen) and self.screen.is_mounted:
                self.screen.update_top()

    def _duplicates_now(self) -> int:
        from crmtui.storage.duplicates import count_open_to

        return count_open_to(cast("CrmApp", self).workspace.database.thread_reader(), MOST + 1)
