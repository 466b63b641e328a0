"""Tables in terminal cells, and JSON and CSV as they are."""

import csv
import io
import json

import pytest

from crmtui.cli import output
from crmtui.cli.output import Column
from crmtui.domain.text import cell_width

HOSTILE = "a\x1b[2J\x00[/x][bold]\u202e\x9b31m\r\nb"


def _lines(capfd: pytest.CaptureFixture[str]) -> list[str]:
    return capfd.readouterr().out.splitlines()


def test_columns_are_aligned_in_cells(capfd: pytest.CaptureFixture[str]) -> None:
    output.put_table(
        [Column("ID", right=True), Column("Name"), Column("Stage")],
        [["1", "张伟", "lead"], ["20", "Ada", "x"]],
        width=80,
    )
    lines = _lines(capfd)
    assert lines == ["ID  Name  Stage", " 1  张伟  lead", "20  Ada   x"]


def test_a_pipe_gets_cells_parted_by_tabs_neither_filled_nor_cut(capfd: pytest.CaptureFixture[str]) -> None:
    long = "启" * 500
    output.put_table([Column("ID", right=True), Column("Name", gives=True)], [["1", "Ada\tLove\nlace"], ["20", long]])
    assert _lines(capfd) == ["ID\tName", "1\tAda Love↵lace", f"20\t{long}"]


def test_only_giving_columns_are_cut_and_the_widest_first(capfd: pytest.CaptureFixture[str]) -> None:
    columns = [Column("ID"), Column("Name", gives=True), Column("Company", gives=True)]
    output.put_table(columns, [["123456789", "Ada Lovelace", "启" * 40]], width=40)
    title, row = _lines(capfd)
    assert row.startswith("123456789  Ada Lovelace  启")
    assert row.endswith("…")
    assert cell_width(row) <= 40
    assert cell_width(title) <= 40


def test_a_table_too_wide_keeps_what_does_not_give(capfd: pytest.CaptureFixture[str]) -> None:
    output.put_table([Column("Phone"), Column("Name", gives=True)], [["+86 138 1234 5678", "x" * 50]], width=10)
    assert "+86 138 1234 5678" in _lines(capfd)[1]


def test_nothing_is_cut_into_a_pipe(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    output.put_table([Column("Name", gives=True)], [["x" * 500]])
    assert "x" * 500 in _lines(capfd)[1]
    monkeypatch.setenv("COLUMNS", "30")
    output.put_table([Column("Name", gives=True)], [["x" * 500]])
    assert len(_lines(capfd)[1]) == 30


def test_hostile_text_adds_no_line_and_no_control_byte(capfd: pytest.CaptureFixture[str]) -> None:
    output.put_table([Column("Name")], [[HOSTILE]])
    output.put(HOSTILE.replace("\n", ""))
    output.put_pairs([("Name", HOSTILE)])
    output.put_title(HOSTILE)
    text = capfd.readouterr().out
    assert text.count("\n") == 5
    assert not any(character < " " and character != "\n" for character in text)
    assert not any("\x7f" <= character <= "\x9f" or character == "\u202e" for character in text)
    assert "[/x][bold]" in text


def test_machine_formats_keep_every_character(capfd: pytest.CaptureFixture[str]) -> None:
    output.put_json({"name": HOSTILE})
    assert json.loads(capfd.readouterr().out) == {"name": HOSTILE}
    output.put_jsonl([{"name": HOSTILE}, 2])
    first, second = capfd.readouterr().out.split("\n")[:2]
    assert (json.loads(first), json.loads(second)) == ({"name": HOSTILE}, 2)
    plain = HOSTILE.replace("\x00", "").replace("\r", "")
    output.put_csv(["name"], [[plain]])
    assert list(csv.reader(io.StringIO(capfd.readouterr().out, newline=""))) == [["name"], [plain]]


@pytest.mark.parametrize("values", [[], [1], [1, {"a": "张"}]])
def test_a_streamed_list_is_one_document(capfd: pytest.CaptureFixture[str], values: list[object]) -> None:
    output.put_json_list(iter(values))
    assert json.loads(capfd.readouterr().out) == values


def test_no_colour_without_a_terminal(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    output.put_title("Ada")
    assert capfd.readouterr().out == "Ada\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    output.put_title("Ada")
    assert capfd.readouterr().out == "\x1b[1mAda\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    output.put_title("Ada")
    assert capfd.readouterr().out == "Ada\n"
