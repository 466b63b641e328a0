"""The cells that feed the fields of one mapped table: those of the file, and those made of them by steps, joins and constants.

A row is *widened*: behind its own cells stand the made ones, so that what reads it need not know how a cell came about.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from crmtui.domain.dates import Order
from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.domain.mapping.steps import Step, apply, separator_of
from crmtui.domain.mapping.targets import ACTIVITIES, REPEATABLE, SKIP, Target, parse_target
from crmtui.domain.names import order_name

_REMEMBERED = 5_000
Maker = Callable[[Sequence[str]], str]


class Feed(NamedTuple):
    """One cell of a widened row and where it goes; ``constant`` says that it is the same in every row."""

    place: int
    target: Target
    order: Order
    constant: bool = False


class Feeds:
    """Every feed of a mapping, in the order of the columns, the constants last.

    ``spoken`` are the columns of the file that go anywhere at all: a row in which all of them are empty says nothing.
    """

    def __init__(self, mapping: Sequence[ColumnMapping], constants: Mapping[str, str]) -> None:
        self._width = len(mapping)
        self._makers: list[Maker] = []
        self.spoken: list[int] = []
        self.feeds: list[Feed] = []
        self._compile(mapping)
        for text, value in constants.items():
            self._add_constant(text, value)

    @property
    def makes_cells(self) -> bool:
        """Whether rows are widened at all."""
        return bool(self._makers)

    def widened(self, cells: Sequence[str]) -> Sequence[str]:
        """The row with the made cells behind its own."""
        if not self._makers:
            return cells
        row = list(cells)
        for make in self._makers:
            row.append(make(row))
        return row

    def says_something(self, cells: Sequence[str]) -> bool:
        """Whether any column of the file that goes anywhere holds a text."""
        return any(cells[index] and not cells[index].isspace() for index in self.spoken)

    def _compile(self, mapping: Sequence[ColumnMapping]) -> None:
        parts = [
            (index, target, steps, each.order or "ymd")
            for index, each in enumerate(mapping)
            for target, steps in each.targets
        ]
        self.spoken = sorted({index for index, *_rest in parts})
        joined = {target for _index, target, steps, _order in parts if separator_of(steps) is not None}
        named = {(target.entity, target.key) for _index, target, *_rest in parts}
        done: set[Target] = set()
        for index, target, steps, order in parts:
            if target in joined:
                if target not in done:
                    done.add(target)
                    together = [(at, own) for at, other, own, _order in parts if other == target]
                    self._make(_join(together), target, order)
            elif not steps:
                self.feeds.append(Feed(index, target, order))
            else:
                self._make(_stepped(index, _as_money(target, steps)), target, order)
                if target.key == "name" and steps[-1].kind == "name":
                    family_first = steps[-1].arguments[0] == "family-first"
                    for part in ("family_name", "given_name"):
                        if (target.entity, part) not in named:
                            own = Target(part, "", target.entity)
                            self._make(_part_of_name(index, steps[:-1], part, family_first=family_first), own, order)

    def add(self, maker: Maker) -> int:
        """Have a cell made of those before it; returns its place in the widened row."""
        self._makers.append(maker)
        return self._width + len(self._makers) - 1

    def _make(self, maker: Maker, target: Target, order: Order) -> None:
        self.feeds.append(Feed(self.add(maker), target, order))

    def _add_constant(self, text: str, value: str) -> None:
        target = parse_target(text)
        if target is None or target.key == SKIP or not value.strip():
            return
        for number, feed in enumerate(self.feeds):
            if feed.target == target and (target.key not in REPEATABLE or target.key == "custom"):
                self.feeds[number] = feed._replace(place=self.add(_or_else(feed.place, value)))
                return
        self.feeds.append(Feed(self.add(lambda _cells: value), target, "ymd", constant=True))


def unwrapped(text: str) -> str:
    """``text`` without blanks around it and without a spreadsheet's wrapping (``="007"``)."""
    text = text.strip()
    return text[2:-1].strip() if text[:2] == '="' and text[-1] == '"' and len(text) > 2 else text


def _as_money(target: Target, steps: Sequence[Step]) -> tuple[Step, ...]:
    """An amount keeps the currency that is written with it."""
    if target.key != "amount" or target.entity not in ACTIVITIES:
        return tuple(steps)
    return tuple(step._replace(kind="money") if step.kind == "number" else step for step in steps)


def _stepped(index: int, steps: Sequence[Step]) -> Maker:
    known: dict[str, str] = {}

    def make(cells: Sequence[str]) -> str:
        cell = cells[index]
        found = known.get(cell)
        if found is None:
            if len(known) > _REMEMBERED:
                known.clear()
            found = known[cell] = apply(steps, unwrapped(cell))
        return found

    return make


def _join(together: Sequence[tuple[int, Sequence[Step]]]) -> Maker:
    separator = next(found for _index, steps in together if (found := separator_of(steps)) is not None)
    makers = [_stepped(index, steps) for index, steps in together]
    return lambda cells: separator.join(filter(None, [make(cells) for make in makers]))


def _part_of_name(index: int, steps: Sequence[Step], part: str, *, family_first: bool) -> Maker:
    def make(cells: Sequence[str]) -> str:
        text = apply(steps, unwrapped(cells[index]))
        if not text:
            return ""
        name = order_name(text, family_first=family_first)
        return name.family if part == "family_name" else name.given

    return make


def _or_else(place: int, value: str) -> Maker:
    """The cell at ``place``, or ``value`` where it is empty."""
    return lambda cells: cells[place].strip() or value
