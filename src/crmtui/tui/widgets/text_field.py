"""A one-line text field that is right for Chinese, for input methods and for slow links.

What differs from Textual's ``Input`` (numbers as in the CJK notes of the design): the caret position given to the
terminal is the cell where the caret is drawn (D1, D2); the whole character under the caret stays in view (D5);
typed ideographic and no-break spaces and joiners are kept (D6); one key removes one grapheme (D9); words end at
punctuation, at a change of script and after at most four ideographs (D11). The caret does not blink, the field has
no border, pasted line breaks become spaces. Value, placeholder and suggestion are text, never markup.
"""

import re
import unicodedata
from typing import Any

from rich.cells import cell_len, split_graphemes
from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.geometry import Offset, Region
from textual.widgets import Input
from textual.widgets.input import Selection

from crmtui.domain.text import display_text

IDEOGRAPHS_A_WORD = 4
UNSEEN_SIGN = "·"
"""Stands in a field for a character that has no picture, such as a joiner or a sign of direction."""
_TYPED_THOUGH_UNPRINTABLE = ("Zs", "Cf")
_LINE_BREAKS = re.compile(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+")


def is_typed_text(character: str | None) -> bool:
    """Does this character type text? Ideographic space and joiners do, though Python calls them unprintable."""
    return (
        character is not None
        and len(character) == 1
        and (character.isprintable() or unicodedata.category(character) in _TYPED_THOUGH_UNPRINTABLE)
    )


def one_line(text: str) -> str:
    """Pasted text for a one-line field: each run of line breaks and tabs is one space; none at the end."""
    return _LINE_BREAKS.sub(" ", text.rstrip("\r\n"))


def _script(character: str) -> str:
    """A coarse script: 'space', 'mark' (punctuation, symbols), 'ideograph', 'kana', 'hangul' or 'letter' (or digit)."""
    if character.isspace():
        return "space"
    category = unicodedata.category(character)
    if category[0] in "PS" and character != "_":
        return "mark"
    name = unicodedata.name(character, "")
    if name.startswith("CJK") or character in "々〆〇":
        return "ideograph"
    if name.startswith(("HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA")):
        return "kana"
    return "hangul" if name.startswith("HANGUL") else "letter"


def word_starts(text: str) -> list[int]:
    """The indexes at which a word begins: after spaces and punctuation, where the script changes, in long Chinese runs.

    >>> word_starts("北京华为 技术有限公司abc")
    [0, 5, 9, 11]
    """
    starts: list[int] = []
    before, run = "space", 0
    for index, character in enumerate(text):
        if unicodedata.combining(character):
            continue
        script = _script(character)
        run = run + 1 if script == before else 1
        if script not in ("space", "mark") and (run == 1 or (script == "ideograph" and run % IDEOGRAPHS_A_WORD == 1)):
            starts.append(index)
        before = script
    return starts


class _StandIns(dict[int, str]):
    """The translation table of ``shown_in_field``; entries are worked out when a character first appears."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        shown = display_text("#" + character)[1:] or UNSEEN_SIGN  # a mark alone would have nothing to stand on
        self[code] = shown = shown if len(shown) == 1 else character
        return shown


_STAND_INS = _StandIns()


def shown_in_field(value: str) -> str:
    """``value`` as a field draws it: for every character one, and none that a terminal would obey."""
    return value if value.isascii() and value.isprintable() else value.translate(_STAND_INS)


class _Shown(Highlighter):
    """Draws the stand-ins. ``Input`` gives its text with some characters left out; the field knows all of them."""

    def __init__(self, field: Input) -> None:
        self._field = field

    def __call__(self, text: str | Text) -> Text:
        return Text(shown_in_field(self._field.value), no_wrap=True, overflow="ignore", end="")

    def highlight(self, text: Text) -> None:
        """Nothing has a style of its own."""


class TextField(Input):
    """One line of text; what is in it may hold any character, what is drawn does not."""

    def __init__(
        self, value: str | None = None, placeholder: str = "", *, compact: bool = True, **options: Any
    ) -> None:
        """As ``Input``; without a border unless ``compact=False``."""
        super().__init__(value, placeholder, compact=compact, **options)
        self.highlighter = _Shown(self)
        self.cursor_blink = False

    # The caret

    def _cell_at(self, position: int) -> int:
        """The first cell of the character at ``position``, counted from the start of the text."""
        if self.password:
            return position
        return cell_len(shown_in_field(self.value[:position]))

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the caret is drawn, in cells of the screen."""
        x, y, width, _height = self.content_region
        cell = x + self._cell_at(self.cursor_position) - int(self.scroll_offset.x)
        return Offset(min(max(cell, x), max(x, x + width - 1)), y)

    def watch_selection(self) -> None:
        """Keep the whole character under the caret in view, not only its left half."""
        if self.is_mounted:
            under = shown_in_field(self.value[self.cursor_position : self.cursor_position + 1])
            cell = self._cell_at(self.cursor_position)
            self.scroll_to_region(Region(cell, 0, max(1, cell_len(under)), 1), force=True, animate=False)

    # Typing

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keys that type text are for the field, not for bindings."""
        return is_typed_text(character)

    def on_key(self, event: events.Key) -> None:
        """Type the characters that ``Input`` passes over; the rest is its own affair."""
        if event.character is not None and not event.is_printable and is_typed_text(event.character):
            event.stop()
            event.prevent_default()
            self.replace(event.character, *sorted(self.selection))

    def on_paste(self, event: events.Paste) -> None:
        """Insert pasted text as one line."""
        event.stop()
        event.prevent_default()
        if event.text:
            self.replace(one_line(event.text), *sorted(self.selection))

    def action_paste(self) -> None:
        self.replace(one_line(self.app.clipboard), *sorted(self.selection))

    # Moving and deleting by graphemes

    def _grapheme_before(self, position: int) -> int:
        """The start of the grapheme that ends at or goes over ``position``."""
        spans, _ = split_graphemes(self.value)
        return max((start for start, _end, _width in spans if start < position), default=0)

    def _grapheme_after(self, position: int) -> int:
        """The end of the grapheme at ``position``."""
        spans, _ = split_graphemes(self.value)
        return min((end for _start, end, _width in spans if end > position), default=len(self.value))

    def action_cursor_left(self, select: bool = False) -> None:
        start, end = self.selection
        if select:
            self.selection = Selection(start, self._grapheme_before(end))
        elif self.selection.is_empty:
            self.cursor_position = self._grapheme_before(end)
        else:
            self.cursor_position = min(start, end)

    def action_cursor_right(self, select: bool = False) -> None:
        start, end = self.selection
        if select:
            self.selection = Selection(start, self._grapheme_after(end))
        elif self.selection.is_empty and not self.cursor_at_end:
            self.cursor_position = self._grapheme_after(end)
        else:
            super().action_cursor_right(select)

    def action_delete_left(self) -> None:
        if self.selection.is_empty:
            self.delete(self._grapheme_before(self.cursor_position), self.cursor_position)
        else:
            self.delete_selection()

    def action_delete_right(self) -> None:
        if self.selection.is_empty:
            self.delete(self.cursor_position, self._grapheme_after(self.cursor_position))
        else:
            self.delete_selection()

    # Moving and deleting by words; a password tells nothing about its words

    def _word_before(self, position: int) -> int:
        return 0 if self.password else max((at for at in word_starts(self.value) if at < position), default=0)

    def _word_after(self, position: int) -> int:
        end = len(self.value)
        return end if self.password else min((at for at in word_starts(self.value) if at > position), default=end)

    def action_cursor_left_word(self, select: bool = False) -> None:
        start, end = self.selection
        target = self._word_before(end)
        self.selection = Selection(start if select else target, target)

    def action_cursor_right_word(self, select: bool = False) -> None:
        start, end = self.selection
        target = self._word_after(end)
        self.selection = Selection(start if select else target, target)

    def action_delete_left_word(self) -> None:
        if self.selection.is_empty:
            self.delete(self._word_before(self.cursor_position), self.cursor_position)
        else:
            self.delete_selection()

    def action_delete_right_word(self) -> None:
        if self.selection.is_empty:
            self.delete(self.cursor_position, self._word_after(self.cursor_position))
        else:
            self.delete_selection()
