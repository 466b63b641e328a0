"""``edit --text``: the editor's work is shown, asked for and saved; an editor that fails loses nothing."""

import stat
import sys
from pathlib import Path

import pytest
from calling import Run


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script that serves as the editor: the test writes what it does with ``path``, the file to edit, and ``text``, what is in it."""
    script = tmp_path / "ed.py"
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    monkeypatch.setenv("EDITOR", "not-this-one")
    return script


def does(editor: Path, code: str) -> None:
    head = "import sys, os\npath = sys.argv[1]\ntext = open(path, encoding='utf-8').read()\n"
    editor.write_text(f"{head}{code}\n", encoding="utf-8")


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "state").rglob("customers*.txt"))


WRITE = "open(path, 'w', encoding='utf-8').write({})"


def test_the_editor_changes_customers_as_one_operation(two: Run, editor: Path, tmp_path: Path) -> None:
    does(editor, WRITE.format("text.replace('stage: lead', 'stage: customer').replace('city: London', 'city: Rome')"))
    ran = two("edit", "--text", "1", "2", "--yes")
    assert (ran.code, kept(tmp_path)) == (0, [])
    for told in ("2 customers would change", "- lead", "+ customer", "- London", "+ Rome"):
        assert told in ran.err
    assert two("find", "stage:customer", "--json").json[0]["name"] == "张伟"
    assert two("undo").code == 0
    assert two("find", "city:Rome").code == 1


def test_without_a_change_nothing_is_done(two: Run, editor: Path, tmp_path: Path) -> None:
    does(editor, "pass")
    ran = two("edit", "--text", "--query", "ada")
    assert (ran.code, "nothing to change" in ran.err, kept(tmp_path)) == (0, True, [])


def test_nobody_to_ask_means_nothing_is_saved(two: Run, editor: Path, tmp_path: Path) -> None:
    does(editor, WRITE.format("text.replace('stage: lead', 'stage: lost')"))
    ran = two("edit", "--text", "1", "--fields", "stage")
    assert ran.code == 2
    assert "--yes" in ran.err
    (path,) = kept(tmp_path)
    assert str(path) in ran.err
    assert "stage: lost" in path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert two("find", "stage:lead", "--json").json[0]["id"] == 1


@pytest.mark.parametrize(
    "code",
    [
        "sys.exit(3)",
        "open(path, 'wb').write(b'\\xff\\xfe\\x00')",
        WRITE.format("''"),
        WRITE.format("'nonsense'"),
        WRITE.format("text.replace('name:', 'nmae:')"),
    ],
)
def test_an_editor_that_fails_or_returns_nonsense_changes_nothing(
    two: Run, editor: Path, tmp_path: Path, code: str
) -> None:
    does(editor, code)
    ran = two("edit", "--text", "1", "--yes")
    assert ran.code == 4
    assert str(kept(tmp_path)[0]) in ran.err
    assert "Traceback" not in ran.err
    assert two("history", "--json").json[0]["kind"] == "customer.add"


def test_an_editor_that_is_not_there_or_removes_the_file_is_told(
    two: Run, editor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    does(editor, "os.unlink(path)")
    ran = two("edit", "--text", "1")
    assert (ran.code, "no file" in ran.err) == (4, True)
    monkeypatch.setenv("VISUAL", "no-such-editor --wait")
    ran = two("edit", "--text", "1")
    assert (ran.code, "no-such-editor" in ran.err, "EDITOR" in ran.err) == (4, True, True)
