"""The cases to be decided, one by one: a pair, or a whole group whose members may all be one customer."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from crmtui.domain.matching.comparison import Levels
from crmtui.domain.matching.levels import ORDER, probability
from crmtui.domain.matching.weights import Model
from crmtui.i18n import _
from crmtui.services.duplicates.listing import signal_at
from crmtui.services.duplicates.model_state import load_or_default
from crmtui.storage import duplicates as store
from crmtui.storage.driver import Connection
from crmtui.storage.duplicates import StoredPair


class Case(NamedTuple):
    """Records that may be one customer, with the level and percent of the weakest link that holds them together."""

    customers: tuple[int, ...]
    level: str
    score: float
    reasons: tuple[str, ...]


class Queue(NamedTuple):
    """The surest cases first; ``more`` says that there are others behind them."""

    cases: list[Case]
    more: bool


def read_queue(connection: Connection, *, levels: Collection[str] = (), limit: int = 500) -> Queue:
    """The cases made of the ``limit`` heaviest pairs of these levels (all when empty).

    A group is one case, unless a person called two of its members different: then each of its pairs is a case.
    """
    pairs = list(store.open_pairs(connection, levels=levels, limit=limit))
    groups = {pair.group_id for pair in pairs if pair.group_id is not None}
    whole = {group: links for group, links in _groups(connection, groups).items() if _is_whole(connection, links)}
    model = load_or_default(connection).model
    seen: set[int] = set()
    cases = []
    for pair in pairs:
        links = whole.get(pair.group_id) if pair.group_id is not None else None
        if links is None:
            cases.append(_case([pair], model))
        elif pair.group_id not in seen:
            seen.add(int(str(pair.group_id)))
            case = _case(links, model)
            if not levels or case.level in levels:
                cases.append(case)
    cases.sort(key=lambda case: (ORDER.index(case.level), -case.score))
    return Queue(cases, len(pairs) == limit)


def _groups(connection: Connection, groups: Collection[int]) -> dict[int, list[StoredPair]]:
    """All open pairs of these groups, the heaviest first."""
    found: dict[int, list[StoredPair]] = {}
    for pair in store.pairs_of_groups(connection, groups):
        if pair.group_id is not None:
            found.setdefault(pair.group_id, []).append(pair)
    return found


def _is_whole(connection: Connection, links: Sequence[StoredPair]) -> bool:
    return len(links) == 1 or not store.any_different(connection, _members(links))


def _members(links: Sequence[StoredPair]) -> tuple[int, ...]:
    return tuple(sorted({customer for pair in links for customer in (pair.a_id, pair.b_id)}))


def _case(links: Sequence[StoredPair], model: Model) -> Case:
    """A case of pairs, the heaviest first. What only others join does not weaken it: the scan has judged it already."""
    direct = [pair for pair in links if not pair.via] or list(links)
    weakest = max(direct, key=lambda pair: (ORDER.index(pair.level), -pair.bits))
    reasons = tuple(_reasons(weakest.levels, model))
    return Case(_members(links), weakest.level, round(100 * probability(weakest.bits), 1), reasons)


def _reasons(levels: Levels, model: Model) -> list[str]:
    """What agrees and what does not, the signals of one agreement together."""
    signals: dict[str, list[str]] = {}
    for position, level in enumerate(levels):
        if level:
            signal = signal_at(position, model.custom_keys)
            signals.setdefault(_(signal.levels[level - 1]), []).append(_(signal.label))
    return [
        _("{agreement}: {signals}").format(agreement=agreement, signals=_(", ").join(labels))
        for agreement, labels in signals.items()
    ]
