"""Finding customers: every form of the query on a small file, the order of what is found, the index kept current."""

from collections.abc import Callable

import pytest

from crmtui.domain.fields import BY_KEY
from crmtui.domain.query import parse
from crmtui.services import activity, record
from crmtui.services.workspace import Workspace
from crmtui.storage.database import Database
from crmtui.storage.search import Order, all_ids, count, first_ids, make_plan
from crmtui.storage.search_index import (
    drain_queue,
    left_over_in_index,
    missing_from_index,
    queue_length,
    rebuild,
    stale_in_index,
)

MassImport = Callable[..., int]


@pytest.fixture
def people(workspace: Workspace) -> dict[str, int]:
    """A few customers by a short name."""
    add = lambda **values: record.add_customer(workspace, values).customers[0]  # noqa: E731 - said six times below
    found = {
        "wei": add(
            name="张伟",
            company="恒达贸易有限公司",
            phones="+86 138 1234 5678",
            city="上海",
            wechat="zhangwei_88",
            tags="vip,老客户",
        ),
        "shan": add(name="单田芳", phones="010-6552 9988", stage="lead", notes="likes tea 100%"),
        "ana": add(name="Ana García", emails="ana.garcia@example.com", owner="ann", tags="vip", birthday="1990-05-04"),
        "acme": add(name="Acme Foods Ltd", kind="company", urls="https://acme.example.com", external_ids="crm:A-77"),
        "ouyang": add(
            name="欧阳娜娜", company="Acme Foods Ltd", stage="customer", owner="bob", **{"custom.size": "12"}
        ),
        "gone": add(name="张三丰", tags="vip"),
    }
    activity.log_interaction(workspace, [found["ana"]], text="spoke about the green tractor", at="2026-01-05T00:00:00Z")
    activity.add_transaction(workspace, found["wei"], amount=1_234_500, number="SO-2026-001")
    activity.add_transaction(workspace, found["wei"], amount=500, number="SO-2026-002")
    activity.add_deal(workspace, found["acme"], "Big order", stage="proposal")
    activity.add_task(workspace, [found["shan"]], "ring", due_at="2020-01-01")
    record.archive(workspace, [found["gone"]])
    return found


