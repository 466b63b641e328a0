"""The lines of a vCard file put together again, and the cards they make up."""

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from crmtui.formats.content_lines import LINE_LIMIT, Line, physical_lines
from crmtui.i18n import _

MOST_PROPERTIES = 5_000
_BINARY = re.compile(rb"(?i)(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=]{20,}\Z")
_ENCODED = re.compile(rb"(?i)[^:]*;(?:ENCODING=)?\"?QUOTED-PRINTABLE\"?[;:]")
_KEPT_OF_BINARY = 2_000
_INDENTED_CODE = re.compile(rb"[ \t]+(?==[0-9A-Fa-f]{2})")


class CardLines(NamedTuple):
    """The properties of a card, the line it starts on, and what is wrong with it (an empty text: nothing)."""

    number: int
    lines: list[Line]
    wrong: str = ""


def cards(source: BinaryIO, encoding: str) -> Iterator[CardLines]:
    """Every card, also broken ones; a card inside another (AGENT) is left out with its property."""
    open_card: CardLines | None = None
    depth = 0
    for line in _unfolded(source, encoding):
        word = line.data[:20].strip().upper()
        if word == b"BEGIN:VCARD":
            if open_card is not None and (depth or _is_agent(open_card)):
                depth += 1
                continue
            if open_card is not None:
                yield open_card._replace(wrong=_("it has no end (END:VCARD)"))
            open_card, depth = CardLines(line.number, []), 0
        elif word == b"END:VCARD":
            if depth:
                depth -= 1
            elif open_card is not None:
                yield open_card
                open_card = None
        elif open_card is None:
            if line.data.strip():
                yield CardLines(line.number, [line], _("it stands outside of any card"))
        elif not depth and line.data.strip():
            if len(open_card.lines) < MOST_PROPERTIES:
                open_card.lines.append(line)
            elif not open_card.wrong:
                open_card = open_card._replace(wrong=_("it has more than {limit} lines").format(limit=MOST_PROPERTIES))
    if open_card is not None:
        yield open_card._replace(wrong=_("it has no end (END:VCARD)"))


def _is_agent(card: CardLines) -> bool:
    return bool(card.lines) and card.lines[-1].data[:6].upper() in (b"AGENT:", b"AGENT;")


def _unfolded(source: BinaryIO, encoding: str) -> Iterator[Line]:
    """The lines with those that continue them: indented ones, after a soft break of quoted-printable any one, after
    binary data also more of it."""
    number, parts, length, cut = 0, [b""], 0, False
    binary = encoded = False
    for line in physical_lines(source, encoding):
        data = line.data
        if encoded and parts[-1].endswith(b"="):
            parts[-1] = parts[-1][:-1]
            data = _INDENTED_CODE.sub(b"", data, count=1) if data[:1] in b" \t" else data
        elif data[:1] in (b" ", b"\t") and number:
            data = data[1:]
        elif not (binary and _BASE64.match(data)):
            if number:
                yield Line(number, b"".join(parts), cut)
            number, parts, length, cut = line.number, [data], len(data), line.cut
            binary = _BINARY.match(data) is not None
            encoded = _ENCODED.match(data) is not None
            if binary:
                parts = [data[:_KEPT_OF_BINARY]]
            continue
        length += len(data)
        limit = _KEPT_OF_BINARY if binary else LINE_LIMIT
        if length <= limit:
            parts.append(data)
        else:
            cut = cut or not binary
    if number:
        yield Line(number, b"".join(parts), cut)
