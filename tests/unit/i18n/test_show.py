"""How values look, in both languages."""

import gettext
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from crmtui import i18n
from crmtui.i18n import show

NOW = datetime(2024, 3, 5, 14, 30, tzinfo=timezone(timedelta(hours=8)))
CATALOGUE = Path(i18n.LOCALE_FOLDER, "zh_CN", "LC_MESSAGES", "crmtui.po")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Start in English, and leave the language as it was."""
    before = i18n.current_language()
    i18n.set_language("en")
    yield
    i18n.set_language(before)


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chinese as the committed catalogue has it, whether or not it has been compiled."""
    compiled = BytesIO()
    with CATALOGUE.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale="zh_CN"))
    compiled.seek(0)
    i18n.set_language("zh_CN")
    monkeypatch.setattr(i18n, "_catalogue", gettext.GNUTranslations(compiled))


DISTANCES = [
    (timedelta(0), "now", "刚刚"),
    (timedelta(seconds=59), "now", "刚刚"),
    (timedelta(seconds=-59), "now", "刚刚"),
    (timedelta(minutes=1), "1m", "1分钟前"),
    (timedelta(minutes=59, seconds=59), "59m", "59分钟前"),
    (timedelta(hours=1), "1h", "1小时前"),
    (timedelta(hours=23, minutes=59), "23h", "23小时前"),
    (timedelta(days=1), "1d", "1天前"),
    (timedelta(days=2, hours=20), "2d", "2天前"),
    (timedelta(days=6, hours=23, minutes=59), "6d", "6天前"),
    (timedelta(days=7), "2024-02-27", "2024-02-27"),
    (timedelta(days=400), "2023-01-30", "2023-01-30"),
    (timedelta(minutes=-5), "in 5m", "5分钟后"),
    (timedelta(hours=-3), "in 3h", "3小时后"),
    (timedelta(days=-2), "in 2d", "2天后"),
    (timedelta(days=-7), "2024-03-12", "2024-03-12"),
]


@pytest.mark.parametrize(("ago", "english_text", "chinese_text"), DISTANCES)
def test_relative_time_in_english(ago: timedelta, english_text: str, chinese_text: str) -> None:
    assert show.relative_time(NOW - ago, NOW) == english_text


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(("ago", "english_text", "chinese_text"), DISTANCES)
def test_relative_time_in_chinese(ago: timedelta, english_text: str, chinese_text: str) -> None:
    assert show.relative_time(NOW - ago, NOW) == chinese_text


def test_date_after_a_week_is_the_viewers() -> None:
    moment = datetime(2024, 1, 31, 18, 0, tzinfo=UTC)
    assert show.relative_time(moment, NOW) == "2024-02-01"
    assert show.relative_time(moment, NOW.astimezone(UTC)) == "2024-01-31"


@given(st.timedeltas(timedelta(days=-3000), timedelta(days=3000)))
def test_relative_time_never_needs_more_than_ten_cells_in_english(ago: timedelta) -> None:
    assert 1 < len(show.relative_time(NOW - ago, NOW)) <= 10


def test_language_can_change_while_texts_are_cached(request: pytest.FixtureRequest) -> None:
    values = (show.relative_time(NOW - timedelta(days=3), NOW), show.show_date("2024-03-05", long=True))
    assert values == ("3d", "5 March 2024")
    request.getfixturevalue("chinese")
    values = (show.relative_time(NOW - timedelta(days=3), NOW), show.show_date("2024-03-05", long=True))
    assert values == ("3天前", "2024年3月5日")


DATES = [
    (date(2024, 3, 5), "2024-03-05", "5 March 2024", "2024年3月5日"),
    ("2024-12-31", "2024-12-31", "31 December 2024", "2024年12月31日"),
    ("2024-03", "2024-03", "March 2024", "2024年3月"),
    ("1980", "1980", "1980", "1980年"),
    ("--03-05", "--03-05", "5 March", "3月5日"),
]


@pytest.mark.parametrize(("value", "short", "long", "long_chinese"), DATES)
def test_dates_and_partial_dates(
    value: date | str, short: str, long: str, long_chinese: str, request: pytest.FixtureRequest
) -> None:
    assert show.show_date(value) == short
    assert show.show_date(value, long=True) == long
    request.getfixturevalue("chinese")
    assert show.show_date(value) == short
    assert show.show_date(value, long=True) == long_chinese


@pytest.mark.parametrize(
    "text", ["", "soon", "2024-13-01", "2024-00-10", "2024-03-00", "2024-03-32", "２０２４", "20240305"]
)
def test_text_that_is_no_date_comes_back(text: str) -> None:
    assert show.show_date(text, long=True) == text


@given(st.text(max_size=12))
def test_no_text_breaks_a_date(text: str) -> None:
    assert show.show_date(text) == text
    assert isinstance(show.show_date(text, long=True), str)


def test_moment_is_shown_in_the_zone_asked_for(request: pytest.FixtureRequest) -> None:
    moment = datetime(2024, 3, 5, 20, 5, 59, tzinfo=UTC)
    assert show.show_moment(moment, UTC) == "2024-03-05 20:05"
    assert show.show_moment(moment, NOW.tzinfo) == "2024-03-06 04:05"
    assert show.show_moment(moment, NOW.tzinfo, long=True) == "6 March 2024 04:05"
    assert show.show_moment(moment) == moment.astimezone().strftime("%Y-%m-%d %H:%M")
    request.getfixturevalue("chinese")
    assert show.show_moment(moment, NOW.tzinfo, long=True) == "2024年3月6日 04:05"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (1000, "1,000"), (1234567, "1,234,567"), (-1500, "-1,500")]
)
def test_numbers(value: int, text: str) -> None:
    assert show.show_number(value) == text


@pytest.mark.parametrize(
    ("minutes", "english_text", "chinese_text"),
    [(0, "0m", "0分钟"), (8, "8m", "8分钟"), (60, "1h", "1小时"), (65, "1h 5m", "1小时5分"), (1500, "25h", "25小时")],
)
def test_durations(minutes: int, english_text: str, chinese_text: str, request: pytest.FixtureRequest) -> None:
    assert show.duration_minutes(minutes) == english_text
    request.getfixturevalue("chinese")
    assert show.duration_minutes(minutes) == chinese_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (237_000_000, "237 MB"),
        (1_500_000_000, "1.5 GB"),
        (12_345 * 10**18, "12,345 EB"),
    ],
)
def test_sizes(size: int, text: str) -> None:
    assert show.show_bytes(size) == text
