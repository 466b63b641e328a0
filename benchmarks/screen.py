"""What crmtui's screen says, for the measurements: where its list stands, and whether it shows what it should."""

from collections.abc import Callable, Sequence

from pty_driver import PtyProgram

from crmtui.domain.text import display_text

COLUMNS, ROWS = 120, 40
SEARCH_LINE, FIRST_LINE, LAST_LINE = 1, 3, ROWS - 2
"""Lines of the screen: the search, and the rows of the list from the first to the one before the last."""
PAGE = LAST_LINE - FIRST_LINE + 1
COMPARED = 8
"""Characters of a name that are compared: as many as the narrowest column shows."""
ESCAPE_DELAY = 0.2
"""Seconds after which an escape key is surely alone, and not the beginning of another key."""


def shows_rows(program: PtyProgram) -> bool:
    """Is there a list with a cursor, and the number of all rows?"""
    text = program.text()
    return "▸" in text and " of " in program.row(SEARCH_LINE)


def shows_first_rows(program: PtyProgram) -> bool:
    """Is there a list with a cursor? The rest of a million rows may still be on its way."""
    return "▸" in program.text()


def shows_page(typed: str, names: Sequence[str]) -> Callable[[PtyProgram], bool]:
    """The expectation that the search line holds ``typed`` and the list shows the page that begins with ``names``."""
    wanted = [_start(display_text(name)) for name in names[:PAGE]]

    def is_shown(program: PtyProgram) -> bool:
        lines = program.lines()
        if not lines[SEARCH_LINE].startswith(f" / {typed}"):
            return False
        shown = lines[FIRST_LINE : FIRST_LINE + max(1, len(wanted))]
        if not wanted:
            return "Nobody is found" in shown[0]
        return all(line[3:].startswith(name) for line, name in zip(shown, wanted, strict=True))

    return is_shown


def _start(name: str) -> str:
    return name[:COMPARED].rstrip()


def list_part(program: PtyProgram) -> list[str]:
    """The lines of the list, without the card beside it."""
    return [line.partition("│")[0] for line in program.lines()[FIRST_LINE : LAST_LINE + 1]]


def card_part(program: PtyProgram) -> list[str]:
    """The lines of the card beside the list."""
    return [line.rpartition("│")[2] for line in program.lines()[FIRST_LINE : LAST_LINE + 1]]


def changes(part: Callable[[PtyProgram], list[str]], program: PtyProgram) -> Callable[[PtyProgram], bool]:
    """The expectation that a part of the screen is not what it is now."""
    before = part(program)
    return lambda program: part(program) != before


def move(program: PtyProgram, key: str, label: str, times: int = 1) -> None:
    """Press a key that moves the cursor, each press measured until the list has changed; the card may follow later."""
    for _ in range(times):
        program.press(key, expect=changes(list_part, program), label=label)


def rest(program: PtyProgram, seconds: float = 0.5) -> None:
    """Leave the program alone until what follows a key is done, the card beside the list among it."""
    program.idle(seconds)


def escape(program: PtyProgram) -> None:
    """Press escape, and wait until it cannot be the beginning of another key any more."""
    program.press("escape", label="escape")
    program.idle(ESCAPE_DELAY)


def leave_search(program: PtyProgram) -> None:
    """From the search line back to the whole list: out of the completions if they are open, the words, the line."""
    escape(program)
    while "to the list" in program.lines()[-1]:
        escape(program)
    program.wait_for(shows_rows)
    rest(program)
