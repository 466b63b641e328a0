"""A typed due time, understood and shown back in full before it is kept."""

from datetime import datetime, tzinfo

from crmtui.domain.due import stored_due
from crmtui.domain.moments import read_moment
from crmtui.light_typing import NamedTuple

_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS_CN = "一二三四五六日"


class Understood(NamedTuple):
    """A due time as typed: the moment, how it is stored (UTC text or a day), and how it is shown back before it is kept."""

    moment: datetime
    stored: str
    shown: str


def understand_due(text: str, now: datetime, language: str, zone: tzinfo | None = None) -> Understood | None:
    """What a typed due time means to a person whose clock is that of `zone` (None: of this machine); None if nothing is understood.

    `now` is aware, in that zone. Never raises.
    """
    moment = read_moment(text, now, language)
    if moment is None:
        return None
    return Understood(moment, stored_due(moment, zone), describe_moment(moment, now, language))


def describe_moment(moment: datetime, now: datetime, language: str) -> str:
    """`moment` in full, and how far it is: `Fri 27 Nov 2026, 15:00 · in 4 days`, `11月27日 周五 15:00 · 4天后`.

    Midnight is the day alone. Both are on the same clock. What stands before the dot is read as the same moment again. The
    words are those of the grammar, hence here and not in the catalogue.
    """
    chinese = language.startswith("zh")
    clock = "" if (moment.hour, moment.minute) == (0, 0) else f"{moment.hour:02}:{moment.minute:02}"
    if chinese:
        # Without its year a day is the next one of that name.
        year = "" if moment.year == now.year and moment.date() >= now.date() else f"{moment.year:04}年"
        day = f"{year}{moment.month}月{moment.day}日 周{_WEEKDAYS_CN[moment.weekday()]}"
        shown = f"{day} {clock}" if clock else day
    else:
        day = f"{_WEEKDAYS_EN[moment.weekday()]} {moment.day} {_MONTHS_EN[moment.month - 1]} {moment.year:04}"
        shown = f"{day}, {clock}" if clock else day
    return f"{shown} · {_distance(moment, now, bool(clock), chinese)}"


def _distance(moment: datetime, now: datetime, has_clock: bool, chinese: bool) -> str:
    days = (moment.date() - now.date()).days
    if not days and has_clock:
        minutes = round((moment - now).total_seconds() / 60)
        if not minutes:
            return "现在" if chinese else "now"
        size = abs(minutes)
        return (
            _counted(size // 60, "小时", "hour", minutes, chinese)
            if size >= 60
            else _counted(size, "分钟", "minute", minutes, chinese)
        )
    near = {0: ("今天", "today"), 1: ("明天", "tomorrow"), -1: ("昨天", "yesterday")}.get(days)
    if near is not None:
        return near[0] if chinese else near[1]
    return _counted(abs(days), "天", "day", days, chinese)


def _counted(count: int, unit_cn: str, unit: str, direction: int, chinese: bool) -> str:
    if chinese:
        return f"{count}{unit_cn}{'后' if direction > 0 else '前'}"
    amount = f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"in {amount}" if direction > 0 else f"{amount} ago"
