"""The call under the prompt as a value: keys in, lines out."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.cli.call_form import CallForm
from crmtui.cli.key_reader import Key
from crmtui.domain.text import cell_width
from crmtui.services.call import CallCard, Caller, NextStep
from crmtui.storage.callers import PhoneOwner

ZONE = timezone(timedelta(hours=8))


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


def owner(number: int, name: str = "张伟") -> PhoneOwner:
    return PhoneOwner(
        number, name, "person", "启明电子", None, "138 1234 5678", "+8613812345678", None, False, False, None
    )


def card(number: int) -> CallCard:
    return CallCard(number, f"张伟{number}", "启明电子\x1b[2J", ["VIP"], False, False, None, None, None, 11)


def form(people: int = 1, match: str = "exact", clock: Clock | None = None, **more: object) -> CallForm:
    caller = Caller(match, "13812345678", "+8613812345678", [owner(n + 1) for n in range(people)], False)  # type: ignore[arg-type]
    return CallForm(caller, card, clock or Clock(), **more)  # type: ignore[arg-type]


def press(form: CallForm, *keys: str) -> str:
    asked = ""
    for key in keys:
        name = key if key in ("enter", "tab", "backtab", "esc", "up", "down", "left") or key.startswith("ctrl+") else ""
        asked = form.press(Key(name) if name else Key("text", key))
    return asked


def test_notes_are_typed_at_once_and_enter_logs() -> None:
    clock = Clock()
    call = form(clock=clock)
    assert (call.stage, call.customer, call.focus) == ("write", 1, "notes")
    assert press(call, "价格可以", "enter") == "log"
    clock.passes(42)
    assert (call.seconds, call.minutes) == (42, 1)
    clock.passes(80)
    assert call.minutes == 3
    view = call.view(80)
    assert view.lines[0].startswith("02:02  13812345678 → 张伟1 · 启明电子␛[2J · VIP")
    assert view.lines[view.row].endswith("价格可以")
    assert view.column == cell_width(view.lines[view.row])


def test_tab_goes_round_the_outcomes() -> None:
    call = form()
    assert call.to_json()["outcome"] == "reached"
    press(call, "tab")
    assert call.to_json()["outcome"] == "no_answer"
    press(call, "backtab", "backtab")
    assert call.to_json()["outcome"] == "wrong_number"


@pytest.mark.parametrize("way", ["down", "ctrl+t"])
def test_the_next_step_is_asked_and_shown_back(way: str) -> None:
    call = form()
    press(call, "ok", way, "送样品", "enter", "下周五下午3点")
    assert any("12月" in line or "4 Dec 2026, 15:00 · in 11 days" in line for line in call.view(80).lines)
    assert press(call, "enter") == ""
    assert call.focus == "notes"
    assert press(call, "enter") == "log"
    step = call.next_step
    assert step is not None and step.text == "送样品" and step.due_at is not None


def test_a_time_that_is_not_understood_is_not_swallowed() -> None:
    call = form()
    press(call, "down", "ring", "enter", "soonish")
    assert press(call, "enter") == ""
    assert (call.focus, bool(call.message)) == ("due", True)
    press(call, "up", "up")
    assert press(call, "enter") == ""
    assert call.focus == "due"
    press(call, "ctrl+u", "enter")
    assert press(call, "enter") == "log"
    assert call.next_step == NextStep("ring", None)


def test_of_several_a_digit_picks_also_with_an_input_method_on() -> None:
    call = form(3)
    assert call.stage == "choose"
    assert [line.split()[0] for line in call.view(80).lines[1:5]] == ["1", "2", "3", "0"]
    press(call, "x", "9", "２")
    assert (call.customer, call.stage) == (2, "write")


def test_nearly_the_same_is_offered_and_nobody_is_taken_for_granted() -> None:
    call = form(1, "near")
    assert call.stage == "choose"
    press(call, "0")
    assert (call.customer, call.focus) == (None, "name")


def test_a_new_caller_needs_a_name() -> None:
    call = form(0, "unknown")
    press(call, "enter")
    assert press(call, "问价", "enter") == ""
    assert (call.focus, bool(call.message)) == ("name", True)
    press(call, "王五", "enter")
    assert press(call, "enter") == "log"


def test_a_draft_is_offered_and_taken_up_by_an_arrow() -> None:
    draft = {"notes": "先前", "next": "报价", "due": "fri", "outcome": "busy", "seconds": 90, "customer": 1}
    call = form(draft=draft)
    assert any("先前" in line for line in call.view(100).lines)
    press(call, "现在", "up")
    assert call.fields["notes"].text == "先前 现在"
    assert (call.fields["due"].text, call.to_json()["outcome"], call.seconds) == ("fri", "busy", 90)
    assert not any("“先前”" in line for line in call.view(100).lines)


@pytest.mark.parametrize("bad", [{}, {"notes": 5, "seconds": "x", "outcome": []}, {"seconds": -5}])
def test_a_draft_of_nonsense_harms_nobody(bad: dict[str, object]) -> None:
    call = form(draft=bad)
    press(call, "up")
    assert call.is_empty and call.seconds == 0


def test_escape_ctrl_c_and_ctrl_z_are_asked_for() -> None:
    assert [press(form(), key) for key in ("esc", "ctrl+c", "ctrl+z")] == ["leave", "stop", "suspend"]
    assert press(form(3), "esc") == "leave"


@given(
    st.lists(
        st.sampled_from(["a", "价格", "enter", "tab", "up", "down", "ctrl+t", "left", "1", "0", "ctrl+u"]), max_size=30
    ),
    st.integers(0, 4),
    st.sampled_from(["exact", "near", "ending"]),
    st.integers(20, 130),
)
def test_no_keys_break_it_and_no_line_is_too_wide(keys: list[str], people: int, match: str, width: int) -> None:
    call = form(people, match if people else "unknown", draft={"notes": "x" * 50})
    for key in keys:
        press(call, key)
        view = call.view(width)
        assert all(cell_width(line) < width for line in view.lines)
        assert 0 <= view.row < len(view.lines) and 0 <= view.column < width
