"""What a call of the command line in a test gives back."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple


class Ran(NamedTuple):
    """What one call did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as a JSON document."""
        return json.loads(self.out)


Run = Callable[..., Ran]
