"""Values as SQL dumps write them: whatever a program wrote comes back exactly."""

import io
import sqlite3
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.errors import FormatError
from crmtui.formats.sql_statements import Definition, Dialect, Row, dialect_of, statements
from crmtui.formats.sql_tokens import Lexicon, SqlText, copy_cells, text_or_hex

STANDARD, MYSQL = Lexicon(backslash=False), Lexicon(backslash=True)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ODD = st.text(st.sampled_from("'\"`\\;,()[]$-/*#\n\r\t\0 aEe�x0客\x1f"), max_size=25)
TEXTS = st.one_of(VALUES, ODD)
CELLS = st.one_of(TEXTS, st.none(), st.integers(-(2**63), 2**63 - 1))


def read(data: str, dialect: Dialect | None = None) -> list[Definition | Row]:
    dialect = dialect or dialect_of(data)
    lexicon = Lexicon(backslash=dialect.backslash)
    text = SqlText(io.BytesIO(data.encode()), "utf-8", None)
    return [item for item in statements(text, dialect, lexicon) if isinstance(item, Definition | Row)]


def rows(data: str, dialect: Dialect | None = None) -> list[list[str]]:
    lexicon = Lexicon(backslash=(dialect or dialect_of(data)).backslash)
    return [
        copy_cells(item.text) if item.copied else lexicon.cells(item.text)
        for item in read(data, dialect)
        if isinstance(item, Row)
    ]


def shown(values: Sequence[object]) -> list[str]:
    return ["" if value is None else str(value) for value in values]


def mysql_quote(value: object) -> str:
    """As mysql_real_escape_string does it."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escapes = {"\0": "\\0", "\n": "\\n", "\r": "\\r", "\\": "\\\\", "'": "\\'", '"': '\\"', "\x1a": "\\Z"}
    return "'" + "".join(escapes.get(each, each) for each in str(value)) + "'"


def copy_escape(value: object) -> str:
    """As PostgreSQL's COPY … TO writes text."""
    if value is None:
        return "\\N"
    escapes = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
    return "".join(escapes.get(each, each) for each in str(value))


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=4))
def test_what_sqlite_quotes_comes_back(table: list[list[object]]) -> None:
    table = [[value.replace("\0", "") if isinstance(value, str) else value for value in row] for row in table]
    connection = sqlite3.connect(":memory:")
    quoted = [[connection.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in row] for row in table]
    connection.close()
    dump = "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n" + "\n".join(
        f"INSERT INTO t VALUES({','.join(row)});" for row in quoted
    )
    assert rows(dump + "\nCOMMIT;\n") == [shown(row) for row in table]


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=4))
def test_what_mysql_escapes_comes_back(table: list[list[object]]) -> None:
    dump = "-- MySQL dump 10.13\nINSERT INTO `t` VALUES " + ",".join(
        "(" + ",".join(map(mysql_quote, row)) + ")" for row in table
    )
    assert rows(dump + ";\n") == [shown(row) for row in table]


@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=4))
def test_what_copy_escapes_comes_back(table: list[list[object]]) -> None:
    names = ", ".join(f"c{number}" for number in range(len(table[0])))
    lines = "".join("\t".join(map(copy_escape, row)) + "\n" for row in table)
    dump = f"-- PostgreSQL database dump\nCOPY public.t ({names}) FROM stdin;\n{lines}\\.\n\nSELECT 1;\n"
    assert rows(dump) == [shown(row) for row in table]


@given(TEXTS)
def test_escape_strings_come_back(value: str) -> None:
    value = value.replace("\0", "")
    quoted = "E'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
    assert STANDARD.cells(f"({quoted},N'x')") == [value, "x"]


