"""Drafts: text that somebody was writing when the program or the line died. A file each, in a folder of the person's own.

A draft is on disk when ``keep_draft`` returns, and an older one of the same id is replaced in one step: a crash leaves the old
text or the new. They are no data of the customer file and no operation; they never leave the machine.
"""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256

from crmtui.light_typing import NamedTuple
from crmtui.paths import make_private

_ENDING = ".json"
_FILE_DIGITS = 12


class Draft(NamedTuple):
    """A draft: of which customer file (its path), of what ``kind`` (call, form, log), about whom, since when (UTC), and its JSON value."""

    id: str
    database: str
    kind: str
    subject: str
    at: str
    value: object


def keep_draft(
    folder: str, database: str, kind: str, subject: str, value: object, *, draft_id: str | None = None
) -> str:
    """Write a draft and return its id; with ``draft_id`` it takes the place of that one. ``value`` is anything JSON can hold.

    Raises OSError when it cannot be written; what was there before is then still there.
    """
    make_private(folder)
    path = os.path.abspath(database)
    now = datetime.now(UTC)
    draft_id = draft_id or f"{mark_of(path)}-{now:%Y%m%dT%H%M%S}-{os.urandom(3).hex()}"
    document = {
        "database": path,
        "kind": kind,
        "subject": subject,
        "at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "value": value,
    }
    write_private(
        folder, f"{draft_id}{_ENDING}", json.dumps(document).encode()
    )  # ASCII: text that is no Unicode survives too
    return draft_id


def list_drafts(folder: str, database: str, kind: str | None = None) -> list[Draft]:
    """The drafts of a customer file (of one kind), newest first. What cannot be read is left out, and left where it is."""
    path = os.path.abspath(database)
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = []
    for name in names:
        if name.startswith(mark_of(path)) and name.endswith(_ENDING):
            draft = _read(folder, name)
            if draft is not None and draft.database == path and kind in (None, draft.kind):
                found.append(draft)
    return sorted(found, key=lambda draft: (draft.at, draft.id), reverse=True)


def drop_draft(folder: str, draft_id: str) -> None:
    """Remove a draft: its text was saved, or the person does not want it. One that is gone is no error."""
    with suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, f"{draft_id}{_ENDING}"))


def mark_of(path: str) -> str:
    """How the names of what is kept about a customer file (its absolute path) begin."""
    return sha256(os.fsencode(path)).hexdigest()[:_FILE_DIGITS]


def _read(folder: str, name: str) -> Draft | None:
    try:
        with open(os.path.join(folder, name), "rb") as file:
            document = json.loads(file.read())
        database, kind, subject, at = (str(document[key]) for key in ("database", "kind", "subject", "at"))
        return Draft(name.removesuffix(_ENDING), database, kind, subject, at, document["value"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_private(folder: str, name: str, content: bytes, *, durable: bool = True) -> None:
    """Put a file that only its owner reads into a folder, in the place of an older one, in one step; ``durable``: it is on disk then.

    Raises OSError when it cannot be written; what was there before is then still there.
    """
    fresh = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(descriptor)
        os.replace(fresh, os.path.join(folder, name))
    except OSError:
        with suppress(OSError):
            os.unlink(fresh)
        raise
    if not durable:
        return
    with suppress(OSError):  # some file systems cannot sync a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
