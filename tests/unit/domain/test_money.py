"""Amounts: what is read, what is not, and how they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.money import MINOR_DIGITS, Money, format_money, parse_money
from crmtui.domain.numerals import parse_numeral


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("1234.5", 123450, "CNY"),
        ("1,234.50", 123450, "CNY"),
        ("￥１，２３４．００", 123400, "CNY"),
        ("¥ 1 234,50", 123450, "CNY"),
        ("1.2万", 1200000, "CNY"),
        ("1,234万元", 1234000000, "CNY"),
        ("3.5亿", 35000000000, "CNY"),
        ("5千", 500000, "CNY"),
        ("2百万", 200000000, "CNY"),
        ("十二万", 12000000, "CNY"),
        ("壹万贰仟元整", 1200000, "CNY"),
        ("壹万贰仟叁佰元整", 1230000, "CNY"),
        ("人民币叁拾元伍角贰分", 3052, "CNY"),
        ("貳萬圓", 2000000, "CNY"),
        ("18,200元", 1820000, "CNY"),
        ("RMB 300", 30000, "CNY"),
        ("300 人民币", 30000, "CNY"),
        ("HK$88.80", 8880, "HKD"),
        ("NT$1,000", 100000, "TWD"),
        ("US$5", 500, "USD"),
        ("$1,234.5", 123450, "USD"),
        ("€1.234,50", 123450, "EUR"),
        ("1.234,50 €", 123450, "EUR"),
        ("1.234 €", 123400, "EUR"),
        ("12,- EUR", 1200, "EUR"),
        ("1'234.50 CHF", 123450, "CHF"),
        ("2,5 Mio. €", 250000000, "EUR"),
        ("£3k", 300000, "GBP"),
        ("(300)", -30000, "CNY"),
        ("(1,234.00)", -123400, "CNY"),
        ("-¥5.5", -550, "CNY"),
        ("¥-5.5", -550, "CNY"),
        ("300-", -30000, "CNY"),
        ("1.5 KWD", 1500, "KWD"),
        ("JPY 1,500", 1500, "JPY"),
        ("¥1,500 日元", 1500, "JPY"),
        ("1,000円", 1000, "JPY"),
        ("$10 AUD", 1000, "AUD"),
        ("0", 0, "CNY"),
        ("0.005", 1, "CNY"),
        ("1,00,000 INR", 10000000, "INR"),
    ],
)
def test_parse_money(text: str, minor: int, currency: str) -> None:
    assert parse_money(text, "CNY") == Money(minor, currency)


def test_the_default_currency_decides_what_a_sign_means() -> None:
    assert parse_money("¥1,500", "JPY") == Money(1500, "JPY")
    assert parse_money("$5", "CAD") == Money(500, "CAD")
    assert parse_money("12", "KWD") == Money(12000, "KWD")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "面议",
        "约5万",
        "万",
        "-",
        "1,2,3",
        "12-13",
        "1.2.3,4",
        "€5 USD",
        "5 apples",
        "9" * 30,
        "abc",
        "()",
        "1e5",
        "元",
    ],
)
def test_not_understood(text: str) -> None:
    assert parse_money(text, "CNY") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十", 10),
        ("二十五", 25),
        ("一百零五", 105),
        ("两百五", 250),
        ("一万二", 12000),
        ("二〇二四", 2024),
        ("一亿零三万", 100030000),
        ("二千三百四十五万六千七百八十九", 23456789),
    ],
)
def test_numerals(text: str, value: int) -> None:
    assert parse_numeral(text) == value


@pytest.mark.parametrize(
    ("minor", "currency", "language", "shown"),
    [
        (1820000, "CNY", "zh_CN", "¥18,200"),
        (123450, "EUR", "en", "€1,234.50"),
        (-305, "GBP", "en", "-£3.05"),
        (1500, "JPY", "zh_CN", "JP¥1,500"),
        (1234, "KWD", "en", "KWD 1.234"),
        (500, "USD", "zh_CN", "US$5"),
        (0, "CNY", "en", "¥0"),
    ],
)
def test_format_money(minor: int, currency: str, language: str, shown: str) -> None:
    assert format_money(minor, currency, language) == shown


@given(
    st.one_of(
        st.text(alphabet=st.characters(categories=None)),
        st.text(alphabet="0123456789.,()-万亿千元壹贰拾€$¥ Kk'", max_size=16),
    ),
    st.sampled_from(["CNY", "JPY", "EUR", "XYZ", ""]),
)
def test_nothing_fails(text: str, currency: str) -> None:
    found = parse_money(text, currency)
    assert found is None or isinstance(found.minor, int)


@given(st.integers(-(10**12), 10**12), st.sampled_from(sorted(MINOR_DIGITS)), st.sampled_from(["zh_CN", "en"]))
def test_what_is_shown_reads_back(minor: int, currency: str, language: str) -> None:
    assert parse_money(format_money(minor, currency, language), currency) == Money(minor, currency)
