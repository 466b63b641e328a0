"""Names of persons as they are compared: readings in Latin letters, and how alike two of their parts are."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from crmtui.domain.folding import fold, has_cjk
from crmtui.domain.matching.slips import osa_distance, winkler
from crmtui.domain.names import split_name
from crmtui.domain.pinyin import syllables
from crmtui.domain.surnames import COMPOUND_SURNAMES

SAME, READING, VARIANT, TYPO, INITIAL, NEAR, ALIAS, DIFFERENT = range(1, 9)
"""Levels of a given name, from the same to another one; 0 says that it is missing. ALIAS: a Western name beside a Chinese one."""
FAMILY_SAME, FAMILY_VARIANT, FAMILY_TYPO, FAMILY_NEAR, FAMILY_DIFFERENT = range(1, 6)

_NOT_LETTERS = re.compile(r"[^\w]+|_")
_UMLAUTS = re.compile(r"(?<=[^jqxy])ue|(?<=\bj)ue(?=rg)|ae|oe")  # jue, que … are pinyin
_LU = re.compile(r"\b([ln])(?:v|yu)\b")
_PLAIN = {"ue": "u", "ae": "a", "oe": "o"}
_PARTICLES = frozenset(
    [
        "van",
        "von",
        "de",
        "der",
        "den",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "do",
        "du",
        "la",
        "le",
        "ter",
        "ten",
        "zu",
        "zum",
        "zur",
        "af",
        "av",
        "bin",
        "al",
        "el",
        "st",
        "y",
        "e",
    ]
)
_SUFFIXES = frozenset(["jr", "sr", "ii", "iii", "iv", "junior", "senior"])
_MEN = frozenset(["mr", "herr", "monsieur", "sr", "sir", "先生", "senor", "signor"])
_WOMEN = frozenset(
    [
        "mrs",
        "ms",
        "miss",
        "frau",
        "mme",
        "mlle",
        "madame",
        "女士",
        "小姐",
        "太太",
        "夫人",
        "sra",
        "srta",
        "senora",
        "signora",
        "lady",
    ]
)
_SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:[iuv]?a(?:ng?|i|o)?|[iuv]?e(?:ng?|i)?|[iu]?o(?:ng|u)?|ing?|iu|u[in]?|v[n]?|er)"
)
_NEAR_SHARE, _NEAR_WINKLER = 0.35, 0.88
_YOUNGER = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "iii": "iii", "iv": "iv"}


class PersonName(NamedTuple):
    """One reading of a name, in folded Latin letters; ``hanzi`` is the Chinese name in simplified characters, if it is one."""

    family: str
    given: str
    hanzi: str = ""
    suffix: str = ""
    title: str = ""


_Classes = dict[str, frozenset[int]]
_classes: _Classes = {}


def _nicknames() -> _Classes:
    if not _classes:
        from crmtui.domain.data import read_table

        found: dict[str, set[int]] = {}
        for number, line in enumerate(read_table("nicknames.txt")):
            for name in line.split():
                found.setdefault(letters(name), set()).add(number)
        _classes.update({name: frozenset(numbers) for name, numbers in found.items()})
    return _classes


@lru_cache(maxsize=100_000)
def letters(text: str) -> str:
    """A part of a Latin name as it is compared: folded, words apart by one space, umlauts written as plain vowels."""
    key = " ".join(_NOT_LETTERS.sub(" ", fold(text)).split())
    if "v" in key or "y" in key:
        key = _LU.sub(lambda found: found[1] + "u", key)
    return _UMLAUTS.sub(lambda found: _PLAIN[found[0]], key) if "e" in key else key


@lru_cache(maxsize=65536)
def spelt(chinese: str) -> str:
    """Chinese characters in pinyin, joined, as they are compared (ü as u)."""
    return letters("".join(syllables(chinese, person=True)).replace("v", "u"))


def person_names(name: str, family: str, given: str) -> tuple[PersonName, ...]:
    """The readings of a name as stored: the main one first, then what stands in brackets or beside it."""
    if name.isascii() and family and given and "(" not in name:
        words = name.split()
        title = suffix = ""
        if len(words) > 2 or "," in name:
            title, suffix = _marks(name)
        return (_latin(family, given, suffix, title),)
    parts = split_name(name)
    title, suffix = _marks(parts.honorific)
    if not (family or given) or (has_cjk(name) and not has_cjk(family + given)):
        family, given = parts.family, parts.given
    found = [_reading(family, given, suffix, title)]
    if parts.note and len(parts.note) < 40:
        aside = split_name(parts.note)
        found.append(_reading(aside.family or (family if has_cjk(name) else ""), aside.given, suffix, title))
    return tuple(found)


def _reading(family: str, given: str, suffix: str, title: str) -> PersonName:
    if has_cjk(family) or has_cjk(given):
        simple = fold(family).replace(" ", ""), fold(given).replace(" ", "")
        if len(simple[0]) <= 2 or simple[0] in COMPOUND_SURNAMES:
            # The given name is read as running text: only the first character of a whole name is read as a surname.
            rest = letters("".join(syllables(simple[1], person=False)).replace("v", "u")) if simple[1] else ""
            return PersonName(spelt(simple[0]), rest, "".join(simple), suffix, title)
        return PersonName(spelt(simple[0]), spelt(simple[1]), "", suffix, title)
    return _latin(family, given, suffix, title)


def _latin(family: str, given: str, suffix: str, title: str) -> PersonName:
    family, given = letters(family), letters(given)
    if " " in family:
        words = family.split()
        if words[-1] in _SUFFIXES:
            suffix = suffix or _YOUNGER[words.pop()]
        family = " ".join(word for word in words if word not in _PARTICLES) or " ".join(words)
    if " " in given:
        words = given.split()
        if words[-1] in _SUFFIXES:
            suffix = suffix or _YOUNGER[words.pop()]
        # An initial after a given name says too little to tell two people apart, and stands in one record only.
        given = " ".join([words[0], *(word for word in words[1:] if len(word) > 1 or len(words[0]) == 1)])
    return PersonName(family, given, "", suffix, title)


def _marks(text: str) -> tuple[str, str]:
    """(title, suffix): m, f or nothing; jr, sr, ii …"""
    title = suffix = ""
    for word in fold(text).replace(",", " ").replace(".", " ").split():
        if word in _YOUNGER and word != "sr":
            suffix = _YOUNGER[word]
        elif word in _WOMEN:
            title = "f"
        elif word in _MEN:
            title = title or "m"
    return title, suffix


@lru_cache(maxsize=200_000)
def given_level(one: str, other: str) -> int:
    """How alike two given names in Latin letters are."""
    if not one or not other:
        return 0
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return SAME
    first, second = one.split(), other.split()
    if min(map(len, first + second)) <= 2 and _initials_fit(first, second):
        return INITIAL
    if len(first) > 1 or len(second) > 1:
        return _words_level(first, second)
    classes = _nicknames()
    shared = classes.get(first[0])
    if shared and not shared.isdisjoint(classes.get(second[0], ())):
        return VARIANT
    return _spelling_level(one.replace(" ", ""), other.replace(" ", ""), chinese=is_chinese(one) and is_chinese(other))


def _words_level(first: list[str], second: list[str]) -> int:
    """The level of given names of several words: one may lack some of the other's, and one word may be a slip apart."""
    shorter, longer = sorted((first, second), key=len)
    fitting = [word for word in shorter if any(_word_fits(word, candidate) for candidate in longer)]
    if len(fitting) == len(shorter) and any(len(word) > 1 for word in shorter):
        return VARIANT
    if len(shorter) == len(longer):
        levels = [given_level(one, other) for one, other in zip(first, second, strict=True)]
        if levels.count(SAME) >= len(levels) - 1:
            return max(levels)
    level = given_level(first[0], second[0])
    if level in (SAME, VARIANT):
        return VARIANT
    joined = given_level("".join(first), "".join(second))
    return joined if joined == TYPO else NEAR if level == TYPO else DIFFERENT


