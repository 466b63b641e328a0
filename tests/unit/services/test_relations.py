"""Relations are said once and read from both sides, each with its own name for the other one."""

import pytest

from crmtui.domain.relations import BY_KIND, BY_ROLE, RELATIONS, inverse_of, kind_of_role, role_label
from crmtui.errors import InvalidValue, NotFound
from crmtui.i18n import set_language
from crmtui.services import record
from crmtui.services.relations import edit_relation, relate, related, unrelate
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace
from crmtui.storage.digest import logical_digest


@pytest.fixture
def three(workspace: Workspace) -> list[int]:
    return [record.add_customer(workspace, {"name": name}).customers[0] for name in ("张伟", "Ana", "Bo")]


def seen(workspace: Workspace, customer: int) -> list[tuple[str, str, str | None]]:
    return [(each.name, role_label(each.kind), each.note) for each in related(workspace.database.writer, customer)]


def test_every_kind_has_its_counterpart() -> None:
    for relation in RELATIONS:
        assert inverse_of(inverse_of(relation.kind)) == relation.kind
        assert kind_of_role(relation.role) == kind_of_role(relation.label) == relation.kind
    assert len(BY_KIND) == len(BY_ROLE) == len(RELATIONS)


def test_each_side_sees_the_other(workspace: Workspace, three: list[int]) -> None:
    zhang, ana, bo = three
    relate(workspace, zhang, ana, "manager", "since May")
    relate(workspace, bo, zhang, "mentor/mentee")
    assert seen(workspace, zhang) == [("Ana", "manager", "since May"), ("Bo", "mentee", None)]
    assert seen(workspace, ana) == [("张伟", "direct report", "since May")]
    assert seen(workspace, bo) == [("张伟", "mentor", None)]


def test_a_relation_is_said_once_from_either_side(workspace: Workspace, three: list[int]) -> None:
    zhang, ana, _bo = three
    relate(workspace, zhang, ana, "spouse")
    assert relate(workspace, ana, zhang, "spouse").operation_id == 0
    relate(workspace, ana, zhang, "spouse", "met in Lyon")
    assert seen(workspace, zhang) == [("Ana", "spouse", "met in Lyon")]


def test_a_role_is_understood_in_the_language_of_the_person(workspace: Workspace, three: list[int]) -> None:
    set_language("zh_CN")
    try:
        assert kind_of_role("manager") == "reports_to"
        assert kind_of_role(role_label("spouse_of")) == "spouse_of"
    finally:
        set_language("en")
    assert kind_of_role(" godmother / godchild ") == "godmother/godchild"
    assert kind_of_role("/x") == "x"


def test_changes_are_undone_and_redone(workspace: Workspace, three: list[int]) -> None:
    zhang, ana, _bo = three
    digests = [logical_digest(workspace.database.writer)]
    relate(workspace, zhang, ana, "manager")
    digests.append(logical_digest(workspace.database.writer))
    relation = related(workspace.database.writer, ana)[0].relation_id
    edit_relation(workspace, relation, ana, role="child", note="x")
    assert seen(workspace, zhang) == [("Ana", "parent", "x")]
    digests.append(logical_digest(workspace.database.writer))
    unrelate(workspace, relation)
    assert seen(workspace, zhang) == []
    digests.append(logical_digest(workspace.database.writer))
    for digest in reversed(digests[:-1]):
        undo_last(workspace)
        assert logical_digest(workspace.database.writer) == digest
    for digest in digests[1:]:
        redo_last(workspace)
        assert logical_digest(workspace.database.writer) == digest


def test_nonsense_is_refused(workspace: Workspace, three: list[int]) -> None:
    zhang, ana, _bo = three
    with pytest.raises(InvalidValue):
        relate(workspace, zhang, zhang, "spouse")
    with pytest.raises(InvalidValue):
        relate(workspace, zhang, ana, " / ")
    with pytest.raises(NotFound):
        relate(workspace, zhang, 99, "spouse")
    with pytest.raises(NotFound):
        unrelate(workspace, 99)
