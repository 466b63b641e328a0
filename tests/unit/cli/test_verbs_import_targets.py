"""import --step and --set: what is done with cells, and what is said of every row."""

from pathlib import Path

import pytest
from calling import Run

ORDERS = "Order;Buyer;Total;When\nA1;SMITH, John;1.234,50 €;5/3/2024\nA2;LEE Ann;(3,00);13/3/2024\n"
COLUMNS = (
    *("--map", "Order=transaction:number", "--map", "Buyer=name"),
    *("--map", "Total=transaction:amount", "--map", "When=transaction:at"),
    *("--step", "Buyer=name:family-first", "--step", "Total=number:de"),
    *("--set", "transaction:kind=payment", "--set", "custom.来源=展会"),
)


@pytest.fixture
def orders(tmp_path: Path) -> str:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, "utf-8")
    return str(file)


def test_steps_and_constants(run: Run, orders: str) -> None:
    document = run("import", orders, *COLUMNS, "--json").json
    assert document["counts"]["created"] == 2
    assert document["children"] == {"transactions": {"created": 2, "updated": 0, "unchanged": 0}}
    (john,) = run("find", "Smith", "--json").json
    assert (john["name"], john["family_name"], john["custom"]) == ("John Smith", "Smith", {"来源": "展会"})
    shown = run("show", str(john["id"])).out
    assert "payment" in shown and "1,234.50" in shown and "2024-03-05" in shown


def test_a_rehearsal_without_a_customer_file_meets_the_rows_with_each_other(
    run: Run, orders: str, tmp_path: Path
) -> None:
    Path(orders).write_text(ORDERS + "A3;LEE Ann;1;14/3/2024\n", "utf-8")
    ran = run("import", orders, *COLUMNS, "--dry-run")
    assert ran.code == 0 and "3 new" in ran.out
    assert not (tmp_path / "work.db").exists()
    document = run("import", orders, *COLUMNS, "--dry-run", "--json").json
    assert (document["counts"]["rows"], document["counts"]["created"]) == (3, 2)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--step", "Total=nothing:x", "nothing:x"),
        ("--step", "Total", "Total"),
        ("--step", "Missing=lines", "Missing"),
        ("--set", "stage", "stage"),
        ("--set", "deal:nothing=x", "deal:nothing"),
    ],
)
def test_what_is_said_wrongly_is_named(run: Run, orders: str, option: str, value: str, told: str) -> None:
    ran = run("import", orders, option, value)
    assert ran.code == 2 and told in ran.err


def test_a_column_and_a_step_may_both_hold_an_equals_sign(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name,a=b\nAnn,x\nBob,y\n", "utf-8")
    document = run("import", str(file), "--map", "a=b=custom.ab", "--step", "a=b=map:x=1;*=0", "--json").json
    assert document["counts"]["created"] == 2
    assert [each["custom"] for each in run("find", "--json").json] == [{"ab": "1"}, {"ab": "0"}]
