"""SQL dumps in the exact style of the programs that write them: tables, keys, rows; nothing is run."""

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from crmtui.errors import FormatError, UsageError
from crmtui.formats.detection import detect
from crmtui.formats.registry import open_rows

MYSQLDUMP = r"""/*!999999\- enable the sandbox mode */
-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: crm
-- ------------------------------------------------------
-- Server version	10.11.6-MariaDB

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;

DROP TABLE IF EXISTS `contact_phones`;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE `contact_phones` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `contact_id` int(11) NOT NULL,
  `number` varchar(40) DEFAULT NULL COMMENT 'with; code, (or not)',
  `label` enum('mobile','work') DEFAULT 'mobile',
  PRIMARY KEY (`id`),
  KEY `contact_id` (`contact_id`),
  CONSTRAINT `x` FOREIGN KEY (`contact_id`) REFERENCES `contacts` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

LOCK TABLES `contact_phones` WRITE;
/*!40000 ALTER TABLE `contact_phones` DISABLE KEYS */;
INSERT INTO `contact_phones` VALUES
(1,1,'13800138000','mobile'),
(2,1,'010-62345678','work'),
(3,2,NULL,'work');
/*!40000 ALTER TABLE `contact_phones` ENABLE KEYS */;
UNLOCK TABLES;

CREATE TABLE `contacts` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(100) NOT NULL,
  `email` varchar(100) DEFAULT NULL,
  `note` text DEFAULT NULL,
  `avatar` blob DEFAULT NULL,
  `uid` binary(2) DEFAULT NULL,
  `key` varchar(9) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;

INSERT INTO `contacts` VALUES
(1,'张伟','zw@example.cn','line 1\nline 2\t\'quoted\' \\ back; -- no comment',_binary '\0PNG',0xFF00,'k1'),
(2,'O\'Neil, Ann (\"Annie\")',NULL,'it''s',NULL,0x6162,NULL);
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t AFTER INSERT ON contacts FOR EACH ROW BEGIN
INSERT INTO `contacts` VALUES (9,'trap',NULL,NULL,NULL,NULL,NULL); END */;;
CREATE PROCEDURE p() BEGIN INSERT INTO `contacts` VALUES (10,'trap2',NULL,NULL,NULL,NULL,NULL); END ;;
DELIMITER ;
/*!50001 CREATE VIEW `v` AS SELECT 1 */;
-- Dump completed on 2026-11-24  0:00:00
"""

PHPMYADMIN = r"""-- phpMyAdmin SQL Dump
-- version 5.2.1
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
SET time_zone = "+00:00";

--
-- Table structure for table `kunden`
--
CREATE TABLE `kunden` (
  `Kunden Nr` int(11) NOT NULL,
  `Name` varchar(50) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO `kunden` (`Kunden Nr`, `Name`) VALUES
(1, 'Jürgen \"J\" Groß'),
(2, 'C:\\temp\\');
INSERT INTO `kunden` (`Name`, `Kunden Nr`) VALUES
('andersherum', 3) ON DUPLICATE KEY UPDATE `Name`=VALUES(`Name`);

ALTER TABLE `kunden`
  ADD PRIMARY KEY (`Kunden Nr`);
COMMIT;
"""

SQL_SERVER = """USE [CRM]
GO
SET ANSI_NULLS ON
GO
CREATE TABLE [dbo].[Customers](
	[Customer ID] [int] IDENTITY(1,1) NOT NULL,
	[Name] [nvarchar](100) NULL,
	[Since] [datetime] NULL,
 CONSTRAINT [PK_Customers] PRIMARY KEY CLUSTERED
(
	[Customer ID] ASC
)WITH (PAD_INDEX = OFF) ON [PRIMARY]
) ON [PRIMARY]
GO
SET IDENTITY_INSERT [dbo].[Customers] ON
INSERT [dbo].[Customers] ([Customer ID], [Name], [Since]) VALUES (1, N'张伟; ''小张''', CAST(N'2024-01-02T00:00:00.000' AS DateTime))
INSERT [dbo].[Customers] ([Customer ID], [Name], [Since]) VALUES (2, N'C:\\', NULL)
GO
SET IDENTITY_INSERT [dbo].[Customers] OFF
GO
"""

