"""How often a customer is usually spoken with, and from which day on silence is unusual for them.

The rhythm is the median of the gaps, in days, between the newest twelve days on which there was a contact; it needs three such
days. Several contacts on one day count once. Silence is unusual after twice the usual gap, but never before two weeks:
one missed beat may be a holiday, and nobody who is called each day has gone quiet over a long weekend.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date

from crmtui.light_typing import NamedTuple

DAYS_COUNTED = 12
DAYS_NEEDED = 3
QUIET_AFTER_GAPS = 2
QUIET_FLOOR_DAYS = 14
_DAY = 10  # 2026-11-27


class Rhythm(NamedTuple):
    """``usual_gap_days`` between contacts, and ``quiet_from``, the day (ISO) from which silence is unusual; None without a rhythm."""

    usual_gap_days: int | None
    quiet_from: str | None


NO_RHYTHM = Rhythm(None, None)


def rhythm_of(moments: Iterable[str], last: str | None) -> Rhythm:
    """The rhythm of contacts at these moments (UTC text), in any order; ``last`` is the newest one known, also from other sources."""
    days = sorted({moment[:_DAY] for moment in moments}, reverse=True)
    if len(days) < DAYS_NEEDED:
        return NO_RHYTHM
    numbers: list[int] = []
    for day in days:
        try:
            numbers.append(date.fromisoformat(day).toordinal())
        except ValueError:
            continue  # what is no date says nothing about when it was
        if len(numbers) == DAYS_COUNTED:
            break
    if len(numbers) < DAYS_NEEDED:
        return NO_RHYTHM
    usual = _median([numbers[at] - numbers[at + 1] for at in range(len(numbers) - 1)])
    newest = numbers[0]
    if last is not None and last[:_DAY] > days[0]:
        with suppress(ValueError):
            newest = date.fromisoformat(last[:_DAY]).toordinal()
    silence = max(QUIET_FLOOR_DAYS, QUIET_AFTER_GAPS * usual)
    return Rhythm(usual, date.fromordinal(min(newest + silence, date.max.toordinal())).isoformat())


def _median(gaps: list[int]) -> int:
    """The middle one; between two in the middle their mean, rounded up."""
    gaps.sort()
    middle = len(gaps) // 2
    return gaps[middle] if len(gaps) % 2 else (gaps[middle - 1] + gaps[middle] + 1) // 2
