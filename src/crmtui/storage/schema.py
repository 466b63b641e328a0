"""What a file must look like: the version this program writes, and which columns are derived from others."""

SCHEMA_VERSION = 5
APPLICATION_ID = 0x43524D31  # "CRM1" in the SQLite header: says whose file it is

# Values computed from other rows. They are never journalled: after any change, undo included, they are computed again.
DERIVED_COLUMNS: dict[str, frozenset[str]] = {
    "customers": frozenset(
        {
            "sort_name",
            "phone",
            "email",
            "city",
            "last_interaction_at",
            "usual_gap_days",
            "quiet_from",
            "version",
            "updated_at",
        }
    ),
}

# Children before parents: the order in which a range of mass-inserted rows may be deleted.
JOURNALLED_TABLES: tuple[str, ...] = (
    "activity_ids",
    "deal_stage_changes",
    "tasks",
    "transactions",
    "deals",
    "interaction_customers",
    "interactions",
    "relations",
    "alternates",
    "redirects",
    "external_ids",
    "customer_tags",
    "addresses",
    "contact_points",
    "customers",
    "tags",
    "deal_stages",
    "views",
    "recipes",
    "field_definitions",
    "duplicate_decisions",
)

# Tables whose rows belong to one customer, by the column that names it.
CUSTOMER_COLUMN: dict[str, str] = {
    "customers": "id",
    "contact_points": "customer_id",
    "addresses": "customer_id",
    "customer_tags": "customer_id",
    "external_ids": "customer_id",
    "interactions": "customer_id",
    "interaction_customers": "customer_id",
    "transactions": "customer_id",
    "deals": "customer_id",
    "tasks": "customer_id",
    "activity_ids": "customer_id",
    "relations": "from_id",
    "alternates": "customer_id",
    "redirects": "customer_id",
}

# The columns of customers that derived columns and the search document are made of: a change of others leaves these alone.
SOURCE_COLUMNS = frozenset({"kind", "name", "family_name", "given_name", "company", "job_title", "imported_contact_at"})

# Tables beside customers whose rows a form shows and writes.
FORM_TABLES = frozenset({"contact_points", "addresses", "customer_tags", "external_ids"})

# Tables that say when customers were spoken with.
CONTACT_TABLES = frozenset({"interactions", "interaction_customers"})

# Tables whose text is in the search document of their customer.
SEARCHED_TABLES = frozenset({"customers", "contact_points", "addresses", "customer_tags", "alternates"})

# Of a removed row (``changes.after`` is NULL), the customer it belonged to; the index changes_removed is over this.
REMOVED_FROM = "coalesce(json_extract(before, '$.customer_id'), json_extract(before, '$.from_id'))"

#: Pieces of one size that the search index gathers before a save merges them. FTS5's own 4 makes one save in a hundred wait for a
#: merge of up to 75 ms in a file of a million; with 8 it is 5 to 12 ms, and a look-up feels nothing of it.
SEARCH_AUTOMERGE = 8
