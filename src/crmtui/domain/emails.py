"""E-mail addresses as people write them in a cell."""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import normalize

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
_SEPARATOR = re.compile(r"[\s;,、；，|]+")
_LONGEST = 2000


def parse_emails(text: str) -> list[Email]:
    """Return the addresses in `text`, parted by ; , 、 or spaces; `Name <a@b.c>` gives the name as label.

    [] for an empty cell; a piece that is no address comes back flagged INVALID. Never raises.
    """
    if _PLAIN.fullmatch(text) and ".." not in text:
        return [Email(text, text)]
    text = normalize("NFKC", text[:_LONGEST]).strip()
    emails: list[Email] = []

    def bracketed(found: re.Match[str]) -> str:
        emails.append(_email(found[2].strip(), found[1].strip(" \"'\t")))
        return " "

    rest = _BRACKETED.sub(bracketed, text)
    for piece in _SEPARATOR.split(rest):
        piece = piece.strip("<>()[]\"'。.:：")
        if piece[:7].casefold() == "mailto:":
            piece = piece[7:]
        if piece:
            emails.append(_email(piece, ""))
    return emails


def _email(value: str, label: str) -> Email:
    normalised = normalise_email(value)
    return Email(value, normalised, label, "" if normalised else INVALID)


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
