"""Finding and reading Chinese names by pinyin."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmtui.domain.pinyin import KEY_LENGTH, matches_pinyin, name_keys, query_keys, syllables
from crmtui.domain.surnames import COMPOUND_READINGS, COMPOUND_SURNAMES, SURNAME_READINGS

HANZI = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
NAMES = st.text(alphabet=HANZI, min_size=1, max_size=6)
ANY_TEXT = st.text(alphabet=st.characters(categories=None))


@pytest.mark.parametrize(
    ("text", "person", "expected"),
    [
        ("张三", True, "zhang san"),
        ("單明", True, "shan ming"),
        ("单明公司", False, "dan ming gong si"),
        ("曾国藩", True, "zeng guo fan"),
        ("尉迟恭", True, "yu chi gong"),
        ("万俟雪", True, "mo qi xue"),
        ("仇万里", True, "qiu wan li"),
        ("解放", True, "xie fang"),
        ("朴智星", True, "piao zhi xing"),
        ("吕布", True, "lv bu"),
        ("中国银行重庆分行", False, "zhong guo yin hang chong qing fen hang"),
        ("長沙大厦", False, "chang sha da sha"),
        ("ＡＢＣ 科技", False, "abc ke ji"),
        ("3M中国", False, "3m zhong guo"),
        ("John Smith", True, "john smith"),
        ("", True, ""),
    ],
)
def test_syllables(text: str, person: bool, expected: str) -> None:
    assert " ".join(syllables(text, person=person)) == expected


@pytest.mark.parametrize(
    ("query", "name"),
    [
        *[
            (query, "张三")
            for query in ("zs", "zhs", "zhangs", "zhangsan", "zhang san", "zsan", "张s", "z三", "san", "ZS")
        ],
        ("zhang", "張三"),
        ("张三", "張三"),
        ("shan", "单明"),
        ("dan", "单明"),
        ("dm", "單明"),
        ("zeng", "曾国藩"),
        ("ceng", "曾国藩"),
        ("yuchi", "尉迟恭"),
        ("weichi", "尉迟恭"),
        *[(query, "吕布") for query in ("lv", "lü", "lǚ", "lyu", "lu", "lubu", "lübu", "LÜ")],
        ("xü", "许巍"),
        ("zhāng", "张三"),
        ("xi'an", "西安银行"),
        ("abckj", "ABC科技有限公司"),
        ("zgyh", "中国银行"),
        ("jgou", "王建国欧"),
        ("guo", "王建国"),
        ("", "张三"),
        ("mith", "Smith"),
    ],
)
def test_found(query: str, name: str) -> None:
    assert matches_pinyin(query, name)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("engsan", "曾三"),
        ("szhang", "张三"),
        ("ianguo", "王建国"),
        ("zhsn", "张三"),
        ("zhangsi", "张三"),
        ("zhangsanf", "张三"),
        ("shan", "丹明"),
        ("zs", "张建三"),
    ],
)
def test_not_found(query: str, name: str) -> None:
    assert not matches_pinyin(query, name)


def test_the_surname_reading_is_for_persons() -> None:
    assert matches_pinyin("ou", "区先生", person=True)
    assert not matches_pinyin("ou", "区先生", person=False)


def test_name_keys() -> None:
    assert name_keys("张三", person=True) == ["zhangsan", "zs", "san"]
    assert {"shanming", "sm", "danming", "dm"} <= set(name_keys("单明", person=True))
    assert {"lvbu", "lubu", "lyubu", "lb"} <= set(name_keys("吕布", person=True))
    assert {"abckejiyouxiangongsi", "abckjyxgs", "kjyxgs"} <= set(name_keys("ABC科技（有限公司）", person=False))
    assert name_keys("张", person=True) == ["zhang"]
    assert name_keys("Ünïted カタカナ", person=False) == []
    assert name_keys("Smith", person=True) == []


@given(ANY_TEXT, st.booleans())
def test_keys_are_short_and_never_fail(text: str, person: bool) -> None:
    assert all(0 < len(key) <= KEY_LENGTH for key in name_keys(text, person=person))
    syllables(text, person=person)


@given(ANY_TEXT, ANY_TEXT, st.booleans())
def test_matching_never_fails(query: str, name: str, person: bool) -> None:
    matches_pinyin(query, name, person=person)
    query_keys(query)


@given(NAMES, st.booleans(), st.data())
def test_whole_readings_and_initials_from_any_start_match(name: str, person: bool, data: st.DataObject) -> None:
    pieces = syllables(name, person=person)
    start = data.draw(st.integers(0, len(pieces) - 1))
    typed = [piece if data.draw(st.booleans()) else piece[0] for piece in pieces[start:]]
    assert matches_pinyin("".join(typed), name, person=person)


@given(NAMES, st.booleans())
@example("中国银行重庆", False)
def test_index_keys_begin_what_matches(name: str, person: bool) -> None:
    for key in name_keys(name, person=person):
        assert matches_pinyin(key, name, person=person)


@given(st.text(alphabet="张王单曾吕欧阳伟国强秀英建安昂恩长乐行", min_size=1, max_size=3), st.data())
def test_mixtures_are_candidates_of_the_index(name: str, data: st.DataObject) -> None:
    typed = [piece if data.draw(st.booleans()) else piece[0] for piece in syllables(name, person=True)]
    keys = name_keys(name, person=True)
    assert any(key.startswith(wanted) for wanted in query_keys("".join(typed)) for key in keys)


def test_query_keys() -> None:
    assert query_keys("zs") == ["zs"]
    assert query_keys("zhangsan")[0] == "zhangsan"
    assert "zs" not in query_keys("zhangsan")
    assert "zs" in query_keys("zsan")
    assert "zsf" in query_keys("zhsfeng")
    assert query_keys("张s") == []
    assert query_keys("") == []


def test_surname_tables_agree() -> None:
    assert set(COMPOUND_READINGS) <= COMPOUND_SURNAMES
    assert all(len(surname) == 1 and reading.isascii() for surname, reading in SURNAME_READINGS.items())
