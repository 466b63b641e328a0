"""The field registry: each customer field is declared once, here.

List columns, the form, import mapping, export, merge rules, the query language, completion and the JSON of the command line
are generated from these entries. Adding a field is one entry; a custom field is the same object, read from the database.
"""

from crmtui.i18n import N_
from crmtui.light_typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Literal

    FieldType = Literal[
        "text", "long", "name", "choice", "date", "moment", "phone", "email", "handle", "url", "tags", "number", "bool"
    ]
    MergeRule = Literal["keep", "union", "newest", "longest", "ask", "strictest"]
    Place = Literal["column", "point", "address", "tags", "external", "custom"]


class Field(NamedTuple):
    """One field of a customer.

    ``key`` is the stable name used in JSON, queries, recipes and mappings. ``place`` says where the value lives: a column of
    ``customers``, a contact point (``part`` is its kind), a part of an address, the tags, an external id, or the custom JSON.
    ``width`` is the usual width of a list column in cells, 0 when the field is no list column; ``sort`` the column that orders
    a list by this field. ``query`` holds further names the query language accepts. ``choices`` are suggestions, not limits.
    """

    key: str
    label: str
    type: "FieldType"
    place: "Place" = "column"
    part: str = ""
    merge: "MergeRule" = "newest"
    width: int = 0
    sort: str = ""
    query: tuple[str, ...] = ()
    form: bool = True
    sensitive: bool = False
    choices: tuple[str, ...] = ()


STAGES = ("lead", "contacted", "qualified", "proposal", "customer", "inactive", "lost")
STAGE_LABELS = {
    "lead": N_("lead"),
    "contacted": N_("contacted"),
    "qualified": N_("qualified"),
    "proposal": N_("proposal"),
    "customer": N_("customer"),
    "inactive": N_("inactive"),
    "lost": N_("lost"),
}
DEAL_STAGE_LABELS = {
    "new": N_("new"),
    "qualified": N_("qualified"),
    "proposal": N_("proposal"),
    "negotiation": N_("negotiation"),
    "won": N_("won"),
    "lost": N_("lost deal"),
}
POINT_LABELS = {
    "mobile": N_("mobile"),
    "work": N_("work"),
    "home": N_("home"),
    "fax": N_("fax"),
    "main": N_("main"),
    "other": N_("other"),
}
STATUS_LABELS = {
    "open": N_("not paid"),
    "paid": N_("paid"),
    "shipped": N_("shipped"),
    "delivered": N_("delivered"),
    "received": N_("received"),
    "done": N_("closed"),
    "cancelled": N_("cancelled"),
}

