"""``view``: saved views, of the customer file and of views.toml; and what ``--view NAME`` means to other verbs."""

from typing import TYPE_CHECKING

from crmtui import paths
from crmtui.cli.arguments import Arguments, near, storable
from crmtui.cli.command import Argument, Command, Option
from crmtui.cli.session import Session
from crmtui.errors import ExitCode, NotFound, UsageError
from crmtui.i18n import N_, _

if TYPE_CHECKING:
    from crmtui.services.view_file import ViewFile
    from crmtui.services.views import ListedView
    from crmtui.storage.driver import Connection

_ACTIONS = ("list", "show", "save", "delete", "rename", "path")


def chosen_view(session: Session, connection: "Connection", name: str) -> "ListedView":
    """The view that ``--view`` names; mistakes in views.toml are told. Raises NotFound with the nearest name."""
    from crmtui.services.views import named_view

    return named_view(connection, _texts(session), storable(name))


def with_view(view: "ListedView", query: str) -> str:
    """The query of a view narrowed by what was typed beside it."""
    if not query.strip():
        return view.query
    return f"({view.query}) {query}" if view.query.strip() else query


def _view(session: Session, arguments: Arguments) -> int:
    action, *words = arguments.words or ["list"]
    words = [storable(word) for word in words]
    path = paths.views_path(session.environment)
    if action == "path":
        from crmtui.cli.output import put

        put(path)
        return ExitCode.OK
    if action not in _ACTIONS:
        raise UsageError(
            _("view cannot “{word}”").format(word=action),
            hint=near(action, _ACTIONS) or _("It can be: {choices}").format(choices=", ".join(_ACTIONS)),
        )
    if action == "list":
        return _list(session)
    if not words:
        raise UsageError(_("which view? Give its name"), hint=_("crmtui view list shows them"))
    if action == "show":
        return _show(session, words[0])
    if action == "save":
        return _save(session, arguments, words[0], " ".join(words[1:]))
    if action == "rename":
        if len(words) != 2:
            raise UsageError(_("rename needs the old name and the new one"))
        return _rename(session, words[0], words[1])
    return _delete(session, arguments, words[0])


def _list(session: Session) -> int:
    from crmtui.services.views import all_views

    views = all_views(session.open().database.reader(), _texts(session))
    if session.form != "text":
        from crmtui.cli.output import put_json, put_jsonl

        documents = [_document(view) for view in views]
        put_jsonl(documents) if session.form == "jsonl" else put_json(documents)
    elif views:
        from crmtui.cli.output import Column, put_table

        columns = [
            Column(_("View"), gives=True),
            Column(_("Query"), gives=True),
            Column(_("Sorted by")),
            Column(_("Kept in")),
        ]
        put_table(columns, [[view.name, view.query, _sort_text(view), _origin(view)] for view in views])
    else:
        session.say(_("No view is saved yet: crmtui view save NAME QUERY"))
    return ExitCode.OK if views else ExitCode.NOTHING_FOUND


def _show(session: Session, name: str) -> int:
    view = chosen_view(session, session.open().database.reader(), name)
    if session.form != "text":
        from crmtui.cli.output import put_json

        put_json(_document(view))
        return ExitCode.OK
    from crmtui.cli.output import put_pairs

    columns = ", ".join(map(str, view.columns))
    labels = (_("View"), _("Query"), _("Sorted by"), _("Columns"), _("Kept in"))
    put_pairs(zip(labels, (view.name, view.query, _sort_text(view), columns, view.file or _origin(view)), strict=True))
    return ExitCode.OK


def _save(session: Session, arguments: Arguments, name: str, query: str) -> int:
    from crmtui.domain.query import parse
    from crmtui.domain.view_text import nearest_column, sort_column
    from crmtui.services import view_file
    from crmtui.services.views import read_columns, save_view, text_view
    from crmtui.storage.search import Order

    for problem in parse(query).problems:
        session.say(_("“{text}” is no field that can be searched; it was left out").format(text=problem.text))
    sort = arguments.text("--sort") or ""
    order = sort_column(sort)
    if order is None:
        raise UsageError(
            _("lists cannot be sorted by “{name}”").format(name=sort),
            hint=near(nearest_column(sort), [nearest_column(sort)]),
        )
    shared = arguments.flag("--shared")
    workspace = session.open(create=not shared)
    columns = read_columns(workspace.database.reader(), storable(arguments.text("--columns") or ""))
    if shared:
        path = paths.views_path(session.environment)
        view_file.save(path, text_view(name, query, Order(*order), columns))
        session.say(_("view saved in {file}").format(file=path))
    else:
        saved = save_view(workspace, name, query, Order(*order), columns)
        session.say(
            _("view saved: {name}").format(name=name)
            if saved.operation_id
            else _("nothing to change: it is so already")
        )
    return ExitCode.OK


