"""From a parsed query to customer ids: conditions in SQL, the search index, and the order of what is found."""

from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from crmtui.domain.fields import BY_KEY
from crmtui.domain.folding import fold
from crmtui.domain.query import Node, Query, Words
from crmtui.domain.search_words import match_expression, name_prefix, spelled_name, whole_expression
from crmtui.light_typing import TYPE_CHECKING, NamedTuple
from crmtui.storage.driver import Connection
from crmtui.storage.words import LAST, may_be_number, words_condition

if TYPE_CHECKING:
    from crmtui.storage.candidates import Candidates

CHUNK = 4096  # rows fetched in one go: a larger fetch holds the interpreter lock for longer than a frame
FIRST_PAGE = 64

_ALL = -1
_PIECE = 32_768  # characters of a text of ids that are read in one go, for the same reason
_NOT_ARCHIVED = "rowid NOT IN (SELECT id FROM customers WHERE archived_at IS NOT NULL)"
_SORT_COLUMNS = {field.sort for field in BY_KEY.values() if field.sort} | {"id"}
_MIXED_CANDIDATES = 2000
_FEW = 20_000  # up to here the names are fetched and sorted; above, the index by name is walked once
_NAMED = 300  # exact hits that are sorted by name at once
_HEARD = 4096
_SOUNDING = "SELECT sort_name FROM customers WHERE archived_at IS NULL AND sort_name >= ?1 AND sort_name < ?2 ORDER BY sort_name, id"
_PROBED = 4000
_NAMED_FEW = 5000  # so many are ordered by reading their names, more by walking the index by name
_READ = 40_000
_WALKED = 200_000  # names at most, and …
_PATIENT = 4  # times as many as would hold a page if the finds lay evenly
_INDEXED_TEXT = frozenset({"company", "city"})
_TEXT_COLUMNS = frozenset({"company", "city", "owner", "stage"})


class Order(NamedTuple):
    """How a list is sorted: a column of ``customers``, or "" for the best match first (by name when nothing is searched)."""

    column: str = ""
    descending: bool = False


class Plan(NamedTuple):
    """A query made ready: ``words`` when it is nothing but words, and the SQL condition that says the same.

    ``live`` leaves archived customers out. ``node``, ``actor`` and ``now`` are what the condition was made of.
    """

    condition: str
    parameters: tuple[object, ...]
    words: str
    order: Order
    live: bool
    node: Node | None = None
    actor: str = ""
    now: datetime | None = None


def make_plan(query: Query, order: Order, *, actor: str = "", now: datetime | None = None) -> Plan:
    """The plan for ``query``; archived customers are left out unless the query asks for them."""
    if order.column and order.column not in _SORT_COLUMNS:
        raise ValueError(order.column)
    if query.node is None:
        return Plan("1", (), "", order, live=True)
    if isinstance(query.node, Words):
        sql, parameters = words_condition(query.node.text)
        return Plan(sql, tuple(parameters), query.node.text, order, live=True)
    from crmtui.storage.conditions import asks_archived, compile_node  # what nearly no look-up from the shell needs

    now = now or datetime.now(UTC)
    sql, parameters = compile_node(query.node, actor, now)
    return Plan(sql, tuple(parameters), "", order, not asks_archived(query.node), query.node, actor, now)


def first_ids(connection: Connection, plan: Plan, limit: int = FIRST_PAGE) -> list[int]:
    """The first ids of the list, as soon as can be: the same ones that ``all_ids`` begins with; fewer than ``limit`` are all."""
    if not _is_best_first(plan) and _is_filtered(plan) and _named_order(plan):
        few = _first_of_few(connection, plan, limit)
        if few is not None:
            return few
        found = _among_the_first(connection, plan, limit)
        if len(found) >= limit:
            return found
    found = []
    for chunk in all_ids(connection, plan, limit):
        found.extend(chunk)
        if len(found) >= limit:
            break
    return found[:limit]


def all_ids(connection: Connection, plan: Plan, limit: int = -1) -> Iterator["array[int]"]:
    """The ids of the list in its order, in chunks; ``limit`` (-1: none) lets the database stop early."""
    if _is_best_first(plan):
        yield from _best_first(connection, plan, limit)
    elif _is_filtered(plan) and _named_order(plan):
        yield from _filtered_by_name(connection, plan)
    elif plan.order.column == "last_interaction_at" and limit > 0 and not _is_filtered(plan):
        yield _by_last_contact(connection, plan, limit)
    else:
        yield from _sorted(connection, plan, limit)


