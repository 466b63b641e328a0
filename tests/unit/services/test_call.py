"""Who is calling: the number in any form, its end, nearly the same, nobody; and the call as one operation."""

import pytest

from crmtui.errors import InvalidValue, NotFound
from crmtui.services import record
from crmtui.services.call import (
    NextStep,
    call_card,
    log_call,
    log_new_caller,
    outcome_label,
    read_outcome,
    who_is,
)
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace
from crmtui.storage import activities
from crmtui.storage.digest import logical_digest


def add(workspace: Workspace, name: str, phones: str) -> int:
    return record.add_customer(workspace, {"name": name, "phones": phones}).customers[0]


@pytest.fixture
def wei(workspace: Workspace) -> int:
    return add(workspace, "张伟", "+86 138 1234 5678; 021-5555 0101")


def ask(workspace: Workspace, number: str, region: str = "CN") -> tuple[str, list[int]]:
    caller = who_is(workspace.database.writer, number, region)
    return caller.match, [owner.customer_id for owner in caller.people]


@pytest.mark.parametrize(
    "number",
    [
        "13812345678",
        "138-1234-5678",
        "+8613812345678",
        "0086 138 1234 5678",
        "013812345678",
        "１３８１２３４５６７８",
        "8613812345678",
        "手机 13812345678",
        "02155550101",
        "(021) 5555-0101",
        "+86 21 5555 0101",
    ],
)
def test_the_number_in_any_form(workspace: Workspace, wei: int, number: str) -> None:
    assert ask(workspace, number) == ("exact", [wei])


@pytest.mark.parametrize("number", ["12345678", "5678", "55550101", "678"])
def test_the_end_of_a_number(workspace: Workspace, wei: int, number: str) -> None:
    assert ask(workspace, number) == ("ending", [wei])


def test_a_number_in_the_form_of_another_country(workspace: Workspace) -> None:
    london = add(workspace, "Ann", "+44 20 7946 0000")
    local = add(workspace, "Shop", "5555 0199")  # without area code: kept as it is
    assert ask(workspace, "020 7946 0000", "GB") == ("exact", [london])
    add(workspace, "Guangzhou", "+86 20 7946 0000")
    assert ask(workspace, "020 7946 0000", "GB") == ("exact", [london])
    assert ask(workspace, "020 7946 0000", "CN") == ("exact", [local + 1])
    assert ask(workspace, "021 5555 0199", "CN") == ("ending", [local])


@pytest.mark.parametrize("number", ["13812345679", "13812345687", "1381234567", "138123456788", "13912345678"])
def test_nearly_the_same_number_is_told_but_is_no_answer(workspace: Workspace, wei: int, number: str) -> None:
    assert ask(workspace, number) == ("near", [wei])


@pytest.mark.parametrize("number", ["13500001111", "+1 212 555 0000", "", "hello", "12", "\x00", "*138#"])
def test_nobody(workspace: Workspace, wei: int, number: str) -> None:
    caller = who_is(workspace.database.writer, number, "CN")
    assert (caller.match, caller.people) == ("unknown", [])
    assert caller.e164 == {"13500001111": "+8613500001111", "+1 212 555 0000": "+12125550000"}.get(number, "")


def test_several_have_one_number_the_archived_last(workspace: Workspace, wei: int) -> None:
    old, newer = add(workspace, "旧", "13812345678"), add(workspace, "新", "13812345678")
    record.archive(workspace, [old])
    log_call(workspace, [newer])
    assert ask(workspace, "13812345678") == ("exact", [newer, wei, old])
    workspace.database.writer.execute(
        "UPDATE contact_points SET is_alternate = 1 WHERE customer_id = ? AND value LIKE '138%'", (newer,)
    )
    assert ask(workspace, "13812345678") == ("exact", [wei, newer, old])


def test_more_than_nine_are_counted_out(workspace: Workspace) -> None:
    for number in range(11):
        add(workspace, f"n{number}", "400-820-1234")
    caller = who_is(workspace.database.writer, "4008201234", "CN")
    assert (len(caller.people), caller.more) == (9, True)


def test_a_call_with_its_next_step_is_one_operation(workspace: Workspace, wei: int) -> None:
    connection = workspace.database.writer
    before = logical_digest(connection)
    other = add(workspace, "李四", "13500000000")
    middle = logical_digest(connection)
    saved = log_call(
        workspace,
        [wei, other],
        minutes=3,
        text="价格可以",
        outcome="reached",
        next_step=NextStep("送样品", "2026-12-04T07:00:00Z"),
        at="2026-11-23T02:00:00Z",
    )
    after = logical_digest(connection)
    (entry,) = activities.interactions(connection, other)
    assert (entry.kind, entry.minutes, entry.outcome, entry.direction, entry.at) == (
        "call",
        3,
        "reached",
        "in",
        "2026-11-23T02:00:00Z",
    )
    card = call_card(connection, wei)
    assert card is not None and card.next_task is not None and card.last is not None
    assert (card.name, card.last.text, card.next_task.text, card.next_task.owner) == (
        "张伟",
        "价格可以",
        "送样品",
        "ann",
    )
    assert saved.customers == (wei, other)
    undo_last(workspace)
    assert logical_digest(connection) == middle
    redo_last(workspace)
    assert logical_digest(connection) == after != before


def test_a_new_caller_is_added_and_logged_in_one_operation(workspace: Workspace) -> None:
    connection = workspace.database.writer
    before = logical_digest(connection)
    saved = log_new_caller(workspace, " 王五 ", "135 0000 1111", minutes=1, text="问价", next_step=NextStep("报价"))
    assert ask(workspace, "13500001111") == ("exact", list(saved.customers))
    assert len(activities.tasks(connection, saved.customers[0])) == 1
    undo_last(workspace)
    assert logical_digest(connection) == before
    with pytest.raises(InvalidValue):
        log_new_caller(workspace, "  ", "13500001111")


def test_a_customer_who_is_gone_is_told(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        log_call(workspace, [99])
    assert call_card(workspace.database.writer, 99) is None


def test_outcomes_are_keys_or_any_text() -> None:
    assert [read_outcome(text) for text in ("no answer", "No_Answer", "busy", " asks his boss ")] == [
        "no_answer",
        "no_answer",
        "busy",
        "asks his boss",
    ]
    assert [outcome_label(text) for text in ("voicemail", "有意向", None)] == ["voicemail", "有意向", ""]
