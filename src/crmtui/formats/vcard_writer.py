"""vCard 4.0 (RFC 6350) and 3.0 (RFC 2426), a card for each record; what has no property of its own is an ``X-CRMTUI-`` property.

Lines are folded after 75 bytes, never inside a character. Line ends in a text are ``\\n``; other control characters have no form in a
vCard and become U+FFFD. Labels of one's own are grouped as address books do it: ``item1.X-ABLabel``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO
from urllib.parse import quote

from crmtui.formats.csv_writer import cell_text
from crmtui.formats.table import Column, Profile, Row

_FOLD = 75
_LINE_END = re.compile("\r\n|[\r\n]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_TYPES = {"mobile": "cell", "work": "work", "home": "home", "fax": "fax", "main": "main"}
_EMAIL_TYPES = {"work": "work", "home": "home"}
_OWN = ("stage", "owner", "source", "created_at", "last_interaction_at", "archived_at")
_SERVICES = {"wechat": "X-WECHAT", "qq": "X-QQ"}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)|--(\d\d)-(\d\d)|(\d{4})-(\d\d)|(\d{4})")


def create(stream: BinaryIO, format_id: str, columns: Sequence[Column], profile: Profile, for_file: bool) -> "VCards":
    """Cards on ``stream``: version 3.0 for the format ``vcard3``, else 4.0."""
    return VCards(stream, old=format_id == "vcard3")


class VCards:
    """Cards one after another."""

    def __init__(self, stream: BinaryIO, *, old: bool) -> None:
        self.guarded = self.shortened = 0
        self._stream = stream
        self._old = old

    def write(self, row: Row) -> None:
        """Write the card of one whole record."""
        assert isinstance(row, Mapping)  # cards hold whole records
        card = _Card(old=self._old)
        card.put_record(row)
        self._stream.write(b"".join(map(folded, card.lines)))

    def finish(self) -> None:
        """Cards have no end."""

    def abandon(self) -> None:
        """Nothing is held."""


def folded(line: str) -> bytes:
    """A line as bytes, folded so that no piece is longer than 75 bytes."""
    left = line.encode("utf-8", "replace")
    pieces = []
    room = _FOLD
    while len(left) > room:
        end = room
        while left[end] & 0xC0 == 0x80:  # not inside of a character
            end -= 1
        pieces.append(left[:end])
        left = left[end:]
        room = _FOLD - 1  # a blank leads the pieces that follow
    return b"\r\n ".join([*pieces, left]) + b"\r\n"


def escape(text: str) -> str:
    """A text as a value, or as one part of a value of several."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return _CONTROL.sub("\ufffd", _LINE_END.sub("\\\\n", text))


def _parameter(text: str) -> str:
    """A text as the value of a parameter (RFC 6868)."""
    text = text.replace("^", "^^").replace('"', "^'")
    return '"' + _CONTROL.sub("\ufffd", _LINE_END.sub("^n", text)) + '"'


