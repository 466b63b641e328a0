"""The query language of the search box: words, "exact words", field:value, brackets, OR, NOT. Nothing a person types raises.

A part that cannot be understood becomes a problem with the nearest known name; the rest still works.
"""

from crmtui.domain.fields import BY_QUERY_NAME
from crmtui.light_typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re


class Words(NamedTuple):
    """Every word must be found, each as a beginning, in any order."""

    text: str


class Phrase(NamedTuple):
    """The text must occur as it is (case and width do not matter)."""

    text: str


class Filter(NamedTuple):
    """A condition on a field. ``operator`` is one of ``= == > < >= <=`` (``==``: exactly this, ``""`` for nothing); ``values`` are
    alternatives.
    """

    field: str
    operator: str
    values: tuple[str, ...]


class Not(NamedTuple):
    """What must not be so."""

    node: "Node"


class Both(NamedTuple):
    """All of these."""

    nodes: tuple["Node", ...]


class Either(NamedTuple):
    """At least one of these."""

    nodes: tuple["Node", ...]


Node = Words | Phrase | Filter | Not | Both | Either


class Problem(NamedTuple):
    """A part of the query that was left out; ``nearest`` is a known name close to it, or empty."""

    text: str
    nearest: str


class Query(NamedTuple):
    """A parsed query; ``node`` is None when nothing restricts the list."""

    node: Node | None
    problems: tuple[Problem, ...]


# What can be asked besides the registry's fields; the value says how it is compared.
SPECIAL_FILTERS: dict[str, str] = {
    "has": "presence",
    "is": "kind",
    "id": "number",
    "amount": "number",
    "batch": "number",
    "order": "text",
    "text": "text",
    "note": "text",
    "due": "date",
    "deal": "text",
    "domain": "text",
    "last": "date",
    "created": "date",
    "updated": "date",
    "birthday": "date",
    "any": "text",
}
HAS_VALUES = (
    "phone",
    "email",
    "wechat",
    "company",
    "tag",
    "note",
    "owner",
    "stage",
    "birthday",
    "address",
    "interaction",
    "order",
    "deal",
    "task",
)
IS_VALUES = ("person", "company", "archived")

_TOKEN = r"""\s*(?:
      (?P<open>\()|(?P<close>\))|(?P<or>\||OR(?=[\s()]|$))|(?P<and>AND(?=[\s()]|$))|(?P<not>NOT(?=[\s()]|$)|-(?=[^\s\d()]))
      |(?P<field>custom\."[^"]+"|[^\W\d_][\w.-]*):(?P<operator>[<>]=?|=)?(?:"(?P<quoted>[^"]*)"?|(?P<value>[^\s()]+))
      |"(?P<phrase>[^"]*)"?
      |(?P<word>[^\s()"|]+|[|])
    )"""
_SIGNS = frozenset('():"|')
_OPERATORS = frozenset(("OR", "AND", "NOT"))
_WIDE = str.maketrans("：（）＂“”＞＜＝｜，", ':()""">' + "<=|,")
_DEPTH = 50
_MOST_VALUES = 200  # alternatives in one condition
_LONGEST = 500  # words, signs and conditions in one query; the database takes no expression of more than a thousand


def parse(text: str) -> Query:
    """The query that ``text`` asks for. Never raises; unbalanced brackets and quotes are closed at the end."""
    text = "".join(" " if character < " " else character for character in fold_signs(text))
    words = text.split()
    if len(words) <= _LONGEST and _SIGNS.isdisjoint(text) and not any(map(_is_operator, words)):
        return Query(Words(" ".join(words)) if words else None, ())  # without what the grammar takes to load
    return _Parser(text).run()


def fold_signs(text: str) -> str:
    """``text`` with the full-width signs of the grammar as their plain twins; what stands in plain quotes is left as it is."""
    if text.isascii():
        return text
    plain = text.split('"')
    return '"'.join(part if place % 2 else part.translate(_WIDE) for place, part in enumerate(plain))


