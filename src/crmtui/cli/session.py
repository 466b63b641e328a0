"""What one call of the command line works with: the settings, the customer file, and the two places it speaks to."""

import sys
from collections.abc import Mapping

from crmtui import paths
from crmtui.cli.arguments import Arguments
from crmtui.config import Settings, load_settings
from crmtui.domain.text import display_text
from crmtui.i18n import _
from crmtui.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmtui.services.workspace import Workspace


class Session:
    """One call. ``form`` is ``text`` for people, ``json`` or ``jsonl`` for programs."""

    def __init__(self, arguments: Arguments, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.form = "jsonl" if arguments.flag("--jsonl") else "json" if arguments.flag("--json") else "text"
        self.quiet = arguments.flag("--quiet")
        self.chosen_path = arguments.text("--db")
        self._settings: Settings | None = None
        self._workspace: Workspace | None = None

    @property
    def settings(self) -> Settings:
        """The settings in force, read at first use. Raises ConfigError."""
        if self._settings is None:
            self._settings = load_settings(paths.settings_path(self.environment), self.environment)
        return self._settings

    @property
    def path(self) -> str:
        """The customer file to work on."""
        return paths.database_path(self.chosen_path, self.environment)

    def open(self, *, create: bool = False) -> "Workspace":
        """The opened customer file. Raises the errors of ``open_workspace``."""
        if self._workspace is None:
            from crmtui.services.workspace import open_workspace
            from crmtui.storage.database import is_outdated

            settings = self.settings
            if is_outdated(self.path):
                self.say(
                    _(
                        "The customer file comes from an older version: it is backed up and brought up to date, which may take minutes …"
                    )
                )
            self._workspace = open_workspace(
                self.path, actor=settings.user, region=settings.region, currency=settings.currency, create=create
            )
        return self._workspace

    def in_our_words(self, error: Exception) -> Exception:
        """What the database driver raised while something was read, as our error; any other error as it is."""
        if self._workspace is None:
            return error
        from crmtui.storage.database import translate
        from crmtui.storage.driver import Error

        return translate(error, self.path) if isinstance(error, Error) else error

    def close(self) -> None:
        """Close the customer file if it was opened."""
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None

    def say(self, text: str) -> None:
        """Tell a person something, on stderr, one safe line; ``--quiet`` keeps it back."""
        if not self.quiet:
            sys.stderr.write(display_text(text) + "\n")


def put_document(session: Session, document: dict[str, object]) -> None:
    """Print the one document a command answers with, in the form that was asked for."""
    from crmtui.cli.output import put_json, put_jsonl

    if session.form == "jsonl":
        put_jsonl([document])
    else:
        put_json(document)
