"""What a key costs, counted and not timed: bytes to the terminal, SQL statements, frames. Times are in benchmarks/."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.color import ColorSystem

from crmtui.config import Settings
from crmtui.domain.batch import BatchBuilder
from crmtui.domain.intake import new_customer
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.bulk import BulkWriter
from crmtui.storage.database import Database
from crmtui.storage.long_operation import LongOperation
from crmtui.tui._textual_private import whole_frame
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.customers import CustomersScreen
from crmtui.tui.terminal_picture import Picture
from crmtui.tui.widgets.text_lines import TextLines
from crmtui.tui.widgets.windowed_list import WindowedList

CUSTOMERS = 5000
SIZE = (120, 40)
TIMELINE = 5
FAMILIES = ("Smith", "Brown", "王", "李", "Müller", "Garcia")
GIVEN = ("Anna", "小明", "Lukas", "建国", "Nicole")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Customers with the usual columns filled and a timeline each."""
    path = tmp_path_factory.mktemp("costs") / "c.db"
    builder = BatchBuilder()
    for number in range(CUSTOMERS):
        values = {
            "given_name": GIVEN[number % 5],
            "family_name": f"{FAMILIES[number % 6]}{number // 30}",
            "company": f"Company {number % 97} 有限公司",
            "job_title": "Buyer",
            "phones": f"+86 138 {number:04d} {number * 7 % 10000:04d}",
            "city": "München" if number % 2 else "北京",
            "stage": "lead",
            "owner": f"sales{number % 7}",
            "notes": "约下周见面",
        }
        row = builder.add(new_customer(values, region="CN"), "2026-01-01T00:00:00Z")
        for day in range(TIMELINE):
            text = {"kind": "call", "at": f"2025-01-{day + 10}T08:00:00Z", "subject": f"call {day}", "actor": "me"}
            builder.add_child("interactions", row, text)
    with (
        Database.open(str(path), create=True) as database,
        LongOperation(database, "import", subject="c", actor="me") as long,
    ):
        writer = BulkWriter(long)
        writer.add(builder.take())
        writer.flush()
        with long.box():
            long.act.settle()
            long.act.finish()
    return path


@pytest.fixture
def workspace(file: Path) -> Iterator[Workspace]:
    with open_workspace(str(file), actor="me", region="CN") as opened:
        yield opened


class Terminal:
    """The bytes that the app's screen would cost on a terminal that shows what it showed before."""

    def __init__(self, app: CrmApp) -> None:
        self.app = app
        self.picture = Picture(*SIZE, ColorSystem.TRUECOLOR)

    def bytes(self) -> int:
        for y, x, strip in whole_frame(self.app.screen):
            self.picture.put(y, [(x, strip)])
        return len(self.picture.difference().encode())


async def loaded(app: CrmApp, pause: Callable[[], object]) -> WindowedList:
    """The list, when every customer is in it and the first one's card beside it."""
    rows = app.screen.query_one("#list", WindowedList)
    card = app.screen.query_one("#card", TextLines)
    while not (rows.source.row_count() == CUSTOMERS and rows.source.exact and card.plain()):
        await pause()  # type: ignore[misc]
    assert isinstance(app.screen, CustomersScreen)
    for _ in range(3):  # what waits for a paint, such as the card after a resize, is done then
        app.screen.refresh()
        await pause()  # type: ignore[misc]
    return rows


async def test_a_step_costs_few_bytes_and_statements(workspace: Workspace) -> None:
    app = CrmApp(workspace, Settings())
    app.link = app.link._replace(preview_rest=3600.0)  # a key that is followed by the next: no card is drawn
    async with app.run_test(size=SIZE) as pilot:
        rows = await loaded(app, pilot.pause)
        terminal = Terminal(app)
        assert terminal.bytes() > 2000  # the whole screen, once

        statements: list[str] = []
        app.gateway.page().set_trace_callback(statements.append)
        in_page = []
        for _ in range(rows.page_rows - 1):
            statements.clear()
            await pilot.press("down")
            in_page.append((terminal.bytes(), len(statements)))
        assert rows.window_range.start == 0
        assert max(size for size, _count in in_page) <= 600
        assert max(count for _size, count in in_page) <= 2

        scrolled = []
        for _ in range(40):
            statements.clear()
            await pilot.press("down")
            scrolled.append((terminal.bytes(), len(statements)))
        assert rows.window_range.start == 40
        assert max(size for size, _count in scrolled) <= 1000
        assert max(count for _size, count in scrolled) <= 2
        app.gateway.page().set_trace_callback(None)


async def test_a_page_and_a_jump_cost_one_read(workspace: Workspace) -> None:
    app = CrmApp(workspace, Settings())
    app.link = app.link._replace(preview_rest=3600.0)
    async with app.run_test(size=SIZE) as pilot:
        rows = await loaded(app, pilot.pause)
        terminal = Terminal(app)
        terminal.bytes()
        statements: list[str] = []
        app.gateway.page().set_trace_callback(statements.append)
        for key in ("pagedown", "pagedown", "end", "home"):
            statements.clear()
            await pilot.press(key)
            assert len(statements) <= 2, key  # rows are read by pages of their own: a screen may touch two
            assert terminal.bytes() <= 8000, key
        statements.clear()
        rows.jump_to_percent(73)
        await pilot.pause()
        assert len(statements) <= 2
        assert terminal.bytes() <= 8000
        app.gateway.page().set_trace_callback(None)


async def test_at_rest_nothing_is_written(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[object] = []
    monkeypatch.setattr(CrmApp, "before_frame", lambda _app, screen: frames.append(screen))
    app = CrmApp(workspace, Settings())
    async with app.run_test(size=SIZE) as pilot:
        await loaded(app, pilot.pause)
        await pilot.press("slash")  # the caret of a focused field does not blink
        await pilot.pause(0.2)  # the card follows the cursor
        frames.clear()
        statements: list[str] = []
        app.gateway.page().set_trace_callback(statements.append)
        for _ in range(5):
            app._poll()
            await pilot.pause()
        assert not frames
        assert set(statements) <= {"PRAGMA data_version"}
        app.gateway.page().set_trace_callback(None)
