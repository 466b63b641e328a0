"""``dupes``, ``merge``, ``unmerge``: the contract for scripts, and what they refuse."""

import csv
import io
from pathlib import Path

import pytest
from calling import Run


@pytest.fixture
def pair(run: Run) -> tuple[int, int]:
    """A file with one sure pair and a household; the ids of the pair."""
    run("add", "张伟", "phone=13812345678", "email=zw@hengda.cn", "city=上海", "company=恒达公司")
    run("add", "Zhang Wei", "phone=+86 138-1234-5678", "email=zw@hengda.cn", "city=Shanghai", "title=buyer")
    run("add", "Hans Weber", "phone=+4930123456", "street=Lindenweg 5", "city=Berlin")
    run("add", "Maria Weber", "phone=+4930123456", "street=Lindenweg 5", "city=Berlin")
    return 1, 2


def test_scan_list_and_explain(run: Run, pair: tuple[int, int]) -> None:
    scanned = run("dupes", "scan", "--json").json
    assert scanned["scanned"] == 4 and scanned["full"]
    assert set(scanned["pairs"]) == {"certain", "likely", "possible"}
    listed = run("dupes", "list", "--csv")
    rows = list(csv.reader(io.StringIO(listed.out)))
    assert rows[0] == ["id_a", "id_b", "score", "level", "reasons"]
    assert (int(rows[1][0]), int(rows[1][1])) == pair
    assert "Phone" in rows[1][4]
    assert run("dupes", "list", "--json", "--level", "likely", "--level", "certain").json[0]["id_a"] == 1
    assert "张伟" in run("dupes", "list").out
    told = run("dupes", "explain", "1", "2", "--json").json
    assert told["level"] in ("certain", "likely") and told["verdict"]
    assert {"signal", "first", "second", "agreement", "bits", "strength"} <= set(told["reasons"][0])
    assert "household" in run("dupes", "explain", "3", "4").out


def test_decide_is_remembered_and_taken_back(run: Run, pair: tuple[int, int]) -> None:
    run("dupes", "scan")
    assert run("dupes", "decide", "1", "2", "different").code == 0
    assert run("dupes", "list", "--csv").out.count("\n") == 1
    assert run("dupes", "list").code == 1
    assert run("dupes", "decisions", "--json").json[0]["decision"] == "different"
    assert run("dupes", "decide", "2", "1", "forget").code == 0
    run("dupes", "scan")
    assert run("dupes", "list", "--csv").out.count("\n") == 2


def test_merge_show_and_unmerge(run: Run, pair: tuple[int, int]) -> None:
    dry = run("merge", "1", "2", "--dry-run", "--json").json
    assert dry["fields"]["name"]["value"] == "张伟" and dry["fields"]["job_title"]["from"] == 2
    assert "张伟" in run("merge", "1", "2", "--dry-run").out
    merged = run("merge", "1", "2", "--json").json
    assert merged["survivor"] == 1 and merged["merged"] == [2]
    assert run("show", "2", "--json").json["id"] == 1
    assert run("find", "zhang wei", "--json").json[0]["id"] == 1
    assert run("unmerge", "2").code == 0
    assert run("show", "2", "--json").json["id"] == 2
    assert run("undo").code == 0
    assert run("show", "2", "--json").json["id"] == 1


def test_merge_of_all_that_is_certain(run: Run, pair: tuple[int, int], tmp_path: Path) -> None:
    assert run("merge", "--certain").code == 1
    run("dupes", "scan")
    plan = run("merge", "--certain", "--json")
    if plan.code == 0:
        assert plan.json["groups"] == 1 and plan.json["sample"] == [[1, 2]]
        assert "1 group" in run("merge", "--certain").out
        assert run("merge", "--certain", "--yes", "--json").json["groups"] == 1
        assert run("show", "1", "--json").json["id"] == run("show", "2", "--json").json["id"]
    rules = tmp_path / "rules.toml"
    rules.write_text('agree = ["fone"]', encoding="utf-8")
    ran = run("merge", "--certain", "--rules", str(rules))
    assert ran.code == 2 and "fone" in ran.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("dupes", "look"), 2),
        (("dupes", "scan", "5"), 2),
        (("dupes", "explain", "1"), 2),
        (("dupes", "explain", "1", "1"), 2),
        (("dupes", "explain", "1", "99"), 1),
        (("dupes", "decide", "1", "2"), 2),
        (("dupes", "decide", "1", "2", "maybe"), 2),
        (("merge", "1"), 2),
        (("merge", "1", "1"), 2),
        (("merge", "1", "99"), 1),
        (("merge", "1", "2", "--take", "colour=1"), 2),
        (("merge", "1", "2", "--take", "name=3"), 2),
        (("merge", "1", "--certain"), 2),
        (("unmerge", "1"), 1),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(
    run: Run, pair: tuple[int, int], words: tuple[str, ...], code: int
) -> None:
    before = len(run("history", "--json").json)
    ran = run(*words)
    assert ran.code == code
    assert ran.err
    assert len(run("history", "--json").json) == before
