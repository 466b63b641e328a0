from hypothesis import given
from hypothesis import strategies as st

from crmtui.tui.query_trail import KEPT, QueryTrail


def test_back_and_forward_end_where_the_searches_end() -> None:
    trail = QueryTrail()
    for query in ("a", "b", "b", "c"):
        trail.visit(query)
    assert [trail.back("c"), trail.back("b"), trail.back("a"), trail.back("")] == ["b", "a", "", None]
    assert [trail.forward(""), trail.forward("a"), trail.forward("b"), trail.forward("c")] == ["a", "b", "c", None]


def test_a_search_that_was_only_typed_is_not_lost_by_going_back() -> None:
    trail = QueryTrail()
    trail.visit("a")
    assert trail.back("ab") == "a"
    assert trail.forward("a") == "ab"


def test_another_search_forgets_what_lay_ahead() -> None:
    trail = QueryTrail()
    trail.visit("a")
    assert trail.back("a") == ""
    trail.visit("b")
    assert trail.forward("b") is None and trail.recent() == ["b"]


def test_the_searches_are_told_once_and_the_newest_first() -> None:
    trail = QueryTrail("a")
    for query in ("", "b", "a", " "):
        trail.visit(query)
    assert trail.recent() == ["a", "b"]


@given(st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=KEPT * 2))
def test_the_list_stays_short_and_one_is_always_somewhere(queries: list[str]) -> None:
    trail = QueryTrail()
    for query in queries:
        trail.visit(query)
    steps = 0
    current = queries[-1] if queries else ""
    while (query := trail.back(current)) is not None:
        current = query
        steps += 1
    assert steps < KEPT
