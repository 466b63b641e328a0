"""No text that a person types raises: parsing, planning and running it; user text never reaches a query grammar."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtui.domain.fields import BY_KEY, BY_QUERY_NAME
from crmtui.domain.query import HAS_VALUES, IS_VALUES, SPECIAL_FILTERS, _Parser, parse
from crmtui.services.record import add_customer, edit_customer
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.search import Order, all_ids, count, first_ids, make_plan

DATA = Path(__file__).parents[1] / "data"
NAUGHTY: list[str] = [
    *json.loads((DATA / "blns.json").read_text("utf-8")),
    *(
        line.encode("latin-1", "backslashreplace").decode("unicode_escape")
        for line in (DATA / "naughty.txt").read_text("utf-8").splitlines()
        if not line.startswith("#")
    ),
]
ORDERS = [Order(), *(Order(field.sort, True) for field in BY_KEY.values() if field.sort)]

fields = st.sampled_from(sorted({*SPECIAL_FILTERS, *BY_QUERY_NAME, "custom.x", 'custom.a"b', "nonsense"}))
bits = st.sampled_from(
    [
        "(",
        ")",
        '"',
        "-",
        "OR",
        "AND",
        "NOT",
        "|",
        "*",
        "^",
        ":",
        ">",
        "<=",
        "=",
        "'",
        "\\",
        "%",
        "_",
        ",",
        "..",
        "张",
        "138",
    ]
)
numbers = st.sampled_from(["1", "1e400", "-9223372036854775809", "99999d", "2026-13-45", "0x1", "NaN", "²", "٣", "1_0"])
tests = st.builds(
    lambda field, operator, value, quote: f"{field}:{operator}{quote}{value}{quote}",
    fields,
    st.sampled_from(["", ">", "<", ">=", "<=", "="]),
    st.one_of(
        numbers, st.sampled_from([*HAS_VALUES, *IS_VALUES, "none", "me"]), st.text(max_size=8), st.sampled_from(NAUGHTY)
    ),
    st.sampled_from(["", '"']),
)
queries = st.lists(st.one_of(bits, tests, numbers, st.text(max_size=10), st.sampled_from(NAUGHTY)), max_size=8).map(
    " ".join
)


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    with (
        tempfile.TemporaryDirectory() as folder,
        open_workspace(str(Path(folder, "crm.db")), actor="ann", region="CN", create=True) as opened,
    ):
        for name in ("张伟", "Ana García", "Acme Ltd"):
            add_customer(opened, {"name": name, "phones": "13800001111", "tags": "vip", "custom.x": "1"})
        yield opened


def run(workspace: Workspace, text: str, order: Order) -> list[int]:
    connection = workspace.database.thread_reader()
    plan = make_plan(parse(text), order, actor="ann")
    found = first_ids(connection, plan)
    assert found == [customer for chunk in all_ids(connection, plan) for customer in chunk]
    assert 0 <= count(connection, plan) <= 3
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(queries, st.sampled_from(ORDERS))
def test_nothing_that_is_typed_raises(workspace: Workspace, text: str, order: Order) -> None:
    assert set(run(workspace, text, order)) <= {1, 2, 3}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_only_looked_for(workspace: Workspace, text: str) -> None:
    run(workspace, text, Order())
    assert parse(text) == parse(text)


@pytest.mark.parametrize("part", range(8))
def test_naughty_strings_are_only_looked_for(workspace: Workspace, part: int) -> None:
    for text in NAUGHTY[part::8]:
        for form in (text, f'"{text}"', f"name:{text}", f'tag:"{text}"', f"-({text}", f"custom.x:{text}"):
            run(workspace, form, Order())
    assert workspace.database.writer.execute("SELECT count(*) FROM customers").fetchone() == (3,)


@pytest.mark.parametrize("depth", [10, 60, 5000])
def test_deep_brackets_and_negations_end(workspace: Workspace, depth: int) -> None:
    run(workspace, "(" * depth + "ana" + ")" * depth, Order())
    run(workspace, "NOT " * depth + "ana", Order())
    run(workspace, "-(" * depth + "ana", Order())
    run(workspace, " OR ".join(["ana"] * depth), Order())
    run(workspace, " ".join(["tag:vip"] * depth), Order())
    run(workspace, "tag:" + ",".join(["vip"] * depth), Order())
    run(workspace, " ".join(f"word{number}" for number in range(depth)), Order())
    run(workspace, "w" * depth, Order())
    run(workspace, "张" * depth, Order())
    run(workspace, "a1" * depth, Order())


@pytest.mark.parametrize("part", range(8))
def test_naughty_strings_are_stored_exactly(workspace: Workspace, part: int) -> None:
    connection = workspace.database.writer
    for text in NAUGHTY[part::8]:
        if not text.strip():
            continue
        edit_customer(workspace, 1, {"name": text, "company": text, "notes": text, "custom.x": text})
        row = connection.execute(
            "SELECT name, company, notes, json_extract(custom, '$.x') FROM customers WHERE id = 1"
        ).fetchone()
        storable = text.strip().encode("utf-8", "replace").decode()
        assert row[:3] == (storable,) * 3
        assert json.loads(json.dumps(row[3])) == storable
    edit_customer(workspace, 1, {"name": "张伟", "company": "", "notes": "", "custom.x": "1"})


@given(
    st.lists(
        st.sampled_from(["张", "a-b", "-", "-b", "OR", "AND", "NOT", "OR,", "'", " ", "\u3000", "\x85", "1", ".", "e5"])
    ).map("".join)
)
def test_plain_words_are_read_as_the_grammar_reads_them(text: str) -> None:
    assert parse(text) == _Parser(text).run()
