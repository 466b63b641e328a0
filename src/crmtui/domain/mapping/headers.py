"""What a column's header means: the synonym dictionary, compared in a normalised form."""

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from crmtui.domain.fields import FIELDS
from crmtui.domain.folding import simplified_table
from crmtui.domain.mapping.targets import CUSTOM, OF_MEANING

_REMARKS = re.compile(r"[((【\[](?:必填|选填|必須|可选|required|optional|est|元|万元|¥|usd|cny|rmb)[))】\]]")
_METADATA = re.compile(r"\s(?:\(metadata\)|cf_\d+)$")
_NUMBERED = re.compile(r"(?<=[^\W\d])\s?\(?\d{1,2}\)?$")
_SEPARATORS = re.compile(r"[\W_]+")
# Short words that tables made by programs use and that the dictionary of other systems' exports has not.
_MORE_WORDS = {
    "given": "given_name",
    "family": "family_name",
    "surname": "family_name",
    "last contact": "last_interaction_at",
    "do not contact": "do_not_contact",
    "external id": "external_ids",
    "street": "street",
    "phone mobile": "phones.mobile",
    "phone work": "phones.work",
    "phone home": "phones.home",
    "messaging": "messaging",
}
# Names of fields and filters that mean something else, or nothing certain, above a column.
_AMBIGUOUS = frozenset(("last", "Last", "is", "名称"))
_FUZZY_SHORTEST = 4
_FUZZY_SCORE = 85


class Meaning(NamedTuple):
    """What a header is known to mean: the target, whether the word is a strong one, and the synonym that matched."""

    target: str
    strong: bool
    synonym: str


class Dictionary(NamedTuple):
    """Normalised header → what it means; the first entry of a word wins."""

    words: dict[str, Meaning]
    meanings: dict[str, str]


def normalise_header(header: str) -> str:
    """``header`` as headers are compared: width, case, script, remarks such as （必填）, units and separators levelled."""
    text = normalize("NFKC", header).casefold().strip()
    text = _METADATA.sub("", _REMARKS.sub("", text))
    text = _SEPARATORS.sub("", text)
    return text if text.isascii() else text.translate(_simplified())


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    return {ord(source): target for source, target in simplified_table().items()}


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """The field registry's own names, then the synonyms of many programs in four languages."""
    from crmtui.domain.data import read_table

    words: dict[str, Meaning] = {}
    meanings: dict[str, str] = {}
    for field in FIELDS:
        for name in (field.key, field.label, *field.query):
            if name not in _AMBIGUOUS:
                words.setdefault(normalise_header(name), Meaning(field.key, True, name))
    for name, target in _MORE_WORDS.items():
        words.setdefault(normalise_header(name), Meaning(target, True, name))
    weak: list[tuple[str, Meaning]] = []
    for line in read_table("header_synonyms.csv")[1:]:
        canonical, _language, rest = line.split(",", 2)
        synonym, _comma, strength = rest.rpartition(",")
        synonym = synonym.strip('"')
        target = OF_MEANING.get(canonical, "custom." + synonym)
        word = normalise_header(synonym)
        meanings.setdefault(word, canonical)
        entry = Meaning(target, strength == "strong", synonym)
        if entry.strong:
            words.setdefault(word, entry)
        else:
            weak.append((word, entry))
    for word, entry in weak:
        words.setdefault(word, entry)
    return Dictionary(words, meanings)


def look_up(header: str) -> Meaning | None:
    """What ``header`` means by an exact synonym, or None. ``E-mail 2`` means what ``E-mail`` means."""
    if header.startswith(CUSTOM) and len(header) > len(CUSTOM):
        return Meaning(header, True, header)
    words = dictionary().words
    word = normalise_header(header)
    found = words.get(word)
    if found is None and (shorter := _NUMBERED.sub("", normalize("NFKC", header).strip())) != header:
        found = words.get(normalise_header(shorter))
    return found


def meaning_of(header: str) -> str:
    """The meaning of ``header`` as header_synonyms.csv names it, or an empty string."""
    return dictionary().meanings.get(normalise_header(header), "")


def look_up_fuzzy(header: str) -> tuple[Meaning, float] | None:
    """The closest synonym with its likeness (0 to 100), if it is close enough to be a slip of the pen."""
    word = normalise_header(header)
    if len(word) < _FUZZY_SHORTEST:
        return None
    from rapidfuzz import fuzz, process

    words = dictionary().words
    found = process.extractOne(
        word, [each for each in words if len(each) >= _FUZZY_SHORTEST], scorer=fuzz.ratio, score_cutoff=_FUZZY_SCORE
    )
    if found is None:
        return None
    return words[found[0]], float(found[1])
