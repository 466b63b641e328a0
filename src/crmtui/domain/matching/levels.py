"""How sure a pair is: certain, likely or possible, by the posterior probability and by what contradicts."""

from __future__ import annotations

from crmtui.domain.matching import signals as s
from crmtui.domain.matching.comparison import Levels
from crmtui.i18n import N_

CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"
LABELS = {CERTAIN: N_("certain"), LIKELY: N_("likely"), POSSIBLE: N_("possible")}
ORDER = (CERTAIN, LIKELY, POSSIBLE)

CERTAIN_BITS, LIKELY_BITS, POSSIBLE_BITS = 6.7, -0.15, -4.0
"""The weights, in bits of odds, from which on a pair has a level."""

_PERSONAL = (s.PHONE, s.EMAIL, s.HANDLE, s.BIRTHDAY, s.TAX_ID)
_OF_THE_NAME = frozenset((s.GIVEN, s.FAMILY, s.TITLE, s.SUFFIX, s.LEGAL, s.REGION))
_BUNDLES = ((s.STREET, s.POSTCODE, s.UNIT), (s.COMPANY,), (s.DOMAIN,))


def probability(bits: float) -> float:
    """The probability that a pair of this weight is one customer."""
    odds: float = 2.0 ** min(-bits, 1000.0)
    return 1 / (1 + odds)


def level_of(levels: Levels, bits: float) -> str:
    """The level of a pair; "" when it is none.

    A name alone is never more than possible, however rare it is. Certain also asks that nothing contradicts and that, beside the name, something independent agrees.
    """
    if bits < POSSIBLE_BITS:
        return ""
    if bits < LIKELY_BITS or not any(
        level == 1 for signal, level in enumerate(levels) if level and signal not in _OF_THE_NAME
    ):
        return POSSIBLE
    return CERTAIN if bits >= CERTAIN_BITS and not doubts(levels) else LIKELY


def doubts(levels: Levels) -> list[int]:
    """The signals that forbid to call a pair certain; ``FULL_NAME`` says that nothing beside the name agrees."""
    found = [signal for signal, worst in _CONTRADICTIONS.items() if levels[signal] >= worst]
    agreeing = sum(1 for signal in _PERSONAL if levels[signal] == 1) + (levels[s.EMAIL] == 2)
    agreeing += sum(1 for bundle in _BUNDLES if any(levels[signal] == 1 for signal in bundle))
    agreeing += sum(1 for level in levels[s.CUSTOM :] if level == 1)
    if not agreeing:
        found.append(s.FULL_NAME)
    return found


_CONTRADICTIONS = {s.GIVEN: 5, s.FAMILY: 4, s.BIRTHDAY: 3, s.TAX_ID: 2, s.SUFFIX: 2, s.FIRM: 3, s.TITLE: 2}
