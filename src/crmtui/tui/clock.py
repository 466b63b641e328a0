"""The time as the screens see it; the one place that a test holds still."""

from datetime import datetime


def local_now() -> datetime:
    """Now, in the zone of this machine."""
    return datetime.now().astimezone()
