"""A whole scan in memory: profiles in, weighed pairs out. The database scan goes the same way in portions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from crmtui.domain.matching.blocking import blocking_keys, reach_of
from crmtui.domain.matching.comparison import Levels, Shared, cannot_match, compare, term_values
from crmtui.domain.matching.estimation import Pair, estimate, estimate_strangers
from crmtui.domain.matching.profile import Profile
from crmtui.domain.matching.weights import Model, count_terms

_MOST_CUSTOM = 12
_LEAST_FILLED = 0.02
_LEAST_DISTINCT = 0.25
_MOST_DISTINCT = 200_000
_RANDOM_PAIRS = 1500
_SAMPLE = 12_000


class ScoredPair(NamedTuple):
    """Two customers (positions or ids, the smaller first), how they compare, and what that weighs."""

    first: int
    second: int
    levels: Levels
    shared: Shared
    bits: float
    rival: str


class FieldUse:
    """Counts how the custom fields of a file are filled, to tell which are worth comparing and which identify."""

    def __init__(self) -> None:
        self._filled: Counter[str] = Counter()
        self._values: dict[str, set[int]] = {}

    def add(self, profile: Profile) -> None:
        """Count the fields of one customer."""
        for name, value in profile.custom:
            self._filled[name] += 1
            values = self._values.setdefault(name, set())
            if len(values) < _MOST_DISTINCT:
                values.add(hash(value))

    def chosen(self, customers: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """(custom fields worth comparing, those of them that identify): filled often enough, with values that recur."""
        chosen, identifying = [], []
        for name, count in sorted(self._filled.items(), key=lambda item: (-item[1], item[0])):
            distinct = len(self._values[name])
            if count < _LEAST_FILLED * customers or distinct < 2 or distinct == count:
                continue
            chosen.append(name)
            if distinct > _LEAST_DISTINCT * count:
                identifying.append(name)
        kept = sorted(chosen[:_MOST_CUSTOM])
        return tuple(kept), tuple(name for name in sorted(identifying) if name in kept)


def custom_keys_of(profiles: Sequence[Profile]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """``FieldUse.chosen`` of these profiles."""
    use = FieldUse()
    for profile in profiles:
        use.add(profile)
    return use.chosen(len(profiles))


def sample_step(pairs: int) -> int:
    """Of so many candidate pairs, every how many-th takes part in learning."""
    return max(1, -(-pairs // _SAMPLE))


def candidates(profiles: Mapping[int, Profile], identifying: tuple[str, ...]) -> tuple[list[tuple[int, int]], int]:
    """(pairs of ids that share keys enough, number of blocks that were too large)."""
    blocks: dict[int, list[int]] = {}
    for customer in sorted(profiles):
        for each in blocking_keys(profiles[customer], identifying):
            blocks.setdefault(each, []).append(customer)
    pairs: set[tuple[int, int]] = set()
    once: set[tuple[int, int]] = set()
    capped = 0
    for each, members in blocks.items():
        if len(members) < 2:
            continue
        reach = reach_of(each >> 32, len(profiles))
        if len(members) > reach.most:
            capped += 1
            continue
        for position, first in enumerate(members):
            kind = profiles[first].kind
            for second in members[position + 1 :]:
                if profiles[second].kind == kind:
                    pair = (first, second)
                    if len(members) <= reach.alone or pair in once:
                        pairs.add(pair)
                    else:
                        once.add(pair)
    return sorted(pairs), capped


def learn(
    profiles: Mapping[int, Profile],
    compared: Sequence[Pair],
    custom_keys: tuple[str, ...],
    *,
    share: float = 1.0,
    seed: int = 1,
) -> Model:
    """The weights for these customers, learned from compared candidate pairs."""
    counts = count_terms(term_values(profile, custom_keys) for profile in profiles.values())
    strangers = estimate_strangers(random_levels(profiles, custom_keys, seed), len(custom_keys))
    model = Model(len(profiles), custom_keys=custom_keys, counts=counts, strangers=strangers)
    return estimate(model, compared, share=share)


def random_levels(profiles: Mapping[int, Profile], custom_keys: tuple[str, ...], seed: int = 1) -> list[Levels]:
    """How pairs drawn at random compare: strangers, practically all of them."""
    rng = Random(seed)
    found = []
    by_kind: dict[str, list[Profile]] = {}
    for customer in sorted(profiles):
        by_kind.setdefault(profiles[customer].kind, []).append(profiles[customer])
    for members in by_kind.values():
        if len(members) > 20:
            for _number in range(_RANDOM_PAIRS * len(members) // len(profiles)):
                first, second = rng.sample(members, 2)
                found.append(compare(first, second, custom_keys)[0])
    return found


def scan(profiles: Mapping[int, Profile], *, floor: float = -6.0) -> tuple[list[ScoredPair], Model]:
    """Every pair that weighs at least ``floor`` bits, heaviest first, and the weights that were learned."""
    custom_keys, identifying = custom_keys_of(list(profiles.values()))
    found, _capped = candidates(profiles, identifying)
    step = sample_step(len(found))
    sample = []
    for first, second in found[::step]:
        one = profiles[first]
        levels, shared = compare(one, profiles[second], custom_keys)
        sample.append(Pair(levels, shared, one.kind == "company"))
    model = learn(profiles, sample, custom_keys, share=1 / step)
    scored = []
    for position, (first, second) in enumerate(found):
        one, other = profiles[first], profiles[second]
        if position % step == 0:
            levels, shared, company = sample[position // step][:3]
        elif cannot_match(one, other):
            continue
        else:
            levels, shared = compare(one, other, custom_keys)
            company = one.kind == "company"
        bits, rival = model.weigh(levels, shared, company=company)
        if bits >= floor:
            scored.append(ScoredPair(first, second, levels, shared, bits, rival))
    scored.sort(key=lambda pair: (-pair.bits, pair.first, pair.second))
    return scored, model
