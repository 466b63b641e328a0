"""Distances between short texts; rapidfuzz is loaded when the first two are compared."""

from __future__ import annotations

from collections.abc import Callable

_distance: Callable[..., int] | None = None
_winkler: Callable[..., float] | None = None


def osa_distance(one: str, other: str, most: int) -> int:
    """How many letters must be changed, added, dropped or swapped with the next; ``most`` + 1 when it is more than that."""
    global _distance
    if _distance is None:
        from rapidfuzz.distance import OSA

        _distance = OSA.distance
    return _distance(one, other, score_cutoff=most)


def winkler(one: str, other: str) -> float:
    """The Jaro-Winkler similarity, 0 to 1: kind to texts that begin alike."""
    global _winkler
    if _winkler is None:
        from rapidfuzz.distance import JaroWinkler

        _winkler = JaroWinkler.similarity
    return _winkler(one, other)
