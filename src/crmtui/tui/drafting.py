"""What is being typed into forms and questions is on disk a second later, and at once when the line goes down: the next start offers it.

A screen says what it has in hand (``CrmScreen.unfinished``). As soon as it has nothing any more, because the text was saved or thrown
away, its draft is gone as well.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from textual.app import App
from textual.screen import Screen

from crmtui.paths import drafts_folder
from crmtui.services.drafts import Draft, drop_draft, keep_draft, list_drafts
from crmtui.tui._textual_private import all_screens
from crmtui.tui.screens.base import CrmScreen

if TYPE_CHECKING:
    from crmtui.tui.app import CrmApp

CALL, FORM, LOG = "call", "form", "log"
KEEP_SECONDS = 1.0
GOODBYE_SECONDS = 4.0
"""How long the program may take to end in good order when its terminal is gone: then it just ends."""
_PROCESS = "process"


class _Kept(NamedTuple):
    draft_id: str | None
    value: Mapping[str, object] | None


_NOTHING_KEPT = _Kept(None, None)


class Drafting(App[int]):
    """The part of the app that keeps what is not saved yet."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._kept: dict[Screen[Any], _Kept] = {}
        self._hung_up = False

    def start_drafting(self) -> None:
        """Look once a second; be told when the line goes down."""
        self.set_interval(KEEP_SECONDS, self._keep_quietly)
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()

        def heard(number: int, _frame: object) -> None:
            # Not a handler of the loop: that one would wait for ever where the loop waits for the dead terminal to take a frame.
            last = threading.Timer(GOODBYE_SECONDS, os._exit, (128 + number,))
            last.daemon = True
            last.start()
            loop.call_soon_threadsafe(self._line_lost, number)

        for name in ("SIGHUP", "SIGTERM"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), heard)

    def stop_drafting(self) -> None:
        """Whoever left by the key has saved or thrown away everything; whom the program or the line left has not."""
        if not self._hung_up and self._exception is None:
            for kept in self._kept.values():
                if kept.draft_id is not None:
                    drop_draft(drafts_here(), kept.draft_id)
        self._kept.clear()

    def _line_lost(self, number: int) -> None:
        if not self._hung_up:  # the signal and the end of the input both say so
            self._keep_quietly()
            self._hung_up = True
            self.exit(128 + number)

    def took_up(self, screen: Screen[Any], draft: Draft) -> None:
        """The text of a draft stands on a screen again: what is typed there from now on takes its place."""
        self._kept[screen] = _Kept(draft.id, None)

    def _keep_quietly(self) -> None:
        """Bring the drafts up to date; a disk that takes none is told when something is saved."""
        if self._hung_up or self._exception is not None:
            return  # the screens go one after the other: that nothing is typed there any more means nothing
        with suppress(OSError):
            self.keep_unfinished()

    def keep_unfinished(self) -> None:
        """Write what every screen has in hand, where it is not what was written last. Raises OSError."""
        path = cast("CrmApp", self).workspace.database.path
        screens = [screen for screen in all_screens(self) if isinstance(screen, CrmScreen) and screen.is_mounted]
        for screen in screens:
            found, kept = screen.unfinished(), self._kept.get(screen, _NOTHING_KEPT)
            if found is None:
                self._forget(screen)
            elif found.value != kept.value:
                value = {**found.value, **started_by()}
                draft_id = keep_draft(drafts_here(), path, found.kind, found.subject, value, draft_id=kept.draft_id)
                self._kept[screen] = _Kept(draft_id, dict(found.value))
        for gone in [known for known in self._kept if not known.is_attached]:
            self._forget(gone)

    def _forget(self, screen: Screen[Any]) -> None:
        kept = self._kept.pop(screen, _NOTHING_KEPT)
        if kept.draft_id is not None:
            drop_draft(drafts_here(), kept.draft_id)


def started_by() -> dict[str, object]:
    """What says in a draft that this process is at it: nobody else is offered it as long as it lives."""
    return {_PROCESS: os.getpid()}


def drafts_here() -> str:
    """The folder of the drafts."""
    return drafts_folder(os.environ)


def waiting_drafts(crm: "CrmApp") -> list[Draft]:
    """What was left unfinished in this customer file, newest first; not what somebody is typing in a session just now."""
    drafts = [
        draft for draft in list_drafts(drafts_here(), crm.workspace.database.path) if isinstance(draft.value, dict)
    ]
    if not drafts:
        return []
    at_work = {os.getpid(), *crm.other_processes}
    return [draft for draft in drafts if cast("dict[str, object]", draft.value).get(_PROCESS) not in at_work]
