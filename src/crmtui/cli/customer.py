"""The verbs that write customers: ``add``, ``edit``, ``tag``, ``archive``, ``delete``."""

from typing import TYPE_CHECKING

from crmtui.cli.arguments import Arguments, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.fields import field_values
from crmtui.cli.saving import QUERY_OPTION, chosen, tell_saved
from crmtui.cli.session import Session
from crmtui.cli.show import customer_ids
from crmtui.errors import Conflict, ExitCode, UsageError
from crmtui.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from crmtui.services.workspace import Workspace


def _add(session: Session, arguments: Arguments) -> int:
    values = field_values(arguments.words, bare="name")
    workspace = session.open(create=True)
    from crmtui.services.likeness import REASONS
    from crmtui.services.record import add_customer

    alike = _alike(workspace, values)
    saved = add_customer(workspace, values)
    customer = saved.customers[0]
    for other, name, reason in alike:
        session.say(
            _("looks like {name} ({reason}); if the two are one: crmtui merge {other} {id}").format(
                name=name, reason=_(REASONS[reason]), other=other, id=customer
            )
        )
    if session.form == "text":
        from crmtui.cli.output import put

        put(str(customer))
    tell_saved(session, saved, _("added {name} with the id {id}").format(name=_name(workspace, customer), id=customer))
    return ExitCode.OK


def _alike(workspace: "Workspace", values: dict[str, str]) -> list[tuple[int, str, str]]:
    """(id, name, reason) of the customers that the new one looks like."""
    from crmtui.domain.intake import new_customer
    from crmtui.domain.text import display_text
    from crmtui.services.likeness import look_alikes

    found = look_alikes(workspace.database.writer, new_customer(values, region=workspace.region))
    return [(customer, display_text(_name(workspace, customer)), reason) for customer, reason in found]


def _edit(session: Session, arguments: Arguments) -> int:
    words = arguments.words
    first = next((position for position, word in enumerate(words) if "=" in word), len(words))
    if arguments.flag("--text"):
        from crmtui.cli.edit_text import edit_in_editor

        workspace = session.open()
        return edit_in_editor(session, workspace, chosen(session, workspace, words, arguments), arguments)
    values = field_values(words[first:])
    if not values:
        raise UsageError(_("edit needs field=value"), hint=_("Write for example: crmtui edit 5 stage=lead"))
    workspace = session.open()
    customers = chosen(session, workspace, words[:first], arguments)
    version = arguments.number("--version")
    from crmtui.services.record import edit_customer, edit_many

    if len(customers) == 1:
        try:
            saved = edit_customer(workspace, customers[0], values, version=version, force=arguments.flag("--force"))
        except Conflict as conflict:
            conflict.base.update(values)  # so that both versions are told
            raise
        told = _("changed {name}").format(name=_name(workspace, customers[0]))
    else:
        if version is not None:
            raise UsageError(_("--version goes with one customer"))
        saved = edit_many(workspace, customers, values)
        told = ngettext("changed {count} customer", "changed {count} customers", len(customers)).format(
            count=len(customers)
        )
    tell_saved(session, saved, told)
    return ExitCode.OK


def _tag(session: Session, arguments: Arguments) -> int:
    ids: list[str] = []
    add: list[str] = []
    remove: list[str] = []
    for word in arguments.words:
        sign, name = word[:1], storable(word[1:]).strip()
        if sign in "+-" and name:
            (add if sign == "+" else remove).append(name)
        else:
            ids.append(word)
    if not (add or remove):
        raise UsageError(_("tag needs +TAG or -TAG"), hint=_("Write for example: crmtui tag 5 +vip -old"))
    workspace = session.open()
    customers = chosen(session, workspace, ids, arguments)
    from crmtui.services.record import change_tags

    saved = change_tags(workspace, customers, add=add, remove=remove)
    told = ngettext("tagged {count} customer", "tagged {count} customers", len(customers))
    tell_saved(session, saved, told.format(count=len(customers)))
    return ExitCode.OK


