"""E-mail addresses as people write them in a cell."""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import normalize

from crmtui.domain.given import Given

INVALID = "invalid"
"""Not an address: nothing before or after the @, no dot in the domain, or a character that cannot be in one."""


class Email(NamedTuple):
    """One address of a cell: `value` as written, `normalised` to compare by ("" when invalid), the name beside it.

    `flag` is "" or INVALID.
    """

    value: str
    normalised: str
    label: str = ""
    flag: str = ""


_PLAIN = re.compile(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
_ADDRESS = re.compile(r"[^\s@<>()\[\]\",;:、；，]{1,64}@[^\s@<>()\[\]\",;:、；，/\\]{1,253}")
_BRACKETED = re.compile(r"(\"[^\"]*\"|[^<>;,]*?)\s*<\s*(?:mailto:)?([^<>]*)>", re.IGNORECASE)
_PIECE = re.compile(r"[^\s;,、|]+")
_AROUND = "<>()[]\"'。.:："
_LONGEST = 2000
_Span = tuple[int, int]


def parse_emails(text: str) -> list[Email]:
    """Return the addresses in `text`, parted by ; , 、 or spaces; `Name <a@b.c>` gives the name as label.

    Values are as they were written, but for blanks, quotes, brackets and full stops around them. What is no address comes back
    flagged INVALID; when there is none at all, that is the whole text, exactly. [] for an empty cell. Never raises.
    """
    if _PLAIN.fullmatch(text) and ".." not in text:
        return [Email(text, text)]
    text = text.strip()
    if not text.strip("; "):
        return []
    emails = [] if len(text) > _LONGEST else _read(text)
    return emails if any(email.normalised for email in emails) else [Email(text, "", flag=INVALID)]


def _read(text: str) -> list[Email]:
    given = Given(text)
    emails: list[Email] = []
    start = 0
    for found in _BRACKETED.finditer(given.normal):
        emails += _pieces(given, start, found.start())
        value = given.back(*found.span(2)).strip()
        normalised = normalise_email(value)
        if normalised:
            emails.append(Email(value, normalised, given.back(*found.span(1)).strip(" \"'\t＂＇\u3000")))
        else:
            emails.append(Email(given.back(*found.span()).strip(), "", flag=INVALID))
        start = found.end()
    return emails + _pieces(given, start, len(given.normal))


def _pieces(given: Given, start: int, end: int) -> list[Email]:
    """The addresses without brackets in a part of a cell; words in a row that are none stay together."""
    emails: list[Email] = []
    no_address: _Span | None = None
    for found in _PIECE.finditer(given.normal, start, end):
        first, last = _bare(given.normal, *found.span())
        if first == last:
            continue  # nothing but signs that may stand around an address
        value = given.back(first, last)
        normalised = normalise_email(value)
        if normalised:
            emails.append(Email(value, normalised))
            no_address = None
        elif no_address is not None and ";" not in given.normal[no_address[1] : found.start()]:
            no_address = (no_address[0], found.end())
            emails[-1] = Email(given.back(*no_address), "", flag=INVALID)
        else:
            no_address = found.span()
            emails.append(Email(given.back(*no_address), "", flag=INVALID))
    return emails


def _bare(normal: str, start: int, end: int) -> _Span:
    """A span without the signs that may stand around an address."""
    while start < end and normal[start] in _AROUND:
        start += 1
    while start < end and normal[end - 1] in _AROUND:
        end -= 1
    if normal[start : start + 7].casefold() == "mailto:":
        start = min(end, start + 7)
    return start, end


def normalise_email(value: str) -> str:
    """Return the form two spellings of one address share (case, width, international domain as Unicode), or ""."""
    address = normalize("NFKC", value).strip().casefold()
    if not _ADDRESS.fullmatch(address) or ".." in address or not address.isprintable():
        return ""
    local, domain = address.rsplit("@", 1)
    domain = domain.rstrip(".")
    labels = domain.split(".")
    if len(labels) < 2 or not all(labels) or local.startswith(".") or local.endswith("."):
        return ""
    if "xn--" in domain:
        labels = [_unicode_label(label) for label in labels]
    if not all(label.replace("-", "").isalnum() for label in labels) or labels[-1].isdigit():
        return ""
    return f"{local}@{'.'.join(labels)}"


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return normalize("NFKC", label[4:].encode("ascii").decode("punycode")).casefold()
    except UnicodeError:
        return label