FIELDS: tuple[Field, ...] = (
    Field("kind", N_("Kind"), "choice", merge="keep", query=("is",), width=8, choices=("person", "company")),
    Field("name", N_("Name"), "name", merge="longest", width=24, sort="sort_name", query=("名称", "姓名")),
    Field("family_name", N_("Family name"), "name", merge="longest"),
    Field("given_name", N_("Given name"), "name", merge="longest"),
    Field("company", N_("Company"), "text", merge="longest", width=24, sort="company", query=("公司",)),
    Field("job_title", N_("Job title"), "text", merge="newest", width=16, query=("title", "职位")),
    Field("phones", N_("Phone"), "phone", "point", "phone", merge="union", width=18, query=("phone", "tel", "电话")),
    Field("emails", N_("E-mail"), "email", "point", "email", merge="union", width=24, query=("email", "mail", "邮箱")),
    Field("wechat", N_("WeChat"), "handle", "point", "wechat", merge="union", query=("微信",)),
    Field("qq", N_("QQ"), "handle", "point", "qq", merge="union"),
    Field("messaging", N_("Messaging"), "handle", "point", "other", merge="union", form=False),
    Field("urls", N_("Website"), "url", "point", "url", merge="union", query=("url", "website")),
    Field("stage", N_("Stage"), "choice", merge="newest", width=10, sort="stage", query=("阶段",), choices=STAGES),
    Field("owner", N_("Owner"), "text", merge="newest", width=10, sort="owner", query=("负责人",)),
    Field("source", N_("Source"), "text", merge="keep", width=12, query=("来源",)),
    Field("tags", N_("Tags"), "tags", "tags", merge="union", width=16, query=("tag", "标签")),
    Field("street", N_("Street"), "text", "address", "street", merge="ask"),
    Field("city", N_("City"), "text", "address", "city", merge="ask", width=12, sort="city", query=("城市",)),
    Field("region", N_("Region"), "text", "address", "region", merge="ask", query=("province", "省")),
    Field("postal_code", N_("Postal code"), "text", "address", "postal_code", merge="ask", query=("zip", "邮编")),
    Field("country", N_("Country"), "text", "address", "country", merge="ask", query=("国家",)),
    Field("birthday", N_("Birthday"), "date", merge="keep", width=10, query=("生日",)),
    Field("language", N_("Language"), "text", merge="newest"),
    Field("do_not_contact", N_("Do not contact"), "bool", merge="strictest"),
    Field("notes", N_("Notes"), "long", merge="union", query=("note", "备注")),
    Field("external_ids", N_("External id"), "text", "external", merge="union", form=False, query=("external_id",)),
    Field(
        "created_at", N_("Created"), "moment", merge="keep", width=10, sort="created_at", form=False, query=("created",)
    ),
    Field(
        "updated_at",
        N_("Updated"),
        "moment",
        merge="newest",
        width=10,
        sort="updated_at",
        form=False,
        query=("updated",),
    ),
    Field(
        "last_interaction_at", N_("Last"), "moment", width=10, sort="last_interaction_at", form=False, query=("last",)
    ),
)

BY_KEY: dict[str, Field] = {field.key: field for field in FIELDS}

BY_QUERY_NAME: dict[str, Field] = {name: field for field in FIELDS for name in (field.key, *field.query)}

MESSAGING_LABELS = {
    "wechat": N_("WeChat"),
    "qq": N_("QQ"),
    "wecom": N_("WeCom"),
    "whatsapp": N_("WhatsApp"),
    "telegram": N_("Telegram"),
    "line": N_("LINE"),
    "dingtalk": N_("DingTalk"),
    "feishu": N_("Feishu"),
    "skype": N_("Skype"),
    "teams": N_("Teams"),
    "signal": N_("Signal"),
    "viber": N_("Viber"),
    "kakao": N_("KakaoTalk"),
    "zalo": N_("Zalo"),
    "linkedin": N_("LinkedIn"),
    "weibo": N_("Weibo"),
    "other": N_("other"),
}
MESSAGING_KINDS = tuple(MESSAGING_LABELS)
POINT_STATE_LABELS = {"ok": N_("works"), "bounced": N_("bounced"), "wrong": N_("wrong")}
INTERACTION_KINDS = ("call", "email", "meeting", "visit", "message", "note")
TRANSACTION_KINDS = ("order", "payment", "refund")

KIND_LABELS = {
    "person": N_("person"),
    "company": N_("company"),
    "call": N_("call"),
    "email": N_("e-mail"),
    "meeting": N_("meeting"),
    "visit": N_("visit"),
    "message": N_("message"),
    "note": N_("note"),
    "order": N_("order"),
    "payment": N_("payment"),
    "refund": N_("refund"),
}


def list_fields() -> list[Field]:
    """The fields that can be a column of the customer list, in registry order."""
    return [field for field in FIELDS if field.width]


def form_fields() -> list[Field]:
    """The fields a person types in the form, in registry order."""
    return [field for field in FIELDS if field.form]


def custom_field(key: str, label: str, kind: "FieldType" = "text") -> Field:
    """The registry entry of a custom field: a value in the ``custom`` JSON under ``key``."""
    return Field(key, label, kind, "custom", key, merge="newest")
