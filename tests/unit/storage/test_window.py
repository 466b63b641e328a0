"""The visible slice of a list: right rows at any position, few reads, rows that go away meanwhile."""

from array import array
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from crmtui.storage.window import PAGE, RowWindow


class Reads:
    """Rows are the ids as text; counts the reads."""

    def __init__(self, missing: Sequence[int] = ()) -> None:
        self.calls = 0
        self.missing = set(missing)

    def __call__(self, ids: Sequence[int]) -> dict[int, str]:
        self.calls += 1
        return {row: str(row) for row in ids if row not in self.missing}


@given(length=st.integers(0, 300), start=st.integers(-10, 310), stop=st.integers(-10, 310))
def test_any_slice_is_that_of_the_list(length: int, start: int, stop: int) -> None:
    ids = array("q", range(1000, 1000 + length))
    window = RowWindow(Reads(), ids)
    wanted = [str(row) for row in ids[max(0, start) : max(0, stop)]] if stop > start else []
    assert window.rows(start, stop) == wanted
    assert len(window) == length


def test_a_page_is_read_once() -> None:
    reads = Reads()
    window = RowWindow(reads, array("q", range(10 * PAGE)))
    for _time in range(3):
        window.rows(PAGE - 5, PAGE + 5)
    assert reads.calls == 1
    window.rows(0, 3 * PAGE)
    assert reads.calls == 2


def test_pages_beside_each_other_are_read_together_and_no_others() -> None:
    asked: list[list[int]] = []

    def read(ids: Sequence[int]) -> dict[int, str]:
        asked.append(list(ids))
        return {row: str(row) for row in ids}

    window = RowWindow(read, array("q", range(5 * PAGE)))
    window.rows(2 * PAGE, 2 * PAGE + 1)
    asked.clear()
    assert window.rows(0, 5 * PAGE) == [str(row) for row in range(5 * PAGE)]
    assert asked == [list(range(2 * PAGE)), list(range(3 * PAGE, 5 * PAGE))]


def test_only_so_many_pages_are_kept() -> None:
    reads = Reads()
    window = RowWindow(reads, array("q", range(600 * PAGE)))
    window.rows(0, 600 * PAGE)
    calls = reads.calls
    window.rows(599 * PAGE, 600 * PAGE)
    assert reads.calls == calls
    window.rows(0, 1)
    assert reads.calls == calls + 1


def test_a_row_that_is_gone_is_none() -> None:
    window = RowWindow(Reads(missing=[2]), array("q", [1, 2, 3]))
    assert window.rows(0, 3) == ["1", None, "3"]


def test_forgetting_reads_the_pages_of_those_rows_again() -> None:
    reads = Reads()
    window = RowWindow(reads, array("q", range(3 * PAGE)))
    window.rows(0, 3 * PAGE)
    generation = window.generation
    window.forget([PAGE + 1])
    window.rows(0, 3 * PAGE)
    assert (reads.calls, window.generation) == (2, generation + 1)
    window.forget()
    window.rows(0, 3 * PAGE)
    assert reads.calls == 3


def test_a_new_vector_replaces_the_old() -> None:
    window = RowWindow(Reads(), array("q", [1, 2]), exact=False)
    assert not window.exact
    window.rows(0, 2)
    window.replace(array("q", [5, 6, 7]), exact=True)
    assert window.exact
    assert window.rows(0, 9) == ["5", "6", "7"]
    assert (window.id_at(1), window.position_of(7), window.position_of(1)) == (6, 2, None)
    assert list(window.ids()) == [5, 6, 7]
