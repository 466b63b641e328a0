"""JSON and JSON Lines: records under any wrapping, exact values, and refusals that name line and reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_files import read

from crmtui.errors import FormatError, UsageError
from crmtui.formats import json_sets, text_source
from crmtui.formats.flatten import flatten
from crmtui.formats.table import MAX_COLUMNS

PEOPLE = [{"name": "Ann", "phone": "1"}, {"name": "王伟", "phone": "2"}]


def test_values_are_those_of_the_file(tmp_path: Path) -> None:
    text = '[{"a":1.10,"b":12345678901234567890123,"c":1E400,"d":true,"e":false,"f":null,"g":"x\\u738by","h":-0.0}]'
    file = read(tmp_path, text, "x.json")
    assert file.found.format == "json"
    assert file.found.columns == tuple("abcdefgh")
    assert file.records == [
        {
            "a": "1.10",
            "b": "12345678901234567890123",
            "c": "1E400",
            "d": "true",
            "e": "false",
            "g": "x王y",
            "h": "-0.0",
        }
    ]


@pytest.mark.parametrize(
    ("document", "sheet"),
    [
        (PEOPLE, None),
        ({"customers": PEOPLE}, "customers"),
        ({"total": 2, "result": {"data": {"items": PEOPLE}}}, "result.data.items"),
        ({"a.b": PEOPLE}, "a\\.b"),
        ([{"data": PEOPLE}], "data"),
        ({"orders": [{"no": 1}] * 9, "contacts": PEOPLE, "tags": [{"t": 1}] * 20}, "contacts"),
        ({"name": "an export", "customers": PEOPLE}, "customers"),
        ([["name", "phone"], ["Ann", "1"], ["王伟", "2"]], None),
        ({"columns": ["name", "phone"], "data": [["Ann", 1], ["王伟", 2]]}, "data"),
        (
            [
                {"type": "header", "version": "5.2", "comment": "Export to JSON plugin for PHPMyAdmin"},
                {"type": "database", "name": "crm"},
                {"type": "table", "name": "people", "database": "crm", "data": PEOPLE},
            ],
            "people",
        ),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("small", [True, False])
def test_records_are_found_under_any_wrapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: Any, sheet: str | None, indent: int | None, small: bool
) -> None:
    if not small:  # everything is as large as a file that is not looked at in one piece
        monkeypatch.setattr(text_source, "BLOCK", 16)
        monkeypatch.setattr(json_sets, "PROBE", 100)
    file = read(tmp_path, json.dumps(document, ensure_ascii=False, indent=indent), "x.json", as_format="json")
    assert file.found.sheet == sheet
    assert file.records == PEOPLE


@pytest.mark.parametrize(
    ("document", "sheet", "key"),
    [
        ({"1001": {"name": "Ann"}, "1002": {"name": "Bob"}}, "{}", "id"),
        ({"users": {"u1": {"name": "Ann", "id": 7}, "u2": {"name": "Bob"}}}, "users{}", "key"),
        ({"Ann": {"name": "Ann", "id": 7, "key": 1}, "Bob": {"name": "Bob", "id": 8, "key": 1}}, "{}", "(key)"),
    ],
)
def test_objects_by_their_keys(tmp_path: Path, document: Any, sheet: str, key: str) -> None:
    file = read(tmp_path, json.dumps(document), "x.json")
    assert file.found.sheet == sheet
    assert file.found.columns[0] == key
    assert [record["name"] for record in file.records] == ["Ann", "Bob"]
    assert all(record[key] for record in file.records)


@pytest.mark.parametrize(
    "document",
    [
        {"name": "Ann", "phones": [{"v": "1"}, {"v": "2"}]},
        {"name": "Ann", "notes": [{"text": "1"}, {"text": "2"}]},
        {"billing": {"city": "A", "street": "B"}, "shipping": {"city": "C", "street": "D"}},
        {"customer": {"name": "Ann", "emails": ["a@example.com"]}},
    ],
)
def test_a_single_object_is_one_record(tmp_path: Path, document: dict[str, Any]) -> None:
    file = read(tmp_path, json.dumps(document), "x.json")
    assert file.records == [flatten(document)]


def test_several_sets_are_sheets(tmp_path: Path) -> None:
    text = json.dumps({"customers": PEOPLE, "orders": [{"no": "1"}, {"no": "2"}, {"no": "3"}]})
    file = read(tmp_path, text, "x.json")
    assert [(sheet.name, sheet.rows) for sheet in file.found.sheets] == [("customers", 2), ("orders", 3)]
    assert "other_sheets" in file.notes
    assert read(tmp_path, text, "x.json", sheet="orders").records == [{"no": "1"}, {"no": "2"}, {"no": "3"}]
    assert read(tmp_path, text, "x.json", sheet="2").found.sheet == "orders"
    with pytest.raises(UsageError, match="no sheet"):
        read(tmp_path, text, "x.json", sheet="nobody")


def test_lines_and_numbers(tmp_path: Path) -> None:
    assert read(tmp_path, '[\n{"a":"1"},\n\n{"a":\n"2"},{"a":"3"}]', "x.json").lines == [2, 4, 5]
    assert read(tmp_path, '[{"a":"1"},{"a":"2"},{"a":"3"}]', "x.json").lines == [1, 2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    people = [{"姓名": "王伟", "城市": "北京"}, {"姓名": "李娜", "城市": "深圳"}]
    if name == "x.json":
        text = json.dumps(people, ensure_ascii=False)
    else:
        text = "\r\n".join(json.dumps(each, ensure_ascii=False) for each in people)
    file = read(tmp_path, text.encode(encoding), name)
    assert file.found.format == name[2:]
    assert file.records == people


def test_bad_lines_of_json_lines_are_broken_records(tmp_path: Path) -> None:
    lines = [
        '{"name":"A"}',
        '{"name":"B",}',
        "",
        '{"name":NaN}',
        '{"name":"D","name":"E"}',
        '["x"]',
        '{"name":"F"',
        '{"name":"G"}',
    ]
    file = read(tmp_path, "\n".join(lines), "x.jsonl")
    assert file.records == [{"name": "A"}, {"name": "G"}]
    assert file.lines == [1, 8]
    assert file.broken == [(2, lines[1]), (4, lines[3]), (5, lines[4]), (6, '["x"]'), (7, lines[6])]
    told = [(note.row, note.text) for note in file.found.notes if note.code == "broken_record"]
    assert [row for row, _text in told] == [2, 4, 5, 6, 7]
    assert "comma" in told[0][1] and "NaN" in told[1][1] and "twice" in told[2][1]


def test_objects_one_after_another_over_several_lines(tmp_path: Path) -> None:
    assert read(tmp_path, '{"a":"1"}\n{"a":"2"\n}\n{"a":"3"}', "x.json").records == [{"a": "1"}, {"a": "2"}, {"a": "3"}]
    assert read(tmp_path, '{\n"a":"1"}\n{"a":"2"\n}', "x.json").records == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ('[{"a":1},\n{"a":NaN}]', "NaN", 2),
        ('[{"a":1},\n{"a":-Infinity}]', "Infinity", 2),
        ('[{"a":1},\n{"a":1,"a":2}]', "“a” occurs twice", 2),
        ('[{"a":1},\n]', "comma after the last", 2),
        ('[{"a":1,}\n]', "comma after the last", 1),
        ('[{"a":1},\n{"a":', "ends in the middle", 2),
        ('[{"a":1},\n{"a":"', "ends in the middle", 2),
        ('[{"a":01}]', "“,” is missing", 1),
        ('[{"a":"x\ny"}]', "control character", 1),
        ('[{"a":"\\x"}]', "backslash", 1),
        ('[{"a":1}] x', "after the end", 1),
        ('[{"a":1}]\n[{"a":1}]', "after the end", 2),
        ('[{"a":' + "[" * 100_000, "nested too deep", 1),
        ("[" * 100_000, "nested too deep", 1),
        ("[]", "no records", None),
        ('{"data":[]}', "no records", None),
    ],
)
def test_refusals_name_place_and_reason(tmp_path: Path, text: str, reason: str, line: int | None) -> None:
    with pytest.raises(FormatError, match=reason) as refused:
        read(tmp_path, text, "x.json")
    assert refused.value.where == ("x.json" if line is None else f"x.json, row {line}")


def test_half_characters_and_depth_break_only_their_record(tmp_path: Path) -> None:
    deep = "[" * 70 + "1" + "]" * 70
    text = '[{"a":"\\ud800"},\n{"\\udfff":1},\n{"a":DEEP},\n{"a":"\\ud83d\\ude00"},\n7]'.replace("DEEP", deep)
    file = read(tmp_path, text, "x.json")
    assert file.records == [{"a": "😀"}]
    assert [line for line, _text in file.broken] == [1, 2, 3, 5]
    assert all(text.isascii() for _line, text in file.broken)


def test_too_many_columns_are_kept_together(tmp_path: Path) -> None:
    wide = {f"k{number}": str(number) for number in range(MAX_COLUMNS + 3)}
    file = read(tmp_path, json.dumps([wide]), "x.json")
    assert "columns_joined" in file.notes
    assert json.loads(file.records[0]["(more)"]) == {f"k{n}": str(n) for n in range(MAX_COLUMNS - 1, MAX_COLUMNS + 3)}


def test_a_record_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="longer than 16 MB"):
        read(tmp_path, '[{"a":"b"},{"a":"' + "x" * (17 << 20) + '"}]', "x.json")


@pytest.mark.parametrize("text", ['{"name":"A","photo":"%s"}', '[{"name":"A","photo":"%s"},{"name":"B"}]'])
def test_a_large_record_is_a_record(tmp_path: Path, text: str) -> None:
    file = read(tmp_path, text % ("x" * (3 << 20)), "x.json")
    assert file.records[0]["name"] == "A"
    assert len(file.records[0]["photo"]) == 3 << 20


def test_bytes_that_are_not_in_the_encoding(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"0xFF") as refused:
        read(tmp_path, b'[{"a":1},\n{"a":"\xff"}]', "x.json", encoding="utf-8")
    assert refused.value.where == "x.json, row 2"


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
documents = st.recursive(
    st.none() | st.booleans() | texts | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(texts, documents, min_size=1, max_size=4), min_size=1, max_size=5),
    st.booleans(),
    st.sampled_from([None, 1]),
    st.sampled_from([7, 64, 1 << 16]),
)
def test_whatever_is_written_is_read_back(
    tmp_path: Path, records: list[dict[str, Any]], ascii_only: bool, indent: int | None, block: int
) -> None:
    """As an array and as lines, in blocks of any size."""
    exact = json.loads(json.dumps(records), parse_int=str, parse_float=str)
    expected = [{key: cell for key, cell in flatten(record).items() if cell} for record in exact]
    expected = [record for record in expected if record]
    if not expected:
        return
    array = '{"customers":' + json.dumps(records, ensure_ascii=ascii_only, indent=indent) + "}"
    lines = "\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in records)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_source, "BLOCK", block)
        assert read(tmp_path, array, "x.json", as_format="json", encoding="utf-8").records == expected
        assert read(tmp_path, lines, "x.jsonl", as_format="jsonl", encoding="utf-8").records == expected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(['{"a":', "[", "]", "}", ",", '"x"', "1", "null", '{"', "\n", "\\", "{}", "[]"]), max_size=20
    )
)
def test_any_text_is_read_or_refused(tmp_path: Path, parts: list[str]) -> None:
    for name in ("json", "jsonl"):
        try:
            read(tmp_path, "[" + "".join(parts), "x", as_format=name)
        except FormatError as refused:
            assert refused.where
