"""A small app for tests that look through a real pseudo-terminal: ``python terminal_app.py [plain]``."""

import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Static

from crmtui.tui.difference_output import DifferenceOutput
from crmtui.tui.themes import register_themes
from crmtui.tui.widgets.row_source import RowView
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.windowed_list import ListColumn, WindowedList

ROWS = 1000


class Rows:
    exact = True

    def row_count(self) -> int:
        return ROWS

    def rows(self, start: int, stop: int) -> list[RowView]:
        return [RowView((f"王小明 {n}" if n % 3 else f"Zhang, Lily {n}", f"¥{n * 37:,}")) for n in range(start, stop)]

    def row_id(self, index: int) -> int:
        return index

    def index_of(self, row_id: int) -> int | None:
        return row_id


class PlainTerminalApp(App[None]):
    CSS = "#status { height: 1; } TextField { margin-left: 2; }"
    BINDINGS: ClassVar = [("slash", "find"), ("s", "leave_terminal"), ("q", "quit")]

    def compose(self) -> ComposeResult:
        yield TextField(placeholder="find")
        yield WindowedList((ListColumn("name", "Name"), ListColumn("value", "Value", width=9, align_right=True)))
        yield Static("", id="status", markup=False)

    def on_mount(self) -> None:
        register_themes(self)
        self.theme = "crmtui-dark"
        rows = self.query_one(WindowedList)
        self.watch(rows, "cursor_index", self.show_place)
        rows.set_source(Rows())
        rows.focus()

    def show_place(self, index: int) -> None:
        self.query_one("#status", Static).update(f"row {index + 1} of {ROWS}", layout=False)

    def action_find(self) -> None:
        self.query_one(TextField).focus()

    def action_leave_terminal(self) -> None:
        with self.suspend():
            print("\x1b[2J\x1b[Houtside", flush=True)


class TerminalApp(DifferenceOutput, PlainTerminalApp):
    pass


if __name__ == "__main__":
    (PlainTerminalApp if sys.argv[1:] == ["plain"] else TerminalApp)().run()
