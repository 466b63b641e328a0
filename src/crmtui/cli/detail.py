"""The verbs about details of a customer: ``point``, ``relate``, and ``field`` for fields of one's own."""

from typing import TYPE_CHECKING

from crmtui.cli.arguments import Arguments, near, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.saving import tell_saved
from crmtui.cli.session import Session
from crmtui.cli.show import customer_ids
from crmtui.errors import ExitCode, UsageError
from crmtui.i18n import N_, _

if TYPE_CHECKING:
    from crmtui.services.custom_fields import DefinedField

_POINT_ACTIONS = ("list", "add", "edit", "first", "state", "aside", "back", "remove")
_RELATE_ACTIONS = ("list", "add", "remove")
_FIELD_ACTIONS = ("list", "add", "rename", "choices", "move", "remove")


def _point(session: Session, arguments: Arguments) -> int:
    action, words = _action(arguments, _POINT_ACTIONS, "point")
    workspace = session.open()
    from crmtui.services import contact_points

    if action == "list":
        customer = customer_ids(words[:1])[0] if words else _missing("point list ID")
        return _list_points(session, customer)
    if action == "add":
        if len(words) < 3:
            _missing("point add ID KIND VALUE")
        customer = customer_ids(words[:1])[0]
        label, first = storable(arguments.text("--label") or ""), arguments.flag("--first")
        saved = contact_points.add_point(workspace, customer, words[1], " ".join(words[2:]), label=label, first=first)
        tell_saved(session, saved, _("added the contact point"))
        return ExitCode.OK
    if not words:
        _missing(f"point {action} POINT")
    point = _number(words[0])
    rest = " ".join(words[1:])
    label_given = arguments.text("--label")
    if action == "edit":
        saved = contact_points.edit_point(
            workspace,
            point,
            value=rest or None,
            label=None if label_given is None else storable(label_given),
            keep_old=arguments.flag("--keep-old"),
        )
    elif action == "state":
        saved = contact_points.set_state(workspace, point, rest)
    elif action == "first":
        saved = contact_points.make_first(workspace, point)
    elif action == "remove":
        saved = contact_points.remove_point(workspace, point)
    else:
        saved = contact_points.set_alternate(workspace, point, alternate=action == "aside")
    tell_saved(session, saved, _("changed the contact point"))
    return ExitCode.OK


def _list_points(session: Session, customer: int) -> int:
    from crmtui.domain.fields import MESSAGING_LABELS, POINT_LABELS, POINT_STATE_LABELS
    from crmtui.services.contact_points import read_points

    points = read_points(session.open().database.thread_reader(), customer)
    if session.form != "text":
        from crmtui.cli.output import put_json, put_jsonl

        documents = [point._asdict() for point in points]
        put_jsonl(documents) if session.form == "jsonl" else put_json(documents)
    elif points:
        from crmtui.cli.output import Column, put_table

        kinds = {"phone": _("Phone"), "email": _("E-mail"), "url": _("Website")}
        columns = [
            Column("ID", right=True),
            Column(_("Kind")),
            Column(_("Value"), gives=True),
            Column(_("Label")),
            Column(_("State")),
        ]
        rows = []
        for point in points:
            state = _("put aside") if point.alternate else _("first") if point.primary else ""
            if point.state != "ok":
                state = _(POINT_STATE_LABELS.get(point.state, point.state))
            kind = kinds.get(point.kind) or _(MESSAGING_LABELS.get(point.kind, point.kind))
            label = _(POINT_LABELS.get(point.label or "", point.label or ""))
            rows.append([str(point.id), kind, point.value, label, state])
        put_table(columns, rows)
    return ExitCode.OK if points else ExitCode.NOTHING_FOUND


