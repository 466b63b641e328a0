import asyncio
import csv
import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from crm_pilot import EVIL, HOSTILE, LILY, ZHANG, new_file, running, screen_text
from textual.pilot import Pilot

from crmtui.errors import CrmError, FormatError, UsageError
from crmtui.services.lookup import plan_query
from crmtui.services.record import add_customer, archive
from crmtui.storage.search import Order, all_ids
from crmtui.tui.app import CrmApp
from crmtui.tui.screens.base import CrmScreen
from crmtui.tui.screens.export import format_of, query_of
from crmtui.tui.widgets.text_field import TextField
from crmtui.tui.widgets.text_lines import TextLines
from crmtui.tui.work_aside import Progress, progress_words

BOTH = pytest.mark.parametrize("language", ["en", "zh_CN"])


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    for _round in range(400):
        await pilot.pause()
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


def screen_of(app: CrmApp) -> CrmScreen:
    assert isinstance(app.screen, CrmScreen)
    return app.screen


async def answer(app: CrmApp, pilot: Pilot[int], text: str) -> None:
    screen = screen_of(app)
    await until(pilot, lambda: screen.prompt.active)
    screen.prompt.query_one(TextField).value = text
    await pilot.press("enter")
    await pilot.pause()


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@BOTH
async def test_all_customers_into_the_file_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(tmp_path, language=language) as (app, pilot):
        await pilot.press("E")
        screen = screen_of(app)
        await until(pilot, lambda: screen.prompt.active)
        name = f"customers-{date.today().isoformat()}.csv"
        assert screen.prompt.query_one(TextField).value == name
        await pilot.press("enter")
        await until(pilot, lambda: not app._tasks)
        assert [row["name"] for row in rows_of(tmp_path / name)] == ["张伟", HOSTILE, "Lily Zhang"]
        assert " 3 " in f" {app.screen.query_one('#status', TextLines).plain()} "


async def test_only_the_marked_ones(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("G", "space", "E")
        await until(pilot, lambda: screen_of(app).prompt.active)
        assert "1 marked" in screen_text(app)
        await answer(app, pilot, str(tmp_path / "one.jsonl"))
        await until(pilot, lambda: not app._tasks)
        (line,) = (tmp_path / "one.jsonl").read_text("utf-8").splitlines()
        assert json.loads(line)["name"] in {"张伟", HOSTILE, "Lily Zhang"}


async def test_only_what_is_searched(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("slash", *"lily", "enter")
        await pilot.press("E")
        await answer(app, pilot, str(tmp_path / "found.csv"))
        await until(pilot, lambda: not app._tasks)
        assert [row["name"] for row in rows_of(tmp_path / "found.csv")] == ["Lily Zhang"]


@BOTH
async def test_a_file_is_replaced_only_after_a_yes(tmp_path: Path, language: str) -> None:
    path = tmp_path / "old [b]\x1b.csv"
    path.write_text("old")
    async with running(tmp_path, language=language, size=(160, 24)) as (app, pilot):
        for word, kept in (("n", True), ("y", False)):
            await pilot.press("E")
            await answer(app, pilot, str(path))
            assert "old [b]␛.csv" in screen_text(app)
            await answer(app, pilot, word)
            if kept:  # asked for a name again, with the same one
                await until(pilot, lambda: screen_of(app).prompt.active)
                await pilot.press("escape")
            await until(pilot, lambda: not app._tasks)
            assert (path.read_text("utf-8-sig") == "old") is kept


async def test_an_ending_that_says_nothing_is_asked_again(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("E")
        await answer(app, pilot, str(tmp_path / "a.doc"))
        await until(pilot, lambda: screen_of(app).prompt.active)
        assert "does not say which format" in screen_text(app)
        assert screen_of(app).prompt.query_one(TextField).value.endswith("a.doc")
        await answer(app, pilot, str(tmp_path))  # a folder: the usual name in it
        await until(pilot, lambda: screen_of(app).prompt.active)
        assert screen_of(app).prompt.query_one(TextField).value.endswith(f"customers-{date.today().isoformat()}.csv")
        await pilot.press("escape")
        await until(pilot, lambda: not app._tasks)
        assert list(tmp_path.glob("*.csv")) == []


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("E")
        await answer(app, pilot, str(tmp_path / "none" / "a.csv"))
        await until(pilot, lambda: not app._tasks)
        assert "the file cannot be written" in screen_text(app)


async def test_from_the_files_mode(tmp_path: Path) -> None:
    async with running(tmp_path) as (app, pilot):
        await pilot.press("7", "E")
        await answer(app, pilot, str(tmp_path / "a.xlsx"))
        await until(pilot, lambda: not app._tasks)
        assert (tmp_path / "a.xlsx").read_bytes()[:2] == b"PK"
        assert "3 customers written" in screen_text(app)


def test_the_query_finds_exactly_the_marked(tmp_path: Path) -> None:
    with new_file(tmp_path) as workspace:
        for number in range(60):
            add_customer(workspace, {"name": f"Person {number}"})
        archive(workspace, [ZHANG, 17, 40])
        reader = workspace.database.reader()
        generator = random.Random(1)
        for count in (1, 2, 3, 10, 40, 63):
            wanted = generator.sample(range(1, 64), count)
            plan, problems = plan_query(query_of(wanted), Order(), actor="me")
            assert not problems
            assert sorted(row for chunk in all_ids(reader, plan) for row in chunk) == sorted(wanted)


def test_many_scattered_marks_are_one_query(tmp_path: Path) -> None:
    with new_file(tmp_path) as workspace:
        plan, _problems = plan_query(query_of(range(1, 20_000, 2)), Order(), actor="me")
        found = [row for chunk in all_ids(workspace.database.reader(), plan) for row in chunk]
        assert sorted(found) == [ZHANG, LILY] and EVIL not in found


def test_more_marks_than_a_query_can_name_are_refused() -> None:
    assert "id:>=1 id:<=999999" in query_of(range(1, 1_000_000))
    with pytest.raises(UsageError):
        query_of(range(1, 400_000, 2))


@pytest.mark.parametrize(
    ("name", "format_id"),
    [("a.csv", "csv"), ("A.XLSX", "xlsx"), ("b.tsv", "tsv"), ("c.json", "json"), ("d.x.jsonl", "jsonl")],
)
def test_the_ending_says_the_format(name: str, format_id: str) -> None:
    assert format_of(name) == format_id


@pytest.mark.parametrize("name", ["a", "a.xls", "a.doc", "", "a\0.csv"])
def test_other_endings_are_refused(name: str) -> None:
    with pytest.raises(FormatError) as caught:
        format_of(name)
    assert ".csv" in (caught.value.hint or "")


def test_progress_in_words() -> None:
    now = [0.0]
    progress = Progress(lambda: now[0])
    assert progress_words(progress) == "0 rows" and progress.seconds_left() is None and progress.share() is None
    now[0] = 4.0
    progress(1000, 4000)
    assert progress_words(progress) == "1,000 of 4,000 rows · 25 % · 250 rows/s · 12 s left"
    now[0] = 1000.0
    assert progress_words(progress).endswith("50 min left")
    progress.stop()
    with pytest.raises(CrmError):
        progress(2000, 4000)
