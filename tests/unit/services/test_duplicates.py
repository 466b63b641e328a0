"""Scanning, listing, explaining and deciding, over a database."""

import pytest

from crmtui.errors import NotFound, UsageError
from crmtui.services import record
from crmtui.services.duplicates import deciding, listing
from crmtui.services.duplicates.scan import scan
from crmtui.services.workspace import Workspace
from crmtui.storage import duplicates as store
from crmtui.storage import undo
from crmtui.storage.digest import logical_digest


def add(workspace: Workspace, name: str, **values: str) -> int:
    return record.add_customer(workspace, {"name": name, **values}).customers[0]


def fill(workspace: Workspace) -> tuple[int, int]:
    """A file with one certain pair, a household and an office; the ids of the pair."""
    first = add(workspace, "张伟", phones="13800138000", emails="zw@hengda.cn", city="上海", company="恒达公司")
    second = add(workspace, "Zhang Wei", phones="+86 138-0013-8000", emails="ZW@hengda.cn", city="Shanghai")
    for given in ("Hans", "Maria", "Lena"):
        add(workspace, f"{given} Weber", phones="+4930123456", street="Lindenweg 5", city="Berlin", postal_code="10115")
    for name in ("李娜", "王强", "刘洋"):
        add(
            workspace,
            name,
            phones="021-61618888",
            emails="info@hengtai.cn",
            company="恒泰贸易有限公司",
            street="南京路100号",
        )
    return first, second


def pairs(workspace: Workspace) -> set[tuple[int, int, str]]:
    return {(each.a_id, each.b_id, each.level) for each in store.all_pairs(workspace.database.writer)}


def proposed(workspace: Workspace) -> set[tuple[int, int]]:
    return {(each.a_id, each.b_id) for each in listing.found(workspace, levels=("certain", "likely"))}


def test_a_scan_finds_the_pair_and_no_trap(workspace: Workspace) -> None:
    pair = fill(workspace)
    result = scan(workspace)
    assert result.full and result.scanned == 8 and not result.stopped
    assert proposed(workspace) == {pair}
    (found,) = listing.found(workspace, levels=("certain", "likely"))
    assert found.score > 99
    assert any("Phone" in reason for reason in found.reasons)


def test_the_second_scan_looks_only_at_what_changed(workspace: Workspace) -> None:
    fill(workspace)
    scan(workspace)
    assert scan(workspace).scanned == 0
    changed = add(workspace, "Anna Weber", phones="+4930123456")
    record.change_tags(workspace, [changed], add=["vip"])
    assert scan(workspace).scanned == 1


def test_what_is_archived_or_removed_is_not_proposed(workspace: Workspace) -> None:
    first, second = fill(workspace)
    scan(workspace)
    archived = record.archive(workspace, [second]).operation_id
    assert proposed(workspace) == set()
    scan(workspace)
    undo.undo(workspace.database, archived, actor="ann")
    scan(workspace)
    assert proposed(workspace) == {(first, second)}
    record.delete(workspace, [second])
    assert proposed(workspace) == set()
    scan(workspace)
    assert pairs(workspace) == set()


def test_a_scan_that_was_stopped_goes_on(workspace: Workspace) -> None:
    pair = fill(workspace)
    asked = iter([False, True])
    assert scan(workspace, should_stop=lambda: next(asked, True)).stopped
    assert not scan(workspace).stopped
    assert proposed(workspace) == {pair}


def test_a_first_scan_shows_what_is_plain_before_it_has_read_everything(workspace: Workspace) -> None:
    pair = fill(workspace)
    phases: list[str] = []

    def note(phase: str, _done: int, _total: int) -> None:
        phases.append(phase)

    assert scan(workspace, progress=note, should_stop=lambda: bool(phases)).stopped
    assert phases == ["first"]
    assert proposed(workspace) == {pair}
    assert {level for _a, _b, level in pairs(workspace)} == {"likely"}
    phases.clear()
    assert not scan(workspace, progress=note).stopped
    assert "first" not in phases and proposed(workspace) == {pair}


