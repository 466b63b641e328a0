"""Due times as people type them in two languages, and shown back before they are kept."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.moment_text import describe_moment, understand_due
from crmtui.domain.moments import read_moment

NOW = datetime(2026, 11, 23, 10, 20)  # a Monday
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fri 3pm", "2026-11-27T15:00"),
        ("in 2w", "2026-12-07"),
        ("下周五", "2026-12-04"),
        ("明天下午3点", "2026-11-24T15:00"),
        ("明天 下午 3 点", "2026-11-24T15:00"),
        ("下下周三上午", "2026-12-09T09:00"),
        ("end of month", "2026-11-30"),
        ("end of the month", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("3天后", "2026-11-26"),
        ("月底", "2026-11-30"),
        ("下月底", "2026-12-31"),
        ("下个月初", "2026-12-01"),
        ("季度末", "2026-12-31"),
        ("明年底", "2027-12-31"),
        ("周末", "2026-11-28"),
        ("weekend", "2026-11-28"),
        ("下周末", "2026-12-05"),
        ("大后天", "2026-11-26"),
        ("后年", "2028-11-23"),
        ("明年3月5日", "2027-03-05"),
        ("半年后", "2027-05-23"),
        ("半个月后", "2026-12-08"),
        ("下个工作日", "2026-11-24"),
        ("tomorrow 9", "2026-11-24T09:00"),
        ("fri 3", "2026-11-27T15:00"),
        ("fri next week 10am", "2026-12-04T10:00"),
        ("tonight at 8", "2026-11-23T20:00"),
        ("the day after tomorrow", "2026-11-25"),
        ("the 5th", "2026-12-05"),
        ("on the 25th at noon", "2026-11-25T12:00"),
        ("30/11", "2026-11-30"),
        ("周一三点", "2026-11-30T15:00"),
        ("下周5下午3点", "2026-12-04T15:00"),
        ("明天3点", "2026-11-24T15:00"),
        ("明天3:00", "2026-11-24T03:00"),
        ("凌晨3点", "2026-11-24T03:00"),
        ("一个半小时后", "2026-11-23T11:50"),
        ("in 1.5 hours", "2026-11-23T11:50"),
        ("1h30m", "2026-11-23T11:50"),
        ("in half an hour", "2026-11-23T10:50"),
        ("一刻钟后", "2026-11-23T10:35"),
        ("Fri 27 Nov", "2026-11-27"),
    ],
)
def test_what_people_type(text: str, expected: str) -> None:
    assert read_moment(text, NOW, "en") == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "text",
    ["", "fri foo", "2月30日", "13月1日", "32号", "the 32nd", "fri 25", "fri 25:00", "稍后", "in 99999h", "月", "底"],
)
def test_what_is_no_time(text: str) -> None:
    assert read_moment(text, NOW, "en") is None
    assert understand_due(text, NOW, "zh_CN") is None


def test_the_weekend_of_a_sunday_is_today() -> None:
    sunday = datetime(2026, 11, 29, 9)
    assert read_moment("周末", sunday, "zh") == datetime(2026, 11, 29)
    assert read_moment("end of week", sunday, "en") == datetime(2026, 11, 29)


def test_hours_ahead_really_pass_when_the_clocks_change() -> None:
    night = datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN)
    moment = read_moment("in 3 hours", night, "en")
    assert moment is not None
    assert moment.astimezone(UTC) - night.astimezone(UTC) == timedelta(hours=3)
    assert moment.hour == 3


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("fri 3pm", "Fri 27 Nov 2026, 15:00 · in 4 days", "11月27日 周五 15:00 · 4天后"),
        ("fri", "Fri 27 Nov 2026 · in 4 days", "11月27日 周五 · 4天后"),
        ("today", "Mon 23 Nov 2026 · today", "11月23日 周一 · 今天"),
        ("tomorrow noon", "Tue 24 Nov 2026, 12:00 · tomorrow", "11月24日 周二 12:00 · 明天"),
        ("13:20", "Mon 23 Nov 2026, 13:20 · in 3 hours", "11月23日 周一 13:20 · 3小时后"),
        ("10:21", "Tue 24 Nov 2026, 10:21 · tomorrow", ""),
        ("in 20 min", "Mon 23 Nov 2026, 10:40 · in 20 minutes", "11月23日 周一 10:40 · 20分钟后"),
        ("now", "Mon 23 Nov 2026, 10:20 · now", "11月23日 周一 10:20 · 现在"),
        ("today 9:20", "Mon 23 Nov 2026, 09:20 · 1 hour ago", "11月23日 周一 09:20 · 1小时前"),
        ("yesterday", "Sun 22 Nov 2026 · yesterday", "2026年11月22日 周日 · 昨天"),
        ("2027-01-03", "Sun 3 Jan 2027 · in 41 days", "2027年1月3日 周日 · 41天后"),
    ],
)
def test_what_was_understood_is_shown_back(text: str, english: str, chinese: str) -> None:
    moment = read_moment(text, NOW, "en")
    assert moment is not None
    if text == "10:21":
        assert describe_moment(moment, NOW, "en") == "Mon 23 Nov 2026, 10:21 · in 1 minute"
        return
    assert describe_moment(moment, NOW, "en") == english
    assert describe_moment(moment, NOW, "zh_CN") == chinese


moments = st.datetimes(datetime(1900, 1, 1), datetime(2190, 1, 1)).map(
    lambda each: each.replace(second=0, microsecond=0)
)


@given(moments, moments, st.sampled_from(["en", "zh_CN"]))
def test_what_is_shown_is_read_as_the_same_moment(moment: datetime, now: datetime, language: str) -> None:
    shown, _dot, distance = describe_moment(moment, now, language).partition(" · ")
    assert distance
    assert read_moment(shown, now, language) == moment


@given(st.text(alphabet="下周五月底末日号点半后天个今明 0123456789:/-.apmfriheno", max_size=14), moments)
def test_nothing_that_is_typed_fails(text: str, now: datetime) -> None:
    aware = now.replace(tzinfo=SHANGHAI)
    found = understand_due(text, aware, "zh_CN", SHANGHAI)
    assert found is None or found.shown


@given(moments, st.sampled_from(["fri 3pm", "下周五15:00", "tomorrow 9:30", "3天后", "月底"]))
def test_a_due_time_is_stored_by_the_clock_of_its_own_day(now: datetime, text: str) -> None:
    found = understand_due(text, now.replace(tzinfo=BERLIN), "en", BERLIN)
    assert found is not None
    if len(found.stored) == 10:
        assert found.stored == found.moment.date().isoformat()
    else:
        local = datetime.fromisoformat(found.stored).astimezone(BERLIN)
        assert (local.hour, local.minute) == (found.moment.hour, found.moment.minute)