def _delete(session: Session, arguments: Arguments, name: str) -> int:
    from crmtui.services import view_file
    from crmtui.services.views import delete_view, named_view

    workspace = session.open()
    texts = _texts(session)
    if arguments.flag("--shared"):
        view_file.delete(texts.path, name)
        session.say(_("view removed from {file}").format(file=texts.path))
        return ExitCode.OK
    view = named_view(workspace.database.reader(), texts, name)
    if view.file:
        raise NotFound(
            _("the view “{name}” is kept in {file}").format(name=view.name, file=view.file),
            hint=_("Say so: crmtui view delete --shared"),
        )
    saved = delete_view(workspace, view.name)
    session.say(_("view removed · operation {id}, crmtui undo takes it back").format(id=saved.operation_id))
    return ExitCode.OK


def _rename(session: Session, name: str, new_name: str) -> int:
    from crmtui.services import view_file
    from crmtui.services.views import named_view, rename_view

    workspace = session.open()
    texts = _texts(session)
    view = named_view(workspace.database.reader(), texts, name)
    if view.file:
        text = next(each for each in texts.views if each.name == view.name)
        view_file.save(texts.path, text._replace(name=new_name), replaces=view.name)
    else:
        rename_view(workspace, view.name, new_name)
    session.say(_("view saved: {name}").format(name=new_name))
    return ExitCode.OK


def _texts(session: Session) -> "ViewFile":
    """views.toml, with its mistakes told; one that cannot be read at all is told, too, and has no views."""
    from crmtui.errors import ConfigError
    from crmtui.services import view_file

    path = paths.views_path(session.environment)
    try:
        texts = view_file.load(path)
    except ConfigError as error:
        session.say(str(error))
        return view_file.ViewFile(path, [], [])
    for problem in texts.problems:
        session.say(view_file.describe(problem, path))
    return texts


def _document(view: "ListedView") -> dict[str, object]:
    return {
        "name": view.name,
        "query": view.query,
        "sort": _sort_text(view),
        "columns": [str(column) for column in view.columns],
        "file": view.file or None,
    }


def _sort_text(view: "ListedView") -> str:
    from crmtui.services.views import text_view

    return text_view(view.name, view.query, view.order).sort


def _origin(view: "ListedView") -> str:
    return "views.toml" if view.file else _("this customer file")


COMMANDS = (
    Command(
        "view",
        N_("saved views: a name for a query, an order and columns"),
        _view,
        (
            Argument("ACTION", N_("list, show, save, rename, delete or path (of views.toml)"), 0),
            Argument("NAME", N_("the view; behind it the query to save, or the new name"), 0, 0),
        ),
        (
            Option("--sort", "FIELD", N_("the order of the list: name, -last, city; a minus before it turns it round")),
            Option("--columns", "A,B", N_("these columns in this order, with a width if wanted: name,city:12")),
            Option("--shared", "", N_("keep it in views.toml, for all customer files, instead of in this one")),
        ),
        details=N_(
            "Views of the customer file are seen by everybody who works on it and can be undone. Views of views.toml are text: "
            "yours in every customer file, fit for git. A mistake there is told by its line; the other views still work."
        ),
        examples=(
            ("crmtui view save 'Quiet VIPs' tag:vip 'last:>90d' --sort last", N_("a view of this customer file")),
            ("crmtui view save Leads stage:lead --columns name,phones,city:12 --shared", N_("one for all your files")),
            ("crmtui find --view 'Quiet VIPs' city:上海", N_("the customers of a view, narrowed further")),
        ),
        signs=True,
    ),
)
