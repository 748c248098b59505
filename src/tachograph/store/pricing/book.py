"""All prices that are known: the user's file first, then the catalogue."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tachograph.store.errors import PricesUnreadable
from tachograph.store.pricing import catalogue, local
from tachograph.store.pricing.rates import Key, Rate, Schedule, rates


class Book:
    """The prices of a file (None: only the catalogue); PricesUnreadable where it cannot be read."""

    def __init__(self, file: Path | None) -> None:
        content = b"" if file is None else _content(file)
        self._entries = local.read(content, str(file)) if content else []
        self.edition = f"{catalogue.edition()}, file {hashlib.sha256(content).hexdigest()[:16] if content else 'none'}"

    def rates(self, keys: Iterable[Key]) -> list[tuple[Key, Rate]]:
        """What each key costs, in cells that do not overlap."""
        return [(key, rate) for key in keys for rate in rates(self._schedules(key))]

    def _schedules(self, key: Key) -> list[Schedule]:
        found = (local.schedule(self._entries, key), catalogue.schedule(key))
        return [schedule for schedule in found if schedule is not None]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PricesUnreadable(f"the price file {file} cannot be read: {error.strerror}; see docs/cost.md") from error
