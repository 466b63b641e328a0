"""What every format has in common: a table in a file, as found, as read and as written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from crmtui.errors import FormatError
from crmtui.i18n import _

if TYPE_CHECKING:
    from crmtui.formats.child_tables import Join

MAX_COLUMNS = 1_000
SAMPLE_ROWS = 20

Kind = Literal["text", "number", "date", "datetime", "money", "bool"]
Profile = Literal["exact", "spreadsheet"]
Row = Sequence[object] | Mapping[str, object]


class Note(NamedTuple):
    """Something a person should know about a file; no reason to stop. ``row`` is physical and 1-based, ``column``
    1-based."""

    code: str
    text: str
    row: int | None = None
    column: int | None = None


class Record(NamedTuple):
    """A row of a file with the physical line or row it starts on."""

    line: int
    cells: list[str]


class BrokenRecord(list[str]):
    """What a RowReader yields for a record that cannot be read while the others can: a row without cells; ``text`` is
    what stands there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class EncodingCandidate(NamedTuple):
    """An encoding a text file may be in: how sure (0 to 1), and rows of the file as it would read them.

    ``preview`` holds the same rows for every candidate of a file, those with other characters than ASCII first; bytes that
    are not in the encoding appear as U+FFFD.
    """

    encoding: str
    confidence: float
    preview: tuple[str, ...] = ()


class Sheet(NamedTuple):
    """A sheet of a workbook; ``rows`` is what the file claims (None when it says nothing)."""

    name: str
    rows: int | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class Detection:
    """What a file is and how to read it; every field may be overridden by a person and the file detected again.

    ``header_row`` is the physical row of the column names, 0 when the file has none. ``columns`` are unique and never
    empty; a column without a name is called ``#`` and its number. ``sample`` holds up to ``SAMPLE_ROWS`` rows after the
    header. ``delimiter``, ``quote``, ``line_end`` and ``escape`` are empty strings for formats that have none.
    ``delimiter_candidates`` are the delimiter found and its runners-up, each with a confidence. ``header_row`` is the lower
    one where names stand in two rows; ``skipped_rows`` are physical rows after the header that hold no data (explanations).
    ``parts`` are the sheets that are read one after another when ``sheet`` is ``*``. ``joins`` are child tables whose rows are
    the last columns; ``inner`` is what the member of an archive is that ``sheet`` names.
    """

    format: str
    encoding: str = "utf-8"
    encoding_confidence: float = 1.0
    encoding_candidates: tuple[EncodingCandidate, ...] = ()
    delimiter: str = ""
    delimiter_candidates: tuple[tuple[str, float], ...] = ()
    quote: str = ""
    line_end: str = ""
    escape: str = ""
    skip_initial_space: bool = False
    sheet: str | None = None
    sheets: tuple[Sheet, ...] = ()
    header_row: int = 0
    header_confidence: float = 1.0
    skipped_rows: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    notes: tuple[Note, ...] = ()
    parts: tuple["Detection", ...] = ()
    joins: tuple["Join", ...] = ()
    inner: "Detection | None" = None


class Choices(NamedTuple):
    """What a person has said about a file; None leaves the decision to detection."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    region: str | None = None


class Column(NamedTuple):
    """A column to write: ``key`` for machine formats, ``label`` for people, ``kind`` for typed cells.

    ``choices`` are values that a workbook offers in a list, no limits; ``about`` says in its data dictionary what the column is.
    """

    key: str
    label: str
    kind: Kind = "text"
    choices: tuple[str, ...] = ()
    about: str = ""


class RowReader(Protocol):
    """Rows after the header, in file order, as ``(physical row or line where it starts, cells)``.

    Rows without any content are left out. Cells are text exactly as in the file; a row may have fewer or more cells
    than the header. ``position`` and ``size`` are bytes of the file, for progress. Iterating raises FormatError naming
    row and reason.
    """

    @property
    def position(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def notes(self) -> Sequence[Note]: ...

    def __iter__(self) -> Iterator[tuple[int, list[str]]]: ...

    def close(self) -> None: ...

    def __enter__(self) -> "RowReader": ...

    def __exit__(self, *exc: object) -> None: ...


class TableWriter(Protocol):
    """Turns rows into bytes of one format; ``finish`` writes what must come last and does not close the stream.

    ``guarded`` counts cells prefixed against formulas, ``shortened`` cells cut because the format cannot hold them.
    ``abandon`` releases what is held when the table will not be finished; it never raises OSError.
    """

    guarded: int
    shortened: int

    def write(self, row: Row) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None: ...


def place(path: Path | None, row: int | None = None) -> str:
    """Where in which file, for an error: the file's name and the physical row."""
    name = path.name if path is not None else _("standard input")
    return name if row is None else _("{file}, row {row}").format(file=name, row=row)


def too_many_columns(path: Path | None, row: int) -> FormatError:
    """The refusal of a row wider than any table of customers."""
    return FormatError(
        _("the row has more than {limit} columns").format(limit=MAX_COLUMNS),
        where=place(path, row),
        hint=_("Check the delimiter, or delete the columns that are not needed."),
    )


def row_values(row: Row, columns: Sequence[Column]) -> Sequence[object]:
    """The values of ``row`` in the order of ``columns``; a mapping is looked up by column key, missing keys are
    None."""
    if isinstance(row, Mapping):
        return [row.get(column.key) for column in columns]
    return row
