"""One line of text under edit: what was typed, where the cursor is, and the piece of it that fits into so many cells."""

from unicodedata import combining

from crmtui.cli.key_reader import Key
from crmtui.domain.text import cell_width, display_text

LONGEST = 20_000


class LineEditor:
    """A line. The cursor stands between two characters; a letter and its marks are one step."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.cursor = len(text)

    def press(self, key: Key) -> bool:
        """Do what a key does in a line; False for a key that does nothing here."""
        if key.name in ("text", "paste"):
            self.insert(" ".join(key.text.splitlines()))
            return True
        action = _ACTIONS.get(key.name)
        if action is None:
            return False
        action(self)
        return True

    def insert(self, text: str) -> None:
        """Put text at the cursor; line ends and other control characters of it become spaces."""
        text = "".join(" " if character < " " or "\x7f" <= character <= "\x9f" else character for character in text)
        text = text[: max(LONGEST - len(self.text), 0)]
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def left(self) -> None:
        """One step to the left."""
        self.cursor = self._before()

    def right(self) -> None:
        """One step to the right."""
        self.cursor = self._behind()

    def home(self) -> None:
        """To the beginning."""
        self.cursor = 0

    def end(self) -> None:
        """To the end."""
        self.cursor = len(self.text)

    def backspace(self) -> None:
        """Remove what is left of the cursor."""
        self._remove(self._before(), self.cursor)

    def delete(self) -> None:
        """Remove what is right of the cursor."""
        self._remove(self.cursor, self._behind())

    def remove_before(self) -> None:
        """Remove everything left of the cursor."""
        self._remove(0, self.cursor)

    def remove_behind(self) -> None:
        """Remove everything right of the cursor."""
        self._remove(self.cursor, len(self.text))

    def remove_word(self) -> None:
        """Remove the word left of the cursor."""
        kept = self.text[: self.cursor].rstrip()
        start = len(kept)
        while start and not kept[start - 1].isspace():
            start -= 1
        self._remove(start, self.cursor)

    def shown(self, width: int) -> tuple[str, int]:
        """The piece around the cursor that fits into ``width`` cells, safe for a terminal, and the cell of the cursor in it."""
        before, behind = display_text(self.text[: self.cursor]), display_text(self.text[self.cursor :])
        room = max(width - 1, 1)  # the cursor may stand behind the last character
        if cell_width(before) + cell_width(behind) > room:
            while cell_width(before) > room * 2 // 3:
                before = before[max(1, (cell_width(before) - room * 2 // 3) // 2) :]
            while behind and cell_width(before) + cell_width(behind) > room:
                behind = behind[:-1]
        return before + behind, cell_width(before)

    def _remove(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self.cursor = start

    def _before(self) -> int:
        at = max(self.cursor - 1, 0)
        while at and _belongs_to_the_one_before(self.text[at]):
            at -= 1
        return at

    def _behind(self) -> int:
        at = min(self.cursor + 1, len(self.text))
        while at < len(self.text) and _belongs_to_the_one_before(self.text[at]):
            at += 1
        return at


def _belongs_to_the_one_before(character: str) -> bool:
    return combining(character) != 0 or "\ufe00" <= character <= "\ufe0f" or character == "\u200d"


_ACTIONS = {
    "left": LineEditor.left,
    "right": LineEditor.right,
    "home": LineEditor.home,
    "end": LineEditor.end,
    "backspace": LineEditor.backspace,
    "delete": LineEditor.delete,
    "ctrl+u": LineEditor.remove_before,
    "ctrl+k": LineEditor.remove_behind,
    "ctrl+w": LineEditor.remove_word,
}
