"""SQLite files of other programs: tables and their children; whatever else is in them stays asleep."""

import os
import sqlite3
from pathlib import Path

import pytest

from crmtui.errors import FormatError, UsageError
from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows
from crmtui.formats.table import Detection
from crmtui.storage.database import Database

CUSTOMERS = "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT, phone);"


def make(folder: Path, script: str, name: str = "a.db") -> Path:
    path = folder / name
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.commit()
    connection.close()
    return path


def read(path: Path, **choices: str) -> tuple[Detection, list[list[str]]]:
    found = detect(path, **choices)  # type: ignore[arg-type]
    assert found.format == "sqlite"
    with open_rows(path, found) as reader:
        rows = list(reader)
        assert reader.position == reader.size
    assert [tuple(cells) for _line, cells in rows[: len(found.sample)]] == list(found.sample)
    assert sorted(os.listdir(path.parent)) == sorted({path.name, *os.listdir(path.parent)} - {f"{path.name}-shm"})
    return found, [cells for _line, cells in rows]


def test_values_and_the_table_of_customers(tmp_path: Path) -> None:
    path = make(
        tmp_path,
        "CREATE TABLE log (id, message, name); INSERT INTO log VALUES (1,'a','b'),(2,'a','b'),(3,'a','b');"
        + CUSTOMERS
        + "INSERT INTO customers VALUES (1,'张伟','a@b.c',13800138000.0),(2,'O''Neil',NULL,13800138000),(3,x'ff00','x',1.5);"
        "CREATE TABLE empty (name, email, phone);",
    )
    found, rows = read(path)
    assert (found.sheet, found.columns) == ("customers", ("id", "name", "email", "phone"))
    assert [sheet.name for sheet in found.sheets] == ["log", "customers"]
    assert rows == [
        ["1", "张伟", "a@b.c", "13800138000"],
        ["2", "O'Neil", "", "13800138000"],
        ["3", "0xff00", "x", "1.5"],
    ]
    found, rows = read(path, sheet="log")
    assert len(rows) == 3
    with pytest.raises(UsageError, match="no table “nope”"):
        detect(path, sheet="nope")


def test_children_by_declared_key_by_name_and_by_index(tmp_path: Path) -> None:
    path = make(
        tmp_path,
        CUSTOMERS + "INSERT INTO customers(id, name) VALUES (1,'Ann'),(2,'Bob'),(7,'Cyd');"
        "CREATE TABLE phones (owner REFERENCES customers, number TEXT); INSERT INTO phones VALUES (1,'11'),(1,'12'),(7,'71');"
        "CREATE TABLE emails (customer_id INT, mail TEXT); INSERT INTO emails VALUES (2,'b@c.d'),(NULL,'x');"
        "CREATE TABLE tags (customer_id INT REFERENCES customers(id), tag TEXT); CREATE INDEX t ON tags(customer_id);"
        "INSERT INTO tags VALUES (7,'vip'),(7,'new'),(1,'old');",
    )
    found, rows = read(path)
    assert found.columns[4:] == (*("phones.1.number", "phones.2.number", "emails.1.mail", "tags.1.tag", "tags.2.tag"),)
    assert [row[4:] for row in rows] == [
        ["11", "12", "", "old", ""],
        ["", "", "b@c.d", "", ""],
        ["71", "", "", "vip", "new"],
    ]


def test_more_children_than_columns(tmp_path: Path) -> None:
    path = make(
        tmp_path,
        CUSTOMERS + "INSERT INTO customers(id, name) VALUES (1,'Ann');"
        "CREATE TABLE phones (customer_id INT, number TEXT);"
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x < 50) INSERT INTO phones SELECT 1, x FROM n;",
    )
    found, rows = read(path)
    assert rows[0][4:] == [str(number) for number in range(1, 21)]
    assert "children_left_out" in {note.code for note in found.notes}


