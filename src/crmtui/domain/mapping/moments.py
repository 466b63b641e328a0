"""A day with or without a time, as files write them, as ISO text: what activities happen at."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from unicodedata import normalize

from crmtui.domain.dates import FIRST_YEAR, LAST_YEAR, LONGEST, Order, parse_date

_TIME = re.compile(
    r"(?P<part>上午|下午|中午|晚上|早上|凌晨)?\s*(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})?(?:[:分](?P<second>\d{1,2})?(?:[.,]\d+|秒)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>z|utc|gmt|[+-]\d\d:?(?:\d\d)?)?$",
    re.ASCII | re.IGNORECASE,
)
_ISO_T = re.compile(r"(?<=\d)t(?=\d{2}:)", re.IGNORECASE)
_SERIAL_TIME = re.compile(r"(\d{5})\.(\d+)", re.ASCII)
_UNIX = re.compile(r"-?\d{6,16}(?:\.\d+)?", re.ASCII)
_FORM_PARTS = {
    "YYYY": "%Y",
    "YY": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "DD": "%d",
    "D": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "ss": "%S",
    "A": "%p",
    "a": "%p",
    "Z": "%z",
}
_FORM = re.compile("|".join(sorted(_FORM_PARTS, key=len, reverse=True)))


@lru_cache(maxsize=64)
def read_format(form: str) -> str | None:
    """A format (``DD.MM.YYYY HH:mm``, or one of ``strptime``) as ``strptime`` takes it; None when it names no year or no month."""
    found = form if "%" in form else _FORM.sub(lambda part: _FORM_PARTS[part[0]], form)
    if not ("%Y" in found or "%y" in found) or not any(part in found for part in ("%m", "%b", "%B")):
        return None
    try:
        datetime.strptime(datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC).strftime(found), found)
    except ValueError:
        return None
    return found


def parse_stamp(text: str, *, order: Order = "ymd", form: str = "") -> str | None:
    """A day, or a day and a time, as ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH:MM:SS`` with its zone if it has one; None when it is neither.

    ``form`` is ``unix`` (seconds or milliseconds since 1970) or a format; else ``order`` settles 5/3/2024. Never raises.
    """
    if len(text) > LONGEST:
        return None
    text = " ".join(normalize("NFKC", text).split())
    if form == "unix":
        return _from_unix(text)
    if form:
        return _by_format(text, form)
    text = _ISO_T.sub(" ", text)
    if match := _SERIAL_TIME.fullmatch(text):
        day = parse_date(match[1], serial=True)
        seconds = round(float("0." + match[2]) * 86400)
        return day and _with_time(day, datetime.min + timedelta(seconds=min(seconds, 86399)), "")
    match = _TIME.search(text)
    if match is None:
        day = parse_date(text, order=order, serial=True)
        return day if day is not None and len(day) == 10 else None
    day = parse_date(text[: match.start()].rstrip(" ,"), order=order)
    if day is None or len(day) != 10:
        return None
    try:
        time = datetime.min.replace(
            hour=_hour(int(match["hour"]), match["part"] or "", (match["half"] or "").casefold()),
            minute=int(match["minute"] or 0),
            second=int(match["second"] or 0),
        )
    except ValueError:
        return None
    return _with_time(day, time, _zone(match["zone"] or ""))


def to_utc(stamp: str) -> tuple[str, int | None] | None:
    """A stamp as UTC text, and its minutes east of UTC; a time without zone is one of this machine. None when there is no such time.

    A day alone is its noon here: on the same day wherever it is read.
    """
    try:
        at = datetime.fromisoformat(stamp if "T" in stamp else f"{stamp}T12:00:00")
        if at.tzinfo is None:
            at = at.astimezone()
        offset = at.utcoffset()
        utc = at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if not FIRST_YEAR <= utc.year <= LAST_YEAR:
        return None
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ"), None if offset is None else int(offset.total_seconds() // 60)


def _with_time(day: str, time: datetime, zone: str) -> str:
    return f"{day}T{time:%H:%M:%S}{zone}"


def _hour(hour: int, part: str, half: str) -> int:
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        return hour % 12 + (12 if half[0] == "p" else 0)
    if part in ("下午", "晚上", "中午") and hour < (3 if part == "中午" else 12):
        return hour + 12
    return hour


def _zone(text: str) -> str:
    text = text.casefold()
    if text in ("z", "utc", "gmt"):
        return "Z"
    return text if not text or ":" in text else f"{text[:3]}:{text[3:] or '00'}"


def _from_unix(text: str) -> str | None:
    if not _UNIX.fullmatch(text):
        return None
    seconds = float(text)
    while abs(seconds) > 1e11:  # milliseconds, or finer
        seconds /= 1000
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return None


def _by_format(text: str, form: str) -> str | None:
    pattern = read_format(form)
    try:
        at = datetime.strptime(text, pattern or form)
    except (ValueError, OverflowError):
        return None
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return None
    has_time = any(part in (pattern or form) for part in ("%H", "%I", "%X", "%T", "%c"))
    if not has_time:
        return at.strftime("%Y-%m-%d")
    zone = at.strftime("%z")
    return at.strftime("%Y-%m-%dT%H:%M:%S") + (f"{zone[:3]}:{zone[3:5]}" if zone else "")
