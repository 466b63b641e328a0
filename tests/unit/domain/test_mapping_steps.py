"""The steps that cells go through before they are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.mapping.steps import KINDS, Step, apply, parse_step, parse_steps, separator_of
from crmtui.errors import UsageError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
STEPS = st.one_of(
    st.builds(lambda sign, part: Step("split", (sign, part)), TEXT, st.sampled_from(["1", "-1", "2-", "12"])),
    st.builds(
        lambda kind, text: Step(kind, (text,)), st.sampled_from(["prefix", "suffix", "strip", "list", "join"]), TEXT
    ),
    st.builds(lambda old, new: Step("replace", (old, new)), TEXT, st.text(max_size=5)),
    st.builds(
        lambda pairs: Step("map", tuple(part for pair in pairs for part in pair)),
        st.lists(st.tuples(TEXT, st.text(max_size=5)), min_size=1, max_size=4),
    ),
    st.sampled_from([Step("lines"), Step("number", ("de",)), Step("date", ("mdy",)), Step("name", ("given-first",))]),
)


@given(STEPS)
def test_a_step_is_its_text(step: Step) -> None:
    assert parse_step(step.text) == step


@given(st.lists(STEPS, max_size=4), st.text(max_size=40))
def test_steps_never_fail(steps: list[Step], cell: str) -> None:
    assert isinstance(apply(steps, cell), str)


@given(st.text(max_size=40))
def test_any_text_is_a_step_or_refused(text: str) -> None:
    try:
        step = parse_step(text)
    except UsageError as error:
        assert text in error.message
    else:
        assert step.kind in KINDS and parse_step(step.text) == step


@pytest.mark.parametrize(
    "text",
    [
        "",
        "split",
        "split:/",
        "split:/:0",
        "split::1",
        "number:fr",
        "date:",
        "date:foo",
        "date:DD.MM",
        "name:x",
        "map:a",
        "lines:x",
        "more:1",
    ],
)
def test_a_bad_step_is_named(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_step(text)
    assert f"“{text}”" in refused.value.message


@pytest.mark.parametrize(
    ("steps", "cell", "result"),
    [
        (["split:/:1"], "Beijing / Haidian", "Beijing"),
        (["split:/:-1"], "a/b/c", "c"),
        (["split:/:2-"], "a/b/c", "b/c"),
        (["split: :2"], "a   b", "b"),
        (["split:/:3"], "a/b", ""),
        (["split:::2"], "a:b", "b"),
        (["map:A=lead;b\\;c=x;*=other"], " a ", "lead"),
        (["map:A=lead;b\\;c=x;*=other"], "B;C", "x"),
        (["map:A=lead;b\\;c=x;*=other"], "?", "other"),
        (["map:A=lead"], "?", "?"),
        (["number:de"], "1.234,50 €", "1234.5"),
        (["number:de"], "1.234", "1234"),
        (["number:us"], "1.234", "1.234"),
        (["number:us"], "(300)", "-300"),
        (["number:de"], "3.000,-", "3000"),
        (["number:cn"], "¥1.2万", "12000"),
        (["number:us"], "45%", "45"),
        (["number:us"], "n.b.", "n.b."),
        (["money:de"], "1.234,50 €", "1234.5 EUR"),
        (["money:us"], "12", "12"),
        (["date:dmy"], "5/3/2024", "2024-03-05"),
        (["date:mdy"], "5/3/2024 3:05 PM", "2024-05-03T15:05:00"),
        (["date:ymd"], "2026-05-01 10:00:00 +0200", "2026-05-01T10:00:00+02:00"),
        (["date:DD.MM.YY HH:mm"], "05.03.24 14:07", "2024-03-05T14:07:00"),
        (["date:%d/%m/%Y"], "05/03/2024", "2024-03-05"),
        (["date:unix"], "1709647200", "2024-03-05T14:00:00Z"),
        (["date:unix"], "1709647200123", "2024-03-05T14:00:00Z"),
        (["date:dmy"], "soon", "soon"),
        (["name:given-first"], "晓岚 王", "王晓岚"),
        (["name:family-first"], "欧阳 修远", "欧阳修远"),
        (["name:family-first"], "SMITH, John", "John Smith"),
        (["name:family-first"], "VAN DER BERG Jan", "Jan Van Der Berg"),
        (["name:given-first"], "LUDWIG VAN BEETHOVEN", "Ludwig Van Beethoven"),
        (["prefix:+49 "], "30 1", "+49 30 1"),
        (["prefix:+49 "], "", ""),
        (["suffix: €"], "3", "3 €"),
        (["strip:* "], "* Work", "Work"),
        (["strip:-"], "--a-b--", "a-b"),
        (["replace: ::: =; "], "a ::: b", "a; b"),
        (["list:,"], 'VIP, "Blog"', "VIP; Blog"),
        (["list:,"], '["a", "b,c"]', "a; b,c"),
        (["lines"], "a\n\n b ", "a; b"),
        (["split:/:1", "prefix:x", "join:, "], "a/b", "xa"),
    ],
)
def test_steps_do_what_they_say(steps: list[str], cell: str, result: str) -> None:
    assert apply(parse_steps(steps), cell) == result


def test_the_separator_of_columns_that_are_joined() -> None:
    assert separator_of(parse_steps(["strip:x", "join:\\n"])) == "\n"
    assert separator_of(parse_steps(["lines"])) is None
