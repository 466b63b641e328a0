"""Every marked string is translated; and the tool that keeps the catalogues does what it says."""

import json
from pathlib import Path

import pytest
import translations as tool

PROGRAM = """
from crmtui.i18n import N_, _, ngettext
LABEL = N_("Save")
def tell(count, name):
    return ngettext("{count} row", "{count} rows", count), _("Hello {name}"), _(name), _("Save")
"""


@pytest.mark.parametrize("kind", ["missing", "untranslated", "fuzzy", "placeholders"])
def test_no_string_of_the_program_is_left(kind: str) -> None:
    assert [str(problem) for problem in tool.problems_of_all() if problem.kind == kind] == []


def test_no_mark_is_hidden_from_extraction() -> None:
    assert tool.hidden_strings(tool.SOURCE, tool.extract_strings(tool.SOURCE)) == []


class Project:
    """A small program with one catalogue."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "app"
        self.locale_folder = folder / "locale"
        self.catalogue = self.locale_folder / "zh_CN" / "LC_MESSAGES" / "crmtui.po"
        self.source.mkdir()
        self.catalogue.parent.mkdir(parents=True)
        self.write("")

    def write(self, entries: str, program: str = PROGRAM) -> None:
        (self.source / "main.py").write_text(program, "utf-8")
        self.catalogue.write_text(tool.HEADER.format(language="zh_CN", plural_forms="nplurals=1; plural=0;") + entries)

    def problems(self) -> dict[str, str]:
        return {problem.msgid: problem.kind for problem in tool.problems_of_all(self.source, self.locale_folder)}

    def take(self, translations: dict[str, str | list[str]]) -> list[str]:
        return tool.import_translations(translations, "zh_CN", self.source, self.locale_folder)

    def update(self) -> str:
        tool.update(self.source, self.locale_folder)
        return self.catalogue.read_text("utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


DONE: dict[str, str | list[str]] = {"Save": "保存", "{count} row": "{count} 行", "Hello {name}": "{name}，你好"}


def test_update_brings_in_each_string_once_with_its_file(project: Project) -> None:
    assert project.problems() == dict.fromkeys(DONE, "missing")
    text = project.update()
    assert project.problems() == dict.fromkeys(DONE, "untranslated")
    assert text.count('msgid "Save"') == 1
    assert text.count("#: app/main.py\n") == 3
    assert 'msgid_plural "{count} rows"\nmsgstr[0] ""' in text
    assert project.update() == text


def test_import_fills_what_is_missing(project: Project) -> None:
    assert project.take(DONE) == []
    assert project.problems() == {}
    text = project.catalogue.read_text("utf-8")
    assert 'msgstr[0] "{count} 行"' in text
    assert project.update() == text


def test_import_refuses_what_does_not_fit_and_takes_the_rest(project: Project) -> None:
    refused = project.take({"Save": "保存", "Gone": "没了", "Hello {name}": "{nom}，你好", "{count} row": ["一", "二"]})
    assert [line.partition(":")[0] for line in refused] == ["not in the source", "placeholders", "1 forms expected"]
    assert project.problems() == {"{count} row": "untranslated", "Hello {name}": "untranslated"}


def test_strings_that_left_the_source_leave_the_catalogue(project: Project) -> None:
    project.take(DONE)
    project.write(project.catalogue.read_text("utf-8").partition("\n\n")[2], 'from x import _\n_("Saved")')
    text = project.update()
    assert "保存" not in text, "an entry that only looks alike must not be guessed"
    assert "#~" not in text
    assert project.problems() == {"Saved": "untranslated"}


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ('#, fuzzy\nmsgid "Save"\nmsgstr "保存"\n', "fuzzy"),
        ('msgid "Hello {name}"\nmsgstr "你好"\n', "placeholders"),
        ('msgid "Hello {name}"\nmsgstr "{name}，你好 {age}"\n', "placeholders"),
        ('msgid "Hello {name}"\nmsgstr "{name，你好"\n', "placeholders"),
        ('msgid "{count} row"\nmsgid_plural "{count} rows"\nmsgstr[0] "行"\n', "placeholders"),
        ('msgid "{count} row"\nmsgstr "{count} 行"\n', "missing"),
        ('msgid "{count} row"\nmsgid_plural "{count} rows"\nmsgstr[0] "{count} 行"\n', ""),
    ],
)
def test_each_kind_of_problem_is_found(project: Project, entry: str, kind: str) -> None:
    project.write(entry)
    msgid = next(msgid for msgid in DONE if f'msgid "{msgid}"' in entry)
    assert project.problems().get(msgid, "") == kind


def test_fuzzy_mark_of_a_person_survives_an_update_and_goes_with_a_new_translation(project: Project) -> None:
    project.write('#, fuzzy\nmsgid "Save"\nmsgstr "存"\n')
    assert "#, fuzzy" in project.update()
    project.take({"Save": "保存"})
    assert "fuzzy" not in project.catalogue.read_text("utf-8")


@pytest.mark.parametrize("line", ["f\"{_('Lost')}\"", '_(f"Lost {x}")', "print(f\"a {ngettext('Lost', 'b', 2)}\")"])
def test_mark_within_an_f_string_is_told(project: Project, line: str) -> None:
    project.write("", f"from x import _\n\nx = {line}\n")
    assert tool.hidden_strings(project.source, tool.extract_strings(project.source)) == ["app/main.py:3"]


def test_missing_strings_are_exported_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main(["export-missing"]) == 0
    assert json.loads(capsys.readouterr().out) == sorted({problem.msgid for problem in tool.problems_of_all()})
