"""Less looking for cycles while millions of small objects pass by: it costs a third of the time and finds nearly nothing."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = 500_000


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within, new objects are searched for cycles only after half a million of them."""
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
