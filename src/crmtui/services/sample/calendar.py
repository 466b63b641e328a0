"""Days before and after the day the sample is made for, as text; quick enough to be asked millions of times."""

from datetime import date, timedelta

_PAST, _FUTURE = 3700, 400
_MINUTES = tuple(f"T{minute // 60:02}:{minute % 60:02}:00Z" for minute in range(1440))


class Calendar:
    """The days around ``today``, counted in days ago (negative in the future)."""

    def __init__(self, today: date) -> None:
        self.today = today
        self._days = [(today - timedelta(days=ago)).isoformat() for ago in range(-_FUTURE, _PAST)]
        self._weekday = today.weekday()

    def day(self, ago: int) -> str:
        """The date, ISO 8601."""
        return self._days[ago + _FUTURE]

    def weekday(self, ago: int) -> int:
        """0 for a Monday."""
        return (self._weekday - ago) % 7

    def workday(self, ago: int) -> int:
        """The same day, or the Friday before when it falls on a weekend."""
        return ago + max(0, self.weekday(ago) - 4)

    def moment(self, ago: int, minute: int, offset: int) -> str:
        """UTC text of a local time: ``minute`` of the day, ``offset`` minutes east of UTC."""
        days, minute = divmod(minute - offset, 1440)
        return self._days[ago - days + _FUTURE] + _MINUTES[minute]

    @property
    def year(self) -> int:
        """The current year."""
        return self.today.year
