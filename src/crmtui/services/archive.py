"""A folder with everything of a customer file, to be read in twenty years: text, one JSON document a line, and what explains it.

``write_archive`` writes it as one consistent view, ``restore_archive`` brings it into an empty file as one undoable operation.
"""

import hashlib
import json
import os
import shutil
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

from crmtui import __version__
from crmtui.errors import CrmError, FormatError, Interrupted
from crmtui.formats.json_writer import one_line
from crmtui.i18n import _
from crmtui.services.archive_readme import readme
from crmtui.services.take_out import snapshot, write_customers
from crmtui.services.workspace import Workspace
from crmtui.storage.archive import (
    BY_TABLE,
    EXPLAINED,
    HISTORY,
    LOOSE,
    REFERENCES,
    SECTIONS,
    ArchiveInsert,
    Section,
    base_columns,
    documents,
    history,
    is_fresh,
)
from crmtui.storage.database import storage_errors
from crmtui.storage.digest import logical_digest
from crmtui.storage.driver import Connection
from crmtui.storage.journal import utc_now
from crmtui.storage.long_operation import LongOperation
from crmtui.storage.search_index import drain_queue
from crmtui.storage.undo import take_back

MANIFEST = "manifest.json"
FORMAT = "crmtui archive"
VERSION = 1
_CSV = "customers.csv"
_README = "README.txt"
_LONGEST_LINE = 64 << 20
_LARGEST_ID = 1 << 40
_LARGEST_NUMBER = 1 << 63
_MOST_WRONG_BYTES = 16 << 20

Progress = Callable[[int, int], None]


class Restored(NamedTuple):
    """What came in: the operation (0 when the archive was empty) and documents by table."""

    operation_id: int
    counts: dict[str, int]


def is_archive(path: str) -> bool:
    """Whether ``path`` is a folder that ``write_archive`` made, or was one."""
    return os.path.isdir(path) and os.path.isfile(os.path.join(path, MANIFEST))


def write_archive(workspace: Workspace, folder: str, *, progress: Progress | None = None) -> dict[str, int]:
    """Write everything into ``folder``, which must not be there or be empty; returns documents by table.

    It is written beside it first and gets its name when it is complete and on disk. Raises CrmError when it cannot be.
    """
    folder = os.path.abspath(folder)
    if os.path.lexists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise CrmError(
            _("there is something in that place already"),
            where=folder,
            kept=_("Nothing was written."),
            hint=_("An archive needs a new folder, or an empty one."),
        )
    partial = folder + ".partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        os.mkdir(partial)
        counts = _write(workspace, partial, progress)
        if os.path.isdir(folder):
            os.rmdir(folder)
        os.rename(partial, folder)
        _sync(os.path.dirname(folder))
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise CrmError(
            _("the archive cannot be written: {reason}").format(reason=error.strerror or str(error)),
            where=folder,
            kept=_("Nothing was written."),
            hint=_("Check the folder, its permissions and the free space."),
        ) from None
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return counts