FORMS = [
    ("张伟", {"wei"}),
    ("张", {"wei"}),
    ("伟", {"wei"}),
    ("贸易", {"wei"}),
    ("zhangwei", {"wei"}),
    ("zhang wei", {"wei"}),
    ("zw", {"wei"}),
    ("shan", {"shan"}),
    ("stf", {"shan"}),
    ("ouyang", {"ouyang"}),
    ("garcia ana", {"ana"}),
    ("GARCIA", {"ana"}),
    ("Ａｎａ", {"ana"}),
    ("13812345678", {"wei"}),
    ("138 1234", {"wei"}),
    ("+86 138-1234-5678", {"wei"}),
    ("5678", {"wei"}),
    ("9988", {"shan"}),
    ("ana.garcia@example.com", {"ana"}),
    ("example.com", {"ana", "acme"}),
    ("zhangwei_88", {"wei"}),
    ("上海", {"wei"}),
    ("vip", {"wei", "ana"}),
    ("老客户", {"wei"}),
    ("SO-2026-001", {"wei"}),
    ("A-77", {"acme"}),
    ("acme", {"acme", "ouyang"}),
    ("nobody", set()),
    ("stage:lead", {"shan"}),
    ("阶段:lead,customer", {"shan", "ouyang"}),
    ("tag:vip", {"wei", "ana"}),
    ("-tag:vip stage:none", {"acme"}),
    ("NOT tag:vip", {"shan", "acme", "ouyang"}),
    ("tag:vip city:上海", {"wei"}),
    ("tag:vip OR stage:lead", {"wei", "ana", "shan"}),
    ("(tag:vip OR stage:lead) -city:上海", {"ana", "shan"}),
    ("owner:me", {"ana"}),
    ("owner:none -stage:lead", {"wei", "acme"}),
    ("has:email", {"ana"}),
    ("has:phone has:wechat", {"wei"}),
    ("has:task", {"shan"}),
    ("has:deal", {"acme"}),
    ("has:order", {"wei"}),
    ("has:interaction", {"ana"}),
    ("has:nonsense", set()),
    ("amount:>10000", {"wei"}),
    ("amount:<=0", {"shan", "ana", "acme", "ouyang"}),
    ("amount:much", set()),
    ("is:company", {"acme"}),
    ("is:archived", {"gone"}),
    ("张 is:archived", {"gone"}),
    ("order:SO-2026", {"wei"}),
    ("deal:proposal", {"acme"}),
    ("due:overdue", {"shan"}),
    ("due:today", {"shan"}),
    ("due:<2021-01-01", {"shan"}),
    ("last:2026-01", {"ana"}),
    ("last:2025..2026", {"ana"}),
    ("last:none", {"wei", "shan", "acme", "ouyang"}),
    ("created:<30d", {"wei", "shan", "ana", "acme", "ouyang"}),
    ("created:>30d", set()),
    ("birthday:1990", {"ana"}),
    ("email:garcia", {"ana"}),
    ("domain:example.com", {"ana"}),
    ("phone:138", {"wei"}),
    ("name:acme", {"acme"}),
    ("company:acme", {"ouyang"}),
    ("external_id:A-77", {"acme"}),
    ("external_id:crm:A-77", {"acme"}),
    ("custom.size:12", {"ouyang"}),
    ("id:1", {"wei"}),
    ("id:<3", {"wei", "shan"}),
    ("note:tea", {"shan"}),
    ('note:"green tractor"', {"ana"}),
    ('"green tractor"', {"ana"}),
    ('"100%"', {"shan"}),
    ('"1_0%"', set()),
    ('name:"Acme Foods"', {"acme"}),
    ("tag：vip", {"wei", "ana"}),
    ("", {"wei", "shan", "ana", "acme", "ouyang"}),
]


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[text or "nothing" for text, _found in FORMS])
def test_each_form_of_a_query_finds_what_it_says(
    workspace: Workspace, people: dict[str, int], text: str, expected: set[str]
) -> None:
    connection = workspace.database.reader()
    by_id = {customer: name for name, customer in people.items()}
    for order in (Order(), Order("sort_name"), Order("last_interaction_at", True)):
        plan = make_plan(parse(text), order, actor="ann")
        found = first_ids(connection, plan)
        assert {by_id[customer] for customer in found} == expected
        assert len(found) == len(set(found))
    if not plan.words:
        assert count(connection, plan) == len(expected)


def test_the_first_page_is_the_beginning_of_the_whole_list(database: Database, mass_import: MassImport) -> None:
    mass_import(database, 300)
    connection = database.reader()
    columns = sorted({field.sort for field in BY_KEY.values() if field.sort})
    for text in ("", "张", "ana", "stage:none", "tag:t1", "vip"):
        for order in [Order(), *(Order(column, down) for column in columns for down in (False, True))]:
            plan = make_plan(parse(text), order)
            whole = [customer for chunk in all_ids(connection, plan) for customer in chunk]
            assert len(set(whole)) == len(whole)
            assert first_ids(connection, plan, 50) == whole[:50]


def test_names_that_begin_with_the_text_come_first(workspace: Workspace) -> None:
    names = ["Zoe Li", "Li Na", "李娜", "Company Li"]
    ids = {name: record.add_customer(workspace, {"name": name, "kind": "person"}).customers[0] for name in names}
    found = first_ids(workspace.database.reader(), make_plan(parse("li"), Order()))
    assert set(found[:3]) == {ids["Zoe Li"], ids["李娜"], ids["Company Li"]}  # as lists sort them: family name first
    assert found[3] == ids["Li Na"]