def test_a_hostile_schema_does_nothing(tmp_path: Path) -> None:
    path = make(
        tmp_path,
        "CREATE TABLE people (name TEXT, email TEXT, bad AS (hex(zeroblob(100000000))) VIRTUAL, up AS (upper(name)) STORED);"
        "INSERT INTO people(name, email) VALUES ('Ann','a@b.c');"
        "CREATE VIEW customers AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT x AS name, 1 AS email FROM c;"
        "CREATE VIRTUAL TABLE clients USING fts5(name, email, phone); INSERT INTO clients VALUES ('x','y','z');"
        "CREATE TRIGGER t AFTER INSERT ON people BEGIN SELECT load_extension('x'); END;"
        "CREATE INDEX i ON people (lower(email));",
    )
    before = path.read_bytes()
    found, rows = read(path)
    assert (found.sheet, found.columns, rows) == ("people", ("name", "email", "up"), [["Ann", "a@b.c", "ANN"]])
    assert [sheet.name for sheet in found.sheets if not sheet.name.startswith("clients_")] == ["people"]
    assert path.read_bytes() == before
    with pytest.raises(UsageError):
        detect(path, sheet="customers")


def test_names_that_need_quotes(tmp_path: Path) -> None:
    path = make(
        tmp_path, 'CREATE TABLE "a""b; DROP" ("x"" y" TEXT, "select" TEXT); INSERT INTO "a""b; DROP" VALUES (1, 2);'
    )
    found, rows = read(path)
    assert (found.sheet, found.columns, rows) == ('a"b; DROP', ('x" y', "select"), [["1", "2"]])


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    path = make(tmp_path, CUSTOMERS)
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO customers(name) VALUES ('ok'), (CAST(? AS TEXT))", ("张伟".encode("gbk"),))
    connection.commit()
    connection.close()
    with pytest.raises(FormatError, match="not UTF-8"):
        detect(path)
    _found, rows = read(path, encoding="gbk")
    assert [row[1] for row in rows] == ["ok", "张伟"]


def test_a_file_in_use_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.executescript(CUSTOMERS + "INSERT INTO customers(name) VALUES ('Ann');")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("INSERT INTO customers(name) VALUES ('Bob')")
    connection.commit()
    before = {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)}
    found, rows = detect(path), []
    with open_rows(path, found) as reader:
        rows = [cells[1] for _line, cells in reader]
    assert rows == ["Ann"]
    assert "unwritten_changes" in {note.code for note in found.notes}
    assert {name: (tmp_path / name).read_bytes() for name in os.listdir(tmp_path)} == before
    connection.close()


def test_what_is_no_database_of_others(tmp_path: Path) -> None:
    own = tmp_path / "crm.db"
    Database.open(str(own), create=True).close()
    with pytest.raises(FormatError, match="customer file of crmtui itself") as told:
        detect(own)
    assert "--db" in (told.value.hint or "")
    empty = make(tmp_path, "CREATE TABLE a (b);", "empty.db")
    with pytest.raises(FormatError, match="no table with rows"):
        detect(empty)
    locked = tmp_path / "locked.db"
    locked.write_bytes(bytes((7 * n * n + 3 * n + (n >> 3)) % 256 for n in range(8192)))
    with pytest.raises(FormatError, match="encrypted or damaged"):
        detect(locked)


def test_damage_is_told(tmp_path: Path) -> None:
    path = make(
        tmp_path,
        CUSTOMERS
        + "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n WHERE x < 5000) INSERT INTO customers SELECT x, 'name' || x, 'a@b', x FROM n;",
    )
    whole = path.read_bytes()
    for cut in (100, 5000, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:cut])
        with pytest.raises(FormatError, match=r"a\.db"):
            list(open_rows(path, detect(path)))
    for at in range(4096, len(whole), 8192):
        path.write_bytes(whole[:at] + b"\xff" * 64 + whole[at + 64 :])
        try:
            assert len(list(open_rows(path, detect(path)))) <= 5000
        except FormatError as error:
            assert error.where
