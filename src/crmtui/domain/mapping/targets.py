"""What a column may be mapped to, written as text: the stable form in recipes, JSON and on the command line.

``name`` is a registry field; ``phones.mobile`` a contact point with a label; ``messaging.wecom`` an id in that service;
``custom.行业`` a custom field; ``skip`` a column that is left out. ``#N`` binds columns to one contact point or address:
``phones#1``, ``phones#1.label``, ``street#2``. What is before a colon is another record than the customer itself:
``company:name``, ``transaction:amount``, ``deal:external_ids.hubspot``, ``task:more.Remark``.
"""

import re
from typing import NamedTuple

from crmtui.domain.fields import BY_KEY, BY_QUERY_NAME, MESSAGING_KINDS

SKIP = "skip"
CUSTOM = "custom."
POINT_LABELS = ("mobile", "work", "home", "fax", "other")
UNMAPPED = frozenset(("phone", "email", "sort_name"))

COMPANY = "company"
ACTIVITIES: dict[str, tuple[str, ...]] = {
    "interaction": ("kind", "at", "minutes", "direction", "subject", "body", "outcome", "actor"),
    "transaction": ("kind", "at", "number", "amount", "currency", "status", "items", "note"),
    "deal": (
        "title",
        "stage",
        "amount",
        "currency",
        "probability",
        "expected_close",
        "owner",
        "created_at",
        "closed_at",
        "note",
    ),
    "task": ("text", "due_at", "done_at", "owner", "created_at"),
}
"""What happens with customers, each with the keys that columns can be mapped to, beside ``external_ids`` and ``more``."""
ENTITIES = (COMPANY, *ACTIVITIES)
"""What a row may tell beside the customer: the records that stand before the colon of a target."""
POINT_DETAILS = ("label", "extension", "country_code", "primary", "kind")
"""What a column may say of a numbered contact point, instead of its value."""
ADDRESS_KEYS = ("street", "city", "region", "postal_code", "country", "address_label")

_GROUPED = re.compile(r"([^#.:]+)(?:#([1-9]\d{0,2}))?(?:\.(.*))?", re.DOTALL | re.ASCII)


class Target(NamedTuple):
    """A target taken apart: the registry key (``custom``, ``skip``, ``address_label`` and ``more`` too), what follows its dot, the
    record it belongs to (empty: the customer), and the number of its contact point or address (0: none)."""

    key: str
    detail: str
    entity: str = ""
    group: int = 0

    @property
    def text(self) -> str:
        """The target as it is written."""
        entity = f"{self.entity}:" if self.entity else ""
        group = f"#{self.group}" if self.group else ""
        return f"{entity}{self.key}{group}" + (f".{self.detail}" if self.detail else "")

    @property
    def describes_point(self) -> bool:
        """Whether it says something about a numbered contact point (its label, say) instead of its value."""
        return self.group > 0 and self.detail in POINT_DETAILS and BY_KEY[self.key].place == "point"


def parse_target(text: str) -> Target | None:
    """The target that ``text`` names (a short form such as ``phone`` or ``邮箱`` too), or None."""
    if text == SKIP:
        return Target(SKIP, "")
    entity, colon, rest = text.partition(":")
    if colon and entity.casefold() in ENTITIES:
        return _entity_target(entity.casefold(), rest)
    return _customer_target(text)


def _entity_target(entity: str, text: str) -> Target | None:
    key, dot, detail = text.partition(".")
    if key == "more":
        return Target("more", detail, entity) if detail else None
    if entity == COMPANY:
        found = _customer_target(text)
        return found._replace(entity=COMPANY) if found is not None else None
    if key == "external_ids":
        return Target(key, detail, entity) if detail or not dot else None
    key = key.casefold()
    return Target(key, "", entity) if key in ACTIVITIES[entity] and not dot else None


def _customer_target(text: str) -> Target | None:
    if text.startswith(CUSTOM):
        return Target("custom", text[len(CUSTOM) :]) if len(text) > len(CUSTOM) else None
    match = _GROUPED.fullmatch(text)
    if match is None:
        return None
    name, detail, group = match[1], match[3] or "", int(match[2] or 0)
    if name == "address_label":
        return Target(name, "", group=group) if not detail else None
    field = BY_KEY.get(name) or BY_QUERY_NAME.get(name.casefold())
    if field is None or (group and field.place not in ("point", "address", "tags")):
        return None
    if not detail:
        return Target(field.key, "", group=group)
    if group and field.place == "point" and detail in POINT_DETAILS:
        return Target(field.key, detail, group=group) if _describes(field.key, detail) else None
    if field.key == "messaging":
        return Target(field.key, detail, group=group) if detail in MESSAGING_KINDS else None
    if field.key in ("phones", "emails", "external_ids", "urls"):
        return Target(field.key, detail, group=group)
    return None


def _describes(key: str, detail: str) -> bool:
    """Whether ``detail`` can be said of a contact point of this field."""
    if detail == "kind":
        return key == "messaging"
    return key == "phones" or detail in ("label", "primary")


# The meanings of header_synonyms.csv that a field of the registry holds; every other meaning becomes a custom field.
OF_MEANING = {
    "external_id": "external_ids",
    "full_name": "name",
    "family_name": "family_name",
    "given_name": "given_name",
    "company": "company",
    "job_title": "job_title",
    "phone": "phones",
    "phone2": "phones",
    "mobile": "phones.mobile",
    "mobile2": "phones.mobile",
    "home_phone": "phones.home",
    "fax": "phones.fax",
    "email": "emails",
    "email2": "emails",
    "wechat": "wechat",
    "qq": "qq",
    "wecom": "messaging.wecom",
    "dingtalk": "messaging.dingtalk",
    "im_other": "messaging",
    "website": "urls",
    "linkedin": "urls",
    "address": "street",
    "address2": "street",
    "city": "city",
    "province": "region",
    "region_full": "region",
    "postal_code": "postal_code",
    "country": "country",
    "tags": "tags",
    "status": "stage",
    "source": "source",
    "owner": "owner",
    "birthday": "birthday",
    "preferred_language": "language",
    "do_not_contact": "do_not_contact",
    "customer_type": "kind",
    "notes": "notes",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "last_contacted_at": "last_interaction_at",
}

# Targets that several columns may feed; of any other, a second column is kept as a custom field.
REPEATABLE = frozenset(
    (
        "phones",
        "emails",
        "wechat",
        "qq",
        "messaging",
        "urls",
        "tags",
        "notes",
        "external_ids",
        "street",
        "custom",
        "more",
        SKIP,
    )
)
