"""``call`` on a real terminal: typing, drafts, signals; the terminal is restored and nothing typed is lost."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pty_run import Run

Start = Callable[..., Run]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A new user with two customers who share a number, and one who does not."""
    made = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("DATA", "CONFIG", "STATE")}
    made |= {
        "CRMTUI_DB": str(tmp_path / "work.db"),
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "USER": "ann",
    }
    made |= {"LANG": "C.UTF-8", "HOME": str(tmp_path), "TZ": "Asia/Shanghai"}
    for words in (
        ["张伟", "phone=+86 138 1234 5678", "company=启明电子", "tag=VIP"],
        ["李雷", "phone=+86 21 5555 0101"],
        ["韩梅梅", "phone=+86 21 5555 0101"],
    ):
        run(made, "add", *words)
    return made


def run(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "crmtui", *words], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Start]:
    started: list[Run] = []

    def call(*words: str, **more: int) -> Run:
        started.append(Run(["call", *words], environment, **more))
        return started[-1]

    yield call
    for each in started:
        each.close()


def logged(environment: dict[str, str], customer: int = 1) -> list[dict[str, object]]:
    document = json.loads(run(environment, "show", str(customer), "--json", "--all").stdout)
    found: list[dict[str, object]] = document["interactions"]
    return found


def drafts(environment: dict[str, str]) -> list[dict[str, object]]:
    folder = Path(environment["XDG_STATE_HOME"], "crmtui", "drafts")
    return [json.loads(path.read_bytes())["value"] for path in folder.glob("*.json")] if folder.exists() else []


def test_a_call_is_logged_with_outcome_and_next_step(start: Start, environment: dict[str, str]) -> None:
    call = start("13812345678")
    call.wait_for("张伟 · 启明电子 · VIP")
    call.type("确认周五上午到X\x7f")
    call.wait_for("确认周五上午到")
    assert call.screen.cursor.x == 10 + 14  # the input method opens its window there
    call.type("\t")
    call.wait_for("no answer")
    call.type("\x1b[B送样品\r下周五下午3点")
    call.wait_for("15:00 · in ")
    call.type("\r\r")
    assert call.ends() == 0
    assert call.is_restored()
    assert "call logged, 1 minute" in call.shown()
    (entry,) = logged(environment)
    assert (entry["body"], entry["outcome"], entry["minutes"], entry["direction"]) == (
        "确认周五上午到",
        "no_answer",
        1,
        "in",
    )
    assert json.loads(run(environment, "task", "--json").stdout)[0]["text"] == "送样品"
    assert json.loads(run(environment, "undo", "--json").stdout)["kept"] == []
    assert logged(environment) == []
    assert drafts(environment) == []


def test_escape_keeps_a_draft_and_the_next_call_offers_it(start: Start, environment: dict[str, str]) -> None:
    call = start("13812345678")
    call.wait_for("张伟")
    call.type("价格可以\x1b")
    assert call.ends() == 0
    assert call.is_restored()
    assert "a draft is kept" in call.shown()
    again = start("+86 138 1234 5678")
    again.wait_for("takes the draft up: “价格可以”")
    again.type("\x1b[A")
    again.wait_for("notes› 价格可以")
    again.type("\r")
    assert again.ends() == 0
    assert [entry["body"] for entry in logged(environment)] == ["价格可以"]
    assert drafts(environment) == []


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_keeps_a_draft(start: Start, environment: dict[str, str], number: signal.Signals) -> None:
    call = start("13812345678")
    call.wait_for("张伟")
    call.type("价格可以")
    call.wait_for("价格可以")
    call.process.send_signal(number)
    assert call.ends() == 128 + number
    assert call.is_restored()
    assert [draft["notes"] for draft in drafts(environment)] == ["价格可以"]
    assert logged(environment) == []


def test_a_lost_line_keeps_a_draft(start: Start, environment: dict[str, str]) -> None:
    call = start("13812345678")
    call.wait_for("张伟")
    call.type("价格可以")
    call.wait_for("价格可以")
    os.close(call.master)
    os.close(call._slave)
    call.process.wait(20)
    assert [draft["notes"] for draft in drafts(environment)] == ["价格可以"]


def test_even_a_kill_leaves_the_draft_of_a_pause(start: Start, environment: dict[str, str]) -> None:
    call = start("13812345678")
    call.wait_for("张伟")
    call.type("价格可以")
    call.wait_for(lambda _screen: bool(drafts(environment)))
    call.process.kill()
    call.process.wait()
    assert [draft["notes"] for draft in drafts(environment)] == ["价格可以"]


