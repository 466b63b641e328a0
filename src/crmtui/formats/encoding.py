"""Which encoding a text file is in, told from the structure of its bytes.

Statistical detectors fail on short tables (one Chinese column, three rows), so each codec is judged by how common the
characters are that it would produce: level 1 Hanzi for GB18030 and Big5, kana for Shift-JIS, Hangul for Korean, single
accented letters between ASCII letters for cp1252.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable

from crmtui.errors import UsageError
from crmtui.i18n import _

OFFERED = ("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "gb18030", "big5", "cp932", "cp949", "cp1252")
BOMS = {
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
    "utf-8-sig": codecs.BOM_UTF8,
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "gb18030": b"\x84\x31\x95\x33",
}
# The wider codec of each family reads everything its relatives do: gb2312 and gbk files hold names outside gb2312.
_SAME = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp950": "big5",
    "big5hkscs": "big5",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
}
_REGIONS = {"CN": "gb18030", "SG": "gb18030", "TW": "big5", "HK": "big5", "MO": "big5", "JP": "cp932", "KR": "cp949"}
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_LETTERS = frozenset((*range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x100), *b"\x8a\x8c\x8e\x9a\x9c\x9e\x9f"))
_SIGNS = frozenset(b"\x80\x85\x91\x92\x93\x94\x96\x97\x99\xa0\xa3\xa7\xa9\xab\xae\xb0\xb2\xb3\xb4\xb7\xba\xbb\xbf\xa1")


def python_codec(encoding: str) -> str:
    """The Python codec that reads files of ``encoding``."""
    return "big5hkscs" if encoding == "big5" else "utf-8" if encoding == "utf-8-sig" else encoding


def canonical_encoding(name: str) -> str:
    """The name used for an encoding a person typed; UsageError if there is no such text encoding."""
    try:
        info = codecs.lookup(name)
        "".encode(info.name)
    except (LookupError, ValueError):
        raise UsageError(
            _("there is no encoding named “{name}”").format(name=name),
            hint=_("Common ones: {names}.").format(names=", ".join(OFFERED)),
        ) from None
    return _SAME.get(info.name, info.name)


def detect_encoding(data: bytes, *, complete: bool = True, region: str | None = None) -> list[tuple[str, float]]:
    """Encodings ``data`` may be in, likeliest first, each with a confidence from 0 to 1.

    ``data`` is the file or a piece of it (``complete`` False: it may end inside a character); ``region`` an ISO country
    code whose own encoding wins a close call.
    """
    for encoding, bom in BOMS.items():
        if data.startswith(bom):
            return [(encoding, 1.0)]
    if data.isascii() and b"\0" not in data:
        return [("utf-8", 1.0)]
    if wide := _utf16(data):
        return [(wide, 0.95)]
    scores = {"utf-8": _utf8(data, complete)}
    for encoding, weigh in _WEIGHTS.items():
        scores[encoding] = _multibyte(data, encoding, weigh, complete)
    if scores["cp949"] < 1.0:
        scores["cp949"] *= 0.6
    scores["cp1252"] = _single_byte(data)
    if (own := _REGIONS.get((region or "").upper())) and scores[own] > 0.5:
        scores[own] += 0.04
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    evidence = sum(len(run) for run in _HIGH_RUN.findall(data[:4096])) or 3
    certainty = 1 - 0.5 / (1 + evidence / 6)
    if ranked[0][0] == "utf-8" and ranked[0][1] >= 1 and evidence > 4:
        certainty = 1.0
    elif ranked[0][1] - ranked[1][1] < 0.06:
        certainty *= 0.8
    found = [(encoding, round(min(1.0, score) * certainty, 2)) for encoding, score in ranked if score > 0.05]
    return found or [("cp1252", 0.1)]


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: ASCII signs leave a NUL on one side of each pair."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if even + odd < max(2, len(data) // 20) or max(even, odd) < 8 * min(even, odd) + 1:
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return encoding if _decoded(data, encoding, complete=False)[1] == 0 else None


def _decoded(data: bytes, codec: str, *, complete: bool) -> tuple[str, int]:
    """The text of ``data`` and the number of places that do not decode."""
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(data, complete), 0
    except UnicodeDecodeError:
        text = codecs.getincrementaldecoder(codec)("replace").decode(data, complete)
        return text, max(1, text.count("�"))


def _error_factor(errors: int, characters: int) -> float:
    """A codec that fails here and there may still be the right one (a file glued from two); one that fails often is
    not."""
    return 1.0 if not errors else 0.6 * max(0.0, 1 - 20 * errors / max(1, characters))


def _utf8(data: bytes, complete: bool) -> float:
    text, errors = _decoded(data, "utf-8", complete=complete)
    characters = sum(not character.isascii() for character in text) if errors else 0
    return 1.1 * _error_factor(errors, characters)


def _multibyte(data: bytes, encoding: str, weigh: Callable[[bytes], float], complete: bool) -> float:
    """How common the characters are that ``encoding`` makes of ``data``: mean weight, 0 to 1."""
    codec = python_codec(encoding)
    text, errors = _decoded(data, codec, complete=complete)
    counts = Counter(text)
    total, weight, korean = 0, 0.0, 0
    for character, count in counts.items():
        if character.isascii() or character == "�":
            continue
        total += count
        try:
            weight += count * weigh(character.encode(codec))
        except UnicodeEncodeError:
            continue
        if "가" <= character <= "힣":
            korean += count
        elif encoding == "cp949" and "一" <= character <= "鿿":
            return 0.3  # Hanja in a Korean table are rarer than Chinese text that happens to decode
    if not total:
        return 0.0
    # Common Hangul and Hanzi share their bytes: only many syllables in a row without a Hanja tell them apart.
    bonus = 0.05 if encoding == "cp949" and korean >= 8 and not errors else 0.02 if encoding == "gb18030" else 0.0
    return (weight / total) * _error_factor(errors, total) + (bonus if weight / total > 0.5 else 0)


def _single_byte(data: bytes) -> float:
    """The share of high bytes that look like one accented letter or sign in Western text."""
    good = 0.0
    total = 0
    for match in _HIGH_RUN.finditer(data[:65536]):
        run = match.group()
        total += len(run)
        if len(run) > 2:
            continue
        around = data[max(0, match.start() - 1) : match.start()] + data[match.end() : match.end() + 1]
        beside_letter = any(byte in b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" for byte in around)
        if beside_letter:
            good += sum(1.0 if byte in _LETTERS else 0.5 if byte in _SIGNS else 0.0 for byte in run)
        elif len(run) == 1 and run[0] in _SIGNS:
            good += 0.6
    return 0.97 * good / total if total else 0.0


def _gb18030_weight(code: bytes) -> float:
    if len(code) == 4:
        return 0.9 if "㐀" <= code.decode("gb18030") <= "䶿" or code[0] >= 0x95 else 0.05
    if len(code) != 2 or code[1] < 0xA1 or code[0] < 0xA1:
        return 0.12
    lead = code[0]
    if 0xB0 <= lead <= 0xD7:
        return 1.0
    return 0.7 if 0xD8 <= lead <= 0xF7 else 0.8 if lead in (0xA1, 0xA3) else 0.1


def _big5_weight(code: bytes) -> float:
    lead = code[0]
    if len(code) != 2:
        return 0.0
    if 0xA4 <= lead <= 0xC5 or (lead == 0xC6 and code[1] < 0x7F):
        return 1.0
    return 0.6 if 0xC9 <= lead <= 0xF9 else 0.8 if lead == 0xA1 else 0.1


def _cp932_weight(code: bytes) -> float:
    if len(code) == 1:
        return 0.12
    lead = code[0]
    if lead in (0x82, 0x83):
        return 1.0
    if lead == 0x81:
        return 0.7
    return 0.85 if 0x88 <= lead <= 0x98 else 0.4 if 0x99 <= lead <= 0xEA else 0.1


def _cp949_weight(code: bytes) -> float:
    if len(code) != 2 or code[1] < 0xA1:
        return 0.1
    return 1.0 if 0xB0 <= code[0] <= 0xC8 else 0.6 if 0xA1 <= code[0] <= 0xA3 else 0.1


_WEIGHTS: dict[str, Callable[[bytes], float]] = {
    "gb18030": _gb18030_weight,
    "big5": _big5_weight,
    "cp932": _cp932_weight,
    "cp949": _cp949_weight,
}
