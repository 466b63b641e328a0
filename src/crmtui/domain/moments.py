"""The grammar of natural due dates in English and Chinese: tomorrow 9am, in 2w, 下周五, 3天后, 月底."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from unicodedata import normalize

from crmtui.domain.dates import DIGITS, LONGEST, MONTHS, TO_SIMPLE, parse_date
from crmtui.domain.numerals import parse_numeral

_DAYS = {"today": 0, "tod": 0, "今天": 0, "今日": 0, "今": 0, "tomorrow": 1, "tmr": 1, "tmrw": 1, "tom": 1, "明天": 1}
_DAYS |= {
    "明日": 1,
    "明": 1,
    "后天": 2,
    "后日": 2,
    "大后天": 3,
    "day after tomorrow": 2,
    "yesterday": -1,
    "昨天": -1,
    "昨日": -1,
    "前天": -2,
    "大前天": -3,
    "大后日": 3,
    "the day after tomorrow": 2,
    "half a month": 15,
    "半个月后": 15,
    "半月后": 15,
}
_WEEKDAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_WEEKDAYS |= {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_WEEKDAYS |= {str(number): number - 1 for number in range(1, 8)}
_EVENING = frozenset(("下午", "午后", "傍晚", "晚上", "晚", "夜里"))
_PART_HOURS = {"凌晨": 6, "清晨": 7, "早上": 9, "早晨": 9, "早": 9, "上午": 9, "中午": 12, "下午": 14, "午后": 14}
_PART_HOURS |= {"傍晚": 18, "晚上": 19, "晚": 19, "夜里": 22, "morning": 9, "noon": 12, "afternoon": 14, "evening": 19}
_PART = "凌晨|清晨|早上|早晨|上午|中午|下午|午后|傍晚|晚上|夜里|早|晚"
_AM_PM = re.compile(r"(?:(?:\bat|@) ?)?(?<![\d:])(\d{1,2})(?::(\d{2}))? ?([ap])\.?m\b\.?")
_CLOCK = re.compile(
    # In 周一三点 the first numeral is the day's.
    f"(?:(?:\\bat|@) ?)?({_PART})? ?(?<![\\d:周期拜])(\\d{{1,2}}|[{DIGITS}]{{1,3}})"
    f"(?::(\\d{{2}})(?::\\d{{2}})?(?!\\d)|[点时](?:(\\d{{1,2}}|半|一刻|三刻|[{DIGITS}]{{1,3}})分?)?钟?整?)"
)
_BARE_HOUR = re.compile(r"(?:\bat|@) ?(\d{1,2})$")
_HOUR_BEHIND = re.compile(r"(.+[a-z]) (\d{1,2})")
_PART_BESIDE = re.compile(r" ?\b(?:in the |this )?(morning|noon|afternoon|evening)$")
_BESIDE_CJK = re.compile("(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")
_HOURS = re.compile(
    r"(?:in )?(\d{1,3}|an?|one|two|three)(\.5| and a half)? ?(?:h|hrs?|hours?)(?: ?(\d{1,2}) ?(?:m|mins?|minutes?))?"
    r"(?: later| from now)?"
)
_HOURS_CN = re.compile(f"(\\d{{1,3}}|[{DIGITS}]{{1,3}})个半(?:小时|钟头)(?:后|之后|以后)?")
_QUARTERS = re.compile("([一三])刻钟(?:后|之后|以后)?")
_PART_ALONE = re.compile(f"({_PART})$|\\b(?:in the |this )?(morning|noon|afternoon|evening)$")
_AHEAD = re.compile(
    f"(?:in |\\+)?(\\d{{1,4}}|an?|one|two|three|[{DIGITS}]{{1,3}}|半)? ?"
    r"(minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|m|mo|years?|yrs?|y|分钟|个?小时|个?钟头|天|日|周|个?星期|个?礼拜|个?月|年)"
    r" ?(?:后|之后|以后|later|from now)?"
)
_WEEKDAY = re.compile(
    r"(?:(next|this) )?(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|rs|rsday|urday)?"
    r"|(这个?|本|下下个?|下个?)?(?:周|星期|礼拜)([一二三四五六日天1-7])"
)
_NEXT_WEEK_ON = re.compile(r"next week (?:on )?([a-z]+)|([a-z]+) next week")
_BEFORE_DATE = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.? (\d{1,2}(?:st|nd|rd|th)? [a-z]+)")
_BEHIND_DATE = re.compile(r"(.+[日号])\(?(?:周|星期|礼拜)[一二三四五六日天]\)?")
_OF_YEAR = re.compile(f"(今年|明年|后年)(\\d{{1,2}}|[{DIGITS}]{{1,2}})月(\\d{{1,2}}|[{DIGITS}]{{1,3}})[日号]")
_DAY_ALONE = re.compile(r"(?:the )?(\d{1,2})(?:st|nd|rd|th)")
_MONTH_DAY = re.compile(
    f"(?:(\\d{{1,2}}|[{DIGITS}]{{1,2}})月|(下个?月|这个?月|本月))?(\\d{{1,2}}|[{DIGITS}]{{1,3}})[日号]"
)
_DOTTED = re.compile(r"(\d{1,2})\. ?(\d{1,2})\.?")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})")
_DAY_MONTH_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]+)|([a-z]+) (\d{1,2})(?:st|nd|rd|th)?")
_SMALL = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}


def read_moment(text: str, now: datetime, language: str) -> datetime | None:
    """Return the moment that `text` names; see `dates.parse_moment`."""
    if len(text) > LONGEST:
        return None
    text = " ".join(normalize("NFKC", text).casefold().translate(TO_SIMPLE).replace(",", " ").split())
    text = _BESIDE_CJK.sub("", text)
    try:
        return _moment(text, now.replace(second=0, microsecond=0), language)
    except (ValueError, OverflowError):
        return None


def _moment(text: str, now: datetime, language: str) -> datetime | None:
    if text in ("now", "现在"):
        return now
    minutes = _minutes_ahead(text)
    if minutes is not None:
        return _later(now, minutes)
    ahead = _AHEAD.fullmatch(text)
    if ahead is not None:
        exact = _hours_ahead(ahead, now)
        if exact is not None:
            return exact
    text = (
        re.sub(r"(?<=\d)t(?=\d)", " ", text)
        .replace("tonight", "today evening")
        .replace("midnight", "0:00")
        .replace("eod", "today 18:00")
    )
    minutes, rest = _take_time(text)
    rest = re.sub(r"(?:\bat|\bon|\bby|@)$|^(?:on|by|due) ", "", rest.strip()).strip()
    part = _PART_BESIDE.search(rest)
    if part is not None and minutes is not None:
        rest = rest[: part.start()]
        if part[1] in ("afternoon", "evening") and minutes < 12 * 60:
            minutes += 12 * 60
    if not rest:
        if minutes is None:
            return None
        found = datetime.combine(now.date(), time(), now.tzinfo) + timedelta(minutes=minutes)
        return found if found > now else found + timedelta(days=1)
    day = _day(rest, now.date(), language)
    if day is None and minutes is None and (behind := _HOUR_BEHIND.fullmatch(rest)) is not None:
        day, minutes = _day(behind[1], now.date(), language), _by_day(int(behind[2]))
    if day is None:
        return None
    return datetime.combine(day, time(), now.tzinfo) + timedelta(minutes=minutes or 0)


def _take_time(text: str) -> tuple[int | None, str]:
    """Return the minutes since midnight that `text` names (None without a time) and the text without them."""
    found = _AM_PM.search(text)
    if found is not None:
        hour, minute = int(found[1]), int(found[2] or 0)
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if found[3] == "p" else 0)
        return _minutes(hour, minute), text[: found.start()] + " " + text[found.end() :]
    found = _CLOCK.search(text)
    if found is not None:
        hour = _number(found[2])
        minute = {"半": 30, "一刻": 15, "三刻": 45}.get(found[4] or "", -1)
        if minute < 0:
            minute = _number(found[3] or found[4] or "0")
        if (found[1] in _EVENING and hour <= 12) or (found[1] == "中午" and hour < 3):
            # 晚上12点 is the end of that day, 下午12点 its middle.
            hour = 24 if hour == 12 and found[1] in ("晚上", "晚", "夜里") else hour % 12 + 12
        elif found[1] == "凌晨" and hour == 12:
            hour = 0
        elif found[1] is None and found[3] is None and 1 <= hour <= 6:
            hour += 12  # 3点 is said of the afternoon, 3:00 is written of the night
        return _minutes(hour, minute), text[: found.start()] + " " + text[found.end() :]
    found = _BARE_HOUR.search(text)
    if found is not None:
        return _by_day(int(found[1])), text[: found.start()]
    found = _PART_ALONE.search(text)
    if found is not None:
        return _minutes(_PART_HOURS[found[1] or found[2]], 0), text[: found.start()]
    return None, text


def _by_day(hour: int) -> int:
    """The minutes since midnight of a bare hour: nobody means the small hours by `at 3`."""
    return _minutes(hour + 12 if 1 <= hour <= 6 else hour, 0)


def _minutes(hour: int, minute: int) -> int:
    if not (0 <= hour <= 24 and 0 <= minute < 60):
        raise ValueError(hour)
    return hour * 60 + minute


def _number(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    value = _SMALL.get(text)
    if value is None:
        value = parse_numeral(text)
    if value is None:
        raise ValueError(text)
    return value


def _hours_ahead(found: re.Match[str], now: datetime) -> datetime | None:
    """Return `now` plus the minutes or hours of an `_AHEAD` match, None when it counts days."""
    unit = found[2].removeprefix("个")
    if unit not in ("小时", "钟头", "分钟") and not unit.startswith(("h", "min")):
        return None
    if found[1] is None:
        return None
    minutes = 1 if unit == "分钟" or unit.startswith("min") else 60
    return _later(now, minutes // 2 if found[1] == "半" else _number(found[1]) * minutes)


def _minutes_ahead(text: str) -> int | None:
    """The minutes of a span in hours and their parts (1.5h, 1h30m, half an hour, 一个半小时后), None for other text."""
    if text.removeprefix("in ").removesuffix(" later") == "half an hour":
        return 30
    found = _HOURS.fullmatch(text)
    if found is not None:
        return _number(found[1]) * 60 + (30 if found[2] else 0) + int(found[3] or 0)
    found = _HOURS_CN.fullmatch(text)
    if found is not None:
        return _number(found[1]) * 60 + 30
    found = _QUARTERS.fullmatch(text)
    return None if found is None else 15 if found[1] == "一" else 45


def _later(now: datetime, minutes: int) -> datetime:
    """`now` and so many minutes that really pass, also when the clocks change meanwhile."""
    if now.tzinfo is None:
        return now + timedelta(minutes=minutes)
    return (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo)


def _day(text: str, today: date, language: str) -> date | None:
    if text in _DAYS:
        return today + timedelta(days=_DAYS[text])
    monday = today - timedelta(days=today.weekday())
    if text in ("next week", "下周", "下星期", "下个星期", "下礼拜"):
        return monday + timedelta(days=7)
    if text in ("week after next", "the week after next", "下下周", "下下星期", "下下个星期", "下下礼拜"):
        return monday + timedelta(days=14)
    if text in _MONTHS_ON:
        return _months_later(today, _MONTHS_ON[text])
    if text in ("eow", "end of week", "end of the week"):
        return max(monday + timedelta(days=4), today)
    if text in ("weekend", "this weekend", "周末", "本周末", "这周末", "这个周末"):
        return max(monday + timedelta(days=5), today)
    if text in ("next weekend", "下周末", "下个周末"):
        return monday + timedelta(days=12)
    if text in ("next workday", "next working day", "next business day", "工作日", "下个工作日", "下一个工作日"):
        return today + timedelta(days=7 - today.weekday() if today.weekday() > 3 else 1)
    border = _border(text, today)
    if border is not None:
        return border
    found = _WEEKDAY.fullmatch(text)
    if found is not None:
        return _weekday(found, today, monday)
    found = _AHEAD.fullmatch(text)
    if found is not None and found[1] not in (None, "半") and not (text.endswith(("日", "月", "年"))):
        return _days_ahead(_number(found[1]), found[2].removeprefix("个"), today)
    found = _OF_YEAR.fullmatch(text)
    if found is not None:
        return date(today.year + ("今年", "明年", "后年").index(found[1]), _number(found[2]), _number(found[3]))
    found = _MONTH_DAY.fullmatch(text) or _DAY_ALONE.fullmatch(text)
    if found is not None:
        if found.re is _DAY_ALONE:
            return _day(f"{found[1]}号", today, language)
        day = _number(found[3])
        if found[1]:
            return _next_day(today, _number(found[1]), day)
        if found[2]:
            return _months_later(today.replace(day=1), 1 if found[2].startswith("下") else 0).replace(day=day)
        return today.replace(day=day) if day >= today.day else _months_later(today.replace(day=1), 1).replace(day=day)
    found = _DOTTED.fullmatch(text)
    if found is not None:
        return _next_day(today, int(found[2]), int(found[1]))
    found = _SLASHED.fullmatch(text)
    if found is not None:
        month, day = int(found[1]), int(found[2])
        if not language.startswith(("zh", "en")) or language.startswith(("en_GB", "en-GB")):
            month, day = day, month
        if month > 12 >= day:
            month, day = day, month
        return _next_day(today, month, day)
    found = _DAY_MONTH_NAMED.fullmatch(text)
    if found is not None and (found[2] or found[3]) in MONTHS:
        return _next_day(today, MONTHS[found[2] or found[3]], int(found[1] or found[4]))
    found = _NEXT_WEEK_ON.fullmatch(text)
    if found is not None:
        return _day(f"next {found[1] or found[2]}", today, language)
    found = _BEFORE_DATE.fullmatch(text) or _BEHIND_DATE.fullmatch(text)
    if found is not None and (day_found := _day(found[1], today, language)) is not None:
        return day_found
    whole = parse_date(text)
    return date.fromisoformat(whole) if whole is not None and len(whole) == 10 else None


_MONTHS_ON = {"next month": 1, "下个月": 1, "下月": 1, "month after next": 2, "the month after next": 2, "下下个月": 2}
_MONTHS_ON |= {"half a year": 6, "in half a year": 6, "半年后": 6, "next year": 12, "明年": 12, "后年": 24}
_ENDS = {"eom": 0, "end of month": 0, "end of the month": 0, "end of this month": 0, "月底": 0, "月末": 0, "本月底": 0}
_ENDS |= {"本月末": 0, "这个月底": 0, "end of next month": 1, "下月底": 1, "下个月底": 1, "下月末": 1, "下个月末": 1}
_BEGINNINGS = frozenset(("月初", "下月初", "下个月初", "start of next month", "beginning of next month"))
_YEAR_ENDS = {"eoy": 0, "end of year": 0, "end of the year": 0, "年底": 0, "年末": 0, "今年底": 0, "明年底": 1}
_QUARTER_ENDS = frozenset(
    ("eoq", "end of quarter", "end of the quarter", "季末", "季度末", "季底", "本季度末", "本季末")
)


def _border(text: str, today: date) -> date | None:
    """The first or last day of a month, quarter or year, None for other text."""
    if text in _ENDS:
        return _months_later(today.replace(day=1), _ENDS[text] + 1) - timedelta(days=1)
    if text in _BEGINNINGS:
        return _months_later(today.replace(day=1), 1)
    if text in _YEAR_ENDS:
        return date(today.year + _YEAR_ENDS[text], 12, 31)
    if text in _QUARTER_ENDS:
        return _months_later(today.replace(day=1), 3 - (today.month - 1) % 3) - timedelta(days=1)
    return date(today.year + 1, 1, 1) if text in ("年初", "明年初", "start of next year") else None


def _weekday(found: re.Match[str], today: date, monday: date) -> date:
    weekday = _WEEKDAYS[found[2] or found[4]]
    week = found[1] or found[3]
    if week is None:
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    weeks = 0 if week[0] in "t这本" else 2 if week.startswith("下下") else 1
    return monday + timedelta(days=weekday + 7 * weeks)


def _days_ahead(count: int, unit: str, today: date) -> date:
    if unit == "m" and count > 12:
        raise ValueError(count)  # 30m: minutes or months?
    if unit.startswith("d") or unit in ("天", "日"):
        return today + timedelta(days=count)
    if unit.startswith("w") or unit in ("周", "星期", "礼拜"):
        return today + timedelta(days=7 * count)
    return _months_later(today, count * (12 if unit.startswith("y") or unit == "年" else 1))


def _months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _next_day(today: date, month: int, day: int) -> date:
    """Return the next such day of the year, today included; 29 February waits for its year."""
    for year in range(today.year, today.year + 9):
        if day == 29 and month == 2 and (year % 4 or (year % 100 == 0 and year % 400)):
            continue
        found = date(year, month, day)
        if found >= today:
            return found
    raise ValueError(day)
