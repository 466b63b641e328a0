"""Texts made to break programs and terminals, a customer file full of them, and what must never be on a screen."""

import ast
import json
import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from crmtui.services import activity, record, views
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.search import Order

Item = TypeVar("Item")

DATA = Path(__file__).parents[1] / "data"

_C0 = [chr(code) for code in range(0x20)]
_C1 = [chr(code) for code in range(0x7F, 0xA0)]
_FORMAT = [
    *map(chr, (0xAD, 0x600, 0x61C, 0x6DD, 0x70F, 0x180E, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB, 0x110BD, 0x1D173, 0xE0001)),
    *map(chr, range(0x200B, 0x2010)),
    *map(chr, range(0x2028, 0x2030)),
    *map(chr, range(0x2060, 0x2070)),
    *map(chr, range(0xE0020, 0xE0080)),
]
_SEQUENCES = (
    "\x1b]0;TITLE-PAYLOAD\x07",
    "\x1b]2;TITLE-PAYLOAD\x1b\\",
    "\x9d2;TITLE-PAYLOAD\x9c",
    "\x1b]52;c;UEFZTE9BRA==\x07",
    "\x1b]52;c;UEFZTE9BRA==\x1b\\",
    "\x1b]8;;file:///PAYLOAD\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]4;1;?\x07\x1b]10;?\x07",
    "\x1b]1337;File=name=UEFZTE9BRA==;inline=1:UEFZTE9BRA==\x07",
    "\x1bP$qPAYLOAD\x1b\\",
    "\x90+q544e\x9c",
    "\x1b_GPAYLOAD\x1b\\",
    "\x1b^PAYLOAD\x1b\\",
    "\x1bXPAYLOAD\x1b\\",
    "\x1b[2J\x1b[H\x1b[31;5mPAYLOAD",
    "\x9b2J\x9b6n",
    "\x1b[6n\x1b[c\x1b[>c\x1b[21t\x1b[?1000h",
    "\x1b[?1049l\x1bc\x1b#8\x1b(0",
    "\x1b[201~PAYLOAD\x1b[200~",
    "\x1bk TITLE-PAYLOAD\x1b\\",
    "\x0e\x0fSO SI\x05ENQ",
)
_MARKUP = (
    "[/x]",
    "[/]",
    "[",
    "[[/]]",
    "[@click=app.quit]PAYLOAD[/]",
    "[@click=app.bell()]PAYLOAD[/@click]",
    "[link='file:PAYLOAD']x[/link]",
    "[on red]x[/on red]",
    "$text [$accent]x[/$accent]",
    ":warning: :skull:",
    "{0} {name} {0.__class__} {",
    "%s %(name)s %",
)
_LONG = ("張" * 3000, "W" * 5000, "\u0301" * 400 + "x" + "\u0489" * 400, "x\u200d" * 500, "[" * 500)


def _naughty_lines() -> list[str]:
    lines = (DATA / "naughty.txt").read_text("utf-8").splitlines()
    return [ast.literal_eval(f"'''{line}'''") for line in lines if line and not line.startswith("#")]


BIG_LIST: tuple[str, ...] = tuple(json.loads((DATA / "blns.json").read_text("utf-8")))
OURS: tuple[str, ...] = (
    *_naughty_lines(),
    *(f"a{sign}b{sign}" for sign in (*_C0, *_C1)),
    *(f"c{''.join(_FORMAT[start : start + 12])}d" for start in range(0, len(_FORMAT), 12)),
    *_SEQUENCES,
    *_MARKUP,
    *_LONG,
    "lone \ud800 and \udc9b surrogates \udfff",
)
EVERYTHING: tuple[str, ...] = tuple(dict.fromkeys(text for text in (*BIG_LIST, *OURS) if text.strip()))
WORST: tuple[str, ...] = (*_SEQUENCES, *_MARKUP, *(text for text in _naughty_lines() if not text.isprintable()))


def share(items: Iterable[Item], each: int) -> list[Item]:
    """Every so manieth item; all of them when CRMTUI_HOSTILE says ``all``, for the long run before a release."""
    every = list(items)
    return every if os.environ.get("CRMTUI_HOSTILE") == "all" else every[::each]


def storable(text: str) -> str:
    """What is stored of a text: all of it, but UTF-8 has no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def forbidden(text: str) -> list[str]:
    """The characters of a shown text that no terminal may get from data, each once."""
    if text.isprintable():
        return []
    return sorted(sign for sign in set(text) if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp"))


def chunks(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The texts in groups."""
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


class Hostile(NamedTuple):
    """A file full of hostile texts: a customer of each, then customers that carry many in what happened with them."""

    path: str
    customers: dict[int, str]
    carriers: dict[int, Sequence[str]]


def make_file(path: str, texts: Sequence[str] = EVERYTHING, carried: int = 30) -> Hostile:
    """Make the file through the services, as a person would."""
    customers: dict[int, str] = {}
    carriers: dict[int, Sequence[str]] = {}
    with open_workspace(path, actor="me", region="CN", currency="CNY", create=True) as workspace:
        for text in texts:
            customers[_add(workspace, text)] = text
        for group in chunks(texts, carried):
            customer = _carry(workspace, [storable(text) for text in group])
            carriers[customer] = group
    return Hostile(path, customers, carriers)


def _add(workspace: Workspace, text: str) -> int:
    keys = ("name", "company", "job_title", "notes", "phones", "emails", "wechat", "urls", "owner", "source", "stage")
    more = ("street", "city", "region", "country", "language", "external_ids", "birthday", "tags")
    values = dict.fromkeys((*keys, *more), text)
    return record.add_customer(workspace, {**values, f"custom.{storable(text).strip()}": text}).customers[0]


def _carry(workspace: Workspace, texts: Sequence[str]) -> int:
    """One customer with every text as interaction, task, order, deal, tag, view and changed custom value."""
    values = {f"custom.{text.strip()}": text for text in texts}
    customer = record.add_customer(workspace, {"name": f"carrier {texts[0]}", **values}).customers[0]
    record.edit_customer(workspace, customer, {key: f"changed {value}" for key, value in values.items()})
    record.change_tags(workspace, [customer], add=texts)
    for text in texts:
        activity.log_interaction(workspace, [customer], kind="note", text=text, subject=text, outcome=text)
        activity.add_task(workspace, [customer], text, owner=text, due_at="2026-01-02")
        activity.add_transaction(workspace, customer, amount=100, number=text, status=text, note=text)
        activity.add_deal(workspace, customer, text, stage=text, expected_close=text)
        views.save_view(workspace, text, text, Order())
    return customer
