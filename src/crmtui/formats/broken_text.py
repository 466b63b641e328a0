"""Text in which some bytes are not in the file's encoding: a file glued from two, or damaged on the way.

Such bytes are decoded to lone surrogates, so that nothing is lost: a row in which they appear is read again in the encoding it
is really in, or is known as broken and can be written back byte by byte.
"""

import codecs
import re
from collections.abc import Sequence

from crmtui.formats.encoding import detect_encoding, python_codec

BYTES = "crmtui.bytes"
"""The name of the error handler: decoding keeps what is no text as lone surrogates, encoding writes it back."""
_BROKEN = re.compile("[\udc80-\udcff]")
_LONG = re.compile("[\u0800-\ud7ff\ue000-\U0010ffff]")
_met = 0


def _handle(error: UnicodeError) -> tuple[str | bytes, int]:
    global _met
    if isinstance(error, UnicodeDecodeError):
        _met += 1
        wrong = error.object[error.start : error.end]
        return "".join(chr(0xDC00 + byte) if byte > 127 else chr(byte) for byte in wrong), error.end
    if isinstance(error, UnicodeEncodeError):
        if error.encoding.startswith(("utf-16", "utf-32")):
            return "\ufffd" * (error.end - error.start), error.end  # single bytes have no place there
        lost = (ord(character) for character in error.object[error.start : error.end])
        return bytes(code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else ord("?") for code in lost), error.end
    raise error


codecs.register_error(BYTES, _handle)


def bytes_met() -> int:
    """How often this process has met bytes that are no text; as long as that stays, nothing read since is broken."""
    return _met


def is_broken(cells: Sequence[str]) -> bool:
    """Whether a row holds bytes that are no text."""
    return any(_BROKEN.search(cell) for cell in cells if not cell.isascii())


def shown(cell: str) -> str:
    """``cell`` with U+FFFD for bytes that are no text."""
    return cell if cell.isascii() else _BROKEN.sub("\ufffd", cell)


def mend(cells: Sequence[str], encoding: str) -> tuple[list[str], str] | None:
    """A broken row of a file in ``encoding``, read in the encoding its bytes are in, and which one that is; None when it
    is not text in any."""
    codec = python_codec(encoding)
    if encoding.startswith(("utf-16", "utf-32")):
        return None
    if encoding.startswith("utf-8") and any(_BROKEN.search(cell) and _LONG.search(cell) for cell in cells):
        return None  # three bytes in a row that are UTF-8 are no chance: the cell is damaged, not foreign
    raw = {at: cell.encode(codec, BYTES) for at, cell in enumerate(cells) if _BROKEN.search(cell)}
    for other, sure in [("utf-8", 1.0), *detect_encoding(b"\n".join(raw.values()))]:
        if other == encoding or sure < 0.4 or other.startswith("utf-16"):
            continue
        try:
            mended = {at: cell.decode(python_codec(other)) for at, cell in raw.items()}
        except UnicodeDecodeError:
            continue
        return [mended.get(at, cell) for at, cell in enumerate(cells)], other
    return None
