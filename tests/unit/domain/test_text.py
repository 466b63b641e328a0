"""Text that is safe to show, and its width in cells."""

from __future__ import annotations

from unicodedata import category, is_normalized

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmtui.domain.text import _NARROW, _WIDE, cell_width, cut, display_text, pad

ANY_TEXT = st.text(alphabet=st.characters(categories=None))
PIECES = st.sampled_from(
    [
        "👨\u200d👩\u200d👧",
        "👍🏽",
        "🇨🇳",
        "☎️",
        "1️⃣",
        "\x1b[31m",
        "\u202e",
        "\u200b",
        "张三",
        "e\u0301",
        "\t",
        "\ud800",
        "\U0001faea",
    ]
)
MIXED_TEXT = st.lists(st.one_of(ANY_TEXT, PIECES), max_size=8).map("".join)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain text", "plain text"),
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("a\x7f\x9bb", "a␡␦b"),
        ("one\r\ntwo\nthree\tfour", "one↵two↵three four"),
        ("a\u202eb\u2066c\ufeffd\u200be\u00adf", "abcdef"),
        ("x\U000e0041\U000e0042y", "xy"),
        ("☎️ ❤️ 1️⃣", "☎ ❤ 1"),
        ("👍🏽!", "👍!"),
        ("👨‍👩‍👧ab", "👨ab"),
        ("👩🏽‍🚀👩‍❤️‍👨z", "👩👩z"),
        ("🇨🇳", "CN"),
        ("क्\u200dष", "क्ष"),
        ("\ud800", "\ufffd"),
        ("e\u0301", "é"),
        ("z" + "\u0335" * 40, "z" + "\u0335" * 8),
        ("\u0301abc", "abc"),
        ("张\u3000三\u00a0四", "张\u3000三 四"),
        ("[/oops]", "[/oops]"),
        ("\U0001faea", "\ufffd"),
        ("𠮷野", "𠮷野"),
    ],
)
def test_display_text(value: str, shown: str) -> None:
    assert display_text(value) == shown


@given(MIXED_TEXT)
@example("👩\u200d\u200d👩")
@example("e\u0335\u200d\u0301")
def test_shown_text_is_safe_and_final(value: str) -> None:
    shown = display_text(value)
    assert not {category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp", "Me"}
    assert is_normalized("NFC", shown)
    assert display_text(shown) == shown


@given(MIXED_TEXT)
def test_width_of_shown_text_is_the_sum_of_its_characters(value: str) -> None:
    shown = display_text(value)
    assert cell_width(shown) == sum(map(cell_width, shown))


@given(MIXED_TEXT, st.integers(0, 12))
def test_limit_counts_characters(value: str, limit: int) -> None:
    shown = display_text(value, limit=limit)
    assert len(shown) <= limit
    whole = display_text(value)
    assert shown == whole if len(whole) <= limit else limit == 0 or shown.endswith("…")


@given(MIXED_TEXT, st.integers(-1, 30))
def test_cut_never_exceeds_the_width(value: str, width: int) -> None:
    for text in (value, display_text(value)):
        shown = cut(text, width)
        assert cell_width(shown) <= max(0, width)
        assert shown == text if 0 <= cell_width(text) <= width else shown == "" or shown.endswith("…")


@given(MIXED_TEXT, st.integers(0, 30), st.booleans())
def test_pad_is_exact(value: str, width: int, right: bool) -> None:
    assert cell_width(pad(display_text(value), width, right=right)) == width


def test_cut_and_pad() -> None:
    assert cut("株式会社", 8) == "株式会社"
    assert cut("株式会社", 7) == "株式会…"
    assert cut("株式会社", 6) == "株式…"
    assert cut("¥1,234.00", 8) == "¥1,234.…"
    assert cut("abcdef", 4) == "abc…"
    assert cut("abc", 0) == ""
    assert pad("株式会社", 6) == "株式… "
    assert pad("12", 5, right=True) == "   12"
    assert pad("张三", 6) == "张三  "


def test_a_huge_text_is_cut_at_once() -> None:
    assert cut("张" * 1_000_000, 10) == "张张张张…"
    assert display_text("张\n" * 500_000, limit=5) == "张↵张↵…"


@pytest.mark.parametrize(("spans", "width"), [(_NARROW, 1), (_WIDE, 2)])
def test_widths_known_without_the_table_are_those_of_the_table(spans: tuple[str, ...], width: int) -> None:
    from rich._unicode_data._versions import VERSIONS
    from rich.cells import get_character_cell_size

    for first, last in spans:
        for character in map(chr, range(ord(first), ord(last) + 1)):
            assert cell_width(character) == width
            assert {get_character_cell_size(character, version) for version in VERSIONS} == {width}, character


@given(MIXED_TEXT)
def test_a_width_is_the_one_that_rich_measures(text: str) -> None:
    from rich.cells import cell_len

    assert cell_width(text) == cell_len(text)
