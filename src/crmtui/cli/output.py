"""What goes to stdout: tables and lines made safe for a terminal, JSON and CSV with every byte as it is stored."""

import os
import sys
from collections.abc import Iterable, Sequence

from crmtui.domain.text import cell_width, cut, display_text, pad
from crmtui.light_typing import NamedTuple

_GAP = 2
_NARROWEST = 6
_SHORTEST_CUT = 200  # characters; what is longer than this and the line is not looked at further
_EVERYTHING = 1_000_000  # cells: nobody looks at a pipe, so nothing is cut there


class Column(NamedTuple):
    """A column of a table: its title, whether it is numbers (right-aligned), and whether it gives way when room is short."""

    title: str
    right: bool = False
    gives: bool = False


def put(text: str) -> None:
    """Print lines for people: each is made safe on its own, so no stored text can add a line or an escape."""
    _write("".join(f"{display_text(line)}\n" for line in text.split("\n")))


def put_json(value: object) -> None:
    """Print one JSON document, indented, UTF-8, nothing escaped that need not be."""
    from json import dumps

    _use_utf8()
    sys.stdout.write(_unseen_escaped(dumps(value, ensure_ascii=False, indent=2)) + "\n")


def put_json_list(values: Iterable[object]) -> None:
    """Print one JSON array, an element a line, without holding all of it in memory."""
    from json import dumps

    _use_utf8()
    separator = "[\n"
    for value in values:
        sys.stdout.write(separator + _unseen_escaped(dumps(value, ensure_ascii=False)))
        separator = ",\n"
    sys.stdout.write("[]\n" if separator == "[\n" else "\n]\n")


def put_jsonl(values: Iterable[object]) -> None:
    """Print one JSON document a line."""
    from json import dumps

    _use_utf8()
    for value in values:
        sys.stdout.write(_unseen_escaped(dumps(value, ensure_ascii=False, separators=(",", ":"))) + "\n")


def put_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print CSV with a header line, UTF-8 without a byte order mark, values exactly as they are stored.

    CSV has no escapes, so a terminal gets what is safe to show instead.
    """
    import csv

    _use_utf8()
    if sys.stdout.isatty():
        rows = ([display_text(str(value)) for value in row] for row in rows)
        names = [display_text(name) for name in names]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    quoting = csv.writer(sys.stdout, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    for row in rows:
        # Python before 3.13 does not see that a carriage return alone ends a row for most readers.
        (quoting if any("\r" in str(value) for value in row) else writer).writerow(row)


def put_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None = None) -> None:
    """Print a table in terminal cells: every column as wide as it needs, the giving ones cut to what is left of ``width``.

    Into a pipe or file its cells are parted by tabs, neither filled nor cut, as ``cut``, ``sort`` and ``awk -F'\\t'`` like them.
    """
    width = width or line_width()
    if width == _EVERYTHING:
        table = [[column.title for column in columns], *rows]
        _write("".join("\t".join(map(display_text, row)) + "\n" for row in table))
        return
    shown = [[display_text(cell, limit=max(width, _SHORTEST_CUT)) for cell in row] for row in rows]
    columns = [column._replace(title=display_text(column.title)) for column in columns]
    needs = [
        max([cell_width(column.title), *(cell_width(row[index]) for row in shown)])
        for index, column in enumerate(columns)
    ]
    widths = _fit(needs, [column.gives for column in columns], width - _GAP * (len(columns) - 1))
    titles = _line([column.title for column in columns], columns, widths)
    lines = [_emphasised(titles), *(_line(row, columns, widths) for row in shown)]
    _write("\n".join(lines) + "\n")


def put_pairs(pairs: Iterable[tuple[str, str]], width: int | None = None) -> None:
    """Print labels and values in two columns; an empty value is left out, a long one is cut."""
    shown = [(label, display_text(value)) for label, value in pairs if value]
    width = width or line_width()
    left = max((cell_width(label) for label, _value in shown), default=0)
    _write("".join(f"{pad(label, left)}  {cut(value, max(width - left - _GAP, 1))}\n" for label, value in shown))


def put_title(text: str) -> None:
    """Print a line that stands out where the terminal can show it."""
    _write(_emphasised(cut(display_text(text), line_width())) + "\n")


def line_width() -> int:
    """The cells of a line: COLUMNS if set, else those of the terminal, unlimited into a pipe or file."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):  # not a terminal, or no real file at all
        return _EVERYTHING


def make_safe_streams() -> None:
    """Let no character end the program: what the terminal's encoding lacks is shown as its escape."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    parts = [pad(cell, size, right=column.right) for cell, column, size in zip(cells, columns, widths, strict=True)]
    return (" " * _GAP).join(parts).rstrip()


def _fit(needs: list[int], gives: Sequence[bool], room: int) -> list[int]:
    """Take cells from the widest giving column until the line fits, or every one of them is at its narrowest."""
    widths = list(needs)
    givers = [index for index, giving in enumerate(gives) if giving]
    excess = sum(widths) - room
    while excess > 0 and givers:
        widest = max(givers, key=lambda index: widths[index])
        if widths[widest] <= _NARROWEST:
            break
        others = [widths[index] for index in givers if widths[index] < widths[widest]]
        level = max([_NARROWEST, *others])
        step = min(excess, widths[widest] - level)
        widths[widest] -= max(step, 1)
        excess -= max(step, 1)
    return widths


def _emphasised(text: str) -> str:
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb" or not sys.stdout.isatty():
        return text
    return f"\x1b[1m{text}\x1b[0m"


def _use_utf8() -> None:
    """Machine formats are UTF-8 with plain line ends whatever the locale says."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def _unseen_escaped(document: str) -> str:
    """JSON in which every character that a terminal obeys or does not show is an escape: the same document, but safe to look at."""
    if document.isascii() and "\x7f" not in document:
        return document
    return document.translate(_UNSEEN)


class _Unseen(dict[int, str]):
    """The translation table of ``_unseen_escaped``; entries are worked out when a character first appears."""

    def __missing__(self, code: int) -> str:
        from unicodedata import category

        shown = character = chr(code)
        if code != 0x0A and category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            pairs = character.encode("utf-16-be", "surrogatepass").hex()
            shown = "".join(f"\\u{pairs[start : start + 4]}" for start in range(0, len(pairs), 4))
        self[code] = shown
        return shown


_UNSEEN = _Unseen()


def _write(text: str) -> None:
    sys.stdout.write(text)
