import sys
from pathlib import Path

import pytest
from pty_driver import Link, PtyProgram

from crmtui.tui.link import FAST, SLOW, Profile, RoundTrip, over_ssh, profile

SSH = {"SSH_CONNECTION": "10.0.0.2 5022 10.0.0.1 22"}


@pytest.mark.parametrize(
    ("setting", "environment", "round_trip", "expected"),
    [
        ("auto", {}, None, FAST),
        ("auto", SSH, None, SLOW),
        ("auto", {"SSH_TTY": "/dev/pts/3"}, None, SLOW),
        ("auto", {"SSH_CONNECTION": ""}, None, FAST),
        ("auto", SSH, 0.004, FAST),  # the server room next door
        ("auto", SSH, 0.05, SLOW),
        ("auto", SSH, 0.3, SLOW),
        ("auto", {}, 0.01, FAST),
        ("auto", {}, 0.2, SLOW),  # a serial line, a container shell of another continent
        ("auto", {**SSH, "TMUX": "x"}, 0.0004, SLOW),  # tmux answers in the terminal's place
        ("auto", {**SSH, "STY": "x"}, 0.0004, SLOW),
        ("auto", {"TMUX": "x"}, 0.2, FAST),
        ("on", {}, 0.001, SLOW),
        ("off", SSH, 0.5, FAST),
    ],
)
def test_what_makes_a_line_slow(
    setting: str, environment: dict[str, str], round_trip: float | None, expected: Profile
) -> None:
    assert profile(setting, environment, round_trip) is expected


def test_a_slow_line_is_spared_and_a_fast_one_is_not() -> None:
    assert SLOW.preview_rest > FAST.preview_rest and SLOW.clock_step > FAST.clock_step
    assert FAST.mouse and not SLOW.mouse
    assert FAST.environment == {}
    assert SLOW.environment["TEXTUAL_ANIMATIONS"] == "none" and int(SLOW.environment["TEXTUAL_FPS"]) < 60


def test_the_environment_of_sessions() -> None:
    assert over_ssh(SSH) and not over_ssh({})


class Clock:
    now = 5.0

    def __call__(self) -> float:
        return self.now


def test_one_question_one_answer() -> None:
    clock = Clock()
    trip = RoundTrip(clock)
    assert not trip.answered() and trip.answer_due(0.5) == 0
    assert trip.ask() == "\x1b[6n" and trip.ask() == ""
    clock.now += 0.125
    assert trip.answer_due(0.5) == 0.375 and trip.seconds is None
    assert trip.answered() and trip.seconds == 0.125
    clock.now += 9
    assert not trip.answered() and trip.seconds == 0.125 and trip.answer_due(0.5) == 0


def test_an_answer_counts_from_when_it_was_read_and_a_lost_one_is_not_waited_for() -> None:
    clock = Clock()
    trip = RoundTrip(clock)
    trip.ask()
    clock.now += 3
    assert trip.answer_due(0.5) == 0
    assert trip.answered(at=5.25) and trip.seconds == 0.25


APP = """
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static
from crmtui.tui._textual_private import write_to_terminal
from crmtui.tui.link import RoundTrip

class TripApp(App):
    def compose(self):
        yield Static("waiting")

    def on_mount(self):
        self.trip = RoundTrip()
        self.call_after_refresh(lambda: write_to_terminal(self, self.trip.ask()))

    def on_cursor_position(self, event):
        if self.trip.answered(event.time):
            self.query_one(Static).update(f"took {self.trip.seconds * 1000:.0f} ms,")

TripApp().run()
"""


@pytest.mark.parametrize("round_trip_ms", [0, 300])
def test_textual_gives_the_answer_of_a_terminal(tmp_path: Path, round_trip_ms: int) -> None:
    script = tmp_path / "trip.py"
    script.write_text(APP)
    with PtyProgram([sys.executable, str(script)], columns=40, rows=6, link=Link(0, round_trip_ms)) as program:
        program.wait_for("took")
        seconds = int(program.text().partition("took ")[2].partition(" ms,")[0]) / 1000
    assert seconds >= round_trip_ms / 1000