def count(connection: Connection, plan: Plan) -> int:
    """How many customers the plan finds."""
    sql = f"SELECT count(*) FROM customers WHERE {_where(plan)}"
    return int(connection.execute(sql, plan.parameters).fetchone()[0])


def finds_more_than(connection: Connection, words: str, number: int) -> bool:
    """Whether words find more than ``number`` customers: the search index alone can tell, without reading any of them."""
    expression = match_expression(words)
    sql = f"SELECT count(*) FROM (SELECT rowid FROM search WHERE search MATCH ? AND {_NOT_ARCHIVED} LIMIT ?)"
    return expression is not None and bool(connection.execute(sql, (expression, number + 1)).fetchone()[0] > number)


def _is_best_first(plan: Plan) -> bool:
    return bool(plan.words) and not plan.order.column


def _is_filtered(plan: Plan) -> bool:
    return plan.condition != "1"


def _named_order(plan: Plan) -> bool:
    return plan.live and plan.order.column in ("", "sort_name")


def _where(plan: Plan) -> str:
    """The condition for a scan. The plus keeps SQLite from walking an index by name, row by row all over the file."""
    return f"{plan.condition} AND +archived_at IS NULL" if plan.live else plan.condition


def _by_name(plan: Plan) -> str:
    direction = " DESC" if plan.order.descending else ""
    return (
        "SELECT id FROM customers INDEXED BY customers_by_name WHERE archived_at IS NULL"
        f" ORDER BY sort_name{direction}, id{direction}"
    )


