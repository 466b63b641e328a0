"""Lines of styled text drawn by the Line API: the top line, the status line, the head of a card. Text is text, never markup."""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from crmtui.domain.text import cell_width, cut, display_text


class Span(NamedTuple):
    """A piece of a line; ``style`` is '', 'muted', 'strong', 'accent', 'success', 'warning', 'error' or 'key'."""

    text: str
    style: str = ""


class Line(NamedTuple):
    """A line: what stands left, and what stands right (kept whole when both do not fit; left is cut with a sign)."""

    left: tuple[Span, ...] = ()
    right: tuple[Span, ...] = ()


def _safe(line: Line) -> Line:
    """The line without what a terminal would obey, even of values that only a strange file can hold."""
    if all(span.text.isprintable() for part in line for span in part):
        return line
    left, right = (tuple(span._replace(text=display_text(span.text)) for span in part) for part in line)
    return Line(left, right)


class TextLines(Widget):
    """A few lines of text. ``set_lines`` draws in the same frame as whatever else changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "text-lines--muted",
        "text-lines--strong",
        "text-lines--accent",
        "text-lines--success",
        "text-lines--warning",
        "text-lines--error",
        "text-lines--key",
    }
    DEFAULT_CSS = """
    TextLines {
        height: 1; width: 1fr; background: $background; color: $foreground;
        & > .text-lines--muted { color: $text-muted; }
        & > .text-lines--strong { text-style: bold; }
        & > .text-lines--accent { color: $text-accent; }
        & > .text-lines--success { color: $text-success; }
        & > .text-lines--warning { color: $text-warning; }
        & > .text-lines--error { color: $text-error; text-style: bold; }
        & > .text-lines--key { color: $text-accent; text-style: bold; }
        &:ansi > .text-lines--muted { color: ansi_default; text-style: dim; }
        &:nocolor > .text-lines--error { text-style: reverse; }
    }
    """

    def __init__(self, *, lines: Sequence[Line] = (), **options: Any) -> None:
        super().__init__(**options)
        self._lines: tuple[Line, ...] = tuple(map(_safe, lines))
        self._pens: dict[str, Style] = {}

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._lines

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        fresh = tuple(map(_safe, lines))
        if fresh != self._lines:
            self._lines = fresh
            self.refresh()

    def plain(self) -> str:
        """The words on it, for tests and screen readers."""
        return "\n".join("".join(span.text for span in (*line.left, *line.right)) for line in self._lines)

    def render_line(self, y: int) -> Strip:
        """One line, padded to the width."""
        width = self.size.width
        base = self._pen("")
        if y >= len(self._lines):
            return Strip.blank(width, base)
        line = self._lines[y]
        right = [Segment(span.text, self._pen(span.style)) for span in line.right if span.text]
        right_width = sum(cell_width(segment.text) for segment in right)
        if right_width >= width:
            right, right_width = [], 0
        room = width - right_width - (1 if right else 0)
        segments: list[Segment] = []
        for span in line.left:
            if room <= 0:
                break
            text = span.text if cell_width(span.text) <= room else cut(span.text, room)
            segments.append(Segment(text, self._pen(span.style)))
            room -= cell_width(text)
        filler = width - right_width - sum(cell_width(segment.text) for segment in segments)
        return Strip([*segments, Segment(" " * filler, base), *right], width)

    def notify_style_update(self) -> None:
        """Colours changed."""
        self._pens.clear()
        super().notify_style_update()

    def _pen(self, name: str) -> Style:
        """How spans of a style are written; worked out once, for Textual goes through all ancestors each time."""
        pen = self._pens.get(name)
        if pen is None:
            base = self.rich_style
            pen = base + self.get_component_rich_style(f"text-lines--{name}", partial=True) if name else base
            self._pens[name] = pen
        return pen
