"""Empty words and answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.values import is_empty_word, parse_bool


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \u3000",
        "无",
        " 暂无 ",
        "-",
        "——",
        "/",
        "N/A",
        "ＮＡ",
        "null",
        "None",
        "nil",
        "#N/A",
        "空",
        "未知",
        "未填写",
        "待定",
    ],
)
def test_empty_words(text: str) -> None:
    assert is_empty_word(text)


@pytest.mark.parametrize("text", ["0", "无锡", "吴", "否", "Nana", "na na", "无" * 50])
def test_not_empty(text: str) -> None:
    assert not is_empty_word(text)


@pytest.mark.parametrize("text", ["是", "对", "√", "✓", "Y", "yes", "TRUE", "1", "１", " ｙ "])
def test_true(text: str) -> None:
    assert parse_bool(text) is True


@pytest.mark.parametrize("text", ["否", "错", "×", "N", "no", "False", "0", "0.0"])
def test_false(text: str) -> None:
    assert parse_bool(text) is False


def test_no_answer() -> None:
    for text in ("", "有", "无", "maybe", "2", "是的吗"):
        assert parse_bool(text) is None
    assert parse_bool("有", yes_column=True) is True
    assert parse_bool("无", yes_column=True) is False


@given(st.text(alphabet=st.characters(categories=None)))
def test_nothing_fails(text: str) -> None:
    assert is_empty_word(text) in (True, False)
    assert parse_bool(text) in (True, False, None)
