"""Lines of vCard and LDIF files as bytes: a fold may split a character, so nothing is decoded before lines are whole."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from crmtui.formats.text_source import BLOCK, text_blocks

LINE_LIMIT = 1024 * 1024


class Line(NamedTuple):
    """A line with the number of the physical line it starts on; ``cut`` when it was longer than ``LINE_LIMIT``."""

    number: int
    data: bytes
    cut: bool = False


def physical_lines(source: BinaryIO, encoding: str) -> Iterator[Line]:
    """The lines of a file without their ends (CR, LF, CRLF); encodings that are not made of ASCII become UTF-8."""
    number, rest, cut, after_cr = 0, b"", False, False
    for block in _blocks(source, encoding):
        if after_cr and block.startswith(b"\n"):
            block = block[1:]
        after_cr = block.endswith(b"\r")
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        for data in lines:
            number += 1
            yield Line(number, data[:LINE_LIMIT], cut or len(data) > LINE_LIMIT)
            cut = False
        if len(rest) > LINE_LIMIT:
            rest, cut = rest[:LINE_LIMIT], True
    if rest:
        yield Line(number + 1, rest, cut)


def _blocks(source: BinaryIO, encoding: str) -> Iterator[bytes]:
    if encoding.startswith(("utf-16", "utf-32")):
        for text in text_blocks(source, encoding, None):
            yield text.encode()
        return
    source.seek(0)
    first = True
    while block := source.read(BLOCK):
        yield block.removeprefix(b"\xef\xbb\xbf") if first else block
        first = False
