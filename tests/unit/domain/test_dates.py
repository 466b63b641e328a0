"""Dates in cells and natural due dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.dates import Order, parse_date, parse_moment

ANY_TEXT = st.text(alphabet=st.characters(categories=None))
NOW = datetime(2026, 11, 25, 10, 30)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024年3月5日", "2024-03-05"),
        ("2024年3月5号 星期二", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024.03.05", "2024-03-05"),
        ("2024-03-05 14:30:00", "2024-03-05"),
        ("2024-03-05T14:30:00Z", "2024-03-05"),
        ("2024/3/5 下午 2:30", "2024-03-05"),
        ("2024年3月5日上午9点", "2024-03-05"),
        ("20240305", "2024-03-05"),
        ("２０２４－０３－０５", "2024-03-05"),
        ("二〇二四年三月五日", "2024-03-05"),
        ("二零二三年十二月三十一日", "2023-12-31"),
        ("民国113年3月5日", "2024-03-05"),
        ("民國113年", "2024"),
        ("民国113/03/05", "2024-03-05"),
        ("24年3月", "2024-03"),
        ("2024", "2024"),
        ("2024年", "2024"),
        ("2024-03", "2024-03"),
        ("2024年3月份", "2024-03"),
        ("202403", "2024-03"),
        ("5.3.2024", "2024-03-05"),
        ("25/3/2024", "2024-03-25"),
        ("3/25/2024", "2024-03-25"),
        ("24-3-5", "2024-03-05"),
        ("5 March 2024", "2024-03-05"),
        ("Mar 5th, 2024", "2024-03-05"),
        ("Tue, 5 Mar 2024", "2024-03-05"),
        ("5. März 2024", "2024-03-05"),
        ("March 2024", "2024-03"),
        ("二〇二四", "2024"),
        ("2024年十二月", "2024-12"),
        ("5-Mar-24", "2024-03-05"),
        ("Jan-25", "2025-01"),
        ("29.2.2024", "2024-02-29"),
    ],
)
def test_parse_date(text: str, iso: str) -> None:
    assert parse_date(text) == iso


@pytest.mark.parametrize(
    ("text", "order", "iso"),
    [
        ("5/3/2024", "ymd", None),
        ("5/3/2024", "dmy", "2024-03-05"),
        ("5/3/2024", "mdy", "2024-05-03"),
        ("05.03.24", "dmy", "2024-03-05"),
        ("3-5-99", "mdy", "1999-03-05"),
        ("31/12/2024", "mdy", None),
        ("5/5/2024", "ymd", "2024-05-05"),
    ],
)
def test_order(text: str, order: Order, iso: str | None) -> None:
    assert parse_date(text, order=order) == iso


def test_spreadsheet_serials_only_when_asked() -> None:
    assert parse_date("45356") is None
    assert parse_date("45356", serial=True) == "2024-03-05"
    assert parse_date("45356.604", serial=True) == "2024-03-05"
    assert parse_date("1", serial=True) == "1900-01-01"
    assert parse_date("60", serial=True) is None
    assert parse_date("61", serial=True) == "1900-03-01"
    assert parse_date("1999", serial=True) == "1999"
    assert parse_date("20240305", serial=True) == "2024-03-05"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024年13月1日",
        "2023-02-29",
        "20241301",
        "下周",
        "0999",
        "13800138000",
        "5/3",
        "31.4.2024",
        "民国0年13月",
        "abc 2024",
    ],
)
def test_not_a_date(text: str) -> None:
    assert parse_date(text) is None


@given(
    st.one_of(ANY_TEXT, st.text(alphabet="0123456789-/.年月日 民国", max_size=14)),
    st.sampled_from(["ymd", "dmy", "mdy"]),
)
def test_no_text_fails(text: str, order: Order) -> None:
    for serial in (False, True):
        iso = parse_date(text, order=order, serial=serial)
        assert iso is None or parse_date(iso) == iso


@given(st.dates(date(1910, 1, 1), date(2199, 12, 31)))
def test_forms_of_one_day_agree(day: date) -> None:
    iso = day.isoformat()
    assert parse_date(f"{day.year}年{day.month}月{day.day}日") == iso
    assert parse_date(f"{day.day}.{day.month}.{day.year}") == iso
    assert parse_date(f"{day.month}/{day.day}/{day.year}", order="mdy") == iso
    assert parse_date(str((day - date(1899, 12, 30)).days), serial=True) == iso


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "2026-11-25 00:00"),
        ("tomorrow 9am", "2026-11-26 09:00"),
        ("9am tomorrow", "2026-11-26 09:00"),
        ("tmr at 14:15", "2026-11-26 14:15"),
        ("fri", "2026-11-27 00:00"),
        ("Friday 3pm", "2026-11-27 15:00"),
        ("wed", "2026-12-02 00:00"),
        ("next mon", "2026-11-30 00:00"),
        ("this thu", "2026-11-26 00:00"),
        ("on saturday noon", "2026-11-28 12:00"),
        ("in 2w", "2026-12-09 00:00"),
        ("3d", "2026-11-28 00:00"),
        ("in 3 days at 8", "2026-11-28 08:00"),
        ("in 2 hours", "2026-11-25 12:30"),
        ("90min", "2026-11-25 12:00"),
        ("day after tomorrow", "2026-11-27 00:00"),
        ("friday at 3", "2026-11-27 15:00"),
        ("24.12.", "2026-12-24 00:00"),
        ("+3d", "2026-11-28 00:00"),
        ("1 month", "2026-12-25 00:00"),
        ("2026-12-01 14:30", "2026-12-01 14:30"),
        ("2026-12-01T14:30", "2026-12-01 14:30"),
        ("2026/12/1", "2026-12-01 00:00"),
        ("1 dec 5:30pm", "2026-12-01 17:30"),
        ("Jan 3rd", "2027-01-03 00:00"),
        ("12/1", "2026-12-01 00:00"),
        ("11am", "2026-11-25 11:00"),
        ("9:00", "2026-11-26 09:00"),
        ("12am", "2026-11-26 00:00"),
        ("tonight", "2026-11-25 19:00"),
        ("tomorrow morning", "2026-11-26 09:00"),
        ("end of month", "2026-11-30 00:00"),
        ("下周五", "2026-12-04 00:00"),
        ("下下周一", "2026-12-07 00:00"),
        ("这周日", "2026-11-29 00:00"),
        ("周五15:00", "2026-11-27 15:00"),
        ("星期天", "2026-11-29 00:00"),
        ("明天下午3点", "2026-11-26 15:00"),
        ("明天下午三点半", "2026-11-26 15:30"),
        ("明早", "2026-11-26 09:00"),
        ("今晚8点", "2026-11-25 20:00"),
        ("后天", "2026-11-27 00:00"),
        ("大后天上午10点", "2026-11-28 10:00"),
        ("3天后", "2026-11-28 00:00"),
        ("三天後", "2026-11-28 00:00"),
        ("两周后", "2026-12-09 00:00"),
        ("2个月后", "2027-01-25 00:00"),
        ("半小时后", "2026-11-25 11:00"),
        ("2小时后", "2026-11-25 12:30"),
        ("下个月5号", "2026-12-05 00:00"),
        ("12月1日 14点", "2026-12-01 14:00"),
        ("2月29日", "2028-02-29 00:00"),
        ("5号", "2026-12-05 00:00"),
        ("月底", "2026-11-30 00:00"),
        ("晚上12点", "2026-11-26 00:00"),
        ("２０２６年１２月１日下午２：３０", "2026-12-01 14:30"),
    ],
)
def test_parse_moment(text: str, expected: str) -> None:
    assert parse_moment(text, NOW, "zh_CN") == datetime.fromisoformat(expected)


def test_language_and_zone() -> None:
    assert parse_moment("1/12", NOW, "de") == datetime(2026, 12, 1)
    zone = timezone(timedelta(hours=8))
    assert parse_moment("tomorrow 9am", NOW.replace(tzinfo=zone), "en") == datetime(2026, 11, 26, 9, tzinfo=zone)


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "13pm", "2月30日", "99号", "next", "9999y", "30m", "call Bob", "2026-13-01", "month"]
)
def test_not_a_moment(text: str) -> None:
    assert parse_moment(text, NOW, "en") is None


@given(
    st.one_of(
        ANY_TEXT,
        st.lists(
            st.sampled_from([*"in2wdhm月日点下周五后半:/-号0个年 ", "next", "9999", "am", "fri", "12月", "31", "晚上"]),
            max_size=6,
        ).map("".join),
    ),
    st.datetimes(),
    st.sampled_from(["zh_CN", "en", "de"]),
)
def test_no_moment_fails(text: str, now: datetime, language: str) -> None:
    parse_moment(text, now, language)
