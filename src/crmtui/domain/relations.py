"""How two customers are related: typed pairs, each with what the other one is called from either side.

A kind reads "FROM is KIND TO" (``manager_of``, ``reports_to``). From one side the other one has a role: who is ``manager_of`` somebody
sees a report, who ``reports_to`` somebody sees a manager. A kind of one's own is ``mentor/mentee`` (the other one's role, then one's
own) or one word when both sides are the same.
"""

from typing import NamedTuple

from crmtui.i18n import N_, _


class Relation(NamedTuple):
    """A kind of relation, the stable name of the other one's role, the label of that role, and the kind seen from there."""

    kind: str
    role: str
    label: str
    inverse: str


RELATIONS: tuple[Relation, ...] = (
    Relation("spouse_of", "spouse", N_("spouse"), "spouse_of"),
    Relation("parent_of", "child", N_("child"), "child_of"),
    Relation("child_of", "parent", N_("parent"), "parent_of"),
    Relation("sibling_of", "sibling", N_("brother or sister"), "sibling_of"),
    Relation("relative_of", "relative", N_("relative"), "relative_of"),
    Relation("friend_of", "friend", N_("friend"), "friend_of"),
    Relation("colleague_of", "colleague", N_("colleague"), "colleague_of"),
    Relation("reports_to", "manager", N_("manager"), "manager_of"),
    Relation("manager_of", "report", N_("direct report"), "reports_to"),
    Relation("assisted_by", "assistant", N_("assistant"), "assistant_of"),
    Relation("assistant_of", "assists", N_("assistant to"), "assisted_by"),
    Relation("introduced_by", "introduced_by", N_("introduced by"), "introduced"),
    Relation("introduced", "introduced", N_("introduced"), "introduced_by"),
    Relation("partner_of", "partner", N_("business partner"), "partner_of"),
    Relation("client_of", "supplier", N_("supplier"), "supplier_of"),
    Relation("supplier_of", "client", N_("buyer"), "client_of"),
    Relation("subsidiary_of", "parent_company", N_("parent company"), "parent_company_of"),
    Relation("parent_company_of", "subsidiary", N_("subsidiary"), "subsidiary_of"),
)
BY_KIND = {relation.kind: relation for relation in RELATIONS}
BY_ROLE = {relation.role: relation for relation in RELATIONS}


def kind_of_role(role: str) -> str:
    """The kind to store when the other one has this role: a known one by name, kind or label in the current language, else one's own.

    ``mentor/mentee`` and ``mentor`` are kinds of one's own. "" for a text that names none.
    """
    wanted = " ".join(role.split())
    folded = wanted.casefold()
    for relation in RELATIONS:
        if folded in (relation.role, relation.kind, relation.label.casefold(), _(relation.label).casefold()):
            return relation.kind
    theirs, slash, own = wanted.partition("/")
    if not slash:
        return wanted
    theirs, own = theirs.strip(), own.strip()
    return f"{theirs}/{own}" if theirs and own else theirs or own


def inverse_of(kind: str) -> str:
    """The kind of the same relation as it is seen from the other side."""
    known = BY_KIND.get(kind)
    if known is not None:
        return known.inverse
    theirs, slash, own = kind.partition("/")
    return f"{own}/{theirs}" if slash else kind


def role_label(kind: str) -> str:
    """What the other one of a relation is, in the current language; may hold user data."""
    known = BY_KIND.get(kind)
    return _(known.label) if known is not None else kind.partition("/")[0]
