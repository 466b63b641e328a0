"""Weighing a comparison: how much better one customer explains it than strangers, a household, colleagues or a group of firms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from math import log2
from typing import NamedTuple
from zlib import crc32

from crmtui.domain.matching import signals as s
from crmtui.domain.matching.comparison import Levels, Shared
from crmtui.domain.matching.stories import (
    CHANCE,
    CUSTOM_MATCH,
    CUSTOM_STRANGERS,
    CUSTOM_TYPICAL,
    FIRM_STORIES,
    MATCH,
    NAMESAKE_AT_HOME,
    PERSON_STORIES,
    STORIES,
    STRANGERS,
    TYPICAL,
)

_TYPICAL_SIZE = 2000
_LEAST = 1e-9
_NO_CHANCE = -30.0
_MOST_CACHED = 200_000


def term(signal: int, value: str) -> int:
    """The number under which the frequency of a value is kept; two values may, very rarely, share one."""
    return (signal << 32) | crc32(value.encode("utf-8", "surrogatepass"))


class Weighed(NamedTuple):
    """The outcome of weighing a pair: the weight in bits (the logarithm of the odds), and the story it had to beat."""

    bits: float
    rival: str


class Contribution(NamedTuple):
    """What one signal contributed, in bits, against strangers and against the story that came closest."""

    signal: int
    level: int
    against_strangers: float
    against_rival: float


class Model:
    """The weights of a file: probabilities of the levels, how often values occur, how many pairs of each story there are.

    ``counts`` maps ``term`` to how many customers have the value (those of one may be left out); ``numbers`` are the
    expected numbers of pairs by story, "match" among them.
    """

    def __init__(
        self,
        size: int,
        *,
        custom_keys: Sequence[str] = (),
        counts: Mapping[int, int] | None = None,
        match: Mapping[int, Sequence[float]] | None = None,
        strangers: Mapping[int, Sequence[float]] | None = None,
        numbers: Mapping[str, float] | None = None,
    ) -> None:
        self.size = max(size, 2)
        self.custom_keys = tuple(custom_keys)
        self.counts: Mapping[int, int] = counts if counts is not None else {}
        customs = range(s.CUSTOM, s.CUSTOM + len(self.custom_keys))
        self.match: dict[int, tuple[float, ...]] = {**MATCH, **dict.fromkeys(customs, CUSTOM_MATCH)}
        self.strangers: dict[int, tuple[float, ...]] = {**STRANGERS, **dict.fromkeys(customs, CUSTOM_STRANGERS)}
        self.numbers = {
            "match": 0.03 * self.size + 1,
            "household": 0.02 * self.size + 1,
            "colleagues": 0.05 * self.size + 1,
            "namesakes": 0.005 * self.size + 1,
            "group": 0.01 * self.size + 1,
        }
        for key, values in (match or {}).items():
            self.match[key] = tuple(values)
        for key, values in (strangers or {}).items():
            self.strangers[key] = tuple(values)
        self.numbers.update(numbers or {})
        self._prepare()

    def _prepare(self) -> None:
        width = s.CUSTOM + len(self.custom_keys)
        self._match = _logs(self.match, width)
        self._strangers = _logs(self.strangers, width)
        self._stories: dict[str, list[list[float | None] | None]] = {
            name: [
                [0.0, *(None if p == CHANCE else log2(max(p, _LEAST)) for p in table[signal])]
                if signal in table
                else None
                for signal in range(width)
            ]
            for name, table in STORIES.items()
        }
        self._frequencies: dict[tuple[int, int, str], float] = {}
        self._numbers = {name: log2(max(number, 1e-6)) for name, number in self.numbers.items()}
        self._all_pairs = log2(self.size * (self.size - 1) / 2)

    def with_counts(self, counts: Mapping[int, int]) -> Model:
        """The same weights for values that occur so often; what was worked out of the weights is shared."""
        other = copy(self)
        other.counts = counts
        other._frequencies = {}
        return other

    def frequency(self, signal: int, value: str) -> float:
        """The share of customers that have a value, beside the one whose value it is."""
        typical = TYPICAL.get(signal, CUSTOM_TYPICAL)
        count = self.counts.get(term(signal, value), 1)
        return (count - 1 + _TYPICAL_SIZE * typical) / (self.size + _TYPICAL_SIZE)

    def _stranger_logs(self, levels: Levels, shared: Shared) -> dict[int, float]:
        """By signal, the logarithm of the chance that strangers agree so."""
        logs = {signal: self._strangers[signal][level] for signal, level in enumerate(levels) if level}
        for signal, value in shared.items():
            if signal in logs:
                logs[signal] = self._shared_log(signal, levels[signal], value)
        return logs

    def explain_stories(self, levels: Levels, shared: Shared, *, company: bool) -> dict[str, dict[int, float]]:
        """By story, what each known signal contributes to the logarithm of its probability."""
        strangers = self._stranger_logs(levels, shared)
        found = {"strangers": strangers}
        for name in FIRM_STORIES if company else PERSON_STORIES:
            table = self._stories[name]
            logs = {}
            for signal, stranger in strangers.items():
                row = table[signal]
                told = None if row is None else row[levels[signal]]
                logs[signal] = stranger if told is None else told
                if told is None and row is not None and name == "household" and signal == s.GIVEN:
                    logs[signal] = log2(2.0**stranger + NAMESAKE_AT_HOME)
            found[name] = logs
        return found

    def rivals(self, levels: Levels, shared: Shared, *, company: bool) -> list[tuple[str, float]]:
        """The stories that are not "one customer": each with the logarithm of how many such pairs are expected."""
        found = []
        for name, logs in self.explain_stories(levels, shared, company=company).items():
            total = sum(logs.values())
            if name == "strangers":
                total += self._all_pairs + self._full_name_excess(shared, logs)
            else:
                total += self._numbers[name]
            found.append((name, total))
        return found

    def _full_name_excess(self, shared: Shared, logs: Mapping[int, float]) -> float:
        """How much more often a whole name occurs than its two parts make likely, where that is known."""
        if s.GIVEN not in shared or s.FAMILY not in shared:
            return 0.0
        full = shared.get(s.FULL_NAME)
        count = self.counts.get(term(s.FULL_NAME, full), 1) if full else 1
        if count < 3:
            return 0.0
        return max(0.0, log2((count - 2) / self.size) - logs[s.GIVEN] - logs[s.FAMILY])

    def match_log(self, levels: Levels) -> float:
        """The logarithm of how likely one customer recorded twice looks like this."""
        return sum(self._match[signal][level] for signal, level in enumerate(levels) if level)

    def weigh(self, levels: Levels, shared: Shared, *, company: bool) -> Weighed:
        """Weigh a comparison."""
        match, strangers = self._numbers["match"], self._all_pairs
        names = FIRM_STORIES if company else PERSON_STORIES
        tables = [self._stories[name] for name in names]
        totals = [self._numbers[name] for name in names]
        rows, chances = self._match, self._strangers
        logs = {}
        for signal, level in enumerate(levels):
            if not level:
                continue
            match += rows[signal][level]
            if signal in shared:
                stranger = logs[signal] = self._shared_log(signal, level, shared[signal])
            else:
                stranger = chances[signal][level]
            strangers += stranger
            for position, table in enumerate(tables):
                row = table[signal]
                told = None if row is None else row[level]
                if told is None:
                    told = stranger
                    if signal == s.GIVEN and row is not None and position == 0:
                        told = log2(2.0**stranger + NAMESAKE_AT_HOME)
                totals[position] += told
        strangers += self._full_name_excess(shared, logs)
        best, rival = strangers, "strangers"
        for name, total in zip(names, totals, strict=True):
            if total > best:
                best, rival = total, name
        sum_of_all = 2.0 ** max(strangers - best, _NO_CHANCE)
        for total in totals:
            sum_of_all += 2.0 ** max(total - best, _NO_CHANCE)
        return Weighed(match - best - log2(sum_of_all), rival)

    def _shared_log(self, signal: int, level: int, value: str) -> float:
        key = (signal, level, value)
        found = self._frequencies.get(key)
        if found is None:
            frequency = self.frequency(signal, value)
            if level > 1 and signal in (s.COMPANY, s.FIRM):
                frequency *= 0.4
            if len(self._frequencies) > _MOST_CACHED:
                self._frequencies.clear()
            found = self._frequencies[key] = log2(max(frequency, _LEAST))
        return found

    def contributions(self, levels: Levels, shared: Shared, *, company: bool) -> tuple[Weighed, list[Contribution]]:
        """The weight of a comparison and what each signal added to it."""
        weighed = self.weigh(levels, shared, company=company)
        stories = self.explain_stories(levels, shared, company=company)
        found = []
        for signal, stranger in stories["strangers"].items():
            level = levels[signal]
            match = self._match[signal][level]
            found.append(Contribution(signal, level, match - stranger, match - stories[weighed.rival][signal]))
        return weighed, found


def _logs(table: Mapping[int, Sequence[float]], width: int) -> list[list[float]]:
    return [[0.0, *(log2(max(p, _LEAST)) for p in table[signal])] for signal in range(width)]


def count_terms(lists: Iterable[Iterable[tuple[int, str]]]) -> dict[int, int]:
    """How many customers have each value, by ``term``; what only one has is left out."""
    counts: dict[int, int] = {}
    get = counts.get
    for terms in lists:
        for signal, value in terms:
            key = term(signal, value)
            counts[key] = get(key, 0) + 1
    return {key: count for key, count in counts.items() if count > 1}
