"""Keys as they were meant, when an input method or a paste stands between the hand and the program.

With a Chinese input method left on, ``：``, ``／`` or ``ｊ`` arrive where ``:``, ``/`` and ``j`` are meant. Outside text
fields they act as their ASCII twins; text that only an input method can type is answered by one hint a session.
Pasted text is text: in a list it does nothing and says so, whether the terminal brackets a paste or types it.
"""

import re
import time
import unicodedata
from collections.abc import Callable

from textual import events
from textual.widget import Widget
from textual.widgets import Input, TextArea

from crmtui.i18n import _
from crmtui.tui._textual_private import key_name

_TWINS = str.maketrans("、。【】「」《》￥¥·“”‘’", "/.[][]<>$$`\"\"''")
"""What input methods send in Chinese mode for keys of the ASCII keyboard, where Unicode names no twin."""
_WIDTH_FORMS = ("<wide>", "<narrow>")
_KEPT_MODIFIERS = ("ctrl+", "alt+", "super+", "hyper+", "meta+")

PASTE_START, PASTE_END = "\x1b[200~", "\x1b[201~"
_SEQUENCE = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|O.|.)?", re.DOTALL)
_PROMPT_KEYS = ("/", ":", "／", "：")


def fold_key(key: str, character: str | None) -> str | None:
    """The ASCII character that a key pressed outside text fields stands for; None for a key that means itself.

    Only full-width and half-width forms fold, not everything that Unicode finds compatible: ``²`` and ``ª`` are keys
    of French and Spanish keyboards and no twins of ``2`` and ``a``. Keys with ctrl or alt held mean themselves.
    """
    if character is None or len(character) != 1 or character.isascii() or key.startswith(_KEPT_MODIFIERS):
        return None
    plain = character
    if unicodedata.decomposition(character).startswith(_WIDTH_FORMS):
        plain = unicodedata.normalize("NFKC", character)
    plain = plain.translate(_TWINS)
    return plain if len(plain) == 1 and plain.isascii() and plain.isprintable() else None


def comes_from_input_method(character: str | None) -> bool:
    """Can only an input method have typed this: a Chinese character, kana, hangul, or wide punctuation?"""
    return bool(character) and all(unicodedata.east_asian_width(each) in "WF" for each in character or "")


def takes_text(widget: Widget | None) -> bool:
    """Does what is typed belong to this widget as text?"""
    return isinstance(widget, Input | TextArea)


class TypedKeys:
    """What the app makes of its input events. One object a session: the hint is given once."""

    def __init__(self, tell: Callable[[str], None], focused: Callable[[], Widget | None]) -> None:
        """``tell`` shows a sentence in the status line; ``focused`` says which widget the keys are for."""
        self._tell = tell
        self._focused = focused
        self._hinted = False

    def received(self, event: events.Event) -> events.Event | None:
        """The event to go on with: the same, the key that was meant, or None for a paste that has no place to go."""
        if not isinstance(event, events.Key | events.Paste) or takes_text(self._focused()):
            return event
        if isinstance(event, events.Paste):
            if event.text and not event.is_forwarded:
                self._tell(_("Pasted text does nothing here: press / to search for it, or a to add a customer"))
                return None
            return event
        plain = fold_key(event.key, event.character)
        if plain is not None:
            return events.Key(key_name(plain), plain)
        if not self._hinted and comes_from_input_method(event.character):
            self._hinted = True
            self._tell(_("The input method is on: switch it to English for single keys, or press ： for commands"))
        return event


class BurstGuard:
    """Puts the brackets of a paste around text that came too fast for fingers, from terminals that send none.

    Give it everything that is read from the terminal, read by read. A read counts as a paste when it brings more than
    ``MOST_KEYS`` characters at once and more than ``MOST_DIFFERENT`` different ones: a held key that a stalled line
    brings all at once stays a held key. What follows a paste within ``PAUSE`` seconds belongs to it. Typing ahead of
    a slow line stays possible where it is safe: what begins with the key of the search or of the palette is typed.
    """

    MOST_KEYS, MOST_DIFFERENT, PAUSE = 8, 4, 0.02

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bracketed = False
        self._tail = ""
        self._pasted_at = float("-inf")

    def marked(self, text: str, *, in_text_field: bool) -> str:
        """``text``, as it was read, with brackets around it if it is a paste without them.

        ``in_text_field``: it will be typed into a field, where a paste and typing come to the same.
        """
        bracketed = self._bracketed
        seen = self._tail + text
        start, end = seen.rfind(PASTE_START), seen.rfind(PASTE_END)
        if start != end:
            self._bracketed = start > end
        self._tail = seen[-(len(PASTE_START) - 1) :]
        if bracketed or start != end or in_text_field:
            return text
        now = self._clock()
        typed = _SEQUENCE.sub("", text)
        shown = [character for character in typed if character.isprintable()]
        goes_on = now - self._pasted_at <= self.PAUSE
        many = len(shown) > self.MOST_KEYS and len(set(shown)) > self.MOST_DIFFERENT
        if not shown or not (goes_on or (many and not typed.startswith(_PROMPT_KEYS))):
            return text
        self._pasted_at = now
        return f"{PASTE_START}{typed}{PASTE_END}"
