"""Dates as people write them, kept as ISO text that may be partial (`2024`, `2024-03`), and natural due dates."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal
from unicodedata import normalize

from crmtui.domain.numerals import parse_numeral

Order = Literal["ymd", "dmy", "mdy"]

FIRST_YEAR, LAST_YEAR = 1800, 2199
_PIVOT = 50  # 49 → 2049, 50 → 1950
_EXCEL_LAST = 2958465
LONGEST = 60
DIGITS = "零〇○一二三四五六七八九十两"
MONTHS = {
    name: at
    for names in (
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "january february march april may june july august september october november december",
        "jan feb mär apr mai jun jul aug sept okt nov dez",
        "januar februar märz april mai juni juli august september oktober november dezember",
    )
    for at, name in enumerate(names.split(), 1)
}
_WEEKDAY_WORD = re.compile(
    r"\(?(?:(?:星期|礼拜|周|週)[一二三四五六日天]|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?)\)?,?"
)
_TIME_TAIL = re.compile(
    r"(?:[\st]|(?<=[日号]))(?:上午|下午|早上|晚上|中午)?\s*\d{1,2}[:点时]\d{0,2}[\d:.分秒]*\s*(?:[ap]\.?m\.?)?\s*(?:z|[+-]\d{2}:?\d{2})?$"
)
_YMD = re.compile(r"(\d{4})(?:年|[-/. ])\s*(\d{1,2})(?:月|[-/. ])\s*(\d{1,2})\s*[日号]?", re.ASCII)
_YM = re.compile(r"(\d{4})(?:年|[-/.])\s*(\d{1,2})月?(?:份)?", re.ASCII)
_Y = re.compile(r"(\d{4})年?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII)
_THREE = re.compile(r"(\d{1,2})([-/. ]) ?(\d{1,2})\2 ?(\d{4}|\d{1,2})", re.ASCII)
_SHORT_YEAR_CN = re.compile(r"(\d{2})年(\d{1,2})月(?:(\d{1,2})[日号])?", re.ASCII)
_CHINESE = re.compile(
    f"([{DIGITS}]{{4}}|\\d{{4}}(?=年))(?:年(?:(\\d{{1,2}}|[{DIGITS}]{{1,2}})月(?:(\\d{{1,2}}|[{DIGITS}]{{1,3}})[日号])?)?)?",
    re.ASCII,
)
_MINGUO = re.compile(
    f"(?:民国|中华民国)\\s*(元|\\d{{1,3}}|[{DIGITS}]{{1,4}})年?[-/.]?(?:(\\d{{1,2}}|[{DIGITS}]{{1,2}})[月/.-]?(?:(\\d{{1,2}}|[{DIGITS}]{{1,3}})[日号]?)?)?"
)
_DAY_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?[ -]([a-zä]+)\.?,?[ -](\d{4}|\d{2})")
_NAMED_DAY = re.compile(r"([a-zä]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_NAMED = re.compile(r"([a-zä]+)(?:\.?,? (\d{4})|-(\d{2}))")
_SERIAL = re.compile(r"(\d{1,7})(?:\.\d+)?", re.ASCII)
TO_SIMPLE = str.maketrans("國華號點時週後個這鐘兩禮", "国华号点时周后个这钟两礼")


def parse_date(text: str, *, order: Order = "ymd", serial: bool = False) -> str | None:
    """Return the date in a cell as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; None when it is none or an impossible one.

    `order` settles `5/3/2024`: with "ymd" such a date is read only where one order is possible (`d.m.yyyy` always is
    day first), and a two-digit year comes first. `serial` admits day numbers of spreadsheets (45356; 1999 stays a
    year). A time of day is ignored. Never raises.
    """
    if len(text) > LONGEST:
        return None
    text = " ".join(normalize("NFKC", text).casefold().translate(TO_SIMPLE).split())
    if (
        serial
        and (found := _SERIAL.fullmatch(text))
        and not FIRST_YEAR <= int(found[1]) <= LAST_YEAR
        and len(found[1]) < 8
    ):
        return _from_serial(int(found[1]))
    found = _YMD.fullmatch(text)
    if found is None:
        text = " ".join(_TIME_TAIL.sub("", _WEEKDAY_WORD.sub(" ", text)).split())
        found = _YMD.fullmatch(text)
    if found is None and (compact := _COMPACT.fullmatch(text)):
        found = compact
    if found is None:
        found = _YM.fullmatch(text) or _Y.fullmatch(text)
    if found is not None:
        return _iso(*[int(part) for part in found.groups() if part])
    found = _THREE.fullmatch(text)
    if found is not None:
        return _three_parts(int(found[1]), found[2], int(found[3]), found[4], order)
    found = _SHORT_YEAR_CN.fullmatch(text)
    if found is not None:
        year, *rest = [int(part) for part in found.groups() if part]
        return _iso(_century(year), *rest)
    return _from_words(text)


def _from_words(text: str) -> str | None:
    found = _CHINESE.fullmatch(text)
    if found is not None:
        return _iso_or_none([_numeral(part) for part in found.groups() if part])
    found = _MINGUO.fullmatch(text)
    if found is not None:
        parts = [1 if part == "元" else _numeral(part) for part in found.groups() if part]
        return _iso_or_none([None if parts[0] is None else parts[0] + 1911, *parts[1:]])
    found = _DAY_NAMED.fullmatch(text)
    if found is not None and found[2] in MONTHS:
        return _iso(_year(found[3]), MONTHS[found[2]], int(found[1]))
    found = _NAMED_DAY.fullmatch(text)
    if found is not None and found[1] in MONTHS:
        return _iso(int(found[3]), MONTHS[found[1]], int(found[2]))
    found = _NAMED.fullmatch(text)
    if found is not None and found[1] in MONTHS:
        return _iso(_year(found[2] or found[3]), MONTHS[found[1]])
    return None


def _three_parts(first: int, sign: str, second: int, last: str, order: Order) -> str | None:
    """Return the date of `first`/`second`/`last`, none of the first two a four-digit year."""
    if len(last) < 3 and order == "ymd":
        return _iso(_century(first), second, int(last))
    if len(last) == 1:
        return None
    year = _year(last)
    if order == "ymd":
        if sign == "." or first > 12 or first == second:
            order = "dmy"
        elif second > 12:
            order = "mdy"
        else:
            return None
    return _iso(year, second, first) if order == "dmy" else _iso(year, first, second)


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else _century(int(digits))


def _numeral(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else parse_numeral(text)


def _century(year: int) -> int:
    return year + (2000 if year < _PIVOT else 1900)


def _iso_or_none(parts: list[int | None]) -> str | None:
    return _iso(*[part for part in parts if part is not None]) if None not in parts else None


def _iso(year: int, month: int | None = None, day: int | None = None) -> str | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if month is None:
        return f"{year:04d}"
    try:
        whole = date(year, month, 1 if day is None else day)
    except ValueError:
        return None
    return whole.isoformat() if day is not None else f"{year:04d}-{month:02d}"


def _from_serial(number: int) -> str | None:
    """Return the date of a day number in the 1900 system, which has a 29 February 1900 (60) that never was."""
    if not 1 <= number <= _EXCEL_LAST or number == 60:
        return None
    found = date(1899, 12, 30 if number > 60 else 31) + timedelta(days=number)
    return found.isoformat() if found.year <= LAST_YEAR else None


def parse_moment(text: str, now: datetime, language: str) -> datetime | None:
    """Return the moment that `text` names, seen from `now`; None when it is not understood. Never raises.

    English and Chinese are both read: tomorrow 9am, fri 3pm, next mon, in 2w, 3d, 2026-12-01 14:30, 下周五,
    明天下午3点, 3天后, 月底. A day without a time is its midnight; a time without a day is the next such time; a
    weekday is the next one after today, `next` and 下 name next week's. `language` decides whether 1/12 begins with the
    month (zh, en) or the day. The result has the time zone of `now`.
    """
    # Its grammar takes milliseconds to compile, and only typed due dates need it.
    from crmtui.domain.moments import read_moment

    return read_moment(text, now, language)
