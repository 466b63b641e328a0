"""Contact points: one of each kind comes first, never one that does not work; every act is undone to the byte."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtui.errors import InvalidValue, NotFound
from crmtui.services import contact_points as points
from crmtui.services import lookup, record
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace
from crmtui.storage.customers import list_rows
from crmtui.storage.derived import compute
from crmtui.storage.digest import logical_digest


@pytest.fixture
def zhang(workspace: Workspace) -> int:
    values = {"name": "张伟", "phones": "13800001111; 13900002222", "emails": "a@example.com"}
    return record.add_customer(workspace, values).customers[0]


def shown(workspace: Workspace, customer: int, kind: str = "phone") -> list[tuple[str, bool, str, bool]]:
    found = points.read_points(workspace.database.writer, customer, kind)
    return [(each.value, each.primary, each.state, each.alternate) for each in found]


def listed(workspace: Workspace, customer: int) -> str | None:
    return list_rows(workspace.database.writer, [customer])[customer].phone


def point(workspace: Workspace, customer: int, value: str) -> int:
    return next(each.id for each in points.read_points(workspace.database.writer, customer) if each.value == value)


def test_a_wrong_number_never_comes_first_and_is_still_found(workspace: Workspace, zhang: int) -> None:
    points.set_state(workspace, point(workspace, zhang, "13800001111"), "wrong")
    assert shown(workspace, zhang) == [("13900002222", True, "ok", False), ("13800001111", False, "wrong", False)]
    assert listed(workspace, zhang) == "+8613900002222"
    assert lookup.find(workspace, "13800001111").ids == [zhang]
    points.set_state(workspace, point(workspace, zhang, "13900002222"), "bounced")
    assert [first for _value, first, _state, _old in shown(workspace, zhang)] == [False, False]
    assert listed(workspace, zhang) is None
    with pytest.raises(InvalidValue):
        points.make_first(workspace, point(workspace, zhang, "13800001111"))
    points.set_state(workspace, point(workspace, zhang, "13800001111"), "ok")
    assert listed(workspace, zhang) == "+8613800001111"


def test_an_old_value_stays_searchable(workspace: Workspace, zhang: int) -> None:
    points.edit_point(workspace, point(workspace, zhang, "13800001111"), value="13700003333", keep_old=True)
    assert shown(workspace, zhang) == [
        ("13700003333", True, "ok", False),
        ("13900002222", False, "ok", False),
        ("13800001111", False, "ok", True),
    ]
    assert lookup.find(workspace, "13800001111").ids == [zhang]
    assert [phone["value"] for phone in lookup.record(workspace, zhang)["phones"]] == ["13700003333", "13900002222"]
    points.add_point(workspace, zhang, "phone", "138 0000 1111", first=True)
    assert shown(workspace, zhang)[0] == ("13800001111", True, "ok", False)


def test_adding_reads_the_value_as_its_kind(workspace: Workspace, zhang: int) -> None:
    saved = points.add_point(workspace, zhang, "phone", "021-6512 3456", label="work")
    assert saved.issues == ()
    assert points.add_point(workspace, zhang, "phone", "+86 138 0000 1111").operation_id == 0
    assert [issue.code for issue in points.add_point(workspace, zhang, "email", "not mail").issues] == ["not_an_email"]
    points.add_point(workspace, zhang, "wechat", "zw88")
    points.add_point(workspace, zhang, "signal", "zw.1")
    points.add_point(workspace, zhang, "url", "https://example.com/a")
    found = lookup.record(workspace, zhang)
    assert [(phone["value"], phone["label"]) for phone in found["phones"]][-1] == ("021-6512 3456", "work")
    assert found["messaging"] == [{"kind": "wechat", "value": "zw88"}, {"kind": "signal", "value": "zw.1"}]
    assert found["urls"] == ["https://example.com/a"]


@pytest.mark.parametrize(("kind", "value"), [("phne", "1"), ("phone", " "), ("phone", "13800001111; 13900002222")])
def test_what_is_no_contact_point_is_refused(workspace: Workspace, zhang: int, kind: str, value: str) -> None:
    with pytest.raises(InvalidValue):
        points.add_point(workspace, zhang, kind, value)


def test_what_is_gone_is_told(workspace: Workspace, zhang: int) -> None:
    with pytest.raises(NotFound):
        points.add_point(workspace, 99, "phone", "13800001111")
    for act in (points.remove_point, points.make_first, points.set_alternate):
        with pytest.raises(NotFound):
            act(workspace, 99)
    with pytest.raises(InvalidValue):
        points.set_state(workspace, point(workspace, zhang, "13800001111"), "broken")


def test_points_are_put_in_any_order(workspace: Workspace, zhang: int) -> None:
    points.add_point(workspace, zhang, "phone", "13700003333", label="home")
    ids = [each.id for each in points.read_points(workspace.database.writer, zhang, "phone")]
    before = logical_digest(workspace.database.writer)
    points.reorder_points(workspace, zhang, ids[::-1])
    assert [value for value, *_rest in shown(workspace, zhang)] == ["13700003333", "13900002222", "13800001111"]
    undo_last(workspace)
    assert logical_digest(workspace.database.writer) == before
    for wrong in ([], ids[:2], [*ids, point(workspace, zhang, "a@example.com")], [ids[0], *ids]):
        with pytest.raises(InvalidValue):
            points.reorder_points(workspace, zhang, wrong)


def test_a_label_is_set_and_cleared(workspace: Workspace, zhang: int) -> None:
    row = point(workspace, zhang, "13800001111")
    points.edit_point(workspace, row, label="work")
    found = points.read_point(workspace.database.writer, row)
    assert found is not None and found.label == "work"
    points.edit_point(workspace, row, label=" ")
    found = points.read_point(workspace.database.writer, row)
    assert found is not None and found.label is None


steps = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 5), st.sampled_from(["ok", "bounced", "wrong"])), max_size=8
)


@given(steps)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_acts_leave_one_first_that_works_and_are_undone_and_redone(
    workspace: Workspace, given_steps: list[tuple[int, int, str]]
) -> None:
    values = {"name": "Li", "phones": "13800001111; 13900002222; 13700003333"}
    customer = record.add_customer(workspace, values).customers[0]
    writer = workspace.database.writer
    digests = [logical_digest(writer)]
    for number, (step, at, state) in enumerate(given_steps):
        found = points.read_points(writer, customer, "phone")
        chosen = found[at % len(found)].id if found else 0
        acts: list[Callable[[], record.Saved]] = [
            lambda number=number: points.add_point(workspace, customer, "phone", f"1360000{number:04d}"),  # type: ignore[misc]
            lambda chosen=chosen, state=state: points.set_state(workspace, chosen, state),  # type: ignore[misc]
            lambda chosen=chosen, at=at: points.set_alternate(workspace, chosen, alternate=at % 2 == 0),  # type: ignore[misc]
            lambda chosen=chosen: points.remove_point(workspace, chosen),  # type: ignore[misc]
            lambda chosen=chosen: points.make_first(workspace, chosen),  # type: ignore[misc]
            lambda chosen=chosen, at=at: points.edit_point(workspace, chosen, value=f"1350000000{at}", keep_old=True),  # type: ignore[misc]
            lambda found=found: points.reorder_points(  # type: ignore[misc]
                workspace, customer, [each.id for each in reversed(found) if not each.alternate]
            ),
        ]
        try:
            changed = acts[step]().operation_id
        except (InvalidValue, NotFound):
            changed = 0
        usable = [
            each for each in points.read_points(writer, customer, "phone") if each.state == "ok" and not each.alternate
        ]
        assert [each.primary for each in usable] == [True] + [False] * (len(usable) - 1) if usable else True
        computed = compute(writer, [customer])[0]
        assert computed.stored == computed.fresh
        if changed:
            digests.append(logical_digest(writer))
    for digest in reversed(digests[:-1]):
        undo_last(workspace)
        assert logical_digest(writer) == digest
    for digest in digests[1:]:
        redo_last(workspace)
        assert logical_digest(writer) == digest
