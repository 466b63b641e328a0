"""Every verb of the command line and the module that holds it, in the order of the help page."""

from crmtui.cli.command import Command
from crmtui.i18n import N_

GROUPS: tuple[tuple[str, dict[str, str]], ...] = (
    (N_("Start"), {"open": "screen", "demo": "sample"}),
    (
        N_("Look up"),
        {"find": "find", "show": "show", "call": "call", "today": "today", "count": "counting", "view": "views"},
    ),
    (
        N_("Write"),
        {
            "add": "customer",
            "edit": "customer",
            "tag": "customer",
            "point": "detail",
            "relate": "detail",
            "archive": "customer",
            "delete": "customer",
            "log": "activity",
            "task": "activity",
            "order": "business",
            "payment": "business",
            "refund": "business",
            "deal": "business",
        },
    ),
    (
        N_("Files"),
        {"import": "bring_in", "inspect": "bring_in", "recipe": "recipe", "export": "take_out", "template": "template"},
    ),
    (N_("Duplicates"), {"dupes": "dupes", "merge": "merge", "unmerge": "merge"}),
    (N_("History"), {"undo": "journal", "redo": "journal", "history": "journal", "blame": "journal"}),
    (N_("Safety"), {"backup": "safety", "restore": "safety", "verify": "safety", "reindex": "safety"}),
    (N_("Set-up"), {"field": "detail", "settings": "setup", "keys": "keys", "doctor": "doctor"}),
)

MODULES: dict[str, str] = {verb: module for _title, verbs in GROUPS for verb, module in verbs.items()}


def load(verb: str) -> Command:
    """The declaration of a verb; its module is imported. KeyError for a word that is no verb."""
    module = __import__(f"crmtui.cli.{MODULES[verb]}", fromlist=["COMMANDS"])
    command: Command = next(command for command in module.COMMANDS if command.name == verb)
    return command
