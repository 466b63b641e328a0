"""The gettext catalogues: bring them up to date with the source, check them, fill them in bulk.

    translations.py update            every marked string into each .po; strings no longer in the source go
    translations.py check             exit code 1 and a list when a translation is missing, empty, fuzzy or wrong
    translations.py export-missing    the msgids still to be translated, as a JSON list
    translations.py import FILE.json  take translations over from {msgid: msgstr}
    translations.py compile           write the .mo files (an installation does this by itself)

A sentence with a plural stands under its singular; where a language has several plural forms, msgstr is a list.
"""

import argparse
import ast
import json
import string
import sys
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "crmtui"
LOCALE_FOLDER = SOURCE / "i18n" / "locale"
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "ngettext": (1, 2)}
HEADER = (
    'msgid ""\nmsgstr ""\n"Project-Id-Version: crmtui\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Language: {language}\\n"\n"Plural-Forms: {plural_forms}\\n"\n\n'
)


class Problem(NamedTuple):
    """One string of one catalogue that is not right: ``kind`` is missing, untranslated, fuzzy or placeholders."""

    language: str
    kind: str
    msgid: str
    where: str

    def __str__(self) -> str:
        return f"{self.language}: {self.kind}: {self.msgid!r} ({self.where})"


def extract_strings(source: Path) -> Catalog:
    """All marked strings below ``source``, each with the files (no line numbers) that hold it."""
    found = Catalog()
    for file in sorted(source.rglob("*.py")):
        with file.open("rb") as stream:
            for _line, msgid, comments, _context in extract("python", stream, KEYWORDS, ["Translators:"]):
                found.add(msgid, locations=[(file.relative_to(source.parent).as_posix(), 1)], auto_comments=comments)
    return found


def read_catalogue(file: Path) -> Catalog:
    """The catalogue in ``file``, whose language is told by the folder it lies in."""
    with file.open("rb") as stream:
        return read_po(stream, locale=language_of(file))


def language_of(file: Path) -> str:
    """The language of the catalogue at ``…/<language>/LC_MESSAGES/crmtui.po``."""
    return file.parts[-3]


def merged(strings: Catalog, old: Catalog, language: str) -> Catalog:
    """The ``strings`` of the source with the translations they had in ``old``; nothing else, nothing guessed."""
    new = Catalog(locale=language, fuzzy=False)
    for message in messages_of(strings):
        known = old.get(key_of(message))
        keep = known is not None and known.pluralizable == message.pluralizable
        entry = new.add(
            message.id,
            known.string if known and keep else None,
            locations=sorted(set(message.locations)),
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known else (),
        )
        entry.flags = (
            {"fuzzy"} if known and keep and known.fuzzy else set()
        )  # the other flags depend on Babel's version
    return new


def po_text(catalogue: Catalog, language: str) -> bytes:
    """The catalogue as the text of a .po file: sorted, without dates and line numbers, so that only changes differ."""
    body = BytesIO()
    write_po(body, catalogue, width=120, sort_output=True, omit_header=True, include_lineno=False)
    header = HEADER.format(language=language, plural_forms=catalogue.plural_forms)
    return header.encode() + body.getvalue().strip() + b"\n"


def find_problems(strings: Catalog, catalogue: Catalog, language: str) -> list[Problem]:
    """What is wrong in ``catalogue`` for the ``strings`` of the source, in their order."""
    problems = []
    for message in messages_of(strings):
        kind = problem_of(message, catalogue.get(key_of(message)))
        if kind:
            problems.append(
                Problem(language, kind, key_of(message), ", ".join(name for name, _line in message.locations))
            )
    return problems


def problem_of(message: Message, known: Message | None) -> str:
    """The kind of the problem with the entry ``known`` for the source's ``message``; empty if it is right."""
    if known is None or known.pluralizable != message.pluralizable:
        return "missing"
    forms = forms_of(known)
    if not all(forms):
        return "untranslated"
    if known.fuzzy:
        return "fuzzy"
    wanted = placeholders(message.id if isinstance(message.id, str) else message.id[1])
    return "placeholders" if any(placeholders(form) != wanted for form in forms) else ""


def placeholders(text: str) -> frozenset[str] | None:
    """The names of the ``{…}`` fields of a format string; None when its braces do not match."""
    try:
        return frozenset(name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None)
    except ValueError:
        return None


