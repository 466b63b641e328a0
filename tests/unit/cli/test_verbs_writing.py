"""The writing verbs: what they store, what they tell, what they refuse."""

import io
from datetime import datetime, timedelta

import pytest
from calling import Run


def _record(run: Run, customer: int) -> dict[str, object]:
    record: dict[str, object] = run("show", str(customer), "--json").json
    return record


def test_add_prints_the_id_and_tells_on_stderr(run: Run) -> None:
    ran = run(
        "add", "张伟", "phone=13812345678", "phone=021-5555 0101", "tag=vip", "tag=新", "company=启明", "custom.尺码=L"
    )
    assert (ran.code, ran.out) == (0, "1\n")
    assert "added 张伟 with the id 1" in ran.err
    record = _record(run, 1)
    assert record["family_name"] == "张"
    assert [phone["value"] for phone in record["phones"]] == ["13812345678", "021-5555 0101"]  # type: ignore[attr-defined]
    assert record["tags"] == ["vip", "新"]
    assert record["custom"] == {"尺码": "L"}


def test_add_names_who_looks_the_same(run: Run) -> None:
    assert "looks like" not in run("add", "张伟", "phone=+8613812345678").err
    told = run("add", "Zhang Wei", "phone=+86 138 1234 5678").err
    assert "looks like 张伟 (same phone); if the two are one: crmtui merge 1 2" in told


def test_add_json_and_issues(run: Run) -> None:
    ran = run("add", "Bob", "email=nonsense", "--json")
    assert ran.code == 0
    assert ran.json["customers"] == [1]
    assert ran.json["operation"] == 1
    assert [issue["code"] for issue in ran.json["issues"]] == ["not_an_email"]
    assert "nonsense" in ran.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["phnoe=1"], 2, "Did you mean phone?"),
        (["Bob", "Smith"], 2, "is not field=value"),
        (["name=a", "name=b"], 2, "given twice"),
        (["Bob", "last_interaction_at=2020"], 2, "worked out"),
        (["stage=lead"], 4, "names a customer"),
        ([], 2, "add needs FIELD=VALUE"),
    ],
)
def test_add_refuses(run: Run, words: list[str], code: int, says: str) -> None:
    ran = run("add", *words)
    assert ran.code == code
    assert says in ran.err
    assert ran.out == ""


def test_edit_sets_and_clears(two: Run) -> None:
    assert two("edit", "1", "stage=customer", "company=", "phone=+86 139 0000 1122").code == 0
    record = _record(two, 1)
    assert record["stage"] == "customer"
    assert record["company"] is None
    assert [phone["value"] for phone in record["phones"]] == ["+86 139 0000 1122"]  # type: ignore[attr-defined]
    assert "so already" in two("edit", "1", "stage=customer").err


def test_edit_of_a_customer_that_changed_shows_both_versions(two: Run) -> None:
    seen = _record(two, 1)["version"]
    two("edit", "1", "stage=qualified", "job_title=CEO")
    ran = two("edit", "1", "stage=lost", "--version", str(seen))
    assert ran.code == 4
    assert "stage: yours “lost”, now “qualified”" in ran.err
    assert _record(two, 1)["stage"] == "qualified"
    assert two("edit", "1", "stage=lost", "--version", str(seen), "--force").code == 0
    assert _record(two, 1)["stage"] == "lost"
    now = _record(two, 1)["version"]
    assert two("edit", "1", "stage=lead", "--version", str(now)).code == 0


def test_edit_of_many_is_one_operation(two: Run) -> None:
    assert two("edit", "1", "2", "owner=li").code == 0
    assert two("find", "owner:li", "--json").json != []
    two("edit", "--query", "owner:li", "owner=wang")
    assert len(two("find", "owner:wang", "--json").json) == 2
    two("undo")
    assert len(two("find", "owner:li", "--json").json) == 2


@pytest.mark.parametrize(
    "words",
    [
        ["stage=x"],
        ["1"],
        ["1", "--query", "x", "stage=x"],
        ["--query", "stagee:lead", "stage=x"],
        ["--query", " ", "stage=x"],
        ["1", "2", "stage=x", "--version", "1"],
        ["one", "stage=x"],
    ],
)
def test_edit_refuses_what_is_not_clear(two: Run, words: list[str]) -> None:
    before = two("find", "--json").out
    assert two("edit", *words).code == 2
    assert two("find", "--json").out == before


def test_missing_customers_are_1_and_nothing_is_written(two: Run) -> None:
    for line in (["edit", "9", "stage=x"], ["log", "9", "x"], ["task", "9", "x"], ["archive", "9"], ["delete", "9"],
                 ["order", "9", "5"], ["deal", "9", "x"], ["task", "--done", "9"], ["edit", "--query", "nobody", "stage=x"]):  # fmt: skip
        ran = two(*line)
        assert ran.code == 1, line
        assert ran.err.startswith("crmtui: ")
    assert len(two("history", "--json").json) == 2


def test_tag_archive_delete_and_back(two: Run) -> None:
    assert two("tag", "1", "2", "+new one", "-vip").code == 0
    assert _record(two, 1)["tags"] == ["new one"]
    assert two("tag", "1").code == 2
    assert two("archive", "1").code == 0
    assert two("find", "张伟").code == 1
    assert two("find", "is:archived").code == 0
    assert two("archive", "--back", "1").code == 0
    assert two("find", "张伟").code == 0
    assert two("delete", "1").code == 0
    assert two("show", "1").code == 1
    assert two("undo").code == 0
    assert _record(two, 1)["name"] == "张伟"


