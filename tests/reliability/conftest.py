"""A customer file full of hostile texts, made once."""

import pytest
from hostile_text import Hostile, make_file


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """Every text; to read, and to copy for tests that write."""
    return make_file(str(tmp_path_factory.mktemp("hostile") / "work.db"))
