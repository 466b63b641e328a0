"""The least that Textual can do: one line of text. What crmtui's start and memory are compared with."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.widgets import Static


class Bare(App[None]):
    BINDINGS: ClassVar = [("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield Static("a bare Textual app")


if __name__ == "__main__":
    Bare().run()
