"""Due times as they are stored, and the borders of a person's day.

A due time with an hour is a moment: UTC text, worked out by the rules of the person's zone for that day, so neither summer time
nor a journey moves it. A due time without an hour is a day, wherever the person is on that day.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from crmtui.light_typing import NamedTuple

_DAY_LENGTH = 10  # 2026-11-27


def utc_text(moment: datetime) -> str:
    """An aware moment as it is stored: UTC, ISO 8601, seconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stored_due(moment: datetime, zone: tzinfo | None = None) -> str:
    """A moment as ``parse_moment`` gives it, as it is stored: UTC text, or the day alone when it names no hour (midnight).

    Only the clock of ``moment`` counts, read in ``zone`` (None: the zone of this machine): the offset that it carries is that
    of the day on which it was typed, which need not be that of the day it names.
    """
    local = moment.replace(tzinfo=zone)
    return local.date().isoformat() if local.time() == time() else utc_text(local)


def local_due(text: str, zone: tzinfo | None = None) -> datetime | None:
    """The stored due time on the clock of ``zone`` (None: the zone of this machine), a day as its midnight; None for no due time."""
    try:
        if len(text) == _DAY_LENGTH:
            return in_zone(datetime.fromisoformat(text), zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(zone)


def is_overdue(text: str, now: datetime) -> bool:
    """Whether a stored due moment has gone by, or a due day has ended where ``now`` is told."""
    if len(text) == _DAY_LENGTH:
        return text < now.date().isoformat()
    moment = local_due(text, now.tzinfo)
    return moment is not None and moment < now


def in_zone(clock: datetime, zone: tzinfo | None) -> datetime:
    """The moment at which the clock of ``zone`` (None: this machine) shows ``clock``, which carries no zone."""
    return clock.replace(tzinfo=zone) if zone is not None else clock.astimezone()


class Day(NamedTuple):
    """A person's today: its date, and its moments as UTC text."""

    today: date
    now: str
    zone: tzinfo | None

    def starts(self, days: int) -> str:
        """UTC text of the midnight at which the day ``days`` after today begins: 23 or 25 hours after the last one, too."""
        return utc_text(in_zone(datetime.combine(self.today + timedelta(days=days), time()), self.zone))

    def date(self, days: int) -> str:
        """The ISO date of the day ``days`` after today."""
        return (self.today + timedelta(days=days)).isoformat()


def day_of(now: datetime, zone: tzinfo | None = None) -> Day:
    """The day that ``now`` (aware) is in, on the clock of ``zone`` (None: the zone of this machine)."""
    return Day(now.astimezone(zone).date(), utc_text(now), zone)
