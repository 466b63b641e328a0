"""The action registry: everything a person can do, once. Bindings, the help page, the palette, the keymap file, the docs and
the command ``crmtui keys`` are made from these entries. Nothing here imports Textual."""

from typing import NamedTuple

from crmtui.i18n import N_, _
from crmtui.tui.duplicate_actions import DUPLICATE_ACTIONS, DUPLICATE_SCOPE_LABELS
from crmtui.tui.list_actions import LIST_ACTIONS, LIST_SCOPE_LABELS
from crmtui.tui.record_actions import RECORD_ACTIONS, RECORD_SCOPE_LABELS
from crmtui.tui.today_actions import TODAY_ACTIONS, TODAY_SCOPE_LABELS

APP, LIST, CUSTOMERS, CUSTOMER, HISTORY, OPERATION, FORM, CONFLICT, IMPORT, DIALOG, FILE, HELP = (
    "app",
    "list",
    "customers",
    "customer",
    "history",
    "operation",
    "form",
    "conflict",
    "import",
    "dialog",
    "file",
    "help",
)

SCOPE_LABELS = {
    APP: N_("Everywhere"),
    LIST: N_("In every list"),
    CUSTOMERS: N_("Customers"),
    CUSTOMER: N_("One customer"),
    HISTORY: N_("Files and history"),
    OPERATION: N_("One operation"),
    FORM: N_("Form"),
    CONFLICT: N_("Changed by two people"),
    IMPORT: N_("Import"),
    DIALOG: N_("Where one is chosen"),
    FILE: N_("Where a file is chosen"),
    HELP: N_("Help"),
    **LIST_SCOPE_LABELS,
    **RECORD_SCOPE_LABELS,
    **TODAY_SCOPE_LABELS,
    **DUPLICATE_SCOPE_LABELS,
}


class Action(NamedTuple):
    """One thing to do. ``id`` is stable (keymap files name it); its method is ``action_`` + id with ``_`` for ``.``.

    ``label`` is short (the status line), ``help`` a sentence (help page, palette, docs). ``keys`` are Textual key names.
    ``role`` is the smallest role that may do it. ``rank`` orders the status line; 0 keeps the action out of it.
    """

    id: str
    label: str
    help: str
    keys: tuple[str, ...]
    scope: str
    role: str = "viewer"
    rank: int = 0

    @property
    def method(self) -> str:
        """The name Textual calls: the method without ``action_``."""
        return self.id.replace(".", "_")


