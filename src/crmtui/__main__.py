"""``python -m crmtui``."""

from crmtui.cli import run

run()
