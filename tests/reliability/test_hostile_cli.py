"""Hostile texts through every verb of the command line: told without control characters, given to programs exactly."""

import csv
import io
import json
import os
import pty
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hostile_text import EVERYTHING, OURS, WORST, Hostile, chunks, forbidden, share, storable

from crmtui.cli import main, output
from crmtui.errors import ExitCode
from crmtui.i18n import set_language


class Ran(NamedTuple):
    """What one call did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def hostile(made: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    for kind in ("DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("LOGNAME", "me")
    for name in ("LC_ALL", "LC_MESSAGES", "COLUMNS", "NO_COLOR", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    path = str(tmp_path / "work.db")
    for part in ("", "-wal"):  # closing leaves what was written last in the log
        if os.path.exists(made.path + part):
            shutil.copyfile(made.path + part, path + part)
    monkeypatch.setenv("CRMTUI_DB", path)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return made._replace(path=path)


@pytest.fixture
def run(hostile: Hostile, capfd: pytest.CaptureFixture[str]) -> Run:
    """Call ``main``; whatever it says for people is looked at."""

    def call(*words: str) -> Ran:
        capfd.readouterr()
        try:
            code = main(list(words))
        finally:
            set_language("en")
        out, err = capfd.readouterr()
        assert code not in (ExitCode.INTERNAL, ExitCode.INTERRUPTED), err
        assert "Traceback" not in err
        assert forbidden(err.replace("\n", "")) == [], ascii(err)
        if not {"--csv", "-"} & set(words):
            shown = out.replace("\n", "").replace(
                "\t", ""
            )  # a table that goes into a pipe has tabs between its columns
            assert forbidden(shown) == [], [line for line in out.split("\n") if forbidden(line.replace("\t", ""))][:3]
        return Ran(code, out, err)

    return call


def test_lists_and_cards(run: Run, hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = "id,name,company,job_title,phones,emails,tags,notes,urls,owner,source,stage,street,external_ids,custom"
    assert run("find", "--limit", "1000", "--fields", columns).out.count("\n") == 1 + len(EVERYTHING) + len(
        hostile.carriers
    )
    assert run("find", "--limit", "1000").code == 0
    ids = [str(customer) for customer in (*hostile.customers, *hostile.carriers)]
    assert run("show", "--timeline", "100", *share(ids, 6), *ids[-len(hostile.carriers) :]).code == 0
    monkeypatch.setenv("COLUMNS", "80")
    assert run("find", "--limit", "1000").code == 0
    assert run("show", *share(ids, 20)).code == 0
    assert run("task").code == 0
    assert run("history", "--limit", "2000").code == 0
    for customer in (*share(hostile.customers, 80), *share(hostile.carriers, 3)):
        assert run("history", str(customer), "--limit", "1000").code == 0
        assert run("blame", str(customer), "name").code == 0
    carrier = str(next(iter(hostile.carriers)))
    assert run("blame", carrier, "tags").code == 0


def test_json_gives_every_value_exactly(run: Run, hostile: Hostile) -> None:
    found = {record["id"]: record for record in run("find", "--json").json}
    lines = [json.loads(line) for line in run("find", "--jsonl").out.splitlines()]
    assert [found[record["id"]] for record in lines] == lines
    for customer, text in hostile.customers.items():
        stored = storable(text.strip())
        record = found[customer]
        for key in ("name", "company", "job_title", "notes", "owner", "source", "stage", "language"):
            assert record[key] == stored, (key, text)
        assert record["custom"][storable(text).strip()] == stored
        address = record["addresses"][0]
        assert {address[key] for key in ("street", "city", "region", "country")} == {stored}
    for customer, texts in hostile.carriers.items():
        document = run("show", str(customer), "--json", "--all").json
        stored_texts = {storable(text) for text in texts}
        assert {each["body"] for each in document["interactions"]} == stored_texts
        assert {each["number"] for each in document["transactions"]} == stored_texts
        assert {each["note"] for each in document["transactions"]} == stored_texts
        assert {each["title"] for each in document["deals"]} == {text.strip() for text in stored_texts}
        assert {each["text"] for each in document["tasks"]} == {text.strip() for text in stored_texts}
        assert set(document["tags"]) == stored_texts
    changes = run("history", str(customer), "--json", "--limit", "1000").json
    assert any(change["after"] for change in changes)
    assert run("history", "--json").json and run("task", "--json").json


def test_csv_gives_every_value_exactly(run: Run, hostile: Hostile) -> None:
    out = run("find", "--csv", "--fields", "id,name,notes").out
    rows = {int(row["id"]): row for row in csv.DictReader(io.StringIO(out, newline=""))}
    exported = run("export", "-", "--as", "csv", "--fields", "name,notes").out
    assert len(rows) == len(hostile.customers) + len(hostile.carriers)
    for customer, text in hostile.customers.items():
        assert rows[customer]["name"] == storable(text.strip())
    names = [row["name"] for row in csv.DictReader(io.StringIO(exported.removeprefix("\ufeff"), newline=""))]
    assert set(names) >= {storable(text.strip()) for text in hostile.customers.values()}


def test_writing_verbs_tell_and_keep(run: Run) -> None:
    for text in WORST:
        word = text.strip().replace("\0", "")
        if not word or word.startswith("-"):
            continue
        made = run("add", f"name={word}", f"phone={word}", f"email={word}", f"birthday={word}", f"custom.x={word}")
        assert made.code == 0
        customer = made.out.strip()
        assert run("log", customer, "--subject", word, "--outcome", word, "--", word).code == 0
        assert run("edit", customer, f"company={word}").code in (0, 1)
    document = run("show", customer, "--json", "--all").json
    assert document["name"] == document["company"] == document["interactions"][0]["body"] == word
    for line in (
        ("task", customer, "--owner", word, f"a {word}"),
        ("order", customer, "5", "--number", word, "--status", word, "--note", word),
        ("deal", customer, f"a {word}", "--stage", word),
        ("tag", customer, f"+{word}"),
        ("archive", customer),
    ):
        assert run(*line).code == 0
    assert run("show", customer).code == 0
    for _time in range(3):
        assert run("undo").code == 0
    assert run("redo").code == 0


def test_errors_that_quote(run: Run) -> None:
    for text in WORST:
        word = text.replace("\0", "")
        for line in (
            (f"x{word}",),
            ("find", f"x{word}:1"),
            ("find", "--", word),
            ("find", "--fields", word),
            ("find", "--limit", word),
            ("find", f"--{word}"),
            ("--lang", word, "find"),
            ("show", word),
            ("call", word),
            ("call", f"{word}138123"),
            ("add", f"{word}=x"),
            ("edit", "1", f"x{word}=1"),
            ("tag", "1", word),
            ("log", "--at", word, "1", "x"),
            ("log", "--kind", word, "1", "x"),
            ("task", "--due", word, "1", "x"),
            ("order", "1", word),
            ("order", "1", "5", "--currency", word),
            ("deal", "1", "x", "--close", word),
            ("blame", "1", word),
            ("history", word),
            ("undo", word),
            ("inspect", f"./no {word}"),
            ("inspect", f"./no {word}", "--encoding", word),
            ("import", f"./no {word}"),
            ("export", f"./no {word}"),
            ("export", "-", "--as", word),
            ("restore", f"no {word}"),
            ("settings", word),
            ("help", f"x{word}"),
        ):
            assert run(*line).code or line[0] in ("find", "call") or not word, line
    assert os.listdir() == []


@pytest.mark.parametrize("form", ["text", "json"])
def test_files(run: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / os.fsdecode(b"list \x1b]0;TITLE-PAYLOAD\x07 \xff.csv")
    columns = list(dict.fromkeys(storable(text).replace("\0", "")[:200] for text in OURS))[:100]
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["姓名", "手机", "邮箱", "生日", *columns])
        for group in chunks([storable(text).replace("\0", "") for text in EVERYTHING], len(columns)):
            writer.writerow([group[0], group[0], group[0], group[0], *group, *[""] * (len(columns) - len(group))])
    options = () if form == "text" else ("--json",)
    assert run("inspect", str(path), *options).code == 0
    assert run("import", str(path), "--dry-run", *options).code == 0
    ran = run("import", str(path), *options)
    assert ran.code == 0
    if form == "json":
        assert len(ran.json["mapping"]) == len(columns) + 4
    assert run("import", str(path), *options).code == ExitCode.DATA
    assert run("history", "--limit", "3", *options).code == 0
    target = tmp_path / os.fsdecode(b"out \x1b]0;TITLE-PAYLOAD\x07 \xff.json")
    assert run("export", str(target), *options).code == 0
    assert target.exists()
    assert run("backup", *options).code == 0
    assert run("backup", "--list", *options).code == 0


def test_names_of_people_and_files_that_are_no_utf8(
    run: Run, hostile: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "me \udcff\x1b]0;TITLE-PAYLOAD\x07")
    strange = os.path.join(str(tmp_path), "strange \udcff \x1b]0;TITLE-PAYLOAD\x07.db")
    for part in ("", "-wal"):
        if os.path.exists(hostile.path + part):
            os.rename(hostile.path + part, strange + part)
    monkeypatch.setenv("CRMTUI_DB", strange)
    assert run("add", "name=x \udcff").code == 0
    for line in (
        ("find", "x"),
        ("find", "--json", "x"),
        ("history",),
        ("history", "--json"),
        ("settings",),
        ("settings", "--json"),
        ("verify",),
        ("task", "1", "x \udcff"),
        ("backup",),
        ("backup", "--json"),
        ("backup", "--list", "--json"),
        ("undo",),
    ):
        assert run(*line).code in (0, 1), line


def test_a_terminal_gets_no_exact_bytes(hostile: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    """CSV cannot say a control character in other words: on a terminal it is shown, into a pipe it goes as it is."""
    leader, follower = pty.openpty()
    try:
        with open(follower, "w", encoding="utf-8", newline="", closefd=False) as terminal:
            monkeypatch.setattr("sys.stdout", terminal)
            output.put_csv(["id", "name"], [[1, text] for text in WORST[:20]])
            output.put_jsonl([{"name": text} for text in WORST[:20]])
            terminal.flush()
            told = b""
            while told.count(b"\n") < 41:
                told += os.read(leader, 65536)
    finally:
        os.close(leader)
        os.close(follower)
    assert told.count(b"\n") == 41
    assert forbidden(told.decode().replace("\r\n", "")) == []
