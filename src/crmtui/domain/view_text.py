"""The text of views.toml: reading views with every mistake told by its line, and changing one view without touching the rest.

A view is a ``[[view]]`` table with ``name``, ``query``, ``sort`` and ``columns``; what stands above the first one are the columns and
the order of lists without a view. Comments, order and layout of what is not changed stay as the person wrote them.
"""

import re
import tomllib
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from crmtui.domain.fields import BY_KEY, BY_QUERY_NAME
from crmtui.domain.query import parse
from crmtui.i18n import _

KEYS = ("name", "query", "sort", "columns")
_HEADER = re.compile(r"\s*\[\[\s*view\s*\]\]\s*(?:#.*)?")
_COLUMN = re.compile(r"(.+?)(?::(\d{1,3}))?", re.DOTALL)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_PART_ERROR = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")


class ViewColumn(NamedTuple):
    """A column of a view: the key of its field (``custom.KEY`` for a custom one) and its width in cells, 0 for the usual one."""

    key: str
    width: int = 0

    def __str__(self) -> str:
        return f"{self.key}:{self.width}" if self.width else self.key


class TextView(NamedTuple):
    """A view as a file says it. ``sort`` is a field's key, with ``-`` before it for descending, or ""; ``line`` counts from 1."""

    name: str
    query: str = ""
    sort: str = ""
    columns: tuple[ViewColumn, ...] = ()
    line: int = 0


class ViewProblem(NamedTuple):
    """Something wrong in the file: the line, the view it stands in (may be ""), what is wrong, and what was probably meant."""

    line: int
    view: str
    message: str
    hint: str = ""


class _Block(NamedTuple):
    """The lines ``start`` to ``stop`` of one view, its header included; the first block has no header."""

    start: int
    stop: int
    values: dict[str, object]
    error: str
    error_line: int


def read_views(text: str) -> tuple[list[TextView], list[ViewProblem]]:
    """The views of a file and what is wrong in it; a view with a mistake keeps what is right of it. Never raises.

    The view named "" holds the columns and the order of lists without a view; it is there only if the file says something.
    """
    views: list[TextView] = []
    problems: list[ViewProblem] = []
    lines = text.split("\n")
    for position, block in enumerate(_blocks(lines)):
        if block.error:
            problems.append(ViewProblem(block.error_line, _name_in(lines, block), block.error))
            continue
        view = _view(block, lines, problems, has_header=position > 0)
        if view is None:
            continue
        if any(view.name == other.name for other in views):
            problems.append(
                ViewProblem(view.line, view.name, _("there are two views of this name; the first one counts"))
            )
        else:
            views.append(view)
    return views, problems


def with_view(text: str, view: TextView, *, replaces: str | None = None) -> str:
    """``text`` with this view in the place of the one called ``replaces`` (its own name if None), else at the end.

    Raises ValueError when the place where it belongs cannot be read.
    """
    lines = text.split("\n")
    wanted = view.name if replaces is None else replaces
    blocks = _blocks(lines)
    if wanted == "":
        block: _Block | None = blocks[0]
    else:
        block = next((each for each in blocks[1:] if each.values.get("name") == wanted), None)
    if block is None:
        while lines and not lines[-1].strip():
            lines.pop()
        above = [*lines, ""] if lines else []
        return "\n".join([*above, "[[view]]", *_key_lines(view), ""])
    if block.error:
        raise ValueError(block.error)
    wished = dict(_pairs(view))
    for key in KEYS if wanted else KEYS[2:]:
        lines, block = _with_key(lines, block, key, wished.get(key))
    return "\n".join(lines).rstrip("\n") + "\n" if any(line.strip() for line in lines) else ""


def without_view(text: str, name: str) -> str:
    """``text`` without the view of this name and the comment that stands directly above it."""
    lines = text.split("\n")
    blocks = _blocks(lines)
    for position, block in enumerate(blocks[1:], 1):
        if block.values.get("name") == name:
            start, stop = _with_comment(lines, block.start), block.stop
            if position + 1 < len(blocks):
                stop = _with_comment(lines, blocks[position + 1].start)
            kept = [*lines[:start], *lines[stop:]]
            return "\n".join(kept).rstrip("\n") + "\n" if any(line.strip() for line in kept) else ""
    return text


