"""The laws of merging: undo gives back what was, nothing that hangs on a record is lost, later edits are respected."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtui.services import activity, record
from crmtui.services.duplicates.deciding import decide
from crmtui.services.merge import merge, merge_many, unmerge
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import undo
from crmtui.storage.checks import foreign_key_faults
from crmtui.storage.customers import read_customer
from crmtui.storage.digest import logical_digest
from crmtui.storage.driver import Connection
from crmtui.storage.history import verify_chain
from crmtui.storage.search_index import left_over_in_index, missing_from_index, stale_in_index

slow = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
values = st.dictionaries(
    st.sampled_from(["phones", "emails", "tags", "city", "street", "company", "notes", "job_title", "stage", "custom.x", "wechat", "birthday"]),
    st.sampled_from(["13800001111", "a@example.com", "b@example.com; a@example.com", "vip, b", "上海", "Acme", "1980-01-02"]),
    max_size=6,
)  # fmt: skip
people = st.lists(st.tuples(st.sampled_from(["张伟", "Zhang Wei", "Acme", "Bob"]), values), min_size=3, max_size=6)
hung = st.lists(
    st.tuples(st.sampled_from(["log", "order", "task", "deal", "different"]), st.integers(0, 5), st.integers(0, 5)),
    max_size=8,
)


@contextmanager
def filled(
    rows: list[tuple[str, dict[str, str]]], acts: list[tuple[str, int, int]]
) -> Iterator[tuple[Workspace, list[int]]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        open_workspace(str(Path(folder, "crm.db")), actor="ann", region="CN", create=True) as workspace,
    ):
        ids = [record.add_customer(workspace, {"name": name, **fields}).customers[0] for name, fields in rows]
        for kind, first, second in acts:
            one, other = ids[first % len(ids)], ids[second % len(ids)]
            if kind == "log":
                activity.log_interaction(workspace, [one, other] if one != other else [one], text="hello")
            elif kind == "order":
                activity.add_transaction(workspace, one, amount=first, number=f"N{second}")
            elif kind == "task":
                activity.add_task(workspace, [one], "ring")
            elif kind == "deal":
                activity.add_deal(workspace, one, "more")
            elif one != other:
                decide(workspace, one, other, "different")
        yield workspace, ids


def ids_of(connection: Connection) -> list[int]:
    return [row[0] for row in connection.execute("SELECT id FROM customers")]


def sound(workspace: Workspace) -> bool:
    connection = workspace.database.writer
    return (
        foreign_key_faults(connection) == []
        and not missing_from_index(connection)
        and not left_over_in_index(connection)
        and not stale_in_index(connection, ids_of(connection))
        and verify_chain(connection) == []
    )


def holdings(workspace: Workspace) -> dict[str, set[object]]:
    """Everything that hangs on customers, without whose it is."""
    connection = workspace.database.writer
    columns = {
        "contact_points": "kind, coalesce(normalised, value)",
        "interactions": "id",
        "transactions": "id",
        "deals": "id",
        "tasks": "id",
        "external_ids": "system, external_id",
    }
    found: dict[str, set[object]] = {
        table: set(connection.execute(f"SELECT {names} FROM {table}")) for table, names in columns.items()
    }
    found["tags"] = set(connection.execute("SELECT DISTINCT tag_id FROM customer_tags"))
    found["places"] = set(connection.execute("SELECT street, city FROM addresses"))
    return found


@slow
@given(people, hung, st.integers(0, 5), st.sampled_from(["", "lead"]))
def test_merge_then_undo_is_nothing_and_loses_nothing(
    rows: list[tuple[str, dict[str, str]]], acts: list[tuple[str, int, int]], turn: int, later: str
) -> None:
    with filled(rows, acts) as (workspace, ids):
        ids = ids[turn % len(ids) :] + ids[: turn % len(ids)]
        database = workspace.database
        before, held = logical_digest(database.writer), holdings(workspace)
        notes = {
            str(row["notes"])
            for row in (read_customer(database.writer, each) or {} for each in ids[:3])
            if row.get("notes")
        }
        done = merge(workspace, ids[0], ids[1:3])
        assert holdings(workspace) == held
        merged = read_customer(database.writer, ids[0])
        assert merged is not None and all(note in (merged["notes"] or "") for note in notes)
        assert sound(workspace)
        if later:
            record.edit_customer(workspace, ids[0], {"stage": later, "language": "xx"})
        back = undo.undo(database, done.operation_id, actor="ann")
        assert back.failed == []
        assert sound(workspace)
        assert all(read_customer(database.writer, each) is not None for each in ids)
        if later:
            found = read_customer(database.writer, ids[0])
            assert found is not None and (found["stage"], found["language"]) == (later, "xx")
        else:
            assert back.kept == [] and logical_digest(database.writer) == before


@slow
@given(people, hung)
def test_one_merge_of_a_bulk_goes_back_alone(
    rows: list[tuple[str, dict[str, str]]], acts: list[tuple[str, int, int]]
) -> None:
    with filled(rows + rows, acts) as (workspace, ids):
        database = workspace.database
        half = len(rows)
        groups = list(zip(ids[:half], ids[half:], strict=True))
        before = logical_digest(database.writer)
        bulk = merge_many(workspace, groups)
        after = logical_digest(database.writer)
        gone = next(each for each in groups[0] if read_customer(database.writer, each) is None)
        single = unmerge(workspace, gone)
        assert single.failed == [] and sound(workspace)
        assert read_customer(database.writer, gone) is not None
        assert undo.undo(database, single.operation_id, actor="ann").failed == []
        assert logical_digest(database.writer) == after
        assert undo.undo(database, bulk, actor="ann").kept == []
        assert logical_digest(database.writer) == before
        assert sound(workspace)
