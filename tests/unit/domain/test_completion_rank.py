"""What stands at the cursor of a query, and which candidates fit: the beginning first, then words, pinyin, pieces, slips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.completion_rank import Candidate, Spot, as_value, rank, spot_at
from crmtui.domain.query import Filter, parse


@pytest.mark.parametrize(
    ("text", "spot"),
    [
        ("", Spot("", "", 0, 0)),
        ("zhang sta", Spot("", "sta", 6, 9)),
        ("-(tag:vip -st", Spot("", "st", 11, 13)),
        ("stage:le", Spot("stage", "le", 6, 8)),
        ("-stage:le", Spot("stage", "le", 7, 9)),
        ("(stage:lead|owner:l", Spot("owner", "l", 18, 19)),
        ("tag:vip,ol", Spot("tag", "ol", 8, 10)),
        ('city:"New Yo', Spot("city", "New Yo", 5, 12)),
        ("last:>9", Spot("last", ">9", 5, 7)),
        ("城市：上", Spot("城市", "上", 3, 4)),
        ('custom."net days":3', Spot('custom."net days"', "3", 18, 19)),
    ],
)
def test_the_word_at_the_end_of_the_line_is_found(text: str, spot: Spot) -> None:
    assert spot_at(text, len(text)) == spot


def test_a_completion_replaces_the_whole_word_around_the_cursor() -> None:
    assert spot_at("stage:lead x", 8) == Spot("stage", "le", 6, 10)
    assert spot_at("sta:lead", 2) == Spot("", "st", 0, 4)
    assert spot_at('city:"New York" x', 9) == Spot("city", "New", 5, 15)
    assert spot_at("tag:vip,old,new", 9) == Spot("tag", "o", 8, 11)


@pytest.mark.parametrize("text", ['"exact wor', 'x "exact', 'city:"Rome"'])
def test_nothing_is_offered_in_an_exact_phrase_or_behind_a_closed_quote(text: str) -> None:
    assert spot_at(text, len(text)) is None


@given(st.text(max_size=40), st.integers(-3, 45))
def test_any_text_and_any_cursor_have_an_answer(text: str, cursor: int) -> None:
    spot = spot_at(text, cursor)
    assert spot is None or 0 <= spot.start <= max(0, min(cursor, len(text))) <= spot.end <= len(text)


def candidates(*names: str) -> list[Candidate]:
    return [Candidate(name, name) for name in names]


def test_the_beginning_counts_most_then_words_then_pinyin_then_pieces() -> None:
    found = rank("sh", candidates("Washington", "深圳", "上海", "Sheffield", "Port Shepstone", "London"), 9)
    assert [each.insert for each in found] == ["Sheffield", "Port Shepstone", "深圳", "上海", "Washington"]


def test_labels_aliases_and_slips_find_a_field() -> None:
    fields = [Candidate("stage:", "阶段"), Candidate("owner:", "负责人"), Candidate("source:", "来源", "source 来源")]
    assert [each.insert for each in rank("fzr", fields, 9)] == ["owner:"]
    assert [each.insert for each in rank("阶", fields, 9)] == ["stage:"]
    assert [each.insert for each in rank("stgae", fields, 9)] == ["stage:"]
    assert rank("xyzzy", fields, 9) == []
    assert rank("", fields, 2) == fields[:2]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("vip", "vip"),
        ("key account", '"key account"'),
        ("a,b", '"a,b"'),
        ("（华东）", '"（华东）"'),
        ("", None),
        ('5" nail', None),
    ],
)
def test_values_are_quoted_where_the_language_needs_it(value: str, written: str | None) -> None:
    assert as_value(value) == written


@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=12))
def test_a_written_value_is_read_back_as_one_value(value: str) -> None:
    written = as_value(value)
    if written is not None and value.strip():
        node = parse(f"city:{written}").node
        assert isinstance(node, Filter)
        assert node.values == (value,)
