"""The terminal of every test promises all colours, whatever runs them: the theme ``auto`` looks at it."""

import gc
import os
from collections.abc import Iterator

import pytest

os.environ["TERM"], os.environ["COLORTERM"] = "xterm-256color", "truecolor"


@pytest.fixture(scope="session", autouse=True)
def state_of_ones_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Drafts and searches of the tests do not go where those of whoever runs them are."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    if before is None:
        del os.environ["XDG_STATE_HOME"]
    else:
        os.environ["XDG_STATE_HOME"] = before


@pytest.fixture(autouse=True, scope="module")
def what_is_left_is_not_searched_again() -> Iterator[None]:
    """Pictures and screens of earlier modules stay in memory; each full collection would walk through all of them."""
    yield
    gc.collect()
    gc.freeze()
