"""Values of custom fields: one plain text each by type; what does not fit stays as given and is told."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.custom_values import CUSTOM_TYPES, read_custom_value, read_custom_values
from crmtui.domain.fields import custom_field
from crmtui.domain.intake import read_values

if TYPE_CHECKING:
    from crmtui.domain.fields import FieldType

SIZES = custom_field("size", "Size", "choice")._replace(choices=("Small", "大"))


@pytest.mark.parametrize(
    ("kind", "text", "stored", "code"),
    [
        ("number", "1,234.50", "1234.5", ""),
        ("number", "１２", "12", ""),
        ("number", "-0.0", "-0", ""),
        ("number", "1e3", "1000", ""),
        ("number", "12,34", "12,34", "not_a_number"),
        ("number", "twelve", "twelve", "not_a_number"),
        ("number", "nan", "nan", "not_a_number"),
        ("number", "1e999999999", "1e999999999", "not_a_number"),
        ("date", "2026年3月4日", "2026-03-04", ""),
        ("date", "31.2.2026", "31.2.2026", "not_a_date"),
        ("bool", "是", "yes", ""),
        ("bool", "no", "no", ""),
        ("bool", "maybe", "maybe", "not_a_yes_no"),
        ("text", " a ", "a", ""),
        ("number", " ", "", ""),
    ],
)
def test_values_are_stored_in_one_form(kind: "FieldType", text: str, stored: str, code: str) -> None:
    assert read_custom_value(custom_field("x", "X", kind), text) == (stored, code)


def test_a_choice_is_taken_as_it_is_defined() -> None:
    assert read_custom_value(SIZES, "SMALL") == ("Small", "")
    assert read_custom_value(SIZES, "medium") == ("medium", "not_a_choice")


def test_only_defined_fields_are_read_and_problems_name_them() -> None:
    intake = read_custom_values([SIZES], read_values({"size": "medium", "custom.other": "1,000"}))
    assert intake.custom == {"size": "medium", "other": "1,000"}
    assert [(issue.field, issue.code, issue.fix) for issue in intake.issues] == [
        ("custom.size", "not_a_choice", "Small, 大")
    ]


@given(st.sampled_from(["text", "long", "number", "date", "bool", "choice", "url"]), st.text(max_size=20))
def test_what_is_stored_is_stored_again_as_it_is(kind: "FieldType", text: str) -> None:
    assert kind in CUSTOM_TYPES
    field = custom_field("x", "X", kind)
    stored, code = read_custom_value(field, text)
    assert read_custom_value(field, stored) == (stored, code)