def _write(workspace: Workspace, folder: str, progress: Progress | None) -> dict[str, int]:
    counts: dict[str, int] = {}
    with snapshot(workspace) as connection:
        total = sum(_rows(connection, section.table) for section in SECTIONS) + _rows(connection, HISTORY)
        done = 0
        parts = [(section.table, documents(connection, section)) for section in SECTIONS]
        for table, found in [*parts, (HISTORY, history(connection))]:
            counts[table] = 0
            with open(os.path.join(folder, table + ".jsonl"), "xb") as file:
                for document in found:
                    file.write(one_line(json.dumps(document, ensure_ascii=False)).encode() + b"\n")
                    counts[table] += 1
                    done += 1
                    if progress is not None and done % 1000 == 0:
                        progress(done, total)
                _flush(file)
        write_customers(connection, os.path.join(folder, _CSV), format="csv", query="is:archived OR -is:archived")
        digest = logical_digest(connection)
    with open(os.path.join(folder, _README), "xb") as file:
        file.write(readme(counts, utc_now(), __version__).encode())
        _flush(file)
    files = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        files[name] = {"sha256": _sha256(path), "bytes": os.path.getsize(path)}
        if (table := name.removesuffix(".jsonl")) in counts:
            files[name]["documents"] = counts[table]
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "written_at": utc_now(),
        "program": f"crmtui {__version__}",
        "digest": digest,
        "files": files,
    }
    with open(os.path.join(folder, MANIFEST), "xb") as file:
        file.write(json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n")
        _flush(file)
    _sync(folder)
    return counts


def restore_archive(
    workspace: Workspace, folder: str, *, dry_run: bool = False, progress: Progress | None = None
) -> Restored:
    """Bring an archive into a file that holds nothing, as one operation; ``dry_run`` only checks it.

    Everything is checked before anything is written. Raises FormatError naming the file (and line) that is damaged, missing or was
    changed, CrmError when the customer file is not empty, Interrupted when it was stopped: nothing of it is left then.
    """
    folder = os.path.abspath(folder)
    files = _read_manifest(folder)
    database = workspace.database
    if not is_fresh(database.reader()):
        raise CrmError(
            _("the customer file is not empty"),
            where=database.path,
            kept=_("Nothing was imported."),
            hint=_("An archive goes into a new file: crmtui --db NEW.db import {folder}").format(
                folder=os.path.basename(folder)
            ),
        )
    checked = _Check(database.reader(), folder, files)
    counts = {section.table: checked.section(section) for section in SECTIONS}
    if dry_run or not sum(counts.values()):
        return Restored(0, counts)
    name = os.path.basename(folder)
    with LongOperation(database, "import", subject=name, actor=workspace.actor) as long:
        try:
            _bring_in(long, folder, checked.highest, counts, progress)
        except BaseException as error:
            with storage_errors(database.path):
                take_back(long)
            if isinstance(error, KeyboardInterrupt):
                raise Interrupted(
                    _("the import was stopped"),
                    where=name,
                    kept=_("Nothing of it was kept; the file is as it was before."),
                ) from None
            raise
        return Restored(long.act.id, counts)


def _bring_in(
    long: LongOperation, folder: str, highest: Mapping[str, int], counts: Mapping[str, int], progress: Progress | None
) -> None:
    insert = ArchiveInsert(long, highest)
    total, done = sum(counts.values()), 0
    for section in SECTIONS:
        found = (document for _line, document in _documents(folder, section.table))
        while waiting := list(islice(found, insert.step)):
            insert.add(section, waiting)
            done += len(waiting)
            if progress is not None:
                progress(done, total)
    long.act.count = counts["customers"]
    long.act.detail = {"format": FORMAT, "counts": dict(counts)}
    insert.finish()
    drain_queue(long.database)
    with long.box():
        long.act.finish()


def _read_manifest(folder: str) -> dict[str, dict[str, Any]]:
    """The files of an archive by name, each found to be what the manifest says."""
    if not os.path.lexists(os.path.join(folder, MANIFEST)):
        raise FormatError(
            _("this is a folder, and no archive of crmtui"),
            where=os.path.basename(folder) or folder,
            kept=_("Nothing was imported."),
            hint=_("Name a file, or a folder that export --all has written."),
        )
    path = os.path.join(folder, MANIFEST)
    with _named(MANIFEST):
        if os.path.getsize(path) > _MOST_WRONG_BYTES:
            raise _damaged(MANIFEST, _("it is too large"))
        with open(path, "rb") as file:
            manifest = json.loads(file.read())
    if (
        not isinstance(manifest, dict)
        or manifest.get("format") != FORMAT
        or not isinstance(manifest.get("files"), dict)
    ):
        raise _damaged(MANIFEST, _("it does not describe an archive of crmtui"))
    if manifest.get("version") != VERSION:
        raise FormatError(
            _("the archive has version {version}, which this program does not know").format(
                version=manifest.get("version")
            ),
            where=MANIFEST,
            hint=_("A newer crmtui reads it."),
        )
    files: dict[str, dict[str, Any]] = manifest["files"]
    for section in SECTIONS:
        if not isinstance(files.get(section.table + ".jsonl"), dict):
            raise _damaged(MANIFEST, _("it does not name {file}").format(file=section.table + ".jsonl"))
    for name, entry in files.items():
        if os.path.basename(name) != name or not isinstance(entry, dict):
            raise _damaged(MANIFEST, _("it names a file elsewhere"))
        with _named(name):
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path):
                raise _damaged(name, _("it is missing"))
            if os.path.getsize(path) != entry.get("bytes") or _sha256(path) != entry.get("sha256"):
                raise _damaged(name, _("it is not as it was written (its SHA-256 differs from the manifest)"))
    return files


