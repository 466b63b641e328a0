"""What a pair of customers says, as a key: two that were called different stay so when they are imported again."""

import hashlib

from crmtui.domain.matching.profile import Profile
from crmtui.storage.duplicate_profiles import pack_profile


def content_key(first: Profile, second: Profile) -> str:
    """A key of the comparison values of two customers, in either order."""
    prints = sorted(
        hashlib.blake2b(pack_profile(each).encode(), digest_size=12).hexdigest() for each in (first, second)
    )
    return "-".join(prints)
