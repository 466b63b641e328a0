"""Schema 1: customers and everything that hangs on them, the journal, the search index."""

from typing import TYPE_CHECKING

from crmtui.storage.driver import SQLITE_VERSION

if TYPE_CHECKING:
    from sqlite_utils import Database

DEFAULT_DEAL_STAGES = (
    ("new", 10),
    ("qualified", 25),
    ("proposal", 50),
    ("negotiation", 75),
    ("won", 100),
    ("lost", 0),
)


def apply(database: "Database") -> None:
    """Create every table, index and the search index of schema 1."""
    _customers(database)
    _activities(database)
    _definitions(database)
    _journal(database)
    _duplicates(database)
    _search(database)


def _customers(database: "Database") -> None:
    database.create_table(
        "customers",
        {
            "id": int,
            "kind": str,
            "name": str,
            "family_name": str,
            "given_name": str,
            "company": str,
            "company_id": int,
            "job_title": str,
            "stage": str,
            "owner": str,
            "source": str,
            "language": str,
            "birthday": str,
            "do_not_contact": int,
            "notes": str,
            "custom": str,
            "created_at": str,
            "updated_at": str,
            "archived_at": str,
            "imported_contact_at": str,
            "version": int,
            "sort_name": str,
            "phone": str,
            "email": str,
            "city": str,
            "last_interaction_at": str,
        },
        pk="id",
        not_null={"kind", "name", "created_at", "updated_at", "version", "sort_name"},
        defaults={"kind": "person", "version": 1},
        foreign_keys=[("company_id", "customers", "id")],
    )
    _child(
        database,
        "contact_points",
        {
            "kind": str,
            "value": str,
            "normalised": str,
            "label": str,
            "is_primary": int,
            "state": str,
            "is_alternate": int,
        },
        not_null={"kind", "value"},
    )
    _child(
        database,
        "addresses",
        {"label": str, "street": str, "city": str, "region": str, "postal_code": str, "country": str},
    )
    database.create_table("tags", {"id": int, "name": str}, pk="id", not_null={"name"})
    _child(database, "customer_tags", {"tag_id": int}, not_null={"tag_id"}, more_keys=[("tag_id", "tags", "id")])
    _child(database, "external_ids", {"system": str, "external_id": str}, not_null={"system", "external_id"})
    database.create_table(
        "relations",
        {"id": int, "from_id": int, "to_id": int, "kind": str, "note": str},
        pk="id",
        not_null={"from_id", "to_id", "kind"},
        foreign_keys=[("from_id", "customers", "id"), ("to_id", "customers", "id")],
    )
    _indexes(
        database,
        """
        CREATE INDEX customers_by_name ON customers(sort_name, id) WHERE archived_at IS NULL;
        CREATE INDEX customers_by_last ON customers(last_interaction_at, id)
          WHERE archived_at IS NULL AND last_interaction_at IS NOT NULL;
        CREATE INDEX customers_by_stage ON customers(stage) WHERE stage IS NOT NULL;
        CREATE INDEX customers_by_owner ON customers(owner) WHERE owner IS NOT NULL;
        CREATE INDEX customers_by_company ON customers(company_id) WHERE company_id IS NOT NULL;
        CREATE INDEX customers_archived ON customers(archived_at) WHERE archived_at IS NOT NULL;
        CREATE INDEX contact_points_by_value ON contact_points(normalised) WHERE normalised IS NOT NULL;
        CREATE UNIQUE INDEX tags_by_name ON tags(name);
        CREATE INDEX customer_tags_by_tag ON customer_tags(tag_id);
        CREATE UNIQUE INDEX external_ids_by_id ON external_ids(external_id, system);
        CREATE INDEX relations_by_from ON relations(from_id);
        CREATE INDEX relations_by_to ON relations(to_id);
        """,
    )