ACTIONS: tuple[Action, ...] = (
    Action("app.help", N_("help"), N_("Show every key that works here"), ("question_mark", "f1"), APP, rank=99),
    Action(
        "app.palette",
        N_("commands"),
        N_("Find any command by name, in English, Chinese or pinyin"),
        ("colon", "ctrl+p"),
        APP,
    ),
    Action("app.undo", N_("undo"), N_("Undo what you did last; works after a restart too"), ("u",), APP, "editor", 60),
    Action("app.redo", N_("redo"), N_("Redo what you undid last"), ("ctrl+r", "U"), APP, "editor"),
    Action("app.customers", N_("customers"), N_("Go to the customer list"), ("1",), APP),
    Action(
        "app.call", N_("call"), N_("Somebody calls: type the number, see who it is, take notes"), ("C",), APP, "editor"
    ),
    Action(
        "app.drafts",
        N_("unfinished"),
        N_("Take up a form, a call or a line that was not saved when crmtui or the line went away"),
        ("D",),
        APP,
        "editor",
    ),
    Action("app.today", N_("today"), N_("Go to what is due, who has gone quiet, and birthdays"), ("2",), APP),
    Action("app.files", N_("files"), N_("Go to imports, exports and the history of changes"), ("7",), APP),
    Action("app.language", N_("language"), N_("Switch between English and Chinese"), (), APP),
    Action("app.theme", N_("theme"), N_("Switch between the dark and the light theme"), (), APP),
    Action("app.suspend", N_("to the shell"), N_("Go to the shell; fg comes back"), ("ctrl+z",), APP),
    Action("app.quit", N_("quit"), N_("Leave crmtui; everything is saved already"), ("q", "ctrl+q"), APP, rank=98),
    Action("list.down", N_("down"), N_("Go to the next row"), ("down", "j"), LIST),
    Action("list.up", N_("up"), N_("Go to the row before"), ("up", "k"), LIST),
    Action("list.page_down", N_("page down"), N_("Go down a page"), ("pagedown", "ctrl+f"), LIST),
    Action("list.page_up", N_("page up"), N_("Go up a page"), ("pageup", "ctrl+b"), LIST),
    Action("list.half_page_down", N_("half page down"), N_("Go down half a page"), ("ctrl+d",), LIST),
    Action("list.half_page_up", N_("half page up"), N_("Go up half a page"), ("ctrl+u",), LIST),
    Action("list.first", N_("first"), N_("Go to the first row"), ("home", "g"), LIST),
    Action("list.last", N_("last"), N_("Go to the last row"), ("end", "G"), LIST),
    Action("list.open", N_("open"), N_("Open the row under the cursor"), ("enter",), LIST, rank=10),
    Action("list.mark", N_("mark"), N_("Mark the row for an action on many, or unmark it"), ("space",), LIST, rank=50),
    Action(
        "customers.search",
        N_("search"),
        N_("Find customers: name, pinyin, phone, e-mail, tag, or a query"),
        ("slash",),
        CUSTOMERS,
        rank=15,
    ),
    Action("customers.clear", N_("clear"), N_("Clear the search, then the marks"), ("escape",), CUSTOMERS),
    Action("customers.add", N_("add"), N_("Add a customer"), ("a",), CUSTOMERS, "editor", 40),
    Action("customers.edit", N_("edit"), N_("Edit the customer under the cursor"), ("e",), CUSTOMERS, "editor", 35),
    Action("customers.call", N_("log call"), N_("Log a call with the customer"), ("c",), CUSTOMERS, "editor", 20),
    Action(
        "customers.log",
        N_("log other"),
        N_("Log an e-mail, meeting, visit, message or note"),
        ("l",),
        CUSTOMERS,
        "editor",
        25,
    ),
    Action(
        "customers.task",
        N_("task"),
        N_("Set a task for the customer, or for all marked ones"),
        ("t",),
        CUSTOMERS,
        "editor",
        30,
    ),
    Action(
        "customers.tag",
        N_("tag"),
        N_("Add and remove tags (+vip -old), on all marked ones if there are marks"),
        ("T",),
        CUSTOMERS,
        "editor",
        45,
    ),
    Action(
        "customers.stage",
        N_("stage"),
        N_("Set the stage, on all marked ones if there are marks"),
        ("w",),
        CUSTOMERS,
        "editor",
    ),
    Action(
        "customers.owner",
        N_("owner"),
        N_("Set the owner, on all marked ones if there are marks"),
        ("o",),
        CUSTOMERS,
        "editor",
    ),
    Action(
        "customers.archive",
        N_("archive"),
        N_("Take the customer (or all marked ones) out of the list; undo brings it back"),
        ("x",),
        CUSTOMERS,
        "editor",
    ),
    Action("customers.sort", N_("sort"), N_("Sort by the next column"), ("s",), CUSTOMERS, rank=55),
    Action("customers.sort_reverse", N_("reverse"), N_("Turn the order round"), ("S",), CUSTOMERS),
    Action(
        "customers.mark_all",
        N_("mark all"),
        N_("Mark everything that is listed, or unmark it"),
        ("asterisk", "M"),
        CUSTOMERS,
    ),
    Action(
        "customers.invert",
        N_("invert marks"),
        N_("Mark what is not marked, and the other way round"),
        ("I",),
        CUSTOMERS,
    ),
    Action(
        "customers.percent", N_("jump"), N_("Jump to a share of the list: 73 is 73 %"), ("percent_sign",), CUSTOMERS
    ),
    Action("customers.view", N_("views"), N_("Open a saved view"), ("v",), CUSTOMERS),
    Action(
        "customers.save_view", N_("save view"), N_("Save the search and order as a view"), ("V",), CUSTOMERS, "editor"
    ),
    Action("customers.preview", N_("preview"), N_("Show or hide the preview"), ("p",), CUSTOMERS),
    Action("customers.import", N_("import"), N_("Bring in a customer file"), ("i",), CUSTOMERS, "editor"),
    Action("customers.export", N_("export"), N_("Write what is listed (or marked) to a file"), ("E",), CUSTOMERS),
    Action(
        "customers.yank",
        N_("copy phone"),
        N_("Copy the phone under the cursor, or the phones of all marked customers"),
        ("y",),
        CUSTOMERS,
    ),
    Action(
        "customers.yank_card",
        N_("copy card"),
        N_("Copy the whole card as text, or the cards of all marked customers"),
        ("Y",),
        CUSTOMERS,
    ),
    Action("customer.back", N_("back"), N_("Go back to the list"), ("q", "escape", "left"), CUSTOMER, rank=97),
    Action("customer.next", N_("next"), N_("Go to the next customer of the list"), ("J", "n"), CUSTOMER),
    Action("customer.previous", N_("previous"), N_("Go to the customer before"), ("K", "N"), CUSTOMER),
    Action("customer.edit", N_("edit"), N_("Edit the customer"), ("e",), CUSTOMER, "editor", 35),
    Action("customer.call", N_("log call"), N_("Log a call"), ("c",), CUSTOMER, "editor", 20),
    Action(
        "customer.log",
        N_("log other"),
        N_("Log an e-mail, meeting, visit, message or note"),
        ("l",),
        CUSTOMER,
        "editor",
        25,
    ),
    Action("customer.task", N_("task"), N_("Set a task"), ("t",), CUSTOMER, "editor", 30),
    Action("customer.tag", N_("tag"), N_("Add and remove tags (+vip -old)"), ("T",), CUSTOMER, "editor", 45),
    Action("customer.stage", N_("stage"), N_("Set the stage"), ("w",), CUSTOMER, "editor"),
    Action("customer.owner", N_("owner"), N_("Set the owner"), ("o",), CUSTOMER, "editor"),
    Action(
        "customer.archive", N_("archive"), N_("Take the customer out of the lists, or back"), ("x",), CUSTOMER, "editor"
    ),
    Action(
        "customer.yank",
        N_("copy"),
        N_("Copy the phone; further down in a list, the line under the cursor"),
        ("y",),
        CUSTOMER,
    ),
    Action("customer.yank_card", N_("copy card"), N_("Copy the whole card as text"), ("Y",), CUSTOMER),
    Action(
        "customer.filter", N_("filter"), N_("Show only timeline lines that hold a text"), ("slash",), CUSTOMER, rank=50
    ),
    Action(
        "customer.next_tab",
        N_("next tab"),
        N_("Timeline, transactions, deals, tasks, history"),
        ("tab", "right_square_bracket"),
        CUSTOMER,
        rank=55,
    ),
    Action(
        "customer.previous_tab",
        N_("previous tab"),
        N_("Go to the tab before"),
        ("shift+tab", "left_square_bracket"),
        CUSTOMER,
    ),
    Action(
        "customer.done",
        N_("done"),
        N_("Mark the task under the cursor as done, or as open again"),
        ("d",),
        CUSTOMER,
        "editor",
    ),
    Action("history.undo", N_("undo this"), N_("Undo the operation under the cursor"), ("U",), HISTORY, "editor", 20),
    Action("history.import", N_("import"), N_("Bring in a customer file"), ("i",), HISTORY, "editor", 25),
    Action("history.export", N_("export"), N_("Write customers to a file"), ("E",), HISTORY, rank=30),
    Action("history.backup", N_("back up"), N_("Make a verified backup now"), ("b",), HISTORY, rank=35),
    Action("operation.back", N_("back"), N_("Go back to the list of operations"), ("escape", "q", "left"), OPERATION),
    Action("form.save", N_("save"), N_("Save the form"), ("enter", "ctrl+s"), FORM, "editor", 10),
    Action("form.cancel", N_("cancel"), N_("Leave the form without saving"), ("escape",), FORM, rank=20),
    Action("form.next", N_("next field"), N_("Go to the next field"), ("down", "tab"), FORM, rank=15),
    Action("form.previous", N_("previous field"), N_("Go to the field before"), ("up", "shift+tab"), FORM),
    Action(
        "form.open_same",
        N_("open it"),
        N_("Open the existing customer that looks like the one you are adding; the form waits"),
        ("f2", "ctrl+o"),
        FORM,
        rank=12,
    ),
    Action(
        "form.new_field",
        N_("new field"),
        N_("Define a field of one's own without leaving the form; what is typed stays"),
        ("f3", "ctrl+n"),
        FORM,
        "editor",
    ),
    Action("conflict.mine", N_("yours"), N_("Take your version of the field"), ("1", "left"), CONFLICT, "editor"),
    Action("conflict.theirs", N_("theirs"), N_("Take their version of the field"), ("2", "right"), CONFLICT, "editor"),
    Action("conflict.save", N_("save"), N_("Save what was chosen"), ("ctrl+s", "enter"), CONFLICT, "editor"),
    Action(
        "conflict.back", N_("back to the form"), N_("Go back to the form; nothing is saved"), ("escape", "q"), CONFLICT
    ),
    Action("import.next", N_("go on"), N_("Accept and go to the next step"), ("enter",), IMPORT, "editor", 10),
    Action(
        "import.back",
        N_("back"),
        N_("Go a step back; while the file is read or brought in, stop that"),
        ("escape", "q", "b"),
        IMPORT,
        rank=20,
    ),
    Action("import.change", N_("change"), N_("Choose another field for the column"), ("right", "f"), IMPORT, rank=15),
    Action("import.encoding_1", N_("first encoding"), N_("Read the file in the likeliest encoding"), ("1",), IMPORT),
    Action(
        "import.encoding_2", N_("second encoding"), N_("Read the file in the second likely encoding"), ("2",), IMPORT
    ),
    Action("import.encoding_3", N_("third encoding"), N_("Read the file in the third likely encoding"), ("3",), IMPORT),
    Action("import.encoding", N_("other encoding"), N_("Choose the encoding of the file"), ("e",), IMPORT),
    Action("import.delimiter", N_("delimiter"), N_("Choose the sign between the columns of the file"), ("d",), IMPORT),
    Action("import.sheet", N_("sheet"), N_("Choose another sheet of the workbook"), ("s",), IMPORT),
    Action("import.header", N_("header row"), N_("Say in which row the names of the columns are"), ("h",), IMPORT),
    Action(
        "import.region", N_("country of phones"), N_("Say where phone numbers without a country are"), ("c",), IMPORT
    ),
    Action("import.mode", N_("mode"), N_("Say what becomes of customers that are known already"), ("m",), IMPORT),
    Action("dialog.down", N_("down"), N_("Go to the next choice while you type"), ("down", "ctrl+n"), DIALOG),
    Action("dialog.up", N_("up"), N_("Go to the choice before while you type"), ("up", "ctrl+p"), DIALOG),
    Action("dialog.page_down", N_("page down"), N_("Go ten choices down"), ("pagedown",), DIALOG),
    Action("dialog.page_up", N_("page up"), N_("Go ten choices up"), ("pageup",), DIALOG),
    Action("dialog.leave", N_("leave"), N_("Choose nothing"), ("escape",), DIALOG),
    Action("file.complete", N_("complete"), N_("Take over the name under the cursor"), ("tab",), FILE),
    Action("help.close", N_("close"), N_("Close the help"), ("escape", "q", "question_mark", "f1", "left"), HELP),
    Action("help.queries", N_("searching"), N_("Go to what can be asked in the search line"), ("slash",), HELP),
    *(Action(*entry) for entry in LIST_ACTIONS),
    *(Action(*entry) for entry in RECORD_ACTIONS),
    *(Action(*entry) for entry in TODAY_ACTIONS),
    *(Action(*entry) for entry in DUPLICATE_ACTIONS),
)

