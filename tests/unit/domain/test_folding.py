"""The search key: what must be equal, what must stay apart, and the laws of folding."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmtui.domain.folding import fold, has_cjk, simplified_table

ANY_TEXT = st.text(alphabet=st.characters(categories=None))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Müller", "muller"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ærø Łódź Đorđe Þór", "aero lodz dorde thor"),
        ("José  Nuñez\t", "jose nunez"),
        ("İstanbul ISPARTA ılık", "istanbul isparta ilik"),
        ("ＡＢＣ１２３（）：", "abc123():"),
        ("張　三", "张 三"),
        ("華信科技", "华信科技"),
        ("髙﨑 𠮷野 渡邊 渡辺", "高崎 吉野 渡边 渡边"),
        ("李芸", "李芸"),
        ("约翰·史密斯", "约翰 史密斯"),
        ("a\u200bb\ufeffc\u202ed\x1b[0m", "abcd[0m"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("한국", "한국"),
        ("Йод ёлка", "иод елка"),
        ("O’Brien", "o'brien"),
        ("Ⅷ ㈱ ①", "viii (株) 1"),
        ("\ud800x", "x"),
        ("", ""),
    ],
)
def test_fold(text: str, key: str) -> None:
    assert fold(text) == key


def test_voiced_kana_stay_apart_from_unvoiced() -> None:
    assert fold("か") != fold("が")
    assert fold("か\u3099") == fold("が")


@given(ANY_TEXT)
@example("ᄀ\u200bᅡ")
@example("e\u0301\u200b")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY_TEXT)
def test_keys_hold_no_control_or_invisible_character(text: str) -> None:
    key = fold(text)
    assert not {category(character) for character in key} & {"Cc", "Cf", "Cs"}
    assert key == " ".join(key.split())


@given(st.text(alphabet=st.sampled_from(sorted(simplified_table()))))
def test_traditional_equals_simplified(text: str) -> None:
    assert fold(text) == fold("".join(simplified_table()[character] for character in text))


@given(ANY_TEXT)
def test_case_is_levelled(text: str) -> None:
    assert fold(text.swapcase().lower()) == fold(text.lower().swapcase().lower())


def test_has_cjk() -> None:
    assert has_cjk("A张")
    assert has_cjk("\U00020bb7野")
    assert not has_cjk("カタカナ Ünï")


def test_a_character_sought_alone_folds_as_by_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    from crmtui.domain import folding

    characters = [*sorted(simplified_table()), *"张三丽〇一"]
    monkeypatch.setattr(folding, "_traditional", None)
    monkeypatch.setattr(folding, "_SINGLE_LOOKUPS", len(characters))
    monkeypatch.setattr(folding, "_sought", 0)
    alone = [folding._simplified(character) for character in characters]
    assert alone == [simplified_table().get(character) for character in characters]
