"""What goes out comes in again: customers with any text in them, through every format that holds it."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtui.services.archive import restore_archive, write_archive
from crmtui.services.bring_in import ImportOptions, run_import
from crmtui.services.contact_points import add_point
from crmtui.services.record import add_customer
from crmtui.services.take_out import export
from crmtui.services.workspace import Workspace, open_workspace
from crmtui.storage.digest import logical_digest
from crmtui.storage.journal import operation
from crmtui.storage.whole import read_whole

# Pieces that formats, spreadsheets and terminals take for something; blanks around a value and words for nothing are no text.
_PIECES = st.sampled_from(
    [
        "=1+1",
        "@x",
        "'",
        '"',
        "\\",
        ",",
        ";",
        "\t",
        "\r\n",
        "\r",
        "\n",
        "\x00",
        "\x1b[2J",
        "\x85",
        "\u2028",
        "𠮷",
        "龘",
        "\u202eabc",
        "ß",
        "<b>&amp;",
        "_x0041_",
        "]]>",
        "|",
        "007",
        "1e5",
        "😀",
        "\ufeff",
        "\ufffe",
        "--",
        "/*",
    ]
)
_TEXTS = st.lists(_PIECES, min_size=1, max_size=6).map(lambda pieces: "a" + "".join(pieces) + "z")
_FIELDS = ("name", "company", "job_title", "notes", "owner", "source", "street", "custom.行业", "custom.a b")
_CUSTOMERS = st.lists(st.fixed_dictionaries(dict.fromkeys(_FIELDS, _TEXTS)), min_size=1, max_size=6)
_EXAMPLES = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


def contents(workspace: Workspace) -> list[dict[str, Any]]:
    reader = workspace.database.reader()
    found = read_whole(reader, [row[0] for row in reader.execute("SELECT id FROM customers ORDER BY id")])
    for record in found:
        del record["id"]
        record["external_ids"].pop("crmtui", None)  # where it came from, which formats with whole records tell
        # Two columns of a file may stand in another order than the keys of a customer.
        record["custom"] = dict(sorted(record["custom"].items()))
    return found


def come_back(values: Sequence[dict[str, str]], format_id: str, profile: str = "exact") -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            open_workspace(str(folder / "a.db"), actor="me", region="CN", create=True) as one,
            open_workspace(str(folder / "b.db"), actor="me", region="CN", create=True) as other,
        ):
            for each in values:
                add_customer(one, each)
            path = str(folder / f"out.{format_id}")
            export(one, path, format=format_id, profile=profile)
            run_import(
                other, path, ImportOptions(region="CN", guarded=profile == "spreadsheet" and format_id != "xlsx")
            )
            assert contents(other) == contents(one)


@pytest.mark.parametrize("format_id", ["csv", "tsv", "xlsx", "json", "jsonl", "xml"])
def test_any_text_comes_back(format_id: str) -> None:
    @_EXAMPLES
    @given(_CUSTOMERS)
    def check(values: list[dict[str, str]]) -> None:
        come_back(values, format_id)

    check()


@_EXAMPLES
@given(_CUSTOMERS)
def test_any_text_comes_back_from_a_file_for_spreadsheets(values: list[dict[str, str]]) -> None:
    come_back(values, "csv", "spreadsheet")


@_EXAMPLES
@given(_CUSTOMERS)
def test_any_text_comes_back_from_an_archive(values: list[dict[str, str]]) -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        open_workspace(f"{name}/a.db", actor="me", create=True) as one,
        open_workspace(f"{name}/b.db", actor="me", create=True) as other,
    ):
        for each in values:
            add_customer(one, each)
        write_archive(one, f"{name}/out")
        restore_archive(other, f"{name}/out")
        assert logical_digest(other.database.reader()) == logical_digest(one.database.reader())


@pytest.mark.parametrize("format_id", ["csv", "tsv", "xlsx", "json", "jsonl", "xml"])
def test_labels_and_further_addresses_come_back(tmp_path: Path, format_id: str) -> None:
    with (
        open_workspace(str(tmp_path / "a.db"), actor="me", region="CN", create=True) as one,
        open_workspace(str(tmp_path / "b.db"), actor="me", region="CN", create=True) as other,
    ):
        add_customer(
            one, {"name": "张三", "phones": "13800138000;021 5", "city": "上海", "wechat": "wx1", "messaging": "line:a"}
        )
        add_customer(one, {"name": "李四", "phones": "13800138001", "emails": "b@b.cn", "urls": "https://a/b,c"})
        add_point(one, 1, "phone", "13900139000", label="前台")
        add_point(one, 1, "phone", "13900139001", label="mobile", first=True)
        add_point(one, 1, "email", "z@b.cn", label="work")
        with operation(one.database, "test", actor="me") as act:
            act.insert("addresses", {"customer_id": 1, "label": "home", "city": "北京", "street": "a;b"})
        path = str(tmp_path / f"out.{format_id}")
        export(one, path, format=format_id)
        run_import(other, path, ImportOptions(region="CN"))
        assert contents(other) == contents(one)
