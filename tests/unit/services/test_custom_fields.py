"""Fields of one's own: made, renamed, ordered, taken away, all undone; their values stay and are found by type."""

import pytest

from crmtui.errors import InvalidValue, NotFound
from crmtui.services import custom_fields as fields
from crmtui.services import lookup, record
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace
from crmtui.storage.digest import logical_digest


def labels(workspace: Workspace) -> list[str]:
    return [field.label for field in fields.custom_fields(workspace.database.writer)]


def test_a_field_is_part_of_the_registry_of_the_file(workspace: Workspace) -> None:
    made = fields.define_field(workspace, " Member  level ", "choice", ["gold", "银", "gold"])
    assert made.key == "member_level"
    field = fields.fields_of(workspace.database.writer)[-1]
    assert (field.key, field.label, field.type, field.choices, field.place) == (
        "member_level",
        "Member level",
        "choice",
        ("gold", "银"),
        "custom",
    )
    assert field.width > 0


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("会员等级", "会员等级"),
        ("Name of cat", "name_of_cat"),
        ("Vorname", "vorname"),
        ("Zip", "zip_2"),
        ("!!", "field"),
    ],
)
def test_a_key_can_be_asked_for(workspace: Workspace, label: str, key: str) -> None:
    assert fields.define_field(workspace, label).key == key
    customer = record.add_customer(workspace, {"name": "A", key: "x"}).customers[0]
    assert lookup.find(workspace, f"custom.{key}:x").ids == [customer]


def test_what_cannot_be_a_field_is_refused(workspace: Workspace) -> None:
    fields.define_field(workspace, "Size")
    for label, kind, choices in (
        ("", "text", []),
        ("size", "text", []),
        ("Phone", "text", []),
        ("A", "nmber", []),
        ("A", "choice", []),
        ("A", "text", ["x"]),
    ):
        with pytest.raises(InvalidValue):
            fields.define_field(workspace, label, kind, choices)
    with pytest.raises(NotFound) as told:
        fields.rename_field(workspace, "sise", "B")
    assert told.value.hint == "Did you mean size?"


def test_every_act_is_undone_and_redone_and_values_stay(workspace: Workspace) -> None:
    writer = workspace.database.writer
    customer = record.add_customer(workspace, {"name": "A", "size": "12", "colour": "red"}).customers[0]
    digests = [logical_digest(writer)]

    def done() -> None:
        digests.append(logical_digest(writer))

    fields.define_field(workspace, "Size", "number")
    done()
    fields.define_field(workspace, "Colour", "choice", ["red"])
    done()
    fields.rename_field(workspace, "size", "Größe")
    done()
    fields.move_field(workspace, "colour", 0)
    done()
    assert labels(workspace) == ["Colour", "Größe"]
    fields.set_choices(workspace, "colour", ["red", "blue"])
    done()
    assert fields.count_values(writer, "size") == 1
    fields.remove_field(workspace, "size")
    done()
    assert labels(workspace) == ["Colour"]
    assert lookup.record(workspace, customer)["custom"] == {"size": "12", "colour": "red"}
    for digest in reversed(digests[:-1]):
        undo_last(workspace)
        assert logical_digest(writer) == digest
    for digest in digests[1:]:
        redo_last(workspace)
        assert logical_digest(writer) == digest


def test_values_are_checked_by_type_and_kept(workspace: Workspace) -> None:
    fields.define_field(workspace, "Staff", "number")
    fields.define_field(workspace, "Since", "date")
    saved = record.add_customer(workspace, {"name": "A", "staff": "1,200", "since": "4 May 2026"})
    assert lookup.record(workspace, saved.customers[0])["custom"] == {"staff": "1200", "since": "2026-05-04"}
    told = record.edit_customer(workspace, saved.customers[0], {"staff": "many"})
    assert [(issue.field, issue.code) for issue in told.issues] == [("custom.staff", "not_a_number")]
    assert lookup.record(workspace, saved.customers[0])["custom"]["staff"] == "many"


def test_numbers_and_dates_of_custom_fields_are_compared_as_such(workspace: Workspace) -> None:
    ids = [
        record.add_customer(workspace, {"name": name, "staff": staff, "since": since}).customers[0]
        for name, staff, since in (("A", "9", "2020-01-01"), ("B", "120", "2999-01-01"), ("C", "many", ""))
    ]

    def found(query: str) -> list[int]:
        return lookup.find(workspace, query).ids

    assert found("custom.staff:>10") == [ids[1]]
    assert found("custom.staff:<=9") == [ids[0]]
    assert found("custom.since:>2021") == [ids[1]]
    assert found("custom.since:>90d") == [ids[0]]
    assert found("custom.since:<90d") == [ids[1]]
    assert found("custom.since:none") == [ids[2]]
    assert found("custom.staff:MANY") == [ids[2]]
    assert found("custom.staff:=MANY") == []


def test_keys_with_spaces_and_capitals_are_asked_for(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "A", "custom.Net Days": "30"}).customers[0]
    record.add_customer(workspace, {"name": "B"})
    assert lookup.find(workspace, 'custom."Net Days":30').ids == [customer]
    assert lookup.find(workspace, 'custom."net days":30').ids == []
