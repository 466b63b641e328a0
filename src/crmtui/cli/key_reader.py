"""From the bytes of a terminal to keys: text (also Chinese, in pieces), pasted text, and the few keys a line needs."""

from codecs import getincrementaldecoder

from crmtui.light_typing import NamedTuple

PAUSE = 0.1
"""Seconds after which an escape byte is the escape key, and not the beginning of another key."""

_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"
_CONTROLS = {
    "\r": "enter",
    "\n": "enter",
    "\t": "tab",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x01": "home",
    "\x05": "end",
    "\x02": "left",
    "\x06": "right",
    "\x04": "delete",
    "\x10": "up",
    "\x0e": "down",
}
_SEQUENCES = {"A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end", "Z": "backtab"}
_NUMBERED = {"1": "home", "3": "delete", "4": "end", "7": "home", "8": "end"}
_LONGEST_SEQUENCE = 32


class Key(NamedTuple):
    """``name`` is ``text`` or ``paste`` with its ``text``, or the key: enter, tab, esc, up, ctrl+u, …"""

    name: str
    text: str = ""


class KeyReader:
    """Feed it what arrives; it keeps what is not whole yet."""

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""

    @property
    def waiting(self) -> bool:
        """Whether the beginning of a key has arrived, which is the escape key if nothing follows within ``PAUSE``."""
        return self._rest == "\x1b"

    def give_up(self) -> list[Key]:
        """Nothing followed: the escape byte was the escape key."""
        if not self.waiting:
            return []
        self._rest = ""
        return [Key("esc")]

    def feed(self, arrived: bytes) -> list[Key]:
        """The keys that are whole with these bytes."""
        text = self._rest + self._decode(arrived)
        keys: list[Key] = []
        at = 0
        while at < len(text):
            length, key = self._next(text, at)
            if not length:
                break
            if key is not None:
                keys.append(key)
            at += length
        self._rest = text[at:]
        return keys

    def _next(self, text: str, at: int) -> tuple[int, Key | None]:
        """How many characters the key at ``at`` takes (0: not whole yet) and the key, None for one that means nothing here."""
        character = text[at]
        if character == "\x1b":
            return self._escape(text, at)
        if character in _CONTROLS:
            return 1, Key(_CONTROLS[character])
        if character < " ":
            return 1, Key("ctrl+" + chr(ord(character) + 96)) if character != "\x00" else None
        end = at
        while end < len(text) and text[end] >= " " and text[end] != "\x7f":
            end += 1
        return end - at, Key("text", text[at:end])

    def _escape(self, text: str, at: int) -> tuple[int, Key | None]:
        if text.startswith(_PASTE, at):
            end = text.find(_PASTE_END, at)
            if end < 0:
                return 0, None
            return end + len(_PASTE_END) - at, Key("paste", text[at + len(_PASTE) : end])
        if at + 1 == len(text):
            return 0, None
        if text[at + 1] == "\x1b":
            return 1, Key("esc")
        if text[at + 1] not in "[O":
            return 2, None  # a key with Alt
        end = at + 2
        while end < len(text) and not "@" <= text[end] <= "~":
            end += 1
        if end == len(text):
            return (0, None) if end - at < _LONGEST_SEQUENCE else (end - at, None)
        body, final = text[at + 2 : end], text[end]
        name = _NUMBERED.get(body.partition(";")[0]) if final == "~" else _SEQUENCES.get(final)
        return end + 1 - at, None if name is None else Key(name)
