import ast
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from translations import SOURCE, extract_strings

import crmtui.tui
from crmtui.domain.text import display_text
from crmtui.tui.borders import in_ascii, may_be_wide, wants_ascii

FOLDER = Path(crmtui.tui.__file__).parent
NOT_DRAWN = {"borders.py", "key_folding.py"}  # tables of characters


def drawn_characters() -> set[str]:
    """The signs in the string literals of the screens, without docstrings, Chinese and full-width forms."""
    found: set[str] = set(display_text("a\nb", limit=2))
    for path in FOLDER.rglob("*.py"):
        if path.name in NOT_DRAWN:
            continue
        tree = ast.parse(path.read_bytes())
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                found.update(node.value)
    return {each for each in found if not each.isascii() and cell_len(each) == 1 and not each.isalnum()}


def translated_characters() -> set[str]:
    """The same of every text that is shown, in both languages."""
    catalogue = SOURCE / "i18n" / "locale" / "zh_CN" / "LC_MESSAGES" / "crmtui.po"
    texts = "".join(str(string) for string in extract_strings(SOURCE)) + catalogue.read_text("utf-8")
    return {each for each in texts if not each.isascii() and cell_len(each) == 1 and not each.isalnum()}


# What display_text takes out or puts in the place of something: never on the screen as it is.
NEVER_SHOWN = {each for each in map(chr, range(0x2000, 0x2C00)) if display_text(each) != each} | set("\u0085\u00ad")


def test_every_sign_the_program_draws_has_a_twin() -> None:
    signs = drawn_characters() | translated_characters()
    assert {"─", "▸", "…", "·", "“"} <= signs
    assert {
        sign
        for sign in signs - NEVER_SHOWN
        if sign.isprintable() and not in_ascii(sign).isascii() and unicodedata.category(sign) != "Sc"
    } == set()


@given(st.text())
def test_columns_stay_where_they_are(text: str) -> None:
    shown = display_text(text)
    assert cell_len(in_ascii(shown)) == cell_len(shown) and len(in_ascii(shown)) == len(shown)


@given(st.integers(0x2500, 0x259F))
def test_no_line_and_no_block_is_left(code: int) -> None:
    assert in_ascii(chr(code)).isascii()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("┌─┬─┐", "+-+-+"),
        ("│张三│ “李四”…", '|张三| "李四"~'),
        ("▸ 张三 · 上海 → 北京", "> 张三 . 上海 > 北京"),
        ("Müller — é 中文，【x】", "Müller - é 中文，【x】"),
        ("plain", "plain"),
    ],
)
def test_lines_and_signs_become_ascii_and_text_stays(text: str, expected: str) -> None:
    assert in_ascii(text) == expected


def test_which_letters_may_be_wide() -> None:
    assert all(map(may_be_wide, "αЖ①℃─…")) and not any(map(may_be_wide, "a汉あ："))


@pytest.mark.parametrize(
    ("setting", "environment", "encoding", "ascii_wanted"),
    [
        ("ascii", {}, "utf-8", True),
        ("line", {"TERM": "vt100"}, "gbk", False),
        ("auto", {"TERM": "xterm-256color"}, "utf-8", False),
        ("auto", {"TERM": "xterm"}, "UTF8", False),
        ("auto", {"TERM": "xterm"}, "gbk", True),
        ("auto", {"TERM": "vt100"}, "utf-8", True),
        ("auto", {}, None, False),
    ],
)
def test_when_ascii_is_wanted(
    setting: str, environment: dict[str, str], encoding: str | None, ascii_wanted: bool
) -> None:
    assert wants_ascii(setting, environment, encoding) is ascii_wanted
