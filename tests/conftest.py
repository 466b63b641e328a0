"""The terminal of every test promises all colours, whatever runs them: the theme ``auto`` looks at it."""

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
