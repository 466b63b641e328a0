from pathlib import Path

import pytest

from crmtui.errors import UsageError
from crmtui.services.duplicates.deciding import all_different, decide
from crmtui.services.duplicates.queue import read_queue
from crmtui.services.duplicates.scan import scan
from crmtui.services.record import add_customer
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.duplicates import count_open_to
from crmtui.storage.history import operations

SAME = {"phones": "+1 415 555 0134", "emails": "anna.keller@beacon.example", "company": "Beacon Mill"}


@pytest.fixture
def workspace(tmp_path: Path):  # type: ignore[no-untyped-def]
    with open_workspace(str(tmp_path / "work.db"), actor="me", region="US", create=True) as opened:
        for name in ("Anna Keller", "Keller, Anna", "Anna Keler"):
            add_customer(opened, {"name": name, **SAME})
        add_customer(opened, {"name": "Robert Stone", "phones": "+1 212 555 0199", "emails": "bob@stone.example"})
        add_customer(opened, {"name": "Bob Stone", "phones": "+1 212 555 0199", "emails": "bob@stone.example"})
        scan(opened)
        yield opened


def test_a_group_is_one_case(workspace: Workspace) -> None:
    queue = read_queue(workspace.database.reader())
    assert sorted(case.customers for case in queue.cases) == [(1, 2, 3), (4, 5)]
    assert not queue.more and all(case.reasons for case in queue.cases)


def test_a_group_with_two_different_members_is_shown_pair_by_pair(workspace: Workspace) -> None:
    decide(workspace, 1, 3, "different")
    cases = [case.customers for case in read_queue(workspace.database.reader()).cases]
    assert sorted(cases) == [(1, 2), (2, 3), (4, 5)]


def test_what_lies_behind_the_limit_is_told(workspace: Workspace) -> None:
    queue = read_queue(workspace.database.reader(), limit=1)
    assert queue.more and len(queue.cases) == 1


def test_levels_are_those_of_the_weakest_link(workspace: Workspace) -> None:
    reader = workspace.database.reader()
    every = read_queue(reader).cases
    for level in ("certain", "likely", "possible"):
        assert read_queue(reader, levels=[level]).cases == [case for case in every if case.level == level]


def test_all_different_is_one_operation(workspace: Workspace) -> None:
    act = all_different(workspace, [1, 2, 3])
    reader = workspace.database.reader()
    assert operations(reader, limit=1)[0].id == act
    assert [case.customers for case in read_queue(reader).cases] == [(4, 5)]


@pytest.mark.parametrize("customers", [[1], [1, 1], [1, 2, 1]])
def test_one_customer_is_not_different_from_itself(workspace: Workspace, customers: list[int]) -> None:
    with pytest.raises(UsageError):
        all_different(workspace, customers)
    assert read_queue(workspace.database.reader()).cases[0].customers


def test_counting_stops_at_the_most_that_is_wanted(workspace: Workspace) -> None:
    reader = workspace.database.reader()
    assert count_open_to(reader, 1) == 1
    assert count_open_to(reader, 100) == 4
