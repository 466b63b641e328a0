"""Amounts of money: read from cells as minor units and a currency, shown compactly in Chinese and English."""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import normalize

from crmtui.domain.numerals import LARGE_UNITS, NUMERALS, UNITS, parse_numeral

_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP"
    " CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR"
    " JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN"
    " NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP"
    " SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWL",
}
MINOR_DIGITS: dict[str, int] = {code: digits for digits, codes in _EXPONENTS.items() for code in codes.split()}
"""ISO 4217 code → digits after the point (JPY 0, CNY 2, KWD 3)."""

MAX_MINOR = 10**17
"""Amounts at or beyond this many minor units are not read: they would not fit the database's integers in sums."""


class Money(NamedTuple):
    """An amount in minor units (fen, cents) of an ISO 4217 currency."""

    minor: int
    currency: str


# What stands for a currency in a cell, and what is shown for it. `¥` is the yen where yen is the default currency.
_SIGNS = {
    "HK$": "HKD",
    "NT$": "TWD",
    "US$": "USD",
    "A$": "AUD",
    "AU$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "S$": "SGD",
    "R$": "BRL",
    "CN¥": "CNY",
    "JP¥": "JPY",
    "¥": "CNY",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "₩": "KRW",
    "₹": "INR",
    "₽": "RUB",
    "฿": "THB",
    "₫": "VND",
    "₱": "PHP",
    "₺": "TRY",
    "RMB": "CNY",
    "CNH": "CNY",
    "人民币": "CNY",
    "港币": "HKD",
    "港元": "HKD",
    "新台币": "TWD",
    "台币": "TWD",
    "美元": "USD",
    "美金": "USD",
    "欧元": "EUR",
    "英镑": "GBP",
    "日元": "JPY",
    "日圆": "JPY",
    "円": "JPY",
    "韩元": "KRW",
    "澳元": "AUD",
    "加元": "CAD",
    "新加坡元": "SGD",
    "EURO": "EUR",
    "DOLLAR": "USD",
    "DOLLARS": "USD",
    "元": "",
    "圆": "",
    "块": "",
    "块钱": "",
    "元整": "",
    "圆整": "",
    "元正": "",
}
_DOLLARS = frozenset({"USD", "AUD", "CAD", "SGD", "NZD", "HKD", "TWD", "MXN"})
# Written with a point between thousands where they are at home: 1.234 is one thousand.
_POINT_GROUPS = frozenset({"EUR", "DKK", "BRL", "TRY", "IDR", "ARS", "COP", "RON", "RSD"})
_SIGN = re.compile(
    "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True) if not sign.isascii() or "$" in sign)
    + r"|(?<![A-Z])[A-Z]{3,7}(?![A-Z])"
)
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,' ]*\d|\d|\.\d+)", re.ASCII)
_SCALED = re.compile(
    r"([\d.,' ]*?\d[.,]? ?)(千万|百万|万亿|亿|万|千|百|[KkMm]|mio\.?|mrd\.?|bn)", re.ASCII | re.IGNORECASE
)
_SCALES = {
    "千": 3,
    "百": 2,
    "万": 4,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "万亿": 12,
    "k": 3,
    "m": 6,
    "mio": 6,
    "mrd": 9,
    "bn": 9,
}
_TO_SIMPLE = str.maketrans("萬億圓幣歐鎊塊", "万亿圆币欧镑块")
_DIGIT = f"[{''.join(NUMERALS)}]"
_CHINESE_AMOUNT = re.compile(
    f"([{''.join((*NUMERALS, *UNITS, *LARGE_UNITS))}]+)(?:(?:元|圆|块钱|块)(?:({_DIGIT})角)?(?:零?({_DIGIT})分)?[整正]?)?"
)


def parse_money(text: str, default_currency: str) -> Money | None:
    """Return the amount in a cell, in `default_currency` where none is written; None when it is not understood.

    Reads signs, codes and names of currencies, both decimal signs, 万 亿 K M, Chinese numerals (壹万贰仟元整) and
    negative amounts as `-300` or `(300)`. An amount finer than the minor unit is rounded half up. Never raises.
    """
    found = _read(text, default_currency)
    if found is None:
        return None
    units, power, currency, negative = found
    return _money(units, power, currency, default_currency, negative)


