"""What the child process of an import tells: the same of a file that is read twice as of one that is read once."""

from pathlib import Path
from typing import Any

import pytest

from crmtui.errors import FormatError
from crmtui.services.bring_in import ImportOptions, detect, map_columns
from crmtui.services.importing import reading
from crmtui.services.importing.plan import ImportPlan
from crmtui.services.importing.reading import Attached, Ending, Newcomers, count_customers, read_customers

AT = "2026-01-02T03:04:05Z"


@pytest.fixture
def plan(tmp_path: Path) -> ImportPlan:
    rows = ["Name,Phone,E-Mail,Tags,City,Birthday"]
    for number in range(2345):
        phone = "12" if number % 50 == 0 else f"+86138{number % 2000:08d}"
        born = "soon" if number % 100 == 7 else "1980-01-02"
        rows.append(
            f"Person {(number * 7919) % 2345:04d},{phone},p{number}@example.com;q{number}@example.com,vip;new,上海,{born}"
        )
    rows.insert(1000, ",,,,,")
    rows.insert(1500, "x,,,,,,,too,many")
    path = tmp_path / "people.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return map_columns(detect(str(path), ImportOptions(region="CN")))


def gather(plan: ImportPlan) -> dict[str, Any]:
    """All that is told of a file, each customer with what hangs on it."""
    batches: list[list[dict[str, Any]]] = []
    attached = 0
    told: dict[str, Any] = {"rows": 0, "rejected": [], "issues": [], "batches": batches}
    for portion in read_customers(plan, AT):
        if isinstance(portion, Newcomers):
            told["rows"] += portion.rows
            told["rejected"] += portion.rejected
            if portion.customers:
                assert [row[0] for row in portion.customers] == list(range(len(portion.customers)))
                batches.append(
                    [{"values": dict(zip(portion.columns, row[1:], strict=True))} for row in portion.customers]
                )
        elif isinstance(portion, Attached):
            told["issues"] += portion.issues
            if portion.documents:
                batch = batches[attached]
                attached += 1
                for customer, document in zip(batch, portion.documents.decode().split("\0"), strict=True):
                    customer["document"] = document
                for table, found in {**portion.children, "tags": portion.tags}.items():
                    assert [row[0] for row in found] == list(range(len(found)))
                    for row in found:
                        batch[row[1]].setdefault(table, []).append(row[2:])
        else:
            told["ending"] = portion
    assert attached == len(batches)
    return told


def test_read_twice_is_read_once(plan: ImportPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BLOCK_ROWS", 100)
    monkeypatch.setattr(reading, "_BLOCKS_A_GROUP", 6)
    once = gather(plan)
    monkeypatch.setattr(reading, "_ONCE_BYTES", 0)
    twice = gather(plan)
    assert once == twice
    customers = [customer for batch in twice["batches"] for customer in batch]
    assert (len(customers), twice["rows"], [each.code for each in twice["rejected"]]) == (
        2345,
        2346,
        ["too_many_cells"],
    )
    for customer in customers:
        number = customer["contact_points"][-1][1].removeprefix("q").removesuffix("@example.com")
        assert customer["values"]["name"] == f"Person {(int(number) * 7919) % 2345:04d}"
        assert customer["values"]["email"] == f"p{number}@example.com"
        assert f"p {number} example" in customer["document"].replace("@", " ").replace(".", " ")
    names = [customer["values"]["sort_name"] for customer in customers[:600]]
    assert names == sorted(names)


def test_a_rehearsal_tells_the_same(plan: ImportPlan) -> None:
    told = gather(plan)
    counted = list(count_customers(plan, AT))
    assert sum(each.rows for each in counted if isinstance(each, Newcomers)) == told["rows"]
    assert [issue for each in counted if isinstance(each, Attached) for issue in each.issues] == told["issues"]
    assert [each for each in counted if isinstance(each, Ending)] == [told["ending"]]


def test_a_file_that_changes_between_the_readings_is_refused(plan: ImportPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_ONCE_BYTES", 0)
    portions = read_customers(plan, AT)
    assert isinstance(next(portions), Newcomers)
    with open(plan.path, "a", encoding="utf-8") as file:
        file.write("One more,,,,,\n")
    with pytest.raises(FormatError, match="changed while it was read"):
        list(portions)


def test_lines_that_repeat_a_phone_or_an_address_are_told_once_each(tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text(
        "Name,Phone,E-Mail\nA,13800138000,a@b.cn\nB,13900139000,b@b.cn\nA,13800138000,a@b.cn\n", encoding="utf-8"
    )
    plan = map_columns(detect(str(path), ImportOptions(region="CN")))
    [ending] = [each for each in read_customers(plan, AT) if isinstance(each, Ending)]
    assert ending == Ending(1, [(4, 2)])
