"""``point``, ``relate`` and ``field``: what they print, what they change, what they refuse."""

import pytest
from calling import Run


def test_contact_points_are_listed_and_changed(two: Run) -> None:
    assert two("point", "add", "1", "email", "z@example.com", "--label", "work").code == 0
    assert two("point", "add", "1", "whatsapp", "+86 138").code == 0
    listed = two("point", "1", "--json").json
    assert [(each["kind"], each["value"], each["label"], each["primary"]) for each in listed] == [
        ("phone", "+86 138 1234 5678", None, True),
        ("email", "z@example.com", "work", True),
        ("whatsapp", "+86 138", None, True),
    ]
    phone = str(listed[0]["id"])
    assert two("point", "edit", phone, "13900001111", "--keep-old").code == 0
    assert two("find", "13812345678", "--json").json[0]["id"] == 1
    assert two("point", "state", phone, "wrong").code == 0
    assert "wrong" in two("point", "list", "1").out
    assert two("point", "first", phone).code == 4
    assert two("point", "remove", phone).code == 0
    assert two("undo").code == 0
    assert two("point", "aside", phone).code == two("point", "back", phone).code == 0
    assert two("point", "edit", phone, "--label", "").code == 0


def test_relations_are_seen_from_both_sides(two: Run) -> None:
    assert two("relate", "add", "1", "manager", "2", "--note", "since May").code == 0
    found = two("relate", "2", "--json").json
    assert [(each["customer_id"], each["role"], each["note"]) for each in found] == [(1, "direct report", "since May")]
    assert "manager" in two("relate", "1").out
    assert two("relate", "remove", str(found[0]["relation_id"])).code == 0
    assert two("relate", "1").code == 1


def test_fields_are_made_used_and_taken_away(two: Run) -> None:
    assert two("field", "add", "Staff", "--type", "number", "--json").json["key"] == "custom.staff"
    assert two("field", "add", "等级", "--choice", "金,银").code == 0
    assert two("edit", "1", "custom.staff=1,200").code == 0
    assert two("find", "custom.staff:>1000", "--fields", "id", "--json").json == [{"id": 1}]
    assert two("field", "rename", "custom.staff", "People").code == 0
    assert two("field", "choices", "等级", "--choice", "金").code == 0
    assert two("field", "move", "等级", "1").code == 0
    assert [(each["label"], each["type"], each["choices"]) for each in two("field", "--json").json] == [
        ("等级", "choice", ["金"]),
        ("People", "number", []),
    ]
    assert "People" in two("field").out
    assert two("field", "remove", "staff").code == 0
    assert two("show", "1", "--json").json["custom"] == {"staff": "1200"}


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        (("point", "ad", "1"), 2, "add"),
        (("point", "add", "1"), 2, "point add ID KIND VALUE"),
        (("point", "add", "1", "emial", "x@y.example"), 4, "email"),
        (("point", "state", "1", "broken"), 4, "bounced"),
        (("point", "remove", "99"), 1, "99"),
        (("point", "remove", "x"), 2, "x"),
        (("point",), 2, "point list ID"),
        (("relate", "add", "1", "spouse"), 2, "relate add"),
        (("relate", "add", "1", "spouse", "1"), 4, "itself"),
        (("relate", "remove"), 2, "relate remove"),
        (("relate", "remove", "9"), 1, "9"),
        (("relate",), 2, "relate list"),
        (("field", "add", "Name"), 4, "Name"),
        (("field", "add"), 2, "field add"),
        (("field", "remove", "nothing"), 1, "nothing"),
        (("field", "add", "X", "--type", "nmber"), 2, "number"),
    ],
)
def test_mistakes_are_told(two: Run, line: tuple[str, ...], code: int, told: str) -> None:
    ran = two(*line)
    assert (ran.code, told in ran.err) == (code, True)