def _read(text: str, default_currency: str) -> tuple[int, int, str, bool] | None:
    """The amount in a cell as units, the power of ten they count in, the currency, and whether it is negative."""
    if len(text) > 80:
        return None
    text = normalize("NFKC", text).strip().translate(_TO_SIMPLE)
    negative = False
    if text[:1] == "(" and text[-1:] == ")":
        negative, text = True, text[1:-1].strip()
    for minus in "−–—":
        text = text.replace(minus, "-")
    chinese = _parse_chinese(text, default_currency)
    if chinese is not None:
        return *chinese, negative
    currency, rest = _take_currency(text.upper(), default_currency)
    if currency is None:
        return None
    rest = rest.replace("\u00a0", " ").strip()
    if rest[:1] in ("-", "+"):
        negative, rest = negative != (rest[0] == "-"), rest[1:].strip()
    elif rest[-1:] == "-" and len(rest) > 1:
        # `12,-` is a German price without cents; `300-` is a negative amount of accountants.
        priced = rest[-2] in ",."
        negative, rest = (negative if priced else not negative), rest[: -2 if priced else -1].strip()
    power, point_groups, comma_groups = 0, currency in _POINT_GROUPS or MINOR_DIGITS.get(currency, 2) == 0, True
    scaled = _SCALED.fullmatch(rest)
    if scaled is not None:
        scale = scaled[2].casefold().rstrip(".")
        rest, power = scaled[1].strip(), _SCALES[scale]
        point_groups, comma_groups = False, scale not in ("mio", "mrd")
    if not _NUMBER.fullmatch(rest):
        return None
    number = _plain_number(rest, point_groups=point_groups, comma_groups=comma_groups)
    if number is None:
        return None
    whole, _, fraction = number.partition(".")
    return int((whole or "0") + fraction), power - len(fraction), currency, negative


def plain_amount(text: str, style: str) -> tuple[str, str] | None:
    """A number as it is written in Germany (``de``: 1.234,5), the United States (``us``) or China (``cn``), as (plain decimal
    number, the currency that is written with it or ""); None when it is none. A percent sign is left out. Never raises."""
    text = normalize("NFKC", text).strip()
    text = text.removesuffix("%").rstrip()
    if len(text) > 80:
        return None
    if style == "de" and re.fullmatch(r"[^\d,.]*\d{1,3}(?:\.\d{3})+[^\d,.]*", text, re.ASCII):
        text = text.replace(".", "")
    elif style != "de" and re.fullmatch(r"[^\d,.]*\d{1,3}(?:,\d{3})+[^\d,.]*", text, re.ASCII):
        text = text.replace(",", "")
    elif style == "de" and re.search(r"\d,-", text, re.ASCII):
        text = text.replace(".", "")
    elif style == "de" and re.search(r"\d,\d", text, re.ASCII):
        text = text.replace(".", "").replace(",", ".")
        text = re.sub(r"(\d\.\d{3})(?!\d)", r"\g<1>0", text)  # three digits after a decimal comma are no thousands
    elif style != "de" and (match := re.search(r"\.\d{3}(?!\d)", text, re.ASCII)):
        text = f"{text[: match.end()]}0{text[match.end() :]}"
    found = _read(text, "XXX")
    if found is None:
        return None
    units, power, currency, negative = found
    digits = str(units)
    if power >= 0:
        number = digits + "0" * power
    else:
        digits = digits.rjust(1 - power, "0")
        number = f"{digits[:power]}.{digits[power:]}".rstrip("0").rstrip(".")
    return ("-" if negative and units else "") + number, "" if currency == "XXX" else currency


def _money(units: int, power: int, currency: str, default_currency: str, negative: bool) -> Money | None:
    """Return `units` × 10^`power` in minor units, rounded half up."""
    currency = currency or default_currency
    power += MINOR_DIGITS.get(currency, 2)
    minor = units * 10**power if power >= 0 else (units * 2 + 10**-power) // (2 * 10**-power)
    return Money(-minor if negative else minor, currency) if minor < MAX_MINOR else None


