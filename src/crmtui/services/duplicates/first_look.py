"""The first groups of a first scan: of those who share an e-mail or a phone, within a moment; the scan itself replaces them."""

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

from crmtui.domain.matching.levels import LIKELY, LIKELY_BITS
from crmtui.domain.matching.profile import Profile, make_profile
from crmtui.domain.matching.weights import Model
from crmtui.storage import duplicates as store
from crmtui.storage.database import Database
from crmtui.storage.duplicate_profiles import read_sources_of
from crmtui.storage.duplicates import StoredPair

Weigh = Callable[[Iterable[tuple[int, int]], Mapping[int, Profile], Model], Iterable[StoredPair]]


def look_first(database: Database, size: int, weigh: Weigh) -> int:
    """Store the pairs that are plain to see among ``size`` customers, if there is none stored yet; how many.

    ``weigh`` takes pairs of ids, profiles by id and a model. Nothing has been learned yet, so none is called certain.
    """
    connection = database.writer
    if store.any_pair(connection):
        return 0
    groups = store.sharing_points(connection)
    customers = sorted({customer for group in groups for customer in group})
    if not customers:
        return 0
    profiles = {customer: make_profile(source) for customer, source in read_sources_of(connection, customers).items()}
    pairs = sorted({pair for group in groups for pair in combinations(sorted(group), 2)})
    model = Model(size)
    found = [pair._replace(level=LIKELY) for pair in weigh(pairs, profiles, model) if pair.bits >= LIKELY_BITS]
    with store.short_write(database) as connection:
        store.write_pairs(connection, found)
    return len(found)
