"""Keeping a spreadsheet program from taking text of a CSV file for a formula, in a way that can be undone exactly.

``guard`` and ``unguard`` are a bijection between all texts and the guarded ones: a text that a program would evaluate,
also behind apostrophes, gets one apostrophe more; the reader takes exactly one away.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def guard(text: str) -> str:
    """``text`` as a spreadsheet program may safely open it."""
    return "'" + text if _DANGEROUS.match(text) else text


def unguard(text: str) -> str:
    """The text that ``guard`` was given; only for files written with the profile ``spreadsheet``."""
    return text[1:] if _GUARDED.match(text) else text
