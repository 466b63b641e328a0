"""How wide the terminal draws characters: it is asked where its cursor stands after each."""

import os
import re
import sys
import time
from collections.abc import Sequence

SAMPLES = ("─", "→", "…", "汉", "😀")
"""A line, two signs of the program's own, a Chinese character, an emoji."""
RIGHT = {"─": 1, "→": 1, "…": 1, "汉": 2, "😀": 2}
"""The cells they take where the program reckons right."""
AMBIGUOUS = ("─", "→", "…")
SECONDS = 1.0
"""How long the answers may take, all together: they are asked for in one go, so a slow line is waited for once."""

_ANSWER = re.compile(rb"\x1b\[(\d+);(\d+)R")
_WHERE = "\x1b[6n"


def measured_widths(samples: Sequence[str] = SAMPLES, seconds: float = SECONDS) -> dict[str, int] | None:
    """The cells each sample takes, as the terminal at stdin and stdout draws it; None when it does not answer.

    What is written is erased again. Keys pressed meanwhile are lost.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    try:
        import termios
        import tty
    except ImportError:
        return None  # Windows: its console has no answer to read this way
    before = termios.tcgetattr(0)
    try:
        tty.setcbreak(0, termios.TCSAFLUSH)
        sys.stdout.write("".join(f"\r{sample}{_WHERE}" for sample in samples) + "\r\x1b[K")
        sys.stdout.flush()
        columns = _answers(len(samples), time.monotonic() + seconds)
    finally:
        termios.tcsetattr(0, termios.TCSAFLUSH, before)
    if len(columns) < len(samples):
        return None
    return {sample: column - 1 for sample, column in zip(samples, columns, strict=False)}


def _answers(wanted: int, deadline: float) -> list[int]:
    """The columns in the terminal's answers, as many as came until then."""
    from select import select

    read = b""
    while len(found := _ANSWER.findall(read)) < wanted:
        left = deadline - time.monotonic()
        if left <= 0 or not select([0], [], [], left)[0]:
            break
        piece = os.read(0, 1024)
        if not piece:
            break
        read += piece
    return [int(column) for _row, column in found]
