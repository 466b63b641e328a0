"""Phone cells: forms, several numbers, extensions, damage; agreement with phonenumbers."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain import phones
from crmtui.domain.phones import Phone, digits, parse_phones, show_phone

ANY_TEXT = st.text(alphabet=st.characters(categories=None))
PHONE_LIKE = st.text(alphabet="0123456789+-()/ ,;x*.E转、（）手机：ab\n", max_size=40)


@pytest.mark.parametrize(
    "cell",
    [
        *["13800138000", "138-0013-8000", "+86 138 0013 8000", "008613800138000", "8613800138000", "(+86)13800138000"],
        *[
            "１３８００１３８０００",
            "013800138000",
            "1795113800138000",
            "13800138000.0",
            "+86-138-0013-8000",
            " 13800138000 ",
        ],
    ],
)
def test_one_chinese_mobile(cell: str) -> None:
    [phone] = parse_phones(cell)
    assert (phone.e164, phone.flag, phone.extension, phone.note) == ("+8613800138000", "", "", "")


@pytest.mark.parametrize(
    ("cell", "region", "e164", "extension"),
    [
        ("021-61618888-8001", "CN", "+862161618888", "8001"),
        ("021-61618888转8001", "CN", "+862161618888", "8001"),
        ("(021)61618888 分机 8001", "CN", "+862161618888", "8001"),
        ("（021）6161 8888（转12）", "CN", "+862161618888", "12"),
        ("400-810-8888", "CN", "+864008108888", ""),
        ("400-810-8888-123", "CN", "+864008108888", "123"),
        ("010-1234-5678", "CN", "+861012345678", ""),
        ("0755 8888 6666", "CN", "+8675588886666", ""),
        ("0086 21 6161 8888", "CN", "+862161618888", ""),
        ("030/123456", "DE", "+4930123456", ""),
        ("+44 (0)20 7946 0018", "GB", "+442079460018", ""),
        ("+44 (0)20 7946 0018", "CN", "+442079460018", ""),
        ("212 555 0123 x45", "US", "+12125550123", "45"),
        ("(212) 555-0123 ext. 45", "US", "+12125550123", "45"),
        ("tel:+1-212-555-0123;ext=45", "DE", "+12125550123", "45"),
        ("06 12 34 56 78", "FR", "+33612345678", ""),
        ("+39 06 6982", "IT", "+39066982", ""),
    ],
)
def test_one_number(cell: str, region: str, e164: str, extension: str) -> None:
    [phone] = parse_phones(cell, region)
    assert (phone.e164, phone.extension, phone.flag) == (e164, extension, "")


@pytest.mark.parametrize("separator", ["/", "、", "；", " ", " / ", ",", "，", "\n", " 或 "])
def test_two_numbers(separator: str) -> None:
    cell = f"13800138000{separator}021-61618888"
    assert [phone.e164 for phone in parse_phones(cell)] == ["+8613800138000", "+862161618888"]


def test_several_numbers_with_spaces_and_labels() -> None:
    assert [phone.e164 for phone in parse_phones("138 0013 8000 139 0013 9000")] == ["+8613800138000", "+8613900139000"]
    assert [phone.e164 for phone in parse_phones("030/123456; 0171/1234567", "DE")] == ["+4930123456", "+491711234567"]
    assert [(phone.label, phone.e164) for phone in parse_phones("手机：13800138000 传真：021-61618888")] == [
        ("mobile", "+8613800138000"),
        ("fax", "+862161618888"),
    ]
    assert parse_phones("021-61618888/89") == [Phone("021-61618888", "+862161618888", note="/89")]


def test_labels_and_notes() -> None:
    assert parse_phones("13800138000（张三）") == [Phone("13800138000", "+8613800138000", note="张三")]
    assert parse_phones("手机：13800138000") == [Phone("13800138000", "+8613800138000", label="mobile")]
    assert parse_phones("李四 13800138000 微信同号") == [Phone("13800138000", "+8613800138000", note="李四 微信同号")]
    assert parse_phones("13800138000，张三") == [Phone("13800138000", "+8613800138000", note="张三")]
    assert parse_phones("电话：021-61618888") == [Phone("021-61618888", "+862161618888")]
    assert parse_phones("Fax: +49 30 123456") == [Phone("+49 30 123456", "+4930123456", label="fax")]


@pytest.mark.parametrize(
    ("cell", "flag"),
    [
        ("1.38E+10", phones.SCIENTIFIC),
        ("1.3800138E+10", phones.SCIENTIFIC),
        ("138****5678", phones.MASKED),
        ("138 **** 5678", phones.MASKED),
        ("138xxxx5678", phones.MASKED),
        ("62345678", phones.NO_AREA_CODE),
        ("95588", phones.SHORT),
        ("110", phones.SHORT),
        ("同手机", phones.INVALID),
        ("1391234567", phones.INVALID),
        ("139123456789", phones.INVALID),
        ("微信：wxid_123456".replace("：", ":"), phones.SHORT),
        ("123456789012345678901", phones.INVALID),
    ],
)
def test_what_is_no_number_stays_raw_and_flagged(cell: str, flag: str) -> None:
    assert parse_phones(cell) == [Phone(cell, "", flag=flag)]


def test_unassigned_prefix_is_kept_and_flagged() -> None:
    assert parse_phones("14012345678") == [Phone("14012345678", "+8614012345678", flag=phones.UNASSIGNED)]


def test_empty() -> None:
    assert parse_phones("") == parse_phones(" \u3000\n") == []


@given(st.one_of(ANY_TEXT, PHONE_LIKE), st.sampled_from(["CN", "DE", "US", "GB", "", "XX"]))
def test_nothing_fails(text: str, region: str) -> None:
    for phone in parse_phones(text, region):
        assert phone.e164 == "" or (phone.e164[0] == "+" and phone.e164[1:].isdigit())
        assert phone.e164 or phone.flag
        show_phone(phone.e164, phone.value, region)
    digits(text)


def test_fast_paths_agree_with_phonenumbers() -> None:
    draw = random.Random(7)
    codes = [
        "1",
        "7",
        "33",
        "34",
        "39",
        "44",
        "46",
        "48",
        "49",
        "55",
        "61",
        "81",
        "82",
        "86",
        "90",
        "91",
        "351",
        "420",
        "852",
        "886",
    ]
    codes += sorted(phones.POSSIBLE)
    checked = 0
    for _ in range(4000):
        number = "+" + draw.choice(codes) + "".join(draw.choices("0123456789", k=draw.randint(4, 13)))
        fast = phones._plain_international(number)
        if fast:
            checked += 1
            parsed = phonenumbers.parse(number, None)
            assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == fast
            assert phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE, (
                fast
            )
    assert checked > 1000


def test_chinese_fast_path_agrees_with_phonenumbers() -> None:
    draw = random.Random(8)
    checked = 0
    for _ in range(6000):
        head = draw.choice(["0", "010", "021", "075", "051", "031", "1", "400", "13", "18"])
        number = head + "".join(draw.choices("0123456789", k=draw.choice([11, 12]) - len(head)))
        if phones.CN_LANDLINE.fullmatch(number) or phones.CN_MOBILE.fullmatch(number):
            checked += 1
            parsed = phonenumbers.parse(number, "CN")
            assert phonenumbers.is_valid_number(parsed), number
            [phone] = parse_phones(number)
            assert phone.e164 == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    assert checked > 500


@pytest.mark.parametrize(
    ("e164", "region", "shown"),
    [
        ("+8613812345678", "CN", "138 1234 5678"),
        ("+862161618888", "CN", "021-6161 8888"),
        ("+861012345678", "CN", "010-1234 5678"),
        ("+863766123456", "CN", "0376-612 3456"),
        ("+864008108888", "CN", "400-810-8888"),
        ("+8613812345678", "DE", "+86 138 1234 5678"),
        ("+862161618888", "US", "+86 21 6161 8888"),
        ("+442079460018", "GB", "020 7946 0018"),
        ("+442079460018", "CN", "+44 20 7946 0018"),
        ("", "CN", "raw"),
        ("nonsense", "CN", "raw"),
    ],
)
def test_show_phone(e164: str, region: str, shown: str) -> None:
    assert show_phone(e164, "raw", region) == shown


def test_digits() -> None:
    assert digits("+86 (138)１２３-x") == "86138123"
    assert digits("²٣") == "2"
