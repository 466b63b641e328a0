"""The punctuation of text tables: any delimiter, escapes, runners-up, and what is written is what is read."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtui.formats.detection import detect
from crmtui.formats.dialect import sniff
from crmtui.formats.registry import open_rows


def rows(path: Path) -> list[list[str]]:
    with open_rows(path, detect(path)) as reader:
        return [cells for _line, cells in reader]


@pytest.mark.parametrize("delimiter", [*",;\t|，^~", "\x1f", "\x01", "!", "%", "§", "¦", "#", ":"])
def test_any_delimiter(tmp_path: Path, delimiter: str) -> None:
    cells = [["name", "email", "phone"], *([f"Ann{n}", f"a{n}@example.com", f"030{n}"] for n in range(6))]
    path = tmp_path / "customers.csv"
    path.write_text("\r\n".join(delimiter.join(row) for row in cells), encoding="utf-8")
    found = detect(path)
    assert found.delimiter == delimiter
    assert found.delimiter_candidates[0] == (delimiter, pytest.approx(0.9, abs=0.11))
    assert rows(path) == cells[1:]


@pytest.mark.parametrize(
    "lines",
    [
        ["https://a.example/x", "https://b.example/y", "https://c.example/z"],
        ["Ann 12:30", "Bob 14:15", "Cy 16:00"],
        ["张伟", "李娜", "王芳"],
        ["a@example.com", "b@example.com", "c@example.com"],
    ],
)
def test_a_bare_list_is_not_split(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert sniff(text).delimiter == ","


def test_a_runner_up_lowers_the_confidence() -> None:
    sure = sniff("name;city\nAnn;Rome\nBob;Oslo\n").candidates
    torn = sniff("a;b,c\nx,5;2,y\nx,7;3,z\nw,7;4,w\n").candidates
    decimals = sniff("a;b\n1,5;2,5\n1,7;3,5\n2,7;4,5\n").candidates
    assert sure == ((";", 1.0),)
    assert {delimiter for delimiter, _confidence in torn} == {";", ","}
    assert torn[0][1] < 0.7
    assert decimals[0][0] == ";"


def test_a_delimiter_somebody_said_comes_first() -> None:
    assert sniff("a;b\n1;2\n3;4\n", delimiter="|").candidates[0] == ("|", 1.0)


def test_backslashes_before_quotes_and_null_cells(tmp_path: Path) -> None:
    path = tmp_path / "mysql.csv"
    path.write_text('name,note,city\n"Ann","says \\"hi, there\\"",\\N\n"Bob","a\\\\b","Rome"\n"Cy",\\N,"Oslo"\n')
    found = detect(path)
    assert found.escape == "\\"
    assert rows(path) == [["Ann", 'says "hi, there"', ""], ["Bob", "a\\b", "Rome"], ["Cy", "", "Oslo"]]


@pytest.mark.parametrize(
    "text",
    [
        'name,folder\n"Ann","C:\\data\\"\n"Bob","D:\\x\\"\n',
        "name;path\nAnn;\\\\server\\share\nBob;C:\\new\n",
        'name,note\n"Ann","a ""quoted"" word"\nBob,x\n',
        '"name","note"\n"Ann",""\n"Bob","\\"\n',
    ],
)
def test_backslashes_that_are_text(text: str) -> None:
    assert sniff(text).escape == ""


def test_a_quote_left_open_is_found_among_backslashes(tmp_path: Path) -> None:
    path = tmp_path / "mysql.csv"
    lines = "".join(f'"Ann{n}","x \\"y\\", z","Rome"\n' for n in range(300))
    path.write_text("name,note,city\n" + lines)
    assert detect(path).escape == "\\"
    assert rows(path)[299] == ["Ann299", 'x "y", z', "Rome"]


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\x1c\x1d\x1e\x85\u2028\u2029\x0b\x0c"), max_size=8)


@settings(max_examples=120, deadline=None)
@given(
    body=st.lists(st.lists(cell, min_size=2, max_size=2), min_size=3, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|", "^", "\x01"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, body: list[list[str]], delimiter: str, line_end: str, encoding: str
) -> None:
    header = ["name", "e-mail", "phone", "city"]
    table = [[f"Ann {at}", "a@example.com", *row] for at, row in enumerate(body)]
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *table])
    path = tmp_path_factory.mktemp("dialect") / "customers.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    found = detect(path)
    assert (found.delimiter, found.columns) == (delimiter, tuple(header))
    assert rows(path) == table


def test_a_backslash_before_a_doubled_quote_is_text() -> None:
    assert not sniff('name,custom.a b,company\r\na,"a\\""z",b\r\n').escape
    assert sniff('name,note,company\na,"a\\"z, said",b\nc,"d\\"e, too",f\n').escape == "\\"
