"""An interaction with several customers: each sees it and the others; people join and leave it later."""

import pytest

from crmtui.errors import InvalidValue, NotFound
from crmtui.services import activity, record
from crmtui.services.participants import add_participants, participants_of, remove_participant
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace
from crmtui.storage.activities import timeline_count
from crmtui.storage.customers import read_customer
from crmtui.storage.digest import logical_digest

AT = "2026-03-04T05:06:07Z"


@pytest.fixture
def three(workspace: Workspace) -> list[int]:
    return [record.add_customer(workspace, {"name": name}).customers[0] for name in ("张伟", "Ana", "Bo")]


def last(workspace: Workspace, customer: int) -> str | None:
    found = read_customer(workspace.database.writer, customer)
    assert found is not None
    return found["last_interaction_at"]


def test_people_join_and_leave(workspace: Workspace, three: list[int]) -> None:
    zhang, ana, bo = three
    writer = workspace.database.writer
    activity.log_interaction(workspace, [zhang, ana], kind="meeting", text="plan", at=AT)
    meeting = writer.execute("SELECT max(id) FROM interactions").fetchone()[0]
    assert participants_of(writer, meeting) == [zhang, ana]
    digests = [logical_digest(writer)]
    add_participants(workspace, meeting, [bo, ana, bo])
    assert participants_of(writer, meeting) == [zhang, ana, bo]
    assert last(workspace, bo) == AT
    assert add_participants(workspace, meeting, [bo]).operation_id == 0
    digests.append(logical_digest(writer))
    remove_participant(workspace, meeting, zhang)
    assert participants_of(writer, meeting) == [ana, bo]
    assert (last(workspace, zhang), last(workspace, ana)) == (None, AT)
    assert [timeline_count(writer, each) for each in three] == [0, 1, 1]
    digests.append(logical_digest(writer))
    remove_participant(workspace, meeting, bo)
    digests.append(logical_digest(writer))
    with pytest.raises(InvalidValue):
        remove_participant(workspace, meeting, ana)
    with pytest.raises(NotFound):
        remove_participant(workspace, meeting, bo)
    for digest in reversed(digests[:-1]):
        undo_last(workspace)
        assert logical_digest(writer) == digest
    for digest in digests[1:]:
        redo_last(workspace)
        assert logical_digest(writer) == digest


def test_what_is_gone_is_told(workspace: Workspace, three: list[int]) -> None:
    with pytest.raises(NotFound):
        add_participants(workspace, 99, three)
    activity.log_interaction(workspace, three[:1], text="x")
    with pytest.raises(NotFound):
        add_participants(workspace, 1, [99])
