"""Which encoding a text file is in, told from the structure of its bytes.

Statistical detectors fail on short tables (one Chinese column, three rows), so each codec is judged by how common the
characters are that it would produce: level 1 Hanzi for GB18030 and Big5, kana for Japanese, Hangul for Korean; the
encodings of one byte a character are weighed by ``single_byte``.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from crmtui.errors import UsageError
from crmtui.formats.single_byte import single_byte_scores
from crmtui.formats.table import EncodingCandidate
from crmtui.i18n import _

OFFERED = (
    *("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "gb18030", "big5", "cp932", "euc_jp", "cp949"),
    *("cp1252", "cp1250", "cp1251", "cp1254", "iso8859-2"),
)
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
_REGIONS = {
    **dict.fromkeys(("CN", "SG"), "gb18030"),
    **dict.fromkeys(("TW", "HK", "MO"), "big5"),
    "JP": "cp932",
    "KR": "cp949",
    **dict.fromkeys(("CZ", "SK", "PL", "HU", "HR", "SI", "RO", "BA", "RS"), "cp1250"),
    **dict.fromkeys(("RU", "UA", "BY", "BG", "KZ"), "cp1251"),
    **dict.fromkeys(("TR", "AZ"), "cp1254"),
}
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_ENTANGLED = re.compile(r"(?<=[a-z])[^\x00-\x7f](?![^\x00-\x7f])|(?<![^\x00-\x7f])[^\x00-\x7f](?=[a-z])")
_GLUED = 0.68
_MOST_CANDIDATES = 8
_PREVIEW_ROWS = 3
_PREVIEW_LENGTH = 400


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
    if not data.startswith(b"\0") and scores["utf-8"] < 1.1:
        scores.update(single_byte_scores(data))
    scores.setdefault("cp1252", 0.0)
    if (own := _REGIONS.get((region or "").upper())) and scores.get(own, 0) > 0.5:
        scores[own] += 0.04
    ranked = _distinct(data, sorted(scores.items(), key=lambda item: -item[1]))
    evidence = sum(len(run) for run in _HIGH_RUN.findall(data[:4096])) or 3
    certainty = 1 - 0.5 / (1 + evidence / 6)
    if ranked[0][0] == "utf-8" and ranked[0][1] >= 1 and evidence > 4:
        certainty = 1.0
    elif len(ranked) > 1 and ranked[0][1] - ranked[1][1] < 0.06 and not _rarer(ranked[1][0], ranked[0][0]):
        certainty *= 0.8
    found = [(encoding, round(min(1.0, score) * certainty, 2)) for encoding, score in ranked if score > 0.05]
    return found or [("cp1252", 0.1)]


def encoding_candidates(
    found: list[tuple[str, float]], data: bytes, *, passed: int = 0, chosen: str | None = None
) -> tuple[EncodingCandidate, ...]:
    """The likeliest encodings in ``found`` with the rows of ``data`` that differ most between them.

    ``passed`` is the number of physical lines above the first row of data; ``chosen`` an encoding a person has named, which
    is listed in any case.
    """
    listed = list(found[:_MOST_CANDIDATES])
    if chosen is not None and chosen not in [encoding for encoding, _confidence in listed]:
        listed.append((chosen, 0.0))
    wide = next((name for name, _confidence in listed if name.startswith(("utf-16", "utf-32"))), None)
    if wide is not None:
        text = data.removeprefix(BOMS.get(wide, b"")).decode(wide, "replace")
        rows = _telling([each.encode("utf-8", "replace") for each in text.splitlines()[passed:]])
        own = tuple(_shown(row, "utf-8") for row in rows)
        return tuple(EncodingCandidate(*each, own if each[0] == wide else ()) for each in listed)
    rows = _telling(data.removeprefix(BOMS["utf-8"]).replace(b"\r", b"\n").split(b"\n")[passed:])
    return tuple(EncodingCandidate(*each, tuple(_shown(row, each[0]) for row in rows)) for each in listed)


def _telling(lines: list[bytes]) -> list[bytes]:
    """The lines with the most characters outside ASCII, in the order of the file; the first ones when there are none."""
    filled = [line for line in lines[:5_000] if line.strip(b' \t,;"')]
    foreign = {at: high for at, line in enumerate(filled) if (high := len(line.translate(None, bytes(range(128)))))}
    most = sorted(sorted(foreign, key=lambda at: (-min(foreign[at], 30), at))[:_PREVIEW_ROWS])
    return [filled[at] for at in most] or filled[:_PREVIEW_ROWS]


def _shown(row: bytes, encoding: str) -> str:
    return row.decode(python_codec(encoding), "replace")[:_PREVIEW_LENGTH]


def _distinct(data: bytes, ranked: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """``ranked`` without encodings that read the text as a likelier one does: there is nothing to choose between them."""
    foreign = b"\n".join(sorted(set(_HIGH_RUN.findall(data[:65536])), key=len)[:400])
    seen: set[str] = set()
    kept = []
    for encoding, score in ranked:
        # Of codecs with several bytes a character the runs alone may be cut wrongly: these are always kept.
        text = foreign.decode(encoding, "replace") if encoding.startswith(("cp125", "iso8859")) else encoding
        if text not in seen:
            seen.add(text)
            kept.append((encoding, score))
    return kept


def _rarer(other: str, encoding: str) -> bool:
    """Whether ``other`` reads accented letters as ``encoding`` does, only for fewer languages: no rival of it."""
    return encoding == "cp1252" and other in ("cp1250", "cp1254", "iso8859-2")


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: ASCII signs leave a NUL on one side of each pair."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if even + odd < max(2, len(data) // 20) or max(even, odd) < 8 * min(even, odd) + 1:
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return encoding if _decoded(data, encoding, complete=False)[1] == 1 else None


def _decoded(data: bytes, codec: str, *, complete: bool) -> tuple[str, float]:
    """The text of ``data`` and how far that can be trusted: 1 when all of it decodes.

    A codec that fails on some lines may still be the right one (a file glued from two, a few broken bytes): then the text
    is that of the other lines, trusted by their share.
    """
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(data, complete), 1.0
    except UnicodeDecodeError:
        good: list[str] = []
        lines = [line for line in data.split(b"\n") if not line.isascii()]
        for line in lines:
            with suppress(UnicodeDecodeError):
                good.append(line.decode(codec))
        return "\n".join(good), _GLUED * len(good) / len(lines) if lines else 0.0


def _utf8(data: bytes, complete: bool) -> float:
    return 1.1 * _decoded(data, "utf-8", complete=complete)[1]


def _multibyte(data: bytes, encoding: str, weigh: Callable[[bytes], float], complete: bool) -> float:
    """How common the characters are that ``encoding`` makes of ``data``: mean weight, 0 to 1."""
    codec = python_codec(encoding)
    text, trust = _decoded(data, codec, complete=complete)
    counts = Counter(text)
    total, weight, korean, kana = 0, 0.0, 0, 0
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
        elif "ぁ" <= character <= "ヿ":
            kana += count
        elif encoding == "cp949" and "一" <= character <= "鿿":
            return 0.3  # Hanja in a Korean table are rarer than Chinese text that happens to decode
    if not total:
        return 0.0
    if encoding == "euc_jp" and trust == 1 and kana >= 3 and kana >= 0.04 * total:
        return 1.06  # in these bytes Chinese encodings have signs that nobody writes several of
    # Common Hangul and Hanzi share their bytes: only many syllables in a row without a Hanja tell them apart.
    bonus = 0.05 if encoding == "cp949" and korean >= 8 and trust == 1 else 0.02 if encoding == "gb18030" else 0.0
    # A character alone among small letters is an accented letter of a Western word, taken together with the one behind it.
    entangled = len(_ENTANGLED.findall(text[:65536])) / total
    return (weight / total + (bonus if weight / total > 0.5 else 0)) * trust * max(0.1, 1 - 1.2 * entangled)


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


def _euc_jp_weight(code: bytes) -> float:
    if len(code) != 2:
        return 0.1
    return 1.0 if code[0] in (0xA4, 0xA5) else 0.85 if 0xB0 <= code[0] <= 0xCF else 0.7 if code[0] == 0xA1 else 0.3


def _cp949_weight(code: bytes) -> float:
    if len(code) != 2 or code[1] < 0xA1:
        return 0.1
    return 1.0 if 0xB0 <= code[0] <= 0xC8 else 0.6 if 0xA1 <= code[0] <= 0xA3 else 0.1


_WEIGHTS: dict[str, Callable[[bytes], float]] = {
    "gb18030": _gb18030_weight,
    "big5": _big5_weight,
    "cp932": _cp932_weight,
    "euc_jp": _euc_jp_weight,
    "cp949": _cp949_weight,
}