BY_ID: dict[str, Action] = {action.id: action for action in ACTIONS}


def actions_in(*scopes: str) -> list[Action]:
    """The actions of these scopes, in registry order."""
    return [action for action in ACTIONS if action.scope in scopes]


_KEY_SIGNS = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "asterisk": "*",
    "percent_sign": "%",
    "plus": "+",
    "semicolon": ";",
    "minus": "-",
    "vertical_line": "|",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "space": "␣",
    "enter": "⏎",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pagedown": "PgDn",
    "pageup": "PgUp",
}


def key_sign(key: str) -> str:
    """How a key is written for people."""
    return _KEY_SIGNS.get(key, key)


def keys_page() -> str:
    """docs/keys.md: every action with its keys, by scope."""
    lines = [
        "# Keys",
        "",
        "Made from the action registry. Every action is also in the palette (`:`), found by its name in English, Chinese or pinyin.",
        'To change keys, write `keymap.toml` in the configuration folder: `"customers.add" = "ctrl+n, a"`; mistakes are named at the start.',
    ]
    for scope, label in SCOPE_LABELS.items():
        lines += ["", f"## {_(label)}", "", "| keys | does | action |", "|---|---|---|"]
        for action in actions_in(scope):
            keys = " ".join(f"`{key_sign(key)}`" for key in action.keys) or "palette"
            lines.append(f"| {keys} | {_(action.help)} | `{action.id}` |")
    return "\n".join(lines) + "\n"
