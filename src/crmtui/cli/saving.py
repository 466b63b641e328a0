"""What the writing verbs share: which customers are meant, and telling what was saved."""

from typing import TYPE_CHECKING

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Option
from crmtui.cli.session import Session
from crmtui.cli.show import customer_ids
from crmtui.errors import NotFound, UsageError
from crmtui.i18n import N_, _

if TYPE_CHECKING:
    from crmtui.services.record import Saved
    from crmtui.services.workspace import Workspace

QUERY_OPTION = Option("--query", "QUERY", N_("the customers that find QUERY finds, instead of ids"))


def chosen(session: Session, workspace: "Workspace", words: list[str], arguments: Arguments) -> list[int]:
    """The customers that ids or ``--query`` name. Raises UsageError for none or both, NotFound when the query finds nobody."""
    query = arguments.text("--query")
    if query is None:
        if not words:
            raise UsageError(_("which customers? Give their ids or --query"), hint=_("crmtui find NAME shows the ids"))
        return customer_ids(words)
    if words:
        raise UsageError(_("ids and --query do not go together"))
    from crmtui.services.lookup import plan_query
    from crmtui.storage.search import all_ids

    plan, problems = plan_query(storable(query), actor=workspace.actor)
    if problems or not query.strip():
        # A condition that is left out would widen the circle of customers that are changed.
        raise UsageError(
            _("the query is not understood: “{text}”").format(text=problems[0].text if problems else query),
            hint=_("Nothing was changed."),
        )
    ids = [customer for chunk in all_ids(workspace.database.reader(), plan) for customer in chunk]
    if not ids:
        raise NotFound(_("the query finds nobody"))
    return ids


def tell_saved(session: Session, saved: "Saved", told: str) -> None:
    """Tell what a write did and which values could not be read; as a document in the machine forms."""
    if session.form != "text":
        from crmtui.cli.output import put_json, put_jsonl

        document = {
            "operation": saved.operation_id,
            "customers": list(saved.customers),
            "issues": [
                {
                    "field": issue.field,
                    "code": issue.code,
                    "value": issue.value,
                    "message": issue.text(),
                    "fix": issue.fix,
                }
                for issue in saved.issues
            ],
        }
        if session.form == "jsonl":
            put_jsonl([document])
        else:
            put_json(document)
    for issue in saved.issues:
        session.say(
            _("{field}: “{value}” {problem}").format(field=issue.field, value=issue.value, problem=issue.text())
        )
    if saved.operation_id:
        session.say(_("{told} · operation {id}, crmtui undo takes it back").format(told=told, id=saved.operation_id))
    else:
        session.say(_("nothing to change: it is so already"))
