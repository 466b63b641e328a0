"""The page that explains an archive to whoever opens it without this program: plain English, and a word of Chinese."""

from collections.abc import Mapping

_TABLES = {
    "customers": (
        "Persons and companies. contact_points: phones, e-mails and accounts (value as given; normalised: the phone in E.164, the "
        "address in lower case; label; is_primary 1 comes first; state bounced or wrong, else it works; is_alternate 1: an old "
        "value). addresses, tags, external_ids (ids in other systems). alternates: values that lost a merge. merged: ids of "
        "customers that were merged into this one. custom: fields of one's own. company_id: the customer that is the company. "
        "archived_at: set when the customer was put away."
    ),
    "relations": "How customers are related: from_id is KIND of to_id.",
    "interactions": (
        "Calls, e-mails, meetings, visits, messages and notes. at: when, in UTC; utc_offset: minutes east of it where it was "
        "noted; participants: further customers who took part."
    ),
    "transactions": "Orders, payments and refunds. amount: in the smallest unit of the currency (cents, fen; yen as they are).",
    "deals": "Business that may come. amount as above, probability in percent; stage_changes: when it came to each stage.",
    "tasks": "Things to do; done_at is set when one is done.",
    "activity_ids": "Ids that interactions, transactions, deals and tasks have in other systems: row_id is the id in table_name.",
    "tags": "Every tag, also those that nobody has at the moment.",
    "field_definitions": "Fields of one's own: key as in custom, label, type (for a choice, its values stand behind it).",
    "deal_stages": "The stages of deals in their order, with the usual probability in percent.",
    "views": "Saved queries: name, query, order (sort) and columns.",
    "recipes": "How files were brought in: the text that says which column is which field.",
    "duplicate_decisions": "What people decided about two customers: the same, or different.",
    "operations": (
        "The history, for reading only: what was done, by whom and when (UTC). It is not brought in again, and what each act "
        "changed value by value is not in it."
    ),
}

_TEXT = """\
ARCHIVE OF A CUSTOMER FILE
written by crmtui {version} at {at}

What this is
  Everything one customer file held, as plain text, so that it can be read without the program that wrote it.
  Every .jsonl file holds one JSON document (RFC 8259) on each line, in UTF-8, in the order of the ids.
  Documents name each other by id: customer_id 7 is the line of customers.jsonl with "id": 7.
  What is empty is left out. Moments are UTC in ISO 8601 (2026-05-03T09:30:00Z); days are 2026-05-03, partial ones 2026-05
  or --05-03.
  customers.csv is the list of customers for a spreadsheet (UTF-8, comma, CRLF), archived ones too; nothing is in it that is not
  in customers.jsonl.
  Careful with spreadsheets: texts are written as they are, and some begin with = + - or @. Import the columns as text.
  manifest.json names every file with its size in bytes, its SHA-256 and the number of its documents.

To check that nothing was damaged
  Compare sha256sum of each file with manifest.json.

To bring it into a program
  crmtui --db NEW.db import FOLDER        (into an empty file; one step, which can be undone)
  Any other: read the .jsonl files line by line with a JSON parser.

这是什么
  这个文件夹保存了一个客户文件的全部内容，纯文本，UTF-8 编码，不需要任何专门的程序就能阅读。
  每个 .jsonl 文件每行一个 JSON 文档；manifest.json 记录了每个文件的大小、SHA-256 和条数；customers.csv 可用表格软件打开。

The files
{files}"""


def readme(counts: Mapping[str, int], at: str, version: str) -> str:
    """The text of README.txt; ``counts`` are documents by table, ``at`` is UTC text."""
    lines = []
    for table, text in _TABLES.items():
        lines.append(f"  {table}.jsonl ({counts.get(table, 0):,})")
        lines += _wrapped(text)
    return _TEXT.format(version=version, at=at, files="\n".join(lines) + "\n")


def _wrapped(text: str) -> list[str]:
    from textwrap import wrap

    return wrap(text, 110, initial_indent="      ", subsequent_indent="      ")
