"""How a text table is punctuated: delimiter, quotes, line ends, a ``sep=`` line; and where a quote was left open."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from crmtui.errors import FormatError
from crmtui.formats.table import Record
from crmtui.i18n import _

if TYPE_CHECKING:
    import _csv

FIELD_LIMIT = 16 * 1024 * 1024
NEWLINES_LIMIT = 1_000
DELIMITERS = (",", ";", "\t", "|", "，", "^", "~", "\x1f", "\x01")
_SEP_LINE = re.compile(r"\s*[\"']?sep=(.)[\"']?\s*$", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\n|\r")
_DECIMAL = re.compile(r"\s*[+-]?[\d.]*\d,\d+\s?[€%]?\s*", re.ASCII)
_RECORDS = 200
_GOOD = 0.6  # the score of a clean table of two columns is 2/3
_POOR = 0.35
_IN_VALUES = frozenset(":%&*=#$")
_NEVER = frozenset(" ./@-_'\"()+\r\n\\，。、")
# Fed to the csv module after the last line: if it does not come back as a row of its own, a quote is still open.
END_OF_FILE = "\0end of file\0"


class Dialect(NamedTuple):
    """The punctuation of a text table; ``sep_line`` says that line 1 only names the delimiter, ``line_end`` may be
    "mixed", ``escape`` is the backslash in files that write it before quotes and delimiters. ``candidates`` are the
    delimiter and its runners-up, each with a confidence."""

    delimiter: str
    quote: str
    line_end: str
    skip_initial_space: bool
    sep_line: bool
    escape: str = ""
    candidates: tuple[tuple[str, float], ...] = ()


def sniff(text: str, *, delimiter: str | None = None) -> Dialect:
    """The dialect of ``text``, the beginning of a file; ``delimiter`` when a person has said it."""
    first = re.split(r"\r\n|\n|\r", text, maxsplit=1)[0]
    named = names_delimiter(first)
    line_end = _line_end(text)
    body = text[len(first) :].lstrip("\r\n") if named else text
    quote = _quote(body)
    candidates = _delimiters(body, quote)
    if delimiter is None:
        delimiter = named or candidates[0][0]
        if named:
            candidates = ((named, 1.0), *(each for each in candidates if each[0] != named))
    else:
        candidates = ((delimiter, 1.0), *(each for each in candidates if each[0] != delimiter))
    spaced = bool(quote) and f"{delimiter} {quote}" in body and f"{delimiter}{quote}" not in body
    plain = Dialect(delimiter, quote, line_end, spaced, bool(named), "", candidates[:3])
    escaped = plain._replace(escape="\\")
    return escaped if _reads_better(body, escaped, plain) else plain


def names_delimiter(line: str) -> str:
    """The delimiter a first line such as ``sep=;`` names; an empty string for any other line."""
    named = _SEP_LINE.match(line)
    return named.group(1) if named else ""


def csv_rows(lines: Iterable[str], dialect: Dialect) -> "_csv.Reader":
    """A csv reader of ``lines`` for ``dialect``, with our field limit instead of the module's 128 KB."""
    csv.field_size_limit(FIELD_LIMIT)
    escape = dialect.escape or None
    if escape:
        lines = _without_nulls(lines, dialect.delimiter)
    if dialect.quote:
        return csv.reader(
            lines,
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
            skipinitialspace=dialect.skip_initial_space,
            escapechar=escape,
        )
    return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE, escapechar=escape)


def _without_nulls(lines: Iterable[str], delimiter: str) -> Iterator[str]:
    """``lines`` of a file with backslashes, whose cells ``\\N`` (no value) are emptied: the csv module would read ``N``."""
    cell = re.compile(rf"(?:(?<=^)|(?<={re.escape(delimiter)}))\\N(?={re.escape(delimiter)}|[\r\n]|$)")
    for line in lines:
        yield cell.sub("", line) if "\\N" in line else line


def first_records(text: str, dialect: Dialect, *, complete: bool, limit: int = _RECORDS) -> list[Record]:
    """The first rows of ``text`` that hold anything; the last one of an incomplete text is left out, as it may be
    cut."""
    records: list[Record] = []
    source = csv_rows(io.StringIO(text, newline=""), dialect)
    start = 1
    try:
        for cells in source:
            records.append(Record(start, cells))
            start = source.line_num + 1
            if len(records) > limit:
                break
    except csv.Error:
        complete = False  # told precisely by the reader, which knows the row
    if records and (not complete or len(records) > limit):
        records.pop()
    if dialect.sep_line:
        records = [record for record in records if record.line > 1]
    return [record for record in records if any(cell.strip() for cell in record.cells)]


