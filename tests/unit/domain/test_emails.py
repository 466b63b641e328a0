"""E-mail cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.emails import INVALID, Email, normalise_email, parse_emails

ANY_TEXT = st.text(alphabet=st.characters(categories=None))
EMAIL_LIKE = st.text(alphabet='ab@.<>", ;-xn、', max_size=30)


def test_one_address() -> None:
    assert parse_emails("anna@example.com") == [Email("anna@example.com", "anna@example.com")]
    assert parse_emails(" Anna.Bauer@Example.COM ") == [Email("Anna.Bauer@Example.COM", "anna.bauer@example.com")]
    assert parse_emails("ａ@ｂ．cn") == [Email("ａ@ｂ．cn", "a@b.cn")]
    assert parse_emails("mailto:a@b.cn") == [Email("a@b.cn", "a@b.cn")]


@pytest.mark.parametrize("separator", [";", ",", "、", " ", "； ", "，", "\n", " | "])
def test_two_addresses(separator: str) -> None:
    assert [email.normalised for email in parse_emails(f"a@b.cn{separator}c+d@e-f.org")] == ["a@b.cn", "c+d@e-f.org"]


def test_names_become_labels() -> None:
    assert parse_emails('"Bauer, Anna" <A@b.de>; 张三 <z@s.cn>, c@d.fr') == [
        Email("A@b.de", "a@b.de", "Bauer, Anna"),
        Email("z@s.cn", "z@s.cn", "张三"),
        Email("c@d.fr", "c@d.fr"),
    ]


def test_international_domains() -> None:
    assert normalise_email("info@xn--mller-kva.de") == normalise_email("Info@Müller.de") == "info@müller.de"
    assert normalise_email("张三@例子.中国") == "张三@例子.中国"


@pytest.mark.parametrize(
    "cell", ["anna", "@b.cn", "a@", "a@b", "a@@b.cn", "a..b@c.de", "a@b..de", "a@b_c.de", "a@1.2", "无"]
)
def test_not_an_address(cell: str) -> None:
    assert parse_emails(cell) == [Email(cell, "", flag=INVALID)]


def test_empty() -> None:
    assert parse_emails("") == parse_emails(" ; ") == []


@given(st.one_of(ANY_TEXT, EMAIL_LIKE))
def test_nothing_fails_and_normal_forms_are_final(text: str) -> None:
    for email in parse_emails(text):
        assert bool(email.normalised) == (email.flag == "")
        assert not email.normalised or normalise_email(email.normalised) == email.normalised
