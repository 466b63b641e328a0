"""Files of records for the tests of the readers: saved, detected and read in one go."""

from pathlib import Path
from typing import NamedTuple

from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows
from crmtui.formats.table import BrokenRecord, Detection


class ReadFile(NamedTuple):
    """What a file was taken for, the records in it as dicts without blank cells, their lines, and the broken ones."""

    found: Detection
    records: list[dict[str, str]]
    lines: list[int]
    broken: list[tuple[int, str]]

    @property
    def notes(self) -> set[str]:
        return {note.code for note in self.found.notes}


def read(folder: Path, content: bytes | str, name: str, **options: str) -> ReadFile:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = detect(path, **options)  # type: ignore[arg-type]
    records, lines, broken = [], [], []
    with open_rows(path, found) as rows:
        for line, cells in rows:
            if isinstance(cells, BrokenRecord):
                broken.append((line, cells.text))
                continue
            assert len(cells) <= len(found.columns)
            records.append({key: cell for key, cell in zip(found.columns, cells, strict=False) if cell})
            lines.append(line)
        assert rows.position == rows.size
    sample = [{key: cell for key, cell in zip(found.columns, row, strict=False) if cell} for row in found.sample]
    assert sample == records[: len(sample)]
    assert len(set(lines)) == len(lines)
    return ReadFile(found, records, lines, broken)
