"""docs/tasks.md and docs/tasks.zh-CN.md: the commonest tasks of a working day with their keys, and how many these are.

The keys come from the action registry and are counted here, so the pages cannot promise what the program does not do;
tests/tui/test_tasks.py walks every task through the app and looks for what it says is there in the end.
"""

from collections.abc import Sequence
from typing import NamedTuple

from crmtui.tui.actions import BY_ID, key_sign


class Step(NamedTuple):
    """A key, by the action that it runs or by its own name; or text that is typed."""

    action: str = ""
    key: str = ""
    text: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """Textual's names of the keys to press; none for text."""
        return (BY_ID[self.action].keys[0],) if self.action else (self.key,) if self.key else ()


class Task(NamedTuple):
    """One thing a person does: what it is in both languages, how, and what then is on the screen.

    ``start`` is where it begins: ``list``, or ``customer`` with a card open. ``shows`` is a text, '' for a task that
    happens in the shell (``command``).
    """

    english: str
    chinese: str
    steps: tuple[Step, ...] = ()
    shows: str = ""
    start: str = "list"
    command: str = ""

    @property
    def keys(self) -> int:
        """Keys to press, without the text."""
        return sum(len(step.keys) for step in self.steps)

    @property
    def letters(self) -> int:
        """Characters of text to type in the example."""
        return sum(len(step.text) for step in self.steps)


def do(action: str) -> Step:
    """The key of an action."""
    return Step(action=action)


def press(key: str) -> Step:
    """A key by its name."""
    return Step(key=key)


def write(text: str) -> Step:
    """Text to type."""
    return Step(text=text)


ENTER = press("enter")

TASKS: tuple[Task, ...] = (
    Task("Find a customer by pinyin, initials or name", "按拼音、首字母或姓名找客户", (do("customers.search"), write("zw"), ENTER), "张伟"),
    Task("Find a customer by the last digits of the phone", "按电话尾号找客户", (do("customers.search"), write("5678"), ENTER), "张伟"),
    Task("Open the customer that was found", "打开找到的客户", (do("customers.search"), write("zw"), ENTER, do("list.open")), "Timeline"),
    Task("Go on to the next customer of the list", "看列表中的下一位客户", (do("customer.next"),), "Timeline", "customer"),
    Task("Who is calling? From any shell", "谁来电？在任何命令行里", command="crmtui call 13812345678"),
    Task("Take a call in the app: who it is, a clock, notes", "在界面里接电话：来电人、计时、记录", (do("app.call"), write("5678"), ENTER, write("price is fine"), *(ENTER,) * 3), "call logged"),
    Task("Log a call of eight minutes", "记一个八分钟的电话", (do("customer.call"), write("8m price is fine"), ENTER), "logged:", "customer"),
    Task("Log a meeting", "记一次会面", (do("customer.log"), write("meeting"), ENTER, write("showed the new line"), ENTER), "logged:", "customer"),
    Task("Set a task for Friday afternoon", "定一个周五下午的待办", (do("customer.task"), write("fri 3pm send samples"), ENTER), "task set", "customer"),
    Task("See what is due today", "看今天要做什么", (do("app.today"),), "Nothing is due"),
    Task("Add a customer with a phone", "新建一位有电话的客户", (do("customers.add"), write("Ada Byron"), *(press("down"),) * 5, write("+44 20 7946 0958"), ENTER), "added Ada Byron"),
    Task("Correct the name of a customer", "改客户的姓名", (do("customer.edit"), write("!"), ENTER), "saved 张伟!", "customer"),
    Task("Add a tag", "加标签", (do("customer.tag"), write("+fair"), ENTER), "tagged", "customer"),
    Task("Set the stage", "改阶段", (do("customer.stage"), write("customer"), ENTER), "张伟: customer", "customer"),
    Task("Give the customer to a colleague", "把客户转给同事", (do("customer.owner"), write("lily"), ENTER), "张伟: lily", "customer"),
    Task("Tag several at once", "一次给几位客户加标签", (do("list.mark"), do("list.mark"), do("customers.tag"), write("+fair"), ENTER), "tagged"),
    Task("Undo what was done last", "撤销上一步", (do("customer.tag"), write("+fair"), ENTER, do("app.undo")), "undone", "customer"),
    Task("Slice the list by a query", "用条件筛选列表", (do("customers.search"), write("stage:lead"), ENTER), "张伟"),
    Task("Keep a query as a view", "把条件存成视图", (do("customers.search"), write("stage:lead"), ENTER, do("customers.save_view"), write("Leads"), ENTER, ENTER), "view saved: Leads"),
    Task("Take a customer out of the lists", "归档客户", (do("customers.archive"),), "archived"),
)  # fmt: skip
"""Twenty, by how often they come."""


def page() -> str:
    """docs/tasks.md."""
    return _page(
        "# The commonest tasks",
        (
            "Made from the action registry by `scripts/make_docs.py`; a test walks every task through the app.",
            "Keys are counted from the customer list (or from an open customer, where it says so); the text is an example.",
            "`⏎` is enter. Every step can also be taken by the palette: `:` and the name in English, Chinese, pinyin or initials.",
        ),
        ("task", "where", "keys", "keys / letters"),
        {"list": "list", "customer": "customer", "shell": "shell"},
        chinese=False,
    )


def page_in_chinese() -> str:
    """docs/tasks.zh-CN.md."""
    return _page(
        "# 最常做的事",
        (
            "由 `scripts/make_docs.py` 根据操作表生成；测试会在程序里逐项走一遍。",
            "按键数从客户列表算起（注明“客户”的从打开的客户算起）；文字只是例子。",
            "`⏎` 是回车。每一步都可以用命令面板完成：按 `:`（中文输入法的 `：` 也行），再输入英文、中文、拼音或首字母。",
        ),
        ("要做的事", "在哪里", "按键", "键数 / 字数"),
        {"list": "列表", "customer": "客户", "shell": "命令行"},
        chinese=True,
    )


def _page(title: str, intro: Sequence[str], heads: Sequence[str], places: dict[str, str], *, chinese: bool) -> str:
    lines = [title, "", *intro, "", f"| | {' | '.join(heads)} |", "|---|---|---|---|---|"]
    for number, task in enumerate(TASKS, 1):
        name = task.chinese if chinese else task.english
        place = places["shell" if task.command else task.start]
        if task.command:
            cells = [name, place, f"`{task.command}`", f"1 / {len(task.command)}"]
        else:
            cells = [name, place, _steps(task), f"{task.keys} / {task.letters}"]
        lines.append(f"| {number} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _steps(task: Task) -> str:
    """The keys and the text in order; a key pressed several times in a row is written once."""
    shown: list[list[str | int]] = []
    for step in task.steps:
        sign = step.text or key_sign(step.keys[0])
        if step.keys and shown and shown[-1][0] == sign:
            shown[-1][1] = int(shown[-1][1]) + 1
        else:
            shown.append([sign, 1])
    return " ".join(f"`{sign}`" + (f"×{times}" if int(times) > 1 else "") for sign, times in shown)
