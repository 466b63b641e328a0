"""Formats that are only written: XML, SQL, SQLite, vCard and Markdown, each read back by somebody else's parser."""

import io
import re
import sqlite3
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.formats.markdown_writer import escape as escape_markdown
from crmtui.formats.registry import writer_of
from crmtui.formats.relational import TABLES
from crmtui.formats.sql_writer import literal
from crmtui.formats.table import Column
from crmtui.formats.vcard_writer import folded
from crmtui.formats.xml_writer import element_name, escape_text

HOSTILE = "\x00\x1b[31m=1+1 <&]]>'\"\\\r\n\rx\n𠮷\u202e\ufffe_x0000__x005F_;--,`|*"
RECORD: dict[str, Any] = {
    "id": 7,
    "kind": "person",
    "name": HOSTILE,
    "given_name": "三",
    "family_name": "张;,",
    "company": "博图\n有限公司",
    "job_title": None,
    "tags": ["a,b", "=1+1"],
    "phones": [
        {"value": "138 0013 8000", "e164": "+8613800138000", "label": "mobile", "primary": True},
        {"value": "021 5", "e164": None, "label": "前台", "primary": False, "state": "wrong"},
    ],
    "emails": [{"value": "a@b.cn", "label": "work", "primary": True}],
    "messaging": [{"kind": "wechat", "value": "wx"}, {"kind": "skype", "value": "a b"}],
    "urls": ["https://a/b,c;d"],
    "addresses": [
        {"street": "A;B", "city": "上海", "region": None, "postal_code": "01067", "country": "CN", "label": "home"}
    ],
    "birthday": "1990-05-03",
    "notes": HOSTILE,
    "external_ids": {"shop:x": "A\x001"},
    "custom": {"行业 x": "软件", "1a": 5, "": "e", "none": None},
    "do_not_contact": True,
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-02T00:00:00Z",
    "archived_at": None,
    "relations": [{"id": 9, "name": "李", "kind": "friend"}],
    "alternates": [{"field": "name", "value": "Old", "from_id": 3}],
    "old_points": [{"kind": "email", "value": "old@b.cn"}],
}


def written(format_id: str, *records: Any, columns: Any = ()) -> bytes:
    stream = io.BytesIO()
    table = writer_of(format_id).create(stream, format_id, columns, "exact", False)
    for record in records:
        table.write(record)
    table.finish()
    return stream.getvalue()


def unescaped(text: str) -> str:
    """What the head of the file says of ``_xHHHH_``."""
    units = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def test_xml_holds_the_whole_record() -> None:
    root = ElementTree.fromstring(written("xml", RECORD, {"id": 8, "name": "b"}))
    assert (root.tag, len(root)) == ("customers", 2)
    first = root[0]
    assert first.tag == "customer" and unescaped(first.findtext("name") or "") == HOSTILE
    assert [tag.text for tag in first.findall("tags")] == ["a,b", "=1+1"]
    assert [phone.findtext("label") for phone in first.findall("phones")] == ["mobile", "前台"]
    custom = first.find("custom")
    assert custom is not None
    assert {unescaped(each.tag).strip("\0"): each.text for each in custom} == {"行业 x": "软件", "1a": "5", "": "e"}
    assert first.find("job_title") is None


@given(st.text(st.characters(exclude_categories=[]), max_size=30))
def test_any_text_comes_through_xml(text: str) -> None:
    document = f"<a>{escape_text(text)}</a>".encode()
    assert unescaped(ElementTree.fromstring(document).text or "") == text.encode("utf-16", "surrogatepass").decode(
        "utf-16", "surrogatepass"
    )


@given(st.text(min_size=1, max_size=20))
def test_any_key_is_a_name_in_xml(key: str) -> None:
    name = element_name(key)
    assert unescaped(ElementTree.fromstring(f"<{name}/>".encode()).tag) == key


