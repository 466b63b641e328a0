"""The list of backups beside a customer file: one JSON line each, and which of them a rotation lets go."""

import json
import os
import re
from collections.abc import Sequence
from typing import NamedTuple

_MANIFEST = "manifest.jsonl"
_ENDING = ".db"
_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")
_NAME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-")


class BackupRecord(NamedTuple):
    """A backup: its path, when (UTC) and why it was made, size in bytes, SHA-256 of the file, what it holds (schema, logical
    digest, position and hash of the last operation), and whether it was found without any fault."""

    path: str
    at: str
    reason: str
    size: int
    sha256: str
    schema: int
    digest: str
    chain: int
    head: str
    verified: bool


def backups_folder(path: str) -> str:
    """The folder with the backups of the customer file at ``path``."""
    return f"{os.path.abspath(path)}.backups"


def list_backups(path: str) -> list[BackupRecord]:
    """The backups of the customer file at ``path``, newest first.

    A file that the manifest does not know (any more) is listed as not verified, with what its name tells.
    """
    folder = backups_folder(path)
    records = read_manifest(folder)
    known = {record.path for record in records}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        file = os.path.join(folder, name)
        moment = _NAME.match(name)
        if name.endswith(_ENDING) and moment and file not in known:
            year, month, day, hour, minute, second = moment.groups()
            at = f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"
            reason = name[moment.end() :].removesuffix(_ENDING)
            records.append(BackupRecord(file, at, reason, os.path.getsize(file), "", 0, "", 0, "", verified=False))
    return _newest_first(records)


def read_manifest(folder: str) -> list[BackupRecord]:
    """The backups in the manifest whose file is there, in the order of writing; damaged lines are passed over.

    Of two lines for one name the later counts: a backup that died before it got its name leaves its line, and the name may be
    given again in the same second.
    """
    try:
        with open(os.path.join(folder, _MANIFEST), encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
    records: dict[str, BackupRecord] = {}
    for line in lines:
        try:
            values = json.loads(line)
            name = os.path.basename(values.pop("name"))
            record = BackupRecord(path=os.path.join(folder, name), **values)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        if os.path.isfile(record.path):
            records.pop(record.path, None)
            records[record.path] = record
    return list(records.values())


def append(folder: str, record: BackupRecord) -> None:
    """Add a backup to the manifest, before its file gets its final name."""
    descriptor = os.open(os.path.join(folder, _MANIFEST), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, _line(record))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def tidy(folder: str) -> None:
    """Write the manifest again without the lines of backups that are gone."""
    fresh = os.path.join(folder, f"{_MANIFEST}.partial")
    descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, b"".join(map(_line, read_manifest(folder))))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(fresh, os.path.join(folder, _MANIFEST))


def surplus(records: Sequence[BackupRecord], keep: int, now: str) -> list[BackupRecord]:
    """The backups that may go: all but the ``keep`` newest and the newest without fault.

    None when the clock is behind the newest backup: it cannot be trusted to say which ones are old.
    """
    ordered = _newest_first(records)
    if not ordered or ordered[0].at > now:
        return []
    stay = {record.path for record in ordered[: max(keep, 1)]}
    stay |= {record.path for record in [record for record in ordered if record.verified][:1]}
    return [record for record in ordered if record.path not in stay]


def free_name(folder: str, at: str, reason: str) -> str:
    """A path in ``folder`` that no backup has yet, of the moment and the reason."""
    stem = f"{at.replace('-', '').replace(':', '')}-{_UNSAFE.sub('-', reason).strip('-')[:40] or 'backup'}"
    path = os.path.join(folder, stem + _ENDING)
    number = 1
    while os.path.exists(path):
        number += 1
        path = os.path.join(folder, f"{stem}-{number}{_ENDING}")
    return path


def remove_partial(folder: str) -> None:
    """Remove what a backup that died left; to be called by the one who works alone in the folder."""
    for name in os.listdir(folder):
        if f"{_ENDING}.partial" in name:
            os.unlink(os.path.join(folder, name))


def _newest_first(records: Sequence[BackupRecord]) -> list[BackupRecord]:
    ordered = sorted(enumerate(records), key=lambda entry: (entry[1].at, entry[0]), reverse=True)
    return [record for _position, record in ordered]


def _line(record: BackupRecord) -> bytes:
    values: dict[str, object] = {"name": os.path.basename(record.path), **record._asdict()}
    del values["path"]
    return (json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
