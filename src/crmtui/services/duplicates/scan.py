"""Scanning for duplicates: only what changed since the last scan, or everything; in short transactions, resumable at any of them."""

import gc
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from crmtui.domain.matching import blocking
from crmtui.domain.matching import signals as s
from crmtui.domain.matching.blocking import KIND_NAMES, SCHEME, blocking_keys, reach_of
from crmtui.domain.matching.comparison import cannot_match, compare, term_values
from crmtui.domain.matching.engine import FieldUse, random_levels, sample_step
from crmtui.domain.matching.estimation import Pair, estimate, estimate_strangers
from crmtui.domain.matching.levels import LIKELY_BITS, POSSIBLE, POSSIBLE_BITS, level_of
from crmtui.domain.matching.profile import Profile, make_profile
from crmtui.domain.matching.weights import Model, count_terms
from crmtui.services.duplicates.content import content_key
from crmtui.services.duplicates.first_look import look_first
from crmtui.services.duplicates.grouping import regroup
from crmtui.services.duplicates.model_state import Learned, load, save
from crmtui.services.workspace import Workspace
from crmtui.storage import duplicate_profiles as kept
from crmtui.storage import duplicates as store
from crmtui.storage.database import Database
from crmtui.storage.driver import Connection
from crmtui.storage.duplicates import StoredPair

_FULL = "full"
_KEYS = "keys"
_SMALL = 20_000
_IN_MEMORY = 150_000
_BUCKET = 25_000
_MOST_CHANGED = 0.2

# Values that are keys themselves are counted while the keys are read, not in a table of millions that only one has.
_SIGNAL_OF_KEY = {blocking.PHONE: s.PHONE, blocking.EMAIL: s.EMAIL, blocking.HANDLE: s.HANDLE}
_BY_KEY = frozenset(_SIGNAL_OF_KEY.values())

Progress = Callable[[str, int, int], None]


class ScanResult(NamedTuple):
    """What a scan did: customers looked at, pairs to be decided by level, key groups too large to compare by kind."""

    scanned: int
    full: bool
    counts: dict[str, int]
    capped: dict[str, int]
    seconds: float
    stopped: bool


