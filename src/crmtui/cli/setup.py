"""``settings``: what a person may choose."""

from crmtui import paths
from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command
from crmtui.cli.output import put, put_json, put_pairs
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _


def _settings(session: Session, arguments: Arguments) -> int:
    path = paths.settings_path(session.environment)
    action = arguments.words[0] if arguments.words else "show"
    if action == "path":
        put(path)
    elif action == "init":
        from crmtui.config import write_default

        write_default(path)
        put(path)
        session.say(_("written; every setting is explained in it"))
    elif action == "show":
        values = session.settings._asdict()
        if session.form == "text":
            put_pairs((name, str(value)) for name, value in values.items())
            session.say(_("crmtui settings init writes a file to change them in: {path}").format(path=path))
        else:
            put_json(values)
    else:
        raise UsageError(
            _("settings cannot “{word}”").format(word=action),
            hint=_("It can be: {choices}").format(choices="show, path, init"),
        )
    return ExitCode.OK


COMMANDS = (
    Command(
        "settings",
        N_("show the settings in force, say where they are, or write a file to start from"),
        _settings,
        (Argument("ACTION", N_("show (if left out), path or init"), 0),),
    ),
)
