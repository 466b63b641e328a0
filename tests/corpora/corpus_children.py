"""What the tests with foreign corpora run in a guarded child; apart from them, so that the child does not import pytest."""

from collections.abc import Iterator
from pathlib import Path

from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows


def read_all(path: str, options: dict[str, str]) -> Iterator[tuple[str, tuple[str, ...], int, list[list[str]]]]:
    """Format, columns, number of rows and the first rows of a file."""
    found = detect(Path(path), **options)  # type: ignore[arg-type]
    count, first = 0, []
    with open_rows(Path(path), found) as reader:
        for _line, cells in reader:
            count += 1
            if len(first) < 100:
                first.append(list(cells))
    yield found.format, found.columns, count, first
