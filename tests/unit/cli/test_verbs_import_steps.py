"""import: recipes, policies, limits, decisions told, a batch completed; recipe; history --kind import."""

from pathlib import Path

import pytest
from calling import Run

TABLE = "Name,Email,Phone,Stage\nAnna,anna@x.org,020 7946 0958,lead\nBert,bad,,\n"


@pytest.fixture
def table(tmp_path: Path) -> str:
    file = tmp_path / "list.csv"
    file.write_text(TABLE, "utf-8")
    return str(file)


def write(tmp_path: Path, name: str, text: str) -> str:
    (tmp_path / name).write_text(text, "utf-8")
    return str(tmp_path / name)


def test_a_recipe_is_saved_listed_used_by_itself_and_as_a_file(run: Run, table: str, tmp_path: Path) -> None:
    ran = run(
        "import",
        table,
        "--region",
        "GB",
        "--mode",
        "upsert",
        "--match",
        "email",
        "--map",
        "Stage=custom.s",
        "--save-recipe",
        "l",
    )
    assert ran.code == 0
    assert [each["name"] for each in run("recipe", "list", "--json").json] == ["l"]
    shown = run("recipe", "show", "l").out
    assert 'Stage = "custom.s"' in shown and 'mode = "upsert"' in shown
    again = write(tmp_path, "again.csv", "Name,Email,Phone,Stage\nAnna B,anna@x.org,020 7946 0958,lead\n")
    document = run("import", again, "--dry-run", "--json").json
    assert (document["recipe"], document["mode"], document["counts"]["updated"]) == ("l", "upsert", 1)
    assert [note["code"] for note in document["notes"] if note["code"].startswith("recipe")] == ["recipe"]
    assert document["results"]["updated"]["rows"][0]["changes"][0] == {
        "field": "name",
        "before": "Anna",
        "after": "Anna B",
    }
    assert "recipe l" in run("import", again, "--dry-run").err
    assert run("import", again, "--dry-run", "--no-recipe", "--json").json["recipe"] is None
    file = write(tmp_path, "l.toml", shown)
    assert run("inspect", again, "--recipe", file, "--json").json["mapping"]["Stage"]["field"] == "custom.s"
    assert run("recipe", "delete", "l").code == 0
    assert run("recipe", "list").code == 1
    assert run("import", again, "--recipe", "l").code == 2
    assert run("import", again, "--recipe", file).code == 0


def test_drift_and_too_many_rejects_end_with_4_and_write_nothing(run: Run, table: str, tmp_path: Path) -> None:
    run("import", table, "--save-recipe", "l")
    drifted = write(tmp_path, "next.csv", "Name,Email,Phone,Extra\nCara,c@x.org,,x\n")
    ran = run("import", drifted, "--recipe", "l")
    assert ran.code == 4 and "gone: Stage" in ran.err and "new: Extra" in ran.err and "Nothing was imported" in ran.err
    assert run("import", drifted, "--recipe", "l", "--dry-run").code == 4
    bad = write(tmp_path, "bad.csv", "Name,Email,Phone,Stage\nD,d@x.org,,\nE,e@x.org,,,x\n")
    assert run("import", bad, "--max-rejects", "0").code == 4
    assert run("import", bad, "--max-rejects", "0", "--dry-run").code == 4
    assert run("find", "name:D").code == 1
    assert run("import", bad, "--max-rejects", "50%").code == 0
    assert run("import", bad, "--max-rejects", "many", "--again").code == 2


def test_a_rehearsal_tells_changes_questions_and_what_is_there(run: Run, table: str, tmp_path: Path) -> None:
    run("import", table, "--region", "GB")
    update = write(tmp_path, "u.csv", "Name,Email,Phone,Stage\nAnna,anna@x.org,,customer\nX,,020 7946 0958,\n")
    ran = run("import", update, "--region", "GB", "--mode", "upsert", "--dry-run", "--no-recipe")
    assert "lead" in ran.out and "customer" in ran.out and "stage" in ran.out
    known = run("import", update, "--region", "GB", "--dry-run", "--no-recipe")
    assert "row 2 is there already: 1 Anna" in known.err
    assert run("add", "name=Anna Two", "email=two@x.org").code == 0
    question = write(tmp_path, "q.csv", "Name,Email,Phone,Stage\nX,two@x.org,020 7946 0958,\n")
    asked = run("import", question, "--region", "GB", "--mode", "upsert", "--dry-run")
    assert "row 2 fits several customers: 1 Anna, 3 Anna Two" in asked.err


def test_policies_and_tokens_are_handed_on(run: Run, table: str, tmp_path: Path) -> None:
    run("import", table, "--region", "GB")
    update = write(tmp_path, "u.csv", "Name,Email,Stage\nAnna,anna@x.org,customer\n")
    words = ("import", update, "--mode", "update", "--policy", "stage=keep", "--no-recipe")
    assert run(*words, "--json").json["counts"]["unchanged"] == 1
    assert run("import", update, "--policy", "stage").code == 2
    token = run("import", update, "--mode", "update", "--dry-run", "--json").json["token"]
    assert run("import", update, "--mode", "fill", "--rehearsed", token).code == 4
    assert run("import", update, "--mode", "update", "--rehearsed", token, "--json").json["counts"]["updated"] == 1
    assert (
        run("import", update, "--mode", "update", "--rehearsed", token).code == 4
    )  # the customers are not those any more


def test_rejected_rows_go_back_and_the_history_shows_both(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path, "f.csv", "Name,Email\nAnna,a@x.org\nBert,b@x.org,x\n")
    rejects = str(tmp_path / "r.csv")
    first = run("import", file, "--rejects", rejects, "--json").json["operation"]
    text = Path(rejects).read_text("utf-8-sig")
    Path(rejects).write_text(text.replace("b@x.org,x,", "b@x.org,"), "utf-8")
    document = run("import", rejects, "--into", str(first), "--json").json
    assert document["batch"] == first and document["counts"]["created"] == 1
    assert [each["field"] for each in document["mapping"].values()] == ["name", "emails", "skip", "skip"]
    ran = run("history", "--kind", "import")
    assert f"completes {first}" in ran.out and "1 created, 1 rejected" in ran.out
    assert [each["id"] for each in run("history", "--kind", "import", "--json").json] == [document["operation"], first]
    assert len(run("find", f"batch:{first}", "--json").json) == 2
    assert run("history", "--kind", "merge").code == 1
    assert run("import", rejects, "--into", "99", "--again").code == 2


def test_a_sheet_is_only_for_files_with_sheets(run: Run, table: str) -> None:
    ran = run("import", table, "--sheet", "Tabelle1")
    assert ran.code == 2 and "sheets" in ran.err
