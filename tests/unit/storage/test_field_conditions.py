"""``field:=value`` finds exactly that value, ``field:=""`` those without one, and the signs in a quoted value stay what they are."""

import pytest

from crmtui.services import lookup, record
from crmtui.services.workspace import Workspace


@pytest.fixture
def three(workspace: Workspace) -> list[int]:
    return [
        record.add_customer(workspace, values).customers[0]
        for values in (
            {
                "name": "A",
                "company": "Acme",
                "city": "York",
                "tags": "vip",
                "emails": "a@x.example",
                "size": "9",
                "region": "R",
            },
            {
                "name": "B",
                "company": "Acme Ltd",
                "city": "New York",
                "tags": "vip2",
                "emails": "b@sub.x.example",
                "size": "90",
            },
            {"name": "C", "company": "恒达（上海）有限公司"},
        )
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("company:=Acme", [0]),
        ("company:Acme", [0, 1]),
        ('company:="恒达（上海）有限公司"', [2]),
        ('company:"恒达（上海"', [2]),
        ("company:=acme", []),
        ("city:=York", [0]),
        ('city:=""', [2]),
        ("city:none", [2]),
        ("region:none", [1, 2]),
        ("region:=R", [0]),
        ("tag:=vip", [0]),
        ('tag:=""', [2]),
        ("domain:=x.example", [0]),
        ('domain:=""', [2]),
        ("email:=a@x.example", [0]),
        ('email:=""', [2]),
        ("custom.size:=9", [0]),
        ('custom.size:=""', [2]),
        ("source:none", [0, 1, 2]),
        ("-company:=Acme", [1, 2]),
        ("id:=1", [0]),
        ("created:=2", [0, 1, 2]),
    ],
)
def test_exactly_what_is_asked_for_is_found(
    workspace: Workspace, three: list[int], query: str, found: list[int]
) -> None:
    assert sorted(lookup.find(workspace, query).ids) == [three[place] for place in found]