def _word_fits(word: str, other: str) -> bool:
    return word == other or (len(word) == 1 and other.startswith(word)) or (len(other) == 1 and word.startswith(other))


def _initials_fit(first: list[str], second: list[str]) -> bool:
    """Whether one of the names is initials only, and fits the other: j, j p and jp fit john paul."""
    for short, long in ((first, second), (second, first)):
        if len(short) == 1 and 1 <= len(short[0]) <= 2 and all(len(word) > 2 for word in long):
            short = list(short[0])
        if all(len(word) == 1 for word in short) and len(short) <= max(len(long), 2):
            begins = [word[0] for word in long]
            if begins[: len(short)] == short:
                return True
            if len(long) == 1 and len(short) == 2 and is_chinese(long[0]):
                pieces = cut_syllables(long[0])
                return bool(pieces) and [piece[0] for piece in pieces] == short
    return False


@lru_cache(maxsize=65536)
def cut_syllables(text: str) -> tuple[str, ...]:
    """The pinyin syllables of a text of one to three of them; () when it is none."""
    found = _SYLLABLE.findall(text)
    return tuple(found) if 1 <= len(found) <= 3 and "".join(found) == text.replace(" ", "") else ()


def is_chinese(given: str) -> bool:
    """Whether a given name in Latin letters can be pinyin."""
    return bool(cut_syllables(given.replace(" ", ""))) and given not in _nicknames()