def _archive(session: Session, arguments: Arguments) -> int:
    workspace = session.open()
    customers = chosen(session, workspace, arguments.words, arguments)
    from crmtui.services.record import archive

    back = arguments.flag("--back")
    saved = archive(workspace, customers, restore=back)
    count = len(customers)
    told = (
        ngettext("took {count} customer out of the archive", "took {count} customers out of the archive", count)
        if back
        else ngettext("archived {count} customer", "archived {count} customers", count)
    )
    tell_saved(session, saved, told.format(count=count))
    return ExitCode.OK


def _delete(session: Session, arguments: Arguments) -> int:
    workspace = session.open()
    customers = customer_ids(arguments.words)
    from crmtui.services.record import delete

    saved = delete(workspace, customers)
    told = ngettext("deleted {count} customer", "deleted {count} customers", len(customers))
    tell_saved(session, saved, told.format(count=len(customers)))
    return ExitCode.OK


def _name(workspace: "Workspace", customer: int) -> str:
    from crmtui.storage.customers import names_of

    return names_of(workspace.database.writer, [customer]).get(customer, "")


_FIELD_HELP = N_("values by field: name=张伟 phone=13812345678 company=… tag=vip custom.NAME=…; docs list the fields")
_IDS = Argument("ID", N_("ids of customers, as find shows them"), 0, 0)

COMMANDS = (
    Command(
        "add",
        N_("add a customer; prints the new id"),
        _add,
        (Argument("FIELD=VALUE", _FIELD_HELP, 1, 0),),
        details=N_(
            "A first word without = is the name. Phones, e-mails and tags may be given several times. What cannot be read "
            "as what it should be is kept as it is, and told."
        ),
        examples=(
            ("crmtui add 张伟 phone=13812345678 company=启明电子 tag=vip", N_("a new customer")),
            (
                "crmtui add name='Ada Lovelace' email=ada@example.com stage=lead",
                N_("the same with the name as a field"),
            ),
        ),
    ),
    Command(
        "edit",
        N_("change fields of customers"),
        _edit,
        (_IDS, Argument("FIELD=VALUE", _FIELD_HELP, 0, 0)),
        (
            Option(
                "--text",
                "",
                N_("open them in your editor (VISUAL, EDITOR); what would change is shown before it is saved"),
            ),
            Option("--fields", "A,B", N_("with --text: only these fields")),
            Option("--yes", "", N_("with --text: save without asking")),
            Option(
                "--version",
                "N",
                N_("the version show --json told: refuse (exit code 4) if the customer changed since"),
                number=True,
            ),
            Option("--force", "", N_("with --version: change it all the same")),
            QUERY_OPTION,
        ),
        details=N_("An empty value clears a field. Phones, e-mails and tags given here replace all there were."),
        examples=(
            ("crmtui edit 1032 stage=customer job_title=", N_("set the stage, clear the job title")),
            ("crmtui edit --query 'owner:li city:上海' owner=wang", N_("hand customers over, as one operation")),
            ("crmtui edit --text --query tag:vip", N_("the VIPs in your editor, saved as one operation")),
        ),
    ),
    Command(
        "tag",
        N_("put tags on customers and take them off"),
        _tag,
        (_IDS, Argument("+TAG", N_("+TAG puts a tag on, -TAG takes it off"), 1, 0)),
        (QUERY_OPTION,),
        examples=(("crmtui tag 1032 1040 +vip -old", N_("two customers get vip and lose old")),),
        signs=True,
    ),
    Command(
        "archive",
        N_("take customers out of the lists; nothing is removed"),
        _archive,
        (_IDS,),
        (Option("--back", "", N_("bring them back into the lists")), QUERY_OPTION),
        examples=(("crmtui archive 1032", N_("out of the lists; crmtui find is:archived still shows it")),),
    ),
    Command(
        "delete",
        N_("remove customers with everything that belongs to them; undo brings them back"),
        _delete,
        (Argument("ID", N_("ids of customers, as find shows them"), 1, 0),),
    ),
)
