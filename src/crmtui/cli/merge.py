"""``merge``: join the records of one customer, one by one or all the certain ones; ``unmerge`` takes one merge back."""

from typing import TYPE_CHECKING

from crmtui.cli.arguments import Arguments
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.session import Session, put_document
from crmtui.cli.show import customer_ids
from crmtui.errors import ConfigError, ExitCode, UsageError
from crmtui.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from crmtui.services.duplicates.rules import MergeRules
    from crmtui.services.merge import BulkPlan, MergePreview
    from crmtui.services.workspace import Workspace


def _merge(session: Session, arguments: Arguments) -> int:
    if arguments.flag("--certain"):
        return _merge_certain(session, arguments)
    if len(arguments.words) < 2:
        raise UsageError(_("a merge needs at least two customers"), hint=_("Write for example: crmtui merge 12 345"))
    ids = customer_ids(arguments.words)
    if len(ids) < len(arguments.words):
        raise UsageError(
            _("a customer cannot be merged with itself: {id}").format(id=ids[0]), hint=_("Nothing was changed.")
        )
    chosen = _chosen(arguments.all("--take"), ids)
    workspace = session.open()
    from crmtui.services.merge import merge, preview

    if arguments.flag("--dry-run"):
        _put_preview(session, preview(workspace, ids[0], ids[1:], chosen))
        return ExitCode.OK
    result = merge(workspace, ids[0], ids[1:], chosen)
    if session.form != "text":
        put_document(
            session, {"operation": result.operation_id, "survivor": result.survivor, "merged": list(result.merged)}
        )
    session.say(
        ngettext("merged {count} record into {id}", "merged {count} records into {id}", len(result.merged)).format(
            count=len(result.merged), id=result.survivor
        )
        + " · "
        + _("operation {id}, crmtui undo takes it back").format(id=result.operation_id)
    )
    return ExitCode.OK


def _chosen(given: list[str], ids: list[int]) -> dict[str, int]:
    """``--take FIELD=ID``: whose value stays. Raises UsageError for an unknown field or an id that is not merged."""
    from crmtui.domain.fields import BY_KEY

    chosen = {}
    for entry in given:
        key, _equals, word = entry.partition("=")
        if (key not in BY_KEY and not key.startswith("custom.")) or not word:
            raise UsageError(_("--take needs FIELD=ID, not “{text}”").format(text=entry))
        (customer,) = customer_ids([word])
        if customer not in ids:
            raise UsageError(_("customer {id} is not among those that are merged").format(id=customer))
        chosen[key] = customer
    return chosen


def _put_preview(session: Session, told: "MergePreview") -> None:
    from crmtui.domain.fields import BY_KEY
    from crmtui.domain.merging import REASONS

    if session.form != "text":
        fields = {
            key: {"value": choice.value, "from": choice.source, "reason": choice.reason}
            for key, choice in told.choices.items()
        }
        put_document(session, {"survivor": told.survivor, "records": told.records, "fields": fields})
        return
    from crmtui.cli.output import Column, put_table

    put_table(
        [Column(_("Field")), Column(_("Value"), gives=True), Column("#", right=True), Column(_("Why"))],
        [
            [_(BY_KEY[key].label), str(choice.value), str(choice.source), _(REASONS[choice.reason])]
            for key, choice in told.choices.items()
        ],
    )


def _merge_certain(session: Session, arguments: Arguments) -> int:
    if arguments.words:
        raise UsageError(_("--certain chooses the customers itself"))
    rules = _rules(arguments.text("--rules"))
    workspace = session.open()
    from crmtui.services.merge import merge_many, plan_bulk

    plan = plan_bulk(workspace, rules)
    if not plan.groups:
        session.say(_("no group is certain enough to merge by itself"))
        return ExitCode.NOTHING_FOUND
    if not arguments.flag("--yes"):
        _put_plan(session, workspace, plan)
        return ExitCode.OK
    from crmtui.cli.progress import Progress

    with Progress(session, N_("merge"), N_("groups")) as progress:
        operation = merge_many(workspace, plan.groups, progress=progress.tell)
    if session.form != "text":
        put_document(session, {"operation": operation, "groups": len(plan.groups)})
    session.say(
        ngettext("merged {count} group", "merged {count} groups", len(plan.groups)).format(count=len(plan.groups))
        + " · "
        + _("operation {id}, crmtui undo takes it back").format(id=operation)
    )
    return ExitCode.OK


