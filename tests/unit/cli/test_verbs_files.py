"""import, inspect, export and demo: options handed on, documents, rehearsals, exit codes."""

import gzip
import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from calling import Run

from crmtui.services.take_out import Written

TABLE = "客户名称,手机,邮箱,尺码\n陈一鸣,13800138000,a@b.example,L\n欧阳天宇,139 0000 1122,,\n,,,\n李静,12ab,nonsense,\x1b[2J\n"


@pytest.fixture
def table(tmp_path: Path) -> str:
    file = tmp_path / "客户.csv"
    file.write_text(TABLE, "utf-8")
    return str(file)


class _Pipe(io.TextIOWrapper):
    """Standard input with bytes in it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))


def test_inspect_writes_nothing_and_tells_what_it_is(run: Run, table: str, tmp_path: Path) -> None:
    ran = run("inspect", table)
    assert ran.code == 0
    assert "csv" in ran.out
    assert "客户名称" in ran.out
    document = run("inspect", table, "--json").json
    assert document["mapping"]["客户名称"]["field"] == "name"
    assert document["header_row"] == 1
    assert "counts" not in document
    assert not (tmp_path / "work.db").exists()


def test_import_is_one_operation_that_undo_takes_back(run: Run, table: str) -> None:
    ran = run("import", table, "--region", "CN", "--json")
    assert ran.code == 0
    document = ran.json
    assert document["operation"] == 1
    assert document["counts"]["created"] == 3
    assert document["file"] == table
    (found,) = run("find", "陈一鸣", "--json").json
    assert found["phones"][0]["e164"] == "+8613800138000"
    assert found["custom"] == {"尺码": "L"}
    assert run("undo").code == 0
    assert run("find").code == 1


def test_import_for_people_shows_counts_and_remarks_safely(run: Run, table: str) -> None:
    ran = run("import", table)
    assert ran.code == 0
    assert "created    3" in ran.out
    assert "crmtui undo 1 takes it back" in ran.err
    assert "\x1b" not in ran.out + ran.err + run("find", "李静", "--fields", "name,custom.尺码").out


def test_a_rehearsal_makes_not_even_the_file(run: Run, table: str, tmp_path: Path) -> None:
    ran = run("import", table, "--dry-run", "--json")
    assert ran.code == 0
    assert (ran.json["operation"], ran.json["counts"]["created"]) == (None, 3)
    assert "nothing was written" in run("import", table, "--dry-run").err
    assert not (tmp_path / "work.db").exists()
    run("add", "Bob")
    assert run("import", table, "--dry-run").code == 0
    assert len(run("find", "--json").json) == 1


def test_the_same_file_twice_is_refused_unless_asked_for(run: Run, table: str) -> None:
    run("import", table)
    ran = run("import", table)
    assert ran.code == 4
    assert "in already" in ran.err
    assert run("import", table, "--again").code == 0
    assert len(run("find", "陈一鸣", "--json").json) == 2


def test_import_reads_stdin_and_leaves_no_copy(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    monkeypatch.setattr("sys.stdin", _Pipe(TABLE.encode()))
    ran = run("import", "-", "--as", "csv", "--json")
    assert (ran.code, ran.json["file"], ran.json["counts"]["created"]) == (0, "-", 3)
    assert list(spool.iterdir()) == []
    assert run("history", "--json").json[0]["subject"] == "stdin"
    assert [each.name for each in tmp_path.iterdir() if "stdin" in each.name] == []
    monkeypatch.setattr("sys.stdin", _Pipe(gzip.compress(b"name,email\nBob,b@b.c\n")))
    ran = run("inspect", "-", "--json")
    assert (ran.json["file"], ran.json["format"]) == ("-", "gzip")
    monkeypatch.setattr("sys.stdin", _Pipe(b""))
    ran = run("import", "-")
    assert (ran.code, "stdin: the file is empty" in ran.err) == (4, True)


def test_one_file_that_cannot_be_read_stops_no_other(run: Run, table: str, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    ran = run("import", str(tmp_path / "a.pdf"), table, str(tmp_path / "none.csv"), "--json")
    assert ran.code == 4
    first, second, third = ran.json
    assert (first["file"], first["error"]) == (str(tmp_path / "a.pdf"), "this is a PDF file, not a table")
    assert (second["operation"], second["counts"]["created"]) == (1, 3)
    assert third["error"] == "there is no such file"
    assert ran.err.count("crmtui: ") == 2
    ran = run("inspect", table, str(tmp_path / "none.csv"))
    assert (ran.code, "客户名称" in ran.out) == (2, True)


def test_several_files_are_several_operations(run: Run, table: str, tmp_path: Path) -> None:
    second = tmp_path / "b.csv"
    second.write_text("name\nBob\n")
    ran = run("import", table, str(second), "--json")
    assert [document["operation"] for document in ran.json] == [1, 2]
    assert len(run("import", table, str(second), "--again", "--jsonl").out.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--map", "手机"], 2, "COLUMN=FIELD"),
        (["--map", "zzz=name"], 2, "no column zzz"),
        (["--mode", "merge"], 2, "--mode cannot be “merge”"),
        (["--match", "shoe"], 2, "shoe"),
        (["--recipe", "mine"], 2, "no recipe mine"),
        (["--header-row", "x"], 2, "whole number"),
        (["--as", "nonsense"], 4, "nonsense"),
    ],
)
def test_import_refuses(run: Run, table: str, words: list[str], code: int, says: str) -> None:
    ran = run("import", table, *words)
    assert ran.code in (code, 2)
    assert says in ran.err
    assert run("find").code in (1, 2)


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    missing = str(tmp_path / "no.csv")
    for verb in ("import", "inspect"):
        ran = run(verb, missing)
        assert ran.code in (2, 4)
        assert missing in ran.err


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The arguments that the export service was called with; the service itself has its own tests."""
    seen: dict[str, Any] = {}

    def export(_workspace: object, target: Any, **options: Any) -> Written:
        seen.update(options, target=target)
        if not isinstance(target, str):
            target.write(b"id\n1\n")
        return Written(0 if options["query"] == "nobody" else 2)

    module = ModuleType("crmtui.services.take_out")
    module.export_customers = export  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "crmtui.services.take_out", module)
    return seen