def check_quotes(text: str, dialect: Dialect, *, complete: bool, where: str) -> None:
    """Refuse a text whose quote is never closed, naming the line on which it opened."""
    if not dialect.quote or dialect.quote not in text:
        return
    lines = list(io.StringIO(text, newline=""))
    source = csv_rows(chain(lines, (END_OF_FILE,)), dialect)
    start = 1
    try:
        for cells in source:
            if swallowed(cells, source.line_num - start):
                break
            if source.line_num > len(lines):
                if not complete or cells == [END_OF_FILE]:
                    return
                break
            start = source.line_num + 1
    except csv.Error:
        return  # a field beyond the limit: told precisely by the reader
    opened = open_quote(lines[start - 1 :], dialect, start)
    if opened is not None:
        raise unclosed_quote(opened, where)


def swallowed(cells: Sequence[str], lines: int) -> bool:
    """Whether a row that spans ``lines`` further lines has a field no person wrote: more than 1,000 line breaks."""
    return lines > NEWLINES_LIMIT and any(count_newlines(cell) > NEWLINES_LIMIT for cell in cells)


def open_quote(lines: Iterable[str], dialect: Dialect, first_line: int) -> int | None:
    """The physical line where a quote opens that ``lines`` do not close within the limit, or None.

    Follows the csv module: a quote opens a field only at its beginning, two quotes inside are one, and text after the
    closing one belongs to the field. ``lines`` must begin at the start of a row, which is physical line ``first_line``.
    """
    at_start, quoted, pending = True, False, False
    opened = first_line
    for number, line in enumerate(lines, first_line):
        skipped = False
        for character in line:
            if skipped:
                skipped, at_start = False, False
                continue
            if character == dialect.escape:
                skipped = True
                continue
            if quoted and not pending:
                pending = character == dialect.quote
                continue
            if pending:
                pending = False
                if character == dialect.quote:
                    continue
                quoted = False
            if character == dialect.quote and at_start:
                quoted, opened, at_start = True, number, False
            elif character == dialect.delimiter or character in "\r\n":
                at_start = True
            elif not (character == " " and at_start and dialect.skip_initial_space):
                at_start = False
        if quoted and not pending and number - opened > NEWLINES_LIMIT:
            return opened
    return opened if quoted and not pending else None


def unclosed_quote(line: int, where: str) -> FormatError:
    """The refusal of a file in which everything after ``line`` would be swallowed into one field."""
    return FormatError(
        _("the quotation mark that opens on line {line} is never closed").format(line=line),
        where=where,
        hint=_("Close it in the file, or double it if it belongs to the text."),
    )


def count_newlines(cell: str) -> int:
    """Line breaks in a cell, however they are written."""
    return max(cell.count("\n"), cell.count("\r"))


def _line_end(text: str) -> str:
    counts = Counter(_LINE_END.findall(text[:65536]))
    if not counts:
        return "\n"
    (usual, times), total = counts.most_common(1)[0], counts.total()
    return usual if times >= 0.98 * total else "mixed"


def _quote(text: str) -> str:
    """The quotation mark: a double one unless only single ones wrap fields."""
    if '"' in text:
        return '"'
    edge = r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n]|$)"
    wrapped = len(re.findall(edge, text[:65536], re.MULTILINE))
    lines = max(1, text[:65536].count("\n"))
    return "'" if wrapped >= 2 and wrapped >= lines / 2 else '"'


def _delimiters(text: str, quote: str) -> tuple[tuple[str, float], ...]:
    """Delimiters by how well their rows agree on the number of cells and how clean these are, each with a confidence.

    The usual ones are weighed first; any other sign is only taken where none of them parts the lines.
    """
    sample = text[:65536]
    whole = len(sample) == len(text)
    scores = _scores(sample, quote, [each for each in DELIMITERS if each in sample], complete=whole)
    if max(scores.values(), default=0.0) < _POOR:
        unusual = _scores(sample, quote, _unusual(sample, quote), complete=whole)
        scores.update({each: 0.8 * score for each, score in unusual.items()})
    ranked = sorted(((each, score) for each, score in scores.items() if score > 0), key=lambda item: -item[1])
    if not ranked:
        return ((",", 0.5 if any(each in sample for each in DELIMITERS) else 0.9),)
    best, second = ranked[0][1], ranked[1][1] if len(ranked) > 1 else 0.0
    sure = min(1.0, best / _GOOD) * (1 - 0.5 * second / best)
    return tuple((each, round(sure * score / best, 2)) for each, score in ranked)