def test_ctrl_c_loses_nothing(start: Start, environment: dict[str, str]) -> None:
    call = start("13812345678")
    call.wait_for("张伟")
    call.type("x\x03")
    assert call.ends() == 130
    assert call.is_restored()
    assert len(drafts(environment)) == 1
    nothing = start("13812345678")
    nothing.wait_for("张伟")
    nothing.type("\x1b")
    assert nothing.ends() == 0
    assert len(drafts(environment)) == 1


def test_several_with_one_number_are_picked_by_a_digit(start: Start, environment: dict[str, str]) -> None:
    call = start("02155550101")
    screen = call.wait_for("a digit chooses")
    place = next(line.split()[0] for line in screen.splitlines() if "李雷" in line)
    call.type(place + "ok")
    call.wait_for("notes› ok")
    call.type("\r")
    assert call.ends() == 0
    assert [entry["body"] for entry in logged(environment, 2)] == ["ok"]


def test_a_new_caller_is_added_and_logged(start: Start, environment: dict[str, str]) -> None:
    call = start("13500001111")
    call.wait_for("new caller, add?")
    call.type("王五\r问价\r")
    assert call.ends() == 0
    (entry,) = logged(environment, 4)
    assert entry["body"] == "问价"
    unknown = start("13599991111")
    unknown.wait_for("new caller")
    unknown.type("\x1b")
    assert unknown.ends() == 1


def test_pasted_text_is_text(start: Start, environment: dict[str, str]) -> None:
    call = start("13812345678")
    call.wait_for("张伟")
    call.type("\x1b[200~one\r\ntwo\x03\x1b[201~")
    call.wait_for("notes› one two")
    call.type("\r")
    assert call.ends() == 0
    assert [str(entry["body"]).strip() for entry in logged(environment)] == ["one two"]


def test_a_smaller_terminal_and_a_suspended_call_go_on(start: Start, environment: dict[str, str]) -> None:
    call = start("13812345678")
    call.wait_for("张伟")
    call.type("价格可以")
    call.wait_for("价格可以")
    call.resize(40, 10)
    call.process.send_signal(signal.SIGWINCH)
    call.type("。")
    call.wait_for(lambda screen: "价格可以。" in screen and all(len(line) <= 40 for line in screen.splitlines()))
    call.type("\r")
    assert call.ends() == 0


def test_a_file_that_is_busy_keeps_the_text_and_says_so(start: Start, environment: dict[str, str]) -> None:
    from crmtui.storage.driver import connect

    call = start("13812345678")
    call.wait_for("张伟")
    other = connect(environment["CRMTUI_DB"], uri=False)
    other.execute("BEGIN IMMEDIATE")
    call.type("价格可以\r")
    call.wait_for("another program is writing")
    other.execute("ROLLBACK")
    other.close()
    call.type("\r")
    assert call.ends() == 0
    assert [entry["body"] for entry in logged(environment)] == ["价格可以"]
    assert drafts(environment) == []


def test_without_a_terminal_there_are_plain_lines(environment: dict[str, str]) -> None:
    done = run(environment, "call", "13812345678")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert "张伟  #1" in done.stdout


def test_a_call_is_logged_without_asking(environment: dict[str, str]) -> None:
    words = ["--log", "价格可以", "--minutes", "4", "--outcome", "no answer", "--next", "送样品", "--due", "2031-01-02"]
    assert run(environment, "call", "13812345678", *words).returncode == 0
    (entry,) = logged(environment)
    assert (entry["minutes"], entry["outcome"]) == (4, "no_answer")
    several = run(environment, "call", "02155550101", "--log", "x")
    assert (several.returncode, "several customers" in several.stderr) == (2, True)
    nobody = run(environment, "call", "13500001111", "--log", "x")
    assert (nobody.returncode, "--name" in nobody.stderr) == (1, True)
    assert run(environment, "call", "13500001111", "--log", "x", "--name", "王五").returncode == 0
    assert logged(environment, 4)[0]["body"] == "x"
    assert run(environment, "call", "13812345678", "--minutes", "4").returncode == 2
    assert run(environment, "call", "13812345678", "--log", "x", "--due", "fri").returncode == 2
    assert run(environment, "call", "13812345678", "--log", "x", "--next", "y", "--due", "soon").returncode == 2


def test_a_look_at_who_it_is_loads_no_screens(environment: dict[str, str]) -> None:
    program = (
        "import sys\nfrom crmtui.cli import main\nmain(['call', '13812345678'])\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in"
        " ('textual', 'rich', 'sqlite_utils', 'typing', 'dataclasses', 'phonenumbers', 'termios')))"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1]
    assert "textual" not in loaded and "sqlite_utils" not in loaded and "phonenumbers" not in loaded, loaded
