"""Our reader of catalogues against the one of the standard library."""

import gettext
from pathlib import Path

import pytest

from crmtui.i18n import LOCALE_FOLDER
from crmtui.i18n.catalogue import Catalogue

scripts = pytest.importorskip("babel.messages.mofile")


@pytest.mark.parametrize("order", ["little", "big"])
def test_every_message_is_found(order: str, tmp_path: Path) -> None:
    from babel.messages.catalog import Catalog

    made = Catalog(locale="zh_CN")
    for number in range(257):
        made.add(f"message {number * 7919 % 1000}é", f"译文 {number}")
    made.add(("{count} row", "{count} rows"), ("{count} 行",))
    folder = tmp_path / "zh_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "crmtui.mo").open("wb") as file:
        scripts.write_mo(file, made)
    if order == "big":
        content = bytearray((folder / "crmtui.mo").read_bytes())
        count = int.from_bytes(content[8:12], "little")
        for at in range(0, 28 + 16 * count, 4):
            content[at : at + 4] = content[at : at + 4][::-1]
        (folder / "crmtui.mo").write_bytes(bytes(content))
    catalogue = Catalogue.of(str(tmp_path), "zh_CN")
    assert catalogue is not None
    usual = gettext.translation("crmtui", str(tmp_path), ["zh_CN"])
    for number in range(1001):
        message = f"message {number}é"
        assert catalogue.gettext(message) == usual.gettext(message)
    for count in (0, 1, 2):
        assert catalogue.ngettext("{count} row", "{count} rows", count) == "{count} 行"
        assert catalogue.ngettext("one", "many", count) == usual.ngettext("one", "many", count)
    assert catalogue.gettext("") == ""


def test_the_shipped_catalogue_is_read_whole() -> None:
    catalogue = Catalogue.of(LOCALE_FOLDER, "zh_CN")
    if catalogue is None:
        pytest.skip("the catalogue is not compiled here")
    usual = gettext.translation("crmtui", LOCALE_FOLDER, ["zh_CN"])
    messages = [key for key in usual._catalog if isinstance(key, str) and key]  # type: ignore[attr-defined]
    assert len(messages) > 500
    assert [message for message in messages if catalogue.gettext(message) != usual.gettext(message)] == []


def test_a_language_without_catalogue_has_none(tmp_path: Path) -> None:
    assert Catalogue.of(str(tmp_path), "zh_CN") is None
