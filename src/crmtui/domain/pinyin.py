"""Chinese names by pinyin: what to index, how to sort, and whether a typed text finds a name.

Syllables are toneless with `v` for ü. The first character of a personal name is read as a surname (单 shan); the common
reading (dan) still finds it. The rules are those people know from WeChat: whole syllables, initials, or both mixed.
"""

from unicodedata import normalize

from crmtui.domain.folding import fold, has_cjk, is_cjk
from crmtui.domain.surnames import COMPOUND_READINGS, SURNAME_READINGS

KEY_LENGTH = 24
"""Keys of `name_keys` are cut at this many characters; `query_keys` cuts what is searched for likewise."""

_STARTS = 4  # A name can be found from each of its first four characters on.
_VARIED = 2  # Other readings are indexed for the first two characters.
_MAX_QUERY_KEYS = 8
_MAX_WAYS = 64
_LONGEST_READING = 6

# In names these are practically always read so, whatever running text does.
_NAME_READINGS = {"长": "chang", "都": "du", "曾": "zeng", "晟": "sheng", "翟": "zhai", "厦": "xia", "仇": "qiu"}
_WORDS: dict[str, tuple[str, ...]] = {
    "银行": ("yin", "hang"),
    "分行": ("fen", "hang"),
    "支行": ("zhi", "hang"),
    "商行": ("shang", "hang"),
    "车行": ("che", "hang"),
    "洋行": ("yang", "hang"),
    "行业": ("hang", "ye"),
    "重庆": ("chong", "qing"),
    "成长": ("cheng", "zhang"),
    "增长": ("zeng", "zhang"),
    "大厦": ("da", "sha"),
    "商厦": ("shang", "sha"),
    "会计": ("kuai", "ji"),
    "音乐": ("yin", "yue"),
    "乐器": ("yue", "qi"),
    "空调": ("kong", "tiao"),
    "调味": ("tiao", "wei"),
    "西藏": ("xi", "zang"),
    "番禺": ("pan", "yu"),
    "蚌埠": ("beng", "bu"),
    "六安": ("lu", "an"),
    "东阿": ("dong", "e"),
    "单县": ("shan", "xian"),
}
_WORD_CHARACTERS = frozenset("行重长厦会乐调藏番蚌六阿单")

Readings = tuple[str, ...]


class _ReadingCache(dict[str, Readings | None]):
    """Folded character → its readings, the primary first; None for what is no Chinese character."""

    def __missing__(self, character: str) -> Readings | None:
        readings: Readings | None = None
        if is_cjk(character):
            readings = _read(character)
            if character in _NAME_READINGS:
                readings = _first(_NAME_READINGS[character], readings)
        self[character] = readings
        return readings


class _SurnameCache(dict[str, Readings]):
    """Character with a reading of its own as a surname → its readings, that one first."""

    def __missing__(self, character: str) -> Readings:
        self[character] = _first(SURNAME_READINGS[character], _READINGS[character] or ())
        return self[character]


class _FormCache(dict[str, tuple[str, ...]]):
    """One reading → all that may be typed for it, whole or as its beginning (lü: lv, lu, lyu, l)."""

    def __missing__(self, reading: str) -> tuple[str, ...]:
        forms = [reading]
        if "v" in reading:
            forms += [reading.replace("v", "u"), reading.replace("v", "yu")]
        elif reading[0] in "jqxy" and reading[1:2] == "u":
            forms.append(reading.replace("u", "v", 1))
        forms.append(reading[0])
        if reading[:2] in ("zh", "ch", "sh"):
            forms.append(reading[:2])
        self[reading] = tuple(forms)
        return self[reading]


_READINGS = _ReadingCache()
_SURNAME_READINGS = _SurnameCache()
_FORMS = _FormCache()
_loaded: dict[str, Readings] = {}


_SINGLE_LOOKUPS = 12  # characters sought in the file one by one before the whole table is built (8 ms)
_lines: list[str] = []
_sought = 0


def _read(character: str) -> Readings:
    """Return the readings of a Chinese character; a few are sought in the lines, so that a look-up pays for no table."""
    global _sought
    if not _loaded and _sought < _SINGLE_LOOKUPS:
        if not _lines:
            from crmtui.domain.data import read_table

            _lines.extend(read_table("pinyin.txt"))
        _sought += 1
        found = [line.split(" ") for line in _lines if character in line]
        primary = [parts[0] for parts in found if character in parts[1]]
        return (*primary, *(parts[0] for parts in found if character not in parts[1])) or (character,)
    return _table().get(character, (character,))