def test_export_hands_on_what_was_asked_for(two: Run, exported: dict[str, Any]) -> None:
    ran = two("export", "a.xlsx", "--query", "tag:vip", "--profile", "spreadsheet", "--fields", "name,phone")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "wrote 2 customers to a.xlsx\n"
    assert (exported["format"], exported["query"], exported["profile"]) == ("xlsx", "tag:vip", "spreadsheet")
    assert exported["fields"] == ["name", "phones"]
    assert two("export", "b.CSV", "--json").json == {
        "file": "b.CSV",
        "format": "csv",
        "what": "customers",
        "rows": 2,
        "guarded": 0,
        "shortened": 0,
        "sheets": 1,
    }
    assert exported["fields"] is None
    assert two("export", "b.csv", "--query", "nobody").code == 1


def test_export_to_stdout_writes_only_the_data_there(two: Run, exported: dict[str, Any]) -> None:
    ran = two("export", "-", "--as", "jsonl")
    assert (ran.code, ran.out) == (0, "id\n1\n")
    assert exported["format"] == "jsonl"
    two("export", "-")
    assert exported["format"] == "csv"


def test_export_needs_a_format_it_knows(two: Run, exported: dict[str, Any]) -> None:
    ran = two("export", "customers.zip")
    assert ran.code == 2
    assert "xlsx" in ran.err
    ran = two("export", "x", "--as", "xslx")
    assert ran.code == 2
    assert "Did you mean xlsx?" in ran.err
    assert exported == {}


def test_what_is_exported_can_be_imported_again(two: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(tmp_path / "out.csv")
    assert two("export", file).code == 0
    records = two("find", "--json").json
    ran = two("export", "-", "--as", "json", "--query", "tag:vip")
    assert [record["name"] for record in ran.json] == ["张伟"]
    monkeypatch.setenv("CRMTUI_DB", str(tmp_path / "other.db"))
    assert two("import", file).code == 0
    again = two("find", "--json").json
    for before, after in zip(records, again, strict=True):
        for key in ("name", "company", "stage", "tags", "phones", "emails"):
            assert before[key] == after[key], key


def test_demo_makes_its_own_file_anew(run: Run, tmp_path: Path) -> None:
    ran = run("demo", "--no-open", "--customers", "30")
    assert ran.code == 0
    path = ran.out.strip()
    assert path == str(tmp_path / "data" / "crmtui" / "demo.db")
    assert run("--db", path, "find", "--limit", "1").err == "1 of 30\n"
    run("--db", path, "add", "Bob")
    assert run("demo", "--no-open", "--customers", "30", "--json").json == {"path": path, "customers": 30}
    assert run("--db", path, "find", "--limit", "1").err == "1 of 30\n"
    assert not (tmp_path / "work.db").exists()


def test_a_demo_that_is_open_keeps_its_file(run: Run, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = run("demo", "--no-open", "--customers", "10").out.strip()
    with open(f"{path}.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert run("demo", "--no-open", "--customers", "10").out.strip().endswith("demo-2.db")


def test_demo_refuses_a_file_that_exists_and_odd_numbers(run: Run, tmp_path: Path) -> None:
    taken = tmp_path / "mine.db"
    taken.write_text("mine")
    assert run("demo", "--no-open", "--path", str(taken), "--customers", "5").code == 2
    assert taken.read_text() == "mine"
    assert run("demo", "--no-open", "--customers", "0").code == 2


def test_a_terminal_gets_no_byte_that_it_would_obey(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("add", "name=Eve\x1b[2J\x07", "phone=+14155550134")
    assert "\x1b" in run("export", "-").out
    monkeypatch.setattr(sys.stdout.__class__, "isatty", lambda _stream: True, raising=False)
    for form in ("csv", "tsv", "jsonl"):
        shown = run("export", "-", "--as", form).out
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "Eve" in shown
    refused = run("export", "-", "--as", "xlsx")
    assert refused.code == 2
    assert "cannot be shown in a terminal" in refused.err


def test_inspect_says_what_is_wrong_in_the_columns(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "damaged.csv"
    codes = ["1067", *(str(10_000 + 7 * number) for number in range(50))]
    path.write_text("Name,PLZ,Ort\n" + "".join(f"Anna {at},{code},N/A\n" for at, code in enumerate(codes)))
    ran = run("inspect", str(path))
    assert ran.code == 0
    for words in ("leading zeros are lost (1): 1067", "zfill:5", "N/A ×51", "--empty-words keep", "51"):
        assert words in ran.out.replace("\n  ", " ")
    document = run("inspect", str(path), "--json").json
    assert document["columns"][1]["damage"][0]["repair"] == "zfill:5"
    assert {"format", "encoding", "delimiter", "sheet", "header_row", "vendor", "vendor_confidence", "mapping"} <= set(
        document
    )
    kept = run("import", str(path), "--empty-words", "keep", "--dry-run", "--json").json
    assert kept["counts"]["created"] == 51


def test_inspect_shows_rows_under_each_encoding_when_it_is_not_sure(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_bytes("name;city\n陳淑芬;台北\n".encode("big5"))
    ran = run("inspect", str(path))
    assert "big5 (77%), perhaps" in ran.out and "陳淑芬;台北" in ran.out