def test_of_several_words_whole_ones_come_before_longer_ones(workspace: Workspace) -> None:
    prefixed, whole, longer = (
        record.add_customer(workspace, values).customers[0]
        for values in (
            {"name": "Brown Woodley", "kind": "company"},
            {"name": "Zoe Ash", "company": "Brown Wood"},
            {"name": "Zoe Elm", "company": "Browning Woods"},
        )
    )
    found = [
        each
        for chunk in all_ids(workspace.database.reader(), make_plan(parse("brown wood"), Order()))
        for each in chunk
    ]
    assert found == [prefixed, whole, longer]
    assert first_ids(workspace.database.reader(), make_plan(parse("brown wood"), Order()), 2) == [prefixed, whole]


def test_an_unknown_sort_column_never_reaches_sql(database: Database) -> None:
    with pytest.raises(ValueError, match="name; DROP"):
        make_plan(parse(""), Order("name; DROP TABLE customers"))


def test_the_index_follows_every_write(workspace: Workspace) -> None:
    reader = workspace.database.reader()
    find = lambda text: first_ids(reader, make_plan(parse(text), Order()))  # noqa: E731 - a question asked often
    customer = record.add_customer(workspace, {"name": "Ana"}).customers[0]
    assert find("ana") == [customer]
    record.edit_customer(workspace, customer, {"name": "Beatriz", "phones": "13812345678", "city": "北京"})
    assert (find("ana"), find("beat"), find("5678"), find("北京")) == ([], [customer], [customer], [customer])
    record.change_tags(workspace, [customer], add=["gold"])
    assert find("gold") == [customer]
    record.change_tags(workspace, [customer], remove=["gold"])
    record.edit_customer(workspace, customer, {"phones": ""})
    assert (find("gold"), find("5678")) == ([], [])
    record.delete(workspace, [customer])
    assert find("beatriz") == []


def test_a_queue_is_drained_and_can_be_seen(database: Database, mass_import: MassImport) -> None:
    mass_import(database, 30, index_later=True)
    reader = database.reader()
    assert first_ids(reader, make_plan(parse("ana"), Order("sort_name"))) == []
    assert (queue_length(reader), missing_from_index(reader)) == (30, [])
    told: list[int] = []
    assert drain_queue(database, told.append) == 30
    assert (told[-1], queue_length(reader)) == (30, 0)
    assert len(first_ids(reader, make_plan(parse("ana"), Order()))) == 15
    assert (missing_from_index(reader), stale_in_index(reader, list(range(1, 31)))) == ([], [])


def test_a_rebuilt_index_is_whole(database: Database, mass_import: MassImport) -> None:
    mass_import(database, 30)
    for damage in ("DELETE FROM search WHERE rowid < 9", "INSERT INTO search(rowid, document) VALUES (99, 'x')"):
        database.writer.execute(damage)
    reader = database.reader()
    assert (missing_from_index(reader, 3), left_over_in_index(reader)) == ([1, 2, 3], [99])
    assert rebuild(database) == 30
    assert (missing_from_index(reader), left_over_in_index(reader)) == ([], [])
    assert stale_in_index(reader, list(range(1, 31))) == []
    assert rebuild(database) == 30


def test_a_rebuilt_empty_index_is_empty(database: Database) -> None:
    assert rebuild(database) == 0
    assert queue_length(database.reader()) == 0


def test_a_stale_entry_is_found(database: Database, mass_import: MassImport) -> None:
    mass_import(database, 5)
    connection = database.writer
    connection.execute("UPDATE customers SET name = 'Somebody Else' WHERE id = 2")
    connection.execute("DELETE FROM search WHERE rowid = 4")
    connection.execute("INSERT INTO search(rowid, document) VALUES (4, 'other words')")
    assert stale_in_index(database.reader(), [1, 2, 3, 4, 5]) == [2, 4]