def _table() -> dict[str, Readings]:
    if not _loaded:
        from crmtui.domain.data import read_table

        further: list[tuple[str, str]] = []
        for line in read_table("pinyin.txt"):
            syllable, primary, others = (line + " ").split(" ")[:3]
            _loaded.update(dict.fromkeys(primary, (syllable,)))
            further.append((syllable, others))
        for syllable, characters in further:
            for character in characters:
                _loaded[character] += (syllable,)
    return _loaded


def _first(reading: str, readings: Readings) -> Readings:
    """Return `readings` with `reading` moved, or added, to the front."""
    return (reading, *[other for other in readings if other != reading])


def _set_first(found: list[Readings | None], at: int, spelling: Readings) -> None:
    for place, syllable in enumerate(spelling, at):
        readings = found[place]
        if readings is not None and readings[0] != syllable:
            found[place] = _first(syllable, readings)


def _readings(key: str, *, person: bool) -> list[Readings | None]:
    """Return the readings of each character of a folded text, corrected by known words and by the surname."""
    found = list(map(_READINGS.__getitem__, key))
    if not _WORD_CHARACTERS.isdisjoint(key):
        for word, spelling in _WORDS.items():
            at = key.find(word)
            while at >= 0:
                _set_first(found, at, spelling)
                at = key.find(word, at + 1)
    if person and key:
        compound = COMPOUND_READINGS.get(key[:2])
        if compound is not None:
            _set_first(found, 0, compound)
        elif key[0] in SURNAME_READINGS:
            found[0] = _SURNAME_READINGS[key[0]]
    return found


def _elements(key: str, *, person: bool) -> tuple[list[Readings], list[str]]:
    """Cut a folded text into Chinese characters and runs of anything else: readings and initials of each.

    A run is its own reading and its own initial.
    """
    found = _readings(key, person=person)
    if None not in found:
        return found, [readings[0][0] for readings in found]  # type: ignore[index,return-value]  # None was ruled out
    elements: list[Readings] = []
    initials: list[str] = []
    run = ""
    for character, readings in zip(key, found, strict=True):
        if readings is None:
            run += character
            continue
        if run.strip():
            elements.append((run.strip(),))
            initials.append(run.strip())
        run = ""
        elements.append(readings)
        initials.append(readings[0][0])
    if run.strip():
        elements.append((run.strip(),))
        initials.append(run.strip())
    return elements, initials


def _letters(key: str) -> str:
    """Return a folded text without spaces and punctuation: pinyin runs through them."""
    return key if key.isalnum() else "".join(filter(str.isalnum, key))


def syllables(text: str, *, person: bool) -> list[str]:
    """Return the text in pinyin: one syllable per Chinese character, each other run as one folded piece.

    With `person`, the first character or two are read as a surname. A character without a known reading stands for
    itself.
    """
    key = fold(text)
    if key.isascii():
        return [key] if key else []
    return [readings[0] for readings in _elements(key, person=person)[0]]


def spelling(text: str, *, person: bool) -> str:
    """Return syllables and folded text, by which Chinese names sort (张伟: "zhang wei  张伟"); "" without 汉字."""
    key = fold(text)
    found = _readings(key, person=person)
    if None not in found:
        pieces = [readings[0] for readings in found]  # type: ignore[index]  # None was just ruled out
    elif any(found):
        pieces = [readings[0] for readings in _elements(key, person=person)[0]]
    else:
        return ""
    # Two spaces sort before a further syllable: 张伟 stands before 张伟爱.
    return f"{' '.join(pieces)}  {key}" if pieces else ""


def name_keys(text: str, *, person: bool) -> list[str]:
    """Return the index tokens by which a prefix search finds `text`; none when it holds no Chinese character.

    Joined pinyin and initials from each of the first four characters on (张三: zhangsan, zs, san), and the same with
    the other readings of the first two (单明: shanming, sm, danming, dm, ming). Tokens are cut at `KEY_LENGTH`.
    """
    if text.isascii():
        return []
    key = fold(text)
    if not key.isalnum():
        key = _letters(key)
    elements, initials = _elements(key, person=person)
    if not elements or (len(elements) == 1 and elements[0][0] == initials[0] and not has_cjk(key)):
        return []
    pieces = [readings[0] for readings in elements]
    joined, short = "".join(pieces), "".join(initials)
    keys = [joined]
    if len(short) > 1:
        keys.append(short)
    rest, short_rest = joined, short
    for piece, initial in zip(pieces[: _STARTS - 1], initials[:-1], strict=False):
        rest, short_rest = rest[len(piece) :], short_rest[len(initial) :]
        keys.append(rest)
        if len(short_rest) > 1:
            keys.append(short_rest)
    first = elements[0]
    if len(first) > 1 or "v" in first[0]:
        keys += _variants(first, "", joined, "", short)
    if len(pieces) > 1:
        second = elements[1]
        if len(second) > 1 or "v" in second[0]:
            before, after = pieces[0], joined[len(pieces[0]) :]
            short_before, short_after = initials[0], short[len(initials[0]) :]
            keys += _variants(second, before, after, short_before, short_after)
            keys += _variants(second, "", after, "", short_after)
    return keys if len(joined) < KEY_LENGTH - _LONGEST_READING else [token[:KEY_LENGTH] for token in keys]