def read_column(text: str) -> ViewColumn | None:
    """A column as a person writes it, ``city``, ``company:30`` or ``custom.industry``; None when there is no such field."""
    found = _COLUMN.fullmatch(text.strip())
    if found is None:
        return None
    key, width = found[1].strip(), int(found[2] or 0)
    if key.startswith("custom.") and len(key) > len("custom."):
        return ViewColumn(key, width)
    field = BY_QUERY_NAME.get(key.casefold())
    return ViewColumn("id", width) if key == "id" else ViewColumn(field.key, width) if field else None


def sort_column(sort: str) -> tuple[str, bool] | None:
    """The column of ``customers`` that a sort by field means, and whether it is descending; None when lists have no such order."""
    name = sort.strip()
    descending = name.startswith("-")
    name = name.lstrip("-")
    if not name:
        return "", descending
    if name == "id":
        return "id", descending
    field = BY_QUERY_NAME.get(name.casefold())
    column = field.sort if field else next((each.sort for each in BY_KEY.values() if each.sort == name), "")
    return (column, descending) if column else None


def nearest_column(text: str) -> str:
    """The known name closest to a misspelt column, or ""."""
    name = text.partition(":")[0].strip().casefold()
    return next(iter(get_close_matches(name, [*BY_QUERY_NAME, "id"], 1, 0.5)), "")


def quoted(text: str) -> str:
    """``text`` as a TOML string."""
    text = text.encode("utf-8", "replace").decode()
    return '"' + "".join(_ESCAPES.get(sign) or _seen(sign) for sign in text) + '"'


def _seen(sign: str) -> str:
    """A character as it may stand in the file: what would not be seen there is written as its number."""
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"


def _blocks(lines: Sequence[str]) -> list[_Block]:
    """The views of a file: each is read on its own, so that a mistake in one leaves the others whole."""
    starts = [0, *(number for number, line in enumerate(lines) if _HEADER.fullmatch(line)), len(lines)]
    blocks: list[_Block] = []
    at = 0
    while at < len(starts) - 1:
        stop = at + 1
        block = _block(lines, starts[at], starts[stop], first=at == 0)
        # A line that looks like a header may stand inside a text of several lines.
        while block.error and stop < len(starts) - 1 and _opens_text(lines[starts[at] : starts[stop]]):
            stop += 1
            longer = _block(lines, starts[at], starts[stop], first=at == 0)
            if not longer.error:
                block = longer
        at = next(place for place, start in enumerate(starts) if start == block.stop and place > at)
        blocks.append(block)
    return blocks


def _opens_text(lines: Sequence[str]) -> bool:
    text = "\n".join(lines)
    return '"""' in text or "'''" in text


def _block(lines: Sequence[str], start: int, stop: int, *, first: bool) -> _Block:
    text = "\n".join(lines[start if first else start + 1 : stop])
    offset = start if first else start + 1
    try:
        return _Block(start, stop, tomllib.loads(text), "", 0)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        message = str(error)
        place = _PART_ERROR.search(message)
        line = offset + int(place[1]) if place and place[1] else stop
        detail = message[: place.start()].strip() if place else message
        return _Block(start, stop, {}, _("this is not valid TOML: {detail}").format(detail=detail), line)


def _view(block: _Block, lines: Sequence[str], problems: list[ViewProblem], *, has_header: bool) -> TextView | None:
    values = block.values
    name = values.get("name", "") if has_header else ""
    head = block.start + 1

    def tell(key: str, message: str, hint: str = "") -> None:
        problems.append(ViewProblem(_line_of(lines, block, key), name if isinstance(name, str) else "", message, hint))

    allowed = KEYS if has_header else KEYS[2:]
    for key in values:
        if key not in allowed:
            near = next(iter(get_close_matches(key.casefold(), allowed, 1, 0.5)), "")
            hint = _("Did you mean “{nearest}”?").format(nearest=near) if near else ""
            tell(key, _("there is no key “{key}” here").format(key=key), hint)
    if has_header and (not isinstance(name, str) or not name.strip()):
        tell("name" if "name" in values else "", _("a view needs a name in quotes"))
        return None
    query = values.get("query", "")
    if not isinstance(query, str):
        tell("query", _("the query must be a text in quotes"))
        query = ""
    for problem in parse(query).problems:
        tell(
            "query",
            _("“{text}” is no field that can be searched; it was left out").format(text=problem.text),
            _("Did you mean “{nearest}”?").format(nearest=problem.nearest) if problem.nearest else "",
        )
    sort = values.get("sort", "")
    if not isinstance(sort, str) or sort_column(sort) is None:
        near = nearest_column(str(sort).lstrip("-"))
        tell(
            "sort",
            _("lists cannot be sorted by “{name}”").format(name=sort),
            _("Did you mean “{nearest}”?").format(nearest=near) if near else "",
        )
        sort = ""
    columns = _columns(values.get("columns", []), tell)
    if not has_header and not (sort or columns):
        return None
    return TextView(str(name), query, sort.strip(), columns, head if has_header else 1)


