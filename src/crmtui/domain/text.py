"""Text from outside, made safe to show, and cut and padded by terminal cells.

`display_text` is the last step before a terminal. The stored value stays as it was.
"""

from unicodedata import category, normalize

ELLIPSIS = "…"
_LINE_END = "↵"
_REPLACEMENT = "\ufffd"
_MAX_MARKS = 8
_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = ("\U0001f3fb", "\U0001f3ff")
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")

_marks: set[str] = set()


def _shown(character: str) -> str:
    """Return what is shown for one character."""
    kind = category(character)
    code = ord(character)
    if character in "\n\r\x0b\x0c\x85\u2028\u2029":
        return _LINE_END
    if kind == "Zs" or character in "\t\u2800":
        return character if character == "\u3000" else " "
    if kind == "Cc":
        if code < 0x20:
            return chr(0x2400 + code)
        return "␡" if code == 0x7F else "␦"
    if kind == "Cs":
        return _REPLACEMENT
    if kind == "Cn":
        # Terminals disagree about the width of what is newer than they are; Chinese characters of any age are wide.
        return character if 0x20000 <= code <= 0x3FFFD else _REPLACEMENT
    if kind in ("Cf", "Me") or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return ""
    if character in "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0":
        return ""
    if _SKIN_TONES[0] <= character <= _SKIN_TONES[1]:
        return ""
    if _FLAG_LETTERS[0] <= character <= _FLAG_LETTERS[1]:
        return chr(ord("A") + code - ord(_FLAG_LETTERS[0]))
    if kind == "Mn":
        _marks.add(character)
    return character


class _ShownTable(dict[int, str]):
    """The translation table of `display_text`; entries are worked out when a character first appears."""

    def __missing__(self, code: int) -> str:
        shown = _shown(chr(code))
        self[code] = shown
        return shown


_SHOWN = _ShownTable()


def display_text(value: str, *, limit: int | None = None) -> str:
    """Return `value` as one line that no terminal can misread.

    Control characters become pictures (␛), line ends ↵, tabs spaces; bidi, zero-width, tag and variation characters
    and skin tones go; a joined emoji becomes its first, a flag its letters; at most eight marks stay on one letter;
    lone surrogates and unassigned characters become U+FFFD; the rest is NFC. With `limit`, at most so many characters,
    the last an ellipsis when something was left out.
    """
    if limit is not None and len(value) > 4 * limit + 64:
        value = value[: 4 * limit + 64]
    if not (value.isascii() and value.isprintable()):
        value = _printable(value)
    if limit is not None and len(value) > limit:
        return value[: limit - 1] + ELLIPSIS if limit > 0 else ""
    return value


def _printable(value: str) -> str:
    if "\r\n" in value:
        value = value.replace("\r\n", "\n")
    if _ZERO_WIDTH_JOINER in value:
        value = _first_of_joined(value)
    shown = normalize("NFC", value.translate(_SHOWN))
    if not _marks.isdisjoint(shown):
        shown = _without_long_marks(shown)
    return shown


def _is_pictograph(character: str) -> bool:
    return (
        "\u2190" <= character <= "\u2bff"
        or "\U0001f000" <= character <= "\U0001faff"
        or character == "\ufe0f"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _first_of_joined(value: str) -> str:
    """Drop the joiners, and every pictograph that one ties to the pictograph before it."""
    first, *others = value.split(_ZERO_WIDTH_JOINER)
    kept = first
    joined = bool(first) and _is_pictograph(first[-1])
    for part in others:
        rest = part
        if joined and part and _is_pictograph(part[0]):
            rest = part[1:].lstrip("\ufe0f")
            rest = rest.lstrip("".join(map(chr, range(ord(_SKIN_TONES[0]), ord(_SKIN_TONES[1]) + 1))))
            rest = rest.lstrip("\ufe0f")
        kept += rest
        if rest or not part:
            joined = bool(rest) and _is_pictograph(rest[-1])
    return kept


def _without_long_marks(shown: str) -> str:
    """Keep at most eight marks on one letter, and none before the first letter."""
    kept: list[str] = []
    run = _MAX_MARKS
    for character in shown:
        run = run + 1 if character in _marks else 0
        if run <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)


# The widths that nearly all text needs: they never changed from one version of Unicode to the next.
_NARROW = ("\x20\x7e", "\xa0\xac", "\xae\u02ff", "\u0370\u0373", "\u0391\u03a1", "\u03a3\u0482", "\u2010\u2027", "€€")
_WIDE = ("\u3001\u3029", "\u3041\u3094", "\u30a1\u30fa", "\u4e00\u9fa5", "\uac00\ud7a3", "\uff01\uff60")


class _UnusualCharacter(Exception):
    """A character whose width only the whole table knows, or the characters around it."""


class _Widths(dict[str, int]):
    """Cells by character; entries are worked out when a character first appears."""

    def __missing__(self, character: str) -> int:
        for width, spans in ((1, _NARROW), (2, _WIDE)):
            if any(span[0] <= character <= span[1] for span in spans):
                self[character] = width
                return width
        raise _UnusualCharacter


_WIDTHS = _Widths()


def cell_width(text: str) -> int:
    """Return how many terminal cells `text` takes; Chinese characters take two."""
    if text.isascii() and text.isprintable():
        return len(text)
    try:
        return sum(map(_WIDTHS.__getitem__, text))
    except _UnusualCharacter:
        from rich.cells import cell_len  # 4 ms, which most look-ups need not pay

        return cell_len(text)


def cut(text: str, width: int) -> str:
    """Return `text` in at most `width` cells, ending in `…` when something was left out; "" for no width."""
    if text.isascii() and text.isprintable():
        if len(text) <= width:
            return text
        return text[: width - 1] + ELLIPSIS if width > 0 else ""
    if len(text) <= 4 * width + 64 and cell_width(text) <= width:
        return text
    if width <= 0:
        return ""
    kept = text[: 4 * width + 64]
    # Leaving out a character frees at most two cells, so these steps never leave out one too many.
    while (excess := cell_width(kept + ELLIPSIS) - width) > 0:
        kept = kept[: -((excess + 1) // 2)]
    return kept + ELLIPSIS


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return `text` in exactly `width` cells, cut with `…` or filled with spaces (on the left when `right`)."""
    text = cut(text, width)
    missing = width - cell_width(text)
    if missing <= 0:
        return text
    return " " * missing + text if right else text + " " * missing


def wrapped(text: str, width: int, most: int) -> list[str]:
    """The text over at most ``most`` lines of ``width`` cells; the last one says when it was cut."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most - 1 and cell_width(rest) > width:
        piece = cut(rest, width)
        taken = len(piece) - 1 if piece.endswith("…") else len(piece)
        space = rest.rfind(" ", taken // 2, taken + 1)
        taken = space if space > 0 else taken
        lines.append(rest[:taken])
        rest = rest[taken:].lstrip()
    if rest:
        lines.append(cut(rest, width))
    return lines
