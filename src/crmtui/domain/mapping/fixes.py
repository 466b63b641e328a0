"""A better value for a cell that could not be read, where there is only one thing its writer can have meant.

A fix is proposed, never taken by itself; one that would not be read either is no fix.
"""

import re

from crmtui.domain.dates import parse_date
from crmtui.domain.emails import parse_emails
from crmtui.domain.phones import parse_phones

_AT = re.compile(r"\s*(?:\(at\)|\[at\]|\{at\}|＠|\s+at\s+|\(a\)|#at#)\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*(?:\(dot\)|\[dot\]|\{dot\}|\s+dot\s+|。|．)\s*", re.IGNORECASE)
_ENDINGS = re.compile(r"[,;]\s*(?=(?:com|cn|org|net|de|uk|co|edu|gov|io|fr|eu)\b)", re.IGNORECASE)
_HOSTS = re.compile(
    r"@(gmail|hotmail|outlook|yahoo|icloud|qq|163|126|sina|foxmail|live|aliyun)(com|cn|net)$", re.IGNORECASE
)
_NUMBERS = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})")
_LETTERS = str.maketrans("OoQlI|SB", "000111" + "58")
_LOOKS_DIALLED = re.compile(r"[\d+()\-./ OoQlI|SB]{7,20}")


def fix_of(key: str, code: str, text: str, region: str) -> str:
    """A value for a field that can be read instead of ``text``, which has the issue ``code``; "" when there is none.

    ``region`` (ISO 3166) reads national phone numbers.
    """
    text = text.strip()
    if not text or len(text) > 300:
        return ""
    if code == "not_an_email":
        return _email(text)
    if code == "not_a_date":
        return _date(text)
    if code == "not_a_phone":
        return _phone(text, region)
    return ""


def _email(text: str) -> str:
    better = _AT.sub("@", text)
    better = _DOT.sub(".", better)
    better = _ENDINGS.sub(".", better)
    better = re.sub(r"@{2,}", "@", better)
    better = re.sub(r"\.{2,}", ".", better)
    better = re.sub(r"\s*([@.])\s*", r"\1", better)
    better = _HOSTS.sub(r"@\1.\2", better)
    if better.count("@") > 1 or " " in better:
        return ""
    read = parse_emails(better)
    return read[0].value if better != text and len(read) == 1 and not read[0].flag else ""


def _date(text: str) -> str:
    """A date whose month cannot be one, but its day can: the two stand the other way round than in the rest of the column."""
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return ""
    first, _sign, second, last = found[1], found[2], int(found[3]), found[4]
    if len(first) == 4 and len(last) <= 2 and second > 12 >= int(last) > 0:
        swapped = f"{first}-{int(last):02}-{second:02}"
    elif len(last) == 4 and len(first) <= 2 and (second > 12) != (int(first) > 12):
        day, month = (second, int(first)) if second > 12 else (int(first), second)
        swapped = f"{last}-{month:02}-{day:02}"
    else:
        return ""
    return swapped if parse_date(swapped) == swapped else ""


def _phone(text: str, region: str) -> str:
    """A number typed with letters that look like digits."""
    if not _LOOKS_DIALLED.fullmatch(text) or sum(character.isdigit() for character in text) < 6:
        return ""
    better = text.translate(_LETTERS)
    if better == text:
        return ""
    read = parse_phones(better, region)
    return better if len(read) == 1 and read[0].e164 and not read[0].flag else ""
