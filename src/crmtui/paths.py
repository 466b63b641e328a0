"""Where files live: the XDG base folders, and their counterparts on macOS and Windows.

Every function takes the environment and answers with a string; nothing is created or read. pathlib would cost each
look-up from the shell 10 ms, so the paths are plain strings.
"""

import errno
import os
import sys
from collections.abc import Mapping

APP = "crmtui"


def data_folder(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """What must never be lost: databases and their backups."""
    return _folder(environment, platform, "XDG_DATA_HOME", (".local", "share"), "LOCALAPPDATA", "Data")


def config_folder(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """What a person writes: settings, keymap, views."""
    return _folder(environment, platform, "XDG_CONFIG_HOME", (".config",), "APPDATA", "Config")


def state_folder(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """What the program notes for itself: logs, crash reports, drafts."""
    return _folder(environment, platform, "XDG_STATE_HOME", (".local", "state"), "LOCALAPPDATA", "State")


def database_path(asked: str | None, environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """The database to open: the file asked for, else ``CRMTUI_DB``, else ``crm.db`` in the data folder."""
    return asked or environment.get("CRMTUI_DB") or os.path.join(data_folder(environment, platform), "crm.db")


def settings_path(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """The settings file."""
    return os.path.join(config_folder(environment, platform), "config.toml")


def keymap_path(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """The file with a person's own keys."""
    return os.path.join(config_folder(environment, platform), "keymap.toml")


def views_path(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """The file with views shared between databases."""
    return os.path.join(config_folder(environment, platform), "views.toml")


def log_path(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """The log file."""
    return os.path.join(state_folder(environment, platform), "crmtui.log")


def crash_folder(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """The folder of crash reports."""
    return os.path.join(state_folder(environment, platform), "crashes")


def drafts_folder(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """The folder of texts that were being written when the program or the line died."""
    return os.path.join(state_folder(environment, platform), "drafts")


def searches_folder(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """The folder of the searches made in each customer file."""
    return os.path.join(state_folder(environment, platform), "searches")


def make_private(folder: str) -> str:
    """Create ``folder`` and its missing parents, readable by the owner only (0700), and return it.

    To be called just before the first file is written there. A folder that exists keeps the rights its owner gave it.
    Raises OSError when the place cannot be written, NotADirectoryError when a file is in the way.
    """
    if not os.path.isdir(folder):
        parent = os.path.dirname(folder)
        if parent not in ("", folder):
            make_private(parent)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError as error:
            if not os.path.isdir(folder):  # another process creating it in the same moment is no failure
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), folder) from error
    return folder


def _folder(
    environment: Mapping[str, str],
    platform: str,
    variable: str,
    below_home: tuple[str, ...],
    windows_variable: str,
    windows_name: str,
) -> str:
    """The folder of one kind; an XDG variable that is set to an absolute path wins on every platform."""
    chosen = environment.get(variable, "")
    if os.path.isabs(chosen):  # the XDG specification: relative paths are invalid and ignored
        return os.path.join(chosen, APP)
    if platform == "win32":
        base = environment.get(windows_variable) or os.path.join(_home(environment), "AppData", "Local")
        return os.path.join(base, APP, windows_name)
    if platform == "darwin":
        return os.path.join(_home(environment), "Library", "Application Support", APP, windows_name)
    return os.path.join(_home(environment), *below_home, APP)


def _home(environment: Mapping[str, str]) -> str:
    """The home folder; the root folder, where writing fails with a clear reason, when the user has none."""
    home = environment.get("HOME") or environment.get("USERPROFILE") or os.path.expanduser("~")
    return home if os.path.isabs(home) else os.path.abspath(os.sep)