def _scores(sample: str, quote: str, candidates: Iterable[str], *, complete: bool) -> dict[str, float]:
    found = {}
    for candidate in candidates:
        records = first_records(sample, Dialect(candidate, quote, "", False, False), complete=complete)
        found[candidate] = _table_score([record.cells for record in records], candidate)
    return found


def _unusual(sample: str, quote: str) -> list[str]:
    """Other signs that stand equally often in nearly every line."""
    lines = [line for line in sample.splitlines()[:60] if line.strip()]
    if len(lines) < 3:
        return []
    signs = {each for each in lines[0] if not each.isalnum() and each not in _NEVER and each != quote}
    found = []
    for sign in sorted(signs):
        usual, times = Counter(line.count(sign) for line in lines).most_common(1)[0]
        if usual >= (2 if sign in _IN_VALUES else 1) and times >= 0.8 * len(lines):
            found.append(sign)
    return found


def _reads_better(text: str, escaped: Dialect, plain: Dialect) -> bool:
    """Whether rows agree better on their number of cells when a backslash is taken for an escape; else it is just text."""
    sample = text[:65536]
    signs = {escaped.delimiter, escaped.quote, "N", "\n", "\r"} - {""}
    if "\\" not in sample or not any("\\" + sign in sample for sign in signs):
        return False
    whole = len(sample) == len(text)
    if "\\" + plain.quote in sample and _is_strict(sample, plain, complete=whole):
        return False  # quotes behind a backslash are doubled, as they should be
    if whole and not _closed(sample, escaped):
        return False
    (agreed, width, odd), (agreed_escaped, width_escaped, odd_escaped) = (
        _tidiness(first_records(sample, dialect, complete=whole)) for dialect in (plain, escaped)
    )
    return agreed_escaped > agreed or (agreed_escaped == agreed and width_escaped >= width and odd_escaped < odd)


def _is_strict(text: str, dialect: Dialect, *, complete: bool) -> bool:
    """Whether every quoted cell ends at its delimiter; of a text that goes on, the last one may be open."""
    if not dialect.quote:
        return False
    try:
        for _cells in csv.reader(
            io.StringIO(text, newline=""), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
        ):
            pass
    except csv.Error as error:
        return not complete and "end of data" in str(error)
    return True


def _closed(text: str, dialect: Dialect) -> bool:
    """Whether no quote is open at the end of ``text``."""
    last: list[str] = []
    try:
        for cells in csv_rows(chain(io.StringIO(text, newline=""), ("\n", END_OF_FILE)), dialect):
            last = cells
    except csv.Error:
        return False
    return last == [END_OF_FILE]


def _tidiness(rows: Sequence[Record]) -> tuple[float, int, int]:
    """The share of rows with the usual number of cells, that number, and the cells with a backslash left over."""
    widths = Counter(len(record.cells) for record in rows)
    width, times = widths.most_common(1)[0] if rows else (0, 0)
    odd = sum(
        cell == "\\N" or '\\"' in cell or cell.endswith("\\")
        for record in rows
        for cell in record.cells
        if "\\" in cell
    )
    return round(times / max(1, len(rows)), 3), width, odd


def _table_score(rows: Sequence[Sequence[str]], delimiter: str) -> float:
    """0 when no two cells are ever split; grows with agreement on the width, cleanliness and number of columns."""
    widths = Counter(len(row) for row in rows)
    widths.pop(1, None)
    if not widths:
        return 0.0
    width, times = max(widths.items(), key=lambda item: (item[1] * (1 - 1 / item[0]), item[0]))
    agreement = times / len(rows)
    full = [cell for row in rows if len(row) == width for cell in row if cell]
    others = [other for other in DELIMITERS if other != delimiter]
    mixed = sum(1 for cell in full if any(other in cell for other in others) and not _DECIMAL.fullmatch(cell))
    cleanliness = 1 - 0.5 * mixed / max(1, len(full))
    return (
        agreement * cleanliness * (1 - 1 / (width + 1)) if len(rows) > 1 else 0.5 * cleanliness * (1 - 1 / (width + 1))
    )
