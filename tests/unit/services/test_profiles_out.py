"""Files for other programs: their headers, their limits, and what they will not take."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from crmtui.domain.export_profiles import ExportProfile, load_profile, profile_names
from crmtui.domain.mapping.targets import parse_target
from crmtui.domain.mapping.vendors import recognise
from crmtui.errors import UsageError
from crmtui.services import profiles_out
from crmtui.services.contact_points import add_point
from crmtui.services.profiles_out import REMARKS, Delivered, export_for
from crmtui.services.record import add_customer
from crmtui.services.workspace import Workspace, open_workspace

NAMES = [
    "copper",
    "dynamics",
    "freshsales",
    "google",
    "hubspot",
    "insightly",
    "keap",
    "nimble",
    "outlook",
    "pipedrive",
    "salesforce",
    "zoho",
]


@pytest.fixture
def workspace(tmp_path: Path) -> Any:
    with open_workspace(str(tmp_path / "c.db"), actor="me", region="CN", create=True) as opened:
        add_customer(
            opened,
            {
                "name": "欧阳天宇",
                "emails": "a@b.cn",
                "phones": "021 6655 4433",
                "tags": "vip;新",
                "birthday": "1990-05-03",
                "city": "上海",
                "external_ids": "hubspot:99",
                "custom.行业": "软件",
            },
        )
        add_point(opened, 1, "phone", "13800138000", label="mobile")
        add_point(opened, 1, "phone", "13900139000", label="mobile")
        add_customer(opened, {"name": "O'Neil GmbH", "kind": "company", "emails": "A@b.cn"})
        add_customer(opened, {"name": "Bob =1", "do_not_contact": "yes", "birthday": "1990-05", "notes": "x" * 40_000})
        yield opened


def exported(workspace: Workspace, profile: str, **options: Any) -> tuple[list[dict[str, str]], Delivered]:
    stream = io.BytesIO()
    done = export_for(workspace, stream, profile=profile, **options)
    return list(csv.DictReader(io.StringIO(stream.getvalue().decode(), newline=""))), done


def told(done: Delivered) -> dict[tuple[str, str], tuple[int, ...]]:
    return {(remark.code, remark.column): remark.customers for remark in done.remarks}


def test_every_program_of_the_issue_has_a_profile_that_holds_together() -> None:
    assert profile_names() == NAMES
    for name in NAMES:
        profile = load_profile(name)
        headers = {column.header for column in profile.columns}
        assert len(headers) == len(profile.columns) and profile.label and profile.why
        assert {*profile.required, *profile.any_of, *profile.unique, *profile.longest} <= headers
        for column in profile.columns:
            assert all(target == "id" or parse_target(target) is not None for target in column.targets), column
    with pytest.raises(KeyError):
        load_profile("../vendors/hubspot")


@pytest.mark.parametrize("name", NAMES)
def test_a_program_takes_its_own_names_back(workspace: Workspace, name: str) -> None:
    rows, done = exported(workspace, name)
    assert list(rows[0])[: len(load_profile(name).columns)] == [column.header for column in load_profile(name).columns]
    assert len(rows) == done.rows == 3 and "a@b.cn" in rows[0].values() and "13800138000" in rows[0].values()
    assert all(remark.text and "{" not in remark.text for remark in done.remarks)
    match = recognise(list(rows[0]), "csv")
    assert match is None or match.vendor == name


def test_phones_find_the_column_of_their_label(workspace: Workspace) -> None:
    rows, done = exported(workspace, "hubspot")
    first = rows[0]
    assert (first["Mobile Phone Number"], first["Phone Number"]) == ("13800138000", "021 6655 4433")
    assert first["Fax Number"] == "13900139000"  # better there than lost
    assert (first["First Name"], first["Last Name"], first["Record ID"]) == ("天宇", "欧阳", "99")
    assert first["行业"] == "软件" and rows[1]["Last Name"] == "O'Neil GmbH"
    google, _done = exported(workspace, "google")
    assert google[0]["Phone 2 - Value"] == "13800138000" and google[0]["Phone 2 - Label"] == "mobile"
    assert google[0]["Labels"] == "vip ::: 新" and google[0]["Address 1 - City"] == "上海"
    keap, _done = exported(workspace, "keap")
    assert [row["Birthday"] for row in keap] == ["05/03/1990", "", "1990-05"]
    assert ("unique", "Email") in told(done)


def test_what_will_not_be_taken_is_told_with_its_customers(workspace: Workspace) -> None:
    _rows, done = exported(workspace, "salesforce")
    remarks = told(done)
    assert remarks["longest", "Description"] == (3,) and remarks["company", ""] == (2,)
    assert remarks["field", "tags"] == (1,) and remarks["field", "行业"] == (1,)
    assert ("do_not_contact", "") not in remarks
    _rows, done = exported(workspace, "keap")
    assert told(done)["do_not_contact", ""] == (3,) and told(done)["date", "Birthday"] == (3,)
    assert done.remarks[0].to_json()["count"] == done.remarks[0].times
    assert {remark.code for remark in done.remarks} <= set(REMARKS)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> ExportProfile:
    """A program that takes two rows at a time."""
    profile = load_profile("google")._replace(rows=2)
    monkeypatch.setattr(profiles_out, "load_profile", lambda _name: profile)
    return profile


def test_parts_of_the_size_a_program_takes(workspace: Workspace, tmp_path: Path, small: ExportProfile) -> None:
    done = export_for(workspace, str(tmp_path / "g.csv"), profile="google")
    assert done.files == (str(tmp_path / "g.1.csv"), str(tmp_path / "g.2.csv")) and not (tmp_path / "g.csv").exists()
    parts = [
        list(csv.DictReader(io.StringIO(Path(file).read_bytes().decode("utf-8-sig"), newline="")))
        for file in done.files
    ]
    assert [len(part) for part in parts] == [2, 1] and list(parts[0][0]) == list(parts[1][0])
    assert not list(tmp_path.glob(".crmtui*"))
    _rows, done = exported(workspace, "google")
    assert ("too_many", "") in told(done)


def test_parts_by_bytes(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = load_profile("nimble")._replace(bytes=40_600)
    monkeypatch.setattr(profiles_out, "load_profile", lambda _name: profile)
    done = export_for(workspace, str(tmp_path / "n.csv"), profile="nimble")
    assert len(done.files) == 2 and all(Path(file).stat().st_size <= 40_600 for file in done.files)


def test_a_failure_leaves_what_was_there(
    workspace: Workspace, tmp_path: Path, small: ExportProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "g.1.csv").write_text("old")

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_for(workspace, str(tmp_path / "g.csv"), profile="google", progress=stop)
    assert {path.name for path in tmp_path.iterdir() if "c.db" not in path.name} == {"g.1.csv"}
    assert (tmp_path / "g.1.csv").read_text() == "old"


def test_unknown_programs_and_formats_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no profile") as raised:
        export_for(workspace, str(tmp_path / "x.csv"), profile="hubspo")
    assert "hubspot" in str(raised.value.hint)
    with pytest.raises(UsageError, match="takes no json"):
        export_for(workspace, str(tmp_path / "x.json"), profile="hubspot", format="json")
    assert not list(tmp_path.glob("x*"))
