"""Weights from the file itself, without labels: expectation and maximisation over the candidate pairs.

What strangers look like comes from pairs drawn at random and from how often values occur. How the records of one customer
differ, and how many pairs there are of each story, is estimated in turns. Shipped defaults take part as if they were pairs
that were seen, so that a small or one-sided file does not run away; decisions of the person take part as pairs that are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import log2
from typing import NamedTuple

from crmtui.domain.matching import signals as s
from crmtui.domain.matching.comparison import Levels, Shared
from crmtui.domain.matching.stories import CUSTOM_MATCH, CUSTOM_STRANGERS, MATCH, STRANGERS
from crmtui.domain.matching.weights import Model

_ROUNDS = 10
_PRIOR_PAIRS = 30.0
_PRIOR_MATCHES = 3.0  # a small file with hardly any pair still has its duplicates
_PRIOR_STRANGERS = 300.0
_DECISION_WEIGHT = 4.0
_CERTAIN = 60.0
_PRACTICALLY_ONE = 0.999999
_PRACTICALLY_NONE = 1e-4
# A customer's given name is not another one: more than this would let households in.
_MOST_DIFFERENT = {
    (s.GIVEN, 8): 0.012,
    (s.GIVEN, 7): 0.05,
    (s.FAMILY, 5): 0.05,
    (s.SUFFIX, 2): 0.05,
    (s.TITLE, 2): 0.04,
}


class Pair(NamedTuple):
    """A compared pair; ``decided`` is what the person said: 1 the same, 0 different, None not asked."""

    levels: Levels
    shared: Shared
    company: bool
    decided: int | None = None


def estimate_strangers(pairs: Iterable[Levels], custom: int) -> dict[int, tuple[float, ...]]:
    """How often strangers reach each level, from pairs drawn at random."""
    defaults = {**STRANGERS, **dict.fromkeys(range(s.CUSTOM, s.CUSTOM + custom), CUSTOM_STRANGERS)}
    counts = {signal: [_PRIOR_STRANGERS * p for p in ps] for signal, ps in defaults.items()}
    for levels in pairs:
        for signal, level in enumerate(levels):
            if level:
                counts[signal][level - 1] += 1
    found = {signal: tuple(count / sum(row) for count in row) for signal, row in counts.items()}
    # Whether a Western name stands beside a Chinese one is only asked when the family name is the same.
    found[s.GIVEN] = (*found[s.GIVEN][:6], STRANGERS[s.GIVEN][6], found[s.GIVEN][7])
    return found


def estimate(model: Model, pairs: Sequence[Pair], *, share: float = 1.0, rounds: int = _ROUNDS) -> Model:
    """``model`` with probabilities and numbers learned from candidate pairs, of which ``pairs`` are a ``share``."""
    groups = _group(model, pairs)
    numbers = dict(model.numbers)
    table = _defaults(model)
    prior = [_PRIOR_PAIRS * p for row in table for p in row]
    first = list(accumulate((len(row) for row in table), initial=0))
    logs = [log2(p) for row in table for p in row]
    members = [
        ([first[signal] + level - 1 for signal, level in enumerate(levels) if level], decided, rivals, number)
        for (levels, decided, rivals), number in groups.items()
    ]
    colleagues = _pairs_with_one(model, s.COMPANY)
    for _round in range(rounds):
        counts = list(prior)
        totals = dict.fromkeys(numbers, 0.0)
        expected = {name: log2(max(number, 1e-6)) for name, number in numbers.items()}
        expected["strangers"] = 0.0
        for places, decided, rivals, number in members:
            match = expected["match"] + sum([logs[place] for place in places])
            odds = [2.0 ** min(value + expected[name] - match, _CERTAIN) for name, value in rivals]
            against = sum(odds)
            posterior = 1 / (1 + against) if decided is None else float(decided)
            totals["match"] += number * posterior
            if posterior < _PRACTICALLY_ONE and against:
                rest = number * (1 - posterior) / against
                for (name, _value), value in zip(rivals, odds, strict=True):
                    if name != "strangers":
                        totals[name] += rest * value
            if posterior > _PRACTICALLY_NONE:
                weight = number * posterior * (1 if decided is None else _DECISION_WEIGHT)
                for place in places:
                    counts[place] += weight
        floor = 0.0005 * model.size + 0.5
        numbers = {name: total / share + floor for name, total in totals.items()}
        numbers["match"] += _PRIOR_MATCHES
        numbers["colleagues"] = max(numbers["colleagues"], colleagues - numbers["match"])
        table = []
        for signal in range(len(first) - 1):
            row = counts[first[signal] : first[signal + 1]]
            whole = sum(row)
            table.append(_bounded(signal, [count / whole for count in row]))
        logs = [log2(p) for row in table for p in row]
    return Model(
        model.size,
        custom_keys=model.custom_keys,
        counts=model.counts,
        match=dict(enumerate(table)),
        strangers=model.strangers,
        numbers=numbers,
    )


def _pairs_with_one(model: Model, signal: int) -> float:
    """How many pairs share a value of a signal. Colleagues whose names differ share no key: they are counted here."""
    return float(sum(count * (count - 1) / 2 for key, count in model.counts.items() if key >> 32 == signal))


def _defaults(model: Model) -> list[tuple[float, ...]]:
    return [MATCH[signal] for signal in range(s.CUSTOM)] + [CUSTOM_MATCH] * len(model.custom_keys)


def _group(model: Model, pairs: Sequence[Pair]) -> dict[tuple[Levels, int | None, tuple[tuple[str, float], ...]], int]:
    """Pairs that look alike to every story, with their number; probabilities are rounded to half a bit."""
    groups: dict[tuple[Levels, int | None, tuple[tuple[str, float], ...]], int] = {}
    for pair in pairs:
        rivals = []
        for name, value in model.rivals(pair.levels, pair.shared, company=pair.company):
            if name != "strangers":
                value -= log2(max(model.numbers[name], 1e-6))
            rivals.append((name, round(value * 2) / 2))
        key = (pair.levels, pair.decided, tuple(rivals))
        groups[key] = groups.get(key, 0) + 1
    return groups


def _bounded(signal: int, row: list[float]) -> tuple[float, ...]:
    for level, p in enumerate(row, 1):
        most = _MOST_DIFFERENT.get((signal, level))
        if most is not None and p > most:
            row = [most if position == level else q * (1 - most) / (1 - p) for position, q in enumerate(row, 1)]
    return tuple(row)
