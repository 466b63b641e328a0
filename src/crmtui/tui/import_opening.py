"""Opening a file for an import: what it is, and the same rows under each encoding it may have, for a person to see which is right."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from crmtui.formats.encoding import python_codec
from crmtui.formats.source import FixedSizeFile
from crmtui.services import bring_in
from crmtui.services.importing.plan import ImportOptions, ImportPlan

ENCODINGS = ("utf-8", "gb18030", "big5", "cp932", "cp949", "utf-16-le", "utf-16-be", "cp1252")
"""Encodings a person may choose besides those that were found."""
ROWS = 3
_CANDIDATES = 3
_HEAD = 64 * 1024


class Opened(NamedTuple):
    """A file with what was found out about it: the plan, the encodings it may have, and rows as each would read them."""

    plan: ImportPlan
    encodings: tuple[tuple[str, float], ...]
    rows: dict[str, list[str]]


def open_file(path: str, options: ImportOptions) -> Opened:
    """Detect and map a file. Raises FormatError or UsageError."""
    plan = bring_in.map_columns(bring_in.detect(path, options))
    found = plan.detection
    listed = [(each.encoding, each.confidence) for each in found.encoding_candidates[:_CANDIDATES]]
    encodings = tuple(listed) or ((found.encoding, found.encoding_confidence),)
    rows = rows_under(path, [name for name, _sure in encodings], found.header_row) if found.delimiter else {}
    return Opened(plan, encodings, rows)


def rejects_path(path: str) -> str:
    """Where refused rows go: beside the file if one may write there, else to the home folder; never over another file."""
    folder, name = os.path.split(os.path.abspath(path))
    if not os.access(folder, os.W_OK):
        folder = os.path.expanduser("~")
    stem = os.path.join(folder, os.path.splitext(name)[0])
    found, number = f"{stem}.rejects.csv", 1
    while os.path.lexists(found):
        number += 1
        found = f"{stem}.rejects-{number}.csv"
    return found


def rows_under(path: str, encodings: Sequence[str], header_row: int) -> dict[str, list[str]]:
    """Three lines after the header as each encoding reads them, those with other signs than ASCII first.

    Empty lists when every line is plain ASCII: then the encodings do not differ. Raises FormatError for what is no file.
    """
    source = FixedSizeFile(Path(path))
    try:
        head = source.read(_HEAD) or b""
    finally:
        source.close()
    return {encoding: _telling_lines(head, encoding, header_row) for encoding in encodings}


def _telling_lines(head: bytes, encoding: str, header_row: int) -> list[str]:
    text = head.decode(python_codec(encoding), "replace").removeprefix("\ufeff")
    lines = [line for line in text.splitlines()[header_row:] if line.strip()]
    if len(head) == _HEAD and len(lines) > 1:
        lines.pop()  # most likely cut in the middle
    telling = [line for line in lines if not line.isascii()]
    return telling[:ROWS]
