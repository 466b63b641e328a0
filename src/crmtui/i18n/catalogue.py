"""A translated catalogue, read as it is used: a look-up says thirty things, and loading all of them took a sixth of its time.

``gettext`` of the standard library would read every message at once and load a dozen modules for it.
"""

import os
from collections.abc import Callable

_MAGIC = 0x950412DE
_PLACE = 8  # bytes of one entry of the two tables: length and offset


class Catalogue:
    """The messages of a ``.mo`` file, found by halving: msgids stand there in order."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._number = self._reader("little" if content[:4] == _MAGIC.to_bytes(4, "little") else "big")
        self._count = self._number(8)
        self._originals, self._translations = self._number(12), self._number(16)
        self._found: dict[str, str] = {}

    @classmethod
    def of(cls, folder: str, language: str) -> "Catalogue | None":
        """The catalogue of a language below ``folder``; None when there is none."""
        path = os.path.join(folder, language, "LC_MESSAGES", "crmtui.mo")
        try:
            with open(path, "rb") as file:
                return cls(file.read())
        except FileNotFoundError:
            return None

    def _reader(self, order: str) -> Callable[[int], int]:
        content = self._content
        if order == "little":
            return lambda at: int.from_bytes(content[at : at + 4], "little")
        return lambda at: int.from_bytes(content[at : at + 4], "big")

    def gettext(self, message: str) -> str:
        """``message`` translated, or as it is."""
        found = self._found.get(message)
        if found is None:
            found = self._found[message] = self._look_up(message) or message
        return found

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """The form that fits ``count``; a language with one form for all numbers, such as Chinese, has only that."""
        forms = self.gettext(f"{singular}\0{plural}").split("\0")
        return forms[0] if count == 1 else forms[-1]

    def _look_up(self, message: str) -> str:
        wanted = message.encode("utf-8", "surrogatepass")
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            entry = self._entry(self._originals, middle)
            if entry < wanted:
                low = middle + 1
            elif entry > wanted:
                high = middle
            else:
                return self._entry(self._translations, middle).decode() if wanted else ""
        return ""

    def _entry(self, table: int, index: int) -> bytes:
        place = table + _PLACE * index
        length, start = self._number(place), self._number(place + 4)
        return self._content[start : start + length]