def _is_operator(word: str) -> bool:
    return word in _OPERATORS or word[0] == "-"


class _Parser:
    def __init__(self, text: str) -> None:
        import re

        tokens = [match for match in re.finditer(_TOKEN, text, re.VERBOSE) if match.lastgroup]
        self._tokens = tokens[:_LONGEST]
        self._position = 0
        self._problems = [Problem(match[0].strip(), "") for match in tokens[_LONGEST : _LONGEST + 1]]

    def run(self) -> Query:
        parts = []
        while self._position < len(self._tokens):
            node = self._either(0)
            if node is not None:
                parts.append(node)
            elif self._peek() is not None:
                self._position += 1  # a bracket that closes nothing
        return Query(_both(parts), tuple(self._problems))

    def _peek(self) -> str | None:
        if self._position >= len(self._tokens):
            return None
        match = self._tokens[self._position]
        return next((name for name in ("open", "close", "or", "and", "not") if match[name]), "term")

    def _either(self, depth: int) -> Node | None:
        alternatives = [self._both(depth)]
        while self._peek() == "or":
            self._position += 1
            alternatives.append(self._both(depth))
        found = [node for node in alternatives if node is not None]
        if len(found) > 1:
            return Either(tuple(found))
        return found[0] if found else None

    def _both(self, depth: int) -> Node | None:
        parts: list[Node] = []
        while (kind := self._peek()) not in (None, "or", "close"):
            if kind == "and":
                self._position += 1
                continue
            node = self._single(depth)
            if node is not None:
                parts.append(node)
        return _both(parts)

    def _single(self, depth: int) -> Node | None:
        kind = self._peek()
        match = self._tokens[self._position]
        self._position += 1
        if kind == "not":
            negative = True
            while self._peek() == "not":
                self._position += 1
                negative = not negative
            if self._peek() in (None, "or", "close", "and"):
                return None
            node = self._single(depth)
            return Not(node) if node is not None and negative else node
        if kind == "open":
            node = self._either(depth + 1) if depth < _DEPTH else None
            if self._peek() == "close":
                self._position += 1
            return node
        return self._term(match)

    def _term(self, match: "re.Match[str]") -> Node | None:
        if match["phrase"] is not None:
            return Phrase(match["phrase"]) if match["phrase"].strip() else None
        if match["field"] is None:
            return Words(match["word"])
        name = match["field"].casefold()
        value = match["quoted"] if match["quoted"] is not None else match["value"]
        field = BY_QUERY_NAME.get(name)
        known = name if name in SPECIAL_FILTERS else field.key if field else None
        if known is None and not name.startswith("custom."):
            if match["value"] and match["value"].startswith("//"):
                return Words(match[0].strip())  # a web address, not a field
            self._problems.append(Problem(match["field"], _nearest(name)))
            return None
        if known is None:
            known = "custom." + match["field"][len("custom.") :].strip('"')
        values = (value,) if match["quoted"] is not None else tuple(part for part in value.split(",") if part)
        self._problems += [Problem(part, "") for part in values[_MOST_VALUES : _MOST_VALUES + 1]]
        operator = {"": "=", "=": "=="}.get(match["operator"] or "", match["operator"])
        return Filter(known, operator, values[:_MOST_VALUES]) if values else None


def _both(parts: list[Node]) -> Node | None:
    """Join neighbours: words next to each other are one search."""
    merged: list[Node] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Words) and isinstance(last, Words):
            merged[-1] = Words(f"{last.text} {part.text}")
        elif isinstance(part, Both):
            merged.extend(part.nodes)
        else:
            merged.append(part)
    if len(merged) > 1:
        return Both(tuple(merged))
    return merged[0] if merged else None


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    known = [*SPECIAL_FILTERS, *BY_QUERY_NAME]
    return next(iter(get_close_matches(name, known, 1, 0.6)), "")
