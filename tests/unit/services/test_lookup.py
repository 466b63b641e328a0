"""Looking customers up: what is found, in which order, whether there is more."""

import pytest

from crmtui.errors import NotFound
from crmtui.services import lookup, record
from crmtui.services.workspace import Workspace


def test_find_tells_whether_there_is_more(workspace: Workspace) -> None:
    ids = [record.add_customer(workspace, {"name": f"Ana {number}"}).customers[0] for number in range(4)]
    assert lookup.find(workspace, "ana", limit=3).more
    found = lookup.find(workspace, "ana", limit=4)
    assert (sorted(found.ids), found.more, found.problems) == (ids, False, ())


def test_what_was_not_understood_is_told(workspace: Workspace) -> None:
    (problem,) = lookup.find(workspace, "stag:lead").problems
    assert (problem.text, problem.nearest) == ("stag", "stage")


def test_rows_and_records_come_in_the_order_asked(workspace: Workspace) -> None:
    ids = [record.add_customer(workspace, {"name": name, "tags": "b, a"}).customers[0] for name in ("x", "y", "z")]
    asked = [ids[2], 99, ids[0]]
    assert [row.name for row in lookup.rows(workspace, asked)] == ["z", "x"]
    assert [entry["name"] for entry in lookup.records(workspace, asked)] == ["z", "x"]
    assert lookup.rows(workspace, [ids[0]])[0].tags == "b a"
    assert (lookup.rows(workspace, []), lookup.records(workspace, [])) == ([], [])


def test_a_missing_customer_says_how_to_find_one(workspace: Workspace) -> None:
    with pytest.raises(NotFound) as caught:
        lookup.record(workspace, 1)
    assert caught.value.hint


def test_looking_up_often_opens_no_further_connection(workspace: Workspace) -> None:
    record.add_customer(workspace, {"name": "x"})
    lookup.find(workspace, "x")
    before = len(workspace.database._readers)
    for _time in range(20):
        lookup.find(workspace, "x")
        lookup.rows(workspace, [1])
        lookup.record(workspace, 1)
    assert len(workspace.database._readers) == before
