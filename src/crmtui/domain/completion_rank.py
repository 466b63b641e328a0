"""Completing a query while it is typed: what stands at the cursor, and which of many candidates fit what is typed so far.

The beginning of a candidate counts most, then the beginning of one of its words, pinyin and initials, a piece of it, its
letters in order, and at last what is only close, so that a slip of the finger still finds its word.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crmtui.domain.folding import fold, has_cjk
from crmtui.domain.pinyin import matches_pinyin
from crmtui.domain.query import fold_signs

_FILTER = re.compile(r'(custom\."[^"]*"|[^\W\d_][\w.-]*):(.*)', re.DOTALL)
_PLAIN = re.compile(r"[^\s()\",:|<>=]+")
_CLOSE_ENOUGH = 0.7
_CLOSE_AMONG = 200  # candidates compared letter by letter; more would take longer than a key may


class Spot(NamedTuple):
    """What is being typed at the cursor.

    ``field`` is the name before the colon as it stands there, empty while a field's name or a word is typed. ``typed`` is
    what stands between ``start`` and the cursor, without quotes; ``start`` and ``end`` are the characters that a completion
    replaces.
    """

    field: str
    typed: str
    start: int
    end: int


class Candidate(NamedTuple):
    """Something that may be inserted: the text to insert, how it is shown, a hint, and how many customers it would find.

    ``count`` is None where counting would take longer than a key may.
    """

    insert: str
    label: str
    hint: str = ""
    count: int | None = None  # type: ignore[assignment]  # hides tuple.count, which nobody wants here


def spot_at(text: str, cursor: int) -> Spot | None:
    """What is being typed at ``cursor`` (characters before it); None inside an exact phrase, where nothing can be offered."""
    text = fold_signs(text)
    cursor = max(0, min(cursor, len(text)))
    start, quoted = 0, False
    for position, character in enumerate(text[:cursor]):
        if character == '"':
            quoted = not quoted
        elif not quoted and (character.isspace() or character in "()|"):
            start = position + 1
    while start < cursor and text[start] == "-":
        start += 1
    found = _FILTER.fullmatch(text, start, cursor)
    if found is None:
        if '"' in text[start:cursor]:
            return None
        end = _end(text, cursor, "():|")
        return Spot("", text[start:cursor], start, end + (text[end : end + 1] == ":"))
    typed, start = found[2], found.start(2)
    if typed.startswith('"'):
        closed = typed.find('"', 1)
        if closed >= 0:
            return None
        end = text.find('"', cursor)
        return Spot(found[1], typed[1:], start, len(text) if end < 0 else end + 1)
    comma = typed.rfind(",")
    if comma >= 0:
        typed, start = typed[comma + 1 :], start + comma + 1
    return Spot(found[1], typed, start, _end(text, cursor, "(),|"))


def rank(typed: str, candidates: Iterable[Candidate], limit: int) -> list[Candidate]:
    """Those of ``candidates`` that fit what is typed, the best first; equally good ones keep their order."""
    wanted = fold(typed)
    known = list(dict.fromkeys(candidates))
    if not wanted:
        return known[:limit]
    tiers: list[list[Candidate]] = [[] for _tier in range(5)]
    others: list[Candidate] = []
    for candidate in known:
        tier = _tier(typed, wanted, candidate)
        (others if tier is None else tiers[tier]).append(candidate)
    found = [candidate for tier in tiers for candidate in tier]
    if len(found) < limit and len(wanted) >= 3 and len(others) <= _CLOSE_AMONG:
        found += _close(wanted, others)
    return found[:limit]


def as_value(value: str) -> str | None:
    """``value`` as it must be written behind the colon, in quotes where needed; None when the query language cannot say it."""
    if not value or '"' in value or any(character < " " for character in value):
        return None
    plain = _PLAIN.fullmatch(value) and fold_signs(value) == value and value != "none"
    return value if plain else f'"{value}"'


def _end(text: str, cursor: int, stops: str) -> int:
    """The end of the word that the cursor stands in."""
    end = cursor
    while end < len(text) and not text[end].isspace() and text[end] not in stops:
        end += 1
    return end


def _tier(typed: str, wanted: str, candidate: Candidate) -> int | None:
    written = candidate.insert.strip('":')
    own = (written,) if written == candidate.label else (written, candidate.label)
    texts = [fold(text) for text in (*own, candidate.hint) if text]
    if any(text.startswith(wanted) for text in texts[: len(own)]):
        return 0
    if any(word.startswith(wanted) for text in texts for word in text.split()):
        return 1
    if any(has_cjk(text) and matches_pinyin(typed, text, person=False) for text in (candidate.label, candidate.hint)):
        return 2
    if any(wanted in text for text in texts):
        return 3
    if len(wanted) >= 2 and any(_in_order(wanted, text) for text in texts[: len(own)]):
        return 4
    return None


def _in_order(wanted: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in wanted)


def _close(wanted: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    from difflib import SequenceMatcher

    matcher = SequenceMatcher()
    matcher.set_seq2(wanted)
    found = []
    for position, candidate in enumerate(candidates):
        best = 0.0
        for text in (candidate.insert.strip('":'), candidate.label):
            matcher.set_seq1(fold(text))
            if matcher.real_quick_ratio() >= _CLOSE_ENOUGH and matcher.quick_ratio() >= _CLOSE_ENOUGH:
                best = max(best, matcher.ratio())
        if best >= _CLOSE_ENOUGH:
            found.append((-best, position, candidate))
    return [candidate for _ratio, _position, candidate in sorted(found, key=lambda entry: entry[:2])]
