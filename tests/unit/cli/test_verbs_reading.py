"""find, show and call: what they print for people and for programs, and their exit codes."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from calling import Run

HOSTILE = "Eve\x1b[2J\x9b31m\u202e[/x][b]\x07<script>'; DROP TABLE customers;--"


def _has_control(text: str) -> bool:
    return any(
        (character < " " and character not in "\n\t")
        or "\x7f" <= character <= "\x9f"
        or character in "\u202e\u2066\u200b"
        for character in text
    )


@pytest.mark.parametrize(
    "query", ["张伟", "zhangwei", "zw", "138-1234-5678", "5678", "启明", "tag:vip", "stage:lead", "id:1"]
)
def test_find_finds_by_anything(two: Run, query: str) -> None:
    ran = two("find", query)
    assert ran.code == 0
    title, row = ran.out.splitlines()
    assert title.split() == ["ID", "Name", "Company", "Phone", "Stage", "Last"]
    assert row.split()[:3] == ["1", "张伟", "启明电子"]
    assert ran.err == "1 of 1\n"


def test_find_without_a_query_lists_everyone_and_says_n_of_m(two: Run) -> None:
    ran = two("find", "--limit", "1")
    assert len(ran.out.splitlines()) == 2
    assert ran.err == "1 of 2\n"


def test_find_that_finds_nothing_is_1(two: Run) -> None:
    assert two("find", "nobody")[:2] == (1, "")
    assert two("find", "nobody", "--json")[:2] == (1, "[]\n")
    assert two("find", "nobody", "--jsonl")[:2] == (1, "")
    assert two("-q", "find", "nobody") == (1, "", "")


def test_find_json_has_the_documented_keys(two: Run) -> None:
    (record,) = two("find", "ada", "--json").json
    assert list(record)[:3] == ["id", "kind", "name"]
    documented = {
        "id", "kind", "name", "given_name", "family_name", "company", "job_title", "stage", "owner", "source", "tags",
        "phones", "emails", "messaging", "urls", "addresses", "birthday", "notes", "external_ids", "custom",
        "created_at", "updated_at", "last_interaction_at",
    }  # fmt: skip
    assert documented <= set(record)
    assert record["emails"][0] | {"label": None} == {"value": "ada@example.com", "label": None, "primary": True}
    assert set(record["addresses"][0]) == {"street", "city", "region", "postal_code", "country", "label"}
    (phone,) = two("find", "张伟", "--json").json[0]["phones"]
    assert phone["e164"] == "+8613812345678"


def test_find_jsonl_and_chosen_fields(two: Run) -> None:
    ran = two("find", "--jsonl", "--fields", "name,phone,city,tag")
    assert [json.loads(line) for line in ran.out.splitlines()] == [
        {"name": "Ada Lovelace", "phones": [], "city": "London", "tags": []},
        {"name": "张伟", "phones": two("find", "张伟", "--json").json[0]["phones"], "city": None, "tags": ["vip"]},
    ] or len(ran.out.splitlines()) == 2


def test_find_csv_with_chosen_fields(two: Run) -> None:
    rows = list(csv.reader(io.StringIO(two("find", "张伟", "--csv", "--fields", "id,name,电话,tags").out)))
    assert rows == [["id", "name", "phones", "tags"], ["1", "张伟", "+86 138 1234 5678", "vip"]]


def test_find_refuses_an_unknown_field_and_tells_an_unknown_condition(two: Run) -> None:
    ran = two("find", "x", "--fields", "nmae")
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean name?" in ran.err
    ran = two("find", "stagee:lead", "张伟")
    assert ran.code == 0
    assert "“stagee” is no field" in ran.err
    assert "stage" in ran.err


@pytest.mark.parametrize(
    "query",
    ['"', "(", "AND", "O'Brien", "-", "a:b:c", "\x00", "\udce4", "*", "tag:", "%", "NEAR(a b)", "-tag:vip", "💥"],
)
def test_no_query_makes_find_fail(two: Run, query: str) -> None:
    assert two("find", query).code in (0, 1)
    assert two("find", query, "--json").code in (0, 1)


def test_find_without_a_file_is_2_with_a_hint(run: Run, tmp_path: Path) -> None:
    ran = run("find", "x")
    assert (ran.code, ran.out) == (2, "")
    assert "there is no customer file here yet" in ran.err
    assert "crmtui demo" in ran.err
    assert not (tmp_path / "work.db").exists()


def test_a_file_that_is_no_customer_file_is_2(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "x.db"
    for content in (b"", b"hello, this is text and no database at all" * 50):
        other.write_bytes(content)
        ran = run("--db", str(other), "find", "x")
        assert ran.code == 2
        assert str(other) in ran.err
        assert other.read_bytes() == content
    assert run("--db", str(tmp_path), "find", "x").code == 2


def test_a_damaged_file_is_4_with_the_way_out(two: Run, tmp_path: Path) -> None:
    two("backup")
    file = tmp_path / "work.db"
    content = bytearray(file.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    file.write_bytes(content)
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    ran = two("find", "zw")
    assert ran.code == 4
    assert "damaged" in ran.err
    assert "crmtui restore" in ran.err


def test_a_count_that_takes_too_long_is_not_waited_for(two: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "crmtui.storage.search.count"

    def count(connection: Any, _plan: object) -> int:
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        return int(connection.execute(endless).fetchone()[0])

    monkeypatch.setattr(slow, count)
    ran = two("find", "--limit", "1")
    assert (ran.code, ran.err) == (0, "the first 1 of many\n")
    assert len(ran.out.splitlines()) == 2


def test_show_prints_the_card(two: Run) -> None:
    two("log", "1", "--minutes", "8", "价格可以")
    two("task", "1", "--due", "2031-05-06 15:00", "送样品")
    two("order", "1", "¥18,200", "--number", "SO-1")
    two("deal", "1", "年度合同", "--amount", "6万", "--currency", "CNY")
    ran = two("show", "1")
    assert ran.code == 0
    for text in (
        "张伟  #1 · 启明电子",
        "+86 138 1234 5678",
        "vip",
        "lead",
        "价格可以",
        "8m",
        "送样品",
        "SO-1",
        "¥18,200",
        "¥60,000",
    ):
        assert text in ran.out
    assert two("show", "1", "2").out.count("#") >= 2


def test_show_json_has_version_and_with_all_everything(two: Run) -> None:
    two("log", "1", "hello")
    plain = two("show", "1", "--json").json
    assert plain["version"] >= 1
    assert "interactions" not in plain
    whole = two("show", "1", "--json", "--all").json
    assert [each["body"] for each in whole["interactions"]] == ["hello"]
    assert [each["name"] for each in two("show", "1", "2", "--json").json] == ["张伟", "Ada Lovelace"]
    assert len(two("show", "1", "2", "--jsonl").out.splitlines()) == 2


def test_show_of_nobody_is_1_and_of_no_id_2(two: Run) -> None:
    assert two("show", "99").code == 1
    ran = two("show", "张伟")
    assert ran.code == 2
    assert "crmtui find NAME" in ran.err


@pytest.mark.parametrize(
    "number",
    ["+86 138 1234 5678", "13812345678", "0086-138-1234-5678", "013812345678", "12345678", "１３８１２３４５６７８"],
)
def test_call_knows_the_number_in_any_form(two: Run, number: str) -> None:
    two("log", "1", "价格可以")
    ran = two("call", number)
    assert ran.code == 0
    assert "张伟  #1" in ran.out
    assert "价格可以" in ran.out
    assert "crmtui log 1" in ran.err
    assert two("call", *number.split()).code == 0


def test_call_of_a_stranger_is_1_and_of_no_number_2(two: Run) -> None:
    ran = two("call", "+44 20 7946 0000")
    assert (ran.code, ran.out) == (1, "")
    assert "nobody has the number" in ran.err
    assert two("call", "hello").code == 2
    assert [each["id"] for each in two("call", "13812345678", "--json").json] == [1]


def test_a_number_that_only_begins_alike_is_not_the_caller(two: Run) -> None:
    two("add", "Bob", "phone=+86 138 1234 56789")
    assert [each["id"] for each in two("call", "+8613812345678", "--json").json] == [1]


def test_hostile_data_adds_no_control_byte_and_json_is_exact(run: Run) -> None:
    words = ["name=" + HOSTILE, "company=" + HOSTILE, "tag=" + HOSTILE.replace(";", ""), "notes=a\nb" + HOSTILE]
    assert run("add", *words, "phone=+1 415 555 0134", "stage=" + HOSTILE, "custom.x=" + HOSTILE).code == 0
    run("log", "1", "--subject", HOSTILE, "--outcome", HOSTILE, HOSTILE)
    run("task", "1", "--due", "2031-01-01", HOSTILE)
    run("deal", "1", HOSTILE)
    run("order", "1", "5", "--number", HOSTILE)
    for line in (
        ("find", "Eve"), ("find", "Eve", "--fields", "name,tags,notes,custom.x,custom"), ("show", "1"),
        ("call", "4155550134"), ("history",), ("history", "1"), ("blame", "1", "name"), ("task",), ("undo",), ("redo",),
        ("edit", "1", "stage=lead", "--version", "99"), ("find", HOSTILE), ("show", HOSTILE), ("zz" + HOSTILE,),
        ("find", "--" + HOSTILE), ("export", "/nowhere/" + HOSTILE), ("inspect", HOSTILE),
    ):  # fmt: skip
        ran = run(*line)
        assert not _has_control(ran.out + ran.err), line
        assert ran.out or ran.err
    assert run("find", "Eve", "--json").json[0]["company"] == HOSTILE
    assert run("find", "Eve", "--json").json[0]["notes"] == "a\nb" + HOSTILE


def test_chinese_is_spoken(two: Run) -> None:
    for line in (
        ("find", "张伟"),
        ("show", "1"),
        ("call", "13812345678"),
        ("history",),
        ("--help",),
        ("find", "--help"),
    ):
        english, chinese = two(*line), two("--lang", "zh_CN", *line)
        assert chinese.code == english.code == 0
        assert "张伟" in chinese.out or "--help" in line or line == ("history",)
    assert two("--lang", "zh_CN", "find", "nobody").code == 1


def test_an_unknown_language_is_refused(two: Run) -> None:
    ran = two("--lang", "fr", "find", "x")
    assert ran.code == 2
    assert "zh_CN" in ran.err


def test_a_terminal_shows_phones_as_people_write_them(two: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from crmtui.cli import records
    from crmtui.domain.phones import show_phone

    monkeypatch.setenv("COLUMNS", "120")
    assert "+8613812345678" in two("find", "张伟").out  # what is no terminal gets the number as programs want it
    monkeypatch.setattr(sys.stdout.__class__, "isatty", lambda _stream: True, raising=False)
    assert "+86 138 1234 5678" in two("find", "张伟").out  # read in the United States
    for number in ("+8613812345678", "+862161618888", "+14155550134", "+861391", "ext 5"):
        for region in ("CN", "US", "DE"):
            e164 = number if number.startswith("+") else ""
            assert records._phones(number, region) == show_phone(e164, number, region)