def is_western(given: str) -> bool:
    """Whether a given name is no pinyin: the name that a Chinese person uses with foreigners."""
    first = given.partition(" ")[0]
    return len(first) > 1 and not is_chinese(first)


def _spelling_level(one: str, other: str, *, chinese: bool = False) -> int:
    shorter = min(len(one), len(other))
    if chinese:
        # In pinyin one letter makes another syllable: only long names may differ by a slip.
        return TYPO if shorter >= 6 and osa_distance(one, other, 1) <= 1 else DIFFERENT
    allowed = 1 if shorter < 7 else 2
    limit = max(allowed, int(_NEAR_SHARE * max(len(one), len(other))))
    distance = osa_distance(one, other, limit)
    if distance <= allowed and shorter >= 3:
        return TYPO if shorter >= 4 else NEAR
    if distance <= limit and shorter >= 4:
        return NEAR
    return NEAR if one[0] == other[0] and winkler(one, other) >= _NEAR_WINKLER else DIFFERENT


@lru_cache(maxsize=200_000)
def family_level(one: str, other: str) -> int:
    """How alike two family names in Latin letters are."""
    if not one or not other:
        return 0
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return FAMILY_SAME
    first, second = one.split(), other.split()
    if (len(first) > 1 or len(second) > 1) and (first[0] == second[0] or first[-1] == second[-1]):
        return FAMILY_VARIANT
    if (len(one) == 1 and other.startswith(one)) or (len(other) == 1 and one.startswith(other)):
        return FAMILY_NEAR
    level = _spelling_level(
        one.replace(" ", ""), other.replace(" ", ""), chinese=bool(cut_syllables(one)) and bool(cut_syllables(other))
    )
    return {TYPO: FAMILY_TYPO, NEAR: FAMILY_NEAR}.get(level, FAMILY_DIFFERENT)


_GIVEN_RANK = (40, 0, 1, 6, 12, 16, 30, 44, 80)
_FAMILY_RANK = (40, 0, 6, 12, 30, 80)