PG_DUMP = r"""--
-- PostgreSQL database dump
--

\restrict q0p

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE FUNCTION public.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $_$
BEGIN
  INSERT INTO public.customers (id, name) VALUES (99, 'no; it''s a trap');
  RETURN NEW;
END;
$_$;

CREATE TABLE public.phones (
    id integer NOT NULL,
    customer_id integer,
    number character varying(40),
    CONSTRAINT l CHECK (((number)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))
);

CREATE TABLE public.customers (
    id integer NOT NULL,
    name text DEFAULT 'x;y'::text,
    email character varying(255),
    notes text
);

COPY public.customers (id, name, email, notes) FROM stdin;
1	张伟	zw@example.cn	line 1\nline 2\ttab \\ it''s
2	\N	\N
\.

INSERT INTO public.customers (id, email, name) VALUES (3, E'a\'b\n', 'x''y');

COPY public.phones (id, customer_id, number) FROM stdin;
1	1	13800138000
2	3	+49 30 1234
3	\N	nobody's
\.

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.phones
    ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES public.customers(id);
"""


def write(folder: Path, text: str | bytes, name: str = "dump.sql") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(path: Path, **choices: str) -> tuple[tuple[str, ...], list[list[str]]]:
    found = detect(path, **choices)  # type: ignore[arg-type]
    assert found.format == "sql"
    with open_rows(path, found) as reader:
        rows = list(reader)
        assert reader.position == reader.size
    lines = [line for line, _cells in rows]
    assert lines == sorted(set(lines))
    assert [tuple(cells) for _line, cells in rows[: len(found.sample)]] == list(found.sample)
    return found.columns, [cells for _line, cells in rows]


def test_mysqldump(tmp_path: Path) -> None:
    path = write(tmp_path, MYSQLDUMP)
    columns, rows = read(path)
    assert columns == (
        *("id", "name", "email", "note", "avatar", "uid", "key"),
        *("phones.1.id", "phones.1.number", "phones.1.label"),
        *("phones.2.id", "phones.2.number", "phones.2.label"),
    )
    note = "line 1\nline 2\t'quoted' \\ back; -- no comment"
    assert rows == [
        [
            *("1", "张伟", "zw@example.cn", note, "0x00504e47", "0xff00", "k1"),
            *("1", "13800138000", "mobile", "2", "010-62345678", "work"),
        ],
        ["2", 'O\'Neil, Ann ("Annie")', "", "it's", "", "ab", "", "3", "", "work", "", "", ""],
    ]
    assert [sheet.name for sheet in detect(path).sheets] == ["contact_phones", "contacts"]
    columns, rows = read(path, sheet="contact_phones")
    assert columns == ("id", "contact_id", "number", "label")
    assert rows[2] == ["3", "2", "", "work"]


def test_phpmyadmin(tmp_path: Path) -> None:
    columns, rows = read(write(tmp_path, PHPMYADMIN))
    assert columns == ("Kunden Nr", "Name")
    assert rows == [["1", 'Jürgen "J" Groß'], ["2", "C:\\temp\\"], ["3", "andersherum"]]


def test_sql_server(tmp_path: Path) -> None:
    for mark in ("utf-8", "utf-16"):  # Management Studio writes UTF-16
        columns, rows = read(write(tmp_path, SQL_SERVER.encode(mark)))
        assert columns == ("Customer ID", "Name", "Since")
        assert rows == [["1", "张伟; '小张'", "2024-01-02T00:00:00.000"], ["2", "C:\\", ""]]


