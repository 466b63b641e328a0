"""What the search index holds for a customer, and how a typed word asks for it.

The index has one column, no positions, and prefix tables for 1 to 5 characters (measured in the research notes: 0.1 ms a page
at a million rows). Runs of 汉字 are stored as overlapping pairs plus the last character, so any piece of any length is found
by term look-ups; phones as their digits and, marked ``r``, as their digits reversed, so beginnings and ends are prefixes.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from crmtui.domain.folding import fold, has_cjk
from crmtui.domain.pinyin import name_keys, syllables

_CJK_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_BORDER = re.compile(r"(?<=[a-z])(?=[0-9])")
_PIECES = re.compile(r"[^\W_]+")
_PHONE_LIKE = re.compile(r"[-+().\s\d]*\d[-+().\s\d]*", re.ASCII)
_PHONE_SIGNS = re.compile(r"[-+().\s]")
_ONE_DIGIT_CODES = "17"
# fmt: off
_TWO_DIGIT_CODES = frozenset((
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53",
    "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94",
    "95", "98",
))
# fmt: on
SPELLED = "0"
"""Before the pinyin of a whole name: ``0zw`` is a name with just these initials, ``zw`` one that holds them."""
_LONGEST_PART = 400  # characters of one field that are indexed; notes and names beyond that are found by a text scan


@lru_cache(maxsize=65536)
def _pairs(run: str) -> str:
    return " " + " ".join([run[i : i + 2] for i in range(len(run) - 1)] + [run[-1]]) + " "


def _pair_match(match: re.Match[str]) -> str:
    return _pairs(match[0])


@lru_cache(maxsize=65536)
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


def match_expression(text: str) -> str | None:
    """``text`` as a MATCH expression of the index in which every word must be found; None when it holds no searchable word.

    Every word may be a beginning. User text never reaches the query grammar: each term is quoted.
    """
    folded = fold(text)
    terms: list[str] = []
    for word in [folded] if _PHONE_LIKE.fullmatch(folded) else folded.split():
        terms += _word_terms(word)
    return " AND ".join(dict.fromkeys(terms)) or None


def name_prefix(text: str) -> tuple[str, str]:
    """What the sort key of a name that begins with ``text`` begins with, and what the name itself must begin with ("" if given).

    ``张`` is looked for among the keys that begin with ``zhang``, of which some are 章.
    """
    words = text.strip()
    if has_cjk(words):
        return " ".join(syllables(words, person=True)), words
    return fold(words), ""


def spelled_name(text: str) -> str:
    """The index term of a name that ``text`` spells from its first letter on; "" when that is no spelling."""
    letters = fold(text).replace(" ", "").replace("'", "")
    return SPELLED + letters if len(letters) > 1 and letters.isascii() and letters.isalpha() else ""


def _word_terms(word: str) -> list[str]:
    digits = _PHONE_SIGNS.sub("", word)
    if digits.isascii() and digits.isdigit():
        digits = digits.removeprefix("00") if len(digits) > 6 else digits
        forms = {digits}
        if len(digits) > 7 and digits.startswith("0"):
            forms.add(digits[1:])  # the trunk 0 of a national number is not part of its international form
        return ["(" + " OR ".join(f'"{form}"* OR "r{form[::-1]}"*' for form in sorted(forms)) + ")"]
    terms = []
    for piece in _PIECES.findall(word):
        for start, run in _split_cjk(piece):
            if start:
                terms += [f'"{run[i : i + 2]}"' for i in range(len(run) - 1)] if len(run) > 1 else [f'"{run}"*']
            else:
                terms += [f'"{part}"*' for part in _BORDER.split(run) if part]
    return terms


def _split_cjk(piece: str) -> list[tuple[bool, str]]:
    """``piece`` cut where 汉字 begin and end: (is it 汉字, text)."""
    out: list[tuple[bool, str]] = []
    position = 0
    for match in _CJK_RUN.finditer(piece):
        if match.start() > position:
            out.append((False, piece[position : match.start()]))
        out.append((True, match[0]))
        position = match.end()
    if position < len(piece):
        out.append((False, piece[position:]))
    return out


def _country_code_length(digits: str) -> int:
    if digits[:1] in _ONE_DIGIT_CODES:
        return 1
    return 2 if digits[:2] in _TWO_DIGIT_CODES else 3