def test_log_takes_several_customers_and_when(two: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = two(
        "log",
        "1",
        "2",
        "--kind",
        "meeting",
        "--minutes",
        "30",
        "--outcome",
        "ok",
        "--at",
        "yesterday 3pm",
        "demo",
        "room",
    )
    assert ran.code == 0
    yesterday = (datetime.now() - timedelta(days=1)).date()
    assert f"{yesterday} 15:00" in ran.err
    whole = two("show", "2", "--json", "--all").json
    assert whole["interactions"][0]["body"] == "demo room"
    assert whole["interactions"][0]["minutes"] == 30
    monkeypatch.setattr("sys.stdin", io.StringIO("from a pipe\n"))
    assert two("log", "1", "-").code == 0
    assert "from a pipe" in two("show", "1").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["hello"], "log needs the id"),
        (["1", "--kind", "cal", "x"], "Did you mean call?"),
        (["1", "--at", "gibberish", "x"], "no time that is understood"),
        (["1", "--at", "2199-01-01", "x"], "in the future"),
        (["1", "--minutes", "x"], "whole number"),
    ],
)
def test_log_refuses(two: Run, words: list[str], says: str) -> None:
    ran = two("log", *words)
    assert ran.code == 2
    assert says in ran.err


def test_an_hour_without_a_day_is_the_last_one(two: Run) -> None:
    assert two("log", "1", "--at", "23:59", "x").code == 0
    assert two("log", "1", "--at", "0:01", "x").code == 0


def test_task_shows_the_moment_it_understood(two: Run) -> None:
    ran = two("task", "1", "--due", "2031-11-27 15:00", "送样品")
    assert "due Thu 2031-11-27 15:00" in ran.err
    assert "due Fri 2031-11-28" in two("task", "1", "--due", "2031-11-28", "call").err
    listed = two("task").out
    assert "送样品" in listed
    assert "张伟" in listed
    assert two("task", "--done", "1").code == 0
    assert "送样品" not in two("task", "--list").out
    assert two("task", "--reopen", "1").code == 0
    assert two("task", "--move", "1", "--due", "2020-01-02").code == 0
    assert "2020-01-02 (overdue)" in two("task").out
    assert [task["id"] for task in two("task", "--json").json] == [1, 2]
    assert two("task", "--move", "1").code == 2
    assert two("task", "1", "--due", "soonish", "x").code == 2
    assert two("task", "1").code == 4


def test_no_task_is_1(two: Run) -> None:
    assert two("task").code == 1


def test_money_verbs(two: Run) -> None:
    assert "€1,280.50" in two("order", "1", "1280.50", "--currency", "EUR", "--number", "SO-1").err
    assert "¥18,200" in two("payment", "1", "¥18,200").err
    assert "-" in two("refund", "1", "-5").err
    assert two("find", "SO-1").code == 0
    amounts = [(each["amount"], each["currency"]) for each in two("show", "1", "--json", "--all").json["transactions"]]
    assert (128050, "EUR") in amounts
    assert two("order", "1", "lots").code == 2
    assert two("order", "1", "5", "--currency", "XXXX").code == 2
    assert two("order", "1", "€5", "--currency", "USD").code == 2
    assert two("order", "1").code == 2
    assert two("deal", "1", "contract", "--amount", "60000", "--close", "2031-12-31").code == 0
    assert two("show", "1", "--json", "--all").json["deals"][0]["expected_close"] == "2031-12-31"


def test_undo_redo_history_blame(two: Run) -> None:
    two("edit", "1", "stage=customer")
    ran = two("undo")
    assert ran.code == 0
    assert "undone: edited 张伟 · 1 row put back" in ran.err
    assert _record(two, 1)["stage"] == "lead"
    ran = two("redo", "--json")
    assert ran.json["reversed"] == 1
    assert "done again: edited 张伟" in ran.err
    assert [each["kind"] for each in two("history", "--json").json][:3] == ["redo", "undo", "customer.edit"]
    assert "undone by" in two("history").out or "edited 张伟" in two("history").out
    (first, *_rest) = two("blame", "1", "stage", "--json").json
    assert (first["before"], first["after"]) == ("lead", "customer")
    assert "customer" in two("blame", "1", "stage").out
    assert two("blame", "1", "stge").code == 2
    assert two("history", "1").code == 0
    assert two("redo").code == 1
    assert two("undo", "x").code == 2
    assert two("undo", "99").code == 1


def test_undo_keeps_what_changed_since(two: Run) -> None:
    two("edit", "1", "stage=qualified")
    two("edit", "1", "stage=lost")
    ran = two("undo", "3")
    assert ran.code == 4
    assert "kept: customers 1, changed since" in ran.err
    assert _record(two, 1)["stage"] == "lost"


def test_an_empty_time_is_refused(two: Run) -> None:
    for line in (("log", "1", "--at", "", "hello"), ("log", "1", "--at", "  ", "hello")):
        told = two(*line)
        assert told.code == 2
        assert "is no time that is understood" in told.err


def test_the_history_names_tags_and_interactions(two: Run) -> None:
    two("tag", "1", "+newcomer")
    two("log", "1", "2", "--kind", "meeting", "talked about prices")
    told = two("history", "1").out + two("history", "2").out
    assert "newcomer" in told
    assert "talked about prices" in told
    assert "newcomer" in two("blame", "1", "tags").out
