"""The output through a real pseudo-terminal, and the pacing of frames by a fake clock."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pty_driver import Link, PtyProgram

from crmtui.tui.difference_output import Pacer

APP = str(Path(__file__).with_name("terminal_app.py"))


def program(*arguments: str, link: Link | None = None, synchronised: bool = True) -> PtyProgram:
    return PtyProgram([sys.executable, APP, *arguments], columns=60, rows=14, link=link, synchronised=synchronised)


def cells(shown: PtyProgram) -> list[list[object]]:
    return [[shown.screen.buffer[y][x] for x in range(60)] for y in range(14)]


def test_the_screen_is_the_one_textual_paints_and_costs_far_less() -> None:
    screens, bytes_written = [], []
    for arguments in ((), ("plain",)):
        with program(*arguments) as shown:
            shown.start("row 1 of 1000")
            after_start = shown.bytes
            for _ in range(15):
                shown.press("down")
            shown.press("pagedown")
            shown.press("end", expect="row 1000 of")
            shown.press("up", expect="row 999 of")
            shown.press("/")
            shown.type_text("王", expect="王")
            screens.append(cells(shown))
            bytes_written.append(shown.bytes - after_start)
            caret = shown.cursor
    assert screens[0] == screens[1]
    assert caret == (4, 0)
    assert bytes_written[0] * 2 < bytes_written[1]


@pytest.mark.parametrize("synchronised", [True, False])
def test_leaving_the_terminal_and_coming_back_repaints_everything(synchronised: bool) -> None:
    with program(synchronised=synchronised) as shown:
        shown.start("row 1 of 1000")
        shown.press("down", expect="row 2 of")
        before = cells(shown)
        shown.press("s")
        assert cells(shown) == before
        shown.press("up", expect="row 1 of")
        shown.quit("q")
        assert shown.exit_code == 0


def test_resizing_and_resizing_back_repaints() -> None:
    with program() as shown:
        shown.start("row 1 of 1000")
        before = cells(shown)
        shown.resize(40, 10)
        assert "row 1 of 1000" in shown.row(-1)
        shown.resize(60, 14)
        assert cells(shown) == before


def test_idle_costs_no_byte_even_with_the_caret_in_a_field() -> None:
    with program() as shown:
        shown.start("row 1 of 1000")
        shown.press("/")
        assert shown.idle(0.7).bytes_per_second == 0


def test_a_poor_link_is_sent_fewer_frames_and_ends_on_the_last() -> None:
    with program(link=Link(bits_per_second=30_000, round_trip_ms=100)) as shown:
        shown.start("row 1 of 1000")
        shown.press("down", expect="row 2 of")
        frames = shown.frames
        shown.hold("pagedown", times=30, per_second=40)
        shown.wait_for("row 332 of 1000")
        assert shown.frames - frames < 20


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def pacer() -> tuple[Pacer, Clock]:
    clock = Clock()
    return Pacer(clock), clock


def answer_after(pacer: Pacer, clock: Clock, seconds: float, size: int = 500) -> None:
    pacer.sent(size, asked=True)
    clock.now += seconds
    pacer.answered()


def test_a_terminal_that_never_answers_is_never_asked_and_never_waited_for(
    pacer: tuple[Pacer, Callable[[], float]],
) -> None:
    paced, _clock = pacer
    assert not paced.asks
    paced.sent(100_000, asked=False)
    assert paced.may_send()


def test_frames_wait_when_the_budget_is_spent_until_the_answer_comes(pacer: tuple[Pacer, Clock]) -> None:
    paced, clock = pacer
    paced.answered()
    assert paced.asks
    paced.sent(500, asked=True)
    assert not paced.asks and paced.may_send()
    paced.sent(Pacer.FIRST_BUDGET, asked=False)
    assert not paced.may_send()
    clock.now += 0.05
    paced.answered()
    assert paced.may_send() and paced.asks


def test_late_answers_shrink_the_budget_to_what_the_link_took(pacer: tuple[Pacer, Clock]) -> None:
    paced, clock = pacer
    paced.answered()
    answer_after(paced, clock, 0.05)
    answer_after(paced, clock, 1.05, size=1000)
    paced.sent(500, asked=True)
    paced.sent(100, asked=False)
    assert not paced.may_send()


def test_a_spent_budget_grows_while_answers_come_in_time(pacer: tuple[Pacer, Clock]) -> None:
    paced, clock = pacer
    paced.answered()
    for _ in range(3):
        paced.sent(500, asked=True)
        while paced.may_send():
            paced.sent(1000, asked=False)
        clock.now += 0.05
        paced.answered()
    paced.sent(500, asked=True)
    paced.sent(3 * Pacer.FIRST_BUDGET, asked=False)
    assert paced.may_send()


def test_a_lost_answer_ends_the_waiting(pacer: tuple[Pacer, Clock]) -> None:
    paced, clock = pacer
    paced.answered()
    paced.sent(500, asked=True)
    paced.sent(100_000, asked=False)
    assert not paced.may_send()
    clock.now += Pacer.LOST + 1
    assert paced.may_send() and not paced.answering


def test_goodbye_waits_for_an_open_answer_only(pacer: tuple[Pacer, Clock]) -> None:
    paced, clock = pacer
    assert paced.answer_due(0.5) == 0
    paced.answered()
    answer_after(paced, clock, 0.2)
    paced.sent(500, asked=True)
    assert 0.2 < paced.answer_due(0.5) <= 0.5
    clock.now += 3
    assert paced.answer_due(0.5) == 0
