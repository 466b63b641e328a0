"""The first page of a filtered list from indexes alone: always what the whole condition finds, in the order of names."""

from random import Random

import pytest

from crmtui.domain.query import parse
from crmtui.services import record
from crmtui.services.workspace import Workspace
from crmtui.storage import candidates, search
from crmtui.storage.search import Order, first_ids, make_plan

QUERIES = (
    "tag:vip",
    "tag:VIP,老客户",
    "tag:vip stage:lead",
    "stage:LEAD,customer",
    "city:上",
    "city:lon tag:vip",
    "张 city:上海",
    "张 tag:vip stage:lead",
    "owner:me",
    "owner:BOB 张",
    "tag:nobody",
    "stage:none tag:vip",
    "tag:vip -stage:lead",
    "tag:vip is:company",
    "stage:lead has:phone",
    "tag:vip OR stage:lead",
    "tag:vip is:archived",
    'city:""',
    "stage:lead name:a",
)

LIVE = "archived_at IS NULL AND"


@pytest.fixture
def crowd(workspace: Workspace) -> Workspace:
    """A hundred customers with every mixture of the values."""
    random = Random(3)
    for number in range(100):
        values = {
            "name": random.choice(("张", "Ada ", "王小", "Zoe ", "b")) + str(number),
            "stage": random.choice(("lead", "Lead", "customer", "")),
            "owner": random.choice(("ann", "bob", "Bob", "")),
            "city": random.choice(("上海", "London", "londonderry", "")),
            "tags": random.choice(("vip", "VIP,老客户", "老客户", "")),
            "phones": random.choice(("+8613812345678", "")),
            "kind": random.choice(("person", "company")),
        }
        saved = record.add_customer(workspace, {key: value for key, value in values.items() if value})
        if number % 9 == 0:
            record.archive(workspace, saved.customers)
    return workspace


def expected(workspace: Workspace, text: str, *, descending: bool) -> list[int]:
    plan = make_plan(parse(text), Order(), actor="bob")
    direction = "DESC" if descending else "ASC"
    live = "AND archived_at IS NULL" if plan.live else ""
    sql = f"SELECT id FROM customers WHERE {plan.condition} {live} ORDER BY sort_name {direction}, id {direction}"
    return [row[0] for row in workspace.database.writer.execute(sql, plan.parameters)]


@pytest.mark.parametrize("way", ["reading", "walking", "too many", "no end"])
def test_every_way_finds_the_same(crowd: Workspace, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way != "reading":
        monkeypatch.setattr(search, "_NAMED_FEW", 0)
        monkeypatch.setattr(search, "_READ", 0 if way == "walking" else 1_000)
    if way == "too many":
        monkeypatch.setattr(candidates, "_MOST", 20)
    if way == "no end":
        monkeypatch.setattr(search, "_PATIENT", 0)
    reader = crowd.database.reader()
    for text in QUERIES:
        for descending in (False, True):
            plan = make_plan(parse(text), Order("sort_name" if descending else "", descending), actor="bob")
            everyone = expected(crowd, text, descending=descending)
            for limit in (1, 5, 200):
                assert first_ids(reader, plan, limit) == everyone[:limit], (text, descending, limit)


@pytest.mark.parametrize("column", ["company", "city"])
@pytest.mark.parametrize("descending", [False, True])
def test_lists_by_an_indexed_text_are_in_its_order(crowd: Workspace, column: str, descending: bool) -> None:
    direction = "DESC" if descending else "ASC"
    sql = (
        f"SELECT id FROM customers WHERE archived_at IS NULL ORDER BY {column} IS NULL,"
        f" {column} COLLATE NOCASE {direction}, id {direction}"
    )
    everyone = [row[0] for row in crowd.database.writer.execute(sql)]
    plan = make_plan(parse(""), Order(column, descending))
    found = [customer for chunk in search.all_ids(crowd.database.writer, plan) for customer in chunk]
    assert found == everyone
    for limit in (1, 7, 60, 200):
        assert first_ids(crowd.database.writer, plan, limit) == everyone[:limit]


def test_indexes_answer(crowd: Workspace) -> None:
    connection = crowd.database.writer
    for sql, plan in (
        ("SELECT customer_id FROM customer_tags WHERE tag_id IN (1, 2)", "COVERING INDEX customer_tags_by_tag"),
        ("SELECT customer_id FROM addresses WHERE city IN ('上海')", "COVERING INDEX addresses_by_city"),
        ("SELECT id FROM customers WHERE stage IN ('lead')", "COVERING INDEX customers_by_stage"),
        (
            f"SELECT id FROM customers WHERE {LIVE} company IS NOT NULL ORDER BY company COLLATE NOCASE, id",
            "customers_by_company_name",
        ),
        (
            f"SELECT id FROM customers WHERE {LIVE} city IS NOT NULL ORDER BY city COLLATE NOCASE DESC, id DESC",
            "customers_by_city",
        ),
    ):
        steps = " ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}"))
        assert plan in steps
        assert "TEMP B-TREE" not in steps
