"""Taking customers out into a file: every field, as one consistent view of the database, a page at a time."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast, get_args

from crmtui.domain.fields import BY_KEY, FIELDS, STAGE_LABELS, Field
from crmtui.domain.models import CustomerRecord
from crmtui.domain.text import display_text
from crmtui.errors import UsageError
from crmtui.formats.registry import FORMATS
from crmtui.formats.table import Column, Profile
from crmtui.formats.writing import open_writer
from crmtui.i18n import _
from crmtui.services.lookup import plan_query
from crmtui.services.workspace import Workspace
from crmtui.storage.customers import read_customers
from crmtui.storage.definitions import custom_fields
from crmtui.storage.driver import Connection
from crmtui.storage.search import all_ids, everyone

_PAGE = 500
_NESTED = frozenset(("json", "jsonl"))
