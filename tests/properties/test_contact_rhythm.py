"""The stored last contact and rhythm are always those that the interactions give, whatever was done, undone and imported."""

import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtui.domain.batch import BatchBuilder
from crmtui.domain.intake import new_customer
from crmtui.domain.rhythm import rhythm_of
from crmtui.errors import CrmError
from crmtui.services import activity, record
from crmtui.services.undo_history import redo_last, undo_last
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import mass_undo
from crmtui.storage.bulk import BulkWriter
from crmtui.storage.derived import compute
from crmtui.storage.long_operation import LongOperation

who = st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True)
acts = st.one_of(
    st.tuples(st.just("log"), who, st.integers(1, 60)),
    st.tuples(st.just("log"), who, st.integers(1, 60)),
    st.tuples(st.just("log"), who, st.integers(1, 60)),
    st.tuples(st.just("delete"), who, st.just(0)),
    st.tuples(st.just("import"), who, st.integers(1, 60)),
    st.tuples(st.just("undo"), who, st.just(0)),
    st.tuples(st.just("undo"), who, st.just(0)),
    st.tuples(st.just("redo"), who, st.just(0)),
)


def day(number: int) -> str:
    return f"2026-{1 + number // 28:02d}-{1 + number % 28:02d}T08:00:00Z"


def do(workspace: Workspace, kind: str, chosen: list[int], number: int) -> None:
    ids = [row[0] for row in workspace.database.writer.execute("SELECT id FROM customers ORDER BY id")]
    customers = list(dict.fromkeys(ids[each % len(ids)] for each in chosen)) if ids else []
    if kind == "log" and customers:
        activity.log_interaction(workspace, customers, at=day(number))
    elif kind == "delete" and len(ids) > 2:
        record.delete(workspace, customers)
    elif kind == "import":
        _import(workspace, len(chosen), number)
    elif kind == "undo":
        undo_last(workspace)
    elif kind == "redo":
        redo_last(workspace)


def _import(workspace: Workspace, count: int, number: int) -> None:
    with LongOperation(workspace.database, "import", subject="x", actor="ann") as long:
        writer, builder = BulkWriter(long), BatchBuilder()
        for each in range(count):
            row = builder.add(new_customer({"name": f"n {each}", "last_interaction_at": "2026-02-14"}), day(0))
            for step in range(5):
                builder.add_child("interactions", row, {"kind": "call", "at": day(number + each * step * 3)})
        writer.add(builder.take())
        writer.flush()
        with long.box():
            long.act.settle()
            long.act.finish()


def assert_true_to_the_interactions(workspace: Workspace) -> None:
    connection = workspace.database.writer
    moments: dict[int, list[str]] = defaultdict(list)
    for customer, at in connection.execute(
        "SELECT customer_id, at FROM interactions UNION ALL SELECT c.customer_id, i.at FROM interaction_customers c, interactions i"
        " WHERE i.id = c.interaction_id"
    ):
        moments[customer].append(at)
    stored = connection.execute(
        "SELECT id, imported_contact_at, last_interaction_at, usual_gap_days, quiet_from FROM customers"
    ).fetchall()
    for customer, imported, last, *rhythm in stored:
        newest = max([*moments[customer], *([imported] if imported else [])], default=None)
        assert last == newest
        assert tuple(rhythm) == rhythm_of(moments[customer], newest)
    computed = compute(connection, [row[0] for row in stored])
    assert [entry.customer_id for entry in computed if entry.fresh != entry.stored] == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(acts, min_size=3, max_size=25))
def test_the_stored_rhythm_is_the_one_computed_from_scratch(sequence: list[tuple[str, list[int], int]]) -> None:
    mass_undo._SLICE = 3
    with (
        tempfile.TemporaryDirectory() as folder,
        open_workspace(str(Path(folder, "crm.db")), actor="ann", create=True) as workspace,
    ):
        for name in ("Ada", "张伟", "Ben"):
            record.add_customer(workspace, {"name": name})
        for kind, chosen, number in sequence:
            try:
                do(workspace, kind, chosen, number)
            except CrmError:
                continue  # nothing to undo or redo
            assert_true_to_the_interactions(workspace)
