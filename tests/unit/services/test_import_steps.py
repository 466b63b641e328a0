"""The steps of an import that a person goes through: problems and corrections, the rehearsal row by row, decisions, modes and
policies, the token, a file of rejected rows that goes back into its batch."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtui.domain.mapping.corrections import Corrections
from crmtui.errors import FormatError, UsageError
from crmtui.services import bring_in
from crmtui.services.bring_in import ImportOptions, ImportPlan, ImportResult, run_import
from crmtui.services.importing.review import PROBLEMS_KEPT, RowResult
from crmtui.services.lookup import find, record
from crmtui.services.record import add_customer, edit_customer
from crmtui.services.undo_history import undo_last
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage import history
from crmtui.storage.digest import logical_digest

BAD = (
    "Name,Email,Phone,Birthday,City\n"
    "Anna,anna@x,020 7946 0958,2024-13-05,Leeds\n"
    "Bert,bert(at)x.org,0l61 496 0000,,Leeds\n"
    "Cara,cara@x.org,,31.02.1990,\n"
    ",,,,\n"
    "Dora,dora(at)x.org,,,\n"
    "Emil,x@y.org,1,2,3,4\n"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="GB", create=True) as opened:
        yield opened


def write(tmp_path: Path, text: str, name: str = "file.csv") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def plan_of(workspace: Workspace, path: str, **said: Any) -> ImportPlan:
    return bring_in.prepare(workspace, path, ImportOptions(**said))


def rows(result: ImportResult, outcome: Any) -> list[RowResult]:
    assert result.review is not None
    return result.review.rows(outcome).page(0, 1000)


def digest(workspace: Workspace) -> str:
    return logical_digest(workspace.database.reader())


def test_every_problem_is_told_with_its_place_level_and_fix(workspace: Workspace, tmp_path: Path) -> None:
    result = bring_in.validate(plan_of(workspace, write(tmp_path, BAD)))
    found = bring_in.problems(result)
    assert [each.row for each in found] == [7, 2, 3, 4, 6] or sorted(each.row for each in found) == [2, 3, 4, 6, 7]
    by_row = {each.row: each for each in found}
    first = {(issue.column, issue.code): issue for issue in by_row[2].issues}
    assert first["Email", "not_an_email"].value == "anna@x" and first["Email", "not_an_email"].fix == ""
    assert first["Birthday", "not_a_date"].fix == "2024-05-13"
    second = {(issue.column, issue.code): issue.fix for issue in by_row[3].issues}
    assert second == {("Email", "not_an_email"): "bert@x.org", ("Phone", "not_a_phone"): "0161 496 0000"}
    assert by_row[3].cells == ("Bert", "bert(at)x.org", "0l61 496 0000", "", "Leeds")
    assert by_row[7].issues[0].level == "error" and first["Birthday", "not_a_date"].level == "warning"
    assert result.by_column["Email", "not_an_email"] == 3 and result.by_column["Birthday", "not_a_date"] == 2
    assert [each.row for each in bring_in.problems(result, column="Email", code="not_an_email")] == [2, 3, 6]
    assert [each.row for each in bring_in.problems(result, 1, 1, code="not_an_email")] == [3]
    document = json.loads(json.dumps(result.to_json()))
    assert document["problem_rows"]["count"] == 5
    assert {"column": "Email", "code": "not_an_email", "count": 3} in document["issue_counts_by_column"]


def test_corrections_are_a_value_and_reach_the_run(workspace: Workspace, tmp_path: Path) -> None:
    plan = plan_of(workspace, write(tmp_path, BAD))
    fixed = plan.with_corrections(
        plan.corrections.with_fix("Email", "not_an_email")
        .with_cell(2, "Email", "anna@x.org")
        .with_value("Birthday", "31.02.1990", "1990-02-28")
        .without_rows([7])
    )
    assert bring_in.validate(plan).by_column == bring_in.validate(plan).by_column  # the older plan is the undo
    result = bring_in.validate(fixed)
    assert {code for _column, code in result.by_column} == {"not_a_date", "not_a_phone", "left_out"}
    rehearsed = bring_in.rehearse(workspace, fixed)
    assert [each.row for each in rows(rehearsed, "skipped")] == [7]
    done = bring_in.run(workspace, fixed)
    assert done.counts == rehearsed.counts and (done.counts.created, done.counts.skipped) == (4, 1)
    stored = [record(workspace, each) for each in (1, 2, 3, 4)]
    assert [each["emails"][0]["value"] for each in stored] == ["anna@x.org", "bert@x.org", "cara@x.org", "dora@x.org"]
    assert stored[2]["birthday"] == "1990-02-28" and stored[0]["custom"]["birthday"] == "2024-13-05"


def test_what_is_said_of_a_cell_goes_before_what_is_said_of_its_value() -> None:
    corrections = Corrections().with_value("a", "x", "y").with_cell(2, "a", "z").with_value("a", "x", "w")
    assert corrections.values == (("a", "x", "w"),) and corrections.cells == ((2, "a", "z"),)
    assert Corrections().with_value("a", "x", "own").with_rules(corrections.rules).values == (("a", "x", "own"),)
    assert not corrections.rules.cells and Corrections().empty and not corrections.empty


def people(workspace: Workspace) -> None:
    add_customer(workspace, {"name": "Anna", "emails": "anna@x.org", "stage": "lead", "notes": "first", "tags": "old"})
    add_customer(workspace, {"name": "Bert", "phones": "020 7946 0958", "company": "Acme Ltd"})
    add_customer(workspace, {"name": "Anna B", "emails": "anna.b@x.org", "phones": "020 7946 0111"})


def test_mode_create_tells_which_rows_are_there_already(workspace: Workspace, tmp_path: Path) -> None:
    people(workspace)
    path = write(
        tmp_path, "Name,Email,Phone\nAnn,ANNA@x.org,\nNew,new@x.org,\nBob,bob@x.org,020 7946 0958\nZ,new@x.org,\n"
    )
    rehearsed = bring_in.rehearse(workspace, plan_of(workspace, path))
    known = rows(rehearsed, "known")
    assert [(each.row, each.customer, each.candidates[0].name) for each in known] == [(2, 1, "Anna"), (4, 2, "Bert")]
    assert known[1].candidates[0].company == "Acme Ltd"
    [repeated] = rows(rehearsed, "repeated")
    assert repeated.row == 5 and "3" in repeated.reason
    assert [each.name for each in rows(rehearsed, "created")] == ["Ann", "New", "Bob", "Z"]
    assert bring_in.run(workspace, plan_of(workspace, path)).counts == rehearsed.counts
    left = plan_of(workspace, path, again=True)
    left = left.with_corrections(left.corrections.without_rows(each.row for each in known))
    assert bring_in.rehearse(workspace, left).counts.created == 2


def test_a_row_that_fits_several_is_a_question_and_the_answer_counts(workspace: Workspace, tmp_path: Path) -> None:
    people(workspace)
    path = write(tmp_path, "Name,Email,Phone,City\nX,anna@x.org,020 7946 0958,Leeds\n")
    plan = plan_of(workspace, path, mode="upsert")
    asked = bring_in.rehearse(workspace, plan)
    [question] = rows(asked, "ambiguous")
    assert [(each.id, each.name) for each in question.candidates] == [(1, "Anna"), (2, "Bert")]
    for decision, counts in ((1, (0, 1, 0)), ("new", (1, 0, 0)), ("skip", (0, 0, 1)), (99, (0, 0, 1))):
        decided = plan.decide(2, decision)  # type: ignore[arg-type]
        rehearsed = bring_in.rehearse(workspace, decided)
        assert (rehearsed.counts.created, rehearsed.counts.updated, rehearsed.counts.skipped) == counts
        before = digest(workspace)
        done = bring_in.run(workspace, decided)
        assert done.counts == rehearsed.counts
        if done.operation_id:
            undo_last(workspace, done.operation_id)
        assert digest(workspace) == before
    assert plan.decide(2, 1).decide(2, None) == plan
    with pytest.raises(UsageError):
        bring_in.run(workspace, plan.decide(2, 1).with_options(mode="create"))


def test_an_update_is_told_field_by_field(workspace: Workspace, tmp_path: Path) -> None:
    people(workspace)
    path = write(tmp_path, "Name,Email,Stage,Tags,Phone,City\nAnna,anna@x.org,customer,new,020 7946 0222,Leeds\n")
    [row] = rows(bring_in.rehearse(workspace, plan_of(workspace, path, mode="update")), "updated")
    assert (row.row, row.customer, row.name) == (2, 1, "Anna")
    assert {each.field: (each.before, each.after) for each in row.changes} == {
        "stage": ("lead", "customer"),
        "tags": ("old", "new; old"),
        "phones": ("", "+442079460222"),
        "city": ("", "Leeds"),
    }


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        ({}, {"stage": "customer", "notes": "second", "tags": {"old", "new"}, "emails": {"anna@x.org", "a2@x.org"}}),
        (
            {"stage": "keep", "notes": "append", "tags": "overwrite", "emails": "overwrite"},
            {"stage": "lead", "notes": "first\nsecond", "tags": {"new"}, "emails": {"a2@x.org"}},
        ),
        (
            {"tags": "keep", "emails": "keep", "notes": "keep"},
            {"stage": "customer", "notes": "first", "tags": {"old"}, "emails": {"anna@x.org"}},
        ),
    ],
)
def test_policies_say_by_field_what_a_value_does(
    workspace: Workspace, tmp_path: Path, policies: dict[str, Any], expected: dict[str, Any]
) -> None:
    add_customer(
        workspace,
        {"name": "Anna", "emails": "anna@x.org", "stage": "lead", "notes": "first", "tags": "old", "custom.id": "7"},
    )
    path = write(tmp_path, "Name,Email,Stage,Note,Tags,Code\nAnna,a2@x.org,customer,second,new,7\n")
    said: dict[str, Any] = {
        "mode": "update",
        "match": ("custom.id",),
        "mapping": {"Code": "custom.id", "Note": "notes"},
    }
    plan = plan_of(workspace, path, policies=policies, **said)
    before = digest(workspace)
    rehearsed = bring_in.rehearse(workspace, plan)
    done = bring_in.run(workspace, plan)
    assert done.counts == rehearsed.counts and done.counts.updated == 1
    anna = record(workspace, 1)
    stored = {"stage": anna["stage"], "notes": anna["notes"], "tags": set(anna["tags"])}
    stored["emails"] = {each["value"] for each in anna["emails"]}
    assert stored == expected
    assert sum(each["primary"] for each in anna["emails"]) == 1
    assert bring_in.run(workspace, plan).counts.unchanged == 1
    undo_last(workspace, done.operation_id)
    assert digest(workspace) == before


def test_policies_that_cannot_be_are_named(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path, "Name\nA\n")
    for policies in ({"stage": "append"}, {"stag": "keep"}, {"stage": "maybe"}):
        with pytest.raises(UsageError):
            plan_of(workspace, path, policies=policies)


@pytest.mark.parametrize(
    "policies", [{}, {"tags": "overwrite", "custom.Opt out": "overwrite", "do_not_contact": "overwrite"}]
)
def test_no_import_raises_a_consent(workspace: Workspace, tmp_path: Path, policies: dict[str, Any]) -> None:
    path = write(
        tmp_path,
        "Name,Email,Do not contact,Opt out,Newsletter,Tags\nAnna,a@x.org,yes,yes,no,退订;vip\nBert,b@x.org,no,no,yes,vip\n",
    )
    run_import(workspace, path)
    raised = write(
        tmp_path,
        "Name,Email,Do not contact,Opt out,Newsletter,Tags\nAnna,a@x.org,no,no,yes,fan\nBert,b@x.org,yes,yes,no,fan\n",
        "raised.csv",
    )
    result = run_import(workspace, raised, ImportOptions(mode="upsert", policies=policies))
    anna, bert = record(workspace, 1), record(workspace, 2)
    assert anna["do_not_contact"] is True and anna["custom"] == {"Opt out": "yes", "Newsletter": "no"}
    assert "退订" in anna["tags"] and "fan" in anna["tags"]
    assert bert["do_not_contact"] is True and bert["custom"] == {"Opt out": "yes", "Newsletter": "no"}
    assert result.issue_counts["contact_kept"] == 1 and result.issue_counts["consent_kept"] == 1


@pytest.mark.parametrize("match", [("name+company",), ("custom.税号",), ("wechat",)])
def test_rows_meet_by_chosen_keys_however_they_are_written(workspace: Workspace, tmp_path: Path, match: Any) -> None:
    run_import(
        workspace,
        write(tmp_path, "Name,Company,税号,wechat\nMüller Ann,Acme Ltd.,91-AB 1,wx_1\nMüller Ann,Other,92,wx_2\n"),
        ImportOptions(mapping={"税号": "custom.税号"}),
    )
    again = write(
        tmp_path, "Name,Company,税号,wechat,City\nmuller ANN,acme ltd,91ab1,WX_1,Leeds\nNew,N,93,wx_3,York\n", "b.csv"
    )
    options = ImportOptions(mode="upsert", match=match, mapping={"税号": "custom.税号"})
    rehearsed = run_import(workspace, again, options, dry_run=True)
    done = run_import(workspace, again, options)
    assert done.counts == rehearsed.counts and (done.counts.created, done.counts.updated) == (1, 1)
    assert record(workspace, 1)["addresses"][0]["city"] == "Leeds"


def test_a_run_is_refused_when_file_plan_or_customers_are_not_those_of_the_rehearsal(
    workspace: Workspace, tmp_path: Path
) -> None:
    people(workspace)
    path = write(tmp_path, "Name,Email\nNew,new@x.org\n")
    plan = plan_of(workspace, path)
    token = bring_in.rehearse(workspace, plan).token
    sure = plan.with_options(rehearsed=token)
    with pytest.raises(FormatError, match="plan"):
        bring_in.run(workspace, sure.with_options(mode="upsert"))
    edit_customer(workspace, 1, {"stage": "customer"})
    before = digest(workspace)
    with pytest.raises(FormatError, match="customers changed"):
        bring_in.run(workspace, sure)
    assert digest(workspace) == before
    token = bring_in.rehearse(workspace, plan).token
    Path(path).write_text("Name,Email\nNew,nex@x.org\n", encoding="utf-8")
    with pytest.raises(FormatError, match="file changed"):
        bring_in.run(workspace, plan.with_options(rehearsed=token))
    fresh = plan_of(workspace, path)
    token = bring_in.rehearse(workspace, fresh).token
    assert bring_in.run(workspace, fresh.with_options(rehearsed=token)).counts.created == 1
    with pytest.raises(UsageError):
        bring_in.run(workspace, fresh.with_options(rehearsed="x", again=True))


@pytest.mark.parametrize(("limit", "fails"), [("0", True), ("1", False), ("10%", True), ("20%", False)])
def test_too_many_rejects_bring_nothing_in(workspace: Workspace, tmp_path: Path, limit: str, fails: bool) -> None:
    path = write(tmp_path, "Name,Phone\n" + "".join(f"P{at},\n" for at in range(5)) + "Q,1,2,3\n")
    before = digest(workspace)
    assert run_import(workspace, path, ImportOptions(max_rejects=limit), dry_run=True).too_many_rejects is fails
    if not fails:
        assert run_import(workspace, path, ImportOptions(max_rejects=limit)).counts.created == 5
        return
    with pytest.raises(FormatError, match="1 of 6") as refused:
        run_import(workspace, path, ImportOptions(max_rejects=limit))
    assert refused.value.exit_code == 4 and digest(workspace) == before


def test_rejected_rows_go_back_into_their_batch(workspace: Workspace, tmp_path: Path) -> None:
    add_customer(workspace, {"name": "Old", "emails": "old@x.org"})
    rejects = tmp_path / "r.csv"
    path = write(tmp_path, "Name,Email\nAnna,anna@x.org\nBert,b@x.org,,x\nOld,old@x.org\n")
    first = run_import(workspace, path, ImportOptions(mode="upsert", rejects=str(rejects)))
    assert (first.counts.created, first.counts.rejected, first.counts.unchanged) == (1, 1, 1)
    lines = rejects.read_text("utf-8-sig").splitlines()
    rejects.write_text(f"{lines[0]}\nBert,b@x.org,3,fixed\nOld,old@x.org,4,\n".replace("Old,", "Old Man,"), "utf-8")
    undecided = frozenset(("mode", "match"))
    second = run_import(workspace, str(rejects), ImportOptions(into=first.operation_id, undecided=undecided))
    assert second.plan.options.mode == "upsert" and second.counts.created == 1 and second.counts.updated == 1
    assert [each.field for each in second.plan.mapping] == ["name", "emails", "skip", "skip"]
    kept = history.operations(workspace.database.reader(), kind="import")
    assert [each.id for each in kept] == [second.operation_id, first.operation_id]
    assert kept[0].detail is not None and kept[0].detail["batch"] == first.operation_id
    third = run_import(
        workspace, write(tmp_path, "Name,Email\nCara,c@x.org\n", "c.csv"), ImportOptions(into=second.operation_id)
    )
    batch = f"batch:{first.operation_id}"
    assert set(find(workspace, batch).ids) == {1, 2, 3, 4}
    assert find(workspace, f"batch:{second.operation_id}").ids != []
    undo_last(workspace, third.operation_id)
    undo_last(workspace, second.operation_id)
    assert set(find(workspace, batch).ids) == {2}
    assert find(workspace, f"{batch} -bert").ids == [2] and find(workspace, "batch:x").ids == []
    with pytest.raises(UsageError, match="no import"):
        run_import(workspace, path, ImportOptions(into=1))


def test_a_batch_has_those_whose_contact_points_were_changed(workspace: Workspace, tmp_path: Path) -> None:
    people(workspace)
    path = write(tmp_path, "Email,Phone,Tags\nanna@x.org,020 7946 0333,\nanna.b@x.org,,fresh\n")
    done = run_import(workspace, path, ImportOptions(mode="update"))
    assert set(find(workspace, f"batch:{done.operation_id}").ids) == {1, 3}
    assert find(workspace, f"batch:{done.operation_id} tag:fresh").ids == [3]


def test_a_sheet_of_a_file_without_sheets_is_a_mistake(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sheets"):
        plan_of(workspace, write(tmp_path, BAD), sheet="Tabelle1")


def test_long_lists_are_counted_beyond_what_is_kept(workspace: Workspace, tmp_path: Path, monkeypatch: Any) -> None:
    from crmtui.services.importing import review

    monkeypatch.setattr(review, "PROBLEMS_KEPT", 5)
    monkeypatch.setattr(review, "ROWS_KEPT", 5)
    path = write(tmp_path, "Name,Email\n" + "".join(f"P{at},bad\n" for at in range(20)))
    for mode in ("create", "upsert"):
        result = bring_in.rehearse(workspace, plan_of(workspace, path, mode=mode))
        assert result.review is not None
        assert (result.review.problems.count, result.review.problems.kept) == (20, 5)
        assert (result.review.rows("created").count, len(rows(result, "created"))) == (20, 5)
        assert result.by_column == {("Email", "not_an_email"): 20}
    assert PROBLEMS_KEPT >= 10_000


NAMES = st.sampled_from(["Anna", "anna", "Bert", "", "Acme Ltd", "Cara Poe"])
EMAILS = st.sampled_from(["a@x.org", "A@x.org", "b@x.org", "", "bad", "c@x.org; a@x.org"])
PHONES = st.sampled_from(["020 7946 0958", "+442079460958", "020 7946 0111", "", "12"])
ROWS = st.lists(
    st.tuples(
        NAMES,
        EMAILS,
        PHONES,
        st.sampled_from(["", "X1", "X2"]),
        st.sampled_from(["", "yes", "no"]),
        st.sampled_from(["", "vip", "old;vip", "退订"]),
        st.sampled_from(["", "Acme", "Zeta"]),
        st.sampled_from(["", "t-1", "T 1", "t2"]),
    ),
    max_size=12,
)
HEADER = "Name,Email,Phone,ID,Do not contact,Tags,Company,Tax\n"


def csv_of(found: list[tuple[str, ...]]) -> str:
    return HEADER + "".join(",".join(row) + "\n" for row in found)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=ROWS,
    after=ROWS,
    mode=st.sampled_from(["create", "update", "upsert", "fill"]),
    match=st.sampled_from(
        [
            ("email", "phone", "external_id"),
            ("email",),
            ("name+company", "phone"),
            ("custom.Tax",),
            ("custom.Tax", "email"),
        ]
    ),
    policy=st.sampled_from(["", "overwrite", "keep", "append"]),
    decided=st.sampled_from([None, "new", "skip", 1]),
)
def test_the_rehearsal_counts_as_the_run_and_undo_is_the_way_back(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[str, ...]],
    after: list[tuple[str, ...]],
    mode: Any,
    match: Any,
    policy: str,
    decided: Any,
) -> None:
    folder = tmp_path_factory.mktemp("law")
    with open_workspace(str(folder / "c.db"), actor="me", region="GB", create=True) as workspace:
        mapping = {"Tax": "custom.Tax"}
        run_import(workspace, write(folder, csv_of(before), "a.csv"), ImportOptions(mapping=mapping))
        start = digest(workspace)
        policies = dict.fromkeys(("tags", "emails", "phones", "custom.Tax"), policy) if policy else {}
        path = write(folder, csv_of(after), "b.csv")
        said: dict[str, Any] = {"mode": mode, "match": match, "mapping": mapping, "policies": policies, "again": True}
        plan = bring_in.prepare(workspace, path, ImportOptions(**said))
        if decided is not None and (mode != "create" or decided != 1):
            plan = plan.decide(2, decided)
        rehearsed = bring_in.rehearse(workspace, plan)
        assert digest(workspace) == start
        done = bring_in.run(workspace, plan.with_options(rehearsed=rehearsed.token))
        assert done.counts == rehearsed.counts
        assert done.issue_counts == rehearsed.issue_counts
        if done.operation_id:
            undo_last(workspace, done.operation_id)
        assert digest(workspace) == start


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    found=st.lists(
        st.tuples(NAMES.filter(bool), PHONES, st.sampled_from(["", "yes"]), st.sampled_from(["", "a;b"])), max_size=10
    )
)
def test_the_same_file_upserted_twice_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[str, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("twice")
    text = "Code,Name,Phone,Do not contact,Tags\n" + "".join(f"K{at},{','.join(row)}\n" for at, row in enumerate(found))
    with open_workspace(str(folder / "c.db"), actor="me", region="GB", create=True) as workspace:
        options = ImportOptions(mode="upsert", match=("external_id",), mapping={"Code": "external_ids.old"})
        path = write(folder, text)
        first = run_import(workspace, path, options)
        assert first.counts.created == len(found)
        before = digest(workspace)
        second = run_import(workspace, path, options)
        assert second.counts.unchanged == len(found) and second.operation_id == 0
        assert second.already_imported == (first.operation_id or None) and digest(workspace) == before