def test_pg_dump(tmp_path: Path) -> None:
    path = write(tmp_path, PG_DUMP)
    columns, rows = read(path)
    assert columns == ("id", "name", "email", "notes", "phones.1.id", "phones.1.number")
    assert rows == [
        ["1", "张伟", "zw@example.cn", "line 1\nline 2\ttab \\ it''s", "1", "13800138000"],
        ["2", "", "", "", "", ""],
        ["3", "x'y", "a'b\n", "", "2", "+49 30 1234"],
    ]
    found = detect(path)
    assert [(note.code, note.text.rpartition(" ")[2]) for note in found.notes] == [("child_tables", "phones")]


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the sqlite3 program is not installed")
def test_the_dump_of_the_sqlite_program(tmp_path: Path) -> None:
    values = ["plain", "it's", "a\nb\\n\r\n", "张伟;--", "", 'q"q', None, 5, -1.5, b"\x00\xff", "tab\tend"]
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.executescript(
        """CREATE TABLE customers(id INTEGER PRIMARY KEY, "full name" TEXT -- it's; the name
           , b /* (x */ BLOB);
           CREATE TABLE [customer mails](customer_id REFERENCES customers, mail);
           CREATE TRIGGER t AFTER INSERT ON customers WHEN new.b = 'x' BEGIN
             INSERT INTO customers VALUES (77, CASE WHEN 1 THEN 'trap' END, 1); INSERT INTO customers VALUES (78, 'trap', 1); END;
           CREATE VIEW v AS SELECT * FROM customers;"""
    )
    connection.executemany('INSERT INTO customers("full name", b) VALUES (?, ?)', [(value, value) for value in values])
    connection.execute("INSERT INTO [customer mails] VALUES (2, 'b@c.d')")
    connection.commit()
    connection.close()
    dump = subprocess.run(["sqlite3", tmp_path / "a.db", ".dump"], capture_output=True, check=True).stdout
    columns, rows = read(write(tmp_path, dump))
    assert columns == ("id", "full name", "b", "customer mails.1.mail")
    texts = ["" if value is None else "0x00ff" if isinstance(value, bytes) else str(value) for value in values]
    assert [row[1] for row in rows] == texts
    assert [row[2] for row in rows] == texts
    assert [row[3] for row in rows] == ["", "b@c.d"] + [""] * 9


def test_one_long_insert_on_one_line(tmp_path: Path) -> None:
    body = ",".join(f"({number},'Name {number}; x','a{number}@b.c')" for number in range(20_000))
    columns, rows = read(write(tmp_path, f"INSERT INTO people (id, name, email) VALUES {body};"))
    assert columns == ("id", "name", "email")
    assert (len(rows), rows[-1]) == (20_000, ["19999", "Name 19999; x", "a19999@b.c"])


def test_columns_are_the_union_of_all_lists(tmp_path: Path) -> None:
    text = "INSERT INTO a (name) VALUES ('Ann');\nINSERT INTO a (name, city) VALUES ('Bob','Rome');\nINSERT INTO a (CITY) VALUES ('Bonn');"
    assert read(write(tmp_path, text)) == (("name", "city"), [["Ann", ""], ["Bob", "Rome"], ["", "Bonn"]])


def test_rows_without_any_names(tmp_path: Path) -> None:
    assert read(write(tmp_path, "INSERT INTO a VALUES ('Ann', 1);")) == (("#1", "#2"), [["Ann", "1"]])


def test_encodings_of_dumps(tmp_path: Path) -> None:
    text = "-- MySQL dump\n/*!40101 SET NAMES gbk */;\nCREATE TABLE `客户` (`姓名` text, `备注` text);\nINSERT INTO `客户` VALUES ('张伟','誠\\'\\\\'),('王五','乗乗');\n"
    for encoding in ("gb18030", "utf-8", "utf-8-sig", "utf-16"):
        columns, rows = read(write(tmp_path, text.encode(encoding)))
        assert (columns, rows) == (("姓名", "备注"), [["张伟", "誠'\\"], ["王五", "乗乗"]])


