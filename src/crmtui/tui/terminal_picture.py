"""What the terminal shows and what it should show, cell by cell, and the shortest way from one to the other.

Pure: strips in, one string of escape sequences out. Three things make the string short: only runs of cells that
differ are written, colours change only in the part that differs, and lines that merely moved are moved by the
terminal (insert and delete line inside a scroll region, which every VT102 descendant knows).

Hyperlinks (``Style.link``) are dropped on purpose: crmtui shows addresses as text, and a link would have to be
part of each cell. Control characters never reach the terminal from here, whatever a widget put into a strip.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import ne
from typing import NamedTuple

from rich.cells import get_character_cell_size, split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from crmtui.tui.borders import in_ascii, may_be_wide

MERGE_GAP = 7
"""Equal cells between two changes that are cheaper to write again than to skip: a cursor move is 6 to 8 bytes."""
ERASE_FROM = 8
"""Blank cells at the end of a line from which erasing to the end is shorter than writing them."""
SCROLL_LINES = 4
"""Changed lines from which it pays to look whether they only moved."""
CACHED_PARTS = 2048
WIDTHS_DIFFER_FROM = 0x1F000
"""Code points from here on (emoji, flags) are not equally wide in all terminals."""


class Pen(NamedTuple):
    """How a cell is written: SGR attribute codes, and the SGR codes of both colours ('' is the terminal's own)."""

    attributes: frozenset[str]
    foreground: str
    background: str


Cell = tuple[str, Pen]
"""A grapheme and its pen; the right half of a wide character is the empty string."""

PLAIN = Pen(frozenset(), "", "")
BLANK: Cell = (" ", PLAIN)
_ATTRIBUTES = (
    ("bold", "1"),
    ("dim", "2"),
    ("italic", "3"),
    ("underline", "4"),
    ("blink", "5"),
    ("blink2", "6"),
    ("reverse", "7"),
    ("conceal", "8"),
    ("strike", "9"),
    ("underline2", "21"),
    ("frame", "51"),
    ("encircle", "52"),
    ("overline", "53"),
)
_INVISIBLE_ON_BLANKS = frozenset(("1", "2", "3"))
_pens: dict[Pen, Pen] = {PLAIN: PLAIN}


@lru_cache(maxsize=4096)
def pen_for(style: Style, color_system: ColorSystem | None) -> Pen:
    """The pen of a style in a colour system; None: no colour at all. Equal pens are the same object: comparing is cheap."""
    attributes = frozenset(code for name, code in _ATTRIBUTES if getattr(style, name))
    if color_system is None:
        plain = Pen(attributes, "", "")
        return _pens.setdefault(plain, plain)
    pen = Pen(
        attributes,
        ";".join(style.color.downgrade(color_system).get_ansi_codes()) if style.color else "",
        ";".join(style.bgcolor.downgrade(color_system).get_ansi_codes(foreground=False)) if style.bgcolor else "",
    )
    return _pens.setdefault(pen, pen)


@lru_cache(maxsize=4096)
def change_pen(old: Pen, new: Pen) -> str:
    """The escape sequence that leads from one pen to the other, '' if they are equal."""
    if old == new:
        return ""
    full = [*sorted(new.attributes), *(code for code in (new.foreground, new.background) if code)]
    ways = [";".join(["0", *full]) if full else ""]
    if old.attributes <= new.attributes:
        step = sorted(new.attributes - old.attributes)
        if old.foreground != new.foreground:
            step.append(new.foreground or "39")
        if old.background != new.background:
            step.append(new.background or "49")
        ways.append(";".join(step))
    return f"\x1b[{min(ways, key=len)}m"


class _PenCells(dict[str, Cell]):
    """The cells of one pen by character: each is made once, so equal cells are nearly always identical."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen

    def __missing__(self, character: str) -> Cell:
        cell = self[character] = (character, self.pen)
        return cell


_cells_of_pen: dict[Pen, _PenCells] = {}


def _write_text(cells: list[Cell], text: str, pen: Pen) -> None:
    """Append the cells of ``text``. Zero-width marks join the cell before; control and format ones are dropped."""
    of_pen = _cells_of_pen.get(pen)
    if of_pen is None or len(of_pen) > 8192:
        of_pen = _cells_of_pen[pen] = _PenCells(pen)
    if text.isascii():
        if not text.isprintable():
            text = "".join(character for character in text if character.isprintable())
        cells.extend(map(of_pen.__getitem__, text))
        return
    clusters: Iterable[tuple[str, int]]
    if "\u200d" in text or "\ufe0f" in text:
        clusters = ((text[start:end], width) for start, end, width in split_graphemes(text)[0])
    else:
        clusters = ((character, get_character_cell_size(character)) for character in text)
    for cluster, width in clusters:
        if width:
            cells.append(of_pen[cluster])
            if width == 2:
                cells.append(of_pen[""])
        elif cells and all(unicodedata.category(character).startswith("M") for character in cluster):
            at = len(cells) - 1
            if not cells[at][0] and at:
                at -= 1
            cells[at] = (cells[at][0] + cluster, cells[at][1])


class Part:
    """The cells of one strip. The same segments give the same object, so parts are compared by identity."""

    __slots__ = ("cells",)

    def __init__(self, segments: Iterable[Segment], color_system: ColorSystem | None, ascii_only: bool = False) -> None:
        cells: list[Cell] = []
        for text, style, control in segments:
            if not control:
                text = in_ascii(text) if ascii_only else text
                _write_text(cells, text, PLAIN if style is None else pen_for(style, color_system))
        self.cells = tuple(cells)


class Row(NamedTuple):
    """One line: its cells, and the parts it was made of by their first column (fewer after a patch across them)."""

    cells: tuple[Cell, ...]
    parts: tuple[tuple[int, Part], ...]


class Picture:
    """A screen of ``width`` x ``height`` cells: put strips into it, then ask for the difference to the terminal."""

    def __init__(
        self,
        width: int,
        height: int,
        color_system: ColorSystem | None,
        *,
        can_erase_colour: bool = True,
        ascii_only: bool = False,
    ) -> None:
        """``can_erase_colour``: erasing to the end of a line fills it with the background (not so in GNU screen).

        ``ascii_only``: lines and signs are written as their ASCII twins, and letters that such terminals may draw over
        two cells do not push the rest of the line.
        """
        self.width = width
        self.height = height
        self.color_system = color_system
        self._can_erase_colour = can_erase_colour
        self._ascii_only = ascii_only
        self._wanted: list[Row | None] = [None] * height
        self._shown: list[Row | None] = [None] * height
        self._touched: set[int] = set()
        self._parts: dict[tuple[Segment, ...], Part] = {}
        self._older_parts: dict[tuple[Segment, ...], Part] = {}

    @property
    def complete(self) -> bool:
        """Is every line known?"""
        return None not in self._wanted

    def forget(self) -> None:
        """The terminal may show anything now: the next difference writes every line."""
        self._shown = [None] * self.height
        self._touched = set(range(self.height))

    def put(self, y: int, placed: Sequence[tuple[int, Strip]]) -> None:
        """Lay strips, each with its first column, from left to right over line ``y``; the rest of the line stays."""
        if not 0 <= y < self.height:
            return
        parts = [(x, self._part(strip)) for x, strip in placed]
        before = self._wanted[y]
        end = 0
        for x, part in parts:
            if x != end:
                break
            end = x + len(part.cells)
        else:
            if end == self.width:
                self._wanted[y] = Row(tuple(cell for _, part in parts for cell in part.cells), tuple(parts))
                self._touched.add(y)
                return
        cells = list(before.cells) if before else [BLANK] * self.width
        kept = list(before.parts) if before else []
        for x, part in parts:
            stop = min(x + len(part.cells), self.width)
            if x < stop:
                if cells[x][0] == "" and x:
                    cells[x - 1] = (" ", cells[x - 1][1])
                if stop < self.width and cells[stop][0] == "":
                    cells[stop] = (" ", cells[stop][1])
                cells[x:stop] = part.cells[: stop - x]
                if cells[stop - 1][0] and x + len(part.cells) > stop and part.cells[stop - x][0] == "":
                    cells[stop - 1] = (" ", cells[stop - 1][1])
                kept = [(at, other) for at, other in kept if at + len(other.cells) <= x or at >= stop]
                kept.append((x, part))
        self._wanted[y] = Row(tuple(cells), tuple(kept))
        self._touched.add(y)

    def _part(self, strip: Strip) -> Part:
        key = tuple(strip)
        part = self._parts.get(key)
        if part is None:
            part = self._older_parts.get(key) or Part(key, self.color_system, self._ascii_only)
            if len(self._parts) >= CACHED_PARTS:
                self._older_parts, self._parts = self._parts, {}
            self._parts[key] = part
        return part

    def difference(self) -> str:
        """The sequence that makes the terminal show the picture, '' if it does already; from now on it is shown.

        The pen is plain before and after; the cursor is left anywhere.
        """
        changed = [y for y in sorted(self._touched) if self._differs(y)]
        self._touched.clear()
        if not changed:
            return ""
        out: list[str] = []
        if len(changed) >= SCROLL_LINES:
            moved = self._scroll(changed)
            if moved:
                out.append(moved)
                changed = [y for y in range(self.height) if self._differs(y)]
        pen = PLAIN
        for y in changed:
            new = self._wanted[y]
            if new is not None:
                old = self._shown[y]
                pen = self._write_line(out, y, old.cells if old else None, new.cells, pen)
                self._shown[y] = new
        out.append(change_pen(pen, PLAIN))
        return "".join(out)

    def _differs(self, y: int) -> bool:
        new, old = self._wanted[y], self._shown[y]
        if new is None or new is old:
            return False
        return old is None or new.cells != old.cells

    def _write_line(self, out: list[str], y: int, old: tuple[Cell, ...] | None, new: tuple[Cell, ...], pen: Pen) -> Pen:
        blank = new[-1]
        tail = self.width
        if blank[0] == " " and self._erases(blank[1]):
            while tail and new[tail - 1] == blank:
                tail -= 1
            if self.width - tail < ERASE_FROM:
                tail = self.width
        for start, end in [(0, self.width)] if old is None else changed_runs(old, new):
            while start and not new[start][0]:
                start -= 1
            while end < self.width and not new[end][0]:
                end += 1
            out.append(f"\x1b[{y + 1};{start + 1}H" if start else f"\x1b[{y + 1}H")
            for x in range(start, min(end, tail)):
                text, wanted = new[x]
                if wanted is not pen:
                    out.append(change_pen(pen, wanted))
                    pen = wanted
                out.append(text)
                if text and not text.isascii() and _width_is_disputed(text, self._ascii_only):
                    out.append(f"\x1b[{x + 2 + (x + 1 < self.width and not new[x + 1][0])}G")
            if end > tail:
                out.append(change_pen(pen, blank[1]))
                pen = blank[1]
                out.append("\x1b[K")
                break
        return pen

    def _erases(self, pen: Pen) -> bool:
        return pen.attributes <= _INVISIBLE_ON_BLANKS and (self._can_erase_colour or not pen.background)

    def _scroll(self, changed: Sequence[int]) -> str:
        """If lines moved up or down together, move them in the terminal (and in ``_shown``); '' if it would not pay."""
        places: dict[tuple[int, Part], int] = {}
        for y, row in enumerate(self._shown):
            for placed in row.parts if row else ():
                places[placed] = -1 if placed in places else y
        votes: dict[int, int] = {}
        voters: dict[int, list[int]] = {}
        for y in changed:
            row = self._wanted[y]
            for placed in row.parts if row else ():
                source = places.get(placed, -1)
                if source not in (-1, y):
                    distance = source - y
                    votes[distance] = votes.get(distance, 0) + len(placed[1].cells)
                    voters.setdefault(distance, []).append(y)
        if not votes:
            return ""
        distance = max(votes, key=votes.__getitem__)
        ys = voters[distance]
        top, bottom = min(ys[0], ys[0] + distance), max(ys[-1], ys[-1] + distance)
        empty: list[Row | None] = [Row((BLANK,) * self.width, ())] * abs(distance)
        moved = list(self._shown)
        if distance > 0:
            moved[top : bottom + 1] = moved[top + distance : bottom + 1] + empty
        else:
            moved[top : bottom + 1] = empty + moved[top : bottom + 1 + distance]
        span = range(top, bottom + 1)
        if 4 * _cost(moved, self._wanted, span) > 3 * _cost(self._shown, self._wanted, span):
            return ""
        self._shown = moved
        count, action = abs(distance), "M" if distance > 0 else "L"
        if bottom == self.height - 1:
            return f"\x1b[{top + 1}H\x1b[{count}{action}"
        return f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H\x1b[{count}{action}\x1b[r"


def _cost(shown: Sequence[Row | None], wanted: Sequence[Row | None], span: range) -> int:
    """About how many bytes would have to be written: each line a cursor move, each differing cell a character."""
    total = 0
    for y in span:
        old, new = shown[y], wanted[y]
        if new is not None and new is not old:
            differing = len(new.cells) if old is None else sum(map(ne, old.cells, new.cells))
            total += differing + MERGE_GAP if differing else 0
    return total


@lru_cache(maxsize=1024)
def _width_is_disputed(text: str, ambiguous_too: bool) -> bool:
    if ord(text[0]) >= WIDTHS_DIFFER_FROM or "\u200d" in text or "\ufe0f" in text:
        return True
    return ambiguous_too and may_be_wide(text[0])


def changed_runs(old: Sequence[Cell], new: Sequence[Cell]) -> list[tuple[int, int]]:
    """The [start, end) runs in which two lines of equal length differ, joined over gaps that are not worth a jump."""
    runs: list[tuple[int, int]] = []
    start = end = -1
    for x in [x for x, differs in enumerate(map(ne, old, new)) if differs]:
        if start < 0:
            start = x
        elif x - end >= MERGE_GAP:
            runs.append((start, end))
            start = x
        end = x + 1
    if start >= 0:
        runs.append((start, end))
    return runs