def _rules(path: str | None) -> "MergeRules | None":
    if path is None:
        return None
    from crmtui.services.duplicates.rules import read_rules

    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(_("the rules cannot be read: {reason}").format(reason=error), where=path) from error
    return read_rules(text, where=path)


def _put_plan(session: Session, workspace: "Workspace", plan: "BulkPlan") -> None:
    """Show what would be merged: how many, the expected errors, and a sample to check by hand."""
    if session.form != "text":
        put_document(
            session,
            {
                "groups": len(plan.groups),
                "held_back": plan.held_back,
                "error_rate": round(plan.error_rate, 5),
                "sample": [list(group) for group in plan.sample],
            },
        )
        return
    from crmtui.cli.output import Column, put, put_table
    from crmtui.storage.customers import names_of

    count = len(plan.groups)
    put(
        ngettext("{count} group would be merged", "{count} groups would be merged", count).format(count=count)
        + " · "
        + _("about {rate:.2f} % of them are expected to be wrong").format(rate=100 * plan.error_rate)
    )
    names = names_of(workspace.database.thread_reader(), {customer for group in plan.sample for customer in group})
    put_table(
        [Column(_("A sample to check by hand"), gives=True)],
        [[" · ".join(f"#{customer} {names.get(customer, '')}" for customer in group)] for group in plan.sample],
    )
    session.say(_("crmtui dupes explain A B tells why; --yes merges all of them as one operation"))


def _unmerge(session: Session, arguments: Arguments) -> int:
    (customer,) = customer_ids(arguments.words)
    workspace = session.open()
    from crmtui.services.merge import unmerge

    result = unmerge(workspace, customer)
    if session.form != "text":
        put_document(
            session,
            {
                "operation": result.operation_id,
                "reversed": result.reversed,
                "kept": [each._asdict() for each in result.kept],
                "failed": [each._asdict() for each in result.failed],
            },
        )
    session.say(
        _("customer {id} is a record of its own again").format(id=customer)
        + " · "
        + _("operation {id}, crmtui undo takes it back").format(id=result.operation_id)
    )
    if result.kept or result.failed:
        session.say(
            _("{kept} values were changed since and stay, {failed} could not be put back").format(
                kept=len(result.kept), failed=len(result.failed)
            )
        )
    return ExitCode.OK


COMMANDS = (
    Command(
        "merge",
        N_("merge the records of one customer; nothing is lost, undo takes it back at any time"),
        _merge,
        (
            Argument("SURVIVOR", N_("the record that stays"), 0, 1),
            Argument("OTHER", N_("records that go into it; their ids lead to the survivor for ever"), 0, 0),
        ),
        (
            Option("--take", "FIELD=ID", N_("for this field the value of that record stays"), many=True),
            Option("--dry-run", "", N_("only show what would stay, and why")),
            Option(
                "--certain",
                "",
                N_("all groups that are certain: without --yes only a sample to check and the expected errors"),
            ),
            Option("--rules", "FILE", N_("with --certain: a TOML file that says which pairs may merge by themselves")),
            Option("--yes", "", N_("with --certain: merge them, as one operation")),
        ),
        details=N_(
            "The fields follow their merge rules; a blank never wins. Phones, e-mails, tags and addresses are joined, what loses"
            " stays as an alternate that is still found."
        ),
        examples=(
            ("crmtui merge 12 345 --dry-run", N_("what would stay")),
            ("crmtui merge 12 345 --take job_title=345", N_("merge, keeping the job title of 345")),
            ("crmtui merge --certain --yes", N_("merge everything that is certain")),
        ),
    ),
    Command(
        "unmerge",
        N_("take one merge back, also one of many; later edits stay"),
        _unmerge,
        (Argument("ID", N_("the record that was merged away")),),
        examples=(("crmtui unmerge 345", N_("345 is a record of its own again")),),
    ),
)
