"""The law of undo: digest(before) == digest(after act, undo), for any acts in any order; and no undo loses a later change."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from crmtui.domain.batch import BatchBuilder
from crmtui.domain.intake import new_customer
from crmtui.errors import CrmError, UsageError
from crmtui.services import activity, record
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import mass_undo, undo
from crmtui.storage.bulk import BulkWriter
from crmtui.storage.checks import foreign_key_faults
from crmtui.storage.derived import compute
from crmtui.storage.digest import logical_digest
from crmtui.storage.history import operations, verify_chain
from crmtui.storage.journal import utc_now
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.search_index import left_over_in_index, missing_from_index, stale_in_index

slow = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

NAMES = ["张伟", "Ana García", "Acme Ltd", "x", "[/]\x1b[2J"]
WORDS = ["", "lead", "a, b", "vip", "\x00", "13800001111", "a@example.com", "2026-01-01", "crm:1; crm:2", "上海"]
FIELDS = [
    "stage",
    "notes",
    "phones",
    "emails",
    "city",
    "tags",
    "company",
    "birthday",
    "external_ids",
    "custom.x",
    "kind",
]

numbers = st.integers(0, 30)
some = st.lists(numbers, min_size=1, max_size=4, unique=True)
values = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(WORDS), max_size=4)
acts = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(NAMES), values),
    st.tuples(st.just("edit"), numbers, values),
    st.tuples(st.just("many"), some, values),
    st.tuples(st.just("tag"), some, st.sampled_from(["vip", "a", "b"])),
    st.tuples(st.just("untag"), some, st.sampled_from(["vip", "a", "b"])),
    st.tuples(st.just("archive"), some, st.booleans()),
    st.tuples(st.just("delete"), some, st.none()),
    st.tuples(st.just("log"), some, st.sampled_from(WORDS)),
    st.tuples(st.just("task"), some, st.sampled_from(WORDS[1:4])),
    st.tuples(st.just("done"), numbers, st.booleans()),
    st.tuples(st.just("order"), numbers, st.integers(-5, 5)),
    st.tuples(st.just("deal"), numbers, st.sampled_from(NAMES)),
    st.tuples(st.just("import"), st.integers(1, 9), st.booleans()),
)
Act = tuple[str, Any, Any]


@contextmanager
def fresh() -> Iterator[Workspace]:
    with (
        tempfile.TemporaryDirectory() as folder,
        open_workspace(str(Path(folder, "crm.db")), actor="ann", region="CN", create=True) as workspace,
    ):
        yield workspace


def _import(workspace: Workspace, count: int, _later: bool) -> int:
    with LongOperation(workspace.database, "import", subject="x", actor=workspace.actor) as long:
        writer = BulkWriter(long)
        builder = BatchBuilder()
        for number in range(count):
            row = builder.add(
                new_customer(
                    {"name": f"{NAMES[number % 3]} {number}", "tags": "vip, b", "phones": "13800001111"}, region="CN"
                ),
                utc_now(),
            )
            builder.add_child("interactions", row, {"kind": "call", "at": utc_now()})
            builder.add_child("deals", row, {"title": "t", "stage": "new", "created_at": utc_now()})
        writer.add(builder.take())
        writer.flush()
        with long.box():
            long.act.count = count
            long.act.settle()
            long.act.finish()
    return long.act.id


def do(workspace: Workspace, act: Act) -> int:
    """Do an act as well as the file allows; the operation, or 0 when nothing came of it."""
    kind, target, more = act
    connection = workspace.database.writer
    ids = [row[0] for row in connection.execute("SELECT id FROM customers ORDER BY id")]
    chosen = (
        list(dict.fromkeys(ids[entry % len(ids)] for entry in (target if isinstance(target, list) else [target])))
        if (ids and kind not in ("add", "import"))
        else []
    )
    if kind not in ("add", "import") and not chosen:
        return 0
    doing: dict[str, Callable[[], Any]] = {
        "add": lambda: record.add_customer(
            workspace, {"name": target, **{key: value for key, value in more.items() if key != "kind"}}
        ),
        "edit": lambda: record.edit_customer(workspace, chosen[0], more),
        "many": lambda: record.edit_many(workspace, chosen, more),
        "tag": lambda: record.change_tags(workspace, chosen, add=[more]),
        "untag": lambda: record.change_tags(workspace, chosen, remove=[more]),
        "archive": lambda: record.archive(workspace, chosen, restore=more),
        "delete": lambda: record.delete(workspace, chosen),
        "log": lambda: activity.log_interaction(workspace, chosen, text=more),
        "task": lambda: activity.add_task(workspace, chosen, more),
        "done": lambda: activity.finish_task(workspace, target, done=more),
        "order": lambda: activity.add_transaction(workspace, chosen[0], amount=more, number=str(more)),
        "deal": lambda: activity.add_deal(workspace, chosen[0], more),
    }
    if kind == "import":
        mass_undo._SLICE = 3
        return _import(workspace, target, more)
    try:
        return int(doing[kind]().operation_id)
    except CrmError:
        return 0


def assert_sound(workspace: Workspace) -> None:
    connection = workspace.database.writer
    assert verify_chain(connection) == []
    assert foreign_key_faults(connection) == []
    assert connection.execute("SELECT count(*) FROM operations WHERE state <> 'done'").fetchone() == (0,)
    ids = [row[0] for row in connection.execute("SELECT id FROM customers")]
    assert [entry.customer_id for entry in compute(connection, ids) if entry.fresh != entry.stored] == []
    assert (missing_from_index(connection), left_over_in_index(connection)) == ([], [])
    assert stale_in_index(connection, ids) == []


@slow
@given(st.lists(acts, min_size=1, max_size=12))
def test_each_act_can_be_undone_and_redone_exactly(sequence: list[Act]) -> None:
    with fresh() as workspace:
        database = workspace.database
        for act in sequence:
            before = logical_digest(database.writer)
            operation = do(workspace, act)
            after = logical_digest(database.writer)
            if not operation:
                assert after == before, act
                continue
            back = undo.undo(database, operation, actor="ann")
            assert (back.kept, back.failed) == ([], []), act
            assert logical_digest(database.writer) == before, act
            forth = undo.redo(database, back.operation_id, actor="ann")
            assert (forth.kept, forth.failed) == ([], []), act
            assert logical_digest(database.writer) == after, act
        assert_sound(workspace)


@slow
@given(st.lists(acts, min_size=1, max_size=12))
def test_undoing_everything_in_reverse_leaves_an_empty_file(sequence: list[Act]) -> None:
    with fresh() as workspace:
        database = workspace.database
        digests = [logical_digest(database.writer)]
        done = []
        for act in sequence:
            if operation := do(workspace, act):
                done.append(operation)
                digests.append(logical_digest(database.writer))
        reversals = []
        for operation in reversed(done):
            assert logical_digest(database.writer) == digests.pop()
            result = undo.undo(database, operation, actor="ann")
            assert (result.kept, result.failed) == ([], [])
            reversals.append(result.operation_id)
        assert logical_digest(database.writer) == digests.pop()
        assert_sound(workspace)
        for operation in reversed(reversals):
            result = undo.redo(database, operation, actor="ann")
            assert (result.kept, result.failed) == ([], [])
        assert_sound(workspace)


@slow
@given(st.lists(acts, min_size=2, max_size=12), st.lists(st.tuples(numbers, st.booleans()), max_size=10), st.data())
def test_undo_in_any_order_keeps_the_file_sound_and_puts_each_row_in_one_bucket(
    sequence: list[Act], choices: list[tuple[int, bool]], data: st.DataObject
) -> None:
    with fresh() as workspace:
        database = workspace.database
        for act in sequence:
            workspace.actor = data.draw(st.sampled_from(["ann", "bob"]))
            do(workspace, act)
        for number, forward in choices:
            records = operations(database.writer, limit=1000)
            if not records:
                break
            chosen = records[number % len(records)]
            try:
                result = (undo.redo if forward else undo.undo)(database, chosen.id, actor="ann")
            except UsageError:
                continue
            note(f"{'redo' if forward else 'undo'} {chosen}")
            kept = {(problem.table, problem.row_id) for problem in result.kept}
            failed = {(problem.table, problem.row_id) for problem in result.failed}
            assert not kept & failed
            assert all(problem.reason for problem in [*result.kept, *result.failed])
        assert_sound(workspace)


@slow
@given(st.lists(acts, min_size=1, max_size=6), numbers, st.integers(0, 5))
def test_an_undo_never_loses_a_later_change(sequence: list[Act], later_on: int, undone: int) -> None:
    with fresh() as workspace:
        database = workspace.database
        done = [operation for act in sequence if (operation := do(workspace, act))]
        ids = [row[0] for row in database.writer.execute("SELECT id FROM customers ORDER BY id")]
        if not ids or not done:
            return
        customer = ids[later_on % len(ids)]
        text = activity.log_interaction(workspace, [customer], text="said later").operation_id
        record.edit_customer(workspace, customer, {"notes": "written later", "wechat": "later"})
        undo.undo(database, done[undone % len(done)], actor="ann")
        connection = database.writer
        assert text
        assert connection.execute("SELECT notes FROM customers WHERE id = ?", (customer,)).fetchone() == (
            "written later",
        )
        rows = connection.execute("SELECT body FROM interactions WHERE customer_id = ?", (customer,)).fetchall()
        assert ("said later",) in rows
        points = connection.execute("SELECT value FROM contact_points WHERE customer_id = ?", (customer,)).fetchall()
        assert ("later",) in points
        assert_sound(workspace)