def _columns(given: object, tell: Callable[..., None]) -> tuple[ViewColumn, ...]:
    if not isinstance(given, list):
        tell("columns", _("the columns must be a list: {example}").format(example='["name", "city:12"]'))
        return ()
    found: dict[str, ViewColumn] = {}
    for each in given:
        column = read_column(each) if isinstance(each, str) else None
        if column is None:
            near = nearest_column(str(each))
            tell(
                "columns",
                _("there is no field “{name}”").format(name=each),
                _("Did you mean “{nearest}”?").format(nearest=near) if near else "",
            )
        else:
            found.setdefault(column.key, column)
    return tuple(found.values())


def _line_of(lines: Sequence[str], block: _Block, key: str) -> int:
    """The line (from 1) on which a key of a block stands; that of its header if it has none."""
    for number in range(block.start, block.stop):
        if key and _key_on(lines[number]) == key:
            return number + 1
    return block.start + 1


def _name_in(lines: Sequence[str], block: _Block) -> str:
    """The name of a view that cannot be read as a whole, if that line can be."""
    for line in lines[block.start : block.stop]:
        if _key_on(line) == "name":
            try:
                return str(tomllib.loads(line)["name"])
            except tomllib.TOMLDecodeError:
                return ""
    return ""


def _key_on(line: str) -> str:
    before, equals, _value = line.partition("=")
    return before.strip().strip("\"'") if equals else ""


def _with_key(lines: list[str], block: _Block, key: str, value: str | None) -> tuple[list[str], _Block]:
    """The lines with ``key`` of a block set to a TOML value, or without it (None); what is equal stays as it is written."""
    first = next((place for place in range(block.start, block.stop) if _key_on(lines[place]) == key), None)
    if first is None:
        if value is None:
            return lines, block
        at = _last_key_line(lines, block)
        fresh = [*lines[:at], f"{key} = {value}", *lines[at:]]
        return fresh, block._replace(stop=block.stop + 1)
    after = first + 1
    while after < block.stop and not _is_whole("\n".join(lines[first:after])):
        after += 1
    stored = tomllib.loads("\n".join(lines[first:after])).get(key)
    if value is not None and stored == tomllib.loads(f"{key} = {value}")[key]:
        return lines, block
    indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
    comment = _comment_behind(lines[first], key, stored) if after == first + 1 else ""
    fresh_lines = [] if value is None else [f"{indent}{key} = {value}" + (f"  {comment}" if comment else "")]
    fresh = [*lines[:first], *fresh_lines, *lines[after:]]
    return fresh, block._replace(stop=block.stop + len(fresh_lines) - (after - first))


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _comment_behind(line: str, key: str, value: object) -> str:
    """The comment at the end of a line that sets ``key``: the sign # may stand in its value, too."""
    at = line.find("#")
    while at >= 0:
        if _is_whole(line[:at]) and tomllib.loads(line[:at]).get(key) == value:
            return line[at:]
        at = line.find("#", at + 1)
    return ""


def _last_key_line(lines: Sequence[str], block: _Block) -> int:
    """Where a further key of a block goes: behind its last line that is neither blank nor a comment."""
    at = block.stop
    while at > block.start and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#")):
        at -= 1
    if at > block.start:
        return at
    # Nothing but comments: those up to the first blank line are about the file, others about the view below.
    return next((place for place in range(block.start, block.stop) if not lines[place].strip()), block.start)


def _with_comment(lines: Sequence[str], start: int) -> int:
    """Where the comment directly above a header begins; the header's own line when there is none."""
    while start > 0 and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start


def _key_lines(view: TextView) -> list[str]:
    return [f"{key} = {value}" for key, value in _pairs(view)]


def _pairs(view: TextView) -> list[tuple[str, str]]:
    pairs = [("name", quoted(view.name)), ("query", quoted(view.query))]
    if view.sort:
        pairs.append(("sort", quoted(view.sort)))
    if view.columns:
        pairs.append(("columns", "[" + ", ".join(quoted(str(column)) for column in view.columns) + "]"))
    return pairs if view.name else pairs[2:]
