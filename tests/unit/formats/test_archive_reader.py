"""Archives: members as sheets, names of other systems, and everything archives are used for to do harm."""

import gzip
import io
import sqlite3
import struct
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from crmtui.errors import FormatError, UsageError
from crmtui.formats.all_sheets import ALL
from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Detection

CONTACTS = "Name,Email,Phone\nAnn,a@b.c,1\nBob,b@b.c,2\n"
SQL = "CREATE TABLE customers (id int, name text);\nINSERT INTO customers VALUES (1,'Ann'),(2,'Bob');\nCREATE TABLE x (y int);\nINSERT INTO x VALUES (1);"


def pack(folder: Path, members: dict[str, bytes | str], name: str = "a.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def workbook() -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.title = "说明"
    book.active.append(["请先阅读"])
    sheet = book.create_sheet("客户")
    for row in (["姓名", "电话"], ["张伟", "13800138000"], ["李娜", "1"]):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(path: Path, **choices: str) -> tuple[Detection, list[list[str]]]:
    found = detect(path, **choices)  # type: ignore[arg-type]
    with open_rows(path, found) as reader:
        rows = [cells for _line, cells in reader]
        assert 0 < reader.position <= reader.size == path.stat().st_size
    return found, rows


def test_members_are_sheets(tmp_path: Path) -> None:
    path = pack(
        tmp_path,
        {
            "export/": "",
            "export/Case.csv": "id,subject\n1,hello\n",
            "__MACOSX/export/._Case.csv": "junk",
            "export/.DS_Store": "junk",
            "empty.csv": "",
            "../../etc/Contact.csv": CONTACTS,
            "book.xlsx": workbook(),
            "dump.sql": SQL,
            "logo.png": b"\x89PNG\r\n",
            "again.zip": b"PK\x05\x06" + b"\0" * 18,
        },
    )
    found, rows = read(path)
    assert (found.format, found.sheet, rows) == (
        *("zip", "../../etc/Contact.csv"),
        [["Ann", "a@b.c", "1"], ["Bob", "b@b.c", "2"]],
    )
    names = [sheet.name for sheet in found.sheets]
    assert names == [
        *("export/Case.csv", "../../etc/Contact.csv", "book.xlsx/说明", "book.xlsx/客户"),
        *("dump.sql/customers", "dump.sql/x"),
    ]
    assert sorted(note.code for note in found.notes) == ["other_sheets", "unread_member", "unread_member"]
    expected = [["张伟", "13800138000"], ["李娜", "1"]]
    assert (
        read(path, sheet="book.xlsx/客户")[1]
        == read(path, sheet="4")[1]
        == read(path, sheet="book.xlsx")[1]
        == expected
    )
    assert read(path, sheet="6")[1] == read(path, sheet="dump.sql/x")[1] == [["1"]]
    assert read(path, sheet="3")[1] == [["请先阅读"]]
    with pytest.raises(UsageError, match="no sheet “nope”"):
        detect(path, sheet="nope")
    with pytest.raises(UsageError, match="no sheet “99”"):
        detect(path, sheet="99")


def test_names_that_do_harm_elsewhere_are_only_shown(tmp_path: Path) -> None:
    names = ["/etc/cron.d/x.csv", "..\\..\\x.csv", "CON", "a" * 400 + ".csv", "\x1b[2J.csv", "a\nb.csv"]
    path = pack(tmp_path, dict.fromkeys(names, CONTACTS))
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    found, _rows = read(path)
    assert [sheet.name for sheet in found.sheets] == names
    for name in names:
        assert len(read(path, sheet=name)[1]) == 2
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip"]


def test_all_members_with_the_same_columns(tmp_path: Path) -> None:
    path = pack(tmp_path, {"2023.csv": CONTACTS, "2024.csv": "Email,Name,Phone\nc@d.e,Cyd,3\n", "x.csv": "a,b\n1,2\n"})
    found, rows = read(path, sheet=ALL)
    assert found.sheet == ALL
    assert rows == [["Ann", "a@b.c", "1"], ["Bob", "b@b.c", "2"], ["Cyd", "c@d.e", "3"]]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("gbk", "客户资料.csv"),
        ("big5", "客戶名單.csv"),
        ("utf-8", "客户资料.csv"),
        ("cp437", "Müller é.csv"),
        ("cp932", "顧客リスト.csv"),
    ],
)
def test_names_without_a_mark_for_utf8(tmp_path: Path, encoding: str, name: str) -> None:
    raw = name.encode(encoding)
    path = pack(tmp_path, {"x" * len(raw): CONTACTS})
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    assert read(path)[0].sheet == name


