"""Reading the line: words, options, and errors that name what is nearest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.cli.arguments import Arguments, near, parse, parse_globals, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.errors import UsageError


def _command(*, signs: bool = False, words: tuple[Argument, ...] = (Argument("ID", "", 1, 0),)) -> Command:
    options = (
        Option("--limit", "N", number=True),
        Option("--kind", "KIND", choices=("call", "email")),
        Option("--map", "A=B", many=True),
        Option("--csv"),
    )
    return Command("find", "", lambda _session, _arguments: 0, words, options, signs=signs)


def _read(*line: str, signs: bool = False) -> Arguments:
    return parse(_command(signs=signs), list(line), Arguments([], {}))


def test_words_and_options_in_any_order() -> None:
    found = _read("a", "--limit", "5", "b", "--csv", "--map=x=y", "--map", "z=w", "-q")
    assert found.words == ["a", "b"]
    assert found.number("--limit") == 5
    assert found.flag("--csv")
    assert found.flag("--quiet")
    assert found.all("--map") == ["x=y", "z=w"]
    assert found.text("--kind") is None


def test_what_follows_two_signs_is_words() -> None:
    assert _read("a", "--", "--limit", "-q").words == ["a", "--limit", "-q"]


def test_one_sign_begins_a_word_where_the_verb_says_so() -> None:
    assert _read("5", "-old", "-tag:lost", signs=True).words == ["5", "-old", "-tag:lost"]
    assert _read("-5", "-").words == ["-5", "-"]
    with pytest.raises(UsageError, match="no option -old"):
        _read("5", "-old")


@pytest.mark.parametrize(
    ("line", "says", "hint"),
    [
        (["a", "--limt", "5"], "find has no option --limt", "--limit"),
        (["a", "--limit"], "--limit needs a value", None),
        (["a", "--limit", "many"], "whole number", None),
        (["a", "--limit", "-1"], "whole number", None),
        (["a", "--limit", "٣"], "whole number", None),
        (["a", "--kind", "cal"], "cannot be “cal”", "call"),
        (["a", "--csv=1"], "takes no value", None),
        (["a", "--limit", "1", "--limit", "2"], "given twice", None),
        ([], "find needs ID", "--help"),
    ],
)
def test_errors_say_what_and_what_is_near(line: list[str], says: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as raised:
        _read(*line)
    assert says in raised.value.message
    if hint:
        assert hint in (raised.value.hint or "")


def test_a_word_too_many_is_named() -> None:
    with pytest.raises(UsageError, match="“c”"):
        parse(_command(words=(Argument("A", ""), Argument("B", "", 0))), ["a", "b", "c"], Arguments([], {}))


def test_globals_before_the_verb_end_at_it() -> None:
    rest, given_options = parse_globals(["--db", "x.db", "-q", "find", "--json"])
    assert rest == ["find", "--json"]
    assert given_options.text("--db") == "x.db"
    assert given_options.flag("--quiet")
    with pytest.raises(UsageError, match="crmtui has no option --dbb"):
        parse_globals(["--dbb", "x"])


def test_near_names_something_close_or_nothing() -> None:
    assert near("fnd", ["find", "show"]) == "Did you mean find?"
    assert near("zzzz", ["find", "show"]) is None


@given(st.text())
def test_storable_text_can_be_encoded(text: str) -> None:
    storable(text + "\udce4").encode("utf-8")


@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_line_is_read_or_refused(line: list[str]) -> None:
    try:
        found = _read(*line, signs=True)
    except UsageError:
        return
    assert all(isinstance(word, str) for word in found.words)