def _relate(session: Session, arguments: Arguments) -> int:
    action, words = _action(arguments, _RELATE_ACTIONS, "relate")
    workspace = session.open()
    from crmtui.services import relations

    if action == "remove":
        if not words:
            _missing("relate remove RELATION")
        tell_saved(session, relations.unrelate(workspace, _number(words[0])), _("took the relation away"))
        return ExitCode.OK
    if action == "add":
        if len(words) < 3:
            _missing("relate add ID ROLE OTHER")
        customer, other = customer_ids(words[:1])[0], customer_ids(words[-1:])[0]
        note = storable(arguments.text("--note") or "")
        saved = relations.relate(workspace, customer, other, " ".join(words[1:-1]), note)
        tell_saved(session, saved, _("noted the relation"))
        return ExitCode.OK
    customer = customer_ids(words[:1])[0] if words else _missing("relate list ID")
    found = relations.related(workspace.database.thread_reader(), customer)
    if session.form != "text":
        from crmtui.cli.output import put_json, put_jsonl

        documents = [each._asdict() | {"role": relations.role_label(each.kind)} for each in found]
        put_jsonl(documents) if session.form == "jsonl" else put_json(documents)
    elif found:
        from crmtui.cli.output import Column, put_table

        columns = [
            Column(_("Relation"), right=True),
            Column(_("Role"), gives=True),
            Column("ID", right=True),
            Column(_("Name"), gives=True),
            Column(_("Note"), gives=True),
        ]
        put_table(
            columns,
            [
                [
                    str(each.relation_id),
                    relations.role_label(each.kind),
                    str(each.customer_id),
                    each.name,
                    each.note or "",
                ]
                for each in found
            ],
        )
    return ExitCode.OK if found else ExitCode.NOTHING_FOUND


def _field(session: Session, arguments: Arguments) -> int:
    action, words = _action(arguments, _FIELD_ACTIONS, "field")
    choices = [storable(choice) for each in arguments.all("--choice") for choice in each.replace("，", ",").split(",")]
    workspace = session.open(create=action == "add")
    from crmtui.services import custom_fields

    if action == "list":
        return _list_fields(session)
    if not words:
        _missing(f"field {action} NAME")
    if action == "add":
        kind = arguments.text("--type") or ("choice" if choices else "text")
        made = custom_fields.define_field(workspace, " ".join(words), kind, choices)
        told = _("made the field; its key is custom.{key}").format(key=made.key)
    elif action == "rename":
        made = custom_fields.rename_field(workspace, _key(words[0]), " ".join(words[1:]))
        told = _("renamed the field")
    elif action == "choices":
        made = custom_fields.set_choices(workspace, _key(words[0]), choices)
        told = _("changed the choices")
    elif action == "move":
        made = custom_fields.move_field(workspace, _key(words[0]), _number(words[1] if len(words) > 1 else "") - 1)
        told = _("moved the field")
    else:
        made = custom_fields.remove_field(workspace, _key(words[0]))
        told = _("took the field away; its values stay with the customers")
    _tell_field(session, made, told)
    return ExitCode.OK


def _list_fields(session: Session) -> int:
    from crmtui.services.custom_fields import CUSTOM_TYPES, custom_fields

    found = custom_fields(session.open().database.thread_reader())
    if session.form != "text":
        from crmtui.cli.output import put_json, put_jsonl

        documents = [
            {"key": f"custom.{field.key}", "label": field.label, "type": field.type, "choices": list(field.choices)}
            for field in found
        ]
        put_jsonl(documents) if session.form == "jsonl" else put_json(documents)
    elif found:
        from crmtui.cli.output import Column, put_table

        columns = [
            Column(_("Field key")),
            Column(_("Field"), gives=True),
            Column(_("Type")),
            Column(_("Choices"), gives=True),
        ]
        put_table(
            columns,
            [
                [
                    f"custom.{field.key}",
                    field.label,
                    _(CUSTOM_TYPES.get(field.type, field.type)),
                    ", ".join(field.choices),
                ]
                for field in found
            ],
        )
    return ExitCode.OK if found else ExitCode.NOTHING_FOUND


def _tell_field(session: Session, made: "DefinedField", told: str) -> None:
    if session.form != "text":
        from crmtui.cli.output import put_json

        put_json({"operation": made.operation_id, "key": f"custom.{made.key}"})
    if made.operation_id:
        session.say(_("{told} · operation {id}, crmtui undo takes it back").format(told=told, id=made.operation_id))
    else:
        session.say(_("nothing to change: it is so already"))


