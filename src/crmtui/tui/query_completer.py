"""Completions of a query worked out beside the UI thread: the newest question counts, a key never waits for an answer."""

import asyncio
from typing import TYPE_CHECKING

from crmtui.domain.folding import fold, has_cjk
from crmtui.domain.pinyin import matches_pinyin
from crmtui.errors import CrmError
from crmtui.storage.database import storage_errors
from crmtui.storage.driver import Connection

if TYPE_CHECKING:
    from crmtui.services.completion import Completion, KnownValues
    from crmtui.services.workspace import Workspace

_SHORTEST_FIELD = 2
"""Letters of a field's name from which it is offered: of one letter nobody knows that a field is meant."""


class QueryCompleter:
    """The completions of one search line: known values are read at first use and kept until ``forget_values``."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._connection: Connection | None = None
        self._known: KnownValues | None = None
        self._newest = 0
        self._one_at_a_time = asyncio.Lock()

    async def complete(self, text: str, cursor: int, language: str) -> "Completion | None":
        """What may stand at ``cursor``; None when a newer question was asked meanwhile, or the file cannot be read."""
        self._newest += 1
        question = self._newest
        async with self._one_at_a_time:
            if question != self._newest:
                return None
            try:
                found = await asyncio.to_thread(self._find, text, cursor, language)
            except CrmError:
                return None  # the search itself tells what is wrong with the file
        return found if question == self._newest else None

    def _find(self, text: str, cursor: int, language: str) -> "Completion":
        from crmtui.services.completion import KnownValues, complete

        with storage_errors(self._workspace.database.path):
            if self._connection is None:
                self._connection = self._workspace.database.reader()
            if self._known is None:
                self._known = KnownValues(self._connection)
            found = complete(self._connection, text, cursor, language, known=self._known)
        return _wanted(found, text, cursor)

    def forget_values(self) -> None:
        """Read the known values again at the next question: the prompt was left, or the file changed."""
        self._newest += 1
        self._known = None


def _wanted(found: "Completion", text: str, cursor: int) -> "Completion":
    """Without what would only be in the way: fields whose name does not begin so, and what stands there already."""
    typed = text[found.start : cursor]
    candidates = found.candidates
    if any(candidate.insert == text[found.start : found.end] for candidate in candidates):
        return found._replace(candidates=[])
    if candidates and all(candidate.insert.endswith(":") for candidate in candidates):
        short = len(typed) < _SHORTEST_FIELD and not has_cjk(typed)
        candidates = (
            [] if short else [each for each in candidates if _begins(typed, each.insert, each.label, each.hint)]
        )
    return found._replace(candidates=candidates)


def _begins(typed: str, insert: str, label: str, aliases: str) -> bool:
    wanted = fold(typed)
    names = (insert, label, *aliases.split())
    return any(fold(name).startswith(wanted) for name in names) or (
        has_cjk(label) and matches_pinyin(typed, label, person=False)
    )
