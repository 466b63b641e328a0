"""From pairs to groups: the strongest pairs join first, and a union is refused when two of its members cannot be one customer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import NamedTuple

_LARGEST = 40


class Grouping(NamedTuple):
    """Groups of two and more members, sorted; pairs that chaining adds; and the weak links that were cut."""

    groups: list[list[int]]
    added: list[tuple[int, int]]
    cut: list[tuple[int, int]]


def group(
    pairs: Iterable[tuple[int, int, float]], compatible: Callable[[int, int], bool], *, largest: int = _LARGEST
) -> Grouping:
    """Join ``pairs`` (first, second, weight), heaviest first; ``compatible`` judges the members that no pair joins.

    A~B~C with A and C incompatible is cut at the weaker link. Independent of the order in which the pairs come.
    """
    ordered = sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))
    known = {(min(first, second), max(first, second)) for first, second, _weight in ordered}
    members: dict[int, list[int]] = {}
    root: dict[int, int] = {}
    added: set[tuple[int, int]] = set()
    cut = []
    for first, second, _weight in ordered:
        one, other = root.get(first, first), root.get(second, second)
        if one == other and first in root:
            continue
        left, right = members.get(one, [first]), members.get(other, [second])
        crossing = [(min(pair), max(pair)) for pair in product(left, right)]
        missing = [pair for pair in crossing if pair not in known]
        if len(left) + len(right) > largest or not all(compatible(*pair) for pair in missing):
            cut.append((min(first, second), max(first, second)))
            continue
        added.update(missing)
        joined = left + right
        for member in joined:
            root[member] = one
        members[one] = joined
        if other != one:
            members.pop(other, None)
    return Grouping(sorted(sorted(each) for each in members.values()), sorted(added), sorted(cut))