def _among_the_first(connection: Connection, plan: Plan, limit: int) -> list[int]:
    """What the condition finds among the first few thousand of the whole list: enough for a page when it is not rare."""
    rows = connection.execute(f"{_by_name(plan)} LIMIT {_PROBED}")
    ids = [row[0] for row in rows]
    found: list[int] = []
    for start in range(0, len(ids), CHUNK // 8):
        found += _kept(connection, ids[start : start + CHUNK // 8], plan.condition, plan.parameters)
        if len(found) >= limit:
            break
        if start >= CHUNK // 2 and not found:
            break
    return found[:limit]


def _first_of_few(connection: Connection, plan: Plan, limit: int) -> list[int] | None:
    """The first page of a query that indexes can answer in part, in the order of names; None when they cannot, or in time."""
    if plan.node is None or plan.now is None:
        return None
    from crmtui.storage.candidates import find_candidates

    found = find_candidates(connection, plan.node, plan.actor, plan.now)
    if found is None:
        return None
    size = len(found.ids)
    if size > _NAMED_FEW:
        # Names such as 王 stand far behind: unless the finds are so many that the way is short, reading them all is quicker.
        everyone = connection.execute("SELECT max(id) FROM customers").fetchone()[0]
        most = _WALKED if size > _READ else _PATIENT * limit * everyone // size
        page = _by_walking(connection, plan, found, limit, most)
        if page or size > _READ:
            return page or None
    ids = f"[{','.join(map(str, found.ids))}]"
    direction = " DESC" if plan.order.descending else ""
    sql = (
        "SELECT id FROM customers WHERE id IN (SELECT value FROM json_each(?)) AND archived_at IS NULL"
        f" AND ({found.rest or 1}) ORDER BY sort_name{direction}, id{direction} LIMIT ?"
    )
    return [row[0] for row in connection.execute(sql, (ids, *found.parameters, limit))]


def _by_walking(connection: Connection, plan: Plan, found: "Candidates", limit: int, most: int) -> list[int]:
    """The first page of candidates, met on the way through the index by name; empty if ``most`` names do not fill it."""
    kept: list[int] = []
    waiting: list[int] = []
    for chunk in _chunks(connection, f"{_by_name(plan)} LIMIT ?", (most,)):
        waiting += [customer for customer in chunk if customer in found.ids]
        if len(kept) + len(waiting) >= limit:
            kept += _kept(connection, waiting, found.rest, found.parameters) if found.rest else waiting
            waiting = []
            if len(kept) >= limit:
                return kept[:limit]
    return []


def _kept(connection: Connection, ids: Sequence[int], condition: str, parameters: tuple[object, ...]) -> list[int]:
    """Those of these customers that meet a condition, in their order."""
    sql = f"SELECT id FROM customers WHERE id IN ({','.join(map(str, ids))}) AND ({condition})"
    kept = {row[0] for row in connection.execute(sql, parameters)}
    return [customer for customer in ids if customer in kept]


def _filtered_by_name(connection: Connection, plan: Plan) -> Iterator["array[int]"]:
    """Find first, order then: rows by name lie all over the file, and reading them in that order costs ten times the search."""
    matched = array("q")
    for chunk in _chunks(connection, f"SELECT id FROM customers WHERE {_where(plan)}", plan.parameters):
        matched.extend(chunk)
    if len(matched) <= _FEW:
        yield _in_order_of_names(connection, matched, descending=plan.order.descending)
        return
    flags = bytearray(max(matched) + 1)
    for customer in matched:
        flags[customer] = 1
    size = len(flags)
    for chunk in _chunks(connection, _by_name(plan), ()):
        yield array("q", [customer for customer in chunk if customer < size and flags[customer]])


def _in_order_of_names(connection: Connection, matched: "array[int]", *, descending: bool) -> "array[int]":
    keys: list[tuple[str, int]] = []
    for start in range(0, len(matched), 500):
        part = matched[start : start + 500]
        marks = ",".join("?" * len(part))
        keys += connection.execute(f"SELECT sort_name, id FROM customers WHERE id IN ({marks})", tuple(part)).fetchall()
    keys.sort(reverse=descending)
    return array("q", [customer for _name, customer in keys])


def _sorted(connection: Connection, plan: Plan, limit: int) -> Iterator["array[int]"]:
    """Let the database sort: by name straight from its index, by another column after a scan."""
    column = plan.order.column or "sort_name"
    direction = " DESC" if plan.order.descending else ""
    if _named_order(plan):
        yield from _chunks(connection, f"{_by_name(plan)} LIMIT ?", (limit,))
        return
    if plan.live and column in _INDEXED_TEXT and not _is_filtered(plan):
        for wanted, order in (
            (f"{column} IS NOT NULL", f"{column} COLLATE NOCASE{direction}, id{direction}"),
            (f"{column} IS NULL", f"id{direction}"),
        ):
            sql = f"SELECT id FROM customers WHERE archived_at IS NULL AND {wanted} ORDER BY {order} LIMIT ?"
            for chunk in _chunks(connection, sql, (limit,)):
                yield chunk
                if limit > 0:
                    limit -= len(chunk)
            if not limit:
                return
        return
    folded = " COLLATE NOCASE" if column in _TEXT_COLUMNS else ""
    order = f"{column} IS NULL, {column}{folded}{direction}, id{direction}"
    hint = "" if _is_filtered(plan) else " NOT INDEXED"
    sql = f"SELECT id FROM customers{hint} WHERE {_where(plan)} ORDER BY {order} LIMIT ?"
    yield from _chunks(connection, sql, (*plan.parameters, limit))


def _by_last_contact(connection: Connection, plan: Plan, limit: int) -> "array[int]":
    """The first page by last contact comes from its index, which holds only those that have one."""
    direction = " DESC" if plan.order.descending else ""
    found = array("q")
    for wanted in ("IS NOT NULL", "IS NULL"):
        sql = (
            f"SELECT id FROM customers WHERE archived_at IS NULL AND last_interaction_at {wanted}"
            f" ORDER BY last_interaction_at{direction}, id{direction} LIMIT ?"
        )
        found.extend(row[0] for row in connection.execute(sql, (limit - len(found),)))
        if len(found) >= limit:
            break
    return found


def _best_first(connection: Connection, plan: Plan, limit: int) -> Iterator["array[int]"]:
    """Order and external numbers, then names that begin with the text by name, then the rest with the newest first; of several
    words first those customers that have them whole.

    Each step streams, so the first page is the true beginning of the whole list and nothing moves when the rest arrives.
    """
    words = plan.words.strip()
    seen: set[int] = set()
    steps = (
        _numbers(connection, words),
        _spelled(connection, words, whole=True, limit=limit),
        _name_prefix(connection, words, limit),
        _spelled(connection, words, whole=False, limit=limit),
        _whole_words(connection, words, limit),
    )
    for step in steps:
        for chunk in step:
            fresh = array("q", [customer for customer in chunk if customer not in seen])
            seen.update(fresh)
            if fresh:
                yield fresh
    expression = match_expression(words)
    if expression is None:
        sql = f"SELECT id FROM customers WHERE {_where(plan)} ORDER BY id DESC LIMIT ?"
        parameters: tuple[object, ...] = (*plan.parameters, limit)
    else:
        sql = f"SELECT rowid FROM search WHERE search MATCH ? AND {_NOT_ARCHIVED} ORDER BY rowid DESC LIMIT ?"
        parameters = (expression, limit if limit < 0 else limit + len(seen))
    found = bool(seen)
    for chunk in _chunks(connection, sql, parameters):
        fresh = array("q", [customer for customer in chunk if customer not in seen]) if seen else chunk
        if fresh:
            found = True
            yield fresh
    if not found:
        yield _by_mixed_pinyin(connection, words)


def _by_mixed_pinyin(connection: Connection, words: str) -> "array[int]":
    """Names that the letters spell as a mixture of syllables and initials (``zsanf``): the index narrows, the rule decides."""
    if any(character.isdigit() for character in words):
        return array("q")
    from crmtui.domain.pinyin import matches_pinyin, query_keys

    keys = query_keys(words)
    if len(keys) < 2:
        return array("q")
    expression = " OR ".join(f'"{key}"*' for key in keys)
    rows = connection.execute(
        "SELECT id, name, kind FROM customers WHERE archived_at IS NULL AND id IN"
        " (SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?) ORDER BY sort_name, id",
        (expression, _MIXED_CANDIDATES),
    )
    return array("q", [row for row, name, kind in rows if matches_pinyin(words, name, person=kind != "company")])


def _numbers(connection: Connection, words: str) -> Iterator["array[int]"]:
    if not may_be_number(words):
        return
    sql = (
        "SELECT customer_id FROM transactions WHERE number = ?1 UNION SELECT customer_id FROM external_ids WHERE external_id = ?1"
        " ORDER BY 1 LIMIT 256"
    )
    live = "SELECT id FROM customers WHERE archived_at IS NULL AND id IN"
    yield from _chunks(connection, f"{live} ({sql})", (words,))


def _spelled(connection: Connection, words: str, *, whole: bool, limit: int) -> Iterator["array[int]"]:
    """Chinese names that the letters spell: wholly, or from the beginning on. A few are put in the order of names."""
    term = spelled_name(words)
    if not term:
        return
    sql = f"SELECT rowid FROM search WHERE search MATCH ? AND {_NOT_ARCHIVED} ORDER BY rowid DESC LIMIT ?"
    expression = f'"{term}"' if whole else f'"{term}"*'
    if whole:
        few = array("q", [row[0] for row in connection.execute(sql, (expression, _NAMED + 1))])
        if len(few) <= _NAMED:
            yield _in_order_of_names(connection, few, descending=False)
            return
    yield from _chunks(connection, sql, (expression, limit))


def _name_prefix(connection: Connection, words: str, limit: int) -> Iterator["array[int]"]:
    prefix, written = name_prefix(words)
    if not prefix:
        return
    sql = "SELECT id FROM customers WHERE archived_at IS NULL AND sort_name >= ?1 AND sort_name < ?2"
    parameters: list[object] = [prefix, prefix + LAST]
    if written:
        # The folded name stands in the sort key behind two spaces: asked there, the index alone answers.
        sql += " AND instr(sort_name, ?3)"
        parameters.append("  " + fold(written))
        # Of all that sound like 丽 hardly a name begins with it, as it is no surname: then the search index is asked at once.
        probe = f"SELECT EXISTS (SELECT 1 FROM ({_SOUNDING} LIMIT {_HEARD}) WHERE instr(sort_name, ?3))"
        if len(written) == 1 and not connection.execute(probe, parameters).fetchone()[0]:
            return
    yield from _chunks(connection, sql + " ORDER BY sort_name, id LIMIT ?", (*parameters, limit))


def _whole_words(connection: Connection, words: str, limit: int) -> Iterator["array[int]"]:
    """Customers that have each of several words as it is typed: the index holds them ready, unlike those of long beginnings."""
    if expression := whole_expression(words):
        sql = f"SELECT rowid FROM search WHERE search MATCH ? AND {_NOT_ARCHIVED} ORDER BY rowid DESC LIMIT ?"
        yield from _chunks(connection, sql, (expression, limit))


def _chunks(connection: Connection, sql: str, parameters: tuple[object, ...]) -> Iterator["array[int]"]:
    if parameters and parameters[-1] == _ALL:
        yield from _as_text(connection, sql, parameters)
        return
    cursor = connection.execute(sql, parameters)
    size = 64  # the first rows come at once, later ones in larger pieces
    while rows := cursor.fetchmany(size):
        yield array("q", [row[0] for row in rows])
        size = CHUNK


def _as_text(connection: Connection, sql: str, parameters: tuple[object, ...]) -> Iterator["array[int]"]:
    """Every id, put together by the database as one text: it holds no interpreter lock meanwhile, and other threads can draw."""
    sql = f"WITH found(id) AS ({sql}) SELECT group_concat(id) FROM found"
    text = connection.execute(sql, parameters).fetchone()[0] or ""
    start = 0
    while start < len(text):
        end = text.find(",", start + _PIECE)
        end = len(text) if end < 0 else end
        yield array("q", map(int, text[start:end].split(",")))
        start = end + 1
