"""What the search index holds for a customer (``search_words`` says how typed words ask for it).

The index has one column, no positions, and prefix tables for 1 to 5 characters (measured in the research notes: 0.1 ms a page
at a million rows). Runs of 汉字 are stored as overlapping pairs plus the last character, so any piece of any length is found
by term look-ups; phones as their digits and, marked ``r``, as their digits reversed, so beginnings and ends are prefixes.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from crmtui.domain.folding import fold
from crmtui.domain.pinyin import name_keys
from crmtui.domain.search_words import SPELLED

_CJK_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_BORDER = re.compile(r"(?<=[a-z])(?=[0-9])")
_ONE_DIGIT_CODES = "17"
# fmt: off
_TWO_DIGIT_CODES = frozenset((
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53",
    "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94",
    "95", "98",
))
# fmt: on
_LONGEST_PART = 400  # characters of one field that are indexed; notes and names beyond that are found by a text scan


@lru_cache(maxsize=16384)
def _pairs(run: str) -> str:
    return " " + " ".join([run[i : i + 2] for i in range(len(run) - 1)] + [run[-1]]) + " "


def _pair_match(match: re.Match[str]) -> str:
    return _pairs(match[0])


@lru_cache(maxsize=16384)
def text_terms(text: str) -> str:
    """The index terms of free text, separated by spaces."""
    folded = fold(text[:_LONGEST_PART])
    if not folded.isascii():
        folded = _CJK_RUN.sub(_pair_match, folded)
    return _BORDER.sub(" ", folded)


def phone_terms(digits: str, *, international: bool) -> str:
    """The index terms of a phone: its beginning with and without the country code, and its end."""
    if international:
        return f"{digits} {digits[_country_code_length(digits) :]} r{digits[::-1]}"
    return f"{digits} r{digits[::-1]}"


def search_document(
    names: Iterable[str],
    texts: Iterable[str],
    phones: Iterable[tuple[str, bool]],
    *,
    person: bool,
) -> str:
    """The document of one customer.

    ``names`` get pinyin keys (surname readings when ``person``), ``texts`` (company, city, e-mails, handles, tags …) are
    split into terms, ``phones`` are (digits, whether they begin with the country code).
    """
    parts = []
    for name in names:
        parts.append(text_terms(name))
        if not name.isascii():
            keys = name_keys(name, person=person)
            parts += keys
            parts += [SPELLED + key for key in keys[:2]]  # the whole name and its initials, to be found first
    parts += [text_terms(text) for text in texts]
    parts += [phone_terms(digits, international=international) for digits, international in phones if digits]
    return " ".join(parts)


def _country_code_length(digits: str) -> int:
    if digits[:1] in _ONE_DIGIT_CODES:
        return 1
    return 2 if digits[:2] in _TWO_DIGIT_CODES else 3
