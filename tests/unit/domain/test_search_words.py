"""Typed words as terms of the index: without regular expressions, but as the expressions below say it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.folding import fold
from crmtui.domain.search_words import match_expression

CJK_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
BORDER = re.compile(r"(?<=[a-z])(?=[0-9])")
PIECES = re.compile(r"[^\W_]+")
PHONE_LIKE = re.compile(r"[-+().\s\d]*\d[-+().\s\d]*", re.ASCII)
PHONE_SIGNS = re.compile(r"[-+().\s]")

TYPED = st.lists(
    st.one_of(
        st.text(max_size=6),
        st.sampled_from(
            [
                "138-1234 5678",
                "+86",
                "(0512)",
                "张三",
                "欧阳",
                "丽",
                "zhang3",
                "li_wei",
                "a@b.com",
                "0049",
                "²",
                "Ⅷ",
                "𠮷",
            ]
        ),
    ),
    max_size=5,
).map("".join)


def by_expressions(text: str) -> list[str]:
    folded = fold(text)
    words = [folded] if PHONE_LIKE.fullmatch(folded) else folded.split()
    terms: list[str] = []
    for word in words:
        digits = PHONE_SIGNS.sub("", word)
        if digits.isascii() and digits.isdigit():
            terms.append(word)
            continue
        for piece in PIECES.findall(word):
            for run in re.split(f"({CJK_RUN.pattern})", piece):
                if CJK_RUN.fullmatch(run):
                    terms += [f'"{run[i : i + 2]}"' for i in range(len(run) - 1)] or [f'"{run}"*']
                else:
                    terms += [f'"{part}"*' for part in BORDER.split(run) if part]
    return list(dict.fromkeys(terms))


@given(TYPED)
def test_words_become_the_terms_that_the_expressions_say(text: str) -> None:
    expected = by_expressions(text)
    found = match_expression(text)
    if not expected:
        assert found is None
        return
    assert found is not None
    if not any(character.isdigit() for character in text):
        assert found == " AND ".join(expected)
    else:
        assert [term for term in found.split(" AND ") if term[0] != "("] == [
            term for term in expected if term[0] == '"'
        ]


def test_a_phone_is_asked_from_its_beginning_and_its_end() -> None:
    assert match_expression("138 1234") == '("1381234"* OR "r4321831"*)'
    assert match_expression("0086 138") == '("86138"* OR "r83168"*)'
    assert match_expression("05125678901") == '("05125678901"* OR "r10987652150"* OR "5125678901"* OR "r1098765215"*)'


def test_what_holds_no_word_asks_nothing() -> None:
    assert match_expression("") is match_expression(" -_. ") is None
