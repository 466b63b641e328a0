"""Many customers as text: nothing changes unless it was typed, three versions are kept apart, and all of it is one undoable operation."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtui.domain.customer_text import TextCustomer, TextEdit
from crmtui.errors import Conflict, InvalidValue, UsageError
from crmtui.services import contact_points, edit_as_text, lookup, record
from crmtui.services.custom_fields import define_field
from crmtui.services.edit_as_text import apply, conflicts_of, parse, read_for_text, render
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace
from crmtui.storage.digest import logical_digest


@pytest.fixture
def three(workspace: Workspace) -> list[int]:
    define_field(workspace, "Size", "number")
    values = (
        {
            "name": "张伟",
            "phones": "13800001111; 13900002222 work",
            "wechat": "zw",
            "messaging": "signal:zw.1",
            "tags": "vip, a",
            "notes": "x\n\ny",
        },
        {
            "name": "Ana",
            "emails": "a@x.example",
            "urls": "https://x.example",
            "city": "York",
            "custom.Net Days": "30",
            "size": "9",
        },
        {"name": "Acme", "kind": "company", "do_not_contact": "yes"},
    )
    return [record.add_customer(workspace, each).customers[0] for each in values]


def typed(workspace: Workspace, ids: list[int], *changes: tuple[str, str]) -> list[TextEdit]:
    original = read_for_text(workspace.database.writer, ids)
    text = render(original)
    for before, after in changes:
        assert before in text, text
        text = text.replace(before, after, 1)
    found = parse(text, original)
    assert all(isinstance(each, TextEdit) for each in found), found
    return [each for each in found if isinstance(each, TextEdit)]


def test_a_text_that_is_not_touched_changes_nothing(workspace: Workspace, three: list[int]) -> None:
    assert typed(workspace, three) == []
    assert apply(workspace, []).operation_id == 0


def test_changes_of_many_are_one_operation(workspace: Workspace, three: list[int]) -> None:
    zhang, ana, acme = three
    before = logical_digest(workspace.database.writer)
    edits = typed(
        workspace,
        three,
        ("  - 13800001111\n", ""),
        ("  - 13900002222 [work]", "  - 13900002222 [home]\n  - 021 6512 3456"),
        ("  - signal:zw.1", "  - telegram:zw"),
        ("tags: vip, a", "tags: a, b"),
        ("city: York", "city: Rome"),
        ("custom.size: 9", "custom.size: 1,000"),
        ("custom.Net Days: 30", "custom.Net Days:"),
        ("do_not_contact: yes", "do_not_contact: no"),
        ("name: Acme", "name: Acme Ltd"),
    )
    saved = apply(workspace, edits)
    assert (sorted(saved.customers), saved.issues) == (three, ())
    found = lookup.record(workspace, zhang)
    assert [(each["value"], each["label"], each["primary"]) for each in found["phones"]] == [
        ("13900002222", "home", True),
        ("021 6512 3456", None, False),
    ]
    assert (found["tags"], found["messaging"]) == (
        ["a", "b"],
        [{"kind": "wechat", "value": "zw"}, {"kind": "telegram", "value": "zw"}],
    )
    assert found["notes"] == "x\n\ny"
    found = lookup.record(workspace, ana)
    assert (found["addresses"][0]["city"], found["custom"]) == ("Rome", {"size": "1000"})
    found = lookup.record(workspace, acme)
    assert (found["name"], found["do_not_contact"]) == ("Acme Ltd", False)
    after = logical_digest(workspace.database.writer)
    undo_last(workspace)
    assert logical_digest(workspace.database.writer) == before
    redo_last(workspace)
    assert logical_digest(workspace.database.writer) == after


def test_states_and_alternates_survive_an_edit_and_the_order_counts(workspace: Workspace, three: list[int]) -> None:
    zhang = three[0]
    points = contact_points.read_points(workspace.database.writer, zhang, "phone")
    contact_points.set_state(workspace, points[0].id, "wrong")
    edits = typed(
        workspace,
        [zhang],
        ("  - 13900002222 [work]\n", ""),
        ("  - 13800001111", "  - 13800001111\n  - 13900002222 [work]"),
    )
    apply(workspace, edits)
    after = contact_points.read_points(workspace.database.writer, zhang, "phone")
    assert [(each.value, each.state, each.primary) for each in after] == [
        ("13900002222", "ok", True),
        ("13800001111", "wrong", False),
    ]


def test_three_versions_are_kept_apart(workspace: Workspace, three: list[int]) -> None:
    zhang, ana, _acme = three
    edits = typed(
        workspace, three, ("city: York", "city: Rome"), ("stage:", "stage: lead"), ("tags: vip, a", "tags: vip")
    )
    record.edit_customer(workspace, ana, {"city": "Oslo", "job_title": "Dr"})
    record.edit_customer(workspace, zhang, {"stage": "lead", "notes": "theirs"})
    conflicts = conflicts_of(workspace.database.writer, edits)
    assert [(each.customer_id, each.field, each.base, each.theirs, each.mine) for each in conflicts] == [
        (ana, "city", "York", "Oslo", "Rome")
    ]
    before = logical_digest(workspace.database.writer)
    with pytest.raises(Conflict):
        apply(workspace, edits)
    assert logical_digest(workspace.database.writer) == before
    apply(workspace, edits, {(ana, "city"): "theirs"})
    assert lookup.record(workspace, ana)["addresses"][0]["city"] == "Oslo"
    found = lookup.record(workspace, zhang)
    assert (found["tags"], found["stage"], found["notes"]) == (["vip"], "lead", "theirs")
    undo_last(workspace)
    apply(workspace, edits, {(ana, "city"): "mine"})
    found = lookup.record(workspace, ana)
    assert (found["addresses"][0]["city"], found["job_title"]) == ("Rome", "Dr")


def test_a_customer_that_is_gone_is_left_out_when_the_person_agrees(workspace: Workspace, three: list[int]) -> None:
    edits = typed(workspace, three, ("city: York", "city: Rome"), ("tags: vip, a", "tags: vip"))
    record.delete(workspace, [three[1]])
    assert [(each.customer_id, each.field) for each in conflicts_of(workspace.database.writer, edits)] == [
        (three[1], "")
    ]
    with pytest.raises(Conflict):
        apply(workspace, edits, {(three[1], ""): "mine"})
    assert apply(workspace, edits, {(three[1], ""): "theirs"}).customers == (three[0],)


def test_values_that_do_not_fit_are_kept_and_told(workspace: Workspace, three: list[int]) -> None:
    saved = apply(
        workspace, typed(workspace, three, ("custom.size: 9", "custom.size: many"), ("  - a@x.example", "  - not mail"))
    )
    assert sorted((issue.field, issue.code) for issue in saved.issues) == [
        ("custom.size", "not_a_number"),
        ("emails", "not_an_email"),
    ]
    assert [each["value"] for each in lookup.record(workspace, three[1])["emails"]] == ["not mail"]


def test_a_name_cannot_be_taken_away(workspace: Workspace, three: list[int]) -> None:
    for key, base, value in (("name", "张伟", ""), ("kind", "person", ""), ("notes", "x\n\ny", "x" * 1_000_001)):
        edit = TextEdit(TextCustomer(three[0], 1, "张伟", {key: base}), {key: value})
        with pytest.raises(InvalidValue):
            apply(workspace, [edit])


def test_too_many_are_no_text(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, three: list[int]) -> None:
    monkeypatch.setattr(edit_as_text, "MOST", 2)
    with pytest.raises(UsageError):
        read_for_text(workspace.database.writer, three)


hostile = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)


@given(
    st.dictionaries(
        st.sampled_from(["name", "notes", "company", "phones", "emails", "wechat", "tags", "city", "custom.x: y"]),
        hostile,
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_customer_comes_back_unchanged_and_any_edit_is_undone(workspace: Workspace, values: dict[str, str]) -> None:
    writer = workspace.database.writer
    first = record.add_customer(workspace, {"name": "A"}).customers[0]
    try:
        other = record.add_customer(workspace, {"name": "B", **values}).customers[0]
    except InvalidValue:
        return
    assert typed(workspace, [first, other]) == []
    # Give the first one everything the other one has, through the text.
    original = read_for_text(writer, [first, other])
    wanted = {key: value for key, value in original[1].values.items() if value != original[0].values.get(key, "")}
    before = logical_digest(writer)
    text = render([original[0]._replace(values={**original[0].values, **wanted})])
    found = parse(text, original)
    edits = [each for each in found if isinstance(each, TextEdit)]
    assert len(edits) == len(found)
    if apply(workspace, edits).operation_id:
        undo_last(workspace)
    assert logical_digest(writer) == before
