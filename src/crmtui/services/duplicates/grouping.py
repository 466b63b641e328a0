"""Groups of records of one customer, from the pairs: chains are cut where two members cannot be one."""

from collections.abc import Collection

from crmtui.domain.matching import signals as s
from crmtui.domain.matching.comparison import compare
from crmtui.domain.matching.groups import group
from crmtui.domain.matching.levels import CERTAIN, LIKELY, LIKELY_BITS, level_of
from crmtui.domain.matching.persons import DIFFERENT
from crmtui.domain.matching.profile import Profile
from crmtui.domain.matching.weights import Model
from crmtui.storage import duplicate_profiles as kept
from crmtui.storage import duplicates as store
from crmtui.storage.driver import Connection
from crmtui.storage.duplicates import StoredPair

_LEAST_BITS = -9.0
_LEAST_BITS_OF_DOUBTFUL = -4.0
"""Two members of a group that no pair joins may weigh no less than this; the second, when name or birthday contradict."""


def regroup(connection: Connection, model: Model, changed: Collection[int] | None) -> None:
    """Group the pairs anew, all of them or those connected with the ``changed`` customers; call inside ``short_write``."""
    different = {(each.a_id, each.b_id) for each in store.decisions(connection) if each.decision == "different"}
    pairs = _connected(connection, changed)
    for pair in pairs:
        if pair.via:
            connection.execute("DELETE FROM duplicate_pairs WHERE a_id = ? AND b_id = ?", (pair.a_id, pair.b_id))
    stored = {(pair.a_id, pair.b_id): pair for pair in pairs if not pair.via}
    strong = [
        (pair.a_id, pair.b_id, pair.bits)
        for key, pair in stored.items()
        if level_of(pair.levels, pair.bits) in (CERTAIN, LIKELY) and key not in different
    ]
    judge = _Judge(connection, model, stored, different)
    grouping = group(strong, judge.compatible)
    added = [StoredPair(first, second, *judge.weighed[first, second], 1, None) for first, second in grouping.added]
    connection.executemany("UPDATE duplicate_pairs SET group_id = NULL WHERE a_id = ? AND b_id = ?", list(stored))
    store.write_pairs(connection, added)
    for members in grouping.groups:
        marks = ",".join("?" * len(members))
        connection.execute(
            f"UPDATE duplicate_pairs SET group_id = ? WHERE a_id IN ({marks}) AND b_id IN ({marks})",
            (members[0], *members, *members),
        )
    connection.executemany(
        "UPDATE duplicate_pairs SET level = 'possible', via = 2 WHERE a_id = ? AND b_id = ?", grouping.cut
    )


def _connected(connection: Connection, changed: Collection[int] | None) -> list[StoredPair]:
    """All stored pairs, or those reached from some customers."""
    if changed is None:
        return list(store.all_pairs(connection))
    found: dict[tuple[int, int], StoredPair] = {}
    seen: set[int] = set()
    frontier = set(changed)
    while frontier:
        seen |= frontier
        reached: set[int] = set()
        for pair in store.pairs_of(connection, frontier):
            found[pair.a_id, pair.b_id] = pair
            if pair.bits >= LIKELY_BITS:
                reached |= {pair.a_id, pair.b_id}
        frontier = reached - seen
    return list(found.values())


class _Judge:
    """Says whether two members of a group may be one customer, and remembers how they compare."""

    def __init__(
        self,
        connection: Connection,
        model: Model,
        stored: dict[tuple[int, int], StoredPair],
        different: set[tuple[int, int]],
    ) -> None:
        self._connection = connection
        self._model = model
        self._stored = stored
        self._different = different
        self._profiles: dict[int, Profile] = {}
        self.weighed: dict[tuple[int, int], tuple[float, str, tuple[int, ...], str]] = {}

    def compatible(self, first: int, second: int) -> bool:
        if (first, second) in self._different:
            return False
        missing = {first, second} - self._profiles.keys()
        if missing:
            self._profiles |= kept.read_profiles(self._connection, missing)
        one, other = self._profiles.get(first), self._profiles.get(second)
        if one is None or other is None or one.kind != other.kind:
            return False
        levels, shared = compare(one, other, self._model.custom_keys)
        bits, rival = self._model.weigh(levels, shared, company=one.kind == "company")
        self.weighed[first, second] = (round(bits, 3), LIKELY, levels, rival)
        if levels[s.SUFFIX] == 2 or levels[s.TAX_ID] == 3:
            return False
        if levels[s.GIVEN] == DIFFERENT or levels[s.BIRTHDAY] == 3:
            return bits >= _LEAST_BITS_OF_DOUBTFUL
        return bits >= _LEAST_BITS
