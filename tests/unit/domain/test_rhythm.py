"""The rhythm of contacts: the median of the newest gaps, and from when silence is unusual."""

from datetime import date, timedelta
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.rhythm import DAYS_COUNTED, NO_RHYTHM, QUIET_FLOOR_DAYS, rhythm_of


def on(*days: int) -> list[str]:
    """Moments on days counted from the first of January 2026."""
    return [f"{date(2026, 1, 1) + timedelta(days=day)}T10:00:00Z" for day in days]


def test_two_days_are_no_rhythm_however_often_one_spoke() -> None:
    assert rhythm_of(on(0, 0, 0, 5, 5), None) == NO_RHYTHM
    assert rhythm_of([], None) == NO_RHYTHM


def test_the_usual_gap_is_the_median_and_silence_is_twice_that() -> None:
    assert rhythm_of(on(0, 11, 22, 33, 133), on(133)[0]) == (11, str(date(2026, 1, 1) + timedelta(days=133 + 22)))
    assert rhythm_of(on(0, 10, 31), None).usual_gap_days == 16  # between 10 and 21, rounded up


def test_nobody_has_gone_quiet_within_two_weeks() -> None:
    assert rhythm_of(on(0, 1, 2, 3), on(3)[0]) == (1, str(date(2026, 1, 4) + timedelta(days=QUIET_FLOOR_DAYS)))


def test_only_the_newest_days_count() -> None:
    assert rhythm_of(on(*range(0, 1000, 100), *range(1000, 1012)), None).usual_gap_days == 1


def test_a_later_contact_from_another_program_breaks_the_silence_but_not_the_rhythm() -> None:
    assert rhythm_of(on(0, 10, 20), on(40)[0]) == (10, str(date(2026, 1, 1) + timedelta(days=60)))


@pytest.mark.parametrize("bad", ["", "yesterday", "2026-02-30T00:00:00Z"])
def test_what_is_no_date_is_left_out(bad: str) -> None:
    assert rhythm_of([*on(0, 10, 20), bad], None).usual_gap_days == 10
    assert rhythm_of([*on(0, 10), bad], None) == NO_RHYTHM


@given(st.lists(st.integers(0, 3000), min_size=3, max_size=40))
def test_it_is_the_median_of_the_newest_gaps(days: list[int]) -> None:
    distinct = sorted(set(days), reverse=True)[:DAYS_COUNTED]
    found = rhythm_of(on(*days), None)
    if len(distinct) < 3:
        assert found == NO_RHYTHM
        return
    usual = median(newer - older for newer, older in pairwise(distinct))
    assert found.usual_gap_days == int(usual + 0.5)
    quiet = date(2026, 1, 1) + timedelta(days=distinct[0] + max(QUIET_FLOOR_DAYS, 2 * int(usual + 0.5)))
    assert found.quiet_from == str(quiet)
