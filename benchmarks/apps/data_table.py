"""Textual's own table, filled the way its documentation shows: ``python data_table.py FILE.csv``."""

import csv
import sys
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class TableApp(App[None]):
    BINDINGS: ClassVar = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield DataTable[str](cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        with open(sys.argv[1], newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            header = next(rows)
            wanted = [
                header.index(name) for name in ("name", "company", "phones", "stage", "city", "owner", "last_contact")
            ]
            table.add_columns(*(header[column] for column in wanted))
            table.add_rows([[row[column] for column in wanted] for row in rows])
        table.focus()


if __name__ == "__main__":
    TableApp().run()
