"""Settings: defaults, what may be written, mistakes told with file, key and the nearest key."""

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtui.config import SETTINGS, Settings, load_settings, settings_page, write_default
from crmtui.errors import ConfigError, ExitCode

ENVIRONMENT = {"LANG": "C.UTF-8", "USER": "ada"}
CHINESE = {"LANG": "zh_CN.UTF-8", "USER": "lilei"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load(file: Path, text: str, environment: dict[str, str] = ENVIRONMENT) -> Settings:
    file.write_text(text, "utf-8")
    return load_settings(str(file), environment)


def mistake(file: Path, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(file, text)
    assert caught.value.where == str(file)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


def test_missing_file_means_defaults(file: Path) -> None:
    assert load_settings(str(file), ENVIRONMENT) == Settings(
        language="en", user="ada", region="US", currency="USD", backups_kept=7
    )


def test_defaults_in_a_chinese_environment(file: Path) -> None:
    found = load_settings(str(file), CHINESE)
    assert (found.language, found.region, found.currency, found.user) == ("zh_CN", "CN", "CNY", "lilei")


def test_chosen_language_decides_the_region_where_the_system_has_no_locale(file: Path) -> None:
    assert load(file, 'language = "zh_CN"').region == "CN"
    assert load(file, 'language = "en"', CHINESE)[:3] == ("en", "lilei", "CN")


def test_chosen_values_win(file: Path) -> None:
    found = load(file, 'user = "李雷"\nregion = "SG"\ncurrency = "SGD"\ntheme = "ansi"\nbackups_kept = 0', CHINESE)
    assert found == Settings("zh_CN", "李雷", "SG", "SGD", theme="ansi", backups_kept=0)


def test_region_decides_the_currency(file: Path) -> None:
    assert load(file, 'region = "CN"').currency == "CNY"
    assert load(file, 'region = "US"', CHINESE).currency == "USD"


def test_user_is_found_without_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pwd = pytest.importorskip("pwd")
    assert load_settings(str(file), {}).user == pwd.getpwuid(os.getuid()).pw_name

    def nobody(number: int) -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert load_settings(str(file), {}).user == "unknown"


def test_unknown_setting_names_the_nearest(file: Path) -> None:
    error = mistake(file, 'Slow-links = "on"')
    assert error.message == "There is no setting “Slow-links”."
    assert error.hint == "Did you mean “slow_link”?"


def test_unknown_setting_like_no_other_lists_them(file: Path) -> None:
    error = mistake(file, "[plugins]\nx = 1")
    assert "plugins" in error.message
    assert error.hint is not None
    assert all(setting.key in error.hint for setting in SETTINGS)


@pytest.mark.parametrize(
    ("line", "shown", "expected"),
    [
        ('theme = "pink"', '"pink"', "one of auto, dark, light, ansi"),
        ("mouse = true", "true", "one of auto, on, off"),
        ("language = 1", "1", "one of auto, en, zh_CN"),
        ('backups_kept = "7"', '"7"', "a whole number from 0 to 1000"),
        ("backups_kept = true", "true", "a whole number"),
        ("backups_kept = -1", "-1", "a whole number"),
        ('region = "cn"', '"cn"', 'such as "CN"'),
        ('region = "中国"', '"中国"', 'such as "CN"'),
        ('currency = "RMB¥"', '"RMB¥"', 'such as "CNY"'),
        ('user = " "', '" "', "a name in quotes"),
        ('user = "a\\u001b[2J"', "a", "a name in quotes"),
        ("borders = [1]", "[1]", "one of auto, line, ascii"),
    ],
)
def test_wrong_value_is_told_with_what_is_expected(file: Path, line: str, shown: str, expected: str) -> None:
    error = mistake(file, line)
    assert line.split()[0] in error.message
    assert shown in error.message
    assert error.hint is not None
    assert expected in error.hint


def test_broken_toml_names_the_line(file: Path) -> None:
    error = mistake(file, 'theme = "dark"\nmouse = on\n')
    assert "line 2" in error.message


def test_text_of_a_windows_editor_is_read(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbftheme = "dark"\r\nuser = "\xe6\x9d\x8e"\r\n')
    assert load_settings(str(file), ENVIRONMENT)[1] == "李"
    file.write_bytes('user = "李雷"'.encode("gb18030"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_settings(str(file), ENVIRONMENT)


def test_folder_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(str(tmp_path), ENVIRONMENT)


@pytest.mark.parametrize("text", ["a=" + "[" * 5000, "a=" + "9" * 5000, "a = 1979-99-99", "\x00"])
def test_hostile_toml_is_a_mistake_like_any_other(file: Path, text: str) -> None:
    mistake(file, text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60) | st.text("abc=\"'[]{}1.\n#\\", max_size=40).map(str.encode))
def test_any_file_gives_settings_or_a_config_error(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    try:
        assert isinstance(load_settings(str(file), ENVIRONMENT), Settings)
    except ConfigError as error:
        assert error.where == str(file)


def test_table_and_class_name_the_same_settings_and_defaults_are_allowed() -> None:
    assert {setting.key for setting in SETTINGS} == set(Settings._fields)
    assert len(SETTINGS) == len(Settings._fields)
    assert all(setting.allows(setting.default) for setting in SETTINGS)
    assert all(bool(setting.choices) != bool(setting.expected) for setting in SETTINGS)


def test_default_file_changes_nothing_and_each_line_of_it_can_be_switched_on(tmp_path: Path) -> None:
    file = tmp_path / "crmtui" / "config.toml"
    write_default(str(file))
    assert file.parent.stat().st_mode & 0o077 == 0
    assert load_settings(str(file), ENVIRONMENT) == load_settings(str(tmp_path / "none.toml"), ENVIRONMENT)
    lines = [line[2:] for line in file.read_text("utf-8").splitlines() if " = " in line]
    assert tomllib.loads("\n".join(lines)) == Settings()._asdict()
    assert load(file, "\n".join(lines)) == load_settings(str(tmp_path / "none.toml"), ENVIRONMENT)


def test_default_file_never_overwrites(file: Path) -> None:
    file.write_text('theme = "light"')
    with pytest.raises(ConfigError, match="already"):
        write_default(str(file))
    assert file.read_text() == 'theme = "light"'
    with pytest.raises(ConfigError, match="cannot be written"):
        write_default(str(file / "below" / "config.toml"))


def test_page_tells_every_setting() -> None:
    page = settings_page()
    assert all(f"| `{setting.key}` |" in page and setting.doc in page for setting in SETTINGS)
