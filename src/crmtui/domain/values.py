"""Cells that mean nothing, yes or no."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import normalize

EMPTY_WORDS = frozenset(
    (
        *("无", "暂无", "-", "--", "---", "—", "——", "–", "/", "\\", "n/a", "na", "null", "none", "nil", "#n/a", "nan"),
        *(
            "空",
            "未知",
            "未填写",
            "待定",
            "無",
            "暫無",
            "未填",
            "没有",
            "沒有",
            "不详",
            "不詳",
            "(空)",
            "(null)",
            "?",
            "???",
        ),
        *("#value!", "#ref!", "#name?", "#div/0!", "#null!", "#num!", "unknown", "tbd", "keine", "k.a."),
        *(
            "0/0/00",
            "0000-00-00",
            "0000-00-00 00:00:00",
            "\\n",
            "unspecified",
            "not specified",
            "n.a.",
            "ohne",
            "aucun",
        ),
    )
)
"""Words that stand for nothing, as they are compared: NFKC, without blanks around them, in lower case."""
_words = EMPTY_WORDS
_TRUE = frozenset(
    ("是", "对", "對", "真", "√", "✓", "✔", "☑", "y", "yes", "true", "t", "1", "1.0", "on", "ja", "j", "oui")
)
_FALSE = frozenset(
    ("否", "错", "錯", "假", "×", "✗", "✘", "☐", "不是", "n", "no", "false", "f", "0", "0.0", "off", "nein", "non", "x")
)
_YES_COLUMN = frozenset(("有", "已"))
_NO_COLUMN = frozenset(("无", "無", "没有", "沒有", "未"))


def _key(text: str) -> str:
    return normalize("NFKC", text).strip().casefold()


def use_empty_words(words: Iterable[str] | None) -> None:
    """Take these words, and no others, for nothing from now on, in this process; None: the usual ones.

    Meant for the child processes that read files: each reads one, as a person has said.
    """
    global _words
    _words = EMPTY_WORDS if words is None else frozenset(_key(word) for word in words)


def is_empty_word(text: str) -> bool:
    """Say whether a whole cell stands for nothing: blank, 无, 暂无, N/A, —, … (but not 0, 无锡 or 吴)."""
    if len(text) > 40:
        return not text.strip()
    key = _key(text)
    return not key or key in _words


def parse_bool(text: str, *, yes_column: bool = False) -> bool | None:
    """Return what a cell answers (是 √ Y true 1 / 否 × N false 0), None when it is no answer.

    有 and 无 answer only in a column known to be yes or no (`yes_column`).
    """
    if len(text) > 40:
        return None
    key = _key(text)
    if key in _TRUE or (yes_column and key in _YES_COLUMN):
        return True
    if key in _FALSE or (yes_column and key in _NO_COLUMN):
        return False
    return None