def scan(
    workspace: Workspace,
    *,
    full: bool = False,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> ScanResult:
    """Look for duplicates among what changed since the last scan; ``full`` looks at everybody and learns the weights anew.

    A small file, a first scan, and one where a fifth has changed are always full. ``progress`` is told (phase, done, total).
    When ``should_stop`` says so, the scan stops after the transaction at hand; the next one goes on from there.
    """
    started = time.monotonic()
    run = _Run(workspace.database, progress or (lambda _phase, _done, _total: None), should_stop or (lambda: False))
    collecting = gc.isenabled()
    gc.disable()  # hundreds of thousands of values and no cycle among them: looking for some takes a third of the time
    try:
        stopped = not run.go(full)
    finally:
        if collecting:
            gc.enable()
    connection = workspace.database.writer
    return ScanResult(
        run.scanned, run.full, store.count_open(connection), run.capped, time.monotonic() - started, stopped
    )


class _Run:
    """One scan."""

    def __init__(self, database: Database, progress: Progress, should_stop: Callable[[], bool]) -> None:
        self.database = database
        self.progress = progress
        self.should_stop = should_stop
        self.scanned = 0
        self.full = False
        self.capped: dict[str, int] = {}
        self._keys_later = False
        self._shared: dict[int, int] = {}

    def go(self, full: bool) -> bool:
        """Scan; False when it was stopped."""
        with store.short_write(self.database) as connection:
            store.note_changed(connection)
            learned = load(connection)
            if learned is not None and store.read_state(connection, _KEYS) != _signature(learned.identifying):
                learned = None  # another version of the program made the keys
            if learned is None or full:
                store.wait_for_all(connection)
            total = connection.execute("SELECT count(*) FROM customers").fetchone()[0]
            waiting = connection.execute(
                "SELECT coalesce(sum(last_id - first_id + 1), 0) FROM duplicate_waiting"
            ).fetchone()[0]
            if learned is None or full or (waiting and (total <= _SMALL or waiting > _MOST_CHANGED * total)):
                store.write_state(connection, _FULL, "1")
            self.full = store.read_state(connection, _FULL) == "1"
            self._keys_later = self.full and (
                waiting > _MOST_CHANGED * total or not store.read_state(connection, _KEYS)
            )
            if self._keys_later:
                store.write_state(connection, _KEYS, "")  # they are made at the end, all at once
        if self.full:
            different = Different(self.database.writer)
            first = look_first(
                self.database, total, lambda pairs, profiles, model: weighed(pairs, profiles, model, different)
            )
            if first:
                self.progress("first", first, first)
        known = learned if not self.full else None
        identifying = learned.identifying if learned else ()
        fresh: set[int] = set()
        while True:
            if self.should_stop():
                return False
            with store.short_write(self.database) as connection:
                page = store.next_waiting(connection)
                if page is None:
                    break
                changed = self._refresh(connection, *page, identifying)
                if known is not None:
                    self._scan_changed(connection, changed, known)
                    fresh.update(changed)
                store.waited(connection, *page)
            self.scanned += len(changed)
            self.progress("profiles", self.scanned, waiting)
        if self.full:
            return self._scan_all(identifying)
        if fresh and known is not None:
            with store.short_write(self.database) as connection:
                regroup(connection, known.model, fresh)
        return True

    def _refresh(self, connection: Connection, first: int, last: int, identifying: tuple[str, ...]) -> list[int]:
        """Make the profiles of a range of customers anew; the ids of those that are there."""
        sources = kept.read_sources(connection, first, last)
        profiles = {customer: make_profile(source) for customer, source in sources.items()}
        old = dict(kept.profiles_between(connection, first, last))
        gone = [customer for customer in old if customer not in profiles]
        fresh = {customer: profile for customer, profile in profiles.items() if old.get(customer) != profile}
        stale = {customer: old[customer] for customer in (*gone, *fresh) if customer in old}
        kept.write_profiles(
            connection,
            fresh,
            gone,
            self._keys_of(fresh, identifying),
            self._keys_of(stale, identifying),
        )
        return list(profiles)

    def _keys_of(self, profiles: Mapping[int, Profile], identifying: tuple[str, ...]) -> dict[int, list[int]]:
        if self._keys_later:
            return {}
        return {customer: blocking_keys(profile, identifying) for customer, profile in profiles.items()}

    def _scan_changed(self, connection: Connection, changed: Sequence[int], learned: Learned) -> None:
        """Find the pairs of some customers by their keys."""
        profiles = kept.read_profiles(connection, changed)
        partners: set[tuple[int, int]] = set()
        for customer, profile in profiles.items():
            once: set[int] = set()
            for key in blocking_keys(profile, learned.identifying):
                reach = reach_of(key >> 32, learned.model.size)
                members = store.sharers(connection, key, reach.most)
                if len(members) > reach.most:
                    continue
                enough = members if len(members) <= reach.alone else once.intersection(members)
                once.update(members)
                partners.update((min(customer, other), max(customer, other)) for other in enough if other != customer)
        profiles |= kept.read_profiles(connection, {each for pair in partners for each in pair} - profiles.keys())
        store.delete_pairs(connection, changed)
        different = Different(connection)
        store.write_pairs(connection, weighed(sorted(partners), profiles, learned.model, different))

    def _scan_all(self, identifying: tuple[str, ...]) -> bool:
        """Learn the weights and find every pair."""
        connection = self.database.writer
        total = connection.execute("SELECT count(*) FROM duplicate_profiles").fetchone()[0]
        profiles = dict(kept.all_profiles(connection)) if total <= _IN_MEMORY else None
        use = FieldUse()
        for _customer, profile in _each(connection, profiles):
            use.add(profile)
        custom_keys, fresh_identifying = use.chosen(total)
        if store.read_state(connection, _KEYS) != _signature(fresh_identifying):
            self._rebuild_keys(profiles, fresh_identifying)
        self.progress("keys", 0, total)
        buckets = self._candidates(connection, total)
        if self.should_stop():
            return False
        counts = count_terms(
            (each for each in term_values(profile, custom_keys) if each[0] not in _BY_KEY or each[1][0] == "@")
            for _customer, profile in _each(connection, profiles)
        )
        counts |= self._shared
        model = self._learn(connection, profiles, buckets, custom_keys, counts, total)
        different = Different(connection)
        found: list[StoredPair] = []
        done, number = 0, sum(map(len, buckets))
        for bucket in buckets:
            pairs = _unpack(bucket)
            known = profiles if profiles is not None else kept.read_profiles(connection, _ids(pairs))
            found.extend(weighed(pairs, known, model, different))
            done += len(bucket)
            self.progress("pairs", done, number)
            if self.should_stop():
                return False
        with store.short_write(self.database) as connection:
            store.delete_pairs(connection, None)
            store.write_pairs(connection, found)
            store.write_frequencies(connection, counts)
            save(connection, Learned(model, fresh_identifying))
            regroup(connection, model, None)
            store.write_state(connection, _FULL, "0")
        return True

    def _rebuild_keys(self, profiles: Mapping[int, Profile] | None, identifying: tuple[str, ...]) -> None:
        """Make all keys anew."""
        keys = (
            (key, customer)
            for customer, profile in _each(self.database.reader(), profiles)
            for key in blocking_keys(profile, identifying)
        )
        store.replace_keys(self.database, keys, lambda done: store.write_state(done, _KEYS, _signature(identifying)))

    def _candidates(self, connection: Connection, total: int) -> list["array[int]"]:
        """The pairs that share keys enough, each once, as numbers in buckets by their first customer."""
        last = connection.execute("SELECT max(customer_id) FROM duplicate_profiles").fetchone()[0] or 0
        rough: list[array[int]] = [array("q") for _bucket in range(last // _BUCKET + 1)]
        for key, members in store.blocks(connection):
            signal = _SIGNAL_OF_KEY.get(key >> 32)
            if signal is not None:
                self._shared[signal << 32 | (key & 0xFFFFFFFF)] = len(members)  # the same value under the same sum
            reach = reach_of(key >> 32, total)
            if len(members) > reach.most:
                kind = KIND_NAMES.get(key >> 32, "?")
                self.capped[kind] = self.capped.get(kind, 0) + 1
                continue
            times = 2 if len(members) <= reach.alone else 1
            for position, first in enumerate(members):
                rough[first // _BUCKET].extend(
                    [first << 32 | second for second in members[position + 1 :] for _time in range(times)]
                )
        return [_repeated(bucket) for bucket in rough]

    def _learn(
        self,
        connection: Connection,
        profiles: Mapping[int, Profile] | None,
        buckets: Sequence["array[int]"],
        custom_keys: tuple[str, ...],
        counts: Mapping[int, int],
        total: int,
    ) -> Model:
        step = sample_step(sum(map(len, buckets)))
        chosen = [number for bucket in buckets for number in bucket[::step]]
        pairs = _unpack(chosen)
        known = profiles if profiles is not None else kept.read_profiles(connection, _ids(pairs))
        decided = {(each.a_id, each.b_id): int(each.decision == "same") for each in store.decisions(connection)}
        sample = []
        for first, second in pairs:
            one, other = known[first], known[second]
            if one.kind == other.kind:
                levels, shared = compare(one, other, custom_keys)
                sample.append(Pair(levels, shared, one.kind == "company", decided.get((first, second))))
        if profiles is None:
            ids = [
                row[0]
                for row in connection.execute(
                    "SELECT customer_id FROM duplicate_profiles WHERE customer_id % ? = 0", (max(1, total // 4000),)
                )
            ]
            drawn: Mapping[int, Profile] = kept.read_profiles(connection, ids)
        else:
            drawn = profiles
        strangers = estimate_strangers(random_levels(drawn, custom_keys), len(custom_keys))
        model = Model(total, custom_keys=custom_keys, counts=counts, strangers=strangers)
        return estimate(model, sample, share=1 / step)


def weighed(
    pairs: Iterable[tuple[int, int]], profiles: Mapping[int, Profile], model: Model, different: "Different"
) -> Iterator[StoredPair]:
    """Those of the pairs that may be one customer, weighed; pairs called different by their content are left out."""
    for first, second in pairs:
        one, other = profiles.get(first), profiles.get(second)
        if one is None or other is None or one.kind != other.kind or cannot_match(one, other):
            continue
        levels, shared = compare(one, other, model.custom_keys)
        bits, rival = model.weigh(levels, shared, company=one.kind == "company")
        if bits >= POSSIBLE_BITS and (first, second, one, other) not in different:
            yield StoredPair(first, second, round(bits, 3), level_of(levels, bits) or POSSIBLE, levels, rival, 0, None)


class Different:
    """The pairs that a person called different, by what they say: a new import of the same two is not proposed again."""

    def __init__(self, connection: Connection) -> None:
        self._by_content: dict[str, list[tuple[int, int, bool]]] = {}
        for each in store.decisions(connection):
            if each.decision == "different" and each.content:
                there = connection.execute(
                    "SELECT count(*) FROM customers WHERE id IN (?, ?)", (each.a_id, each.b_id)
                ).fetchone()[0]
                self._by_content.setdefault(each.content, []).append((each.a_id, each.b_id, there == 2))

    def __contains__(self, pair: tuple[int, int, Profile, Profile]) -> bool:
        """Whether two customers say what two others said that were called different, or one that is gone and this one."""
        if not self._by_content:
            return False
        first, second, one, other = pair
        return any(
            not both_there or not {first, second} & {a_id, b_id}
            for a_id, b_id, both_there in self._by_content.get(content_key(one, other), ())
        )


def _signature(identifying: Sequence[str]) -> str:
    """What the stored keys were made by."""
    return "\n".join((SCHEME, *identifying))


def _each(connection: Connection, profiles: Mapping[int, Profile] | None) -> Iterable[tuple[int, Profile]]:
    return profiles.items() if profiles is not None else kept.all_profiles(connection)


def _repeated(numbers: "array[int]") -> "array[int]":
    """What occurs more than once, each once, ascending; the array given is emptied."""
    ordered = sorted(numbers)
    del numbers[:]
    return array("q", dict.fromkeys(one for one, other in pairwise(ordered) if one == other))


def _unpack(numbers: Iterable[int]) -> list[tuple[int, int]]:
    return [(number >> 32, number & 0xFFFFFFFF) for number in numbers]


def _ids(pairs: Iterable[tuple[int, int]]) -> set[int]:
    return {customer for pair in pairs for customer in pair}


__all__ = ["LIKELY_BITS", "ScanResult", "scan", "weighed"]
