"""The token of a rehearsal: file, data and plan as they were, so that a run can refuse to be another one than was looked at."""

import hashlib

from crmtui.errors import FormatError, UsageError
from crmtui.i18n import _
from crmtui.services.importing.plan import ImportPlan

_DIGITS = 16


def token_of(plan: ImportPlan, digest: str, newest: int) -> str:
    """The token for a plan, the SHA-256 of its file, and the newest operation that may have changed customers."""
    options = plan.options
    said = (
        options.mode,
        options.match,
        sorted(options.policies.items()),
        sorted(plan.constants.items()),
        options.guarded,
        plan.region,
        plan.detection,
        plan.mapping,
        plan.corrections,
        sorted(plan.decisions, key=lambda each: each[0]),
    )
    fingerprint = hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest[:_DIGITS]}-{fingerprint[:_DIGITS]}-{newest}"


def refuse_file_or_plan(plan: ImportPlan, token: str, digest: str) -> None:
    """Raise FormatError when the file is another one than was rehearsed, or is brought in another way."""
    file, fingerprint, _newest = _parts(token)
    if file != digest[:_DIGITS]:
        raise _refused(_("the file changed since it was rehearsed"))
    if fingerprint != token_of(plan, digest, 0).split("-")[1]:
        raise _refused(_("this is not what was rehearsed: the plan is another one"))


def refuse_data(token: str, newest: int) -> None:
    """Raise FormatError when customers may have changed since the rehearsal."""
    if _parts(token)[2] != str(newest):
        raise _refused(_("the customers changed since the rehearsal"))


def _parts(token: str) -> list[str]:
    parts = token.split("-")
    if len(parts) != 3:
        raise UsageError(
            _("“{token}” is no token of a rehearsal").format(token=token), hint=_("import --dry-run --json gives one")
        )
    return parts


def _refused(reason: str) -> FormatError:
    return FormatError(reason, kept=_("Nothing was changed."), hint=_("Rehearse it again: --dry-run"))
