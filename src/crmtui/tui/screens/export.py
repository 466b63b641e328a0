"""Writing customers to a file: one question for the name, one more before a file is replaced, the rest beside the screen."""

import os
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from crmtui.domain.text import display_text
from crmtui.errors import FormatError, UsageError
from crmtui.formats.registry import FORMATS
from crmtui.i18n import _, ngettext
from crmtui.i18n.show import show_bytes, show_number
from crmtui.services.workspace import Workspace
from crmtui.tui import clock
from crmtui.tui.screens.asking import ask_next, ask_yes
from crmtui.tui.screens.history_actions import short_path
from crmtui.tui.work_aside import Progress, progress_words, run_told

if TYPE_CHECKING:
    from crmtui.tui.screens.base import CrmScreen

_TERMS_A_BRACKET = 400
"""Alternatives in one bracket of a query: SQLite refuses expressions that nest deeper than a thousand."""
_MOST_TERMS = 100_000
_LABEL_CELLS = 24


async def export_customers(screen: "CrmScreen", query: str, marked_ids: Sequence[int]) -> None:
    """Ask for a file and write the marked customers to it, or all that ``query`` finds; the ending decides the format.

    Raises CrmError when the file or the format cannot be written; an older file of that name is whole then.
    """
    path = await _ask_path(screen, _what(query, marked_ids))
    if path is None:
        return
    from crmtui.services.take_out import export

    format_id = format_of(path)
    wanted = query_of(marked_ids) if marked_ids else query
    progress = Progress()

    def work(workspace: Workspace) -> int:
        return export(workspace, path, format=format_id, query=wanted, progress=progress)

    count = await run_told(screen, work, lambda: f"{_('export')} · {progress_words(progress)}")
    told = ngettext("{count} customer written: {path} · {size}", "{count} customers written: {path} · {size}", count)
    size = show_bytes(os.path.getsize(path))
    screen.crm.tell(told.format(count=show_number(count), path=short_path(path), size=size))


def _what(query: str, marked_ids: Sequence[int]) -> str:
    """What will be written, in words for the question."""
    if marked_ids:
        count = len(marked_ids)
        return ngettext("{count} marked", "{count} marked", count).format(count=show_number(count))
    return display_text(query.strip(), limit=_LABEL_CELLS) or _("all customers")


async def _ask_path(screen: "CrmScreen", what: str) -> str | None:
    """The file to write; asks again when the ending says no format, and before a file is replaced. None: left."""
    folder = _folder()
    usual = f"customers-{clock.local_now().date().isoformat()}.csv"
    answer: str | None = usual
    while True:
        label = _("export {what} to {folder}").format(what=what, folder=short_path(folder).rstrip(os.sep) + os.sep)
        answer = await ask_next(screen, label, value=answer or "")
        if answer is None or not answer.strip():
            return None
        path = os.path.join(folder, os.path.expanduser(answer.strip()))
        if os.path.isdir(path):
            answer = os.path.join(answer.strip(), usual)
            continue
        try:
            format_of(path)
        except FormatError as error:
            screen.crm.tell_error(error)
            continue
        if not os.path.lexists(path):
            return path
        label = _("{name} is there already: replace it?").format(name=display_text(os.path.basename(path), limit=40))
        if await ask_yes(screen, label):
            return path


def _folder() -> str:
    """Where a bare name goes: the folder the program was started in if one may write there, else the home folder."""
    here = os.getcwd()
    return here if os.access(here, os.W_OK) else os.path.expanduser("~")


def format_of(path: str) -> str:
    """The id of the format that the ending of ``path`` names. Raises FormatError with those that can be written."""
    ending = os.path.splitext(path)[1].casefold()
    writable = [each for each in FORMATS.values() if each.writer and each.suffixes]
    found = next((each.id for each in writable if ending in each.suffixes), None)
    if found is None or "\0" in path:
        raise FormatError(
            _("the name does not say which format to write: {name}").format(name=os.path.basename(path)),
            hint=_("It can end in {endings}").format(endings=" ".join(each.suffixes[0] for each in writable)),
        )
    return found


def query_of(ids: Sequence[int]) -> str:
    """The query that finds exactly these customers, archived ones as well. Raises UsageError when they are too many."""
    singles: list[int] = []
    terms: list[str] = []
    for _gap, run in groupby(enumerate(sorted(ids)), key=lambda item: item[1] - item[0]):
        numbers = [number for _index, number in run]
        if len(numbers) < 3:
            singles += numbers
        else:
            terms.append(f"(id:>={numbers[0]} id:<={numbers[-1]})")
    if len(singles) + len(terms) > _MOST_TERMS:
        raise UsageError(
            _("too many customers are marked one by one: {count}").format(count=show_number(len(ids))),
            hint=_("Search for them instead and export what is found"),
        )
    size = _TERMS_A_BRACKET
    lists = [singles[start : start + size] for start in range(0, len(singles), size)]
    brackets = [" OR ".join(terms[start : start + size]) for start in range(0, len(terms), size)]
    found = [f"id:{','.join(map(str, part))}" for part in lists] + [f"({bracket})" for bracket in brackets]
    return f"({' OR '.join(found)}) (is:archived OR -is:archived)"
