"""Merging: what stays, that nothing is lost, and that every merge can be taken back at any time."""

import pytest

from crmtui.errors import ConfigError, NotFound, UsageError
from crmtui.services import activity, record
from crmtui.services.duplicates.deciding import decide
from crmtui.services.duplicates.rules import MergeRules, read_rules
from crmtui.services.duplicates.scan import scan
from crmtui.services.lookup import find
from crmtui.services.lookup import record as look_up
from crmtui.services.merge import merge, merge_many, plan_bulk, preview, unmerge
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import duplicates as store
from crmtui.storage import undo
from crmtui.storage.activities import interactions, transactions
from crmtui.storage.checks import foreign_key_faults
from crmtui.storage.digest import logical_digest


def add(workspace: Workspace, name: str, **values: str) -> int:
    return record.add_customer(workspace, {"name": name, **values}).customers[0]


def two(workspace: Workspace) -> tuple[int, int]:
    first = add(
        workspace, "Zhang Wei", phones="13800138000", emails="zw@hengda.cn", tags="a", stage="lead", notes="one"
    )
    second = add(
        workspace, "张伟", phones="+86 138-0013-8000; 021-61618888", emails="other@hengda.cn", tags="a, b", city="上海",
        stage="customer", notes="two", do_not_contact="yes", external_ids="crm:7", job_title="总经理", wechat="zw_88",
    )  # fmt: skip
    activity.log_interaction(workspace, [second], text="hello")
    activity.add_transaction(workspace, second, amount=500, number="SO-1")
    activity.add_deal(workspace, second, "more")
    activity.add_task(workspace, [second], "ring")
    return first, second


def test_nothing_is_lost_and_the_rules_decide(workspace: Workspace) -> None:
    first, second = two(workspace)
    merge(workspace, first, [second])
    merged = look_up(workspace, first)
    assert merged["name"] == "张伟" and merged["family_name"] == "张"
    assert merged["do_not_contact"]
    assert merged["notes"] == "one\n\ntwo"
    assert merged["job_title"] == "总经理"
    assert merged["stage"] in ("lead", "customer")
    assert {phone["e164"] for phone in merged["phones"]} == {"+8613800138000", "+862161618888"}
    assert {email["value"] for email in merged["emails"]} == {"zw@hengda.cn", "other@hengda.cn"}
    assert merged["tags"] == ["a", "b"]
    assert merged["external_ids"] == {"crm": "7"}
    assert merged["messaging"] == [{"kind": "wechat", "value": "zw_88"}]
    assert [address["city"] for address in merged["addresses"]] == ["上海"]
    connection = workspace.database.writer
    assert [each.body or each.subject for each in interactions(connection, first, -1)] == ["hello"]
    assert [each.number for each in transactions(connection, first)] == ["SO-1"]
    for table in ("deals", "tasks"):
        assert connection.execute(f"SELECT customer_id FROM {table}").fetchall() == [(first,)]
    assert foreign_key_faults(connection) == []


def test_what_lost_is_still_found_and_the_old_id_leads_to_the_survivor(workspace: Workspace) -> None:
    first, second = two(workspace)
    merge(workspace, second, [first])
    assert find(workspace, "zhang wei").ids == [second]
    assert look_up(workspace, first)["id"] == second
    third = add(workspace, "张伟", phones="13900139000")
    merge(workspace, third, [second])
    assert look_up(workspace, first)["id"] == look_up(workspace, second)["id"] == third


def test_a_blank_never_wins_and_a_choice_does(workspace: Workspace) -> None:
    first = add(workspace, "Ann Lee", job_title="buyer", company="Acme")
    second = add(workspace, "Ann Lee", company="")
    told = preview(workspace, first, [second])
    assert told.choices["job_title"].reason == "only"
    third = add(workspace, "Ann Lee", job_title="head buyer", company="Acme Foods Ltd")
    told = preview(workspace, first, [second, third], {"job_title": first})
    assert (told.choices["job_title"].value, told.choices["job_title"].reason) == ("buyer", "chosen")
    assert told.choices["company"].value == "Acme Foods Ltd"
    merge(workspace, first, [second, third], {"job_title": first})
    assert look_up(workspace, first)["job_title"] == "buyer"
    assert find(workspace, "head buyer").ids == [first]


def test_a_merge_goes_back_and_forth(workspace: Workspace) -> None:
    first, second = two(workspace)
    third = add(workspace, "Eve", company="Acme")
    record.edit_customer(workspace, third, {"company": ""})
    decide(workspace, second, third, "different")
    database = workspace.database
    before = logical_digest(database.writer)
    done = merge(workspace, first, [second])
    after = logical_digest(database.writer)
    assert store.read_decision(database.writer, first, third) is not None
    back = undo.undo(database, done.operation_id, actor="ann")
    assert (back.kept, back.failed) == ([], [])
    assert logical_digest(database.writer) == before
    assert find(workspace, "SO-1").ids == [second]
    undo.redo(database, back.operation_id, actor="ann")
    assert logical_digest(database.writer) == after


