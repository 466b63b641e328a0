from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from crmtui.tui.themes import choose_appearance, register_themes
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.windowed_list import ListColumn, WindowedList

COLUMNS = (
    ListColumn("name", "姓名", weight=1, min_width=8, priority=2),
    ListColumn("value", "Value", width=8, align_right=True, priority=1),
)


class Numbers:
    """Rows 0 to count-1; the id is the number plus 1000, in the order given."""

    exact = True

    def __init__(self, count: int, step: int = 1, known: int | None = None) -> None:
        self.count, self.step, self.known = count, step, known
        self.asked: list[tuple[int, int]] = []

    def row_count(self) -> int:
        return self.count

    def row_id(self, index: int) -> int:
        return 1000 + index * self.step

    def index_of(self, row_id: int) -> int | None:
        index, rest = divmod(row_id - 1000, self.step)
        return index if not rest and 0 <= index < self.count else None

    def rows(self, start: int, stop: int) -> Sequence[RowView | None]:
        self.asked.append((start, stop))
        return [
            None if self.known is not None and n >= self.known else RowView((f"王小明 [b]{self.row_id(n)}", str(n)))
            for n in range(start, stop)
        ]


class ListApp(App[None]):
    def __init__(self, windowed_list: WindowedList, environment: dict[str, str] | None = None) -> None:
        appearance = choose_appearance("crmtui-dark", environment or {})
        super().__init__(ansi_color=appearance.ansi_color)
        register_themes(self)
        self.theme = appearance.theme
        self.windowed_list = windowed_list
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.windowed_list

    def on_windowed_list_cursor_moved(self, message: WindowedList.CursorMoved) -> None:
        self.heard.append(message)

    def on_windowed_list_opened(self, message: WindowedList.Opened) -> None:
        self.heard.append(message)

    def on_windowed_list_mark_toggled(self, message: WindowedList.MarkToggled) -> None:
        self.heard.append(message)

    def on_windowed_list_sort_requested(self, message: WindowedList.SortRequested) -> None:
        self.heard.append(message)


@asynccontextmanager
async def shown(source: Numbers, *, slow_link: bool = False) -> AsyncIterator[tuple[WindowedList, Pilot[None]]]:
    app = ListApp(WindowedList(COLUMNS, slow_link=slow_link))
    async with app.run_test(size=(40, 11)) as pilot:
        app.windowed_list.set_source(source)
        app.windowed_list.focus()
        await pilot.pause()
        app.heard.clear()
        yield app.windowed_list, pilot


def lines(windowed_list: WindowedList) -> list[str]:
    return [windowed_list.render_line(y).text for y in range(windowed_list.size.height)]


def heard(pilot: Pilot[None]) -> list[Message]:
    assert isinstance(pilot.app, ListApp)
    return pilot.app.heard


async def test_a_million_rows_cost_one_window() -> None:
    source = Numbers(1_000_000)
    async with shown(source) as (windowed_list, pilot):
        source.asked.clear()
        await pilot.press("G")
        assert windowed_list.cursor_index == 999_999
        assert windowed_list.window_range == range(999_990, 1_000_000)
        assert "1000999" in lines(windowed_list)[-1]
        assert source.asked == [(999_990, 1_000_000)]


async def test_every_line_has_the_width_of_the_list() -> None:
    async with shown(Numbers(5)) as (windowed_list, _pilot):
        assert {cell_len(line) for line in lines(windowed_list)} == {40}


async def test_the_cursor_has_a_sign_and_so_has_a_mark() -> None:
    async with shown(Numbers(5)) as (windowed_list, pilot):
        await pilot.press("j")
        windowed_list.set_marked({1001, 1002})
        await pilot.pause()
        assert [line[:2] for line in lines(windowed_list)[1:5]] == ["  ", "▸*", " *", "  "]


async def test_markup_in_a_row_is_text() -> None:
    async with shown(Numbers(5)) as (windowed_list, _pilot):
        assert "王小明 [b]1000" in lines(windowed_list)[1]


async def test_moving_in_the_window_asks_for_nothing_and_draws_two_lines() -> None:
    source = Numbers(100)
    async with shown(source) as (windowed_list, pilot):
        source.asked.clear()
        drawn: list[int] = []
        render_line = windowed_list.render_line
        windowed_list.render_line = lambda y: drawn.append(y) or render_line(y)  # type: ignore[method-assign, func-returns-value]
        await pilot.press("down")
        assert source.asked == []
        assert sorted(drawn) == [1, 2]


async def test_the_edge_scrolls_one_row_or_half_a_page_on_a_slow_link() -> None:
    async with shown(Numbers(100)) as (windowed_list, pilot):
        windowed_list.jump_to(9)
        await pilot.press("down")
        assert windowed_list.window_range.start == 1
    async with shown(Numbers(100), slow_link=True) as (windowed_list, pilot):
        windowed_list.jump_to(9)
        await pilot.press("down")
        assert (windowed_list.window_range.start, windowed_list.cursor_index) == (5, 10)