def _variants(readings: Readings, before: str, after: str, short_before: str, short_after: str) -> list[str]:
    """Return the keys with the other readings of the character whose primary reading begins `after`."""
    keys = []
    primary, *others = readings
    tail, short_tail = after[len(primary) :], short_after[1:]
    if "v" in primary:
        others += [primary.replace("v", "u"), primary.replace("v", "yu")]
    for reading in others:
        keys.append(before + reading + tail)
        if reading[0] != primary[0] and (short_before or short_tail):
            keys.append(short_before + reading[0] + short_tail)
    return keys


def matches_pinyin(query: str, name: str, *, person: bool = True) -> bool:
    """Say whether what was typed finds `name`.

    It does when the query, without spaces and punctuation, can be cut into pieces for consecutive characters from any
    character of the name on, each piece a whole reading, its first letter, zh/ch/sh, or the character itself, and the
    last piece any beginning of a reading: zs, zhangs, zsan, 张s and san find 张三; ngsan and szhang do not. For ü one
    may type v, ü, yu or u. An empty query finds everything.
    """
    wanted = _query_letters(query)
    if not wanted:
        return True
    key = _letters(fold(name))
    alternatives: list[tuple[str, ...]] = []
    for character, readings in zip(key, _readings(key, person=person), strict=True):
        if readings is None:
            alternatives.append((character,))
        elif len(readings) == 1:
            alternatives.append((character, *_FORMS[readings[0]]))
        else:
            alternatives.append((character, *[form for reading in readings for form in _FORMS[reading]]))
    return any(_matches_from(start, wanted, alternatives) for start in range(len(alternatives)))


def _matches_from(start: int, wanted: str, alternatives: list[tuple[str, ...]]) -> bool:
    open_rests = {wanted}
    for forms in alternatives[start:]:
        next_rests = set()
        for rest in open_rests:
            for form in forms:
                if form.startswith(rest):
                    return True
                if rest.startswith(form):
                    next_rests.add(rest[len(form) :])
        if not next_rests:
            return False
        open_rests = next_rests
    return False


def _query_letters(query: str) -> str:
    if not query.isascii():
        query = normalize("NFD", normalize("NFC", query).lower()).replace("u\u0308", "v")
    return _letters(fold(query))


def query_keys(query: str) -> list[str]:
    """Return what to look for, by prefix, among the tokens of `name_keys`, so that matches of `query` are candidates.

    The letters as typed come first; they stand for whole syllables or for initials. The rest, fewest syllables first,
    are the initials of the ways to read the query as a mixture (zsan: zs). At most eight; [] when the query is empty or
    holds other than ASCII letters and digits (look for its Chinese characters then).
    """
    wanted = _query_letters(query)
    if not wanted or not wanted.isascii():
        return []
    keys = [wanted[:KEY_LENGTH]]
    forms = _all_forms()
    # (initials so far, rest of the query, whether some piece was only an initial)
    ways = {("", wanted, False)}
    while ways and len(keys) < _MAX_QUERY_KEYS:
        longer: set[tuple[str, str, bool]] = set()
        for initials, rest, mixed in sorted(ways):
            if mixed and initials and rest in forms and (key := initials + rest[0]) not in keys:
                keys.append(key)
            if len(rest) > 1:
                longer.add((initials + rest[0], rest[1:], True))
            for length in range(2, min(len(rest), _LONGEST_READING + 1)):
                piece = rest[:length]
                if forms.get(piece):
                    longer.add((initials + rest[0], rest[length:], mixed))
                elif piece in ("zh", "ch", "sh"):
                    longer.add((initials + rest[0], rest[length:], True))
        ways = set(sorted(longer, key=lambda way: len(way[1]))[:_MAX_WAYS])
    return keys[:_MAX_QUERY_KEYS]


_all: dict[str, bool] = {}


def _all_forms() -> dict[str, bool]:
    """Return every beginning of a syllable, with whether it is a whole one."""
    if not _all:
        for reading in {reading for readings in _table().values() for reading in readings}:
            for form in _FORMS[reading][: 1 + ("v" in reading) * 2]:
                for length in range(1, len(form)):
                    _all.setdefault(form[:length], False)
                _all[form] = True
    return _all
