"""How well the high bytes of a text fit the encodings with one byte a character: the Western, Central European and Turkish
ones, which differ in a few letters only, and Cyrillic.

The letters of one word come from one alphabet: ``ř`` beside ``á`` is Czech, ``ø`` beside ``á`` is nobody's. That tells the
code pages apart where counting letters does not.
"""

import re
from collections import Counter

_LOOK_AT = 64 * 1024
_MOST_WORDS = 2_000
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_CYRILLIC = re.compile("[А-яЁёІіЇїЄєҐґ]+")
_RUN = re.compile(r"[^\x00-\x7f]+")
_SIGNS = frozenset("€…‘’‚“”„–—™\xa0£§©«»®°·´¿¡\xad")
_RARE = frozenset("þðýÞÐÝ")
# Letters besides a–z, by language; in lower case, as words are compared.
_WESTERN = (
    "äöüß",
    "éèêëàâçùûüîïôœæ",
    "áéíóúñüç",
    "ãõâêôáéíóúàç",
    "àèéìíòóùúç",
    "åäöéü",
    "æøåéä",
    "áðéíóúýþæö",
    "ëïéèöüóá",
    "šžõäöü",
)
_CENTRAL = ("áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "čćđšž", "ăâîşţșț", "äöüß")
_TURKISH = ("çğıöşüâîû", "äöüß")
_ALPHABETS = {
    "cp1252": tuple(map(frozenset, _WESTERN)),
    "cp1250": tuple(map(frozenset, _CENTRAL)),
    "iso8859-2": tuple(map(frozenset, _CENTRAL)),
    "cp1254": tuple(map(frozenset, _TURKISH)),
}
# What decides when a text reads equally well: how many files there are of each.
_USUAL = {"cp1252": 0.97, "cp1250": 0.955, "cp1254": 0.945, "iso8859-2": 0.94}
_VOWELS = frozenset("аеёиоуыэюяіїє")


def single_byte_scores(data: bytes) -> dict[str, float]:
    """For each encoding the share of high bytes that are where its letters and signs stand in real words, 0 to 1.07."""
    words = Counter(_WORD.findall(data[:_LOOK_AT])).most_common(_MOST_WORDS)
    total = sum(count * _high(word) for word, count in words)
    if not total:
        return {}
    found = {"cp1251": _cyrillic(words, total)}
    for encoding, usual in _USUAL.items():
        alphabets = _ALPHABETS[encoding]
        good = sum(count * _latin(word.decode(encoding, "replace"), alphabets) for word, count in words)
        found[encoding] = usual * good / total
    if found["cp1254"] > 0.97 * _USUAL["cp1254"] and sum(byte in data for byte in b"\xdd\xf0\xfd\xfe") > 1:
        found["cp1254"] = 0.99  # ı, ğ, ş and İ together and no á or í: Turkish alone writes so
    return found


def _high(word: bytes) -> int:
    return len(word.translate(None, bytes(range(128))))


def _latin(word: str, alphabets: tuple[frozenset[str], ...]) -> float:
    """The weight of the characters of a word that are not ASCII."""
    lower = word.lower().replace("i̇", "ı")  # İ in lower case is i and a dot
    letters = [each for each in lower if not each.isascii() and each.isalpha()]
    own = max(alphabets, key=lambda alphabet: sum(each in alphabet for each in letters)) if letters else frozenset()
    weight = 0.0
    for match in _RUN.finditer(lower):
        run = match.group()
        if len(run) > 2:
            continue  # accented letters stand between plain ones; longer runs are characters of several bytes
        before, after = lower[: match.start()], lower[match.end() :]
        for each in run:
            if each.isalpha():
                weight += (0.8 if each in _RARE else 1.0 if each in own else 0.5) * (1.0 if before or after else 0.3)
            elif each in _SIGNS:
                weight += 0.5 if not (before and after) or each in "’‘´\xad" else 0.2
    return weight


def _cyrillic(words: list[tuple[bytes, int]], total: int) -> float:
    """The weight of words that are Cyrillic throughout and capitalised as words are."""
    good = 0.0
    for word, count in words:
        text = word.decode("cp1251", "replace")
        lower = text.lower()
        if len(text) < 2 or not _CYRILLIC.fullmatch(text):
            continue
        if text[1:] == lower[1:]:
            good += count * len(text) * (1.0 if _VOWELS.intersection(lower) else 0.6)
        elif len(text) > 2 and text.isupper() and _VOWELS.intersection(lower):
            good += count * len(text) * 0.8
    # Two or three Hanzi can look like a Russian word; a line of them cannot.
    return good / total * (1.07 if total >= 8 else 0.9)
