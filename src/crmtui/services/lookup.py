"""Looking customers up: find by query, one record, who is calling."""

from collections.abc import Sequence

from crmtui.domain.models import CustomerRecord, ListRow
from crmtui.domain.query import Problem, parse
from crmtui.errors import NotFound
from crmtui.i18n import _
from crmtui.light_typing import NamedTuple
from crmtui.services.workspace import Workspace
from crmtui.storage.customers import list_rows, read_customer, read_customers, survivor_of
from crmtui.storage.driver import Connection
from crmtui.storage.search import Order, Plan, first_ids, make_plan


class Found(NamedTuple):
    """What a query found: ids in list order (at most ``limit``), whether there are more, and what was not understood."""

    ids: list[int]
    more: bool
    problems: tuple[Problem, ...]


def plan_query(text: str, order: Order = Order(), *, actor: str = "") -> tuple[Plan, tuple[Problem, ...]]:  # noqa: B008 - immutable
    """The plan for a query as typed, and the parts of it that were not understood."""
    query = parse(text)
    return make_plan(query, order, actor=actor), query.problems


def find(workspace: Workspace, text: str, *, limit: int = 20, connection: Connection | None = None) -> Found:
    """The first customers that a query finds."""
    plan, problems = plan_query(text, actor=workspace.actor)
    ids = first_ids(connection or workspace.database.thread_reader(), plan, limit + 1)
    return Found(ids[:limit], len(ids) > limit, problems)


def rows(workspace: Workspace, ids: Sequence[int]) -> list[ListRow]:
    """The list rows of these customers, in order."""
    found = list_rows(workspace.database.thread_reader(), ids)
    return [found[customer] for customer in ids if customer in found]


def records(workspace: Workspace, ids: Sequence[int]) -> list[CustomerRecord]:
    """The whole records of these customers, in order."""
    return read_customers(workspace.database.thread_reader(), ids)


def record(workspace: Workspace, customer_id: int) -> CustomerRecord:
    """The whole record of one customer; the id of a merged one leads to the survivor. Raises NotFound."""
    connection = workspace.database.thread_reader()
    found = read_customer(connection, customer_id)
    if found is None:
        survivor = survivor_of(connection, customer_id)
        found = None if survivor is None else read_customer(connection, survivor)
    if found is None:
        raise NotFound(_("there is no customer {id}").format(id=customer_id), hint=_("crmtui find NAME shows the ids"))
    return found
