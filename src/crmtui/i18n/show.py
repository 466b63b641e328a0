"""How values look in the current language: times, dates, numbers, durations, sizes.

Lists use the short forms (relative times, ISO dates), details the long ones. Babel knows all this too, but importing it
costs 29 ms and a date 150 µs; two languages need only a few msgids. Results are cached with the language in the key.
"""

from datetime import date, datetime, tzinfo

from crmtui.i18n import N_, _, current_language

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3_600, 86_400, 604_800

_PAST = {"minute": N_("{count}m"), "hour": N_("{count}h"), "day": N_("{count}d")}
_FUTURE = {"minute": N_("in {count}m"), "hour": N_("in {count}h"), "day": N_("in {count}d")}

_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)

_BYTE_UNITS = ("kB", "MB", "GB", "TB", "PB", "EB")


def relative_time(moment: datetime, now: datetime) -> str:
    """How far the ``moment`` is from ``now``: ``5m``, ``3h``, ``2d``, ``in 2d``; from a week on, its ISO date.

    Both are aware datetimes; the date is the one in the zone of ``now``, so pass ``now`` in the viewer's zone. Units
    are whole and rounded down; less than a minute, on either side, is ``now``.
    """
    seconds = int((now - moment).total_seconds())
    size = abs(seconds)
    if size >= _WEEK:
        return moment.astimezone(now.tzinfo).date().isoformat()
    if size < _MINUTE:
        return _("now")
    unit, length = ("day", _DAY) if size >= _DAY else ("hour", _HOUR) if size >= _HOUR else ("minute", _MINUTE)
    return _counted((_PAST if seconds > 0 else _FUTURE)[unit], size // length, current_language())


def show_date(value: date | str, *, long: bool = False) -> str:
    """A date, which may be partial: ``2024-03-05``, or, if ``long``, ``5 March 2024`` or ``2024年3月5日``.

    Text is an ISO date, ``YYYY``, ``YYYY-MM`` or ``--MM-DD`` (a birthday without a year); other text comes back as is.
    """
    text = value if isinstance(value, str) else f"{value.year:04}-{value.month:02}-{value.day:02}"
    return _long_date(text) if long else text


def show_moment(moment: datetime, zone: tzinfo | None = None, *, long: bool = False) -> str:
    """Date and time to the minute in ``zone`` (None: the zone of this machine): ``2024-03-05 14:30``.

    ``moment`` is aware. If ``long``, the date takes its long form.
    """
    local = moment.astimezone(zone)
    return f"{show_date(local, long=long)} {local.hour:02}:{local.minute:02}"


def show_number(value: int) -> str:
    """A whole number with its thousands apart: ``1,234,567`` in both languages."""
    return f"{value:,}"


def duration_minutes(minutes: int) -> str:
    """A duration of whole minutes (0 or more): ``8m``, ``2h``, ``1h 5m``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("{minutes}m").format(minutes=rest)
    if not rest:
        return _("{hours}h").format(hours=hours)
    return _("{hours}h {minutes}m").format(hours=hours, minutes=rest)


def show_bytes(size: int) -> str:
    """A size in bytes (0 or more) in decimal units: ``812 B``, ``1.5 kB``, ``237 MB``; the same in both languages."""
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in _BYTE_UNITS:
        amount /= 1000
        if amount < 9.95:
            return f"{amount:.1f} {unit}"
        if amount < 999.5 or unit == _BYTE_UNITS[-1]:
            break
    return f"{amount:,.0f} {unit}"


_KEPT = 4096
_counted_before: dict[tuple[str, int, str], str] = {}


def _counted(message: str, count: int, language: str) -> str:
    """``message`` with its count filled in; ``language`` only keys the cache."""
    key = (message, count, language)
    shown = _counted_before.get(key)
    if shown is None:
        if len(_counted_before) >= _KEPT:
            _counted_before.clear()
        shown = _counted_before[key] = _(message).format(count=count)
    return shown


def _long_date(text: str) -> str:
    """The long form of an ISO date or partial date."""
    year, month, day = _parts(text)
    if not month:
        return _("{year}").format(year=year) if year else text
    name = _(_MONTHS[month - 1])
    if year and day:
        return _("{day} {month} {year}").format(day=day, month=name, year=year)
    if year:
        return _("{month} {year}").format(month=name, year=year)
    return _("{day} {month}").format(day=day, month=name)


def _parts(text: str) -> tuple[int, int, int]:
    """Year, month and day of an ISO date with 0 for what is missing; all 0 for any other text."""
    form = "".join("9" if character.isascii() and character.isdigit() else character for character in text)
    if form == "9999":
        return int(text), 0, 0
    if form not in ("9999-99-99", "9999-99", "--99-99"):
        return 0, 0, 0
    year = 0 if form == "--99-99" else int(text[:4])
    month = int(text[5:7]) if year else int(text[2:4])
    day = 0 if form == "9999-99" else int(text[-2:])
    if not 1 <= month <= 12 or day > 31 or (day == 0 and form != "9999-99"):
        return 0, 0, 0
    return year, month, day
