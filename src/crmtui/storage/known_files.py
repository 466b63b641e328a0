"""Which files are ours, and which of ours this version can read; each other one is refused in a sentence of its own."""

from crmtui.errors import StorageError
from crmtui.i18n import _
from crmtui.storage.schema import APPLICATION_ID, SCHEMA_VERSION


def refuse_unknown(path: str, version: int, application: int) -> None:
    """Raise StorageError for a file of another program, or of a newer crmtui, by what its header says."""
    if application != APPLICATION_ID:
        raise StorageError(
            _("this is a database of another program, not a customer file"),
            where=path,
            kept=_("Nothing was changed."),
            hint=_("Name another: --db FILE"),
        )
    if version > SCHEMA_VERSION:
        raise StorageError(
            _(
                "this file was written by a newer crmtui (schema {found}, this one knows {known}); nothing was changed"
            ).format(found=version, known=SCHEMA_VERSION),
            where=path,
            hint=_("Install the newer version to open it"),
        )


def outdated(path: str, version: int) -> StorageError:
    """What to raise for an older file that cannot be brought up to date."""
    return StorageError(
        _(
            "this file was written by an older crmtui (schema {found}, this one knows {known})"
            " and cannot be brought up to date: it is read-only"
        ).format(found=version, known=SCHEMA_VERSION),
        where=path,
        kept=_("Nothing was changed."),
        hint=_("Copy it to a folder where you may write, and open the copy"),
    )
