"""The generated pages of docs/: write them, or check that the committed ones are current.

A page is one entry in ``PAGES``: where it lies and the function (module:name) that gives its text in English.
"""

import argparse
import importlib
import sys
from pathlib import Path
from typing import NamedTuple

from crmtui.i18n import current_language, set_language

ROOT = Path(__file__).resolve().parent.parent


class Page(NamedTuple):
    """A generated page: its path in the repository and the ``module:function`` that returns its text."""

    path: str
    generator: str

    def text(self) -> str:
        """What the page should hold."""
        module, _colon, function = self.generator.partition(":")
        before = current_language()
        set_language("en")
        try:
            text: str = getattr(importlib.import_module(module), function)()
        finally:
            set_language(before)
        return text

    def is_current(self) -> bool:
        """Whether the committed page holds that."""
        file = ROOT / self.path
        return file.exists() and file.read_text("utf-8") == self.text()


PAGES = (
    Page("docs/commands.md", "crmtui.cli.help:commands_page"),
    Page("docs/settings.md", "crmtui.config:settings_page"),
    Page("docs/keys.md", "crmtui.tui.actions:keys_page"),
    Page("docs/tasks.md", "tasks_page:page"),
    Page("docs/tasks.zh-CN.md", "tasks_page:page_in_chinese"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run ``write`` or ``check``; ``check`` returns 1 when a page is stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("write", "check"))
    verb = parser.parse_args(arguments).verb
    stale = [page for page in PAGES if not page.is_current()]
    for page in stale:
        print(f"{page.path}: {'written' if verb == 'write' else 'stale, run scripts/make_docs.py write'}")
        if verb == "write":
            file = ROOT / page.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(page.text(), "utf-8")
    return 1 if stale and verb == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