def _activities(database: "Database") -> None:
    _child(
        database,
        "interactions",
        {
            "kind": str,
            "at": str,
            "utc_offset": int,
            "minutes": int,
            "direction": str,
            "subject": str,
            "body": str,
            "outcome": str,
            "actor": str,
        },
        not_null={"kind", "at"},
        index=False,
    )
    _child(
        database,
        "interaction_customers",
        {"interaction_id": int},
        not_null={"interaction_id"},
        more_keys=[("interaction_id", "interactions", "id")],
    )
    _child(
        database,
        "transactions",
        {
            "kind": str,
            "at": str,
            "number": str,
            "amount": int,
            "currency": str,
            "status": str,
            "items": str,
            "note": str,
        },
        not_null={"kind", "at"},
        index=False,
    )
    _child(
        database,
        "deals",
        {
            "title": str,
            "stage": str,
            "amount": int,
            "currency": str,
            "probability": int,
            "expected_close": str,
            "owner": str,
            "created_at": str,
            "closed_at": str,
            "note": str,
        },
        not_null={"title", "stage", "created_at"},
    )
    database.create_table(
        "deal_stages",
        {"id": int, "key": str, "position": int, "probability": int},
        pk="id",
        not_null={"key", "position"},
    )
    database.create_table(
        "deal_stage_changes",
        {"id": int, "deal_id": int, "stage": str, "at": str},
        pk="id",
        not_null={"deal_id", "stage", "at"},
        foreign_keys=[("deal_id", "deals", "id")],
    )
    database.create_table(
        "tasks",
        {
            "id": int,
            "customer_id": int,
            "text": str,
            "due_at": str,
            "done_at": str,
            "snoozed_until": str,
            "owner": str,
            "created_at": str,
        },
        pk="id",
        not_null={"text", "created_at"},
        foreign_keys=[("customer_id", "customers", "id")],
    )
    _indexes(
        database,
        """
        CREATE INDEX interactions_by_customer ON interactions(customer_id, at);
        CREATE INDEX interaction_customers_by_interaction ON interaction_customers(interaction_id);
        CREATE INDEX transactions_by_customer ON transactions(customer_id, at);
        CREATE INDEX transactions_by_number ON transactions(number) WHERE number IS NOT NULL;
        CREATE INDEX deal_stage_changes_by_deal ON deal_stage_changes(deal_id);
        CREATE INDEX tasks_by_customer ON tasks(customer_id);
        CREATE INDEX tasks_open ON tasks(due_at) WHERE done_at IS NULL;
        """,
    )
    for position, (key, probability) in enumerate(DEFAULT_DEAL_STAGES):
        database.execute(
            "INSERT INTO deal_stages(key, position, probability) VALUES (?, ?, ?)", (key, position, probability)
        )


def _definitions(database: "Database") -> None:
    database.create_table(
        "views",
        {"id": int, "name": str, "query": str, "sort": str, "columns": str},
        pk="id",
        not_null={"name", "query"},
    )
    database.create_table("recipes", {"id": int, "name": str, "body": str}, pk="id", not_null={"name", "body"})
    database.create_table(
        "field_definitions",
        {"id": int, "key": str, "label": str, "type": str, "position": int},
        pk="id",
        not_null={"key", "label", "type"},
    )
    database.create_table("settings", {"key": str, "value": str}, pk="key")
    # Row ids are never given twice, also after an undo: the journal names rows by id for ever.
    database.create_table("sequences", {"table_name": str, "last_id": int}, pk="table_name")
    _indexes(
        database,
        """
        CREATE UNIQUE INDEX views_by_name ON views(name);
        CREATE UNIQUE INDEX recipes_by_name ON recipes(name);
        CREATE UNIQUE INDEX field_definitions_by_key ON field_definitions(key);
        """,
    )


