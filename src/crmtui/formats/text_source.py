"""The text of a structured file (JSON, XML, HTML, vCard, LDIF): which encoding it is in, and its content block by block."""

import codecs
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from crmtui.errors import FormatError, UsageError
from crmtui.formats.encoding import BOMS, canonical_encoding, detect_encoding, encoding_candidates, python_codec
from crmtui.formats.source import FixedSizeFile
from crmtui.formats.table import Choices, EncodingCandidate, Note, place
from crmtui.i18n import _

HEAD = 256 * 1024
BLOCK = 256 * 1024
_EVIDENCE = 64 * 1024
_HIGH = re.compile(rb"[\x80-\xff]")


class Encoding(NamedTuple):
    """The encoding of a text file, how sure that is, what else it may be, and what to say about it."""

    name: str
    confidence: float
    candidates: tuple[EncodingCandidate, ...]
    notes: tuple[Note, ...]


def opened(path: Path | None, data: bytes | None) -> BinaryIO:
    """The file, or ``data`` when it came through a pipe."""
    return io.BytesIO(data) if data is not None else cast(BinaryIO, FixedSizeFile(path or Path()))


def settle_encoding(
    source: BinaryIO, choices: Choices, declared: Callable[[bytes], str | None] | None = None
) -> Encoding:
    """The encoding of ``source``, which is left at its beginning.

    A person's choice wins, then a byte order mark, then what ``declared`` finds in the head as long as the head can be
    read that way, then the structure of the bytes.
    """
    source.seek(0)
    head = source.read(HEAD) or b""
    evidence = _evidence(source, head)
    source.seek(0)
    found = detect_encoding(evidence, complete=len(head) < HEAD and evidence is head, region=choices.region)
    said = None if any(head.startswith(bom) for bom in BOMS.values()) or declared is None else declared(head)
    if said is not None and (known := _fits(said, evidence)):
        found = [(known, 1.0), *((name, confidence) for name, confidence in found if name != known)]
    candidates = encoding_candidates(found, evidence, chosen=choices.encoding)
    if choices.encoding:
        return Encoding(choices.encoding, 1.0, candidates, ())
    name, confidence = found[0]
    if confidence >= 0.75:
        return Encoding(name, confidence, candidates, ())
    others = ", ".join(each for each, _confidence in found[1:4])
    text = _("the encoding is probably {best}, perhaps {others}: check the sample").format(
        best=name, others=others or "?"
    )
    return Encoding(name, confidence, candidates, (Note("encoding_unsure", text),))


def _fits(said: str, evidence: bytes) -> str | None:
    """The name of a declared encoding when ``evidence`` is in it; declarations are often wrong."""
    try:
        name = canonical_encoding(said.strip())
        codecs.getincrementaldecoder(python_codec(name))("strict").decode(evidence)
    except (UnicodeDecodeError, UsageError):
        return None
    # What is read as UTF-16 because its declaration says so, and yet had the declaration in ASCII, is not.
    return None if name.startswith(("utf-16", "utf-32")) else name


def _evidence(source: BinaryIO, head: bytes) -> bytes:
    """Bytes to judge the encoding by: the head, or, where that is all ASCII, the first others further on."""
    if len(head) < HEAD or not head.isascii() or b"\0" in head:
        return head
    while block := source.read(BLOCK):
        if not block.isascii():
            found = _HIGH.search(block)
            start = found.start() if found else 0
            return block[start:] + (source.read(_EVIDENCE) or b"")
    return head


def text_blocks(source: BinaryIO, encoding: str, path: Path | None) -> Iterator[str]:
    """The content of ``source`` decoded strictly, without a byte order mark.

    Raises FormatError with the line and the byte that is not in the encoding.
    """
    source.seek(0)
    bom = BOMS.get(encoding, b"")
    offset = len(bom) if bom and source.read(len(bom)) == bom else 0
    source.seek(offset)
    decoder = codecs.getincrementaldecoder(python_codec(encoding))("strict")
    line = 1
    while True:
        block = source.read(BLOCK) or b""
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            whole = error.object
            at = offset + error.start - (len(whole) - len(block))
            line += whole[: error.start].decode(python_codec(encoding), "replace").count("\n")
            raise undecodable(encoding, at, whole[error.start], line, path) from None
        if text:
            yield text
        if not block:
            return
        line += text.count("\n")
        offset += len(block)


def undecodable(encoding: str, offset: int, value: int, line: int, path: Path | None) -> FormatError:
    """The refusal for a byte that is not in the encoding."""
    return FormatError(
        _("byte {offset} (0x{value:02X}) is not {encoding}").format(offset=offset, value=value, encoding=encoding),
        where=place(path, line),
        hint=_("Choose another encoding, or correct this row in the file."),
    )
