"""Due times across summer time and journeys: moments stay moments, days stay days."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crmtui.domain.due import day_of, is_overdue, local_due, stored_due
from crmtui.domain.moments import read_moment

BERLIN, SHANGHAI, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def test_an_hour_after_the_clocks_change_is_that_hour_by_the_new_clock() -> None:
    now = datetime(2026, 10, 24, 12, tzinfo=BERLIN)  # summer time ends in the night of the 25th
    moment = read_moment("mon 3pm", now, "en")
    assert moment is not None
    assert stored_due(moment, BERLIN) == "2026-10-26T14:00:00Z"
    offset_of_today = now.replace(tzinfo=None).replace(tzinfo=ZoneInfo("Etc/GMT-2"))
    moment = read_moment("mon 3pm", offset_of_today, "en")
    assert moment is not None
    assert stored_due(moment, BERLIN) == "2026-10-26T14:00:00Z"


def test_a_clock_that_the_change_leaves_out_is_still_a_moment() -> None:
    assert stored_due(datetime(2026, 3, 29, 2, 30), BERLIN) == "2026-03-29T01:30:00Z"


def test_a_day_without_an_hour_is_a_day() -> None:
    assert stored_due(datetime(2026, 11, 27), SHANGHAI) == "2026-11-27"


def test_a_journey_moves_no_moment_but_the_clock_that_shows_it() -> None:
    stored = stored_due(datetime(2026, 11, 27, 15), SHANGHAI)
    assert stored == "2026-11-27T07:00:00Z"
    assert local_due(stored, BERLIN) == datetime(2026, 11, 27, 8, tzinfo=BERLIN)
    assert local_due("2026-11-27", NEW_YORK) == datetime(2026, 11, 27, tzinfo=NEW_YORK)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-11-27Tx"])
def test_what_is_no_due_time_is_none(text: str) -> None:
    assert local_due(text, UTC) is None


def test_a_day_is_over_when_it_is_over_where_one_is() -> None:
    evening = datetime(2026, 11, 28, 2, tzinfo=UTC)
    assert is_overdue("2026-11-27", evening.astimezone(SHANGHAI))
    assert not is_overdue("2026-11-27", evening.astimezone(NEW_YORK))
    assert is_overdue("2026-11-28T01:59:00Z", evening.astimezone(NEW_YORK))
    assert not is_overdue("2026-11-28T02:01:00Z", evening)


def test_the_day_of_the_change_has_25_hours() -> None:
    day = day_of(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), BERLIN)
    assert day.today == date(2026, 10, 25)
    assert (day.starts(0), day.starts(1)) == ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")
    assert day_of(datetime(2026, 11, 23, 17, tzinfo=UTC), SHANGHAI).today == date(2026, 11, 24)
