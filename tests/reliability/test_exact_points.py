"""Phones, e-mails and other points of hostile text: stored as they were given, whichever way they come in; nothing vanishes."""

import csv
import json
from pathlib import Path

import pytest
from hostile_text import EVERYTHING, Hostile, storable
from hypothesis import given
from hypothesis import strategies as st

from crmtui.cli import main
from crmtui.domain.intake import read_values
from crmtui.domain.mapping.rows import clean_cell
from crmtui.services import record
from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.customers import read_customer

ANY_TEXT = st.text(alphabet=st.characters(categories=None), max_size=60)
CELL_LIKE = st.text(
    alphabet="0123456789+-()/ ,;x*.转、（）手机：ａｂ＠．１３ab@<>\"'|\x00\x1b\u3000\u0301⅛", max_size=40
)
BETWEEN_NUMBERS = {ord(sign): None for sign in map(chr, range(0x11000)) if sign.isspace()} | dict.fromkeys(
    map(ord, ";,、|/；，｜／､")
)
READ_APART = ("-2147483648/-1",)
"""Of the whole list, what is understood as a number with a remark."""


def expected(text: str) -> list[str]:
    """What is stored of a hostile text as phone or e-mail: all of it, as one value."""
    return [storable(text).strip()]


def values(customer: dict[str, object] | object, key: str) -> list[str]:
    return [point["value"] for point in customer[key]]  # type: ignore[index]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:  # type: ignore[misc]
    with open_workspace(str(tmp_path / "work.db"), actor="me", region="CN", create=True) as workspace:
        yield workspace


def test_added(made: Hostile, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRMTUI_DB", made.path)
    assert main(["show", "--json", *map(str, made.customers)]) == 0
    documents = {document["id"]: document for document in json.loads(capfd.readouterr().out)}
    for customer, text in made.customers.items():
        document = documents[customer]
        assert values(document, "emails") == expected(text), ascii(text)
        if text not in READ_APART:
            assert values(document, "phones") == expected(text), ascii(text)
        said = [*document["urls"], *(each["value"] for each in document["messaging"])]
        assert "".join(said) and set("".join(said)) | {";", " "} >= set(expected(text)[0]), ascii(text)


def test_edited(workspace: Workspace) -> None:
    customer = record.add_customer(workspace, {"name": "x", "phones": "13800138000", "emails": "a@b.cn"}).customers[0]
    for text in EVERYTHING:
        saved = record.edit_customer(workspace, customer, {"phones": text, "emails": text})
        document = read_customer(workspace.database.writer, customer)
        assert values(document, "emails") == expected(text), ascii(text)
        if text not in READ_APART:
            assert values(document, "phones") == expected(text), ascii(text)
        told = {issue.field for issue in saved.issues}
        assert told >= {"emails"} if not text.endswith("@x.com") else True


def test_imported(workspace: Workspace, tmp_path: Path) -> None:
    texts = [storable(text) for text in EVERYTHING]
    path = tmp_path / "list.csv"
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow(["编号", "姓名", "手机", "邮箱"])
        writer.writerows([str(number), f"n{number}", text, text] for number, text in enumerate(texts))
    fields = {"编号": "external_ids", "姓名": "name", "手机": "phones", "邮箱": "emails"}
    result = run_import(
        workspace, str(path), ImportOptions(region="CN", mapping=fields, encoding="utf-8", delimiter=",")
    )
    assert result.counts.created == len(texts)
    rows = workspace.database.writer.execute("SELECT customer_id, external_id FROM external_ids").fetchall()
    assert len(rows) == len(texts)
    for customer, number in rows:
        text = texts[int(number)]
        document = read_customer(workspace.database.writer, customer)
        for key in ("phones", "emails"):
            cell = clean_cell(text, key)  # a word for nothing is nothing
            if text not in READ_APART:
                assert values(document, key) == ([cell] if cell else []), ascii(text)


@given(st.one_of(ANY_TEXT, CELL_LIKE), st.sampled_from(["phones", "emails"]), st.sampled_from(["CN", "US", "DE"]))
def test_nothing_vanishes(text: str, key: str, region: str) -> None:
    given_text = storable(text).strip()
    intake = read_values({key: text}, region=region)
    if not given_text.strip("; "):
        return
    assert intake.points
    understood = [point for point in intake.points if point.normalised]
    for point in intake.points:
        # An extension beside other words is written in the one way.
        assert point.value in given_text or (point.normalised and " x" in point.value), (point, given_text)
    # Whatever was not understood has its issue, and when nothing was understood all of it is there.
    assert len(intake.issues) >= len(intake.points) - len(understood)
    if not understood:
        kept = "".join(point.value for point in intake.points)
        assert kept.translate(BETWEEN_NUMBERS) == given_text.translate(BETWEEN_NUMBERS)


@given(st.one_of(ANY_TEXT, CELL_LIKE), st.sampled_from(["phones", "emails"]))
def test_what_is_stored_can_be_typed_again(text: str, key: str) -> None:
    """A single value that stands in the form or comes out of an export means the same when it comes back."""
    first = read_values({key: text}, region="CN").points
    if len(first) == 1:
        again = read_values({key: first[0].value}, region="CN").points
        assert [(point.value, point.normalised) for point in again] == [(first[0].value, first[0].normalised)]
