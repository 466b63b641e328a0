"""``import FOLDER``: everything that ``export --all`` wrote, back into an empty customer file."""

from tempfile import TemporaryDirectory

from crmtui.cli.progress import Progress
from crmtui.cli.session import Session
from crmtui.i18n import N_, _
from crmtui.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from crmtui.services.workspace import Workspace


def import_archive(session: Session, workspace: "Workspace | None", folder: str, *, dry: bool) -> "dict[str, Any]":
    """Bring an archive in, or (``dry``) only check it; the document for ``--json``. Without a ``workspace`` it is checked against an
    empty file."""
    from crmtui.services.archive import restore_archive
    from crmtui.services.workspace import open_workspace

    with Progress(session, N_("import"), N_("rows")) as progress:
        if workspace is None:
            with (
                TemporaryDirectory() as beside,
                open_workspace(f"{beside}/empty.db", actor="import", create=True) as empty,
            ):
                restored = restore_archive(empty, folder, dry_run=True, progress=progress.tell)
        else:
            restored = restore_archive(workspace, folder, dry_run=dry, progress=progress.tell)
    customers = restored.counts["customers"]
    if session.form == "text":
        told = (
            _("the archive is whole: {customers:,} customers, {interactions:,} interactions")
            if dry
            else _("brought back everything: {customers:,} customers, {interactions:,} interactions")
        )
        session.say(told.format(customers=customers, interactions=restored.counts["interactions"]))
        if restored.operation_id:
            session.say(_("operation {id}, crmtui undo takes it back").format(id=restored.operation_id))
    return {
        "operation": restored.operation_id or None,
        "file": folder,
        "format": "archive",
        "counts": {"rows": customers, "created": customers},
        "tables": restored.counts,
    }
