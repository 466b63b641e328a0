"""What spreadsheets and wrong encodings do to columns: found, named, and undone where that can be."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.mapping.damage import SENTENCES, Damage, find_damage
from crmtui.domain.mapping.facts import FactsCollector
from crmtui.domain.mapping.repairs import demojibake, integer, zero_filled
from crmtui.domain.mapping.steps import apply, parse_step


def found(column: str, values: list[str]) -> dict[str, Damage]:
    return {each.kind: each for each in find_damage(column, Counter(values))}


def repaired(damage: Damage, cell: str) -> str:
    assert damage.repair is not None
    return apply((parse_step(damage.repair),), cell)


def test_lost_zeros_of_postal_codes() -> None:
    luck = random.Random(1)
    codes = [f"{luck.randrange(1000, 99999):05d}".lstrip("0") for _ in range(100)] + ["1067"]
    damage = found("PLZ", codes)["lost_zeros"]
    assert damage.repair == "zfill:5"
    assert repaired(damage, "1067") == "01067"
    assert repaired(damage, "80331") == "80331"
    assert "1067" in damage.sentence() or damage.examples[0] in damage.sentence()


def test_lost_zeros_of_ids_of_one_length() -> None:
    luck = random.Random(2)
    ids = [str(luck.randrange(0, 10**8)).lstrip("0") for _ in range(300)]
    assert found("会员卡号", ids)["lost_zeros"].repair == "zfill:8"
    assert not found("金额", ids)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("PLZ", ["01067", "80331", "1069", "50667"]),  # zeros are there: the short one is a mistake of its own
        ("id", [str(number) for number in range(1, 1500)]),  # a counter
        ("id", [str(number) for number in range(90_000, 130_000, 50)]),  # a counter that passed a power of ten
        ("编号", [f"K{number}" for number in range(99)]),
        ("PLZ", ["80331", "50667", "10115"]),
        ("amount", ["5", "10", "120", "9999", "10000"]),
        ("Number of employees", [str(number * 37) for number in range(300, 3000, 9)]),
    ],
)
def test_numbers_that_have_lost_nothing(column: str, values: list[str]) -> None:
    assert "lost_zeros" not in found(column, values)


def test_scientific_notation() -> None:
    damages = found("手机", ["1.38E+10", "1.3800138000E+10", "13900139000"])
    assert (damages["scientific"].count, damages["scientific_lost"].count) == (1, 1)
    assert repaired(damages["scientific"], "1.3800138000E+10") == "13800138000"
    assert repaired(damages["scientific"], "1.38E+10") == "1.38E+10"  # digits are never invented
    assert damages["scientific_lost"].repair is None
    assert not found("SKU", ["12E45", "7E10", "1E5"])


def test_point_zero() -> None:
    damage = found("手机", ["13800138000.0", "13900139000.0", ""])["point_zero"]
    assert repaired(damage, "13800138000.0") == "13800138000"
    assert not found("价格", ["10.0", "12.0", "15.0"])
    assert not found("score", ["10.0", "12.5", "15.3"])


def test_dates_as_numbers() -> None:
    damage = found("生日", ["32874", "44927", "44927.5", "1990-05-06"])["serial_date"]
    assert repaired(damage, "44927") == "2023-01-01"
    assert "serial_date" in found("x", ["2023-01-01", "2023-01-02", "44927"])
    assert not found("PLZ", ["32874", "44927", "50667"])
    assert not found("created", ["1", "2", "3"])


def test_what_became_a_date() -> None:
    damages = found("门牌", ["3-1", "12-4", "1-Mar", "3月1日", "8号"])
    assert (damages["turned_date"].count, damages["turned_date"].repair) == (2, None)
    assert not found("生日", ["1-Mar", "3月1日", "x"])


def test_errors_and_hashes() -> None:
    damages = found("x", ["#REF!", "#N/A", "########", "#1", "Ann"])
    assert (damages["error_value"].count, damages["hashes"].count) == (2, 1)


def test_digits_that_were_cut() -> None:
    assert found("身份证", ["110101199003070000", "310101198505210000", "11010119900307123X"])["cut_digits"].count == 2
    luck = random.Random(3)
    assert not found("card", [str(luck.randrange(10**15, 10**16)) for _ in range(300)])
    assert not found("card", [str(luck.randrange(10**17, 10**18)) for _ in range(300)])


MOJIBAKE = [
    ("JosÃ© MuÃ±oz", "José Muñoz"),
    ("寮犱紵", "张伟"),
    ("ÕÅÎ°", "张伟"),
    ("ÌÆÐÀâù", "唐欣怡"),
    ("M眉ller", "Müller"),
    ("æŽæ˜Ž".replace("æŽ", "æ\x9d\x8e"), "李明"),
    ("JosÃƒÂ©", "José"),
]


@pytest.mark.parametrize(("wrong", "right"), MOJIBAKE)
def test_text_read_in_a_wrong_encoding(wrong: str, right: str) -> None:
    assert demojibake(wrong) == right


def test_a_column_of_such_text() -> None:
    damage = found("name", ["JosÃ©", "Müller", "FranÃ§ois"])["mojibake"]
    assert (damage.count, damage.repair) == (2, "demojibake")
    assert "JosÃ© → José" in damage.sentence()
    assert found("name", ["锟斤拷锟斤拷", "张\ufffd", "烫烫烫", "李娜"])["lost_text"].count == 3


@pytest.mark.parametrize(
    "text",
    [
        "联通",
        "上海启明电子有限公司",
        "Größe",
        "Иванов",
        "Ægir Þórsson",
        "São João",
        "ÅÄÖ",
        "김민준",
        "佐藤さくら",
        "茅台",
        "A座1栋",
        "Ãbc",
        "ÑOÑO",
    ],
)
def test_text_that_is_right_stays(text: str) -> None:
    assert demojibake(text) == text


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=6))
def test_chinese_names_come_back_from_western_mojibake(name: str) -> None:
    assert demojibake(name.encode().decode("latin-1")) == name


@given(st.text(max_size=30))
def test_repairs_take_any_text(text: str) -> None:
    assert isinstance(demojibake(text), str)
    assert integer(text) == text or integer(text).lstrip("+-").isdigit()
    assert zero_filled(text, 6) == text or zero_filled(text, 6).lstrip("0") == text.strip().lstrip("0")


def test_every_kind_has_a_sentence() -> None:
    for kind in SENTENCES:
        assert "3" in Damage("x", kind, 3, ("a", "b")).sentence()


def test_facts_of_columns() -> None:
    collector = FactsCollector(["name", "mail", "note", "empty"], region="CN")
    rows = [[f"张{number}", f"a{number}@example.com", "无" if number % 2 else "VIP"] for number in range(1000)]
    for start in range(0, 1000, 100):
        collector.add(rows[start : start + 100])
    name, mail, note, empty = collector.result()
    assert (name.rows, name.distinct, name.exact, name.blank, name.longest) == (1000, 1000, True, 0, 4)
    assert len(set(name.samples)) == 5
    assert mail.content == "emails"
    assert (note.samples, note.empty_words, note.blank) == (("VIP",), (("无", 500),), 0)
    assert (empty.blank, empty.blank_share, empty.samples, empty.distinct) == (1000, 1.0, (), 0)


def test_memory_is_bounded_and_damage_still_found() -> None:
    collector = FactsCollector([f"c{number}" for number in range(900)], region="CN")
    for start in range(5):
        collector.add([[f"v{start}.{at}"] * 900 for at in range(200)])
    collector.add([["1.38E+10", "", "#REF!"]] * 7)
    first, second, third = collector.result()[:3]
    assert not first.exact
    assert 200 <= first.distinct <= 1000
    assert first.damages[0].count == 7
    assert second.blank == 7
    assert third.damages[0].kind == "error_value"
