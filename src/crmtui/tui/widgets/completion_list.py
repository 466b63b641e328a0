"""The few completions under a search line, over the list: at most six lines, drawn where the word begins."""

from collections.abc import Sequence
from typing import Any

from crmtui.domain.completion_rank import Candidate
from crmtui.domain.text import cell_width, cut, display_text
from crmtui.i18n.show import show_number
from crmtui.tui.widgets.text_lines import Line, Span, TextLines

MOST = 6
_WIDTH_LIMIT = 48
_LABEL_LIMIT = 28


class CompletionList(TextLines):
    """Hidden while it has no candidates. ``chosen`` is the one that an arrow went to, -1 while none was."""

    DEFAULT_CSS = """
    CompletionList { layer: above; position: absolute; display: none; width: 30; height: 6; background: $panel; }
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.candidates: tuple[Candidate, ...] = ()
        self.chosen = -1

    @property
    def is_open(self) -> bool:
        """Whether there is something to take."""
        return bool(self.candidates)

    def offer(self, candidates: Sequence[Candidate], x: int, y: int) -> None:
        """Show these, the first line at cell ``x``, ``y`` of the screen or as near to it as they fit; none: hide."""
        candidates = tuple(candidates[:MOST])
        if candidates == self.candidates and not candidates:
            return
        self.candidates, self.chosen = candidates, -1
        self.display = bool(candidates)
        if not candidates:
            return
        self._draw()
        width = max(cell_width(span.text) for line in self.lines for span in line.left) + self._right_width() + 1
        width = min(width, _WIDTH_LIMIT, self.app.size.width)
        self.styles.width, self.styles.height = width, len(candidates)
        self.styles.offset = (max(0, min(x, self.app.size.width - width)), y)

    def close(self) -> None:
        """Offer nothing."""
        self.offer((), 0, 0)

    def move(self, by: int) -> None:
        """Go to the next or the one before; before the first is none again."""
        self.chosen = max(-1, min(self.chosen + by, len(self.candidates) - 1))
        self._draw()

    def taken(self) -> Candidate:
        """The chosen one, else the first."""
        return self.candidates[max(0, self.chosen)]

    def _right_width(self) -> int:
        return max(sum(cell_width(span.text) for span in line.right) for line in self.lines)

    def _draw(self) -> None:
        self.set_lines([self._line(index, each) for index, each in enumerate(self.candidates)])

    def _line(self, index: int, candidate: Candidate) -> Line:
        here = index == self.chosen
        text = f"{'▸' if here else ' '}{cut(display_text(candidate.insert), _LABEL_LIMIT)} "
        words = candidate.label if candidate.label != candidate.insert.strip('"') else ""
        if candidate.insert.endswith(":") and not words:
            words = candidate.hint
        right = [] if candidate.count is None else [Span(f"{show_number(candidate.count)} ", "muted")]
        if words:
            right.insert(0, Span(f" {cut(display_text(words), _LABEL_LIMIT)} ", "muted"))
        return Line((Span(text, "key" if here else "strong"),), tuple(right))
