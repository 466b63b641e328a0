"""Completion knows the fields, this file's own values, and says how many customers stand behind one."""

import pytest

from crmtui.i18n import set_language
from crmtui.services import record
from crmtui.services.completion import KnownValues, complete
from crmtui.services.workspace import Workspace


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    for name, values in {
        "张三": {"city": "上海", "tags": "vip; key account", "owner": "李雷", "stage": "lead", "industry": "food"},
        "Ada": {"city": "London", "tags": "vip", "owner": "tom", "company": "Acme Ltd", "emails": "ada@acme.example"},
        "Bob": {"city": "上海", "source": "trade fair", "stage": "haggling"},
    }.items():
        record.add_customer(workspace, {"name": name, **values})
    return workspace


def offered(workspace: Workspace, text: str, language: str = "en") -> list[str]:
    return [each.insert for each in complete(workspace.database.thread_reader(), text, len(text), language).candidates]


def test_fields_come_by_key_alias_label_and_pinyin(filled: Workspace) -> None:
    assert offered(filled, "sta")[0] == "stage:"
    assert offered(filled, "负责")[0] == "owner:"
    assert "phone:" in offered(filled, "dianhua")
    set_language("zh_CN")
    try:
        assert offered(filled, "fzr", "zh_CN")[0] == "owner:"
        assert offered(filled, "stage:xs", "zh_CN") == ["lead"]
    finally:
        set_language("en")


def test_values_are_those_of_the_file(filled: Workspace) -> None:
    assert offered(filled, "city:") == ["上海", "London"]
    assert offered(filled, "city:sh") == ["上海"]
    assert offered(filled, "tag:k") == ['"key account"']
    assert offered(filled, "owner:") == ["me", "tom", "李雷", "none"]
    assert "haggling" in offered(filled, "stage:")
    assert offered(filled, "source:tr") == ['"trade fair"']
    assert offered(filled, "company:ac") == ['"Acme Ltd"']
    assert offered(filled, "domain:") == ["acme.example"]
    assert offered(filled, "-(has:em") == ["email"]
    assert offered(filled, "last:>9") == [">90d"]
    assert offered(filled, "last:>9", "zh_CN") == [">90天"]
    assert offered(filled, "is:arch") == ["archived"]
    assert offered(filled, "nofield:x") == []


def test_custom_fields_and_their_values_are_offered(filled: Workspace) -> None:
    with_fields = filled.database.writer
    with_fields.execute("INSERT INTO field_definitions(key, label, type) VALUES ('industry', 'Industry', 'text')")
    assert offered(filled, "indus") == ["custom.industry:"]
    assert offered(filled, "custom.industry:") == ["food"]


def test_a_completion_says_how_many_and_where_it_goes(filled: Workspace) -> None:
    found = complete(filled.database.thread_reader(), "zhang tag:v", 11, "en")
    assert (found.start, found.end) == (10, 11)
    assert [(each.insert, each.count) for each in found.candidates] == [("vip", 2)]


def test_imports_are_offered_by_their_file(filled: Workspace, mass_import: "object") -> None:
    operation = mass_import(filled.database, 3)  # type: ignore[operator]
    found = complete(filled.database.thread_reader(), "batch:", 6, "en").candidates
    assert [(each.insert, each.label) for each in found] == [(str(operation), "list.csv")]


def test_values_are_kept_from_one_key_to_the_next(filled: Workspace) -> None:
    known = KnownValues(filled.database.thread_reader())
    first = complete(known.connection, "city:", 5, "en", known=known)
    record.add_customer(filled, {"name": "Cy", "city": "Cadiz"})
    assert complete(known.connection, "city:", 5, "en", known=known) == first
    assert "Cadiz" in offered(filled, "city:")


def test_an_empty_file_offers_fields_and_no_values(workspace: Workspace) -> None:
    assert offered(workspace, "")[0] == "stage:"
    assert offered(workspace, "city:") == []
    assert offered(workspace, "custom.nothing:") == []