def test_bytes_of_another_encoding_are_told_with_their_row(tmp_path: Path) -> None:
    ok = "INSERT INTO a (name) VALUES ('张伟张伟张伟张伟');\n" * 30
    path = write(tmp_path, ok.encode() + b"INSERT INTO a (name) VALUES ('\xff\xfe');\n")
    found = detect(path, encoding="utf-8")
    with pytest.raises(FormatError, match=r"dump\.sql, row 31"):
        list(open_rows(path, found))


def test_children_are_bounded(tmp_path: Path) -> None:
    many = "".join(f"INSERT INTO phones (customer_id, number) VALUES (1, '{n}');\n" for n in range(30))
    text = "CREATE TABLE customers (id int, name text);\nINSERT INTO customers VALUES (1,'Ann');\n" + many
    found = detect(write(tmp_path, text))
    assert found.columns[2:] == tuple(f"phones.{n}.number" for n in range(1, 21))
    assert "children_left_out" in {note.code for note in found.notes}


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    text = "CREATE TABLE a (name text);\nINSERT INTO a SELECT * FROM b;\nCOPY c (x) FROM stdin WITH (FORMAT csv);\n1\n\\.\nINSERT INTO a VALUES ('Ann');"
    codes = [(note.code, note.row) for note in detect(write(tmp_path, text)).notes]
    assert codes == [("unread_table", 2), ("unread_table", 3)]
    with pytest.raises(FormatError, match="no rows"):
        detect(write(tmp_path, "CREATE TABLE a (name text);"))
    with pytest.raises(UsageError, match="no table “x”"):
        detect(write(tmp_path, text), sheet="x")
    with pytest.raises(FormatError, match="cut off"):
        detect(write(tmp_path, MYSQLDUMP[: MYSQLDUMP.index("back; --")]))


def test_hostile_statements_do_nothing(tmp_path: Path) -> None:
    """What would write files, crash or loop in a database (reliability §4) is passed over."""
    target = tmp_path / "written"
    hostile = f"""ATTACH DATABASE '{target}' AS x; CREATE TABLE x.a (b); VACUUM INTO '{target}';
        PRAGMA journal_mode=WAL; SELECT load_extension('evil'); SELECT fts3_tokenizer('simple', x'4141414141414141');
        CREATE VIRTUAL TABLE f USING fts3(tokenize=simple);
        CREATE TABLE z AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT x FROM c;
        INSERT INTO people (name, blob) VALUES ('Ann', zeroblob(1000000000000));
        COPY people TO PROGRAM 'touch {target}'; SELECT 1 INTO OUTFILE '{target}'; \\! touch {target}
        CREATE TRIGGER t AFTER INSERT ON people BEGIN SELECT 1; END;
        INSERT INTO people (name) VALUES ('Bob');"""
    _columns, rows = read(write(tmp_path, "CREATE TABLE people (name text, blob blob);\n" + hostile))
    assert rows == [["Ann", "zeroblob(1000000000000)"], ["Bob", ""]]
    assert not target.exists()


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64, 999])
@pytest.mark.parametrize(
    "dump", [MYSQLDUMP, PHPMYADMIN, SQL_SERVER, PG_DUMP], ids=["mysql", "phpmyadmin", "mssql", "pg"]
)
def test_where_a_block_ends_makes_no_difference(
    tmp_path: Path, dump: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, dump)
    whole = [(found.columns, list(open_rows(path, found))) for found in (detect(path),)]
    monkeypatch.setattr("crmtui.formats.sql_tokens._BLOCK", block)
    monkeypatch.setattr("crmtui.formats.sql_statements._AHEAD", 300)
    monkeypatch.setattr("crmtui.formats.sql_reader._HEAD", 1200)
    assert [(found.columns, list(open_rows(path, found))) for found in (detect(path),)] == whole