def take_over(catalogue: Catalog, translations: dict[str, str | list[str]]) -> list[str]:
    """Put ``translations`` into ``catalogue``; returns, with the reason, those refused."""
    refused = []
    for msgid, translation in translations.items():
        entry = catalogue.get(msgid)
        if entry is None or not msgid:
            refused.append(f"not in the source: {msgid!r}")
            continue
        forms = (translation,) if isinstance(translation, str) else tuple(translation)
        wanted_forms = catalogue.num_plurals if entry.pluralizable else 1
        trial = Message(entry.id, forms if entry.pluralizable else forms[0])
        kind = problem_of(entry, trial)
        if len(forms) != wanted_forms:
            refused.append(f"{wanted_forms} forms expected: {msgid!r}")
        elif kind:
            refused.append(f"{kind}: {msgid!r}")
        else:
            entry.string = trial.string
            entry.flags.discard("fuzzy")
    return refused


def messages_of(catalogue: Catalog) -> list[Message]:
    """The messages without the header, sorted by msgid."""
    return sorted((message for message in catalogue if message.id), key=key_of)


def key_of(message: Message) -> str:
    """What names the message: its msgid, the singular one if it has a plural."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms_of(message: Message) -> tuple[str, ...]:
    """The translated forms: one, or one for each plural form of the language."""
    return tuple(message.string) if isinstance(message.string, tuple | list) else (message.string or "",)


def hidden_strings(source: Path, strings: Catalog) -> list[str]:
    """The marks (``file:line``) that extraction does not see: a call within an f-string, or an f-string as argument."""
    hidden = []
    for file in sorted(source.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_bytes())):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id in KEYWORDS
                and call.args
            ):
                first = call.args[0]
                lost = isinstance(first, ast.Constant) and strings.get(str(first.value)) is None
                if lost or isinstance(first, ast.JoinedStr):
                    hidden.append(f"{file.relative_to(source.parent).as_posix()}:{call.lineno}")
    return hidden


def catalogue_files(locale_folder: Path) -> list[Path]:
    """The .po files, one for each language."""
    return sorted(locale_folder.glob("*/LC_MESSAGES/crmtui.po"))


def problems_of_all(source: Path = SOURCE, locale_folder: Path = LOCALE_FOLDER) -> list[Problem]:
    """What is wrong in all catalogues."""
    strings = extract_strings(source)
    return [
        problem
        for file in catalogue_files(locale_folder)
        for problem in find_problems(strings, read_catalogue(file), language_of(file))
    ]


def update(source: Path = SOURCE, locale_folder: Path = LOCALE_FOLDER) -> None:
    """Bring all catalogues up to date with the source."""
    strings = extract_strings(source)
    for file in catalogue_files(locale_folder):
        catalogue = merged(strings, read_catalogue(file), language_of(file))
        file.write_bytes(po_text(catalogue, language_of(file)))


def import_translations(
    translations: dict[str, str | list[str]], language: str, source: Path = SOURCE, locale_folder: Path = LOCALE_FOLDER
) -> list[str]:
    """Bring the catalogue of ``language`` up to date and take ``translations`` over; returns those refused, and why."""
    file = locale_folder / language / "LC_MESSAGES" / "crmtui.po"
    catalogue = merged(extract_strings(source), read_catalogue(file), language)
    refused = take_over(catalogue, translations)
    file.write_bytes(po_text(catalogue, language))
    return refused


def compile_all(locale_folder: Path = LOCALE_FOLDER) -> list[Path]:
    """Write the .mo files, as the build of the package does."""
    try:
        from build_hook import compile_catalogues
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"{error}; install it, or run pip install -e . again, which compiles the catalogues"
        ) from error
    return compile_catalogues(locale_folder)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in ("update", "check", "export-missing", "compile"):
        verbs.add_parser(verb)
    importing = verbs.add_parser("import")
    importing.add_argument("file", type=Path)
    importing.add_argument("--language", default="zh_CN")
    options = parser.parse_args(arguments)
    if options.verb == "update":
        update()
    elif options.verb == "import":
        refused = import_translations(json.loads(options.file.read_text("utf-8")), options.language)
        for line in refused:
            print(line, file=sys.stderr)
        return 1 if refused else 0
    elif options.verb == "check":
        problems = [str(problem) for problem in problems_of_all()]
        problems += [
            f"{place}: not extracted: in an f-string" for place in hidden_strings(SOURCE, extract_strings(SOURCE))
        ]
        for problem in problems:
            print(problem)
        return 1 if problems else 0
    elif options.verb == "export-missing":
        print(json.dumps(sorted({problem.msgid for problem in problems_of_all()}), ensure_ascii=False, indent=1))
    else:
        for file in compile_all():
            print(file.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