def _journal(database: "Database") -> None:
    database.create_table(
        "operations",
        {
            "id": int,
            "kind": str,
            "subject": str,
            "count": int,
            "actor": str,
            "at": str,
            "state": str,
            "target_id": int,
            "undone_by": int,
            "detail": str,
            "chain": int,
            "digest": str,
            "previous_hash": str,
            "hash": str,
        },
        pk="id",
        not_null={"kind", "actor", "at", "state"},
    )
    database.create_table(
        "changes",
        {"id": int, "operation_id": int, "table_name": str, "row_id": int, "before": str, "after": str},
        pk="id",
        not_null={"operation_id", "table_name", "row_id"},
        foreign_keys=[("operation_id", "operations", "id")],
    )
    database.create_table(
        "inserted_ranges",
        {"id": int, "operation_id": int, "table_name": str, "first_id": int, "last_id": int},
        pk="id",
        not_null={"operation_id", "table_name", "first_id", "last_id"},
        foreign_keys=[("operation_id", "operations", "id")],
    )
    database.create_table(
        "removed_rows",
        {"id": int, "operation_id": int, "table_name": str, "first_id": int, "last_id": int, "rows": bytes},
        pk="id",
        not_null={"operation_id", "table_name", "rows"},
        foreign_keys=[("operation_id", "operations", "id")],
    )
    _indexes(
        database,
        """
        CREATE UNIQUE INDEX operations_chain ON operations(chain) WHERE chain IS NOT NULL;
        CREATE INDEX operations_unfinished ON operations(state) WHERE state <> 'done';
        CREATE INDEX changes_by_operation ON changes(operation_id);
        CREATE INDEX changes_by_row ON changes(table_name, row_id);
        CREATE INDEX changes_removed ON changes(coalesce(json_extract(before, '$.customer_id'),
          json_extract(before, '$.from_id'))) WHERE after IS NULL;
        CREATE INDEX inserted_ranges_by_operation ON inserted_ranges(operation_id, table_name, first_id);
        CREATE INDEX removed_rows_by_operation ON removed_rows(operation_id);
        CREATE TRIGGER changes_are_kept BEFORE UPDATE ON changes
          BEGIN SELECT RAISE(ABORT, 'the journal is append only'); END;
        """,
    )


def _duplicates(database: "Database") -> None:
    database.create_table(
        "duplicate_keys",
        {"id": int, "customer_id": int, "kind": str, "key": str},
        pk="id",
        not_null={"customer_id", "kind", "key"},
    )
    database.create_table(
        "duplicate_pairs",
        {"id": int, "a_id": int, "b_id": int, "score": float, "level": str, "reasons": str},
        pk="id",
        not_null={"a_id", "b_id", "score"},
    )
    database.create_table(
        "duplicate_decisions",
        {"id": int, "a_id": int, "b_id": int, "decision": str, "actor": str, "at": str},
        pk="id",
        not_null={"a_id", "b_id", "decision"},
    )
    _indexes(
        database,
        """
        CREATE INDEX duplicate_keys_by_key ON duplicate_keys(kind, key);
        CREATE INDEX duplicate_keys_by_customer ON duplicate_keys(customer_id);
        CREATE UNIQUE INDEX duplicate_pairs_by_ids ON duplicate_pairs(a_id, b_id);
        CREATE UNIQUE INDEX duplicate_decisions_by_ids ON duplicate_decisions(a_id, b_id);
        """,
    )


def _search(database: "Database") -> None:
    # From SQLite 3.43 the index keeps no copy of the text and still deletes by row id; older ones must keep the text.
    contentless = "content='', contentless_delete=1, " if SQLITE_VERSION >= (3, 43) else ""
    database.execute(
        f"CREATE VIRTUAL TABLE search USING fts5(document, {contentless}detail=none, prefix='1 2 3 4 5', "
        "tokenize='unicode61 remove_diacritics 0')"
    )
    database.create_table(
        "search_queue", {"id": int, "first_id": int, "last_id": int}, pk="id", not_null={"first_id", "last_id"}
    )


def _child(
    database: "Database",
    name: str,
    columns: dict[str, type],
    *,
    not_null: set[str] | None = None,
    more_keys: list[tuple[str, str, str]] | None = None,
    index: bool = True,
) -> None:
    """A table whose rows belong to one customer."""
    database.create_table(
        name,
        {"id": int, "customer_id": int, **columns},
        pk="id",
        not_null={"customer_id", *(not_null or ())},
        foreign_keys=[("customer_id", "customers", "id"), *(more_keys or [])],
    )
    if index:
        database.execute(f"CREATE INDEX {name}_by_customer ON {name}(customer_id)")


def _indexes(database: "Database", script: str) -> None:
    """Run the statements of ``script`` inside the open transaction (``executescript`` would commit it)."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if statement.strip() and line.rstrip().endswith(";") and ("TRIGGER" not in statement or "END;" in statement):
            database.execute(statement)
            statement = ""
