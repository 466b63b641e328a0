"""Actions of the day, as entries of the registry (see ``tui.actions``)."""

from crmtui.i18n import N_
from crmtui.tui.record_actions import Entry

TODAY = "today"

TODAY_SCOPE_LABELS = {TODAY: N_("Today")}

TODAY_ACTIONS: tuple[Entry, ...] = (
    (
        "today.done",
        N_("done"),
        N_("Mark the task under the cursor as done, or as open again"),
        ("d",),
        TODAY,
        "editor",
        15,
    ),
    (
        "today.snooze",
        N_("snooze"),
        N_("Let the task come up again later: in a day, in a week, or when you say"),
        ("z",),
        TODAY,
        "editor",
        20,
    ),
    (
        "today.reschedule",
        N_("reschedule"),
        N_("Give the task another due time"),
        ("r",),
        TODAY,
        "editor",
        25,
    ),
    ("today.call", N_("log call"), N_("Log a call with the customer"), ("c",), TODAY, "editor", 30),
    (
        "today.log",
        N_("log other"),
        N_("Log an e-mail, meeting, visit, message or note"),
        ("l",),
        TODAY,
        "editor",
        40,
    ),
    ("today.task", N_("task"), N_("Set a task for the customer under the cursor"), ("t",), TODAY, "editor", 35),
    ("today.yank", N_("copy phone"), N_("Copy the phone of the customer under the cursor"), ("y",), TODAY, "viewer", 0),
    (
        "today.mine",
        N_("mine or all"),
        N_("Show only what is yours, or what is everybody's"),
        ("m",),
        TODAY,
        "viewer",
        45,
    ),
)
