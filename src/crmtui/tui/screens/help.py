"""The help page: every key as it is set now, those of this screen first, and the query language, all from the registries."""

import os
from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from crmtui.domain.fields import FIELDS, Field
from crmtui.domain.query import HAS_VALUES, IS_VALUES, SPECIAL_FILTERS
from crmtui.domain.text import cell_width, cut, pad
from crmtui.i18n import N_, _
from crmtui.paths import keymap_path
from crmtui.tui.actions import HELP, SCOPE_LABELS, actions_in, key_sign
from crmtui.tui.screens.base import CrmScreen, bindings_of
from crmtui.tui.widgets.text_lines import Line, Span, TextLines

TWO_COLUMNS_FROM = 110
"""Columns of the terminal from which the groups stand side by side."""
_GAP = 3
_KEYS_AT_MOST = 22

_EXAMPLES = (
    ("zhang 138", N_("words in any order: name, pinyin, phone, e-mail, company, tag, order number")),
    ('"exact words"', N_("exactly this text, in notes and interactions too")),
    ("stage:lead,qualified", N_("one of these")),
    ("-tag:lost", N_("not this; NOT does the same")),
    ("city:上海 OR city:苏州", N_("either; brackets group")),
    ("last:>90d", N_("no contact for 90 days; d w m y")),
    ("created:2025-03", N_("in March 2025; 2025-01..2025-06 is a span")),
    ("amount:>10000", N_("numbers compare with > >= < <=")),
    ("stage:none", N_("empty")),
    ("owner:me", N_("mine")),
)

_SPECIAL_HELP = {
    "has": N_("there is at least one of it"),
    "is": N_("what it is"),
    "id": N_("the number of the customer"),
    "amount": N_("the sum of all orders"),
    "batch": N_("came with, or was changed by, this operation"),
    "order": N_("the number of an order"),
    "text": N_("in notes and interactions"),
    "note": N_("in notes and interactions"),
    "due": N_("an open task is due: today, tomorrow, week, overdue, a date"),
    "deal": N_("title or stage of a deal"),
    "domain": N_("the part of the e-mail after @"),
    "last": N_("the last contact"),
    "any": N_("anywhere, as without a field"),
}


class HelpScreen(CrmScreen):
    """Keys and query language; ``scopes`` are those of the screen the person came from."""

    SCOPES = (HELP,)
    MODE = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(actions_in(HELP)),
        # Those of a list scroll; a change of their keys counts here too.
        Binding("down,j", "scroll(1)", show=False, priority=True, id="list.down"),
        Binding("up,k", "scroll(-1)", show=False, priority=True, id="list.up"),
        Binding("space", "scroll_page(1)", show=False, priority=True, id="list.mark"),
        Binding("pagedown,ctrl+f", "scroll_page(1)", show=False, priority=True, id="list.page_down"),
        Binding("pageup,ctrl+b", "scroll_page(-1)", show=False, priority=True, id="list.page_up"),
        Binding("ctrl+d", "scroll_page(1)", show=False, priority=True, id="list.half_page_down"),
        Binding("ctrl+u", "scroll_page(-1)", show=False, priority=True, id="list.half_page_up"),
        Binding("home,g", "edge(0)", show=False, priority=True, id="list.first"),
        Binding("end,G", "edge(1)", show=False, priority=True, id="list.last"),
    ]
    DEFAULT_CSS = """
    HelpScreen VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    """

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__()
        self._scopes = tuple(dict.fromkeys(scopes))
        self._queries_at = 0

    def compose_body(self) -> ComposeResult:
        """One long page."""
        with VerticalScroll(id="page"):
            yield TextLines(id="keys")

    def on_mount(self) -> None:
        """Draw for the width there is."""
        self._page.focus()
        self._draw()

    @property
    def _page(self) -> VerticalScroll:
        return self.query_one("#page", VerticalScroll)

    def on_resize(self) -> None:
        """Another width, another number of columns."""
        if self.is_mounted:
            self._draw()

    def retranslate(self) -> None:
        """The page in the other language."""
        super().retranslate()
        self._draw()

    def top_line(self) -> Line:
        """What this is."""
        return Line((Span(" ◂ ", "key"), Span(_("Help"), "strong")), (Span(f" {self._file_name()} ", "muted"),))

    def status_facts(self) -> tuple[Span, ...]:
        """Where to change the keys."""
        return (
            Span(_("keys can be set in {file}").format(file=os.path.basename(keymap_path(os.environ))) + " ", "muted"),
        )

    def _hints(self, room: int) -> list[Span]:
        spans: list[Span] = []
        for key, label in (("esc", _("close")), ("↓ ␣", _("scroll")), ("/", _("searching"))):
            width = cell_width(key) + cell_width(label) + 3
            if width <= room:
                room -= width
                spans += [Span(f" {key}", "key"), Span(f" {label} ", "muted")]
        return spans

    def _draw(self) -> None:
        width = self.app.size.width - 3
        blocks = key_blocks(self._scopes, self.crm.keymap)
        columns = 2 if width + 3 >= TWO_COLUMNS_FROM else 1
        column_width = (width - _GAP * (columns - 1)) // columns
        keys = [_formatted(block, column_width) for block in blocks]
        queries = [_formatted(block, column_width) for block in query_blocks()]
        lines = _in_columns(keys, columns, column_width)
        self._queries_at = len(lines)
        lines += _in_columns(queries, columns, column_width)
        page = self.query_one("#keys", TextLines)
        page.styles.height = len(lines)
        page.set_lines(lines)

    def action_help_close(self) -> None:
        """Back to where one came from."""
        self.app.pop_screen()

    def action_scroll(self, by: int) -> None:
        """Scroll by lines."""
        self._page.scroll_relative(y=by, animate=False)

    def action_scroll_page(self, by: int) -> None:
        """Scroll by a page less a line."""
        self._page.scroll_relative(y=by * max(1, self._page.size.height - 1), animate=False)

    def action_edge(self, end: int) -> None:
        """Go to the first or the last line."""
        self._page.scroll_to(y=self._page.max_scroll_y if end else 0, animate=False)

    def action_help_queries(self) -> None:
        """Go to the query language."""
        self._page.scroll_to(y=self._queries_at, animate=False)


