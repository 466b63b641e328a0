"""XML: a ``customer`` element for each record, with its keys as elements and lists as repeated elements.

What XML 1.0 cannot hold is written as ``_xHHHH_`` (the UTF-16 code unit in hexadecimal, as in workbooks), in text and in the names of
elements alike; a literal ``_xHHHH_`` has its underscore written as ``_x005F_``. The root element says so in its attribute ``escape``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from crmtui.formats.csv_writer import cell_text
from crmtui.formats.table import Column, Profile, Row

_ESCAPE = "_xHHHH_"
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
# Letters that every edition of XML 1.0 lets a name begin with: parsers still go by the fourth.
_NAME_START = "A-Z_a-zÀ-ÖØ-öø-ÿΑ-ΡΣ-Ωα-ωА-яぁ-んァ-ヺ一-龥가-힣"
_NO_NAME = re.compile(rf"[^{_NAME_START}0-9.\-]|\A[^{_NAME_START}]|_(?=x[0-9A-Fa-f]{{4}}_)|\A(?i:x)(?=(?i:ml))")


def create(stream: BinaryIO, format_id: str, columns: Sequence[Column], profile: Profile, for_file: bool) -> "XmlTable":
    """A document of records on ``stream``."""
    return XmlTable(stream, columns)


def escape_text(text: str) -> str:
    """Text for the content of an element; carriage returns as references, as parsers change them otherwise."""
    text = _NO_TEXT.sub(_code, text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def element_name(key: str) -> str:
    """A key as the name of an element."""
    return _NO_NAME.sub(_code, key) or "_x0000_"


def _code(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"_x{units[at]:02X}{units[at + 1]:02X}_" for at in range(0, len(units), 2))


class XmlTable:
    """Records one after another; a row given as a sequence has its columns' keys as elements."""

    def __init__(self, stream: BinaryIO, columns: Sequence[Column]) -> None:
        self.guarded = self.shortened = 0
        self._stream = stream
        self._keys = [column.key for column in columns]
        stream.write(
            b'<?xml version="1.0" encoding="UTF-8"?>\n'
            + f'<customers program="crmtui" escape="{_ESCAPE}" xml:space="preserve">\n'.encode()
        )

    def write(self, row: Row) -> None:
        """Write one record."""
        record = row if isinstance(row, Mapping) else dict(zip(self._keys, row, strict=False))
        parts: list[str] = []
        _element(parts, "customer", record)
        self._stream.write("".join(parts).encode() + b"\n")

    def finish(self) -> None:
        """Close the root."""
        self._stream.write(b"</customers>\n")

    def abandon(self) -> None:
        """Nothing is held."""


def _element(parts: list[str], name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, (list, tuple)):
        for each in value:
            _element(parts, name, each)
        return
    parts.append(f"<{name}>")
    if isinstance(value, Mapping):
        for key, each in value.items():
            _element(parts, element_name(str(key)), each)
    else:
        parts.append(escape_text(cell_text(value)))
    parts.append(f"</{name}>")