def test_a_later_edit_is_kept_when_the_merge_is_undone(workspace: Workspace) -> None:
    first, second = two(workspace)
    done = merge(workspace, first, [second])
    record.edit_customer(workspace, first, {"job_title": "head"})
    back = undo.undo(workspace.database, done.operation_id, actor="ann")
    assert [(problem.table, problem.row_id) for problem in back.kept] == [("customers", first)]
    assert look_up(workspace, second)["id"] == second
    assert look_up(workspace, first)["job_title"] == "head"


def test_one_merge_of_many_is_taken_back_alone(workspace: Workspace) -> None:
    groups = []
    for number in range(4):
        values = {"phones": f"1380013800{number}", "emails": f"p{number}@example.cn"}
        groups.append((add(workspace, f"张伟{number}", **values), add(workspace, f"Zhang Wei {number}", **values)))
    one_back = logical_digest(workspace.database.writer)
    bulk = merge_many(workspace, groups)
    assert all(look_up(workspace, first)["id"] == look_up(workspace, second)["id"] for first, second in groups)
    gone = next(customer for customer in groups[2] if look_up(workspace, customer)["id"] != customer)
    result = unmerge(workspace, gone)
    assert (result.kept, result.failed) == ([], [])
    assert [look_up(workspace, customer)["id"] for customer in groups[2]] == list(groups[2])
    assert look_up(workspace, groups[1][0])["id"] == look_up(workspace, groups[1][1])["id"]
    undo.undo(workspace.database, result.operation_id, actor="ann")
    assert look_up(workspace, gone)["id"] != gone
    undo.undo(workspace.database, bulk, actor="ann")
    assert logical_digest(workspace.database.writer) == one_back


def test_bulk_takes_only_what_is_certain_and_allowed(workspace: Workspace) -> None:
    values = {"phones": "13800138000", "emails": "zw@hengda.cn"}
    first, second = add(workspace, "张伟", **values), add(workspace, "Zhang Wei", **values)
    for given in ("Hans", "Maria", "Lena", "Uwe"):
        add(workspace, f"{given} Weber", phones="+4930123456", street="Lindenweg 5", city="Berlin")
    scan(workspace)
    plan = plan_bulk(workspace)
    assert plan.groups == [(first, second)] == plan.sample
    assert 0 <= plan.error_rate < 0.05
    assert plan_bulk(workspace, MergeRules(agree=("birthday",))).groups == []
    assert merge_many(workspace, plan.groups)
    assert plan_bulk(workspace).groups == []


def test_rules_are_readable_and_mistakes_are_named() -> None:
    rules = read_rules('agree = ["family_name"]\nany = ["email", "phone"]\n', where="r.toml")
    assert rules == MergeRules(agree=("family_name",), any=("email", "phone"))
    for text in ("agree = [", 'agre = ["phone"]', 'agree = ["fone"]', "agree = 5"):
        with pytest.raises(ConfigError):
            read_rules(text, where="r.toml")


def test_bad_merges_write_nothing(workspace: Workspace) -> None:
    first, second = two(workspace)
    archived = add(workspace, "Old")
    record.archive(workspace, [archived])
    before = logical_digest(workspace.database.writer)
    for others, error in (
        ([first], UsageError),
        ([999], NotFound),
        ([archived], UsageError),
        ([], UsageError),
        ([second, second], UsageError),
    ):
        with pytest.raises(error):
            merge(workspace, first, others)
    assert logical_digest(workspace.database.writer) == before
    merge(workspace, first, [second])
    with pytest.raises(UsageError, match="merged into"):
        merge(workspace, second, [first])
    with pytest.raises(UsageError, match="merged into"):
        merge(workspace, first, [second])
    with pytest.raises(NotFound):
        unmerge(workspace, first)


@pytest.mark.parametrize("dies", [False, True])
def test_half_a_bulk_merge_is_none(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, dies: bool) -> None:
    from crmtui.services import merge as module

    monkeypatch.setattr(module, "_MOST", 1)
    if dies:
        monkeypatch.setattr(module, "recover_now", lambda _database: [])
    groups = [(add(workspace, f"张伟{sign}"), add(workspace, f"Zhang Wei {sign}")) for sign in "甲乙丙"]
    before = logical_digest(workspace.database.writer)

    def fail(done: int, _total: int) -> None:
        if done == 2:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        merge_many(workspace, groups, progress=fail)
    if dies:
        assert logical_digest(workspace.database.writer) != before
        with open_workspace(workspace.database.path, actor="bob") as again:
            assert logical_digest(again.database.writer) == before
    assert logical_digest(workspace.database.writer) == before
    assert all(look_up(workspace, customer)["id"] == customer for group in groups for customer in group)
