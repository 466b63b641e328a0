"""What the tests with corpora of structured text run in a guarded child; apart from them, so that the child does not
import pytest."""

import time
from collections.abc import Iterator
from pathlib import Path

from crmtui.errors import CrmError
from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows


def read_each(paths: list[str], options: dict[str, str]) -> Iterator[tuple[str, bool, str, str, int, float]]:
    """Path, whether it was read, else reason and place, the number of records, and the seconds it took."""
    for path in paths:
        begin = time.monotonic()
        count, reason, where = 0, "", ""
        try:
            found = detect(Path(path), **options)  # type: ignore[arg-type]
            with open_rows(Path(path), found) as reader:
                count = sum(1 for _row in reader)
        except CrmError as error:
            reason, where = error.message, error.where or "?"
        yield path, not reason, reason, where, count, time.monotonic() - begin