def test_a_packed_file(tmp_path: Path) -> None:
    for name, content in (("a.csv", CONTACTS), ("b.sql", SQL), ("c.json", '[{"name": "Ann"}, {"name": "Bob"}]')):
        path = tmp_path / f"{name}.gz"
        path.write_bytes(gzip.compress(content.encode()))
        found, rows = read(path)
        assert found.format == "gzip"
        assert "Ann" in rows[0]
        assert len(rows) == 2
    assert read(tmp_path / "b.sql.gz", sheet="x")[1] == [["1"]]
    many = tmp_path / "m.csv.gz"
    many.write_bytes(gzip.compress(CONTACTS.encode()) + gzip.compress(b"Cyd,c@d.e,3\n"))
    assert len(read(many)[1]) == 3
    book = tmp_path / "b.xlsx.gz"
    book.write_bytes(gzip.compress(workbook()))
    assert read(book)[1] == [["张伟", "13800138000"], ["李娜", "1"]]


def test_bombs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="times its size"):
        detect(pack(tmp_path, {"a.csv": "a,b\n" + "0" * 100_000_000}))
    bomb = tmp_path / "a.gz"
    bomb.write_bytes(gzip.compress(b"0" * 100_000_000))
    with pytest.raises(FormatError, match="times its size"):
        detect(bomb)
    with pytest.raises(FormatError, match="more than 10000 parts"):
        detect(pack(tmp_path, {f"{number}.csv": "a" for number in range(10_001)}))
    with pytest.raises(FormatError, match="archive inside of an archive"):
        detect(pack(tmp_path, {"a.zip": pack(tmp_path, {"b.csv": CONTACTS}, "b.zip").read_bytes()}))


def test_overlapping_members_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path, {"a.csv": CONTACTS, "b.csv": CONTACTS})
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 42 : at + 46] = struct.pack("<I", 0)  # the second entry says it begins where the first does
    path.write_bytes(data)
    with pytest.raises(FormatError, match="overlap"):
        detect(path)


def test_locked_members_are_told(tmp_path: Path) -> None:
    path = pack(tmp_path, {"a.csv": CONTACTS})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(FormatError, match="password"):
        detect(path)


def test_what_holds_no_table(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="holds no files"):
        detect(pack(tmp_path, {"folder/": "", "__MACOSX/x": "y"}))
    with pytest.raises(FormatError, match="ZIP file, not a table"):
        detect(pack(tmp_path, {"word/document.xml": "<a/>"}))
    with pytest.raises(FormatError, match="PNG"):
        detect(pack(tmp_path, {"a.png": b"\x89PNG\r\n"}))
    database = tmp_path / "x.db"
    connection = sqlite3.connect(database)
    connection.executescript("CREATE TABLE a (b); INSERT INTO a VALUES (1);")
    connection.close()
    with pytest.raises(FormatError, match="file of its own"):
        detect(pack(tmp_path, {"x.db": database.read_bytes()}))


def test_damage_is_told(tmp_path: Path) -> None:
    body = "Name,Email\n" + "".join(f"Name {n},a{n * 7919 % 10007}@b.c\n" for n in range(3000))
    for path, first in (
        (pack(tmp_path, {"a.csv": body, "b.xlsx": workbook()}), b"PK"),
        (tmp_path / "a.csv.gz", b"\x1f"),
    ):
        if first != b"PK":
            path.write_bytes(gzip.compress(body.encode()))
        whole = path.read_bytes()
        assert whole.startswith(first)
        for at in range(0, len(whole), 1501):
            for broken in (whole[:at], whole[:at] + b"\xff" * 9 + whole[at + 9 :]):
                path.write_bytes(broken)
                try:
                    read(path)
                except FormatError as error:
                    assert error.where


def test_child_tables_inside_of_an_archive(tmp_path: Path) -> None:
    sql = SQL + "\nCREATE TABLE phones (customer_id int, number text);\nINSERT INTO phones VALUES (2,'22');"
    found, rows = read(pack(tmp_path, {"dump.sql": sql}))
    assert (found.sheet, found.columns) == ("dump.sql/customers", ("id", "name", "phones.1.number"))
    assert rows == [["1", "Ann", ""], ["2", "Bob", "22"]]
