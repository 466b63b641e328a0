"""A text in the person's own editor, kept in a private file until it is done with: nothing typed is lost, whatever happens."""

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence

from crmtui.errors import CrmError, FormatError
from crmtui.i18n import _
from crmtui.paths import drafts_folder, make_private

_LARGEST = 64 * 1024 * 1024


class EditorFailed(CrmError):
    """The editor could not be started, failed, or left nothing that can be read; the text is kept where ``kept`` says."""


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """The editor of the person with its options: ``VISUAL``, else ``EDITOR``, else vi (notepad on Windows)."""
    for variable in ("VISUAL", "EDITOR"):
        chosen = environment.get(variable, "").strip()
        if chosen:
            try:
                return shlex.split(chosen, posix=os.name != "nt")
            except ValueError:
                return [chosen]
    return ["notepad"] if os.name == "nt" else ["vi"]


def keep_text(text: str, environment: Mapping[str, str], name: str = "customers.txt") -> str:
    """Write a text to a private file of its own among the drafts; returns its path."""
    folder = drafts_folder(environment)
    try:
        make_private(folder)
        stem, ending = os.path.splitext(name)
        number = 0
        while True:
            path = os.path.join(folder, f"{stem}-{os.getpid()}{f'-{number}' if number else ''}{ending}")
            try:
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                break
            except FileExistsError:
                number += 1
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogatepass", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        raise EditorFailed(
            _("the text for the editor cannot be written: {reason}").format(reason=error.strerror),
            where=folder,
            kept=_("Nothing was changed."),
        ) from error
    return path


def edit_file(path: str, environment: Mapping[str, str], *, run: Callable[[Sequence[str]], int] | None = None) -> str:
    """Open the file at ``path`` in the editor, wait until it is closed, and read it. The file stays; see ``discard``.

    ``run`` starts a command and returns its exit code (the app suspends itself around it). Raises EditorFailed, with the file named.
    """
    command = [*editor_command(environment), path]
    try:
        code = run(command) if run is not None else subprocess.run(command, check=False).returncode
    except OSError as error:
        raise _failed(
            path,
            _("the editor {name} cannot be started: {reason}").format(name=command[0], reason=error.strerror),
            _("Set EDITOR to one that is here, for example: export EDITOR=nano"),
        ) from error
    if code != 0:
        raise _failed(path, _("the editor {name} ended with an error ({code})").format(name=command[0], code=code))
    try:
        if os.path.getsize(path) > _LARGEST:
            raise _failed(path, _("what the editor left is too large"))
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "strict")
    except FileNotFoundError as error:
        raise FormatError(_("the editor left no file"), where=path, kept=_("Nothing was changed.")) from error
    except OSError as error:
        raise _failed(path, _("what the editor left cannot be read: {reason}").format(reason=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise _failed(path, _("what the editor left is not UTF-8 text")) from error


def discard(path: str) -> None:
    """Remove a text that is done with."""
    for each in (path, f"{path}~"):
        if os.path.exists(each):
            os.unlink(each)


def _failed(path: str, message: str, hint: str | None = None) -> EditorFailed:
    return EditorFailed(message, kept=_("Nothing was changed. The text is kept in {path}").format(path=path), hint=hint)
