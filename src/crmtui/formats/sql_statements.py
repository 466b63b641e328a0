"""The statements of a dump that matter: tables, their keys, and their rows. Everything else is passed over, nothing is run."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from crmtui.formats.child_tables import Reference
from crmtui.formats.sql_tokens import DOTTED, NAME, Lexicon, SqlText, names, unquote_name
from crmtui.i18n import N_, _

_AHEAD = 64 * 1024  # characters the beginning of a statement may have
_USUAL_SCHEMAS = frozenset(("public", "dbo", "main"))
_SPACE = re.compile(r"\s++")
_REST_OF_LINE = re.compile(r"[^\n]++")
_BATCH_END = re.compile(r"GO[^\S\n]*+(?=\n|\Z)", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]++")
_INSERT = re.compile(
    r"(?:INSERT|REPLACE)\s++(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|OR\s++\w++)\s++)*+(?:INTO\s++)?+"
    rf"({DOTTED})\s*+(\((?:\s*+{NAME}\s*+,?+)++\)\s*+)?+(?:OVERRIDING\s++\w++\s++VALUE\s*+)?+VALUES?\s*+(?=\()",
    re.IGNORECASE,
)
_INTO = re.compile(rf"\w++\s++INTO\s++({DOTTED})", re.IGNORECASE)
_COPY = re.compile(
    rf"COPY\s++({DOTTED})\s*+(\((?:\s*+{NAME}\s*+,?+)++\)\s*+)?+FROM\s++STDIN\b([^;\n]*+);[^\S\n]*+\r?\n", re.IGNORECASE
)
_CREATE = re.compile(
    r"CREATE\s++(?:(?:GLOBAL|LOCAL|TEMPORARY|TEMP|UNLOGGED|FOREIGN|EXTERNAL)\s++)*+TABLE\s++(?:IF\s++NOT\s++EXISTS\s++)?+"
    rf"({DOTTED})\s*+(?=\()",
    re.IGNORECASE,
)
_ROUTINE = re.compile(
    r"CREATE\s++(?:OR\s++(?:REPLACE|ALTER)\s++)?+(?:(?:TEMP|TEMPORARY|CONSTRAINT|AGGREGATE|DEFINER\s*+=\s*+\S++)\s++)*+"
    r"(?:TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE)\b",
    re.IGNORECASE,
)
_ALTER = re.compile(
    rf"ALTER\s++TABLE\s++(?:ONLY\s++|IF\s++EXISTS\s++|IGNORE\s++)*+({DOTTED})([^;']*+)(?=;|\nGO)", re.IGNORECASE
)
_REFERENCES = re.compile(
    rf"FOREIGN\s+KEY\s*(?:{NAME}\s*)?\(\s*({NAME})\s*\)\s*REFERENCES\s+({DOTTED})\s*(?:\(\s*({NAME})\s*\))?",
    re.IGNORECASE,
)
_PRIMARY = re.compile(rf"PRIMARY\s+KEY\s*(?:CLUSTERED\s*|NONCLUSTERED\s*)?\(\s*({NAME})[^,()]*\)", re.IGNORECASE)
_COLUMN_REFERENCES = re.compile(rf"\bREFERENCES\s+({DOTTED})\s*(?:\(\s*({NAME})\s*\))?", re.IGNORECASE)
_COLUMN_PRIMARY = re.compile(r"\bPRIMARY\s+KEY\b", re.IGNORECASE)
_CONSTRAINT = re.compile(
    r"(?:CONSTRAINT|PRIMARY\s+KEY|FOREIGN\s+KEY|UNIQUE|CHECK|EXCLUDE|LIKE|PERIOD|(?:(?:FULLTEXT|SPATIAL|UNIQUE)\s+)?(?:KEY|INDEX))"
    r"(?=[\s(`\"\[])",
    re.IGNORECASE,
)
_TYPE_WORD = re.compile(
    r"(?:KEY|INDEX|LIKE|PERIOD)\s+(?:INT|INTEGER|TEXT|(?:LONG|MEDIUM|TINY)TEXT|N?VARCHAR|CHARACTER|CHAR|DATE|DATETIME|BLOB)\b",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"\s++|--[^\n]*+\n?|/\*(?>.*?\*/)", re.DOTALL)
_DELIMITER = re.compile(r"DELIMITER[^\S\n]++(\S++)[^\n]*+(?=\n)", re.IGNORECASE)
_PLAIN = re.compile(r"""[^;'"`$/\-\n]++""")
_ROUTINE_WORD = re.compile(r"""[A-Za-z_]\w*+|[^;'"`$/\-\nA-Za-z_]++""")
_DOLLAR = re.compile(r"\$(?:[A-Za-z_]\w*+)?+\$")
_LINE = re.compile(r"[^\n]*+(?=\n)")
_ODD_COPY = re.compile(r"\b(?:csv|binary|delimiter|null)\b", re.IGNORECASE)
_NEXT = re.compile(
    r"(?:GO\b|INSERT\b|CREATE\b|SET\b|ALTER\b|USE\b|EXEC\b|PRINT\b|IF\b|BEGIN\b|COMMIT\b)", re.IGNORECASE
)
_INNER_END = re.compile(r"\s++(IF|LOOP|WHILE|REPEAT|CASE)\b", re.IGNORECASE)
_MYSQL = re.compile(
    r"(?i)mysql|mariadb|phpmyadmin|\)\s*ENGINE\s*=|AUTO_INCREMENT|UNLOCK TABLES|Navicat|HeidiSQL|(?:INTO|TABLE(?: IF (?:NOT )?EXISTS)?)\s+`"
)
_NOT_MYSQL = re.compile(
    r"(?i)^\s*PRAGMA\s|^BEGIN TRANSACTION;|^--\s*PostgreSQL database|standard_conforming_strings\s*=\s*on|\bFROM stdin;|^GO\s*$|SET (?:IDENTITY_INSERT|ANSI_NULLS|QUOTED_IDENTIFIER)",
    re.MULTILINE,
)
_CUT = N_("a row is cut off or broken; the dump was perhaps not copied completely")
_BACKSLASHES_COUNT = re.compile(r"(?i)standard_conforming_strings\s*=\s*off")
_SQL_SERVER = re.compile(
    r"(?im)^GO\s*$|SET (?:IDENTITY_INSERT|ANSI_NULLS|QUOTED_IDENTIFIER)|INSERT\s+(?:INTO\s+)?\[\w+\]\.\["
)


class Definition(NamedTuple):
    """A table as declared; ``key`` is its primary key when that is one column, else empty."""

    table: str
    columns: tuple[str, ...]
    key: str
    references: tuple[Reference, ...]


class Row(NamedTuple):
    """A row as written; ``columns`` None when the statement names none. ``copied`` tells a line of COPY data."""

    table: str
    columns: tuple[str, ...] | None
    line: int
    text: str
    copied: bool


class Unread(NamedTuple):
    """Data of a table that is written in a way not read: ``reason`` in words."""

    table: str
    line: int
    reason: str


class Dialect(NamedTuple):
    """How a dump is written: backslash escapes in strings (MySQL), and statements that end without a semicolon."""

    backslash: bool
    by_line: bool


def dialect_of(head: str) -> Dialect:
    """The dialect of a dump that begins with ``head``, told by what its program writes into every dump."""
    sql_server = _SQL_SERVER.search(head) is not None
    if _NOT_MYSQL.search(head):
        return Dialect(_BACKSLASHES_COUNT.search(head) is not None, sql_server)
    if _MYSQL.search(head) or _BACKSLASHES_COUNT.search(head):
        return Dialect(True, False)
    # Without any sign of its maker: \' inside of a string is an escape only where the string goes on behind it.
    return Dialect(re.search(r"\\'(?!\s*[,);])", head) is not None, sql_server)


def statements(text: SqlText, dialect: Dialect, lexicon: Lexicon) -> Iterator[Definition | Row | Unread]:
    """Tables, keys and rows in the order of the dump. Raises FormatError where the dump cannot be read on."""
    while _skip_blank(text, dialect):
        text.ensure(_AHEAD)
        found = _WORD.match(text.buffer, text.at)
        word = found[0].upper() if found else ""
        if word in ("INSERT", "REPLACE") and (insert := _INSERT.match(text.buffer, text.at)):
            yield from _inserted(text, dialect, lexicon, insert)
        elif word == "COPY" and (copy := _COPY.match(text.buffer, text.at)):
            yield from _copied(text, copy)
        elif word == "CREATE" and (create := _CREATE.match(text.buffer, text.at)):
            text.take(create.end())
            body = text.upcoming(lexicon.definition)
            if body is not None:
                table = table_name(create[1])
                yield _definition(table, lexicon, body[0][1:-1])
                text.take(body.end())
            _skip(text, dialect, lexicon)
        elif word == "ALTER" and (alter := _ALTER.match(text.buffer, text.at)):
            yield from _altered(alter)
            text.take(alter.end())
            _skip(text, dialect, lexicon)
        elif word == "DELIMITER" and (delimiter := _DELIMITER.match(text.buffer, text.at)):
            text.take(delimiter.end())
            if delimiter[1] != ";":  # trigger bodies and procedures, whose statements are no data
                text.skip_behind("DELIMITER ;")
        else:
            if word in ("INSERT", "REPLACE") and (named := _INTO.match(text.buffer, text.at)):
                yield Unread(table_name(named[1]), text.line, _("its rows are not written as VALUES"))
            _skip(text, dialect, lexicon, routine=word == "CREATE" and _ROUTINE.match(text.buffer, text.at) is not None)


def table_name(dotted: str) -> str:
    """The name of a table, with its schema only when that is an unusual one of PostgreSQL or SQL Server."""
    parts = names(dotted)
    return (
        ".".join(parts[-2:]) if len(parts) > 1 and parts[-2] not in _USUAL_SCHEMAS and "`" not in dotted else parts[-1]
    )


def _skip_blank(text: SqlText, dialect: Dialect) -> bool:
    """Go to the next statement; False at the end of the dump."""
    while True:
        text.ensure(4)
        if text.at >= len(text.buffer):
            return False
        text.skip(_SPACE)
        text.ensure(4)
        two = text.buffer[text.at : text.at + 2]
        if two == "/*":
            text.skip_behind("*/")
        elif two == "--" or two[:1] in ("#", "\\"):
            text.skip_behind("\n")
        elif two[:1] == ";":
            text.take(text.at + 1)
        elif dialect.by_line and (batch := _BATCH_END.match(text.buffer, text.at)):
            text.take(batch.end())
        elif two:
            return True


def _skip_gap(text: SqlText) -> str:
    """Pass over blanks and comments between rows; the sign that follows."""
    while True:
        text.ensure(2)
        text.skip(_SPACE)
        text.ensure(2)
        two = text.buffer[text.at : text.at + 2]
        if two == "/*":
            text.skip_behind("*/")
        elif two == "--":
            text.skip_behind("\n")
        else:
            return two[:1]


def _inserted(text: SqlText, dialect: Dialect, lexicon: Lexicon, head: re.Match[str]) -> Iterator[Row]:
    table, columns = table_name(head[1]), tuple(names(head[2])) if head[2] else None
    text.take(head.end())
    while True:
        # Nearly all rows are followed by a comma or the end and lie in the buffer: no time for more than one look.
        while (found := lexicon.usual_row.match(text.buffer, text.at)) is not None and found.end() < len(text.buffer):
            yield Row(table, columns, text.line, found[1], False)
            text.take(found.end())
            if found[2] == ";":
                return
        _skip_gap(text)
        line = text.line
        row = text.upcoming(lexicon.row)
        if row is None:
            raise text.refusal(_(_CUT))
        text.take(row.end())
        yield Row(table, columns, line, row[0], False)
        sign = _skip_gap(text)
        if sign != ",":
            break
        text.take(text.at + 1)
    text.ensure(20)
    if sign and sign != ";" and not (dialect.by_line and _NEXT.match(text.buffer, text.at)):
        _skip(text, dialect, lexicon)


def _copied(text: SqlText, head: re.Match[str]) -> Iterator[Row | Unread]:
    table, columns = table_name(head[1]), tuple(names(head[2])) if head[2] else None
    readable = not _ODD_COPY.search(head[3])
    if not readable:
        yield Unread(table, text.line, _("its COPY options are not the usual ones"))
    text.take(head.end())
    while (row := text.upcoming(_LINE)) is not None:
        line, content = text.line, row[0].removesuffix("\r")
        text.take(row.end() + 1)
        if content == "\\.":
            return
        if readable:
            yield Row(table, columns, line, content, True)
    if text.buffer[text.at :].strip("\r\n") not in ("", "\\."):
        raise text.refusal(_(_CUT))
    text.take(len(text.buffer))


def _definition(table: str, lexicon: Lexicon, body: str) -> Definition:
    columns, references, key = [], [], ""
    for part in lexicon.parts(body):
        while blank := _COMMENTS.match(part):
            part = part[blank.end() :]
        if _CONSTRAINT.match(part) and not _TYPE_WORD.match(part):
            if primary := _PRIMARY.search(part):
                key = unquote_name(primary[1])
            references += [_reference(table, found) for found in _REFERENCES.finditer(part)]
            continue
        named = re.match(NAME, part)
        if named is None:
            continue
        column = unquote_name(named[0])
        columns.append(column)
        if _COLUMN_PRIMARY.search(part):
            key = column
        if foreign := _COLUMN_REFERENCES.search(part):
            target = unquote_name(foreign[2]) if foreign[2] else ""
            references.append(Reference(table, column, table_name(foreign[1]), target))
    return Definition(table, tuple(columns), key, tuple(references))


def _altered(alter: re.Match[str]) -> Iterator[Definition]:
    """Keys that are declared after the data."""
    table = table_name(alter[1])
    primary = _PRIMARY.search(alter[2])
    references = tuple(_reference(table, found) for found in _REFERENCES.finditer(alter[2]))
    if primary or references:
        yield Definition(table, (), unquote_name(primary[1]) if primary else "", references)


def _reference(table: str, found: re.Match[str]) -> Reference:
    return Reference(table, unquote_name(found[1]), table_name(found[2]), unquote_name(found[3]) if found[3] else "")


def _skip(text: SqlText, dialect: Dialect, lexicon: Lexicon, *, routine: bool = False) -> None:
    """Pass over the rest of a statement, whatever it is; a ``routine`` ends with its outermost END."""
    open_blocks = 0
    while True:
        text.ensure(_AHEAD)
        if text.at >= len(text.buffer):
            return
        if plain := (_ROUTINE_WORD if routine else _PLAIN).match(text.buffer, text.at):
            text.take(plain.end())
            if routine:
                open_blocks += _opened(text, plain[0].upper(), open_blocks)
            continue
        sign = text.buffer[text.at]
        if text.buffer.startswith("--", text.at):
            text.skip(_REST_OF_LINE)
        elif text.buffer.startswith("/*", text.at):
            text.skip_behind("*/")
        elif sign == "$" and (dollar := _DOLLAR.match(text.buffer, text.at)):
            text.take(dollar.end())
            text.skip_behind(dollar[0])
        elif sign in "'\"`":
            quoted = text.upcoming(lexicon.quoted)
            if quoted is None:
                raise text.refusal(_("a quotation mark is never closed"))
            text.take(quoted.end())
        else:
            text.take(text.at + 1)
            if sign == ";" and not open_blocks:
                return
            if sign == "\n" and dialect.by_line and not routine and _NEXT.match(text.buffer, text.at):
                return


def _opened(text: SqlText, word: str, open_blocks: int) -> int:
    """How many blocks more are open behind ``word``; END IF and its like close none."""
    if word in ("BEGIN", "CASE"):
        return 1
    if word != "END" or not open_blocks:
        return 0
    inner = _INNER_END.match(text.buffer, text.at)
    if inner is None:
        return -1
    text.take(inner.end())
    return -1 if inner[1].upper() == "CASE" else 0