def _action(arguments: Arguments, actions: tuple[str, ...], verb: str) -> tuple[str, list[str]]:
    """The action, which is ``list`` where a number stands in its place, and the words behind it."""
    action, *words = [storable(word) for word in arguments.words] or ["list"]
    if action.isdigit():
        return "list", [action, *words]
    if action not in actions:
        raise UsageError(
            _("{verb} cannot “{word}”").format(verb=verb, word=action),
            hint=near(action, actions) or _("It can be: {choices}").format(choices=", ".join(actions)),
        )
    return action, words


def _missing(usage: str) -> int:
    raise UsageError(_("something is missing"), hint=_("Write: crmtui {usage}").format(usage=usage))


def _number(word: str) -> int:
    if not (word.isascii() and word.isdigit() and len(word) <= 18):
        raise UsageError(_("“{word}” is no number").format(word=word))
    return int(word)


def _key(word: str) -> str:
    return word.removeprefix("custom.")


COMMANDS = (
    Command(
        "point",
        N_("phones, e-mails and other contact points, one at a time"),
        _point,
        (
            Argument("ACTION", N_("list, add, edit, first, state, aside, back or remove"), 0),
            Argument(
                "WORD", N_("the customer (list, add) or the contact point; then the kind, the value or the state"), 0, 0
            ),
        ),
        (
            Option("--label", "LABEL", N_("what it is for: mobile, work, home, …")),
            Option("--first", "", N_("with add: let it come first")),
            Option("--keep-old", "", N_("with edit: keep the old value, by which the customer is still found")),
        ),
        details=N_(
            "A contact point that bounced or is wrong never comes first and is still found; so is one put aside. Kinds: phone, email, url, "
            "wechat, qq, whatsapp, telegram, line and other messaging services. States: ok, bounced, wrong."
        ),
        examples=(
            ("crmtui point 1032", N_("the contact points with their ids")),
            ("crmtui point add 1032 phone 13812345678 --label work", N_("one more phone")),
            ("crmtui point state 77 bounced", N_("mail to it comes back")),
            ("crmtui point edit 77 13900001111 --keep-old", N_("a new number; calls from the old one are still known")),
        ),
    ),
    Command(
        "relate",
        N_("how customers are related"),
        _relate,
        (
            Argument("ACTION", N_("list, add or remove"), 0),
            Argument("WORD", N_("the customer, the role of the other one, the other one"), 0, 0),
        ),
        (Option("--note", "TEXT", N_("a note about the relation")),),
        details=N_(
            "The other side shows the counterpart by itself: who has a manager is that one's report. Roles: spouse, parent, child, sibling, "
            "relative, friend, colleague, manager, report, assistant, partner, introduced_by, supplier, client, parent_company, subsidiary, "
            "or words of your own: mentor/mentee."
        ),
        examples=(
            ("crmtui relate 1032", N_("everybody 1032 is related to")),
            ("crmtui relate add 1032 manager 1040", N_("1040 is the manager of 1032")),
            ("crmtui relate add 1032 mentor/mentee 1051", N_("1051 is the mentor, 1032 the mentee")),
        ),
    ),
    Command(
        "field",
        N_("fields of your own"),
        _field,
        (
            Argument("ACTION", N_("list, add, rename, choices, move or remove"), 0),
            Argument("WORD", N_("the name of a new field, or the key of a field and its new name or place"), 0, 0),
        ),
        (
            Option("--type", "TYPE", N_("what it holds"), ("text", "long", "number", "date", "bool", "choice", "url")),
            Option("--choice", "VALUE", N_("what one can choose from, several with commas"), many=True),
        ),
        details=N_(
            "The key of a field is made from its name and stays. A value that is none of its type is kept as it is and told. "
            "A field that is taken away keeps its values with the customers."
        ),
        examples=(
            (
                "crmtui field add Staff --type number",
                N_("then: crmtui edit 5 custom.staff=120, crmtui find 'custom.staff:>100'"),
            ),
            ("crmtui field add 会员等级 --choice 金,银,铜", N_("a field with three choices")),
        ),
    ),
)
