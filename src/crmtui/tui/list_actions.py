"""Actions on what a list shows and on the way there, as entries of the registry (see ``tui.actions``)."""

from crmtui.i18n import N_

COLUMNS, COUNTS = "columns", "counts"

LIST_SCOPE_LABELS = {COLUMNS: N_("Where columns are chosen"), COUNTS: N_("Counts of values")}

Entry = tuple[str, str, str, tuple[str, ...], str, str, int]
"""The values of an ``Action`` in their order."""

LIST_ACTIONS: tuple[Entry, ...] = (
    (
        "customers.columns",
        N_("columns"),
        N_("Choose the columns of the list and their order"),
        ("vertical_line", "h"),
        "customers",
        "viewer",
        0,
    ),
    (
        "customers.counts",
        N_("counts"),
        N_("Count the values of a field over what is listed, and open the customers behind one"),
        ("F",),
        "customers",
        "viewer",
        0,
    ),
    (
        "customers.previous_search",
        N_("search before"),
        N_("Go back to the search before"),
        ("left_square_bracket", "minus"),
        "customers",
        "viewer",
        0,
    ),
    (
        "customers.next_search",
        N_("search after"),
        N_("Go forward again to the search that was left"),
        ("right_square_bracket",),
        "customers",
        "viewer",
        0,
    ),
    (
        "customers.jump",
        N_("jump to a row"),
        N_("Put a letter before each row on the screen; pressing it goes there"),
        ("semicolon",),
        "customers",
        "viewer",
        0,
    ),
    (
        "columns.later",
        N_("to the right"),
        N_("Move the column under the cursor to the right"),
        ("J", "greater_than_sign"),
        COLUMNS,
        "viewer",
        0,
    ),
    (
        "columns.earlier",
        N_("to the left"),
        N_("Move the column under the cursor to the left"),
        ("K", "less_than_sign"),
        COLUMNS,
        "viewer",
        0,
    ),
    (
        "columns.leave",
        N_("leave"),
        N_("Leave without keeping the columns; they stay as long as crmtui runs"),
        ("escape", "q"),
        COLUMNS,
        "viewer",
        0,
    ),
    (
        "counts.field",
        N_("other field"),
        N_("Count the values of another field"),
        ("f", "F"),
        COUNTS,
        "viewer",
        20,
    ),
    (
        "counts.back",
        N_("back"),
        N_("Stop counting, or go back to the list"),
        ("escape", "q", "left"),
        COUNTS,
        "viewer",
        97,
    ),
)
