"""Addresses as they are compared: the street without its kind, the house number, postcode and town."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from crmtui.domain.folding import fold, has_cjk
from crmtui.domain.matching.slips import osa_distance
from crmtui.domain.pinyin import syllables

_KINDS = (
    ("street", "st"), ("str", "st"), ("strasse", "st"), ("road", "rd"), ("avenue", "av"), ("ave", "av"), ("drive", "dr"),
    ("lane", "ln"), ("court", "ct"), ("place", "pl"), ("crescent", "cr"), ("cres", "cr"), ("close", "cl"), ("square", "sq"),
    ("boulevard", "bd"), ("blvd", "bd"), ("highway", "hwy"), ("parkway", "pkwy"), ("terrace", "tce"), ("circuit", "cct"),
    ("calle", "c"), ("rue", "r"), ("platz", "pl"), ("gasse", "g"), ("weg", "w"), ("allee", "al"), ("via", "v"),
    ("lu", "rd"), ("jie", "st"), ("dadao", "ave"), ("north", "n"), ("south", "s"), ("east", "e"), ("west", "w"),
    ("suite", "unit"), ("ste", "unit"), ("apt", "unit"), ("apartment", "unit"), ("floor", "fl"), ("building", "bldg"),
    ("nr", ""), ("no", ""), ("number", ""),
)  # fmt: skip
_SHORT = dict(_KINDS)
_CHINESE_NUMBER = re.compile(r"(\d+)(?:-\d+)?\s*(?:号|號|弄)")
_NUMBER = re.compile(r"\b(\d+)\s?([a-z])?\b")
_WORDS = re.compile(r"[a-z0-9]+")
_GERMAN = re.compile(r"(?:strasse|str)$")
_PROVINCE = re.compile(r"^.{2,8}?(?:省|自治区|特别行政区)")
_TOWN = re.compile(r"^.{2,5}?市")
_UMLAUTS = re.compile(r"ue|ae|oe")
_CITY_END = re.compile(r"(?:市|地区)$|\b(?:shi|city)$")


class Place(NamedTuple):
    """A postal address as it is compared; every part folded, "" when missing."""

    street: str
    number: str
    unit: str
    postcode: str
    city: str
    region: str
    country: str


def place_of(street: str, city: str, region: str, postcode: str, country: str) -> Place:
    """An address as stored, ready to compare."""
    name, number, unit = street_of(street) if street else ("", "", "")
    return Place(
        name,
        number,
        unit,
        fold(postcode).replace(" ", "").replace("-", "") if postcode else "",
        town(city) if city else "",
        town(region) if region else "",
        fold(country),
    )


@lru_cache(maxsize=20_000)
def town(text: str) -> str:
    """The name of a town or region as it is compared: pinyin for Chinese, without 市 or city."""
    key = _CITY_END.sub("", fold(text)).strip()
    if has_cjk(key):
        key = key.removesuffix("省")
        key = "".join(syllables(key, person=False)).replace("v", "u")
    return _UMLAUTS.sub(lambda found: found[0][0], " ".join(_WORDS.findall(key)) or key)


@lru_cache(maxsize=20_000)
def street_of(text: str) -> tuple[str, str, str]:
    """(street, house number, rest) of a street line: `12 Baldwin Street, Flat 3`, `Hauptstr. 5`, `建国路88号5楼`."""
    key = fold(text)
    if has_cjk(key):
        return _chinese_street(key)
    first, _comma, rest = key.partition(",")
    if first.strip().isdigit() and rest:
        more, _comma, rest = rest.partition(",")
        first = f"{first} {more}"
    number = ""
    found = _NUMBER.search(first)
    if found is not None:
        number = found[1] + (found[2] or "")
        first = f"{first[: found.start()]} {first[found.end() :]}"
    words = [_GERMAN.sub("st", word) for word in _WORDS.findall(first)]
    name = " ".join(short for word in words if (short := _SHORT.get(word, word)))
    if "e" in name:
        name = _UMLAUTS.sub(lambda match: match[0][0], name)
    return name, number.lstrip("0"), " ".join(_WORDS.findall(rest))


def _chinese_street(key: str) -> tuple[str, str, str]:
    key = key.replace(" ", "")
    key = _PROVINCE.sub("", key)
    key = _TOWN.sub("", key)
    found = _CHINESE_NUMBER.search(key)
    number = rest = ""
    if found is not None:
        number, rest, key = found[1], key[found.end() :], key[: found.start()]
    for sign in ("区", "县", "镇"):
        before, found_sign, after = key.partition(sign)
        if found_sign and after and len(before) <= 4:
            key = after
    pieces = syllables(key, person=False)
    words = [_SHORT.get(pieces[-1], pieces[-1])] if pieces else []
    return " ".join(("".join(pieces[:-1]), *words)).replace("v", "u").strip(), number, rest


@lru_cache(maxsize=200_000)
def street_level(one: str, other: str) -> int:
    """1 the same street, 2 nearly, 3 another one, 0 not known."""
    if not one or not other:
        return 0
    if one == other:
        return 1
    joined, joined_other = one.replace(" ", ""), other.replace(" ", "")
    if joined == joined_other:
        return 1
    slips = max(len(joined), len(joined_other)) // 4
    return 2 if osa_distance(joined, joined_other, slips) <= slips or _stem(one) == _stem(other) else 3


def _stem(street: str) -> str:
    words = street.split()
    return " ".join(words[:-1]) if len(words) > 1 and len(words[-1]) <= 4 else street


@lru_cache(maxsize=200_000)
def text_level(one: str, other: str) -> int:
    """1 the same, 2 a slip of the hand apart, 3 different, 0 not known."""
    if not one or not other:
        return 0
    if one == other:
        return 1
    longest = max(len(one), len(other))
    allowed = 0 if longest < 3 else 1 if longest < 6 else 2
    return 2 if allowed and osa_distance(one, other, allowed) <= allowed else 3


@lru_cache(maxsize=200_000)
def number_level(one: str, other: str) -> int:
    """Like ``text_level`` for codes of digits: one digit wrong or two of them turned is near; "12" and "13" are not."""
    if not one or not other:
        return 0
    if one == other:
        return 1
    if min(len(one), len(other)) < 3:
        return 2 if sorted(one) == sorted(other) and len(one) > 1 else 3
    return 2 if osa_distance(one, other, 1) <= 1 else 3
