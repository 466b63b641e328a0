"""What a value of a file does to one that is there, and how many rows may be rejected, as a person says it."""

from typing import Literal

from crmtui.domain.fields import BY_KEY
from crmtui.errors import UsageError
from crmtui.i18n import _

Policy = Literal["overwrite", "keep", "append"]
POLICIES: tuple[Policy, ...] = ("overwrite", "keep", "append")


def check_policy(key: str, policy: str) -> None:
    """Raise UsageError when there is no such field or policy, or when the field cannot hold what ``append`` would make."""
    entry = BY_KEY.get(key)
    if entry is None and not (key.startswith("custom.") and len(key) > len("custom.")):
        from difflib import get_close_matches

        near = next(iter(get_close_matches(key, BY_KEY, 1)), "")
        raise UsageError(
            _("there is no field {name}").format(name=key),
            hint=_("Did you mean {near}?").format(near=near) if near else None,
        )
    if policy not in POLICIES:
        raise UsageError(
            _("“{policy}” is nothing that can be done with a value").format(policy=policy), hint=", ".join(POLICIES)
        )
    if policy == "append" and entry is not None and entry.place in ("column", "address") and entry.type != "long":
        raise UsageError(
            _("the field {name} holds one value; nothing can be appended to it").format(name=key),
            hint=", ".join(POLICIES[:2]),
        )


def rejects_limit(text: str) -> tuple[float, bool]:
    """How many rows may be rejected: a number and whether it is per cent. Raises UsageError for anything else."""
    number = text.strip().removesuffix("%")
    if not number.isascii() or not number.replace(".", "", 1).isdigit() or (number == text.strip() and "." in number):
        raise UsageError(_("“{text}” is no number of rows").format(text=text), hint=_("Write 20 or 5%"))
    return float(number), number != text.strip()
