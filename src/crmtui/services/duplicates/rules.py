"""The rule file that says which certain pairs may merge by themselves: readable TOML.

# Every one of these must agree …
agree = ["given_name", "family_name"]
# … and at least one of these,
any = ["email", "phone", "tax_id"]
# while none of these may differ.
never_differ = ["birthday", "tax_id"]
"""

import tomllib
from typing import NamedTuple

from crmtui.domain.matching.comparison import Levels
from crmtui.domain.matching.signals import SIGNALS
from crmtui.errors import ConfigError
from crmtui.i18n import _

_POSITIONS = {signal.key: position for position, signal in enumerate(SIGNALS)}
_LISTS = ("agree", "any", "never_differ")


class MergeRules(NamedTuple):
    """Signals that must all agree, of which one must agree, and that may not differ; empty lists ask nothing."""

    agree: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    never_differ: tuple[str, ...] = ()

    def allows(self, levels: Levels) -> bool:
        """Whether a pair with these levels may merge by itself."""

        def agrees(key: str) -> bool:
            return levels[_POSITIONS[key]] == 1

        def differs(key: str) -> bool:
            return levels[_POSITIONS[key]] == len(SIGNALS[_POSITIONS[key]].levels)

        return (
            all(map(agrees, self.agree))
            and (not self.any or any(map(agrees, self.any)))
            and not any(map(differs, self.never_differ))
        )


def read_rules(text: str, *, where: str) -> MergeRules:
    """Read a rule file. Raises ConfigError for what is no TOML, an unknown rule or an unknown signal."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_("the rules cannot be read: {reason}").format(reason=error), where=where) from error
    values: dict[str, tuple[str, ...]] = {}
    for name, keys in document.items():
        if name not in _LISTS:
            raise ConfigError(
                _("there is no rule “{name}”").format(name=name),
                where=where,
                hint=_("It can be: {choices}").format(choices=", ".join(_LISTS)),
            )
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise ConfigError(_("“{name}” must be a list of signals").format(name=name), where=where)
        for key in keys:
            if key not in _POSITIONS:
                raise ConfigError(
                    _("there is no signal “{name}”").format(name=key),
                    where=where,
                    hint=_("It can be: {choices}").format(choices=", ".join(_POSITIONS)),
                )
        values[name] = tuple(keys)
    return MergeRules(**values)
