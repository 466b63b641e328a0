"""``edit --text``: customers in the person's own editor, with what would change shown and confirmed before it is saved."""

import sys
from typing import TYPE_CHECKING

from crmtui.cli.arguments import Arguments
from crmtui.cli.saving import tell_saved
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmtui.domain.customer_text import Difference, TextCustomer, TextEdit
    from crmtui.services.edit_as_text import FieldConflict
    from crmtui.services.workspace import Workspace


def edit_in_editor(session: Session, workspace: "Workspace", customers: "Sequence[int]", arguments: Arguments) -> int:
    """Open these customers in the editor, show the differences, ask, save. Raises CrmError with the kept text named."""
    from crmtui.services import editor
    from crmtui.services.edit_as_text import apply, conflicts_of, diff, read_for_text, render

    names = arguments.text("--fields")
    fields = None
    if names is not None:
        from crmtui.cli.fields import writable_field

        fields = [writable_field(name.strip()) for name in names.split(",") if name.strip()]
    original = read_for_text(workspace.database.thread_reader(), customers, fields)
    path = editor.keep_text(render(original), session.environment)
    edits = _edited(session, path, original)
    if edits is None:
        session.say(_("Nothing was changed. The text is kept in {path}").format(path=path))
        return ExitCode.DATA
    if not edits:
        editor.discard(path)
        session.say(_("nothing to change: it is so already"))
        return ExitCode.OK
    resolutions = {}
    conflicts = conflicts_of(workspace.database.writer, edits)
    for conflict in conflicts:
        answer = _resolve(session, conflict)
        if answer is None:
            raise UsageError(
                _("{name} was changed by someone else since you opened it").format(name=conflict.name),
                kept=_("Nothing was changed. The text is kept in {path}").format(path=path),
                hint=_("Choose for each field which version stays"),
            )
        resolutions[(conflict.customer_id, conflict.field)] = answer
    _show(session, edits, diff(edits))
    if not arguments.flag("--yes") and not _confirmed(len(edits), path):
        session.say(_("Nothing was changed. The text is kept in {path}").format(path=path))
        return ExitCode.DATA
    saved = apply(workspace, edits, resolutions)
    editor.discard(path)
    count = len(saved.customers)
    told = ngettext("changed {count} customer", "changed {count} customers", count).format(count=count)
    tell_saved(session, saved, told)
    return ExitCode.OK


def _edited(session: Session, path: str, original: "list[TextCustomer]") -> "list[TextEdit] | None":
    """What was changed in the editor; it is opened again after a mistake if the person wants. None when they give up."""
    from crmtui.domain.customer_text import TextEdit, TextProblem
    from crmtui.services.edit_as_text import parse
    from crmtui.services.editor import edit_file

    while True:
        found = parse(edit_file(path, session.environment), original)
        problems = [each for each in found if isinstance(each, TextProblem)]
        if not problems:
            return [each for each in found if isinstance(each, TextEdit)]
        for problem in problems[:20]:
            session.say(_("line {line}: {message}").format(line=problem.line, message=problem.message))
        if not sys.stdin.isatty() or _ask(_("e edits again, anything else gives up: ")) != "e":
            return None


def _resolve(session: Session, conflict: "FieldConflict") -> str | None:
    if not conflict.field:
        session.say(_("{name} was removed by someone else; its block is left out").format(name=conflict.name))
        return "theirs"
    session.say(
        _("{name}, {field}: changed by someone else since you opened it").format(
            name=conflict.name, field=conflict.field
        )
    )
    for label, text in ((_("was"), conflict.base), (_("theirs"), conflict.theirs), (_("yours"), conflict.mine)):
        session.say(f"  {label}: {text}")
    if not sys.stdin.isatty():
        return None
    return {"m": "mine", "t": "theirs"}.get(_ask(_("m keeps yours, t keeps theirs: ")))


def _show(session: Session, edits: "Sequence[TextEdit]", differences: "Sequence[Difference]") -> None:
    shown = None
    for each in differences:
        if each.customer_id != shown:
            shown = each.customer_id
            session.say(f"{each.customer_id} {each.name}")
        session.say(f"  {each.field}")
        for sign, text in (("-", each.before), ("+", each.after)):
            for line in text.split("\n") if text else ():
                session.say(f"    {sign} {line}")
    count = len(edits)
    session.say(ngettext("{count} customer would change", "{count} customers would change", count).format(count=count))


def _confirmed(count: int, path: str) -> bool:
    """Ask for the number of customers: no key that one presses without looking saves."""
    if not sys.stdin.isatty():
        raise UsageError(
            _("there is nobody to ask whether to save"),
            kept=_("Nothing was changed. The text is kept in {path}").format(path=path),
            hint=_("Say it with --yes"),
        )
    return _ask(_("Type {count} to save, anything else changes nothing: ").format(count=count)) == str(count)


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold()