class _Card:
    """The lines of one card, not yet folded."""

    def __init__(self, *, old: bool) -> None:
        self.lines = ["BEGIN:VCARD", "VERSION:3.0" if old else "VERSION:4.0"]
        self._old = old
        self._groups = 0

    def put_record(self, record: Mapping[str, Any]) -> None:
        company = record.get("kind") == "company"
        name = record.get("name") or ""
        if not self._old:
            self._put("KIND", "org" if company else "individual")
        elif company:
            self._put("X-ABShowAs", "COMPANY")
        self._put("FN", escape(name))
        family, given = record.get("family_name") or "", record.get("given_name") or ""
        if self._old and not (family or given):
            family = name  # 3.0 wants a name in parts
        if family or given:
            self._put("N", f"{escape(family)};{escape(given)};;;")
        organisation = record.get("company") or (name if company else None)
        if organisation:
            self._put("ORG", escape(organisation))
        self._text("TITLE", record.get("job_title"))
        for point in record.get("phones", ()):
            self._point("TEL", point, _TYPES)
        for point in record.get("emails", ()):
            self._point("EMAIL", point, _EMAIL_TYPES)
        self._messaging(record)
        details = {each["value"]: each for each in record.get("url_details", ())}
        for url in record.get("urls", ()):
            self._point("URL", details.get(url, {"value": url}), _EMAIL_TYPES)
        for address in record.get("addresses", ()):
            self._address(address)
        self._birthday(record.get("birthday"))
        self._text("NOTE", record.get("notes"))
        if record.get("tags"):
            self._put("CATEGORIES", ",".join(map(escape, record["tags"])))
        if record.get("language"):
            self._put("X-CRMTUI-LANGUAGE" if self._old else "LANG", escape(record["language"]))
        self._others(record)
        if "id" in record:
            self._put("UID" if self._old else "UID;VALUE=text", f"crmtui-{record['id']}")
        if record.get("updated_at"):
            self._put("REV", escape(record["updated_at"]))
        self.lines.append("END:VCARD")

    def _messaging(self, record: Mapping[str, Any]) -> None:
        for point in record.get("messaging", ()):
            kind, value = point["kind"], point["value"]
            if kind in _SERVICES:
                self._labelled(_SERVICES[kind], escape(value), point.get("label"))
            else:
                address = quote(value, safe="@:/+._-~!$&'()*=")
                self._labelled(f"IMPP;X-SERVICE-TYPE={kind}", f"{kind}:{address}", point.get("label"))

    def _others(self, record: Mapping[str, Any]) -> None:
        """What vCard has no property for."""
        for key in _OWN:
            self._text(f"X-CRMTUI-{key.upper().replace('_', '-')}", record.get(key))
        if record.get("do_not_contact"):
            self._put("X-CRMTUI-DO-NOT-CONTACT", "true")
        for system, external_id in record.get("external_ids", {}).items():
            self._put(f"X-CRMTUI-EXTERNAL-ID;X-KEY={_parameter(system)}", escape(external_id))
        for key, value in record.get("custom", {}).items():
            if value is not None:
                self._put(f"X-CRMTUI-CUSTOM;X-KEY={_parameter(key)}", escape(cell_text(value)))
        for relation in record.get("relations", ()):
            self._put(f"X-CRMTUI-RELATION;X-KEY={_parameter(relation['kind'])}", escape(relation["name"]))
        for point in record.get("old_points", ()):
            self._put(f"X-CRMTUI-OLD;X-KEY={_parameter(point['kind'])}", escape(point["value"]))

    def _point(self, name: str, point: Mapping[str, Any], types: Mapping[str, str]) -> None:
        label = point.get("label")
        kind = types.get(label or "")
        parameters = [] if kind is None else [f"TYPE={kind}"]
        if point.get("primary"):
            parameters.append("TYPE=pref" if self._old else "PREF=1")
        if point.get("state"):
            parameters.append(f"X-CRMTUI-STATE={point['state']}")
        value = point["value"]
        if name == "URL":
            value = _CONTROL.sub("\ufffd", _LINE_END.sub(" ", value))  # an address is no text: nothing in it is escaped
        else:
            value = escape(value)
        self._labelled(";".join((name, *parameters)), value, None if kind else label)

    def _address(self, address: Mapping[str, Any]) -> None:
        label = address.get("label")
        kind = _EMAIL_TYPES.get(label or "")
        parts = ("street", "city", "region", "postal_code", "country")
        value = ";".join(("", "", *(escape(address.get(part) or "") for part in parts)))
        self._labelled(f"ADR;TYPE={kind}" if kind else "ADR", value, None if kind else label)

    def _birthday(self, text: str | None) -> None:
        if not text:
            return
        match = _DAY.fullmatch(text)
        if self._old or match is None:
            self._put("BDAY" if match else "BDAY;VALUE=text", escape(text))
        elif match[4]:
            self._put("BDAY", f"--{match[4]}{match[5]}")
        else:
            self._put("BDAY", text.replace("-", "") if match[1] else text)

    def _labelled(self, name: str, value: str, label: str | None) -> None:
        if not label:
            self._put(name, value)
            return
        self._groups += 1
        self._put(f"item{self._groups}.{name}", value)
        self._put(f"item{self._groups}.X-ABLabel", escape(label))

    def _text(self, name: str, value: str | None) -> None:
        if value:
            self._put(name, escape(value))

    def _put(self, name: str, value: str) -> None:
        self.lines.append(f"{name}:{value}")
