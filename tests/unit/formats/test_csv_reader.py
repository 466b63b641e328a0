"""CSV and TSV: dialects, headers, and every way in which a file must not be read wrongly in silence."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmtui.errors import FormatError, UsageError
from crmtui.formats.broken_text import BYTES, is_broken
from crmtui.formats.detection import detect
from crmtui.formats.header import is_footer, name_columns
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Detection, Note


def saved(folder: Path, content: bytes | str, name: str = "customers.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(path: Path, detection: Detection | None = None) -> list[tuple[int, list[str]]]:
    with open_rows(path, detection or detect(path)) as reader:
        return list(reader)


def codes(detection: Detection) -> set[str]:
    return {note.code for note in detection.notes}


def test_a_plain_file(tmp_path: Path) -> None:
    path = saved(tmp_path, "name,email,phone\nAnn,ann@example.com,1\n\nBob,bob@example.com\n")
    found = detect(path)
    assert (found.format, found.encoding, found.delimiter, found.quote, found.line_end) == (
        "csv",
        "utf-8",
        ",",
        '"',
        "\n",
    )
    assert (found.header_row, found.columns) == (1, ("name", "email", "phone"))
    assert found.sample == (("Ann", "ann@example.com", "1"), ("Bob", "bob@example.com"))
    assert not found.notes
    with open_rows(path, found) as reader:
        assert list(reader) == [(2, ["Ann", "ann@example.com", "1"]), (4, ["Bob", "bob@example.com"])]
        assert reader.position == reader.size == path.stat().st_size


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，", "^"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    cells = [
        ["name", "email", "amount"],
        ["Ann", "a@example.com;b@example.com", "1.5"],
        ["Bob", "", "2"],
        ["Cy", "c@example.com", "3"],
    ]
    lines = [delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in cells]
    path = saved(tmp_path, "\r\n".join(lines))
    found = detect(path)
    assert (found.delimiter, found.line_end) == (delimiter, "\r\n")
    assert found.format == ("tsv" if delimiter == "\t" else "csv")
    assert [row for _, row in rows(path)] == cells[1:]


def test_semicolons_with_decimal_commas_in_cp1252(tmp_path: Path) -> None:
    text = "Name;Betrag;Ort\r\nMüller;1,50;Köln\r\nGrößer;2,25;Düren\r\nLefèvre;10,00;Orléans\r\n"
    path = saved(tmp_path, text.encode("cp1252"))
    found = detect(path)
    assert (found.encoding, found.delimiter) == ("cp1252", ";")
    assert found.encoding_confidence > 0.7
    assert rows(path)[0] == (2, ["Müller", "1,50", "Köln"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5hkscs", "cp932"])
def test_encodings_read_to_the_end(tmp_path: Path, encoding: str) -> None:
    name = "佐藤さくら" if encoding == "cp932" else "張小美"
    path = saved(tmp_path, f"姓名,城市\n{name},台北\n陳大文,香港\n".encode(encoding))
    assert [row for _, row in rows(path)] == [[name, "台北"], ["陳大文", "香港"]]
    assert detect(path).columns == ("姓名", "城市")


def test_a_first_line_that_names_the_delimiter(tmp_path: Path) -> None:
    path = saved(tmp_path, "sep=;\r\nname;city\r\nAnn;Paris, France\r\n".encode("utf-8-sig"))
    found = detect(path)
    assert (found.delimiter, found.header_row, found.columns) == (";", 2, ("name", "city"))
    assert "sep_line" in codes(found)
    assert rows(path) == [(3, ["Ann", "Paris, France"])]
    bare = detect(path, header_row=0)
    assert bare.columns == ("#1", "#2")
    assert rows(path, bare)[0] == (2, ["name", "city"])


def test_title_rows_above_the_header(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        "客户名单,,,\n导出时间：2024-03-05,,,\n\n姓名*,手机（必填）,城市,备注\n张伟,13800138000,上海,\n李娜,13900139000,北京,VIP\n合计,2,,\n",
    )
    found = detect(path)
    assert (found.header_row, found.columns) == (4, ("姓名*", "手机（必填）", "城市", "备注"))
    assert "preamble" in codes(found)
    assert [line for line, _ in rows(path)] == [5, 6, 7]
    assert [is_footer(row) for _, row in rows(path)] == [False, False, True]


def test_a_block_of_notes_above_the_header(tmp_path: Path) -> None:
    text = 'Notes:\n"When exporting your connection data, you may notice that some, say\nthree, are missing."\n\nFirst Name,Last Name,Email Address,Company\nAnn,Lee,ann@example.com,ACME\nBob,Ray,,Initech\n'
    path = saved(tmp_path, text)
    found = detect(path)
    assert (found.header_row, found.columns[0]) == (5, "First Name")
    assert rows(path)[0] == (6, ["Ann", "Lee", "ann@example.com", "ACME"])


def test_no_header(tmp_path: Path) -> None:
    path = saved(tmp_path, "张伟,13800138000,zw@example.com\n李娜,13900139000,ln@example.com\n")
    found = detect(path)
    assert (found.header_row, found.columns) == (0, ("#1", "#2", "#3"))
    assert "no_header" in codes(found)
    assert rows(path)[0] == (1, ["张伟", "13800138000", "zw@example.com"])


def test_a_person_may_decide_otherwise(tmp_path: Path) -> None:
    path = saved(tmp_path, "a;b\nc;d\ne;f\n")
    found = detect(path, header_row=2, delimiter=";", encoding="gbk")
    assert (found.header_row, found.columns, found.encoding) == (2, ("c", "d"), "gb18030")
    assert rows(path, found) == [(3, ["e", "f"])]
    with pytest.raises(FormatError, match="no row 9"):
        detect(path, header_row=9)
    with pytest.raises(UsageError):
        detect(path, encoding="klingon")


def test_column_names_are_unique_and_never_empty() -> None:
    assert name_columns(["Tag", "", "Tag", " Full\nName ", "Tag (2)", ""])[0] == (
        "Tag",
        "#2",
        "Tag (2)",
        "Full Name",
        "Tag (2) (2)",
        "#6",
    )


def test_quotes_newlines_and_spaces(tmp_path: Path) -> None:
    path = saved(tmp_path, 'name, note, city\n"Ann ""A"" Lee", "one\r\ntwo, three", Paris\nBob, x, Rome\n')
    assert rows(path) == [(2, ['Ann "A" Lee', "one\r\ntwo, three", "Paris"]), (4, ["Bob", "x", "Rome"])]


def test_single_quotes(tmp_path: Path) -> None:
    path = saved(tmp_path, "'name','note'\n'Ann','a, b'\n'Bob','c'\n")
    assert detect(path).quote == "'"
    assert rows(path)[0] == (2, ["Ann", "a, b"])


def test_mixed_line_ends(tmp_path: Path) -> None:
    path = saved(tmp_path, b"name,city\r\nAnn,Paris\nBob,Rome\rCy,Bonn\r\n")
    assert "mixed_line_ends" in codes(detect(path))
    assert rows(path) == [(2, ["Ann", "Paris"]), (3, ["Bob", "Rome"]), (4, ["Cy", "Bonn"])]


def test_an_unclosed_quote_is_refused_with_its_line(tmp_path: Path) -> None:
    path = saved(tmp_path, 'name,note\nAnn,fine\nBob,"never closed\nCy,x\n')
    with pytest.raises(FormatError, match="opens on line 3 is never closed"):
        detect(path)


def test_an_unclosed_quote_far_behind_the_sample_is_refused(tmp_path: Path) -> None:
    good = "".join(f"Ann {number},fine\n" for number in range(40_000))
    for rest in ("Cy,x\n" * 30, "Cy,x\n" * 20_000, "Cy,x\n" * 3_000 + 'Dee,"y"\n' * 10):
        path = saved(tmp_path, f'name,note\n{good}Bob,"open\n{rest}')
        with pytest.raises(FormatError, match="opens on line 40002 is"):
            rows(path)


def test_a_long_note_is_no_unclosed_quote(tmp_path: Path) -> None:
    note = "line\n" * 900
    path = saved(tmp_path, f'name,note\nAnn,"{note}"\nBob,x\n')
    assert [line for line, _ in rows(path)] == [2, 903]


def read_with_notes(path: Path) -> tuple[list[tuple[int, list[str]]], list[Note]]:
    with open_rows(path, detect(path)) as reader:
        return list(reader), list(reader.notes)


def test_a_row_in_another_encoding_is_read_in_that_one(tmp_path: Path) -> None:
    good = "".join(f"张伟 {number},ok\r\n" for number in range(30_000)).encode()
    path = saved(tmp_path, b"name,note\r\n" + good + "李四,坏了吗\r\n".encode("gb18030") + good)
    read, notes = read_with_notes(path)
    assert read[30_000] == (30_002, ["李四", "坏了吗"])
    assert [(note.code, note.row) for note in notes] == [("mixed_encoding", 30_002)]
    assert "gb18030" in notes[0].text
    assert len(read) == 60_001


def test_an_encoding_that_changes_in_the_middle(tmp_path: Path) -> None:
    first = "".join(f"张伟{number},上海市浦东新区\n" for number in range(300))
    # Three Hanzi are nine bytes in UTF-8: no whole number of pairs, so GB18030 cannot take them for other Hanzi.
    then = "".join(f"李娜娜{number},朝阳区\n" for number in range(300))
    for one, other in (("utf-8", "gb18030"), ("gb18030", "utf-8")):
        path = saved(tmp_path, b"name,city\n" + first.encode(one) * 2 + then.encode(other), f"{one}.csv")
        found = detect(path)
        assert found.encoding == one
        assert "mixed_encoding" in codes(found)
        read, notes = read_with_notes(path)
        assert [row[1] for row in read[-2:]] == [["李娜娜298", "朝阳区"], ["李娜娜299", "朝阳区"]]
        assert [row[1][0] for row in read[:300]] == [f"张伟{number}" for number in range(300)]
        assert [(note.code, note.row) for note in notes] == [("mixed_encoding", 602)]


def test_a_few_broken_bytes_are_told_and_kept(tmp_path: Path) -> None:
    content = b"name,city\n" + "张伟,上海\n".encode() * 30 + b"\xff\xfe,x\n" + "李娜,北京".encode()[:-1]
    path = saved(tmp_path, content)
    found = detect(path)
    assert [(note.code, note.row) for note in found.notes if note.code == "undecodable"] == [("undecodable", 32)]
    read, notes = read_with_notes(path)
    assert [is_broken(cells) for _line, cells in read] == [False] * 30 + [True, True]
    assert read[30][1][0].encode("utf-8", BYTES) == b"\xff\xfe"
    assert [(note.code, note.row) for note in notes] == [("undecodable", 32)]


def test_a_wrong_encoding_is_refused_with_row_and_byte(tmp_path: Path) -> None:
    path = saved(tmp_path, "姓名,城市\n张伟,上海\n".encode("gb18030"))
    with pytest.raises(FormatError) as caught:
        rows(path, detect(path, encoding="utf-8"))
    assert caught.value.where == "customers.csv, row 1"
    assert "byte 0 (0xD0) is not utf-8" in caught.value.message
    junk = b"".join(b"\x81\x98\xff%d,x\n" % row for row in range(60))
    path = saved(tmp_path, b"name,city\n" + "张伟,上海\n".encode() * 30 + junk)
    with pytest.raises(FormatError, match="row 32"):
        rows(path, detect(path, encoding="utf-8"))


def test_the_first_foreign_letter_may_come_late(tmp_path: Path) -> None:
    ascii_part = "".join(f"Ann {number},fine and well\n" for number in range(60_000))
    path = saved(tmp_path, ("name,note\n" + ascii_part + "张伟,已联系客户\n" * 5).encode("gb18030"))
    assert detect(path).encoding == "gb18030"
    assert rows(path)[-1][1] == ["张伟", "已联系客户"]


def test_nul_bytes_are_kept_and_told(tmp_path: Path) -> None:
    path = saved(tmp_path, "name,note\nAnn,a\0b\n" + "Bob,x\n" * 50)
    note = next(note for note in detect(path).notes if note.code == "nul_bytes")
    assert note.row == 2
    assert rows(path)[0] == (2, ["Ann", "a\0b"])


def test_a_file_full_of_zeros_holds_no_rows(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no rows"):
        detect(saved(tmp_path, b"\0" * 5000))


def test_too_many_columns(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="more than 1000 columns"):
        detect(saved(tmp_path, ",".join(f"c{n}" for n in range(1001)) + "\n" + "1," * 1000 + "\n"))
    path = saved(tmp_path, "name,city\nAnn,Paris\n" * 3 + "," * 5000 + "x\n")
    with pytest.raises(FormatError, match="row 7"):
        rows(path)


def test_a_field_beyond_the_limit(tmp_path: Path) -> None:
    path = saved(tmp_path, "name,note\nAnn,ok\nBob," + "x" * (17 << 20) + "\n")
    with pytest.raises(FormatError, match=r"row 3.*longer than 16 MB"):
        rows(path, detect(saved(tmp_path, "name,note\nAnn,ok\n", "head.csv")))


def test_only_regular_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, reason in ((tmp_path / "pipe", "pipe or a device"), (tmp_path, "folder"), (Path("/dev/zero"), "device")):
        with pytest.raises(FormatError, match=reason):
            detect(path)
    with pytest.raises(UsageError, match="no such file"):
        detect(tmp_path / "missing.csv")
    with pytest.raises(FormatError, match="empty"):
        detect(saved(tmp_path, ""))
    with pytest.raises(FormatError, match="no rows"):
        detect(saved(tmp_path, "\n\n  \n"))


def test_a_file_that_grows_is_read_to_its_old_end(tmp_path: Path) -> None:
    path = saved(tmp_path, "name,city\nAnn,Paris\n")
    with open_rows(path, detect(path)) as reader:
        with path.open("a") as more:
            more.write("Bob,Rome\n")
        assert list(reader) == [(2, ["Ann", "Paris"])]


def test_data_from_a_pipe() -> None:
    found = detect(None, data="姓名,城市\n张伟,上海\n".encode("gb18030"))
    assert (found.encoding, found.columns) == ("gb18030", ("姓名", "城市"))


table = st.lists(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=3, max_size=3).filter(any),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(table)
def test_line_numbers_and_cells_agree_with_the_file(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    lines, where, at = ["a,b,c\n"], [], 2
    for row in cells:
        text = ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n"
        where.append(at)
        at += text.count("\n") + text.count("\r") - text.count("\r\n")
        lines.append(text)
    path = saved(folder, "".join(lines))
    read = rows(path, Detection("csv", delimiter=",", quote='"', header_row=1))
    assert read == list(zip(where, cells, strict=True))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text("abc,;\t\"'\r\n|0=张\0", max_size=200).map(str.encode))
def test_no_bytes_break_detection_or_reading(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = saved(tmp_path_factory.mktemp("any"), content)
    try:
        found = detect(path, as_format="csv")
        assert len(set(found.columns)) == len(found.columns) >= 1
        rows(path, found)
    except FormatError as error:
        assert error.message
