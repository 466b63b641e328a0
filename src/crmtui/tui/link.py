"""The line between the program and the person: is it slow, and what the app does less of when it is.

Decided at once from the setting and the environment, so that the first frame waits for nothing, and again when the
terminal has answered a question that was sent behind that frame. Nothing here imports Textual.
"""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

AUTO, ON, OFF = "auto", "on", "off"
SLOW_FROM, FAST_UP_TO = 0.08, 0.03
"""Seconds of a round trip: from the first a line is slow without SSH too, up to the second it is fast in spite of SSH."""


class Profile(NamedTuple):
    """What the app reads."""

    slow: bool
    preview_rest: float
    """Seconds the cursor rests on a row before the card beside the list is drawn."""
    clock_step: float
    """Seconds between two pictures of a running clock, such as the length of a call."""
    frames_per_second: int
    """For ``TEXTUAL_FPS``, which Textual reads when it is imported."""
    mouse: bool
    """Whether ``mouse = auto`` takes the mouse: its reports travel up the line, and hovering repaints."""
    answer_wait: float
    """Seconds to wait at the end for an answer of the terminal that would land in the shell."""

    @property
    def environment(self) -> dict[str, str]:
        """What Textual is to find in the environment when it is imported; nothing for a fast line."""
        if not self.slow:
            return {}
        return {
            "TEXTUAL_FPS": str(self.frames_per_second),
            "TEXTUAL_ANIMATIONS": "none",
            "TEXTUAL_SMOOTH_SCROLL": "0",
        }


FAST = Profile(slow=False, preview_rest=0.08, clock_step=1, frames_per_second=60, mouse=True, answer_wait=0.2)
SLOW = Profile(slow=True, preview_rest=0.3, clock_step=5, frames_per_second=15, mouse=False, answer_wait=0.5)


def over_ssh(environment: Mapping[str, str]) -> bool:
    """Does the terminal stand at the other end of an SSH connection?"""
    return bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"))


def profile(setting: str, environment: Mapping[str, str], round_trip: float | None = None) -> Profile:
    """The profile for a ``slow_link`` setting (auto, on or off); ``round_trip`` is what was measured, in seconds.

    In tmux and screen a measurement says nothing: they answer in the terminal's place, on this side of the line.
    """
    if setting != AUTO:
        return SLOW if setting == ON else FAST
    remote = over_ssh(environment)
    if round_trip is None or environment.get("TMUX") or environment.get("STY"):
        return SLOW if remote else FAST
    if remote:
        return FAST if round_trip <= FAST_UP_TO else SLOW
    return SLOW if round_trip >= SLOW_FROM else FAST


class RoundTrip:
    """One measurement: a question that every terminal answers, and the time until its answer.

    The question goes out behind the first frame, so the time holds what the line needed for that frame, too: that is
    meant, for a line that is slow is one on which frames take long.
    """

    QUESTION = "\x1b[6n"
    """Where is the cursor? Textual gives the answer as a ``CursorPosition`` event."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked_at: float | None = None
        self.seconds: float | None = None
        """What was measured; None until the answer."""

    def ask(self) -> str:
        """The question to send now; an empty string when it was asked before."""
        if self._asked_at is not None:
            return ""
        self._asked_at = self._clock()
        return self.QUESTION

    def answered(self, at: float | None = None) -> bool:
        """An answer was read at ``at`` (now, if left out); is it the one that was waited for?"""
        if self._asked_at is None or self.seconds is not None:
            return False
        self.seconds = max(0.0, (self._clock() if at is None else at) - self._asked_at)
        return True

    def answer_due(self, longest: float) -> float:
        """Seconds to wait for an answer that is still on its way, at most ``longest`` since the question; else 0."""
        if self._asked_at is None or self.seconds is not None:
            return 0.0
        return max(0.0, longest - (self._clock() - self._asked_at))
