"""Places of files: XDG, macOS, Windows; folders that only their owner can read."""

import os
import stat
from pathlib import Path

import pytest

from crmtui import paths

HOME = {"HOME": "/h/ada"}


def test_linux_places_follow_the_xdg_defaults() -> None:
    assert paths.database_path(None, HOME, "linux") == "/h/ada/.local/share/crmtui/crm.db"
    assert paths.settings_path(HOME, "linux") == "/h/ada/.config/crmtui/config.toml"
    assert paths.keymap_path(HOME, "linux") == "/h/ada/.config/crmtui/keymap.toml"
    assert paths.views_path(HOME, "linux") == "/h/ada/.config/crmtui/views.toml"
    assert paths.log_path(HOME, "linux") == "/h/ada/.local/state/crmtui/crmtui.log"
    assert paths.crash_folder(HOME, "linux") == "/h/ada/.local/state/crmtui/crashes"
    assert paths.drafts_folder(HOME, "linux") == "/h/ada/.local/state/crmtui/drafts"


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_xdg_variables_win(platform: str) -> None:
    environment = {**HOME, "XDG_DATA_HOME": "/x/data", "XDG_CONFIG_HOME": "/x/config", "XDG_STATE_HOME": "/x/state"}
    assert paths.data_folder(environment, platform) == "/x/data/crmtui"
    assert paths.config_folder(environment, platform) == "/x/config/crmtui"
    assert paths.state_folder(environment, platform) == "/x/state/crmtui"


@pytest.mark.parametrize("invalid", ["", "relative/folder", "~/data"])
def test_xdg_variable_that_is_not_absolute_is_ignored(invalid: str) -> None:
    assert paths.data_folder({**HOME, "XDG_DATA_HOME": invalid}, "linux") == "/h/ada/.local/share/crmtui"


def test_database_asked_for_wins_over_the_variable_over_the_default() -> None:
    environment = {**HOME, "CRMTUI_DB": "/srv/work.db"}
    assert paths.database_path("mine.db", environment, "linux") == "mine.db"
    assert paths.database_path(None, environment, "linux") == "/srv/work.db"
    assert paths.database_path("", {**HOME, "CRMTUI_DB": ""}, "linux").endswith("/crmtui/crm.db")


def test_macos_places_lie_in_application_support() -> None:
    folder = "/h/ada/Library/Application Support/crmtui"
    assert paths.database_path(None, HOME, "darwin") == f"{folder}/Data/crm.db"
    assert paths.settings_path(HOME, "darwin") == f"{folder}/Config/config.toml"


def test_windows_places_follow_appdata() -> None:
    environment = {"APPDATA": "/h/ada/Roaming", "LOCALAPPDATA": "/h/ada/Local"}
    assert paths.config_folder(environment, "win32") == "/h/ada/Roaming/crmtui/Config"
    assert paths.data_folder(environment, "win32") == "/h/ada/Local/crmtui/Data"
    assert paths.state_folder({"USERPROFILE": "/h/ada"}, "win32") == "/h/ada/AppData/Local/crmtui/State"


def test_user_without_a_home_gets_an_absolute_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert paths.data_folder({}, "linux") == "/.local/share/crmtui"


def test_private_folders_are_readable_by_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert paths.make_private(str(folder)) == str(folder)
    assert [stat.S_IMODE(made.stat().st_mode) for made in (folder, folder.parent)] == [0o700, 0o700]


def test_existing_folder_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    paths.make_private(str(tmp_path))
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "crmtui").write_text("")
    with pytest.raises(NotADirectoryError):
        paths.make_private(str(tmp_path / "crmtui" / "logs"))
    with pytest.raises(NotADirectoryError):
        paths.make_private(str(tmp_path / "crmtui"))


def test_folder_relative_to_the_current_one_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    paths.make_private("logs")
    assert (tmp_path / "logs").is_dir()


def test_asking_for_places_creates_nothing(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path)}
    paths.database_path(None, environment)
    paths.settings_path(environment)
    paths.drafts_folder(environment)
    assert list(tmp_path.iterdir()) == []
