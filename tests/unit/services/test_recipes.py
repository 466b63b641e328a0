"""Recipes: saved and found again, what a person says goes first, drift is an alarm."""

from pathlib import Path
from typing import Any

import pytest

from crmtui.domain.mapping.guess import ColumnMapping
from crmtui.domain.mapping.steps import parse_step
from crmtui.errors import ConfigError, FormatError, UsageError
from crmtui.services import bring_in, recipes
from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.services.lookup import record
from crmtui.services.undo_history import describe, undo_last
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import history

FILE = "Name,Tel,Code,Leer\nAnna Lee,020 7946 0958,A1,\nBert Ray,n/v,B2,\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="GB", create=True) as opened:
        yield opened


def write(tmp_path: Path, text: str, name: str = "file.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def plan_of(workspace: Workspace, path: str, **said: Any) -> bring_in.ImportPlan:
    return bring_in.prepare(workspace, path, ImportOptions(**said))


def told(plan: bring_in.ImportPlan) -> dict[str, str]:
    return {note.code: note.text for note in plan.remarks}


def save_code_recipe(workspace: Workspace, tmp_path: Path, name: str = "codes") -> recipes.Recipe:
    """A recipe for FILE in which a person has put Code into a field, chosen a mode and corrected a value."""
    plan = plan_of(workspace, write(tmp_path, FILE), mapping={"Code": "custom.code", "Tel": "phones.work"})
    plan = plan.with_options(mode="upsert", match=("custom.code",), policies={"phones": "keep"})
    plan = plan.with_corrections(
        plan.corrections.with_value("Tel", "n/v", "").with_cell(2, "Name", "only here").without_rows([9])
    )
    recipe = recipes.recipe_of(plan, name)
    assert recipes.save(workspace, recipe).operation_id
    return recipe


def test_a_recipe_is_kept_and_is_the_same_when_read_again(workspace: Workspace, tmp_path: Path) -> None:
    recipe = save_code_recipe(workspace, tmp_path)
    assert recipes.load(workspace, "codes") == recipe == recipes.saved(workspace.database.reader())[0]
    assert recipe.corrections.values == (("Tel", "n/v", ""),)
    assert not recipe.corrections.cells and not recipe.corrections.left_out  # rows mean nothing in the next file
    assert recipe.columns["Leer"].empty and not recipe.columns["Tel"].empty
    path = str(tmp_path / "r.toml")
    recipes.write_file(path, recipe)
    assert recipes.load(None, path) == recipe
    operation = history.operations(workspace.database.reader())[0]
    assert describe(operation) == "recipe saved codes"
    undo_last(workspace)
    assert recipes.saved(workspace.database.reader()) == []


def test_it_is_found_by_itself_when_the_same_columns_come_back(workspace: Workspace, tmp_path: Path) -> None:
    save_code_recipe(workspace, tmp_path)
    again = write(tmp_path, "Tel,Code,Name,Leer\n0161 496 0000,C3,Cara Poe,\n", "again.csv")
    plan = plan_of(workspace, again, undecided=frozenset(("mode", "match", "region")), match=())
    assert plan.recipe == "codes" and "codes" in told(plan)["recipe"]
    assert {each.column: each.field for each in plan.mapping} == {
        "Tel": "phones.work",
        "Code": "custom.code",
        "Name": "name",
        "Leer": "custom.Leer",
    }
    assert (plan.options.mode, plan.options.match, dict(plan.options.policies)) == (
        "upsert",
        ("custom.code",),
        {"phones": "keep"},
    )
    assert plan.corrections.values == (("Tel", "n/v", ""),)
    assert plan_of(workspace, again, no_recipe=True).recipe == ""
    other = write(tmp_path, "Tel,Code\n1,2\n", "other.csv")
    assert plan_of(workspace, other).recipe == ""


def test_what_a_person_says_goes_before_the_recipe(workspace: Workspace, tmp_path: Path) -> None:
    save_code_recipe(workspace, tmp_path)
    path = write(tmp_path, FILE)
    plan = plan_of(
        workspace, path, recipe="codes", mode="update", match=("phone",), mapping={"Tel": "phones.home"}, region="DE"
    )
    assert (plan.options.mode, plan.options.match, plan.region) == ("update", ("phone",), "DE")
    assert plan.mapping[1].field == "phones.home"
    own = plan.with_corrections(bring_in_corrections(plan, "n/v", "0161 496 0000"))
    applied = recipes.apply(own, recipes.load(workspace, "codes"))
    assert applied.corrections.values == (("Tel", "n/v", "0161 496 0000"),)


def bring_in_corrections(plan: bring_in.ImportPlan, old: str, new: str) -> Any:
    return type(plan.corrections)().with_value("Tel", old, new)


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        ("Name,Tel,Code,Leer,Extra\nAnna,1,A1,,x\n", "new: Extra"),
        ("Name,Tel,Leer\nAnna,1,\n", "gone: Code"),
        ("Name,Tel,Code,Leer\nAnna,,A1,\nBert,,B2,\n", "suddenly empty: Tel"),
    ],
)
def test_a_file_that_is_not_what_the_recipe_expects_is_refused(
    workspace: Workspace, tmp_path: Path, text: str, difference: str
) -> None:
    save_code_recipe(workspace, tmp_path)
    path = write(tmp_path, text, "next.csv")
    before = workspace.database.reader().execute("SELECT count(*) FROM operations").fetchone()
    with pytest.raises(FormatError) as refused:
        run_import(workspace, path, ImportOptions(recipe="codes"))
    assert difference in refused.value.message and refused.value.exit_code == 4
    assert refused.value.kept == "Nothing was imported."
    assert workspace.database.reader().execute("SELECT count(*) FROM operations").fetchone() == before