@lru_cache(maxsize=100_000)
def name_levels(first: PersonName, second: PersonName) -> tuple[int, int, bool]:
    """(level of the given name, level of the family name, whether the parts are swapped) of two readings of a name."""
    if first.hanzi and second.hanzi:
        return _hanzi_levels(first, second)
    given, family = given_level(first.given, second.given), family_level(first.family, second.family)
    chinese = bool(first.hanzi or second.hanzi)
    if given == SAME and family == FAMILY_SAME:
        return (READING if chinese else SAME), family, False
    whole = _whole_level(first, second, chinese=chinese)
    if whole is not None:
        return whole
    swapped = False
    crossed = given_level(first.given, second.family), given_level(first.family, second.given)
    if crossed[0] and crossed[1]:
        family_crossed = family_level(first.family, second.given)
        if _GIVEN_RANK[crossed[0]] + _FAMILY_RANK[family_crossed] < _GIVEN_RANK[given] + _FAMILY_RANK[family] - 20:
            given, family, swapped = crossed[0], family_crossed, True
    elif SAME in crossed:
        # One of the two has a single word, written into the other part.
        given, family = (crossed[0], 0) if crossed[0] == SAME else (0, FAMILY_SAME)
        swapped = True
    if chinese and given == SAME:
        given = READING
    if given == DIFFERENT and family == FAMILY_SAME and is_western(first.given) != is_western(second.given):
        western, other = (first, second) if is_western(first.given) else (second, first)
        if other.hanzi or (is_chinese(other.given) and is_chinese(western.family)):
            given = ALIAS
    return given, family, swapped


def _whole_level(first: PersonName, second: PersonName, *, chinese: bool) -> tuple[int, int, bool] | None:
    """Levels by all words of the names, where it is not clear which of them are the family name: Zeng Xiao Ming, José García López."""
    if chinese:
        plain, other = (first, second) if first.hanzi else (second, first)
        joined = other.family.replace(" ", ""), other.given.replace(" ", "")
        if other.family and f"{plain.family}{plain.given}" in ("".join(joined), joined[1] + joined[0]):
            return READING, FAMILY_SAME, False
        return None
    if " " not in first.given + first.family + second.given + second.family:
        return None
    shorter, longer = sorted(
        ((first.given, first.family), (second.given, second.family)), key=lambda parts: len(" ".join(parts))
    )
    words, more = " ".join(shorter).split(), " ".join(longer).split()
    if len(words) < 2 or not set(words) <= set(more) or max(map(len, words)) < 3:
        return None
    if len(words) == len(more):
        return SAME, FAMILY_SAME, first.family != second.family
    if shorter[1] and shorter[1] != longer[1] and set(words) & set(longer[1].split()) == set():
        return VARIANT, FAMILY_VARIANT, False
    return None


def _hanzi_levels(first: PersonName, second: PersonName) -> tuple[int, int, bool]:
    if first.hanzi == second.hanzi:
        return (SAME if first.given else 0), FAMILY_SAME, False
    family = FAMILY_SAME if first.family == second.family else FAMILY_DIFFERENT
    cut = 2 if first.hanzi[:2] in COMPOUND_SURNAMES else 1
    cut_other = 2 if second.hanzi[:2] in COMPOUND_SURNAMES else 1
    if family == FAMILY_SAME and first.hanzi[:cut] != second.hanzi[:cut_other]:
        family = FAMILY_TYPO
    if not first.given or not second.given:
        return 0, family, False
    if first.given == second.given:
        # The same sound in other characters: taken down by ear, or another person.
        return (TYPO if first.hanzi[cut:] != second.hanzi[cut_other:] else SAME), family, False
    return DIFFERENT, family, False


def best_levels(first: tuple[PersonName, ...], second: tuple[PersonName, ...]) -> tuple[int, int, bool]:
    """The levels of the two readings that are most alike."""
    if len(first) == 1 and len(second) == 1:
        return name_levels(first[0], second[0])
    best: tuple[int, int, bool] | None = None
    rank = 999
    for one in first:
        for other in second:
            levels = name_levels(one, other)
            its_rank = _GIVEN_RANK[levels[0]] + _FAMILY_RANK[levels[1]]
            if its_rank < rank:
                best, rank = levels, its_rank
    return best or (0, 0, False)
