"""Lines and signs in ASCII, for terminals that draw them wrong.

``─ → … “`` are of "ambiguous" width: the program reckons one cell, a terminal set up for Chinese or Japanese may draw
two, and every line breaks. Other terminals lack the characters. Text is replaced cell by cell on its way to the
terminal, whoever drew it; what is stored stays as it is. Letters and Chinese characters are left alone.
"""

import unicodedata
from collections.abc import Mapping

AUTO, LINE, ASCII = "auto", "line", "ascii"

_HORIZONTAL = "─━┄┅┈┉╌╍═╴╶╸╺╼╾"
_VERTICAL = "│┃┆┇┊┋╎╏║╵╷╹╻╽╿"
_BOX, _BLOCKS, _BRAILLE = range(0x2500, 0x2580), range(0x2580, 0x25A0), range(0x2800, 0x2900)
_LOWER_BLOCKS, _BAR = "▁▂▃▄", "▏▎▍▌▐▕"
_SIGNS = {
    **dict.fromkeys("→▸▶►▷›»⇒", ">"),
    **dict.fromkeys("←◂◀◄◁‹«⇐", "<"),
    **dict.fromkeys("↑▲△▴⇧", "^"),
    **dict.fromkeys("↓▼▽▾↧", "v"),
    **dict.fromkeys("“”„″«»", '"'),
    **dict.fromkeys("‘’‚′", "'"),
    **dict.fromkeys("—–‒―‐‑−", "-"),
    **dict.fromkeys("·•∙‧・", "."),
    **dict.fromkeys("●◉◆■⬤★◈", "*"),
    **dict.fromkeys("○◇□☆◌", "o"),
    "»": ">",
    "«": "<",
    "…": "~",
    "⏎": "/",
    "↵": "/",
    "␣": "_",
    "✓": "+",
    "✔": "+",
    "✗": "x",
    "✕": "x",
    "✘": "x",
    "×": "x",
    "÷": "/",
    "±": "+",
    "☎": "T",
    "✉": "@",
    "¤": "$",
    "≤": "<",
    "≥": ">",
    "≠": "#",
    "≈": "~",
    "⌫": "<",
    "⇥": ">",
    **dict.fromkeys("␤↩↲", "/"),
    "␦": "?",
    "␡": "?",
    "\ufffd": "?",
    "\u00a0": " ",
}


def _twin(code: int) -> str:
    character = chr(code)
    if character in _SIGNS:
        return _SIGNS[character]
    if code in _BOX:
        return "-" if character in _HORIZONTAL else "|" if character in _VERTICAL else "+"
    if code in _BLOCKS:
        return "_" if character in _LOWER_BLOCKS else "|" if character in _BAR else "#"
    if code in _BRAILLE:
        return "."
    if 0x2400 <= code < 0x2420:
        return "?"  # the picture of a control character
    return character


class _Twins(dict[int, str]):
    """The translation table; entries are worked out when a character first appears."""

    def __missing__(self, code: int) -> str:
        self[code] = twin = _twin(code)
        return twin


_TWINS = _Twins()


def in_ascii(text: str) -> str:
    """``text`` with every line and sign as its ASCII twin: cell by cell, so that all columns stay where they are."""
    return text if text.isascii() else text.translate(_TWINS)


def may_be_wide(character: str) -> bool:
    """May a terminal draw this character, which counts as one cell, over two? (Greek, Cyrillic, ①, ℃ have no twin.)

    After such a character the cursor may stand one cell too far: whoever writes on must place it anew.
    """
    return unicodedata.east_asian_width(character) == "A"


def wants_ascii(setting: str, environment: Mapping[str, str], encoding: str | None) -> bool:
    """Shall lines be drawn in ASCII? ``setting`` is ``borders``; ``encoding`` is that of the terminal's stream.

    ``auto`` says so where the locale is not UTF-8, and on terminals that are older than line characters.
    """
    if setting != AUTO:
        return setting == ASCII
    if encoding is not None and encoding.lower().replace("-", "").replace("_", "") != "utf8":
        return True
    return environment.get("TERM", "") in ("vt52", "vt100", "vt102", "vt220", "dumb", "ansi")
