"""What is done to the text of a cell before it is read: each step written as text, as it stands in recipes and on the command line.

``split:SEP:N`` the N-th part (``-1`` the last, ``2-`` from the second on); ``list:SEP`` the parts as several values; ``lines`` each
line as a value; ``map:old=new;…`` other words (``*`` for all that are not named); ``number:de|us|cn`` a number as it is written there;
``money:de|us|cn`` the same with its currency; ``date:dmy|mdy|ymd|unix`` or ``date:`` and a format such as ``DD.MM.YYYY HH:mm``;
``name:family-first|given-first`` a name as it is said; ``prefix:TEXT`` and ``suffix:TEXT`` add, ``strip:TEXT`` takes away at both
ends, ``replace:OLD=NEW`` everywhere; ``join:SEP`` puts the cell behind those of other columns with the same target; ``zfill:N``
gives numbers their leading zeros back, ``integer`` takes ``.0`` and exponents away, ``demojibake`` reads text in the right encoding.

``\\n``, ``\\t``, ``\\;``, ``\\=``, ``\\:`` and ``\\\\`` stand for the signs themselves. A step never fails: a cell that it cannot read stays.
"""

import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

from crmtui.domain.dates import Order, parse_date
from crmtui.domain.mapping.moments import parse_stamp, read_format
from crmtui.domain.mapping.repairs import demojibake, integer, zero_filled
from crmtui.domain.money import plain_amount
from crmtui.domain.names import order_name
from crmtui.errors import UsageError
from crmtui.i18n import _

NUMBER_STYLES = ("de", "us", "cn")
DATE_ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")
NAME_ORDERS = ("family-first", "given-first")
KINDS = (
    *("split", "list", "lines", "map", "number", "money", "date", "name", "prefix", "suffix", "strip", "replace"),
    *("join", "integer", "zfill", "demojibake"),
)
OTHERWISE = "*"
"""The old value of a ``map`` step that stands for all that are not named."""

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SIGNS = {"n": "\n", "t": "\t"}
_WIDTH = re.compile(r"[1-9]|[1-3]\d", re.ASCII)
_PARTS = re.compile(r"(-?[1-9]\d{0,2})(-?)", re.ASCII)