@given(st.text(max_size=300), st.booleans(), st.booleans())
def test_any_text_ends(data: str, backslash: bool, by_line: bool) -> None:
    """Nothing loops or fails in another way than by refusing."""
    data = data.encode("utf-8", "replace").decode()
    for head in (
        "",
        "INSERT INTO t VALUES ",
        "CREATE TABLE t (",
        "COPY t (a) FROM stdin;\n",
        "CREATE TRIGGER x BEGIN ",
    ):
        try:
            rows(head + data, Dialect(backslash, by_line))
        except FormatError as error:
            assert error.where


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("X'616263'", "abc"),
        ("x'00ff'", "0x00ff"),
        ("0x616263", "abc"),
        ("0xZZ", "0xZZ"),
        ("_utf8mb4'a\\'b'", "a'b"),
        ("_binary 'abc'", "abc"),
        ("_binary '\\0\\1'", "0x0031"),
        ("_binary 0xFF", "0xff"),
        ('"double ""quoted"""', 'double "quoted"'),
        ("true", "true"),
        ("-1.5e-3", "-1.5e-3"),
        ("NULL", ""),
        ("CAST(N'2024-01-02' AS DateTime)", "2024-01-02"),
        ("convert('张' using utf8mb4)", "张"),
        ("concat('a', char(10), 'b')", "a\nb"),
        ("now()", "now()"),
        ("(1)", "(1)"),
    ],
)
def test_mysql_literals(literal: str, value: str) -> None:
    assert MYSQL.cells(f"(1,{literal}, 'z' )") == ["1", value, "z"]


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("replace(replace('a\\nb\\r','\\n',char(10)),'\\r',char(13))", "a\nb\r"),
        ("unistr('a\\u000a\\\\b\\u5f20')", "a\n\\b张"),
        ("'a\\'", "a\\"),
        ("'2024-01-02'::date", "2024-01-02"),
        ("'\\x616263'::bytea", "abc"),
        ("NULL::text", ""),
        ("12::numeric(10,2)", "12"),
        ("E'\\u5f20\\x41\\101\\t'", "张AA\t"),
        ("$$it's; (fine$$", "it's; (fine"),
        ("'a' || chr(9) || 'b'", "a\tb"),
        ("char(13,10)||'z'", "\r\nz"),
        ("'a||b'", "a||b"),
        ("'x''||''y'", "x'||'y"),
        ("TO_DATE('2024-01-02','YYYY-MM-DD')", "2024-01-02"),
        ("U&'d\\0061t\\+000061'", "data"),
        ("char(55296)", "\ufffd"),
    ],
)
def test_standard_literals(literal: str, value: str) -> None:
    assert STANDARD.cells(f"({literal},2)") == [value, "2"]


def test_bytes_are_text_only_when_they_are() -> None:
    assert text_or_hex("张".encode()) == "张"
    assert text_or_hex(b"\xff") == "0xff"
    assert text_or_hex(b"a\0") == "0x6100"
    picture = b"\x89PNG" + b"\0" * 5000
    assert text_or_hex(picture) == "0x89504e47" + "00" * 12 + "… (5004 bytes)"
    assert MYSQL.cells(f"(0x{picture.hex()})") == [text_or_hex(picture)]


@pytest.mark.parametrize(
    "unit", ["(", "'", "''", "\\'", "/*", "--", "$$", "$a$", "a(", "(a,", "[", "`", '"', "E'", ",", "x "]
)
def test_repetition_costs_no_time(unit: str) -> None:
    for head in ("INSERT INTO t VALUES (1,", "CREATE TABLE t (a ", "CREATE VIEW v AS SELECT ", "ALTER TABLE t "):
        try:
            rows(head + unit * 40_000)
        except FormatError:
            continue


def test_a_row_may_be_longer_than_a_block() -> None:
    big = "张'" * 300_000
    assert rows(f"INSERT INTO t VALUES (1,{mysql_quote(big)}),(2,'b');\n-- MySQL dump") == [["1", big], ["2", "b"]]


def test_a_dump_that_was_cut_says_where() -> None:
    with pytest.raises(FormatError, match="row 3") as told:
        rows("CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES (1,'x');\nINSERT INTO t VALUES (2,'y")
    assert "cut off" in told.value.message
