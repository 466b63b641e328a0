"""Consent in fields and tags that people made themselves: what no import may raise.

A stored refusal stays a refusal whatever a file says. The names tell what a field is about: ``newsletter`` permits with yes,
``do not call`` and ``退订`` refuse with yes.
"""

import re
from functools import lru_cache

from crmtui.domain.values import parse_bool

_REFUSES = re.compile(
    r"opt(?:ed)?[\s_-]?out|unsub|do[\s_-]?not|don'?t|\bdnc\b|\bno[\s_-](?:e?mail|call|contact|sms|marketing|newsletter)|"
    r"bounced?\b|complain|blacklist|suppress|退订|退訂|勿扰|勿擾|免打扰|拒绝|拒絕|拒收|黑名单|黑名單|不要联系|不再联系|禁止联系|abgemeldet",
    re.IGNORECASE,
)
_PERMITS = re.compile(
    r"opt(?:ed)?[\s_-]?in\b|consent|subscri|newsletter|accepts?[\s_-]|permission|marketing[\s_-]?(?:ok|allowed|status)|gdpr|dsgvo|"
    r"einwilligung|同意|订阅|訂閱|授权|授權|允许|允許",
    re.IGNORECASE,
)
_NO_WORDS = re.compile(
    r"unsub|opt(?:ed)?[\s_-]?out|clean|bounced|never|denied|declined|withdrawn|revoked|refused|退订|拒绝|撤回|未同意|不同意",
    re.IGNORECASE,
)


def refuses(name: str) -> bool:
    """Whether a tag says that somebody does not want to be contacted."""
    return _meaning(name) == "refuses"


def is_raised(key: str, before: object, after: object) -> bool:
    """Whether a custom field that holds a refusal (``before``) would say less of it with ``after``."""
    meaning = _meaning(key)
    if not meaning or before in (None, "") or before == after:
        return False
    if meaning == "refuses":
        return _truth(before) is not False and _truth(after) is not True and not _NO_WORDS.search(str(after))
    return _answer(before) is False and _answer(after) is not False


@lru_cache(512)
def _meaning(name: str) -> str:
    if _REFUSES.search(name):
        return "refuses"
    return "permits" if _PERMITS.search(name) else ""


def _answer(value: object) -> bool | None:
    """What a field that permits says: words of refusal are a no."""
    return False if _NO_WORDS.search(str(value)) else _truth(value)


def _truth(value: object) -> bool | None:
    return bool(value) if isinstance(value, bool | int) else parse_bool(str(value), yes_column=True)