async def test_pages_and_half_pages_keep_the_cursor_in_its_line() -> None:
    async with shown(Numbers(100)) as (windowed_list, pilot):
        await pilot.press("down", "pagedown")
        assert (windowed_list.window_range.start, windowed_list.cursor_index) == (10, 11)
        await pilot.press("ctrl+d", "ctrl+u", "pageup")
        assert (windowed_list.window_range.start, windowed_list.cursor_index) == (0, 1)


async def test_jumping_by_percent() -> None:
    async with shown(Numbers(1001)) as (windowed_list, pilot):
        windowed_list.jump_to_percent(73)
        await pilot.pause()
        assert windowed_list.cursor_index == 730
        assert 730 in windowed_list.window_range


async def test_the_cursor_stays_on_its_row_when_the_source_is_replaced() -> None:
    async with shown(Numbers(100)) as (windowed_list, pilot):
        windowed_list.jump_to(20)
        row_id = windowed_list.cursor_row_id
        windowed_list.set_source(Numbers(100, step=2), keep_id=row_id)
        await pilot.pause()
        assert windowed_list.cursor_row_id == row_id
        assert windowed_list.cursor_index == 10
        assert windowed_list.cursor_index in windowed_list.window_range


async def test_a_row_that_is_gone_leaves_the_cursor_at_the_fallback() -> None:
    async with shown(Numbers(100)) as (windowed_list, _pilot):
        windowed_list.set_source(Numbers(3), keep_id=5000, fallback_index=40)
        assert windowed_list.cursor_index == 2


async def test_the_list_follows_a_source_that_grows() -> None:
    source = Numbers(5)
    async with shown(source) as (windowed_list, pilot):
        source.count = 50
        windowed_list.rows_changed()
        await pilot.press("end")
        assert windowed_list.cursor_index == 49


async def test_unknown_rows_are_drawn_dim_until_they_come() -> None:
    source = Numbers(5, known=2)
    async with shown(source) as (windowed_list, _pilot):
        assert lines(windowed_list)[3].split() == ["…", "…"]
        source.known = None
        windowed_list.rows_changed()
        assert "1002" in lines(windowed_list)[3]


async def test_stale_rows_stay_but_change_their_look() -> None:
    async with shown(Numbers(5)) as (windowed_list, _pilot):
        fresh = windowed_list.render_line(3)
        windowed_list.stale = True
        dim = windowed_list.render_line(3)
        assert dim.text == fresh.text
        assert dim != fresh


async def test_messages_tell_index_and_id() -> None:
    async with shown(Numbers(5)) as (windowed_list, pilot):
        await pilot.press("down", "space", "enter")
        assert heard(pilot) == [
            WindowedList.CursorMoved(windowed_list, 1, 1001),
            WindowedList.MarkToggled(windowed_list, 1001),
            WindowedList.Opened(windowed_list, 1001),
        ]


async def test_an_empty_list_says_so_and_does_nothing() -> None:
    app = ListApp(WindowedList(COLUMNS, empty_text="nobody here"))
    async with app.run_test(size=(40, 6)) as pilot:
        app.windowed_list.focus()
        await pilot.press("down", "enter", "space", "end", "pageup")
        assert "nobody here" in lines(app.windowed_list)[1]
        assert app.heard == []


async def test_the_order_is_told_by_sign_and_in_words() -> None:
    async with shown(Numbers(5)) as (windowed_list, _pilot):
        windowed_list.set_sort("name", descending=True)
        assert "姓名 ▼ desc" in lines(windowed_list)[0]
        assert windowed_list.sort_words == "sorted by 姓名, descending"


async def test_mouse_wheel_click_title_and_scroll_bar() -> None:
    async with shown(Numbers(1000)) as (windowed_list, pilot):
        await pilot.click(WindowedList, offset=(5, 3))
        assert windowed_list.cursor_index == 2
        await pilot.click(WindowedList, offset=(4, 0))
        assert WindowedList.SortRequested(windowed_list, "name") in heard(pilot)
        await pilot.mouse_down(WindowedList, offset=(39, 10))
        await pilot.mouse_up(WindowedList, offset=(39, 10))
        assert windowed_list.cursor_index == 999


async def test_the_scroll_bar_is_exact_at_both_ends() -> None:
    async with shown(Numbers(1000)) as (windowed_list, pilot):
        assert [line[-1] for line in lines(windowed_list)[1:]].index("▐") == 0
        await pilot.press("end")
        assert lines(windowed_list)[-1][-1] == "▐"


async def test_without_colour_the_cursor_row_is_reversed() -> None:
    app = ListApp(WindowedList(COLUMNS), {"NO_COLOR": "1"})
    app.no_color = True
    async with app.run_test(size=(40, 6)) as pilot:
        app.windowed_list.set_source(Numbers(3))
        app.windowed_list.focus()
        await pilot.pause()
        style = next(iter(app.windowed_list.render_line(1))).style
        assert style is not None and style.reverse


async def test_a_watcher_of_the_cursor_runs_before_the_key_is_done() -> None:
    async with shown(Numbers(5)) as (windowed_list, _pilot):
        seen: list[int] = []
        windowed_list.watch(windowed_list, "cursor_index", lambda index: seen.append(index), init=False)
        windowed_list.action_cursor_down()
        assert seen == [1]