class HelpBlock(NamedTuple):
    """A heading and lines of two parts under it; ``here`` when it is about the screen one came from."""

    title: str
    rows: tuple[tuple[str, str], ...]
    here: bool = False


def key_blocks(scopes: Sequence[str], keymap: Mapping[str, tuple[str, ...]]) -> list[HelpBlock]:
    """The keys of every scope, those of ``scopes`` first and in that order."""
    ordered = dict.fromkeys([*scopes, *SCOPE_LABELS])
    blocks = []
    for scope in ordered:
        rows = []
        for action in actions_in(scope):
            keys = "  ".join(key_sign(key) for key in keymap[action.id])
            palette = key_sign(next(iter(keymap["app.palette"]), ""))
            rows.append((keys or f"{palette} {_(action.label)}", _(action.help)))
        if rows:
            blocks.append(HelpBlock(_(SCOPE_LABELS[scope]), tuple(rows), scope in scopes))
    return blocks


def query_blocks() -> list[HelpBlock]:
    """The query language: examples, then every name that can stand before the colon."""
    examples = tuple((query, _(text)) for query, text in _EXAMPLES)
    special = []
    for name in SPECIAL_FILTERS:
        if name in _SPECIAL_HELP:
            text = _(_SPECIAL_HELP[name])
            if name == "has":
                text += ": " + " ".join(HAS_VALUES)
            elif name == "is":
                text += ": " + " ".join(IS_VALUES)
            special.append((f"{name}:", text))
    named = tuple((_field_names(field), _(field.label)) for field in FIELDS if field.key not in _SPECIAL_HELP)
    return [
        HelpBlock(_("The search line"), examples, True),
        HelpBlock(_("What can be asked"), (*special, ("custom.…:", _("a field of this file"))), True),
        HelpBlock(_("Fields"), named, True),
    ]


def _field_names(field: Field) -> str:
    names = [field.key, *(name for name in field.query if name != field.key)]
    return " ".join(f"{name}:" for name in names)


def _formatted(block: HelpBlock, width: int) -> list[tuple[Span, ...]]:
    """A block as lines of exactly ``width`` cells: heading, rows (the text goes on in more lines), a blank."""
    key_width = min(_KEYS_AT_MOST, max(cell_width(left) for left, _right in block.rows))
    title = Span(pad(f"{block.title}", width), "accent" if block.here else "muted")
    lines: list[tuple[Span, ...]] = [(title,)]
    room = width - key_width - 3
    for left, right in block.rows:
        pieces = wrapped(right, room)
        if cell_width(left) > key_width:
            lines.append((Span(pad(f" {left}", width), "key"),))
            left = ""
        for index, piece in enumerate(pieces):
            head = pad(f" {left if not index else ''}", key_width + 1)
            lines.append((Span(head, "key"), Span(pad(f"  {piece}", width - key_width - 1))))
    lines.append((Span(" " * width),))
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """``text`` over as many lines of ``width`` cells as it needs, broken at blanks or between Chinese characters."""
    lines: list[str] = []
    rest = text
    while cell_width(rest) > width > 1:
        piece = cut(rest, width + 1).removesuffix("…")
        while cell_width(piece) > width:
            piece = piece[:-1]
        blank = piece.rfind(" ")
        if rest[len(piece) : len(piece) + 1] not in ("", " ") and blank > 0 and rest[len(piece) - 1].isascii():
            piece = piece[:blank]
        lines.append(piece.rstrip())
        rest = rest[len(piece) :].lstrip()
    return [*lines, rest] if rest or not lines else lines


def _in_columns(blocks: Sequence[list[tuple[Span, ...]]], columns: int, width: int) -> list[Line]:
    """Blocks under each other, or in two columns of about the same height, in reading order."""
    if columns == 1:
        return [Line(line) for block in blocks for line in block]
    total = sum(map(len, blocks))
    halves: tuple[list[tuple[Span, ...]], list[tuple[Span, ...]]] = ([], [])
    for block in blocks:
        left = not halves[1] and len(halves[0]) + len(block) // 2 <= total // 2
        halves[0 if left or not halves[0] else 1].extend(block)
    height = max(len(half) for half in halves)
    blank = (Span(" " * width),)
    lines = []
    for index in range(height):
        left_line = halves[0][index] if index < len(halves[0]) else blank
        right_line = halves[1][index] if index < len(halves[1]) else blank
        lines.append(Line((*left_line, Span(" " * _GAP), *right_line)))
    return lines
