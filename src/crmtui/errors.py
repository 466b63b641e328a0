"""The one exception family: every failure a user may meet, with what happened, where, what is safe and what to do next."""


class ExitCode:
    """Exit codes of the command line; stable, scripts rely on them. Plain numbers: ``enum`` takes 3 ms to load."""

    OK = 0
    NOTHING_FOUND = 1
    USAGE = 2
    BUSY = 3
    DATA = 4
    INTERNAL = 70
    INTERRUPTED = 130


class CrmError(Exception):
    """A failure told in words.

    ``message`` says what happened; ``where`` the file and row or the record; ``kept`` what is safe; ``hint`` the next step.
    All four are already translated text. They may hold user data, so they pass ``display_text`` before they are shown.
    """

    exit_code = ExitCode.DATA

    def __init__(
        self, message: str, *, where: str | None = None, kept: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.kept = kept
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return "\n".join(part for part in (head, self.kept, self.hint) if part)


class UsageError(CrmError):
    """A command, option or query that cannot be understood."""

    exit_code = ExitCode.USAGE


class ConfigError(CrmError):
    """A settings, keymap or view file with a mistake; names file, key and nearest key."""

    exit_code = ExitCode.USAGE


class NotFound(CrmError):
    """A record that does not exist (any more)."""

    exit_code = ExitCode.NOTHING_FOUND


class StorageError(CrmError):
    """The database cannot be used: not a database, a directory, read-only, newer schema, no space."""

    exit_code = ExitCode.USAGE


class StorageBusy(StorageError):
    """Another process holds the lock for longer than the wait."""

    exit_code = ExitCode.BUSY


class StorageCorrupt(StorageError):
    """The file is damaged; a backup is the next step."""

    exit_code = ExitCode.DATA


class Conflict(CrmError):
    """The record changed since it was opened; ``theirs`` holds the current values by field, ``base`` the values that were opened."""

    def __init__(
        self, message: str, *, base: dict[str, object], theirs: dict[str, object], hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.base = base
        self.theirs = theirs


class FormatError(CrmError):
    """A file that cannot be read as the format it is, or seems to be."""


class InvalidValue(CrmError):
    """A value given by a person that a field does not accept; ``field`` is the registry key."""

    def __init__(self, message: str, *, field: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.field = field


class PermissionDenied(CrmError):
    """The role of the user does not allow this."""

    exit_code = ExitCode.USAGE


class Interrupted(CrmError):
    """The person stopped the work; nothing of it stays."""

    exit_code = ExitCode.INTERRUPTED
