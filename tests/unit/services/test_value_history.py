"""What a field held, and taking a value back: every kind of field, undone to the byte."""

import pytest

from crmtui.errors import NotFound, UsageError
from crmtui.services import contact_points, lookup, record
from crmtui.services.undo_history import undo_last
from crmtui.services.value_history import restore_value, value_history
from crmtui.services.workspace import Workspace
from crmtui.storage.digest import logical_digest


@pytest.fixture
def zhang(workspace: Workspace) -> int:
    values = {
        "name": "张伟",
        "phones": "13800001111",
        "emails": "a@example.com",
        "city": "上海",
        "tags": "vip",
        "size": "9",
        "company": "A",
    }
    customer = record.add_customer(workspace, values).customers[0]
    record.edit_customer(workspace, customer, {"company": "B", "custom.size": "10", "city": "北京"})
    record.edit_customer(workspace, customer, {"company": "", "tags": "", "phones": "13900002222", "custom.other": "x"})
    return customer


def past(workspace: Workspace, customer: int, key: str) -> list[tuple[str, str]]:
    return [(each.before, each.after) for each in value_history(workspace.database.writer, customer, key)]


def test_each_field_has_its_own_history(workspace: Workspace, zhang: int) -> None:
    assert past(workspace, zhang, "company") == [("B", ""), ("A", "B"), ("", "A")]
    assert past(workspace, zhang, "custom.size") == [("9", "10"), ("", "9")]
    assert past(workspace, zhang, "city") == [("上海", "北京"), ("", "上海")]
    assert past(workspace, zhang, "tags") == [("vip", ""), ("", "vip")]
    assert sorted(past(workspace, zhang, "phones")) == [("", "13800001111"), ("", "13900002222"), ("13800001111", "")]
    assert past(workspace, zhang, "emails") == [("", "a@example.com")]
    assert past(workspace, zhang, "wechat") == []


@pytest.mark.parametrize(
    ("key", "at", "before", "expected"),
    [
        ("company", 1, False, "B"),
        ("company", 1, True, "A"),
        ("company", 2, True, None),
        ("city", 0, True, "上海"),
        ("custom.size", 0, True, "9"),
        ("custom.size", 1, True, None),
    ],
)
def test_an_older_value_is_taken_back(
    workspace: Workspace, zhang: int, key: str, at: int, before: bool, expected: str | None
) -> None:
    digest = logical_digest(workspace.database.writer)
    change = value_history(workspace.database.writer, zhang, key)[at].change_id
    saved = restore_value(workspace, zhang, key, change, before=before)
    found = lookup.record(workspace, zhang)
    values = {
        "company": found["company"],
        "city": found["addresses"][0]["city"],
        "custom.size": found["custom"].get("size"),
    }
    assert values[key] == expected
    assert found["custom"]["other"] == "x"
    if saved.operation_id:
        undo_last(workspace)
    assert logical_digest(workspace.database.writer) == digest


def test_tags_and_contact_points_come_back(workspace: Workspace, zhang: int) -> None:
    writer = workspace.database.writer
    tag = value_history(writer, zhang, "tags")[0]
    restore_value(workspace, zhang, "tags", tag.change_id, before=True)
    assert lookup.record(workspace, zhang)["tags"] == ["vip"]
    restore_value(workspace, zhang, "tags", tag.change_id)
    assert lookup.record(workspace, zhang)["tags"] == []
    removed = next(each for each in value_history(writer, zhang, "phones") if each.before)
    restore_value(workspace, zhang, "phones", removed.change_id, before=True)
    assert [phone["value"] for phone in lookup.record(workspace, zhang)["phones"]] == ["13900002222", "13800001111"]
    point = contact_points.read_points(writer, zhang, "email")[0]
    contact_points.edit_point(workspace, point.id, value="b@example.com")
    restore_value(workspace, zhang, "emails", value_history(writer, zhang, "emails")[0].change_id, before=True)
    assert [email["value"] for email in lookup.record(workspace, zhang)["emails"]] == ["a@example.com"]


def test_what_cannot_be_taken_back_is_told(workspace: Workspace, zhang: int) -> None:
    change = value_history(workspace.database.writer, zhang, "city")[0].change_id
    with pytest.raises(NotFound):
        restore_value(workspace, zhang, "company", change)
    with pytest.raises(UsageError):
        restore_value(workspace, zhang, "created_at", change)
    with pytest.raises(UsageError, match="compny"):
        value_history(workspace.database.writer, zhang, "compny")
