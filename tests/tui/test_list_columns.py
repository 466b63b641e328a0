from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from crmtui.tui.widgets.list_columns import ListColumn, fit_text, line_text, place_columns, scroll_sign, title_cells

COLUMNS = (
    ListColumn("name", "Name", weight=2, min_width=8, priority=9),
    ListColumn("company", "Company", weight=3, min_width=10, priority=4),
    ListColumn("value", "Value", width=9, align_right=True, priority=6),
)


def test_a_wide_list_shows_all_and_fills_the_line() -> None:
    placed = place_columns(COLUMNS, 100, 2)
    assert [place.cell for place in placed] == [0, 1, 2]
    assert placed[-1].x + placed[-1].width == 100
    assert placed[2].width == 9


def test_a_narrow_list_drops_the_lowest_priority_first() -> None:
    assert [place.column.key for place in place_columns(COLUMNS, 25, 1)] == ["name", "value"]
    assert [place.column.key for place in place_columns(COLUMNS, 12, 1)] == ["name"]


def test_the_last_column_stays_however_narrow() -> None:
    assert [(place.column.key, place.width) for place in place_columns(COLUMNS, 3, 1)] == [("name", 3)]


def test_cut_text_ends_in_an_ellipsis_and_never_splits_a_character() -> None:
    assert fit_text("株式会社", 5) == "株式…"
    assert fit_text("株式会社", 6) == "株式… "
    assert fit_text("Zhang, Lily", 7) == "Zhang,…"


def test_numbers_are_aligned_right_and_never_cut() -> None:
    assert fit_text("1,234.00", 10, align_right=True) == "  1,234.00"
    assert fit_text("1,234.00", 7, align_right=True) == "#######"


@given(st.lists(st.text(alphabet="ab王é、 9", max_size=30), max_size=4), st.integers(0, 80), st.integers(1, 2))
def test_a_line_has_exactly_its_width(cells: list[str], width: int, gap: int) -> None:
    assert cell_len(line_text(cells, place_columns(COLUMNS, width, gap), width)) == width


def test_the_sorted_title_says_more_the_more_room_there_is() -> None:
    def name_title(width: int) -> str:
        return title_cells(COLUMNS, place_columns(COLUMNS[:1], width, 1), ("name", False))[0]

    assert [name_title(width) for width in (10, 6, 4)] == ["Name ▲ asc", "Name ▲", "▲Name"]


@given(st.integers(11, 10**7), st.data())
def test_the_thumb_is_somewhere_at_the_top_first_and_at_the_bottom_last(count: int, data: st.DataObject) -> None:
    top = data.draw(st.integers(0, count - 10))
    bar = [scroll_sign(line, 10, top, count, True) for line in range(10)]
    assert "▐" in bar
    if top in (0, count - 10):
        assert bar[0 if top == 0 else -1] == "▐"


def test_the_thumb_looks_unsure_while_the_list_grows() -> None:
    assert scroll_sign(0, 10, 0, 100, False) == ":"
