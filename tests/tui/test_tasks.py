"""The tasks of docs/tasks.md, each walked through in the app key by key."""

from pathlib import Path

import pytest
import tasks_page
from crm_pilot import running, screen_text
from tasks_page import TASKS, Task
from textual import events

from crmtui.tui._textual_private import key_name
from crmtui.tui.actions import key_sign

WALKED = [task for task in TASKS if task.steps]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("task", WALKED, ids=lambda task: task.english.replace(" ", "-"))
async def test_the_keys_of_a_task_do_it(tmp_path: Path, task: Task, size: tuple[int, int]) -> None:
    async with running(tmp_path, size=size) as (app, pilot):
        if task.start == "customer":
            await pilot.press("slash", "z", "w", "enter", "enter")
            await pilot.pause(0.1)
        for step in task.steps:
            for key in step.keys:
                await pilot.press(key)
            for character in step.text:
                app.post_message(events.Key(key_name(character), character))
            await pilot.pause(0.1)
        assert task.shows in screen_text(app)


def test_there_are_twenty_and_each_has_a_way() -> None:
    assert len(TASKS) == 20
    assert all(bool(task.steps) + bool(task.command) == 1 for task in TASKS)
    assert all(task.english and task.chinese and (task.shows or not task.steps) for task in TASKS)


@pytest.mark.parametrize("page", [tasks_page.page, tasks_page.page_in_chinese])
def test_the_pages_tell_every_task_with_its_keys(page: object) -> None:
    text = page()  # type: ignore[operator]
    for task in TASKS:
        line = next(line for line in text.splitlines() if task.english in line or task.chinese in line)
        assert all(f"`{key_sign(key)}`" in line for step in task.steps for key in step.keys)
        assert not task.steps or line.endswith(f"| {task.keys} / {task.letters} |")


def test_keys_are_counted() -> None:
    task = Task("", "", (tasks_page.do("app.undo"), tasks_page.write("abc"), *(tasks_page.press("down"),) * 2))
    assert (task.keys, task.letters, tasks_page._steps(task)) == (3, 3, "`u` `abc` `↓`×2")