class _Check:
    """Reads every document once, so that nothing can go wrong when they are written."""

    def __init__(self, connection: Connection, folder: str, files: Mapping[str, Mapping[str, Any]]) -> None:
        self._connection = connection
        self._folder = folder
        self._files = files
        # Ascending, as they were written: eight bytes each, and found by bisection.
        self._ids: dict[str, array[int]] = {}
        self._unique: dict[str, set[int]] = {}
        self._companies = array("q"), array("q")  # lines, and the ids they name
        self.highest: dict[str, int] = {}

    def section(self, section: Section) -> int:
        """Check the documents of a section; how many there are."""
        name = section.table + ".jsonl"
        count = 0
        for line, document in _documents(self._folder, section.table):
            count += 1
            inner = {child.key for child in section.children}
            fault = self._number(section.table, document.get("id")) or self._row(
                section.table, {key: each for key, each in document.items() if key not in inner}
            )
            for child in section.children:
                rows = document.get(child.key, [])
                if fault is None and not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
                    fault = _("“{key}” is no list of rows").format(key=child.key)
                for row in () if fault else rows:
                    left_out = EXPLAINED[child.table][0] if child.table in EXPLAINED else None
                    values = {key: value for key, value in row.items() if key != left_out}
                    fault = fault or self._row(child.table, {**values, child.column: document.get("id")})
            if fault:
                raise _damaged(_("{file}, line {line}").format(file=name, line=line), fault)
        if count != self._files[name].get("documents"):
            raise _damaged(name, _("the manifest counts other lines"))
        if section.table == "customers":
            for line, company in zip(*self._companies, strict=True):
                if not self._is_there("customers", company):
                    raise _damaged(_("{file}, line {line}").format(file=name, line=line), _("its company is missing"))
        return count

    def _row(self, table: str, row: Mapping[str, object]) -> str | None:
        """What is wrong with a row, or None."""
        columns = base_columns(self._connection, table)
        unknown = row.keys() - set(columns)
        if unknown:
            return _("unknown column “{name}”").format(name=min(unknown))
        number = row.get("id")
        if type(number) is not int or not 0 < number < _LARGEST_ID:
            return _("it has no id")
        self.highest[table] = max(self.highest.get(table, 0), number)
        for key, value in row.items():
            if isinstance(value, dict) and (table, key) == ("customers", "custom"):
                continue
            if not isinstance(value, (str, int, float)) or (
                isinstance(value, int) and not -_LARGEST_NUMBER <= value < _LARGEST_NUMBER
            ):
                return _("“{key}” holds no text and no number").format(key=key)
        missing = [column for column in _required(self._connection, table) if column not in row]
        if missing:
            return _("“{key}” is missing").format(key=missing[0])
        return self._references(table, row) or self._doubled(table, row)

    def _number(self, table: str, number: object) -> str | None:
        if type(number) is not int or not 0 < number < _LARGEST_ID:
            return _("it has no id")
        ids = self._ids.setdefault(table, array("q"))
        if ids and number <= ids[-1]:
            return _("the id {id} is there twice, or out of order").format(id=number)
        ids.append(number)
        return None

    def _is_there(self, table: str, number: object) -> bool:
        ids = self._ids.get(table)
        if ids is None or type(number) is not int:
            return False
        at = bisect_left(ids, number)
        return at < len(ids) and ids[at] == number

    def _references(self, table: str, row: Mapping[str, object]) -> str | None:
        for key in row.keys() & REFERENCES.keys():
            value = row[key]
            if type(value) is not int or not 0 < value < _LARGEST_ID:
                return _("“{key}” names no row").format(key=key)
            if key == "company_id":
                self._companies[0].append(len(self._ids["customers"]))
                self._companies[1].append(value)
            elif (table, key) in LOOSE:
                self.highest[REFERENCES[key]] = max(self.highest.get(REFERENCES[key], 0), value)
            elif not self._is_there(REFERENCES[key], value):
                return _("“{key}” names a row that is not there: {id}").format(key=key, id=value)
        if table == "activity_ids" and not self._is_there(str(row["table_name"]), row["row_id"]):
            return _("“{key}” names a row that is not there: {id}").format(key="row_id", id=row["row_id"])
        return None

    def _doubled(self, table: str, row: Mapping[str, object]) -> str | None:
        keys = _UNIQUE.get(table)
        if keys is None:
            return None
        found = hash(tuple(row.get(key) for key in keys))  # eight bytes of each are enough to tell a million apart
        known = self._unique.setdefault(table, set())
        if found in known:
            return _("“{key}” is there twice").format(key=keys[0])
        known.add(found)
        return None


_UNIQUE = {
    "tags": ("name",),
    "views": ("name",),
    "recipes": ("name",),
    "field_definitions": ("key",),
    "external_ids": ("external_id", "system"),
    "redirects": ("merged_id",),
    "activity_ids": ("external_id", "system", "table_name"),
    "duplicate_decisions": ("a_id", "b_id"),
}
_COMPUTED = ("id", "sort_name", "version")


def _required(connection: Connection, table: str) -> tuple[str, ...]:
    """The columns that a row must have."""
    if table not in _REQUIRED:
        _REQUIRED[table] = tuple(
            row[1]
            for row in connection.execute(f"PRAGMA table_info({table})")
            if row[3] and row[4] is None and row[1] not in _COMPUTED
        )
    return _REQUIRED[table]


_REQUIRED: dict[str, tuple[str, ...]] = {}


def _documents(folder: str, table: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The documents of a file with their lines, in the order of their ids as they were written."""
    assert table in BY_TABLE
    name = table + ".jsonl"
    with _named(name), open(os.path.join(folder, name), "rb") as file:
        line = 0
        while text := file.readline(_LONGEST_LINE):
            line += 1
            where = _("{file}, line {line}").format(file=name, line=line)
            try:
                document = json.loads(text)
                if b"\\u" in text or not text.isascii():
                    json.dumps(document, ensure_ascii=False).encode()  # half a character has no place in the file
            except (ValueError, RecursionError):
                raise _damaged(where, _("it is no JSON document")) from None
            if not isinstance(document, dict):
                raise _damaged(where, _("it is no JSON document"))
            yield line, document


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Failures to read are told with the file."""
    try:
        yield
    except OSError as error:
        raise _damaged(name, error.strerror or str(error)) from None
    except (ValueError, RecursionError):
        raise _damaged(name, _("it is no JSON document")) from None


def _damaged(where: str, reason: str) -> FormatError:
    return FormatError(
        _("the archive is damaged or was changed: {reason}").format(reason=reason),
        where=where,
        kept=_("Nothing was imported."),
    )


def _rows(connection: Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