def test_a_column_with_a_value_far_below_is_not_suddenly_empty(workspace: Workspace, tmp_path: Path) -> None:
    save_code_recipe(workspace, tmp_path)
    rows = "".join(f"Person {at},,C{at},\n" for at in range(300)) + "Last,0161 496 0000,Z,\n"
    plan = plan_of(workspace, write(tmp_path, "Name,Tel,Code,Leer\n" + rows, "next.csv"), recipe="codes")
    assert plan.recipe == "codes"
    found = plan_of(workspace, write(tmp_path, "Name,Tel,Code,Leer\nA,,C,\n", "empty.csv"))
    assert "suddenly empty: Tel" in told(found)["recipe_drift"]


def test_near_recipes_are_offered_to_a_person(workspace: Workspace, tmp_path: Path) -> None:
    save_code_recipe(workspace, tmp_path)
    plan = plan_of(workspace, write(tmp_path, "Name,Tel,Code\nA,1,2\n", "less.csv"))
    [offer] = recipes.offers(workspace.database.reader(), plan)
    assert offer.recipe.name == "codes" and offer.drift.vanished == ("Leer",) and plan.recipe == ""
    assert (
        recipes.offers(workspace.database.reader(), plan_of(workspace, write(tmp_path, "a,b\n1,2\n", "no.csv"))) == []
    )


def test_the_run_does_what_the_recipe_says(workspace: Workspace, tmp_path: Path) -> None:
    save_code_recipe(workspace, tmp_path)
    path = write(tmp_path, FILE)
    undecided = frozenset(("mode", "match", "region"))
    first = run_import(workspace, path, ImportOptions(undecided=undecided, match=()))
    assert (first.counts.created, first.counts.updated, first.issue_counts) == (2, 0, {})
    second = run_import(workspace, path, ImportOptions(undecided=undecided, match=()))
    assert (second.counts.unchanged, second.operation_id) == (2, 0)
    assert record(workspace, 1)["phones"][0]["label"] == "work" and record(workspace, 2)["phones"] == []
    kept = history.read_operation(workspace.database.reader(), first.operation_id)
    assert kept is not None and kept.detail is not None and kept.detail["recipe"] == "codes"


def test_steps_and_further_targets_are_kept(workspace: Workspace, tmp_path: Path) -> None:
    plan = plan_of(workspace, write(tmp_path, "Full,ID\nLee Anna,1\n"))
    mapping = (
        ColumnMapping(
            "Full",
            "family_name",
            "chosen",
            1.0,
            None,
            (parse_step("split: :1"),),
            (("given_name", (parse_step("split: :2"),)),),
        ),
    )
    recipe = recipes.recipe_of(plan.with_mapping((*mapping, plan.mapping[1])), "split")
    recipes.save(workspace, recipe)
    run_import(
        workspace, write(tmp_path, "Full,ID\nLee Anna,1\nRay Bert,2\n", "two.csv"), ImportOptions(recipe="split")
    )
    assert [record(workspace, each)["name"] for each in (1, 2)] == ["Anna Lee", "Bert Ray"]


def test_constants_are_said_of_every_row(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, "Name\nAnna\nBert\n")
    run_import(workspace, path, ImportOptions(constants={"tags": "fair"}, save_recipe="fair"))
    assert recipes.load(workspace, "fair").constants == {"tags": "fair"}
    assert [record(workspace, each)["tags"] for each in (1, 2)] == [["fair"], ["fair"]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('mod = "x"\n[columns]\na = "name"\n', "line 1.*mod.*mode"),
        ('[columns]\na = "nmae"\n', "line 2.*nmae.*name"),
        ('[columns]\n"a b" = { to = "name", stps = ["lines"] }\n', "line 2.*stps.*steps"),
        ('[columns]\na = { to = "name", steps = ["splitt:x"] }\n', "line 2"),
        ('mode = "replace"\n[columns]\na = "name"\n', "replace"),
        ('[columns]\na = "name"\n[policies]\nstage = "append"\n', "stage"),
        ("[columns\n", "TOML"),
        ('[columns]\na = "name"\n[[corrections]]\ncolumn = "a"\n', "line 3.*correction"),
        ("", "columns"),
    ],
)
def test_a_bad_recipe_names_the_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="(?s)" + says) as refused:
        recipes.load(None, str(path))
    assert "bad.toml" in str(refused.value)


def test_names_that_are_not_there_are_told(workspace: Workspace, tmp_path: Path) -> None:
    save_code_recipe(workspace, tmp_path)
    with pytest.raises(UsageError, match="codes"):
        recipes.load(workspace, "code")
    with pytest.raises(UsageError, match=r"code\.toml"):
        recipes.load(None, "code")
    with pytest.raises(UsageError):
        recipes.load(None, str(tmp_path / "missing.toml"))
    assert recipes.delete(workspace, "codes").operation_id and not recipes.saved(workspace.database.reader())
