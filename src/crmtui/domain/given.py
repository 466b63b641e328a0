"""A text in its normal form (NFKC), and the way back: what a reader found there, in the characters that were given."""

from unicodedata import normalize


class Given:
    """``normal`` is ``text`` with every character normalised by itself; ``back`` cuts the given text where the normal one is cut."""

    def __init__(self, text: str) -> None:
        self.text = text
        pieces = [normalize("NFKC", sign) for sign in text]
        self.normal = "".join(pieces)
        # A character may become several (⅛ is three), or none.
        self._origin = [index for index, piece in enumerate(pieces) for _sign in piece]

    def back(self, start: int, end: int) -> str:
        """What was given for ``normal[start:end]``; a character that is cut in the middle is given whole."""
        return self.text[self._origin[start] : self._origin[end - 1] + 1] if start < end else ""

    def find(self, normal: str, start: int = 0) -> tuple[str, int]:
        """What was given for the first place after ``start`` that says ``normal``, and where that ends; when there is none,
        ``normal`` itself and ``start``."""
        at = self.normal.find(normal, start)
        return (normal, start) if at < 0 or not normal else (self.back(at, at + len(normal)), at + len(normal))