def _take_currency(text: str, default_currency: str) -> tuple[str | None, str]:
    """Return the currency written in `text` (None when two disagree or a word is unknown) and the text without it."""
    sure: set[str] = set()
    weak = ""
    unknown = False

    def take(found: re.Match[str]) -> str:
        nonlocal weak, unknown
        sign = found[0]
        if sign in ("¥", "$"):
            weak = _SIGNS[sign]
            return " "
        named = sign if sign in MINOR_DIGITS else _SIGNS.get(sign)
        if named is None:
            unknown = unknown or sign not in ("MIO", "MRD")
            return sign
        if named:
            sure.add(named)
        return " "

    rest = _SIGN.sub(take, text).strip()
    if unknown or len(sure) > 1:
        return None, rest
    if sure:
        return sure.pop(), rest
    if (weak == "CNY" and default_currency == "JPY") or (weak == "USD" and default_currency in _DOLLARS):
        weak = default_currency
    return weak or default_currency, rest


def _plain_number(text: str, *, point_groups: bool, comma_groups: bool) -> str | None:
    """Return digits with at most one point from a number with either decimal sign and any grouping, or None."""
    text = text.lstrip("+-").replace("'", " ")
    if " " in text:
        first, *groups = text.split(" ")
        if not all(len(re.split("[.,]", group)[0]) == 3 for group in groups) or not 1 <= len(first) <= 3:
            return None
        text = first + "".join(groups)
    commas, points = text.count(","), text.count(".")
    if commas and points:
        decimal, group = (",", ".") if text.rfind(",") > text.rfind(".") else (".", ",")
        if text.count(decimal) > 1:
            return None
        whole, _, fraction = text.partition(decimal)
        return _joined(whole, group, fraction)
    sign = "," if commas else "."
    if commas + points == 0:
        return text
    if commas + points > 1:
        return _joined(text, sign, "")
    whole, _, fraction = text.partition(sign)
    groupable = comma_groups if sign == "," else point_groups
    if groupable and len(fraction) == 3 and 1 <= len(whole) <= 3 and whole != "0":
        return whole + fraction
    return f"{whole}.{fraction}"


def _joined(whole: str, group: str, fraction: str) -> str | None:
    """Return `whole` without its group signs, if these stand where groups end (in threes, or Indian and Chinese ones)."""
    groups = whole.split(group)
    if not 1 <= len(groups[0]) <= 4 or not all(part.isdigit() for part in groups) or len(groups[-1]) not in (3, 4):
        return None
    if any(len(part) not in (2, 3, 4) for part in groups[1:]):
        return None
    return "".join(groups) + (f".{fraction}" if fraction else "")


def _parse_chinese(text: str, default_currency: str) -> tuple[int, int, str] | None:
    """Return (units, power, currency) of an amount in Chinese numerals, or None."""
    currency, rest = "", text
    for name in ("人民币", "RMB", "¥", "港币", "美元", "欧元", "美金", "日元"):
        if rest.startswith(name) or rest.endswith(name):
            currency, rest = _SIGNS[name], rest.removeprefix(name).removesuffix(name).strip(" :")
            break
    found = _CHINESE_AMOUNT.fullmatch(rest)
    if found is None:
        return None
    whole = parse_numeral(found[1])
    if whole is None or (found[1][0] not in NUMERALS and found[1][0] not in "十拾"):
        return None
    fen = 10 * NUMERALS.get(found[2] or "零", 0) + NUMERALS.get(found[3] or "零", 0)
    return whole * 100 + fen, -2, currency


_SHOWN = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "TWD": "NT$",
    "JPY": "JP¥",
    "KRW": "₩",
    "INR": "₹",
}
_SHOWN_ZH = {**_SHOWN, "USD": "US$"}


def format_money(minor: int, currency: str, language: str) -> str:
    """Return an amount for a list: `¥18,200`, `€1,234.50`, `-£3.05`; the code and a space where no sign is known.

    The fraction is left out when it is zero. `language` is a locale name; Chinese says US$ where English says $.
    """
    digits = MINOR_DIGITS.get(currency, 2)
    whole, fraction = divmod(abs(minor), 10**digits)
    number = f"{whole:,}.{fraction:0{digits}d}" if fraction else f"{whole:,}"
    sign = (_SHOWN_ZH if language.startswith("zh") else _SHOWN).get(currency) or f"{currency} "
    return f"{'-' if minor < 0 else ''}{sign}{number}"