class Step(NamedTuple):
    """One step: its kind and what it is told. ``map`` has the old and new values in turn."""

    kind: str
    arguments: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The step as it is written."""
        if self.kind == "map":
            pairs = zip(self.arguments[::2], self.arguments[1::2], strict=True)
            return "map:" + ";".join(f"{_escape(old, ';=')}={_escape(new, ';=')}" for old, new in pairs)
        if self.kind == "replace":
            return f"replace:{_escape(self.arguments[0], '=')}={_escape(self.arguments[1])}"
        if self.kind == "split":
            return f"split:{_escape(self.arguments[0])}:{self.arguments[1]}"
        return ":".join((self.kind, *map(_escape, self.arguments)))


def parse_step(text: str) -> Step:
    """The step that ``text`` says. Raises UsageError naming a text that says none."""
    kind, colon, rest = text.partition(":")
    kind = kind.strip().casefold()
    step: Step | None = None
    if kind in ("lines", "integer", "demojibake"):
        step = Step(kind) if not rest else None
    elif kind == "zfill":
        step = Step(kind, (rest,)) if _WIDTH.fullmatch(rest) else None
    elif not colon or not rest:
        step = None
    elif kind == "split":
        separator, second, number = rest.rpartition(":")
        if second and separator and _PARTS.fullmatch(number.strip()):
            step = Step(kind, (_unescape(separator), number.strip()))
    elif kind == "map":
        pairs = [_cut(each, "=") for each in _cut(rest, ";") if each]
        if pairs and all(len(pair) == 2 for pair in pairs):
            step = Step(kind, tuple(_unescape(part) for pair in pairs for part in pair))
    elif kind == "replace":
        pair = _cut(rest, "=", most=1)
        if len(pair) == 2 and pair[0]:
            step = Step(kind, (_unescape(pair[0]), _unescape(pair[1])))
    elif kind in ("number", "money"):
        step = Step(kind, (rest.casefold(),)) if rest.casefold() in NUMBER_STYLES else None
    elif kind == "name":
        step = Step(kind, (rest.casefold(),)) if rest.casefold() in NAME_ORDERS else None
    elif kind == "date":
        simple = rest.casefold()
        if simple in DATE_ORDERS or simple == "unix":
            step = Step(kind, (simple,))
        elif read_format(_unescape(rest)) is not None:
            step = Step(kind, (_unescape(rest),))
    elif kind in ("prefix", "suffix", "strip", "list", "join"):
        step = Step(kind, (_unescape(rest),))
    if step is None:
        raise UsageError(
            _("there is no step “{text}”").format(text=text),
            hint=_("Steps are: {names}, such as {example}").format(names=", ".join(KINDS), example="split:/:1"),
        )
    return step


def parse_steps(texts: Sequence[str]) -> tuple[Step, ...]:
    """Several steps, in order. Raises UsageError like ``parse_step``."""
    return tuple(parse_step(text) for text in texts)


def apply(steps: Sequence[Step], cell: str) -> str:
    """The text of ``cell`` after these steps; an empty cell stays empty."""
    for step in steps:
        if not cell:
            return cell
        cell = _APPLIED[step.kind](step.arguments, cell)
    return cell


def separator_of(steps: Sequence[Step]) -> str | None:
    """What stands between this column and others with the same target; None when nothing is joined."""
    return next((step.arguments[0] for step in steps if step.kind == "join"), None)


def _split(arguments: tuple[str, ...], cell: str) -> str:
    separator, part = arguments
    match = _PARTS.fullmatch(part)
    assert match is not None  # parse_step has seen to it
    parts = cell.split(separator) if separator.strip() or separator != " " else cell.split()
    number = int(match[1])
    at = number - 1 if number > 0 else len(parts) + number
    if not 0 <= at < len(parts):
        return ""
    return (separator.join(parts[at:]) if match[2] else parts[at]).strip()


def _list(arguments: tuple[str, ...], cell: str) -> str:
    if cell[:1] == "[" and cell.rstrip()[-1:] == "]":
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(each, str | int | float) for each in found):
            return "; ".join(str(each).strip() for each in found)
    return "; ".join(part for each in cell.split(arguments[0]) if (part := each.strip().strip('"').strip()))


def _lines(_arguments: tuple[str, ...], cell: str) -> str:
    return "; ".join(part for each in cell.splitlines() if (part := each.strip()))


def _map(arguments: tuple[str, ...], cell: str) -> str:
    words, otherwise = _words(arguments)
    found = words.get(_word(cell))
    return found if found is not None else cell if otherwise is None else otherwise


@lru_cache(maxsize=256)
def _words(arguments: tuple[str, ...]) -> tuple[dict[str, str], str | None]:
    pairs = list(zip(arguments[::2], arguments[1::2], strict=True))
    words = {_word(old): new for old, new in reversed(pairs) if old != OTHERWISE}
    return words, next((new for old, new in pairs if old == OTHERWISE), None)


def _word(text: str) -> str:
    return " ".join(normalize("NFKC", text).casefold().split())


def _number(arguments: tuple[str, ...], cell: str) -> str:
    found = plain_amount(cell, arguments[0])
    return cell if found is None else found[0]


def _money(arguments: tuple[str, ...], cell: str) -> str:
    found = plain_amount(cell, arguments[0])
    return cell if found is None else " ".join(filter(None, found))


def _date(arguments: tuple[str, ...], cell: str) -> str:
    how = arguments[0]
    if how in DATE_ORDERS:
        stamp = parse_stamp(cell, order=how)
        return stamp or parse_date(cell, order=how, serial=True) or cell
    return parse_stamp(cell, form=how) or cell


def _name(arguments: tuple[str, ...], cell: str) -> str:
    return order_name(cell, family_first=arguments[0] == "family-first").name


def _strip(arguments: tuple[str, ...], cell: str) -> str:
    text, taken = cell.strip(), arguments[0]
    while taken and text.startswith(taken):
        text = text[len(taken) :]
    while taken and text.endswith(taken):
        text = text[: -len(taken)]
    return text.strip()


_APPLIED: dict[str, Callable[[tuple[str, ...], str], str]] = {
    "split": _split,
    "list": _list,
    "lines": _lines,
    "map": _map,
    "number": _number,
    "money": _money,
    "date": _date,
    "name": _name,
    "prefix": lambda arguments, cell: arguments[0] + cell,
    "suffix": lambda arguments, cell: cell + arguments[0],
    "strip": _strip,
    "replace": lambda arguments, cell: cell.replace(arguments[0], arguments[1]),
    "join": lambda _arguments, cell: cell,
    "integer": lambda _arguments, cell: integer(cell),
    "zfill": lambda arguments, cell: zero_filled(cell, int(arguments[0])),
    "demojibake": lambda _arguments, cell: demojibake(cell),
}


def _cut(text: str, sign: str, *, most: int = -1) -> list[str]:
    """``text`` at each ``sign`` that is not escaped, at most ``most`` times; the escapes stay."""
    parts: list[str] = []
    start = at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == sign and len(parts) != most:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda found: _SIGNS.get(found[1], found[1]), text)


def _escape(text: str, signs: str = "") -> str:
    for sign in ("\\", *signs):
        text = text.replace(sign, "\\" + sign)
    return text.replace("\n", "\\n").replace("\t", "\\t")
