"""Ids of places on the page, the same in each report on the same thing."""

import hashlib


def anchor(name: str, kind: str) -> str:
    """The id of the place where this thing of this kind stands; names may hold any character."""
    digest = hashlib.blake2s(name.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"{kind}-{digest}"
