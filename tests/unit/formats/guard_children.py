"""What the tests of the guard run in a child; apart from them, so that the child does not import pytest."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from crmtui.errors import Conflict, FormatError
from crmtui.formats.table import Note
from crmtui.i18n import current_language


def batches(count: int) -> Iterator[list[tuple[str, ...]]]:
    for number in range(count):
        yield [(str(number), "张伟", "x" * 50)] * 100


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 100_000


def own_values() -> Iterator[object]:
    yield Note("code", "text", 3, 1)
    yield current_language()
    yield os.getpid()


def stays(seconds: float) -> Iterator[int]:
    yield os.getpid()
    time.sleep(seconds)


def foreign_value() -> Iterator[object]:
    yield os.system


def refuses() -> Iterator[int]:
    yield 1
    raise FormatError("bad row", where="a.csv, row 7", hint="mend it")


def conflicts() -> Iterator[int]:
    raise Conflict("changed", base={"a": 1}, theirs={"a": 2})
    yield 1


def greedy() -> Iterator[int]:
    yield len(bytearray(4 << 30))


def dies() -> Iterator[int]:
    yield 1
    os.kill(os.getpid(), signal.SIGSEGV)


def mistaken() -> Iterator[int]:
    yield {}["missing"]


def silent() -> Iterator[int]:
    yield 1
    time.sleep(60)


def spins() -> Iterator[int]:
    yield 1
    while True:
        pass


def chatty(path: Path) -> Iterator[str]:
    print("this must not reach the parent")
    sys.stderr.write("nor this\n")
    try:
        with path.open("w") as stream:
            stream.write("x" * 10)
    except OSError as error:
        yield type(error).__name__
