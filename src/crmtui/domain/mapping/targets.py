"""What a column may be mapped to, written as text: the stable form in recipes, JSON and on the command line.

``name`` is a registry field; ``phones.mobile`` a contact point with a label; ``messaging.wecom`` an id in that service;
``custom.行业`` a custom field; ``skip`` a column that is left out.
"""

from typing import NamedTuple

from crmtui.domain.fields import BY_KEY, BY_QUERY_NAME, MESSAGING_KINDS

SKIP = "skip"
CUSTOM = "custom."
POINT_LABELS = ("mobile", "work", "home", "fax", "other")
UNMAPPED = frozenset(("phone", "email", "sort_name"))


class Target(NamedTuple):
    """A target taken apart: the registry key (``custom`` and ``skip`` too) and what follows its dot."""

    key: str
    detail: str


def parse_target(text: str) -> Target | None:
    """The target that ``text`` names (a short form such as ``phone`` or ``邮箱`` too), or None."""
    if text == SKIP:
        return Target(SKIP, "")
    if text.startswith(CUSTOM) and len(text) > len(CUSTOM):
        return Target("custom", text[len(CUSTOM) :])
    key, _dot, detail = text.partition(".")
    field = BY_KEY.get(key) or BY_QUERY_NAME.get(key.casefold())
    if field is None:
        return None
    if not detail:
        return Target(field.key, "")
    if field.key == "messaging":
        return Target(field.key, detail) if detail in MESSAGING_KINDS else None
    if field.key in ("phones", "emails", "external_ids"):
        return Target(field.key, detail)
    return None


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
    ("phones", "emails", "wechat", "qq", "messaging", "urls", "tags", "notes", "external_ids", "street", "custom", SKIP)
)