def tables(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    connection.row_factory = sqlite3.Row
    return {
        table: [dict(row) for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid')] for table in TABLES
    }


def check_tables(found: dict[str, list[Any]], *, nul: str) -> None:
    assert [row["name"] for row in found["customers"]] == [nul, "b"]
    assert found["customers"][0]["do_not_contact"] == 1 and found["customers"][0]["job_title"] is None
    assert [(row["kind"], row["value"], row["is_old"]) for row in found["contact_points"]] == [
        ("phone", "138 0013 8000", 0),
        ("phone", "021 5", 0),
        ("email", "a@b.cn", 0),
        ("wechat", "wx", 0),
        ("skype", "a b", 0),
        ("url", "https://a/b,c;d", 0),
        ("email", "old@b.cn", 1),
    ]
    assert found["contact_points"][1]["state"] == "wrong"
    assert [row["tag"] for row in found["tags"]] == ["a,b", "=1+1"]
    assert {row["field"]: row["value"] for row in found["custom_fields"]} == {"行业 x": "软件", "1a": "5", "": "e"}
    assert found["addresses"][0]["postal_code"] == "01067"
    assert found["relations"][0]["related_id"] == 9 and found["earlier_values"][0]["value"] == "Old"


def test_a_script_loads_into_sqlite() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(written("sql", RECORD, {"id": 8, "name": "b"}).decode())
    name = HOSTILE.replace("_x0000_", "_x005F_x0000_").replace("_x005F_;", "_x005F_x005F_;").replace("\0", "_x0000_")
    check_tables(tables(connection), nul=name)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_sqlite_file_holds_the_same(tmp_path: Any) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(written("sqlite", RECORD, {"id": 8, "name": "b"}))
    connection = sqlite3.connect(path)
    check_tables(tables(connection), nul=HOSTILE)
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_scripts_of_many_records_are_cut_into_statements() -> None:
    script = written("sql", *({"id": number, "name": "x", "tags": ["a", "b"]} for number in range(1, 1001))).decode()
    connection = sqlite3.connect(":memory:")
    connection.executescript(script)
    assert connection.execute("SELECT count(*) FROM tags").fetchone() == (2000,)
    assert max(len(part) for part in script.split(";\n")) < 40_000


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_literal_is_the_text(text: str) -> None:
    found = sqlite3.connect(":memory:").execute(f"SELECT {literal(text)}").fetchone()[0]
    assert re.sub(r"_x00(00|5F)_", lambda match: chr(int(match[1], 16)), found) == text


def properties(card: str) -> list[tuple[str, str]]:
    unfolded = re.sub("\r\n[ \t]", "", card)
    return [(name, value) for name, _colon, value in (line.partition(":") for line in unfolded.split("\r\n")) if name]


def plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], value)


@pytest.mark.parametrize("format_id, version", [("vcard", "4.0"), ("vcard3", "3.0")])
def test_cards(format_id: str, version: str) -> None:
    content = written(format_id, RECORD, {"id": 8, "kind": "company", "name": "博图"})
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\x00" not in content and b"\x1b" not in content
    found = properties(content.decode())
    assert [value for name, value in found if name == "VERSION"] == [version, version]
    said = dict(reversed(found))
    assert plain(said["N"]) == "张;,;三;;;" and said["N"] == "张\\;\\,;三;;;"
    assert plain(said["FN"]) == HOSTILE.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").replace(
        "\x1b", "\ufffd"
    )
    assert said["ORG"] == "博图\\n有限公司" and said["CATEGORIES"] == "a\\,b,=1+1"
    assert said["TEL;TYPE=cell;" + ("TYPE=pref" if version == "3.0" else "PREF=1")] == "138 0013 8000"
    assert said["item1.TEL;X-CRMTUI-STATE=wrong"] == "021 5" and said["item1.X-ABLabel"] == "前台"
    assert said["X-WECHAT"] == "wx" and said["IMPP;X-SERVICE-TYPE=skype"] == "skype:a%20b"
    assert said["ADR;TYPE=home"] == ";;A\\;B;上海;;01067;CN" and said["URL"] == "https://a/b,c;d"
    assert said["BDAY"] == ("1990-05-03" if version == "3.0" else "19900503")
    assert said['X-CRMTUI-CUSTOM;X-KEY="行业 x"'] == "软件" and said["X-CRMTUI-DO-NOT-CONTACT"] == "true"
    assert ("KIND", "org") in found or ("X-ABShowAs", "COMPANY") in found
    assert said["UID" if version == "3.0" else "UID;VALUE=text"] == "crmtui-7"


@given(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=200))
def test_folding_can_be_undone_and_cuts_no_character(line: str) -> None:
    pieces = folded(line).removesuffix(b"\r\n").split(b"\r\n ")
    assert all(piece.decode() is not None for piece in pieces)
    assert b"".join(pieces).decode() == line
    assert all(len(piece) <= 75 - (at > 0) for at, piece in enumerate(pieces))


def test_markdown_is_one_table() -> None:
    columns = [Column("a", "A|b"), Column("n", "N", "number")]
    text = written("markdown", [HOSTILE, 5], [None, "x"], columns=columns).decode()
    lines = text.splitlines()
    assert lines[:2] == ["| A\\|b | N |", "| --- | ---: |"] and len(lines) == 4
    assert all(re.sub(r"\\.", "", line).count("|") == 3 for line in lines)
    assert "\x1b" not in text and "\u202e" not in text and "<br>" in lines[2] and "\\<&" not in lines[2]


@given(st.text())
def test_a_cell_of_markdown_stays_in_its_line(text: str) -> None:
    cell = escape_markdown(text)
    assert len(cell.splitlines()) <= 1 and "|" not in re.sub(r"\\.", "", cell)
