"""What kind of values a column holds, judged by a sample."""

import re
from collections.abc import Callable, Sequence

from crmtui.domain.emails import normalise_email
from crmtui.domain.names import looks_like_company
from crmtui.domain.phones import parse_phones
from crmtui.domain.values import is_empty_word, parse_bool

_URL = re.compile(r"(?:https?://|www\.)\S+\.\S+", re.IGNORECASE)
_DATE_LIKE = re.compile(r"\d{1,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,4}日?)?.*|\d{8}", re.ASCII)
_PHONE_LIKE = re.compile(r"[+(\d０-９][\d０-９\s().+/\-;,、]{5,}", re.ASCII)
_KINDS = frozenset(
    ("person", "company", "个人", "企业", "公司", "單位", "单位", "individual", "organization", "organisation", "firma")
)
_LONG_TEXT = 30


def filled(values: Sequence[str]) -> list[str]:
    """The values that say something."""
    return [value.strip() for value in values if not is_empty_word(value)]


def share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    """The part of the filled values that pass ``test``; 0 when there are none."""
    told = filled(values)
    return sum(map(test, told)) / len(told) if told else 0.0


def is_email(value: str) -> bool:
    """Whether a cell holds e-mail addresses."""
    return all(normalise_email(part.strip()) for part in re.split("[;,]", value) if part.strip())


def is_phone(value: str, region: str) -> bool:
    """Whether a cell holds a phone number that can be understood."""
    return bool(_PHONE_LIKE.fullmatch(value)) and any(phone.e164 for phone in parse_phones(value, region))


def content_type(values: Sequence[str], region: str) -> str:
    """``emails``, ``phones`` or ``urls`` when nearly all values are of that kind, else an empty string."""
    told = filled(values)
    if not told:
        return ""
    if share(told, is_email) >= 0.8:
        return "emails"
    if share(told, lambda value: bool(_URL.fullmatch(value))) >= 0.8:
        return "urls"
    if share(told, lambda value: not _DATE_LIKE.fullmatch(value) and is_phone(value, region)) >= 0.8:
        return "phones"
    return ""


def holds_companies(values: Sequence[str]) -> bool:
    """Whether most of the values are names of firms."""
    return share(values, looks_like_company) >= 0.5


def fits(target: str, values: Sequence[str], region: str) -> bool:
    """Whether values are such as ``target`` takes; weak header words need this. A column without values fits."""
    told = filled(values)
    if not told:
        return True
    if target == "name":
        return share(told, lambda value: "@" not in value and not value.replace(".", "").isdigit()) >= 0.8
    if target == "kind":
        return share(told, lambda value: value.casefold() in _KINDS) >= 0.8
    if target.startswith("phones"):
        return share(told, lambda value: is_phone(value, region)) >= 0.5
    if target == "external_ids":
        return len(set(told)) == len(told) and max(map(len, told)) <= 40
    if target in ("stage", "owner", "city", "country"):
        return share(told, lambda value: len(value) <= _LONG_TEXT and not _DATE_LIKE.fullmatch(value)) >= 0.8
    if target == "do_not_contact":
        return share(told, lambda value: parse_bool(value) is not None) >= 0.8
    return True
