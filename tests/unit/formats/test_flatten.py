"""Nested values as flat columns: nothing is lost, and every path can be taken apart again."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.formats.flatten import (
    MAX_DEPTH,
    OVERFLOW,
    SOFT,
    Aligner,
    ColumnUnion,
    TooDeep,
    flatten,
    segment,
    segments,
)
from crmtui.formats.table import MAX_COLUMNS

keys = st.text(alphabet="ab.\\\0e0王1", max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


def scalars(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    """Every scalar by the keys and numbers that lead to it."""
    if isinstance(value, dict):
        return {p: s for key, inner in value.items() for p, s in scalars(inner, (*path, key)).items()}
    if isinstance(value, list):
        return {p: s for number, inner in enumerate(value, 1) for p, s in scalars(inner, (*path, str(number))).items()}
    return {path: "" if value is None else str(value).lower() if isinstance(value, bool) else value}


@given(st.lists(keys, min_size=1, max_size=5))
def test_a_path_can_be_taken_apart(parts: list[str]) -> None:
    assert segments(".".join(map(segment, parts))) == parts


@given(st.dictionaries(keys, values, max_size=5))
def test_unflattening_gives_every_scalar_back(value: dict[str, Any]) -> None:
    flat = flatten(value)
    assert {tuple(segments(path)): text for path, text in flat.items()} == scalars(value)


@given(st.lists(st.dictionaries(keys, values, max_size=4), max_size=6))
def test_rows_hold_what_the_records_hold(records: list[dict[str, Any]]) -> None:
    union = ColumnUnion()
    flats = [flatten(record) for record in records]
    for flat in flats:
        union.add(flat)
    columns = union.columns()
    aligner = Aligner(columns)
    assert len(set(columns)) == len(columns)
    for flat in flats:
        row = dict(zip(columns, aligner.row(flat), strict=True)) if any(flat.values()) else {}
        assert {key: cell for key, cell in row.items() if cell} == {key: cell for key, cell in flat.items() if cell}


def test_the_contract() -> None:
    value = {
        "name": "Ann",
        "address": {"city": "Berlin"},
        "phones": [{"value": "1", "label": "home"}],
        "tags": ["x", "y"],
        "custom": {"行业": "IT", "a.b": True},
        "none": None,
        "empty": [],
        "hollow": {},
    }
    assert flatten(value) == {
        "name": "Ann",
        "address.city": "Berlin",
        "phones.1.value": "1",
        "phones.1.label": "home",
        "tags.1": "x",
        "tags.2": "y",
        "custom.行业": "IT",
        "custom.a\\.b": "true",
        "none": "",
    }


def test_what_is_nested_without_end_is_refused() -> None:
    value: Any = "x"
    for _level in range(MAX_DEPTH - 1):
        value = [value]
    assert flatten({"a": value})
    with pytest.raises(TooDeep):
        flatten({"a": [value]})


def test_what_is_beyond_the_last_column_is_kept_together() -> None:
    union = ColumnUnion()
    wide = {f"k{number}": str(number) for number in range(MAX_COLUMNS + 5)}
    union.add(wide)
    union.add({"late": "x"})
    columns = union.columns()
    assert len(columns) == MAX_COLUMNS
    assert columns[-1] == OVERFLOW
    assert [note.code for note in union.notes()] == ["columns_joined"]
    aligner = Aligner(columns)
    row = aligner.row(wide)
    assert row[:-1] == [str(number) for number in range(MAX_COLUMNS - 1)]
    assert json.loads(row[-1]) == {f"k{number}": str(number) for number in range(MAX_COLUMNS - 1, MAX_COLUMNS + 5)}
    assert json.loads(aligner.row({"late": "x"})[-1]) == {"late": "x"}


def test_exactly_as_many_columns_as_fit() -> None:
    union = ColumnUnion()
    union.add({f"k{number}": "x" for number in range(MAX_COLUMNS)})
    assert OVERFLOW not in union.columns()
    assert not union.notes()


def test_soft_numbers_show_only_where_something_is_repeated() -> None:
    union = ColumnUnion()
    first = {f"phone{SOFT}1": "1", f"phone{SOFT}1.{SOFT}@type": "home", f"name{SOFT}1": "Ann"}
    second = {f"phone{SOFT}1": "2", f"phone{SOFT}2": "3", f"{SOFT}@id": "7", f"{SOFT}@name": "x"}
    union.add(first)
    union.add(second)
    columns = union.columns()
    assert columns == ("phone.1", "phone.1.type", "name", "phone.2", "id", "@name")
    aligner = Aligner(columns)
    assert aligner.row(first) == ["1", "home", "Ann", "", "", ""]
    assert aligner.row(second) == ["2", "", "", "3", "7", "x"]
