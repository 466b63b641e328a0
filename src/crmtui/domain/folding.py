"""The search key of a text: what makes `Müller` = `MULLER`, `張三` = `张三` and `ＡＢＣ` = `abc`.

Keys are only compared and indexed; what the user stored is never rewritten by them.
"""

from unicodedata import category, normalize

# Letters that no decomposition reduces to a plain one.
_LETTERS = {
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "þ": "th",
    "ħ": "h",
    "ŧ": "t",
    "ı": "i",
    "ŋ": "n",
    "ĸ": "k",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    # A middle dot parts the words of a transliterated name (约翰·史密斯).
    "·": " ",
    "•": " ",
    "・": " ",
    "‧": " ",
}
# Accents and points of scripts that are read without them. Marks elsewhere (kana voicing, Indic vowels) are letters.
_MARKS = ((0x300, 0x36F), (0x483, 0x489), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x1AB0, 0x1AFF))
_MORE_MARKS = ((0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF))
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_CJK_FIRST = "\u2e80"

_SINGLE_LOOKUPS = 16  # characters sought in the file one by one before the whole table is built (1 ms)
_traditional: dict[str, str] | None = None
_text = ""
_sought = 0


def simplified_table() -> dict[str, str]:
    """Return the map of single traditional, Japanese and variant characters to simplified ones (loaded once)."""
    global _traditional
    if _traditional is None:
        from crmtui.domain.data import read_table

        _traditional = {source: line[0] for line in read_table("traditional.txt") for source in line[1:]}
    return _traditional


def _simplified(character: str) -> str | None:
    """The simplified form of a character; a few are sought in the text, so that a look-up pays for no table."""
    global _text, _sought
    if _traditional is not None or _sought >= _SINGLE_LOOKUPS:
        return simplified_table().get(character)
    if not _text:
        from crmtui.domain.data import read_text

        _text = read_text("traditional.txt")
    _sought += 1
    at = _text.find(character)
    start = _text.rfind("\n", 0, at) + 1
    return _text[start] if at > start else None


def _fold_character(character: str) -> str:
    """Return the key of one character outside ASCII, by the rules of `fold`."""
    kind = category(character)
    code = ord(character)
    if character.isspace() or kind[0] == "Z" or character == "\u2800":
        return " "
    if kind in ("Cc", "Cf", "Cs") or character in _FILLERS:
        return ""
    if any(low <= code <= high for low, high in _MARKS + _MORE_MARKS):
        return ""
    if character in _LETTERS:
        return _LETTERS[character]
    simple = _simplified(character) if character >= _CJK_FIRST else None
    if simple is not None:
        return simple
    for form in (normalize("NFKC", character).casefold(), normalize("NFKD", character).casefold()):
        # Kana and Hangul decompose as well, but their parts are not accents: their composed form is the key.
        if form != character and not _is_composed_letter(character, form):
            return form.translate(_KEYS)
    return character


def _is_composed_letter(character: str, form: str) -> bool:
    """Say whether `form` is only the decomposition of a kana, Hangul or Indic letter."""
    return normalize("NFC", form) == character and not any(
        low <= ord(mark) <= high for mark in form for low, high in _MARKS
    )


class _Keys(dict[int, str]):
    """The translation table of `fold`; entries are worked out when a character first appears."""

    def __missing__(self, code: int) -> str:
        key = _fold_character(chr(code))
        self[code] = key
        return key


_KEYS = _Keys({code: chr(code) for code in range(0x20, 0x7F)})
_KEYS.update({code: chr(code).lower() for code in range(0x41, 0x5B)})
_KEYS.update(dict.fromkeys((*range(0x20), 0x7F), ""))
_KEYS.update(dict.fromkeys((9, 10, 11, 12, 13, 28, 29, 30, 31), " "))


def fold(text: str) -> str:
    """Return the search key of `text`.

    Width and compatibility forms, case, accents (ß æ ø đ ł þ too) and the traditional forms of Chinese characters
    are levelled; control, zero-width and bidi characters are removed; white space and middle dots become single
    spaces, none at the ends. Folding a key again changes nothing. Any text is accepted, lone surrogates are dropped.
    """
    if text.isascii() and text.isprintable():
        key = text.lower()
    else:
        key = normalize("NFC", normalize("NFKC", text).translate(_KEYS))
    if " " in key:
        return " ".join(key.split())
    return key


def is_cjk(character: str) -> bool:
    """Say whether one character is a Chinese character (汉字), any extension included."""
    return (
        "\u4e00" <= character <= "\u9fff"
        or "\u3400" <= character <= "\u4dbf"
        or "\uf900" <= character <= "\ufaff"
        or "\U00020000" <= character <= "\U000323af"
        or character == "〇"
    )


def has_cjk(text: str) -> bool:
    """Say whether `text` holds at least one Chinese character (汉字)."""
    return not text.isascii() and any(map(is_cjk, text))
