"""Bytes of a terminal as the keys that the app would get, for ``crmtui keys``."""

from codecs import getincrementaldecoder
from collections.abc import Iterable
from typing import NamedTuple

from textual import events
from textual.message import Message

from crmtui.tui._textual_private import XTermParser


class Arrived(NamedTuple):
    """One key by Textual's name with the character it types, if any; or pasted text, with an empty name."""

    key: str
    character: str | None
    pasted: str = ""


class KeyReader:
    """Reads keys from bytes, in whatever pieces they come."""

    def __init__(self) -> None:
        self._parser = XTermParser()
        self._decode = getincrementaldecoder("utf-8")("replace").decode

    def feed(self, data: bytes) -> list[Arrived]:
        """The keys that are complete with these bytes."""
        return _keys_of(self._parser.feed(self._decode(data)))

    def tick(self) -> list[Arrived]:
        """To be called when nothing came for a while: an escape byte with nothing after it is the escape key."""
        return _keys_of(self._parser.tick())


def _keys_of(messages: Iterable[Message]) -> list[Arrived]:
    found = []
    for message in messages:
        if isinstance(message, events.Key):
            found.append(Arrived(message.key, message.character))
        elif isinstance(message, events.Paste):
            found.append(Arrived("", None, message.text))
    return found
