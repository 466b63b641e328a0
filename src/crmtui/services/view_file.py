"""views.toml: views in a text file that several customer files share and that one can keep in git."""

import os
from typing import NamedTuple

from crmtui.domain.view_text import TextView, ViewProblem, read_views, with_view, without_view
from crmtui.errors import ConfigError, NotFound
from crmtui.i18n import _


class ViewFile(NamedTuple):
    """The views of a file, and what is wrong in it; a missing file has none of either."""

    path: str
    views: list[TextView]
    problems: list[ViewProblem]


def load(path: str) -> ViewFile:
    """Read the views at ``path``. Raises ConfigError only when nothing of the file can be read."""
    return ViewFile(path, *read_views(_read(path)))


def save(path: str, view: TextView, *, replaces: str | None = None) -> None:
    """Write a view into the file: in the place of the one called ``replaces`` (default: its own name), else at the end.

    Comments, order and layout of everything else stay. The file is replaced whole or not at all. Raises ConfigError.
    """
    text = _read(path)
    if replaces is not None and replaces != view.name and any(each.name == view.name for each in read_views(text)[0]):
        raise ConfigError(
            _("there is a view “{name}” already").format(name=view.name), where=path, kept=_("Nothing was changed.")
        )
    try:
        _write(path, text, with_view(text, view, replaces=replaces))
    except ValueError as error:
        raise ConfigError(str(error), where=path, kept=_("Nothing was changed.")) from error


def delete(path: str, name: str) -> None:
    """Remove a view from the file. Raises NotFound, ConfigError."""
    text = _read(path)
    rest = without_view(text, name)
    if rest == text:
        raise NotFound(_("there is no view “{name}”").format(name=name), where=path)
    _write(path, text, rest)


def describe(problem: ViewProblem, path: str) -> str:
    """One line for a person: file, line, view, what is wrong, what was probably meant; may hold text of the file."""
    place = f"{path}:{problem.line}"
    if problem.view:
        place += " (" + _("view “{name}”").format(name=problem.view) + ")"
    return ": ".join([place, " ".join(part for part in (problem.message, problem.hint) if part)])


def _read(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(
            _("The file of views cannot be read: {reason}").format(reason=error.strerror), where=path
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(_("The file of views is not UTF-8 text."), where=path) from error


def _write(path: str, before: str, text: str) -> None:
    from crmtui.paths import make_private

    if "\r\n" in before:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    path = os.path.realpath(path)  # a link into a git folder stays a link
    fresh = f"{path}.new-{os.getpid()}"
    try:
        make_private(os.path.dirname(path))
        with open(fresh, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if os.path.exists(path):
            os.chmod(fresh, os.stat(path).st_mode & 0o777)
        os.replace(fresh, path)
    except OSError as error:
        raise ConfigError(
            _("The file of views cannot be written: {reason}").format(reason=error.strerror), where=path
        ) from error
    finally:
        if os.path.exists(fresh):
            os.unlink(fresh)
