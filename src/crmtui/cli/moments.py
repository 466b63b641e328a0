"""Moments between people and storage: UTC text in the file, the zone of this machine on the line."""

from datetime import UTC, datetime, timedelta

from crmtui.errors import UsageError
from crmtui.i18n import _, current_language
from crmtui.i18n.show import relative_time, show_date, show_moment

_DAY_LENGTH = 10  # 2026-11-27


def show_when(text: str, now: datetime, *, exact: bool = False) -> str:
    """A stored moment (UTC, ISO) or day as people say it: ``3h``, ``2d``, a date; with ``exact`` date and time.

    What is neither is shown as it is: an import may have brought it.
    """
    moment = _moment(text)
    if moment is None:
        return show_date(text)
    return show_moment(moment) if exact else relative_time(moment, now)


def is_past(text: str, now: datetime) -> bool:
    """Whether a stored due moment has gone by, or a due day has ended."""
    moment = _moment(text)
    return moment < now if moment is not None else text[:_DAY_LENGTH] < now.date().isoformat()


def read_due(text: str) -> str:
    """A due time as people write it (``fri 3pm``, ``下周五``, ``2026-11-27``) as UTC text, or as a day when no hour was named.

    Raises UsageError when it is not understood.
    """
    moment = _understood(text)
    local = moment.replace(tzinfo=None)
    return local.date().isoformat() if (local.hour, local.minute) == (0, 0) else _as_utc(local)


def read_past(text: str) -> str:
    """When something happened (``yesterday 3pm``, ``9:30``) as UTC text; an hour without a day is the last one there was.

    Raises UsageError when it is not understood or lies in the future.
    """
    from crmtui.domain.dates import parse_moment

    now = datetime.now().astimezone()
    today = parse_moment(f"today {text}", now, current_language()) if text.strip() else None
    moment = today or _understood(text)
    if today is not None and today > now:
        moment = today - timedelta(days=1)
    if moment > now:
        raise UsageError(
            _("“{text}” is in the future").format(text=text), hint=_("For what is still to be done use crmtui task")
        )
    return _as_utc(moment.replace(tzinfo=None))


def _understood(text: str) -> datetime:
    from crmtui.domain.dates import parse_moment

    moment = parse_moment(text, datetime.now().astimezone(), current_language())
    if moment is None:
        raise UsageError(
            _("“{text}” is no time that is understood").format(text=text),
            hint=_("Write for example: fri 3pm, tomorrow 9:00, in 2w, 2026-11-27 14:30, 下周五下午3点"),
        )
    return moment


def _as_utc(local: datetime) -> str:
    """A naive time of this machine's zone as UTC text; the zone's own rules for that day decide about summer time."""
    return local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: str) -> datetime | None:
    if len(text) <= _DAY_LENGTH:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
