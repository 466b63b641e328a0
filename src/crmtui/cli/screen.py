"""``open``: the app itself, and what must be settled before Textual is loaded."""

import gc
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command
from crmtui.cli.session import Session
from crmtui.errors import UsageError
from crmtui.i18n import N_, _

if TYPE_CHECKING:
    from crmtui.config import Settings
    from crmtui.services.workspace import Workspace


def terminal_environment(settings: "Settings", environment: Mapping[str, str]) -> dict[str, str]:
    """What Textual reads from the environment as it is imported; what the person has set stays.

    Over a slow link (by setting, else in a session over SSH) frames are few and nothing is animated; the ansi theme keeps
    to the terminal's own sixteen colours.
    """
    from crmtui.tui.link import profile

    wanted = dict(profile(settings.slow_link, environment).environment)
    if settings.theme == "ansi":
        wanted["TEXTUAL_COLOR_SYSTEM"] = "standard"
    return {name: value for name, value in wanted.items() if name not in environment}


def need_terminal() -> None:
    """Raise UsageError when there is no terminal to draw on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(_("the app needs a terminal"), hint=_("In scripts use the commands: crmtui --help lists them"))


def run_app(session: Session, workspace: "Workspace", query: str) -> int:
    """Run the app until the person quits; returns its exit code."""
    os.environ.update(terminal_environment(session.settings, session.environment))
    gc.disable()  # nothing of what is loaded now goes away again; the app collects from its first frame on
    from crmtui.tui.app import run

    return run(workspace, session.settings, query=query)


def _open(session: Session, arguments: Arguments) -> int:
    need_terminal()
    return run_app(session, session.open(create=True), arguments.sentence())


COMMANDS = (
    Command(
        "open",
        N_("open the app (so does crmtui alone)"),
        _open,
        (Argument("QUERY", N_("what to look for at the start"), 0, 0),),
        details=N_("Without a customer file an empty one is made; the app offers to import, to add, or the sample."),
        examples=(("crmtui open tag:vip", N_("the app, showing the VIPs")),),
        signs=True,
    ),
)
