"""Where the cursor is while one types: other words show their best matches, the same ones leave it alone."""

from pathlib import Path

from crm_pilot import LILY, ZHANG, running
from textual.pilot import Pilot

from crmtui.services.record import add_customer
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.widgets.windowed_list import WindowedList


async def settle(app: CrmApp, pilot: Pilot[int]) -> CustomersScreen:
    screen = app.screen
    assert isinstance(screen, CustomersScreen)
    for _ in range(200):
        await pilot.pause(0.01)
        if screen.is_settled:
            return screen
    raise AssertionError("the list does not settle")


async def test_other_words_bring_the_best_match_into_sight(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        for number in range(40):
            add_customer(app.workspace, {"name": f"Zhang Number {number:02}"})
        app.data_changed(())
        screen = await settle(app, pilot)
        rows = screen.query_one("#list", WindowedList)
        await pilot.press("G")
        await pilot.press("slash", "z", "h", "a", "n", "g")
        await settle(app, pilot)
        assert rows.cursor_index == 0 and rows.source.row_count() == 42


async def test_clearing_the_search_leaves_the_cursor_on_its_customer(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        screen = await settle(app, pilot)
        await pilot.press("slash", "l", "i", "l", "y", "enter")
        await settle(app, pilot)
        rows = screen.query_one("#list", WindowedList)
        assert rows.cursor_row_id == LILY
        await pilot.press("escape")
        await settle(app, pilot)
        assert rows.cursor_row_id == LILY and rows.source.row_count() == 3
        assert ZHANG in {rows.source.row_id(index) for index in range(3)}