@pytest.mark.parametrize("large", [False, True])
def test_incremental_and_full_scans_find_the_same(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    from crmtui.domain.matching import blocking
    from crmtui.services.duplicates import scan as module

    if large:  # the rule for large files: one weak key is not enough
        monkeypatch.setattr(blocking, "_SMALL_FILE", 0)
    monkeypatch.setattr(module, "_SMALL", 0)
    monkeypatch.setattr(module, "_MOST_CHANGED", 9.0)
    first, second = fill(workspace)
    record.edit_customer(workspace, second, {"phones": "", "emails": ""})
    scan(workspace)
    record.edit_customer(workspace, second, {"phones": "13800138000", "emails": "zw@hengda.cn"})
    add(workspace, "Hans Weber", phones="+4930123456", street="Lindenweg 5", city="Berlin")
    assert not scan(workspace).full
    incremental = pairs(workspace)
    assert {(a, b) for a, b, _level in incremental} >= {(first, second)}
    connection = workspace.database.writer
    learned = module.load(connection)
    assert learned is not None
    with store.short_write(workspace.database):
        store.delete_pairs(connection, None)
        store.wait_for_all(connection)
    scan(workspace)
    assert pairs(workspace) == incremental


def test_a_scan_changes_no_data(workspace: Workspace) -> None:
    fill(workspace)
    before = logical_digest(workspace.database.writer)
    scan(workspace)
    assert logical_digest(workspace.database.writer) == before


def test_different_is_remembered_for_good_and_can_be_taken_back(workspace: Workspace) -> None:
    first, second = fill(workspace)
    scan(workspace)
    decided = deciding.decide(workspace, second, first, "different")
    assert decided and proposed(workspace) == set()
    assert deciding.decide(workspace, first, second, "different") == 0
    scan(workspace, full=True)
    assert proposed(workspace) == set()
    assert [(each.a_id, each.b_id) for each in store.decisions(workspace.database.writer)] == [(first, second)]
    undo.undo(workspace.database, decided, actor="ann")
    scan(workspace, full=True)
    assert proposed(workspace) == {(first, second)}
    deciding.decide(workspace, first, second, "different")
    deciding.forget(workspace, first, second)
    scan(workspace, full=True)
    assert proposed(workspace) == {(first, second)}


def test_different_survives_a_new_import_of_the_same_customers(workspace: Workspace) -> None:
    first, second = fill(workspace)
    scan(workspace)
    deciding.decide(workspace, first, second, "different")
    record.delete(workspace, [second])
    again = add(workspace, "Zhang Wei", phones="+86 138-0013-8000", emails="ZW@hengda.cn", city="Shanghai")
    scan(workspace)
    assert (first, again) not in proposed(workspace)


def test_one_can_be_taken_out_of_a_group(workspace: Workspace) -> None:
    values = {"phones": "13800138000", "emails": "zw@hengda.cn"}
    group = [add(workspace, name, **values) for name in ("张伟", "Zhang Wei", "張偉")]
    for name in ("John Smith", "Ana García", "Uwe Klein", "王芳", "Luc Petit"):
        for spelling in (name, name.upper()):
            add(workspace, spelling, emails=f"{name[-3:]}@mail.example.org", phones=f"+3312345{len(name):04}")
    scan(workspace)
    before = proposed(workspace)
    assert {pair for pair in before if pair[1] <= group[2]} == {(1, 2), (1, 3), (2, 3)}
    deciding.split(workspace, group[:2], group[2])
    scan(workspace, full=True)
    assert proposed(workspace) == before - {(1, 3), (2, 3)}


def test_explain_tells_both_values_and_the_rule_that_nearly_fired(workspace: Workspace) -> None:
    first, second = fill(workspace)
    scan(workspace)
    told = listing.explain(workspace, first, second)
    assert told.level == "certain" and told.keys
    phone = next(reason for reason in told.reasons if reason.signal == "phone")
    assert phone.first == phone.second == "800138000"
    home = listing.explain(workspace, 3, 4)
    assert home.level == "" and home.rival == "household"
    assert "household" in home.verdict and "Given name" in home.verdict


def test_a_name_alone_is_said_to_be_too_little(workspace: Workspace) -> None:
    first, second = (add(workspace, "Zebulon Quackenbush") for _time in range(2))
    scan(workspace)
    told = listing.explain(workspace, first, second)
    assert told.level == "possible" and "nothing beside the name agrees" in told.verdict
    assert "short of" not in told.verdict


def test_bad_questions(workspace: Workspace) -> None:
    first, second = fill(workspace)
    with pytest.raises(UsageError):
        listing.explain(workspace, first, first)
    with pytest.raises(NotFound):
        listing.explain(workspace, first, 999)
    with pytest.raises(UsageError):
        deciding.decide(workspace, first, first, "same")
    with pytest.raises(UsageError):
        deciding.decide(workspace, first, second, "perhaps")
    with pytest.raises(NotFound):
        deciding.decide(workspace, first, 999, "different")
    with pytest.raises(NotFound):
        deciding.forget(workspace, first, second)
    assert store.decisions(workspace.database.writer) == []
