"""Counting values: what is counted is what the query behind each row opens."""

import pytest

from crmtui.errors import Interrupted, UsageError
from crmtui.services import lookup, record
from crmtui.services.counting import ValueCount, ValueCounts, count_values
from crmtui.services.workspace import Workspace
from crmtui.storage import value_counts

FIELDS = (
    "kind", "name", "company", "job_title", "phones", "emails", "wechat", "urls", "stage", "owner", "source", "tags", "street", "city",
    "region", "country", "birthday", "do_not_contact", "notes", "created_at", "last_interaction_at", "custom.size", "custom.Net Days",
    "domain", "phone_country",
)  # fmt: skip


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    for values in (
        {
            "name": "A",
            "company": "Acme",
            "tags": "vip; a b",
            "city": "York",
            "region": "R",
            "phones": "+8613800001111; +8613800002222",
            "stage": "lead",
            "emails": "a@x.example; b@X.example",
            "birthday": "1990-05-04",
            "custom.size": "9",
            "do_not_contact": "yes",
        },
        {
            "name": "B",
            "company": "Acme Ltd",
            "tags": "vip",
            "city": "New York",
            "phones": "+14155552671",
            "stage": "lead",
            "owner": "li",
            "notes": "x\ny",
            "custom.Net Days": "30",
        },
        {
            "name": "C\x1fD",
            "company": "（上海）x",
            "phones": "+8613800001111",
            "emails": "c@sub.x.example",
            "source": 'say "hi"',
            "wechat": "c",
        },
        {"name": "Z", "tags": "old", "stage": "lost"},
        {"name": "Gone", "tags": "vip", "city": "York", "stage": "lead"},
    ):
        record.add_customer(workspace, values)
    record.archive(workspace, [5])
    return workspace


def count(workspace: Workspace, field: str, query: str = "", limit: int = -1) -> ValueCounts:
    return count_values(workspace.database.thread_reader(), query, field, limit)


def test_values_are_counted_the_commonest_first(filled: Workspace) -> None:
    assert count(filled, "tag").rows == [
        ValueCount("vip", 2, "tags:=vip"),
        ValueCount("a b", 1, 'tags:="a b"'),
        ValueCount("old", 1, "tags:=old"),
    ]
    found = count(filled, "city", "tag:vip")
    assert (found.rows, found.distinct, found.blank, found.total) == (
        [ValueCount("New York", 1, '(tag:vip) city:="New York"'), ValueCount("York", 1, "(tag:vip) city:=York")],
        2,
        0,
        2,
    )
    assert [(row.value, row.count) for row in count(filled, "phone_country").rows] == [("+86", 2), ("+1", 1)]
    assert [(row.value, row.count) for row in count(filled, "domain").rows] == [("sub.x.example", 1), ("x.example", 1)]
    assert [row.value for row in count(filled, "name").rows] == ["A", "B", "C\x1fD", "Z"]
    limited = count(filled, "tags", limit=1)
    assert ([row.value for row in limited.rows], limited.distinct) == (["vip"], 3)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("query", ["", "stage:lead", "-tag:old OR name:Z", "is:archived"])
def test_the_query_behind_a_row_opens_as_many_as_were_counted(filled: Workspace, field: str, query: str) -> None:
    found = count(filled, field, query)
    for row in found.rows:
        if row.query:
            assert len(lookup.find(filled, row.query, limit=99).ids) == row.count, row
    if field != "phone_country" and found.blank_query:
        assert len(lookup.find(filled, found.blank_query, limit=99).ids) == found.blank
    assert found.total == len(lookup.find(filled, query, limit=99).ids)
    whole = filled if not query else None
    assert whole is None or found.total == 4


def test_pieces_make_the_whole(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [count(filled, field, query) for field in FIELDS for query in ("", "stage:lead")]
    monkeypatch.setattr(value_counts, "_STEP", 2)
    monkeypatch.setattr(value_counts, "_IDS", 1)
    assert [count(filled, field, query) for field in FIELDS for query in ("", "stage:lead")] == whole


def test_it_can_be_stopped_and_unknown_fields_are_told(filled: Workspace) -> None:
    reader = filled.database.thread_reader()
    for query in ("", "tag:vip"):
        with pytest.raises(Interrupted):
            count_values(reader, query, "city", -1, lambda: True)
    with pytest.raises(UsageError) as told:
        count_values(reader, "", "citty")
    assert told.value.hint == "Did you mean “city”?"
    assert count(filled, "city", "stgae:lead").problems[0].nearest == "stage"


def test_an_empty_file_has_no_values(workspace: Workspace) -> None:
    assert count(workspace, "city") == ValueCounts([], 0, 0, 0, 'city:=""')
